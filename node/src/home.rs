//! A node's home: the folder that holds its configuration, its key, its records and its door.
//!
//! ```text
//! config.toml    how the node runs                     node.key   the transport's key, 0600
//! store/         journal and index                     peers      nodes that it has met
//! keys/          the operator's own key files          door       the control door, 0600
//! ```
//!
//! **Invariant:** the home is readable by its owner only, and at most one process runs in it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use weft_protocol::id::NodeId;
use weft_protocol::key::SecretKey;

/// The folder of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(PathBuf);

/// A home could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Something is there already.
    #[error("{0} is there already; choose another home, or move it away first")]
    Exists(PathBuf),
    /// A file could not be made or read.
    #[error("{path} cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The node's key is damaged.
    #[error("{0} does not hold a node's key; put the saved one back, or make a new home")]
    Key(PathBuf),
}

impl Home {
    /// Names a home, whether it is there or not.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns where the door is.
    pub fn door(&self) -> PathBuf {
        self.0.join("door")
    }

    /// Returns where records are kept.
    pub fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    /// Returns where met nodes are remembered.
    pub fn peers(&self) -> PathBuf {
        self.0.join("peers")
    }

    fn node_key(&self) -> PathBuf {
        self.0.join("node.key")
    }

    /// Makes the home with this configuration and a fresh node key.
    ///
    /// # Errors
    /// [`HomeError::Exists`] when there is a configuration already, [`HomeError::Io`] when a file
    /// cannot be made.
    pub fn create(&self, config: &str, key: &SecretKey) -> Result<NodeId, HomeError> {
        let file = self.0.join(crate::config::FILE);
        if file.exists() {
            return Err(HomeError::Exists(self.0.clone()));
        }
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(|cause| HomeError::Io { path: self.0.clone(), cause })?;
        let seed = data_encoding::BASE32_NOPAD.encode(key.seed().as_ref());
        write_private(&self.node_key(), seed.to_ascii_lowercase().as_bytes())?;
        write_private(&file, config.as_bytes())?;
        Ok(key.public().into())
    }

    /// Reads the node's key.
    ///
    /// # Errors
    /// [`HomeError::Io`] when the file cannot be read, [`HomeError::Key`] when it holds no key.
    pub fn key(&self) -> Result<SecretKey, HomeError> {
        let path = self.node_key();
        let mut text = zeroize::Zeroizing::new(String::new());
        fs::File::open(&path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .map_err(|cause| HomeError::Io { path: path.clone(), cause })?;
        let upper = zeroize::Zeroizing::new(text.trim().to_ascii_uppercase());
        let seed = data_encoding::BASE32_NOPAD.decode(upper.as_bytes()).ok();
        let seed = seed.map(zeroize::Zeroizing::new);
        let seed = seed.and_then(|seed| <[u8; 32]>::try_from(seed.as_slice()).ok());
        let seed = zeroize::Zeroizing::new(seed.ok_or(HomeError::Key(path))?);
        Ok(SecretKey::from_seed(&seed))
    }
}

/// Writes a file that nobody else may read, whole or not at all.
///
/// # Errors
/// [`HomeError::Io`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let write = || {
        let fresh = path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(|cause| HomeError::Io { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_home_keeps_its_key_to_itself_and_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path().join("weft"));
        let key = SecretKey::from_seed(&[9; 32]);
        let node = home.create("region = \"us-wa\"\n", &key).unwrap();
        assert_eq!(NodeId::from(home.key().unwrap().public()), node);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(home.path()), 0o700);
        assert_eq!(mode(&home.node_key()), 0o600);
        assert!(matches!(home.create("", &key), Err(HomeError::Exists(_))));
    }

    #[test]
    fn a_damaged_key_is_named_and_nothing_of_it_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        fs::write(home.node_key(), "secretsecret").unwrap();
        let error = home.key().unwrap_err().to_string();
        assert!(error.contains("node.key") && !error.contains("secretsecret"), "{error}");
    }
}
