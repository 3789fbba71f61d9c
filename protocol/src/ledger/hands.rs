//! Whose hand a network is: who else speaks where it seems that another does.
//!
//! **Invariant:** nobody is heard twice by a second name. What somebody else has to say about a
//! network counts only from one that is not of the same hand.

use std::collections::BTreeSet;

use super::Ledger;
use super::entry::{Entry, Facts, Sort};
use super::ids::{Handle, NONE};
use crate::body::role::RoleKind;
use crate::body::tie::TieKind;
use crate::id::{NetId, PublicKey};
use crate::time::Timestamp;

/// What would make a network one with another.
#[derive(Debug, Default)]
pub(super) struct Hand {
    net: Handle,
    /// Those with which it shares money: its fiscal host, or whom it hosts.
    fiscal: BTreeSet<Handle>,
    /// Those that it has disclosed to be under the same control.
    controls: BTreeSet<Handle>,
    /// Its own key, and those of its operators.
    keys: BTreeSet<PublicKey>,
}

impl Hand {
    /// Says whether two networks are of one hand: they share money or a key, or one of them says so.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.net == other.net
            || self.fiscal.contains(&other.net)
            || !self.fiscal.is_disjoint(&other.fiscal)
            || !self.keys.is_disjoint(&other.keys)
            || self.has_said(other)
            || other.has_said(self)
    }

    fn has_said(&self, other: &Self) -> bool {
        self.controls.contains(&other.net)
    }

    /// Leaves out what it says itself of others: where it could silence them by that.
    pub(super) fn silent(mut self) -> Self {
        self.controls.clear();
        self
    }
}

impl Ledger {
    /// Returns whose hand a network was at a moment.
    pub(super) fn hand(&self, net: Handle, then: Timestamp) -> Hand {
        let ties = self.index.ties.range((net, 0)..=(net, NONE)).map(|(_, id)| *id);
        let mut fiscal = BTreeSet::new();
        for (id, entry) in ties.filter_map(|id| Some((id, self.entry(id)?))) {
            if let Facts::Tie(tie) = &entry.facts
                && tie.kind == TieKind::FiscalHost
                && self.was_active((id, entry), tie, then)
            {
                fiscal.extend(tie.parties.iter().filter(|party| **party != net));
            }
        }
        let records = self.networks.get(&net).into_iter().flat_map(|network| &network.records);
        let disclosures = records
            .filter_map(|id| self.entry(*id))
            .filter(|entry| entry.sort == Sort::Disclosure && entry.at <= then && entry.stands());
        let controls = disclosures.flat_map(controlled).collect();
        let keys = self.speakers(net, then).into_iter().collect();
        Hand { net, fiscal, controls, keys }
    }

    /// Returns the key of a network, and those of its operators.
    pub(super) fn speakers(&self, net: Handle, now: Timestamp) -> Vec<PublicKey> {
        let Some(network) = self.networks.get(&net) else { return Vec::new() };
        let own = network.authority.log.chain.last().and_then(|link| link.keys.as_ref());
        let roles = network.authority.roles.mandates.values().flat_map(|m| &m.versions);
        let operators = roles.filter(|version| {
            let live = version.accepted.is_some() && version.ended.is_empty();
            live && version.body.kind == RoleKind::Operator && version.until > now
        });
        let holders = operators.map(|version| version.body.holder);
        own.map(|keys| keys.key).into_iter().chain(holders).collect()
    }

    /// Of these networks, those that are not of one hand with this one now.
    pub(super) fn others(
        &self,
        net: Handle,
        nets: &BTreeSet<NetId>,
        now: Timestamp,
    ) -> BTreeSet<NetId> {
        let hand = self.hand(net, now);
        let is_other = |other: &&NetId| {
            let other = self.ids.find(&other.0);
            other.is_some_and(|other| !self.hand(other, now).is(&hand))
        };
        nets.iter().filter(is_other).copied().collect()
    }

    /// Says whether a network was another's voice, at a moment, on what an author puts to electors: it is
    /// not of the author's hand, and an elector who is not either has a tie with it, or is it.
    pub(super) fn is_anothers_voice(
        &self,
        (voice, then): (Handle, Timestamp),
        author: Handle,
        electors: &BTreeSet<Handle>,
    ) -> bool {
        let ties = self.index.ties.range((voice, 0)..=(voice, NONE)).map(|(_, id)| *id);
        let ties = ties.filter_map(|id| Some((id, self.entry(id)?)));
        let vouching = ties.flat_map(|(id, entry)| {
            let Facts::Tie(tie) = &entry.facts else { return Vec::new() };
            let with = tie.parties.iter().copied();
            let with = with.filter(|party| ![voice, author].contains(party));
            let with: Vec<Handle> = with.filter(|party| electors.contains(party)).collect();
            let holds = !with.is_empty() && self.was_active((id, entry), tie, then);
            if holds { with } else { Vec::new() }
        });
        let itself = electors.contains(&voice).then_some(voice);
        let vouching: BTreeSet<Handle> = vouching.chain(itself).collect();
        if vouching.is_empty() {
            return false;
        }
        // What the author says of others afterwards must not unsay what they have said.
        let hand = self.hand(author, then).silent();
        let is_other = |net: &Handle| !self.hand(*net, then).is(&hand);
        is_other(&voice) && vouching.iter().any(is_other)
    }
}

/// Returns whom a disclosure says to be under the same control.
fn controlled(entry: &Entry) -> impl Iterator<Item = Handle> {
    let facts = match &entry.facts {
        Facts::Disclosure(facts) => Some(facts),
        _ => None,
    };
    facts.into_iter().flat_map(|facts| facts.control.iter().copied())
}
