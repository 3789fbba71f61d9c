//! The two keys of a network: the one that signs every day, and the one that will sign only its
//! successor.
//!
//! **Invariant:** a pair whose public halves were ever signed is not lost, however a command
//! breaks off: the same command finds it and goes on, with the same keys. Two different
//! successors would freeze the identity.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weft_protocol::body::identity::Keys;
use weft_protocol::id::{KeyHash, PublicKey};
use weft_protocol::key::SecretKey;

use crate::keys::{self, KeyFile, KeyRing};
use crate::passphrase::Passphrase;

/// The name of the key that speaks for the network of this home.
const SPEAKING: &str = "network";

/// The name of the rotation key, unless it was written elsewhere.
const ROTATION: &str = "rotation";

/// A pair that is in memory only.
#[derive(Debug)]
pub(crate) struct FreshPair {
    /// The key that will speak.
    pub(crate) key: SecretKey,
    rotation: SecretKey,
}

impl FreshPair {
    /// Makes one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(crate) fn make() -> Result<Self> {
        Ok(Self { key: keys::fresh()?, rotation: keys::fresh()? })
    }

    /// Returns what a record says of it, beside these guardians.
    pub(crate) fn commit(&self, guardians: &Keys) -> Keys {
        let (key, next) = (self.key.public(), self.rotation.public().hash());
        Keys { key, next, ..guardians.clone() }
    }

    /// Writes both keys, or neither.
    ///
    /// # Errors
    /// When a file exists or cannot be written.
    pub(crate) fn write(self, ring: &KeyRing, place: &Place, pass: &Passphrase) -> Result<Pair> {
        ring.make_folder()?;
        let rotation = KeyFile::write(place.rotation(ring), &self.rotation, pass)?;
        match KeyFile::write(ring.path(place.name), &self.key, pass) {
            Ok(key) => Ok(Pair { key, rotation: Some(rotation) }),
            Err(error) => {
                remove(rotation.path())?;
                Err(error)
            }
        }
    }
}

/// Where a pair is while it is not in force yet.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    name: &'static str,
    rotation: &'static str,
    out: Option<PathBuf>,
}

impl Place {
    /// Of the first pair of a network, which is in force at once.
    pub(crate) fn first(out: Option<&PathBuf>) -> Self {
        Self { name: SPEAKING, rotation: ROTATION, out: out.cloned() }
    }

    /// Of the pair that a rotation names.
    pub(crate) fn next(out: Option<&PathBuf>) -> Self {
        Self { name: "network-next", rotation: "rotation-next", out: out.cloned() }
    }

    /// Of the pair that a recovery names.
    pub(crate) fn recovered(out: Option<&PathBuf>) -> Self {
        Self { name: "network-recovered", rotation: "rotation-recovered", out: out.cloned() }
    }

    fn rotation(&self, ring: &KeyRing) -> PathBuf {
        self.out.clone().unwrap_or_else(|| ring.path(self.rotation))
    }

    /// Finds the pair that an earlier command left there.
    ///
    /// # Errors
    /// When a file there is no key.
    pub(crate) fn find(&self, ring: &KeyRing) -> Result<Option<Pair>> {
        let there = |path: PathBuf| path.exists().then(|| KeyFile::at(path)).transpose();
        let Some(key) = there(ring.path(self.name))? else { return Ok(None) };
        Ok(Some(Pair { key, rotation: there(self.rotation(ring))? }))
    }

    /// Puts the pair in force: its keys take the usual names, and those that had them are set
    /// aside. Returns the name that the old key has now, if it was here, and where the rotation key
    /// is.
    ///
    /// # Errors
    /// When a file cannot be renamed; the same again goes on from there.
    pub(crate) fn settle(&self, ring: &KeyRing) -> Result<(Option<String>, PathBuf)> {
        let fresh = ring.path(self.rotation);
        let is_here = fresh.exists();
        if ring.path(ROTATION).exists() && (is_here || self.out.is_some()) {
            ring.set_aside(ROTATION)?;
        }
        if is_here {
            ring.rename(self.rotation, ROTATION)?;
        }
        let old = ring.path(SPEAKING).exists().then(|| ring.set_aside(SPEAKING)).transpose()?;
        ring.rename(self.name, SPEAKING)?;
        let elsewhere = self.out.clone().filter(|_| !is_here);
        Ok((old, elsewhere.unwrap_or_else(|| ring.path(ROTATION))))
    }

    /// Destroys the rotation keys that have signed, here and in this file: whoever found one could
    /// sign another successor, which freezes the identity. Returns the files, each with why it is
    /// still there if it is.
    ///
    /// # Errors
    /// When the folder of keys cannot be read.
    pub(crate) fn destroy_used(
        ring: &KeyRing,
        used: &[KeyHash],
        given: Option<&PathBuf>,
    ) -> Result<Vec<(PathBuf, Option<io::Error>)>> {
        let given = given.and_then(|path| KeyFile::at(path.clone()).ok());
        let all = ring.all()?.into_iter().chain(given);
        let signed = all.filter(|file| used.contains(&file.public().hash()));
        Ok(signed.map(|file| (file.path().to_owned(), keys::destroy(file.path()).err())).collect())
    }
}

/// A pair in its files, locked.
#[derive(Debug)]
pub(crate) struct Pair {
    key: KeyFile,
    rotation: Option<KeyFile>,
}

impl Pair {
    /// Returns the public half of the key that speaks.
    pub(crate) fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// Returns where the key that speaks is.
    pub(crate) fn path(&self) -> &Path {
        self.key.path()
    }

    /// Returns the hash of the rotation key, if it is where it was looked for.
    pub(crate) fn next(&self) -> Option<KeyHash> {
        self.rotation.as_ref().map(|rotation| rotation.public().hash())
    }

    /// Returns where the rotation key is.
    pub(crate) fn rotation(&self) -> Option<&Path> {
        self.rotation.as_ref().map(KeyFile::path)
    }

    /// Removes the files, of a pair that nobody has ever heard of.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub(crate) fn discard(self) -> Result<()> {
        remove(self.key.path())?;
        self.rotation.map_or(Ok(()), |rotation| remove(rotation.path()))
    }
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).with_context(|| path.display().to_string())
}
