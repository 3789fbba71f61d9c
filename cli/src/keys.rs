//! Keys at rest: passphrase-encrypted OpenSSH private keys that `ssh-keygen -y` reads.
//!
//! The public half stands in clear in the file, so a key can be found and named without its
//! passphrase.
//!
//! **Invariant:** a secret is in a file that only its owner can read, or in memory that is
//! overwritten when it is dropped; it is never printed.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey, public};
use weft_node::file::{self, Readers};
use weft_protocol::id::PublicKey;
use weft_protocol::key::SecretKey;
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};
use crate::keyfile;
use crate::out;
use crate::passphrase::Passphrase;
use crate::words::{KeyFault, KeyKind, Locking, Say};

/// Rounds of bcrypt-pbkdf: what OpenSSH itself uses, a tenth of a second for us and a year for
/// who guesses. Twice as many doubles both.
const ROUNDS: u32 = 16;

/// Bytes of salt, as OpenSSH writes them.
const SALT_BYTES: usize = 16;

/// A key in its file.
#[derive(Debug, Clone)]
pub(crate) struct KeyFile {
    path: PathBuf,
    public: PublicKey,
    locked: bool,
    kind: KeyKind,
}

impl KeyFile {
    /// Makes a fresh key and writes it to a new file.
    ///
    /// # Errors
    /// When the file exists, cannot be written, or the system has no randomness.
    pub(crate) fn create(path: PathBuf, passphrase: &Passphrase) -> Result<(Self, SecretKey)> {
        let secret = fresh()?;
        Ok((Self::write(path, &secret, passphrase)?, secret))
    }

    /// Writes a key to a new file.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub(crate) fn write(path: PathBuf, secret: &SecretKey, pass: &Passphrase) -> Result<Self> {
        out::write_new(&path, &locked(secret, pass, &name_of(&path))?)?;
        let kind = kind_of(&name_of(&path));
        Ok(Self { path, public: secret.public(), locked: true, kind })
    }

    /// Finds the key in this file.
    ///
    /// # Errors
    /// When there is no such file, or it is no Ed25519 key in the OpenSSH format.
    pub(crate) fn at(path: PathBuf) -> Result<Self> {
        Self::look(path.clone()).map_err(|fault| {
            let path = path.display().to_string();
            Failure::failed(Say::Locking(Locking::Faulty { path, fault }))
        })
    }

    fn look(path: PathBuf) -> Result<Self, KeyFault> {
        let key = keyfile::read(&path)?;
        let public = key.public_key().key_data().ed25519().ok_or(KeyFault::Foreign)?;
        let kind = kind_of(&name_of(&path));
        Ok(Self { public: PublicKey(public.0), locked: key.is_encrypted(), kind, path })
    }

    /// Says what it is for, where the person has named its file otherwise.
    pub(crate) fn serving(self, kind: KeyKind) -> Self {
        Self { kind, ..self }
    }

    /// Returns what it is for.
    pub(crate) fn kind(&self) -> KeyKind {
        self.kind.clone()
    }

    /// Says whether a passphrase opens it.
    pub(crate) fn is_locked(&self) -> bool {
        self.locked
    }

    /// Returns the public half.
    pub(crate) fn public(&self) -> PublicKey {
        self.public
    }

    /// Returns where the key is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the name of the key: that of its file.
    pub(crate) fn name(&self) -> String {
        name_of(&self.path)
    }

    /// Unlocks the key.
    ///
    /// # Errors
    /// When the passphrase is wrong, or the file is no longer what it was.
    pub(crate) fn unlock(&self, passphrase: &Passphrase) -> Result<SecretKey> {
        let faulty = |fault| {
            let path = self.path.display().to_string();
            Failure::failed(Say::Locking(Locking::Faulty { path, fault }))
        };
        let key = keyfile::read(&self.path).map_err(faulty)?;
        let key = if key.is_encrypted() {
            let wrong = || Failure::failed(Say::Locking(Locking::WrongPassphrase(self.kind())));
            key.decrypt(passphrase.as_bytes()).map_err(|_| wrong())?
        } else {
            key
        };
        let pair = key.key_data().ed25519().ok_or_else(|| faulty(KeyFault::Foreign))?;
        let seed = Zeroizing::new(pair.private.to_bytes());
        let secret = SecretKey::from_seed(&seed);
        // The clear half of the file is not protected by the passphrase: believe the secret half.
        if secret.public() == self.public { Ok(secret) } else { Err(faulty(KeyFault::Garbled)) }
    }

    /// Writes it anew under another passphrase.
    ///
    /// # Errors
    /// When the file cannot be written; it is as it was then.
    pub(crate) fn lock_again(&self, secret: &SecretKey, passphrase: &Passphrase) -> Result<()> {
        let bytes = locked(secret, passphrase, &self.name())?;
        let written = file::replace(&self.path, &bytes, Readers::Owner);
        written.with_context(|| self.path.display().to_string())
    }
}

