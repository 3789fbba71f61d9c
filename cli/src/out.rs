//! Where an answer goes that is a file: to a new file, whole or not at all, or to standard output.
//!
//! **Invariant:** nothing is overwritten, and what breaks off leaves nothing behind.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};
use std::path::Path;

use anyhow::{Context, Result};
use weft_node::file::{NewFile, Readers};

use crate::desk::Desk;
use crate::exit::Failure;
use crate::words::Say;

/// What stands for standard output where a file is named, as with other tools.
pub(crate) const STANDARD_OUTPUT: &str = "-";

/// Says whether standard output is meant.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD_OUTPUT)
}

/// An answer that is being written.
#[derive(Debug)]
pub(crate) enum Out {
    /// A file that takes its name when it is whole.
    File(Box<BufWriter<NewFile>>),
    /// A pipe or a device that was there before.
    Pipe(File),
    /// Standard output.
    Standard(BufWriter<StdoutLock<'static>>),
}

impl Out {
    /// Begins one that only its owner may read: a new file, or standard output for `-`.
    ///
    /// # Errors
    /// When the file exists or cannot be made, when records would go to a screen, and when standard
    /// output is wanted for JSON as well.
    pub(crate) fn begin(desk: &Desk, path: &Path) -> Result<Self> {
        if !is_standard(path) {
            return Self::file(path);
        }
        if desk.json {
            let why = "--json answers there; name a file";
            return Err(Failure::usage("--out -", why));
        }
        if io::stdout().is_terminal() {
            return Err(Failure::usage("--out -", "records are not for a screen; name a file"));
        }
        Ok(Self::screen())
    }

    /// Begins one on standard output that may be a screen: it is text.
    pub(crate) fn screen() -> Self {
        Self::Standard(BufWriter::new(io::stdout().lock()))
    }

    fn file(path: &Path) -> Result<Self> {
        let shown = || path.display().to_string();
        if fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir()) {
            return Ok(Self::Pipe(File::options().write(true).open(path).with_context(shown)?));
        }
        let file = NewFile::begin(path, Readers::Owner);
        Ok(Self::File(Box::new(BufWriter::new(file.map_err(|error| taken(error, path))?))))
    }

    /// Says whether it is a new file; else whoever reads it should read nothing but the answer.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Ends it: only now a file has its name.
    ///
    /// # Errors
    /// When it cannot be written; a file is gone then.
    pub(crate) fn keep(self, path: &Path) -> Result<()> {
        let kept = match self {
            Self::File(file) => {
                file.into_inner().map_err(io::IntoInnerError::into_error).and_then(NewFile::keep)
            }
            Self::Pipe(mut pipe) => pipe.flush(),
            Self::Standard(mut out) => out.flush(),
        };
        kept.map_err(|error| taken(error, path))
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Pipe(pipe) => pipe.write(bytes),
            Self::Standard(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Pipe(pipe) => pipe.flush(),
            Self::Standard(out) => out.flush(),
        }
    }
}

/// Writes a new file that only its owner may read, and waits until it is on the disk.
///
/// # Errors
/// When the file exists or cannot be written; nothing is left then.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    weft_node::file::write_new(path, content).map_err(|error| taken(error, path))
}

fn taken(error: io::Error, path: &Path) -> anyhow::Error {
    let path = path.display().to_string();
    match error.kind() {
        ErrorKind::AlreadyExists => Failure::failed(Say::FileExists { path }),
        _ => anyhow::Error::new(error).context(path),
    }
}
