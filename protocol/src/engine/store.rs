//! What the engine needs of a disk.
//!
//! **Invariant:** a store answers reads at once and only *stages* writes: what was staged is read
//! back at once, and is durable only when [`Input::Persisted`](super::Input::Persisted) says so.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use crate::id::RecordId;
use crate::ledger::Tombstone;
use crate::record::{Record, Unverified};
use crate::time::Timestamp;

/// Names a batch of staged writes; later batches have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

/// A record that is here and not found.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// When it is to be erased for good.
    pub due: Timestamp,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

impl Hidden {
    /// Returns the record.
    pub(super) fn record(&self) -> Option<Record> {
        Unverified::decode(&self.bytes).map(Unverified::assume_verified).ok()
    }
}

/// Keeps records.
pub trait Store {
    /// Why a read or a write failed: only a broken disk is an error.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Returns the bytes of a record, staged or durable; `None` when there are none, or when they
    /// are damaged and were quarantined.
    ///
    /// # Errors
    /// When the disk cannot be read.
    fn bytes(&mut self, id: &RecordId) -> Result<Option<Arc<[u8]>>, Self::Error>;

    /// Stages a record. The engine stages one again only when its bytes were no longer there.
    ///
    /// # Errors
    /// When the store takes no more writes, for now or at all.
    fn stage(&mut self, record: &Record) -> Result<(), Self::Error>;

    /// Stages that a record is no longer found, until it is erased for good or lifted. Nothing is done
    /// for what is not here.
    ///
    /// # Errors
    /// As [`Store::stage`].
    fn stage_hide(&mut self, tombstone: &Tombstone, due: Timestamp) -> Result<(), Self::Error>;

    /// Returns a hidden record.
    ///
    /// # Errors
    /// When the disk cannot be read.
    fn hidden(&mut self, id: &RecordId) -> Result<Option<Hidden>, Self::Error>;

    /// Returns the ids of all that is hidden.
    fn all_hidden(&mut self) -> Vec<RecordId>;

    /// Stages the overwriting of a record that is over, of which nothing stays.
    ///
    /// # Errors
    /// As [`Store::stage`].
    fn stage_forget(&mut self, id: &RecordId) -> Result<(), Self::Error>;

    /// Stages the overwriting of a record's bytes, hidden or not, of which only the tombstone stays.
    ///
    /// # Errors
    /// As [`Store::stage`].
    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), Self::Error>;

    /// Stages the end of a tombstone: a hidden record is found again, any other may come again.
    ///
    /// # Errors
    /// As [`Store::stage`].
    fn stage_lift(&mut self, id: &RecordId) -> Result<(), Self::Error>;

    /// Ends the batch and names it.
    fn seal(&mut self) -> Seq;
}

/// A store without a disk, for simulations: what is sealed and persisted survives a
/// [`crash`](MemoryStore::crash), the rest does not.
#[derive(Debug, Default, Clone)]
pub struct MemoryStore {
    records: BTreeMap<RecordId, (Seq, Arc<[u8]>)>,
    order: Vec<RecordId>,
    erased: Vec<(Seq, Tombstone)>,
    hidden: BTreeMap<RecordId, (Seq, Timestamp)>,
    next: Seq,
}

impl MemoryStore {
    /// Forgets everything after this batch, as a power cut would.
    pub fn crash(&mut self, persisted: Seq) {
        self.records.retain(|_, (seq, _)| *seq <= persisted);
        let records = &self.records;
        self.order.retain(|id| records.contains_key(id));
        self.erased.retain(|(seq, _)| *seq <= persisted);
        self.hidden.retain(|id, (seq, _)| *seq <= persisted && records.contains_key(id));
        self.next = persisted;
    }

    /// Forgets the bytes of a record, as a bad sector would.
    pub fn damage(&mut self, id: &RecordId) {
        self.records.remove(id);
        self.order.retain(|other| other != id);
    }

    /// Returns the bytes of all records in the order in which they were staged.
    pub fn replay(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.order.iter().filter_map(|id| self.records.get(id)).map(|(_, bytes)| bytes)
    }

    /// Returns all tombstones in the order in which they were staged.
    pub fn tombstones(&self) -> impl Iterator<Item = &Tombstone> {
        self.erased.iter().map(|(_, tombstone)| tombstone)
    }
}

impl Store for MemoryStore {
    type Error = Infallible;

    fn bytes(&mut self, id: &RecordId) -> Result<Option<Arc<[u8]>>, Infallible> {
        let found = self.records.get(id).filter(|_| !self.hidden.contains_key(id));
        Ok(found.map(|(_, bytes)| Arc::clone(bytes)))
    }

    fn stage(&mut self, record: &Record) -> Result<(), Infallible> {
        let seq = Seq(self.next.0 + 1);
        self.records.insert(record.id(), (seq, Arc::clone(record.bytes())));
        self.order.push(record.id());
        Ok(())
    }

    fn stage_hide(&mut self, tombstone: &Tombstone, due: Timestamp) -> Result<(), Infallible> {
        if self.records.contains_key(&tombstone.id) {
            self.hidden.insert(tombstone.id, (Seq(self.next.0 + 1), due));
        }
        Ok(())
    }

    fn hidden(&mut self, id: &RecordId) -> Result<Option<Hidden>, Infallible> {
        let hidden = self.hidden.get(id).zip(self.records.get(id));
        Ok(hidden.map(|((_, due), (_, bytes))| Hidden { due: *due, bytes: Arc::clone(bytes) }))
    }

    fn all_hidden(&mut self) -> Vec<RecordId> {
        self.hidden.keys().copied().collect()
    }

    fn stage_forget(&mut self, id: &RecordId) -> Result<(), Infallible> {
        self.damage(id);
        Ok(())
    }

    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), Infallible> {
        self.damage(&tombstone.id);
        self.hidden.remove(&tombstone.id);
        self.erased.push((Seq(self.next.0 + 1), *tombstone));
        Ok(())
    }

    fn stage_lift(&mut self, id: &RecordId) -> Result<(), Infallible> {
        self.erased.retain(|(_, tombstone)| tombstone.id != *id);
        self.hidden.remove(id);
        Ok(())
    }

    fn seal(&mut self) -> Seq {
        self.next.0 += 1;
        self.next
    }
}
