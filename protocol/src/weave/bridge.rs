//! Bridges between clusters, and the tree of the widest that holds all together.

use std::collections::{BTreeMap, BTreeSet};

use super::cascade::{Cascade, Ground};
use super::graph::{Vertex, Weave};
use super::matching::Matching;
use crate::id::NetId;

/// The thresholds at which a bridge is shown: hearing, joining, joining what is risky.
pub const THRESHOLDS: [usize; 3] = [1, 2, 3];

/// What joins two clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// The clusters, in the order of their names.
    pub ends: [String; 2],
    /// How many networks they have.
    pub sizes: [usize; 2],
    /// Tied pairs with one network in each.
    pub ties: usize,
    /// The fewest networks whose loss cuts it.
    pub carriers: usize,
    /// How many of the second join when all of the first have, for each of [`THRESHOLDS`].
    pub there: [usize; 3],
    /// How many of the first join when all of the second have.
    pub back: [usize; 3],
}

impl Bridge {
    /// Says whether at least half of the other side joins when one side has, both ways, at the
    /// `i`th of [`THRESHOLDS`].
    pub fn is_wide(&self, i: usize) -> bool {
        let half = |lit: &[usize; 3], size| lit.get(i).is_some_and(|lit| lit * 2 >= size);
        half(&self.there, self.sizes[1]) && half(&self.back, self.sizes[0])
    }

    /// The widest first: by carriers, then ties, then the names of the ends.
    fn rank(&self) -> (std::cmp::Reverse<(usize, usize)>, &[String; 2]) {
        (std::cmp::Reverse((self.carriers, self.ties)), &self.ends)
    }
}

/// Two clusters, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Sides {
    pub(super) fn turned(self) -> Self {
        Self { from: self.to, to: self.from }
    }
}

impl Weave {
    /// Returns what joins two clusters; none when there is no such cluster, or the two are one.
    pub fn bridge(&self, a: &str, b: &str) -> Option<Bridge> {
        Some(self.bridge_between(self.sides(a, b)?))
    }

    /// Returns every bridge that has a tie, in the order of the names of its ends.
    pub fn bridges(&self) -> Vec<Bridge> {
        let mut pairs = BTreeSet::new();
        for vertex in 0..self.len() {
            for other in self.around(vertex) {
                if let (Some(from), Some(to)) = (self.home(vertex), self.home(*other))
                    && from.cluster < to.cluster
                {
                    pairs.insert((from.cluster, to.cluster));
                }
            }
        }
        let bridge = |(from, to)| self.bridge_between(Sides { from, to });
        pairs.into_iter().map(bridge).collect()
    }

    /// Returns the width of the bridge from the neighbourhood of one network into that of another:
    /// the ties between their common members and those that only the second has.
    pub fn width(&self, from: NetId, to: NetId) -> usize {
        let (Some(from), Some(to)) = (self.vertex(from), self.vertex(to)) else { return 0 };
        let near = self.closed(from);
        let far = self.closed(to);
        let beyond = |c: &Vertex| {
            self.around(*c).iter().filter(|v| far.contains(v) && !near.contains(v)).count()
        };
        near.intersection(&far).map(beyond).sum()
    }

    /// Returns how many networks are tied to both, so that a tie between the two has as many ways
    /// round it in two steps.
    pub fn redundancy(&self, a: NetId, b: NetId) -> usize {
        let (Some(a), Some(b)) = (self.vertex(a), self.vertex(b)) else { return 0 };
        self.around(a).iter().filter(|v| self.joined(**v, b)).count()
    }

    pub(super) fn sides(&self, a: &str, b: &str) -> Option<Sides> {
        let (a, b) = (a.min(b), a.max(b));
        let find = |name: &str| self.clusters().position(|(have, _)| have == name);
        (a != b).then_some(Sides { from: find(a)?, to: find(b)? })
    }

    fn closed(&self, vertex: Vertex) -> BTreeSet<Vertex> {
        self.around(vertex).iter().copied().chain([vertex]).collect()
    }

    fn bridge_between(&self, sides: Sides) -> Bridge {
        let ties = self.ties_between(sides);
        let (from, to) = (self.cluster(sides.from), self.cluster(sides.to));
        let lit = |sides| THRESHOLDS.map(|k| self.crossing(sides, k).lit());
        Bridge {
            ends: [from.name.clone(), to.name.clone()],
            sizes: [from.members.len(), to.members.len()],
            ties: ties.iter().map(Vec::len).sum(),
            carriers: Matching::new(&ties, to.members.len()).size(),
            there: lit(sides),
            back: lit(sides.turned()),
        }
    }

    /// Returns, for every seat of the one cluster, the seats of the other that it is tied to.
    pub(super) fn ties_between(&self, sides: Sides) -> Vec<Vec<usize>> {
        let ends = |vertex: &Vertex| {
            let homes = self.around(*vertex).iter().filter_map(|end| self.home(*end));
            homes.filter(|home| home.cluster == sides.to).map(|home| home.seat).collect()
        };
        self.cluster(sides.from).members.iter().map(ends).collect()
    }

    /// Lets all of one cluster speak, and the other join until nobody more does.
    pub(super) fn crossing(&self, sides: Sides, k: usize) -> Cascade<'_> {
        let mut cascade = Cascade::new(self, Ground::Within(sides.to), k);
        for listener in &self.cluster(sides.to).members {
            for speaker in self.around(*listener) {
                if self.home(*speaker).is_some_and(|home| home.cluster == sides.from) {
                    cascade.tell(*speaker, *listener);
                }
            }
        }
        cascade.settle();
        cascade
    }
}

/// Returns the bridges that hold the clusters together with the most carriers: a maximum spanning
/// tree by carriers (Kruskal 1956), the widest first. The last is the **narrowest bridge**. Among
/// bridges of as many carriers one with more ties is wider, then the names decide. Clusters that
/// no bridge reaches make it a forest: it is one bridge short for each part but the first.
pub fn spanning_tree(bridges: &[Bridge]) -> Vec<&Bridge> {
    let mut widest: Vec<&Bridge> = bridges.iter().filter(|bridge| bridge.ties > 0).collect();
    widest.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let names: BTreeSet<&str> = widest.iter().flat_map(|b| &b.ends).map(String::as_str).collect();
    let place: BTreeMap<&str, usize> = names.into_iter().zip(0..).collect();
    let mut part: Vec<usize> = (0..place.len()).collect();
    widest.retain(|bridge| {
        let [a, b] = bridge.ends.each_ref().map(|end| root(&mut part, place[end.as_str()]));
        part[a.max(b)] = a.min(b);
        a != b
    });
    widest
}

/// Returns what stands for the part that a cluster is in, and shortens the way there.
fn root(part: &mut [usize], mut cluster: usize) -> usize {
    while part[cluster] != cluster {
        part[cluster] = part[part[cluster]];
        cluster = part[cluster];
    }
    cluster
}
