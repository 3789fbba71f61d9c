//! Moments for people: how far away they are; and for programs: exactly.

use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use weft_protocol::fold::zone;
use weft_protocol::time::Timestamp;

use crate::words::{Say, Speech};

/// Returns how far a moment is from now: "in 12 days", "3 hours ago", "now".
pub(crate) fn relative(then: Timestamp, now: Timestamp, speech: Speech) -> String {
    if then == Timestamp::NEVER {
        return speech.say(&Say::Never);
    }
    let (distance, past) = (then.distance(now), then < now);
    if distance < Duration::from_secs(60) {
        return speech.say(&Say::Now);
    }
    let seconds = distance.as_secs();
    let (step, unit) = STEPS.into_iter().rfind(|(step, _)| seconds >= *step).unwrap_or(STEPS[0]);
    // To the nearest: what ends in 13 days and 23 hours ends in 14 days.
    let count = (seconds + step / 2) / step;
    speech.say(&if past { Say::Ago { count, unit } } else { Say::Ahead { count, unit } })
}

/// Returns how long something is: "61 minutes", "5 hours", "3 days".
pub(crate) fn length(duration: Duration, speech: Speech) -> String {
    // Of less than two of a unit people count the smaller ones: an hour and a half is 90 minutes.
    let seconds = (duration.as_secs() + 30) / 60 * 60;
    let fits = |(step, _): &(u64, Unit)| seconds >= 2 * step;
    let (step, unit) = STEPS.into_iter().rfind(fits).unwrap_or(STEPS[0]);
    speech.count((seconds + step / 2) / step, unit)
}

/// A clock on a wall: a time zone, and what is said of it beside an hour.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    zone: TimeZone,
    name: Option<String>,
}

impl Clock {
    /// The clock of this machine. Its zone goes without saying, except UTC: servers have it, and
    /// nobody lives there.
    pub(crate) fn here() -> Self {
        let zone = TimeZone::system();
        let nowhere = zone.is_unknown()
            || zone.iana_name().is_some_and(|name| name == "UTC" || name == "Etc/UTC");
        Self { zone, name: nowhere.then(|| "UTC".to_owned()) }
    }

    /// The clock of this IANA zone; that of this machine, when there is no such zone.
    pub(crate) fn of(zone: &str) -> Self {
        match zone::zone(zone) {
            Some((name, zone)) => Self { zone, name: Some(name.to_owned()) },
            None => Self::here(),
        }
    }

    /// Returns its zone.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Returns the IANA name of its zone, if it has one; a machine may keep a zone without its name, or
    /// know of none and go by UTC.
    pub(crate) fn zone_name(&self) -> Option<&str> {
        self.zone.iana_name().filter(|name| zone::zone(name).is_some())
    }

    /// Returns the day and the hour of a moment, and how far away it is: "Thu 7 Jan 2027, 19:00
    /// Europe/London (in 2 months)".
    pub(crate) fn date(&self, then: Timestamp, now: Timestamp, speech: Speech) -> String {
        let away = relative(then, now, speech);
        let seconds = i64::try_from(then.as_secs()).ok();
        let Some(exact) = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok()) else {
            return away;
        };
        let day = speech.day_and_hour(self.zone.to_datetime(exact));
        let name = self.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{day}{name} ({away})")
    }
}

/// Returns the day and the hour of a moment by the clock of this machine, and how far away it is now.
pub(crate) fn date(then: Timestamp, speech: Speech) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Clock::here().date(then, Timestamp::ZERO + now, speech)
}

/// Returns a moment as programs read it (RFC 3339); `None` for the end of what never ends.
pub(crate) fn exact(moment: Timestamp) -> Option<String> {
    let seconds = i64::try_from(moment.as_secs()).ok()?;
    jiff::Timestamp::from_second(seconds).ok().map(|exact| exact.to_string())
}

/// A unit in which people count time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// 60 seconds.
    Minutes,
    /// 60 minutes.
    Hours,
    /// 24 hours.
    Days,
    /// 30 days.
    Months,
    /// 365 days.
    Years,
}

/// From how many seconds on a unit is used.
const STEPS: [(u64, Unit); 5] = [
    (60, Unit::Minutes),
    (3600, Unit::Hours),
    (86_400, Unit::Days),
    (30 * 86_400, Unit::Months),
    (365 * 86_400, Unit::Years),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(then: u64, speech: Speech) -> String {
        relative(Timestamp::from_secs(then), Timestamp::from_secs(10_000_000), speech)
    }

    #[test]
    fn people_read_how_far_away_it_is() {
        assert_eq!(said(10_000_000 + 12 * 86_400 + 5, Speech::English), "in 12 days");
        assert_eq!(said(10_000_000 - 3 * 3600, Speech::English), "3 hours ago");
        assert_eq!(said(10_000_000 - 3600, Speech::English), "1 hour ago");
        assert_eq!(said(10_000_010, Speech::English), "now");
        assert_eq!(said(10_000_000 + 86_400, Speech::Spanish), "en 1 día");
        assert_eq!(relative(Timestamp::NEVER, Timestamp::ZERO, Speech::English), "never");
    }

    #[test]
    fn people_read_how_long_it_is() {
        let said = |seconds| length(Duration::from_secs(seconds), Speech::English);
        assert_eq!(
            [600, 3660, 7200, 172_800].map(said),
            ["10 minutes", "61 minutes", "2 hours", "2 days"]
        );
        assert_eq!(length(Duration::from_secs(7199), Speech::Spanish), "2 horas");
    }

    #[test]
    fn people_read_the_day_and_the_hour_of_the_zone_they_meet_in() {
        let (then, now) =
            (Timestamp::from_secs(1_799_348_400), Timestamp::from_secs(1_799_000_000));
        let london = Clock { zone: TimeZone::UTC, name: Some("Europe/London".to_owned()) };
        assert_eq!(
            london.date(then, now, Speech::English),
            "Thu 7 Jan 2027, 19:00 Europe/London (in 4 days)"
        );
        let here = Clock { zone: TimeZone::fixed(jiff::tz::offset(1)), name: None };
        assert_eq!(here.date(then, now, Speech::Spanish), "jue 7 ene 2027, 20:00 (en 4 días)");
        assert_eq!(here.date(Timestamp::NEVER, now, Speech::English), "never");
    }

    #[test]
    fn programs_read_it_exactly() {
        let moment = Timestamp::from_secs(1_798_070_400);
        assert_eq!(exact(moment).as_deref(), Some("2026-12-24T00:00:00Z"));
        assert_eq!(exact(Timestamp::NEVER), None);
    }
}
