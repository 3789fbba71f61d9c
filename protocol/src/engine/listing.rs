//! Long answers, a part at a time.
//!
//! **Invariant:** what is listed is decided when it is asked for; what is said of each item is
//! true when its part is sent. A client that does not read costs one list of names and no more.

use std::collections::{BTreeMap, VecDeque};

use super::RequestId;
use crate::control::{Response, SyncView};
use crate::id::{NetId, NodeId, RecordId, ThingId};
use crate::ledger::RoleView;

/// The most responses in one part: at 16 KiB a record, a part stays below one megabyte.
pub const PAGE: usize = 48;

/// The most long answers under way: as many as the door takes connections, and some.
const LISTINGS_MAX: usize = 64;

/// One item of a list.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Something already in words.
    Said(Box<Response>),
    /// A network.
    Network(NetId),
    /// A role.
    Role(Box<RoleView>),
    /// A declaration of values.
    Values(RecordId),
    /// A tie.
    Tie(ThingId),
    /// A call.
    Call(ThingId),
    /// A proposal, and whether to say whom one hand controls.
    Proposal(ThingId, bool),
    /// A gathering.
    Gathering(ThingId),
    /// Minutes of a meeting.
    Minutes(RecordId),
    /// A current disclosure.
    Disclosure(RecordId),
    /// A concern.
    Concern(RecordId),
    /// An answer to a call, a proposal or a gathering.
    Answer(RecordId),
    /// Any record.
    Record(RecordId),
    /// A record that is erased and can still come back.
    Hidden(RecordId),
    /// The last version of a thing that is over.
    Past(RecordId),
}

/// All long answers under way.
#[derive(Debug, Default)]
pub(super) struct Listings {
    lists: BTreeMap<RequestId, VecDeque<Item>>,
    syncing: BTreeMap<RequestId, Vec<NodeId>>,
}

impl Listings {
    /// Begins an answer. Returns whether there is room for one more.
    pub(super) fn begin(&mut self, request: RequestId, items: VecDeque<Item>) -> bool {
        let room = self.lists.len() + self.syncing.len() < LISTINGS_MAX;
        if room {
            self.lists.insert(request, items);
        }
        room
    }

    /// Returns the items of the next part, and whether it is the last.
    pub(super) fn next(&mut self, request: RequestId) -> (Vec<Item>, bool) {
        let Some(items) = self.lists.get_mut(&request) else { return (Vec::new(), true) };
        let part = items.drain(..items.len().min(PAGE)).collect();
        let last = items.is_empty();
        if last {
            self.lists.remove(&request);
        }
        (part, last)
    }

    /// Waits for conversations with these nodes. Returns whether there is room.
    pub(super) fn await_syncs(&mut self, request: RequestId, peers: Vec<NodeId>) -> bool {
        let room = self.lists.len() + self.syncing.len() < LISTINGS_MAX;
        if room {
            self.syncing.insert(request, peers);
        }
        room
    }

    /// A conversation is over: returns who waited for it, and whether for nothing else.
    pub(super) fn synced(&mut self, view: &SyncView) -> Vec<(RequestId, bool)> {
        let mut told = Vec::new();
        for (request, peers) in &mut self.syncing {
            if peers.contains(&view.peer) {
                peers.retain(|peer| *peer != view.peer);
                told.push((*request, peers.is_empty()));
            }
        }
        self.syncing.retain(|_, peers| !peers.is_empty());
        told
    }

    /// The client has gone.
    pub(super) fn forget(&mut self, request: RequestId) {
        self.lists.remove(&request);
        self.syncing.remove(&request);
    }
}
