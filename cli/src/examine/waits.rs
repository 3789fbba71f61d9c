//! What waits for the networks that live here, and what of theirs ends soon.

use std::collections::BTreeMap;

use anyhow::Result;
use weft_protocol::control::{NodeStatus, Request, Response};
use weft_protocol::id::NetId;
use weft_protocol::ledger::{Due, Want};
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::Door;
use crate::show::directory::Directory;
use crate::show::when::relative;
use crate::words::{Awaiting, Ending, Ends, Finding, Waits};

/// Returns what waits for the networks that live here, or for one network.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn due(door: &Door, net: Option<NetId>) -> Result<Vec<Due>> {
    door.list(&Request::Due { net }, |response| match response {
        Response::Due(due) => Some(due),
        _ => None,
    })
}

/// Returns what waits, each kind once.
pub(super) fn look(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let mut directory = Directory::given(desk)?;
    let mut groups: BTreeMap<(Want, NetId), Vec<Due>> = BTreeMap::new();
    for due in due(door, None)? {
        groups.entry((due.want, due.net)).or_default().push(due);
    }
    let mut found = Vec::new();
    for ((want, net), all) in groups {
        let Some(first) = all.first() else { continue };
        directory.learn(desk, door, net)?;
        let name = directory.name(net);
        let ends = (first.until != Timestamp::NEVER)
            .then(|| relative(first.until, status.now, desk.speech));
        let (count, first) = (all.len(), first.about.short());
        found.push(match kind(want) {
            Kind::Waits(what) => Finding::Waits(Waits { what, count, first, when: ends }),
            Kind::Ends(what) => {
                let when = ends.unwrap_or_default();
                Finding::Ends(Ends { what, count, name, first, when })
            }
            Kind::Guardians { have, need } => Finding::Guardians { name, have, need },
            Kind::Nameless => Finding::Nameless { name },
        });
    }
    found.extend(roles(desk, door)?);
    Ok(found)
}

/// What a want is to a person.
enum Kind {
    Waits(Awaiting),
    Ends(Ending),
    Guardians { have: u8, need: u8 },
    Nameless,
}

fn kind(want: Want) -> Kind {
    match want {
        Want::Guardians { have, need } => Kind::Guardians { have, need },
        Want::Profile => Kind::Nameless,
        Want::ProfileEnds => Kind::Ends(Ending::Profile),
        Want::Signature => Kind::Waits(Awaiting::Signature),
        Want::Offer => Kind::Waits(Awaiting::Offer),
        Want::Delivery => Kind::Waits(Awaiting::Delivery),
        Want::Vote => Kind::Waits(Awaiting::Vote),
        Want::Closing => Kind::Waits(Awaiting::Closing),
        Want::Hosting => Kind::Waits(Awaiting::Hosting),
        Want::Concern => Kind::Waits(Awaiting::Concern),
        Want::Disclosure => Kind::Waits(Awaiting::Disclosure),
        Want::Review => Kind::Waits(Awaiting::Review),
        Want::TieEnds => Kind::Ends(Ending::Tie),
        Want::RoleEnds => Kind::Ends(Ending::Role),
        Want::BridgeEnds => Kind::Ends(Ending::Bridge),
    }
}

/// Is a role offered to a key of this home?
fn roles(desk: &Desk, door: &Door) -> Result<Option<Finding>> {
    let mut offered = Vec::new();
    for key in desk.home.keys().all()? {
        let request = Request::Mandates { key: key.public() };
        let mandates = door.list(&request, |response| match response {
            Response::Mandate(mandate) => Some(mandate),
            _ => None,
        })?;
        offered.extend(mandates.into_iter().filter(|m| m.offered).filter_map(|m| m.role));
    }
    let Some(first) = offered.first().map(|role| role.short()) else { return Ok(None) };
    let (what, count) = (Awaiting::Role, offered.len());
    Ok(Some(Finding::Waits(Waits { what, count, first, when: None })))
}
