//! Which tie is missing most between two clusters.
//!
//! Whoever shows this shows it to the two networks that could make the tie, and to nobody else: a
//! public list of the thinnest places is a list of targets.

use std::collections::{BTreeMap, BTreeSet};

use super::bridge::Sides;
use super::cascade::Cascade;
use super::graph::{Vertex, Weave};
use super::matching::Matching;
use crate::body::values::ValueType;
use crate::id::NetId;
use crate::values::{Scores, Shared};

/// How many networks of each side are looked at: those that lack one voice, then those with the
/// fewest ties. Twice as many cost four times as much, and only busier networks are added.
const CANDIDATES_MAX: usize = 50;

/// What is wished for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Between which clusters.
    pub ends: [&'a str; 2],
    /// How many voices it takes to join.
    pub k: usize,
    /// What networks value, of those that have said so.
    pub scores: &'a BTreeMap<NetId, Scores>,
    /// Pairs, in either order, of which one has ended a tie with the other: they know best.
    pub parted: &'a BTreeSet<(NetId, NetId)>,
}

/// A tie that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The network in the first cluster, by name.
    pub a: NetId,
    /// The network in the second.
    pub b: NetId,
    /// The intrinsic values that both put above their average: the words to begin with.
    pub shared: Vec<ValueType>,
}

/// A tie that would widen a bridge, or two of one network where one cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// One tie, or two that meet in one network.
    pub ties: Vec<Missing>,
    /// How many networks more would join, both ways together: calls that are backed on one side
    /// would reach them with enough voices.
    pub gain: usize,
    /// How many carriers more the bridge would have.
    pub carriers: usize,
}

/// A bridge as it is, ready to be tried with another tie.
#[derive(Debug, Clone)]
pub struct Widening<'a> {
    weave: &'a Weave,
    sides: Sides,
    there: Cascade<'a>,
    back: Cascade<'a>,
}

impl Weave {
    /// Gets the bridge between two clusters ready to be tried with another tie; none when there is
    /// no such cluster, or the two are one.
    pub fn widening(&self, a: &str, b: &str, k: usize) -> Option<Widening<'_>> {
        let sides = self.sides(a, b)?;
        let (there, back) = (self.crossing(sides, k), self.crossing(sides.turned(), k));
        Some(Widening { weave: self, sides, there, back })
    }

    /// Returns which missing ties would widen the bridge between two clusters, the best first, at
    /// most `limit`: by what they gain, by carriers, by how many intrinsic values are shared, by how
    /// few ties the networks carry already, then by id. When no tie alone would gain anything, two
    /// ties that meet in one network are tried. Nothing is suggested that gains nothing.
    pub fn suggest(&self, wish: &Wish<'_>, limit: usize) -> Vec<Suggestion> {
        let Some(widening) = self.widening(wish.ends[0], wish.ends[1], wish.k) else {
            return Vec::new();
        };
        let trial = Trial::new(&widening, wish);
        let mut found = trial.ones();
        if found.iter().all(|suggestion| suggestion.rank.gain.0 == 0) {
            found = trial.twos(&found);
        }
        found.retain(|suggestion| suggestion.rank.gain.0 > 0);
        found.sort();
        found.truncate(limit);
        found.into_iter().map(|ranked| trial.suggestion(ranked)).collect()
    }
}

impl Widening<'_> {
    /// Returns how many networks more would join, both ways together, with these ties between the
    /// two clusters. Other ties gain nothing.
    pub fn gain(&self, ties: &[(NetId, NetId)]) -> usize {
        let vertex = |net| self.weave.vertex(net);
        let known = ties.iter().filter_map(|(a, b)| Some((vertex(*a)?, vertex(*b)?)));
        let inside = |v: Vertex, cluster| self.weave.home(v).is_some_and(|h| h.cluster == cluster);
        let oriented = known.filter_map(|(a, b)| {
            let straight = inside(a, self.sides.from) && inside(b, self.sides.to);
            let turned = inside(b, self.sides.from) && inside(a, self.sides.to);
            if straight { Some((a, b)) } else { turned.then_some((b, a)) }
        });
        self.gain_of(&oriented.collect::<Vec<_>>())
    }

    fn gain_of(&self, ties: &[(Vertex, Vertex)]) -> usize {
        let mut there = self.there.clone();
        let mut back = self.back.clone();
        for (a, b) in ties {
            there.tell(*a, *b);
            back.tell(*b, *a);
        }
        there.settle();
        back.settle();
        there.lit() + back.lit() - self.there.lit() - self.back.lit()
    }
}

type Reverse = std::cmp::Reverse<usize>;

