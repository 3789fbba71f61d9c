//! The index as its readers see it: what is not yet in sled lies over what is.
//!
//! Three layers, newest first: `active` takes new entries, `frozen` is being written into sled by
//! the indexing thread, and sled holds the rest. The two upper ones are sorted maps, so sled gets
//! its entries in the order it likes best.
//!
//! **Invariant:** an entry is visible from the moment it is put here, and never leaves one layer
//! before it is in the next.
//!
//! **Invariant:** without sled (a full disk, say) everything stays in `active` and is found there.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use weft_protocol::id::RecordId;

use super::hidden::Hidden;
use super::index::{Index, IndexError};
use super::item::{Hiding, Span};

/// Where records stand, by id: `None` for one that is gone, whatever an older layer says.
pub(crate) type Entries = BTreeMap<RecordId, Option<Span>>;

/// Entries that may wait for sled, twice as many for a moment: some 20 MiB. With many more a small
/// computer would feel it; with few, a burst would wait for sled instead of the journal.
const WAITING_MAX: usize = 1 << 18;

/// How long no entry has come before they go to sled: under load the journal is served first.
const REST: Duration = Duration::from_millis(50);

/// How many entries go to sled without such a rest: some 3 MiB. Twice as many cost sled a little
/// less each, because more neighbours meet the same page, and memory twice as much.
const WAITING_FEW: usize = 1 << 15;

/// The layered index.
#[derive(Debug)]
pub(crate) struct Catalog {
    layers: RwLock<Layers>,
    signal: Mutex<Signal>,
    changed: Condvar,
}

/// The layers themselves, behind one lock.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    active: Entries,
    frozen: Arc<Entries>,
    index: Option<Arc<Index>>,
    /// What no layer leads to, though it stands.
    pub(crate) hidden: Hidden,
    closed: bool,
}

/// What the indexing thread is told.
#[derive(Debug, Default)]
struct Signal {
    work: bool,
    stop: bool,
}

impl Layers {
    /// Enters where a record stands, or that it is gone.
    pub(crate) fn put(&mut self, id: RecordId, span: Option<Span>) {
        self.active.insert(id, span);
    }

    /// Empties all layers and lets go of the index, which has failed.
    pub(crate) fn clear(&mut self) {
        let failed = std::mem::take(self);
        if let Some(index) = failed.index {
            index.abandon();
        }
    }

    /// Takes an empty index under the layers, or none.
    pub(crate) fn put_under(&mut self, index: Option<Index>) {
        self.index = index.map(Arc::new);
    }

    /// Ends all reading and takes the index out, with whether it has everything.
    pub(crate) fn close(&mut self) -> Option<(Arc<Index>, bool)> {
        self.closed = true;
        let drained = self.active.is_empty() && self.frozen.is_empty();
        self.index.take().map(|index| (index, drained))
    }

    /// Says whether a record is in the layers above the index.
    pub(crate) fn holds(&self, id: &RecordId) -> bool {
        self.above(id).is_some_and(|span| span.is_some())
    }

    fn above(&self, id: &RecordId) -> Option<Option<Span>> {
        self.active.get(id).or_else(|| self.frozen.get(id)).copied()
    }

    /// Writes what waits into the index, when too much waits; for long work under the lock.
    pub(crate) fn drain_if_full(&mut self) -> Result<(), IndexError> {
        if self.active.len() >= WAITING_MAX
            && let Some(index) = &self.index
        {
            index.apply(&self.active)?;
            self.active.clear();
        }
        Ok(())
    }

    fn get(&self, id: &RecordId) -> Result<Option<Span>, IndexError> {
        match (self.above(id), &self.index) {
            _ if self.closed => Err(IndexError::Closed),
            (None, Some(index)) => index.get(id),
            (above, _) => Ok(above.flatten()),
        }
    }
}

impl Catalog {
    /// Makes a catalog over an index that does not lead to what is hidden, or one that keeps
    /// everything in memory.
    pub(crate) fn new(index: Option<Index>, hidden: Hidden) -> Self {
        let layers = Layers { index: index.map(Arc::new), hidden, ..Layers::default() };
        Self { layers: RwLock::new(layers), signal: Mutex::default(), changed: Condvar::new() }
    }

