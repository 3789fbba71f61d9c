//! Where the node listens, and what of it the machine does not give.
//!
//! **Invariant:** an address that cannot be had takes nothing from the others, and is asked for again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::{Multiaddr, Protocol};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{Swarm, TransportError};
use socket2::{Domain, Socket, Type};
use tokio::time::Instant;
use weft_protocol::control::{Missed, Obstacle};

use super::name::Address;

/// How long until what could not be had is asked for again: cables, tunnels and other programs come
/// and go at the pace of people.
const AGAIN: Duration = Duration::from_secs(60);

/// How long until a port that the transport has just tried in vain is free again.
const SOON: Duration = Duration::from_secs(1);

/// Where a machine's way to everybody begins: addresses that nobody has (RFC 5737, RFC 3849), to which
/// nothing is sent.
const NOWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The places of the configuration, and what has become of each.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    asked: Vec<Address>,
    /// Which place each listener serves, and where it was opened.
    open: Vec<(ListenerId, usize, Multiaddr)>,
    missed: BTreeMap<usize, Obstacle>,
    /// Whether the system does not list the addresses of the machine.
    blind: bool,
    due: Option<Instant>,
}

impl Listeners {
    /// Listens wherever it can.
    pub(super) fn open<B: NetworkBehaviour>(swarm: &mut Swarm<B>, asked: &[Address]) -> Self {
        // The same place twice would be in its own way.
        let mut seen = BTreeSet::new();
        let asked = asked.iter().filter(|address| seen.insert(address.place().to_vec()));
        let mut listeners = Self { asked: asked.cloned().collect(), ..Self::default() };
        // All are looked at before the first is opened: two that overlap are no strangers.
        let free: Vec<_> = listeners.asked.iter().map(|asked| free(&asked.place())).collect();
        for (position, free) in free.into_iter().enumerate() {
            let done = free.and_then(|()| listeners.listen(swarm, position));
            listeners.settle(position, done, None);
        }
        listeners
    }

    /// Says whether it listens anywhere.
    pub(super) fn any(&self) -> bool {
        // Where it is blind, a port may be free again only in a moment.
        self.blind || !self.open.is_empty()
    }

    /// Returns what could not be had, in the order of the configuration.
    pub(super) fn missed(&self) -> Vec<Missed> {
        let told = |(position, why): (&usize, &Obstacle)| {
            let address = self.asked.get(*position)?.bare().to_string();
            Some(Missed { address, why: why.clone() })
        };
        self.missed.iter().filter_map(told).collect()
    }

    /// Returns when to ask again for what could not be had.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Asks again for what could not be had, and says whether that has changed anything.
    pub(super) fn retry<B: NetworkBehaviour>(&mut self, swarm: &mut Swarm<B>) -> bool {
        let before = std::mem::take(&mut self.missed);
        self.due = None;
        for (position, was) in &before {
            let Some(place) = self.asked.get(*position).map(Address::place) else { continue };
            let ours = *was == Obstacle::Blind || self.serves(*position);
            let free = if ours { Ok(()) } else { free(&place) };
            let done = free.and_then(|()| self.listen(swarm, *position));
            self.settle(*position, done, Some(was));
        }
        before != self.missed
    }

    /// Takes note that a listener has closed by itself, and says whether it was one of these.
    pub(super) fn close(&mut self, listener: ListenerId) -> bool {
        let Some(at) = self.open.iter().position(|(open, ..)| *open == listener) else {
            return false;
        };
        let (_, position, _) = self.open.swap_remove(at);
        let why = if self.serves(position) { Obstacle::Blind } else { Obstacle::Absent };
        self.settle(position, Err(why), None);
        true
    }

    fn serves(&self, position: usize) -> bool {
        self.open.iter().any(|(_, of, _)| *of == position)
    }

    /// Takes note of what has become of a place, which was in this way before.
    fn settle(&mut self, position: usize, done: Result<(), Obstacle>, was: Option<&Obstacle>) {
        let Err(why) = done else { return };
        let news = was != Some(&why);
        if news {
            // No log holds an address; the place in the list says which.
            let why = why.name();
            tracing::warn!(place = position + 1, why, "cannot listen at a place as told");
        }
        if why != Obstacle::Unfit {
            let busy = news && why == Obstacle::Blind && !self.serves(position);
            let pause = if busy { SOON } else { AGAIN };
            let due = Instant::now() + pause;
            self.due = Some(self.due.map_or(due, |before| before.min(due)));
        }
        self.missed.insert(position, why);
    }

