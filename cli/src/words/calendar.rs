//! Days and hours as people write them.

use jiff::civil::DateTime;

use super::Speech;

/// From Monday on.
const ENGLISH_DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SPANISH_DAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];

const ENGLISH_MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SPANISH_MONTHS: [&str; 12] =
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

impl Speech {
    /// Returns a day and an hour: "Thu 7 Jan 2027, 19:00".
    pub(crate) fn day_and_hour(self, at: DateTime) -> String {
        let (days, months) = match self {
            Self::English => (ENGLISH_DAYS, ENGLISH_MONTHS),
            Self::Spanish => (SPANISH_DAYS, SPANISH_MONTHS),
        };
        let name = |names: &[&'static str], place: i8| {
            usize::try_from(place).ok().and_then(|place| names.get(place).copied())
        };
        let day = name(&days, at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let month = name(&months, at.month() - 1).unwrap_or_default();
        format!("{day} {} {month} {}, {:02}:{:02}", at.day(), at.year(), at.hour(), at.minute())
    }
}
