//! Which key a node somewhere else is shown: whoever runs that node may be anybody.
//!
//! **Invariant:** only the key of a role is ever shown; neither the network's own, nor its rotation key, nor a
//! guardian's, whatever a person says.
//!
//! **Invariant:** a node is shown one key, and the same each time: what others a person holds, it never
//! learns, so it cannot tell that the roles of several networks are held by one.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::{fs, io};

use anyhow::{Context, Result};
use weft_node::file::{self, Readers};
use weft_node::network::{Address, peer_text};

use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::keys::KeyFile;
use crate::words::{KeyKind, Locking, Say};

/// Which key each node was shown, by their names.
type Doors = BTreeMap<String, String>;

/// The key that a node is shown.
pub(super) struct Shown {
    pub(super) key: KeyFile,
    node: String,
    doors: Doors,
}

impl Shown {
    /// Chooses it: the one that the person names, else the one that has opened this door before, else the
    /// only one that there is.
    ///
    /// # Errors
    /// When there is none, the person is to say which, or names one that is no role's.
    pub(super) fn choose(desk: &Desk, address: &Address) -> Result<Self> {
        let doors = load(desk)?;
        let node = address.node().map(peer_text).unwrap_or_default();
        let ring = desk.home.keys();
        if let Some(name) = desk.node_key() {
            let key = ring.named(name)?;
            let is_shown = matches!(key.kind(), KeyKind::Role(_));
            let say = || Say::Locking(Locking::NotShown { key: key.name() });
            return match is_shown {
                true => Ok(Self { key, node, doors }),
                false => Err(Failure::ending(Exit::Refused, say())),
            };
        }
        let all = ring.all()?;
        let mut roles: Vec<KeyFile> = all.iter().filter(|key| is_of_a_role(key)).cloned().collect();
        if let Some(before) = doors.get(&node)
            && let Some(key) = roles.iter().find(|key| key.name() == *before)
        {
            return Ok(Self { key: key.clone(), node, doors });
        }
        if roles.len() > 1 {
            let keys = roles.iter().map(KeyFile::name).collect::<Vec<_>>().join(", ");
            return Err(Failure::ending(Exit::Usage, Say::Locking(Locking::WhichShown { keys })));
        }
        let key = roles.pop().ok_or_else(|| Failure::failed(Say::NoKeys))?;
        Ok(Self { key, node, doors })
    }

    /// Remembers that it has opened the door.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub(super) fn remember(mut self, desk: &Desk) -> Result<()> {
        let name = self.key.name();
        if self.doors.insert(self.node, name.clone()) == Some(name) {
            return Ok(());
        }
        let path = desk.home.doors();
        let written =
            file::replace(&path, toml::to_string(&self.doors)?.as_bytes(), Readers::Owner);
        written.with_context(|| path.display().to_string())
    }
}

fn is_of_a_role(key: &KeyFile) -> bool {
    matches!(key.kind(), KeyKind::Role(_))
}

fn load(desk: &Desk) -> Result<Doors> {
    let path = desk.home.doors();
    let shown = || path.display().to_string();
    let read: io::Result<String> = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        read => read,
    };
    toml::from_str(&read.with_context(shown)?).with_context(shown)
}
