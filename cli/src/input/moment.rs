//! Moments and spans as people type them: `14d`, `2w`, `2026-12-24`, `2026-12-24T18:00+01:00`.
//!
//! **Invariant:** words that are right in form are read however far away they lead: who asked says in
//! words how far they may.

use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, Zoned};
use weft_protocol::time::Timestamp;

/// Words that are no moment, or no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MomentError {
    /// None of the forms.
    #[error("a time is like 14d, 2w, 36h, 3mo, 2026-12-24 or 2026-12-24T18:00+01:00")]
    Form,
    /// A day or an hour that no calendar has.
    #[error("there is no such day or hour in the calendar")]
    NoSuchDay,
    /// `3m`.
    #[error("m could be minutes or months: write 90min for minutes, 3mo for months")]
    Unclear,
}

/// Which end of a day a date without an hour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Its first moment, for what begins.
    Start,
    /// Its last second, for what ends.
    End,
    /// Its first moment, for what is over; a span counts back from now.
    Past,
}

/// The last moment that is told from others: what is further away is as far as this. The last of the
/// calendar, a day short of the year 10 000.
pub(crate) const FAR: Timestamp = Timestamp::from_secs(253_402_207_200);

/// Reads a moment. A span such as `14d` counts from `now`; a date or an hour without an offset is
/// of `zone`. An hour that clocks leave out there is as much later as they leave out, one that they
/// show twice is the first.
///
/// # Errors
/// [`MomentError`], when it is none of the forms.
pub(crate) fn moment(
    words: &str,
    now: Timestamp,
    zone: &TimeZone,
    edge: Edge,
) -> Result<Timestamp, MomentError> {
    if let Some(span) = amount(words)? {
        return Ok(if edge == Edge::Past { span.before(now, zone) } else { span.after(now, zone) });
    }
    if let Ok(exact) = words.parse::<jiff::Timestamp>() {
        return Ok(from_jiff(exact));
    }
    let civil = match date(words)? {
        Some(date) => match edge {
            Edge::Start | Edge::Past => date.at(0, 0, 0, 0),
            Edge::End => date.to_datetime(time(23, 59, 59, 0)),
        },
        None => hour(words)?,
    };
    Ok(civil.to_zoned(zone.clone()).map_or(FAR, |zoned| from_jiff(zoned.timestamp())))
}

/// Says whether a moment is typed as a day, without an hour.
pub(crate) fn is_day(words: &str) -> bool {
    date(words).is_ok_and(|date| date.is_some())
}

/// Reads a day; `2026-12-24T18:00` is one too in the eyes of the parser; here it is not.
fn date(words: &str) -> Result<Option<Date>, MomentError> {
    let shaped = words.len() == 10
        && words.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return Ok(None);
    }
    words.parse().map(Some).map_err(|_| MomentError::NoSuchDay)
}

fn hour(words: &str) -> Result<DateTime, MomentError> {
    let read = words.parse::<DateTime>();
    read.map_err(|_| match words.split_once(['T', ' ']) {
        Some((day, hour)) if date(day) != Ok(None) && hour.contains(':') => MomentError::NoSuchDay,
        _ => MomentError::Form,
    })
}

fn from_jiff(moment: jiff::Timestamp) -> Timestamp {
    // What was before the epoch is past like its beginning.
    u64::try_from(moment.as_second()).map_or(Timestamp::ZERO, Timestamp::from_secs).min(FAR)
}

/// Reads how long something lasts: a whole number and `min`, `h`, `d`, `w`, `mo` or `y`. Of that, `m`
/// is minutes: nobody meets for months on end.
///
/// # Errors
/// [`MomentError`], when it is not of that form.
pub(crate) fn span(words: &str) -> Result<Amount, MomentError> {
    match amount(words) {
        Err(MomentError::Unclear) => amount(&format!("{words}in"))?.ok_or(MomentError::Form),
        read => read?.ok_or(MomentError::Form),
    }
}

/// A number of units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    number: i64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

fn amount(words: &str) -> Result<Option<Amount>, MomentError> {
    let digits = words.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = words.split_at(digits);
    if number.is_empty() {
        return Ok(None);
    }
    let unit = match unit {
        "min" => Unit::Minute,
        "h" => Unit::Hour,
        "d" => Unit::Day,
        "w" => Unit::Week,
        "mo" => Unit::Month,
        "y" => Unit::Year,
        "m" => return Err(MomentError::Unclear),
        _ => return Ok(None),
    };
    // A number too large to be one is as far away as any.
    Ok(Some(Amount { number: number.parse().unwrap_or(i64::MAX), unit }))
}

impl Amount {
    /// Returns the moment so long after this one: hours, days and weeks of so many seconds each, so
    /// that a bound of 90 days is never an hour short; months and years of the calendar.
    fn after(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self.seconds() {
            Some(seconds) => Timestamp::from_secs(now.as_secs().saturating_add(seconds)).min(FAR),
            None => self.added(now, zone, 1),
        }
    }

    fn before(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self.seconds() {
            Some(seconds) => Timestamp::from_secs(now.as_secs().saturating_sub(seconds)),
            None => self.added(now, zone, -1),
        }
    }

