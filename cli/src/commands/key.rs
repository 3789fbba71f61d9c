//! `weft key`: the keys of a home, whatever they are for.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::keys::{Found, KeyFile};
use crate::words::{KeyKind, Locking, Making, Say, Word};

/// See the keys of this home, and look after their passphrases
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the keys of this home, and what is wrong with those that cannot be used
    ///
    /// No passphrase is needed. With --json also the hash of each, by which a network names a guardian.
    List,
    /// Let ssh-agent keep a key open for some hours, so that its passphrase is not asked for
    ///
    /// An agent signs with any key of this home but the one that opens what is sealed. It must run in
    /// your session: eval "$(ssh-agent)". The same is done by: ssh-add HOME/keys/NAME.key
    Add {
        /// Which key: its name or its file [default: the one that signs every day]
        key: Option<String>,
        /// How many hours
        #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=720))]
        hours: u64,
    },
    /// Give a key another passphrase
    ///
    /// Copies of its file elsewhere keep the one that they have.
    ChangePassphrase {
        /// Which key: its name or its file
        key: String,
        /// Read the new passphrase from this file (its first line) [default: ask]
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::List => list(desk),
        Verb::Add { key, hours } => add(desk, key.as_deref(), hours),
        Verb::ChangePassphrase { key, new_passphrase_file } => {
            let key = desk.home.keys().named(&key)?;
            let secret = desk.unlocker.open(&key)?;
            let making = Making::Again(key.kind());
            let words = desk.unlocker.choose_again(&making, new_passphrase_file.as_deref())?;
            key.lock_again(&secret, &words)?;
            let path = key.path().display().to_string();
            if desk.json {
                desk.answer(&json!({ "name": key.name(), "file": path }))?;
            }
            desk.note(&Say::Locking(Locking::Changed { path }));
            let others = desk.home.keys().all()?.into_iter().map(|other| other.name());
            let keys: Vec<String> = others.filter(|name| *name != key.name()).collect();
            if !keys.is_empty() {
                desk.note(&Say::Locking(Locking::ChangeOthers { keys }));
            }
            Ok(Exit::Done)
        }
    }
}

fn list(desk: &Desk) -> Result<Exit> {
    let kept = Agent::find().and_then(|agent| agent.keys().ok()).unwrap_or_default();
    let found = desk.home.keys().found()?;
    let shape = |found: &Found| shape(desk, found, &kept);
    if desk.json {
        desk.answer(&found.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        desk.note(&Say::Locking(Locking::NoKeysYet));
        return Ok(Exit::Done);
    }
    let rows = found.iter().map(|found| match found {
        Found::Key(key) => {
            let state = match (kept.contains(&key.public()), key.is_locked()) {
                (true, _) => Word::InAgent,
                (false, true) => Word::Locked,
                (false, false) => Word::Unlocked,
            };
            let state = desk.speech.word(state).to_owned();
            [key.name(), desk.speech.key_kind(&key.kind()), key.public().short(), state]
        }
        Found::Faulty { name, fault, .. } => {
            [name.clone(), String::new(), String::new(), desk.speech.key_fault(fault)]
        }
    });
    desk.table([Word::Name, Word::Kind, Word::Key, Word::State], rows)
}

fn shape(desk: &Desk, found: &Found, kept: &[weft_protocol::id::PublicKey]) -> Value {
    match found {
        Found::Key(key) => json!({
            "name": key.name(),
            "file": key.path(),
            "kind": kind_word(&key.kind()),
            "key": key.public(),
            "hash": key.public().hash(),
            "locked": key.is_locked(),
            "agent": kept.contains(&key.public()),
        }),
        Found::Faulty { name, path, fault } => {
            json!({ "name": name, "file": path, "fault": desk.speech.key_fault(fault) })
        }
    }
}

fn kind_word(kind: &KeyKind) -> &'static str {
    match kind {
        KeyKind::Network => "network",
        KeyKind::Rotation => "rotation",
        KeyKind::Sealing => "sealing",
        KeyKind::Role(_) => "role",
        KeyKind::Named(_) => "named",
    }
}

fn add(desk: &Desk, name: Option<&str>, hours: u64) -> Result<Exit> {
    let ring = desk.home.keys();
    let key = match name {
        Some(name) => ring.named(name)?,
        None => everyday(ring.all()?).ok_or_else(|| Failure::failed(Say::NoKeys))?,
    };
    if key.kind() == KeyKind::Sealing {
        return Err(Failure::ending(Exit::Refused, Say::Locking(Locking::NotForAgents)));
    }
    let none = || Failure::failed(Say::Locking(Locking::NoAgent));
    let agent = Agent::find().ok_or_else(none)?;
    // It is asked before the person is, who would type for nothing.
    agent.keys().map_err(|_| none())?;
    let secret = desk.unlocker.open(&key)?;
    agent.add(&secret, &key.name(), Duration::from_secs(hours * 3600))?;
    let key = key.name();
    if desk.json {
        desk.answer(&json!({ "name": key, "hours": hours }))?;
    } else {
        desk.line(desk.speech.say(&Say::Locking(Locking::Added { key, hours })))?;
    }
    Ok(Exit::Done)
}

/// Chooses the key that signs every day: the network's, else the first of a role.
fn everyday(keys: Vec<KeyFile>) -> Option<KeyFile> {
    let rank = |key: &KeyFile| match key.kind() {
        KeyKind::Network => 0,
        KeyKind::Role(_) => 1,
        _ => 2,
    };
    keys.into_iter().filter(|key| rank(key) < 2).min_by_key(rank)
}