/// What is in the folder of keys under the name of one.
#[derive(Debug)]
pub(crate) enum Found {
    /// A key.
    Key(KeyFile),
    /// Something that cannot be used as one.
    Faulty { name: String, path: PathBuf, fault: KeyFault },
}

/// The folder of a person's keys.
#[derive(Debug, Clone)]
pub(crate) struct KeyRing {
    folder: PathBuf,
}

impl KeyRing {
    /// Names the folder. It need not exist yet.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Returns where the key of this name is, or would be.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    /// Returns where the records of a network are between the making of its keys and the node's
    /// word that it has them.
    pub(crate) fn founding(&self) -> PathBuf {
        self.folder.join("founding.weft")
    }

    /// Finds a key by its name or by the path of its file.
    ///
    /// # Errors
    /// As [`KeyFile::at`], with the names of the keys that there are.
    pub(crate) fn named(&self, name: &str) -> Result<KeyFile> {
        let here = self.path(name);
        let path = if !here.exists() && Path::new(name).exists() { name.into() } else { here };
        if !path.exists() {
            let there = self.all()?.iter().map(KeyFile::name).collect();
            let say = Say::Locking(Locking::NoSuchKey { key: name.to_owned(), there });
            return Err(Failure::ending(Exit::NotFound, say));
        }
        KeyFile::at(path)
    }

    /// Finds the key with this public half.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn holding(&self, public: &PublicKey) -> Result<Option<KeyFile>> {
        Ok(self.all()?.into_iter().find(|key| key.public == *public))
    }

    /// Returns all keys, by name. What is no key is passed over.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn all(&self) -> Result<Vec<KeyFile>> {
        let found = self.found()?.into_iter();
        Ok(found.filter_map(|f| if let Found::Key(key) = f { Some(key) } else { None }).collect())
    }

    /// Returns all that has the name of a key, by name, with what is wrong with it.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn found(&self) -> Result<Vec<Found>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.with_context(|| self.folder.display().to_string())?,
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        let is_hidden = |path: &PathBuf| name_of(path).starts_with('.');
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "key") && !is_hidden(path));
        paths.sort();
        let look = |path: PathBuf| match KeyFile::look(path.clone()) {
            Ok(key) => Found::Key(key),
            Err(fault) => Found::Faulty { name: name_of(&path), path, fault },
        };
        Ok(paths.into_iter().map(look).collect())
    }

    /// Makes a fresh key of this name, and the folder if there is none.
    ///
    /// # Errors
    /// As [`KeyFile::create`].
    pub(crate) fn create(&self, name: &str, pass: &Passphrase) -> Result<(KeyFile, SecretKey)> {
        self.make_folder()?;
        KeyFile::create(self.path(name), pass)
    }

    /// Makes the folder if there is none.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn make_folder(&self) -> Result<()> {
        let made = file::make_folder(&self.folder);
        made.with_context(|| self.folder.display().to_string())
    }

    /// Gives the key of this name one that ends in its public half, and returns it.
    ///
    /// # Errors
    /// When there is no such key, or its file cannot be renamed.
    pub(crate) fn set_aside(&self, name: &str) -> Result<String> {
        let key = self.named(name)?;
        let aside = format!("{name}-{}", key.public().short());
        self.rename(name, &aside)?;
        Ok(aside)
    }

    /// Gives the key of this name another one.
    ///
    /// # Errors
    /// When its file cannot be renamed.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.path(from), self.path(to));
        fs::rename(&from, to).with_context(|| from.display().to_string())
    }
}

