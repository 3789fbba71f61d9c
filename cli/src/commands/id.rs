//! `weft id`: the keys that speak for a network, and what to do when one is lost or stolen.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use weft_protocol::body::Body;
use weft_protocol::body::identity::{Identity, Keys, Reason, Revocation};
use weft_protocol::id::{KeyHash, NetId, PublicKey};
use weft_protocol::record::{Draft, Record, Versions};

use crate::commands::network::{self, GuardianArgs, known};
use crate::commands::role;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::input::moment::{Edge, moment};
use crate::input::named::named;
use crate::keys::{self, KeyFile};
use crate::names::Names;
use crate::words::Say;

/// Look after the keys that speak for your network
///
/// The network's key signs every day. The rotation key, kept elsewhere, signs once: the next key.
/// Guardians, other people you trust, can together name a new key when all else is lost.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show a network's identity
    Show {
        /// Which network
        network: String,
    },
    /// Give the network a new key, with the rotation key
    Rotate(RotateArgs),
    /// Take a key of the network back, with the rotation key
    ///
    /// When it was stolen: everything that it signed is void, whatever date it claims, except for
    /// what you --keep.
    Revoke(RevokeArgs),
    /// Name a new key with the guardians' help
    ///
    /// Without --guardian-key it makes new keys and says what each guardian is to run.
    Recover(RecoverArgs),
    /// Make a guardian's key, and show the hash to hand to the network
    Guardian {
        /// What the guardian calls it
        #[arg(long, default_value = "guardian")]
        label: String,
    },
    /// Write a sheet that tells how to recover the network; it holds no secret
    Kit {
        /// Which network
        network: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct RotateArgs {
    /// The rotation key [default: with the other keys]
    #[arg(long, value_name = "FILE")]
    rotation_key: Option<PathBuf>,
    /// Write the next rotation key here [default: with the other keys]
    #[arg(long, value_name = "FILE")]
    rotation_out: Option<PathBuf>,
    #[command(flatten)]
    guardians: GuardianArgs,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct RevokeArgs {
    /// Which network
    network: String,
    /// Which key [default: the one that speaks now]
    #[arg(long)]
    key: Option<PublicKey>,
    /// compromised, lost or retired
    #[arg(long, value_parser = named::<Reason>)]
    reason: Reason,
    /// From when on it is void, for a key that was lost or retired [default: now]
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// What stays of what a compromised key signed: ids, or 'all-before' and a time
    #[arg(long, num_args = 1.., value_name = "WHAT")]
    keep: Vec<String>,
    /// The rotation key [default: with the other keys]
    #[arg(long, value_name = "FILE")]
    rotation_key: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct RecoverArgs {
    /// Which network
    network: String,
    /// The new key
    #[arg(long, requires = "next")]
    key: Option<PublicKey>,
    /// The hash of the new rotation key
    #[arg(long, requires = "key")]
    next: Option<KeyHash>,
    /// The guardian's key
    #[arg(long, value_name = "FILE", requires = "key")]
    guardian_key: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Show { network } => network::show(desk, &network),
        Verb::Rotate(args) => rotate(desk, &args),
        Verb::Revoke(args) => revoke(desk, &args),
        Verb::Recover(args) => recover(desk, &args),
        Verb::Guardian { label } => guardian(desk, &label),
        Verb::Kit { network, out } => kit(desk, &network, &out),
    }
}

/// The last event of an identity, and the keys that are in force by it.
struct Log {
    net: NetId,
    last: Record,
    keys: Keys,
}

impl Log {
    fn read(door: &Door, net: NetId) -> Result<Self> {
        let (_, state) = known(door, net)?;
        let events: Vec<Record> =
            state.log.iter().map(|id| door.record(*id)).collect::<Result<_>>()?;
        let keys = |record: &Record| match record.body() {
            Body::Identity(event) => event.keys().cloned(),
            _ => None,
        };
        let in_force = events.iter().rev().find_map(keys).ok_or_else(door::strange)?;
        let last = events.into_iter().next_back().ok_or_else(door::strange)?;
        Ok(Self { net, last, keys: in_force })
    }

    /// Builds the event that follows the last one.
    fn follow(&self, desk: &Desk, event: Identity) -> Draft {
        let rev = self.last.rev().saturating_add(1);
        let thing = weft_protocol::id::ThingId::from(weft_protocol::id::RecordId::from(self.net));
        let versions = Versions { thing, rev, prev: vec![self.last.id()] };
        Draft::event(Body::Identity(event), self.net, versions, desk.now())
    }
}

fn rotation_key(desk: &Desk, said: Option<&PathBuf>) -> Result<KeyFile> {
    KeyFile::at(said.cloned().unwrap_or_else(|| desk.home.keys().path("rotation")))
}

fn rotate(desk: &Desk, args: &RotateArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let ring = desk.home.keys();
    let voice = pen.voice(weft_protocol::body::role::Power::Delegate)?;
    let log = Log::read(&pen.door, voice.net)?;
    let rotation = rotation_key(desk, args.rotation_key.as_ref())?;
    let opened = rotation.unlock(&desk.passphrase(&rotation.name())?)?;
    let passphrase = desk.new_passphrase("network")?;
    // The new keys get their names when the node has taken the event.
    let (file, _) = ring.create("network-next", &passphrase)?;
    let (next, _) = ring.create("rotation-next", &passphrase)?;
    let (guardians, need) = if args.guardians.is_empty() {
        (log.keys.guardians.clone(), log.keys.need)
    } else {
        let (hashes, need) = args.guardians.quorum()?;
        (hashes.try_into().map_err(|e| Failure::usage("--guardian", e))?, need)
    };
    let keys = Keys { key: file.public(), next: next.public().hash(), guardians, need };
    let draft = log.follow(desk, Identity::Rotate(keys));
    let taken = pen
        .check(&draft, &rotation)
        .and_then(|shown| if shown { Ok(Exit::Done) } else { pen.put(draft, &opened) });
    let exit = match taken {
        Ok(exit @ (Exit::Done | Exit::NoPeerYet)) if !pen.is_dry() => exit,
        other => {
            fs::remove_file(file.path()).and_then(|()| fs::remove_file(next.path()))?;
            return other;
        }
    };
    let old = format!("network-{}", log.keys.key.short());
    let name = |from: &str, to: &str| fs::rename(ring.path(from), ring.path(to));
    name("network", &old).and_then(|()| name("network-next", "network"))?;
    if ring.path("rotation").exists() {
        name("rotation", &format!("rotation-{}", rotation.public().short()))?;
    }
    name("rotation-next", "rotation")?;
    let mut place = ring.path("rotation");
    if let Some(out) = &args.rotation_out {
        keys::move_to(&place, out)?;
        place.clone_from(out);
    }
    desk.note(&Say::Rotated { old, rotation: place.display().to_string() });
    Ok(exit)
}

fn revoke(desk: &Desk, args: &RevokeArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let log = Log::read(&pen.door, pen.names.network(&pen.door, &args.network)?)?;
    let key = args.key.unwrap_or(log.keys.key);
    let since = match &args.since {
        None => desk.now(),
        Some(words) => moment(words, desk.now(), &desk.zone(), Edge::Start)
            .map_err(|e| Failure::usage(format!("--since {words}"), e))?,
    };
    let keep = role::kept(&pen, key, &args.keep)?;
    let keep = keep.try_into().map_err(|e| Failure::usage("--keep", e))?;
    let event = Identity::Revoke(Revocation { key, reason: args.reason, since, keep });
    let draft = log.follow(desk, event);
    pen.say(draft, &rotation_key(desk, args.rotation_key.as_ref())?)
}

fn recover(desk: &Desk, args: &RecoverArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let net = pen.names.network(&pen.door, &args.network)?;
    let (Some(key), Some(next)) = (args.key, args.next) else {
        let passphrase = desk.new_passphrase("network-recovered")?;
        let (key, _) = desk.home.keys().create("network-recovered", &passphrase)?;
        let (next, _) = desk.home.keys().create("rotation-recovered", &passphrase)?;
        let (key, next) = (key.public().to_string(), next.public().hash().to_string());
        if desk.json {
            desk.answer(&json!({ "net": net, "key": key, "next": next }))?;
        } else {
            let net = net.to_string();
            desk.line(desk.speech.say(&Say::RecoverPrepared { net, key, next }))?;
        }
        return Ok(Exit::Done);
    };
    let log = Log::read(&pen.door, net)?;
    let path = args.guardian_key.clone();
    let file = KeyFile::at(path.unwrap_or_else(|| desk.home.keys().path("guardian")))?;
    let Keys { guardians, need, .. } = log.keys.clone();
    let draft = log.follow(desk, Identity::Recover(Keys { key, next, guardians, need }));
    pen.say(draft, &file)
}

fn guardian(desk: &Desk, label: &str) -> Result<Exit> {
    let name = super::member::file_name(label);
    let (key, _) = desk.home.keys().create(&name, &desk.new_passphrase(&name)?)?;
    let hash = key.public().hash().to_string();
    if desk.json {
        desk.answer(&json!({ "name": name, "file": key.path(), "hash": hash }))?;
    } else {
        desk.line(desk.speech.say(&Say::GuardianMade { name, hash }))?;
    }
    Ok(Exit::Done)
}

fn kit(desk: &Desk, network: &str, out: &Path) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = Names::load(desk)?.network(&door, network)?;
    let log = Log::read(&door, net)?;
    let guardians: Vec<String> = log.keys.guardians.iter().map(ToString::to_string).collect();
    let sheet = Say::KitSheet {
        net: net.to_string(),
        key: log.keys.key.to_string(),
        next: log.keys.next.to_string(),
        guardians,
        need: log.keys.need,
    };
    let text = format!("{}\n", desk.speech.say(&sheet));
    keys::write_new(out, text.as_bytes()).context("the kit cannot be written")?;
    desk.note(&Say::KitWritten { path: out.display().to_string() });
    Ok(Exit::Done)
}
