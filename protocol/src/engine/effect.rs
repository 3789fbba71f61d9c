//! What the engine wants done.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::control::Response;
use crate::event::Event;
use crate::id::NodeId;
use crate::record::Draft;
use crate::region::Region;
use crate::sync::{Frame, Scope};

use super::{Choices, GossipId, RequestId, Seal, Seq, SessionId};

/// Something must now be done.
#[derive(Debug)]
pub enum Effect {
    /// Make everything up to this batch durable, then say [`Input::Persisted`](super::Input).
    Persist(Seq),
    /// Offer these records to the nodes of a region, as one message.
    Publish {
        /// Where to.
        region: Region,
        /// Their bytes, at most [`PUBLISH_BYTES_MAX`](super::PUBLISH_BYTES_MAX) in all.
        records: Vec<Arc<[u8]>>,
    },
    /// Say what becomes of a gossip message.
    Verdict {
        /// Which.
        gossip: GossipId,
        /// What.
        verdict: Verdict,
    },
    /// Open a stream, then say [`Input::Opened`](super::Input) or [`Input::Closed`](super::Input).
    Open {
        /// Names the stream.
        session: SessionId,
        /// With whom.
        peer: NodeId,
    },
    /// Send a frame.
    Send {
        /// On which stream.
        session: SessionId,
        /// The frame.
        frame: Frame,
    },
    /// Close a stream when all its frames are sent.
    Close(SessionId),
    /// Decode and verify a sequence of records, then say [`Input::Delivered`](super::Input).
    Verify {
        /// On which stream it came.
        session: SessionId,
        /// From whom.
        peer: NodeId,
        /// Of which set.
        scope: Scope,
        /// The sequence.
        bytes: Vec<u8>,
    },
    /// Answer at the door.
    Reply {
        /// What is answered.
        request: RequestId,
        /// The answer, or a part of it of at most [`PAGE`](super::PAGE) responses.
        responses: Vec<Response>,
        /// Whether it is the last part; if not, say [`Input::More`](super::Input) to go on.
        last: bool,
    },
    /// Sign a statement with the bridge's key, then say [`Input::Signed`](super::Input).
    Sign {
        /// What the signature is for.
        seal: Seal,
        /// The statement.
        draft: Box<Draft>,
    },
    /// Write down what the operator has chosen, whole or not at all, then say
    /// [`Input::Kept`](super::Input).
    Keep {
        /// Who is answered then.
        request: RequestId,
        /// All that is chosen.
        choices: Box<Choices>,
    },
    /// Take part in a region from now on: gossip there, and say whom of it we meet.
    Join(Region),
    /// Take part in a region no more.
    Leave(Region),
    /// Lower a peer's standing: it did what no honest node does.
    Penalise(NodeId),
    /// Close every connection with a node, and make and take no more.
    Bar(NodeId),
    /// Connect with a node again as with any other.
    Unbar(NodeId),
    /// Be connected with these nodes alone from now on, and with those that the operator has named as
    /// places to dial; with everybody when absent.
    Admit(Option<BTreeSet<NodeId>>),
    /// Tell whoever watches, logs or counts.
    Tell(Event),
}

/// What becomes of a gossip message. A malformed one never reaches the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something in it was new and is durable: pass it on.
    Accept,
    /// Nothing new, or policy refuses it: do not pass it on, and hold it against nobody.
    Ignore,
}
