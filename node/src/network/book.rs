//! Whom to dial, where, and when: the peer book.
//!
//! **Invariant:** what is remembered is bounded, and holds only nodes that were really met and, until
//! they are, those we were told of.
//! **Invariant:** no dial waits for another: every target has its own clock, and a dead one only waits
//! longer and longer.
//! **Invariant:** no clock and no randomness of its own: the time and a seed come in.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use weft_protocol::id::NodeId;

use super::name::{Address, parse_peer, peer_text};

/// The nodes that are remembered beside the configured ones. With [`ADDRESSES_MAX`] addresses each
/// the file stays under 200 KiB; more would be dialled by nobody in a lifetime.
const TARGETS_MAX: usize = 256;

/// The addresses of one node: TCP and QUIC, in the house and outside.
const ADDRESSES_MAX: usize = 4;

/// How many connected nodes are enough: the mesh needs six, reconciliation some choice beyond that.
/// Only configured nodes, and those we were asked to dial, are dialled beyond it.
pub(super) const PEERS_WANTED: usize = 16;

/// The wait after a first failure or a lost connection, before jitter. Long enough for a peer that
/// restarts, short enough that nobody notices.
const BACKOFF_FIRST: Duration = Duration::from_secs(1);

/// The longest wait before jitter: a node that comes home after a week is met within minutes.
const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// A connection that stood for less was lost early: the node is full, or does not want us.
const STEADY: Duration = Duration::from_secs(10);

/// The early losses that are counted, each of which doubles the wait: to ask such a node again every
/// four seconds troubles nobody, and one that crashes again and again is met soon after.
const LOSSES_MAX: u32 = 3;

/// A node we were only told of is forgotten after this many failures, some four minutes.
const FAILURES_UNMET_MAX: u32 = 7;

/// Names a target as long as it is in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TargetId(u64);

/// A node to dial, or a place where some node is to answer.
#[derive(Debug)]
struct Target {
    /// Who must answer; for a configured place without a name, who answered last.
    node: Option<NodeId>,
    /// Whether `node` is part of what we were told and not only what we saw.
    named: bool,
    /// Where, the last proven first; at least one.
    addresses: Vec<Address>,
    wish: Wish,
    /// When it was last met, as a count of meetings; 0 is never.
    met: u64,
    /// Dials that failed since it was last met.
    failures: u32,
    /// Connections in a row that were lost early, at most [`LOSSES_MAX`].
    losses: u32,
    state: State,
}

/// How much we want to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// The operator configured it.
    Always,
    /// Somebody asked for it now.
    Once,
    /// Any node will do, while there are too few.
    IfFew,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting(Instant),
    Dialling,
    /// Since when.
    Connected(Instant),
}

/// A dial that is due.
#[derive(Debug, PartialEq)]
pub(super) struct Dial {
    pub(super) target: TargetId,
    pub(super) node: Option<NodeId>,
    pub(super) addresses: Vec<Address>,
}

/// The peer book.
#[derive(Debug)]
pub(super) struct PeerBook {
    own: NodeId,
    targets: BTreeMap<TargetId, Target>,
    jitter: Jitter,
    next: u64,
    meetings: u64,
    changed: bool,
}

impl PeerBook {
    /// Makes an empty book for this node.
    pub(super) fn new(own: NodeId, seed: u64) -> Self {
        let jitter = Jitter(seed);
        Self { own, targets: BTreeMap::new(), jitter, next: 0, meetings: 0, changed: false }
    }

    /// Adds an address that is always to be dialled.
    pub(super) fn configure(&mut self, address: Address, now: Instant) {
        self.tell(address, Wish::Always, now);
    }

    /// Adds an address to be dialled now.
    pub(super) fn ask(&mut self, address: Address, now: Instant) {
        self.tell(address, Wish::Once, now);
    }

    /// Adds an address at which a node says it can be reached.
    pub(super) fn hint(&mut self, node: NodeId, address: &Address, now: Instant) {
        self.tell(address.with_node(node), Wish::IfFew, now);
    }

