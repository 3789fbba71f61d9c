//! What has to be judged before the state is whole again.
//!
//! **Invariant:** whatever is put in comes out at least once after that; once only, when nothing
//! came out in between.

use std::collections::BTreeSet;

use super::ids::Handle;
use super::places::Group;

/// What has to be judged: a stratum only when those before it are done.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Networks whose support has changed.
    pub(super) networks: Queue,
    /// Records to judge.
    pub(super) records: Queue,
    /// Things whose versions to place.
    pub(super) things: Queue,
    /// Groups that somebody has left, of whom another may count now.
    pub(super) groups: BTreeSet<Group>,
    /// Carriages of which to say whether they count.
    pub(super) carriages: Queue,
    /// Things of which to say where they are guests, and what follows them.
    pub(super) guests: Queue,
}

/// Handles that wait. Most come many times over and in bulk, so they are sorted in bulk.
#[derive(Debug, Default)]
pub(super) struct Queue {
    fresh: Vec<Handle>,
    /// Sorted, the first last.
    ready: Vec<Handle>,
}

impl Queue {
    pub(super) fn insert(&mut self, handle: Handle) {
        self.fresh.push(handle);
    }

    pub(super) fn pop(&mut self) -> Option<Handle> {
        if self.ready.is_empty() {
            std::mem::swap(&mut self.ready, &mut self.fresh);
            self.ready.sort_unstable_by(|a, b| b.cmp(a));
            self.ready.dedup();
        }
        self.ready.pop()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Handle> {
        self.fresh.iter().chain(&self.ready)
    }
}

impl Extend<Handle> for Queue {
    fn extend<I: IntoIterator<Item = Handle>>(&mut self, handles: I) {
        self.fresh.extend(handles);
    }
}