    fn listen<B: NetworkBehaviour>(
        &mut self,
        swarm: &mut Swarm<B>,
        position: usize,
    ) -> Result<(), Obstacle> {
        let Some(asked) = self.asked.get(position) else { return Err(Obstacle::Unfit) };
        let (place, everywhere) = (asked.place(), asked.is_everywhere());
        if everywhere && self.blind {
            return self.listen_here_and_there(swarm, position, &place);
        }
        match swarm.listen_on(place.clone()) {
            Ok(listener) => {
                self.open.push((listener, position, place));
                Ok(())
            }
            Err(TransportError::MultiaddrNotSupported(_)) => Err(Obstacle::Unfit),
            Err(TransportError::Other(_)) if everywhere => {
                self.blind = true;
                self.listen_here_and_there(swarm, position, &place)
            }
            Err(TransportError::Other(error)) => Err(obstacle(&error)),
        }
    }

    /// The port is free and could be opened, so what was refused is the list of the machine's
    /// addresses, without which the transport does not listen everywhere. It listens at each that can be
    /// found by itself.
    fn listen_here_and_there<B: NetworkBehaviour>(
        &mut self,
        swarm: &mut Swarm<B>,
        position: usize,
        place: &Multiaddr,
    ) -> Result<(), Obstacle> {
        let here: Vec<Multiaddr> = found(place)
            .into_iter()
            .filter_map(|ip| place.replace(0, |_| Some(ip.into())))
            .collect();
        self.open.retain(|(listener, of, at)| {
            let stays = *of != position || here.contains(at);
            stays || !swarm.remove_listener(*listener)
        });
        for at in here {
            if !self.open.iter().any(|(_, of, open)| *of == position && *open == at)
                && let Ok(listener) = swarm.listen_on(at.clone())
            {
                self.open.push((listener, position, at));
            }
        }
        Err(Obstacle::Blind)
    }
}

/// Says whether a node could listen at an address now. Nothing is kept open.
///
/// # Errors
/// What is in the way.
pub fn can_listen(address: &Address) -> Result<(), Obstacle> {
    free(&address.place())
}

/// Says whether the system gives a port to us alone. The transport shares its port with whoever of the
/// same user asks for it, so two nodes would each get half of those who knock; and it takes only IPv6 at
/// an address of IPv6, whatever the system's habit.
fn free(place: &Multiaddr) -> Result<(), Obstacle> {
    let mut parts = place.iter();
    let ip: IpAddr = match parts.next() {
        Some(Protocol::Ip4(ip)) => ip.into(),
        Some(Protocol::Ip6(ip)) => ip.into(),
        Some(Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) | Protocol::Dnsaddr(_)) => {
            return Err(Obstacle::Unfit);
        }
        _ => return Ok(()),
    };
    let (kind, port) = match parts.next() {
        _ if super::reach::is_relayed(place) => return Ok(()),
        Some(Protocol::Tcp(port)) => (Type::STREAM, port),
        Some(Protocol::Udp(port)) => (Type::DGRAM, port),
        _ => return Err(Obstacle::Unfit),
    };
    bind(SocketAddr::new(ip, port), kind).map_err(|error| of_kind(&error))
}

fn bind(at: SocketAddr, kind: Type) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(at), kind, None)?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if kind == Type::DGRAM {
        return socket.bind(&at.into());
    }
    // Connections of a node that has just ended linger for a minute, and are in nobody's way.
    socket.set_reuse_address(true)?;
    socket.bind(&at.into())?;
    socket.listen(1)
}

