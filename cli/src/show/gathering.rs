//! Gatherings for people: as a list, one with its minutes, and who facilitates next.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::gathering::Gathering;
use weft_protocol::control::AnswerState;
use weft_protocol::fold::gathering::{Phase, State};
use weft_protocol::id::NetId;
use weft_protocol::ledger::Convening;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::show::call::answers_table;
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::show::when::relative;
use crate::words::Word;

/// Says whether a gathering will not be.
pub(crate) fn is_off(state: &Convening) -> bool {
    matches!(state.state.phase, Phase::Cancelled | Phase::Lapsed)
}

/// Shows gatherings, one a line; with `minutes`, also what was said in each.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    all: &[(Record, Convening)],
    minutes: bool,
) -> Result<Exit> {
    if !desk.wants_table(all, |(r, s)| shape(r, s))? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let last = if minutes { Word::Minutes } else { Word::Next };
    let headings = [Word::Id, Word::Kind, Word::Title, Word::By, Word::State, last];
    let rows = all.iter().filter_map(|(record, state)| {
        let gathering = gathering_of(record)?;
        let said = gathering.minutes.as_ref().map(|m| m.summary.in_any(&languages).1.to_owned());
        let said = said.unwrap_or_default();
        Some([
            record.thing().short(),
            desk.speech.term(&spelt(&gathering.kind)),
            gathering.title.in_any(&languages).1.to_owned(),
            directory.name(record.net()),
            standing(desk, &state.state),
            if minutes {
                said
            } else {
                turn(&directory, state, |start| relative(start, desk.now(), desk.speech))
            },
        ])
    });
    desk.table(headings, rows)
}

/// Shows the next meetings, the first one first.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn next(desk: &Desk, door: &Door, all: &[(Record, Convening)]) -> Result<Exit> {
    if !desk.wants_table(all, |(r, s)| shape(r, s))? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let headings = [Word::When, Word::Title, Word::Facilitates, Word::Id];
    let rows = all.iter().filter_map(|(record, state)| {
        let (turn, gathering) = (state.next?, gathering_of(record)?);
        Some([
            desk.date_in(gathering.times.zone.as_str(), turn.start),
            gathering.title.in_any(&languages).1.to_owned(),
            turn.facilitator.map(|net| directory.name(net)).unwrap_or_default(),
            record.thing().short(),
        ])
    });
    desk.table(headings, rows)
}

/// Returns when it meets next, in these words, and who facilitates.
fn turn(
    directory: &Directory,
    state: &Convening,
    words: impl FnOnce(Timestamp) -> String,
) -> String {
    let Some(turn) = state.next.filter(|_| !is_off(state)) else { return String::new() };
    let when = words(turn.start);
    match turn.facilitator {
        Some(net) => format!("{when}, {}", directory.name(net)),
        None => when,
    }
}

fn standing(desk: &Desk, state: &State) -> String {
    desk.speech
        .word(match state.phase {
            Phase::Announced => Word::Announced,
            Phase::Changed => Word::Changed,
            Phase::Held => Word::Held,
            Phase::Agreed => Word::Agreed,
            Phase::Cancelled => Word::Cancelled,
            Phase::Lapsed => Word::Lapsed,
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
) -> Result<Exit> {
    if desk.json {
        desk.answer(&shapes::with_answers(shape(record, state), answers))?;
        return Ok(Exit::Done);
    }
    let Some(gathering) = gathering_of(record) else { return Ok(Exit::Failed) };
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    desk.line(gathering.title.in_any(&languages).1)?;
    let rows = facts(desk, &directory, (record, gathering, state));
    let rows = rows.into_iter().chain(minutes(desk, &directory, gathering));
    desk.facts(rows)?;
    if let Some(text) = &gathering.text {
        desk.line(format!("\n{}", text.in_any(&languages).1))?;
    }
    if let Some(table) = answers_table(desk, &directory, answers) {
        desk.line(format!("\n{table}"))?;
    }
    Ok(Exit::Done)
}

fn names(directory: &Directory, nets: &[NetId]) -> String {
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
    let repeats = times.rrule.as_ref().map(|rule| format!(", {}", rule.as_str()));
    let agenda = gathering.agenda.iter().map(|item| item.in_any(&languages).1);
    let spoken = gathering.languages.iter().map(|lang| lang.as_str());
    let waiting: Vec<NetId> = state.state.unaccepted.iter().copied().collect();
    let concerns: Vec<String> = state.state.concerns.iter().map(|id| id.short()).collect();
    vec![
        (Word::Id, record.thing().to_string()),
        (Word::Kind, desk.speech.term(&spelt(&gathering.kind))),
        (Word::By, directory.name(record.net())),
        (Word::Hosts, names(directory, &gathering.hosts)),
        (Word::State, standing(desk, &state.state)),
        (Word::Missing, names(directory, &waiting)),
        (Word::Concerns, concerns.join(", ")),
        (Word::When, format!("{start}{}", repeats.unwrap_or_default())),
        (Word::Next, turn(directory, state, date)),
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

fn minutes(desk: &Desk, directory: &Directory, gathering: &Gathering) -> Vec<(Word, String)> {
    let Some(minutes) = &gathering.minutes else { return Vec::new() };
    let languages = desk.languages();
    let zone = gathering.times.zone.as_str();
    let day = |seconds| desk.date_in(zone, Timestamp::from_secs(seconds));
    let actions = minutes.actions.iter().map(|action| {
        let due = action.due.map(|due| format!(" ({} {})", desk.speech.word(Word::Due), day(due)));
        let text = action.text.in_any(&languages).1;
        format!("{}: {text}{}", directory.name(action.who), due.unwrap_or_default())
    });
    let mut came = names(directory, &minutes.networks);
    if minutes.others > 0 {
        came = format!("{came} + {}", minutes.others);
    }
    vec![
        (Word::Held, day(minutes.held_at)),
        (Word::Came, came),
        (Word::Minutes, minutes.summary.in_any(&languages).1.to_owned()),
        (Word::Actions, actions.collect::<Vec<_>>().join("\n")),
    ]
}

fn shape(record: &Record, convening: &Convening) -> Value {
    let mut value = shapes::plain(&convening.state);
    let next = convening.next.map(|turn| {
        json!({
            "number": turn.number,
            "start": shapes::moment(turn.start),
            "end": shapes::moment(turn.end),
            "facilitator": turn.facilitator,
        })
    });
    if let Value::Object(map) = &mut value {
        let agreed = convening.state.agreed_at.map_or(Value::Null, shapes::moment);
        map.insert("agreed_at".to_owned(), agreed);
        map.insert("meetings".to_owned(), json!(convening.meetings));
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
