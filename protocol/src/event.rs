//! What happens at a node that people, logs and metrics may want to know, each thing once.
//!
//! **Invariant:** an event names records, networks and nodes, and never says what a record says.

use serde::{Deserialize, Serialize};

use crate::authority::Why;
use crate::body::text::Tag;
use crate::bridge;
use crate::id::{NetId, NodeId, RecordId, ThingId};
use crate::record::Kind;
use crate::region::Region;
use crate::sync::GivenUp;

/// Something happened that people, logs and metrics may want to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A new record is durable.
    Stored {
        /// Its name.
        id: RecordId,
        /// Its kind.
        kind: Kind,
        /// Who speaks.
        net: NetId,
        /// What it is a version of.
        thing: ThingId,
        /// What it answers, if it is a response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<ThingId>,
        /// Why it does not count; absent when it counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        void: Option<Why>,
    },
    /// A record's standing has changed, because of what others say.
    Judged {
        /// Which.
        id: RecordId,
        /// Its kind.
        kind: Kind,
        /// Why it does not count; absent when it counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        void: Option<Why>,
    },
    /// A record's content was erased at its author's wish.
    Erased {
        /// Which.
        id: RecordId,
    },
    /// A network's identity is disputed: somebody else may have its rotation key.
    Disputed {
        /// Which.
        net: NetId,
    },
    /// A node of one of our regions is connected.
    Met {
        /// Who.
        peer: NodeId,
        /// Where.
        region: Region,
    },
    /// A node has gone.
    Parted {
        /// Who.
        peer: NodeId,
    },
    /// How far a reconciliation is.
    Syncing {
        /// With whom.
        peer: NodeId,
        /// Records moved.
        done: u64,
        /// Records known to differ.
        total: u64,
    },
    /// A reconciliation went well.
    Synced {
        /// With whom.
        peer: NodeId,
        /// Exchanges until all differences were known; 0 when the other side asked.
        rounds: u64,
        /// Records received.
        received: u64,
        /// Records sent.
        sent: u64,
    },
    /// A reconciliation did not go well.
    SyncFailed {
        /// With whom.
        peer: NodeId,
        /// Why.
        why: GivenUp,
    },
    /// A record waits at a bridge of this node, whose rule says that its author may be told.
    Held {
        /// By which rule.
        rule: Tag,
        /// What waits.
        thing: ThingId,
        /// What it waits for.
        step: bridge::Step,
    },
    /// The disk takes no more: the node refuses writes and keeps serving reads.
    ReadOnly {
        /// Why, in plain words.
        why: String,
    },
    /// The disk takes writes again.
    Writable,
}
