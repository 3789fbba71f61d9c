//! What can happen to the engine.

use crate::control::Request;
use crate::id::NodeId;
use crate::record::Record;
use crate::region::Region;
use crate::sync::{Frame, FrameError, Scope};

use super::{Seal, Seq};

/// Names a request at the door until its last response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Names a conversation with a peer over one stream. The driver names those that peers open with
/// odd numbers, the engine those that it opens with even ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Names a gossip message until its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GossipId(pub u64);

/// Something happened.
#[derive(Debug)]
pub enum Input {
    /// The engine's deadline has come.
    Wake,
    /// A node is connected and is in this region of ours.
    Met {
        /// Who.
        peer: NodeId,
        /// Where.
        region: Region,
        /// Whether we reached it by our own choice; else it came to us.
        chosen: bool,
    },
    /// A connected node has left a region of ours.
    Left {
        /// Who.
        peer: NodeId,
        /// Which.
        region: Region,
    },
    /// The last connection to a node is gone.
    Parted(NodeId),
    /// Verified records came by gossip. Answered with one [`Effect::Verdict`](super::Effect).
    Gossip {
        /// Names the message in the verdict.
        gossip: GossipId,
        /// Who delivered it, which is not who wrote it.
        from: NodeId,
        /// In which region.
        region: Region,
        /// All records of the message; maybe none.
        records: Vec<Record>,
    },
    /// Verified records came through the door. Answered when they are durable.
    Posted {
        /// To be answered.
        request: RequestId,
        /// In the order in which they are answered.
        records: Vec<Record>,
    },
    /// A question came through the door.
    Asked {
        /// To be answered.
        request: RequestId,
        /// The question.
        asked: Request,
    },
    /// The client has read a part of an answer and wants the next.
    More(RequestId),
    /// The client has gone before the last part of its answer.
    Gone(RequestId),
    /// A stream that the engine asked for stands.
    Opened(SessionId),
    /// A peer has opened a stream.
    Accepted {
        /// Names the stream.
        session: SessionId,
        /// Who.
        peer: NodeId,
    },
    /// A peer sent a frame, or what is none.
    Frame {
        /// On which stream.
        session: SessionId,
        /// What was decoded.
        frame: Result<Frame, FrameError>,
    },
    /// What an [`Effect::Verify`](super::Effect) asked for is done.
    Delivered {
        /// On which stream, which may be closed by now.
        session: SessionId,
        /// Who has brought them.
        peer: NodeId,
        /// Of which set.
        scope: Scope,
        /// The records that were new and verified.
        records: Vec<Record>,
        /// How long the sequence was.
        bytes: usize,
        /// How many of its records were malformed or badly signed.
        bad: usize,
    },
    /// A stream is closed, or could not be opened.
    Closed(SessionId),
    /// What an [`Effect::Sign`](super::Effect) asked for is done.
    Signed {
        /// What the signature is for.
        seal: Seal,
        /// The record; none when it could not be signed.
        record: Option<Box<Record>>,
    },
    /// Everything up to this batch is durable.
    Persisted(Seq),
    /// Writing failed, in words for the operator; nothing after the last
    /// [`Input::Persisted`] is durable.
    PersistFailed(String),
    /// Writing works again: what was refused may be offered again.
    PersistRecovered,
    /// What an [`Effect::Keep`](super::Effect) asked for is done, or why it could not be.
    Kept {
        /// Who is answered.
        request: RequestId,
        /// Why not; none when it is done.
        failure: Option<String>,
    },
}
