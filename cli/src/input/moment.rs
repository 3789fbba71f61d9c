//! Moments and spans as people type them: `14d`, `2w`, `2026-12-24`, `2026-12-24T18:00+01:00`.

use std::time::Duration;

use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use weft_protocol::time::Timestamp;

/// Words that are no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time is like 14d, 2w, 36h, 2026-12-24 or 2026-12-24T18:00+01:00")]
pub(crate) struct MomentError;

/// Which end of a day a date without an hour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Midnight at its beginning, for what begins.
    Start,
    /// Its last second, for what ends.
    End,
    /// Midnight at its beginning, for what is over; a span counts back from now.
    Past,
}

/// Reads a moment. A span such as `14d` counts from `now`; a date or an hour without an offset is
/// of `zone`.
///
/// # Errors
/// [`MomentError`], when it is none of the forms.
pub(crate) fn moment(
    words: &str,
    now: Timestamp,
    zone: &TimeZone,
    edge: Edge,
) -> Result<Timestamp, MomentError> {
    if let Ok(span) = span(words) {
        return Ok(if edge == Edge::Past { now - span } else { now + span });
    }
    if let Ok(exact) = words.parse::<jiff::Timestamp>() {
        return from_jiff(exact);
    }
    let civil = if let Ok(date) = words.parse::<Date>().and_then(|date| only_date(words, date)) {
        match edge {
            Edge::Start | Edge::Past => date.at(0, 0, 0, 0),
            Edge::End => date.to_datetime(time(23, 59, 59, 0)),
        }
    } else {
        words.parse::<DateTime>().map_err(|_| MomentError)?
    };
    from_jiff(civil.to_zoned(zone.clone()).map_err(|_| MomentError)?.timestamp())
}

/// `2026-12-24T18:00` is a date too in the eyes of the parser; here it is not.
fn only_date(words: &str, date: Date) -> Result<Date, jiff::Error> {
    if words.len() == 10 { Ok(date) } else { "".parse() }
}

fn from_jiff(moment: jiff::Timestamp) -> Result<Timestamp, MomentError> {
    u64::try_from(moment.as_second()).map(Timestamp::from_secs).map_err(|_| MomentError)
}

/// Reads a span: a whole number and `m`, `h`, `d` or `w`.
///
/// # Errors
/// [`MomentError`], when it is not of that form, or longer than ten years.
pub(crate) fn span(words: &str) -> Result<Duration, MomentError> {
    let unit = words.chars().last().ok_or(MomentError)?;
    let number = words.strip_suffix(unit).ok_or(MomentError)?;
    let seconds: u64 = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return Err(MomentError),
    };
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| plain).ok_or(MomentError)?;
    let total = number.checked_mul(seconds).filter(|s| *s <= SPAN_MAX).ok_or(MomentError)?;
    Ok(Duration::from_secs(total))
}

/// Seconds of a day.
const DAY: u64 = 86_400;

/// The longest span: no record lives longer than about three years, and more is a slip of the
/// finger.
const SPAN_MAX: u64 = 3660 * DAY;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(words: &str, edge: Edge) -> Result<u64, MomentError> {
        let now = Timestamp::from_secs(1_000_000);
        moment(words, now, &TimeZone::UTC, edge).map(Timestamp::as_secs)
    }

    #[test]
    fn spans_count_from_now() {
        assert_eq!(at("14d", Edge::End), Ok(1_000_000 + 14 * DAY));
        assert_eq!(at("2w", Edge::Start), Ok(1_000_000 + 14 * DAY));
        assert_eq!(at("90m", Edge::Start), Ok(1_005_400));
        assert_eq!(at("90m", Edge::Past), Ok(1_000_000 - 5_400));
    }

    #[test]
    fn a_date_means_the_edge_that_is_asked_for() {
        assert_eq!(at("2026-12-24", Edge::Start), Ok(1_798_070_400));
        assert_eq!(at("2026-12-24", Edge::End), Ok(1_798_070_400 + DAY - 1));
    }

    #[test]
    fn an_hour_with_an_offset_is_exact() {
        let utc = at("2026-12-24T17:00", Edge::Start);
        assert_eq!(at("2026-12-24T18:00+01:00", Edge::End), utc);
        assert_eq!(utc, Ok(1_798_070_400 + 17 * 3600));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for words in ["", "d", "-3d", "soon", "12", "99999999999999999999d", "5000w", "2026-13-01"]
        {
            assert_eq!(at(words, Edge::End), Err(MomentError), "{words}");
        }
    }
}
