//! What was not let in, as far as peers must know it.
//!
//! **Invariant:** at most [`STUBS_MAX`] stubs and [`DECLINED_MAX`] declined keys are remembered, for
//! a day and an hour at the most; beyond, what is refused is fetched and refused again, which costs
//! bytes and no memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::admission::Claim;
use crate::id::{NetId, RecordId};
use crate::ledger::Ledger;
use crate::sync::{Key, Scope, Set, Snapshot};
use crate::time::Timestamp;

/// The most stubs, some 30 MiB of names: more than the records of all networks that one node ever
/// refuses by reason. A flood beyond it is declined.
pub const STUBS_MAX: usize = 65_536;

/// How long a stub is kept at the most: what was refused is looked at again once a day, and what
/// nobody has any more does not stay.
pub const STUBS_FOR: Duration = Duration::from_secs(86_400);

/// The most keys that are declined: they are told to peers 96 at a time, and more would only make
/// each conversation longer.
pub const DECLINED_MAX: usize = 4096;

/// How long a declined key is left alone at the most.
pub const DECLINED_FOR: Duration = Duration::from_secs(3600);

/// Why something was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The operator has said so.
    Said,
    /// Nobody has asked for it: it comes in when somebody does.
    Unknown,
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

#[derive(Debug)]
struct Item {
    refusal: Refusal,
    /// Whether it is counted in the set; else it is declined.
    stub: bool,
    /// When it is forgotten.
    ends: Timestamp,
}

/// What was not let in.
#[derive(Debug, Default)]
pub(super) struct Refused {
    items: BTreeMap<u64, Item>,
    /// By the names by which it may be asked for.
    names: BTreeSet<([u8; 32], u64)>,
    ends: BTreeSet<(Timestamp, u64)>,
    declined: BTreeMap<Scope, Set>,
    /// How many of the items are stubs.
    stubs: usize,
    next: u64,
}

impl Refused {
    /// Says whether nothing was refused.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Says whether there is room for one more stub.
    pub(super) fn has_room(&self) -> bool {
        self.stubs < STUBS_MAX
    }

    fn declined_count(&self) -> usize {
        self.items.len() - self.stubs
    }

    /// Counts a record in a set of which nothing but this is kept.
    pub(super) fn stub(&mut self, refusal: Refusal, now: Timestamp, ledger: &mut Ledger) {
        let ends = Timestamp::from_secs(refusal.key.until).min(now + STUBS_FOR);
        self.lift(&refusal.claim.id, Some(&refusal.scope), ledger);
        ledger.add_stub(&refusal.scope, refusal.key);
        self.stubs += 1;
        self.add(Item { refusal, stub: true, ends });
    }

    /// Leaves a record alone until this moment, and for an hour at the most, if there is room.
    pub(super) fn decline(&mut self, refusal: Refusal, until: Timestamp, now: Timestamp) {
        let known = self.under(refusal.claim.id.0).any(|(_, item)| item.scope == refusal.scope);
        if known || self.declined_count() >= DECLINED_MAX {
            return;
        }
        let ends = until.min(now + DECLINED_FOR);
        self.declined.entry(refusal.scope.clone()).or_default().insert(refusal.key);
        self.add(Item { refusal, stub: false, ends });
    }

    fn add(&mut self, item: Item) {
        let place = self.next;
        self.next += 1;
        self.names.extend(item.refusal.claim.names().map(|name| (name, place)));
        self.ends.insert((item.ends, place));
        self.items.insert(place, item);
    }

    /// Forgets an item: the record is wanted again.
    pub(super) fn remove(&mut self, place: u64, ledger: &mut Ledger) -> Option<Refusal> {
        let Item { refusal, stub, ends } = self.items.remove(&place)?;
        self.ends.remove(&(ends, place));
        for name in refusal.claim.names() {
            self.names.remove(&(name, place));
        }
        if stub {
            self.stubs -= 1;
            ledger.remove_stub(&refusal.scope, refusal.key);
        } else if let Some(set) = self.declined.get_mut(&refusal.scope) {
            set.remove(&refusal.key);
            if set.is_empty() {
                self.declined.remove(&refusal.scope);
            }
        }
        Some(refusal)
    }

    /// Iterates over what may be asked for by this name.
    pub(super) fn under(&self, name: [u8; 32]) -> impl Iterator<Item = (u64, &Refusal)> {
        let all = self.names.range((name, 0)..=(name, u64::MAX));
        all.filter_map(|(_, place)| Some((*place, &self.items.get(place)?.refusal)))
    }

