//! A node's home: the folder that holds its configuration, its key, its records and its door.
//!
//! ```text
//! config.toml    how the node runs                     node.key   the transport's key, 0600
//! store/         journal and index                     peers      nodes that it has met
//! keys/          the operator's own key files          door       the control door, 0600
//! choices.toml   what was chosen while the node ran    bridge.key the bridge's key, 0600
//! ```
//!
//! A program that writes into somebody's `config.toml` spoils it sooner or later, so the node never
//! does: what it is told to keep while it runs stands in `choices.toml`.
//!
//! **Invariant:** the home is readable by its owner only, and at most one process runs in it.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rand_core::CryptoRng;
use weft_protocol::engine::Choices;
use weft_protocol::id::NodeId;
use weft_protocol::key::SecretKey;

use crate::disk::plain;
use crate::file::{self, Readers};

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
    /// The file of choices says what is not known, or in a wrong form.
    #[error("{path} is not what a node has written; put a saved one back, or move it away")]
    Choices {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        cause: Box<toml::de::Error>,
    },
}

/// What of a home nobody else is to read. The configuration is not among it: it holds no secret.
const PRIVATE: [&str; 8] =
    ["node.key", "bridge.key", "keys", "store", "peers", "choices.toml", "names.toml", "clock"];

/// The permissions of all but the owner.
const OTHERS: u32 = 0o077;

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

    /// Returns where it is written down when a node last ran here.
    pub fn clock(&self) -> PathBuf {
        self.0.join("clock")
    }

    fn node_key(&self) -> PathBuf {
        self.0.join("node.key")
    }

    /// Makes the home with this configuration and a node key: this fresh one, or the one that a making
    /// which broke off has left.
    ///
    /// # Errors
    /// [`HomeError::Exists`] when there is a configuration already, [`HomeError::Io`] when a file
    /// cannot be made, [`HomeError::Key`] when the key that is there is damaged.
    pub fn create(&self, config: &str, fresh: &SecretKey) -> Result<NodeId, HomeError> {
        let file = self.0.join(crate::config::FILE);
        if file.exists() {
            return Err(HomeError::Exists(self.0.clone()));
        }
        let made = file::make_folder(&self.0);
        made.map_err(|cause| HomeError::Io { path: self.0.clone(), cause })?;
        let key = made_once(self.node_key(), || SecretKey::from_seed(&fresh.seed()))?;
        write(&file, config.as_bytes())?;
        Ok(key.public().into())
    }

    /// Takes from everybody but its owner what older programs, or a copy, have left open to them: keys,
    /// records, and whom this node knows. The folder itself stays as it is, for it may hold more than ours.
    /// What cannot be closed, as on a medium that takes no writes, is told in the log.
    pub(crate) fn close(&self) {
        for name in PRIVATE {
            let path = self.0.join(name);
            let Ok(data) = fs::symlink_metadata(&path) else { continue };
            let mode = data.permissions().mode();
            if data.is_symlink() || mode & OTHERS == 0 {
                continue;
            }
            match fs::set_permissions(&path, fs::Permissions::from_mode(mode & !OTHERS)) {
                Ok(()) => tracing::info!(name, "closed to others, who could read it"),
                Err(error) => {
                    let why = plain(&error);
                    tracing::warn!(
                        name,
                        why,
                        "others may read it, and it cannot be closed to them"
                    );
                }
            }
        }
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
        made_once(self.0.join("bridge.key"), || SecretKey::generate(rng))
    }
}

/// Reads a key, which is made when there is none, or nothing in its file: a full disk has left that
/// before now, and nobody has ever known a key of it.
fn made_once(path: PathBuf, fresh: impl FnOnce() -> SecretKey) -> Result<SecretKey, HomeError> {
    if fs::metadata(&path).is_ok_and(|data| data.len() > 0) {
        return read_key(path);
    }
    let key = fresh();
    write_key(&path, &key)?;
    Ok(key)
}

