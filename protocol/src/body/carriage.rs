//! `carriage`: a bridge's statement of what it carries into a region, and by which way it came.
//!
//! **Invariant:** a carriage says whose each carried thing is, so that a node which has never seen
//! the thing, or no longer has it, still knows whose support belongs beside it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{List, Tag};
use crate::id::{NetId, ThingId};
use crate::region::Region;

/// The most things that one carriage may name: with the longest way and every thing of another
/// network it still fits into a record of 16 KiB; twice as many would not.
pub const CARRIED_MAX: usize = 128;

/// The most bridges before this one on the way: a thing that needs more than eight in all is not
/// urgent, and every one of them is a chance to hold something back.
pub const VIA_MAX: usize = 7;

/// A thing that is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Carried {
    /// Whose it is: a thing of another network is not carried by this.
    pub net: NetId,
    /// Which: all its versions, as their author makes them.
    pub thing: ThingId,
}

/// A bridge that was crossed before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Crossing {
    /// Which network carried.
    pub net: NetId,
    /// Into which region.
    pub region: Region,
}

/// "I carry these from region A into region B." Its home is the region it carries into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriage {
    /// What is carried: at least one thing, each once, in rising order.
    pub things: List<Carried, CARRIED_MAX>,
    /// Out of which region.
    pub from: Region,
    /// How it came into `from`, the first bridge first: the last crossing led into `from`, and no
    /// region is there twice. Absent when `from` is the home of what is carried.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub via: List<Crossing, VIA_MAX>,
    /// The bridge tie that entitles.
    pub tie: ThingId,
    /// The name of the rule that said yes.
    pub rule: Tag,
}

impl Carriage {
    /// Returns how many bridges the carried things have crossed with this one.
    pub fn hops(&self) -> usize {
        self.via.len() + 1
    }
}

impl KnownBody for Carriage {
    const KEYS: &'static [&'static str] = &["things", "from", "via", "tie", "rule"];

    fn is_sound(&self) -> bool {
        let rising = self.things.windows(2).all(|pair| pair[0] < pair[1]);
        let regions: BTreeSet<&Region> = self.via.iter().map(|crossing| &crossing.region).collect();
        let ends_here = self.via.last().is_none_or(|last| last.region == self.from);
        !self.things.is_empty() && rising && regions.len() == self.via.len() && ends_here
    }
}
