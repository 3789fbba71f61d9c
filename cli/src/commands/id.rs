//! `weft id`: the keys that speak for a network, and what to do when one is lost or stolen.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_protocol::authority::Why;
use weft_protocol::body::Body;
use weft_protocol::body::identity::{EVENTS_MAX, Identity, KEEP_MAX, Keys, Reason, Revocation};
use weft_protocol::control::{RecordFilter, Request, Response};
use weft_protocol::id::{KeyHash, NetId, PublicKey, RecordId};
use weft_protocol::record::{Draft, Kind, Record, Version};
use weft_protocol::time::Timestamp;

use crate::commands::keep::{self, KeepArgs};
use crate::commands::network::{self, GuardianArgs, known};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{Pen, Posting, Signing};
use crate::exit::{Exit, Failure};
use crate::input::moment::Edge;
use crate::input::named::named;
use crate::keys::KeyFile;
use crate::pair::{FreshPair, Pair, Place};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::words::{KeyKind, Leaving, Locking, Making, Say};

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
        #[arg(default_value = "us")]
        network: String,
    },
    /// Give the network a new key, with the rotation key
    ///
    /// The old key need not be here: the rotation key alone decides. A change that broke off is
    /// finished by the same command.
    Rotate(RotateArgs),
    /// Take a key of the network back, with the rotation key
    ///
    /// When it was stolen: everything that it signed is void, whatever date it claims, except for
    /// what you --keep.
    Revoke(RevokeArgs),
    /// Name a new key with the guardians' help
    ///
    /// Whoever carries the network on runs it twice. At first it makes new keys and says what
    /// each guardian is to run; when enough guardians have, it puts the new keys in their place.
    Recover(RecoverArgs),
    /// Say who guards the network from now on, as a guardian
    ///
    /// When as many guardians as are needed have said the same, it holds, and whoever was dismissed
    /// has no say any more. Without --guardian it says that those of now go on: do that after the key
    /// was changed, and nobody who finds an old rotation key can freeze the identity.
    Guard(super::id_guard::Args),
    /// Make a guardian's key, and show the hash to hand to the network
    ///
    /// Given again, it shows the hash of the key that is there. All keys: weft key list
    Guardian {
        /// What the guardian calls it
        #[arg(long, default_value = "guardian")]
        label: String,
    },
    /// Write a sheet that tells how to recover the network; it holds no secret
    ///
    /// With --revocation, also a revocation of the key that speaks now, signed with the rotation key
    /// and told to nobody: on a bad day anyone who holds it publishes it with 'weft import'. It keeps
    /// what was signed until today. Make a new one whenever the network's keys change.
    Kit(super::id_kit::Args),
}

#[derive(Debug, clap::Args)]
struct RotateArgs {
    /// Which network [default: the one that committed to the rotation key]
    network: Option<String>,
    /// Write the next rotation key here [default: with the other keys]
    #[arg(long, value_name = "FILE")]
    rotation_out: Option<PathBuf>,
    #[command(flatten)]
    guardians: GuardianArgs,
    #[command(flatten)]
    rotation: RotationArgs,
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
    /// From when on it is void, for a key that was lost or retired: 2d ago is 2d [default: now]
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    rotation: RotationArgs,
}

/// Which rotation key signs.
#[derive(Debug, clap::Args)]
struct RotationArgs {
    /// The rotation key [default: with the other keys]
    #[arg(long, value_name = "FILE")]
    rotation_key: Option<PathBuf>,
    #[command(flatten)]
    posting: Posting,
}

impl RotationArgs {
    fn key(&self, desk: &Desk) -> Result<KeyFile> {
        rotation_key(desk, self.rotation_key.as_ref())
    }
}

/// Finds the rotation key in this file, or else with the other keys.
pub(super) fn rotation_key(desk: &Desk, file: Option<&PathBuf>) -> Result<KeyFile> {
    let ring = desk.home.keys();
    let path = ring.path("rotation");
    if file.is_none() && !path.exists() {
        let say = Locking::NoRotationKey { path: path.display().to_string() };
        return Err(Failure::ending(Exit::NotFound, Say::Locking(say)));
    }
    let name = file.map_or("rotation".into(), |file| file.to_string_lossy());
    Ok(ring.named(&name)?.serving(KeyKind::Rotation))
}