    /// Returns when what begins at this moment and lasts so long ends: after days at the same hour by
    /// the clocks of the zone.
    pub(crate) fn end_of(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        match self.unit {
            Unit::Minute | Unit::Hour => self.after(start, zone),
            Unit::Day | Unit::Week | Unit::Month | Unit::Year => self.added(start, zone, 1),
        }
    }

    fn added(self, to: Timestamp, zone: &TimeZone, sign: i64) -> Timestamp {
        let end = if sign < 0 { Timestamp::ZERO } else { FAR };
        let sum = || {
            let seconds = i64::try_from(to.as_secs()).ok()?;
            let from: Zoned = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(zone.clone());
            from.checked_add(self.span(sign)?).ok()
        };
        sum().map_or(end, |sum| from_jiff(sum.timestamp()))
    }

    fn span(self, sign: i64) -> Option<Span> {
        let number = self.number.checked_mul(sign)?;
        let none = 0.seconds();
        match self.unit {
            Unit::Minute => none.try_minutes(number),
            Unit::Hour => none.try_hours(number),
            Unit::Day => none.try_days(number),
            Unit::Week => none.try_weeks(number),
            Unit::Month => none.try_months(number),
            Unit::Year => none.try_years(number),
        }
        .ok()
    }

    /// Returns how many seconds it is, unless that depends on the calendar.
    fn seconds(self) -> Option<u64> {
        let each = match self.unit {
            Unit::Minute => 60,
            Unit::Hour => 3600,
            Unit::Day => 86_400,
            Unit::Week => 7 * 86_400,
            Unit::Month | Unit::Year => return None,
        };
        Some(self.number.unsigned_abs().saturating_mul(each))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn at(words: &str, edge: Edge) -> Result<u64, MomentError> {
        let now = Timestamp::from_secs(1_000_000);
        moment(words, now, &TimeZone::UTC, edge).map(Timestamp::as_secs)
    }

    #[test]
    fn spans_count_from_now() {
        assert_eq!(at("14d", Edge::End), Ok(1_000_000 + 14 * DAY));
        assert_eq!(at("2w", Edge::Start), Ok(1_000_000 + 14 * DAY));
        assert_eq!(at("90min", Edge::Start), Ok(1_005_400));
        assert_eq!(at("90min", Edge::Past), Ok(1_000_000 - 5_400));
        // From 12 January 1970 to the 12th of March, of the next year, and back before the epoch.
        assert_eq!(at("2mo", Edge::End), Ok(1_000_000 + 59 * DAY));
        assert_eq!(at("1y", Edge::End), Ok(1_000_000 + 365 * DAY));
        assert_eq!(at("1y", Edge::Past), Ok(0));
    }

    #[test]
    fn minutes_and_months_are_told_apart() {
        assert_eq!(at("3m", Edge::End), Err(MomentError::Unclear));
        assert_eq!(span("90m"), span("90min"), "nobody meets for 90 months");
    }

    #[test]
    fn a_date_means_the_edge_that_is_asked_for() {
        assert_eq!(at("2026-12-24", Edge::Start), Ok(1_798_070_400));
        assert_eq!(at("2026-12-24", Edge::End), Ok(1_798_070_400 + DAY - 1));
        assert!(is_day("2026-12-24") && !is_day("2026-12-24T18:00") && !is_day("14d"));
    }

    #[test]
    fn an_hour_with_an_offset_is_exact() {
        let utc = at("2026-12-24T17:00", Edge::Start);
        assert_eq!(at("2026-12-24T18:00+01:00", Edge::End), utc);
        assert_eq!(utc, Ok(1_798_070_400 + 17 * 3600));
    }

    #[test]
    fn what_is_far_away_is_read_all_the_same() {
        for words in ["99999d", "99999999999999999999d", "5000w", "9000y", "9999-12-31", "9999mo"] {
            let read = at(words, Edge::End).unwrap();
            assert!(read > 3_000_000_000 && read <= FAR.as_secs(), "{words}: {read}");
        }
        assert_eq!(at("1950-01-01", Edge::Start), Ok(0));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for words in ["", "d", "-3d", "soon", "12", "14 d", "3.5d", "2026/12/24", "tomorrow"] {
            assert_eq!(at(words, Edge::End), Err(MomentError::Form), "{words}");
        }
        for words in ["2026-13-01", "2027-02-29", "2026-12-24T25:00"] {
            assert_eq!(at(words, Edge::End), Err(MomentError::NoSuchDay), "{words}");
        }
    }

    #[test]
    fn days_last_until_the_same_hour_and_hours_as_long_as_they_are() {
        let (_, london) = weft_protocol::fold::zone::zone("Europe/London").unwrap();
        // Saturday 27 March 2027, 10:00; that night clocks go forward.
        let start = Timestamp::from_secs(1_806_141_600);
        let lasts = |words| span(words).unwrap().end_of(start, &london).since(start).as_secs();
        assert_eq!((lasts("1d"), lasts("24h"), lasts("1w")), (23 * 3600, DAY, 7 * DAY - 3600));
    }
}
