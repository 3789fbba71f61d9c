//! What people have in other programs: tables of spreadsheets, and rules and texts of calendars.

use weft::{Table, escaped, put};
use weft_protocol::body::gathering::Times;
use weft_protocol::body::text::Text;
use weft_protocol::fold::series::{MEETINGS_MAX, calendar, meetings};
use weft_protocol::time::Timestamp;

use crate::{text, texts};

/// The column that is looked for.
const NAMES: [&str; 2] = ["name", "nombre"];

/// The most bytes of a line of a calendar, without its end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;

/// Reads bytes as a table, as a rule, and as words that come into a calendar.
pub fn tries(bytes: &[u8]) -> bool {
    let is_table = table(bytes);
    let Some(text) = text(bytes) else { return is_table };
    let is_rule = series(text);
    folds(text);
    is_table || is_rule
}

/// A table is the same when it is written in the usual form.
fn table(bytes: &[u8]) -> bool {
    let Ok(table) = Table::read(bytes, &NAMES) else { return false };
    let at = table.column(&NAMES).expect("a table has the column for which it was read");
    let lines: Vec<usize> = table.rows().iter().map(|(line, _)| *line).collect();
    assert!(lines.is_sorted_by(|a, b| a < b), "each row begins at a line of its own: {lines:?}");
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let first: Vec<&str> = (0..=at).map(|n| if n == at { "name" } else { "" }).collect();
    writer.write_record(first).expect("memory takes it");
    for (_, row) in table.rows() {
        writer.write_record(row).expect("memory takes it");
    }
    let written = writer.into_inner().expect("memory takes it");
    let again = Table::read(&written, &NAMES).expect("what was written is read");
    let cells = |table: &Table| Vec::from_iter(table.rows().iter().map(|(_, row)| row.clone()));
    assert_eq!(cells(&again), cells(&table), "what was written is another thing");
    true
}

/// A line names the zone, the next the first meeting, the next the rule.
fn series(text: &str) -> bool {
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (zone, moments, rule) = (next().parse(), next(), next());
    let (start, end) = moments.split_once(' ').unwrap_or((moments, ""));
    let (Ok(zone), Ok(rrule)) = (zone, rule.to_owned().try_into()) else { return false };
    let (start, end) = (start.parse().unwrap_or(0), end.parse().unwrap_or(0));
    let until = Timestamp::from_secs(1_900_000_000);
    let times = Times { start, end, zone, rrule: Some(rrule) };
    assert!(!calendar(&times, until).is_empty(), "what was signed has a first meeting");
    let Ok(all) = meetings(&times, until) else { return false };
    assert!(all.len() <= usize::from(MEETINGS_MAX));
    assert!(
        all.iter()
            .all(|meeting| meeting.start < until && meeting.start >= Timestamp::from_secs(start))
    );
    assert!(all.is_sorted_by(|a, b| a.start < b.start && a.number < b.number));
    !all.is_empty()
}

/// What a record may say comes out of a calendar as it went in.
fn folds(text: &str) {
    let Ok(said) = Text::<3000>::new("en", text) else { return };
    let (_, words) = said.in_any(&[]);
    let mut file = String::new();
    put(&mut file, &format!("SUMMARY:{}", escaped(words)));
    let lines: Vec<&str> =
        file.split_inclusive("\r\n").map(|line| line.trim_end_matches("\r\n")).collect();
    assert!(lines.iter().all(|line| line.len() <= LINE_BYTES_MAX), "{lines:?}");
    let unfolded = file.replace("\r\n ", "");
    let line = unfolded.strip_suffix("\r\n").and_then(|line| line.strip_prefix("SUMMARY:"));
    assert_eq!(line.map(plain).as_deref(), Some(words));
}

/// Undoes what calendars escape (RFC 5545, section 3.3.11).
fn plain(escaped: &str) -> String {
    let (mut plain, mut letters) = (String::new(), escaped.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push('\n'),
                other => plain.extend(other),
            },
            letter => plain.push(letter),
        }
    }
    plain
}

/// Tables in the encodings of spreadsheets, and series of gatherings.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = texts([
        "name,place\nCafé Unión,Cádiz\n",
        "sep=;\nNombre;Lugar\r\n\"Café; \"\"Unión\"\"\";Cádiz\r\n",
        "place\tNAME\nCádiz\t\"Two\nlines\"\n\nLeith\tHarbour\n",
        "\u{feff}name|place\rA|B\r",
        "Europe/London\n1800000000 1800003600\nFREQ=WEEKLY;BYDAY=TU,TH;COUNT=10",
        "America/Los_Angeles\n1800000000 1800090000\nFREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU;UNTIL=20280101",
        "UTC\n1800000000 1800000000\nFREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29,-1;BYSETPOS=1,-1;WKST=SU",
        "Kathmandu, \\ the \u{1f33f}; an assembly of everybody who is willing to come\nand stays\tlonger",
    ]);
    seeds.push(b"nombre;lugar\r\nCaf\xe9 Uni\xf3n;C\xe1diz\r\n".to_vec());
    let wide = "\u{feff}name\tplace\nCafé\tCádiz\n".encode_utf16();
    seeds.push(wide.flat_map(u16::to_le_bytes).collect());
    seeds
}
