//! Invites: a link that one operator hands to another, and with which a new node finds the movement.
//!
//! ```text
//! weft:12D3KooW…?region=gb-bristol&at=/dns4/weft.example.org/tcp/8471&net=<id of a network>
//! ```
//!
//! It says who is there, where, in which region, and from which network recognition may start. Whoever
//! has it learns these four things and nothing else; it lets nobody in who could not come anyway.
//!
//! **Invariant:** an invite names who must answer, so that nobody on the way can answer instead.
//!
//! **Invariant:** an invite is short enough for a code on a screen: at most [`INVITE_BYTES_MAX`].

use std::fmt;
use std::str::FromStr;

use weft_protocol::id::{NetId, NodeId};
use weft_protocol::region::Region;

use crate::network::{Address, parse_peer, peer_text};

/// The most bytes of a link: what a code on a terminal of eighty columns still shows.
pub const INVITE_BYTES_MAX: usize = 900;

/// The most addresses: TCP and QUIC, in the house and outside.
pub const ADDRESSES_MAX: usize = 4;

/// How a link begins.
const SCHEME: &str = "weft:";

/// What one operator tells another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Who must answer.
    pub node: NodeId,
    /// The region to be in.
    pub region: Region,
    /// Where, 1 to [`ADDRESSES_MAX`], without the name of the node.
    pub addresses: Vec<Address>,
    /// The network that vouches: recognition may start from it.
    pub net: Option<NetId>,
}

/// A text is no invite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseInviteError {
    /// It does not begin with `weft:`, or is too long.
    #[error("an invite begins with weft: and has at most {INVITE_BYTES_MAX} letters")]
    Scheme,
    /// It names no node.
    #[error("the invite does not say who must answer; was it cut off?")]
    Node,
    /// It names no region, or two.
    #[error("the invite does not say in which region")]
    Region,
    /// It has no address, too many, or what is none.
    #[error("the invite says no place that can be reached; was it cut off?")]
    Address,
    /// The network's id is none.
    #[error("the network that the invite names is none; was it cut off?")]
    Net,
    /// It says what is not known, as a newer program's may.
    #[error("the invite says '{0}', which this program does not know; update it")]
    Unknown(String),
}

impl Invite {
    /// Returns the addresses with the name of who must answer there.
    pub fn places(&self) -> impl Iterator<Item = Address> + '_ {
        self.addresses.iter().map(|address| address.with_node(self.node))
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}?region={}", peer_text(self.node), self.region)?;
        for address in &self.addresses {
            write!(f, "&at={}", address.bare())?;
        }
        self.net.map_or(Ok(()), |net| write!(f, "&net={net}"))
    }
}

impl FromStr for Invite {
    type Err = ParseInviteError;

    fn from_str(text: &str) -> Result<Self, ParseInviteError> {
        let text = text.trim();
        let rest = text.strip_prefix(SCHEME).filter(|_| text.len() <= INVITE_BYTES_MAX);
        let (node, said) =
            rest.ok_or(ParseInviteError::Scheme)?.split_once('?').ok_or(ParseInviteError::Node)?;
        let node = parse_peer(node).ok_or(ParseInviteError::Node)?;
        let (mut region, mut net, mut addresses) = (None, None, Vec::new());
        for part in said.split('&') {
            match part.split_once('=').unwrap_or((part, "")) {
                ("region", text) if region.is_none() => {
                    region = Some(text.parse().map_err(|_| ParseInviteError::Region)?);
                }
                ("at", text) if addresses.len() < ADDRESSES_MAX => {
                    let address: Address = text.parse().map_err(|_| ParseInviteError::Address)?;
                    addresses.push(address.bare());
                }
                ("net", text) if net.is_none() => {
                    net = Some(text.parse().map_err(|_| ParseInviteError::Net)?);
                }
                ("region", _) => return Err(ParseInviteError::Region),
                ("at", _) => return Err(ParseInviteError::Address),
                ("net", _) => return Err(ParseInviteError::Net),
                (other, _) => return Err(ParseInviteError::Unknown(other.to_owned())),
            }
        }
        let region = region.ok_or(ParseInviteError::Region)?;
        if addresses.is_empty() {
            return Err(ParseInviteError::Address);
        }
        Ok(Self { node, region, addresses, net })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite() -> Invite {
        Invite {
            node: NodeId([3; 32]),
            region: "gb-bristol".parse().unwrap(),
            addresses: ["/dns4/weft.example/tcp/8471", "/ip6/2001:db8::7/udp/8471/quic-v1"]
                .map(|address| address.parse().unwrap())
                .to_vec(),
            net: Some(NetId([9; 32])),
        }
    }

    #[test]
    fn an_invite_reads_back() {
        let text = invite().to_string();
        assert!(text.starts_with("weft:12D3KooW") && text.len() < 300, "{text}");
        assert_eq!(text.parse(), Ok(invite()));
        assert_eq!(format!(" {text}\n").parse(), Ok(invite()), "as it was pasted");
        let bare = Invite { net: None, ..invite() };
        assert_eq!(bare.to_string().parse(), Ok(bare.clone()));
        assert!(bare.places().all(|place| place.node() == Some(bare.node)));
    }

    #[test]
    fn what_is_no_invite_says_what_is_missing() {
        let good = invite().to_string();
        let node = &good[..good.find('?').unwrap()];
        for (text, error) in [
            ("https://example.org".to_owned(), ParseInviteError::Scheme),
            (format!("{good}{}", "x".repeat(1000)), ParseInviteError::Scheme),
            (node.to_owned(), ParseInviteError::Node),
            (good.replace("12D3KooW", "12D3"), ParseInviteError::Node),
            (good.replace("region=gb-bristol&", ""), ParseInviteError::Region),
            (good.replace("gb-bristol", "GB Bristol"), ParseInviteError::Region),
            (format!("{node}?region=us-wa"), ParseInviteError::Address),
            (good.replace("/tcp/8471", "/tcp/x"), ParseInviteError::Address),
            (good[..good.len() - 4].to_owned(), ParseInviteError::Net),
            (format!("{good}&key=x"), ParseInviteError::Unknown("key".to_owned())),
        ] {
            assert_eq!(text.parse::<Invite>(), Err(error), "{text}");
        }
        let five = format!("{good}{}", "&at=/ip4/192.0.2.1/tcp/1".repeat(3));
        assert_eq!(five.parse::<Invite>(), Err(ParseInviteError::Address));
    }
}
