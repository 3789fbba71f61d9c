//! Names of nodes and their addresses, between our vocabulary and the transport's.
//!
//! **Invariant:** a [`NodeId`] and a `PeerId` made from it name the same Ed25519 key; a peer with any
//! other kind of key has no name here and is not spoken to.
//! **Invariant:** no `Debug` text of this room contains an IP address or a host name; only
//! [`Address`]'s `Display`, which is for the operator's eyes and the peer book, does.

use std::fmt;
use std::str::FromStr;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use weft_protocol::id::NodeId;

use super::host::{Host, is_one_machine};
use super::reach::is_relayed;

/// What stands before the 32 bytes of an Ed25519 key in a peer id: the identity multihash (0x00) of
/// 36 bytes, a protobuf message with key type 1 (Ed25519) and a field of 32 bytes (libp2p
/// specification, "Peer Ids and Keys").
const ED25519_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// Returns the transport's name of a node.
pub(super) fn peer_id(node: NodeId) -> PeerId {
    let mut bytes = ED25519_PREFIX.to_vec();
    bytes.extend_from_slice(node.as_bytes());
    PeerId::from_bytes(&bytes).expect("an identity multihash of 36 bytes is a peer id")
}

/// Returns our name of a peer, or `None` when its key is not Ed25519.
pub(super) fn node_id(peer: &PeerId) -> Option<NodeId> {
    let bytes = peer.to_bytes();
    let key = bytes.strip_prefix(&ED25519_PREFIX)?;
    key.try_into().ok().map(NodeId)
}

/// Returns a node's name as libp2p writes it for people, `12D3KooW…`.
pub fn peer_text(node: NodeId) -> String {
    peer_id(node).to_base58()
}

/// Returns the node that a text of the form `12D3KooW…` names, or `None`.
pub fn parse_peer(text: &str) -> Option<NodeId> {
    node_id(&text.parse().ok()?)
}

/// Where a node can be reached: a multiaddress such as `/dns4/weft.example/tcp/8471/p2p/12D3KooW…`.
///
/// `Debug` hides the place and tells only the node, so that an address never reaches a log by
/// accident; `Display` writes it in full.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(Multiaddr);

/// From how far away an address can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// From everywhere, as far as one can tell from the address.
    Anywhere,
    /// From everywhere, through a relay.
    Relayed,
    /// From the same local network.
    Nearby,
    /// From the same cable or wireless alone, and only by a program that is told which of its own to
    /// use: an address that a machine gives itself when nobody gives it one.
    Link,
    /// From this machine only.
    Here,
}

/// A text is not a multiaddress.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an address looks like /ip4/192.0.2.7/tcp/8471 or /dns4/weft.example/udp/8471/quic-v1")]
pub struct ParseAddressError;

impl Address {
    /// Returns the node that must answer there, when the address says so.
    pub fn node(&self) -> Option<NodeId> {
        match self.0.iter().last() {
            Some(Protocol::P2p(peer)) => node_id(&peer),
            _ => None,
        }
    }

    /// Returns the relays on the way there.
    pub(super) fn relays(&self) -> Vec<NodeId> {
        let way = self.0.iter().take_while(|part| *part != Protocol::P2pCircuit);
        let relays = way.filter_map(|part| match part {
            Protocol::P2p(peer) => node_id(&peer),
            _ => None,
        });
        if is_relayed(&self.0) { relays.collect() } else { Vec::new() }
    }

    /// Returns the same place with the name of the node that must answer there.
    pub fn with_node(&self, node: NodeId) -> Self {
        Self(self.place().with(Protocol::P2p(peer_id(node))))
    }

    /// Returns the same place with nobody's name.
    pub fn bare(&self) -> Self {
        Self(self.place())
    }

    /// Returns from how far away it can be reached.
    pub fn nearness(&self) -> Nearness {
        if is_relayed(&self.0) {
            return Nearness::Relayed;
        }
        match self.host() {
            host if host.is_here() => Nearness::Here,
            host if host.is_link() => Nearness::Link,
            host if host.is_nearby() => Nearness::Nearby,
            _ => Nearness::Anywhere,
        }
    }

    /// Says whether it is of the part of the private addresses from which programs on one machine
    /// mostly give each other theirs, as containers do (172.16.0.0/12).
    pub fn is_inner(&self) -> bool {
        self.host().is_inner()
    }

    /// Says whether a node can be there: whether it leads to one machine, by a transport that nodes
    /// have, at a port, and perhaps from there through a relay.
    pub fn is_possible(&self) -> bool {
        let parts: Vec<Protocol<'_>> = self.0.iter().collect();
        let Some((host, rest)) = parts.split_first() else { return false };
        let at_port = match rest {
            [Protocol::Tcp(port), rest @ ..] => (*port != 0).then_some(rest),
            [Protocol::Udp(port), Protocol::QuicV1, rest @ ..] => (*port != 0).then_some(rest),
            _ => None,
        };
        let ends = |rest: &[Protocol<'_>]| {
            use Protocol::{P2p, P2pCircuit};
            matches!(rest, [] | [P2p(_)] | [P2p(_), P2pCircuit] | [P2p(_), P2pCircuit, P2p(_)])
        };
        is_one_machine(host) && at_port.is_some_and(ends)
    }

