//! Why a node was not reached, and which are tried in vain.
//!
//! **Invariant:** what is said of a failed dial is what an operator can act on; no address and no text
//! of the transport's gets into it.

use std::error::Error;
use std::io::{self, ErrorKind};

use libp2p::TransportError;
use libp2p::multiaddr::Multiaddr;
use libp2p::swarm::DialError;
use tokio::time::Instant;
use weft_protocol::control::Fault;
use weft_protocol::id::NodeId;

use super::host::Host;
use super::name::Address;
use super::target::{State, Target, Wish};

/// What went wrong with a node since it was last met.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble {
    /// Dials that failed.
    pub(super) failures: u32,
    /// Connections in a row that were lost early, at most [`LOSSES_MAX`](super::target::LOSSES_MAX).
    pub(super) losses: u32,
    /// By which name it does not know us, when it has just said that it is closed.
    pub(super) turned_away: Option<String>,
    /// What it was the last time, and when; and when it was the first time.
    fault: Option<(Fault, Instant, Instant)>,
}

impl Trouble {
    /// It went wrong once more.
    pub(super) fn again(&mut self, fault: Fault, now: Instant) {
        let since = self.fault.as_ref().map_or(now, |(.., since)| *since);
        self.fault = Some((fault, now, since));
    }

    /// The node was met.
    pub(super) fn is_over(&mut self) {
        self.failures = 0;
        self.fault = None;
    }
}

/// A node that is dialled in vain.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Who is to answer; anybody when absent.
    pub node: Option<NodeId>,
    /// Where, the likeliest first.
    pub addresses: Vec<Address>,
    /// Why it came to nothing the last time.
    pub fault: Fault,
    /// Since when.
    pub since: Instant,
    /// When it was tried last.
    pub last: Instant,
    /// Whether it is to be connected always.
    pub wanted: bool,
}

impl Trial {
    /// Returns what is tried in vain of a target, if it is.
    pub(super) fn of(target: &Target) -> Option<Self> {
        let (fault, last, since) = target.trouble.fault.clone()?;
        let unmet = !matches!(target.state, State::Connected { .. });
        unmet.then(|| Self {
            node: target.node.filter(|_| target.named),
            addresses: target.addresses.clone(),
            fault,
            since,
            last,
            wanted: target.wish == Wish::Always,
        })
    }
}

/// Which entries of the peer book are meant.
#[derive(Debug, Clone)]
pub enum Entries {
    /// All of this node.
    Of(NodeId),
    /// Those at this place; when the address names a node, only of that node.
    At(Address),
}

impl Entries {
    /// Says whether this address of a target is meant.
    pub(super) fn mean(&self, target: &Target, address: &Address) -> bool {
        match self {
            Self::Of(node) => target.node == Some(*node),
            Self::At(place) => {
                place.bare() == address.bare()
                    && (place.node().is_none() || place.node() == target.node)
            }
        }
    }
}

/// Returns why a dial failed.
pub(super) fn fault(error: &DialError) -> Fault {
    match error {
        DialError::WrongPeerId { obtained, .. } => Fault::Other { name: obtained.to_base58() },
        DialError::LocalPeerId { .. } => Fault::Itself,
        DialError::Denied { .. } => Fault::Barred,
        DialError::Transport(tried) => {
            // Of several places the one that tells most speaks.
            let faults = tried.iter().map(|(place, error)| at(place, error));
            faults.min_by_key(rank).unwrap_or(Fault::NoWay)
        }
        DialError::NoAddresses | DialError::DialPeerConditionFalse(_) | DialError::Aborted => {
            Fault::NoWay
        }
    }
}

/// Orders what can be said of one place by how much it tells.
fn rank(fault: &Fault) -> u8 {
    match fault {
        Fault::Other { .. } | Fault::Itself => 0,
        Fault::Strange | Fault::Stranger { .. } => 1,
        Fault::Closed | Fault::Barred => 2,
        Fault::Shut => 3,
        Fault::Nameless => 4,
        Fault::Silent => 5,
        Fault::NoWay => 6,
    }
}

