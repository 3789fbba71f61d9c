//! Records that the ledger counts and the store can no longer read.
//!
//! **Invariant:** what is lost is left out of what peers are shown, so that it differs, is sent
//! again, and is staged again; nothing else about it changes, for the ledger never needed its
//! bytes.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Hidden, Seq, Store};
use crate::id::RecordId;
use crate::ledger::{Ledger, Place, Summary, Tombstone};
use crate::record::Record;
use crate::sync::{Key, Scope, Set};
use crate::time::Timestamp;

/// The most lost records that are looked for at a time. A disk that loses more is to be repaired;
/// the next start finds all that are missing.
const LOST_MAX: usize = 4096;

/// What is to be fetched again.
#[derive(Debug, Default)]
pub(super) struct Lost(BTreeSet<RecordId>);

impl Lost {
    /// Notes those of these ids that the ledger counts. Returns whether there were any.
    pub(super) fn note(&mut self, absent: Vec<RecordId>, ledger: &Ledger) -> bool {
        let mut noted = false;
        for id in absent {
            let counted = ledger.summary(&id).is_some_and(|s| s.place != Place::Erased);
            noted |= counted && self.0.len() < LOST_MAX && self.0.insert(id);
        }
        noted
    }

    /// Says whether this record was lost.
    pub(super) fn contains(&self, id: &RecordId) -> bool {
        self.0.contains(id)
    }

    /// Takes note that this record is here again, or that nobody looks for it any more. Returns
    /// whether it was lost.
    pub(super) fn found(&mut self, id: &RecordId) -> bool {
        self.0.remove(id)
    }

    /// Returns a scope's set as it is on the disk.
    pub(super) fn shown<'a>(&self, scope: &Scope, ledger: &'a Ledger) -> Option<Cow<'a, Set>> {
        let set = ledger.set(scope)?;
        let lost = self.0.iter().filter_map(|id| ledger.summary(id));
        let keys = lost.map(|Summary { id, until, .. }| Key::of(until, id));
        let keys: Vec<Key> = keys.filter(|key| set.contains(key)).collect();
        let mut set = Cow::Borrowed(set);
        for key in keys {
            set.to_mut().remove(&key);
        }
        Some(set)
    }
}

/// A store that remembers what was asked of it and not there.
#[derive(Debug)]
pub(super) struct Watched<'a, S> {
    store: &'a mut S,
    absent: Vec<RecordId>,
}

impl<'a, S: Store> Watched<'a, S> {
    pub(super) fn new(store: &'a mut S) -> Self {
        Self { store, absent: Vec::new() }
    }

    /// Returns what was not there.
    pub(super) fn into_absent(self) -> Vec<RecordId> {
        self.absent
    }
}

impl<S: Store> Store for Watched<'_, S> {
    type Error = S::Error;

    fn bytes(&mut self, id: &RecordId) -> Result<Option<Arc<[u8]>>, S::Error> {
        let bytes = self.store.bytes(id)?;
        if bytes.is_none() {
            self.absent.push(*id);
        }
        Ok(bytes)
    }

    fn stage(&mut self, record: &Record) -> Result<(), S::Error> {
        self.store.stage(record)
    }

    fn stage_hide(&mut self, tombstone: &Tombstone, due: Timestamp) -> Result<(), S::Error> {
        self.store.stage_hide(tombstone, due)
    }

    fn hidden(&mut self, id: &RecordId) -> Result<Option<Hidden>, S::Error> {
        self.store.hidden(id)
    }

    fn all_hidden(&mut self) -> Vec<RecordId> {
        self.store.all_hidden()
    }

    fn stage_forget(&mut self, id: &RecordId) -> Result<(), S::Error> {
        self.store.stage_forget(id)
    }

    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), S::Error> {
        self.store.stage_erase(tombstone)
    }

    fn stage_lift(&mut self, id: &RecordId) -> Result<(), S::Error> {
        self.store.stage_lift(id)
    }

    fn seal(&mut self) -> Seq {
        self.store.seal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;
    use crate::body::identity::Identity;
    use crate::key::SecretKey;
    use crate::ledger::PoolBounds;
    use crate::record::Draft;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn founding(n: usize) -> Record {
        let mut seed = [1; 32];
        seed[..8].copy_from_slice(&n.to_be_bytes());
        let (key, next) = (SecretKey::from_seed(&seed), SecretKey::from_seed(&[2; 32]));
        let body = Body::Identity(Identity::inception(key.public(), next.public().hash()));
        Draft::inception(body, NOW).sign(&key).unwrap()
    }

    #[test]
    fn no_more_are_looked_for_than_the_bound_and_nothing_that_never_was() {
        let records: Vec<Record> = (0..=LOST_MAX).map(founding).collect();
        let mut ledger = Ledger::new(PoolBounds::default());
        ledger.insert_all(&records[1..], NOW);
        let (mut lost, stranger) = (Lost::default(), records[0].id());
        assert!(!lost.note(vec![stranger], &ledger) && !lost.contains(&stranger));
        assert!(lost.note(records.iter().map(Record::id).collect(), &ledger));
        assert_eq!(lost.0.len(), LOST_MAX);
        ledger.insert(&records[0], NOW);
        assert!(!lost.note(vec![stranger], &ledger), "there is no room");
        assert!(lost.found(&records[1].id()) && lost.note(vec![stranger], &ledger));
    }
}
