//! Proposals for people: as a list, and one with its ballots.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;
use weft_protocol::body::Body;
use weft_protocol::body::proposal::Proposal;
use weft_protocol::body::response::Choice;
use weft_protocol::control::AnswerState;
use weft_protocol::fold::proposal::{Phase, State};
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::ledger::{Effect, Ratification};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::input::named::spelt;
use crate::show::call::answers_table;
use crate::show::columns::columns;
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::show::page::quoted;
use crate::show::when::relative;
use crate::words::{Listed, Word};

/// Shows proposals, one a line.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    (all, over): (&[(Record, Ratification)], bool),
) -> Result<Exit> {
    if !desk.wants_past((all, over), |(r, s)| shape(r, s), Listed::Proposals)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let (languages, now) = (desk.languages(), desk.now());
    let headings = [Word::Id, Word::Title, Word::By, Word::State, Word::Ballots, Word::Closes];
    let rows = all.iter().filter_map(|(record, decision)| {
        let proposal = proposal_of(record)?;
        let electors = &decision.state.electors;
        Some([
            record.thing().short(),
            proposal.title.in_any(&languages).1.to_owned(),
            directory.name(record.net()),
            standing(desk, &decision.state),
            format!("{}/{}", electors.values().flatten().count(), electors.len()),
            relative(Timestamp::from_secs(proposal.rule.vote_until), now, desk.speech),
        ])
    });
    desk.table(headings, rows)
}

/// Returns the word for how far a proposal has come.
pub(crate) fn phase(phase: Phase) -> Word {
    match phase {
        Phase::Deliberation => Word::Deliberation,
        Phase::Voting => Word::Voting,
        Phase::Adopted => Word::Adopted,
        Phase::Rejected => Word::Rejected,
        Phase::NoQuorum => Word::NoQuorum,
        Phase::Deferred => Word::Deferred,
        Phase::Withdrawn => Word::Withdrawn,
        Phase::Expired => Word::Expired,
    }
}

/// Returns how far the proposal has come, and what must be known with it.
fn standing(desk: &Desk, state: &State) -> String {
    let decided = !matches!(state.phase, Phase::Deliberation | Phase::Voting | Phase::Withdrawn);
    let provisional = (decided && state.provisional).then_some(Word::Provisional);
    let words = [phase(state.phase)].into_iter().chain(provisional);
    words.map(|word| desk.speech.word(word)).collect::<Vec<_>>().join(", ")
}

/// Shows one proposal: its result and ballots, and with `words` also its text and the answers.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn whole(
    desk: &Desk,
    door: &Door,
    (record, decision): (&Record, &Ratification),
    (answers, words): (&[(Record, AnswerState)], bool),
) -> Result<Exit> {
    if desk.json {
        desk.answer(&shapes::with_answers(shape(record, decision), answers))?;
        return Ok(Exit::Done);
    }
    let Some(proposal) = proposal_of(record) else { return Ok(Exit::Failed) };
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    desk.line(proposal.title.in_any(&languages).1)?;
    let rows = facts(desk, &directory, (record, proposal, decision));
    desk.facts(rows)?;
    if words {
        desk.line(format!("\n{}", quoted(proposal.text.in_any(&languages).1)))?;
    }
    let cast = cast(answers);
    if !decision.state.electors.is_empty() {
        desk.line(format!("\n{}", electors(desk, &directory, &decision.state, &cast)))?;
    }
    if words && let Some(table) = answers_table((desk, &directory), record.thing(), answers, None) {
        desk.line(format!("\n{table}"))?;
    }
    Ok(Exit::Done)
}

