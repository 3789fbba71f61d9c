//! Raw streams between two nodes, for reconciliation and the control door.
//!
//! **Invariant:** libp2p-stream is named only here, behind [`Streams`]; what others get is bytes.
//! **Invariant:** accepting a stream never waits: a stream for which nobody has room is dropped, and
//! the node that opened it sees it end.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use libp2p::StreamProtocol;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

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

    pub(super) const fn negotiated(self) -> StreamProtocol {
        StreamProtocol::new(self.name())
    }
}

/// A byte stream to another node. Dropping it resets the stream.
pub struct PeerStream(Compat<libp2p::Stream>);

impl PeerStream {
    pub(super) fn new(stream: libp2p::Stream) -> Self {
        Self(stream.compat())
    }
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
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for PeerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
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
