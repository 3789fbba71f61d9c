//! What is said before a network is kept out that is known here, and of those that are.

use anyhow::Result;
use weft_protocol::admission::{Action, Entry, Ruling, Subject};
use weft_protocol::body::Body;
use weft_protocol::control::{Explanation, PolicyTask, Request, Response};
use weft_protocol::fold::tie::State;
use weft_protocol::id::NetId;

use crate::commands::{policy, tie};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::show::directory::Directory;
use crate::words::{How, Ruled, Say};

/// Returns the networks that are kept out by name, each with what was said of it.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn all(door: &Door) -> Result<Vec<(NetId, Entry)>> {
    let entries = policy::said(door)?.entries.into_iter();
    let kept_out = |entry: Entry| match entry.subject {
        Subject::Network(net) if entry.action == Action::Block => Some((net, entry)),
        _ => None,
    };
    Ok(entries.filter_map(kept_out).collect())
}

/// Returns what the networks are called that are kept out: by their profiles, or by what was written down
/// of those of which nothing else is kept.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn directory(desk: &Desk, door: &Door, all: &[(NetId, Entry)]) -> Result<Directory> {
    let mut directory = Directory::load(desk, door)?;
    for (net, entry) in all {
        directory.learn(desk, door, *net)?;
        if let Some(name) = &entry.name {
            directory.remember(*net, name);
        }
    }
    Ok(directory)
}

/// Refuses to keep out a network that lives on this node, and asks before one is that is known here: it
/// is more than to send a stranger away.
///
/// # Errors
/// When it is our own, a person did not agree, or the node does not answer.
pub(crate) fn agreed(desk: &Desk, door: &Door, net: NetId) -> Result<()> {
    let hosted = door.status()?.hosted;
    let mut directory = Directory::load(desk, door)?;
    directory.learn(desk, door, net)?;
    let name = directory.name(net);
    if hosted.contains(&net) {
        return Err(Failure::ending(Exit::Refused, Say::OwnNetwork { name }));
    }
    let Explanation { rulings, chain, counts, .. } = explained(door, net)?;
    let is_recognised = rulings.iter().any(|ruling| matches!(ruling, Ruling::Recognised { .. }));
    let records = counts.map_or(0, |(stored, ..)| stored);
    let is_out = rulings
        .iter()
        .any(|ruling| matches!(ruling, Ruling::Said { entry } if entry.action == Action::Block));
    let tie = tie_with(door, net, &hosted)?;
    if is_out || (!is_recognised && tie.is_none()) {
        return Ok(());
    }
    let how = how(&directory, &chain, tie.is_some());
    let word = net.short();
    desk.confirm(&Say::Ruled(Ruled::AskKeepOut { name, word, how, records, tie }))
}

/// Returns how a network is known that is kept out all the same, if it is.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn known_all_the_same(
    door: &Door,
    directory: &Directory,
    net: NetId,
) -> Result<Option<How>> {
    let hosted = door.status()?.hosted;
    let chain = explained(door, net)?.chain;
    let is_tied = matches!(chain.as_slice(), [first, _] if hosted.contains(first));
    Ok((!chain.is_empty()).then(|| how(directory, &chain, is_tied)))
}

fn how(directory: &Directory, chain: &[NetId], is_tied: bool) -> How {
    match chain {
        _ if is_tied => How::Tied,
        [] | [_] => How::Vouches,
        [.., through, _] => How::Through { name: directory.name(*through) },
    }
}

fn explained(door: &Door, net: NetId) -> Result<Explanation> {
    match door.ask(&Request::Policy(PolicyTask::Explain { id: net.into() }))? {
        Response::Explained(explained) => Ok(*explained),
        _ => Err(door::strange()),
    }
}

/// Returns the id of a tie that a network has with one that lives here.
fn tie_with(door: &Door, net: NetId, hosted: &[NetId]) -> Result<Option<String>> {
    let is_with_us = |body: &Body| match body {
        Body::Tie(tie) => tie.parties.as_slice().iter().any(|party| hosted.contains(party)),
        _ => false,
    };
    let tie = tie::all(door, Some(net))?
        .into_iter()
        .find(|(record, state)| matches!(state, State::Active { .. }) && is_with_us(record.body()));
    Ok(tie.map(|(record, _)| record.thing().short()))
}
