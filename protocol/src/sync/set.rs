//! The ordered set that is reconciled, and immutable snapshots of it.
//!
//! **Invariant:** the keys are in order and none is there twice; every block's sum is the sum of
//! its ids; a snapshot never changes, whatever is done to the set it was taken from.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::fingerprint::{Fingerprint, Salt, Sum};
use crate::id::RecordId;
use crate::time::Timestamp;

/// The most keys in a block. A fingerprint adds up at most half a block at either end, and an
/// insertion moves half a block: twice as much doubles both, half as much doubles the directory.
const BLOCK_KEYS_MAX: usize = 256;

/// How full bulk building leaves a block, so that the next insertions do not split it at once.
const BLOCK_KEYS_BUILT: usize = 240;

/// By how many keys a block's memory grows when they come one by one: a quarter of a block, for
/// each growth moves the block. What comes in bulk leaves no spare room.
const BLOCK_GROWTH: usize = 64;

/// As many keys as are not worth a walk over all blocks.
const FEW: usize = 8;

/// The place of a record in the order of reconciliation: first by its end, then by its id, so
/// that "alive at this time" is one contiguous range and pruning never looks like a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The end of the record in whole seconds since the epoch; [`Key::NEVER`] when it has none.
    pub until: u64,
    /// The name of the record.
    pub id: RecordId,
}

impl Key {
    /// The `until` of what never ends, after every other.
    pub const NEVER: u64 = u64::MAX;

    /// The first of all keys.
    pub const FIRST: Self = Self::starting(0);

    /// Returns the place of a record that ends at this moment.
    pub fn of(until: Timestamp, id: RecordId) -> Self {
        let until = if until == Timestamp::NEVER { Self::NEVER } else { until.as_secs() };
        Self { until, id }
    }

    /// Returns the first key that can end at this second.
    pub const fn starting(until: u64) -> Self {
        Self { until, id: RecordId([0; 32]) }
    }
}

/// A set of keys, as it changes: the current records of a scope, or the stubs that are counted in
/// one, which are only answered differently by [`Source`](super::Source).
#[derive(Debug, Clone, Default)]
pub struct Set {
    blocks: Vec<Slot>,
    len: usize,
    snapshot: OnceLock<Arc<Snapshot>>,
}

impl Set {
    /// Makes an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Says whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Says whether the key is there.
    pub fn contains(&self, key: &Key) -> bool {
        let slot = self.blocks.get(self.block_of(key));
        slot.is_some_and(|slot| slot.block.keys.binary_search(key).is_ok())
    }

    /// Adds a key; says whether it was not there.
    pub fn insert(&mut self, key: Key) -> bool {
        let at = self.block_of(&key);
        let Some(slot) = self.blocks.get_mut(at) else {
            self.blocks.push(Slot::from(vec![key]));
            self.changed(1, 0);
            return true;
        };
        let Err(place) = slot.block.keys.binary_search(&key) else { return false };
        self.snapshot = OnceLock::new();
        let block = Arc::make_mut(&mut slot.block);
        block.insert(place, key);
        slot.first = block.keys[0];
        if block.keys.len() > BLOCK_KEYS_MAX {
            let upper = block.split();
            self.blocks.insert(at + 1, Slot::from(upper));
        }
        self.changed(1, 0);
        true
    }

    /// Takes a key away; says whether it was there.
    pub fn remove(&mut self, key: &Key) -> bool {
        let at = self.block_of(key);
        let Some(slot) = self.blocks.get_mut(at) else { return false };
        let Ok(place) = slot.block.keys.binary_search(key) else { return false };
        self.snapshot = OnceLock::new();
        let block = Arc::make_mut(&mut slot.block);
        block.remove(place);
        slot.first = block.keys.first().copied().unwrap_or(slot.first);
        if block.keys.len() < BLOCK_KEYS_MAX / 4 {
            self.join(at);
        }
        self.changed(0, 1);
        true
    }

