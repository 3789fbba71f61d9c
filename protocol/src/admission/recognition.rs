//! Which networks a chain of ties leads to.
//!
//! **Invariant:** recognition is a function of the seeds, the ties and the distance, in any order.
//! A network to which every chain leads through one and the same neighbour pays with that
//! neighbour's quota, so one network cannot bring a thousand shams.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::id::NetId;

/// Over how many ties a network is recognised unless the operator says otherwise: friends of
/// friends of friends. One more would take in most of any movement at once.
pub const DISTANCE_DEFAULT: u8 = 3;

/// The largest distance that can be configured: beyond it recognition excludes nobody.
pub const DISTANCE_MAX: u8 = 8;

/// How a network is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// Over how many ties; 0 for a seed.
    pub distance: u8,
    /// Through which network one tie nearer to us; itself for a seed. Of several, the lowest id.
    pub neighbour: NetId,
    /// Who pays for what it brings: the first network through which every chain leads, or itself
    /// when there are several ways.
    pub payer: NetId,
}

/// The recognised networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognition {
    networks: BTreeMap<NetId, Recognised>,
}

impl Recognition {
    /// Follows the ties from the seeds. Each tie is given as a pair of networks, once in either
    /// direction. Costs a few walks over the ties within the distance: do it when ties change.
    pub fn new(
        seeds: &BTreeSet<NetId>,
        ties: impl IntoIterator<Item = (NetId, NetId)>,
        distance: u8,
    ) -> Self {
        let mut neighbours: BTreeMap<NetId, BTreeSet<NetId>> = BTreeMap::new();
        for (a, b) in ties {
            neighbours.entry(a).or_default().insert(b);
            neighbours.entry(b).or_default().insert(a);
        }
        let (order, mut networks) = walk(seeds, &neighbours, distance.min(DISTANCE_MAX));
        for (net, payer) in payers(seeds, &order, &neighbours) {
            if let Some(recognised) = networks.get_mut(&net) {
                recognised.payer = payer;
            }
        }
        Self { networks }
    }

    /// Says how a network is recognised, if it is.
    pub fn of(&self, net: &NetId) -> Option<&Recognised> {
        self.networks.get(net)
    }

    /// Says whether a network is recognised.
    pub fn has(&self, net: &NetId) -> bool {
        self.networks.contains_key(net)
    }

    /// Returns the chain of networks that leads to this one, a seed first; empty when none does.
    pub fn chain(&self, net: &NetId) -> Vec<NetId> {
        let mut chain = Vec::new();
        let mut at = *net;
        while let Some(recognised) = self.networks.get(&at) {
            chain.push(at);
            if recognised.distance == 0 {
                break;
            }
            at = recognised.neighbour;
        }
        chain.reverse();
        chain
    }

    /// Iterates over the recognised networks.
    pub fn iter(&self) -> impl Iterator<Item = (&NetId, &Recognised)> {
        self.networks.iter()
    }
}

/// Returns the networks within the distance in the order of distance, then of ids, and how each
/// was reached.
fn walk(
    seeds: &BTreeSet<NetId>,
    neighbours: &BTreeMap<NetId, BTreeSet<NetId>>,
    most: u8,
) -> (Vec<NetId>, BTreeMap<NetId, Recognised>) {
    let seed = |net: &NetId| (*net, Recognised { distance: 0, neighbour: *net, payer: *net });
    let mut found: BTreeMap<NetId, Recognised> = seeds.iter().map(seed).collect();
    let mut order = Vec::new();
    let mut layer: BTreeSet<NetId> = seeds.clone();
    for distance in 1..=most {
        let mut next = BTreeSet::new();
        for net in &layer {
            for other in neighbours.get(net).into_iter().flatten() {
                if !found.contains_key(other) {
                    let recognised = Recognised { distance, neighbour: *net, payer: *other };
                    found.insert(*other, recognised);
                    next.insert(*other);
                }
            }
        }
        order.extend(next.iter().copied());
        layer = next;
    }
    (order, found)
}

/// Returns for each network the first one, seeds aside, through which every chain leads to it.
///
/// Every network takes the payer that all its neighbours have; when they have different ones, or a
/// seed is among them, it pays itself. Neighbours that are only reached through the network itself
/// say nothing. It is asked again whose neighbours have changed, until nobody has: the answer of a
/// network changes at most twice, so the work is a few times the number of ties.
fn payers(
    seeds: &BTreeSet<NetId>,
    order: &[NetId],
    neighbours: &BTreeMap<NetId, BTreeSet<NetId>>,
) -> BTreeMap<NetId, NetId> {
    let known: BTreeSet<&NetId> = order.iter().collect();
    let mut payers: BTreeMap<NetId, NetId> = BTreeMap::new();
    let mut open: VecDeque<NetId> = order.iter().copied().collect();
    let mut waiting: BTreeSet<NetId> = open.iter().copied().collect();
    while let Some(net) = open.pop_front() {
        waiting.remove(&net);
        let near = || neighbours.get(&net).into_iter().flatten();
        let said: BTreeSet<NetId> =
            near().filter_map(|other| payers.get(other)).copied().filter(|p| *p != net).collect();
        let alone = near().any(|other| seeds.contains(other)) || said.len() != 1;
        let payer = said.first().copied().filter(|_| !alone).unwrap_or(net);
        if payers.insert(net, payer) == Some(payer) {
            continue;
        }
        for other in near().filter(|other| known.contains(other)) {
            if waiting.insert(*other) {
                open.push_back(*other);
            }
        }
    }
    payers
}