    /// Adds what a book on disk remembered, the last met first.
    pub(super) fn remember(&mut self, entries: Vec<Entry>, now: Instant) {
        for entry in entries.into_iter().take(TARGETS_MAX).rev() {
            let Some(node) = parse_peer(&entry.node) else { continue };
            for address in &entry.addresses {
                self.hint(node, address, now);
            }
            self.meetings += 1;
            let met = self.meetings;
            for target in self.targets.values_mut().filter(|t| t.named && t.node == Some(node)) {
                target.met = met;
            }
        }
    }

    fn tell(&mut self, address: Address, wish: Wish, now: Instant) {
        let node = address.node();
        if node == Some(self.own) {
            return;
        }
        let known = self.targets.values_mut().find(|target| match node {
            Some(_) => target.named && target.node == node,
            None => !target.named && target.addresses.contains(&address),
        });
        if let Some(target) = known {
            if wish == Wish::IfFew {
                target.hear(address);
            } else {
                target.learn(address);
            }
            if wish != Wish::IfFew && target.wish != Wish::Always {
                target.wish = wish;
            }
            if wish == Wish::Once && matches!(target.state, State::Waiting(_)) {
                target.state = State::Waiting(now);
            }
            return;
        }
        let target = Target {
            node,
            named: node.is_some(),
            addresses: vec![address],
            wish,
            met: 0,
            failures: 0,
            losses: 0,
            state: State::Waiting(now),
        };
        self.targets.insert(TargetId(self.next), target);
        self.next += 1;
        self.forget_one();
    }

    /// Keeps the book within its bound: the one that was met longest ago goes.
    fn forget_one(&mut self) {
        let idle = |t: &Target| t.wish != Wish::Always && matches!(t.state, State::Waiting(_));
        if self.targets.values().filter(|t| t.wish != Wish::Always).count() > TARGETS_MAX {
            let oldest = self.targets.iter().filter(|(_, t)| idle(t)).min_by_key(|(_, t)| t.met);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.targets.remove(&id);
                self.changed = true;
            }
        }
    }

    /// Returns the dials that are due, while so many nodes are connected. Each must be answered by
    /// [`failed`](Self::failed) or [`met`](Self::met).
    pub(super) fn due(&mut self, now: Instant, connected: usize) -> Vec<Dial> {
        let mut room = PEERS_WANTED.saturating_sub(connected + self.dialling());
        let mut due: Vec<_> = self.targets.iter_mut().filter(|(_, t)| t.is_due(now)).collect();
        due.sort_by_key(|(_, target)| std::cmp::Reverse(target.met));
        let mut dials = Vec::new();
        for (id, target) in due {
            if target.wish == Wish::IfFew {
                if room == 0 {
                    continue;
                }
                room -= 1;
            } else if target.wish == Wish::Once {
                target.wish = Wish::IfFew;
            }
            target.state = State::Dialling;
            let node = target.node.filter(|_| target.named);
            dials.push(Dial { target: *id, node, addresses: target.addresses.clone() });
        }
        dials
    }

    /// Returns when the next dial is due, while so many nodes are connected.
    pub(super) fn deadline(&self, connected: usize) -> Option<Instant> {
        let room = connected + self.dialling() < PEERS_WANTED;
        let wanted = self.targets.values().filter(|t| room || t.wish != Wish::IfFew);
        wanted.filter_map(|target| target.waits_until()).min()
    }

    fn dialling(&self) -> usize {
        self.targets.values().filter(|t| t.state == State::Dialling).count()
    }

    /// Nobody, or the wrong node, answered. If the node has come to us meanwhile, that settles it.
    pub(super) fn failed(&mut self, id: TargetId, now: Instant) {
        let Some(target) = self.targets.get_mut(&id) else { return };
        if target.state != State::Dialling {
            return;
        }
        target.failures = target.failures.saturating_add(1);
        target.state = State::Waiting(now + self.jitter.spread(backoff(target.failures)));
        let told = target.wish != Wish::Always && target.met == 0;
        if told && target.failures >= FAILURES_UNMET_MAX {
            self.targets.remove(&id);
        }
    }

    /// A connection to a node stands; if we dialled, `dialled` tells for what and where.
    pub(super) fn met(&mut self, node: NodeId, dialled: Option<(TargetId, Address)>, now: Instant) {
        self.meetings += 1;
        if let Some((id, address)) = dialled
            && let Some(target) = self.targets.get_mut(&id)
        {
            target.node = Some(node);
            target.learn(if target.named { address.with_node(node) } else { address });
        }
        for target in self.targets.values_mut().filter(|t| t.node == Some(node)) {
            target.met = self.meetings;
            target.failures = 0;
            if !matches!(target.state, State::Connected(_)) {
                target.state = State::Connected(now);
            }
            self.changed = true;
        }
    }

    /// The last connection to a node is gone.
    pub(super) fn lost(&mut self, node: NodeId, now: Instant) {
        for target in self.targets.values_mut().filter(|t| t.node == Some(node)) {
            if let State::Connected(since) = target.state {
                let early = now.saturating_duration_since(since) < STEADY;
                target.losses = if early { (target.losses + 1).min(LOSSES_MAX) } else { 0 };
                let wait = backoff(target.losses.max(1));
                target.state = State::Waiting(now + self.jitter.spread(wait));
            }
        }
    }

    /// Says whether there is an address at which to meet a node again.
    pub(super) fn knows(&self, node: NodeId) -> bool {
        self.targets.values().any(|target| target.node == Some(node))
    }

    /// Says whether there is something to be written to disk.
    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    /// Returns what is to be written to disk, if it has changed since the last call.
    pub(super) fn changes(&mut self) -> Option<Vec<Entry>> {
        std::mem::take(&mut self.changed).then(|| self.entries())
    }

    fn entries(&self) -> Vec<Entry> {
        let mut met: Vec<_> = self.targets.values().filter(|t| t.named && t.met > 0).collect();
        met.sort_by_key(|target| std::cmp::Reverse(target.met));
        let entry = |target: &Target| {
            let node = peer_text(target.node?);
            Some(Entry { node, addresses: target.addresses.clone() })
        };
        met.into_iter().filter_map(entry).take(TARGETS_MAX).collect()
    }
}