/// Returns the addresses of this machine that can be found without being told, of the version of the
/// Internet Protocol that a place is of: its own loopback, and from where it would speak to everybody.
fn found(place: &Multiaddr) -> BTreeSet<IpAddr> {
    let v4 = matches!(place.iter().next(), Some(Protocol::Ip4(_)));
    let nowhere = NOWHERE.into_iter().filter(|ip| ip.is_ipv4() == v4);
    let seen = nowhere.filter_map(|ip| {
        let any: IpAddr =
            if v4 { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        // Of a datagram's socket it only chooses the way.
        socket.connect((ip, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    });
    let loopback = if v4 { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    seen.chain([loopback]).collect()
}

/// Returns what an error of the transport amounts to: its innermost cause says it.
fn obstacle(error: &(dyn std::error::Error + 'static)) -> Obstacle {
    let mut causes = std::iter::successors(Some(error), |cause| inner(*cause));
    let io = causes.find_map(|cause| {
        cause.downcast_ref::<io::Error>().filter(|error| error.raw_os_error().is_some())
    });
    io.map_or_else(|| Obstacle::Other(error.to_string()), of_kind)
}

/// Returns what an error is about. One of input and output that holds another names as its source
/// only the source of that one, and hides what it holds.
fn inner<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e (dyn std::error::Error + 'static)> {
    let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    held.map(|held| held as &(dyn std::error::Error + 'static)).or_else(|| error.source())
}

fn of_kind(error: &io::Error) -> Obstacle {
    match error.kind() {
        io::ErrorKind::AddrInUse => Obstacle::Taken,
        io::ErrorKind::AddrNotAvailable => Obstacle::Absent,
        io::ErrorKind::PermissionDenied => Obstacle::Forbidden,
        _ if error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error()) => {
            Obstacle::NoFamily
        }
        _ => Obstacle::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use libp2p::identity::Keypair;

    use super::super::company::Company;
    use super::super::gossip::RegionFilter;
    use super::super::{NetworkConfig, behaviour};
    use super::*;

    fn place(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_port_serves_both_versions_of_the_internet_protocol() {
        let ours = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = ours.local_addr().unwrap().port();
        assert_eq!(free(&place(&format!("/ip4/0.0.0.0/tcp/{port}"))), Err(Obstacle::Taken));
        let other = free(&place(&format!("/ip6/::/tcp/{port}")));
        assert!(matches!(other, Ok(()) | Err(Obstacle::NoFamily)), "{other:?}");
    }

    #[test]
    fn what_is_in_the_way_has_a_name() {
        assert_eq!(free(&place("/ip4/192.0.2.7/tcp/0")), Err(Obstacle::Absent));
        assert_eq!(free(&place("/dns4/weft.example/tcp/8471")), Err(Obstacle::Unfit));
        assert_eq!(free(&place("/ip4/127.0.0.1/udp/0/quic-v1")), Ok(()));
        let inner = io::Error::from_raw_os_error(rustix::io::Errno::ACCESS.raw_os_error());
        assert_eq!(obstacle(&io::Error::other(inner)), Obstacle::Forbidden);
        assert_eq!(obstacle(&io::Error::other("odd")), Obstacle::Other("odd".to_owned()));
    }

    #[tokio::test]
    async fn what_could_not_be_had_is_asked_for_again() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = format!("/ip4/127.0.0.1/tcp/{}", other.local_addr().unwrap().port());
        let asked = [&*taken, "/ip4/127.0.0.1/tcp/0", &*taken].map(|text| text.parse().unwrap());
        let (config, key) = (NetworkConfig::default(), Keypair::generate_ed25519());
        let mut swarm =
            behaviour::swarm(&config, (&RegionFilter::default(), &Company::default()), &key)
                .unwrap();
        let mut listeners = Listeners::open(&mut swarm, &asked);
        assert!(listeners.any() && listeners.due().is_some());
        assert_eq!(listeners.missed(), [Missed { address: taken, why: Obstacle::Taken }]);
        assert!(!listeners.retry(&mut swarm), "it is taken still");
        drop(other);
        assert!(listeners.retry(&mut swarm));
        assert_eq!((listeners.missed(), listeners.due()), (Vec::new(), None));
    }

    #[test]
    fn an_address_is_found_without_a_list_of_them() {
        assert!(found(&place("/ip4/0.0.0.0/tcp/1")).contains(&Ipv4Addr::LOCALHOST.into()));
        assert!(found(&place("/ip6/::/tcp/1")).contains(&Ipv6Addr::LOCALHOST.into()));
    }
}
