//! A node's home: the folder that holds its configuration, its key, its records and its door.
//!
//! ```text
//! config.toml    how the node runs                     node.key   the transport's key, 0600
//! store/         journal and index                     peers      nodes that it has met
//! keys/          the operator's own key files          door       the control door, 0600
//! networks       those founded here, one id a line     bridge.key the bridge's key, 0600
//! ```
//!
//! A program that writes into somebody's `config.toml` spoils it sooner or later, so the node never
//! does: what it is told to keep while it runs stands in `networks`.
//!
//! **Invariant:** the home is readable by its owner only, and at most one process runs in it.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rand_core::CryptoRng;
use weft_protocol::id::{NetId, NodeId};
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
    /// A key is damaged.
    #[error("{0} does not hold a key; put the saved one back, or make a new home")]
    Key(PathBuf),
    /// A line of the list of networks is none.
    #[error("line {line} of {path} is not the id of a network")]
    Network {
        /// The list.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
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
        write_key(&self.node_key(), key)?;
        write_private(&file, config.as_bytes())?;
        Ok(key.public().into())
    }

    /// Reads the node's key.
    ///
    /// # Errors
    /// [`HomeError::Io`] when the file cannot be read, [`HomeError::Key`] when it holds no key.
    pub fn key(&self) -> Result<SecretKey, HomeError> {
        read_key(self.node_key())
    }

    /// Reads the key by which the node signs carriages, when a network has given it the role; makes
    /// it from this randomness when there is none.
    ///
    /// # Errors
    /// As [`Home::key`], and when it cannot be written.
    pub fn bridge_key(&self, rng: &mut impl CryptoRng) -> Result<SecretKey, HomeError> {
        let path = self.0.join("bridge.key");
        if !path.exists() {
            write_key(&path, &SecretKey::generate(rng))?;
        }
        read_key(path)
    }
}

fn write_key(path: &Path, key: &SecretKey) -> Result<(), HomeError> {
    let seed = zeroize::Zeroizing::new(data_encoding::BASE32_NOPAD.encode(key.seed().as_ref()));
    let text = zeroize::Zeroizing::new(seed.to_ascii_lowercase());
    write_private(path, text.as_bytes())
}

fn read_key(path: PathBuf) -> Result<SecretKey, HomeError> {
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

/// The networks whose `own` records live here: those of the configuration, and those that the node
/// was told of while it ran, which stand in a file of its home. Clones are one.
#[derive(Debug, Clone)]
pub struct Hosted {
    path: PathBuf,
    nets: Arc<Mutex<BTreeSet<NetId>>>,
}

const HOSTED_HEADING: &str = "# Networks whose 'own' records live on this node, beside those that config.toml names.\n\
     # The node adds one when it is founded here. Delete a line and restart to let one go.\n";

impl Hosted {
    /// Reads the file of this home, and adds those of the configuration.
    ///
    /// # Errors
    /// [`HomeError::Io`] when it cannot be read, [`HomeError::Network`] when a line is no id.
    pub fn load(home: &Home, configured: BTreeSet<NetId>) -> Result<Self, HomeError> {
        let path = home.0.join("networks");
        let mut nets = configured;
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|cause| HomeError::Io { path: path.clone(), cause })?,
        };
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if !line.is_empty() && !line.starts_with('#') {
                let net = line.parse();
                nets.insert(
                    net.map_err(|_| HomeError::Network { path: path.clone(), line: number })?,
                );
            }
        }
        Ok(Self { path, nets: Arc::new(Mutex::new(nets)) })
    }

    /// Returns them all.
    pub fn nets(&self) -> BTreeSet<NetId> {
        self.nets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a network, durably, unless it is there.
    ///
    /// # Errors
    /// [`HomeError::Io`] when it cannot be written; then it is not added.
    pub fn add(&self, net: NetId) -> Result<(), HomeError> {
        // Held while writing, so that of two writers none loses the other's line.
        let mut nets = self.nets.lock().unwrap_or_else(PoisonError::into_inner);
        if nets.contains(&net) {
            return Ok(());
        }
        let old = fs::read_to_string(&self.path).unwrap_or_else(|_| HOSTED_HEADING.to_owned());
        let gap = if old.ends_with('\n') { "" } else { "\n" };
        write_private(&self.path, format!("{old}{gap}{net}\n").as_bytes())?;
        nets.insert(net);
        Ok(())
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

    use rand_core::SeedableRng;

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
    fn the_bridges_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let mut rng = rand_chacha::ChaCha20Rng::from_seed([3; 32]);
        let first = home.bridge_key(&mut rng).unwrap().public();
        assert_eq!(home.bridge_key(&mut rng).unwrap().public(), first);
        let mode = fs::metadata(folder.path().join("bridge.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_network_that_was_added_is_there_after_a_restart_and_comments_stay() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let nets = [NetId([1; 32]), NetId([2; 32]), NetId([3; 32])];
        let hosted = Hosted::load(&home, [nets[0]].into()).unwrap();
        hosted.add(nets[0]).unwrap();
        assert!(!hosted.path.exists(), "what the configuration says is not said again");
        hosted.add(nets[1]).unwrap();
        let text = fs::read_to_string(&hosted.path).unwrap();
        fs::write(&hosted.path, format!("{text}# the choir, as well")).unwrap();
        let hosted = Hosted::load(&home, BTreeSet::new()).unwrap();
        hosted.add(nets[2]).unwrap();
        let text = fs::read_to_string(&hosted.path).unwrap();
        assert!(text.contains("# the choir, as well\n"), "{text}");
        assert_eq!(Hosted::load(&home, [nets[0]].into()).unwrap().nets(), nets.into());
        fs::write(&hosted.path, "# one\nthe choir\n").unwrap();
        let error = Hosted::load(&home, BTreeSet::new()).unwrap_err();
        assert!(matches!(error, HomeError::Network { line: 2, .. }), "{error}");
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
