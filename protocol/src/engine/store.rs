//! What the engine needs of a disk.
//!
//! **Invariant:** a store answers reads at once and only *stages* writes: what was staged is read
//! back at once, and is durable only when [`Input::Persisted`](super::Input::Persisted) says so.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use crate::id::RecordId;
use crate::ledger::Tombstone;
use crate::record::Record;

/// Names a batch of staged writes; later batches have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

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

    /// Stages the overwriting of a record's bytes, of which only the tombstone stays.
    ///
    /// # Errors
    /// As [`Store::stage`].
    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), Self::Error>;

    /// Stages the end of a tombstone: the record may come again.
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
    next: Seq,
}

impl MemoryStore {
    /// Forgets everything after this batch, as a power cut would.
    pub fn crash(&mut self, persisted: Seq) {
        self.records.retain(|_, (seq, _)| *seq <= persisted);
        let records = &self.records;
        self.order.retain(|id| records.contains_key(id));
        self.erased.retain(|(seq, _)| *seq <= persisted);
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
        Ok(self.records.get(id).map(|(_, bytes)| Arc::clone(bytes)))
    }

    fn stage(&mut self, record: &Record) -> Result<(), Infallible> {
        let seq = Seq(self.next.0 + 1);
        self.records.insert(record.id(), (seq, Arc::clone(record.bytes())));
        self.order.push(record.id());
        Ok(())
    }

    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), Infallible> {
        self.records.remove(&tombstone.id);
        self.order.retain(|id| *id != tombstone.id);
        self.erased.push((Seq(self.next.0 + 1), *tombstone));
        Ok(())
    }

    fn stage_lift(&mut self, id: &RecordId) -> Result<(), Infallible> {
        self.erased.retain(|(_, tombstone)| tombstone.id != *id);
        Ok(())
    }

    fn seal(&mut self) -> Seq {
        self.next.0 += 1;
        self.next
    }
}
