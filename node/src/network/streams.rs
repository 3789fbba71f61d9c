//! Raw streams between two nodes, for reconciliation and the control door.
//!
//! **Invariant:** libp2p-stream is named only here, behind [`Streams`]; what others get is bytes.
//! **Invariant:** accepting a stream never waits: a stream for which nobody has room is dropped, and
//! the node that opened it sees it end.
//! **Invariant:** a node holds at most [`INBOUND_PER_PEER_MAX`] streams open that it opened itself.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures::StreamExt;
use libp2p::StreamProtocol;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};
use weft_protocol::id::NodeId;

use super::OPEN_TIMEOUT;
use super::name::{node_id, peer_id};

/// A session of reconciliation for each of a few regions, and a few people at the door.
pub(super) const INBOUND_PER_PEER_MAX: u32 = 16;

/// What is spoken on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Reconciliation of a region.
    Sync,
    /// The control door.
    Control,
}

impl Protocol {
    /// Both, in the order in which they are accepted.
    pub const ALL: [Self; 2] = [Self::Sync, Self::Control];

    /// Returns the name by which two nodes agree on it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "/weft/sync/1",
            Self::Control => "/weft/control/1",
        }
    }

    const fn negotiated(self) -> StreamProtocol {
        StreamProtocol::new(self.name())
    }
}

/// A byte stream to another node. Dropping it resets the stream.
pub struct PeerStream {
    bytes: Compat<libp2p::Stream>,
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

/// A stream that another node has opened.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) peer: NodeId,
    pub(super) protocol: Protocol,
    pub(super) stream: PeerStream,
}

/// What opens and accepts raw streams, so that another library can take its place.
pub(super) trait Streams: Clone + Send + 'static {
    /// Opens a stream to a connected node within [`OPEN_TIMEOUT`].
    fn open(
        self,
        node: NodeId,
        protocol: Protocol,
    ) -> impl Future<Output = Result<PeerStream, OpenStreamError>> + Send + 'static;

    /// Hands over the streams of every protocol, until the swarm is gone. Called once; the tasks that
    /// do it end with what is returned, and none of them before.
    fn accept(self, arrivals: mpsc::Sender<Arrival>) -> JoinSet<()>;
}

impl Streams for libp2p_stream::Control {
    async fn open(
        mut self,
        node: NodeId,
        protocol: Protocol,
    ) -> Result<PeerStream, OpenStreamError> {
        let open = self.open_stream(peer_id(node), protocol.negotiated());
        match tokio::time::timeout(OPEN_TIMEOUT, open).await {
            Ok(Ok(stream)) => Ok(PeerStream { bytes: stream.compat(), _place: None }),
            Ok(Err(libp2p_stream::OpenStreamError::Io(cause))) => {
                Err(OpenStreamError::Broken(cause))
            }
            Ok(Err(_)) => Err(OpenStreamError::Unsupported(protocol)),
            Err(_) => Err(OpenStreamError::Timeout),
        }
    }

    fn accept(mut self, arrivals: mpsc::Sender<Arrival>) -> JoinSet<()> {
        let places = Places::default();
        let mut tasks = JoinSet::new();
        for protocol in Protocol::ALL {
            // Only a second call finds the name taken; the first goes on accepting.
            let Ok(mut incoming) = Self::accept(&mut self, protocol.negotiated()) else { continue };
            let (arrivals, places) = (arrivals.clone(), places.clone());
            tasks.spawn(async move {
                // The library keeps one stream for us: whatever we do here must not wait.
                while let Some((peer, stream)) = incoming.next().await {
                    let Some(peer) = node_id(&peer) else { continue };
                    let Some(place) = places.take(peer) else { continue };
                    let stream = PeerStream { bytes: stream.compat(), _place: Some(place) };
                    // A full queue refuses the stream; its opener tries again later.
                    drop(arrivals.try_send(Arrival { peer, protocol, stream }));
                }
            });
        }
        tasks
    }
}

/// How many streams each node holds open.
#[derive(Debug, Clone, Default)]
struct Places(Arc<Mutex<BTreeMap<NodeId, u32>>>);

impl Places {
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
