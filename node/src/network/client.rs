//! The hand by which the rest of the node moves the network.
//!
//! **Invariant:** a command waits only for a place in the queue, never for the network or for the
//! reader of events, so the driver may send commands while events wait for it.

use std::collections::BTreeSet;

use tokio::sync::{mpsc, oneshot};
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;

use super::event::{Direction, GossipToken, GossipVerdict};
use super::name::Address;
use super::streams::{OpenStreamError, PeerStream, Protocol};
use super::trouble::{Entries, Trial};

/// A command to the task that owns the swarm.
#[derive(Debug)]
pub(super) enum Command {
    Dial(Vec<Address>),
    Keep(Address),
    Forget(Entries, oneshot::Sender<bool>),
    Trials(oneshot::Sender<Vec<Trial>>),
    Disconnect(NodeId),
    Publish(Region, Vec<u8>),
    Judge(GossipToken, GossipVerdict),
    Subscribe(Region),
    Unsubscribe(Region),
    Score(NodeId, f64),
    Admit(Option<BTreeSet<NodeId>>),
    Block(NodeId),
    Unblock(NodeId),
    OpenStream(NodeId, Protocol, oneshot::Sender<Result<PeerStream, OpenStreamError>>),
    Peers(oneshot::Sender<Vec<Peer>>),
    Shutdown(oneshot::Sender<()>),
}

/// A connected node.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// Who.
    pub node: NodeId,
    /// Who dialled; we, if both did.
    pub direction: Direction,
    /// Those of our regions that it is in, sorted.
    pub regions: Vec<Region>,
    /// Whether it has named the regions that it is in, as nodes do on meeting.
    pub named: bool,
    /// The regions that it named on meeting and that we are not in, sorted; its word.
    pub elsewhere: Vec<Region>,
    /// Whether the peer book says where to meet it again, should it be lost.
    pub dialable: bool,
    /// How gossip stands with it: below -4 000 nothing is offered to it, below -8 000 nothing
    /// published to it, below -16 000 nothing heard from it. Made here, and known to nobody else.
    pub score: f64,
}

/// Sends commands to the network. Cheap to clone; after [`shutdown`](Self::shutdown) every command
/// does nothing.
#[derive(Debug, Clone)]
pub struct NetworkClient {
    pub(super) node: NodeId,
    pub(super) commands: mpsc::Sender<Command>,
}

impl NetworkClient {
    /// Returns this node's own name.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Dials these addresses now and keeps dialling them, ever more rarely, while they do not answer.
    pub async fn dial(&self, addresses: Vec<Address>) {
        self.send(Command::Dial(addresses)).await;
    }

    /// Stays connected with the node at this address from now on.
    pub async fn keep(&self, address: Address) {
        self.send(Command::Keep(address)).await;
    }

    /// Dials these no more, and remembers them no longer; connections stay until they end. Says
    /// whether any was known.
    pub async fn forget(&self, entries: Entries) -> bool {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Forget(entries, reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Returns what is dialled in vain, what is to be connected always first.
    pub async fn trials(&self) -> Vec<Trial> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Trials(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Closes every connection to a node. It may come back; [`block`](Self::block) keeps it out.
    pub async fn disconnect(&self, node: NodeId) {
        self.send(Command::Disconnect(node)).await;
    }

    /// Offers a CBOR sequence of records to the nodes of a region. Publishing the same bytes twice
    /// within ten minutes sends them once.
    pub async fn publish(&self, region: Region, bytes: Vec<u8>) {
        self.send(Command::Publish(region, bytes)).await;
    }

    /// Says what becomes of a gossip message.
    pub async fn judge(&self, token: GossipToken, verdict: GossipVerdict) {
        self.send(Command::Judge(token, verdict)).await;
    }

    /// Enters a region. Entering one that the configuration did not name closes all connections,
    /// because a peer says only on meeting in which regions it is; they are dialled again at once.
    pub async fn subscribe(&self, region: Region) {
        self.send(Command::Subscribe(region)).await;
    }

    /// Leaves a region.
    pub async fn unsubscribe(&self, region: Region) {
        self.send(Command::Unsubscribe(region)).await;
    }

    /// Sets what the rest of the node thinks of a peer (0 when nothing is known), which is added to
    /// its score: -16 000 alone makes it unheard.
    pub async fn score(&self, node: NodeId, opinion: f64) {
        self.send(Command::Score(node, opinion)).await;
    }

    /// Speaks with these nodes alone, and with those that the operator has named by
    /// [`dial`](Self::dial), [`keep`](Self::keep) or the configuration; with everybody when there are
    /// none to be named. Connections with all others are closed, and who comes finds the door alone.
    pub async fn admit(&self, only: Option<BTreeSet<NodeId>>) {
        self.send(Command::Admit(only)).await;
    }

    /// Closes every connection to a node and makes no more.
    pub async fn block(&self, node: NodeId) {
        self.send(Command::Block(node)).await;
    }

    /// Lets a blocked node in again.
    pub async fn unblock(&self, node: NodeId) {
        self.send(Command::Unblock(node)).await;
    }

    /// Opens a stream to a connected node. Dropping the future gives the stream up.
    ///
    /// # Errors
    /// See [`OpenStreamError`]; it never dials, and it gives up after
    /// [`OPEN_TIMEOUT`](super::OPEN_TIMEOUT).
    pub async fn open_stream(
        &self,
        peer: NodeId,
        protocol: Protocol,
    ) -> Result<PeerStream, OpenStreamError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::OpenStream(peer, protocol, reply)).await;
        answer.await.unwrap_or(Err(OpenStreamError::Shutdown))
    }

    /// Returns the connected nodes, sorted by id.
    pub async fn peers(&self) -> Vec<Peer> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Peers(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Writes the peer book, closes every connection, and ends the stream of events.
    pub async fn shutdown(&self) {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Shutdown(reply)).await;
        // An error says that the task has already ended, which is what was asked for.
        answer.await.ok();
    }

    async fn send(&self, command: Command) {
        // An error says that the task has ended; a command to nobody does nothing.
        self.commands.send(command).await.ok();
    }
}
