//! What the network tells the driver.
//!
//! **Invariant:** nothing here has been believed: gossip is bytes, a stream is bytes, and a node is
//! only known to hold the key it is named by.

use std::fmt;
use std::sync::Arc;

use libp2p::PeerId;
use libp2p::gossipsub::MessageId;
use weft_protocol::control::Missed;
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;

use super::host::Neighbourhood;
use super::name::Address;
use super::streams::{PeerStream, Protocol};

/// Something happened on the network.
#[derive(Debug)]
pub enum NetworkEvent {
    /// The node can be reached at this address; tell the operator and invites.
    Listening {
        /// The place and this node's own name.
        address: Address,
    },
    /// The node can no longer be reached at this address.
    NotListening {
        /// The place and this node's own name.
        address: Address,
    },
    /// These places of the configuration could not be had; those told before no longer count.
    Missed {
        /// All of them.
        places: Vec<Missed>,
    },
    /// A first connection to a node stands: reconcile with it.
    Connected {
        /// Who.
        node: NodeId,
        /// Who dialled.
        direction: Direction,
    },
    /// This node is closed, and somebody came whom it was not told of, and has gone again.
    Knocked {
        /// Who.
        node: NodeId,
        /// Where it comes from.
        from: Neighbourhood,
    },
    /// The last connection to a node is gone: end its sessions.
    Disconnected {
        /// Who.
        node: NodeId,
    },
    /// A connected node has said that it is in one of our regions: gossip reaches it from now on.
    Joined {
        /// Who.
        node: NodeId,
        /// One of our regions.
        region: Region,
        /// Whether we reached it by our own choice; else it came to us.
        chosen: bool,
    },
    /// A connected node has left one of our regions.
    Left {
        /// Who.
        node: NodeId,
        /// One of our regions.
        region: Region,
    },
    /// Records came by gossip: judge them and answer with the token within
    /// [`VERDICT_DEADLINE`](super::VERDICT_DEADLINE).
    Gossip {
        /// Names the message in the verdict.
        token: GossipToken,
        /// Who delivered it, which is not who wrote it.
        from: NodeId,
        /// The region it came in, one of ours.
        region: Region,
        /// A CBOR sequence of records, not yet looked at, 1 to
        /// [`GOSSIP_BYTES_MAX`](super::GOSSIP_BYTES_MAX) bytes.
        bytes: Arc<[u8]>,
    },
    /// A node has opened a stream: serve it in a task of its own, or drop it to refuse.
    Stream {
        /// Who.
        peer: NodeId,
        /// What will be spoken.
        protocol: Protocol,
        /// The bytes both ways.
        stream: PeerStream,
        /// Where it comes from; none when we reached it by our own choice.
        from: Option<Neighbourhood>,
    },
    /// A node of the same local network has announced itself; it is dialled without being asked.
    Discovered {
        /// Who it says it is.
        node: NodeId,
    },
    /// What was to be published did not go out; reconciling will carry it.
    PublishFailed {
        /// Where to.
        region: Region,
        /// Why.
        reason: PublishFailure,
    },
    /// A node does not read as fast as we send: gossip to it is being dropped.
    SlowPeer {
        /// Who.
        node: NodeId,
    },
}

/// Which side dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The other node did.
    Inbound,
    /// We did.
    Outbound,
}

/// Why a message was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishFailure {
    /// No connected node is in the region. Publishing the same bytes again later works.
    NoPeers,
    /// The message is empty or above [`GOSSIP_BYTES_MAX`](super::GOSSIP_BYTES_MAX).
    Size,
    /// Every peer's queue is full.
    Busy,
}

/// Names a gossip message until its verdict. Dropping it leaves the message unjudged: it goes no
/// further, and nobody is blamed.
pub struct GossipToken {
    pub(super) message: MessageId,
    pub(super) from: PeerId,
    /// One of as many as this deliverer has unjudged; held, never read.
    pub(super) _unjudged: Arc<()>,
}

impl fmt::Debug for GossipToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GossipToken({})", self.message)
    }
}

/// What becomes of a gossip message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GossipVerdict {
    /// Something in it was new and is stored: pass it on.
    Accept,
    /// Nothing new, or policy refuses it: do not pass it on, and hold it against nobody.
    Ignore,
    /// Malformed or badly signed: do not pass it on, and lower the deliverer's score.
    Reject,
}
