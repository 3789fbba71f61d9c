//! Disclosures, what is owed in openness and what ties want, for people.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::disclosure::Source;
use weft_protocol::body::profile::Url;
use weft_protocol::body::text::{Lang, Line};
use weft_protocol::control::Declared;
use weft_protocol::fold::disclosure::{Largest, State as Openness, largest};
use weft_protocol::fold::tie::State as Tie;
use weft_protocol::ledger::{Due, Owed, Want};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::show::directory::{Directory, title};
use crate::show::json as shapes;
use crate::show::page::quoted;
use crate::show::when::relative;
use crate::words::{Listed, Word};

/// Shows disclosures, one a line; of funding, the largest source.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn disclosures(
    desk: &Desk,
    door: &Door,
    (all, over): (&[(Record, Declared)], bool),
) -> Result<Exit> {
    let shape = |(record, phase): &(Record, Declared)| {
        let source = match record.body() {
            Body::Disclosure(body) => largest(&body.sources),
            _ => None,
        };
        shapes::with_state(record, json!({ "phase": phase, "largest": source }))
    };
    if !desk.wants_past((all, over), shape, Listed::Disclosures)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let (languages, now) = (desk.languages(), desk.now());
    let rows = all.iter().filter_map(|(record, phase)| {
        let Body::Disclosure(body) = record.body() else { return None };
        let of = |Largest { source, share }: Largest| {
            let source = body.sources.get(source)?;
            Some(format!("{share} % {}", source.source.in_any(&languages).1))
        };
        Some([
            record.thing().short(),
            with_phase(desk, desk.speech.term(body.kind.as_str()), *phase),
            directory.name(record.net()),
            body.text.in_any(&languages).1.to_owned(),
            largest(&body.sources).and_then(of).unwrap_or_default(),
            relative(record.header().at, now, desk.speech),
        ])
    });
    let headings = [Word::Id, Word::Kind, Word::By, Word::Text, Word::LargestSource, Word::When];
    desk.table(headings, rows)
}

/// Puts behind a word about a declaration that it no longer stands, if so.
pub(crate) fn with_phase(desk: &Desk, word: String, phase: Declared) -> String {
    let said = match phase {
        Declared::Current => return word,
        Declared::Replaced => Word::Replaced,
        Declared::Expired => Word::Expired,
    };
    format!("{word} ({})", desk.speech.word(said))
}

/// Shows all that a disclosure says.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn disclosure(desk: &Desk, door: &Door, record: &Record) -> Result<Exit> {
    let Body::Disclosure(body) = record.body() else { return Ok(Exit::Failed) };
    if desk.json {
        desk.answer(&shapes::record(record))?;
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let period = body.period.map(|span| {
        let ends = [Some(span.start), span.end].into_iter().flatten();
        let dates = ends.map(|at| desk.date(Timestamp::from_secs(at)));
        dates.collect::<Vec<_>>().join(" – ")
    });
    let about = body.about.as_ref().map(|about| title(desk, door, about.thing)).transpose()?;
    desk.line(quoted(body.text.in_any(&languages).1))?;
    desk.facts([
        (Word::Id, record.thing().to_string()),
        (Word::Kind, desk.speech.term(body.kind.as_str())),
        (Word::By, directory.name(record.net())),
        (Word::When, period.unwrap_or_default()),
        (Word::About, about.unwrap_or_default()),
        (Word::Ends, desk.date(record.header().until)),
    ])?;
    for source in body.sources.iter() {
        desk.line(format!("- {}", in_words(source, &languages)))?;
    }
    for control in body.control.iter() {
        desk.line(format!("- {} ({})", directory.name(control.other), control.how))?;
    }
    for figure in body.figures.iter() {
        let unit = figure.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        desk.line(format!("- {}: {}{unit}", figure.name.in_any(&languages).1, figure.value))?;
    }
    for file in body.files.iter() {
        let urls: Vec<&str> = file.urls.iter().map(Url::as_str).collect();
        desk.line(format!("- {} {}", file.media, urls.join(" ")))?;
    }
    Ok(Exit::Done)
}

