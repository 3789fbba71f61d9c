//! Gatherings as a file for calendars (RFC 5545).
//!
//! Each meeting is an event of its own, in UTC: so no calendar needs to know our rules or zones, and
//! whoever facilitates is said of the meeting that it is.
//!
//! **Invariant:** a meeting keeps its UID as long as the gathering lives, and what a calendar may have
//! taken from an earlier version and is no more comes as cancelled, never as nothing.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use serde_json::json;
use weft_node::file::{self, Readers};
use weft_protocol::body::gathering::Gathering;
use weft_protocol::control::{RecordFilter, Request, Response};
use weft_protocol::fold::gathering::{Phase, facilitator};
use weft_protocol::fold::series::{self, Meeting};
use weft_protocol::id::ThingId;
use weft_protocol::ledger::Convening;
use weft_protocol::record::{Kind, Record};
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::out;
use crate::show::directory::Directory;
use crate::show::gathering::{gathering_of, names};
use crate::show::when::Clock;
use crate::words::Word;

/// The most bytes of a line (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;

/// Writes the meetings to come of these gatherings as a calendar, to a file or the terminal.
///
/// # Errors
/// When the node does not answer, or the file cannot be written.
pub(crate) fn export(
    desk: &Desk,
    door: &Door,
    all: &[(Record, Convening)],
    out: Option<&Path>,
) -> Result<Exit> {
    let paper = Paper { desk, directory: Directory::load(desk, door)? };
    let earlier = earlier(door, all)?;
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Weft//Gatherings//EN"] {
        put(&mut text, line);
    }
    for (record, convening) in all {
        let before = earlier.get(&record.thing()).map(Vec::as_slice).unwrap_or_default();
        paper.events(&mut text, (record, convening), before);
    }
    put(&mut text, "END:VCALENDAR");
    let events = text.matches("BEGIN:VEVENT\r\n").count();
    match out.filter(|path| !out::is_standard(path)) {
        Some(path) => {
            let written = file::replace(path, text.as_bytes(), Readers::Anyone);
            written.with_context(|| path.display().to_string())?;
            if desk.json {
                desk.answer(&json!({ "events": events, "file": path }))?;
            }
        }
        None if desk.json => desk.answer(&json!({ "events": events, "calendar": text }))?,
        // The lines have their ends.
        None => desk.verbatim(text.trim_end())?,
    }
    Ok(Exit::Done)
}

/// Returns the earlier versions of these gatherings that are still here, by thing.
fn earlier(door: &Door, all: &[(Record, Convening)]) -> Result<BTreeMap<ThingId, Vec<Record>>> {
    let mut found: BTreeMap<ThingId, Vec<Record>> = BTreeMap::new();
    let changed: BTreeMap<ThingId, u16> = all
        .iter()
        .filter(|(record, _)| record.rev() > 0)
        .map(|(record, _)| (record.thing(), record.rev()))
        .collect();
    if changed.is_empty() {
        return Ok(found);
    }
    let filter = RecordFilter { kind: Some(Kind::Gathering), ..RecordFilter::default() };
    let records = door.things(&Request::Records(filter), |response| match response {
        Response::Record(view) => Some(view),
        _ => None,
    })?;
    for (record, judgement) in records {
        let shown = changed.get(&record.thing());
        if judgement.void.is_none() && shown.is_some_and(|shown| record.rev() < *shown) {
            found.entry(record.thing()).or_default().push(record);
        }
    }
    Ok(found)
}

/// What events are written with.
struct Paper<'a> {
    desk: &'a Desk,
    directory: Directory,
}

