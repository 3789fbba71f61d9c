//! A disk in memory that can be full, fail, and forget what was not synced.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::store::{File, Files};

/// The disk. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(super) struct BadDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(super) struct State {
    names: BTreeMap<PathBuf, usize>,
    /// The names as of the last sync of their folder.
    durable_names: BTreeMap<PathBuf, usize>,
    contents: Vec<Content>,
    /// Operations that change something, so far.
    pub(super) operations: u64,
    /// The operation at which the power fails.
    pub(super) power_fails_at: Option<u64>,
    /// Writes get half of their bytes done, then none.
    pub(super) full: bool,
    /// Syncs fail, and lose what they should have made durable.
    pub(super) sync_fails: bool,
}

#[derive(Debug, Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// What is written to a disk in one piece.
const SECTOR: usize = 512;

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, new) => {
                bytes.resize(bytes.len().max(at + new.len()), 0);
                bytes[*at..at + new.len()].copy_from_slice(new);
            }
            Self::Truncate(len) => bytes.resize(*len, 0),
        }
    }

    /// Returns the sectors that a write is made of.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write(mut at, ref new) = *self else { return vec![self.clone()] };
        let mut rest = &new[..];
        let mut sectors = vec![];
        while !rest.is_empty() {
            let (sector, tail) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
            sectors.push(Self::Write(at, sector.to_vec()));
            at += sector.len();
            rest = tail;
        }
        sectors
    }
}

impl BadDisk {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Returns what is found after the power has failed: all that was synced, and of the rest a
    /// selection that the seed makes.
    pub(super) fn after_power_failure(&self, seed: u64) -> Self {
        let mut seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut coin = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            !seed.is_multiple_of(3)
        };
        let state = self.state();
        let contents = state.contents.iter().map(|content| {
            let mut bytes = content.durable.clone();
            for change in content.unsynced.iter().flat_map(Change::sectors) {
                if coin() {
                    change.apply(&mut bytes);
                }
            }
            Content { now: bytes.clone(), durable: bytes, unsynced: vec![] }
        });
        let contents = contents.collect();
        let names = if coin() { state.names.clone() } else { state.durable_names.clone() };
        let durable_names = names.clone();
        Self(Arc::new(Mutex::new(State { names, durable_names, contents, ..State::default() })))
    }

    /// Returns the bytes of a file.
    pub(super) fn bytes(&self, path: &Path) -> Vec<u8> {
        let state = self.state();
        state.names.get(path).map_or(vec![], |inode| state.contents[*inode].now.clone())
    }
}

impl State {
    /// Counts an operation, unless there is no power for it.
    fn operate(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.power_fails_at {
            Some(at) if self.operations >= at => Err(io::Error::other("the power has failed")),
            _ => Ok(()),
        }
    }
}

impl Files for BadDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let mut state = self.state();
        if !state.names.contains_key(path) {
            state.operate()?;
            let inode = state.contents.len();
            state.contents.push(Content::default());
            state.names.insert(path.to_owned(), inode);
        }
        let inode = state.names[path];
        drop(state);
        Ok(Box::new(BadFile { disk: self.clone(), inode }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        let inode = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.names.contains_key(path) {
            state.operate()?;
            state.names.remove(path);
        }
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        state.durable_names = state.names.clone();
        Ok(())
    }
}

#[derive(Debug)]
struct BadFile {
    disk: BadDisk,
    inode: usize,
}

impl BadFile {
    fn change(&self, state: &mut State, change: Change) {
        let content = &mut state.contents[self.inode];
        change.apply(&mut content.now);
        content.unsynced.push(change);
    }
}

impl File for BadFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let state = self.disk.state();
        let bytes = &state.contents[self.inode].now;
        let from = usize::try_from(position).unwrap().min(bytes.len());
        let read = buf.len().min(bytes.len() - from);
        buf[..read].copy_from_slice(&bytes[from..from + read]);
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        let at = usize::try_from(position).unwrap();
        let torn = Change::Write(at, bytes[..bytes.len() / 2].to_vec());
        if let Err(error) = state.operate() {
            if state.power_fails_at == Some(state.operations) {
                self.change(&mut state, torn);
            }
            return Err(error);
        }
        if state.full {
            if bytes.len() < 2 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.change(&mut state, torn);
            return Ok(bytes.len() / 2);
        }
        self.change(&mut state, Change::Write(at, bytes.to_vec()));
        Ok(bytes.len())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.operate()?;
        let failing = state.sync_fails;
        let content = &mut state.contents[self.inode];
        if failing {
            // The pages are marked clean although they never reached the disk.
            content.unsynced.clear();
            return Err(io::Error::from_raw_os_error(5));
        }
        for change in std::mem::take(&mut content.unsynced) {
            change.apply(&mut content.durable);
        }
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.operate()?;
        self.change(&mut state, Change::Truncate(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.state().contents[self.inode].now.len() as u64)
    }
}
