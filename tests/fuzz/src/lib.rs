//! What must hold whatever the bytes are: one target for each door by which others' bytes come in.
//!
//! A target is a function of bytes that panics when a promise is broken. The tests here try every one
//! over its seeds, over what was found once (`found/`), and over mutations of these, the same each time;
//! `tests/fuzz/run` tries them in earnest, guided by the code that each input reaches.
//!
//! **Invariant:** a target says whether the bytes were understood, and the tests ask that some are: where
//! none is, the mutations are too wild to show anything.

#![expect(clippy::missing_panics_doc, reason = "a target panics when a promise is broken")]

pub mod control;
pub mod invite;
pub mod journal;
mod mutation;
pub mod record;
pub mod sealed;
pub mod session;
pub mod settings;
pub mod table;
#[cfg(test)]
mod tests;

pub use mutation::Mutations;

use std::fs;
use std::path::PathBuf;

/// One door, and what must hold at it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: of its module, of its folder below `found`, and of its program below `libfuzzer`.
    pub name: &'static str,
    /// Tries bytes; says whether they were understood.
    pub tries: fn(&[u8]) -> bool,
    /// What it begins with: bytes that are meant, and nearly so.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 8] = [
    Target { name: "control", tries: control::tries, seeds: control::seeds },
    Target { name: "invite", tries: invite::tries, seeds: invite::seeds },
    Target { name: "journal", tries: journal::tries, seeds: journal::seeds },
    Target { name: "record", tries: record::tries, seeds: record::seeds },
    Target { name: "sealed", tries: sealed::tries, seeds: sealed::seeds },
    Target { name: "session", tries: session::tries, seeds: session::seeds },
    Target { name: "settings", tries: settings::tries, seeds: settings::seeds },
    Target { name: "table", tries: table::tries, seeds: table::seeds },
];

impl Target {
    /// Returns the target of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }

    /// Returns what was found once: inputs that broke a promise, each by a name that says which.
    pub fn found(self) -> Vec<Vec<u8>> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("found").join(self.name);
        let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.expect("a folder").path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("a file")).collect()
    }
}

/// Returns the text that bytes are, if they are one.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Returns the bytes of texts.
fn texts<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
