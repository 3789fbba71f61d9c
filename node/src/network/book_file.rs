//! The peer book on disk: `peers`, a TOML file that its operator may read, edit and delete.
//!
//! **Invariant:** a file that cannot be read is no reason not to start: the book is then empty.
//! **Invariant:** a reader sees the old book or the new one, never half of one; only the owner may read
//! it, because it says who was met where.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::book::Entry;

/// The largest file that is read; a full book is under 200 KiB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

const HEADING: &str =
    "# Nodes that this node has met, the last met first. Weft rewrites this file.\n\n";

#[derive(Default, Serialize, Deserialize)]
struct Contents {
    #[serde(default)]
    peer: Vec<Entry>,
}

/// Reads the book, or what can be had of it.
pub(super) fn load(path: &Path) -> Vec<Entry> {
    match read(path) {
        Ok(contents) => contents.peer,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            // The kind only: a parser's message quotes the line, and the line holds an address.
            tracing::warn!(kind = ?error.kind(), "the peer book cannot be read; starting without");
            Vec::new()
        }
    }
}

fn read(path: &Path) -> io::Result<Contents> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    toml::from_str(&text).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Replaces the book, and says in the log if that fails: the node runs on without.
pub(super) fn save(path: &Path, entries: Vec<Entry>) {
    if let Err(error) = replace(path, entries) {
        tracing::warn!(kind = ?error.kind(), "the peer book cannot be written");
    }
}

fn replace(path: &Path, entries: Vec<Entry>) -> io::Result<()> {
    let text = toml::to_string(&Contents { peer: entries }).map_err(io::Error::other)?;
    let draft = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(HEADING.as_bytes())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use tokio::time::Instant;
    use weft_protocol::id::NodeId;

    use super::super::book::PeerBook;
    use super::*;

    #[test]
    fn a_book_reads_back_what_it_wrote() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("peers");
        assert_eq!(load(&path), []);
        let now = Instant::now();
        let mut book = PeerBook::new(NodeId([1; 32]), 0);
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
