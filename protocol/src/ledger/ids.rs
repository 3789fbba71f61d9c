//! Short handles for long names, so that the state of many records fits into memory.
//!
//! **Invariant:** handles are given in order of arrival and mean nothing: whatever is shown, sorted
//! or compared between nodes goes by the name.

use std::collections::BTreeMap;

/// The short name of 32 bytes.
pub(super) type Handle = u32;

/// No handle.
pub(super) const NONE: Handle = Handle::MAX;

/// Names and their handles.
#[derive(Debug, Default)]
pub(super) struct Ids {
    names: Vec<[u8; 32]>,
    handles: BTreeMap<[u8; 32], Handle>,
    free: Vec<Handle>,
}

impl Ids {
    /// Returns the handle of a name, a new one if it has none.
    pub(super) fn intern(&mut self, name: &[u8; 32]) -> Handle {
        if let Some(&handle) = self.handles.get(name) {
            return handle;
        }
        let handle = self.free.pop().unwrap_or_else(|| {
            self.names.push(*name);
            // Four thousand million names of 32 bytes do not fit into any node's memory.
            Handle::try_from(self.names.len() - 1).unwrap_or(NONE)
        });
        self.names[handle as usize] = *name;
        self.handles.insert(*name, handle);
        handle
    }

    /// Returns the handle of a name that has one.
    pub(super) fn find(&self, name: &[u8; 32]) -> Option<Handle> {
        self.handles.get(name).copied()
    }

    /// Returns the name.
    pub(super) fn name(&self, handle: Handle) -> [u8; 32] {
        self.names.get(handle as usize).copied().unwrap_or_default()
    }

    /// Returns the handles of all names in this range, in the order of the names.
    pub(super) fn range(&self, low: [u8; 32], high: [u8; 32]) -> impl Iterator<Item = Handle> {
        self.handles.range(low..=high).map(|(_, handle)| *handle)
    }

    /// Returns how many names have a handle.
    pub(super) fn len(&self) -> usize {
        self.handles.len()
    }

    /// Takes back the handles that are not used.
    pub(super) fn sweep(&mut self, used: &[bool]) {
        let free = &mut self.free;
        self.handles.retain(|_, handle| {
            let keep = used.get(*handle as usize).copied().unwrap_or(false);
            if !keep {
                free.push(*handle);
            }
            keep
        });
    }
}