fn at(place: &Multiaddr, error: &TransportError<io::Error>) -> Fault {
    let TransportError::Other(error) = error else { return Fault::NoWay };
    // The transports have no kinds for some of these, only words, and wrap what the system says so that
    // no cause leads to it: it is found in what they write for programmers.
    let words = format!("{error} {error:?}").to_lowercase();
    let known = kinds(error).chain(system_kind(&words)).find_map(|kind| match kind {
        ErrorKind::ConnectionRefused => Some(Fault::Shut),
        ErrorKind::TimedOut => Some(Fault::Silent),
        ErrorKind::NetworkUnreachable
        | ErrorKind::HostUnreachable
        | ErrorKind::AddrNotAvailable => Some(Fault::NoWay),
        ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => Some(Fault::Closed),
        _ => None,
    });
    let says = |all: &[&str]| all.iter().any(|word| words.contains(word));
    known.unwrap_or_else(|| {
        if says(&["timed out", "timeout"]) {
            Fault::Silent
        } else if matches!(Host::of(place), Host::Name(_)) && says(&["resolve", "record", "dns"]) {
            Fault::Nameless
        } else {
            Fault::Strange
        }
    })
}

/// Returns the kind of the system's own error that these words name by its number.
fn system_kind(words: &str) -> Option<ErrorKind> {
    let (_, rest) = words.split_once("os error ").or_else(|| words.split_once("code: "))?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    number.parse().ok().map(|number| io::Error::from_raw_os_error(number).kind())
}

/// Iterates over the kinds of an error and of its causes, the innermost first.
fn kinds(error: &io::Error) -> impl Iterator<Item = ErrorKind> {
    let mut kinds = vec![error.kind()];
    let mut cause: Option<&(dyn Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        kinds.extend(io.map(io::Error::kind));
        cause = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as _),
            None => error.source(),
        };
    }
    kinds.into_iter().rev()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(place: &str, words: &str) -> Fault {
        let error = TransportError::Other(io::Error::other(words.to_owned()));
        at(&place.parse().unwrap(), &error)
    }

    #[test]
    fn a_failure_is_told_by_its_kind_however_it_is_wrapped() {
        let place = "/ip4/192.0.2.7/tcp/8471";
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        let wrapped = io::Error::other(io::Error::other(refused));
        let error =
            DialError::Transport(vec![(place.parse().unwrap(), TransportError::Other(wrapped))]);
        assert_eq!(fault(&error), Fault::Shut);
        assert_eq!(said(place, "Connection refused (os error 111)"), Fault::Shut);
        assert_eq!(said(place, "Os { code: 111, kind: ConnectionRefused }"), Fault::Shut);
        assert_eq!(said(place, "No route to host (os error 113)"), Fault::NoWay);
        assert_eq!(said(place, "Timeout has been reached"), Fault::Silent);
        assert_eq!(said(place, "multistream-select failed"), Fault::Strange);
        assert_eq!(said("/dns4/weft.example/tcp/1", "no record found for query"), Fault::Nameless);
    }

    #[test]
    fn of_several_places_the_one_that_tells_most_speaks() {
        let tried = |all: &[&str]| {
            let place: Multiaddr = "/ip4/192.0.2.7/tcp/8471".parse().unwrap();
            let error = |words: &&str| {
                (place.clone(), TransportError::Other(io::Error::other((*words).to_owned())))
            };
            fault(&DialError::Transport(all.iter().map(error).collect()))
        };
        assert_eq!(tried(&["timed out", "Connection refused (os error 111)"]), Fault::Shut);
        assert_eq!(tried(&["(os error 113)", "timed out"]), Fault::Silent);
        assert_eq!(tried(&[]), Fault::NoWay);
    }
}
