//! When gatherings meet: series whose clocks change, and rules of every sort.
//!
//! The moments are those of our own fold: a second implementation, with a library and a copy of the
//! time zone database that are not ours, must find the same.

use serde::Serialize;
use weft_protocol::body::gathering::Times;
use weft_protocol::fold::series;
use weft_protocol::time::Timestamp;

use super::folder;

/// How many meetings of a series are written down.
const SHOWN: usize = 40;

/// The name of the file.
const FILE: &str = "series.json";

#[derive(Debug, Serialize)]
struct Case {
    zone: &'static str,
    start: u64,
    end: u64,
    rrule: String,
    /// Begin and end of the first of them.
    meetings: Vec<(u64, u64)>,
}

/// Where and when a series begins, and for how many seconds.
const BEGINNINGS: &[(&str, u64, u64)] = &[
    ("America/New_York", 1_799_366_400, 7200),
    ("Africa/Cairo", 1_806_532_200, 5400),
    ("Asia/Beirut", 1_805_580_000, 86_400),
    ("America/Santiago", 1_819_512_000, 86_400),
    ("America/Havana", 1_804_392_000, 86_400),
    ("Australia/Lord_Howe", 1_821_368_700, 3600),
    ("Europe/London", 1_806_105_600, 86_400),
    // 28 March 2027, a day of 23 hours, and 31 October, one of 25.
    ("Europe/London", 1_806_192_000, 82_800),
    ("Europe/London", 1_824_937_200, 90_000),
    ("Europe/London", 1_824_337_800, 10_800),
    ("Europe/London", 1_806_141_600, 169_200),
    ("Africa/Casablanca", 1_800_844_200, 7200),
    ("America/St_Johns", 1_803_871_860, 7200),
    ("Antarctica/Troll", 1_805_509_800, 7200),
    ("Asia/Kathmandu", 1_801_397_700, 7200),
    ("Pacific/Apia", 1_325_102_400, 3600),
    ("UTC", 1_835_438_400, 7200),
];

const RULES: &[&str] = &[
    "FREQ=DAILY;COUNT=40",
    "FREQ=DAILY;INTERVAL=3;UNTIL=20270630",
    "FREQ=WEEKLY;COUNT=12",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH;WKST=SU;COUNT=20",
    "FREQ=MONTHLY;COUNT=14",
    "FREQ=MONTHLY;BYDAY=1TH,-1SU;COUNT=14",
    "FREQ=MONTHLY;BYMONTHDAY=-1,15;COUNT=14",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=12",
    "FREQ=YEARLY;COUNT=3",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU;COUNT=6",
    "FREQ=YEARLY;BYDAY=20MO;COUNT=3",
    "FREQ=DAILY;BYMONTH=3,4,10,11;BYDAY=SA,SU;COUNT=30",
    "FREQ=DAILY;UNTIL=20270630T190000",
    "FREQ=DAILY;UNTIL=20270405T220000Z",
];

/// Returns the text of the file.
///
/// # Panics
/// Never: the rules and the zones are ones.
pub(super) fn text() -> String {
    let case = |(zone, start, length): (&'static str, u64, u64), rule: &&str| {
        let times = Times {
            start,
            end: start + length,
            zone: zone.parse().expect("a tag"),
            rrule: Some((*rule).to_owned().try_into().expect("a rule")),
        };
        let meetings = series::meetings(&times, Timestamp::NEVER).expect("a zone and a rule");
        let meetings = meetings.iter().take(SHOWN);
        let meetings = meetings.map(|meeting| (meeting.start.as_secs(), meeting.end.as_secs()));
        let rrule = (*rule).to_owned();
        Case { zone, start, end: times.end, rrule, meetings: meetings.collect() }
    };
    let cases = BEGINNINGS.iter().flat_map(|begins| RULES.iter().map(|rule| case(*begins, rule)));
    let lines: Vec<String> = cases
        .map(|case| serde_json::to_string(&case).expect("numbers and texts have a JSON form"))
        .collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// Returns where the file stands in the tree.
pub(super) fn path() -> std::path::PathBuf {
    folder().join(FILE)
}
