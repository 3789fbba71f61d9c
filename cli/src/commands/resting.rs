//! What rests on a thing: what others signed, answered or built on it, and loses its ground with it.
//!
//! **Invariant:** whoever takes back what others rest on is told how much that is before it is signed,
//! and asked.

use std::collections::BTreeSet;

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::tie::{Tie, TieKind};
use weft_protocol::control::{AnswerState, ProposalFilter, RecordFilter, Request, Response};
use weft_protocol::fold::tie::State;
use weft_protocol::id::ThingId;
use weft_protocol::record::{Kind, Record};

use crate::commands::{call, gathering, proposal, tie};
use crate::door::Door;
use crate::draft::Pen;
use crate::exit;
use crate::show::directory;
use crate::words::{Leaving, Resting, Rests, Say};

/// Asks before a thing is taken back on which others rest, and before a tie is ended or anything
/// erased.
///
/// # Errors
/// When it is not to be, or there is nobody to ask.
pub(crate) fn ask(pen: &Pen<'_>, record: &Record, kind: EndKind) -> Result<()> {
    if pen.is_dry() {
        return Ok(());
    }
    let rests = on(&pen.door, record)?;
    let what = || directory::title(pen.desk, &pen.door, record.thing());
    let asked = match kind {
        EndKind::Erase => {
            let versions = u32::from(record.rev()) + 1;
            Leaving::AskErase { what: what()?, versions, rests }
        }
        EndKind::Leave => Leaving::AskEndTie { id: record.thing().short(), rests },
        _ if rests.iter().all(|(_, count)| *count == 0) => return Ok(()),
        _ => Leaving::AskTakeBack { what: what()?, rests },
    };
    pen.desk.confirm(&Say::Leaving(asked))
}

/// Returns what rests on a thing.
///
/// # Errors
/// When the node does not answer.
fn on(door: &Door, record: &Record) -> Result<Rests> {
    let thing = record.thing();
    match record.body() {
        Body::Tie(tie) => on_tie(door, record, tie),
        Body::Call(_) | Body::Gathering(_) => {
            Ok(vec![(Resting::Answers, of_others(record, &answers(door, record)?))])
        }
        Body::Proposal(_) => {
            let answers = answers(door, record)?;
            let is_ballot = |record: &Record| kind(record) == Some(ResponseKind::Ballot);
            let (ballots, rest): (Vec<_>, Vec<_>) =
                answers.into_iter().partition(|(record, _)| is_ballot(record));
            let ballots = ballots.iter().filter(|(_, state)| counts(state)).count();
            Ok(vec![(Resting::Ballots, ballots), (Resting::Answers, of_others(record, &rest))])
        }
        Body::Response(_) => {
            let mut answers = answers(door, record)?;
            answers.retain(|(answer, _)| to(answer) == Some(thing));
            Ok(vec![(Resting::Answers, of_others(record, &answers))])
        }
        _ => Ok(Rests::new()),
    }
}

fn on_tie(door: &Door, record: &Record, tie: &Tie) -> Result<Rests> {
    let thing = record.thing();
    let state = tie::all(door, Some(record.net()))?.into_iter();
    let state = { state }.find(|(tie, _)| tie.thing() == thing).map(|(_, state)| state);
    let others = tie.parties.as_slice().len().saturating_sub(1);
    let signatures = match state {
        Some(State::Claimed { missing }) => others.saturating_sub(missing.len()),
        Some(State::Active { .. }) => others,
        _ => 0,
    };
    let filter = ProposalFilter { to: Some(thing), ..ProposalFilter::default() };
    let open = door.list(&Request::Proposals(filter), |response| match response {
        Response::Proposal(_) => Some(()),
        _ => None,
    })?;
    let (carriages, bridges) = match tie.kind {
        TieKind::Bridge => carried(door, thing)?,
        _ => (0, 0),
    };
    Ok(vec![
        (Resting::Signatures, signatures),
        (Resting::Proposals, open.len()),
        (Resting::Bridges, bridges),
        (Resting::Carriages, carriages),
    ])
}

/// Returns how many carriages that count cite a tie, and of how many networks.
fn carried(door: &Door, tie: ThingId) -> Result<(usize, usize)> {
    let filter =
        RecordFilter { kind: Some(Kind::Carriage), valid: true, ..RecordFilter::default() };
    let (mut carriages, mut bridges) = (0, BTreeSet::new());
    super::record::pages(door, filter, |record, _| {
        if matches!(record.body(), Body::Carriage(carriage) if carriage.tie == tie) {
            carriages += 1;
            bridges.insert(record.net());
        }
        Ok(())
    })?;
    Ok((carriages, bridges.len()))
}

/// Returns the answers to what a record, or the answer that it is, is about; none when that is not here.
fn answers(door: &Door, record: &Record) -> Result<Vec<(Record, AnswerState)>> {
    let mut root = record.clone();
    while let Some(thing) = to(&root) {
        root = match door.current(thing.into()) {
            Ok(root) => root,
            Err(error) if exit::is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
    }
    Ok(match root.body() {
        Body::Call(_) => call::of(door, root.thing())?.1,
        Body::Gathering(_) => gathering::of(door, root.thing())?.1,
        Body::Proposal(_) => proposal::of(door, root.thing())?.1,
        _ => Vec::new(),
    })
}

/// Counts the answers that count and are of other networks.
fn of_others(record: &Record, answers: &[(Record, AnswerState)]) -> usize {
    let others =
        answers.iter().filter(|(answer, state)| answer.net() != record.net() && counts(state));
    others.count()
}

fn counts(state: &AnswerState) -> bool {
    state.current && state.void.is_none()
}

fn kind(record: &Record) -> Option<ResponseKind> {
    match record.body() {
        Body::Response(answer) => Some(answer.kind),
        _ => None,
    }
}

fn to(record: &Record) -> Option<ThingId> {
    match record.body() {
        Body::Response(answer) => Some(answer.to.thing),
        _ => None,
    }
}
