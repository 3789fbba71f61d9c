//! When a gathering meets: once, or in a series (RFC 5545, section 3.3.10).
//!
//! **Invariant:** however a rule is written, no more than [`MEETINGS_MAX`] meetings come of it,
//! none after the end of the record, and no more than [`DAYS_MAX`] days are looked at to find them.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Moment};

use super::rule::{Frequency, Last, NthWeekday, Rule, RuleError};
use super::zone::zone;
use crate::body::gathering::Times;
use crate::time::Timestamp;

/// The most meetings of a series: one on every day that a gathering may live, and some.
pub const MEETINGS_MAX: u16 = 500;

/// The most days that are looked at for meetings, from the first: 54 years, longer than any series
/// has lasted that is announced again every year, and a millisecond's work.
pub const DAYS_MAX: u64 = 20_000;

/// A day for bounds, where the hour by which a change of clocks makes one shorter is nothing.
const DAY_SECS: u64 = 86_400;

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
    Rule(#[from] RuleError),
    /// It begins where calendars end.
    #[error("it begins too far away")]
    Far,
}

/// Returns all meetings that begin before the record ends, in order.
///
/// # Errors
/// [`SeriesError`], when zone or rule are none.
pub fn meetings(times: &Times, until: Timestamp) -> Result<Vec<Meeting>, SeriesError> {
    let name = times.zone.as_str();
    let (_, zone) = zone(name).ok_or_else(|| SeriesError::Zone(name.to_owned()))?;
    let clock = Clock::new(times, zone)?;
    let starts = match &times.rrule {
        None => vec![times.start],
        Some(rule) => Series::new(&clock, rule.as_str())?.expand(until.as_secs()).0,
    };
    let meeting = |(number, start): (usize, u64)| Meeting {
        number,
        start: Timestamp::from_secs(start),
        end: Timestamp::from_secs(clock.end(start)),
    };
    let all = starts.into_iter().enumerate().map(meeting);
    Ok(all.take_while(|meeting| meeting.start < until).collect())
}

/// The same for what is signed already, and cannot be sent back: where zone or rule are none, or no
/// meeting comes of them, there is the first one and no other.
pub fn calendar(times: &Times, until: Timestamp) -> Vec<Meeting> {
    let first = || Meeting {
        number: 0,
        start: Timestamp::from_secs(times.start),
        end: Timestamp::from_secs(times.end),
    };
    match meetings(times, until) {
        Ok(meetings) if !meetings.is_empty() => meetings,
        _ => vec![first()],
    }
}

/// Says whether the meetings of a gathering last whole days by the clocks of its zone, from midnight to
/// midnight; none when the zone is unknown.
pub fn lasts_days(times: &Times) -> Option<bool> {
    let (_, zone) = zone(times.zone.as_str())?;
    Clock::new(times, zone).ok().map(|clock| clock.hour == Time::midnight() && clock.days.is_some())
}

/// Returns the meeting that is under way at this moment, or else the next one.
pub fn next(meetings: &[Meeting], now: Timestamp) -> Option<Meeting> {
    meetings.iter().find(|meeting| meeting.end > now).copied()
}

/// By which clock a gathering meets, and how long.
struct Clock {
    zone: TimeZone,
    /// The first meeting, which is when it was said to be.
    start: u64,
    end: u64,
    /// Its day.
    first: Date,
    /// The hour of all meetings; midnight when the first begins with its day, whose clocks may leave
    /// midnight out.
    hour: Time,
    /// How many days a meeting lasts, when the first ends at the hour at which it began; otherwise all
    /// last as many seconds.
    days: Option<i32>,
}

