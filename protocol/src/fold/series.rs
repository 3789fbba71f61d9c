//! When a gathering meets: once, or in a series (RFC 5545, section 3.3.10).
//!
//! **Invariant:** however a rule is written, no more than [`MEETINGS_MAX`] meetings come of it, and
//! none after the end of the record.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeZone, Utc};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use crate::body::gathering::Times;
use crate::time::Timestamp;

/// The most meetings of a series: one on every day that a gathering may live, and some.
pub const MEETINGS_MAX: u16 = 500;

/// The parts that a rule may have. Those that name hours, minutes and seconds are left out: people
/// do not meet several times a day, and programs that do may not keep others busy.
const PARTS: [&str; 9] =
    ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"];

/// How often a series may meet.
const FREQUENCIES: [&str; 4] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];

/// One meeting of a gathering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// Its number in the series, counted from 0.
    pub number: usize,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
}

/// Why it cannot be said when a gathering meets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// Not the name of a time zone.
    #[error("'{0}' is not a time zone; write it as 'Europe/London'")]
    Zone(String),
    /// Not a rule, or none that people meet by.
    #[error("the rule of the series is not one: {0}")]
    Rule(String),
}

/// Returns all meetings that begin before the record ends, in order.
///
/// # Errors
/// [`SeriesError`], when zone or rule are none.
pub fn meetings(times: &Times, until: Timestamp) -> Result<Vec<Meeting>, SeriesError> {
    let zone: chrono_tz::Tz = times
        .zone
        .as_str()
        .parse()
        .map_err(|_| SeriesError::Zone(times.zone.as_str().to_owned()))?;
    let starts = match &times.rrule {
        None => vec![times.start],
        Some(rule) => starts(times.start, zone.into(), rule.as_str())?,
    };
    let length = times.end.saturating_sub(times.start);
    let meeting = |(number, start): (usize, u64)| Meeting {
        number,
        start: Timestamp::from_secs(start),
        end: Timestamp::from_secs(start.saturating_add(length)),
    };
    let all = starts.into_iter().enumerate().map(meeting);
    Ok(all.take_while(|meeting| meeting.start < until).collect())
}

/// Returns the meeting that is under way at this moment, or else the next one.
pub fn next(meetings: &[Meeting], now: Timestamp) -> Option<Meeting> {
    meetings.iter().find(|meeting| meeting.end > now).copied()
}

fn starts(first: u64, zone: Tz, rule: &str) -> Result<Vec<u64>, SeriesError> {
    let wrong = |why: String| SeriesError::Rule(why);
    check(rule)?;
    let secs = i64::try_from(first).ok();
    let utc: Option<DateTime<Utc>> = secs.and_then(|secs| Utc.timestamp_opt(secs, 0).single());
    let start = utc.ok_or_else(|| wrong("it begins too far away".to_owned()))?.with_timezone(&zone);
    let rule: RRule<Unvalidated> = rule.parse().map_err(|e| wrong(format!("{e}")))?;
    let rule = rule.validate(start).map_err(|e| wrong(e.to_string()))?;
    let dates = RRuleSet::new(start).rrule(rule).all(MEETINGS_MAX).dates;
    Ok(dates.into_iter().filter_map(|date| u64::try_from(date.timestamp()).ok()).collect())
}

