//! For whom this node relays: each machine and each neighbourhood has a part of the places.
//!
//! **Invariant:** however many come from one place, the others find a relay here: of all its places one machine
//! has a sixteenth and one neighbourhood a quarter. Who finds none is not told of the relay, and asks another.

use libp2p::PeerId;
use libp2p::core::Multiaddr;
use libp2p::swarm::behaviour::{ConnectionClosed, ListenFailure};
use libp2p::swarm::{ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour};
use tokio::time::Instant;

use super::around::{Around, Within};
use super::crowding::Crowding;
use super::host::Host;

/// Around a relay: its places, by the connections on which the relay is spoken.
pub(super) struct Spread(Crowding);

impl Spread {
    /// Spreads so many places of a relay.
    pub(super) fn of<B>(relay: B, places: u32) -> Within<Self, B> {
        Within::new(Self(Crowding::new(places)), relay)
    }
}

impl<B: NetworkBehaviour> Around<B> for Spread {
    fn comes(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        remote: &Multiaddr,
    ) -> Result<bool, ConnectionDenied> {
        Ok(self.0.enter(connection, Host::of(remote), Instant::now()))
    }

    fn hear(&mut self, relay: &mut B, event: FromSwarm<'_>) {
        if let FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. })
        | FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) = event
        {
            self.0.leave(connection_id);
        }
        relay.on_swarm_event(event);
    }
}

#[cfg(test)]
mod tests {
    use libp2p::relay;

    use super::*;

    #[test]
    fn m12_four_machines_do_not_hold_all_places_of_a_relay() {
        let own = PeerId::random();
        let relay = relay::Behaviour::new(own, relay::Config::default());
        let mut spread = Spread::of(relay, 64);
        let here: Multiaddr = "/ip4/9.9.9.9/tcp/8471".parse().unwrap();
        let mut speaks = |n: usize, remote: &str| {
            let (connection, remote) = (ConnectionId::new_unchecked(n), remote.parse().unwrap());
            let peer = PeerId::random();
            let handler =
                spread.handle_established_inbound_connection(connection, peer, &here, &remote);
            handler.is_ok_and(|half| half.is_there())
        };
        let of_four = |n: usize| speaks(n, &format!("/ip4/1.{}.0.1/tcp/{n}", n % 4));
        assert_eq!((0..64).map(of_four).filter(|speaks| *speaks).count(), 16);
        let of_one_city = |n: usize| speaks(n, &format!("/ip4/5.5.{}.1/tcp/{n}", n % 250));
        assert_eq!((100..200).map(of_one_city).filter(|speaks| *speaks).count(), 16);
        assert!(speaks(300, "/ip4/7.7.7.7/tcp/1"), "others find a place");
    }
}
