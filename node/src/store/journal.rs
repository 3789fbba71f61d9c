//! The journal's file: what is in it for good, and how more gets there.
//!
//! It is one file, not a row of segments: a CBOR sequence is the form of every bundle and stream
//! here, so the journal can be read, copied and checked like one; erasing works in place, and
//! [`compact`](super::compact) writes a new file when there is enough to drop.
//!
//! **Invariant:** everything before `durable` has been synced and ends where an item ends; a write
//! that fails changes nothing before it, and is cut off again or written over.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::files::File;
use super::wipe::Wipe;

/// The journal's file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: Box<dyn File>,
    durable: AtomicU64,
}

/// How many bytes go to the file at once: enough that the calls cost nothing, and little memory.
const WRITE_BYTES: usize = 1 << 20;

/// The bytes at the journal's end that tell it from others: they hold at least the checks of its
/// last records, or much of one.
const TAIL_BYTES: u64 = 2048;

impl Journal {
    /// Takes a file whose first `durable` bytes are whole items.
    pub(crate) fn new(file: Box<dyn File>, durable: u64) -> Self {
        Self { file, durable: AtomicU64::new(durable) }
    }

    /// Returns the file, to be walked.
    pub(crate) fn file(&self) -> &dyn File {
        &*self.file
    }

    /// Returns where the durable part ends.
    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Returns a line that no other journal is described by, for the index to be bound to.
    pub(crate) fn describe(&self) -> io::Result<String> {
        let durable = self.durable();
        let len = durable.min(TAIL_BYTES);
        let tail = self.read(durable - len, usize::try_from(len).map_err(io::Error::other)?)?;
        let version = env!("CARGO_PKG_VERSION");
        Ok(format!("weft {version} ids of journal {durable} {:08x}", crc32c::crc32c(&tail)))
    }

    /// Writes whole items behind the durable part and syncs them; then they belong to it.
    pub(crate) fn append(&self, items: &[Arc<[u8]>]) -> io::Result<()> {
        let begin = self.durable();
        let mut position = begin;
        let mut buffer = Vec::new();
        let mut write = || {
            for item in items {
                buffer.extend_from_slice(item);
                if buffer.len() >= WRITE_BYTES {
                    self.file.write_all_at(&buffer, position)?;
                    position += buffer.len() as u64;
                    buffer.clear();
                }
            }
            self.file.write_all_at(&buffer, position)?;
            position += buffer.len() as u64;
            self.file.sync()
        };
        if let Err(error) = write() {
            // Should this fail too, the next attempt writes over the same bytes.
            if let Err(cut) = self.file.truncate(begin) {
                tracing::warn!(%cut, "a failed write stays behind the journal's end");
            }
            return Err(error);
        }
        self.durable.store(position, Ordering::Release);
        Ok(())
    }

    /// Overwrites records with zeros and syncs them.
    pub(crate) fn wipe(&self, wipes: &[Wipe]) -> io::Result<()> {
        for wipe in wipes {
            wipe.write(self.file())?;
        }
        self.file.sync()
    }

    /// Reads so many bytes at a position, or fewer at the end of the file.
    pub(crate) fn read(&self, position: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        let read = self.file.read_up_to(&mut bytes, position)?;
        bytes.truncate(read);
        Ok(bytes)
    }
}
