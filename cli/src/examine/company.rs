//! Who is connected, and how it goes with them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use weft_node::network::peer_text;
use weft_protocol::admission::Mode;
use weft_protocol::control::{
    ClockView, Fault, NodeStatus, PeerView, PolicyTask, Request, Response, SyncView, TrialView,
};
use weft_protocol::region::Region;
use weft_protocol::sync::{CLOCKS_APART_MAX, GivenUp, Reason};

use crate::commands::peers::{self, LOOK_AGAIN, NAMING};
use crate::commands::{bridge, keeping_out, newcomer};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::words::Finding;

/// Looks at everything that only the operator may ask.
pub(super) fn look(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let mut found = present(desk, door, status)?;
    found.extend(conversations(door, status)?);
    found.extend(bridge(door)?);
    let said = found.iter().any(|finding| matches!(finding, Finding::TurnedAway { .. }));
    found.extend(sought(door)?.into_iter().filter(|finding| !(said && finding.is_of_closed())));
    Ok(found)
}

/// Is anybody there, and are they where we are?
fn present(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let peers = met(desk, door)?;
    let (nodes, unnamed): (Vec<&PeerView>, Vec<_>) = peers.iter().partition(|peer| peer.named);
    if nodes.is_empty() && !status.knocks.is_empty() {
        return Ok(vec![Finding::Secluded]);
    }
    if nodes.is_empty() {
        let trials = peers::trials(door)?;
        let closed = trials.iter().find(|trial| matches!(trial.fault, Fault::Stranger { .. }));
        if let Some(trial) = closed {
            let (peer, fault) = (peers::called(trial), trial.fault.clone());
            return Ok(vec![Finding::TurnedAway { peer, fault }]);
        }
        let (tried, unnamed) = (trials.len(), unnamed.len());
        let has_met = status.networks > status.hosted.len() as u64;
        let knows = tried > 0 || has_met || peers::seeks(desk)?;
        return Ok(vec![Finding::Nobody { tried, knows, unnamed }]);
    }
    // A node that has said where it is, and nowhere else, is in a region of ours and about to be met there.
    if nodes.iter().any(|peer| peer.regions.is_empty() && peer.elsewhere.is_empty()) {
        return Ok(Vec::new());
    }
    let theirs: BTreeSet<String> =
        nodes.iter().flat_map(|peer| &peer.elsewhere).map(ToString::to_string).collect();
    let theirs: Vec<String> = theirs.into_iter().collect();
    let is_empty = |region: &&Region| status.peers.get(*region).is_none_or(|count| *count == 0);
    let (empty, met): (Vec<&Region>, Vec<&Region>) = status.regions.iter().partition(is_empty);
    let met: Vec<String> = met.into_iter().map(ToString::to_string).collect();
    let finding = |at: &Region| {
        let (region, home) = (at.to_string(), status.regions.first() == Some(at));
        match (home, met.is_empty()) {
            (true, true) => Finding::Alone { region, theirs: theirs.clone() },
            (true, false) => Finding::Elsewhere { region, met: met.clone() },
            (false, _) => Finding::Deserted { region },
        }
    };
    Ok(empty.into_iter().map(finding).collect())
}

/// Returns who is connected, when one has said where it is, or all have had the time to.
fn met(desk: &Desk, door: &Door) -> Result<Vec<PeerView>> {
    let is_known = |all: &[PeerView]| all.is_empty() || all.iter().any(|peer| peer.named);
    let mut all = peers::peers(door)?;
    if is_known(&all) {
        return Ok(all);
    }
    let ((_kept, news), start) = (peers::news(Door::open(desk)?), Instant::now());
    while !is_known(&all) && start.elapsed() < NAMING {
        news.recv_timeout(LOOK_AGAIN).ok();
        all = peers::peers(door)?;
    }
    Ok(all)
}

/// What went wrong when this node last reconciled with those it meets: one finding for a cause, however
/// many nodes it is about. Of a clock it is said once, and of whose it is.
fn conversations(door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let all = door.list(&Request::SyncStatus, |response| match response {
        Response::Sync(view) => Some(view),
        _ => None,
    })?;
    let ours_is_wrong = status.clock.is_some_and(|clock| clock.is_wrong());
    let apart = |view: &SyncView| view.clock.is_some_and(|c| c.size() > CLOCKS_APART_MAX);
    let mut causes: BTreeMap<GivenUp, Vec<String>> = BTreeMap::new();
    for view in all.iter().filter(|view| !apart(view)) {
        let known = ours_is_wrong && view.failure.is_some_and(|why| why.reason == Reason::Clocks);
        if let Some(why) = view.failure.filter(|_| !known) {
            causes.entry(why).or_default().push(peer_text(view.peer));
        }
    }
    let mut found: Vec<Finding> =
        causes.into_iter().map(|(why, nodes)| Finding::SyncFailed { nodes, why }).collect();
    let others = all.iter().filter(|view| apart(view));
    let nodes: Vec<_> =
        others.filter_map(|view| Some((peer_text(view.peer), view.clock?))).collect();
    if !ours_is_wrong && !nodes.is_empty() {
        let said = status.clock.map_or(0, |ClockView { nodes, .. }| nodes);
        let agree = said.saturating_sub(u32::try_from(nodes.len()).unwrap_or(u32::MAX));
        found.push(Finding::OtherClocks { nodes, agree });
    }
    Ok(found)
}

/// May the bridge of this node do what its rules say?
fn bridge(door: &Door) -> Result<Vec<Finding>> {
    let idle = bridge::idle(door)?.into_iter().map(|bridge::Idle { name, to, serves, .. }| {
        Finding::IdleRule { rule: name.to_string(), into: to.to_string(), serves }
    });
    Ok(idle.collect())
}

/// Which nodes does it want to be connected with, and never is?
fn sought(door: &Door) -> Result<Vec<Finding>> {
    let wanted = peers::trials(door)?.into_iter().filter(|trial| trial.wanted);
    let finding =
        |trial: TrialView| Finding::NotReached { peer: peers::called(&trial), fault: trial.fault };
    Ok(wanted.map(finding).collect())
}

/// Who is kept out by name, and known here all the same?
pub(super) fn kept_out(desk: &Desk, door: &Door) -> Result<Vec<Finding>> {
    let all = keeping_out::all(door)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let directory = keeping_out::directory(desk, door, &all)?;
    let mut found = Vec::new();
    for (net, _) in all {
        let how = keeping_out::known_all_the_same(door, &directory, net)?;
        let (name, word) = (directory.name(net), net.short());
        found.extend(how.map(|how| Finding::KeptOut { name, word, how }));
    }
    Ok(found)
}

/// Who came to this node, which is closed, and was not let in?
pub(crate) fn knocked(status: &NodeStatus) -> Option<Finding> {
    let last = status.knocks.first()?.name.clone();
    Some(Finding::Knocked { count: status.knocks.len(), last })
}

/// Who waits to be let in?
pub(super) fn strangers(door: &Door, status: &NodeStatus) -> Result<Option<Finding>> {
    let Response::Policy(policy) = door.ask(&Request::Policy(PolicyTask::Show))? else {
        return Err(door::strange());
    };
    if policy.mode == Mode::Open {
        return Ok(None);
    }
    let count = newcomer::newcomers(door)?.len();
    let is_full = status.newcomers.is_full();
    Ok((count > 0).then_some(Finding::Newcomers { count, is_full }))
}
