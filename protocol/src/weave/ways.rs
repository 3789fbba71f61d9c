//! By which ways a thing came into a region, and how many of them are independent.
//!
//! **Invariant:** a number of independent ways is never more than the fewest networks whose loss
//! would cut them all, as far as declarations tell.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::independence::Classes;
use crate::body::carriage::Crossing;
use crate::id::{NetId, RecordId};
use crate::region::Region;

/// How many ways are compared in all combinations: a thing that came by more is safe by any count.
const COMPARED_MAX: usize = 12;

/// One way by which a thing came: a valid carriage and the bridges before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Way {
    /// The bridges, the first one first; the last led into this region.
    pub crossings: Vec<Crossing>,
    /// Out of which region the last one led.
    pub from: Region,
    /// The carriage that says so.
    pub carriage: RecordId,
}

/// The ways by which a thing came into a region: of each bridge that brought it out of another one, the
/// shortest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Into which region each led, with the way; the shortest first.
    pub ways: Vec<Way>,
    /// How many of them have no class of networks in common.
    pub independent: usize,
}

impl Ways {
    /// Counts the independent ones among these.
    pub fn new(mut ways: Vec<Way>, classes: &Classes) -> Self {
        ways.sort_by(|a, b| (a.crossings.len(), a).cmp(&(b.crossings.len(), b)));
        // Who carries again, for longer or since it knows a shorter way, is no second way.
        let mut last = BTreeSet::new();
        ways.retain(|way| {
            last.insert((way.from.clone(), way.crossings.last().map(|crossing| crossing.net)))
        });
        let mut carriers: Vec<BTreeSet<NetId>> = Vec::new();
        for way in &ways {
            let set = way.crossings.iter().map(|crossing| classes.of(&crossing.net)).collect();
            // Of ways by the same hands one is enough, and one by fewer hands is better.
            if !carriers.iter().any(|known| known.is_subset(&set)) {
                carriers.push(set);
            }
        }
        carriers.truncate(COMPARED_MAX);
        let independent = disjoint(&carriers, &BTreeSet::new());
        Self { ways, independent }
    }
}

/// Returns how many of these sets can be chosen so that no two have anything in common, nor any
/// with what is taken.
fn disjoint(sets: &[BTreeSet<NetId>], taken: &BTreeSet<NetId>) -> usize {
    let Some((first, rest)) = sets.split_first() else { return 0 };
    let without = disjoint(rest, taken);
    if !first.is_disjoint(taken) {
        return without;
    }
    let taken = taken.union(first).copied().collect();
    without.max(1 + disjoint(rest, &taken))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weave::Link;

    fn net(n: u8) -> NetId {
        NetId([n; 32])
    }

    fn way(nets: &[u8], n: u8) -> Way {
        let region = |n: u8| format!("region-{n}").parse().unwrap();
        let crossing = |n: &u8| Crossing { net: net(*n), region: region(1) };
        let crossings = nets.iter().map(crossing).collect();
        Way { crossings, from: region(0), carriage: RecordId([n; 32]) }
    }

    #[test]
    fn ways_by_the_same_hands_are_not_independent() {
        let apart = Classes::default();
        let ways = || vec![way(&[1], 1), way(&[2], 2), way(&[1, 3], 3)];
        assert_eq!(Ways::new(ways(), &apart).independent, 2);
        let one = Classes::new([(net(1), net(2), Link::FiscalHost)]);
        assert_eq!(Ways::new(ways(), &one).independent, 1);
        let crossed = vec![way(&[1, 2], 1), way(&[1, 3], 2), way(&[2, 4], 3)];
        assert_eq!(Ways::new(crossed, &apart).independent, 2, "the second and the third");
    }

    #[test]
    fn a_bridge_that_carried_again_is_one_way_and_the_shortest() {
        let again = vec![way(&[2, 1], 1), way(&[1], 2), way(&[1], 3), way(&[3], 4)];
        let ways = Ways::new(again, &Classes::default());
        assert_eq!(ways.ways, [way(&[1], 2), way(&[3], 4)]);
        assert_eq!(ways.independent, 2);
    }
}