fn write_key(path: &Path, key: &SecretKey) -> Result<(), HomeError> {
    let seed = zeroize::Zeroizing::new(data_encoding::BASE32_NOPAD.encode(key.seed().as_ref()));
    let text = zeroize::Zeroizing::new(seed.to_ascii_lowercase());
    write(path, text.as_bytes())
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

const CHOICES_HEADING: &str = "# What was chosen with 'weft' while the node ran, beside what config.toml says.\n\
     # The node writes this file anew at every choice. To change it by hand, stop the node first.\n";

/// The file of what the operator has chosen while the node ran.
#[derive(Debug, Clone)]
pub struct ChoicesFile(PathBuf);

impl ChoicesFile {
    /// Names the file in this home, whether it is there or not.
    pub fn of(home: &Home) -> Self {
        Self(home.0.join("choices.toml"))
    }

    /// Reads it; nothing is chosen where there is none.
    ///
    /// # Errors
    /// [`HomeError::Io`] when it cannot be read, [`HomeError::Choices`] when it says what is not
    /// known.
    pub fn load(&self) -> Result<Choices, HomeError> {
        let path = self.0.clone();
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Choices::default()),
            Err(cause) => Err(HomeError::Io { path, cause }),
            Ok(text) => toml::from_str(&text)
                .map_err(|cause| HomeError::Choices { path, cause: Box::new(cause) }),
        }
    }

    /// Writes it, whole or not at all, before it returns.
    ///
    /// # Errors
    /// [`HomeError::Io`] when it cannot be written.
    pub fn save(&self, choices: &Choices) -> Result<(), HomeError> {
        let text = toml::to_string(choices).map_err(|error| HomeError::Io {
            path: self.0.clone(),
            cause: io::Error::other(error),
        })?;
        write(&self.0, format!("{CHOICES_HEADING}\n{text}").as_bytes())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let written = file::replace(path, bytes, Readers::Owner);
    written.map_err(|cause| HomeError::Io { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {

    use rand_core::SeedableRng;
    use weft_protocol::admission::{Action, Entry, Subject};
    use weft_protocol::bridge::{Rule, Speaker};
    use weft_protocol::engine::BridgeChoices;
    use weft_protocol::id::NetId;
    use weft_protocol::record::Kind;
    use weft_protocol::region::Region;

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
    fn a_making_that_broke_off_goes_on_with_the_key_that_it_had_made() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let (first, second) = (SecretKey::from_seed(&[9; 32]), SecretKey::from_seed(&[8; 32]));
        write_key(&home.node_key(), &first).unwrap();
        let node = home.create("region = \"us-wa\"\n", &second).unwrap();
        assert_eq!(node, NodeId::from(first.public()));

        fs::remove_file(folder.path().join(crate::config::FILE)).unwrap();
        fs::write(home.node_key(), "").unwrap();
        let node = home.create("region = \"us-wa\"\n", &second).unwrap();
        assert_eq!(node, NodeId::from(second.public()), "a full disk has left an empty file");
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
    fn what_was_chosen_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = ChoicesFile::of(&Home::new(folder.path()));
        assert_eq!(file.load().unwrap(), Choices::default());
        let (net, region): (_, Region) = (NetId([1; 32]), "gb-bristol".parse().unwrap());
        let mut rule =
            Rule::new("south".parse().unwrap(), region.clone(), "us-wa".parse().unwrap());
        rule.only.kinds.push(Kind::Call);
        let block = Entry {
            subject: Subject::Kind(Kind::Gathering),
            action: Action::Block,
            reason: "we talked about it".to_owned(),
            until: Some(1_900_000_000),
            name: Some("The Choir".to_owned()),
        };
        let choices = Choices {
            networks: [net].into(),
            peers: ["/ip4/192.0.2.7/tcp/8471".to_owned()].into(),
            joined: [region].into(),
            bridge: BridgeChoices {
                speaker: Some(Speaker { net, role: None }),
                since: [(rule.name.clone(), 1_800_000_000)].into(),
                paused: [rule.name.clone()].into(),
                rules: vec![rule],
            },
            policy: vec![block],
            ..Choices::default()
        };
        file.save(&choices).unwrap();
        assert_eq!(file.load().unwrap(), choices);
        fs::write(&file.0, "networks = [\"the choir\"]\n").unwrap();
        assert!(matches!(file.load(), Err(HomeError::Choices { .. })));
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