    fn read(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the layers for changes of several steps.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns where a record stands.
    pub(crate) fn get(&self, id: &RecordId) -> Result<Option<Span>, IndexError> {
        self.read().get(id)
    }

    /// Returns what is known of a record that stands and is not to be found.
    pub(crate) fn hiding(&self, id: &RecordId) -> Option<Hiding> {
        self.read().hidden.get(id).cloned()
    }

    /// Returns the ids of all that is hidden.
    pub(crate) fn all_hidden(&self) -> Vec<RecordId> {
        self.read().hidden.ids().collect()
    }

    /// Counts the records that stand where it says yes.
    pub(crate) fn count(&self, is_meant: impl Fn(Span) -> bool) -> Result<u64, IndexError> {
        let layers = self.read();
        let mut above = Entries::clone(&layers.frozen);
        above.extend(&layers.active);
        let index = layers.index.clone();
        // Nobody waits for a walk through all of sled.
        drop(layers);
        let counts = |span: Span| u64::from(is_meant(span));
        let mut count = above.values().copied().flatten().map(counts).sum();
        if let Some(index) = index {
            index.visit(|id, span| {
                if !above.contains_key(&id) {
                    count += counts(span);
                }
            })?;
        }
        Ok(count)
    }

    /// Returns how many entries wait for sled, and the bytes that sled has on disk.
    pub(crate) fn sizes(&self) -> (usize, u64) {
        let layers = self.read();
        let on_disk = layers.index.as_ref().and_then(|index| index.size().ok());
        (layers.active.len() + layers.frozen.len(), on_disk.unwrap_or(0))
    }

    /// Tells the indexing thread that there is something to write.
    pub(crate) fn wake(&self) {
        self.signal.lock().unwrap_or_else(PoisonError::into_inner).work = true;
        self.changed.notify_all();
    }

    /// Tells the indexing thread to write what there is and to end.
    pub(crate) fn stop(&self) {
        self.signal.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.changed.notify_all();
    }

    /// Waits until fewer entries wait than may.
    pub(crate) fn wait_for_room(&self) {
        let full = || {
            let layers = self.read();
            layers.index.is_some() && layers.active.len() >= WAITING_MAX
        };
        let mut signal = self.signal.lock().unwrap_or_else(PoisonError::into_inner);
        while full() && !signal.stop {
            signal.work = true;
            self.changed.notify_all();
            let waited = self.changed.wait_timeout(signal, REST);
            signal = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for work and does it, once; for the indexing thread.
    ///
    /// Returns whether there may be more to come.
    ///
    /// # Errors
    /// The index failed: it must be rebuilt from the journal, which has everything.
    pub(crate) fn index_some(&self) -> Result<bool, IndexError> {
        let mut signal = self.signal.lock().unwrap_or_else(PoisonError::into_inner);
        while !signal.work && !signal.stop {
            signal = self.changed.wait(signal).unwrap_or_else(PoisonError::into_inner);
        }
        let many = || self.read().active.len() >= WAITING_FEW;
        while signal.work && !signal.stop && !many() {
            signal.work = false;
            let news = |signal: &mut Signal| !signal.work && !signal.stop;
            let rested = self.changed.wait_timeout_while(signal, REST, news);
            signal = rested.unwrap_or_else(PoisonError::into_inner).0;
        }
        signal.work = false;
        let more = !signal.stop;
        drop(signal);
        self.drain()?;
        Ok(more)
    }

    /// Writes everything that waits into sled.
    fn drain(&self) -> Result<(), IndexError> {
        let mut layers = self.write();
        let Some(index) = layers.index.clone() else { return Ok(()) };
        let active = std::mem::take(&mut layers.active);
        layers.frozen = Arc::new(active);
        let frozen = Arc::clone(&layers.frozen);
        drop(layers);
        if let Err(error) = index.apply(&frozen) {
            index.abandon();
            return Err(error);
        }
        let mut layers = self.write();
        // A rebuild may have put other layers in place meanwhile.
        if Arc::ptr_eq(&layers.frozen, &frozen) {
            layers.frozen = Arc::default();
        }
        drop(layers);
        self.changed.notify_all();
        Ok(())
    }
}
