//! Calls for people: as a list, and one with everything that came of it.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::call::{Ask, Call, CallKind, Risk, Urgency};
use weft_protocol::body::text::{Lang, Tag};
use weft_protocol::control::AnswerState;
use weft_protocol::fold::call::{AskState, Phase, State};
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::sealed::of_record;
use crate::show::columns::{Column, columns};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::show::page::quoted;
use crate::show::proposal::choice_in;
use crate::show::shares::{Shares, response};
use crate::show::ways;
use crate::show::when::relative;
use crate::words::{Leaving, Listed, Say, Word};

/// Shows calls, one a line; those that are over, where they were asked for.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    (calls, over): (&[(Record, State)], bool),
) -> Result<Exit> {
    if !desk.wants_past((calls, over), |(r, s)| shape(r, s), Listed::Calls)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let (languages, now) = (desk.languages(), desk.now());
    let headings = [Word::Id, Word::Title, Word::By, Word::Needs, Word::State, Word::Ends];
    let rows = calls.iter().filter_map(|(record, state)| {
        let call = call_of(record)?;
        Some([
            record.thing().short(),
            call.title.in_any(&languages).1.to_owned(),
            directory.name(record.net()),
            needs(call, state),
            standing(desk, state),
            relative(record.header().until, now, desk.speech),
        ])
    });
    desk.table(headings, rows)
}

/// Says whether anything can still be needed for a call.
fn is_open(state: &State) -> bool {
    !matches!(state.phase, Phase::Withdrawn | Phase::Expired)
}

/// Returns what is still needed, ask by ask; nothing once the call is over.
fn needs(call: &Call, state: &State) -> String {
    if !is_open(state) {
        return String::new();
    }
    let asks = call.asks.iter().zip(&state.asks).filter(|(_, state)| state.remaining > 0);
    let said = asks.map(|(ask, state)| match &ask.unit {
        Some(unit) => format!("{} ({unit})", so_many(state.remaining, &ask.tag)),
        None => so_many(state.remaining, &ask.tag),
    });
    said.collect::<Vec<_>>().join(", ")
}

/// Returns how much of what was asked for. Its name is that which people gave it, in any language and number:
/// no grammar is put to it.
fn so_many(amount: u64, of: &Tag) -> String {
    format!("{amount} × {of}")
}

/// Returns the word for how far a call has come.
pub(crate) fn phase(phase: Phase) -> Word {
    match phase {
        Phase::Open => Word::Open,
        Phase::PartMet => Word::PartMet,
        Phase::Met => Word::Met,
        Phase::Withdrawn => Word::Withdrawn,
        Phase::Expired => Word::Expired,
    }
}

/// Returns how far the call has come, and what must be known with it.
fn standing(desk: &Desk, state: &State) -> String {
    let mut words = vec![phase(state.phase)];
    words.extend(state.unconfirmed.then_some(Word::Unconfirmed));
    words.extend(state.is_disputed().then_some(Word::Disputed));
    words.into_iter().map(|word| desk.speech.word(word)).collect::<Vec<_>>().join(", ")
}

/// Shows one call and its answers.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn whole(
    desk: &Desk,
    door: &Door,
    (record, state): (&Record, &State),
    answers: &[(Record, AnswerState)],
) -> Result<Exit> {
    if desk.json {
        let mut value = shapes::with_answers(shape(record, state), answers);
        let is_alert = call_of(record).is_some_and(|call| call.kind == CallKind::Alert);
        if let (Value::Object(map), true) = (&mut value, is_alert) {
            let came = ways::of(door, record.thing())?;
            map.insert("regions".to_owned(), ways::shape(&came));
        }
        desk.answer(&value)?;
        return Ok(Exit::Done);
    }
    let Some(call) = call_of(record) else { return Ok(Exit::Failed) };
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    desk.line(call.title.in_any(&languages).1)?;
    desk.facts(facts(desk, &directory, (record, call, state)))?;
    if call.kind == CallKind::Alert {
        ways::show(desk, &directory, record, &ways::of(door, record.thing())?)?;
    }
    if let Some(text) = &call.text {
        desk.line(format!("\n{}", quoted(text.in_any(&languages).1)))?;
    }
    if !call.asks.is_empty() {
        desk.line(format!("\n{}", asks(desk, call, state, &languages)))?;
    }
    let shares = Shares { call: record, state, answers };
    let table = answers_table((desk, &directory), record.thing(), answers, Some(shares));
    if let Some(table) = table {
        desk.line(format!("\n{table}"))?;
    }
    Ok(Exit::Done)
}

