//! Whom this node dials, and where.
//!
//! A relay or a prober is told by strangers where to dial. Without this, a stranger could have it knock at
//! the machine's own services and at everything in the network behind it, and be told who answered.
//!
//! **Invariant:** where strangers say that it should, this node dials addresses of the public Internet only:
//! neither itself, nor what is nearby, nor a name, which may mean any of these.
//!
//! **Invariant:** no other node is told of an address that means this machine to itself alone, unless the
//! node listens at no other.
//!
//! **Invariant:** what its operator, its book or its local network has named is dialled wherever it is.

use std::collections::VecDeque;
use std::fmt;

use libp2p::core::Multiaddr;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::{
    ExpiredListenAddr, ExternalAddrConfirmed, ExternalAddrExpired, NewExternalAddrCandidate,
    NewListenAddr,
};
use libp2p::swarm::{ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour};

use super::around::{Around, Within};
use super::gate::Rule;
use super::host::{Host, is_public};

/// How many relays are remembered through which this node itself has dialled: some times those that it is
/// connected with at once. The transport dials them by itself when they are not connected.
const RELAYS_MAX: usize = 32;

/// Keeps strangers from saying where to dial.
#[derive(Debug, Default)]
pub(super) struct Dialling {
    /// The dial that we are about to make.
    own: Option<ConnectionId>,
    /// Where the relays are through which we dialled; the longest ago first.
    relays: VecDeque<Multiaddr>,
}

/// A stranger wants us to dial what is not public. It names no place.
#[derive(Debug)]
struct Inner;

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("somebody else wants a dial within the network of this node")
    }
}

impl std::error::Error for Inner {}

impl Dialling {
    /// Lets the next dial be our own, to these places.
    pub(super) fn own<'a>(
        &mut self,
        connection: ConnectionId,
        places: impl Iterator<Item = &'a Multiaddr>,
    ) {
        self.own = Some(connection);
        for relay in places.filter_map(relay_of) {
            self.relays.retain(|known| *known != relay);
            self.relays.push_back(relay);
            if self.relays.len() > RELAYS_MAX {
                self.relays.pop_front();
            }
        }
    }

    /// Says whether a dial to these places may be made.
    fn allows(&mut self, connection: ConnectionId, places: &[Multiaddr]) -> bool {
        let may_be = |place: &Multiaddr| is_public(place) || self.relays.contains(&bare(place));
        self.own.take() == Some(connection) || places.iter().all(may_be)
    }
}

/// Returns the place without the names of nodes at its end.
fn bare(place: &Multiaddr) -> Multiaddr {
    place.iter().take_while(|part| !matches!(part, Protocol::P2p(_))).collect()
}

/// Returns where the relay is through which an address leads, if it leads through one.
fn relay_of(place: &Multiaddr) -> Option<Multiaddr> {
    place.iter().any(|part| part == Protocol::P2pCircuit).then(|| bare(place))
}

impl Rule for Dialling {
    fn dial(
        &mut self,
        connection: ConnectionId,
        places: &[Multiaddr],
    ) -> Result<(), ConnectionDenied> {
        let allowed = self.allows(connection, places);
        if allowed { Ok(()) } else { Err(ConnectionDenied::new(Inner)) }
    }
}

