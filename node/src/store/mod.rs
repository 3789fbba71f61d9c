//! The store: every record this node keeps, and the only part of it that knows files.
//!
//! The **journal** is the truth: one append-only file of records, each with a check behind it. The
//! **index** (sled) only says where in it a record of a given id stands. It is at most moments late
//! and can be thrown away at any time. What a record is about the engine knows by heart, so nothing
//! but ids is ever looked up here.
//!
//! ```text
//!   engine ── stage, seal ──► Staging ── persist(seq) ──► writer thread ── append, sync ──► journal
//!     ▲                          │                             │
//!     └──── Persisted(seq) ──────┼─────────────────────────────┘
//!                                ▼
//!   readers ◄──────── by id ──────── Catalog (active, frozen) ── indexing thread ──► sled
//! ```
//!
//! Start reading at [`Disk`]. The format of the journal is in `item.rs`.
//!
//! **Invariant:** what was reported as [`Event::Persisted`] is found again after a crash at any
//! instant.
//!
//! **Invariant:** only `index.rs` names sled, and nothing is lost when it fails.
//!
//! **Invariant:** staging and reading never wait for a write to the disk.

mod catalog;
mod compact;
mod files;
mod frame;
mod hidden;
mod index;
mod item;
mod journal;
mod lock;
mod reader;
mod scan;
mod shared;
mod shelf;
mod staging;
mod survey;
#[cfg(test)]
mod tests;
mod verify;
mod wipe;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use weft_protocol::id::RecordId;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use catalog::Catalog;
use frame::record_id;
use index::Index;
use item::{Span, hiding_item, lift_item, prefix_of, record_item, tombstone_item};
use journal::Journal;
use shared::{Paths, Shared};
use staging::Staging;
use wipe::Wipe;

use crate::file;
use crate::part::Part;

pub use compact::{CompactError, Compacted, compact};
pub use files::{File, Files, RealFiles};
pub use item::{Hiding, Tombstone};
pub use lock::{Holder, HomeLock, LockError};
pub use reader::{ReadError, Reader, Replay};
pub use scan::Damage;
pub use shelf::Shelf;
pub use survey::Survey;
pub use verify::{IndexCheck, check_journal, sizes};
pub use writer::{PersistError, Writer};

/// The number of a sealed batch. What has a lower or equal number than one that was persisted is
/// durable too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

/// What the store tells on its own.
#[derive(Debug)]
pub enum Event {
    /// Everything up to this batch is durable: acknowledge it.
    Persisted(Seq),
    /// The disk refuses. What is staged stays in memory and is written when it takes again, which
    /// the next [`Event::Persisted`] says; whoever stages takes nothing new until then, and tells
    /// people.
    Refusing(PersistError),
    /// A stored record turned out to be unreadable and counts as missing: fetch it again.
    Damaged(Damage),
    /// A thread has ended, in order or not. While the store is open, nothing works without it.
    Ended(Part),
}

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the store, made when it is missing.
    pub dir: PathBuf,
    /// The memory that sled may use for its cache, in bytes. It uses some more.
    pub cache_bytes: u64,
    /// Where files live.
    pub files: Arc<dyn Files>,
}

/// sled's cache unless configured: enough for the upper levels of an index of a million records,
/// and little beside the 100 MiB that a node may use.
pub const CACHE_BYTES: u64 = 16 << 20;

impl Options {
    /// Returns the options of an ordinary store in a folder.
    pub fn new(dir: &Path) -> Self {
        let files = Arc::new(RealFiles);
        Self { dir: dir.to_owned(), cache_bytes: CACHE_BYTES, files }
    }
}

