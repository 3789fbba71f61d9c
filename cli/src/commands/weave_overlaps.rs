//! `weft weave overlaps`: networks that are members of several alliances, who are no two voices.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::json;
use weft_protocol::body::Body;
use weft_protocol::body::tie::TieKind;
use weft_protocol::fold::tie::State;
use weft_protocol::id::NetId;
use weft_protocol::record::Record;

use crate::commands::tie;
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::names::Names;
use crate::show::directory::Directory;
use crate::words::Word;

/// Shows the members that these alliances have in common, or any.
///
/// # Errors
/// When the node does not answer, or an alliance is not here.
pub(crate) fn show(desk: &Desk, door: &Door, of: &[String]) -> Result<Exit> {
    let names = Names::load(desk)?;
    let find = |word: &String| names.network(door, word);
    let of = of.iter().map(find).collect::<Result<BTreeSet<_>>>()?;
    let found = Vec::from_iter(members_of_several(&tie::all(door, None)?, &of));
    let shape = |(net, of): &(NetId, BTreeSet<NetId>)| json!({ "net": net, "member_of": of });
    if !desk.wants_table(&found, shape)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let listed = |nets: &BTreeSet<NetId>| {
        nets.iter().map(|net| directory.name(*net)).collect::<Vec<_>>().join(", ")
    };
    let rows = found.iter().map(|(net, of)| [directory.name(*net), listed(of)]);
    let headings = [Word::Name, Word::MemberOf];
    desk.table(headings, rows)
}

/// Returns the networks that are members, by active ties, of several of these alliances, or of any
/// when none are named.
fn members_of_several(
    ties: &[(Record, State)],
    of: &BTreeSet<NetId>,
) -> BTreeMap<NetId, BTreeSet<NetId>> {
    let mut members: BTreeMap<NetId, BTreeSet<NetId>> = BTreeMap::new();
    for (record, state) in ties {
        let Body::Tie(tie) = record.body() else { continue };
        let [member, alliance] = tie.parties.as_slice() else { continue };
        let counts = tie.kind == TieKind::MemberOf && state.is_active();
        if counts && (of.is_empty() || of.contains(alliance)) {
            members.entry(*member).or_default().insert(*alliance);
        }
    }
    members.retain(|_, of| of.len() > 1);
    members
}
