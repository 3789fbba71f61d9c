//! How many of the connections that others make may come from one place.
//!
//! A node has so many places for those who knock. Without this, one machine could take them all, or
//! keep all handshakes busy and finish none.
//!
//! **Invariant:** connections that are still being made count like those that stand, so a place is
//! taken before anything is spoken.
//!
//! **Invariant:** who comes and goes takes no more handshakes in a minute than some times the places that it
//! may have: a handshake costs more than a place.
//!
//! **Invariant:** what we dial is never counted here and never refused.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use libp2p::core::Multiaddr;
use libp2p::swarm::{ConnectionDenied, ConnectionId};
use tokio::time::Instant;

use super::gate::Rule;
use super::host::Host;

/// Which part of all places for those who knock one machine may take: of 256, sixteen, as when a
/// meeting's nodes are all behind one router.
const OF_ONE_HOST: u32 = 16;

/// Which part one neighbourhood may take: of 256, sixty-four, because the nodes of a city often are
/// at one provider.
const OF_ONE_NEIGHBOURHOOD: u32 = 4;

/// Which part may come from this machine itself, where a proxy such as Tor passes on who knows whom.
const OF_THIS_MACHINE: u32 = 2;

/// How often in [`TURN`] the places that one may have are given anew: whoever loses a connection comes back
/// within seconds, and rarely more than once or twice a minute.
const TURNS: u32 = 4;

/// The time in which those who come are counted.
const TURN: Duration = Duration::from_secs(60);

/// The fewest that may come from one machine in [`TURN`], however few places there are.
const TURNS_MIN: u32 = 16;

/// Counts the connections that others make, by where they come from.
#[derive(Debug)]
pub(super) struct Crowding {
    places: u32,
    /// Who has come lately; it forgets all at once, so it holds no more than may come in [`TURN`].
    lately: Lately,
    hosts: BTreeMap<Host, u32>,
    neighbourhoods: BTreeMap<Host, u32>,
    taken: HashMap<ConnectionId, Host>,
}

/// Who has come since a moment.
#[derive(Debug, Default)]
struct Lately {
    since: Option<Instant>,
    all: u32,
    hosts: BTreeMap<Host, u32>,
    neighbourhoods: BTreeMap<Host, u32>,
}

/// Too many come from one place. It names none.
#[derive(Debug)]
struct Crowded;

impl fmt::Display for Crowded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many connections from one place")
    }
}

impl std::error::Error for Crowded {}

impl Crowding {
    /// Makes it for a node with so many places for those who knock.
    pub(super) fn new(places: u32) -> Self {
        let (lately, hosts, neighbourhoods, taken) = <_>::default();
        Self { places, lately, hosts, neighbourhoods, taken }
    }

    /// Takes a place for a connection from this host, and says whether there was one.
    pub(super) fn enter(&mut self, connection: ConnectionId, host: Host, now: Instant) -> bool {
        let part = |of: u32| (self.places / of).max(1);
        let near = host.neighbourhood();
        let (of_host, of_near) = if host.is_here() {
            (part(OF_THIS_MACHINE), part(OF_THIS_MACHINE))
        } else {
            (part(OF_ONE_HOST), part(OF_ONE_NEIGHBOURHOOD))
        };
        let count = |counts: &BTreeMap<Host, u32>, host| counts.get(host).copied().unwrap_or(0);
        if count(&self.hosts, &host) >= of_host || count(&self.neighbourhoods, &near) >= of_near {
            return false;
        }
        if !self.lately.takes(&host, [of_host, of_near, self.places], now) {
            return false;
        }
        *self.hosts.entry(host.clone()).or_default() += 1;
        *self.neighbourhoods.entry(near).or_default() += 1;
        self.taken.insert(connection, host);
        true
    }

    /// Gives the place of a connection back, if it had one.
    pub(super) fn leave(&mut self, connection: ConnectionId) {
        let Some(host) = self.taken.remove(&connection) else { return };
        let near = host.neighbourhood();
        for (counts, host) in [(&mut self.hosts, host), (&mut self.neighbourhoods, near)] {
            if let Some(count) = counts.get_mut(&host) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&host);
                }
            }
        }
    }
}

impl Lately {
    /// Counts one who comes from this host, of which, of whose neighbourhood and of all so many may be here
    /// at once; says whether it may come now.
    fn takes(&mut self, host: &Host, places: [u32; 3], now: Instant) -> bool {
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= TURN) {
            *self = Self { since: Some(now), ..Self::default() };
        }
        let near = host.neighbourhood();
        let count = |counts: &BTreeMap<Host, u32>, host| counts.get(host).copied().unwrap_or(0);
        let came = [count(&self.hosts, host), count(&self.neighbourhoods, &near), self.all];
        let full = |(came, places): (u32, u32)| came >= (places * TURNS).max(TURNS_MIN);
        if came.into_iter().zip(places).any(full) {
            return false;
        }
        self.all += 1;
        *self.hosts.entry(host.clone()).or_default() += 1;
        *self.neighbourhoods.entry(near).or_default() += 1;
        true
    }
}

