//! The peer book on disk: `peers`, a TOML file that its operator may read, edit and delete.
//!
//! **Invariant:** a file that cannot be read is no reason not to start: the book is then empty.
//! **Invariant:** a reader sees the old book or the new one, never half of one; only the owner may read
//! it, because it says who was met where.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::book::PeerBook;
use super::target::Entry;
use crate::file::{self, Readers};

/// How soon a change is written at first: a node that is killed in its first seconds is to know whom
/// it met, and a second gathers what one meeting changes.
const SOON: Duration = Duration::from_secs(1);

/// How many changes are written that soon after the start.
const SOON_WRITES: u32 = 8;

/// How soon later ones are: they matter after a restart, not before, and many peers that come and go
/// must not wear out a memory card.
const LATER: Duration = Duration::from_secs(30);

/// The largest file that is read; a full book is under 200 KiB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

const HEADING: &str =
    "# Nodes that this node has met, the last met first. Weft rewrites this file.\n\n";

/// What the file says.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookFile {
    #[serde(default)]
    peer: Vec<Entry>,
}

impl BookFile {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// That it is none, and not why: a parser's message quotes the line, and the line holds an address.
    pub fn read(text: &str) -> io::Result<Self> {
        toml::from_str(text).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Returns the text of the file.
    ///
    /// # Errors
    /// When it cannot be said in TOML.
    pub fn text(&self) -> io::Result<String> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        Ok(format!("{HEADING}{text}"))
    }
}

/// Writes the book down, soon after the first changes and now and then after later ones.
#[derive(Debug)]
pub(super) struct Scribe {
    path: Option<PathBuf>,
    due: Option<Instant>,
    written: u32,
    writing: Option<JoinHandle<()>>,
}

impl Scribe {
    /// Makes one that writes here, or never.
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self { path, due: None, written: 0, writing: None }
    }

    /// Returns what was written down before.
    pub(super) fn read(&self) -> Vec<Entry> {
        self.path.as_deref().map(load).unwrap_or_default()
    }

    /// Takes note of a change, if there is one and none waits to be written.
    pub(super) fn notice(&mut self, book: &PeerBook, now: Instant) {
        if self.due.is_none() && self.path.is_some() && book.has_changed() {
            let wait = if self.written < SOON_WRITES { SOON } else { LATER };
            self.due = Some(now + wait);
        }
    }

    /// Returns when to write.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes the book beside the task, unless the write before is not done; then it is due again.
    pub(super) fn write(&mut self, book: &mut PeerBook, now: Instant) {
        self.due = None;
        if self.writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
            self.due = Some(now + SOON);
        } else if let Some(path) = self.path.clone()
            && let Some(entries) = book.changes()
        {
            self.written += 1;
            self.writing = Some(tokio::task::spawn_blocking(move || save(&path, entries)));
        }
    }

    /// Writes what has changed since, and waits until it is written.
    pub(super) async fn finish(mut self, book: &mut PeerBook) {
        for _ in 0..2 {
            if let Some(writing) = self.writing.take() {
                // An error says that it has panicked, which its log says.
                writing.await.ok();
            }
            self.write(book, Instant::now());
        }
    }
}

/// Reads the book, or what can be had of it.
fn load(path: &Path) -> Vec<Entry> {
    match read(path) {
        Ok(book) => book.peer,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            tracing::warn!(kind = ?error.kind(), "the peer book cannot be read; starting without");
            Vec::new()
        }
    }
}

fn read(path: &Path) -> io::Result<BookFile> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    BookFile::read(&text)
}

/// Replaces the book, and says in the log if that fails: the node runs on without.
fn save(path: &Path, entries: Vec<Entry>) {
    if let Err(error) = replace(path, entries) {
        tracing::warn!(kind = ?error.kind(), "the peer book cannot be written");
    }
}

fn replace(path: &Path, entries: Vec<Entry>) -> io::Result<()> {
    file::replace(path, BookFile { peer: entries }.text()?.as_bytes(), Readers::Owner)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use weft_protocol::id::NodeId;

    use super::*;

    #[tokio::test]
    async fn the_first_changes_are_written_soon_and_later_ones_rarely() {
        let home = tempfile::tempdir().unwrap();
        let mut scribe = Scribe::new(Some(home.path().join("peers")));
        let now = Instant::now();
        let mut book = PeerBook::new(NodeId([1; 32]), 16, 0);
        scribe.notice(&book, now);
        assert_eq!(scribe.due(), None, "nothing has changed");
        for write in 0..=SOON_WRITES {
            book.hint(NodeId([2; 32]), &"/dns4/weft.example/tcp/8471".parse().unwrap(), now);
            book.met(NodeId([2; 32]), None, now);
            scribe.notice(&book, now);
            scribe.notice(&book, now + SOON);
            let wait = if write < SOON_WRITES { SOON } else { LATER };
            assert_eq!(scribe.due(), Some(now + wait), "write {write}");
            scribe.write(&mut book, now + wait);
            scribe.writing.as_mut().unwrap().await.unwrap();
        }
        assert_eq!(scribe.read().len(), 1);
    }

    #[test]
    fn a_book_reads_back_what_it_wrote() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("peers");
        assert_eq!(load(&path), []);
        let now = Instant::now();
        let mut book = PeerBook::new(NodeId([1; 32]), 16, 0);
        book.hint(NodeId([2; 32]), &"/dns4/weft.example/tcp/8471".parse().unwrap(), now);
        book.met(NodeId([2; 32]), None, now);
        let entries = book.changes().unwrap();
        save(&path, entries.clone());
        assert_eq!(load(&path), entries);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_book_is_an_empty_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("peers");
        for bytes in [&b"[[peer]]\nnode = 7"[..], b"\xff\xfe", b"[[peer]]\naddresses = [\"x\"]"] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(load(&path), []);
        }
    }
}
