//! The few things the journal asks of a file system, so that tests can stand in for a bad one.
//!
//! **Invariant:** every byte of the journal is read and written through [`Files`]; a test that
//! implements it sees, delays, refuses or forgets every single operation.

use std::fmt::Debug;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::file;

/// A place where files live: the real disk, or a test's.
pub trait Files: Debug + Send + Sync + 'static {
    /// Opens a file for reading and writing, and makes it (mode `0600`) when it is missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn File>>;

    /// Opens a file that is only read, on a medium perhaps that takes no writes; nothing when it is missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn open_to_read(&self, path: &Path) -> io::Result<Option<Box<dyn File>>> {
        match fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            file => Ok(Some(Box::new(RealFile(file?)))),
        }
    }

    /// Gives a file a new name, replacing what had it, in one step that is durable after
    /// [`Files::sync_dir`].
    ///
    /// # Errors
    /// Whatever the file system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; a missing one is removed already.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// One open file, read and written by position.
#[expect(clippy::len_without_is_empty, reason = "nobody asks whether a file is empty")]
pub trait File: Debug + Send + Sync {
    /// Reads at most `buf.len()` bytes at a position; fewer, or none, at the end of the file.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes some of the bytes at a position and returns how many; the caller writes the rest.
    ///
    /// # Errors
    /// Whatever the file system says, a full disk among it.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize>;

    /// Makes everything written so far durable (`fdatasync`).
    ///
    /// # Errors
    /// After an error nothing is known of what was written since the last success.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file, or fills it with zeros, to a length.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Returns the length in bytes.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn len(&self) -> io::Result<u64>;
}

impl dyn File + '_ {
    /// Fills `buf` from a position, and returns how much of it there was before the end.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn read_up_to(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.read_at(&mut buf[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Writes all bytes at a position.
    ///
    /// # Errors
    /// The first error; some of the bytes may have been written then.
    pub fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut written = 0;
        while written < bytes.len() {
            match self.write_at(&bytes[written..], position + written as u64) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(wrote) => written += wrote,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The files of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFiles;

impl Files for RealFiles {
    fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
        Ok(Box::new(RealFile(file::open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        file::sync_folder(dir)
    }
}

#[derive(Debug)]
struct RealFile(fs::File);

impl File for RealFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buf, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize> {
        self.0.write_at(bytes, position)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}
