//! Walks the journal item by item, and finds its way again after damage.
//!
//! A record's own payload may contain what looks like items, so whoever resumes in the middle of
//! a damaged record could be led astray by its author. Behind damage, therefore, a record counts
//! only if its signature verifies, zeros count, and nothing else does: tombstones there are
//! damage too, and come again from the signed records that caused them.
//!
//! **Invariant:** every byte between the beginning and the end is reported exactly once: as an
//! item that checks, as damage, or as a torn tail.
//!
//! **Invariant:** no record is reported that was not written as one, whatever was damaged.

use std::io;

use super::files::File;
use super::frame::genuine;
use super::item::{CHECK_BYTES, Checked, ITEM_BYTES_MAX, Item, parse};

/// A span of the journal that is no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// The byte at which it begins.
    pub position: u64,
    /// Its bytes.
    pub len: u64,
    /// The first eight bytes of the id of the record that stood at its end, when its check can
    /// still be read: ask peers for it.
    pub prefix: Option<[u8; 8]>,
}

/// What a step of the scan met.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// An item whose check matched, and its bytes without the check.
    Item { position: u64, checked: Checked, bytes: &'a [u8] },
    /// Something unreadable with items behind it.
    Damaged(Damage),
    /// Something unreadable with nothing behind it: what a crash leaves of a write.
    Torn(Damage),
}

/// How much is read at once: large enough that a system call costs nothing beside checking what
/// it brings, small enough to stay in the processor's cache.
const BUFFER_BYTES: usize = 256 * 1024;

/// A walk through a file.
#[derive(Debug)]
pub(crate) struct Scan<'f> {
    file: &'f dyn File,
    buffer: Vec<u8>,
    /// The part of the buffer that is filled and not yet walked.
    from: usize,
    filled: usize,
    /// The position of `buffer[from]`.
    position: u64,
    end: u64,
    doubtful: bool,
}

impl<'f> Scan<'f> {
    /// Begins a walk from the first byte of a file to `end`.
    pub(crate) fn new(file: &'f dyn File, end: u64) -> Self {
        let buffer = vec![0; BUFFER_BYTES];
        Self { file, buffer, from: 0, filled: 0, position: 0, end, doubtful: false }
    }

    /// Makes one step; nothing at the end.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(crate) fn step(&mut self) -> io::Result<Option<Step<'_>>> {
        self.fill()?;
        if self.from == self.filled {
            return Ok(None);
        }
        let position = self.position;
        let Some(checked) = self.believed() else {
            return self.resynchronise().map(Some);
        };
        let begin = self.from;
        self.advance(checked.len + CHECK_BYTES);
        let bytes = &self.buffer[begin..begin + checked.len];
        Ok(Some(Step::Item { position, checked, bytes }))
    }

    /// Reads the item at hand, if there is one to be believed.
    fn believed(&self) -> Option<Checked> {
        let bytes = &self.buffer[self.from..self.filled];
        let checked = parse(bytes)?;
        let believed = match checked.item {
            Item::Record => !self.doubtful || genuine(&bytes[..checked.len]),
            Item::Erased => true,
            Item::Tombstone(_) | Item::Hiding(_) | Item::Lift(_) => !self.doubtful,
        };
        believed.then_some(checked)
    }

    /// Skips to the next item that is to be believed, or to the end.
    fn resynchronise(&mut self) -> io::Result<Step<'static>> {
        let position = self.position;
        self.doubtful = true;
        loop {
            self.advance(1);
            self.fill()?;
            let len = self.position - position;
            if self.from == self.filled {
                return Ok(Step::Torn(Damage { position, len, prefix: None }));
            }
            if self.believed().is_some() {
                let check = &self.buffer[self.from.saturating_sub(CHECK_BYTES)..self.from];
                let whole = check.len() == CHECK_BYTES && check[0] == 0x4C;
                let prefix = if whole { check[5..].try_into().ok() } else { None };
                return Ok(Step::Damaged(Damage { position, len, prefix }));
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.from += bytes;
        self.position += bytes as u64;
    }

    /// Makes sure that a whole item is in the buffer, unless the end comes first, and keeps the
    /// bytes of one check behind the point reached.
    fn fill(&mut self) -> io::Result<()> {
        let ahead = self.filled - self.from;
        let unread = self.end - self.position - ahead as u64;
        if ahead >= ITEM_BYTES_MAX || unread == 0 {
            return Ok(());
        }
        let kept = self.from.min(CHECK_BYTES);
        self.buffer.copy_within(self.from - kept..self.filled, 0);
        (self.from, self.filled) = (kept, kept + ahead);
        let room = self.buffer.len() - self.filled;
        let wanted = usize::try_from(unread).map_or(room, |unread| unread.min(room));
        let free = &mut self.buffer[self.filled..self.filled + wanted];
        let read = self.file.read_up_to(free, self.position + ahead as u64)?;
        if read < wanted {
            self.end = self.position + (ahead + read) as u64;
        }
        self.filled += read;
        Ok(())
    }
}
