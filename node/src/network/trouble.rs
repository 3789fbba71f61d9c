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
        Fault::Strange => 1,
        Fault::Closed | Fault::Barred => 2,
        Fault::Shut => 3,
        Fault::Nameless => 4,
        Fault::Silent => 5,
        Fault::NoWay => 6,
    }
}

fn at(place: &Multiaddr, error: &TransportError<io::Error>) -> Fault {
    let TransportError::Other(error) = error else { return Fault::NoWay };
    let known = kinds(error).find_map(|kind| match kind {
        ErrorKind::ConnectionRefused => Some(Fault::Shut),
        ErrorKind::TimedOut => Some(Fault::Silent),
        ErrorKind::NetworkUnreachable
        | ErrorKind::HostUnreachable
        | ErrorKind::AddrNotAvailable => Some(Fault::NoWay),
        ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => Some(Fault::Closed),
        _ => None,
    });
    known.unwrap_or_else(|| {
        // The transports have no kinds for these, only words.
        let words = error.to_string().to_lowercase();
        if ["timed out", "timeout"].iter().any(|word| words.contains(word)) {
            Fault::Silent
        } else if matches!(Host::of(place), Host::Name(_)) && words.contains("resolve") {
            Fault::Nameless
        } else {
            Fault::Strange
        }
    })
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
