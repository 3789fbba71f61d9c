//! The machine that an address leads to, and the part of the Internet it is in.
//!
//! **Invariant:** no `Debug` text of a host says which it is.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use libp2p::multiaddr::{Multiaddr, Protocol};

use super::name::Address;

/// A machine, or the part of the Internet that one hand usually holds: where an address begins.
///
/// Of IPv6 the first 64 bits are one machine, because that is what a single home or server is given.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Host {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    Name(String),
    /// The address does not say.
    Unnamed,
}

impl Host {
    /// Returns the host at which an address begins; of one through a relay that is the relay's.
    pub(super) fn of(address: &Multiaddr) -> Self {
        match address.iter().next() {
            Some(Protocol::Ip4(ip)) => Self::V4(ip),
            Some(Protocol::Ip6(ip)) => match ip.to_ipv4_mapped() {
                Some(ip) => Self::V4(ip),
                None => Self::V6(first_bits(ip, 64)),
            },
            Some(
                Protocol::Dns(name)
                | Protocol::Dns4(name)
                | Protocol::Dns6(name)
                | Protocol::Dnsaddr(name),
            ) => Self::Name(name.to_lowercase()),
            _ => Self::Unnamed,
        }
    }

    /// Returns the neighbourhood: the first 16 bits of IPv4, the first 48 of IPv6, which are what
    /// providers and large tenants hold; every name is a neighbourhood of its own, because only the
    /// operator and those that the operator asked bring names.
    pub(super) fn neighbourhood(&self) -> Self {
        match self {
            Self::V4(ip) => {
                let [a, b, ..] = ip.octets();
                Self::V4(Ipv4Addr::new(a, b, 0, 0))
            }
            Self::V6(ip) => Self::V6(first_bits(*ip, 48)),
            Self::Name(_) | Self::Unnamed => self.clone(),
        }
    }

    /// Says whether this is the machine itself, from which proxies such as Tor pass others on.
    pub(super) fn is_here(&self) -> bool {
        match self {
            Self::V4(ip) => ip.is_loopback(),
            Self::V6(ip) => *ip == first_bits(Ipv6Addr::LOCALHOST, 64),
            Self::Name(name) => ends_in(name, &["localhost"]),
            Self::Unnamed => false,
        }
    }

    /// Says whether the machine gave it itself, because nobody else did: it means something on one
    /// cable only.
    pub(super) fn is_link(&self) -> bool {
        match self {
            Self::V4(ip) => ip.is_link_local(),
            Self::V6(ip) => ip.is_unicast_link_local(),
            Self::Name(_) | Self::Unnamed => false,
        }
    }

    /// Says whether it is of the private addresses from which containers are mostly given theirs.
    pub(super) fn is_inner(&self) -> bool {
        matches!(self, Self::V4(ip) if ip.is_private() && ip.octets()[0] == 172)
    }

    /// Says whether it is of a local network, or behind the router of a provider, and means another
    /// machine elsewhere.
    pub(super) fn is_nearby(&self) -> bool {
        match self {
            Self::V4(ip) => ip.is_private() || is_shared(*ip),
            Self::V6(ip) => ip.is_unique_local(),
            Self::Name(name) => ends_in(name, &["local", "lan", "home.arpa", "internal"]),
            Self::Unnamed => false,
        }
    }
}

/// The part of the Internet from which a node comes: the addresses that one provider or one large tenant
/// holds. Nobody can tell from it which it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbourhood(Host);

impl Neighbourhood {
    /// Returns where an address leads; of one through a relay, where the relay is.
    pub fn of(address: &Address) -> Self {
        Self(Host::of(&address.place()).neighbourhood())
    }
}

/// Says whether what an address begins with can mean one machine: neither none, nor all, nor a group.
pub(super) fn is_one_machine(first: &Protocol<'_>) -> bool {
    match first {
        Protocol::Ip4(ip) => !ip.is_unspecified() && !ip.is_broadcast() && !ip.is_multicast(),
        Protocol::Ip6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
        Protocol::Dns(name)
        | Protocol::Dns4(name)
        | Protocol::Dns6(name)
        | Protocol::Dnsaddr(name) => {
            // Bounds of the domain name system (RFC 1035).
            let labels = name.strip_suffix('.').unwrap_or(name).split('.');
            name.len() <= 254 && labels.into_iter().all(|label| (1..64).contains(&label.len()))
        }
        _ => false,
    }
}

/// Says whether an address leads to a machine of the public Internet, and nowhere else on the way. A name may
/// mean any machine, so it is not.
pub(super) fn is_public(address: &Multiaddr) -> bool {
    let public = |part: Protocol<'_>| match part {
        Protocol::Ip4(ip) => Some(is_public_v4(ip)),
        Protocol::Ip6(ip) => Some(is_public_v6(ip)),
        Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) | Protocol::Dnsaddr(_) => {
            Some(false)
        }
        _ => None,
    };
    let begins = matches!(address.iter().next(), Some(Protocol::Ip4(_) | Protocol::Ip6(_)));
    begins && address.iter().filter_map(public).all(|public| public)
}

