//! The sled database behind the journal. Nothing else in this program names sled.
//!
//! sled keeps its promises when a process is killed, but it panics on, or silently loses, what a
//! bad disk has changed. So nothing here is trusted that was not closed in order: on closing, the
//! checksums of all its files are written beside it, and the next start opens the directory only
//! if they still match and the journal is the one it was closed with. In every other case the
//! directory is moved aside and an empty one takes its place; the journal fills it again.
//!
//! **Invariant:** an [`Index`] that opened with its content holds exactly what was closed.
//!
//! **Invariant:** a panic inside sled becomes an [`IndexError`].

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use weft_protocol::id::RecordId;

use super::catalog::Entries;
use super::item::Span;
use crate::file::{self, Readers};

/// The index cannot answer: it must be rebuilt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("sled failed")]
    Sled(#[source] sled::Error),
    #[error("sled panicked")]
    Panicked,
    #[error("an entry is none of ours")]
    Foreign,
    #[error("the index directory cannot be used")]
    Io(#[source] io::Error),
    #[error("the store is closed")]
    Closed,
}

/// The opened database.
#[derive(Debug)]
pub(crate) struct Index {
    db: sled::Db,
    dir: PathBuf,
}

/// How long sled waits before it makes what it has durable. The index is rebuilt after a crash
/// anyway; the flusher runs only because it also collects sled's garbage.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

impl Index {
    /// Opens the index of a journal if it was closed in order with exactly this journal, given by
    /// a line that describes it.
    pub(crate) fn open(dir: &Path, cache_bytes: u64, journal: &str) -> Option<Self> {
        let seal = seal_path(dir);
        let expected = fs::read_to_string(&seal).ok()?;
        // From here on the directory is in use: whoever crashes leaves no seal behind.
        fs::remove_file(&seal).ok()?;
        if checksums(dir, journal).ok()? != expected {
            return None;
        }
        Self::start(dir, cache_bytes).ok()
    }

    /// Moves what is there aside and opens an empty index.
    pub(crate) fn create(dir: &Path, cache_bytes: u64) -> Result<Self, IndexError> {
        set_aside(dir).map_err(IndexError::Io)?;
        Self::start(dir, cache_bytes)
    }

    fn start(dir: &Path, cache_bytes: u64) -> Result<Self, IndexError> {
        let config = sled::Config::new()
            .path(dir)
            .mode(sled::Mode::LowSpace)
            .cache_capacity(cache_bytes)
            .flush_every_ms(u64::try_from(FLUSH_EVERY.as_millis()).ok())
            .use_compression(false);
        let db = guarded(|| config.open())?;
        file::bequeath_all(dir).map_err(IndexError::Io)?;
        Ok(Self { db, dir: dir.to_owned() })
    }

    /// Returns where a record stands.
    pub(crate) fn get(&self, id: &RecordId) -> Result<Option<Span>, IndexError> {
        let found = guarded(|| self.db.get(id.0))?;
        found.map(|packed| Span::read(&packed).ok_or(IndexError::Foreign)).transpose()
    }

    /// Calls `visit` with every entry, in order.
    pub(crate) fn visit(&self, mut visit: impl FnMut(RecordId, Span)) -> Result<(), IndexError> {
        let mut all = guarded(|| Ok(self.db.iter()))?;
        while let Some((id, packed)) = guarded(|| all.next().transpose())? {
            let id = id.as_ref().try_into().map(RecordId).map_err(|_| IndexError::Foreign)?;
            visit(id, Span::read(&packed).ok_or(IndexError::Foreign)?);
        }
        Ok(())
    }

    /// Writes entries, one by one in the order of their ids, so that neighbours meet the same page
    /// while it is at hand. (A batch of sled's would lose the order, and nobody needs it whole: an
    /// index that was not closed in order is not trusted.)
    pub(crate) fn apply(&self, entries: &Entries) -> Result<(), IndexError> {
        guarded(|| {
            for (id, span) in entries {
                match span {
                    Some(span) => self.db.insert(id.0, &span.packed())?,
                    None => self.db.remove(id.0)?,
                };
            }
            Ok(())
        })
    }

    /// Returns the bytes on disk.
    pub(crate) fn size(&self) -> Result<u64, IndexError> {
        guarded(|| self.db.size_on_disk())
    }

    /// Closes the index in order, so that the next start can trust it.
    pub(crate) fn close(self, journal: &str) -> Result<(), IndexError> {
        let Self { db, dir } = self;
        guarded(|| db.flush())?;
        guarded(AssertUnwindSafe(|| {
            drop(db);
            Ok(())
        }))?;
        wait_until_let_go(&dir).map_err(IndexError::Io)?;
        let sums = checksums(&dir, journal).map_err(IndexError::Io)?;
        file::bequeath_all(&dir).map_err(IndexError::Io)?;
        let seal = seal_path(&dir);
        file::replace(&seal, sums.as_bytes(), Readers::Owner).map_err(IndexError::Io)
    }

    /// Lets go of an index that has failed. sled's destructor waits for threads of its own that
    /// may have died with the failure, so it gets a thread that nobody waits for.
    pub(crate) fn abandon(self: Arc<Self>) {
        let drop_it = move || {
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(self)));
            tracing::debug!(clean = dropped.is_ok(), "a failed index is let go");
        };
        if let Err(error) = std::thread::Builder::new().name("abandon".into()).spawn(drop_it) {
            tracing::warn!(%error, "no thread to let go of a failed index");
        }
    }
}

/// Calls sled and turns its panics into errors.
fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, IndexError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(IndexError::Sled(error)),
        Err(_) => Err(IndexError::Panicked),
    }
}

/// Waits until the last of sled's own threads has let go of its files, which may be some moments
/// after the database was dropped. sled holds a lock on its file as long as it is open.
fn wait_until_let_go(dir: &Path) -> io::Result<()> {
    let file = fs::File::open(dir.join("db"))?;
    for _ in 0..LET_GO_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// How often sled's lock is tried: for two seconds, many times what it takes. Who waits longer
/// delays a stop; who gives up pays with a rebuild at the next start.
const LET_GO_TRIES: u32 = 1000;

/// Returns where the checksums of a closed index are kept: beside it.
fn seal_path(dir: &Path) -> PathBuf {
    dir.with_extension("seal")
}

/// Removes the seal of an index, so that no start will trust it.
pub(crate) fn unseal(dir: &Path) -> io::Result<()> {
    match fs::remove_file(seal_path(dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Moves an index out of the way; only the last one is kept.
fn set_aside(dir: &Path) -> io::Result<()> {
    unseal(dir)?;
    let aside = dir.with_extension("aside");
    match fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::rename(dir, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Returns one line for the journal and one for each file of the index: name, length, CRC-32C.
fn checksums(dir: &Path, journal: &str) -> io::Result<String> {
    let mut lines = vec![];
    let mut folders = vec![dir.to_owned()];
    let mut buffer = vec![0; 256 * 1024];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let (mut file, mut crc, mut len) = (fs::File::open(&path)?, 0, 0);
            loop {
                let read = file.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                crc = crc32c::crc32c_append(crc, &buffer[..read]);
                len += read;
            }
            let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
            lines.push(format!("{name} {len} {crc:08x}"));
        }
    }
    lines.sort();
    let mut sums = format!("{journal}\n");
    for line in lines {
        writeln!(sums, "{line}").map_err(io::Error::other)?;
    }
    Ok(sums)
}
