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

/// All ways by which a thing came into a region.
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
