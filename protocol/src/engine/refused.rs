//! What was not let in, as far as the peers who have it must know.
//!
//! **Invariant:** a stub is shown to those alone who have brought its record, so what a stranger
//! brings makes no conversation with another longer
//! (`m10_what_a_stranger_floods_is_no_part_of_what_others_are_shown`); at most [`STUBS_MAX`] stubs,
//! each shown to four on average, and [`DECLINED_MAX`] declined keys are remembered, half of
//! each for one peer, for a day and an hour at the most
//! (`a_flood_of_refusals_takes_no_more_than_its_room`,
//! `what_many_peers_bring_is_shown_to_so_many_of_them`). Beyond, what is refused is fetched and refused
//! again, which costs bytes and no memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::id::{NetId, NodeId, RecordId};
use crate::record::{Claim, Record};
use crate::sync::{Key, Scope, Set, Snapshot};
use crate::time::Timestamp;

/// The most stubs, some 30 MiB of names: more than the records of all networks that one node ever
/// refuses by reason. A flood beyond it is declined.
pub const STUBS_MAX: usize = 65_536;

/// The most stubs that one peer is shown.
const SHOWN_MAX: usize = STUBS_MAX / 2;

/// How many stubs are shown in all, some 20 MiB of keys: each to four peers on average.
const SHOWINGS_MAX: usize = 4 * STUBS_MAX;

/// How long a stub is kept at the most: what was refused is looked at again once a day, and what
/// nobody has any more does not stay.
pub const STUBS_FOR: Duration = Duration::from_secs(86_400);

/// The most keys that are declined: they are told to peers 96 at a time, and more would only make
/// each conversation longer.
pub const DECLINED_MAX: usize = 4096;

/// The most keys that are declined because of what one peer brought.
const DECLINED_OF_PEER_MAX: usize = DECLINED_MAX / 2;

/// How long a declined key is left alone at the most.
pub const DECLINED_FOR: Duration = Duration::from_secs(3600);

/// Why something was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The operator has said so.
    Said,
    /// Nobody has asked for it: it comes in when somebody does.
    Unknown,
    /// It is at home elsewhere, and nobody has carried it here: it comes in when somebody does.
    Uncarried,
    /// There was no room: it comes in when there is.
    Short,
}

/// A record that was not let in, in one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) claim: Claim,
    pub(super) key: Key,
    pub(super) scope: Scope,
    pub(super) why: Why,
}

impl Refusal {
    /// Says of a record that was brought in this set that it was not let in.
    pub(super) fn of(record: &Record, scope: &Scope, why: Why) -> Self {
        let key = Key::of(record.header().until, record.id());
        Self { claim: Claim::of(record), key, scope: scope.clone(), why }
    }
}

/// How peers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Telling {
    /// It is counted in the set, as these are shown it: they have brought the record.
    Stub(BTreeSet<NodeId>),
    /// It is neither asked for nor to be sent; this one has brought it.
    Declined(NodeId),
}

#[derive(Debug)]
struct Item {
    refusal: Refusal,
    telling: Telling,
    /// When it is forgotten.
    ends: Timestamp,
}

/// What one peer has brought that was not let in.
#[derive(Debug, Default)]
struct Brought {
    /// The stubs that it is shown.
    stubs: BTreeMap<Scope, Set>,
    /// How many these are.
    shown: usize,
    /// How many keys are declined because of it.
    declined: usize,
}

/// What was not let in.
#[derive(Debug, Default)]
pub(super) struct Refused {
    items: BTreeMap<u64, Item>,
    /// By the names by which it may be asked for.
    names: BTreeSet<([u8; 32], u64)>,
    ends: BTreeSet<(Timestamp, u64)>,
    declined: BTreeMap<Scope, Set>,
    peers: BTreeMap<NodeId, Brought>,
    /// How many of the items are stubs.
    stubs: usize,
    /// How many stubs are shown, to each who is shown them.
    showings: usize,
    next: u64,
}