/// Returns the answers to a thing, one a line; none when there are none. Of a call they are shown
/// with how much of what each of them is.
pub(crate) fn answers_table(
    (desk, directory): (&Desk, &Directory),
    to: ThingId,
    answers: &[(Record, AnswerState)],
    shares: Option<Shares<'_>>,
) -> Option<String> {
    let row = |(record, state): &(Record, AnswerState)| {
        let what = what(desk, (record, state), to, shares)?;
        Some(row(desk, directory, (record, state), what))
    };
    let shown: Vec<[String; 5]> = answers.iter().filter_map(row).collect();
    let whole = |word| Column::of(desk.speech.word(word));
    let headings = [Word::Id, Word::Answers, Word::By, Word::Text, Word::When].map(whole);
    (!shown.is_empty()).then(|| columns(headings, shown, desk.width()))
}

fn facts(
    desk: &Desk,
    directory: &Directory,
    (record, call, state): (&Record, &Call, &State),
) -> Vec<(Word, String)> {
    let names = |nets: &mut dyn Iterator<Item = &NetId>| {
        nets.map(|net| directory.name(*net)).collect::<Vec<_>>().join(", ")
    };
    let joined = |items: Vec<String>| items.join(", ");
    let mut rows = vec![
        (Word::Id, record.thing().to_string()),
        (Word::By, directory.name(record.net())),
        (Word::Kind, desk.speech.term(&spelt(&call.kind))),
        (Word::State, standing(desk, state)),
        (Word::Urgency, said(desk, &call.urgency, &Urgency::Open)),
        (Word::Risk, said(desk, &call.risk, &Risk::None)),
        (Word::Ends, desk.date(record.header().until)),
    ];
    if let Some(span) = call.when {
        let ends = [Some(span.start), span.end].into_iter().flatten();
        let dates = ends.map(|at| desk.date(Timestamp::from_secs(at)));
        rows.push((Word::When, dates.collect::<Vec<_>>().join(" – ")));
    }
    let demand = call.demand_to.as_ref().map(|to| to.in_any(&desk.languages()).1.to_owned());
    let more = [
        (Word::Mode, call.mode.as_ref().map(spelt).unwrap_or_default()),
        (Word::DemandTo, demand.unwrap_or_default()),
        (Word::PartOf, call.part_of.map(|whole| whole.short()).unwrap_or_default()),
        (Word::Fields, joined(call.fields.iter().map(ToString::to_string).collect())),
        (Word::Places, joined(call.places.iter().map(ToString::to_string).collect())),
        (Word::Values, joined(call.values.iter().map(spelt).collect())),
        (Word::Endorsed, names(&mut state.endorsed.iter())),
        (Word::EarlierVersion, names(&mut state.endorsed_earlier.iter())),
        (Word::Concerns, joined(state.concerns.iter().map(|id| id.short()).collect())),
    ];
    rows.extend(more);
    rows.extend(sealed(desk, record).map(|text| (Word::Contact, text)));
    rows
}

/// Returns the word for what a caller has said; nothing for what stands there when nothing was said.
fn said<T: serde::Serialize + PartialEq>(desk: &Desk, value: &T, unsaid: &T) -> String {
    if value == unsaid { String::new() } else { desk.speech.term(&spelt(value)) }
}

fn asks(desk: &Desk, call: &Call, state: &State, languages: &[Lang]) -> String {
    let words = [
        Word::Asked,
        Word::Offered,
        Word::Accepted,
        Word::Delivered,
        Word::Confirmed,
        Word::Remaining,
    ];
    let [asked, offered, accepted, delivered, confirmed, remaining] =
        words.map(|word| desk.column(word));
    let headings = [Column::named(""), asked, offered, accepted, delivered, confirmed, remaining];
    if state.asks.is_empty() {
        return past_asks(desk, call, languages);
    }
    let open = is_open(state);
    let rows = call.asks.iter().zip(&state.asks).map(|(ask, state)| {
        let AskState { wanted, offered, accepted, delivered, confirmed, remaining } = *state;
        let [wanted, offered, accepted, delivered, confirmed, remaining] =
            [wanted, offered, accepted, delivered, confirmed, remaining].map(|n| n.to_string());
        let remaining = if open { remaining } else { String::new() };
        [name(ask, languages), wanted, offered, accepted, delivered, confirmed, remaining]
    });
    columns(headings, rows, desk.width())
}

