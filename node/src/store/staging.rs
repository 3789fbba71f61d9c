//! What the engine has staged and the disk does not have yet.
//!
//! Where an item will stand is known when it is staged, because the journal only grows. So staged
//! records are found by the same index as all others, and a write that failed is repeated to the
//! same place.
//!
//! **Invariant:** `durable ≤ position of every staged item < end`, without gaps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Seq;
use super::wipe::Wipe;

/// Everything staged.
#[derive(Debug)]
pub(crate) struct Staging {
    items: BTreeMap<u64, Arc<[u8]>>,
    batches: VecDeque<Batch>,
    /// The wipes of the batch that is not sealed yet.
    wipes: Vec<Wipe>,
    end: u64,
    sealed: Seq,
    /// Whether nothing can be written at the moment.
    pub(crate) refusing: bool,
}

/// What one sealed batch asks of the writer.
#[derive(Debug)]
struct Batch {
    seq: Seq,
    end: u64,
    wipes: Vec<Wipe>,
}

/// What the writer has to do to make some batches durable.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) items: Vec<Arc<[u8]>>,
    pub(crate) wipes: Vec<Wipe>,
}

impl Staging {
    /// Begins behind the durable part of the journal.
    pub(crate) fn new(durable: u64) -> Self {
        Self {
            items: BTreeMap::new(),
            batches: VecDeque::new(),
            wipes: vec![],
            end: durable,
            sealed: Seq(0),
            refusing: false,
        }
    }

    /// Adds an item and its check, and returns where it will stand.
    pub(crate) fn push(&mut self, item: Vec<u8>) -> u64 {
        let position = self.end;
        self.end += item.len() as u64;
        self.items.insert(position, item.into());
        position
    }

    /// Adds an order to overwrite, to be done after all items of its batch are durable.
    pub(crate) fn wipe(&mut self, wipe: Wipe) {
        self.wipes.push(wipe);
    }

    /// Returns where the next item will stand.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Returns how many bytes are staged, in memory only, behind the durable part.
    pub(crate) fn bytes(&self) -> u64 {
        self.items.first_key_value().map_or(0, |(first, _)| self.end - first)
    }

    /// Returns the staged item at a position.
    pub(crate) fn item(&self, position: u64) -> Option<Arc<[u8]>> {
        self.items.get(&position).cloned()
    }

    /// Returns all staged items.
    pub(crate) fn items(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.items.iter().map(|(position, item)| (*position, &**item))
    }

    /// Closes the batch and returns its number.
    pub(crate) fn seal(&mut self) -> Seq {
        self.sealed.0 += 1;
        let wipes = std::mem::take(&mut self.wipes);
        self.batches.push_back(Batch { seq: self.sealed, end: self.end, wipes });
        self.sealed
    }

    /// Returns what is to be done for all batches up to `seq`, and the last of them.
    pub(crate) fn work(&self, seq: Seq) -> (Seq, Work) {
        let mut work = Work::default();
        let mut last = None;
        for batch in self.batches.iter().take_while(|batch| batch.seq <= seq) {
            work.wipes.extend_from_slice(&batch.wipes);
            last = Some((batch.seq, batch.end));
        }
        let (seq, end) = last.unwrap_or((seq, 0));
        work.items = self.items.range(..end).map(|(_, item)| Arc::clone(item)).collect();
        (seq, work)
    }

    /// Forgets the items that are in the journal now.
    pub(crate) fn appended(&mut self, durable: u64) {
        self.items = self.items.split_off(&durable);
    }

    /// Forgets the batches that are done.
    pub(crate) fn done(&mut self, seq: Seq) {
        while self.batches.front().is_some_and(|batch| batch.seq <= seq) {
            self.batches.pop_front();
        }
    }
}