/// Makes a key that is in no file yet.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn fresh() -> Result<SecretKey> {
    let mut seed = Zeroizing::new([0; 32]);
    random(seed.as_mut())?;
    Ok(SecretKey::from_seed(&seed))
}

/// Fills a buffer with the system's randomness.
///
/// # Errors
/// When the system has none.
pub(crate) fn random(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|e| anyhow::anyhow!("the system gives no randomness: {e}"))
}

/// Overwrites a file, waits until that is on the disk, and removes it. A disk may keep an old copy
/// of what was there all the same.
///
/// # Errors
/// When it cannot be written or removed.
pub(crate) fn destroy(path: &Path) -> io::Result<()> {
    let mut file = fs::File::options().write(true).open(path)?;
    io::copy(&mut io::repeat(0).take(file.metadata()?.len()), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path)
}

fn locked(secret: &SecretKey, pass: &Passphrase, comment: &str) -> Result<Zeroizing<Vec<u8>>> {
    let seed = secret.seed();
    let pair = Ed25519Keypair {
        public: public::Ed25519PublicKey(secret.public().0),
        private: ssh_key::private::Ed25519PrivateKey::from_bytes(&seed),
    };
    let plain = PrivateKey::new(KeypairData::Ed25519(pair), comment)?;
    let mut salt = vec![0; SALT_BYTES];
    random(&mut salt)?;
    let mut check = [0; 4];
    random(&mut check)?;
    let kdf = Kdf::Bcrypt { salt, rounds: ROUNDS };
    let check = u32::from_be_bytes(check);
    let sealed = plain.encrypt_with(Cipher::Aes256Ctr, kdf, check, pass.as_bytes())?;
    let text = sealed.to_openssh(LineEnding::LF)?;
    Ok(Zeroizing::new(text.as_bytes().to_vec()))
}

fn name_of(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Returns what a key of this name is for.
fn kind_of(name: &str) -> KeyKind {
    let is = |kind: &str| name == kind || name.starts_with(&format!("{kind}-"));
    match name {
        _ if is("network") => KeyKind::Network,
        _ if is("rotation") => KeyKind::Rotation,
        "sealing" => KeyKind::Sealing,
        name => match name.strip_prefix("role-") {
            Some(label) => KeyKind::Role(label.to_owned()),
            None => KeyKind::Named(name.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    fn words(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned())
    }

    #[test]
    fn a_key_is_found_by_name_and_by_its_public_half_and_opens_with_its_words_only() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::new(folder.path().join("keys"));
        let (file, secret) = ring.create("network", &words("open")).unwrap();
        assert_eq!(file.public(), secret.public());
        assert_eq!(ring.named("network").unwrap().public(), secret.public());
        assert_eq!(ring.holding(&secret.public()).unwrap().unwrap().name(), "network");
        assert_eq!(file.unlock(&words("open")).unwrap().public(), secret.public());
        let wrong = file.unlock(&words("shut")).unwrap_err();
        assert!(matches!(
            wrong.downcast_ref::<Failure>().unwrap().say,
            Say::Locking(Locking::WrongPassphrase(KeyKind::Network))
        ));
        let mode = fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(ring.create("network", &words("again")).is_err(), "a key is never overwritten");
    }

    #[test]
    fn ssh_keygen_reads_what_we_write() {
        if Command::new("ssh-keygen").arg("-V").output().is_err() {
            return; // The machine has none; every machine with OpenSSH checks this.
        }
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::new(folder.path().into());
        let (file, secret) = ring.create("network", &words("open sesame")).unwrap();
        let mut command = Command::new("ssh-keygen");
        command.args(["-y", "-P", "open sesame", "-f"]).arg(file.path());
        let shown = command.output().unwrap();
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        let line = String::from_utf8(shown.stdout).unwrap();
        let public = ssh_key::PublicKey::from_openssh(&line).unwrap();
        assert_eq!(public.key_data().ed25519().unwrap().0, secret.public().0);
    }
}
