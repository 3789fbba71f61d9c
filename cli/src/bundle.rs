//! A file of records, read a piece at a time: it may be larger than the memory.
//!
//! **Invariant:** of a file that is not sealed at most two pieces are in memory, and what is no record is told with
//! its place in the file.

use std::fs::{self, File};
use std::io::{Cursor, Read, Seek};
use std::path::Path;

use anyhow::{Context, Result};
use weft_protocol::record::{RECORD_BYTES_MAX, Record, Unverified, sequence};

use crate::desk::Desk;
use crate::sealed::{self, HEADING};

/// How much is read at once: many times the largest record, little beside the memory of any
/// machine.
const PIECE_BYTES: usize = 1 << 20;

/// Where the records are read.
#[derive(Debug)]
enum Source {
    File(File),
    Memory(Cursor<Vec<u8>>),
}

/// A file of records.
#[derive(Debug)]
pub(crate) struct Bundle {
    source: Source,
    length: u64,
    /// What was read and not handed out yet.
    rest: Vec<u8>,
    /// The place of `rest` in the file.
    at: u64,
    ended: bool,
}

impl Bundle {
    /// Opens a file; one that is sealed, with the key of this home, into memory.
    ///
    /// # Errors
    /// When it cannot be opened, or was sealed to others.
    pub(crate) fn open(desk: &Desk, path: &Path) -> Result<Self> {
        let shown = || path.display().to_string();
        let mut file = File::open(path).with_context(shown)?;
        let mut first = Vec::new();
        (&file).take(HEADING.len() as u64).read_to_end(&mut first).with_context(shown)?;
        let (source, length) = if first == HEADING.as_bytes() {
            let plain = sealed::open(desk, &fs::read_to_string(path).with_context(shown)?)?;
            let length = plain.len() as u64;
            (Source::Memory(Cursor::new(plain.to_vec())), length)
        } else {
            file.rewind().with_context(shown)?;
            let length = file.metadata().map_or(0, |data| data.len());
            (Source::File(file), length)
        };
        Ok(Self { source, length, rest: Vec::new(), at: 0, ended: false })
    }

    /// Returns how long it is, in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.length
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
            let piece = match &mut self.source {
                Source::File(file) => file.take(PIECE_BYTES as u64).read_to_end(&mut self.rest)?,
                Source::Memory(all) => all.take(PIECE_BYTES as u64).read_to_end(&mut self.rest)?,
            };
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
