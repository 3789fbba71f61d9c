//! The engine's view of the store on disk.
//!
//! **Invariant:** what the store tells on its own is kept as its latest state, so nobody has to
//! keep up with it and nothing of it can be lost.

use std::sync::Arc;

use tokio::sync::watch;
use weft_protocol::engine::{Hidden, Seq, Store};
use weft_protocol::id::RecordId;
use weft_protocol::ledger::Tombstone;
use weft_protocol::record::{Kind, Record, Unverified};
use weft_protocol::time::Timestamp;

use crate::part::Part;
use crate::store::{self, Disk, OpenError, Options, ReadError, Reader, Writer};

/// How far the disk is, and how it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct DiskState {
    /// The last batch that is durable.
    pub(crate) persisted: Seq,
    /// Why nothing is taken at the moment, in plain words.
    pub(crate) refusing: Option<String>,
    /// How many stored records turned out to be unreadable since the start.
    pub(crate) damaged: u64,
    /// Which of the store's threads has ended.
    pub(crate) ended: Option<Part>,
}

/// The store on disk, as the engine sees it.
#[derive(Debug)]
pub(crate) struct DiskStore {
    disk: Disk,
    reader: Reader,
}

/// A read failed: the only failure that ends a node. A disk that takes no writes is a state.
#[derive(Debug, thiserror::Error)]
#[error("reading the store failed")]
pub(crate) struct DiskError(#[from] ReadError);

impl DiskStore {
    /// Opens the store and returns what tells how far it is.
    pub(crate) fn open(options: Options) -> Result<(Self, watch::Receiver<DiskState>), OpenError> {
        let (tell, state) = watch::channel(DiskState::default());
        let disk = Disk::open(options, move |event| {
            tell.send_modify(|state| match event {
                store::Event::Persisted(seq) => {
                    state.persisted = Seq(seq.0);
                    state.refusing = None;
                }
                store::Event::Refusing(error) => state.refusing = Some(plain(&error)),
                store::Event::Damaged(_) => state.damaged += 1,
                store::Event::Ended(part) => state.ended = state.ended.or(Some(part)),
            });
        })?;
        let reader = disk.reader();
        Ok((Self { disk, reader }, state))
    }

    pub(crate) fn reader(&self) -> Reader {
        self.reader.clone()
    }

    pub(crate) fn writer(&self) -> Writer {
        self.disk.writer()
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Returns what stays of a record, with its kind.
    fn tombstone(&self, tombstone: &Tombstone) -> Result<store::Tombstone, DiskError> {
        let Tombstone { id, net, until, .. } = *tombstone;
        if let Some((hiding, _)) = self.disk.hidden(&id)? {
            return Ok(hiding.tombstone);
        }
        let bytes = self.reader.bytes(&id)?;
        let record = bytes.and_then(|bytes| Unverified::decode(&bytes).ok());
        let kind = record.map(|record| record.assume_verified().header().kind.clone());
        // A target that never came has no kind here; its tombstone only has to keep it out.
        let kind = kind.unwrap_or(Kind::End);
        Ok(store::Tombstone { id, net, kind, until })
    }
}

/// An error with its causes, on one line.
pub(crate) fn plain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Store for DiskStore {
    type Error = DiskError;

    fn bytes(&mut self, id: &RecordId) -> Result<Option<Arc<[u8]>>, DiskError> {
        Ok(self.reader.bytes(id)?)
    }

    fn stage(&mut self, record: &Record) -> Result<(), DiskError> {
        self.disk.stage(record);
        Ok(())
    }

    fn stage_hide(&mut self, tombstone: &Tombstone, due: Timestamp) -> Result<(), DiskError> {
        let tombstone = self.tombstone(tombstone)?;
        Ok(self.disk.stage_hide(&tombstone, due)?)
    }

    fn hidden(&mut self, id: &RecordId) -> Result<Option<Hidden>, DiskError> {
        let hidden = self.disk.hidden(id)?;
        Ok(hidden.map(|(hiding, bytes)| Hidden { due: hiding.due, bytes: bytes.into() }))
    }

    fn all_hidden(&mut self) -> Vec<RecordId> {
        self.disk.all_hidden()
    }

    fn stage_forget(&mut self, id: &RecordId) -> Result<(), DiskError> {
        Ok(self.disk.stage_forget(id)?)
    }

    fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), DiskError> {
        let tombstone = self.tombstone(tombstone)?;
        Ok(self.disk.stage_erase(&tombstone)?)
    }

    fn stage_lift(&mut self, id: &RecordId) -> Result<(), DiskError> {
        self.disk.stage_lift(id);
        Ok(())
    }

    fn seal(&mut self) -> Seq {
        Seq(self.disk.seal().0)
    }
}
