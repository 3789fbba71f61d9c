//! `weft wipe`: leaves nothing of a home on this machine.
//!
//! **Invariant:** it takes away what Weft has made and nothing else, and never while a node runs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use weft_node::file::UNFINISHED;
use weft_node::store::{HomeLock, LockError};

use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::home::Content;
use crate::words::{Leaving, Say};

/// What Weft makes in a home, the keys first: if anything breaks off, they are gone.
const OURS: &[&str] = &[
    "keys",
    "bridge.key",
    "node.key",
    "names.toml",
    "doors.toml",
    "choices.toml",
    "clock",
    "listings.json",
    "peers",
    "store",
    "config.toml",
    "door",
];

/// Overwrites and removes everything of this home: keys, records, choices and names.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    let home = desk.home.path();
    if matches!(desk.home.content()?, Content::Nothing | Content::Other) {
        return Err(Failure::failed(Say::NoHome { path: desk.home.shown() }));
    }
    let path = desk.home.shown();
    let lock = match HomeLock::acquire(home) {
        Err(LockError::Held(_)) => return Err(desk.home.in_use()),
        lock => lock?,
    };
    let ours = ours(home).with_context(|| path.clone())?;
    let there = ours.iter().map(|path| counted(path)).sum::<io::Result<usize>>();
    let files = there.with_context(|| path.clone())?;
    desk.confirm(&Say::Leaving(Leaving::AskWipe { path: path.clone(), files }))?;
    let mut files = 0;
    for path in ours {
        files += wiped(&path).with_context(|| path.display().to_string())?;
    }
    drop(lock);
    fs::remove_file(home.join("lock")).ok();
    // What else is there is not ours: then the folder stays.
    fs::remove_dir(home).ok();
    if desk.json {
        desk.answer(&json!({ "home": path, "files": files }))?;
    } else {
        desk.line(desk.speech.say(&Say::Leaving(Leaving::Wiped { path, files })))?;
    }
    Ok(Exit::Done)
}

/// Counts the files of a file or a folder with all in it.
fn counted(path: &Path) -> io::Result<usize> {
    let kind = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        data => data?,
    };
    if !kind.is_dir() {
        return Ok(1);
    }
    fs::read_dir(path)?.map(|entry| counted(&entry?.path())).sum()
}

/// Returns what Weft may have made here, what a kill kept it from finishing among it.
fn ours(home: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = OURS.iter().map(|name| home.join(name)).collect();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

/// Removes a file or a folder with all in it, and returns how many files there were. A link is removed
/// and what it leads to stays.
fn wiped(path: &Path) -> io::Result<usize> {
    let kind = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        data => data?,
    };
    if kind.is_dir() {
        let mut files = 0;
        for entry in fs::read_dir(path)? {
            files += wiped(&entry?.path())?;
        }
        fs::remove_dir(path)?;
        return Ok(files);
    }
    if kind.is_file() {
        overwrite(path, kind.len())?;
    }
    fs::remove_file(path)?;
    Ok(1)
}

/// How many zeros are written at once: a page of most disks several times over, and no burden for
/// any memory.
const ZEROS: usize = 64 * 1024;

fn overwrite(path: &Path, length: u64) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).open(path)?;
    let zeros = vec![0; ZEROS];
    let mut left = length;
    while left > 0 {
        let piece = usize::try_from(left).unwrap_or(ZEROS).min(ZEROS);
        file.write_all(&zeros[..piece])?;
        left -= piece as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_whole_and_what_a_link_leads_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("store"), folder.path().join("other"));
        fs::create_dir_all(inside.join("deep")).unwrap();
        fs::write(inside.join("deep/a"), vec![1; ZEROS + 1]).unwrap();
        fs::write(&outside, "stays").unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        assert_eq!(counted(&inside).unwrap(), 2);
        assert_eq!(wiped(&inside).unwrap(), 2);
        assert!(!inside.exists());
        assert_eq!(fs::read_to_string(&outside).unwrap(), "stays");
        assert_eq!(wiped(&inside).unwrap(), 0, "what is gone is gone");
    }

    #[test]
    fn a_file_is_overwritten_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        fs::write(&path, vec![7; ZEROS * 2 + 5]).unwrap();
        overwrite(&path, fs::metadata(&path).unwrap().len()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), vec![0; ZEROS * 2 + 5]);
    }
}
