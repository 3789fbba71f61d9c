//! Short handles for long names, so that the state of many records fits into memory.
//!
//! **Invariant:** handles are given in order of arrival and mean nothing: whatever is shown, sorted
//! or compared between nodes goes by the name.

use std::collections::BTreeSet;

/// The short name of 32 bytes.
pub(super) type Handle = u32;

/// No handle.
pub(super) const NONE: Handle = Handle::MAX;

/// Names and their handles.
#[derive(Debug, Default)]
pub(super) struct Ids {
    names: Vec<[u8; 32]>,
    /// The first four bytes of each name, then its handle, in one number. Names are hashes: more
    /// than a few begin alike only if somebody made them so, at 2^32 hashes for each.
    order: BTreeSet<u64>,
    free: Vec<Handle>,
}

/// Returns the number below which are all names that begin lower.
fn beginning(name: &[u8; 32]) -> u64 {
    name.first_chunk().map_or(0, |first| u64::from(u32::from_be_bytes(*first)) << 32)
}

fn handle(place: u64) -> Handle {
    // Cuts off the beginning of the name, which is above.
    (place & u64::from(Handle::MAX)) as Handle
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
        self.order.insert(beginning(name) | u64::from(handle));
        handle
    }

    /// Returns the handle of a name that has one.
    pub(super) fn find(&self, name: &[u8; 32]) -> Option<Handle> {
        let first = beginning(name);
        let alike =
            self.order.range(first..).take_while(|place| **place - first <= u64::from(NONE));
        alike.map(|place| handle(*place)).find(|handle| self.names[*handle as usize] == *name)
    }

    /// Returns the name.
    pub(super) fn name(&self, handle: Handle) -> [u8; 32] {
        self.names.get(handle as usize).copied().unwrap_or_default()
    }

    /// Returns the handles of all names in this range, in the order of the names.
    pub(super) fn range(&self, low: [u8; 32], high: [u8; 32]) -> Vec<Handle> {
        let places = self.order.range(beginning(&low)..=beginning(&high) | u64::from(NONE));
        let inside = |handle: &Handle| (low..=high).contains(&self.name(*handle));
        let mut handles: Vec<Handle> = places.map(|place| handle(*place)).filter(inside).collect();
        handles.sort_unstable_by_key(|handle| self.name(*handle));
        handles
    }

    /// Returns how many names have a handle.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Returns a mark for each handle, to say which ones are used.
    pub(super) fn unused(&self) -> Vec<bool> {
        vec![false; self.names.len()]
    }

    /// Takes back the handles that are not used.
    pub(super) fn sweep(&mut self, used: &[bool]) {
        let free = &mut self.free;
        self.order.retain(|place| {
            let keep = used.get(handle(*place) as usize).copied().unwrap_or(false);
            if !keep {
                free.push(handle(*place));
            }
            keep
        });
    }
}
