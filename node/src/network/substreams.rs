//! The part of the swarm that opens and takes raw streams, and does nothing else with them.
//!
//! **Invariant:** nothing is kept of a connection here: what a connection has under way lies in its own
//! handler, and ends with it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use libp2p::PeerId;
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo};
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, Stream, StreamUpgradeError, SubstreamProtocol, THandler,
    THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use tokio::sync::{mpsc, oneshot};

use super::company::Company;
use super::streams::{OpenStreamError, Protocol};

/// The streams that are asked for and not yet on their way: the swarm takes them at once.
const ASKED_MAX: usize = 32;

/// Asks for a stream; where it goes.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) protocol: Protocol,
    pub(super) reply: oneshot::Sender<Result<Stream, OpenStreamError>>,
}

/// A stream that a node has opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) peer: PeerId,
    pub(super) protocol: Protocol,
    pub(super) stream: Stream,
}

/// Opens raw streams, and takes those of some protocols.
#[derive(Debug)]
pub(super) struct Substreams {
    taken: &'static [Protocol],
    company: Company,
    asks: mpsc::Sender<(PeerId, Ask)>,
    asked: mpsc::Receiver<(PeerId, Ask)>,
    opened: VecDeque<Opened>,
}

impl Substreams {
    /// Makes it for a node that lets others open streams of these protocols.
    pub(super) fn taking(taken: &'static [Protocol]) -> Self {
        let (asks, asked) = mpsc::channel(ASKED_MAX);
        let (company, opened) = Default::default();
        Self { taken, company, asks, asked, opened }
    }

    /// Speaks with the company of this node; whoever is not of it finds the door alone.
    pub(super) fn within(mut self, company: Company) -> Self {
        self.company = company;
        self
    }

    /// Returns the hand that asks for streams.
    pub(super) fn asks(&self) -> mpsc::Sender<(PeerId, Ask)> {
        self.asks.clone()
    }

    fn line(&self, connection: ConnectionId) -> Line {
        let (mut taken, mut asked) = (self.taken, VecDeque::new());
        if self.company.is_strange(connection) {
            taken = &[Protocol::Control];
            // Nobody waits for it: that it is opened says all.
            let (reply, _) = oneshot::channel();
            asked.push_back(Ask { protocol: Protocol::Closed, reply });
        }
        Line { taken, asked, opened: VecDeque::new() }
    }
}

impl NetworkBehaviour for Substreams {
    type ConnectionHandler = Line;
    type ToSwarm = Opened;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.line(connection))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.line(connection))
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        _: ConnectionId,
        (protocol, stream): THandlerOutEvent<Self>,
    ) {
        self.opened.push_back(Opened { peer, protocol, stream });
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some(opened) = self.opened.pop_front() {
            return Poll::Ready(ToSwarm::GenerateEvent(opened));
        }
        match self.asked.poll_recv(cx) {
            // Where there is no connection any more the swarm drops it, and who asked is told so.
            Poll::Ready(Some((peer_id, event))) => {
                Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler: NotifyHandler::Any, event })
            }
            // It holds a sender itself.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

/// What one connection opens and takes.
#[derive(Debug)]
pub(super) struct Line {
    taken: &'static [Protocol],
    /// Asked for by this node, each waited for by who asked.
    asked: VecDeque<Ask>,
    /// Opened by the other, of which the connection has only so many at once.
    opened: VecDeque<(Protocol, Stream)>,
}

impl ConnectionHandler for Line {
    type FromBehaviour = Ask;
    type ToBehaviour = (Protocol, Stream);
    type InboundProtocol = Names;
    type OutboundProtocol = Names;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Ask;

    fn listen_protocol(&self) -> SubstreamProtocol<Names> {
        SubstreamProtocol::new(Names(self.taken.to_vec()), ())
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Names, Ask, (Protocol, Stream)>> {
        if let Some(opened) = self.opened.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(opened));
        }
        match self.asked.pop_front() {
            Some(ask) => {
                let protocol = SubstreamProtocol::new(Names(vec![ask.protocol]), ask);
                Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol })
            }
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, ask: Ask) {
        self.asked.push_back(ask);
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Names, Names, (), Ask>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol, ..
            }) => self.opened.push_back(protocol),
            // Who asked may have gone; then the stream goes too.
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (_, stream),
                info,
            }) => drop(info.reply.send(Ok(stream))),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error }) => {
                let error = match error {
                    StreamUpgradeError::Timeout => OpenStreamError::Timeout,
                    StreamUpgradeError::NegotiationFailed => {
                        OpenStreamError::Unsupported(info.protocol)
                    }
                    StreamUpgradeError::Io(cause) => OpenStreamError::Broken(cause),
                    StreamUpgradeError::Apply(never) => match never {},
                };
                drop(info.reply.send(Err(error)));
            }
            _ => {}
        }
    }
}

/// Agrees on one of these protocols, and leaves the bytes to whoever speaks it.
#[derive(Debug)]
pub(super) struct Names(Vec<Protocol>);

impl UpgradeInfo for Names {
    type Info = Named;
    type InfoIter = std::vec::IntoIter<Named>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.iter().copied().map(Named).collect::<Vec<_>>().into_iter()
    }
}

/// A protocol, as the two sides name it.
#[derive(Debug, Clone)]
pub(super) struct Named(Protocol);

impl AsRef<str> for Named {
    fn as_ref(&self) -> &str {
        self.0.name()
    }
}

impl InboundUpgrade<Stream> for Names {
    type Output = (Protocol, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, Named(protocol): Named) -> Self::Future {
        ready(Ok((protocol, stream)))
    }
}

impl OutboundUpgrade<Stream> for Names {
    type Output = (Protocol, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, Named(protocol): Named) -> Self::Future {
        ready(Ok((protocol, stream)))
    }
}