/// Says whether an address is of the public Internet, by the registry of special addresses (RFC 6890 and
/// what has been added to it).
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_loopback()
        || ip.is_link_local()
        || ip.is_private()
        || ip.is_multicast()
        || ip.is_documentation()
        || is_shared(ip)
        // "This network", protocol assignments and old relays of IPv6, tests of networks, the reserved
        // ones with the broadcast.
        || a == 0
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special
}

/// The same of IPv6: global unicast alone is public, without documentation; and what only carries an
/// address of IPv4 is what that is.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, ..] = ip.segments();
    let [.., high, low] = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        // Translated (RFC 6052); of the ranges for local use nobody knows what they lead to.
        (0x64, 0xff9b) => (c, d) == (0, 0) && is_public_v4(v4(high, low)),
        // Tunnels that carry the address of IPv4 in front.
        (0x2002, _) => is_public_v4(v4(b, c)),
        // Assignments for protocols, Teredo among them, and documentation.
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

/// Says whether an address is shared by the customers of a provider (RFC 6598).
fn is_shared(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    a == 100 && (64..128).contains(&b)
}

/// Says whether a name is one of these, or ends in one.
fn ends_in(name: &str, all: &[&str]) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    all.iter().any(|end| {
        name.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with('.'))
    })
}

fn first_bits(ip: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(ip.to_bits() & !(u128::MAX >> bits))
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::of(&text.parse().unwrap())
    }

    #[test]
    fn a_host_is_where_an_address_begins() {
        assert_eq!(host("/ip4/192.0.2.7/tcp/1"), host("/ip4/192.0.2.7/udp/2/quic-v1"));
        assert_ne!(host("/ip4/192.0.2.7/tcp/1"), host("/ip4/192.0.2.8/tcp/1"));
        assert_eq!(host("/ip6/2001:db8::1/tcp/1"), host("/ip6/2001:db8::ffff:1/tcp/1"));
        assert_ne!(host("/ip6/2001:db8::1/tcp/1"), host("/ip6/2001:db8:0:1::1/tcp/1"));
        assert_eq!(host("/ip6/::ffff:192.0.2.7/tcp/1"), host("/ip4/192.0.2.7/tcp/1"));
        assert_eq!(host("/dns4/Weft.example/tcp/1"), host("/dns/weft.example/tcp/2"));
        assert_eq!(host("/memory/7"), Host::Unnamed);
        assert!(!format!("{:?}", host("/ip4/192.0.2.7/tcp/1")).contains("192"));
    }

    #[test]
    fn a_neighbourhood_is_16_bits_of_ipv4_and_48_of_ipv6() {
        let same = |a: &str, b: &str| host(a).neighbourhood() == host(b).neighbourhood();
        assert!(same("/ip4/192.0.2.7/tcp/1", "/ip4/192.0.99.1/tcp/1"));
        assert!(!same("/ip4/192.0.2.7/tcp/1", "/ip4/192.1.2.7/tcp/1"));
        assert!(same("/ip6/2001:db8:1:2::1/tcp/1", "/ip6/2001:db8:1:3::1/tcp/1"));
        assert!(!same("/ip6/2001:db8:1::1/tcp/1", "/ip6/2001:db8:2::1/tcp/1"));
        assert!(!same("/dns4/a.example/tcp/1", "/dns4/b.example/tcp/1"));
    }

    #[test]
    fn h9_what_is_public_is_known() {
        let public = |ip: &str| {
            let family = if ip.contains(':') { "ip6" } else { "ip4" };
            is_public(&format!("/{family}/{ip}/tcp/1").parse().unwrap())
        };
        let outer = "9.9.9.9 1.1.1.1 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 \
             223.255.255.1 2620:fe::fe 2a00:1450::1 2001:4860::8888 64:ff9b::909:909 2002:909:909::1";
        let inner = "127.0.0.1 127.255.0.1 169.254.169.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 \
             100.64.0.1 100.127.0.1 224.0.0.251 239.0.0.1 192.0.2.7 198.51.100.7 203.0.113.7 0.0.0.0 \
             0.1.2.3 192.0.0.8 192.88.99.1 198.18.0.1 198.19.255.1 240.0.0.1 255.255.255.255 :: ::1 \
             fe80::1 fec0::1 fc00::1 fd77::1 ff02::fb 2001:db8::1 3fff::1 ::ffff:127.0.0.1 \
             ::ffff:9.9.9.9 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1::1 2001::1 100::1";
        assert_eq!(outer.split_whitespace().find(|ip| !public(ip)), None);
        assert_eq!(inner.split_whitespace().find(|ip| public(ip)), None);
    }

    #[test]
    fn this_machine_is_known() {
        assert!(host("/ip4/127.0.0.9/tcp/1").is_here() && host("/ip6/::1/tcp/1").is_here());
        assert!(!host("/ip4/192.0.2.7/tcp/1").is_here());
        assert!(host("/ip4/192.168.7.7/tcp/1").is_nearby() && host("/ip6/fe80::1/tcp/1").is_link());
        assert!(!host("/ip4/192.0.2.7/tcp/1").is_nearby());
        assert!(
            host("/dns4/localhost/tcp/1").is_here() && host("/dns/a.localhost/tcp/1").is_here()
        );
        assert!(!host("/dns4/notlocalhost/tcp/1").is_here());
    }
}
