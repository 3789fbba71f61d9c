//! When a gathering meets: once, or in a series (RFC 5545, section 3.3.10).
//!
//! **Invariant:** however a rule is written, no more than [`MEETINGS_MAX`] meetings come of it,
//! none after the end of the record, and no more than [`DAYS_MAX`] days are looked at to find them.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use rrule::{Frequency, NWeekday, RRule, Tz, Unvalidated};

use crate::body::gathering::Times;
use crate::time::Timestamp;

/// The most meetings of a series: one on every day that a gathering may live, and some.
pub const MEETINGS_MAX: u16 = 500;

/// The most days that are looked at for meetings, from the first: 54 years, longer than any series
/// has lasted that is announced again every year, and a millisecond's work.
pub const DAYS_MAX: u64 = 20_000;

/// A day for bounds, where the hour by which a change of clocks makes one shorter is nothing.
const DAY_SECS: u64 = 86_400;

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
        Some(rule) => starts(times.start, zone.into(), rule.as_str(), until.as_secs())?,
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

fn starts(first: u64, zone: Tz, rule: &str, until: u64) -> Result<Vec<u64>, SeriesError> {
    let series = Series::new(first, zone, rule)?;
    Ok(series.expand(until).0)
}

/// A rule that begins somewhere.
struct Series {
    start: DateTime<Tz>,
    rule: RRule,
    /// Days of the month, counted from its end when they are negative.
    month_days: Vec<i8>,
}

impl Series {
    fn new(first: u64, zone: Tz, rule: &str) -> Result<Self, SeriesError> {
        let wrong = |why: String| SeriesError::Rule(why);
        check(rule)?;
        let secs = i64::try_from(first).ok();
        let utc: Option<DateTime<Utc>> = secs.and_then(|secs| Utc.timestamp_opt(secs, 0).single());
        let far = || wrong("it begins too far away".to_owned());
        let start = utc.ok_or_else(far)?.with_timezone(&zone);
        let rule: RRule<Unvalidated> = rule.parse().map_err(|e| wrong(format!("{e}")))?;
        let mut month_days = rule.get_by_month_day().to_vec();
        let rule = rule.validate(start).map_err(|e| wrong(e.to_string()))?;
        if month_days.is_empty() {
            // A rule that names no day means the day on which it begins.
            month_days = rule.get_by_month_day().to_vec();
        }
        Ok(Self { start, rule, month_days })
    }

    /// Returns when the meetings before this moment begin, and how many days were looked at.
    ///
    /// The days are looked at one by one: a rule may name days that hardly ever come together, and
    /// nobody is to wait for them.
    fn expand(&self, until: u64) -> (Vec<u64>, u64) {
        let (mut starts, mut looked_at) = (Vec::new(), 0);
        let first = u64::try_from(self.start.timestamp()).unwrap_or(0);
        let last = self.rule.get_until().map(|last| u64::try_from(last.timestamp()).unwrap_or(0));
        let named = last.map_or(u64::MAX, |last| last.saturating_add(1));
        let end = until.min(named).min(first.saturating_add(DAYS_MAX * DAY_SECS));
        let count = self.rule.get_count().and_then(|count| usize::try_from(count).ok());
        let most = count.unwrap_or(usize::MAX).min(usize::from(MEETINGS_MAX));
        let step = usize::from(self.rule.get_interval().max(1));
        for number in (0u32..).step_by(step) {
            let Some(period) = self.period(number) else { break };
            if self.moment(*period.start()).is_none_or(|begin| begin >= end) {
                break;
            }
            let meant: Vec<NaiveDate> = days(&period)
                .inspect(|_| looked_at += 1)
                .filter(|day| self.is_meant(*day))
                .collect();
            for day in self.chosen(&meant) {
                let Some(moment) = self.moment(day).filter(|moment| *moment >= first) else {
                    continue;
                };
                if moment >= end || starts.len() >= most {
                    return (starts, looked_at);
                }
                starts.push(moment);
            }
        }
        (starts, looked_at)
    }

