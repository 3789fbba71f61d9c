//! The lock on a home: one process at a time works in it.
//!
//! **Invariant:** while a [`HomeLock`] exists, no other process holds one for the same home. The
//! operating system lets go of it when the process ends, however it ends.
//!
//! The file holds the number of the process that has the lock, for people; nothing is decided by it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::file;

/// The right to work in a home, until it is dropped.
#[derive(Debug)]
pub struct HomeLock {
    file: File,
}

/// Whoever works in a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The number by which the system knows the process; none when it could not be written.
    pub process: Option<u32>,
}

/// A home could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process works in this home: stop it, or use its door.
    #[error("another weft process is using {}; stop it, or give this one another home", .0.display())]
    Held(PathBuf),
    /// The lock file could not be made or locked.
    #[error("cannot lock {}", .path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: io::Error,
    },
}

impl HomeLock {
    /// Takes the lock of a home, at once or not at all. The folder is made when it is missing.
    ///
    /// # Errors
    /// [`LockError::Held`] while another process has it, [`LockError::Io`] when the file system
    /// refuses.
    pub fn acquire(home: &Path) -> Result<Self, LockError> {
        let path = home.join("lock");
        let open = || {
            file::make_folder(home)?;
            file::open(&path)
        };
        let file = open().map_err(|source| LockError::Io { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => {
                let lock = Self { file };
                // On a full disk nobody is named.
                lock.sign(&format!("{}\n", std::process::id())).ok();
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => Err(LockError::Held(home.to_owned())),
            Err(TryLockError::Error(source)) => Err(LockError::Io { path, source }),
        }
    }

    fn sign(&self, name: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        (&self.file).write_all(name.as_bytes())
    }

    /// Returns who works in a home; nobody, when it cannot be told.
    #[must_use]
    pub fn holder(home: &Path) -> Option<Holder> {
        let path = home.join("lock");
        let file = File::open(&path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                let process =
                    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
                Some(Holder { process })
            }
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    /// Takes the lock of a home to read in it, beside others who read: nobody works in it meanwhile.
    /// Nothing is written, so the medium may take no writes; a home that nobody has worked in has no lock
    /// to take.
    ///
    /// # Errors
    /// As [`HomeLock::acquire`].
    pub fn look(home: &Path) -> Result<Option<Self>, LockError> {
        let path = home.join("lock");
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|source| LockError::Io { path: path.clone(), source })?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(home.to_owned())),
            Err(TryLockError::Error(source)) => Err(LockError::Io { path, source }),
        }
    }

    /// Waits until no process works in a home, but no longer than this; says whether that is so, and no
    /// when it cannot tell.
    #[must_use]
    pub fn is_free_within(home: &Path, patience: Duration) -> bool {
        let file = match File::open(home.join("lock")) {
            Err(error) => return error.kind() == io::ErrorKind::NotFound,
            Ok(file) => file,
        };
        let (free, waits) = mpsc::channel();
        // It ends with the process at the latest; whoever waited may have gone.
        thread::spawn(move || {
            let locked = file.lock_shared().is_ok();
            // Whoever is told that it is free may take it at once.
            drop(file);
            locked && free.send(()).is_ok()
        });
        waits.recv_timeout(patience).is_ok()
    }
}

impl Drop for HomeLock {
    fn drop(&mut self) {
        // What stays there names a process that has ended; nobody counts on it.
        self.sign("").ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_in_use_is_refused_in_plain_words_and_free_again_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let lock = HomeLock::acquire(home.path()).unwrap();
        let refused = HomeLock::acquire(home.path()).unwrap_err();
        assert!(refused.to_string().starts_with("another weft process is using"), "{refused}");
        let holder = HomeLock::holder(home.path());
        assert_eq!(holder, Some(Holder { process: Some(std::process::id()) }));
        assert!(matches!(HomeLock::look(home.path()), Err(LockError::Held(_))));
        drop(lock);
        assert_eq!(HomeLock::holder(home.path()), None);
        let readers = [HomeLock::look(home.path()).unwrap(), HomeLock::look(home.path()).unwrap()];
        assert!(HomeLock::acquire(home.path()).is_err(), "somebody reads in it");
        drop(readers);
        assert!(HomeLock::is_free_within(home.path(), Duration::from_secs(60)));
        HomeLock::acquire(home.path()).unwrap();
    }

    #[test]
    fn who_waits_for_a_home_in_use_waits_no_longer_than_told() {
        let home = tempfile::tempdir().unwrap();
        let _lock = HomeLock::acquire(home.path()).unwrap();
        let free = HomeLock::is_free_within(home.path(), Duration::from_millis(1));
        assert!(!free, "somebody works in it");
    }
}
