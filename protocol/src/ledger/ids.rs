//! Short handles for long names, so that the state of many records fits into memory.
//!
//! **Invariant:** handles are given in order of arrival and mean nothing: whatever is shown, sorted
//! or compared between nodes goes by the name.
//!
//! **Invariant:** whatever names there are, one is found in a bucket of fixed size or by halving.

use std::collections::BTreeMap;

/// The short name of 32 bytes.
pub(super) type Handle = u32;

/// No handle.
pub(super) const NONE: Handle = Handle::MAX;

/// How many names a bucket holds on average before there are twice as many buckets: to look
/// through one is to look at one or two lines of the processor's cache.
const BUCKET_NAMES: usize = 12;

/// The most names in a bucket. Of names that are hashes not one bucket in a life of the universe has
/// so many; those that somebody made alike go where they are found by halving.
const BUCKET_MAX: usize = 128;

/// Names and their handles.
#[derive(Debug)]
pub(super) struct Ids {
    names: Vec<[u8; 32]>,
    /// In each bucket, in order, the first four bytes of each name and its handle in one number.
    /// The bucket is said by the first bits of the name. Most names are hashes and begin all
    /// differently, but authors may name what they like.
    buckets: Vec<Vec<u64>>,
    /// The names for which their bucket had no room: none, unless somebody chose them so.
    crowded: BTreeMap<[u8; 32], Handle>,
    free: Vec<Handle>,
}

impl Default for Ids {
    fn default() -> Self {
        let (buckets, crowded) = (vec![Vec::new(); 2], BTreeMap::new());
        Self { names: Vec::new(), buckets, crowded, free: Vec::new() }
    }
}

/// Returns the number below which are all names that begin lower.
fn beginning(name: &[u8; 32]) -> u64 {
    name.first_chunk().map_or(0, |first| u64::from(u32::from_be_bytes(*first)) << 32)
}

/// Takes the number apart again.
fn halves(place: u64) -> (u32, Handle) {
    let [a, b, c, d, handle @ ..] = place.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), Handle::from_be_bytes(handle))
}

fn handle(place: u64) -> Handle {
    halves(place).1
}

impl Ids {
    /// Returns the handle of a name, a new one if it has none.
    pub(super) fn intern(&mut self, name: &[u8; 32]) -> Handle {
        self.find(name).unwrap_or_else(|| self.add(name))
    }

    /// Gives a handle to a name that has none.
    pub(super) fn add(&mut self, name: &[u8; 32]) -> Handle {
        let handle = self.free.pop().unwrap_or_else(|| {
            self.names.push(*name);
            // Four thousand million names of 32 bytes do not fit into any node's memory.
            Handle::try_from(self.names.len() - 1).unwrap_or(NONE)
        });
        self.names[handle as usize] = *name;
        if self.len() > self.buckets.len() * BUCKET_NAMES {
            self.spread();
        }
        let place = beginning(name) | u64::from(handle);
        let at = self.bucket(place);
        let bucket = &mut self.buckets[at];
        if bucket.len() >= BUCKET_MAX {
            self.crowded.insert(*name, handle);
            return handle;
        }
        bucket.insert(bucket.partition_point(|other| *other < place), place);
        handle
    }

    /// Returns the handle of a name that has one.
    pub(super) fn find(&self, name: &[u8; 32]) -> Option<Handle> {
        let first = beginning(name);
        let bucket = &self.buckets[self.bucket(first)];
        let from = bucket.partition_point(|place| *place < first);
        let alike = bucket[from..].iter().take_while(|place| **place - first <= u64::from(NONE));
        let mut handles = alike.map(|place| handle(*place));
        let here = handles.find(|handle| self.names[*handle as usize] == *name);
        here.or_else(|| self.crowded.get(name).copied())
    }

    fn bucket(&self, place: u64) -> usize {
        // The number of buckets is a power of two and at least two: as many bits say which.
        (halves(place).0 >> (32 - self.buckets.len().trailing_zeros())) as usize
    }

    /// Makes twice as many buckets.
    fn spread(&mut self) {
        let count = self.buckets.len() * 2;
        let old = std::mem::replace(&mut self.buckets, Vec::with_capacity(count));
        for mut lower in old {
            // This bucket and what was taken off it are the next two: half of the bits say where
            // the second begins.
            let second = u64::try_from(self.buckets.len() + 1).unwrap_or(u64::MAX);
            let middle = second << (64 - count.trailing_zeros());
            let upper = lower.split_off(lower.partition_point(|place| *place < middle));
            lower.shrink_to(BUCKET_NAMES);
            self.buckets.extend([lower, upper]);
        }
    }

    /// Returns the name.
    pub(super) fn name(&self, handle: Handle) -> [u8; 32] {
        self.names.get(handle as usize).copied().unwrap_or_default()
    }

    /// Returns the handles of all names in this range, in the order of the names.
    pub(super) fn range(&self, low: [u8; 32], high: [u8; 32]) -> Vec<Handle> {
        let buckets = self.bucket(beginning(&low))..=self.bucket(beginning(&high));
        let inside = |handle: &Handle| (low..=high).contains(&self.names[*handle as usize]);
        let places = self.buckets[buckets].iter().flatten();
        let crowded = self.crowded.range(low..=high).map(|(_, handle)| *handle);
        let here = places.map(|place| handle(*place)).filter(inside);
        let mut handles: Vec<Handle> = here.chain(crowded).collect();
        handles.sort_unstable_by_key(|handle| self.name(*handle));
        handles
    }

    /// Returns how many names have a handle.
    pub(super) fn len(&self) -> usize {
        self.names.len() - self.free.len()
    }

    /// Returns a mark for each handle, to say which ones are used.
    pub(super) fn unused(&self) -> Vec<bool> {
        vec![false; self.names.len()]
    }

    /// Takes back the handles that are not used.
    pub(super) fn sweep(&mut self, used: &[bool]) {
        let free = &mut self.free;
        for bucket in &mut self.buckets {
            bucket.retain(|place| {
                let keep = used.get(handle(*place) as usize).copied().unwrap_or(false);
                if !keep {
                    free.push(handle(*place));
                }
                keep
            });
        }
        self.crowded.retain(|_, handle| {
            let keep = used.get(*handle as usize).copied().unwrap_or(false);
            if !keep {
                free.push(*handle);
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that begins as many others do.
    fn alike(n: usize) -> [u8; 32] {
        let mut name = [7; 32];
        name[8..16].copy_from_slice(&n.to_be_bytes());
        name
    }

    #[test]
    fn names_that_were_made_to_begin_alike_fill_no_bucket_and_are_all_found() {
        let mut ids = Ids::default();
        let handles: Vec<Handle> = (0..10_000).map(|n| ids.intern(&alike(n))).collect();
        assert!(ids.buckets.iter().all(|bucket| bucket.len() <= BUCKET_MAX));
        for (n, handle) in handles.iter().enumerate() {
            assert_eq!(ids.intern(&alike(n)), *handle);
            assert_eq!(ids.name(*handle), alike(n));
        }
        assert_eq!(ids.len(), 10_000);
        assert_eq!(ids.find(&alike(10_000)), None);
        assert_eq!(ids.range(alike(5), alike(9_004)).len(), 9_000);
        let mut used = ids.unused();
        (0..10_000).step_by(2).for_each(|n| used[handles[n] as usize] = true);
        ids.sweep(&used);
        assert_eq!(ids.len(), 5_000);
        assert_eq!(ids.find(&alike(4_001)), None);
        assert_eq!(ids.find(&alike(4_002)), Some(handles[4_002]));
    }
}
