//! Gatherings for people: as a list, one as a whole, and who facilitates next.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::gathering::{Gathering, Times};
use weft_protocol::control::AnswerState;
use weft_protocol::fold::gathering::{Phase, facilitator};
use weft_protocol::fold::rule::Rule;
use weft_protocol::fold::series::{self, Meeting};
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::ledger::{Convening, Minuted, Turn, Want};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::commands::gathering_minutes::minutes_of;
use crate::desk::Desk;
use crate::door::Door;
use crate::examine::waits;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::show::call::answers_table;
use crate::show::directory::Directory;
use crate::show::page::quoted;
use crate::show::when::{Clock, relative};
use crate::show::{json as shapes, minutes};
use crate::words::{Listed, Word};

/// How many meetings of a gathering are shown: a turn of most rotations.
pub(crate) const SHOWN_MEETINGS: usize = 5;

/// Says whether a gathering will not be.
pub(crate) fn is_off(state: &Convening) -> bool {
    matches!(state.state.phase, Phase::Cancelled | Phase::Lapsed | Phase::Expired)
}

/// Shows gatherings, one a line.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    (all, over): (&[(Record, Convening)], bool),
) -> Result<Exit> {
    if !desk.wants_past((all, over), |(r, s)| shape(r, s), Listed::Gatherings)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let due = waits::due(door, None)?;
    let is_due =
        |thing: ThingId| due.iter().any(|due| due.want == Want::Hosting && due.about == thing);
    let headings = [Word::Id, Word::Kind, Word::Title, Word::By, Word::State, Word::Next];
    let rows = all.iter().filter_map(|(record, state)| {
        let gathering = gathering_of(record)?;
        Some([
            record.thing().short(),
            desk.speech.term(&spelt(&gathering.kind)),
            gathering.title.in_any(&languages).1.to_owned(),
            directory.name(record.net()),
            with_wants(desk, standing(desk, state.state.phase), is_due(record.thing())),
            turn(&directory, state, |start| relative(start, desk.now(), desk.speech)),
        ])
    });
    desk.table(headings, rows)
}

/// Says beside how far a gathering has come that it, or minutes of it, wait for a network that lives here.
fn with_wants(desk: &Desk, standing: String, is_due: bool) -> String {
    if is_due { format!("{standing}, {}", desk.speech.word(Word::YourSignature)) } else { standing }
}

/// Shows the next meetings, of each gathering at most so many, the first one first.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn next(
    desk: &Desk,
    door: &Door,
    all: &[(Record, Convening)],
    most: usize,
) -> Result<Exit> {
    let turns = |record: &Record, state: &Convening| coming(record, state, desk.now(), most);
    let with_turns = |(record, state): &(Record, Convening)| {
        let mut value = shape(record, state);
        if let Value::Object(map) = &mut value {
            map.insert("coming".to_owned(), turns(record, state).iter().map(turn_shape).collect());
        }
        value
    };
    if !desk.wants_table(all, with_turns)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let headings = [Word::When, Word::Title, Word::Facilitates, Word::Id];
    let mut rows: Vec<(Timestamp, [String; 4])> = Vec::new();
    for (record, state) in all {
        let Some(gathering) = gathering_of(record) else { continue };
        rows.extend(turns(record, state).iter().map(|turn| {
            let row = [
                desk.date_in(gathering.times.zone.as_str(), turn.start),
                gathering.title.in_any(&languages).1.to_owned(),
                turn.facilitator.map(|net| directory.name(net)).unwrap_or_default(),
                record.thing().short(),
            ];
            (turn.start, row)
        }));
    }
    rows.sort_by_key(|(start, _)| *start);
    desk.table(headings, rows.into_iter().map(|(_, row)| row))
}

/// Says how a gathering repeats, if it does.
fn repeats(desk: &Desk, times: &Times) -> Option<String> {
    let rule = times.rrule.as_ref()?;
    let first = i64::try_from(times.start).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    let day = Clock::of(times.zone.as_str()).zone().to_datetime(first?).date();
    let read = rule.as_str().parse::<Rule>();
    Some(read.map_or_else(|_| rule.as_str().to_owned(), |rule| desk.speech.repeats(&rule, day)))
}

/// Returns the meetings that are under way or to come, so many of them, and who facilitates each.
fn coming(record: &Record, state: &Convening, now: Timestamp, most: usize) -> Vec<Turn> {
    let Some(gathering) = gathering_of(record).filter(|_| !is_off(state)) else {
        return Vec::new();
    };
    let meetings = series::calendar(&gathering.times, record.header().until).into_iter();
    let turn = |meeting: Meeting| Turn {
        number: u16::try_from(meeting.number).unwrap_or(u16::MAX),
        start: meeting.start,
        end: meeting.end,
        facilitator: facilitator(&gathering.facilitation, meeting.number),
    };
    meetings.filter(|meeting| meeting.end > now).take(most).map(turn).collect()
}

/// Returns when it meets next, in these words, and who facilitates.
fn turn(
    directory: &Directory,
    state: &Convening,
    words: impl FnOnce(Timestamp) -> String,
) -> String {
    let Some(turn) = state.next.filter(|_| !is_off(state)) else { return String::new() };
    said(directory, &turn, words(turn.start))
}

/// Says when a meeting is, in these words, and who facilitates it.
fn said(directory: &Directory, turn: &Turn, when: String) -> String {
    match turn.facilitator {
        Some(net) => format!("{when}, {}", directory.name(net)),
        None => when,
    }
}

