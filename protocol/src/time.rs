//! Points in time, as a value that is passed in and never read from a clock.
//!
//! **Invariant:** nothing in this crate asks what time it is; whoever calls says so.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the Unix epoch, without leap seconds.
///
/// Records carry whole seconds below 2^40 (see [`Timestamp::SECONDS_MAX`]), so arithmetic on a
/// record's time cannot overflow. The engine's clock uses the milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The first moment.
    pub const ZERO: Self = Self(0);

    /// After every moment: the end of what never ends (an identity event).
    pub const NEVER: Self = Self(u64::MAX);

    /// Seconds at or above this are refused in records: the year 36 812. It keeps milliseconds
    /// and differences far inside 64 bits; twice as much would still do, nobody needs it.
    pub const SECONDS_MAX: u64 = 1 << 40;

    /// Makes the moment that is this many whole seconds after the epoch, saturating at
    /// [`Timestamp::NEVER`].
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Makes the moment that is this many milliseconds after the epoch.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// Returns whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// Returns milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns how long after `earlier` this moment is, zero when it is not after.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Returns the distance between two moments, whichever comes first.
    pub const fn distance(self, other: Self) -> Duration {
        Duration::from_millis(self.0.abs_diff(other.0))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at [`Timestamp::NEVER`].
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at [`Timestamp::ZERO`].
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NEVER => f.write_str("never"),
            Self(ms) => write!(f, "{}.{:03}s", ms / 1000, ms % 1000),
        }
    }
}
