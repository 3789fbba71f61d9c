//! Overwriting erased records with zeros, so that a crash in the middle does no harm.
//!
//! A torn overwrite would look like damage, and behind damage no tombstone is believed. So what is
//! about to be overwritten is noted in a file of its own first, and done again on the next start.
//! The order is: the note, the tombstone in the journal, the zeros, the end of the note; each synced before the next.
//! A note is followed only where its tombstone stands: without it the record was not erased. What is
//! merely over has none, and its note is always followed.
//!
//! **Invariant:** after [`finish`] every noted record is either whole or zeros.

use std::io;

use super::files::{File, Files};
use super::item::{CHECK_BYTES, ITEM_BYTES_MAX, Item, Span, erased_item, parse};
use super::shared::Paths;

/// An order to overwrite a record with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wipe {
    /// The record.
    pub(crate) span: Span,
    /// The first eight bytes of its id.
    pub(crate) prefix: [u8; 8],
    /// Where its tombstone stands; of what is over, nowhere.
    pub(crate) tombstone: Option<u64>,
}

/// The bytes of a noted order: position, length, prefix, tombstone.
const NOTED_BYTES: usize = 28;
/// Where no tombstone stands.
const NOWHERE: u64 = u64::MAX;

impl Wipe {
    fn noted(&self) -> [u8; NOTED_BYTES] {
        let mut bytes = [0; NOTED_BYTES];
        bytes[..8].copy_from_slice(&self.span.position.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.span.len.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.prefix);
        bytes[20..].copy_from_slice(&self.tombstone.unwrap_or(NOWHERE).to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let position = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
        let len = u32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?);
        let prefix = bytes.get(12..20)?.try_into().ok()?;
        let tombstone = u64::from_be_bytes(bytes.get(20..28)?.try_into().ok()?);
        let tombstone = (tombstone != NOWHERE).then_some(tombstone);
        Some(Self { span: Span { position, len }, prefix, tombstone })
    }

    /// Overwrites the record.
    pub(crate) fn write(&self, journal: &dyn File) -> io::Result<()> {
        let zeros = erased_item(self.span.len as usize, self.prefix);
        journal.write_all_at(&zeros, self.span.position)
    }

    /// Says whether the tombstone stands in the journal, if there is to be one, and the record has a
    /// length of one.
    fn is_called_for(&self, journal: &dyn File) -> io::Result<bool> {
        let is_record = (1..=ITEM_BYTES_MAX - CHECK_BYTES).contains(&(self.span.len as usize));
        let Some(tombstone) = self.tombstone else { return Ok(is_record) };
        let mut bytes = vec![0; ITEM_BYTES_MAX];
        let read = journal.read_up_to(&mut bytes, tombstone)?;
        let stands = parse(&bytes[..read]).is_some_and(|checked| {
            matches!(checked.item, Item::Tombstone(_)) && checked.prefix == self.prefix
        });
        Ok(stands && is_record)
    }
}

/// Notes what is going to be overwritten.
pub(crate) fn note(files: &dyn Files, paths: &Paths, wipes: &[Wipe]) -> io::Result<()> {
    let mut bytes: Vec<u8> = wipes.iter().flat_map(Wipe::noted).collect();
    bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
    let file = files.open(&paths.erasing)?;
    file.truncate(0)?;
    file.write_all_at(&bytes, 0)?;
    file.sync()?;
    files.sync_dir(&paths.dir)
}

/// Forgets what was noted: it is done.
pub(crate) fn forget(files: &dyn Files, paths: &Paths) -> io::Result<()> {
    files.remove(&paths.erasing)?;
    // Damaged bytes that were kept for the operator may be those that were to be erased.
    files.remove(&paths.quarantine)?;
    files.sync_dir(&paths.dir)
}

/// Does again what was noted and, perhaps, not done.
pub(crate) fn finish(files: &dyn Files, paths: &Paths, journal: &dyn File) -> io::Result<()> {
    let file = files.open(&paths.erasing)?;
    let mut bytes = vec![0; usize::try_from(file.len()?).map_err(io::Error::other)?];
    let read = file.read_up_to(&mut bytes, 0)?;
    if let Some((noted, crc)) = bytes[..read].split_last_chunk::<4>()
        && crc32c::crc32c(noted).to_be_bytes() == *crc
    {
        for wipe in noted.chunks(NOTED_BYTES).filter_map(Wipe::read) {
            if wipe.is_called_for(journal)? {
                wipe.write(journal)?;
            }
        }
        journal.sync()?;
    }
    drop(file);
    files.remove(&paths.erasing)?;
    files.sync_dir(&paths.dir)
}