    /// Returns the first and the last day of the period of this number.
    fn period(&self, number: u32) -> Option<RangeInclusive<NaiveDate>> {
        let first = self.start.date_naive();
        let (begin, next) = match self.rule.get_freq() {
            Frequency::Yearly => {
                let year = first
                    .with_ordinal(1)?
                    .checked_add_months(Months::new(number.checked_mul(12)?))?;
                (year, year.checked_add_months(Months::new(12))?)
            }
            Frequency::Monthly => {
                let month = first.with_day(1)?.checked_add_months(Months::new(number))?;
                (month, month.checked_add_months(Months::new(1))?)
            }
            Frequency::Weekly => {
                let week = first.week(self.rule.get_week_start()).first_day();
                let week = week.checked_add_days(Days::new(7 * u64::from(number)))?;
                // Of the first week only what is left of it.
                (week.max(first), week.checked_add_days(Days::new(7))?)
            }
            _ => {
                let day = first.checked_add_days(Days::new(u64::from(number)))?;
                (day, day.checked_add_days(Days::new(1))?)
            }
        };
        Some(begin..=next.pred_opt()?)
    }

    /// Says whether a day fits the parts of the rule that name days.
    fn is_meant(&self, day: NaiveDate) -> bool {
        let months = self.rule.get_by_month();
        let in_month = || months.iter().any(|month| u32::from(*month) == day.month());
        if !months.is_empty() && !in_month() {
            return false;
        }
        let Some(month) = month_of(day) else { return false };
        let whole = match self.rule.get_freq() {
            Frequency::Yearly if months.is_empty() => year_of(day),
            _ => Some(month.clone()),
        };
        let Some(whole) = whole else { return false };
        let on_day = |n: &i8| match i64::from(*n) {
            n @ 1.. => (day - *month.start()).num_days() + 1 == n,
            n => (*month.end() - day).num_days() + 1 == -n,
        };
        let on_weekday = |named: &NWeekday| match *named {
            NWeekday::Every(weekday) => day.weekday() == weekday,
            NWeekday::Nth(n, weekday) => {
                let n = i64::from(n);
                let (before, after) =
                    ((day - *whole.start()).num_days(), (*whole.end() - day).num_days());
                day.weekday() == weekday && (before / 7 + 1 == n || after / 7 + 1 == -n)
            }
        };
        let weekdays = self.rule.get_by_weekday();
        (self.month_days.is_empty() || self.month_days.iter().any(on_day))
            && (weekdays.is_empty() || weekdays.iter().any(on_weekday))
    }

    /// Returns the days of a period that are chosen by their places among those that are meant.
    fn chosen(&self, meant: &[NaiveDate]) -> Vec<NaiveDate> {
        let places = self.rule.get_by_set_pos();
        if places.is_empty() {
            return meant.to_vec();
        }
        let day = |place: &i32| {
            let from = usize::try_from(place.unsigned_abs()).ok()?.checked_sub(1)?;
            let at = if *place > 0 { Some(from) } else { meant.len().checked_sub(from + 1) };
            meant.get(at?).copied()
        };
        let mut chosen: Vec<NaiveDate> = places.iter().filter_map(day).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    /// Returns the moment of that day at the hour of the series; where clocks leave the hour out, as
    /// long after midnight.
    fn moment(&self, day: NaiveDate) -> Option<u64> {
        let (zone, hour) = (self.start.timezone(), self.start.time());
        let moment = match zone.from_local_datetime(&day.and_time(hour)) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment,
            LocalResult::None => {
                let midnight =
                    zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest()?;
                midnight.checked_add_signed(hour - NaiveTime::MIN)?
            }
        };
        u64::try_from(moment.timestamp()).ok()
    }
}

fn days(period: &RangeInclusive<NaiveDate>) -> impl Iterator<Item = NaiveDate> + use<> {
    let last = *period.end();
    period.start().iter_days().take_while(move |day| *day <= last)
}

fn month_of(day: NaiveDate) -> Option<RangeInclusive<NaiveDate>> {
    let first = day.with_day(1)?;
    Some(first..=first.checked_add_months(Months::new(1))?.pred_opt()?)
}

