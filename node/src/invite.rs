//! Invites: a link that one operator hands to another, and with which a new node finds the movement.
//!
//! ```text
//! weft:12D3KooW…?region=gb-bristol&at=/dns4/weft.example.org/tcp/8471&net=<id of a network>&sum=k3x7qa
//! ```
//!
//! It says who is there, where, in which region, and from which network recognition may start. Whoever
//! has it learns these four things and nothing else; it lets nobody in who could not come anyway.
//!
//! **Invariant:** an invite names who must answer, so that nobody on the way can answer instead.
//!
//! **Invariant:** an invite is whole or it is none: what was cut off, or changed by a letter, does not
//! hold together with its checksum, and nobody's home is made of it.
//!
//! **Invariant:** an invite is short enough for a code on a screen: at most [`INVITE_BYTES_MAX`].

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use weft_protocol::id::{NetId, NodeId};
use weft_protocol::region::Region;

use crate::network::{Address, Nearness, parse_peer, peer_text};
use crate::pasted;

/// The most bytes of a link: what a code on a terminal of eighty columns still shows.
pub const INVITE_BYTES_MAX: usize = 900;

/// The most addresses: TCP and QUIC, in the house and outside.
pub const ADDRESSES_MAX: usize = 4;

/// How a link begins.
const SCHEME: &str = "weft:";

/// The letters of the checksum, five bits each: of a thousand million links that were changed by
/// accident one passes.
const SUM_LETTERS: usize = 6;

/// The names of the parts, without that of the checksum.
const PARTS: &[&str] = &["region", "at", "net"];

/// The most bytes of a text in which a link is looked for: a link in which every letter was encoded
/// three times over, and some words around it.
const TEXT_BYTES_MAX: usize = 16 * INVITE_BYTES_MAX;

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
    /// No link is in it, or it is too long for one.
    #[error(
        "there is no invite in it; one begins with weft: and has at most {INVITE_BYTES_MAX} letters"
    )]
    Scheme,
    /// It does not hold together with its checksum, or has none.
    #[error("the invite was cut off or changed on its way; ask for it again")]
    Changed,
    /// It says what is not known: it was added on the way, or a newer program wrote it.
    #[error(
        "the invite says '{0}', which this program does not know; leave it out if it was added on the \
         way, else update the program"
    )]
    Unknown(String),
    /// It is whole, and does not say who must answer, where, and in which region.
    #[error("the invite does not say who must answer, where, and in which region; ask for another")]
    Incomplete,
    /// It names a place at which no node can be.
    #[error("the invite names the place '{0}', at which no node can be; ask for another")]
    Place(String),
}

impl Invite {
    /// Returns the addresses with the name of who must answer there.
    pub fn places(&self) -> impl Iterator<Item = Address> + '_ {
        self.addresses.iter().map(|address| address.with_node(self.node))
    }

    /// Returns from how far away the best of its addresses can be reached.
    pub fn nearness(&self) -> Nearness {
        self.addresses.iter().map(Address::nearness).min().unwrap_or(Nearness::Here)
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![format!("region={}", self.region)];
        parts.extend(self.addresses.iter().map(|address| format!("at={}", address.bare())));
        parts.extend(self.net.map(|net| format!("net={net}")));
        let said = said(&peer_text(self.node), &parts);
        write!(f, "{said}&sum={}", sum(&said))
    }
}

/// Returns a link without its checksum.
fn said<P: AsRef<str>>(node: &str, parts: &[P]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    format!("{SCHEME}{node}?{}", parts.join("&"))
}

/// Returns the checksum of a link that has none yet.
fn sum(said: &str) -> String {
    let mut letters = BASE32_NOPAD.encode(&Sha256::digest(said)).to_ascii_lowercase();
    letters.truncate(SUM_LETTERS);
    letters
}

impl FromStr for Invite {
    type Err = ParseInviteError;

    /// Reads the link that a text holds, whatever mails, chats and pages have put around it.
    fn from_str(text: &str) -> Result<Self, ParseInviteError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(ParseInviteError::Scheme);
        }
        let text = pasted::bare(text);
        let start = text.to_ascii_lowercase().find(SCHEME).ok_or(ParseInviteError::Scheme)?;
        let rest = text[start + SCHEME.len()..].trim_start_matches('/');
        let (node, rest) = rest.split_once('?').ok_or(ParseInviteError::Changed)?;
        read(node, &whole(node, rest)?)
    }
}

/// Returns the parts of a link, when they hold together and nothing unknown is among or after them.
fn whole<'a>(node: &str, rest: &'a str) -> Result<Vec<(&'a str, &'a str)>, ParseInviteError> {
    let mut parts = rest.split('&').filter(|part| !pasted::is_tracker(named(part).0));
    let mut covered = Vec::new();
    let given = loop {
        let part = parts.next().ok_or(ParseInviteError::Changed)?;
        match named(part) {
            ("sum", letters) => break letters,
            _ => covered.push(part),
        }
    };
    let given: String = given.chars().take(SUM_LETTERS).collect();
    let holds = |parts: &[&str]| sum(&said(node, parts)) == given.to_ascii_lowercase();
    let is_known = |part: &&str| PARTS.contains(&named(part).0);
    let known: Vec<&str> = covered.iter().copied().filter(is_known).collect();
    if !holds(&covered) && !holds(&known) {
        return Err(ParseInviteError::Changed);
    }
    // What follows may be the same link once more, as some programs copy it.
    let after = parts.filter(|part| !part.is_empty() && named(part).0 != "sum");
    let unknown = covered.iter().copied().chain(after).find(|part| !PARTS.contains(&named(part).0));
    match unknown {
        Some(part) => Err(ParseInviteError::Unknown(named(part).0.to_owned())),
        None => Ok(known.into_iter().map(named).collect()),
    }
}

