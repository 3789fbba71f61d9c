//! A person's home: where the node, its settings and the keys live.
//!
//! **Invariant:** only the owner can enter it; whoever can enter it is the operator.

use std::path::{Path, PathBuf};

use crate::keys::KeyRing;

/// The folder of one node and one person.
#[derive(Debug, Clone)]
pub(crate) struct Home(PathBuf);

impl Home {
    /// Names the folder that was asked for, or else `~/.weft`. It need not exist.
    pub(crate) fn find(asked: Option<PathBuf>) -> Self {
        let usual = || std::env::home_dir().unwrap_or_default().join(".weft");
        Self(asked.unwrap_or_else(usual))
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the file of settings.
    pub(crate) fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Returns the file of names that people have given to ids.
    pub(crate) fn names(&self) -> PathBuf {
        self.0.join("names.toml")
    }

    /// Returns the socket at which a running node answers.
    pub(crate) fn door(&self) -> PathBuf {
        self.0.join("door")
    }

    /// Returns the keys of the person.
    pub(crate) fn keys(&self) -> KeyRing {
        KeyRing::new(self.0.join("keys"))
    }
}