impl Refused {
    /// Says whether nothing was refused.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Says whether there is room for one more stub that this peer is shown.
    pub(super) fn has_room(&self, peer: &NodeId) -> bool {
        let shown = self.peers.get(peer).map_or(0, |brought| brought.shown);
        self.stubs < STUBS_MAX && self.showings < SHOWINGS_MAX && shown < SHOWN_MAX
    }

    fn declined_count(&self) -> usize {
        self.items.len() - self.stubs
    }

    /// Counts a record of which nothing but this is kept in a set, as the peer is shown it that has
    /// brought the record.
    pub(super) fn stub(&mut self, refusal: Refusal, peer: NodeId, now: Timestamp) {
        let ends = Timestamp::from_secs(refusal.key.until).min(now + STUBS_FOR);
        let known = self.place_of(&refusal);
        if let Some(Item { telling: Telling::Stub(peers), .. }) =
            known.and_then(|place| self.items.get_mut(&place))
        {
            if peers.insert(peer) {
                self.show(peer, &refusal);
            }
            return;
        }
        if let Some(place) = known {
            self.remove(place);
        }
        self.stubs += 1;
        self.show(peer, &refusal);
        self.add(Item { refusal, telling: Telling::Stub(BTreeSet::from([peer])), ends });
    }

    /// Leaves a record alone until this moment, and for an hour at the most, if there is room.
    pub(super) fn decline(
        &mut self,
        refusal: Refusal,
        peer: NodeId,
        (until, now): (Timestamp, Timestamp),
    ) {
        let known = self.place_of(&refusal).is_some();
        let of_peer = self.peers.get(&peer).map_or(0, |brought| brought.declined);
        if known || of_peer >= DECLINED_OF_PEER_MAX || self.declined_count() >= DECLINED_MAX {
            return;
        }
        let ends = until.min(now + DECLINED_FOR);
        self.declined.entry(refusal.scope.clone()).or_default().insert(refusal.key);
        self.peers.entry(peer).or_default().declined += 1;
        self.add(Item { refusal, telling: Telling::Declined(peer), ends });
    }

    fn add(&mut self, item: Item) {
        let place = self.next;
        self.next += 1;
        self.names.extend(item.refusal.claim.names().map(|name| (name, place)));
        self.ends.insert((item.ends, place));
        self.items.insert(place, item);
    }

    fn show(&mut self, peer: NodeId, refusal: &Refusal) {
        let brought = self.peers.entry(peer).or_default();
        brought.stubs.entry(refusal.scope.clone()).or_default().insert(refusal.key);
        brought.shown += 1;
        self.showings += 1;
    }

    fn hide(&mut self, peer: NodeId, refusal: &Refusal) {
        let Some(brought) = self.peers.get_mut(&peer) else { return };
        if let Some(set) = brought.stubs.get_mut(&refusal.scope) {
            set.remove(&refusal.key);
            if set.is_empty() {
                brought.stubs.remove(&refusal.scope);
            }
        }
        brought.shown -= 1;
        self.showings -= 1;
        self.drop_idle(peer);
    }

    fn drop_idle(&mut self, peer: NodeId) {
        if self.peers.get(&peer).is_some_and(|b| b.shown == 0 && b.declined == 0) {
            self.peers.remove(&peer);
        }
    }

    /// Forgets an item: the record is wanted again.
    pub(super) fn remove(&mut self, place: u64) -> Option<Refusal> {
        let Item { refusal, telling, ends } = self.items.remove(&place)?;
        self.ends.remove(&(ends, place));
        for name in refusal.claim.names() {
            self.names.remove(&(name, place));
        }
        match telling {
            Telling::Stub(peers) => {
                self.stubs -= 1;
                peers.into_iter().for_each(|peer| self.hide(peer, &refusal));
            }
            Telling::Declined(peer) => {
                if let Some(set) = self.declined.get_mut(&refusal.scope) {
                    set.remove(&refusal.key);
                    if set.is_empty() {
                        self.declined.remove(&refusal.scope);
                    }
                }
                if let Some(brought) = self.peers.get_mut(&peer) {
                    brought.declined -= 1;
                }
                self.drop_idle(peer);
            }
        }
        Some(refusal)
    }