    /// Wants a record again, in one set or in all; says whether it had been refused.
    pub(super) fn lift(
        &mut self,
        id: &RecordId,
        scope: Option<&Scope>,
        ledger: &mut Ledger,
    ) -> bool {
        if self.is_empty() {
            return false;
        }
        let all = self.under(id.0).filter(|(_, refusal)| {
            refusal.claim.id == *id && scope.is_none_or(|scope| refusal.scope == *scope)
        });
        let places: Vec<u64> = all.map(|(place, _)| place).collect();
        for place in &places {
            self.remove(*place, ledger);
        }
        !places.is_empty()
    }

    /// A peer wanted a record that is a stub here, and did not get it: as a stub it would be wanted
    /// again and again. It is left alone instead, while there is room for that.
    pub(super) fn unserved(&mut self, id: &RecordId, now: Timestamp, ledger: &mut Ledger) {
        let all = self.under(id.0).filter(|(_, refusal)| refusal.claim.id == *id);
        let places: Vec<u64> = all.map(|(place, _)| place).collect();
        for place in places {
            let is_stub = self.items.get(&place).is_some_and(|item| item.stub);
            if is_stub
                && self.declined_count() < DECLINED_MAX / 2
                && let Some(refusal) = self.remove(place, ledger)
            {
                self.decline(refusal, Timestamp::NEVER, now);
            }
        }
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
    pub(super) fn welcome(&mut self, fits: impl Fn(Why) -> bool, ledger: &mut Ledger) -> bool {
        let fitting = self.items.iter().filter(|(_, item)| fits(item.refusal.why));
        let places: Vec<u64> = fitting.map(|(place, _)| *place).collect();
        for place in &places {
            self.remove(*place, ledger);
        }
        !places.is_empty()
    }

    /// Forgets what has ended.
    pub(super) fn advance(&mut self, now: Timestamp, ledger: &mut Ledger) {
        while let Some((ends, place)) = self.ends.first().copied()
            && ends <= now
        {
            self.remove(place, ledger);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::PoolBounds;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

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

    #[test]
    fn a_flood_of_refusals_takes_no_more_than_its_room() {
        let mut refused = Refused::default();
        let mut ledger = Ledger::new(PoolBounds::default());
        let until = NOW.as_secs() + 60;
        for n in 0..STUBS_MAX {
            assert!(refused.has_room());
            refused.stub(refusal(u8::try_from(n % 7).unwrap(), n, until), NOW, &mut ledger);
        }
        assert!(!refused.has_room(), "what is refused then is declined");
        for n in STUBS_MAX..STUBS_MAX + 2 * DECLINED_MAX {
            refused.decline(refusal(1, n, Key::NEVER), Timestamp::NEVER, NOW);
        }
        assert_eq!(refused.declined(&scope()).len(), DECLINED_MAX);
        let stubs = ledger.set(&scope()).map(Set::len);
        assert_eq!(stubs, Some(STUBS_MAX));
        refused.advance(NOW + Duration::from_secs(61), &mut ledger);
        assert!(
            refused.has_room() && ledger.set(&scope()).is_none(),
            "what has ended is forgotten"
        );
        refused.advance(NOW + DECLINED_FOR, &mut ledger);
        assert_eq!(refused.declined(&scope()).len(), 0, "for an hour only");
        assert!(refused.items.is_empty() && refused.names.is_empty() && refused.ends.is_empty());
    }

    #[test]
    fn who_is_welcomed_leaves_no_stub_in_the_sets() {
        let mut refused = Refused::default();
        let mut ledger = Ledger::new(PoolBounds::default());
        let one = refusal(1, 1, Key::NEVER);
        refused.stub(one.clone(), NOW, &mut ledger);
        refused.stub(one.clone(), NOW, &mut ledger);
        assert_eq!(ledger.set(&scope()).map(Set::len), Some(1));
        assert_eq!(
            (refused.owner(&one.claim.id), refused.of(&one.claim.net)),
            (Some(one.claim.net), 1)
        );
        assert!(!refused.welcome(|why| why == Why::Said, &mut ledger));
        assert!(refused.welcome(|why| why == Why::Unknown, &mut ledger));
        assert!(ledger.set(&scope()).is_none(), "the record is wanted again");
        refused.stub(one, NOW, &mut ledger);
        refused.advance(NOW + STUBS_FOR, &mut ledger);
        assert!(ledger.set(&scope()).is_none(), "a stub is kept for a day");
    }

    #[test]
    fn a_stub_that_a_peer_wanted_is_left_alone_instead() {
        let mut refused = Refused::default();
        let mut ledger = Ledger::new(PoolBounds::default());
        for n in 0..DECLINED_MAX {
            let one = refusal(1, n, Key::NEVER);
            refused.stub(one.clone(), NOW, &mut ledger);
            refused.unserved(&one.claim.id, NOW, &mut ledger);
        }
        assert_eq!(refused.declined(&scope()).len(), DECLINED_MAX / 2);
        let stubs = ledger.set(&scope()).map(Set::len);
        assert_eq!(stubs, Some(DECLINED_MAX / 2), "while there is room for that");
    }
}
