//! Reading: by id, by what records are about, and all of them in order.
//!
//! **Invariant:** a record that is served hashes to the id it is served under, and was stored here.
//! What does not is reported, forgotten, and so fetched again.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use weft_protocol::id::{IdPrefix, RecordId};
use weft_protocol::record::{Kind, Record};

use super::Event;
use super::catalog::Page;
use super::facts::{Facts, decode, kind_number, record_id};
use super::item::{Item, Span, Tombstone, parse};
use super::key::{Key, Subject, Value};
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
    /// A record, at a position.
    Record(u64, &'a [u8]),
    /// A record was erased.
    Tombstone(Tombstone),
    /// An erasure was lifted.
    Lift(RecordId),
}

/// How many index entries are read at a time: few enough that no reader holds the lock for long.
const PAGE_ENTRIES: usize = 256;

impl Reader {
    /// Returns a record.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn record(&self, id: &RecordId) -> Result<Option<Record>, ReadError> {
        let mut seen = None;
        loop {
            let Some(value) = self.0.ask(|catalog| catalog.get(&Key::id(&id.0)))? else {
                return Ok(None);
            };
            let span = value.to_span();
            let item = self.0.item(span)?;
            let checked = parse(&item);
            let record = checked.as_ref().filter(|checked| checked.item == Item::Record);
            let bytes = record.map(|record| &item[..record.len]);
            if let Some(bytes) = bytes
                && record_id(bytes).as_ref() == Some(id)
            {
                return Ok(decode(bytes));
            }
            if seen.replace(value) != Some(value) {
                // An erasure may have come between; look again.
                continue;
            }
            if checked.is_none() {
                self.report(id, span);
                return Ok(None);
            }
            // What stands there is whole and something else: the index is wrong.
            self.0.rebuild(&io::Error::other("an entry of the index leads to another record"))?;
        }
    }

    /// Says whether a record is here, without reading it.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn contains(&self, id: &RecordId) -> Result<bool, ReadError> {
        Ok(self.0.ask(|catalog| catalog.get(&Key::id(&id.0)))?.is_some())
    }

    /// Returns what stays of an erased record.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn tombstone(&self, id: &RecordId) -> Result<Option<Tombstone>, ReadError> {
        let Some(value) = self.0.ask(|catalog| catalog.get(&Key::tombstone(id)))? else {
            return Ok(None);
        };
        let item = self.0.item(value.to_span())?;
        match parse(&item).map(|checked| checked.item) {
            Some(Item::Tombstone(tombstone)) if tombstone.id == *id => Ok(Some(tombstone)),
            _ => Ok(None),
        }
    }

    /// Returns the first `limit` ids that begin with what a person typed.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn ids(&self, prefix: &IdPrefix, limit: usize) -> Result<Vec<RecordId>, ReadError> {
        let (low, high) = prefix.bounds();
        let mut low = Key::id(&low);
        let mut ids = vec![];
        loop {
            let page = self.0.ask(|catalog| catalog.page(low..=Key::id(&high), PAGE_ENTRIES))?;
            ids.extend(page.entries.iter().filter_map(|(key, _)| key.record()));
            match page.next.and_then(|key| key.after()) {
                Some(next) if ids.len() < limit => low = next,
                _ => break,
            }
        }
        ids.truncate(limit);
        Ok(ids)
    }

    /// Hands out all records about a subject, of one kind (oldest first) or of all (kind by kind).
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn find(
        &self,
        subject: Subject<'_>,
        kind: Option<&Kind>,
        mut visit: impl FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let (mut low, high) = subject.range(kind.map(kind_number));
        loop {
            let Page { entries, next } =
                self.0.ask(|catalog| catalog.page(low..=high, PAGE_ENTRIES))?;
            for (key, _) in entries {
                if let Some(record) = self.about(subject, kind, key.position())?
                    && visit(record).is_break()
                {
                    return Ok(());
                }
            }
            match next.and_then(|key| key.after()) {
                Some(next) => low = next,
                None => return Ok(()),
            }
        }
    }

    /// Reads the record at a position if it is about a subject.
    fn about(
        &self,
        subject: Subject<'_>,
        kind: Option<&Kind>,
        position: u64,
    ) -> Result<Option<Record>, ReadError> {
        let Some(bytes) = self.0.record_at(position)? else { return Ok(None) };
        let asked_for = |record: &Record| {
            subject.covers(&Facts::of(record))
                && kind.is_none_or(|kind| *kind == record.header().kind)
        };
        Ok(decode(&bytes).filter(asked_for))
    }

    /// Hands out everything in the durable journal, in the order in which it was written. Records
    /// that are erased by now do not come; those whose tombstone was lifted come again.
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
            let Step::Item { position, checked, bytes } = step else { continue };
            let flow = match checked.item {
                Item::Record => visit(Replay::Record(position, bytes)),
                Item::Tombstone(tombstone) => visit(Replay::Tombstone(tombstone)),
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
        self.0.catalog.write().put([(Key::id(&id.0), Value::REMOVED)].into_iter());
        self.0.catalog.wake();
        let prefix = id.0[..8].try_into().ok();
        let damage = Damage { position: span.position, len: u64::from(span.len), prefix };
        (self.0.events)(Event::Damaged(damage));
    }
}