fn facts(
    desk: &Desk,
    directory: &Directory,
    (record, proposal, decision): (&Record, &Proposal, &Ratification),
) -> Vec<(Word, String)> {
    let (languages, state) = (desk.languages(), &decision.state);
    let when = |at: Timestamp| desk.date(at);
    let rule = &proposal.rule;
    let share = rule.share.map(|share| format!(" {share} %")).unwrap_or_default();
    let quorum = desk.speech.word(Word::Quorum);
    let option = |(n, text): (usize, &weft_protocol::body::text::Line<200>)| {
        let count = state.tally.options.get(n).copied().unwrap_or_default();
        let chosen = state.chosen.iter().any(|chosen| usize::from(*chosen) == n);
        let mark = if chosen { " ✓" } else { "" };
        format!("{}. {}: {count}{mark}", n + 1, text.in_any(&languages).1)
    };
    let missing = state.missing.iter().filter_map(|place| proposal.voices.get(*place));
    let missing = missing.map(|voice| voice.who.in_any(&languages).1);
    let one_hand = decision
        .overlaps
        .iter()
        .map(|group| group.iter().map(|net| directory.name(*net)).collect::<Vec<_>>().join(" + "));
    let effect = decision.effect.map(|effect| {
        desk.speech.word(match effect {
            Effect::Pending => Word::Pending,
            Effect::Unsigned => Word::Unsigned,
            Effect::InForce => Word::InForce,
        })
    });
    let accepted = decision.closing.as_ref().map(|closing| {
        let names = closing.accepted.iter().map(|net| directory.name(*net));
        names.collect::<Vec<_>>().join(", ")
    });
    // Their ballots came in time, are not listed, and would change the result.
    let contested = state.contested.iter().map(|net| directory.name(*net));
    vec![
        (Word::Id, record.thing().to_string()),
        (Word::By, directory.name(record.net())),
        (Word::State, standing(desk, state)),
        (
            Word::Method,
            format!(
                "{}{share}, {quorum} {} %",
                desk.speech.term(&spelt(&rule.method)),
                rule.quorum
            ),
        ),
        (Word::Opens, state.opens.map(when).unwrap_or_default()),
        (Word::Closes, when(Timestamp::from_secs(rule.vote_until))),
        (Word::WaitsFor, missing.collect::<Vec<_>>().join("\n")),
        (
            Word::Options,
            proposal.options.iter().enumerate().map(option).collect::<Vec<_>>().join("\n"),
        ),
        (Word::Result, tally(desk, state)),
        (Word::NotCounted, uncounted(desk, state)),
        (Word::ListAcceptedBy, accepted.unwrap_or_default()),
        (Word::Contested, contested.collect::<Vec<_>>().join("\n")),
        (Word::Effect, effect.unwrap_or_default().to_owned()),
        (Word::OneHand, one_hand.collect::<Vec<_>>().join("\n")),
    ]
}

fn counts(desk: &Desk, counts: &[(Word, usize)]) -> String {
    let there = counts.iter().filter(|(_, count)| *count > 0);
    let said = there.map(|(word, count)| format!("{}: {count}", desk.speech.word(*word)));
    said.collect::<Vec<_>>().join(", ")
}

fn tally(desk: &Desk, state: &State) -> String {
    let tally = &state.tally;
    counts(
        desk,
        &[
            (Word::Consent, tally.consent as usize),
            (Word::StandAside, tally.stand_aside as usize),
            (Word::Object, tally.object as usize),
            (Word::Abstain, tally.abstain as usize),
        ],
    )
}

fn uncounted(desk: &Desk, state: &State) -> String {
    let lists = &state.uncounted;
    counts(
        desk,
        &[
            (Word::Late, lists.late.len()),
            (Word::EarlierVersion, lists.earlier.len()),
            (Word::GaveWay, lists.gave_way.len()),
            (Word::Unseated, lists.unseated.len()),
            (Word::Withdrawn, lists.withdrawn.len()),
        ],
    )
}

/// Returns the choices of all ballots among the answers.
fn cast(answers: &[(Record, AnswerState)]) -> BTreeMap<RecordId, &Choice> {
    let choices = answers.iter().filter_map(|(record, _)| match record.body() {
        Body::Response(response) => Some((record.id(), response.choice.as_ref()?)),
        _ => None,
    });
    choices.collect()
}

/// Returns how an elector votes; options by their numbers.
pub(crate) fn choice_in(desk: &Desk, choice: &Choice) -> String {
    let word = |word| desk.speech.word(word).to_owned();
    match choice {
        Choice::Consent => word(Word::Consent),
        Choice::StandAside => word(Word::StandAside),
        Choice::Object => word(Word::Object),
        Choice::Abstain => word(Word::Abstain),
        Choice::Options(options) => {
            options.iter().map(|n| (n + 1).to_string()).collect::<Vec<_>>().join(", ")
        }
    }
}

fn electors(
    desk: &Desk,
    directory: &Directory,
    state: &State,
    cast: &BTreeMap<RecordId, &Choice>,
) -> String {
    let headings = [Word::Electors, Word::Ballots].map(|word| desk.column(word));
    let rows = state.electors.iter().map(|(net, ballot): (&NetId, &Option<RecordId>)| {
        let choice = ballot.and_then(|id| cast.get(&id)).map(|choice| choice_in(desk, choice));
        [directory.name(*net), choice.unwrap_or_else(|| "–".to_owned())]
    });
    columns(headings, rows, desk.width())
}

fn shape(record: &Record, decision: &Ratification) -> Value {
    let mut value = shapes::plain(&decision.state);
    if let Value::Object(map) = &mut value {
        map.insert("opens".to_owned(), decision.state.opens.map_or(Value::Null, shapes::moment));
        map.insert("closing".to_owned(), shapes::plain(&decision.closing));
        map.insert("effect".to_owned(), shapes::plain(&decision.effect));
        map.insert("overlaps".to_owned(), shapes::plain(&decision.overlaps));
    }
    shapes::with_state(record, value)
}

/// Returns the proposal that a record is.
pub(crate) fn proposal_of(record: &Record) -> Option<&Proposal> {
    match record.body() {
        Body::Proposal(proposal) => Some(proposal),
        _ => None,
    }
}
