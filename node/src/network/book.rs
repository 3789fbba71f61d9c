//! Whom to dial, where, and when: the peer book.
//!
//! Whoever wants to own what a node sees must be all that it is connected with (an eclipse). So the
//! node always reaches some others by its own choice, however many come to it: those that it reached
//! before come first, and then as many neighbourhoods of the Internet as there are.
//!
//! **Invariant:** while it knows where, the book asks for dials until [`OUTBOUND_WANTED`] nodes are
//! reached by our own choice; who is connected because they came to us never counts as one.
//! **Invariant:** what is remembered is bounded, and holds only nodes that were really met and, until
//! they are, those we were told of; who only comes to us never displaces whom we reached.
//! **Invariant:** no dial waits for another: every target has its own clock, and a dead one only waits
//! longer and longer. But who is connected with nobody tries somebody every [`ALONE_FOR`], for it may
//! be its own line that was dead; and when it is back, nobody waits
//! (`who_is_alone_tries_one_after_the_other_and_everybody_when_one_answers`).
//! **Invariant:** no clock and no randomness of its own: the time and a seed come in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;
use weft_protocol::control::Fault;
use weft_protocol::id::NodeId;

use super::host::Host;
use super::name::{Address, parse_peer, peer_text};
use super::target::{
    BACKOFF_FIRST, Dial, Entry, Jitter, Known, LOSSES_MAX, STEADY, State, Target, TargetId, Wish,
    backoff,
};
use super::trouble::{Entries, Trial};

/// The nodes that are remembered beside the configured ones. With four addresses each the file stays
/// under 200 KiB; more would be dialled by nobody in a lifetime.
const TARGETS_MAX: usize = 256;

/// Those of one neighbourhood that we were told of and never reached. Whoever holds one can then not
/// fill the book with it; a house with more nodes finds them again by discovery.
const TOLD_PER_NEIGHBOURHOOD_MAX: usize = 32;

/// How many nodes are to be reached by our own choice: one honest one among them is enough, and that
/// all four are bad takes somebody who was in our book first, in several neighbourhoods.
pub(super) const OUTBOUND_WANTED: usize = 4;

/// How long a node that is connected with nobody waits between two dials, before jitter: it should be back
/// within fifteen seconds of its line, and a packet or two every eight cost a battery nothing.
const ALONE_FOR: Duration = Duration::from_secs(8);

/// A node we were only told of is forgotten after this many failures, some four minutes.
const FAILURES_UNMET_MAX: u32 = 7;

/// The peer book.
#[derive(Debug)]
pub(super) struct PeerBook {
    own: NodeId,
    /// How many connected nodes are enough. Only configured nodes, those we were asked to dial, and
    /// the first [`OUTBOUND_WANTED`] are dialled beyond it.
    wanted: usize,
    targets: BTreeMap<TargetId, Target>,
    jitter: Jitter,
    next: u64,
    meetings: u64,
    changed: bool,
    /// When to dial somebody, if we are connected with nobody.
    alone: Option<Instant>,
    /// When the machine last had a new address that everybody was dialled for.
    moved: Option<Instant>,
    /// With whom alone the node speaks, beside those that the operator named; with everybody when absent.
    only: Option<BTreeSet<NodeId>>,
}

impl PeerBook {
    /// Makes an empty book for this node, which wants so many to be connected.
    pub(super) fn new(own: NodeId, wanted: usize, seed: u64) -> Self {
        let (targets, jitter) = (BTreeMap::new(), Jitter(seed));
        let (alone, moved, only) = (None, None, None);
        let (next, meetings, changed) = (0, 0, false);
        Self { own, wanted, targets, jitter, next, meetings, changed, alone, moved, only }
    }

    /// Lets no others be dialled than these and those that the operator named; everybody when absent.
    pub(super) fn admit(&mut self, only: Option<BTreeSet<NodeId>>) {
        self.only = only;
    }

    /// Returns with whom alone the node speaks; none when with everybody.
    pub(super) fn company(&self) -> Option<BTreeSet<NodeId>> {
        let named = || self.targets.values().flat_map(Target::named_nodes);
        self.only.as_ref().map(|only| only.iter().copied().chain(named()).collect())
    }

