//! Checking a store from outside and from inside.
//!
//! **Invariant:** checking changes nothing.

use super::facts::{Facts, decode, record_id};
use super::item::{Item, Span};
use super::key::{Key, Value};
use super::reader::{ReadError, Reader};
use super::scan::{Scan, Step};
use super::shared::Paths;
use super::survey::{Survey, survey};
use super::{OpenError, Options};

/// How an index compares with its journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexCheck {
    /// Entries that the journal calls for.
    pub expected: u64,
    /// Entries among those that the index does not have, or has otherwise.
    pub missing: u64,
    /// Entries of the index that nothing in the journal calls for.
    pub stray: u64,
}

impl IndexCheck {
    /// Says whether index and journal agree.
    pub fn is_clean(&self) -> bool {
        self.missing == 0 && self.stray == 0
    }
}

/// Walks the journal of a closed store, with every signature when asked to. Nothing is mended.
///
/// # Errors
/// The journal cannot be read.
pub fn check_journal(options: &Options, signatures: bool) -> Result<Survey, OpenError> {
    let paths = Paths::new(&options.dir);
    let check = || {
        let file = options.files.open(&paths.journal)?;
        survey(&*file, file.len()?, signatures)
    };
    check().map_err(OpenError::Journal)
}

impl Reader {
    /// Compares the index with the durable journal, both ways. Meant for a store at rest: what is
    /// staged meanwhile counts as stray.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn check_index(&self) -> Result<IndexCheck, ReadError> {
        let mut check = IndexCheck::default();
        let mut found = 0;
        let journal = &self.0.journal;
        let mut scan = Scan::new(journal.file(), journal.durable());
        while let Some(step) = scan.step()? {
            let Step::Item { position, checked, bytes } = step else { continue };
            if checked.item != Item::Record {
                continue;
            }
            let Some(id) = record_id(bytes) else { continue };
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let span = Value::span(Span { position, len });
            let facts = decode(bytes).map(|record| Facts::of(&record));
            let by_facts = facts.iter().flat_map(|facts| Key::all(&id, facts, position).skip(1));
            let keys = std::iter::once((Key::id(&id.0), span))
                .chain(by_facts.map(|key| (key, Value::EMPTY)));
            for (key, value) in keys {
                check.expected += 1;
                let there = self.0.ask(|catalog| catalog.get(&key))? == Some(value);
                found += u64::from(there);
                check.missing += u64::from(!there);
            }
        }
        check.stray = self.entries()?.saturating_sub(found);
        Ok(check)
    }

    /// Counts all entries of the index but tombstones.
    fn entries(&self) -> Result<u64, ReadError> {
        let (mut low, high) = Key::span_of_all();
        let mut entries = 0;
        loop {
            let page = self.0.ask(|catalog| catalog.page(low..=high, 1024))?;
            let records = page.entries.iter().filter(|(key, _)| !key.is_tombstone());
            entries += records.count() as u64;
            match page.next.and_then(|key| key.after()) {
                Some(next) => low = next,
                None => return Ok(entries),
            }
        }
    }
}
