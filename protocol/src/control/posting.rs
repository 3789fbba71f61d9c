//! What becomes of what is posted.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::authority::Why;
use crate::id::RecordId;
use crate::ledger::Waiting;

/// What became of a posted record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Its name.
    pub id: RecordId,
    /// What became of it.
    pub fate: Fate,
    /// How many connected nodes of its region there are to tell; none when it was known, or waits.
    pub peers: u32,
}

/// What other nodes have said of a record when they were asked just now. Each speaks for itself alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which record.
    pub id: RecordId,
    /// How many say that they have it, on their disk.
    pub has: u32,
    /// How many say that they do not, or not yet.
    pub lacks: u32,
    /// How many have not answered.
    pub silent: u32,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is durable and counts.
    Stored,
    /// It was here already.
    Known,
    /// It is durable and does not count, and why.
    Void(Why),
    /// It waits for this, in memory only.
    Waiting(Waiting),
    /// Its time is over, and it is durable all the same: it is of a network that lives here.
    Past,
    /// It was not taken.
    Failed(Failure),
}
