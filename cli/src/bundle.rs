//! A file of records, read a piece at a time: it may be larger than the memory.
//!
//! **Invariant:** of a file that is not sealed at most two pieces are in memory, and what is no record is told with
//! its place in the file.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read, Stdin};
use std::path::Path;

use anyhow::{Context, Result};
use weft_protocol::control::Flaw;
use weft_protocol::record::{RECORD_BYTES_MAX, Record, Unverified, sequence};

use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::out;
use crate::sealed::{self, HEADING};
use crate::words::{Keeping, Say};

/// How much is read at once: many times the largest record, little beside the memory of any
/// machine.
const PIECE_BYTES: usize = 1 << 20;

/// Where the records are read: what was looked at first, and the rest.
type Source = Chain<Cursor<Vec<u8>>, Rest>;

/// The rest of a file.
#[derive(Debug)]
enum Rest {
    File(File),
    Input(Stdin),
    Nothing,
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Input(input) => input.read(buffer),
            Self::Nothing => Ok(0),
        }
    }
}

/// How every record begins: the tag of a signed statement, and its four parts.
const RECORD_HEAD: [u8; 2] = [0xd2, 0x84];

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
    /// Opens a file, or standard input for `-`; one that is sealed, with the key of this home, into memory.
    ///
    /// # Errors
    /// When it cannot be opened, was sealed to others, is empty, or begins like nothing of ours.
    pub(crate) fn open(desk: &Desk, path: &Path) -> Result<Self> {
        let shown = || path.display().to_string();
        let (mut rest, mut length) = if out::is_standard(path) {
            (Rest::Input(io::stdin()), 0)
        } else {
            let file = File::open(path).with_context(shown)?;
            let length = file.metadata().map_or(0, |data| data.len());
            (Rest::File(file), length)
        };
        let mut first = Vec::new();
        rest.by_ref().take(HEADING.len() as u64).read_to_end(&mut first).with_context(shown)?;
        if first == HEADING.as_bytes() {
            let mut text = HEADING.to_owned();
            rest.read_to_string(&mut text).with_context(shown)?;
            first = sealed::open(desk, &text)?.to_vec();
            rest = Rest::Nothing;
            length = first.len() as u64;
        }
        let no_records = |said: fn(String) -> Keeping| {
            Failure::ending(Exit::NotVerified, Say::Keeping(said(shown())))
        };
        if first.is_empty() {
            return Err(no_records(|path| Keeping::EmptyFile { path }));
        }
        if !first.starts_with(&RECORD_HEAD[..first.len().min(RECORD_HEAD.len())]) {
            return Err(no_records(|path| Keeping::NoWeftFile { path }));
        }
        let source = Cursor::new(first).chain(rest);
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
    pub(crate) fn next(&mut self) -> Result<Vec<Result<Record, Flaw>>> {
        if !self.ended {
            let piece = self.source.by_ref().take(PIECE_BYTES as u64);
            self.ended = { piece }.read_to_end(&mut self.rest)? == 0;
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
                    found.push(Err(Flaw::Sequence { at }));
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
fn record(bytes: &[u8]) -> Result<Record, Flaw> {
    let unverified = Unverified::decode(bytes).map_err(|error| Flaw::from(&error))?;
    unverified.verify().map_err(|error| Flaw::from(&error))
}
