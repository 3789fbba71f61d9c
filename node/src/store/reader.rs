//! Reading: by id, and everything in order.
//!
//! **Invariant:** a record that is served hashes to the id it is served under, and was stored here.
//! What does not is reported, forgotten, and so fetched again.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use weft_protocol::id::RecordId;

use super::Event;
use super::frame::record_id;
use super::item::{ITEM_BYTES_MAX, Item, Span, Tombstone, parse};
use super::scan::{Damage, Scan, Step};
use super::shared::Shared;

/// The disk could not be read. A record that is merely damaged is no error: it is not there.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read")]
pub struct ReadError(#[from] pub(crate) io::Error);

/// A handle to read with; cheap to clone, for any thread.
#[derive(Debug, Clone)]
pub struct Reader(pub(crate) Arc<Shared>);

/// What the journal holds, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay<'a> {
    /// The bytes of a record.
    Record(&'a [u8]),
    /// A record was erased.
    Tombstone(Tombstone),
    /// A record was erased, and its bytes still stand.
    Hidden(Tombstone),
    /// An erasure was lifted.
    Lift(RecordId),
}

impl Reader {
    /// Returns the bytes of a record.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn bytes(&self, id: &RecordId) -> Result<Option<Arc<[u8]>>, ReadError> {
        Ok(self.locate(id)?.map(|(_, bytes)| bytes.into()))
    }

    /// Returns where a record stands, and its bytes, which hash to this id.
    pub(crate) fn locate(&self, id: &RecordId) -> Result<Option<(Span, Vec<u8>)>, ReadError> {
        let (mut seen, mut rebuilt) = (None, false);
        while let Some(span) = self.0.span(id)? {
            let bytes = self.0.read(span.position, span.len as usize)?;
            if record_id(&bytes).as_ref() == Some(id) {
                return Ok(Some((span, bytes)));
            }
            if seen.replace(span) != Some(span) {
                // An erasure may have come between; look again.
                continue;
            }
            if rebuilt || parse(&self.0.read(span.position, ITEM_BYTES_MAX)?).is_none() {
                self.report(id, span);
                return Ok(None);
            }
            // What stands there is whole and something else: the index is wrong.
            self.0.rebuild(&io::Error::other("an entry of the index leads to another record"))?;
            rebuilt = true;
        }
        Ok(None)
    }

    /// Hands out everything in the durable journal, in the order in which it was written. Records
    /// that were overwritten do not come, those that are hidden do; those whose tombstone was lifted
    /// come again.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn replay(
        &self,
        mut visit: impl FnMut(Replay<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let journal = &self.0.journal;
        let mut scan = Scan::new(journal.file(), journal.durable());
        while let Some(step) = scan.step()? {
            let Step::Item { checked, bytes, .. } = step else { continue };
            let flow = match checked.item {
                Item::Record => visit(Replay::Record(bytes)),
                Item::Tombstone(tombstone) => visit(Replay::Tombstone(tombstone)),
                Item::Hiding(hiding) => visit(Replay::Hidden(hiding.tombstone)),
                Item::Lift(id) => visit(Replay::Lift(id)),
                Item::Erased => ControlFlow::Continue(()),
            };
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Forgets a record whose bytes are damaged, so that it counts as missing.
    fn report(&self, id: &RecordId, span: Span) {
        tracing::error!(record = %id, position = span.position, "a stored record is damaged");
        self.0.catalog.write().put(*id, None);
        self.0.catalog.wake();
        let prefix = id.0[..8].try_into().ok();
        let damage = Damage { position: span.position, len: u64::from(span.len), prefix };
        (self.0.events)(Event::Damaged(damage));
    }
}