#[derive(Debug, clap::Args)]
struct RecoverArgs {
    /// Which network
    network: String,
    /// A guardian signs: the new key
    #[arg(long, requires = "next")]
    key: Option<PublicKey>,
    /// A guardian signs: the hash of the new rotation key
    #[arg(long, requires = "key")]
    next: Option<KeyHash>,
    /// A guardian signs: with this key, its name or its file [default: the one called guardian]
    #[arg(long, value_name = "KEY", requires = "key")]
    guardian_key: Option<String>,
    /// Write the new rotation key here [default: with the other keys]
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    rotation_out: Option<PathBuf>,
    #[command(flatten)]
    posting: Posting,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Show { network } => network::show(desk, &network),
        Verb::Rotate(args) => rotate(desk, &args),
        Verb::Revoke(args) => revoke(desk, &args),
        Verb::Recover(args) => recover(desk, &args),
        Verb::Guard(args) => super::id_guard::run(desk, &args),
        Verb::Guardian { label } => guardian(desk, &label),
        Verb::Kit(args) => super::id_kit::run(desk, &args),
    }
}

/// The last event of an identity, and the keys that are in force by it.
pub(super) struct Log {
    pub(super) net: NetId,
    last: Record,
    pub(super) keys: Keys,
    /// Of the rotation keys that have signed.
    used: Vec<KeyHash>,
}

impl Log {
    pub(super) fn read(door: &Door, net: NetId) -> Result<Self> {
        let (_, state) = known(door, net)?;
        let events: Vec<Record> =
            state.log.iter().map(|id| door.record(*id)).collect::<Result<_>>()?;
        let keys = |record: &Record| match record.body() {
            Body::Identity(event) => event.keys().cloned(),
            _ => None,
        };
        let in_force = events.iter().rev().find_map(keys).ok_or_else(door::strange)?;
        let mut used: Vec<KeyHash> = events.iter().filter_map(keys).map(|keys| keys.next).collect();
        used.retain(|next| *next != in_force.next);
        let last = events.into_iter().next_back().ok_or_else(door::strange)?;
        Ok(Self { net, last, keys: in_force, used })
    }

    /// Finds the network that has committed to this rotation key.
    fn committed(door: &Door, rotation: &KeyFile) -> Result<Self> {
        for (_, network) in door.networks()? {
            let log = Self::read(door, network.net)?;
            if log.keys.next == rotation.public().hash() {
                return Ok(log);
            }
        }
        Err(wrong_rotation_key(rotation))
    }

    /// Returns how many events the log has.
    pub(super) fn len(&self) -> usize {
        usize::from(self.last.rev()) + 1
    }

    /// Builds the event that follows the last one.
    pub(super) fn follow(&self, desk: &Desk, event: Identity) -> Draft {
        let version = Version::after(&self.last);
        Draft::event(Body::Identity(event), self.net, version, desk.now())
    }
}

fn wrong_rotation_key(rotation: &KeyFile) -> anyhow::Error {
    let path = rotation.path().display().to_string();
    Failure::ending(Exit::Refused, Say::WrongRotationKey { path })
}

/// Returns the network that this key speaks for.
fn spoken_for(door: &Door, key: PublicKey) -> Result<Option<NetId>> {
    let mandates = door.list(&Request::Mandates { key }, |response| match response {
        Response::Mandate(mandate) => Some(mandate),
        _ => None,
    })?;
    Ok(mandates.into_iter().find(|mandate| mandate.role.is_none()).map(|mandate| mandate.net))
}