/// Refuses what is no rule for people before it is read by others' code.
fn check(rule: &str) -> Result<(), SeriesError> {
    const NUMBERS: RangeInclusive<u16> = 1..=MEETINGS_MAX;
    let wrong = |why: String| Err(SeriesError::Rule(why));
    for part in rule.split(';') {
        let Some((name, value)) = part.split_once('=') else {
            return wrong(format!("'{part}' is not a part such as FREQ=WEEKLY"));
        };
        match name {
            "FREQ" if !FREQUENCIES.contains(&value) => {
                return wrong(format!("FREQ is one of {}", FREQUENCIES.join(", ")));
            }
            "INTERVAL" | "COUNT" if !value.parse().is_ok_and(|n| NUMBERS.contains(&n)) => {
                return wrong(format!("{name} is a number from 1 to {MEETINGS_MAX}"));
            }
            name if !PARTS.contains(&name) => {
                return wrong(format!("'{name}' is not one of {}", PARTS.join(", ")));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Thursday 2 April 2026, 19:00 in London, which is summer time.
    const APRIL: u64 = 1_775_152_800;

    fn times(zone: &str, rule: Option<&str>) -> Times {
        let rrule = rule.map(|rule| rule.to_owned().try_into().unwrap());
        Times { start: APRIL, end: APRIL + 7200, zone: zone.parse().unwrap(), rrule }
    }

    fn of(zone: &str, rule: &str) -> Result<Vec<Meeting>, SeriesError> {
        meetings(&times(zone, Some(rule)), Timestamp::from_secs(APRIL + 400 * 86_400))
    }

    #[test]
    fn without_a_rule_it_meets_once() {
        let all = meetings(&times("Europe/London", None), Timestamp::NEVER).unwrap();
        let start = Timestamp::from_secs(APRIL);
        assert_eq!(all, [Meeting { number: 0, start, end: Timestamp::from_secs(APRIL + 7200) }]);
    }

    /// Rows: 0.35, 2.24, 3.2, 3.38.
    #[test]
    fn a_series_keeps_its_hour_when_the_clocks_change() {
        let all = of("Europe/London", "FREQ=MONTHLY;BYDAY=1TH").unwrap();
        let november = all.iter().find(|m| m.number == 7).unwrap();
        // 5 November 2026, 19:00 in London, which is winter time.
        assert_eq!(november.start, Timestamp::from_secs(1_793_905_200));
        let twice = of("America/New_York", "FREQ=MONTHLY;BYDAY=1TH,3TH;COUNT=4").unwrap();
        assert_eq!(twice.len(), 4);
    }

    #[test]
    fn the_next_meeting_is_the_one_that_has_not_ended() {
        let all = of("UTC", "FREQ=WEEKLY").unwrap();
        let during = Timestamp::from_secs(APRIL + 7 * 86_400 + 60);
        assert_eq!(next(&all, during).map(|m| m.number), Some(1));
        assert_eq!(next(&all, all.last().unwrap().end), None);
    }

    #[test]
    fn a_series_is_bounded_by_number_and_by_the_records_end() {
        assert_eq!(of("UTC", "FREQ=DAILY").unwrap().len(), 400);
        let all = meetings(&times("UTC", Some("FREQ=DAILY")), Timestamp::NEVER).unwrap();
        assert_eq!(all.len(), usize::from(MEETINGS_MAX));
    }

    #[test]
    fn what_is_no_rule_for_people_is_refused_in_words() {
        for rule in ["FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=1,2", "FREQ=DAILY;INTERVAL=0", "DAILY"] {
            assert!(matches!(of("UTC", rule), Err(SeriesError::Rule(_))), "{rule}");
        }
        assert_eq!(of("Mars/Olympus", "FREQ=DAILY"), Err(SeriesError::Zone("Mars/Olympus".into())));
    }

    proptest! {
        #[test]
        fn no_rule_breaks_it(
            frequency in prop::sample::select(&FREQUENCIES[..]),
            parts in prop::collection::vec(
                (prop::sample::select(&PARTS[1..]), "[0-9A-Z,+-]{0,12}"), 0..4),
            noise in "[!-~]{1,40}",
        ) {
            let parts: String = parts.iter().map(|(name, value)| format!(";{name}={value}")).collect();
            for rule in [format!("FREQ={frequency}{parts}"), noise] {
                if let Ok(all) = of("Europe/London", &rule) {
                    prop_assert!(all.len() <= usize::from(MEETINGS_MAX));
                    prop_assert!(all.is_sorted_by_key(|meeting| meeting.start));
                }
            }
        }
    }
}
