//! Ties for people: as a list, and one with everything that its parties agree to.

use anyhow::Result;
use serde_json::Value;
use weft_protocol::body::Body;
use weft_protocol::body::tie::{Terms, Tie};
use weft_protocol::fold::tie::State;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::show::directory::Directory;
use crate::show::json;
use crate::show::page::hung;
use crate::show::when::relative;
use crate::words::{Listed, Word};

/// Shows ties, one a line.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    (ties, over): (&[(Record, State)], bool),
) -> Result<Exit> {
    let shape =
        |(record, state): &(Record, State)| -> Value { json::with_state(record, json::tie(state)) };
    if !desk.wants_past((ties, over), shape, Listed::Ties)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let headings = [Word::Id, Word::Kind, Word::Parties, Word::State, Word::Text, Word::Ends];
    let (languages, now) = (desk.languages(), desk.now());
    let rows = ties.iter().filter_map(|(record, state)| {
        let Body::Tie(tie) = record.body() else { return None };
        Some([
            record.thing().short(),
            desk.speech.term(&spelt(&tie.kind)),
            parties(tie, &directory),
            standing(desk, &directory, state),
            tie.terms.summary.in_any(&languages).1.to_owned(),
            relative(record.header().until, now, desk.speech),
        ])
    });
    desk.table(headings, rows)
}

/// Shows one tie with all its terms.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn whole(desk: &Desk, door: &Door, (record, state): &(Record, State)) -> Result<Exit> {
    if desk.json {
        desk.answer(&json::with_state(record, json::tie(state)))?;
        return Ok(Exit::Done);
    }
    let Body::Tie(tie) = record.body() else { return Ok(Exit::Failed) };
    let directory = Directory::load(desk, door)?;
    let mut rows = vec![
        (Word::Id, record.thing().to_string()),
        (Word::Kind, desk.speech.term(&spelt(&tie.kind))),
        (Word::Parties, parties(tie, &directory)),
        (Word::State, standing(desk, &directory, state)),
        (Word::Ends, desk.date(record.header().until)),
    ];
    rows.extend(tie.review_on.map(|on| (Word::Review, day(desk, on))));
    rows.extend(tie.topic.as_ref().map(|topic| (Word::Topic, topic.to_string())));
    if let Some(bridge) = &tie.bridge {
        rows.push((Word::Regions, format!("{} → {}", bridge.from, bridge.to)));
    }
    rows.extend(terms(desk, &directory, &tie.terms));
    desk.facts(rows)?;
    Ok(Exit::Done)
}

fn terms(desk: &Desk, directory: &Directory, terms: &Terms) -> Vec<(Word, String)> {
    let languages = desk.languages();
    let lines = |lines: Vec<String>| lines.join("\n");
    let promises = terms.commitments.iter().map(|promise| {
        let due =
            promise.due.map(|due| format!(" ({} {})", desk.speech.word(Word::Due), day(desk, due)));
        let text = hung(promise.text.in_any(&languages).1);
        format!("{}: {text}{}", directory.name(promise.who), due.unwrap_or_default())
    });
    let rights = terms.decision_rights.iter().map(|right| {
        format!("{}: {}", right.matter.in_any(&languages).1, hung(right.rule.in_any(&languages).1))
    });
    let kept = terms.nonnegotiables.iter().map(|text| hung(text.in_any(&languages).1));
    let seats = terms.seats.map(|seats| {
        let [reps, alternates] = [Word::Representatives, Word::Alternates];
        let word = |word| desk.speech.word(word);
        format!("{}: {}, {}: {}", word(reps), seats.rep, word(alternates), seats.alternate)
    });
    let number = |number: Option<u16>| number.map(|n| n.to_string()).unwrap_or_default();
    vec![
        (Word::Summary, terms.summary.in_any(&languages).1.to_owned()),
        (Word::Commitments, lines(promises.collect())),
        (Word::DecisionRights, lines(rights.collect())),
        (Word::NonNegotiables, lines(kept.collect())),
        (Word::Seats, seats.unwrap_or_default()),
        (
            Word::Disclosures,
            terms
                .disclosure_required
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        ),
        (Word::MaxMembers, number(terms.max_members)),
        (Word::NoticeDays, number(terms.notice_days)),
    ]
}

fn day(desk: &Desk, seconds: u64) -> String {
    desk.date(Timestamp::from_secs(seconds))
}

fn parties(tie: &Tie, directory: &Directory) -> String {
    let names = tie.parties.as_slice().iter().map(|net| directory.name(*net));
    names.collect::<Vec<_>>().join(", ")
}

fn standing(desk: &Desk, directory: &Directory, state: &State) -> String {
    let word = |word: Word| desk.speech.word(word).to_owned();
    match state {
        State::Claimed { missing } => {
            let names: Vec<String> = missing.iter().map(|net| directory.name(*net)).collect();
            format!("{}, {} {}", word(Word::Claimed), word(Word::Missing), names.join(", "))
        }
        State::Active { review_due, leaving, .. } => {
            let mut words = vec![word(Word::Active)];
            words.extend(review_due.then(|| word(Word::ReviewDue)));
            words.extend(leaving.map(|(net, at)| {
                let when = relative(at, desk.now(), desk.speech);
                format!("{} {} {when}", directory.name(net), word(Word::Leaving))
            }));
            words.join(", ")
        }
        State::Ended { .. } => word(Word::Ended),
        State::Expired => word(Word::Expired),
        State::Broken { .. } => word(Word::Broken),
    }
}
