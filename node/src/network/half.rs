//! The part of one connection that may be there or not.
//!
//! **Invariant:** where it is not there nothing is spoken, and what is said to it is lost: what was on its way
//! to another connection of the same node does no harm.

use std::convert::Infallible;
use std::task::{Context, Poll};

use either::Either;
use libp2p::swarm::handler::ConnectionEvent;
use libp2p::swarm::{ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol, dummy};

/// One of both, as the library knows it.
type One<H> = Either<H, dummy::ConnectionHandler>;

/// What a part of the swarm does on one connection, or nothing.
pub(super) struct Half<H>(One<H>);

impl<H> Half<H> {
    /// Does it.
    pub(super) fn of(handler: H) -> Self {
        Self(Either::Left(handler))
    }

    /// Does nothing.
    pub(super) fn nothing() -> Self {
        Self(Either::Right(dummy::ConnectionHandler))
    }

    /// Says whether it does it.
    #[cfg(test)]
    pub(super) fn is_there(&self) -> bool {
        self.0.is_left()
    }
}

/// Returns what the half that is there has said: the other says nothing.
fn said<T>(event: Either<T, Infallible>) -> T {
    match event {
        Either::Left(event) => event,
        Either::Right(never) => match never {},
    }
}

impl<H: ConnectionHandler> ConnectionHandler for Half<H> {
    type FromBehaviour = H::FromBehaviour;
    type ToBehaviour = H::ToBehaviour;
    type InboundProtocol = <One<H> as ConnectionHandler>::InboundProtocol;
    type OutboundProtocol = <One<H> as ConnectionHandler>::OutboundProtocol;
    type InboundOpenInfo = <One<H> as ConnectionHandler>::InboundOpenInfo;
    type OutboundOpenInfo = <One<H> as ConnectionHandler>::OutboundOpenInfo;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, Self::InboundOpenInfo> {
        self.0.listen_protocol()
    }

    fn connection_keep_alive(&self) -> bool {
        self.0.connection_keep_alive()
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<
        ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>,
    > {
        self.0.poll(cx).map(|event| event.map_custom(said))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::ToBehaviour>> {
        self.0.poll_close(cx).map(|event| event.map(said))
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        if let Either::Left(handler) = &mut self.0 {
            handler.on_behaviour_event(event);
        }
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<
            '_,
            Self::InboundProtocol,
            Self::OutboundProtocol,
            Self::InboundOpenInfo,
            Self::OutboundOpenInfo,
        >,
    ) {
        self.0.on_connection_event(event);
    }
}
