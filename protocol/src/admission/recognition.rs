//! Which networks a chain of ties leads to.
//!
//! **Invariant:** recognition is a function of the seeds, the ties and the distance, in any order.
//! A network to which every chain leads through one and the same neighbour pays with that
//! neighbour's quota, so one network cannot bring a thousand shams.

use std::collections::{BTreeMap, BTreeSet};

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

/// Returns for each network the first one, seeds aside, through which every chain leads to it: the
/// first cut vertex on the way from the seeds, taken as one, or itself when there is none.
///
/// One depth-first walk over the ties finds it (Hopcroft and Tarjan, "Algorithm 447: efficient
/// algorithms for graph manipulation", Communications of the ACM 16, 1973): what lies below a
/// network in the walk and has no tie above it is reached through that network only.
fn payers(
    seeds: &BTreeSet<NetId>,
    order: &[NetId],
    neighbours: &BTreeMap<NetId, BTreeSet<NetId>>,
) -> BTreeMap<NetId, NetId> {
    let known: BTreeSet<&NetId> = order.iter().chain(seeds).collect();
    let beside = |net: &NetId| -> Vec<NetId> {
        let near = neighbours.get(net).into_iter().flatten();
        near.filter(|other| known.contains(other)).copied().collect()
    };
    let (walked, places) = walk_deep(seeds, beside);
    // The highest place that a tie leads to from a network, or from any below it.
    let mut high: Vec<usize> = (0..=walked.len()).collect();
    for (index, (net, above)) in walked.iter().enumerate().rev() {
        let place = index + 1;
        let ties = beside(net).into_iter().filter_map(|other| places.get(&other).copied());
        let highest = ties.filter(|other| other != above).min().unwrap_or(place);
        high[place] = high[place].min(highest);
        high[*above] = high[*above].min(high[place]);
    }
    let mut payers: Vec<NetId> = Vec::with_capacity(walked.len());
    for (place, (net, above)) in (1..).zip(&walked) {
        let payer = match above.checked_sub(1) {
            None => *net,
            Some(index) if payers[index] == walked[index].0 && high[place] < *above => *net,
            Some(index) => payers[index],
        };
        payers.push(payer);
    }
    walked.iter().map(|(net, _)| *net).zip(payers).collect()
}

/// Walks over the ties depth first, from the seeds as if they were one network at place 0. Returns
/// the networks in the order in which they were come to, from place 1 on, each with the place from
/// which it was, and the places of all.
fn walk_deep(
    seeds: &BTreeSet<NetId>,
    beside: impl Fn(&NetId) -> Vec<NetId>,
) -> (Vec<(NetId, usize)>, BTreeMap<NetId, usize>) {
    let mut walked = Vec::new();
    let mut places: BTreeMap<NetId, usize> = seeds.iter().map(|seed| (*seed, 0)).collect();
    let starts: Vec<NetId> = seeds.iter().flat_map(&beside).collect();
    let mut open = vec![(0, starts.into_iter())];
    while let Some((above, nets)) = open.last_mut() {
        let above = *above;
        let Some(net) = nets.next() else {
            open.pop();
            continue;
        };
        if places.contains_key(&net) {
            continue;
        }
        walked.push((net, above));
        places.insert(net, walked.len());
        open.push((walked.len(), beside(&net).into_iter()));
    }
    (walked, places)
}