impl Paper<'_> {
    /// Writes the meetings of one gathering that are under way or to come, in this version or in one
    /// that a calendar may have.
    fn events(&self, text: &mut String, of: (&Record, &Convening), before: &[Record]) {
        let Some(gathering) = gathering_of(of.0) else { return };
        let now = self.desk.now();
        let to_come = |meeting: &Meeting| meeting.end > now;
        let mut known: BTreeMap<usize, Meeting> = BTreeMap::new();
        for record in before {
            let meetings = meetings(record).into_iter().filter(to_come);
            known.extend(meetings.map(|meeting| (meeting.number, meeting)));
        }
        let off = of.1.state.phase == Phase::Cancelled;
        for meeting in meetings(of.0) {
            if known.remove(&meeting.number).is_some() || to_come(&meeting) {
                self.event(text, (of.0, gathering, off), meeting);
            }
        }
        for meeting in known.into_values() {
            self.event(text, (of.0, gathering, true), meeting);
        }
    }

    fn event(
        &self,
        text: &mut String,
        (record, gathering, off): (&Record, &Gathering, bool),
        meeting: Meeting,
    ) {
        let languages = self.desk.languages();
        let fields = gathering.fields.iter().map(|field| escaped(field.as_str()));
        let categories: Vec<String> =
            std::iter::once(spelt(&gathering.kind)).chain(fields).collect();
        put(text, "BEGIN:VEVENT");
        put(text, &format!("UID:{}-{}@weft", record.thing(), meeting.number));
        // It rises with each version, and once more when that is cancelled.
        put(text, &format!("SEQUENCE:{}", u32::from(record.rev()) * 2 + u32::from(off)));
        put(text, &format!("DTSTAMP:{}", utc(record.header().at)));
        let zone = Clock::of(gathering.times.zone.as_str()).zone().clone();
        let days = series::lasts_days(&gathering.times) == Some(true);
        for (name, at) in [("DTSTART", meeting.start), ("DTEND", meeting.end)] {
            if days {
                put(text, &format!("{name};VALUE=DATE:{}", civil(at, &zone, "%Y%m%d")));
            } else {
                put(text, &format!("{name}:{}", utc(at)));
            }
        }
        put(text, &format!("SUMMARY:{}", escaped(gathering.title.in_any(&languages).1)));
        let description = self.description(gathering, meeting);
        if !description.is_empty() {
            put(text, &format!("DESCRIPTION:{}", escaped(&description)));
        }
        if let Some(place) = &gathering.place {
            put(text, &format!("LOCATION:{}", escaped(place.as_str())));
        }
        put(text, &format!("CATEGORIES:{}", categories.join(",")));
        put(text, if off { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        put(text, "END:VEVENT");
    }

    /// What people read in their calendar: the words, who facilitates, what is talked about.
    fn description(&self, gathering: &Gathering, meeting: Meeting) -> String {
        let languages = self.desk.languages();
        let word = |word| self.desk.speech.word(word);
        let named = |word_of, said: &str| format!("{}: {said}", word(word_of));
        let mut lines: Vec<String> = Vec::new();
        lines.extend(gathering.text.as_ref().map(|text| text.in_any(&languages).1.to_owned()));
        let turn = facilitator(&gathering.facilitation, meeting.number);
        lines.extend(turn.map(|net| named(Word::Facilitates, &self.directory.name(net))));
        if !gathering.agenda.is_empty() {
            let items = gathering.agenda.iter().map(|item| item.in_any(&languages).1);
            lines.push(format!("{}:", word(Word::Agenda)));
            lines.extend(items.map(|item| format!("- {item}")));
        }
        if !gathering.hosts.is_empty() {
            lines.push(named(Word::Hosts, &names(&self.directory, &gathering.hosts)));
        }
        let access = gathering.access.as_ref();
        lines.extend(access.map(|text| named(Word::Access, text.in_any(&languages).1)));
        lines.join("\n")
    }
}

fn meetings(record: &Record) -> Vec<Meeting> {
    let gathering = gathering_of(record);
    gathering.map(|g| series::calendar(&g.times, record.header().until)).unwrap_or_default()
}

/// Writes a moment as `20261122T130000Z`.
fn utc(moment: Timestamp) -> String {
    civil(moment, &TimeZone::UTC, "%Y%m%dT%H%M%SZ")
}

fn civil(moment: Timestamp, zone: &TimeZone, form: &str) -> String {
    let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    zone.to_datetime(moment).strftime(form).to_string()
}

/// Escapes a text (section 3.3.11).
pub fn escaped(text: &str) -> String {
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
pub fn put(text: &mut String, line: &str) {
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
