//! How a gathering repeats: an RRULE (RFC 5545, section 3.3.10), as far as people meet by it.
//!
//! **Invariant:** what is read here is a rule by which every node finds the same days; whatever else
//! RFC 5545 knows is refused by name, never passed over.

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday, time};

/// The largest number of an interval or a count: a series has no more meetings.
const NUMBER_MAX: u16 = 500;

/// How often a period of the series comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Days.
    Daily,
    /// Weeks.
    Weekly,
    /// Months.
    Monthly,
    /// Years.
    Yearly,
}

/// Where a series ends, beside the end of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// Nowhere.
    Open,
    /// After so many meetings.
    Count(u16),
    /// With this day of the series' zone.
    Day(Date),
    /// At this hour of the series' zone.
    Local(DateTime),
    /// At this moment, in UTC.
    Utc(DateTime),
}

/// A day of the week: every one, or the first, the last and so on of a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NthWeekday {
    /// Which of them, counted from the end when it is negative; all of them when it is absent.
    pub nth: Option<i8>,
    /// Which day.
    pub weekday: Weekday,
}

/// A rule by which people meet again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// How often.
    pub frequency: Frequency,
    /// In every one of so many periods.
    pub interval: u16,
    /// Where it ends.
    pub last: Last,
    /// On which days of the week.
    pub weekdays: Vec<NthWeekday>,
    /// On which days of the month, counted from its end when they are negative.
    pub month_days: Vec<i8>,
    /// In which months.
    pub months: Vec<i8>,
    /// Which of the days that are left of a period, counted from its end when they are negative.
    pub places: Vec<i16>,
    /// On which day weeks begin.
    pub week_start: Weekday,
}

/// Why something is no rule by which people meet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not a name and a value.
    #[error("'{0}' is not a part such as FREQ=WEEKLY")]
    NoPart(String),
    /// Not the name of a part that a rule may have. Those that name hours, minutes and seconds are left
    /// out: people do not meet several times a day, and programs that do may not keep others busy.
    #[error(
        "'{0}' is not one of FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST"
    )]
    UnknownPart(String),
    /// A part that comes twice.
    #[error("{0} comes twice")]
    Twice(String),
    /// A part whose value is none.
    #[error("{part} is {wanted}, not '{value}'")]
    Value {
        /// Which part.
        part: &'static str,
        /// What it may be.
        wanted: &'static str,
        /// What it is.
        value: String,
    },
    /// No frequency.
    #[error("FREQ is missing: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")]
    NoFrequency,
    /// Two ends.
    #[error("a series has a COUNT or an UNTIL, not both")]
    CountAndUntil,
    /// The first Tuesday of something that has one.
    #[error("BYDAY has numbers, such as 1TU, only with FREQ=MONTHLY or FREQ=YEARLY")]
    NumberedDays,
    /// The sixth Tuesday of a month.
    #[error("a month has at most five of each day of the week")]
    SixthDay,
    /// Days of the month in a series of weeks.
    #[error("BYMONTHDAY does not go with FREQ=WEEKLY")]
    DaysOfWeeks,
    /// Places among days that nothing names.
    #[error("BYSETPOS needs a BYDAY, BYMONTHDAY or BYMONTH")]
    PlacesAlone,
}

