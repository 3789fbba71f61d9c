//! With whom a closed node is connected.
//!
//! A closed node tells nothing to anybody but its own and those that its operator has named. These are the
//! nodes that are allowed by name, and those that a network names as its own that lives here or from which
//! recognition starts. Where the operator has it dial is added by whoever dials.
//!
//! **Invariant:** who is meant is a function of the mode, of what the operator has said and of the records:
//! whom this node has met before, and who is tied to whom, counts for nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Effect, Engine, Store};
use crate::admission::Mode;
use crate::body::Body;
use crate::id::{NetId, NodeId};
use crate::record::Unverified;
use crate::time::Timestamp;

/// How long a change of the records may wait to be looked at, while many come.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What was last said of it.
#[derive(Debug, Default)]
pub(super) struct Company {
    said: Option<BTreeSet<NodeId>>,
    /// When it was last looked at.
    at: Timestamp,
    /// When it is to be looked at again, if anything has changed.
    due: Option<Timestamp>,
}

impl Company {
    /// What is stored has changed.
    pub(super) fn note(&mut self) {
        let closed = self.said.is_some();
        self.due = self.due.or(closed.then_some(self.at + LOOK_AGAIN));
    }

    /// What the operator says has changed.
    pub(super) fn note_word(&mut self) {
        self.due = Some(Timestamp::ZERO);
    }

    /// Returns when to look.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.due
    }
}

impl Engine {
    /// Says who is of the company of this node, when that has changed.
    pub(super) fn keep_company<S: Store>(
        &mut self,
        now: Timestamp,
        store: &mut S,
    ) -> Result<(), S::Error> {
        if self.company.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        (self.company.at, self.company.due) = (now, None);
        let company = match self.gate.policy.mode {
            Mode::Closed => Some(self.company(now, store)?),
            Mode::Open | Mode::Federation => None,
        };
        if self.company.said != company {
            self.company.said.clone_from(&company);
            self.out.push(Effect::Admit(company));
        }
        Ok(())
    }

    fn company<S: Store>(
        &self,
        now: Timestamp,
        store: &mut S,
    ) -> Result<BTreeSet<NodeId>, S::Error> {
        let policy = &self.gate.policy;
        let mut nodes: BTreeSet<NodeId> = policy.welcomed(now).collect();
        let mut nets: BTreeSet<NetId> = self.settings.seeds();
        nets.extend(policy.allowed(now));
        for net in nets.iter().filter(|net| !policy.blocks(net, now)) {
            nodes.extend(self.nodes_of(net, store)?);
        }
        for barred in policy.barred(now) {
            nodes.remove(&barred);
        }
        Ok(nodes)
    }

    /// Returns the nodes that the profile that says where a network lives names as its own.
    pub(super) fn nodes_of<S: Store>(
        &self,
        net: &NetId,
        store: &mut S,
    ) -> Result<Vec<NodeId>, S::Error> {
        let Some(id) = self.ledger.hosting_profile(net) else { return Ok(Vec::new()) };
        let Some(bytes) = store.bytes(&id)? else { return Ok(Vec::new()) };
        let record = Unverified::decode(&bytes).map(Unverified::assume_verified);
        Ok(record.map_or_else(
            |_| Vec::new(),
            |record| match record.body() {
                Body::Profile(profile) => profile.nodes.iter().map(|own| own.node).collect(),
                _ => Vec::new(),
            },
        ))
    }
}
