//! Checking a store from outside and from inside.
//!
//! **Invariant:** checking changes nothing.

use std::fs;
use std::io;
use std::path::Path;

use super::frame::record_id;
use super::item::{Item, Span};
use super::reader::{ReadError, Reader};
use super::scan::{Scan, Step};
use super::shared::Paths;
use super::survey::{Survey, survey};
use super::{OpenError, Options, Stats};

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

/// Counts the bytes of the files of a closed store, which may lie on a medium that takes no writes.
///
/// # Errors
/// A folder cannot be read.
pub fn sizes(options: &Options) -> Result<Stats, OpenError> {
    let paths = Paths::new(&options.dir);
    let sizes = || {
        let journal = options.files.open_to_read(&paths.journal)?;
        Ok(Stats {
            journal_bytes: journal.map_or(Ok(0), |file| file.len())?,
            index_bytes: bytes_below(&paths.index)?,
            ..Stats::default()
        })
    };
    sizes().map_err(OpenError::Journal)
}

fn bytes_below(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut bytes = 0;
    for entry in entries {
        let path = entry?.path();
        bytes += if path.is_dir() { bytes_below(&path)? } else { fs::metadata(path)?.len() };
    }
    Ok(bytes)
}

/// Walks the journal of a closed store, with every signature when asked to. Nothing is mended.
///
/// # Errors
/// The journal cannot be read.
pub fn check_journal(options: &Options, signatures: bool) -> Result<Survey, OpenError> {
    let paths = Paths::new(&options.dir);
    let check = || match options.files.open_to_read(&paths.journal)? {
        Some(file) => survey(&*file, file.len()?, signatures),
        None => Ok(Survey::default()),
    };
    check().map_err(OpenError::Journal)
}

impl Reader {
    /// Compares the index with the durable journal, both ways. Meant for a store at rest: what is
    /// erased meanwhile may count as missing. Of two copies of a record the later one counts; an entry
    /// that leads into damage is no fault of the index.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn check_index(&self) -> Result<IndexCheck, ReadError> {
        let mut check = IndexCheck::default();
        let journal = &self.0.journal;
        let durable = journal.durable();
        let mut scan = Scan::new(journal.file(), durable);
        let mut damaged = Vec::new();
        while let Some(step) = scan.step()? {
            let (position, bytes) = match step {
                Step::Item { position, checked, bytes } if checked.item == Item::Record => {
                    (position, bytes)
                }
                Step::Damaged(at) => {
                    damaged.push(at.position..at.position + at.len);
                    continue;
                }
                Step::Item { .. } | Step::Torn(_) => continue,
            };
            let Some(id) = record_id(bytes) else { continue };
            if self.0.catalog.hiding(&id).is_some() {
                continue;
            }
            let (here, found) = (Span::new(position, bytes), self.0.span(&id)?);
            if found.is_some_and(|found| found.position > here.position) {
                continue;
            }
            check.expected += 1;
            check.missing += u64::from(found != Some(here));
        }
        let is_sound = |span: Span| {
            span.position < durable && !damaged.iter().any(|range| range.contains(&span.position))
        };
        let entries = self.0.ask(|catalog| catalog.count(is_sound))?;
        check.stray = entries.saturating_sub(check.expected - check.missing);
        Ok(check)
    }
}