impl Rule {
    fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            last: Last::Open,
            weekdays: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            places: Vec::new(),
            week_start: Weekday::Monday,
        }
    }

    /// Reads one part other than the frequency.
    fn read(&mut self, name: &str, value: &str) -> Result<(), RuleError> {
        let wrong = |part, wanted| RuleError::Value { part, wanted, value: value.to_owned() };
        match name {
            "INTERVAL" => {
                self.interval = number(value).ok_or(wrong("INTERVAL", "a number from 1 to 500"))?;
            }
            "COUNT" | "UNTIL" if self.last != Last::Open => {
                return Err(RuleError::CountAndUntil);
            }
            "COUNT" => {
                let count = number(value).ok_or(wrong("COUNT", "a number from 1 to 500"))?;
                self.last = Last::Count(count);
            }
            "UNTIL" => {
                let wanted = "a day such as 20270630, or 20270630T190000, with Z behind it in UTC";
                self.last = until(value).ok_or(wrong("UNTIL", wanted))?;
            }
            "BYDAY" => {
                let wanted = "days such as MO,TH or 1TU,-1FR";
                self.weekdays = list(value, nth_weekday).ok_or(wrong("BYDAY", wanted))?;
            }
            "BYMONTHDAY" => {
                let wanted = "days from 1 to 31, or from -1 to -31 from the month's end";
                let day = |item: &str| signed(item, 31).and_then(|n| i8::try_from(n).ok());
                self.month_days = list(value, day).ok_or(wrong("BYMONTHDAY", wanted))?;
            }
            "BYMONTH" => {
                let month = |item: &str| signed(item, 12).filter(|n| *n > 0);
                let month = |item: &str| month(item).and_then(|n| i8::try_from(n).ok());
                self.months = list(value, month).ok_or(wrong("BYMONTH", "months from 1 to 12"))?;
            }
            "BYSETPOS" => {
                let wanted = "places such as 1 or -1";
                self.places = list(value, |n| signed(n, 366)).ok_or(wrong("BYSETPOS", wanted))?;
            }
            "WKST" => {
                let wanted = "one of MO, TU, WE, TH, FR, SA, SU";
                self.week_start = weekday(value).ok_or(wrong("WKST", wanted))?;
            }
            name => return Err(RuleError::UnknownPart(name.to_owned())),
        }
        Ok(())
    }

    /// Refuses parts that mean nothing together.
    fn check(self) -> Result<Self, RuleError> {
        let numbered = self.weekdays.iter().any(|day| day.nth.is_some());
        let seldom = matches!(self.frequency, Frequency::Monthly | Frequency::Yearly);
        if numbered && !seldom {
            return Err(RuleError::NumberedDays);
        }
        let in_month = self.frequency == Frequency::Monthly || !self.months.is_empty();
        if in_month && self.weekdays.iter().any(|day| day.nth.is_some_and(|n| n.abs() > 5)) {
            return Err(RuleError::SixthDay);
        }
        if self.frequency == Frequency::Weekly && !self.month_days.is_empty() {
            return Err(RuleError::DaysOfWeeks);
        }
        let chosen = [self.weekdays.len(), self.month_days.len(), self.months.len()];
        if !self.places.is_empty() && chosen == [0; 3] {
            return Err(RuleError::PlacesAlone);
        }
        Ok(self)
    }

    /// Names the days of a rule that names none: that on which the series begins.
    pub(super) fn beginning(mut self, first: Date) -> Self {
        if !self.weekdays.is_empty() || !self.month_days.is_empty() {
            return self;
        }
        match self.frequency {
            Frequency::Daily => {}
            Frequency::Weekly => {
                self.weekdays.push(NthWeekday { nth: None, weekday: first.weekday() });
            }
            Frequency::Monthly => self.month_days.push(first.day()),
            Frequency::Yearly => {
                if self.months.is_empty() {
                    self.months.push(first.month());
                }
                self.month_days.push(first.day());
            }
        }
        self
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let text = text.to_ascii_uppercase();
        let mut parts: Vec<(&str, &str)> = Vec::new();
        for part in text.split(';') {
            let (name, value) =
                part.split_once('=').ok_or_else(|| RuleError::NoPart(part.to_owned()))?;
            if parts.iter().any(|(other, _)| *other == name) {
                return Err(RuleError::Twice(name.to_owned()));
            }
            parts.push((name, value));
        }
        let frequency = parts.iter().find(|(name, _)| *name == "FREQ");
        let (_, frequency) = frequency.ok_or(RuleError::NoFrequency)?;
        let mut rule = Self::every(match *frequency {
            "DAILY" => Frequency::Daily,
            "WEEKLY" => Frequency::Weekly,
            "MONTHLY" => Frequency::Monthly,
            "YEARLY" => Frequency::Yearly,
            other => {
                let wanted = "one of DAILY, WEEKLY, MONTHLY, YEARLY";
                return Err(RuleError::Value { part: "FREQ", wanted, value: other.to_owned() });
            }
        });
        for (name, value) in parts.iter().filter(|(name, _)| *name != "FREQ") {
            rule.read(name, value)?;
        }
        rule.check()
    }
}

fn list<T>(value: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(item).collect()
}

fn number(value: &str) -> Option<u16> {
    digits(value)?.parse().ok().filter(|n| (1..=NUMBER_MAX).contains(n))
}

/// Reads a number other than 0, of either sign, that is at most so far from it.
fn signed(value: &str, most: i16) -> Option<i16> {
    let (sign, value) = match value.as_bytes().first()? {
        b'-' => (-1, &value[1..]),
        b'+' => (1, &value[1..]),
        _ => (1, value),
    };
    let number: i16 = digits(value)?.parse().ok()?;
    (1..=most).contains(&number).then_some(sign * number)
}

fn digits(value: &str) -> Option<&str> {
    (!value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())).then_some(value)
}