fn year_of(day: NaiveDate) -> Option<RangeInclusive<NaiveDate>> {
    let first = day.with_ordinal(1)?;
    Some(first..=first.checked_add_months(Months::new(12))?.pred_opt()?)
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

    /// The most days of one period of a rule.
    const PERIOD_DAYS_MAX: u64 = 366;

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

    /// What the library that reads the rules makes of them, one by one.
    fn by_the_library(rule: &str, until: u64) -> Vec<u64> {
        let start = Utc.timestamp_opt(i64::try_from(APRIL).unwrap(), 0).unwrap();
        let start = start.with_timezone(&Tz::Europe__London);
        let rule: RRule<Unvalidated> = rule.parse().unwrap();
        let set = rrule::RRuleSet::new(start).rrule(rule.validate(start).unwrap());
        let starts = set.into_iter().map(|date| u64::try_from(date.timestamp()).unwrap());
        starts.take_while(|start| *start < until).take(usize::from(MEETINGS_MAX)).collect()
    }

    #[test]
    fn a_rule_whose_days_hardly_ever_come_together_costs_no_more_than_others() {
        let most = DAYS_MAX + 2 * PERIOD_DAYS_MAX;
        for rule in [
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
            "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2",
        ] {
            let zone = Tz::Europe__London;
            let series = Series::new(APRIL, zone, rule).unwrap();
            let (starts, looked_at) = series.expand(APRIL + 400 * DAY_SECS);
            assert!(starts.is_empty() && looked_at <= 400 + 2 * PERIOD_DAYS_MAX, "{rule}");
            assert!(series.expand(u64::MAX).1 <= most, "{rule}");
        }
    }

    proptest! {
        #[test]
        fn it_meets_as_the_library_says(
            frequency in prop::sample::select(&FREQUENCIES[..]),
            interval in 1u8..4,
            weekdays in prop::sample::subsequence(vec!["MO", "TU", "TH", "SA"], 0..3),
            nth in prop::sample::select(vec!["", "1", "-1", "3"]),
            days in prop::sample::subsequence(vec![1, 13, 28, -1, -15], 0..3),
            months in prop::sample::subsequence(vec![1, 4, 5, 11], 0..4),
            place in prop::sample::select(vec![0, 1, -1, 2]),
            most in prop::option::of(1u8..20),
        ) {
            let list = |items: Vec<String>| items.join(",");
            let mut rule = format!("FREQ={frequency};INTERVAL={interval}");
            let monthly = matches!(frequency, "MONTHLY" | "YEARLY");
            let nth = if monthly { nth } else { "" };
            if !weekdays.is_empty() {
                let days = weekdays.iter().map(|day| format!("{nth}{day}")).collect();
                rule += &format!(";BYDAY={}", list(days));
            }
            if !days.is_empty() && frequency != "WEEKLY" {
                rule += &format!(";BYMONTHDAY={}", list(days.iter().map(i32::to_string).collect()));
            }
            if !months.is_empty() {
                rule += &format!(";BYMONTH={}", list(months.iter().map(i32::to_string).collect()));
            }
            if place != 0 && !weekdays.is_empty() && monthly {
                rule += &format!(";BYSETPOS={place}");
            }
            if let Some(most) = most {
                rule += &format!(";COUNT={most}");
            }
            let until = APRIL + 800 * DAY_SECS;
            let (starts, _) = Series::new(APRIL, Tz::Europe__London, &rule).unwrap().expand(until);
            prop_assert_eq!(starts, by_the_library(&rule, until), "{}", rule);
        }

        #[test]
        fn no_rule_breaks_it(
            frequency in prop::sample::select(&FREQUENCIES[..]),
            parts in prop::collection::vec(
                (prop::sample::select(&PARTS[1..]), "[0-9A-Z,+-]{0,12}"), 0..4),
            noise in "[!-~]{1,40}",
        ) {
            let parts: String = parts.iter().map(|(name, value)| format!(";{name}={value}")).collect();
            for rule in [format!("FREQ={frequency}{parts}"), noise] {
                if let Ok(series) = Series::new(APRIL, Tz::Europe__London, &rule) {
                    let (_, looked_at) = series.expand(u64::MAX);
                    prop_assert!(looked_at <= DAYS_MAX + 2 * PERIOD_DAYS_MAX, "{}", rule);
                }
                if let Ok(all) = of("Europe/London", &rule) {
                    prop_assert!(all.len() <= usize::from(MEETINGS_MAX));
                    prop_assert!(all.is_sorted_by_key(|meeting| meeting.start));
                }
            }
        }
    }
}
