//! How a gathering repeats, in words: "every Thursday, 8 times".

use jiff::civil::{Date, DateTime, Weekday};
use weft_protocol::fold::rule::{Frequency, Last, NthWeekday, Rule, RuleError};

use super::Speech;

/// Days of the week in full, from Monday on.
const DAYS: [(&str, &str); 7] = [
    ("Monday", "lunes"),
    ("Tuesday", "martes"),
    ("Wednesday", "miércoles"),
    ("Thursday", "jueves"),
    ("Friday", "viernes"),
    ("Saturday", "sábado"),
    ("Sunday", "domingo"),
];

/// Months in full.
const MONTHS: [(&str, &str); 12] = [
    ("January", "enero"),
    ("February", "febrero"),
    ("March", "marzo"),
    ("April", "abril"),
    ("May", "mayo"),
    ("June", "junio"),
    ("July", "julio"),
    ("August", "agosto"),
    ("September", "septiembre"),
    ("October", "octubre"),
    ("November", "noviembre"),
    ("December", "diciembre"),
];

/// The first few places, as people count them.
const PLACES: [(&str, &str); 5] = [
    ("first", "primer"),
    ("second", "segundo"),
    ("third", "tercer"),
    ("fourth", "cuarto"),
    ("fifth", "quinto"),
];

impl Speech {
    /// Says how a gathering repeats that begins on this day.
    pub(crate) fn repeats(self, rule: &Rule, first: Date) -> String {
        let mut said = self.period(rule, first);
        if !rule.months.is_empty() {
            let months = rule.months.iter().map(|month| self.month(*month).to_owned());
            let months = self.listed(months.collect());
            said += &self.pick(format!(" in {months}"), format!(" en {months}"));
        }
        if !rule.places.is_empty() {
            let places = rule.places.iter().map(|place| self.nth((*place).into()));
            let places = self.listed(places.collect());
            said += &self.pick(
                format!(", of these days the {places}"),
                format!(", de esos días el {places}"),
            );
        }
        said + &self.ending(rule.last)
    }

    /// Says why something is no rule.
    pub(crate) fn no_rule(self, error: &RuleError) -> String {
        if self == Self::English {
            return error.to_string();
        }
        match error {
            RuleError::NoPart(part) => format!("'{part}' no es una parte como FREQ=WEEKLY"),
            RuleError::UnknownPart(part) => format!(
                "'{part}' no es una de FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST"
            ),
            RuleError::Twice(part) => format!("{part} está dos veces"),
            RuleError::Value { part, value, .. } => {
                let wanted = match *part {
                    "FREQ" => "DAILY, WEEKLY, MONTHLY o YEARLY",
                    "UNTIL" => "un día como 20270630, o 20270630T190000, con Z detrás si es UTC",
                    "BYDAY" => "días como MO,TH o 1TU,-1FR",
                    "BYMONTHDAY" => "días del 1 al 31, o del -1 al -31 desde el final del mes",
                    "BYMONTH" => "meses del 1 al 12",
                    "BYSETPOS" => "lugares como 1 o -1",
                    "WKST" => "MO, TU, WE, TH, FR, SA o SU",
                    _ => "un número del 1 al 500",
                };
                format!("{part} es {wanted}, y no '{value}'")
            }
            RuleError::NoFrequency => "falta FREQ: FREQ=DAILY, WEEKLY, MONTHLY o YEARLY".to_owned(),
            RuleError::CountAndUntil => "una serie tiene COUNT o UNTIL, no los dos".to_owned(),
            RuleError::NumberedDays => {
                "BYDAY lleva números, como 1TU, solo con FREQ=MONTHLY o FREQ=YEARLY".to_owned()
            }
            RuleError::SixthDay => {
                "un mes tiene como mucho cinco de cada día de la semana".to_owned()
            }
            RuleError::DaysOfWeeks => "BYMONTHDAY no va con FREQ=WEEKLY".to_owned(),
            RuleError::PlacesAlone => "BYSETPOS necesita BYDAY, BYMONTHDAY o BYMONTH".to_owned(),
        }
    }