impl Clock {
    fn new(times: &Times, zone: TimeZone) -> Result<Self, SeriesError> {
        let civil = |secs: u64| -> Result<DateTime, SeriesError> {
            let moment = i64::try_from(secs).ok().and_then(|s| Moment::from_second(s).ok());
            let civil = zone.to_datetime(moment.ok_or(SeriesError::Far)?);
            let midnight = zone.to_timestamp(civil.date().to_datetime(Time::midnight()));
            let begins_day = midnight.is_ok_and(|midnight| Some(midnight) == moment);
            Ok(if begins_day { civil.date().to_datetime(Time::midnight()) } else { civil })
        };
        let (start, end) = (civil(times.start)?, civil(times.end)?);
        let days = start.date().until(end.date()).map(|span| span.get_days());
        let days = days.ok().filter(|days| *days > 0 && start.time() == end.time());
        let (first, hour) = (start.date(), start.time());
        Ok(Self { first, hour, days, zone, start: times.start, end: times.end })
    }

    /// Returns the moment of a day and an hour: where clocks leave it out, as much later as they leave
    /// out; where they show it twice, the first (RFC 5545, section 3.3.5).
    fn moment(&self, at: DateTime) -> Option<u64> {
        u64::try_from(self.zone.to_timestamp(at).ok()?.as_second()).ok()
    }

    fn meeting_on(&self, day: Date) -> Option<u64> {
        if day == self.first { Some(self.start) } else { self.moment(day.to_datetime(self.hour)) }
    }

    /// Returns when a meeting ends that begins at this moment.
    fn end(&self, start: u64) -> u64 {
        let by_calendar = || {
            let begin = Moment::from_second(i64::try_from(start).ok()?).ok()?;
            let day =
                self.zone.to_datetime(begin).date().checked_add(day_span(self.days?)?).ok()?;
            self.moment(day.to_datetime(self.hour))
        };
        let secs = self.end.saturating_sub(self.start);
        match by_calendar().filter(|_| start != self.start) {
            Some(end) => end,
            None => start.saturating_add(secs),
        }
    }
}

/// A rule that begins somewhere.
struct Series<'a> {
    clock: &'a Clock,
    rule: Rule,
}

impl<'a> Series<'a> {
    fn new(clock: &'a Clock, rule: &str) -> Result<Self, SeriesError> {
        let rule: Rule = rule.parse()?;
        Ok(Self { clock, rule: rule.beginning(clock.first) })
    }

    /// Returns the first second in which the rule lets nobody meet any more.
    fn named_end(&self) -> u64 {
        let after = match self.rule.last {
            Last::Open | Last::Count(_) => None,
            Last::Day(day) => {
                let next = day.tomorrow().ok();
                next.and_then(|next| self.clock.moment(next.to_datetime(Time::midnight())))
            }
            Last::Local(at) => self.clock.moment(at).map(|last| last + 1),
            Last::Utc(at) => TimeZone::UTC
                .to_timestamp(at)
                .ok()
                .and_then(|last| u64::try_from(last.as_second()).ok().map(|last| last + 1)),
        };
        let open = matches!(self.rule.last, Last::Open | Last::Count(_));
        // A day before the epoch has no moment here, and lets nobody meet.
        after.unwrap_or(if open { u64::MAX } else { 0 })
    }

