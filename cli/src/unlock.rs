//! Opening keys, and choosing the words that open them.
//!
//! **Invariant:** one command asks once: an agent that keeps the key is asked first, then the words
//! that were given beforehand or typed already, and then the person, who may mistype.

use std::cell::RefCell;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weft_protocol::id::PublicKey;
use weft_protocol::key::{SIGNATURE_BYTES, SecretKey};
use weft_protocol::record::{Draft, Record};
use zeroize::Zeroizing;

use crate::agent::Agent;
use crate::desk::complain;
use crate::exit::Failure;
use crate::keys::KeyFile;
use crate::passphrase::Passphrase;
use crate::show::page::{width, wrapped};
use crate::words::{Locking, Making, Say, Speech};

/// The fewest letters of a new passphrase: fewer are guessed from a stolen file in days, whatever
/// they are.
const PASSPHRASE_LETTERS_MIN: usize = 12;

/// How often a person may mistype before the command gives up.
const TRIES: usize = 3;

/// Whoever signs: a key that is open here, or one that an agent keeps.
#[derive(Debug)]
pub(crate) enum Signer {
    /// It is open here.
    Here(SecretKey),
    /// The agent keeps it.
    Agent(Agent, PublicKey),
}

impl Signer {
    /// Returns the public half of the key.
    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Here(secret) => secret.public(),
            Self::Agent(_, key) => *key,
        }
    }

    /// Signs a message.
    ///
    /// # Errors
    /// When the agent does not.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES]> {
        match self {
            Self::Here(secret) => Ok(secret.sign(message)),
            Self::Agent(agent, key) => agent.sign(key, message),
        }
    }

    /// Signs a statement.
    ///
    /// # Errors
    /// When every node would refuse it, or the agent does not sign.
    pub(crate) fn record(&self, draft: Draft) -> Result<Record> {
        match self {
            Self::Here(secret) => Ok(draft.sign(secret)?),
            Self::Agent(agent, key) => {
                let unsigned = draft.for_key(*key)?;
                let signature = agent.sign(key, unsigned.message())?;
                Ok(unsigned.seal(&signature)?)
            }
        }
    }
}

/// Opens the keys of one command.
#[derive(Debug)]
pub(crate) struct Unlocker {
    speech: Speech,
    file: Option<PathBuf>,
    /// What was typed and has opened a key.
    typed: RefCell<Vec<Passphrase>>,
}

impl Unlocker {
    /// Makes one that takes the words from this file, if one was named.
    pub(crate) fn new(speech: Speech, file: Option<PathBuf>) -> Self {
        Self { speech, file, typed: RefCell::default() }
    }

    /// Finds who signs with a key: the agent, or we.
    ///
    /// # Errors
    /// As [`Unlocker::open`].
    pub(crate) fn signer(&self, key: &KeyFile) -> Result<Signer> {
        match Agent::holding(&key.public()) {
            Some(agent) => Ok(Signer::Agent(agent, key.public())),
            None => self.open(key).map(Signer::Here),
        }
    }

    /// Opens a key.
    ///
    /// # Errors
    /// When the words are wrong, or there are none and nobody to ask.
    pub(crate) fn open(&self, key: &KeyFile) -> Result<SecretKey> {
        self.open_asking(key, Locking::Ask(key.kind()))
    }

    /// Opens a key to show a node elsewhere who asks it: a person is told that nothing more comes of it.
    ///
    /// # Errors
    /// As [`Unlocker::open`].
    pub(crate) fn show(&self, key: &KeyFile) -> Result<Signer> {
        match Agent::holding(&key.public()) {
            Some(agent) => Ok(Signer::Agent(agent, key.public())),
            None => self.open_asking(key, Locking::AskAtDoor(key.kind())).map(Signer::Here),
        }
    }