fn weekday(value: &str) -> Option<Weekday> {
    Some(match value {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn nth_weekday(value: &str) -> Option<NthWeekday> {
    let (nth, day) = value.split_at_checked(value.len().checked_sub(2)?)?;
    let weekday = weekday(day)?;
    if nth.is_empty() {
        return Some(NthWeekday { nth: None, weekday });
    }
    let nth = i8::try_from(signed(nth, 53)?).ok()?;
    Some(NthWeekday { nth: Some(nth), weekday })
}

fn until(value: &str) -> Option<Last> {
    let number = |text: &str| digits(text).and_then(|text| text.parse::<i8>().ok());
    let date = |text: &str| {
        let year = digits(text.get(..4)?)?.parse().ok()?;
        Date::new(year, number(text.get(4..6)?)?, number(text.get(6..8)?)?).ok()
    };
    if value.len() == 8 {
        return date(value).map(Last::Day);
    }
    let (day, hour) = value.split_once('T').filter(|(day, _)| day.len() == 8)?;
    let (hour, utc) = hour.strip_suffix('Z').map_or((hour, false), |hour| (hour, true));
    if hour.len() != 6 {
        return None;
    }
    let (h, m, s) = (number(hour.get(..2)?)?, number(hour.get(2..4)?)?, number(hour.get(4..6)?)?);
    // A second that only clocks leap to is the one before it.
    let at = (h < 24 && m < 60 && s <= 60).then(|| time(h, m, s.min(59), 0))?;
    let at = date(day)?.to_datetime(at);
    Some(if utc { Last::Utc(at) } else { Last::Local(at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn read(text: &str) -> Result<Rule, RuleError> {
        text.parse()
    }

    #[test]
    fn a_rule_is_read_with_all_its_parts() {
        let rule = read("freq=monthly;interval=2;COUNT=8;BYDAY=1th,-1FR;BYMONTH=1,12").unwrap();
        assert_eq!((rule.frequency, rule.interval), (Frequency::Monthly, 2));
        assert_eq!(rule.last, Last::Count(8));
        let days: Vec<_> = rule.weekdays.iter().map(|day| (day.nth, day.weekday)).collect();
        assert_eq!(days, [(Some(1), Weekday::Thursday), (Some(-1), Weekday::Friday)]);
        assert_eq!(rule.months, [1, 12]);
        let rule = read("FREQ=YEARLY;BYMONTHDAY=1,-1;BYSETPOS=-2;WKST=SU").unwrap();
        assert_eq!((rule.month_days, rule.places), (vec![1, -1], vec![-2]));
        assert_eq!(rule.week_start, Weekday::Sunday);
    }

    #[test]
    fn an_end_is_a_day_an_hour_there_or_a_moment() {
        let last = |until: &str| read(&format!("FREQ=DAILY;UNTIL={until}")).map(|rule| rule.last);
        assert_eq!(last("20270630"), Ok(Last::Day(date(2027, 6, 30))));
        let at = datetime(2027, 6, 30, 19, 0, 0, 0);
        assert_eq!(last("20270630T190000"), Ok(Last::Local(at)));
        assert_eq!(last("20270630T190000Z"), Ok(Last::Utc(at)));
        for wrong in ["2027-06-30", "20270631", "20270630T1900", "20270630T250000", "30062027x"] {
            assert!(matches!(last(wrong), Err(RuleError::Value { part: "UNTIL", .. })), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_rule_for_people_is_refused_by_name() {
        for (rule, words) in [
            ("DAILY", "is not a part"),
            ("", "is not a part"),
            ("FREQ=SECONDLY", "FREQ is one of"),
            ("COUNT=3", "FREQ is missing"),
            ("FREQ=DAILY;BYHOUR=1,2", "'BYHOUR' is not one of"),
            ("FREQ=YEARLY;BYWEEKNO=20", "'BYWEEKNO' is not one of"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a number"),
            ("FREQ=DAILY;COUNT=501", "COUNT is a number"),
            ("FREQ=DAILY;COUNT=+5", "COUNT is a number"),
            ("FREQ=DAILY;COUNT=2;COUNT=3", "COUNT comes twice"),
            ("FREQ=DAILY;COUNT=2;UNTIL=20270630", "not both"),
            ("FREQ=WEEKLY;BYDAY=1TU", "BYDAY has numbers"),
            ("FREQ=MONTHLY;BYDAY=6TU", "at most five"),
            ("FREQ=WEEKLY;BYDAY=TX", "BYDAY is days"),
            ("FREQ=WEEKLY;BYMONTHDAY=3", "does not go with"),
            ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY is days"),
            ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs"),
            ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH is months"),
        ] {
            let error = read(rule).unwrap_err().to_string();
            assert!(error.contains(words), "{rule}: {error}");
        }
    }
}
