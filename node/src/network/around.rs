//! Parts of the swarm that come from elsewhere, each with something of ours around it.
//!
//! **Invariant:** what is around a part changes what it hears and what is done of what it wants, and nothing
//! of what it speaks (`probes_wait_for_their_turn_and_nothing_else_waits_for_them`).

use std::task::{Context, Poll};

use libp2p::PeerId;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};

/// What stands between the swarm and a part of it.
pub(super) trait Around<B: NetworkBehaviour>: 'static {
    /// Says whether the part is not to hear this.
    fn hides(&self, _event: &FromSwarm<'_>) -> bool {
        false
    }

    /// Lets the part hear what it is to hear.
    fn hear(&mut self, part: &mut B, event: FromSwarm<'_>) {
        if !self.hides(&event) {
            part.on_swarm_event(event);
        }
    }

    /// Looks what the part wants, and returns what is to be done.
    fn poll(
        &mut self,
        part: &mut B,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<B::ToSwarm, THandlerInEvent<B>>> {
        part.poll(cx)
    }
}

/// A part of the swarm within what is around it.
pub(super) struct Within<A, B> {
    pub(super) around: A,
    pub(super) part: B,
}

impl<A, B> Within<A, B> {
    pub(super) fn new(around: A, part: B) -> Self {
        Self { around, part }
    }
}

impl<A: Around<B>, B: NetworkBehaviour> NetworkBehaviour for Within<A, B> {
    type ConnectionHandler = B::ConnectionHandler;
    type ToSwarm = B::ToSwarm;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.part.handle_pending_inbound_connection(connection, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.part.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        places: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.part.handle_pending_outbound_connection(connection, peer, places, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        place: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.part.handle_established_outbound_connection(connection, peer, place, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        self.around.hear(&mut self.part, event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.part.on_connection_handler_event(peer, connection, event);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.around.poll(&mut self.part, cx)
    }
}
