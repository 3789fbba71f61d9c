//! A node to dial, or a place where some node is to answer: an entry of the peer book.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use weft_protocol::id::NodeId;

use super::host::Host;
use super::name::Address;
use super::trouble::Trouble;

/// The addresses of one node: TCP and QUIC, in the house and outside.
pub(super) const ADDRESSES_MAX: usize = 4;

/// The wait after a first failure or a lost connection, before jitter. Long enough for a peer that
/// restarts, short enough that nobody notices.
pub(super) const BACKOFF_FIRST: Duration = Duration::from_secs(1);

/// The longest wait before jitter: a node that comes home after a week is met within minutes.
pub(super) const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// A connection that stood for less was lost early: the node is full, or does not want us.
pub(super) const STEADY: Duration = Duration::from_secs(10);

/// The early losses that are counted, each of which doubles the wait: to ask such a node again every
/// four seconds troubles nobody, and one that crashes again and again is met soon after.
pub(super) const LOSSES_MAX: u32 = 3;

/// Names a target as long as it is in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TargetId(pub(super) u64);

/// A node to dial, or a place where some node is to answer.
#[derive(Debug)]
pub(super) struct Target {
    /// Who must answer; for a configured place without a name, who answered last.
    pub(super) node: Option<NodeId>,
    /// Whether `node` is part of what we were told and not only what we saw.
    pub(super) named: bool,
    /// Where, the last proven first; at least one.
    pub(super) addresses: Vec<Address>,
    pub(super) wish: Wish,
    /// Whether the operator named it, now or before an earlier start.
    pub(super) told: bool,
    /// The relays on the way that the operator named.
    pub(super) relays: BTreeSet<NodeId>,
    /// How well we know it.
    pub(super) known: Known,
    /// What went wrong since it was last met.
    pub(super) trouble: Trouble,
    pub(super) state: State,
}

/// How well we know a node, as counts of meetings; 0 is never. What is larger is kept for longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    /// When we last reached it, where and as we chose to: what nobody can bring about who only comes to
    /// us, however often.
    pub(super) reached: u64,
    /// When it was last met, whoever dialled.
    pub(super) met: u64,
}

/// How much we want to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The operator configured it.
    Always,
    /// Somebody asked for it now.
    Once,
    /// Any node will do, while there are too few.
    IfFew,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Waiting(Instant),
    Dialling,
    Connected {
        since: Instant,
        /// Where we reached it by a dial of our own; none when it came to us.
        reached: Option<Host>,
    },
}

/// A dial that is due.
#[derive(Debug, PartialEq)]
pub(super) struct Dial {
    pub(super) target: TargetId,
    pub(super) node: Option<NodeId>,
    pub(super) addresses: Vec<Address>,
    /// Whether the operator named it.
    pub(super) told: bool,
}

impl Target {
    /// Makes one that is to be dialled now.
    pub(super) fn new(address: Address, wish: Wish, now: Instant) -> Self {
        let node = address.node();
        Self {
            node,
            named: node.is_some(),
            addresses: vec![address],
            wish,
            told: false,
            relays: BTreeSet::new(),
            known: Known::default(),
            trouble: Trouble::default(),
            state: State::Waiting(now),
        }
    }

    /// The operator names it, by this address.
    pub(super) fn tell(&mut self, address: &Address) {
        self.told = true;
        self.relays.extend(address.relays());
    }

    /// Puts an address last, if there is room for a mere claim.
    pub(super) fn hear(&mut self, address: Address) {
        if self.addresses.len() < ADDRESSES_MAX && !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }

    /// Puts an address first and lets the oldest go.
    pub(super) fn learn(&mut self, address: Address) {
        self.addresses.retain(|known| *known != address);
        self.addresses.insert(0, address);
        self.addresses.truncate(ADDRESSES_MAX);
    }

    /// Returns the neighbourhood in which it is dialled first.
    pub(super) fn neighbourhood(&self) -> Host {
        self.addresses.first().map_or(Host::Unnamed, |address| address.host().neighbourhood())
    }

    /// Returns the nodes that the operator named: who is to answer, and the relays on the way there. What
    /// others say of ways is no word of the operator's.
    pub(super) fn named_nodes(&self) -> impl Iterator<Item = NodeId> {
        self.node.into_iter().filter(|_| self.told).chain(self.relays.iter().copied())
    }

    /// Says whether it may be forgotten.
    pub(super) fn is_idle(&self) -> bool {
        self.wish != Wish::Always && matches!(self.state, State::Waiting(_))
    }

    pub(super) fn waits_until(&self) -> Option<Instant> {
        match self.state {
            State::Waiting(until) => Some(until),
            State::Dialling | State::Connected { .. } => None,
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.waits_until().is_some_and(|until| until <= now)
    }

    /// Returns where we reached it by a dial of our own, if that is how we are connected.
    pub(super) fn reached(&self) -> Option<&Host> {
        match &self.state {
            State::Connected { reached, .. } => reached.as_ref(),
            State::Waiting(_) | State::Dialling => None,
        }
    }
}

/// Returns how long to wait after so many failures, before jitter.
pub(super) fn backoff(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    BACKOFF_FIRST.saturating_mul(doubled).min(BACKOFF_MAX)
}

/// A node as the file remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its name, `12D3KooW…`.
    pub(super) node: String,
    /// Where it was reached, the last proven first.
    pub(super) addresses: Vec<Address>,
    /// Whether we reached it ourselves; else it came to us.
    #[serde(default)]
    pub(super) reached: bool,
    /// Whether the operator named it; else it was met.
    #[serde(default)]
    pub(super) told: bool,
}

/// Random enough to keep two nodes from dialling in step: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
pub(super) struct Jitter(pub(super) u64);

impl Jitter {
    /// Returns a wait between half and one and a half times this one.
    pub(super) fn spread(&mut self, wait: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let thousandths = u32::try_from((z ^ (z >> 31)) % 1000).unwrap_or(0);
        (wait * (500 + thousandths)) / 1000
    }
}