    /// Iterates over what may be asked for by this name.
    pub(super) fn under(&self, name: [u8; 32]) -> impl Iterator<Item = (u64, &Refusal)> {
        let all = self.names.range((name, 0)..=(name, u64::MAX));
        all.filter_map(|(_, place)| Some((*place, &self.items.get(place)?.refusal)))
    }

    /// Returns where the same record stands of the same set. A network is named as its first record
    /// is, so more may stand under that name.
    fn place_of(&self, refusal: &Refusal) -> Option<u64> {
        let mut same = self.under(refusal.claim.id.0).filter(|(_, known)| {
            known.claim.id == refusal.claim.id && known.scope == refusal.scope
        });
        same.next().map(|(place, _)| place)
    }

    /// Wants a record again; says whether it had been refused.
    pub(super) fn lift(&mut self, id: &RecordId) -> bool {
        let all = self.under(id.0).filter(|(_, refusal)| refusal.claim.id == *id);
        let places: Vec<u64> = all.map(|(place, _)| place).collect();
        for place in &places {
            self.remove(*place);
        }
        !places.is_empty()
    }

    /// A peer wanted a record that it was shown as a stub: it has it no longer, and is not shown it
    /// again until it brings it.
    pub(super) fn unserved(&mut self, id: &RecordId, peer: NodeId) {
        let all = self.under(id.0).filter(|(_, refusal)| refusal.claim.id == *id);
        let places: Vec<u64> = all.map(|(place, _)| place).collect();
        for place in places {
            let Some(item) = self.items.get_mut(&place) else { continue };
            let Telling::Stub(peers) = &mut item.telling else { continue };
            if peers.remove(&peer) {
                let (refusal, shown) = (item.refusal.clone(), !peers.is_empty());
                self.hide(peer, &refusal);
                if !shown {
                    self.remove(place);
                }
            }
        }
    }

    /// Returns a scope's set as a peer is shown it: with the stubs of what it has brought itself.
    pub(super) fn shown(&self, set: Option<&Set>, scope: &Scope, peer: &NodeId) -> Arc<Snapshot> {
        match (set, self.peers.get(peer).and_then(|brought| brought.stubs.get(scope))) {
            (None, None) => Arc::default(),
            (Some(one), None) | (None, Some(one)) => one.snapshot(),
            (Some(set), Some(stubs)) => {
                let (mut both, stubs) = (set.clone(), stubs.snapshot());
                both.extend(stubs.keys(0, stubs.len()).copied());
                both.snapshot()
            }
        }
    }

    /// Iterates over the stubs of a scope, whoever is shown them.
    pub(super) fn stubs(&self, scope: &Scope) -> impl Iterator<Item = Key> {
        let sets = self.peers.values().filter_map(|brought| brought.stubs.get(scope));
        sets.flat_map(|set| {
            let stubs = set.snapshot();
            stubs.keys(0, stubs.len()).copied().collect::<Vec<_>>()
        })
    }

    /// Returns what peers are asked not to send.
    pub(super) fn declined(&self, scope: &Scope) -> Arc<Snapshot> {
        self.declined.get(scope).map(Set::snapshot).unwrap_or_default()
    }

    /// Counts what was refused of a network.
    pub(super) fn of(&self, net: &NetId) -> usize {
        self.under(net.0).filter(|(_, refusal)| refusal.claim.net == *net).count()
    }

