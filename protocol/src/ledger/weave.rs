//! What the ledger knows of the weave: who has a profile, who is tied to whom, and where.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use super::entry::{Entry, Facts, Sort};
use super::ids::Handle;
use crate::fold::tie;
use crate::id::NetId;
use crate::time::Timestamp;
use crate::weave::{Edge, Pattern};

/// The most parties of a tie that are all tied to each other by it: in a larger one the proposer
/// is tied to everyone, so that a large alliance is one route and not a thousand.
const CIRCLE_MAX: usize = 6;

impl Ledger {
    /// Returns what the weave is made of at this time: the networks with a current profile, their
    /// active ties, and as clusters the home regions of their profiles. Which networks count as
    /// one voice is given.
    pub fn pattern(&self, classes: &BTreeMap<NetId, NetId>, now: Timestamp) -> Pattern {
        let mut pattern = Pattern { classes: classes.clone(), ..Pattern::default() };
        for net in self.networks() {
            let Some(profile) = self.current_profile(&net) else { continue };
            pattern.networks.insert(net);
            if let Some(home) = self.summary(&profile).and_then(|summary| summary.home) {
                pattern.clusters.insert(net, home.region.to_string());
            }
        }
        pattern.edges = self.tie_edges(now).collect();
        pattern
    }

    /// Iterates over the pairs that active ties join.
    pub(super) fn tie_edges(&self, now: Timestamp) -> impl Iterator<Item = Edge> {
        let ties = self.index.dated(Sort::Tie, Timestamp::ZERO);
        ties.flat_map(move |dated| {
            let entry = self.entry(dated.id).filter(|entry| entry.stands());
            entry.map(|entry| self.edges(dated.id, entry, now)).unwrap_or_default()
        })
    }

    /// Returns the pairs that a tie joins, while it is active.
    fn edges(&self, id: Handle, entry: &Entry, now: Timestamp) -> BTreeSet<Edge> {
        let (Facts::Tie(facts), Some(state)) = (&entry.facts, self.tie_facts(id, entry)) else {
            return BTreeSet::new();
        };
        if !tie::fold(&state, now).is_active() {
            return BTreeSet::new();
        }
        let pairs = state.parties.iter().flat_map(|a| state.parties.iter().map(|b| (*a, *b)));
        let small = state.parties.len() <= CIRCLE_MAX;
        pairs
            .filter(|(a, b)| if small { a < b } else { *a == state.author && a != b })
            .map(|(a, b)| Edge { a, b, kind: facts.kind })
            .collect()
    }
}
