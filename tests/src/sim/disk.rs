//! A disk that takes its time, refuses, and forgets in a power cut what it had not written.
//!
//! **Invariant:** what is staged is read back at once, and is durable only when the node was told
//! so; it stays staged while the disk refuses, and is written when it takes writes again.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;

use weft_protocol::engine::{Hidden, MemoryStore, Seq, Store};
use weft_protocol::id::RecordId;
use weft_protocol::ledger::Tombstone;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

/// A node's disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    memory: MemoryStore,
    open: Vec<RecordId>,
    sealed: VecDeque<(Seq, Vec<RecordId>)>,
    durable: BTreeSet<RecordId>,
    persisted: Seq,
    /// The last batch that the engine wants durable.
    pub(super) asked: Seq,
    /// Whether it takes no writes at the moment.
    pub(super) refuses: bool,
}

impl Disk {
    /// Writes everything that was asked for; returns up to where.
    pub(super) fn write(&mut self) -> Seq {
        while let Some((seq, _)) = self.sealed.front()
            && *seq <= self.asked
        {
            let (_, ids) = self.sealed.pop_front().expect("there is a front");
            self.durable.extend(ids);
        }
        self.persisted = self.asked;
        self.asked
    }

    /// Says whether anything waits to be written.
    pub(super) fn is_behind(&self) -> bool {
        self.persisted < self.asked
    }

    /// Forgets what was not written.
    pub(super) fn crash(&mut self) {
        self.memory.crash(self.persisted);
        self.open.clear();
        self.sealed.clear();
        self.asked = self.persisted;
    }

    /// Says whether a record is safe from a power cut.
    pub(super) fn is_durable(&self, id: &RecordId) -> bool {
        self.durable.contains(id)
    }

    /// Says whether a record's bytes are here, durable or not.
    pub(super) fn holds(&mut self, id: &RecordId) -> bool {
        matches!(self.memory.bytes(id), Ok(Some(_)))
    }

    /// Says whether exactly these bytes are here.
    pub(super) fn holds_exactly(&mut self, id: &RecordId, bytes: &[u8]) -> bool {
        matches!(self.memory.bytes(id), Ok(Some(held)) if *held == *bytes)
    }

    /// Returns the bytes of all records in the order in which they came.
    pub(super) fn replay(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.memory.replay()
    }
}

impl Store for Disk {
    type Error = Infallible;

    fn bytes(&mut self, id: &RecordId) -> Result<Option<Arc<[u8]>>, Infallible> {
        self.memory.bytes(id)
    }

    fn stage(&mut self, record: &Record) -> Result<(), Infallible> {
        assert!(!self.holds(&record.id()), "{record:?} is staged twice");
        self.open.push(record.id());
        self.memory.stage(record)
    }

    fn stage_hide(&mut self, tombstone: &Tombstone, due: Timestamp) -> Result<(), Infallible> {
        self.memory.stage_hide(tombstone, due)
    }

    fn hidden(&mut self, id: &RecordId) -> Result<Option<Hidden>, Infallible> {
        self.memory.hidden(id)
    }

    fn all_hidden(&mut self) -> Vec<RecordId> {
        self.memory.all_hidden()
    }

    fn stage_forget(&mut self, id: &RecordId) -> Result<(), Infallible> {
        self.durable.remove(id);
        self.memory.stage_forget(id)
    }

    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), Infallible> {
        self.durable.remove(&tombstone.id);
        self.memory.stage_erase(tombstone)
    }

    fn stage_lift(&mut self, id: &RecordId) -> Result<(), Infallible> {
        self.memory.stage_lift(id)
    }

    fn seal(&mut self) -> Seq {
        let seq = self.memory.seal();
        self.sealed.push_back((seq, std::mem::take(&mut self.open)));
        seq
    }
}