    /// Returns the set as it is now; costs nothing when it has not changed since the last time.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(self.snapshot.get_or_init(|| Arc::new(Snapshot::new(&self.blocks))))
    }

    fn changed(&mut self, more: usize, less: usize) {
        self.len = self.len + more - less;
        self.snapshot = OnceLock::new();
    }

    /// Returns the block in which the key is, or would be.
    fn block_of(&self, key: &Key) -> usize {
        self.blocks.partition_point(|slot| slot.first <= *key).saturating_sub(1)
    }

    /// Merges a block that has become small into a neighbour that has room, or drops it if empty.
    fn join(&mut self, at: usize) {
        let few = self.blocks[at].block.keys.len();
        if few == 0 {
            self.blocks.remove(at);
            return;
        }
        let room = |slot: &Slot| slot.block.keys.len() + few <= BLOCK_KEYS_BUILT;
        let left = if at > 0 && room(&self.blocks[at - 1]) {
            at - 1
        } else if self.blocks.get(at + 1).is_some_and(room) {
            at
        } else {
            return;
        };
        let upper = self.blocks.remove(left + 1).block;
        let lower = Arc::make_mut(&mut self.blocks[left].block);
        lower.keys.reserve_exact(upper.keys.len());
        lower.keys.extend_from_slice(&upper.keys);
        lower.sum = lower.sum.plus(upper.sum);
    }

    /// Appends keys in order, in blocks of equal size.
    fn append(&mut self, keys: &[Key]) {
        let full = keys.len() > BLOCK_KEYS_MAX;
        let blocks = if full { keys.len().div_ceil(BLOCK_KEYS_BUILT) } else { 1 };
        let size = keys.len().div_ceil(blocks).max(1);
        self.blocks.extend(keys.chunks(size).map(|keys| Slot::from(keys.to_vec())));
    }
}

impl Extend<Key> for Set {
    /// Adds many keys: linear in them and in the blocks that they fall into, each of which is
    /// written once; keys that do not come in order are sorted first.
    fn extend<I: IntoIterator<Item = Key>>(&mut self, keys: I) {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        if keys.len() <= FEW {
            for key in keys {
                self.insert(key);
            }
            return;
        }
        if !keys.is_sorted_by(|a, b| a < b) {
            keys.sort_unstable();
            keys.dedup();
        }
        let mut keys = &keys[..];
        let room = self.blocks.len() + keys.len().div_ceil(BLOCK_KEYS_BUILT);
        let old = std::mem::replace(&mut self.blocks, Vec::with_capacity(room));
        let mut old = old.into_iter().peekable();
        while let Some(slot) = old.next() {
            let end =
                old.peek().map_or(keys.len(), |next| keys.partition_point(|key| *key < next.first));
            let (inside, after) = keys.split_at(end);
            keys = after;
            if inside.is_empty() {
                self.blocks.push(slot);
            } else {
                let before = slot.block.keys.len();
                let merged = merge(&slot.block.keys, inside);
                self.changed(merged.len(), before);
                self.append(&merged);
            }
        }
        self.changed(keys.len(), 0);
        self.append(keys);
    }
}

impl FromIterator<Key> for Set {
    /// Builds the set at once: in linear time from keys in order, else after sorting them.
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut set = Self::new();
        set.extend(keys);
        set
    }
}

/// Merges two ascending lists into one.
fn merge(a: &[Key], b: &[Key]) -> Vec<Key> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let mut rest = a;
    for key in b {
        let (before, after) = rest.split_at(rest.partition_point(|other| other < key));
        merged.extend_from_slice(before);
        merged.push(*key);
        rest = after.strip_prefix(std::slice::from_ref(key)).unwrap_or(after);
    }
    merged.extend_from_slice(rest);
    merged
}

/// A block with its first key beside it, so that searching does not touch the blocks.
#[derive(Debug, Clone)]
struct Slot {
    first: Key,
    block: Arc<Block>,
}

impl From<Vec<Key>> for Slot {
    fn from(keys: Vec<Key>) -> Self {
        Self::from(Block::new(keys))
    }
}

impl From<Block> for Slot {
    fn from(block: Block) -> Self {
        Self { first: block.keys[0], block: Arc::new(block) }
    }
}

/// Some hundreds of keys in order, never none, with the sum of their ids.
#[derive(Debug, Clone)]
struct Block {
    keys: Vec<Key>,
    sum: Sum,
}

impl Block {
    fn new(keys: Vec<Key>) -> Self {
        let sum = sum(&keys);
        Self { keys, sum }
    }

    fn insert(&mut self, place: usize, key: Key) {
        if self.keys.len() == self.keys.capacity() {
            self.keys.reserve_exact(BLOCK_GROWTH);
        }
        self.keys.insert(place, key);
        self.sum = self.sum.plus(Sum::from(&key.id));
    }

    fn remove(&mut self, place: usize) {
        let key = self.keys.remove(place);
        self.sum = self.sum.minus(Sum::from(&key.id));
    }

    /// Cuts the block in two and returns the upper half.
    fn split(&mut self) -> Self {
        let upper = Self::new(self.keys.split_off(self.keys.len() / 2));
        self.keys.shrink_to(self.keys.len() + BLOCK_GROWTH);
        self.sum = self.sum.minus(upper.sum);
        upper
    }
}

fn sum(keys: &[Key]) -> Sum {
    Sum::of(keys.iter().map(|key| &key.id))
}

/// A set as it was at one moment. Sharing it is an `Arc`; its blocks are shared with the set until
/// the set changes them.
///
/// A key's *rank* is its position, 0 for the first. Every question costs a binary search and at
/// most half a block.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    directory: Vec<Entry>,
    len: usize,
    total: Sum,
    /// The key of the hashes that are added up; none when the ids themselves are.
    salt: Option<Salt>,
}