    /// Returns when the meetings before this moment begin, and how many days were looked at.
    ///
    /// The days are looked at one by one: a rule may name days that hardly ever come together, and
    /// nobody is to wait for them.
    fn expand(&self, until: u64) -> (Vec<u64>, u64) {
        let (mut starts, mut looked_at) = (Vec::new(), 0);
        let first = self.clock.start;
        let end = until.min(self.named_end()).min(first.saturating_add(DAYS_MAX * DAY_SECS));
        let most = match self.rule.last {
            Last::Count(count) => usize::from(count.min(MEETINGS_MAX)),
            _ => usize::from(MEETINGS_MAX),
        };
        for number in (0i32..).step_by(usize::from(self.rule.interval)) {
            let Some(period) = self.period(number) else { break };
            if self.clock.meeting_on(*period.start()).is_none_or(|begin| begin >= end) {
                break;
            }
            let meant: Vec<Date> = days(&period)
                .inspect(|_| looked_at += 1)
                .filter(|day| self.is_meant(*day))
                .collect();
            for day in self.chosen(&meant) {
                // Where clocks leave out a whole day, its meeting falls on that of the next.
                let last = starts.last().map_or(first, |last| last + 1);
                let Some(moment) = self.clock.meeting_on(day).filter(|moment| *moment >= last)
                else {
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
    fn period(&self, number: i32) -> Option<RangeInclusive<Date>> {
        let first = self.clock.first;
        let (begin, next) = match self.rule.frequency {
            Frequency::Yearly => {
                let year = first.first_of_year();
                (year.checked_add(years(number)?).ok()?, year.checked_add(years(number + 1)?).ok()?)
            }
            Frequency::Monthly => {
                let month = first.first_of_month();
                (
                    month.checked_add(months(number)?).ok()?,
                    month.checked_add(months(number + 1)?).ok()?,
                )
            }
            Frequency::Weekly => {
                let since = first.weekday().since(self.rule.week_start);
                let week = first.checked_sub(day_span(i32::from(since))?).ok()?;
                let week = week.checked_add(day_span(number.checked_mul(7)?)?).ok()?;
                // Of the first week only what is left of it.
                (week.max(first), week.checked_add(day_span(7)?).ok()?)
            }
            Frequency::Daily => {
                let day = first.checked_add(day_span(number)?).ok()?;
                (day, day.tomorrow().ok()?)
            }
        };
        Some(begin..=next.yesterday().ok()?)
    }

    /// Says whether a day fits the parts of the rule that name days.
    fn is_meant(&self, day: Date) -> bool {
        let months = &self.rule.months;
        if !months.is_empty() && !months.contains(&day.month()) {
            return false;
        }
        let of_year = self.rule.frequency == Frequency::Yearly && months.is_empty();
        // How many days come before it and after it, in the whole that weekdays are counted in.
        let (before, after) = if of_year {
            (day.day_of_year() - 1, day.days_in_year() - day.day_of_year())
        } else {
            let (nth, last) = (i16::from(day.day()), i16::from(day.days_in_month()));
            (nth - 1, last - nth)
        };
        let on_day = |n: &i8| {
            if *n > 0 { day.day() == *n } else { day.day() - day.days_in_month() - 1 == *n }
        };
        let on_weekday = |named: &NthWeekday| {
            let nth = |n: i8| before / 7 + 1 == i16::from(n) || -(after / 7 + 1) == i16::from(n);
            day.weekday() == named.weekday && named.nth.is_none_or(nth)
        };
        let Rule { weekdays, month_days, .. } = &self.rule;
        (month_days.is_empty() || month_days.iter().any(on_day))
            && (weekdays.is_empty() || weekdays.iter().any(on_weekday))
    }

    /// Returns the days of a period that are chosen by their places among those that are meant.
    fn chosen(&self, meant: &[Date]) -> Vec<Date> {
        let places = &self.rule.places;
        if places.is_empty() {
            return meant.to_vec();
        }
        let day = |place: &i16| {
            let from = usize::from(place.unsigned_abs()).checked_sub(1)?;
            let at = if *place > 0 { Some(from) } else { meant.len().checked_sub(from + 1) };
            meant.get(at?).copied()
        };
        let mut chosen: Vec<Date> = places.iter().filter_map(day).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}

fn years(number: i32) -> Option<Span> {
    Span::new().try_years(number).ok()
}

fn months(number: i32) -> Option<Span> {
    Span::new().try_months(number).ok()
}

fn day_span(number: i32) -> Option<Span> {
    Span::new().try_days(number).ok()
}

fn days(period: &RangeInclusive<Date>) -> impl Iterator<Item = Date> + use<> {
    let last = *period.end();
    period.start().series(Span::new().days(1)).take_while(move |day| *day <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
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

    /// Meets in this zone from this day and hour on, so long, and returns when by the clocks there.
    fn local(
        zone: &str,
        (start, end): (DateTime, DateTime),
        rule: &str,
    ) -> Vec<(DateTime, DateTime)> {
        let (_, here) = super::zone(zone).unwrap();
        let secs = |at| u64::try_from(here.to_timestamp(at).unwrap().as_second()).unwrap();
        let rrule = Some(rule.to_owned().try_into().unwrap());
        let times =
            Times { start: secs(start), end: secs(end), zone: zone.parse().unwrap(), rrule };
        let read = |at: Timestamp| {
            let secs = i64::try_from(at.as_secs()).unwrap();
            here.to_datetime(Moment::from_second(secs).unwrap())
        };
        let all = meetings(&times, Timestamp::NEVER).unwrap();
        all.iter().map(|meeting| (read(meeting.start), read(meeting.end))).collect()
    }

    fn starts(zone: &str, start: DateTime, rule: &str) -> Vec<DateTime> {
        local(zone, (start, start), rule).into_iter().map(|(start, _)| start).collect()
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
    fn a_series_goes_on_over_an_hour_that_clocks_leave_out_or_show_twice() {
        for (zone, start, changes) in [
            ("Africa/Cairo", datetime(2027, 4, 25, 0, 30, 0, 0), date(2027, 4, 30)),
            ("Asia/Beirut", datetime(2027, 3, 21, 0, 0, 0, 0), date(2027, 3, 28)),
            ("America/Santiago", datetime(2027, 8, 29, 0, 0, 0, 0), date(2027, 9, 5)),
            ("America/Havana", datetime(2027, 3, 7, 0, 0, 0, 0), date(2027, 3, 14)),
        ] {
            let all = starts(zone, start, "FREQ=DAILY;COUNT=30");
            let days: Vec<Date> = all.iter().map(|at| at.date()).collect();
            let wanted: Vec<Date> = start.date().series(Span::new().days(1)).take(30).collect();
            assert_eq!(days, wanted, "{zone}");
            for at in all {
                let moved = i8::from(at.date() == changes);
                assert_eq!(at.hour(), start.hour() + moved, "{zone} {at}");
            }
        }
        let lord_howe =
            starts("Australia/Lord_Howe", datetime(2027, 10, 2, 2, 15, 0, 0), "FREQ=DAILY;COUNT=3");
        let half_an_hour = datetime(2027, 10, 3, 2, 45, 0, 0);
        assert_eq!(lord_howe[1..], [half_an_hour, datetime(2027, 10, 4, 2, 15, 0, 0)]);
        // In London 01:30 comes twice on 31 October 2027, first in summer time.
        let twice = Times {
            start: 1_824_856_200,
            end: 1_824_859_800,
            zone: "Europe/London".parse().unwrap(),
            rrule: Some("FREQ=DAILY;COUNT=3".to_owned().try_into().unwrap()),
        };
        let all = meetings(&twice, Timestamp::NEVER).unwrap();
        let apart: Vec<u64> =
            all.windows(2).map(|pair| pair[1].start.as_secs() - pair[0].start.as_secs()).collect();
        assert_eq!(apart, [86_400, 90_000]);
    }

    #[test]
    fn a_series_that_begins_where_midnight_is_left_out_is_at_midnight_on_other_days() {
        let all = starts("America/Havana", datetime(2027, 3, 14, 1, 0, 0, 0), "FREQ=DAILY;COUNT=2");
        assert_eq!(all, [datetime(2027, 3, 14, 1, 0, 0, 0), datetime(2027, 3, 15, 0, 0, 0, 0)]);
    }

    #[test]
    fn days_are_days_of_the_calendar_and_hours_are_hours() {
        let day = |month, day, hour| datetime(2027, month, day, hour, 0, 0, 0);
        // Spring and autumn: a day of 23 hours, a day of 25.
        for (month, changes) in [(3, 28), (10, 31)] {
            let whole = (day(month, changes - 1, 0), day(month, changes, 0));
            let ends = local("Europe/London", whole, "FREQ=DAILY;COUNT=3");
            assert!(ends.iter().all(|(_, end)| end.hour() == 0), "{ends:?}");
            let camp = (day(month, changes - 2, 10), day(month, changes - 1, 10));
            let ends = local("Europe/London", camp, "FREQ=DAILY;COUNT=3");
            assert!(ends.iter().all(|(_, end)| end.hour() == 10), "{ends:?}");
        }
        let night = (day(3, 27, 0), day(3, 27, 4));
        let ends = local("Europe/London", night, "FREQ=DAILY;COUNT=2");
        assert_eq!(ends[1].1.hour(), 5, "four hours, of which clocks leave one out");
        let all_day = |start, end| {
            let zone = "Europe/London".parse().unwrap();
            lasts_days(&Times { start, end, zone, rrule: None })
        };
        // 28 March 2027, from midnight to midnight: 23 hours.
        assert_eq!(all_day(1_806_192_000, 1_806_274_800), Some(true));
        assert_eq!(all_day(1_806_192_000, 1_806_278_400), Some(false));
    }

    #[test]
    fn a_series_ends_with_a_day_at_an_hour_there_or_at_a_moment() {
        let start = datetime(2027, 6, 28, 19, 0, 0, 0);
        for (until, meets) in [
            ("20270630", 3),
            ("20270630T190000", 3),
            ("20270630T185959", 2),
            ("20270630T230000Z", 3),
            ("20270630T225959Z", 2),
            ("19691231", 0),
        ] {
            let rule = format!("FREQ=DAILY;UNTIL={until}");
            assert_eq!(starts("America/New_York", start, &rule).len(), meets, "{until}");
        }
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
    fn what_nobody_can_read_leaves_the_first_meeting() {
        assert_eq!(of("Mars/Olympus", "FREQ=DAILY"), Err(SeriesError::Zone("Mars/Olympus".into())));
        assert!(matches!(of("UTC", "FREQ=HOURLY"), Err(SeriesError::Rule(_))));
        for (zone, rule) in
            [("Mars/Olympus", "FREQ=DAILY"), ("UTC", "x"), ("UTC", "FREQ=DAILY;UNTIL=20200101")]
        {
            let all = calendar(&times(zone, Some(rule)), Timestamp::NEVER);
            assert_eq!((all.len(), all[0].start.as_secs()), (1, APRIL), "{rule}");
        }
        let far = Times { start: 1 << 39, end: 1 << 39, ..times("UTC", None) };
        assert_eq!(meetings(&far, Timestamp::NEVER), Err(SeriesError::Far));
    }

    fn expand(rule: &str, until: u64) -> Option<(Vec<u64>, u64)> {
        let (_, zone) = zone("Europe/London").unwrap();
        let clock = Clock::new(&times("Europe/London", None), zone).unwrap();
        Series::new(&clock, rule).ok().map(|series| series.expand(until))
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
            let (starts, looked_at) = expand(rule, APRIL + 400 * DAY_SECS).unwrap();
            assert!(starts.is_empty() && looked_at <= 400 + 2 * PERIOD_DAYS_MAX, "{rule}");
            assert!(expand(rule, u64::MAX).unwrap().1 <= most, "{rule}");
        }
    }

    proptest! {
        #[test]
        fn no_rule_breaks_it(
            frequency in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
            parts in prop::collection::vec(
                (
                    prop::sample::select(vec![
                        "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS",
                        "WKST",
                    ]),
                    prop_oneof!["[0-9A-Z,+-]{0,12}", "-?[0-9]{1,3}", "[1-4]?(MO|TU|SU)"],
                ),
                0..4,
            ),
            noise in "[!-~]{1,40}",
        ) {
            let parts: String = parts.iter().map(|(name, value)| format!(";{name}={value}")).collect();
            for rule in [format!("FREQ={frequency}{parts}"), noise] {
                if let Some((_, looked_at)) = expand(&rule, u64::MAX) {
                    prop_assert!(looked_at <= DAYS_MAX + 2 * PERIOD_DAYS_MAX, "{}", rule);
                }
                if let Ok(all) = of("Europe/London", &rule) {
                    prop_assert!(all.len() <= usize::from(MEETINGS_MAX));
                    prop_assert!(all.is_sorted_by(|a, b| a.start < b.start));
                }
            }
        }
    }
}