impl Rule for Crowding {
    fn knock(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        // Who comes through a relay says no place of its own; then the relay's counts.
        let host = match Host::of(remote) {
            Host::Unnamed => Host::of(local),
            host => host,
        };
        let enters = self.enter(connection, host, Instant::now());
        if enters { Ok(()) } else { Err(ConnectionDenied::new(Crowded)) }
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.leave(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knocks so many times from places that a number makes, and counts how often it was let in.
    fn let_in(
        crowding: &mut Crowding,
        from: usize,
        to: usize,
        place: impl Fn(usize) -> String,
    ) -> usize {
        let here = "/ip4/198.51.100.1/tcp/8471".parse().unwrap();
        let knock = |n: &usize| {
            let remote = place(*n).parse().unwrap();
            let connection = ConnectionId::new_unchecked(*n);
            crowding.knock(connection, &here, &remote).is_ok()
        };
        (from..to).filter(knock).count()
    }

    #[test]
    fn one_host_takes_a_sixteenth_one_neighbourhood_a_quarter_this_machine_half() {
        let mut crowding = Crowding::new(256);
        let one = |n| format!("/ip4/192.0.2.7/tcp/{n}");
        assert_eq!(let_in(&mut crowding, 0, 100, one), 16);
        let near = |n| format!("/ip4/192.0.{}.{}/tcp/1", 3 + n / 250, n % 250);
        assert_eq!(let_in(&mut crowding, 1000, 1500, near), 64 - 16);
        let far = |n| format!("/ip4/10.{}.0.1/tcp/1", n % 250);
        assert_eq!(let_in(&mut crowding, 2000, 2100, far), 100);
        let home = |n| format!("/ip6/2001:db8:0:7::{n:x}/tcp/1");
        assert_eq!(let_in(&mut crowding, 3000, 3100, home), 16);
        let here = |n| format!("/ip4/127.0.0.1/tcp/{n}");
        assert_eq!(let_in(&mut crowding, 4000, 4500, here), 128);
    }

    #[test]
    fn a_place_comes_back_when_a_connection_closes_or_never_stands() {
        let mut crowding = Crowding::new(32);
        let one = |n| format!("/ip4/192.0.2.7/tcp/{n}");
        assert_eq!(let_in(&mut crowding, 0, 9, one), 2);
        crowding.leave(ConnectionId::new_unchecked(0));
        crowding.leave(ConnectionId::new_unchecked(0));
        assert_eq!(let_in(&mut crowding, 10, 19, one), 1);
        crowding.leave(ConnectionId::new_unchecked(1));
        crowding.leave(ConnectionId::new_unchecked(10));
        assert!(crowding.hosts.is_empty() && crowding.neighbourhoods.is_empty());
    }

    #[test]
    fn m15_who_comes_and_goes_takes_only_so_many_handshakes_in_a_minute() {
        let mut crowding = Crowding::new(256);
        let start = Instant::now();
        let mut comes_and_goes = |from: usize, host: &dyn Fn(usize) -> String, seconds| {
            let now = start + Duration::from_secs(seconds);
            let let_in = (from..from + 3000).filter(|n| {
                let host = Host::of(&host(*n).parse().unwrap());
                let connection = ConnectionId::new_unchecked(*n);
                let entered = crowding.enter(connection, host, now);
                crowding.leave(connection);
                entered
            });
            let_in.count()
        };
        let one = |n| format!("/ip4/192.0.2.7/tcp/{n}");
        assert_eq!(comes_and_goes(0, &one, 0), 64, "four times the sixteen places of one machine");
        let network = |n| format!("/ip6/2001:db8:0:7::{n:x}/tcp/1");
        assert_eq!(comes_and_goes(3000, &network, 1), 64, "a network of 64 bits is one machine");
        let near = |n| format!("/ip4/198.51.{}.{}/tcp/1", n / 250, n % 250);
        assert_eq!(comes_and_goes(6000, &near, 2), 256);
        let far = |n| format!("/ip4/{}.{}.0.1/tcp/1", 1 + n % 100, n / 100);
        assert_eq!(comes_and_goes(9000, &far, 3), 1024 - 64 - 64 - 256, "and in all");
        assert_eq!(comes_and_goes(12_000, &one, 61), 64, "a minute later they may come again");
    }

    #[test]
    fn who_comes_through_a_relay_counts_as_the_relays() {
        let mut crowding = Crowding::new(32);
        let far = |n: usize| {
            format!(
                "/p2p/{}",
                libp2p::identity::Keypair::ed25519_from_bytes([u8::try_from(n).unwrap(); 32])
                    .unwrap()
                    .public()
                    .to_peer_id()
            )
        };
        assert_eq!(let_in(&mut crowding, 0, 9, far), 2);
    }
}