    /// Says whether a target may be dialled.
    fn may_dial(&self, target: &Target) -> bool {
        let has = |only: &BTreeSet<NodeId>| target.node.is_some_and(|node| only.contains(&node));
        target.told || self.only.as_ref().is_none_or(has)
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
            let known = Known { met, reached: if entry.reached { met } else { 0 } };
            for target in self.targets.values_mut().filter(|t| t.named && t.node == Some(node)) {
                target.told |= entry.told;
                target.known = known;
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
                target.tell(&address);
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
        let mut told = Target::new(address.clone(), wish, now);
        if wish != Wish::IfFew {
            told.tell(&address);
        }
        let near = told.neighbourhood();
        let new = TargetId(self.next);
        self.targets.insert(new, told);
        self.next += 1;
        while let Some(id) = self.spare(new, &near) {
            self.targets.remove(&id);
            self.changed = true;
        }
    }

    /// Returns whom to forget for a new one, while there are too many: of its neighbourhood, if that
    /// is crowded, one that was never reached, else the one that we know least.
    fn spare(&self, new: TargetId, near: &Host) -> Option<TargetId> {
        let told = |t: &Target| t.wish == Wish::IfFew && t.known.reached == 0;
        let crowd = |t: &Target| told(t) && t.neighbourhood() == *near;
        let count = |of: &dyn Fn(&Target) -> bool| self.targets.values().filter(|t| of(t)).count();
        let crowded = count(&crowd) > TOLD_PER_NEIGHBOURHOOD_MAX;
        if !crowded && count(&|t| t.wish != Wish::Always) <= TARGETS_MAX {
            return None;
        }
        let others = self.targets.iter().filter(|(id, t)| **id != new && t.is_idle());
        let others = others.filter(|(_, t)| !crowded || crowd(t));
        others.min_by_key(|(_, t)| t.known).map(|(id, _)| *id)
    }

    /// Returns the dials that are due, while so many nodes are connected. Each must be answered by
    /// [`failed`](Self::failed) or [`met`](Self::met).
    pub(super) fn due(&mut self, now: Instant, connected: usize) -> Vec<Dial> {
        let mut room = self.room(connected);
        let mut near = self.neighbourhoods();
        let due: BTreeSet<TargetId> = self
            .targets
            .iter()
            .filter(|(_, t)| t.is_due(now) && self.may_dial(t))
            .map(|(id, _)| *id)
            .collect();
        let (mut some, wished): (BTreeSet<_>, BTreeSet<_>) =
            due.into_iter().partition(|id| self.targets[id].wish == Wish::IfFew);
        let mut dials: Vec<_> = wished.into_iter().map(|id| self.begin(id)).collect();
        while room > 0
            && let Some(id) = self.best(&some, &near)
        {
            some.remove(&id);
            room -= 1;
            near.insert(self.targets[&id].neighbourhood());
            dials.push(self.begin(id));
        }
        if connected == 0 && dials.is_empty() && self.alone.is_some_and(|alone| alone <= now) {
            dials.extend(self.longest_waiting().map(|id| self.begin(id)));
        }
        if !dials.is_empty() {
            self.alone = Some(now + self.jitter.spread(ALONE_FOR));
        }
        dials
    }

    /// Returns who would be dialled next.
    fn longest_waiting(&self) -> Option<TargetId> {
        let known = self.targets.iter().filter(|(_, target)| self.may_dial(target));
        let waiting = known.filter_map(|(id, t)| Some((t.waits_until()?, *id)));
        waiting.min().map(|(_, id)| id)
    }

    /// The machine has an address that it did not have: what was dead from here may not be from there.
    pub(super) fn moved(&mut self, now: Instant) {
        let lately = |moved| now.saturating_duration_since(moved) < ALONE_FOR;
        if !self.moved.is_some_and(lately) {
            self.moved = Some(now);
            self.hurry(now);
        }
    }

    /// Makes all dials due within seconds.
    fn hurry(&mut self, now: Instant) {
        for target in self.targets.values_mut() {
            if let State::Waiting(until) = &mut target.state {
                *until = (*until).min(now + self.jitter.spread(BACKOFF_FIRST));
            }
        }
    }

    /// Begins a dial.
    fn begin(&mut self, id: TargetId) -> Dial {
        let target = self.targets.get_mut(&id).expect("the id was taken from the book just now");
        if target.wish == Wish::Once {
            target.wish = Wish::IfFew;
        }
        target.state = State::Dialling;
        let node = target.node.filter(|_| target.named);
        Dial { target: id, node, addresses: target.addresses.clone(), told: target.told }
    }

    /// Chooses whom to dial next: first who was reached before, then who is in a neighbourhood where we
    /// have nobody, then who answered last time, then who was met last.
    fn best(&self, of: &BTreeSet<TargetId>, near: &BTreeSet<Host>) -> Option<TargetId> {
        of.iter().copied().min_by_key(|id| {
            let target = &self.targets[id];
            let Known { reached, met } = target.known;
            let taken = near.contains(&target.neighbourhood());
            (reached == 0, taken, target.trouble.failures, std::cmp::Reverse(met))
        })
    }

    /// Returns the neighbourhoods in which we have reached somebody by our own choice.
    fn neighbourhoods(&self) -> BTreeSet<Host> {
        self.targets.values().filter_map(Target::reached).map(Host::neighbourhood).collect()
    }

    /// Returns how many more dials there may be of nodes that nobody asked for: until enough are
    /// connected, and until enough are reached by our own choice whoever else is connected.
    fn room(&self, connected: usize) -> usize {
        let dialled = |t: &&Target| t.state == State::Dialling && t.wish == Wish::IfFew;
        let dialling = self.targets.values().filter(dialled).count();
        let few = self.wanted.saturating_sub(connected + dialling);
        few.max(OUTBOUND_WANTED.saturating_sub(self.chosen() + dialling))
    }

    /// Counts the nodes that we have reached by our own choice and are connected with.
    fn chosen(&self) -> usize {
        let reached = self.targets.values().filter(|target| target.reached().is_some());
        reached.map(|target| target.node).collect::<BTreeSet<_>>().len()
    }

    /// Returns when the next dial is due, while so many nodes are connected.
    pub(super) fn deadline(&self, connected: usize) -> Option<Instant> {
        let room = self.room(connected) > 0;
        let known = self.targets.values().filter(|target| self.may_dial(target));
        let wanted = known.filter(|t| room || t.wish != Wish::IfFew);
        let due = wanted.filter_map(Target::waits_until).min();
        let alone = self.alone.filter(|_| connected == 0 && self.longest_waiting().is_some());
        due.into_iter().chain(alone).min()
    }

    /// Nobody, or the wrong node, answered. If the node has come to us meanwhile, that settles it.
    pub(super) fn failed(&mut self, id: TargetId, fault: Fault, now: Instant) {
        let Some(target) = self.targets.get_mut(&id) else { return };
        if target.state != State::Dialling {
            return;
        }
        target.trouble.again(fault, now);
        let failures = target.trouble.failures.saturating_add(1);
        target.trouble.failures = failures;
        target.state = State::Waiting(now + self.jitter.spread(backoff(failures)));
        let told = target.wish != Wish::Always && target.known.met == 0;
        if told && failures >= FAILURES_UNMET_MAX {
            self.targets.remove(&id);
        }
    }

    /// A connection to a node stands; if we dialled, `dialled` tells for what and where.
    pub(super) fn met(&mut self, node: NodeId, dialled: Option<(TargetId, Address)>, now: Instant) {
        self.meetings += 1;
        let place = dialled.as_ref().map(|(_, address)| address.host());
        let is_back = place.is_some() && self.chosen() == 0;
        if let Some((id, address)) = dialled
            && let Some(target) = self.targets.get_mut(&id)
        {
            target.node = Some(node);
            target.learn(if target.named { address.with_node(node) } else { address });
        }
        for target in self.targets.values_mut().filter(|t| t.node == Some(node)) {
            target.known.met = self.meetings;
            target.trouble.is_over();
            if let State::Connected { reached, .. } = &mut target.state {
                *reached = place.clone().or_else(|| reached.take());
            } else {
                target.state = State::Connected { since: now, reached: place.clone() };
            }
            if place.is_some() {
                target.known.reached = self.meetings;
            }
            self.changed = true;
        }
        if is_back {
            self.hurry(now);
        }
    }

    /// The connection to a node is closed by ourselves: it will not be lost early.
    pub(super) fn let_go(&mut self, node: NodeId) {
        for target in self.targets.values_mut().filter(|t| t.node == Some(node)) {
            if let State::Connected { since, .. } = &mut target.state {
                *since = since.checked_sub(STEADY).unwrap_or(*since);
            }
        }
    }

    /// A node says that it is closed, and was not told of us: why it is about to be lost.
    pub(super) fn turned_away(&mut self, node: NodeId, own: &str) {
        for target in self.targets.values_mut().filter(|t| t.node == Some(node)) {
            target.trouble.turned_away = Some(own.to_owned());
        }
    }

    /// The last connection to a node is gone.
    pub(super) fn lost(&mut self, node: NodeId, now: Instant) {
        for target in self.targets.values_mut().filter(|t| t.node == Some(node)) {
            if let State::Connected { since, .. } = target.state {
                let early = now.saturating_duration_since(since) < STEADY;
                let losses = if early { (target.trouble.losses + 1).min(LOSSES_MAX) } else { 0 };
                target.trouble.losses = losses;
                let own = target.trouble.turned_away.take();
                if early {
                    let fault = own.map_or(Fault::Closed, |own| Fault::Stranger { own });
                    target.trouble.again(fault, now);
                }
                let wait = backoff(losses.max(1));
                target.state = State::Waiting(now + self.jitter.spread(wait));
            }
        }
    }

    /// Returns what is tried in vain, what is always wanted first.
    pub(super) fn trials(&self) -> Vec<Trial> {
        let mut trials: Vec<Trial> = self.targets.values().filter_map(Trial::of).collect();
        trials.sort_by_key(|trial| (!trial.wanted, trial.since));
        trials
    }

    /// Lets entries go; says whether there were any.
    pub(super) fn forget(&mut self, entries: &Entries) -> bool {
        let mut found = false;
        self.targets.retain(|_, target| {
            let left = target.addresses.iter().filter(|address| !entries.mean(target, address));
            let left: Vec<Address> = left.cloned().collect();
            found |= left.len() < target.addresses.len();
            target.addresses = left;
            !target.addresses.is_empty()
        });
        self.changed |= found;
        found
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
        let mut met: Vec<_> =
            self.targets.values().filter(|t| t.named && t.known.met > 0).collect();
        met.sort_by_key(|target| std::cmp::Reverse(target.known.met));
        // Of some nodes the operator has named the place alone.
        let named: BTreeSet<NodeId> = self.targets.values().flat_map(Target::named_nodes).collect();
        let entry = |target: &Target| {
            let told = target.node.is_some_and(|node| named.contains(&node));
            let (node, reached) = (peer_text(target.node?), target.known.reached > 0);
            Some(Entry { node, addresses: target.addresses.clone(), reached, told })
        };
        met.into_iter().filter_map(entry).take(TARGETS_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::{ADDRESSES_MAX, BACKOFF_MAX};
    use super::*;

    /// How many connected nodes are enough in these tests.
    const PEERS_WANTED: usize = 16;

    const ALICE: NodeId = NodeId([1; 32]);
    const BOB: NodeId = NodeId([2; 32]);

    fn place(port: usize) -> Address {
        format!("/ip4/192.0.2.7/tcp/{port}").parse().unwrap()
    }

    fn book() -> (PeerBook, Instant) {
        (PeerBook::new(ALICE, PEERS_WANTED, 7), Instant::now())
    }

    #[test]
    fn a_dead_target_waits_longer_and_longer_and_no_other_waits_for_it() {
        let (mut book, mut now) = book();
        book.configure(place(1), now);
        let mut waits = Vec::new();
        for _ in 0..12 {
            let dial = book.due(now, 1).pop().unwrap();
            assert_eq!(book.deadline(1), None);
            book.failed(dial.target, Fault::Silent, now);
            let next = book.deadline(1).unwrap();
            waits.push(next - now);
            now = next;
        }
        assert!(waits[0] < BACKOFF_FIRST * 2 && waits[5] > waits[0] * 4);
        assert!(waits.iter().all(|wait| *wait <= BACKOFF_MAX * 3 / 2));
        book.configure(place(2), now - waits[11]);
        assert_eq!(book.due(now - waits[11], 0)[0].addresses, [place(2)]);
    }

    #[test]
    fn l_a_closed_node_dials_nobody_but_its_company_and_no_hint_names_anybody() {
        let (mut book, now) = book();
        let relay = NodeId([3; 32]);
        let through = |relay| format!("{}/p2p-circuit", place(3).with_node(relay)).parse().unwrap();
        book.hint(BOB, &place(2), now);
        book.admit(Some(BTreeSet::new()));
        assert_eq!(
            (book.due(now, 0), book.deadline(0), book.company()),
            (vec![], None, Some([].into()))
        );
        // Whoever is near may say that he is behind a relay of theirs.
        let carol = NodeId([4; 32]);
        book.ask(place(4).with_node(carol), now);
        book.hint(carol, &through(NodeId([66; 32])), now);
        assert_eq!(book.company(), Some([carol].into()));
        let way: Address = through(relay);
        book.ask(way.with_node(BOB), now);
        assert_eq!(book.company(), Some([BOB, carol, relay].into()), "and the relay on the way");
        assert_eq!(book.due(now, 0).len(), 2);
        book.met(BOB, None, now);
        let kept = book.changes().unwrap();
        let (mut after, _) = self::book();
        after.admit(Some(BTreeSet::new()));
        after.remember(kept, now);
        assert_eq!(after.company(), Some([BOB].into()), "that he was named is remembered");
        after.forget(&Entries::Of(BOB));
        assert_eq!(after.company(), Some([].into()));
    }

    /// Fails all dials that are due until this moment, and counts them.
    fn fail_until(book: &mut PeerBook, connected: usize, until: Instant) -> Vec<Instant> {
        let mut dialled = Vec::new();
        while let Some(now) = book.deadline(connected).filter(|now| *now <= until) {
            for dial in book.due(now, connected) {
                book.failed(dial.target, Fault::Silent, now);
                dialled.push(now);
            }
        }
        dialled
    }

    #[test]
    fn who_is_alone_tries_one_after_the_other_and_everybody_when_one_answers() {
        let (mut book, begin) = book();
        for n in 1..=6 {
            book.configure(place(n), begin);
        }
        // The line is dead for an hour: everybody waits for minutes, and somebody is tried all the same.
        let hour = begin + Duration::from_secs(3600);
        let dialled = fail_until(&mut book, 0, hour);
        let late: Vec<_> =
            dialled.into_iter().filter(|at| *at > begin + hour.duration_since(begin) / 2).collect();
        assert!(late.windows(2).all(|two| two[1] - two[0] <= ALONE_FOR * 3 / 2));
        assert!(late.len() <= 1800 / 5 + 6 * 12, "{}", late.len());
        let now = book.deadline(0).unwrap();
        let dial = book.due(now, 0).pop().unwrap();
        book.met(BOB, Some((dial.target, dial.addresses[0].clone())), now);
        let soon = now + BACKOFF_FIRST * 2;
        assert_eq!(fail_until(&mut book, 1, soon).len(), 5, "the line is back");
        // Who comes to us, again and again, makes us dial nobody.
        book.lost(BOB, soon);
        book.met(NodeId([3; 32]), None, soon);
        assert_eq!(fail_until(&mut book, 1, soon + BACKOFF_FIRST * 2).len(), 1, "but whom we lost");
    }

    #[test]
    fn whoever_moves_dials_everybody_anew_and_whoever_flickers_does_not() {
        let (mut book, begin) = book();
        for n in 1..=6 {
            book.configure(place(n), begin);
        }
        let hour = begin + Duration::from_secs(3600);
        drop(fail_until(&mut book, 1, hour));
        for _ in 0..20 {
            book.moved(hour);
        }
        assert_eq!(fail_until(&mut book, 1, hour + BACKOFF_FIRST * 2).len(), 6);
        book.moved(hour + ALONE_FOR / 2);
        assert!(fail_until(&mut book, 1, hour + ALONE_FOR).is_empty());
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

        let mut later = PeerBook::new(ALICE, PEERS_WANTED, 8);
        later.remember(entries.clone(), now);
        assert_eq!(later.entries(), entries);
        assert_eq!(later.due(now, PEERS_WANTED)[0].node, Some(BOB));
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
            let far = format!("/ip4/10.{}.0.1/tcp/1", i % 250).parse().unwrap();
            book.hint(NodeId(node), &far, now);
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
            book.failed(dial.target, Fault::Silent, now);
        }
        assert!(book.targets.is_empty());
    }

    #[test]
    fn a_node_never_dials_itself() {
        let (mut book, now) = book();
        book.configure(place(1).with_node(ALICE), now);
        assert_eq!(book.due(now, 0), []);
    }

    fn node(n: usize) -> NodeId {
        let mut node = [7; 32];
        node[..8].copy_from_slice(&n.to_le_bytes());
        NodeId(node)
    }

    fn at(host: &str) -> Address {
        format!("/ip4/{host}/tcp/8471").parse().unwrap()
    }

    /// Tells the book of a node, and lets it be reached there by our own dial.
    fn reach(book: &mut PeerBook, n: usize, host: &str, now: Instant) {
        book.ask(at(host).with_node(node(n)), now);
        let dial = book.due(now, PEERS_WANTED).pop().unwrap();
        book.met(node(n), Some((dial.target, at(host))), now);
    }

    /// Lets a node come to us, say that it listens there, and go.
    fn visit(book: &mut PeerBook, n: usize, host: &str, now: Instant) {
        book.hint(node(n), &at(host), now);
        book.met(node(n), None, now);
    }

    fn nodes(dials: &[Dial]) -> BTreeSet<NodeId> {
        dials.iter().filter_map(|dial| dial.node).collect()
    }

    #[test]
    fn four_are_reached_by_our_own_choice_however_many_come_to_us() {
        let (mut book, now) = book();
        for n in 0..6 {
            book.hint(node(n), &at(&format!("10.{n}.0.1")), now);
        }
        for n in 100..400 {
            visit(&mut book, n, "192.0.2.66", now);
        }
        let dials = book.due(now, 300);
        assert_eq!(dials.len(), OUTBOUND_WANTED, "whoever came to us");
        assert_eq!(book.due(now, 300), [], "as many are under way");
        for (n, dial) in dials.iter().enumerate() {
            book.met(dial.node.unwrap(), Some((dial.target, at(&format!("10.{n}.0.1")))), now);
        }
        assert_eq!((book.chosen(), book.deadline(300)), (OUTBOUND_WANTED, None));
        book.lost(dials[0].node.unwrap(), now);
        assert!(book.deadline(300).is_some(), "one more is wanted again");
    }

    #[test]
    fn whom_we_reached_before_comes_first_then_another_neighbourhood() {
        let (mut book, now) = book();
        for n in 0..5 {
            visit(&mut book, 100 + n, "192.0.2.66", now);
            book.lost(node(100 + n), now);
        }
        visit(&mut book, 200, "198.51.100.1", now);
        book.lost(node(200), now);
        for (n, host) in ["203.0.113.1", "203.0.113.2", "203.0.113.3"].into_iter().enumerate() {
            reach(&mut book, n, host, now);
            book.lost(node(n), now);
        }
        let entries = book.changes().unwrap();
        let mut later = PeerBook::new(ALICE, PEERS_WANTED, 9);
        later.remember(entries, now);
        let dials = later.due(now, PEERS_WANTED);
        let reached = [node(0), node(1), node(2)].into();
        assert_eq!(nodes(&dials[..3]), reached, "an eclipse must have been in the book before");
        assert_eq!(dials[3].node, Some(node(200)), "where nobody else is");
    }

    #[test]
    fn who_only_comes_to_us_never_displaces_whom_we_reached() {
        let (mut book, now) = book();
        reach(&mut book, 0, "203.0.113.1", now);
        book.lost(node(0), now);
        for n in 100..1000 {
            visit(&mut book, n, &format!("10.{}.{}.1", n % 250, n / 250), now);
            book.lost(node(n), now);
        }
        assert!(book.knows(node(0)) && book.targets.len() == TARGETS_MAX);
    }

    #[test]
    fn one_neighbourhood_cannot_fill_the_book() {
        let (mut book, now) = book();
        visit(&mut book, 0, "203.0.113.1", now);
        book.lost(node(0), now);
        for n in 100..1000 {
            visit(&mut book, n, &format!("10.0.{}.{}", n / 250, n % 250), now);
            book.lost(node(n), now);
        }
        assert!(book.knows(node(0)));
        assert_eq!(book.targets.len(), TOLD_PER_NEIGHBOURHOOD_MAX + 1);
    }
}
