//! Numbers with four decimals, in which nodes compare and show what they have worked out.
//!
//! **Invariant:** no float leaves the arithmetic: a result is rounded once, half away from zero,
//! and everything that is compared, ordered, decided or sent is the rounded number.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number, in ten-thousandths.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Rounded(i32);

impl Rounded {
    /// How many of these units make one: four decimals, more than any rating deserves, and few
    /// enough that the last bit of a float cannot show.
    pub const ONE: i32 = 10_000;

    /// Makes a number out of ten-thousandths.
    pub const fn from_units(units: i32) -> Self {
        Self(units)
    }

    /// Returns the ten-thousandths.
    pub const fn units(self) -> i32 {
        self.0
    }

    #[expect(clippy::cast_possible_truncation, reason = "scores are below ten, degrees below 360")]
    pub(super) fn new(exact: f64) -> Self {
        Self((exact * f64::from(Self::ONE)).round() as i32)
    }
}

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (units, one) = (self.0.unsigned_abs(), Self::ONE.unsigned_abs());
        let number = format!("{}.{:04}", units / one, units % one);
        f.pad_integral(self.0 >= 0, "", &number)
    }
}