/// What decides between suggestions, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    gain: Reverse,
    carriers: Reverse,
    shared: Reverse,
    degrees: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    rank: Rank,
    ties: Vec<(Vertex, Vertex)>,
}

/// All that is the same for every tie that is tried.
struct Trial<'a> {
    widening: &'a Widening<'a>,
    wish: &'a Wish<'a>,
    left: Vec<Vertex>,
    right: Vec<Vertex>,
    /// By seat: who could be spared by the carriers of today.
    spare: (Vec<bool>, Vec<bool>),
}

impl<'a> Trial<'a> {
    fn new(widening: &'a Widening<'a>, wish: &'a Wish<'a>) -> Self {
        let weave = widening.weave;
        let Sides { from, to } = widening.sides;
        let ties = weave.ties_between(widening.sides);
        let matching = Matching::new(&ties, weave.cluster(to).members.len());
        Self {
            widening,
            wish,
            left: candidates(weave, from, &widening.back),
            right: candidates(weave, to, &widening.there),
            spare: matching.spare(&ties),
        }
    }

    fn ones(&self) -> Vec<Ranked> {
        let pairs = self.left.iter().flat_map(|a| self.right.iter().map(|b| (*a, *b)));
        pairs.filter(|tie| self.may(*tie)).map(|tie| self.try_out(vec![tie])).collect()
    }

    /// Takes, for every network, the best tie that ends there, and tries each other beside it.
    fn twos(&self, ones: &[Ranked]) -> Vec<Ranked> {
        let mut found = Vec::new();
        for on_left in [true, false] {
            let meet = |(a, b): (Vertex, Vertex)| if on_left { a } else { b };
            let mut at: BTreeMap<Vertex, Vec<&Ranked>> = BTreeMap::new();
            for one in ones {
                at.entry(meet(one.ties[0])).or_default().push(one);
            }
            for here in at.values() {
                let Some(first) = here.iter().min() else { continue };
                let others = here.iter().filter(|one| one != &first);
                found.extend(others.map(|one| self.try_out(vec![first.ties[0], one.ties[0]])));
            }
        }
        found
    }

    fn may(&self, (a, b): (Vertex, Vertex)) -> bool {
        let weave = self.widening.weave;
        let (x, y) = (weave.net(a), weave.net(b));
        let parted = self.wish.parted;
        !weave.joined(a, b)
            && weave.class(a).id != weave.class(b).id
            && !parted.contains(&(x, y))
            && !parted.contains(&(y, x))
    }

    fn try_out(&self, ties: Vec<(Vertex, Vertex)>) -> Ranked {
        let weave = self.widening.weave;
        let spared = |(a, b): &(Vertex, Vertex)| {
            let seat = |v: Vertex, spare: &[bool]| weave.home(v).is_some_and(|h| spare[h.seat]);
            seat(*a, &self.spare.0) && seat(*b, &self.spare.1)
        };
        let rank = Rank {
            gain: std::cmp::Reverse(self.widening.gain_of(&ties)),
            // Two ties that meet add no more carriers than the better of them.
            carriers: std::cmp::Reverse(usize::from(ties.iter().any(spared))),
            shared: std::cmp::Reverse(ties.iter().map(|tie| self.shared(*tie).len()).sum()),
            degrees: ties.iter().map(|(a, b)| weave.degree(*a) + weave.degree(*b)).sum(),
        };
        Ranked { rank, ties }
    }

    fn shared(&self, (a, b): (Vertex, Vertex)) -> Vec<ValueType> {
        let scores = |v| self.wish.scores.get(&self.widening.weave.net(v));
        let both = scores(a).zip(scores(b));
        both.map(|(a, b)| Shared::new(a, b).intrinsic()).unwrap_or_default()
    }

    fn suggestion(&self, ranked: Ranked) -> Suggestion {
        let weave = self.widening.weave;
        let missing = |tie: (Vertex, Vertex)| Missing {
            a: weave.net(tie.0),
            b: weave.net(tie.1),
            shared: self.shared(tie),
        };
        Suggestion {
            ties: ranked.ties.into_iter().map(missing).collect(),
            gain: ranked.rank.gain.0,
            carriers: ranked.rank.carriers.0,
        }
    }
}

/// Returns who of a cluster comes into question: who lacks one voice first, then who carries the
/// fewest ties, then by id.
fn candidates(weave: &Weave, cluster: usize, cascade: &Cascade<'_>) -> Vec<Vertex> {
    let mut members = weave.cluster(cluster).members.clone();
    members.sort_by_key(|v| (!cascade.is_one_short(*v), weave.degree(*v), *v));
    members.truncate(CANDIDATES_MAX);
    members
}
