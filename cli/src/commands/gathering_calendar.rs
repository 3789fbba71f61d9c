//! Gatherings as a file for calendars (RFC 5545).
//!
//! Each meeting is an event of its own, in UTC: so no calendar needs to know our rules or zones, and
//! whoever facilitates is said of the meeting that it is.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use weft_protocol::body::gathering::Gathering;
use weft_protocol::body::text::Lang;
use weft_protocol::fold::gathering::Phase;
use weft_protocol::fold::series::{self, Meeting};
use weft_protocol::ledger::Convening;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::show::gathering::gathering_of;

/// The most meetings of one gathering in a calendar: two years of a weekly one.
const MEETINGS_MAX: usize = 104;

/// The most bytes of a line (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;

/// Writes the meetings to come of these gatherings as a calendar, to a file or the terminal.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn export(desk: &Desk, all: &[(Record, Convening)], out: Option<&Path>) -> Result<Exit> {
    let text = calendar(all, &desk.languages(), desk.now());
    let events = text.matches("BEGIN:VEVENT").count();
    match out {
        Some(path) => {
            fs::write(path, &text).with_context(|| path.display().to_string())?;
            if desk.json {
                desk.answer(&json!({ "events": events, "file": path }))?;
            }
        }
        None if desk.json => desk.answer(&json!({ "events": events, "calendar": text }))?,
        // The lines have their ends.
        None => desk.line(text.trim_end())?,
    }
    Ok(Exit::Done)
}

fn calendar(all: &[(Record, Convening)], languages: &[Lang], now: Timestamp) -> String {
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Weft//Gatherings//EN"] {
        put(&mut text, line);
    }
    for (record, convening) in all {
        let Some(gathering) = gathering_of(record) else { continue };
        let meetings = series::meetings(&gathering.times, record.header().until);
        let meetings = meetings.unwrap_or_default().into_iter();
        let to_come = meetings.filter(|meeting| meeting.end > now).take(MEETINGS_MAX);
        let off = convening.state.phase == Phase::Cancelled;
        to_come.for_each(|meeting| event(&mut text, (record, gathering, off), meeting, languages));
    }
    put(&mut text, "END:VCALENDAR");
    text
}

fn event(
    text: &mut String,
    (record, gathering, off): (&Record, &Gathering, bool),
    meeting: Meeting,
    languages: &[Lang],
) {
    let words = gathering.text.as_ref().map(|text| text.in_any(languages).1);
    let access = gathering.access.as_ref().map(|text| text.in_any(languages).1);
    let description: Vec<&str> = words.into_iter().chain(access).collect();
    let kind = spelt(&gathering.kind);
    let fields = gathering.fields.iter().map(|field| escaped(field.as_str()));
    let categories: Vec<String> = std::iter::once(kind).chain(fields).collect();
    put(text, "BEGIN:VEVENT");
    put(text, &format!("UID:{}-{}@weft", record.thing(), meeting.number));
    put(text, &format!("SEQUENCE:{}", record.rev()));
    put(text, &format!("DTSTAMP:{}", utc(record.header().at)));
    put(text, &format!("DTSTART:{}", utc(meeting.start)));
    put(text, &format!("DTEND:{}", utc(meeting.end)));
    put(text, &format!("SUMMARY:{}", escaped(gathering.title.in_any(languages).1)));
    if !description.is_empty() {
        put(text, &format!("DESCRIPTION:{}", escaped(&description.join("\n"))));
    }
    if let Some(place) = &gathering.place {
        put(text, &format!("LOCATION:{}", escaped(place.as_str())));
    }
    put(text, &format!("CATEGORIES:{}", categories.join(",")));
    put(text, if off { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
    put(text, "END:VEVENT");
}

/// Writes a moment as `20261122T130000Z`.
fn utc(moment: Timestamp) -> String {
    let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Escapes a text (section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Writes a line, folded where it is too long.
fn put(text: &mut String, line: &str) {
    let mut bytes = 0;
    for c in line.chars() {
        if bytes + c.len_utf8() > LINE_BYTES_MAX {
            text.push_str("\r\n ");
            bytes = 1;
        }
        text.push(c);
        bytes += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_texts_and_long_lines_are_as_calendars_have_them() {
        assert_eq!(utc(Timestamp::from_secs(1_800_000_000)), "20270115T080000Z");
        assert_eq!(escaped("a, b; c\\d\ne"), "a\\, b\\; c\\\\d\\ne");
        let mut text = String::new();
        put(&mut text, &format!("SUMMARY:{}", "ñ".repeat(60)));
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= LINE_BYTES_MAX), "{lines:?}");
        assert_eq!(lines.join("").replace(' ', ""), format!("SUMMARY:{}", "ñ".repeat(60)));
    }
}
