//! What was erased and can still come back, because its bytes have not been overwritten yet.
//!
//! **Invariant:** it follows from the items of the journal alone, in their order, so a store that is
//! opened again hides what it hid before (`a_store_does_what_four_sets_would`).

use std::collections::BTreeMap;

use weft_protocol::id::RecordId;

use super::item::{Hiding, Item, Span};

/// Records that stand in the journal and are not to be found, some 200 bytes of memory each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hidden(BTreeMap<RecordId, Hiding>);

impl Hidden {
    /// Follows one item of the journal. Returns what it says about a record: where it is found again,
    /// or that it no longer is.
    pub(crate) fn follow(&mut self, item: &Item) -> Option<(RecordId, Option<Span>)> {
        match item {
            Item::Hiding(hiding) => {
                self.put(hiding.clone());
                Some((hiding.tombstone.id, None))
            }
            // The record may stand before it, not yet overwritten.
            Item::Tombstone(tombstone) => {
                self.take(&tombstone.id);
                Some((tombstone.id, None))
            }
            Item::Lift(id) => self.take(id).map(|hiding| (*id, Some(hiding.span))),
            Item::Record | Item::Erased => None,
        }
    }

    pub(crate) fn put(&mut self, hiding: Hiding) {
        self.0.insert(hiding.tombstone.id, hiding);
    }

    pub(crate) fn get(&self, id: &RecordId) -> Option<&Hiding> {
        self.0.get(id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = RecordId> {
        self.0.keys().copied()
    }

    pub(crate) fn take(&mut self, id: &RecordId) -> Option<Hiding> {
        self.0.remove(id)
    }
}