/// A store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the journal could not be opened or read.
    #[error("the journal cannot be opened")]
    Journal(#[source] io::Error),
    /// What a crash or a bad disk left could not be set right.
    #[error("the journal cannot be mended")]
    Mend(#[source] io::Error),
    /// A thread could not be started.
    #[error("the store's threads cannot be started")]
    Thread(#[source] io::Error),
}

/// What a store holds and uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of the journal that are durable.
    pub journal_bytes: u64,
    /// Bytes that are staged and in memory only.
    pub staged_bytes: u64,
    /// Bytes of sled's files.
    pub index_bytes: u64,
    /// Entries of the index that wait for sled.
    pub waiting_entries: usize,
    /// Whether writes are refused at the moment.
    pub refusing: bool,
    /// At how many places nothing could be read when the store was opened.
    pub skipped: u64,
}

/// An opened store: the engine's side, which stages.
#[derive(Debug)]
pub struct Disk {
    shared: Arc<Shared>,
    writer: Writer,
    threads: Vec<JoinHandle<()>>,
    /// What the opening survey met.
    survey: Survey,
}

impl Disk {
    /// Opens the store in a folder; the caller holds the [`HomeLock`]. `events` is called on the
    /// store's own threads: it passes the event on and does not wait.
    ///
    /// The journal is walked once: a torn tail is cut off, damage is mended and kept for
    /// inspection, interrupted erasures are finished. A journal of which more than half was
    /// overwritten is made anew, if there is room. An index that was not closed in order with this
    /// very journal is rebuilt.
    ///
    /// # Errors
    /// The journal cannot be opened, read or mended, or threads cannot be started.
    pub fn open(
        options: Options,
        events: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let paths = Paths::new(&options.dir);
        let (mut file, mut survey, mut end) = whole(&options, &paths)?;
        if survey.is_hollow() {
            drop(file);
            if let Err(error) = compact(&options, |_| true) {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "what was overwritten goes on taking room");
            }
            (file, survey, end) = whole(&options, &paths)?;
        }
        let Options { cache_bytes, files, .. } = options;
        let journal = Journal::new(file, end);
        let described = journal.describe().map_err(OpenError::Journal)?;
        let index = || Index::open(&paths.index, cache_bytes, &described);
        let trusted = survey.is_clean().then(index).flatten();
        let index_is_whole = trusted.is_some();
        let shared = Arc::new(Shared {
            files,
            paths,
            cache_bytes,
            journal,
            catalog: Catalog::new(trusted, survey.hidden.clone()),
            staging: Mutex::new(Staging::new(end)),
            events: Box::new(events),
        });
        if !index_is_whole {
            let cause = io::Error::other("it was not closed in order with this journal");
            shared.rebuild(&cause).map_err(OpenError::Journal)?;
        }
        let mut disk = Self { shared, writer: Writer::default(), threads: vec![], survey };
        disk.start().map_err(OpenError::Thread)?;
        Ok(disk)
    }

    fn start(&mut self) -> io::Result<()> {
        let (shared, writer) = (Arc::clone(&self.shared), self.writer.clone());
        let journal = std::thread::Builder::new().name("journal".into());
        self.threads.push(journal.spawn(move || {
            let _told = shared.tells_end_of(Part::Journal);
            writer::run(&shared, &writer);
        })?);
        let shared = Arc::clone(&self.shared);
        let index = std::thread::Builder::new().name("index".into());
        self.threads.push(index.spawn(move || {
            let _told = shared.tells_end_of(Part::Index);
            shared.index_until_stopped();
        })?);
        Ok(())
    }

    /// Returns what was found on opening: counts, damage, a torn tail.
    pub fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Returns a handle to read with.
    pub fn reader(&self) -> Reader {
        Reader(Arc::clone(&self.shared))
    }

    /// Returns the handle that asks for batches to be made durable.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Stages a verified record. It is found by all readers at once, and durable when its batch
    /// is. Staging what is staged already does nothing; whoever reads before keeps the journal free of
    /// copies.
    pub fn stage(&mut self, record: &Record) {
        let id = record.id();
        if self.shared.catalog.hiding(&id).is_some() {
            return self.stage_lift(&id);
        }
        let mut staging = self.shared.staging();
        let mut layers = self.shared.catalog.write();
        if !layers.holds(&id) {
            let position = staging.push(record_item(record.bytes(), &id));
            layers.put(id, Some(Span::new(position, record.bytes())));
        }
    }

    /// Stages the erasure of a record, whether it is here or not: its tombstone is kept, its bytes
    /// are overwritten when the batch is written, and readers no longer find it from now on.
    ///
    /// # Errors
    /// [`ReadError`], when the disk cannot be read.
    pub fn stage_erase(&mut self, tombstone: &Tombstone) -> Result<(), ReadError> {
        let id = tombstone.id;
        let place = self.reader().locate(&id)?.map(|(span, _)| span);
        let mut staging = self.shared.staging();
        let mut layers = self.shared.catalog.write();
        let hidden = layers.hidden.take(&id).map(|hiding| hiding.span);
        let position = staging.push(tombstone_item(tombstone));
        if let Some(span) = place.or(hidden) {
            staging.wipe(Wipe { span, prefix: prefix_of(&id), tombstone: Some(position) });
            layers.put(id, None);
        }
        Ok(())
    }

    /// Stages that a record is hidden until it is due to be overwritten, which is asked for by
    /// [`Disk::stage_erase`]: its tombstone is kept, readers no longer find it from now on, and a lift
    /// brings it back. Nothing is done for what is not here.
    ///
    /// # Errors
    /// [`ReadError`], when the disk cannot be read.
    pub fn stage_hide(&mut self, tombstone: &Tombstone, due: Timestamp) -> Result<(), ReadError> {
        let id = tombstone.id;
        let Some((span, _)) = self.reader().locate(&id)? else { return Ok(()) };
        let mut staging = self.shared.staging();
        let mut layers = self.shared.catalog.write();
        let hiding = Hiding { tombstone: tombstone.clone(), due, span };
        staging.push(hiding_item(&hiding));
        layers.hidden.put(hiding);
        layers.put(id, None);
        Ok(())
    }

    /// Returns a hidden record, and its bytes.
    ///
    /// # Errors
    /// [`ReadError`], when the disk cannot be read.
    pub fn hidden(&self, id: &RecordId) -> Result<Option<(Hiding, Vec<u8>)>, ReadError> {
        let Some(hiding) = self.shared.catalog.hiding(id) else { return Ok(None) };
        let bytes = self.shared.read(hiding.span.position, hiding.span.len as usize)?;
        Ok((record_id(&bytes).as_ref() == Some(id)).then_some((hiding, bytes)))
    }

    /// Returns the ids of all hidden records.
    pub fn all_hidden(&self) -> Vec<RecordId> {
        self.shared.catalog.all_hidden()
    }

    /// Stages the overwriting of a record that is over: nothing stays of it, and it may come again.
    ///
    /// # Errors
    /// [`ReadError`], when the disk cannot be read.
    pub fn stage_forget(&mut self, id: &RecordId) -> Result<(), ReadError> {
        let Some((span, _)) = self.reader().locate(id)? else { return Ok(()) };
        let mut staging = self.shared.staging();
        staging.wipe(Wipe { span, prefix: prefix_of(id), tombstone: None });
        self.shared.catalog.write().put(*id, None);
        Ok(())
    }

    /// Stages the end of a tombstone: a hidden record is found again, and one that was overwritten may
    /// come again.
    pub fn stage_lift(&mut self, id: &RecordId) {
        let mut staging = self.shared.staging();
        let mut layers = self.shared.catalog.write();
        staging.push(lift_item(id));
        if let Some(hiding) = layers.hidden.take(id) {
            layers.put(*id, Some(hiding.span));
        }
    }

    /// Closes what has been staged into a batch and returns its number, for [`Writer::persist`].
    pub fn seal(&mut self) -> Seq {
        self.shared.staging().seal()
    }

    /// Returns what the store holds and uses.
    pub fn stats(&self) -> Stats {
        let staging = self.shared.staging();
        let (waiting_entries, index_bytes) = self.shared.catalog.sizes();
        Stats {
            journal_bytes: self.shared.journal.durable(),
            staged_bytes: staging.bytes(),
            index_bytes,
            waiting_entries,
            refusing: staging.refusing,
            skipped: self.survey.damaged.len() as u64,
        }
    }

    /// Closes the store in order: what was asked of the writer is written, the index is completed
    /// and sealed. Dropping a store does the same.
    pub fn close(self) {
        drop(self);
    }

    fn finish(&mut self) {
        self.writer.stop();
        let mut threads = std::mem::take(&mut self.threads).into_iter();
        let join = |thread: Option<JoinHandle<()>>| {
            if thread.is_some_and(|thread| thread.join().is_err()) {
                tracing::error!("a thread of the store has panicked");
            }
        };
        join(threads.next());
        self.shared.catalog.stop();
        join(threads.next());
        self.shared.close_index();
    }
}

/// Opens the journal in its folder, which is made when it is missing, and sets it right. Returns what is in
/// it and where it ends.
fn whole(options: &Options, paths: &Paths) -> Result<(Box<dyn File>, Survey, u64), OpenError> {
    let Options { dir, files, .. } = options;
    file::make_folder(dir).map_err(OpenError::Journal)?;
    files.remove(&paths.fresh).map_err(OpenError::Journal)?;
    let file = files.open(&paths.journal).map_err(OpenError::Journal)?;
    files.sync_dir(dir).map_err(OpenError::Journal)?;
    wipe::finish(&**files, paths, &*file).map_err(OpenError::Mend)?;
    let len = file.len().map_err(OpenError::Journal)?;
    let survey = survey::survey(&*file, len, false).map_err(OpenError::Journal)?;
    let end = survey::mend(&**files, paths, &*file, &survey)?;
    Ok((file, survey, end))
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.finish();
    }
}
