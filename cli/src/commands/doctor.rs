//! `weft doctor`: what keeps this node from its work, and what to do about it.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::json;
use weft_protocol::admission::Mode;
use weft_protocol::control::{BridgeTask, NodeStatus, PeerView, PolicyTask, Request, Response};

use crate::commands::newcomer;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::show::directory::Directory;
use crate::words::Finding;

/// Looks the node over.
///
/// # Errors
/// When a node that runs does not answer what it is asked.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    let found = match Door::open(desk) {
        Ok(door) => examine(desk, &door)?,
        Err(error) => vec![unreachable(error)?],
    };
    if desk.json {
        let shape = |finding: &Finding| {
            json!({
                "finding": finding.name(), "wrong": finding.is_wrong(),
                "words": desk.speech.finding(finding),
            })
        };
        desk.answer(&found.iter().map(shape).collect::<Vec<_>>())?;
    } else {
        if !found.iter().any(Finding::is_wrong) {
            desk.line(desk.speech.finding(&Finding::Well))?;
        }
        for finding in &found {
            desk.line(format!("* {}", desk.speech.finding(finding)))?;
        }
    }
    Ok(if found.iter().any(Finding::is_wrong) { Exit::Failed } else { Exit::Done })
}

/// A node that cannot be asked is a finding too; what the command line got wrong is not.
fn unreachable(error: anyhow::Error) -> Result<Finding> {
    match error.downcast::<Failure>()? {
        Failure { exit: Exit::Failed, say } => Ok(Finding::NoNode(Box::new(say))),
        other => Err(other.into()),
    }
}

fn examine(desk: &Desk, door: &Door) -> Result<Vec<Finding>> {
    let status = door.status()?;
    let mut found = Vec::new();
    found.extend(status.read_only.clone().map(|why| Finding::ReadOnly { why }));
    found.extend(company(door, &status)?);
    found.extend(conversations(door)?);
    found.extend(identities(desk, door, &status)?);
    found.extend(bridge(door)?);
    found.extend(newcomers(door)?);
    if status.listening.is_empty() {
        found.push(Finding::Unreachable);
    }
    Ok(found)
}

/// Is anybody there, and are they where we are?
fn company(door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let peers: Vec<PeerView> = door.list(&Request::Peers, |response| match response {
        Response::Peer(peer) => Some(peer),
        _ => None,
    })?;
    if peers.is_empty() {
        return Ok(vec![Finding::Nobody]);
    }
    let theirs: BTreeSet<String> =
        peers.iter().flat_map(|peer| &peer.elsewhere).map(ToString::to_string).collect();
    let theirs: Vec<String> = theirs.into_iter().collect();
    let alone = |region: &&_| status.peers.get(*region).is_none_or(|count| *count == 0);
    let alone = status.regions.iter().filter(alone);
    let finding = |region: &weft_protocol::region::Region| Finding::Alone {
        region: region.to_string(),
        theirs: theirs.clone(),
    };
    Ok(alone.map(finding).collect())
}

/// What went wrong when this node last reconciled with those it meets.
fn conversations(door: &Door) -> Result<Vec<Finding>> {
    let all = door.list(&Request::SyncStatus, |response| match response {
        Response::Sync(view) => Some(view),
        _ => None,
    })?;
    let failed = all.into_iter().filter_map(|view| {
        let (node, why) = (view.peer.short(), view.failure?);
        Some(Finding::SyncFailed { node, why })
    });
    Ok(failed.collect())
}

/// Do the networks that live here still have their voice?
fn identities(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    if status.hosted.is_empty() {
        return Ok(vec![Finding::NoNetwork]);
    }
    let directory = Directory::load(desk, door)?;
    let mut found = Vec::new();
    for net in &status.hosted {
        let Response::Network(view) = door.ask(&Request::Network { net: *net })? else {
            return Err(door::strange());
        };
        let name = directory.name(*net);
        if view.state.disputed.is_some() {
            found.push(Finding::Disputed { name });
        } else if view.state.closed.is_some() {
            found.push(Finding::Closed { name });
        } else if view.state.key.is_none_or(|key| view.state.revoked.contains(&key)) {
            found.push(Finding::Voiceless { name });
        }
    }
    Ok(found)
}

/// May the bridge of this node do what its rules say?
fn bridge(door: &Door) -> Result<Option<Finding>> {
    let lanes = door.list(&Request::Bridge(BridgeTask::Lanes), |response| match response {
        Response::Lane(lane) => Some(lane),
        _ => None,
    })?;
    let Response::Bridge(bridge) = door.ask(&Request::Bridge(BridgeTask::Show))? else {
        return Err(door::strange());
    };
    let entitled = |lane: &weft_protocol::bridge::LaneView| {
        let ends = |(from, into, _): &(_, _, _)| *from == lane.rule.from && *into == lane.rule.to;
        bridge.until.is_some() && bridge.entitled.iter().any(ends)
    };
    let idle = lanes.iter().find(|lane| !lane.paused && !entitled(lane));
    let serves = bridge.until.is_some();
    Ok(idle.map(|lane| Finding::IdleRule { rule: lane.rule.name.to_string(), serves }))
}

/// Who waits to be let in?
fn newcomers(door: &Door) -> Result<Option<Finding>> {
    let Response::Policy(policy) = door.ask(&Request::Policy(PolicyTask::Show))? else {
        return Err(door::strange());
    };
    if policy.mode == Mode::Open {
        return Ok(None);
    }
    let count = newcomer::newcomers(door)?.len();
    Ok((count > 0).then_some(Finding::Newcomers { count }))
}
