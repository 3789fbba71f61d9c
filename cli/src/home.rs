//! A person's home: where the node, its settings and the keys live.
//!
//! **Invariant:** only the owner can enter it; whoever can enter it is the operator.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weft_node::FormatError;
use weft_node::config::{Config, ConfigError, FILE, Overrides};
use weft_node::file::{self, UNFINISHED};
use weft_node::home::Home as NodeHome;
use weft_node::store::HomeLock;

use crate::exit::Failure;
use crate::keys::KeyRing;
use crate::words::{Say, Starting};

/// The folder of one node and one person.
#[derive(Debug, Clone)]
pub(crate) struct Home(NodeHome);

impl Home {
    /// Names the folder that was asked for, or else `~/.weft`. It need not exist.
    pub(crate) fn find(asked: Option<PathBuf>) -> Self {
        let usual = || std::env::home_dir().unwrap_or_default().join(".weft");
        Self(NodeHome::new(asked.unwrap_or_else(usual)))
    }

    /// Returns the node's part of it.
    pub(crate) fn node(&self) -> &NodeHome {
        &self.0
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the folder's name for people.
    pub(crate) fn shown(&self) -> String {
        self.path().display().to_string()
    }

    /// Looks at what is in the folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn content(&self) -> Result<Content> {
        if self.is_made() {
            return Ok(Content::Home);
        }
        let entries = match fs::read_dir(self.path()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Content::Nothing),
            entries => entries.with_context(|| self.shown())?,
        };
        let mut content = Content::Nothing;
        for entry in entries {
            let name = entry.with_context(|| self.shown())?.file_name();
            match name.to_str().unwrap_or_default() {
                OF_THE_DISK => {}
                name if BEFORE_SETTINGS.contains(&name) || name.starts_with(UNFINISHED) => {
                    content = Content::Begun;
                }
                _ => return Ok(Content::Other),
            }
        }
        Ok(content)
    }

    /// Removes what a making that was killed has left unfinished.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        let folders = [self.path().to_owned(), self.path().join("keys")];
        folders.iter().filter(|folder| folder.is_dir()).try_for_each(|folder| file::tidy(folder))
    }

    /// Keeps others out of the folder, which may have been there before and open to them. Where the file
    /// system knows no permissions there are none to keep.
    ///
    /// # Errors
    /// When they cannot be looked at, or the folder is somebody else's.
    pub(crate) fn close(&self) -> io::Result<()> {
        let data = fs::metadata(self.path())?;
        if data.permissions().mode() & 0o7777 == 0o700 {
            return Ok(());
        }
        match fs::set_permissions(self.path(), Permissions::from_mode(0o700)) {
            Err(_) if data.uid() == file::me() => Ok(()),
            done => done,
        }
    }

    /// Says whether the folder is a home: it has settings.
    pub(crate) fn is_made(&self) -> bool {
        self.path().join(FILE).is_file()
    }

    /// Makes the error of a home in which another process works.
    pub(crate) fn in_use(&self) -> anyhow::Error {
        let process = HomeLock::holder(self.path()).and_then(|holder| holder.process);
        Failure::failed(Say::Starting(Starting::HomeLocked { path: self.shown(), process }))
    }

    /// Says that another version of the program has written what is stored here.
    pub(crate) fn of_another_format(&self, format: FormatError) -> Starting {
        let store = self.node().store().display().to_string();
        Starting::OtherFormat { store, newer: format == FormatError::Newer }
    }

    /// Makes the error of a home whose store is of another format.
    pub(crate) fn of_other_format(&self, format: FormatError) -> anyhow::Error {
        Failure::failed(Say::Starting(self.of_another_format(format)))
    }

    /// Returns the file of names that people have given to ids.
    pub(crate) fn names(&self) -> PathBuf {
        self.path().join("names.toml")
    }

    /// Returns the file that says which key each node somewhere else was shown.
    pub(crate) fn doors(&self) -> PathBuf {
        self.path().join("doors.toml")
    }

    /// Returns the keys of the person.
    pub(crate) fn keys(&self) -> KeyRing {
        KeyRing::new(self.path().join("keys"))
    }

    /// Reads the settings: the file, the environment above it, and what was `said` above both.
    ///
    /// # Errors
    /// When there is no home here, or its settings make no sense.
    pub(crate) fn settings(&self, said: Overrides) -> Result<Config> {
        // A variable that is no text is none of ours.
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let env = Overrides::from_env(variables).map_err(unclear)?;
        Config::load(self.path(), [env, said]).map_err(|error| match error {
            ConfigError::Missing(_) => Failure::failed(Say::NoHome { path: self.shown() }),
            other => unclear(other),
        })
    }
}

/// What may be in the folder before its settings are: what commands put there that need none, and the
/// node's key, with which the making of a home begins.
const BEFORE_SETTINGS: [&str; 6] =
    ["keys", "names.toml", "doors.toml", "listings.json", "lock", "node.key"];

/// What the file system itself keeps in the uppermost folder of a disk.
const OF_THE_DISK: &str = "lost+found";

/// What is in the folder of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing, or there is no such folder.
    Nothing,
    /// Keys of a person, and what else may come before the settings: a home that is still to be made,
    /// or whose making broke off.
    Begun,
    /// A home: there are settings.
    Home,
    /// Something that is none of ours, or a home without its settings.
    Other,
}

fn unclear(error: ConfigError) -> anyhow::Error {
    let why = format!("{:#}", anyhow::Error::new(error));
    Failure::failed(Say::BadSettings { why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_one_when_it_has_settings_and_its_making_may_break_off() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path().join("weft")));
        assert_eq!(home.content().unwrap(), Content::Nothing);
        fs::create_dir_all(home.path().join("keys")).unwrap();
        fs::create_dir_all(home.path().join(OF_THE_DISK)).unwrap();
        fs::write(home.path().join("node.key"), "").unwrap();
        fs::write(home.path().join(format!("{UNFINISHED}xYz")), "").unwrap();
        assert_eq!(home.content().unwrap(), Content::Begun);
        fs::create_dir_all(home.path().join("store")).unwrap();
        assert_eq!(home.content().unwrap(), Content::Other, "a node has run with other settings");
        fs::remove_dir(home.path().join("store")).unwrap();
        assert!(!home.is_made());
        fs::write(home.path().join(FILE), "").unwrap();
        assert_eq!(home.content().unwrap(), Content::Home);
        assert!(home.is_made());
    }
}
