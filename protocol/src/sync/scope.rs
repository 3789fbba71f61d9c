//! What a reconciliation is about: a region's set, or a network's own.
//!
//! **Invariant:** a scope has one encoding, text for a region and 32 bytes for a network, so two
//! nodes that mean the same scope send the same bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::NetId;
use crate::region::Region;

/// One set that both sides of a session may have. Who may take part in it is decided by the
/// caller, who names to each peer only the scopes that this peer may see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The records that a region shares.
    Region(Region),
    /// The records that a network keeps among its own nodes: offer it only to the node ids that
    /// the network's current profile lists.
    Own(NetId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(region) => region.fmt(f),
            Self::Own(net) => write!(f, "own records of {}", net.short()),
        }
    }
}