/// Returns a source of support with its form, its share and its amount, as far as they are said.
fn in_words(source: &Source, languages: &[Lang]) -> String {
    let said = |text: &Line<200>| text.in_any(languages).1.to_owned();
    let amount = source.amount.map(|amount| match &source.currency {
        Some(currency) => format!("{amount} {currency}"),
        None => amount.to_string(),
    });
    let share = source.share.map(|share| format!("{share} %"));
    let more = [Some(source.form.to_string()), share, amount, source.purpose.as_ref().map(said)];
    let more: Vec<String> = more.into_iter().flatten().collect();
    format!("{} ({})", said(&source.source), more.join(", "))
}

/// Shows what networks owe, one a line.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn owed(desk: &Desk, door: &Door, all: &[Owed]) -> Result<Exit> {
    if !desk.wants_table(all, owed_shape)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let row = |owed: &Owed| {
        Ok([
            directory.name(owed.net),
            desk.speech.term(owed.kind.as_str()),
            title(desk, door, owed.tie)?,
            openness(desk, &owed.state),
        ])
    };
    let rows = all.iter().map(row).collect::<Result<Vec<_>>>()?;
    desk.table([Word::By, Word::Kind, Word::Tie, Word::State], rows)
}

fn openness(desk: &Desk, state: &Openness) -> String {
    let (word, at) = match state {
        Openness::Current { due } => (Word::Due, *due),
        Openness::Overdue { since } => (Word::Overdue, *since),
    };
    format!("{} {}", desk.speech.word(word), desk.date(at))
}

fn owed_shape(owed: &Owed) -> Value {
    let (phase, at) = match owed.state {
        Openness::Current { due } => ("current", due),
        Openness::Overdue { since } => ("overdue", since),
    };
    json!({
        "net": owed.net,
        "tie": owed.tie,
        "kind": owed.kind,
        "latest": owed.latest,
        "state": { "phase": phase, "due": shapes::moment(at) },
    })
}

/// A tie that wants something, and what.
#[derive(Debug)]
pub(crate) struct Wanting {
    /// The tie.
    pub(crate) record: Record,
    /// What it has come to: it may be due for a review, or a party may be leaving.
    pub(crate) state: Tie,
    /// The disclosures that are overdue.
    pub(crate) owed: Vec<Owed>,
    /// A signature that it waits for, or that it ends soon.
    pub(crate) due: Vec<Due>,
}

/// Shows ties that want something: a signature, a renewal, a review, a farewell, an overdue disclosure.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn due(desk: &Desk, door: &Door, all: &[Wanting]) -> Result<Exit> {
    let shape = |Wanting { record, state, owed, due }: &Wanting| {
        let mut value = shapes::tie(state);
        if let Value::Object(map) = &mut value {
            let owed: Vec<Value> = owed.iter().map(owed_shape).collect();
            map.insert("overdue".to_owned(), json!(owed));
            let wants: Vec<Want> = due.iter().map(|due| due.want).collect();
            map.insert("wants".to_owned(), json!(wants));
        }
        shapes::with_state(record, value)
    };
    if !desk.wants_table(all, shape)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let rows = all.iter().filter_map(|Wanting { record, state, owed, due }| {
        let Body::Tie(tie) = record.body() else { return None };
        let mut wants: Vec<String> = due
            .iter()
            .map(|due| match due.want {
                Want::Signature => desk.speech.word(Word::YourSignature).to_owned(),
                _ => {
                    let when = relative(due.until, desk.now(), desk.speech);
                    format!("{} {when}", desk.speech.word(Word::Ends))
                }
            })
            .collect();
        if let Tie::Active { review_due, leaving, .. } = state {
            wants.extend(review_due.then(|| desk.speech.word(Word::ReviewDue).to_owned()));
            wants.extend(leaving.map(|(net, at)| {
                let when = relative(at, desk.now(), desk.speech);
                let leaves = desk.speech.word(Word::Leaving);
                format!("{} {leaves} {when}", directory.name(net))
            }));
        }
        wants.extend(owed.iter().map(|owed| {
            let state = openness(desk, &owed.state);
            let kind = desk.speech.term(owed.kind.as_str());
            format!("{}: {kind} {state}", directory.name(owed.net))
        }));
        Some([
            record.thing().short(),
            tie.terms.summary.in_any(&languages).1.to_owned(),
            wants.join("\n"),
        ])
    });
    desk.table([Word::Id, Word::Summary, Word::State], rows)
}