    fn period(self, rule: &Rule, first: Date) -> String {
        let (weekdays, days) = (&rule.weekdays, &rule.month_days);
        let interval = rule.interval;
        let plain = weekdays.iter().all(|day| day.nth.is_none());
        let every = match (rule.frequency, interval) {
            (Frequency::Daily | Frequency::Weekly, 1) if !weekdays.is_empty() && plain => {
                let names = weekdays.iter().map(|day| self.weekday(day.weekday));
                let names = self.listed(names.collect());
                return self.pick(format!("every {names}"), format!("cada {names}"))
                    + &self.on_days(days);
            }
            (Frequency::Weekly, 1) => {
                let day = self.weekday(first.weekday());
                return self.pick(format!("every {day}"), format!("cada {day}"));
            }
            (Frequency::Daily, 1) => self.pick("every day", "cada día"),
            (Frequency::Weekly, n) => {
                self.pick(format!("every {n} weeks"), format!("cada {n} semanas"))
            }
            (Frequency::Daily, n) => self.pick(format!("every {n} days"), format!("cada {n} días")),
            (Frequency::Monthly, 1) => self.pick("every month", "cada mes"),
            (Frequency::Monthly, n) => {
                self.pick(format!("every {n} months"), format!("cada {n} meses"))
            }
            (Frequency::Yearly, 1) => self.pick("every year", "cada año"),
            (Frequency::Yearly, n) => {
                self.pick(format!("every {n} years"), format!("cada {n} años"))
            }
        };
        let named = !weekdays.is_empty() || !days.is_empty();
        every
            + &match rule.frequency {
                _ if named => self.on_weekdays(weekdays) + &self.on_days(days),
                Frequency::Daily => String::new(),
                Frequency::Weekly => {
                    let day = self.weekday(first.weekday());
                    self.pick(format!(" on {day}"), format!(" el {day}"))
                }
                Frequency::Monthly => self.on_days(&[first.day()]),
                Frequency::Yearly if !rule.months.is_empty() => self.on_days(&[first.day()]),
                Frequency::Yearly => {
                    let (day, month) = (first.day(), self.month(first.month()));
                    self.pick(format!(" on {day} {month}"), format!(" el {day} de {month}"))
                }
            }
    }

    fn on_weekdays(self, days: &[NthWeekday]) -> String {
        if days.is_empty() {
            return String::new();
        }
        let names = days.iter().map(|day| {
            let name = self.weekday(day.weekday);
            match day.nth {
                None => self.pick(name.clone(), format!("el {name}")),
                Some(nth) => {
                    let nth = self.nth(nth.into());
                    self.pick(format!("the {nth} {name}"), format!("el {nth} {name}"))
                }
            }
        });
        let names = self.listed(names.collect());
        self.pick(format!(" on {names}"), format!(" {names}"))
    }

    fn on_days(self, days: &[i8]) -> String {
        if days.is_empty() {
            return String::new();
        }
        let names = days.iter().map(|day| match *day {
            day @ 1.. => self.pick(format!("day {day}"), format!("el día {day}")),
            day => {
                let nth = self.nth(day.into());
                self.pick(format!("the {nth} day"), format!("el {nth} día"))
            }
        });
        let names = self.listed(names.collect());
        self.pick(format!(" on {names}"), format!(" {names}"))
    }

    /// Says which of several, counted from the end when the number is negative.
    fn nth(self, number: i32) -> String {
        let from = number.unsigned_abs();
        let place = usize::try_from(from).ok().and_then(|from| PLACES.get(from.checked_sub(1)?));
        let place = match place {
            Some((english, spanish)) => self.pick(*english, *spanish),
            None => self.pick(format!("{from}th"), format!("{from}.º")),
        };
        match number {
            1.. => place,
            -1 => self.pick("last", "último"),
            _ => self.pick(format!("{place} last"), format!("{place} último")),
        }
    }

    fn ending(self, last: Last) -> String {
        match last {
            Last::Open => String::new(),
            Last::Count(1) => self.pick(", once", ", una vez"),
            Last::Count(n) => self.pick(format!(", {n} times"), format!(", {n} veces")),
            Last::Day(day) => self.until(self.day(day)),
            Last::Local(at) => self.until(self.day_and_hour(at)),
            Last::Utc(at) => self.until(format!("{} UTC", self.day_and_hour(at))),
        }
    }

