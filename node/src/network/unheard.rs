//! Nodes that are connected, say that they are in a region of ours, and were never heard there.
//!
//! Gossip names the regions of a node once, on the first connection with it. Where the other side was
//! killed, or its line was cut, we may still keep a connection that is dead: then the one that it makes
//! after coming back is our second, and we name nothing on it. It hears nothing from us, and takes us for a
//! node of nowhere. Nodes of ours name them again when the dead one is gone (`anew.rs`); of others, who is not
//! heard in time is let go, whole, and met anew: sooner or later the dead connection is gone as well, and the
//! next one is the first on both sides.
//!
//! **Invariant:** only a connection of our own is closed for what we did not hear on it; nobody can bring us
//! to leave another (`cluster_crash::a_node_that_was_killed_is_met_again_whatever_its_transport`).

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use weft_protocol::id::NodeId;

/// How long a node may take to name its regions after it has said who it is: some turns of the slowest
/// lines, and the time in which QUIC gives up a connection that is dead.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who has not been heard yet, and until when that is awaited.
#[derive(Debug, Default)]
pub(super) struct Unheard(BTreeMap<NodeId, Instant>);

impl Unheard {
    /// A node has said that it is in a region of ours.
    pub(super) fn await_word(&mut self, node: NodeId, now: Instant) {
        self.0.entry(node).or_insert(now + PATIENCE);
    }

    /// A node was heard, or is gone.
    pub(super) fn done(&mut self, node: NodeId) {
        self.0.remove(&node);
    }

    /// When the next one has had its time.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }

    /// Takes those out who have had their time.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<NodeId> {
        let due = self.0.iter().filter(|(_, until)| **until <= now).map(|(node, _)| *node);
        let due: Vec<NodeId> = due.collect();
        due.iter().for_each(|node| self.done(*node));
        due
    }
}
