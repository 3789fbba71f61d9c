//! For whom this node relays: each machine and each neighbourhood has a part of the places.
//!
//! **Invariant:** however many come from one place, the others find a relay here: of all its places one machine
//! has a sixteenth and one neighbourhood a quarter. Who finds none is not told of the relay, and asks another.

use std::task::{Context, Poll};

use either::Either;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::behaviour::ConnectionClosed;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{PeerId, relay};
use tokio::time::Instant;

use super::crowding::Crowding;
use super::host::Host;

/// A relay whose places are spread over those who come.
pub(super) struct Spread {
    relay: relay::Behaviour,
    /// The connections on which the relay is spoken.
    places: Crowding,
}

impl Spread {
    /// Spreads so many places of a relay.
    pub(super) fn new(relay: relay::Behaviour, places: u32) -> Self {
        Self { relay, places: Crowding::new(places) }
    }
}

impl NetworkBehaviour for Spread {
    type ConnectionHandler = <relay::Behaviour as NetworkBehaviour>::ConnectionHandler;
    type ToSwarm = <relay::Behaviour as NetworkBehaviour>::ToSwarm;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if self.places.enter(connection, Host::of(remote), Instant::now()) {
            self.relay.handle_established_inbound_connection(connection, peer, local, remote)
        } else {
            Ok(Either::Right(dummy::ConnectionHandler))
        }
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        place: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.relay.handle_established_outbound_connection(connection, peer, place, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        if let FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) = event {
            self.places.leave(connection_id);
        }
        self.relay.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.relay.on_connection_handler_event(peer, connection, event);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.relay.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m12_four_machines_do_not_hold_all_places_of_a_relay() {
        let own = PeerId::random();
        let relay = relay::Behaviour::new(own, relay::Config::default());
        let mut spread = Spread::new(relay, 64);
        let here: Multiaddr = "/ip4/9.9.9.9/tcp/8471".parse().unwrap();
        let mut speaks = |n: usize, remote: &str| {
            let (connection, remote) = (ConnectionId::new_unchecked(n), remote.parse().unwrap());
            let peer = PeerId::random();
            let handler =
                spread.handle_established_inbound_connection(connection, peer, &here, &remote);
            matches!(handler, Ok(Either::Left(_)))
        };
        let of_four = |n: usize| speaks(n, &format!("/ip4/1.{}.0.1/tcp/{n}", n % 4));
        assert_eq!((0..64).map(of_four).filter(|speaks| *speaks).count(), 16);
        let of_one_city = |n: usize| speaks(n, &format!("/ip4/5.5.{}.1/tcp/{n}", n % 250));
        assert_eq!((100..200).map(of_one_city).filter(|speaks| *speaks).count(), 16);
        assert!(speaks(300, "/ip4/7.7.7.7/tcp/1"), "others find a place");
    }
}
