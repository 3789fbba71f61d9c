//! Connections that end when they are told to.
//!
//! To close one is to tell the other side, and what cannot be told is kept by the system until the other
//! side takes it. Where it takes nothing any more, a connection would go on ending for a quarter of an hour
//! and be counted all the time.
//!
//! **Invariant:** a connection over TCP, once told to close, is closed within [`PARTING`]
//! (`who_takes_nothing_is_parted_from_in_time`).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{Ready, TryFutureExt as _};
use futures::io::{AsyncRead, AsyncWrite};
use libp2p::core::muxing::{StreamMuxer, StreamMuxerEvent};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo};
use libp2p::yamux;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long the other side is told that this is the end: a round trip or two.
const PARTING: Duration = Duration::from_secs(1);

/// Yamux, whose connections end when they are told to.
#[derive(Debug, Clone)]
pub(super) struct Parting(pub(super) yamux::Config);

impl UpgradeInfo for Parting {
    type Info = <yamux::Config as UpgradeInfo>::Info;
    type InfoIter = <yamux::Config as UpgradeInfo>::InfoIter;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.protocol_info()
    }
}

/// Puts a muxer within what parts it in time.
type Within<M> = fn(M) -> Parted<M>;
type Muxed<C> = futures::future::MapOk<Ready<io::Result<yamux::Muxer<C>>>, Within<yamux::Muxer<C>>>;

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> InboundConnectionUpgrade<C> for Parting {
    type Output = Parted<yamux::Muxer<C>>;
    type Error = io::Error;
    type Future = Muxed<C>;

    fn upgrade_inbound(self, io: C, info: Self::Info) -> Self::Future {
        self.0.upgrade_inbound(io, info).map_ok(Parted::new)
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> OutboundConnectionUpgrade<C> for Parting {
    type Output = Parted<yamux::Muxer<C>>;
    type Error = io::Error;
    type Future = Muxed<C>;

    fn upgrade_outbound(self, io: C, info: Self::Info) -> Self::Future {
        self.0.upgrade_outbound(io, info).map_ok(Parted::new)
    }
}

/// A connection's streams, which end in time.
pub(super) struct Parted<M> {
    muxer: M,
    until: Option<Pin<Box<Sleep>>>,
}

impl<M> Parted<M> {
    fn new(muxer: M) -> Self {
        Self { muxer, until: None }
    }
}

impl<M: StreamMuxer + Unpin> StreamMuxer for Parted<M> {
    type Substream = M::Substream;
    type Error = M::Error;

    fn poll_inbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Substream, Self::Error>> {
        Pin::new(&mut self.muxer).poll_inbound(cx)
    }

    fn poll_outbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Substream, Self::Error>> {
        Pin::new(&mut self.muxer).poll_outbound(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let closed = Pin::new(&mut self.muxer).poll_close(cx);
        if closed.is_ready() {
            return closed;
        }
        let end = || Box::pin(sleep_until(Instant::now() + PARTING));
        // Dropping it is what is left, and what the caller does next.
        self.until.get_or_insert_with(end).as_mut().poll(cx).map(Ok)
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<StreamMuxerEvent, Self::Error>> {
        Pin::new(&mut self.muxer).poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// The streams of somebody who takes nothing and says nothing.
    struct Stuck;

    impl StreamMuxer for Stuck {
        type Substream = futures::io::Cursor<Vec<u8>>;
        type Error = Infallible;

        fn poll_inbound(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Result<Self::Substream, Infallible>> {
            Poll::Pending
        }

        fn poll_outbound(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Result<Self::Substream, Infallible>> {
            Poll::Pending
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Pending
        }

        fn poll(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Result<StreamMuxerEvent, Infallible>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn who_takes_nothing_is_parted_from_in_time() {
        let (mut parted, began) = (Parted::new(Stuck), Instant::now());
        let closed = std::future::poll_fn(|cx| Pin::new(&mut parted).poll_close(cx));
        closed.await.unwrap();
        assert!(began.elapsed() >= PARTING);
    }
}
