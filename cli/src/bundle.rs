//! A file of records, read a piece at a time: it may be larger than the memory.
//!
//! **Invariant:** of a file at most two pieces are in memory, and what is no record is told with
//! its place in the file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use weft_protocol::record::{RECORD_BYTES_MAX, Record, Unverified, sequence};

/// How much is read at once: many times the largest record, little beside the memory of any
/// machine.
const PIECE_BYTES: usize = 1 << 20;

/// A file of records.
#[derive(Debug)]
pub(crate) struct Bundle {
    file: File,
    /// What was read and not handed out yet.
    rest: Vec<u8>,
    /// The place of `rest` in the file.
    at: u64,
    ended: bool,
}

impl Bundle {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        Ok(Self { file, rest: Vec::new(), at: 0, ended: false })
    }

    /// Returns how long the file is, in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.file.metadata().map_or(0, |data| data.len())
    }

    /// Returns how much of it has been handed out, in bytes.
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// Returns the next records, or what is in the place of one; nothing at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn next(&mut self) -> Result<Vec<Result<Record, String>>> {
        if !self.ended {
            let piece = (&self.file).take(PIECE_BYTES as u64).read_to_end(&mut self.rest)?;
            self.ended = piece == 0;
        }
        // The last record may go on in the next piece: it is left until that is here.
        let safe = if self.ended { 0 } else { RECORD_BYTES_MAX };
        let (mut found, mut used) = (Vec::new(), 0);
        for item in sequence(&self.rest) {
            if self.rest.len() - used < safe {
                break;
            }
            match item {
                Ok(bytes) => {
                    used += bytes.len();
                    found.push(record(bytes));
                }
                Err(_) => {
                    let at = self.at + used as u64;
                    found.push(Err(format!(
                        "at byte {at}: this does not begin like a record, or ends inside one"
                    )));
                    // Nothing after it can be told apart.
                    self.ended = true;
                    used = self.rest.len();
                }
            }
        }
        self.rest.drain(..used);
        self.at += used as u64;
        if found.is_empty() && !self.ended { self.next() } else { Ok(found) }
    }
}

/// Takes bytes for a record, if they are one.
fn record(bytes: &[u8]) -> Result<Record, String> {
    let unverified = Unverified::decode(bytes).map_err(|e| e.to_string())?;
    unverified.verify().map_err(|e| e.to_string())
}