fn rotate(desk: &Desk, args: &RotateArgs) -> Result<Exit> {
    let signing = Signing::from(args.rotation.posting);
    let pen = Pen::take(desk, &signing)?;
    let ring = desk.home.keys();
    let place = Place::next(args.rotation_out.as_ref());
    let mut pending = place.find(&ring)?;
    if let Some(pair) = &pending
        && let Some(net) = spoken_for(&pen.door, pair.public())?
    {
        return rotated(&pen, args, net, Exit::Done);
    }
    let rotation = args.rotation.key(desk)?;
    let log = match &args.network {
        Some(word) => Log::read(&pen.door, pen.names.network(&pen.door, word)?)?,
        None => Log::committed(&pen.door, &rotation)?,
    };
    if log.keys.next != rotation.public().hash() {
        return Err(wrong_rotation_key(&rotation));
    }
    let guardians =
        if args.guardians.is_empty() { log.keys.clone() } else { args.guardians.keys()? };
    let others = (&guardians.guardians, guardians.need) != (&log.keys.guardians, log.keys.need);
    if others && log.keys.need > 0 {
        let said = Leaving::GuardiansDecide { net: log.net.to_string() };
        return Err(Failure::ending(Exit::Refused, Say::Leaving(said)));
    }
    // A pair without its rotation key was never signed: its making broke off.
    if pending.as_ref().is_some_and(|pair| pair.next().is_none()) && !pen.is_dry() {
        pending.take().map_or(Ok(()), Pair::discard)?;
    }
    let fresh = FreshPair::make()?;
    let keys = match pending.as_ref().and_then(|pair| Some((pair.public(), pair.next()?))) {
        Some((key, next)) => Keys { key, next, ..guardians },
        None => fresh.commit(&guardians),
    };
    let draft = log.follow(desk, Identity::Rotate(keys));
    pen.check(&draft, rotation.public())?;
    if pen.is_dry() {
        desk.answer(&shapes::draft(&draft))?;
        return Ok(Exit::Done);
    }
    let event = desk.unlocker.signer(&rotation)?.record(draft)?;
    let pair = match pending {
        Some(pair) => pair,
        None => fresh.write(&ring, &place, &desk.unlocker.choose(&Making::Successors)?)?,
    };
    match pen.hand_in(std::slice::from_ref(&event), None) {
        Ok(exit) => rotated(&pen, args, log.net, exit),
        Err(error) if pen.has_lost(&error, event.id()) => {
            pair.discard()?;
            Err(error)
        }
        Err(error) => Err(network::unfinished(desk, &error)),
    }
}

/// Puts the new keys in their place, now that the node has the event on its disk.
fn rotated(pen: &Pen<'_>, args: &RotateArgs, net: NetId, exit: Exit) -> Result<Exit> {
    let (desk, ring) = (pen.desk, pen.desk.home.keys());
    let used = Log::read(&pen.door, net)?.used;
    let (old, rotation) = Place::next(args.rotation_out.as_ref()).settle(&ring)?;
    desk.note(&Say::Rotated { old, rotation: rotation.display().to_string() });
    let given = args.rotation.rotation_key.as_ref();
    for (path, error) in Place::destroy_used(&ring, &used, given)? {
        let path = path.display().to_string();
        desk.note(&Say::Leaving(match error {
            None => Leaving::RotationDestroyed { path },
            Some(error) => Leaving::RotationRemains { path, why: error.to_string() },
        }));
    }
    Ok(exit)
}

/// The most revocations that one command signs: together they keep three thousand records, and
/// half of what an identity may ever say stays free.
const REVOCATIONS_MAX: usize = EVENTS_MAX / 2;

fn revoke(desk: &Desk, args: &RevokeArgs) -> Result<Exit> {
    let signing = Signing::from(args.rotation.posting);
    let pen = Pen::take(desk, &signing)?;
    let log = Log::read(&pen.door, pen.names.network(&pen.door, &args.network)?)?;
    let key = args.key.unwrap_or(log.keys.key);
    let since = match &args.since {
        None => desk.now(),
        Some(words) => desk.moment("--since", words, Edge::Past)?,
    };
    let lists = args.keep.lists(&pen, key, KEEP_MAX)?;
    if !pen.is_dry() {
        let name = Directory::load(desk, &pen.door)?.name(log.net);
        let since = (args.reason != Reason::Compromised).then_some(since);
        keep::ask(&pen, (name, false), key, (since, &lists))?;
    }
    let drafts = revocations(desk, &log, (key, args.reason, since), lists)?;
    let exit = pen.say_all(drafts, &args.rotation.key(desk)?)?;
    if key == log.keys.key && !pen.is_dry() {
        desk.note(&Say::RevokedKey { net: log.net.to_string() });
    }
    Ok(exit)
}

/// Builds the events that take a key back, each with a list of what stays.
pub(super) fn revocations(
    desk: &Desk,
    log: &Log,
    (key, reason, since): (PublicKey, Reason, Timestamp),
    lists: Vec<Vec<RecordId>>,
) -> Result<Vec<Draft>> {
    if lists.len() > REVOCATIONS_MAX {
        let most = REVOCATIONS_MAX * KEEP_MAX;
        return Err(Failure::usage("--keep", format!("at most {most} records can be kept")));
    }
    let event = |keep: Vec<RecordId>| {
        let keep = keep.try_into().map_err(|e| Failure::usage("--keep", e))?;
        let revocation = Revocation { key, reason, since, keep };
        Ok(log.follow(desk, Identity::Revoke(revocation)))
    };
    lists.into_iter().map(event).collect()
}