/// Returns what a call asked for of which nobody counts any more what came.
fn past_asks(desk: &Desk, call: &Call, languages: &[Lang]) -> String {
    let headings = [Column::named(""), desk.column(Word::Asked)];
    let rows = call.asks.iter().map(|ask| [name(ask, languages), ask.wanted().to_string()]);
    columns(headings, rows, desk.width())
}

/// Returns what an ask is called, in what it is counted, and what is said of it.
fn name(ask: &Ask, languages: &[Lang]) -> String {
    let unit = ask.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
    let text = ask.text.as_ref().map(|text| format!(": {}", text.in_any(languages).1));
    format!("{}{unit}{}", ask.tag, text.unwrap_or_default())
}

/// Returns what an answer is: its kind, what it answers when that is an answer itself, and how much
/// of what it is.
fn what(
    desk: &Desk,
    (record, state): (&Record, &AnswerState),
    to: ThingId,
    shares: Option<Shares<'_>>,
) -> Option<String> {
    let answer = response(record)?;
    let mut what = if answer.to.thing == to {
        desk.speech.answer(answer.kind).to_owned()
    } else {
        desk.speech.answer_to(answer.kind, &answer.to.thing.short())
    };
    what.extend(shares.and_then(|shares| amount(shares, record)).map(|much| format!(": {much}")));
    what.extend(answer.choice.as_ref().map(|choice| format!(": {}", choice_in(desk, choice))));
    let own = shares.is_some_and(|shares| shares.is_to_oneself(record));
    let counts_not = match state {
        AnswerState { void: Some(_), .. } => None,
        AnswerState { current: false, .. } => Some(Word::Replaced),
        _ => own.then_some(Word::NotCounted),
    };
    what.extend(counts_not.map(|word| format!(" ({})", desk.speech.word(word))));
    Some(what)
}

/// Returns how much of what an answer to a call is.
pub(crate) fn amount(shares: Shares<'_>, record: &Record) -> Option<String> {
    let amount = shares.amount(record)?;
    match shares.ask(response(record)?) {
        Some(ask) => Some(so_many(amount, &ask.tag)),
        // A call that asks for nothing by name wants one answer, and that goes without saying.
        None => (amount > 1).then(|| amount.to_string()),
    }
}

fn row(
    desk: &Desk,
    directory: &Directory,
    (record, state): (&Record, &AnswerState),
    what: String,
) -> [String; 5] {
    let text = response(record).and_then(|answer| answer.text.as_ref());
    let text = text.map(|text| text.in_any(&desk.languages()).1.to_owned());
    let words = [text, sealed(desk, record)];
    let mut text = words.into_iter().flatten().reduce(|said, sealed| format!("{said} [{sealed}]"));
    if let Some(why) = &state.void {
        text = Some(desk.speech.say(&Say::CountsNot { why: why.clone() }));
    }
    [
        record.thing().short(),
        what,
        directory.name(record.net()),
        text.unwrap_or_default(),
        relative(record.header().at, desk.now(), desk.speech),
    ]
}

/// Says how to open what a record has sealed, if it has sealed anything.
pub(crate) fn sealed(desk: &Desk, record: &Record) -> Option<String> {
    let id = record.thing().short();
    let say = Say::Leaving(Leaving::IsSealed { id });
    (!of_record(record).is_empty()).then(|| desk.speech.say(&say))
}

fn shape(record: &Record, state: &State) -> Value {
    let mut value = shapes::plain(state);
    if let Value::Object(map) = &mut value {
        map.insert("disputed".to_owned(), json!(state.is_disputed()));
    }
    shapes::with_state(record, value)
}

/// Returns the call that a record is.
pub(crate) fn call_of(record: &Record) -> Option<&Call> {
    match record.body() {
        Body::Call(call) => Some(call),
        _ => None,
    }
}
