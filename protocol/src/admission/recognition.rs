//! Which networks a chain of ties leads to, and through whom.
//!
//! **Invariant:** recognition is a function of the seeds, the ties and the distance, in any order.
//! Room flows from the seeds along the shortest chains: whoever is further away than one tie has no
//! quota of its own, but a part of those of the first networks on its chains. So a thousand shams
//! behind one network, or behind two that have agreed on it, share what these have.

use std::collections::{BTreeMap, BTreeSet};

use super::bill::{Bill, Part, Payer};
use crate::id::NetId;

/// Over how many ties a network is recognised unless the operator says otherwise: friends of
/// friends of friends. One more would take in most of any movement at once.
pub const DISTANCE_DEFAULT: u8 = 3;

/// The largest distance that can be configured: beyond it recognition excludes nobody.
pub const DISTANCE_MAX: u8 = 8;

/// Through how many first networks one is looked for at most: with four ways in nobody is cut off by
/// three that are flooded, and each record asks four times at most.
const GATES_MAX: usize = 4;

/// How a network is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// Over how many ties; 0 for a seed.
    pub distance: u8,
    /// Through which network one tie nearer to us; itself for a seed. Of several, the lowest id.
    pub neighbour: NetId,
    /// Of whose room its own is a part: the first network on the chain that leads to it, itself when
    /// it is tied to a seed.
    pub payer: NetId,
}

/// The first networks on the chains that lead to one, and through which that is one tie nearer.
type Gates = BTreeMap<NetId, NetId>;

/// The recognised networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognition {
    networks: BTreeMap<NetId, Recognised>,
    /// Of those that are further away than one tie.
    gates: BTreeMap<NetId, Gates>,
}

impl Recognition {
    /// Follows the ties from the seeds. Each tie is given as a pair of networks, once in either
    /// direction. Costs one walk over the ties within the distance: do it when ties change.
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
        let seed = |net: &NetId| (*net, Recognised { distance: 0, neighbour: *net, payer: *net });
        let networks = seeds.iter().map(seed).collect();
        let mut recognition = Self { networks, gates: BTreeMap::new() };
        let mut layer = seeds.clone();
        for distance in 1..=distance.min(DISTANCE_MAX) {
            layer = recognition.step(&layer, &neighbours, distance);
        }
        recognition
    }

    /// Recognises those who are tied to somebody of the outermost layer and are not in it, nor
    /// nearer. Returns them: the next layer.
    fn step(
        &mut self,
        layer: &BTreeSet<NetId>,
        neighbours: &BTreeMap<NetId, BTreeSet<NetId>>,
        distance: u8,
    ) -> BTreeSet<NetId> {
        let mut next: BTreeMap<NetId, Vec<NetId>> = BTreeMap::new();
        for net in layer {
            for other in neighbours.get(net).into_iter().flatten() {
                if !self.networks.contains_key(other) {
                    next.entry(*other).or_default().push(*net);
                }
            }
        }
        for (net, nearer) in &next {
            // In the order of ids, as the layer is.
            let Some(neighbour) = nearer.first().copied() else { continue };
            let first = self.networks.get(&neighbour).filter(|_| distance > 1);
            let payer = first.map_or(*net, |known| known.payer);
            self.networks.insert(*net, Recognised { distance, neighbour, payer });
            if distance > 1 {
                self.gates.insert(*net, self.gates_through(nearer, distance));
            }
        }
        next.into_keys().collect()
    }

    /// Returns the first networks on the chains through these, the one by which a chain is shown
    /// before all others.
    fn gates_through(&self, nearer: &[NetId], distance: u8) -> Gates {
        let mut gates = Gates::new();
        for through in nearer {
            let known = self.gates.get(through).into_iter().flat_map(Gates::keys);
            let own = (distance == 2).then_some(through);
            for gate in known.chain(own) {
                if gates.len() < GATES_MAX {
                    gates.entry(*gate).or_insert(*through);
                }
            }
        }
        gates
    }

    /// Returns who may pay for what a recognised network signs, any one of them: itself when it is a
    /// seed or tied to one, else those of whose room it has a part.
    pub fn bills(&self, net: &NetId) -> Vec<Bill> {
        let Some(gates) = self.gates.get(net) else {
            let own = self.has(net).then(|| Bill::of(Payer::Network(*net)));
            return own.into_iter().collect();
        };
        let way = |gate: &NetId| {
            let (mut parts, mut at) = (Vec::new(), *net);
            while at != *gate {
                parts.push(Part::Network(at));
                at = self.gates.get(&at).and_then(|gates| gates.get(gate)).copied()?;
            }
            parts.reverse();
            Some(Bill { payer: Payer::Behind(*gate), parts })
        };
        gates.keys().filter_map(way).collect()
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