fn recover(desk: &Desk, args: &RecoverArgs) -> Result<Exit> {
    let signing = Signing::from(args.posting);
    let pen = Pen::take(desk, &signing)?;
    let net = pen.names.network(&pen.door, &args.network)?;
    let log = Log::read(&pen.door, net)?;
    let (Some(key), Some(next)) = (args.key, args.next) else {
        return carry_on(&pen, &log, &Place::recovered(args.rotation_out.as_ref()));
    };
    let name = args.guardian_key.as_deref().unwrap_or("guardian");
    let file = desk.home.keys().named(name)?;
    let draft = log.follow(desk, Identity::Recover(Keys { key, next, ..log.keys.clone() }));
    pen.say(draft, &file)
}

/// Prepares a recovery and says what the guardians are to do; or, when they have done it, puts the
/// new keys in their place.
fn carry_on(pen: &Pen<'_>, log: &Log, place: &Place) -> Result<Exit> {
    let (desk, ring) = (pen.desk, pen.desk.home.keys());
    let net = log.net.to_string();
    let pending = place.find(&ring)?;
    if pending.as_ref().is_some_and(|pair| pair.public() == log.keys.key) {
        let (_, rotation) = place.settle(&ring)?;
        let rotation = rotation.display().to_string();
        if desk.json {
            desk.answer(&json!({ "net": net, "key": log.keys.key }))?;
        }
        desk.note(&Say::Recovered { net, rotation });
        network::adopt_ours(desk, &pen.door)?;
        return Ok(Exit::Done);
    }
    if log.keys.guardians.is_empty() {
        return Err(Failure::ending(Exit::Refused, Say::NoGuardians));
    }
    let pair = match pending {
        Some(pair) if pair.next().is_some() => pair,
        _ if pen.is_dry() => return Ok(Exit::Done),
        broken => {
            broken.map_or(Ok(()), Pair::discard)?;
            let passphrase = desk.unlocker.choose(&Making::Successors)?;
            FreshPair::make()?.write(&ring, place, &passphrase)?
        }
    };
    let have = signed_so_far(&pen.door, log, pair.public())?;
    let key = pair.public().to_string();
    let next = pair.next().map(|next| next.to_string()).unwrap_or_default();
    let need = log.keys.need;
    if desk.json {
        desk.answer(&json!({ "net": net, "key": key, "next": next, "have": have, "need": need }))?;
    } else {
        desk.line(desk.speech.say(&Say::RecoverPrepared { net, key, next }))?;
        desk.note(&Say::GuardiansSoFar { have, need });
    }
    Ok(Exit::Done)
}

/// Returns how many guardians have signed a recovery that names this key and is not complete.
fn signed_so_far(door: &Door, log: &Log, key: PublicKey) -> Result<u8> {
    let filter =
        RecordFilter { net: Some(log.net), kind: Some(Kind::Identity), ..RecordFilter::default() };
    let views = door.list(&Request::Records(filter), |response| match response {
        Response::Record(view) => Some(view),
        _ => None,
    })?;
    let names_it = |record: &Record| match record.body() {
        Body::Identity(Identity::Recover(keys)) => keys.key == key,
        _ => false,
    };
    let have = views.into_iter().filter_map(|view| match view.state.void? {
        Why::GuardiansMissing { have, .. } => {
            door::signed(&view.record).ok().filter(names_it).map(|_| have)
        }
        _ => None,
    });
    Ok(have.max().unwrap_or(0))
}

fn guardian(desk: &Desk, label: &str) -> Result<Exit> {
    let name = super::member::file_name(label);
    let ring = desk.home.keys();
    let key = if ring.path(&name).exists() {
        ring.named(&name)?
    } else {
        let making = Making::One(KeyKind::Named(name.clone()));
        ring.create(&name, &desk.unlocker.choose(&making)?)?.0
    };
    let hash = key.public().hash().to_string();
    if desk.json {
        desk.answer(&json!({ "name": name, "file": key.path(), "hash": hash }))?;
    } else {
        desk.line(desk.speech.say(&Say::GuardianMade { name, hash }))?;
    }
    Ok(Exit::Done)
}