    fn until(self, when: String) -> String {
        self.pick(format!(", until {when}"), format!(", hasta {when}"))
    }

    fn day(self, day: Date) -> String {
        let at: DateTime = day.at(0, 0, 0, 0);
        let said = self.day_and_hour(at);
        said.split(',').next().unwrap_or_default().to_owned()
    }

    /// Joins words as people list them.
    fn listed(self, mut words: Vec<String>) -> String {
        let Some(last) = words.pop() else { return String::new() };
        if words.is_empty() {
            return last;
        }
        format!("{} {} {last}", words.join(", "), self.pick("and", "y"))
    }

    fn weekday(self, day: Weekday) -> String {
        let place = usize::try_from(day.to_monday_zero_offset()).ok();
        let (english, spanish) = place.and_then(|day| DAYS.get(day)).copied().unwrap_or_default();
        self.pick(english, spanish)
    }

    fn month(self, month: i8) -> String {
        let place = usize::try_from(month - 1).ok();
        let (english, spanish) = place.and_then(|m| MONTHS.get(m)).copied().unwrap_or_default();
        self.pick(english, spanish)
    }

    fn pick(self, english: impl Into<String>, spanish: impl Into<String>) -> String {
        match self {
            Self::English => english.into(),
            Self::Spanish => spanish.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_rule_reads_as_people_say_it() {
        for (rule, english, spanish) in [
            ("FREQ=WEEKLY;BYDAY=TH;COUNT=8", "every Thursday, 8 times", "cada jueves, 8 veces"),
            ("FREQ=WEEKLY", "every Thursday", "cada jueves"),
            (
                "FREQ=WEEKLY;BYDAY=MO,WE,FR",
                "every Monday, Wednesday and Friday",
                "cada lunes, miércoles y viernes",
            ),
            ("FREQ=WEEKLY;INTERVAL=2", "every 2 weeks on Thursday", "cada 2 semanas el jueves"),
            ("FREQ=DAILY;COUNT=30", "every day, 30 times", "cada día, 30 veces"),
            ("FREQ=DAILY;INTERVAL=3", "every 3 days", "cada 3 días"),
            ("FREQ=MONTHLY", "every month on day 7", "cada mes el día 7"),
            (
                "FREQ=MONTHLY;BYDAY=1TH,3TH",
                "every month on the first Thursday and the third Thursday",
                "cada mes el primer jueves y el tercer jueves",
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR",
                "every month on the last Friday",
                "cada mes el último viernes",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=1,-1",
                "every month on day 1 and the last day",
                "cada mes el día 1 y el último día",
            ),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-2",
                "every month on Monday and Tuesday, of these days the second last",
                "cada mes el lunes y el martes, de esos días el segundo último",
            ),
            ("FREQ=YEARLY", "every year on 7 January", "cada año el 7 de enero"),
            (
                "FREQ=YEARLY;BYMONTH=4,10",
                "every year on day 7 in April and October",
                "cada año el día 7 en abril y octubre",
            ),
            (
                "FREQ=WEEKLY;UNTIL=20270630",
                "every Thursday, until Wed 30 Jun 2027",
                "cada jueves, hasta mié 30 jun 2027",
            ),
        ] {
            let rule: Rule = rule.parse().unwrap();
            let first = date(2027, 1, 7);
            assert_eq!(Speech::English.repeats(&rule, first), english);
            assert_eq!(Speech::Spanish.repeats(&rule, first), spanish);
        }
    }

    #[test]
    fn what_is_no_rule_is_said_in_spanish_too() {
        for rule in [
            "DAILY",
            "FREQ=SECONDLY",
            "COUNT=3",
            "FREQ=DAILY;BYHOUR=1",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=2;COUNT=3",
            "FREQ=DAILY;COUNT=2;UNTIL=20270630",
            "FREQ=WEEKLY;BYDAY=1TU",
            "FREQ=MONTHLY;BYDAY=6TU",
            "FREQ=WEEKLY;BYMONTHDAY=3",
            "FREQ=MONTHLY;BYSETPOS=1",
        ] {
            let error = rule.parse::<Rule>().unwrap_err();
            assert_ne!(Speech::Spanish.no_rule(&error), error.to_string(), "{rule}");
        }
    }
}