    fn open_asking(&self, key: &KeyFile, mut question: Locking) -> Result<SecretKey> {
        if !key.is_locked() {
            return key.unlock(&Passphrase::default());
        }
        if let Some(words) = self.given()? {
            return key.unlock(&words);
        }
        let known = self.typed.borrow().iter().find_map(|words| key.unlock(words).ok());
        if let Some(secret) = known {
            return Ok(secret);
        }
        for tries_left in (0..TRIES).rev() {
            let words = self.ask(&question)?;
            // Why is said once; who mistypes is asked for the words alone.
            question = Locking::Ask(key.kind());
            match key.unlock(&words) {
                Ok(secret) => {
                    self.typed.borrow_mut().push(words);
                    return Ok(secret);
                }
                Err(error) if tries_left > 0 && is_wrong(&error) => self.note(&Locking::NotThis),
                Err(error) => return Err(error),
            }
        }
        Err(Failure::failed(Say::Locking(Locking::WrongPassphrase(key.kind()))))
    }

    /// Says how a key that was asked for just now need not be asked for again.
    pub(crate) fn hint(&self, key: &KeyFile) {
        if Agent::find().is_some() && !self.typed.borrow().is_empty() {
            self.note(&Locking::HowToRemember { key: key.name() });
        }
    }

    /// Has the words chosen for keys that are about to be made, from this file if one is named.
    ///
    /// # Errors
    /// When there are none and nobody to ask, they are too short, or the two differ.
    pub(crate) fn choose(&self, making: &Making) -> Result<Passphrase> {
        match self.given()? {
            Some(words) => long_enough(words),
            None => self.chosen(making),
        }
    }

    /// Has other words chosen for a key that is there: from this file, or by asking.
    ///
    /// # Errors
    /// As [`Unlocker::choose`].
    pub(crate) fn choose_again(&self, making: &Making, file: Option<&Path>) -> Result<Passphrase> {
        match file {
            Some(path) => long_enough(first_line(path)?),
            None => self.chosen(making),
        }
    }

    fn chosen(&self, making: &Making) -> Result<Passphrase> {
        for _ in 0..TRIES {
            let first = self.ask(&Locking::AskNew(making.clone()))?;
            if is_short(&first) {
                self.note(&Locking::Short { letters: PASSPHRASE_LETTERS_MIN });
            } else if first == self.ask(&Locking::AskAgain)? {
                self.typed.borrow_mut().push(first.clone());
                return Ok(first);
            } else {
                self.note(&Locking::Differ);
            }
        }
        Err(Failure::failed(Say::Locking(Locking::GivenUp)))
    }

    /// Returns the words that were given beforehand: in a file, or in the environment.
    fn given(&self) -> Result<Option<Passphrase>> {
        if let Some(path) = &self.file {
            return first_line(path).map(Some);
        }
        Ok(std::env::var("WEFT_PASSPHRASE").ok().map(Passphrase::new))
    }

    fn ask(&self, question: &Locking) -> Result<Passphrase> {
        if !io::stdin().is_terminal() {
            return Err(Failure::failed(Say::Locking(Locking::NoPassphrase)));
        }
        let question = self.speech.of_locking(question);
        let question = format!("{} ", wrapped(&question, width(&io::stderr())));
        Ok(Passphrase::new(rpassword::prompt_password(question)?))
    }

    fn note(&self, said: &Locking) {
        complain(&self.speech.of_locking(said));
    }
}

fn first_line(path: &Path) -> Result<Passphrase> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let text = Zeroizing::new(text);
    Ok(Passphrase::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn is_short(words: &Passphrase) -> bool {
    words.chars().count() < PASSPHRASE_LETTERS_MIN
}

fn long_enough(words: Passphrase) -> Result<Passphrase> {
    let short = || Locking::Short { letters: PASSPHRASE_LETTERS_MIN };
    if is_short(&words) { Err(Failure::failed(Say::Locking(short()))) } else { Ok(words) }
}

fn is_wrong(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Failure>()
        .is_some_and(|failure| matches!(failure.say, Say::Locking(Locking::WrongPassphrase(_))))
}