/// Keeps from a part of the swarm own addresses that it may not tell others of: those that this names.
pub(super) struct Telling(fn(&FromSwarm<'_>) -> bool);

impl Telling {
    /// Where this node may be seen, a part is told only where that is public: those it tells could not dial
    /// the rest, would refuse the public ones beside it, and need not know what is within this node's
    /// network.
    pub(super) fn of_public<B>(part: B) -> Within<Self, B> {
        let hides: fn(&FromSwarm<'_>) -> bool = |event| match event {
            FromSwarm::NewExternalAddrCandidate(NewExternalAddrCandidate { addr }) => {
                !is_public(addr)
            }
            _ => false,
        };
        Within::new(Self(hides), part)
    }

    /// Tells it of all but what means this machine to whoever is on it, such as a port behind a proxy:
    /// elsewhere that means another machine.
    pub(super) fn of_others<B>(part: B) -> Within<Self, B> {
        let hides: fn(&FromSwarm<'_>) -> bool =
            |event| own_address(event).is_some_and(|place| Host::of(place).is_here());
        Within::new(Self(hides), part)
    }

    /// Tells it of everything.
    pub(super) fn of_all<B>(part: B) -> Within<Self, B> {
        Within::new(Self(|_| false), part)
    }
}

/// Returns the own address that an event is about.
fn own_address<'a>(event: &FromSwarm<'a>) -> Option<&'a Multiaddr> {
    match event {
        FromSwarm::NewListenAddr(NewListenAddr { addr, .. })
        | FromSwarm::ExpiredListenAddr(ExpiredListenAddr { addr, .. })
        | FromSwarm::NewExternalAddrCandidate(NewExternalAddrCandidate { addr })
        | FromSwarm::ExternalAddrConfirmed(ExternalAddrConfirmed { addr })
        | FromSwarm::ExternalAddrExpired(ExternalAddrExpired { addr }) => Some(addr),
        _ => None,
    }
}

impl<B: NetworkBehaviour> Around<B> for Telling {
    fn hides(&self, event: &FromSwarm<'_>) -> bool {
        (self.0)(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(all: &[&str]) -> Vec<Multiaddr> {
        all.iter().map(|place| place.parse().unwrap()).collect()
    }

    fn connection(n: usize) -> ConnectionId {
        ConnectionId::new_unchecked(n)
    }

    #[test]
    fn h9_where_strangers_say_only_the_public_internet_is_dialled() {
        let mut dialling = Dialling::default();
        let mut dials = |all: &[&str]| dialling.allows(connection(1), &places(all));
        assert!(dials(&["/ip4/9.9.9.9/tcp/8471"]) && dials(&["/ip6/2620:fe::fe/udp/1/quic-v1"]));
        assert!(dials(&[]), "the library knows where: we have told it");
        for inner in [
            "/ip4/127.0.0.1/tcp/22",
            "/ip4/9.9.9.9/tcp/1/p2p-circuit/ip4/127.0.0.1/tcp/22",
            "/dns4/localhost/tcp/22",
            "/dns/inner.example/tcp/22",
            "/memory/7",
        ] {
            assert!(!dials(&[inner]), "{inner}");
            assert!(!dials(&["/ip4/9.9.9.9/tcp/8471", inner]), "{inner} beside another");
        }
    }

    #[test]
    fn h9_what_we_chose_ourselves_is_dialled_wherever_it_is_and_once() {
        let mut dialling = Dialling::default();
        let inner = places(&["/ip4/192.168.1.7/tcp/8471"]);
        dialling.own(connection(1), inner.iter());
        assert!(dialling.allows(connection(1), &inner));
        assert!(!dialling.allows(connection(1), &inner), "it was one dial");
        dialling.own(connection(2), inner.iter());
        assert!(!dialling.allows(connection(3), &inner), "another's dial");
    }

    #[test]
    fn h9_the_transport_dials_the_relay_that_we_named_and_no_other_port_of_it() {
        let relay = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
        let mut dialling = Dialling::default();
        let through = format!("/ip4/10.0.0.9/tcp/8471/p2p/{relay}/p2p-circuit");
        dialling.own(connection(1), places(&[&through]).iter());
        dialling.own = None;
        let with_name = format!("/ip4/10.0.0.9/tcp/8471/p2p/{relay}");
        assert!(dialling.allows(connection(2), &places(&["/ip4/10.0.0.9/tcp/8471"])));
        assert!(dialling.allows(connection(2), &places(&[&with_name])));
        assert!(!dialling.allows(connection(2), &places(&["/ip4/10.0.0.9/tcp/22"])));
    }
}
