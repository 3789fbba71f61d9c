//! What the engine's thread, the readers, the writer and the indexing thread hold in common.
//!
//! **Invariant:** locks are taken in one order: staging, then the catalog's layers.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use weft_protocol::id::RecordId;

use super::catalog::{Catalog, Layers};
use super::files::Files;
use super::frame::record_id;
use super::index::{Index, IndexError};
use super::item::{Item, Span, parse};
use super::journal::Journal;
use super::scan::{Scan, Step};
use super::staging::Staging;
use super::wipe::{self, Wipe};
use super::writer::PersistError;
use super::{Event, Seq};
use crate::part::Part;

/// Where events go: called on the store's threads, so it must be quick and must not wait.
pub(crate) type Events = Box<dyn Fn(Event) + Send + Sync>;

/// The parts of an opened store.
pub(crate) struct Shared {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) paths: Paths,
    pub(crate) cache_bytes: u64,
    pub(crate) journal: Journal,
    pub(crate) catalog: Catalog,
    pub(crate) staging: Mutex<Staging>,
    pub(crate) events: Events,
}

/// The names in the store's folder.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub(crate) dir: PathBuf,
    pub(crate) journal: PathBuf,
    pub(crate) fresh: PathBuf,
    pub(crate) quarantine: PathBuf,
    pub(crate) erasing: PathBuf,
    pub(crate) index: PathBuf,
}

impl Paths {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            journal: dir.join("journal"),
            fresh: dir.join("journal.new"),
            quarantine: dir.join("journal.quarantine"),
            erasing: dir.join("journal.erasing"),
            index: dir.join("index"),
        }
    }
}

/// Tells that a thread has ended, by whatever way it does.
pub(crate) struct End<'a> {
    shared: &'a Shared,
    part: Part,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        if self.part == Part::Index {
            // Nobody makes room for the writer any more, so it must not wait for any.
            self.shared.catalog.stop();
        }
        (self.shared.events)(Event::Ended(self.part));
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Shared {
    /// Returns what tells, when it is dropped, that a thread has ended.
    pub(crate) fn tells_end_of(&self, part: Part) -> End<'_> {
        End { shared: self, part }
    }

    pub(crate) fn staging(&self) -> MutexGuard<'_, Staging> {
        self.staging.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes all batches up to one durable and returns the last of them.
    pub(crate) fn persist(&self, seq: Seq) -> Result<Seq, PersistError> {
        let (seq, work) = self.staging().work(seq);
        let written = self.write(&work.items, &work.wipes);
        let mut staging = self.staging();
        staging.appended(self.journal.durable());
        match written {
            Ok(()) => {
                staging.done(seq);
                staging.refusing = false;
                drop(staging);
                self.catalog.wake();
                Ok(seq)
            }
            Err(error) => {
                staging.refusing = true;
                Err(PersistError::from(error))
            }
        }
    }

    fn write(&self, items: &[Arc<[u8]>], wipes: &[Wipe]) -> io::Result<()> {
        if !wipes.is_empty() {
            wipe::note(&*self.files, &self.paths, wipes)?;
        }
        if !items.is_empty() {
            self.journal.append(items)?;
        }
        if !wipes.is_empty() {
            self.journal.wipe(wipes)?;
            wipe::forget(&*self.files, &self.paths)?;
        }
        Ok(())
    }

    /// Reads an item's first bytes, wherever it is at the moment; fewer where fewer are left.
    pub(crate) fn read(&self, position: u64, len: usize) -> io::Result<Vec<u8>> {
        if position >= self.journal.durable()
            && let Some(item) = self.staging().item(position)
        {
            return Ok(item[..len.min(item.len())].to_vec());
        }
        self.journal.read(position, len)
    }

    /// Returns where a record stands.
    pub(crate) fn span(&self, id: &RecordId) -> io::Result<Option<Span>> {
        self.ask(|catalog| catalog.get(id))
    }

    /// Asks the catalog, and rebuilds the index under it when it fails.
    pub(crate) fn ask<T>(
        &self,
        question: impl Fn(&Catalog) -> Result<T, IndexError>,
    ) -> io::Result<T> {
        match question(&self.catalog) {
            Ok(answer) => Ok(answer),
            Err(IndexError::Closed) => Err(io::Error::other(IndexError::Closed)),
            Err(error) => {
                self.rebuild(&error)?;
                question(&self.catalog).map_err(io::Error::other)
            }
        }
    }

    /// Fills a new index from the journal; readers wait until everything is found again.
    pub(crate) fn rebuild(&self, cause: &(dyn std::error::Error + 'static)) -> io::Result<()> {
        if self.staging().end() > 0 {
            tracing::warn!(cause, "the index is moved aside and rebuilt from the journal");
        }
        let staging = self.staging();
        let mut layers = self.catalog.write();
        layers.clear();
        let index = Index::create(&self.paths.index, self.cache_bytes);
        let index = index.inspect_err(|error| {
            tracing::warn!(error = error as &dyn std::error::Error, "the index stays in memory");
        });
        layers.put_under(index.ok());
        self.fill(&mut layers)?;
        for (position, item) in staging.items() {
            if let Some(checked) = parse(item) {
                enter(&mut layers, position, &checked.item, &item[..checked.len]);
            }
        }
        drop(layers);
        self.catalog.wake();
        Ok(())
    }

    /// Enters every item of the durable journal into the layers.
    pub(crate) fn fill(&self, layers: &mut Layers) -> io::Result<()> {
        let mut scan = Scan::new(self.journal.file(), self.journal.durable());
        while let Some(step) = scan.step()? {
            if let Step::Item { position, checked, bytes } = step {
                enter(layers, position, &checked.item, bytes);
            }
            layers.drain_if_full().map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Moves entries into sled until the catalog is told to stop; for the indexing thread.
    pub(crate) fn index_until_stopped(&self) {
        loop {
            match self.catalog.index_some() {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    if let Err(error) = self.rebuild(&error) {
                        tracing::error!(%error, "the index cannot be rebuilt");
                        return;
                    }
                }
            }
        }
    }

    /// Closes the index, and seals it when it has all that the journal has and nothing else.
    pub(crate) fn close_index(&self) {
        let whole = self.staging().end() == self.journal.durable();
        let Some((index, drained)) = self.catalog.write().close() else { return };
        if !whole || !drained {
            index.abandon();
            return;
        }
        let closed = self.journal.describe().map_err(IndexError::Io).and_then(|journal| {
            let index = Arc::into_inner(index).ok_or(IndexError::Closed)?;
            index.close(&journal)
        });
        if let Err(error) = closed {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the index is not closed in order; the next start rebuilds it");
        }
    }
}

/// Enters one item of the journal into the layers.
fn enter(layers: &mut Layers, position: u64, item: &Item, bytes: &[u8]) {
    match item {
        Item::Record => {
            if let Some(id) = record_id(bytes) {
                layers.put(id, Some(Span::new(position, bytes)));
            }
        }
        Item::Erased => {}
        note => {
            if let Some((id, span)) = layers.hidden.follow(note) {
                layers.put(id, span);
            }
        }
    }
}
