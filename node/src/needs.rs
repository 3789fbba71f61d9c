//! What a node needs before it can run, seen without running it.
//!
//! **Invariant:** looking changes nothing: no file is made, no port is kept, no record is judged.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;
use weft_protocol::control::Missed;

use crate::config::{Config, FILE};
use crate::home::{ChoicesFile, Home, HomeError};
use crate::network::{Address, can_listen};
use crate::run::RunError;
use crate::store::HomeLock;
use crate::stored;

/// The longest path that a socket may have (`sun_path` of unix(7), less the byte that ends it).
pub const DOOR_BYTES_MAX: usize = 107;

/// Something that a node would miss.
#[derive(Debug)]
pub enum Unmet {
    /// Another process works in the home.
    InUse {
        /// Its number, if it is known.
        process: Option<u32>,
    },
    /// A file or folder cannot be written or read.
    Shut {
        /// Which.
        path: PathBuf,
        /// Whose it is, when it is somebody else's.
        owner: Option<u32>,
        /// Whether it lies on a medium that takes nothing.
        read_only: bool,
    },
    /// A file of the home is missing or damaged.
    Broken(HomeError),
    /// The store cannot be worked with, for the same reason with which a node would not start.
    Store(RunError),
    /// The path of the door is longer than [`DOOR_BYTES_MAX`].
    LongDoor {
        /// The path.
        path: PathBuf,
    },
    /// The node could not listen where it is to.
    Missed(Missed),
}

/// Returns what a node in this home would miss; nothing when it could run.
pub fn unmet(home: &Home, config: &Config) -> Vec<Unmet> {
    let path = home.path();
    if let Some(holder) = HomeLock::holder(path) {
        // The rest is in use because of it.
        return vec![Unmet::InUse { process: holder.process }];
    }
    let mut found: Vec<Unmet> = files(home).iter().filter_map(|path| shut(path)).collect();
    if found.is_empty() {
        found.extend(home.key().err().map(Unmet::Broken));
        found.extend(ChoicesFile::of(home).load().err().map(Unmet::Broken));
        found.extend(store(home).err().map(Unmet::Store));
    }
    if home.door().as_os_str().len() > DOOR_BYTES_MAX {
        found.push(Unmet::LongDoor { path: home.door() });
    }
    found.extend(places(config));
    found
}

/// Reads the journal, as a node does when it starts.
fn store(home: &Home) -> Result<(), RunError> {
    Ok(stored::format(home)??)
}

/// Lists what a node writes, the folders first: what a folder refuses is not the file's fault.
fn files(home: &Home) -> Vec<PathBuf> {
    let store = home.store();
    let inside = ["lock", FILE, "node.key", "bridge.key", "choices.toml", "peers"];
    let mut all = vec![home.path().to_owned(), store.clone()];
    all.extend(inside.map(|name| home.path().join(name)));
    all.extend(["journal", "index"].map(|name| store.join(name)));
    all
}

/// Returns whose a file or folder is, when it is not this account's.
pub fn owner(path: &Path) -> Option<u32> {
    let owner = path.metadata().ok()?.uid();
    (owner != rustix::process::geteuid().as_raw()).then_some(owner)
}

fn shut(path: &Path) -> Option<Unmet> {
    let wanted = match path.is_dir() {
        true => Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
        false => Access::READ_OK | Access::WRITE_OK,
    };
    let read_only = match access(path, wanted) {
        // A file in the place of a folder is no matter of rights.
        Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => return None,
        Err(error) => error == Errno::ROFS,
    };
    Some(Unmet::Shut { path: path.to_owned(), owner: owner(path), read_only })
}

fn places(config: &Config) -> impl Iterator<Item = Unmet> {
    config.network.listen.iter().filter_map(|text| {
        let address: Address = text.parse().ok()?;
        let why = can_listen(&address).err()?;
        Some(Unmet::Missed(Missed { address: text.clone(), why }))
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use weft_protocol::control::Obstacle;
    use weft_protocol::key::SecretKey;

    use super::*;

    fn home(folder: &Path) -> (Home, Config) {
        let home = Home::new(folder.join("home"));
        home.create("region = \"gb-bristol\"\n", &SecretKey::from_seed(&[9; 32])).unwrap();
        let mut config = Config::new("gb-bristol".parse().unwrap());
        config.network.listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
        (home, config)
    }

    #[test]
    fn a_home_that_is_well_lacks_nothing_and_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (home, config) = home(folder.path());
        let before = std::fs::read_dir(home.path()).unwrap().count();
        assert!(unmet(&home, &config).is_empty());
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), before);
    }

    #[test]
    fn whoever_works_in_it_is_named_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (home, config) = home(folder.path());
        let _lock = HomeLock::acquire(home.path()).unwrap();
        let found = unmet(&home, &config);
        let own = std::process::id();
        assert!(
            matches!(found[..], [Unmet::InUse { process: Some(process) }] if process == own),
            "{found:?}"
        );
    }

    #[test]
    fn a_damaged_key_a_long_path_and_a_taken_port_are_each_named() {
        let folder = tempfile::tempdir().unwrap();
        let (home, mut config) = home(&folder.path().join("x".repeat(120)));
        std::fs::write(home.path().join("node.key"), "").unwrap();
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        config.network.listen.push(format!("/ip4/127.0.0.1/tcp/{port}"));
        let found = unmet(&home, &config);
        assert!(
            matches!(
                &found[..],
                [Unmet::Broken(HomeError::Key(_)), Unmet::LongDoor { .. }, Unmet::Missed(missed)]
                    if missed.why == Obstacle::Taken
            ),
            "{found:?}"
        );
    }
}
