//! Concerns for people: that they were raised, what became of them, and to those who may read them
//! what they say.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::text::Text;
use weft_protocol::fold::concern::State;
use weft_protocol::ledger::Raised;
use weft_protocol::record::Record;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::sealed::{self, Opener};
use crate::show::directory::{Directory, title};
use crate::show::json as shapes;
use crate::show::when::relative;
use crate::words::{Leaving, Listed, Say, Word};

/// Shows concerns, one a line; with their words, where this home can open them.
///
/// # Errors
/// When the node does not answer, or the key does not open.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    (all, over): (&[(Record, Raised)], bool),
    open: bool,
) -> Result<Exit> {
    let records = all.iter().map(|(record, _)| record).filter(|_| open);
    let opener = Opener::of(desk, records)?;
    let shape = |(record, raised): &(Record, Raised)| shape(record, raised, &opener);
    if !desk.wants_past((all, over), shape, Listed::Concerns)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let row = |(record, raised): &(Record, Raised)| {
        Ok([
            raised.thing.short(),
            title(desk, door, raised.about)?,
            directory.name(raised.net),
            standing(desk, &directory, &raised.state),
            said(desk, record, &opener),
            relative(raised.at, desk.now(), desk.speech),
        ])
    };
    let rows = all.iter().map(row).collect::<Result<Vec<_>>>()?;
    let headings = [Word::Id, Word::About, Word::By, Word::State, Word::Text, Word::When];
    desk.table(headings, rows)
}

/// Shows one concern and the answer that counts, if there is one.
///
/// # Errors
/// When the node does not answer, or the key does not open.
pub(crate) fn whole(
    desk: &Desk,
    door: &Door,
    (record, raised): &(Record, Raised),
    answer: Option<&Record>,
) -> Result<Exit> {
    let opener = Opener::of(desk, [record].into_iter().chain(answer))?;
    if desk.json {
        let mut value = shape(record, raised, &opener);
        if let Value::Object(map) = &mut value {
            let answer = answer.map(|answer| {
                let mut value = shapes::record(answer);
                put_words(&mut value, answer, &opener);
                value
            });
            map.insert("answer".to_owned(), json!(answer));
        }
        desk.answer(&value)?;
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let mut rows = vec![
        (Word::Id, raised.thing.to_string()),
        (Word::About, title(desk, door, raised.about)?),
        (Word::By, directory.name(raised.net)),
        (Word::State, standing(desk, &directory, &raised.state)),
        (Word::When, desk.date(raised.at)),
        (Word::Text, said(desk, record, &opener)),
    ];
    rows.extend(answer.map(|answer| (Word::Answers, said(desk, answer, &opener))));
    desk.facts(rows)?;
    Ok(Exit::Done)
}

fn standing(desk: &Desk, directory: &Directory, state: &State) -> String {
    match state {
        State::Standing => desk.speech.word(Word::Standing).to_owned(),
        State::Withdrawn { .. } => desk.speech.word(Word::Withdrawn).to_owned(),
        State::Expired => desk.speech.word(Word::Expired).to_owned(),
        State::Answered(word) => {
            let how = if word.taken_up { Word::TakenUp } else { Word::NotTakenUp };
            format!("{}: {}", directory.name(word.net), desk.speech.word(how))
        }
    }
}

/// Returns what an answer says, to everybody or to this home.
fn words(record: &Record, opener: &Opener) -> Option<Text<2000>> {
    let public = match record.body() {
        Body::Response(answer) => answer.text.clone(),
        _ => None,
    };
    public.or_else(|| opener.open(record))
}

fn said(desk: &Desk, record: &Record, opener: &Opener) -> String {
    match words(record, opener) {
        Some(words) => words.in_any(&desk.languages()).1.to_owned(),
        None if sealed::of_record(record).is_empty() => String::new(),
        None => {
            let id = record.thing().short();
            desk.speech.say(&Say::Leaving(Leaving::IsSealed { id }))
        }
    }
}

fn shape(record: &Record, raised: &Raised, opener: &Opener) -> Value {
    let state = match raised.state {
        State::Standing => json!({ "phase": "standing" }),
        State::Answered(word) => json!({
            "phase": "answered",
            "by": word.net,
            "at": shapes::moment(word.at),
            "taken_up": word.taken_up,
        }),
        State::Withdrawn { at } => json!({ "phase": "withdrawn", "at": shapes::moment(at) }),
        State::Expired => json!({ "phase": "expired" }),
    };
    let mut value = shapes::with_state(record, state);
    put_words(&mut value, record, opener);
    value
}

fn put_words(value: &mut Value, record: &Record, opener: &Opener) {
    if let Value::Object(map) = value {
        map.insert("words".to_owned(), json!(words(record, opener)));
    }
}
