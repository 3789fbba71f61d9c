//! The machine that an address leads to, and the part of the Internet it is in.
//!
//! **Invariant:** no `Debug` text of a host says which it is.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use libp2p::multiaddr::{Multiaddr, Protocol};

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
