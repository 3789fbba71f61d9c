//! Writing the journal anew, without what is past.
//!
//! **Invariant:** at every instant the folder has one whole journal, the old one or the new one:
//! the new one is complete and synced before it takes the old one's name.

use std::collections::{HashMap, HashSet};
use std::io;

use weft_protocol::id::RecordId;

use super::Options;
use super::files::{File, Files};
use super::frame::record_id;
use super::hidden::Hidden;
use super::index;
use super::item::{Hiding, Item, Span, Tombstone, hiding_item, record_item, tombstone_item};
use super::scan::{Scan, Step};
use super::shared::Paths;
use super::survey::{mend, survey};
use super::wipe;

/// A journal could not be compacted; the old one is still there, whole.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be compacted")]
pub struct CompactError(#[source] io::Error);

/// What compacting did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Records that were written to the new journal.
    pub kept: u64,
    /// Records that were dropped: past, or second copies.
    pub dropped: u64,
    /// Bytes of the journal before.
    pub bytes_before: u64,
    /// Bytes of the journal after.
    pub bytes_after: u64,
}

/// How many bytes go to the new file at once.
const WRITE_BYTES: usize = 1 << 20;

/// Writes a new journal of what `keep` says yes to, records and tombstones alike, and puts it in
/// the place of the old one. The store must be closed, and the caller holds the
/// [`HomeLock`](super::HomeLock); the next opening rebuilds the index.
///
/// # Errors
/// The disk refuses, a full one among it: the new journal needs room beside the old one.
pub fn compact(
    options: &Options,
    keep: impl FnMut(&RecordId) -> bool,
) -> Result<Compacted, CompactError> {
    rewrite(options, keep).map_err(CompactError)
}

fn rewrite(options: &Options, keep: impl FnMut(&RecordId) -> bool) -> io::Result<Compacted> {
    let Options { dir, files, .. } = options;
    let paths = Paths::new(dir);
    let old = files.open(&paths.journal)?;
    let bytes_before = old.len()?;
    wipe::finish(&**files, &paths, &*old)?;
    let found = survey(&*old, bytes_before, false)?;
    let end = mend(&**files, &paths, &*old, &found).map_err(io::Error::other)?;
    let (erased, hidden) = gone(&*old, end)?;
    let fresh = files.open(&paths.fresh)?;
    fresh.truncate(0)?;
    let (seen, done) = (HashSet::new(), Compacted::default());
    let mut copy = Copy { erased, hidden, keep, seen, done };
    let mut scan = Scan::new(&*old, end);
    let (mut buffer, mut position) = (Vec::new(), 0);
    while let Some(step) = scan.step()? {
        if let Step::Item { checked, bytes, .. } = step {
            let end = position + buffer.len() as u64;
            buffer.extend(copy.item(&checked.item, bytes, end));
        }
        if buffer.len() >= WRITE_BYTES {
            fresh.write_all_at(&buffer, position)?;
            position += buffer.len() as u64;
            buffer.clear();
        }
    }
    fresh.write_all_at(&buffer, position)?;
    let bytes_after = position + buffer.len() as u64;
    fresh.sync()?;
    replace(&**files, &paths)?;
    Ok(Compacted { bytes_before, bytes_after, ..copy.done })
}

/// Gives the new journal the old one's name.
fn replace(files: &dyn Files, paths: &Paths) -> io::Result<()> {
    // The index leads into the old journal: it must not be trusted with the new one.
    index::unseal(&paths.index)?;
    files.remove(&paths.quarantine)?;
    files.sync_dir(&paths.dir)?;
    files.rename(&paths.fresh, &paths.journal)?;
    files.sync_dir(&paths.dir)
}

/// Returns the ids that have a tombstone which was not lifted, and what is hidden.
fn gone(file: &dyn File, end: u64) -> io::Result<(HashSet<RecordId>, Hidden)> {
    let (mut erased, mut hidden) = (HashMap::new(), Hidden::default());
    let mut scan = Scan::new(file, end);
    while let Some(step) = scan.step()? {
        let Step::Item { checked, .. } = step else { continue };
        hidden.follow(&checked.item);
        match checked.item {
            Item::Tombstone(tombstone) => erased.insert(tombstone.id, true),
            Item::Hiding(Hiding { tombstone: Tombstone { id, .. }, .. }) | Item::Lift(id) => {
                erased.insert(id, false)
            }
            Item::Record | Item::Erased => None,
        };
    }
    Ok((erased.into_iter().filter_map(|(id, is)| is.then_some(id)).collect(), hidden))
}

/// Decides item by item what the new journal gets.
struct Copy<K> {
    /// Erased ids whose tombstone is still to be written.
    erased: HashSet<RecordId>,
    /// What is hidden, and not yet written.
    hidden: Hidden,
    keep: K,
    /// Records that were written.
    seen: HashSet<RecordId>,
    done: Compacted,
}

impl<K: FnMut(&RecordId) -> bool> Copy<K> {
    /// Returns what is to be written at `position` for an item of the old journal.
    fn item(&mut self, item: &Item, bytes: &[u8], position: u64) -> Vec<u8> {
        match item {
            Item::Record => {
                let Some(id) = record_id(bytes) else { return vec![] };
                if (self.keep)(&id) && self.seen.insert(id) {
                    self.done.kept += 1;
                    let mut written = record_item(bytes, &id);
                    if let Some(hiding) = self.hidden.take(&id) {
                        let span = Span::new(position, bytes);
                        written.extend(hiding_item(&Hiding { span, ..hiding }));
                    }
                    return written;
                }
                self.done.dropped += 1;
                vec![]
            }
            Item::Tombstone(tombstone)
                if self.erased.remove(&tombstone.id) && (self.keep)(&tombstone.id) =>
            {
                tombstone_item(tombstone)
            }
            Item::Tombstone(_) | Item::Hiding(_) | Item::Lift(_) | Item::Erased => vec![],
        }
    }
}
