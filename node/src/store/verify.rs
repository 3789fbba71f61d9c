//! Checking a store from outside and from inside.
//!
//! **Invariant:** checking changes nothing.

use super::frame::record_id;
use super::item::{Item, Span};
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
    /// erased meanwhile may count as missing.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn check_index(&self) -> Result<IndexCheck, ReadError> {
        let mut check = IndexCheck::default();
        let journal = &self.0.journal;
        let durable = journal.durable();
        let mut scan = Scan::new(journal.file(), durable);
        while let Some(step) = scan.step()? {
            let Step::Item { position, checked, bytes } = step else { continue };
            if checked.item != Item::Record {
                continue;
            }
            let Some(id) = record_id(bytes) else { continue };
            check.expected += 1;
            check.missing += u64::from(self.0.span(&id)? != Some(Span::new(position, bytes)));
        }
        let entries = self.0.ask(|catalog| catalog.count(durable))?;
        check.stray = entries.saturating_sub(check.expected - check.missing);
        Ok(check)
    }
}
