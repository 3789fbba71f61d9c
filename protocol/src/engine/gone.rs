//! The names of what others have said and is over.
//!
//! **Invariant:** a name, a kind and an end is all that stays: it is in no set, goes to no peer and changes
//! no state. There are at most [`GONE_MAX`] names; what ended longest ago makes room. After a start only
//! those are known whose bytes are still in the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::control::Failure;
use crate::id::{IdPrefix, RecordId, ThingId};
use crate::record::Kind;
use crate::time::Timestamp;

/// How many names are kept: of a busy region what ended within some weeks, in about a megabyte.
const GONE_MAX: usize = 8192;

/// What is kept of a name: what it was, and when that ended.
pub(super) type Ended = (Kind, Timestamp);

/// The names.
#[derive(Debug, Default)]
pub(super) struct Gone {
    names: BTreeMap<RecordId, Ended>,
    /// Of these the names of what its author has erased.
    erased: BTreeSet<RecordId>,
    order: BTreeSet<(Timestamp, RecordId)>,
}

impl Gone {
    /// Remembers that something is over that people ask for by its name; of several versions, when the
    /// last of them ended.
    pub(super) fn note(&mut self, (id, thing): (RecordId, ThingId), (kind, until): &Ended) {
        if matches!(kind, Kind::Identity | Kind::Carriage | Kind::Other(_)) {
            return;
        }
        for name in [id, thing.into()] {
            let known = self.names.get(&name).map(|(_, known)| *known);
            if known.is_some_and(|known| known >= *until) {
                continue;
            }
            known.map(|known| self.order.remove(&(known, name)));
            self.names.insert(name, (kind.clone(), *until));
            self.order.insert((*until, name));
        }
        while self.names.len() > GONE_MAX
            && let Some((_, first)) = self.order.pop_first()
        {
            self.names.remove(&first);
            self.erased.remove(&first);
        }
    }

    /// Remembers of what is over that its author has erased it.
    pub(super) fn erase(&mut self, (id, thing): (RecordId, ThingId)) {
        let names = [id, thing.into()].into_iter();
        self.erased.extend(names.filter(|name| self.names.contains_key(name)));
    }

    /// Returns what who asks for a name is told, if it was of something that is over.
    pub(super) fn failure(&self, name: &RecordId) -> Option<Failure> {
        let (kind, ended) = self.names.get(name)?;
        let over = || Failure::Over { kind: kind.clone(), ended: *ended };
        Some(if self.erased.contains(name) { Failure::Erased } else { over() })
    }

    /// Iterates over the names that begin with a prefix.
    pub(super) fn resolve(&self, prefix: &IdPrefix) -> impl Iterator<Item = (RecordId, Kind)> {
        let (low, high) = prefix.bounds();
        let names = self.names.range(RecordId(low)..=RecordId(high));
        names.map(|(name, (kind, _))| (*name, kind.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: usize) -> RecordId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        RecordId(id)
    }

    #[test]
    fn what_ended_longest_ago_makes_room() {
        let mut gone = Gone::default();
        for n in 0..=GONE_MAX {
            let until = Timestamp::from_secs(1_000_000 + n as u64);
            gone.note((name(n), ThingId(name(n).0)), &(Kind::Call, until));
        }
        assert_eq!((gone.names.len(), gone.order.len()), (GONE_MAX, GONE_MAX));
        assert_eq!(gone.failure(&name(0)), None);
        assert!(gone.failure(&name(1)).is_some());
        gone.note((name(1), ThingId(name(1).0)), &(Kind::Call, Timestamp::from_secs(1)));
        assert_eq!(gone.order.len(), GONE_MAX, "an earlier version changes nothing");
        gone.erase((name(1), ThingId(name(1).0)));
        assert_eq!(gone.failure(&name(1)), Some(Failure::Erased));
        for n in GONE_MAX + 1..=GONE_MAX + 1 {
            let until = Timestamp::from_secs(1_000_000 + n as u64);
            gone.note((name(n), ThingId(name(n).0)), &(Kind::Call, until));
        }
        assert_eq!((gone.failure(&name(1)), gone.erased.len()), (None, 0), "it made room, too");
    }
}
