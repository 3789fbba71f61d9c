//! Raw streams between two nodes, for reconciliation and the control door.
//!
//! **Invariant:** what others get is bytes; how streams come about is the business of `substreams.rs`.
//! **Invariant:** accepting a stream never waits: a stream for which nobody has room is dropped, and
//! the node that opened it sees it end.
//! **Invariant:** a node holds at most [`INBOUND_PER_PEER_MAX`] streams open that it opened itself.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use libp2p::PeerId;
use libp2p::swarm::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};
use weft_protocol::id::NodeId;

use super::OPEN_TIMEOUT;
use super::name::peer_id;
use super::substreams::{Ask, Substreams};

/// A session of reconciliation for each of a few regions, and a few people at the door.
pub(super) const INBOUND_PER_PEER_MAX: u32 = 16;

/// What is spoken on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Reconciliation of a region.
    Sync,
    /// The control door.
    Control,
    /// Nothing: a closed node opens it to whoever it was not told of, and so says that it is one.
    Closed,
}

impl Protocol {
    /// All, in the order in which they are accepted.
    pub const ALL: [Self; 3] = [Self::Sync, Self::Control, Self::Closed];

    /// Returns the name by which two nodes agree on it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "/weft/sync/1",
            Self::Control => "/weft/control/1",
            Self::Closed => "/weft/closed/1",
        }
    }
}

/// A byte stream to another node. Dropping it resets the stream.
pub struct PeerStream {
    bytes: Compat<Stream>,
    _place: Option<Place>,
}

impl fmt::Debug for PeerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeerStream")
    }
}

impl AsyncRead for PeerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(cx, buf)
    }
}

impl AsyncWrite for PeerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.bytes).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_shutdown(cx)
    }
}

/// A stream to another node could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStreamError {
    /// There is no connection to the node; dialling is the network's own business.
    #[error("the node is not connected")]
    NotConnected,
    /// The node does not speak the protocol.
    #[error("the node does not speak {}", .0.name())]
    Unsupported(Protocol),
    /// The node did not answer within [`OPEN_TIMEOUT`](super::OPEN_TIMEOUT).
    #[error("the node did not answer in time")]
    Timeout,
    /// The connection broke while the stream was being opened.
    #[error("the connection broke")]
    Broken(#[source] io::Error),
    /// The network has been shut down.
    #[error("the network is shut down")]
    Shutdown,
}

/// Opens streams. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Opener(mpsc::Sender<(PeerId, Ask)>);

impl Opener {
    /// Opens streams by this part of a swarm.
    pub(super) fn of(substreams: &Substreams) -> Self {
        Self(substreams.asks())
    }

    /// Opens a stream to a connected node within [`OPEN_TIMEOUT`].
    pub(super) async fn open(
        self,
        node: NodeId,
        protocol: Protocol,
    ) -> Result<PeerStream, OpenStreamError> {
        let (reply, answer) = oneshot::channel();
        let opening = async {
            let ask = Ask { protocol, reply };
            let asked = self.0.send((peer_id(node), ask)).await;
            asked.map_err(|_| OpenStreamError::Shutdown)?;
            // It is dropped with the connection.
            answer.await.unwrap_or(Err(OpenStreamError::NotConnected))
        };
        let opened = timeout(OPEN_TIMEOUT, opening).await.unwrap_or(Err(OpenStreamError::Timeout));
        opened.map(|stream| PeerStream { bytes: stream.compat(), _place: None })
    }
}

/// How many streams each node holds open.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<BTreeMap<NodeId, u32>>>);

impl Places {
    /// Takes a stream that a node has opened; none when it holds too many.
    pub(super) fn admit(&self, node: NodeId, stream: Stream) -> Option<PeerStream> {
        let place = self.take(node)?;
        Some(PeerStream { bytes: stream.compat(), _place: Some(place) })
    }

    /// Says whether a node holds any open.
    pub(super) fn holds(&self, node: NodeId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&node)
    }

    fn take(&self, node: NodeId) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(node).or_default();
        if *count >= INBOUND_PER_PEER_MAX {
            return None;
        }
        *count += 1;
        Some(Place { places: self.clone(), node })
    }
}

/// One of a node's places, given back when it is dropped.
#[derive(Debug)]
struct Place {
    places: Places,
    node: NodeId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.node) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_so_many_places_and_gets_them_back() {
        let places = Places::default();
        let node = NodeId([1; 32]);
        let taken: Vec<_> = (0..INBOUND_PER_PEER_MAX).map(|_| places.take(node).unwrap()).collect();
        assert!(places.take(node).is_none());
        assert!(places.take(NodeId([2; 32])).is_some());
        drop(taken);
        assert!(places.0.lock().unwrap().is_empty());
    }
}