/// Says how far a gathering, or minutes, have come.
pub(crate) fn standing(desk: &Desk, phase: Phase) -> String {
    desk.speech
        .word(match phase {
            Phase::Announced => Word::Announced,
            Phase::Changed => Word::Changed,
            Phase::Held => Word::Held,
            Phase::Agreed => Word::Agreed,
            Phase::Cancelled => Word::Cancelled,
            Phase::Lapsed => Word::Lapsed,
            Phase::Expired => Word::Expired,
        })
        .to_owned()
}

/// Shows one gathering, its minutes and the answers to it.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn whole(
    desk: &Desk,
    door: &Door,
    (record, state): (&Record, &Convening),
    answers: &[(Record, AnswerState)],
    written: &[(Record, Minuted)],
) -> Result<Exit> {
    if desk.json {
        let mut value = shapes::with_answers(shape(record, state), answers);
        if let Value::Object(map) = &mut value {
            let all = written.iter().map(|(record, minuted)| minutes::shape(record, minuted));
            map.insert("minutes".to_owned(), all.collect());
            let turns = coming(record, state, desk.now(), SHOWN_MEETINGS);
            map.insert("coming".to_owned(), turns.iter().map(turn_shape).collect());
        }
        desk.answer(&value)?;
        return Ok(Exit::Done);
    }
    let Some(gathering) = gathering_of(record) else { return Ok(Exit::Failed) };
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    desk.line(gathering.title.in_any(&languages).1)?;
    desk.facts(facts(desk, &directory, (record, gathering, state)))?;
    if let Some(text) = &gathering.text {
        desk.line(format!("\n{}", quoted(text.in_any(&languages).1)))?;
    }
    for one in written {
        desk.line("")?;
        desk.facts(minutes::facts(desk, &directory, gathering, one))?;
    }
    let is_minutes = |record: &Record| minutes_of(record).is_some();
    let answers: Vec<_> =
        answers.iter().filter(|(record, _)| !is_minutes(record)).cloned().collect();
    if let Some(table) = answers_table((desk, &directory), record.thing(), &answers, None) {
        desk.line(format!("\n{table}"))?;
    }
    Ok(Exit::Done)
}

pub(crate) fn names(directory: &Directory, nets: &[NetId]) -> String {
    nets.iter().map(|net| directory.name(*net)).collect::<Vec<_>>().join(", ")
}

fn facts(
    desk: &Desk,
    directory: &Directory,
    (record, gathering, state): (&Record, &Gathering, &Convening),
) -> Vec<(Word, String)> {
    let languages = desk.languages();
    let times = &gathering.times;
    let date = |at: Timestamp| desk.date_in(times.zone.as_str(), at);
    let start = date(Timestamp::from_secs(times.start));
    let repeats = repeats(desk, times).map(|words| format!(", {words}"));
    let agenda = gathering.agenda.iter().map(|item| item.in_any(&languages).1);
    let spoken = gathering.languages.iter().map(|lang| lang.as_str());
    let next = coming(record, state, desk.now(), SHOWN_MEETINGS).into_iter();
    let next: Vec<String> = next.map(|turn| said(directory, &turn, date(turn.start))).collect();
    let waiting: Vec<NetId> = state.state.unaccepted.iter().copied().collect();
    let concerns: Vec<String> = state.state.concerns.iter().map(|id| id.short()).collect();
    vec![
        (Word::Id, record.thing().to_string()),
        (Word::Kind, desk.speech.term(&spelt(&gathering.kind))),
        (Word::By, directory.name(record.net())),
        (Word::Hosts, names(directory, &gathering.hosts)),
        (Word::State, standing(desk, state.state.phase)),
        (Word::Missing, names(directory, &waiting)),
        (Word::Concerns, concerns.join(", ")),
        (Word::When, format!("{start}{}", repeats.unwrap_or_default())),
        (Word::Next, next.join("\n")),
        (Word::Places, gathering.place.as_ref().map(ToString::to_string).unwrap_or_default()),
        (Word::Languages, spoken.collect::<Vec<_>>().join(", ")),
        (
            Word::Access,
            gathering
                .access
                .as_ref()
                .map(|a| a.in_any(&languages).1.to_owned())
                .unwrap_or_default(),
        ),
        (Word::Facilitates, names(directory, &gathering.facilitation)),
        (Word::Agenda, agenda.collect::<Vec<_>>().join("\n")),
    ]
}

fn turn_shape(turn: &Turn) -> Value {
    json!({
        "number": turn.number,
        "start": shapes::moment(turn.start),
        "end": shapes::moment(turn.end),
        "facilitator": turn.facilitator,
    })
}

fn shape(record: &Record, convening: &Convening) -> Value {
    let mut value = shapes::plain(&convening.state);
    let next = convening.next.as_ref().map(turn_shape);
    if let Value::Object(map) = &mut value {
        map.insert("meetings".to_owned(), json!(convening.meetings));
        map.insert("minutes".to_owned(), json!(convening.minutes));
        map.insert("next".to_owned(), json!(next));
    }
    shapes::with_state(record, value)
}

/// Returns the gathering that a record is.
pub(crate) fn gathering_of(record: &Record) -> Option<&Gathering> {
    match record.body() {
        Body::Gathering(gathering) => Some(gathering),
        _ => None,
    }
}