impl Target {
    /// Puts an address last, if there is room for a mere claim.
    fn hear(&mut self, address: Address) {
        if self.addresses.len() < ADDRESSES_MAX && !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }

    /// Puts an address first and lets the oldest go.
    fn learn(&mut self, address: Address) {
        self.addresses.retain(|known| *known != address);
        self.addresses.insert(0, address);
        self.addresses.truncate(ADDRESSES_MAX);
    }

    fn waits_until(&self) -> Option<Instant> {
        match self.state {
            State::Waiting(until) => Some(until),
            State::Dialling | State::Connected(_) => None,
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.waits_until().is_some_and(|until| until <= now)
    }
}

fn backoff(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    BACKOFF_FIRST.saturating_mul(doubled).min(BACKOFF_MAX)
}

/// A node as the file remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its name, `12D3KooW…`.
    node: String,
    /// Where it was reached, the last proven first.
    addresses: Vec<Address>,
}

/// Random enough to keep two nodes from dialling in step: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
struct Jitter(u64);

impl Jitter {
    /// Returns a wait between half and one and a half times this one.
    fn spread(&mut self, wait: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let thousandths = u32::try_from((z ^ (z >> 31)) % 1000).unwrap_or(0);
        (wait * (500 + thousandths)) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: NodeId = NodeId([1; 32]);
    const BOB: NodeId = NodeId([2; 32]);

    fn place(port: usize) -> Address {
        format!("/ip4/192.0.2.7/tcp/{port}").parse().unwrap()
    }

    fn book() -> (PeerBook, Instant) {
        (PeerBook::new(ALICE, 7), Instant::now())
    }

    #[test]
    fn a_dead_target_waits_longer_and_longer_and_no_other_waits_for_it() {
        let (mut book, mut now) = book();
        book.configure(place(1), now);
        let mut waits = Vec::new();
        for _ in 0..12 {
            let dial = book.due(now, 0).pop().unwrap();
            assert_eq!(book.deadline(0), None);
            book.failed(dial.target, now);
            let next = book.deadline(0).unwrap();
            waits.push(next - now);
            now = next;
        }
        assert!(waits[0] < BACKOFF_FIRST * 2 && waits[5] > waits[0] * 4);
        assert!(waits.iter().all(|wait| *wait <= BACKOFF_MAX * 3 / 2));
        book.configure(place(2), now - waits[11]);
        assert_eq!(book.due(now - waits[11], 0)[0].addresses, [place(2)]);
    }

    #[test]
    fn what_was_met_is_remembered_and_found_again() {
        let (mut book, now) = book();
        book.ask(place(1).with_node(BOB), now);
        let dial = book.due(now, 0).pop().unwrap();
        assert_eq!(dial.node, Some(BOB));
        assert_eq!(book.changes(), None);
        book.met(BOB, Some((dial.target, place(1))), now);
        let entries = book.changes().unwrap();
        assert_eq!(entries[0].addresses, [place(1).with_node(BOB)]);
        assert_eq!(book.changes(), None);
        assert_eq!(book.deadline(1), None);

        let mut later = PeerBook::new(ALICE, 8);
        later.remember(entries.clone(), now);
        assert_eq!(later.due(now, PEERS_WANTED), []);
        assert_eq!(later.due(now, 0)[0].node, Some(BOB));
        assert_eq!(later.entries(), entries);
    }

    #[test]
    fn a_lost_node_is_dialled_again_soon() {
        let (mut book, now) = book();
        book.configure(place(1), now);
        let dial = book.due(now, 0).pop().unwrap();
        assert_eq!(dial.node, None);
        book.met(BOB, Some((dial.target, place(1))), now);
        book.lost(BOB, now);
        let again = book.deadline(PEERS_WANTED).unwrap();
        assert!(again > now && again < now + BACKOFF_FIRST * 2);
        assert_eq!(book.due(again, PEERS_WANTED)[0].node, None);
    }

    #[test]
    fn a_node_that_never_keeps_us_is_asked_less_often_and_one_that_did_is_forgiven() {
        let (mut book, mut now) = book();
        book.configure(place(1).with_node(BOB), now);
        let mut wait_after = |book: &mut PeerBook, stood: Duration| {
            book.met(BOB, None, now);
            now += stood;
            book.lost(BOB, now);
            book.deadline(0).unwrap() - now
        };
        let waits: Vec<_> = (0..9).map(|_| wait_after(&mut book, Duration::ZERO)).collect();
        assert!(waits[8] >= BACKOFF_FIRST * 2 && waits.iter().all(|w| *w <= BACKOFF_FIRST * 6));
        assert!(wait_after(&mut book, STEADY) <= BACKOFF_FIRST * 3 / 2);
    }

    #[test]
    fn the_book_keeps_within_its_bound_and_forgets_the_unmet_first() {
        let (mut book, now) = book();
        book.hint(BOB, &place(1), now);
        book.met(BOB, None, now);
        book.lost(BOB, now);
        for i in 0..TARGETS_MAX + 50 {
            let mut node = [3; 32];
            node[..8].copy_from_slice(&i.to_le_bytes());
            book.hint(NodeId(node), &place(i), now);
        }
        assert_eq!(book.targets.len(), TARGETS_MAX);
        assert!(book.targets.values().any(|target| target.node == Some(BOB)));
        for port in 0..9 {
            book.hint(BOB, &place(port), now);
        }
        assert_eq!(book.entries()[0].addresses.len(), ADDRESSES_MAX);
    }

    #[test]
    fn a_rumour_is_dropped_when_nobody_answers() {
        let (mut book, mut now) = book();
        book.hint(BOB, &place(1), now);
        for _ in 0..FAILURES_UNMET_MAX {
            now += BACKOFF_MAX * 2;
            let dial = book.due(now, 0).pop().unwrap();
            book.failed(dial.target, now);
        }
        assert!(book.targets.is_empty());
    }

    #[test]
    fn a_node_never_dials_itself() {
        let (mut book, now) = book();
        book.configure(place(1).with_node(ALICE), now);
        assert_eq!(book.due(now, 0), []);
    }
}
