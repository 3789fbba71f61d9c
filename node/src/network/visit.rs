//! A short visit to a node: a member's program, without a node of its own, at the door of another.
//!
//! **Invariant:** a visit has a transport key of its own, made for it and thrown away, so that two
//! visits cannot be told to be by one person from their connections alone.
//!
//! **Invariant:** nothing is listened on, gossiped or remembered.

use std::fmt;

use futures::StreamExt;
use libp2p::identity::Keypair;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Swarm, relay};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use weft_protocol::control::Fault;
use weft_protocol::id::NodeId;

use super::behaviour::build;
use super::name::{Address, node_id, peer_id, peer_text};
use super::streams::{OpenStreamError, Opener, PeerStream, Protocol};
use super::substreams::Substreams;
use super::trouble::fault;
use super::{OPEN_TIMEOUT, SpawnError};

#[derive(NetworkBehaviour)]
struct Parts {
    relay: relay::client::Behaviour,
    streams: Substreams,
}

/// A connection to one node. Dropping it ends the visit.
pub struct Visit {
    own: NodeId,
    node: NodeId,
    streams: Opener,
    task: JoinHandle<()>,
}

/// A node could not be visited.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The address does not say who must answer.
    #[error("the address must end in /p2p/ and the name of the node")]
    Nameless,
    /// The transport could not be started.
    #[error("the transport could not be started")]
    Start(#[from] SpawnError),
    /// Nobody answered there, or somebody else did.
    #[error("the node does not answer at its address")]
    Unreachable(Fault),
}

impl Visit {
    /// Connects to the node at this address, which must name it, under the key of this fresh seed.
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`VisitError`]; it gives up after [`OPEN_TIMEOUT`].
    pub async fn begin(address: &Address, seed: &[u8; 32]) -> Result<Self, VisitError> {
        let node = address.node().ok_or(VisitError::Nameless)?;
        let key = Keypair::ed25519_from_bytes(*seed).map_err(|e| SpawnError::Key(e.into()))?;
        let parts = |relay| Ok(Parts { relay, streams: Substreams::taking(&[]) });
        let mut swarm = build(&key, parts)?;
        let own = node_id(swarm.local_peer_id()).ok_or(VisitError::Unreachable(Fault::NoWay))?;
        let dial = DialOpts::peer_id(peer_id(node)).addresses(vec![address.place()]);
        swarm.dial(dial.build()).map_err(|error| VisitError::Unreachable(fault(&error)))?;
        let streams = Opener::of(&swarm.behaviour().streams);
        let (met, mut meeting) = watch::channel(None);
        let task = tokio::spawn(go(swarm, node, met));
        let visit = Self { own, node, streams, task };
        let met = timeout(OPEN_TIMEOUT, meeting.wait_for(Option::is_some)).await;
        match met.ok().and_then(Result::ok).as_deref() {
            Some(Some(Ok(()))) => Ok(visit),
            Some(Some(Err(fault))) => Err(VisitError::Unreachable(fault.clone())),
            Some(None) | None => Err(VisitError::Unreachable(Fault::Silent)),
        }
    }

    /// Returns the name under which this visit is made.
    pub fn own(&self) -> NodeId {
        self.own
    }

    /// Returns the node that is visited.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Opens a stream to the node's door.
    ///
    /// # Errors
    /// See [`OpenStreamError`].
    pub async fn open(&self) -> Result<PeerStream, OpenStreamError> {
        self.streams.clone().open(self.node, Protocol::Control).await
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Visit({})", peer_text(self.node))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps the connection going, and says how its beginning went.
async fn go(mut swarm: Swarm<Parts>, node: NodeId, met: watch::Sender<Option<Result<(), Fault>>>) {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { peer_id: peer, .. } if peer == peer_id(node) => {
                met.send_replace(Some(Ok(())));
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. }
                if peer == peer_id(node) =>
            {
                let failed = || Some(Err(fault(&error)));
                met.send_if_modified(|met| met.is_none().then(|| *met = failed()).is_some());
            }
            _ => {}
        }
    }
}