/// Where a block lies in the whole: what is before it, and its first key beside the block itself,
/// so that searching touches one piece of memory.
#[derive(Debug, Clone)]
struct Entry {
    first: Key,
    start: usize,
    before: Sum,
    block: Arc<Block>,
}

impl Snapshot {
    fn new(blocks: &[Slot]) -> Self {
        let mut snapshot = Self { directory: Vec::with_capacity(blocks.len()), ..Self::default() };
        for Slot { first, block } in blocks {
            snapshot.directory.push(Entry {
                first: *first,
                start: snapshot.len,
                before: snapshot.total,
                block: Arc::clone(block),
            });
            snapshot.len += block.keys.len();
            snapshot.total = snapshot.total.plus(block.sum);
        }
        snapshot
    }

    /// Returns the same keys with the fingerprints that they have under a salt: each is hashed once.
    pub(super) fn salted(&self, salt: Salt) -> Self {
        let directory = Vec::with_capacity(self.directory.len());
        let mut salted = Self { directory, len: self.len, total: Sum::default(), salt: Some(salt) };
        for entry in &self.directory {
            salted.directory.push(Entry { before: salted.total, ..entry.clone() });
            salted.total = salted.total.plus(salted.sum(&entry.block.keys));
        }
        salted
    }

    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Says whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the key of this rank, if there are so many.
    pub fn key(&self, rank: usize) -> Option<&Key> {
        let entry = self.entry(rank)?;
        entry.block.keys.get(rank - entry.start)
    }

    /// Returns how many keys come before this one, whether or not it is there itself.
    pub fn rank(&self, key: &Key) -> usize {
        let after = self.directory.partition_point(|entry| entry.first < *key);
        let Some(entry) = after.checked_sub(1).map(|at| &self.directory[at]) else { return 0 };
        entry.start + entry.block.keys.partition_point(|other| other.cmp(key) == Ordering::Less)
    }

    /// Says whether the key is there.
    pub fn contains(&self, key: &Key) -> bool {
        self.key(self.rank(key)) == Some(key)
    }

    /// Walks the keys from this rank to before that one, or to the end.
    pub fn keys(&self, from: usize, to: usize) -> impl Iterator<Item = &Key> {
        let at = self.directory.partition_point(|entry| entry.start <= from).saturating_sub(1);
        let skipped = self.directory.get(at).map_or(0, |entry| from - entry.start);
        let keys = self.directory[at..].iter().flat_map(|entry| &entry.block.keys);
        keys.skip(skipped).take(to.saturating_sub(from))
    }

    /// Returns the fingerprint of the keys from this rank to before that one. Ranks beyond the end
    /// mean the end.
    pub fn fingerprint(&self, from: usize, to: usize) -> Fingerprint {
        let (from, to) = (from.min(self.len), to.min(self.len));
        let sum = self.sum_before(to).minus(self.sum_before(from));
        Fingerprint::new(sum, to.saturating_sub(from))
    }

    /// Returns the fingerprints of what lies between one of these ascending ranks and the next.
    pub(crate) fn fingerprints(&self, ranks: impl Iterator<Item = usize>) -> Vec<Fingerprint> {
        let mut edges = ranks.map(|rank| (rank, self.sum_before(rank)));
        let Some(mut last) = edges.next() else { return Vec::new() };
        let between = edges.map(|edge| {
            let (from, below) = std::mem::replace(&mut last, edge);
            Fingerprint::new(edge.1.minus(below), edge.0 - from)
        });
        between.collect()
    }

    /// Returns the sum of what comes before this rank.
    fn sum_before(&self, rank: usize) -> Sum {
        let Some((at, entry)) = self.place(rank) else { return self.total };
        let (below, above) = entry.block.keys.split_at(rank - entry.start);
        if below.len() <= above.len() {
            entry.before.plus(self.sum(below))
        } else {
            let after = self.directory.get(at + 1).map_or(self.total, |next| next.before);
            after.minus(self.sum(above))
        }
    }

    fn sum(&self, keys: &[Key]) -> Sum {
        Sum::under(self.salt.as_ref(), keys.iter().map(|key| &key.id))
    }

    fn entry(&self, rank: usize) -> Option<&Entry> {
        self.place(rank).map(|(_, entry)| entry)
    }

    /// Returns the block of the key of this rank, and which it is.
    fn place(&self, rank: usize) -> Option<(usize, &Entry)> {
        if rank >= self.len {
            return None;
        }
        let after = self.directory.partition_point(|entry| entry.start <= rank);
        let at = after.checked_sub(1)?;
        self.directory.get(at).map(|entry| (at, entry))
    }
}
