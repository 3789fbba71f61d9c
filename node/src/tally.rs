//! What the body counts by itself, beside the engine's own counters: what never reaches the engine.
//!
//! **Invariant:** every refusal that no engine sees has a name here, and shows in `weft status`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Something that was refused before the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refused {
    /// A frame at the door that is too long, or ends in the middle.
    DoorFrame,
    /// A message at the door that is no request.
    DoorRequest,
    /// A client that found every place at the door taken.
    DoorCrowd,
    /// A guest for whom there was no place, or who made room for another.
    GuestCrowd,
    /// One who came from afar and did not prove who they are.
    GuestProof,
    /// A guest's request that is the operator's alone.
    GuestRequest,
    /// Posted bytes that are no records, or whose signature does not hold.
    Post,
    /// A gossip message with such bytes in it.
    Gossip,
    /// Work that found the workers' queue full.
    Busy,
    /// A conversation from a neighbourhood that was told enough for an hour.
    Greedy,
    /// A node that came to this one, which is closed and was not told of it.
    Knock,
    /// Gossip of a node that has brought too much that is not kept.
    Unwanted,
}

impl Refused {
    fn name(self) -> &'static str {
        match self {
            Self::DoorFrame => "door-bad-frames",
            Self::DoorRequest => "door-bad-requests",
            Self::DoorCrowd => "door-turned-away",
            Self::GuestCrowd => "guests-turned-away",
            Self::GuestProof => "guests-without-proof",
            Self::GuestRequest => "guests-bad-requests",
            Self::Post => "door-bad-records",
            Self::Gossip => "gossip-bad-records",
            Self::Busy => "busy",
            Self::Greedy => "neighbourhoods-told-enough",
            Self::Knock => "nodes-not-let-in",
            Self::Unwanted => "gossip-unwanted",
        }
    }
}

/// Counts since the start. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally(Arc<Mutex<BTreeMap<Refused, u64>>>);

impl Tally {
    /// Counts one more.
    pub(crate) fn count(&self, what: Refused) {
        *self.counts().entry(what).or_default() += 1;
    }

    /// Adds what was counted to the counters that people see.
    pub(crate) fn add_to(&self, counters: &mut BTreeMap<String, u64>) {
        for (what, n) in self.counts().iter() {
            *counters.entry(what.name().to_owned()).or_default() += n;
        }
    }

    /// A poisoned lock means that another thread failed between two numbers; both still hold.
    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<Refused, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
