//! A person's home: where the node, its settings and the keys live.
//!
//! **Invariant:** only the owner can enter it; whoever can enter it is the operator.

use std::path::{Path, PathBuf};

use anyhow::Result;
use weft_node::config::{Config, ConfigError, Overrides};
use weft_node::home::Home as NodeHome;

use crate::exit::Failure;
use crate::keys::KeyRing;
use crate::words::Say;

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

    /// Returns the file of names that people have given to ids.
    pub(crate) fn names(&self) -> PathBuf {
        self.path().join("names.toml")
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

fn unclear(error: ConfigError) -> anyhow::Error {
    let why = format!("{:#}", anyhow::Error::new(error));
    Failure::failed(Say::BadSettings { why })
}
