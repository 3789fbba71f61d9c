//! Points in time, as a value that is passed in and never read from a clock.
//!
//! **Invariant:** nothing in this crate asks what time it is; whoever calls says so.

use std::fmt;
use std::ops::{Add, Neg, Sub};
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

/// By how much one clock is ahead of another, in whole seconds; below zero when it is behind.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Offset(i64);

impl Offset {
    /// Makes the offset of a clock that shows this moment from one that shows the other.
    pub fn between(clock: Timestamp, other: Timestamp) -> Self {
        let size = i64::try_from(clock.distance(other).as_secs()).unwrap_or(i64::MAX);
        if clock < other { Self(-size) } else { Self(size) }
    }

    /// Makes an offset of so many seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Returns it in seconds.
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// Returns how far the two are apart, whichever is ahead.
    pub const fn size(self) -> Duration {
        Duration::from_secs(self.0.unsigned_abs())
    }

    /// Says whether the clock is ahead of the other.
    pub const fn is_ahead(self) -> bool {
        self.0 > 0
    }
}

impl Neg for Offset {
    type Output = Self;

    /// The same, seen from the other clock.
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Add for Offset {
    type Output = Self;

    /// Of the first clock from the third, when these are of the first from the second and of the second
    /// from the third.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
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

impl fmt::Display for Timestamp {
    /// Writes the moment as people do, to the second and in UTC: `2026-11-22 05:48:00 UTC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER {
            return f.write_str("never");
        }
        let (days, rest) = (self.as_secs() / 86_400, self.as_secs() % 86_400);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// Returns year, month and day of a day of the proleptic Gregorian calendar, counted from
/// 1970-01-01. Years begin in March here, so that the leap day is the last of its year, and 400 of
/// them have the same number of days.
fn civil(days: u64) -> (u64, u64, u64) {
    let since_march_0000 = days + 719_468;
    let (era, day) = (since_march_0000 / 146_097, since_march_0000 % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year, month + 3);
    if month > 12 { (year + 1, month - 12, day) } else { (year, month, day) }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NEVER => f.write_str("never"),
            Self(ms) => write!(f, "{}.{:03}s", ms / 1000, ms % 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_people_write_it() {
        let read = |seconds| Timestamp::from_secs(seconds).to_string();
        assert_eq!(read(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(read(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(read(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(read(1_795_326_418), "2026-11-22 05:46:58 UTC");
        assert_eq!(read(4_107_542_400), "2100-03-01 00:00:00 UTC");
        assert_eq!(Timestamp::NEVER.to_string(), "never");
    }
}