    /// Says of which network a record, or a thing, is that was refused.
    pub(super) fn owner(&self, id: &RecordId) -> Option<NetId> {
        let mut named = self.under(id.0).map(|(_, refusal)| &refusal.claim);
        let is_meant = |claim: &&Claim| claim.id == *id || claim.thing.0 == id.0;
        named.find(is_meant).map(|claim| claim.net)
    }

    /// Wants again all that was refused for this; says whether there was anything.
    pub(super) fn welcome(&mut self, fits: impl Fn(Why) -> bool) -> bool {
        let fitting = self.items.iter().filter(|(_, item)| fits(item.refusal.why));
        let places: Vec<u64> = fitting.map(|(place, _)| *place).collect();
        for place in &places {
            self.remove(*place);
        }
        !places.is_empty()
    }

    /// Forgets what has ended.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some((ends, place)) = self.ends.first().copied()
            && ends <= now
        {
            self.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const PEERS: [NodeId; 5] =
        [NodeId([1; 32]), NodeId([2; 32]), NodeId([3; 32]), NodeId([4; 32]), NodeId([5; 32])];

    fn scope() -> Scope {
        Scope::Region("us-wa".parse().unwrap())
    }

    fn refusal(net: u8, n: usize, until: u64) -> Refusal {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let id = RecordId(id);
        let thing = crate::id::ThingId(id.0);
        let claim = Claim { id, net: NetId([net; 32]), thing, to: None, follows: false };
        Refusal { claim, key: Key { until, id }, scope: scope(), why: Why::Unknown }
    }

    fn shown(refused: &Refused, peer: &NodeId) -> usize {
        refused.shown(None, &scope(), peer).len()
    }

    fn is_bare(refused: &Refused) -> bool {
        let Refused { items, names, ends, declined, peers, stubs, showings, .. } = refused;
        let empty = items.is_empty() && names.is_empty() && ends.is_empty();
        empty && declined.is_empty() && peers.is_empty() && stubs + showings == 0
    }

    #[test]
    fn a_flood_of_refusals_takes_no_more_than_its_room() {
        let mut refused = Refused::default();
        let until = NOW.as_secs() + 60;
        for n in 0..STUBS_MAX {
            let peer = PEERS[n % 2];
            assert!(refused.has_room(&peer));
            refused.stub(refusal(u8::try_from(n % 7).unwrap(), n, until), peer, NOW);
        }
        assert!(
            PEERS.iter().all(|peer| !refused.has_room(peer)),
            "what is refused then is declined"
        );
        for n in STUBS_MAX..STUBS_MAX + 2 * DECLINED_MAX {
            let ends = (Timestamp::NEVER, NOW);
            refused.decline(refusal(1, n, Key::NEVER), PEERS[n % 5], ends);
        }
        assert_eq!(refused.declined(&scope()).len(), DECLINED_MAX);
        assert_eq!(shown(&refused, &PEERS[0]), SHOWN_MAX);
        refused.advance(NOW + Duration::from_secs(61));
        assert!(refused.has_room(&PEERS[0]), "what has ended is forgotten");
        assert_eq!(shown(&refused, &PEERS[0]), 0);
        refused.advance(NOW + DECLINED_FOR);
        assert_eq!(refused.declined(&scope()).len(), 0, "for an hour only");
        assert!(is_bare(&refused), "nothing stays");
    }

    #[test]
    fn what_many_peers_bring_is_shown_to_so_many_of_them() {
        let mut refused = Refused::default();
        let peers: Vec<NodeId> = (10..20).map(|n| NodeId([n; 32])).collect();
        let mut full = 0;
        for peer in &peers {
            for n in 0..SHOWN_MAX {
                if refused.has_room(peer) {
                    refused.stub(refusal(1, n, Key::NEVER), *peer, NOW);
                }
            }
            full += usize::from(shown(&refused, peer) == SHOWN_MAX);
        }
        assert_eq!((refused.stubs, refused.showings), (SHOWN_MAX, SHOWINGS_MAX));
        assert_eq!(full, SHOWINGS_MAX / SHOWN_MAX, "the last two are shown none");
        refused.advance(NOW + STUBS_FOR);
        assert!(is_bare(&refused));
    }

    #[test]
    fn m10_what_a_stranger_floods_is_no_part_of_what_others_are_shown() {
        let mut refused = Refused::default();
        let [stranger, friend, ..] = PEERS;
        for n in 0..2 * STUBS_MAX {
            if refused.has_room(&stranger) {
                refused.stub(refusal(1, n, Key::NEVER), stranger, NOW);
            } else {
                refused.decline(refusal(1, n, Key::NEVER), stranger, (Timestamp::NEVER, NOW));
            }
        }
        assert_eq!((shown(&refused, &stranger), shown(&refused, &friend)), (SHOWN_MAX, 0));
        assert_eq!(refused.declined(&scope()).len(), DECLINED_OF_PEER_MAX);
        assert!(refused.has_room(&friend), "it takes nobody's room");
        let own = refusal(2, 4 * STUBS_MAX, Key::NEVER);
        refused.decline(own.clone(), friend, (Timestamp::NEVER, NOW));
        assert_eq!(refused.declined(&scope()).len(), DECLINED_OF_PEER_MAX + 1);
        // What both have is counted for both, and once.
        refused.stub(refusal(1, 1, Key::NEVER), friend, NOW);
        assert_eq!((shown(&refused, &friend), refused.stubs), (1, SHOWN_MAX));
    }

    #[test]
    fn who_is_welcomed_leaves_no_stub_in_what_is_shown() {
        let mut refused = Refused::default();
        let (one, [peer, other, ..]) = (refusal(1, 1, Key::NEVER), PEERS);
        refused.stub(one.clone(), peer, NOW);
        refused.stub(one.clone(), peer, NOW);
        refused.stub(one.clone(), other, NOW);
        let both = (shown(&refused, &peer), shown(&refused, &other));
        assert_eq!((both, refused.stubs, refused.showings), ((1, 1), 1, 2));
        let set = Set::from_iter([one.key, refusal(1, 2, Key::NEVER).key]);
        assert_eq!(refused.shown(Some(&set), &scope(), &peer).len(), 2, "nothing counts twice");
        assert_eq!(
            (refused.owner(&one.claim.id), refused.of(&one.claim.net)),
            (Some(one.claim.net), 1)
        );
        assert!(!refused.welcome(|why| why == Why::Said));
        assert!(refused.welcome(|why| why == Why::Unknown));
        assert!(is_bare(&refused), "the record is wanted again");
        refused.stub(one, peer, NOW);
        refused.advance(NOW + STUBS_FOR);
        assert!(is_bare(&refused), "a stub is kept for a day");
    }

    #[test]
    fn a_networks_first_record_is_counted_beside_what_the_network_has_said() {
        let mut refused = Refused::default();
        let [peer, ..] = PEERS;
        let said = refusal(1, 1, Key::NEVER);
        let mut first = refusal(1, 2, Key::NEVER);
        first.claim.id = RecordId(first.claim.net.0);
        first.key.id = first.claim.id;
        for one in [&said, &first] {
            refused.stub(one.clone(), peer, NOW);
        }
        assert_eq!(shown(&refused, &peer), 2);
    }

    #[test]
    fn a_stub_is_not_shown_to_whoever_wants_its_record() {
        let mut refused = Refused::default();
        let (one, [peer, other, ..]) = (refusal(1, 1, Key::NEVER), PEERS);
        refused.stub(one.clone(), peer, NOW);
        refused.stub(one.clone(), other, NOW);
        refused.unserved(&one.claim.id, peer);
        assert_eq!((shown(&refused, &peer), shown(&refused, &other)), (0, 1));
        refused.unserved(&one.claim.id, other);
        assert!(is_bare(&refused));
    }
}