    /// Says whether it stands for all addresses of this machine.
    pub fn is_everywhere(&self) -> bool {
        match self.0.iter().next() {
            Some(Protocol::Ip4(ip)) => ip.is_unspecified(),
            Some(Protocol::Ip6(ip)) => ip.is_unspecified(),
            _ => false,
        }
    }

    /// Returns the machine at which it begins.
    pub(super) fn host(&self) -> Host {
        Host::of(&self.0)
    }

    /// Returns the place alone, for the transport; the name of a relay on the way there is part of it.
    pub(super) fn place(&self) -> Multiaddr {
        let mut place = self.0.clone();
        if matches!(place.iter().last(), Some(Protocol::P2p(_))) {
            place.pop();
        }
        place
    }
}

impl From<Multiaddr> for Address {
    fn from(address: Multiaddr) -> Self {
        Self(address)
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        text.parse().map(Self).map_err(|_| ParseAddressError)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node() {
            Some(node) => write!(f, "Address(hidden, {})", peer_text(node)),
            None => f.write_str("Address(hidden)"),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use weft_protocol::key::SecretKey;

    use super::*;

    #[test]
    fn a_node_and_its_peer_id_name_the_same_key() {
        let seed = [7; 32];
        let keypair = libp2p::identity::Keypair::ed25519_from_bytes(seed).unwrap();
        let node = NodeId::from(SecretKey::from_seed(&seed).public());
        assert_eq!(peer_id(node), keypair.public().to_peer_id());
        assert_eq!(node_id(&keypair.public().to_peer_id()), Some(node));
        assert!(peer_text(node).starts_with("12D3KooW"));
        assert_eq!(parse_peer(&peer_text(node)), Some(node));
        assert_eq!(parse_peer("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"), None);
    }

    #[test]
    fn a_node_can_be_only_where_its_transports_lead() {
        let relay = peer_text(NodeId([4; 32]));
        let possible = |text: &str| text.parse::<Address>().is_ok_and(|a| a.is_possible());
        for good in [
            "/ip4/192.0.2.7/tcp/8471",
            "/ip6/2001:db8::7/udp/8471/quic-v1",
            "/dns4/weft.example/tcp/1",
            &format!("/ip4/192.0.2.7/tcp/1/p2p/{relay}"),
            &format!("/dns/weft.example/udp/1/quic-v1/p2p/{relay}/p2p-circuit"),
        ] {
            assert!(possible(good), "{good}");
        }
        for bad in [
            "/ip4/192.0.2.7",
            "/ip4/192.0.2.7/tcp/0",
            "/ip4/192.0.2.7/udp/8",
            "/ip4/192.0.2.7/tcp/8471/ws",
            "/ip4/0.0.0.0/tcp/8471",
            "/ip6/::/tcp/8471",
            "/ip4/255.255.255.255/tcp/8471",
            "/ip4/224.0.0.251/tcp/8471",
            "/dns4/weft..example/tcp/1",
            "/dns4/weft.example",
            "/dnsaddr/weft.example",
            "/memory/7",
            "/tcp/8471",
            &format!("/p2p/{relay}"),
        ] {
            assert!(!possible(bad), "{bad}");
        }
    }

    #[test]
    fn the_better_address_is_known_by_how_far_it_reaches() {
        let near = |text: &str| text.parse::<Address>().unwrap().nearness();
        assert_eq!(near("/ip4/198.51.100.7/tcp/1"), Nearness::Anywhere);
        assert_eq!(near("/dns4/weft.example/tcp/1"), Nearness::Anywhere);
        assert_eq!(near("/ip4/172.17.0.2/tcp/1"), Nearness::Nearby);
        assert_eq!(near("/ip4/100.64.0.9/tcp/1"), Nearness::Nearby);
        assert_eq!(near("/dns4/kitchen.local/tcp/1"), Nearness::Nearby);
        assert_eq!(near("/ip6/fd00::7/tcp/1"), Nearness::Nearby);
        assert_eq!(near("/ip6/fe80::7/tcp/1"), Nearness::Link);
        assert_eq!(near("/ip4/169.254.7.7/tcp/1"), Nearness::Link);
        assert_eq!(near("/ip4/127.0.0.1/tcp/1"), Nearness::Here);
        assert_eq!(near("/dns4/localhost/tcp/1"), Nearness::Here);
        assert!(Nearness::Nearby < Nearness::Link && Nearness::Link < Nearness::Here);
    }

    #[test]
    fn an_address_hides_its_place_from_logs() {
        let node = NodeId([3; 32]);
        let address: Address = "/ip4/192.0.2.7/tcp/8471".parse().unwrap();
        assert_eq!(address.node(), None);
        let named = address.with_node(node);
        assert_eq!(named.node(), Some(node));
        assert_eq!(named.with_node(node), named);
        assert_eq!(named.to_string(), format!("/ip4/192.0.2.7/tcp/8471/p2p/{}", peer_text(node)));
        assert!(!format!("{address:?} {named:?}").contains("192"));
        let relay = NodeId([4; 32]);
        let far: Address = format!("{}/p2p-circuit", address.with_node(relay)).parse().unwrap();
        assert_eq!((far.node(), far.with_node(node).node()), (None, Some(node)));
        assert_eq!(far.with_node(node).bare(), far, "the relay is part of the place");
    }
}
