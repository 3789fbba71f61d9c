//! What was not let in, as far as peers must know it.
//!
//! **Invariant:** at most [`STUBS_MAX`] stubs and [`DECLINED_MAX`] declined keys are remembered;
//! beyond, what is refused is fetched and refused again, which costs bytes and no memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::id::NetId;
use crate::ledger::Ledger;
use crate::sync::{Key, Scope, Set, Snapshot};
use crate::time::Timestamp;

/// The most stubs, some 10 MiB of names: more than the records of all networks that one node ever
/// refuses by reason. A flood beyond it is declined.
pub const STUBS_MAX: usize = 65_536;

/// The most keys that are declined: they are told to peers 96 at a time, and more would only make
/// each conversation longer.
pub const DECLINED_MAX: usize = 4096;

/// How long a declined key is left alone at the most.
pub const DECLINED_FOR: Duration = Duration::from_secs(3600);

/// What was not let in.
#[derive(Debug, Default)]
pub(super) struct Refused {
    stubs: BTreeMap<NetId, BTreeSet<(Key, Scope)>>,
    count: usize,
    declined: BTreeMap<Scope, Set>,
    until: BTreeSet<(Timestamp, Key, Scope)>,
}

impl Refused {
    /// Says whether there is room for one more stub.
    pub(super) fn has_room(&self) -> bool {
        self.count < STUBS_MAX
    }

    /// Counts a record in a set of which nothing but this is kept.
    pub(super) fn stub(&mut self, net: NetId, key: Key, scope: &Scope, ledger: &mut Ledger) {
        ledger.add_stub(scope, key);
        self.count += usize::from(self.stubs.entry(net).or_default().insert((key, scope.clone())));
    }

    /// Leaves a record alone until this moment, and for an hour at the most.
    pub(super) fn decline(&mut self, key: Key, scope: &Scope, until: Timestamp, now: Timestamp) {
        if self.until.len() < DECLINED_MAX
            && self.declined.entry(scope.clone()).or_default().insert(key)
        {
            self.until.insert((until.min(now + DECLINED_FOR), key, scope.clone()));
        }
    }

    /// Returns what peers are asked not to send.
    pub(super) fn declined(&mut self, scope: &Scope, now: Timestamp) -> Arc<Snapshot> {
        while self.until.first().is_some_and(|(until, ..)| *until <= now)
            && let Some((_, key, scope)) = self.until.pop_first()
        {
            self.forget(&key, &scope);
        }
        self.declined.get(scope).map(Set::snapshot).unwrap_or_default()
    }

    fn forget(&mut self, key: &Key, scope: &Scope) {
        let Some(set) = self.declined.get_mut(scope) else { return };
        set.remove(key);
        if set.is_empty() {
            self.declined.remove(scope);
        }
    }

    /// Iterates over the networks of which something was refused.
    pub(super) fn networks(&self) -> impl Iterator<Item = NetId> + '_ {
        self.stubs.keys().copied()
    }

    /// Counts what was refused of a network.
    pub(super) fn of(&self, net: &NetId) -> usize {
        self.stubs.get(net).map_or(0, BTreeSet::len)
    }

    /// Says whether nothing but a name is kept of this record, and of which network it is.
    pub(super) fn owner(&self, id: &crate::id::RecordId) -> Option<NetId> {
        let named = |stubs: &BTreeSet<(Key, Scope)>| stubs.iter().any(|(key, _)| key.id == *id);
        self.stubs.iter().find(|(_, stubs)| named(stubs)).map(|(net, _)| *net)
    }

    /// Wants again what was refused of a network; says whether there was anything.
    pub(super) fn welcome(&mut self, net: &NetId, ledger: &mut Ledger) -> bool {
        let Some(stubs) = self.stubs.remove(net) else { return false };
        self.count -= stubs.len();
        for (key, scope) in stubs {
            ledger.remove_stub(&scope, key);
        }
        true
    }

    /// Wants again all that was refused: the policy has changed.
    pub(super) fn welcome_all(&mut self, ledger: &mut Ledger) {
        for net in self.networks().collect::<Vec<_>>() {
            self.welcome(&net, ledger);
        }
        self.declined.clear();
        self.until.clear();
    }

    /// Forgets what has ended.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let over = Key::starting(now.as_secs().saturating_add(1));
        for stubs in self.stubs.values_mut() {
            // What is not over begins with this key; no scope comes before a region without a name.
            let before = stubs.len();
            while stubs.first().is_some_and(|(key, _)| *key < over) {
                stubs.pop_first();
            }
            self.count -= before - stubs.len();
        }
        self.stubs.retain(|_, stubs| !stubs.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::ledger::PoolBounds;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn scope() -> Scope {
        Scope::Region("us-wa".parse().unwrap())
    }

    fn key(n: usize, until: u64) -> Key {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        Key { until, id: RecordId(id) }
    }

    #[test]
    fn a_flood_of_refusals_takes_no_more_than_its_room() {
        let mut refused = Refused::default();
        let mut ledger = Ledger::new(PoolBounds::default());
        let until = NOW.as_secs() + 60;
        for n in 0..STUBS_MAX {
            assert!(refused.has_room());
            refused.stub(
                NetId([u8::try_from(n % 7).unwrap(); 32]),
                key(n, until),
                &scope(),
                &mut ledger,
            );
        }
        assert!(!refused.has_room(), "what is refused then is declined");
        for n in 0..2 * DECLINED_MAX {
            refused.decline(key(n, Key::NEVER), &scope(), Timestamp::NEVER, NOW);
        }
        assert_eq!(refused.declined(&scope(), NOW).len(), DECLINED_MAX);
        assert_eq!(refused.declined(&scope(), NOW + DECLINED_FOR).len(), 0, "for an hour only");
        let one = NetId([3; 32]);
        assert!(refused.welcome(&one, &mut ledger) && !refused.welcome(&one, &mut ledger));
        assert!(refused.has_room() && refused.of(&one) == 0);
        refused.advance(NOW + Duration::from_secs(61));
        assert_eq!(refused.networks().count(), 0, "what has ended is forgotten");
    }

    #[test]
    fn who_is_welcomed_leaves_no_stub_in_the_sets() {
        let mut refused = Refused::default();
        let mut ledger = Ledger::new(PoolBounds::default());
        let (net, until) = (NetId([1; 32]), NOW.as_secs() + 60);
        refused.stub(net, key(1, until), &scope(), &mut ledger);
        refused.stub(net, key(1, until), &scope(), &mut ledger);
        assert_eq!(ledger.set(&scope()).map(Set::len), Some(1));
        assert_eq!(refused.owner(&key(1, until).id), Some(net));
        refused.welcome_all(&mut ledger);
        assert!(ledger.set(&scope()).is_none(), "the record is wanted again");
    }
}
