//! Parts of the swarm that come from elsewhere, each with something of ours around it.
//!
//! **Invariant:** what is around a part changes what it hears, what is done of what it wants and on which
//! connections it speaks, and nothing of what it speaks
//! (`probes_wait_for_their_turn_and_nothing_else_waits_for_them`).

use std::task::{Context, Poll};

use libp2p::PeerId;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};

use super::half::Half;

/// What stands between the swarm and a part of it.
pub(super) trait Around<B: NetworkBehaviour>: 'static {
    /// Somebody comes, who is this and from there; says whether the part is to speak with them.
    ///
    /// # Errors
    /// When they may not come at all.
    fn comes(
        &mut self,
        _connection: ConnectionId,
        _peer: PeerId,
        _remote: &Multiaddr,
    ) -> Result<bool, ConnectionDenied> {
        Ok(true)
    }

    /// Somebody answers whom this node dialled.
    ///
    /// # Errors
    /// When there is to be no connection with them.
    fn answers(
        &mut self,
        _connection: ConnectionId,
        _peer: PeerId,
    ) -> Result<(), ConnectionDenied> {
        Ok(())
    }

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
    type ConnectionHandler = Half<B::ConnectionHandler>;
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
        if !self.around.comes(connection, peer, remote)? {
            return Ok(Half::nothing());
        }
        let part = &mut self.part;
        part.handle_established_inbound_connection(connection, peer, local, remote).map(Half::of)
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
        self.around.answers(connection, peer)?;
        let part = &mut self.part;
        part.handle_established_outbound_connection(connection, peer, place, role, port)
            .map(Half::of)
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