/// Splits a part into its name and what it says.
fn named(part: &str) -> (&str, &str) {
    part.split_once('=').unwrap_or((part, ""))
}

fn read(node: &str, parts: &[(&str, &str)]) -> Result<Invite, ParseInviteError> {
    let all = |name| parts.iter().filter(move |part| part.0 == name).map(|(_, said)| *said);
    let one = |name| {
        let mut all = all(name);
        all.next().filter(|_| all.next().is_none()).ok_or(ParseInviteError::Incomplete)
    };
    let node = parse_peer(node).ok_or(ParseInviteError::Incomplete)?;
    let region = one("region")?.parse().map_err(|_| ParseInviteError::Incomplete)?;
    let net = match all("net").next() {
        None => None,
        Some(_) => Some(one("net")?.parse().map_err(|_| ParseInviteError::Incomplete)?),
    };
    let place = |text: &str| {
        let address = text.parse::<Address>().ok().filter(Address::is_possible);
        address
            .map(|address| address.bare())
            .ok_or_else(|| ParseInviteError::Place(text.to_owned()))
    };
    let addresses: Vec<Address> = all("at").map(place).collect::<Result<_, _>>()?;
    if addresses.is_empty() || addresses.len() > ADDRESSES_MAX {
        return Err(ParseInviteError::Incomplete);
    }
    Ok(Invite { node, region, addresses, net })
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
        let bare = Invite { net: None, ..invite() };
        assert_eq!(bare.to_string().parse(), Ok(bare.clone()));
        assert!(bare.places().all(|place| place.node() == Some(bare.node)));
    }

    #[test]
    fn what_mails_chats_and_pages_do_to_a_link_is_undone() {
        let link = invite().to_string();
        let encoded = link.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F");
        let encoded = encoded.replace('&', "%26").replace('=', "%3D");
        let (early, late) = link.split_at(60);
        for pasted in [
            format!(" {link}\n"),
            format!("<{link}>"),
            format!("'{link}'."),
            format!("“{link}”,"),
            format!("«{link}»"),
            format!("weft join '{link}'"),
            format!("[{link}]({link})"),
            link.replace('&', "&amp;"),
            link.replace('&', "&amp;amp;"),
            link.replace('/', "%2F"),
            link.replace('/', "%2f").replace(':', "%3a"),
            encoded.replace('%', "%25"),
            format!("https://l.example/l.php?u={encoded}&h=AT0x&fbclid=IwAR0"),
            format!("{link}&utm_source=mail&utm_medium=x"),
            link.replacen('?', "?fbclid=IwAR0&", 1),
            format!("{link}#fragment"),
            format!("{early}\n{late}"),
            format!("{early}\r\n   {late}"),
            format!("> {early}\n> {late}"),
            format!("{early} \u{200b}{late}\u{feff}"),
            format!("{}=\n{}", early.replace('=', "=3D"), late.replace('=', "=3D")),
            link.replacen("weft:", "Weft://", 1),
            link.replace("gb-bristol", "gb\u{2011}bristol"),
            format!("{link}\n\nSee you there!"),
        ] {
            assert_eq!(pasted.parse(), Ok(invite()), "{pasted}");
        }
    }

    #[test]
    fn a_link_that_was_cut_or_changed_by_a_letter_is_none() {
        let link = invite().to_string();
        for end in "weft:".len()..link.len() {
            assert_eq!(link[..end].parse::<Invite>(), Err(ParseInviteError::Changed), "{end}");
        }
        for place in "weft:".len()..link.len() {
            let mut other = link.clone().into_bytes();
            other[place] = if other[place] == b'7' { b'x' } else { b'7' };
            let other = String::from_utf8(other).unwrap();
            assert!(other.parse::<Invite>().is_err(), "{other}");
        }
        let net = link.find("&net=").unwrap();
        let sum = link.find("&sum=").unwrap();
        for less in [format!("{}{}", &link[..net], &link[sum..]), link[..sum].to_owned()] {
            assert_eq!(less.parse::<Invite>(), Err(ParseInviteError::Changed), "{less}");
        }
    }

    #[test]
    fn what_is_no_invite_says_why() {
        let link = invite().to_string();
        let made = |parts: &[&str]| {
            let said = said(&peer_text(NodeId([3; 32])), parts);
            format!("{said}&sum={}", sum(&said))
        };
        let unknown = || ParseInviteError::Unknown("key".to_owned());
        let here = "at=/ip4/192.0.2.1/tcp/1";
        for (text, error) in [
            ("https://example.org".to_owned(), ParseInviteError::Scheme),
            (format!("{}{link}", "x".repeat(TEXT_BYTES_MAX)), ParseInviteError::Scheme),
            (format!("{link}&key=x"), unknown()),
            (link.replacen('?', "?key=x&", 1), unknown()),
            (made(&["region=us-wa", here, "key=x"]), unknown()),
            (made(&["region=us-wa"]), ParseInviteError::Incomplete),
            (made(&[here]), ParseInviteError::Incomplete),
            (made(&["region=us-wa", "region=us-wa", here]), ParseInviteError::Incomplete),
            (made(&["region=US", here]), ParseInviteError::Incomplete),
            (made(&["region=us-wa", here, "net=choir"]), ParseInviteError::Incomplete),
            (made(&["region=us-wa", here, here, here, here, here]), ParseInviteError::Incomplete),
            (
                made(&["region=us-wa", "at=/ip4/192.0.2.1/udp/8"]),
                ParseInviteError::Place("/ip4/192.0.2.1/udp/8".to_owned()),
            ),
        ] {
            assert_eq!(text.parse::<Invite>(), Err(error), "{text}");
        }
    }
}
