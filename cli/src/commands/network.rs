//! `weft network`: who networks are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::identity::{Identity, Keys};
use weft_protocol::control::{ConfigChange, NetworkState, Request, Response};
use weft_protocol::id::{KeyHash, NetId, PublicKey, RecordId};
use weft_protocol::record::{Draft, Record, sequence};

use crate::commands::profile::{self, ProfileArgs};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{DAY, Life, Pen, Signing};
use crate::exit::{self, Exit, Failure};
use crate::input::named::spelt;
use crate::keys::KeyFile;
use crate::names::Names;
use crate::out;
use crate::pair::{FreshPair, Place};
use crate::passphrase::Passphrase;
use crate::sealed;
use crate::show::bonds::Bonds;
use crate::show::call::sealed as sealed_row;
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::words::{Condition, Making, Say, Word};

/// Found a network, and see others
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Found a network: make its keys, its first record and its profile
    ///
    /// It is founded whole or not at all; a founding that broke off is finished by the same
    /// command.
    ///
    /// For example: weft network found --name "Bristol Care Workers" --kind group --place GB-BST
    Found(Box<FoundArgs>),
    /// List the networks that this node knows
    List,
    /// Show a network
    Show {
        /// Which: its name, 'us', or the beginning of its id
        #[arg(default_value = "us")]
        network: String,
    },
    /// Let a network live on this node: what is for its own nodes is kept here, and its ties open the door
    ///
    /// It is done without asking when you found, import or recover a network whose key is in this home.
    Adopt {
        /// Which: its name, its id, or the beginning of that [default: those whose keys are here]
        network: Option<String>,
    },
    /// Give an id a short name on this machine, such as coffee-union
    Name {
        /// The beginning of an id: a network's, a call's, a tie's
        id: String,
        /// Its name from now on
        name: String,
    },
}

#[derive(Debug, clap::Args)]
struct FoundArgs {
    #[command(flatten)]
    profile: ProfileArgs,
    /// Write the rotation key here, for example to a memory stick [default: with the other keys]
    #[arg(long, value_name = "FILE")]
    rotation_out: Option<PathBuf>,
    #[command(flatten)]
    guardians: GuardianArgs,
    #[command(flatten)]
    signing: Signing,
}

/// Who can recover a network's identity.
#[derive(Debug, clap::Args)]
pub(crate) struct GuardianArgs {
    /// A guardian: the hash that 'weft id guardian' shows them (may be given several times)
    #[arg(long = "guardian", value_name = "HASH")]
    pub(crate) hashes: Vec<KeyHash>,
    /// How many guardians a recovery needs [default: more than half]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) need: Option<u8>,
}

impl GuardianArgs {
    /// Says whether nothing was said about guardians.
    pub(crate) fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Returns the guardians in order and how many are needed, beside keys that are still to be
    /// named.
    ///
    /// # Errors
    /// When there are too many, or fewer than are needed.
    pub(crate) fn keys(&self) -> Result<Keys> {
        let mut hashes = self.hashes.clone();
        hashes.sort_unstable();
        hashes.dedup();
        let count = u8::try_from(hashes.len()).unwrap_or(u8::MAX);
        let usual = if count == 0 { 0 } else { count / 2 + 1 };
        let need = self.need.unwrap_or(usual);
        if need > count || (count > 0 && need == 0) {
            return Err(Failure::usage("--need", format!("say 1 to {count}")));
        }
        let guardians = hashes.try_into().map_err(|e| Failure::usage("--guardian", e))?;
        Ok(Keys { key: PublicKey([0; 32]), next: KeyHash([0; 32]), guardians, need })
    }
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Found(args) => found(desk, &args),
        Verb::List => list(desk),
        Verb::Adopt { network } => adopt(desk, network.as_deref()),
        Verb::Show { network } => show(desk, &network),
        Verb::Name { id, name } => {
            let mut names = Names::load(desk)?;
            let door = Door::open(desk)?;
            let id = names.find(&door, &id, None).or_else(|error| {
                // A network may be meant by the name that it gives itself.
                names.network(&door, &id).map(RecordId::from).map_err(|_| error)
            })?;
            if let Some(known) = names.given(&name).filter(|known| *known != id) {
                desk.confirm(&Say::NameTaken { name: name.clone(), id: known.to_string() })?;
            }
            names.give(desk, &name, id)?;
            desk.note(&Say::NameGiven { name, id: id.to_string() });
            Ok(Exit::Done)
        }
    }
}

fn found(desk: &Desk, args: &FoundArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let ring = desk.home.keys();
    let place = Place::first(args.rotation_out.as_ref());
    let bundle = ring.founding();
    if !pen.is_dry() {
        if bundle.exists() {
            return resume(&pen, &bundle);
        }
        if let Some(pair) = place.find(&ring)? {
            let key = pair.public().to_string();
            return Err(Failure::failed(Say::FoundedAlready { key }));
        }
    }
    let pair = FreshPair::make()?;
    let sealing = sealed::Fresh::look(desk);
    let founded = founding(&pen, args, &pair)?;
    let Some((records, words)) = founded else { return Ok(Exit::Done) };
    let files = pair.write(&ring, &place, &words).inspect_err(|_| sealing.discard())?;
    let rotation = files.rotation().map(|path| path.display().to_string()).unwrap_or_default();
    let bytes: Vec<u8> = records.iter().flat_map(|r| r.bytes().iter().copied()).collect();
    if let Err(error) = out::write_new(&bundle, &bytes) {
        sealing.discard();
        files.discard()?;
        return Err(error);
    }
    let net = records.first().map(|r| r.net().to_string()).unwrap_or_default();
    match enter(&pen, &records, &bundle, &Say::Founded { net, rotation }) {
        Err(error) if records.first().is_some_and(|r| pen.has_lost(&error, r.id())) => {
            sealing.discard();
            files.discard()?;
            fs::remove_file(&bundle)?;
            Err(error)
        }
        Err(error) => Err(unfinished(desk, &error)),
        Ok(exit) => Ok(exit),
    }
}

/// Has the two records of a new network checked and signs them, with the words under which its keys
/// are to be kept; nothing when it is a rehearsal, which shows them.
fn founding(
    pen: &Pen<'_>,
    args: &FoundArgs,
    pair: &FreshPair,
) -> Result<Option<(Vec<Record>, Passphrase)>> {
    let mut body = profile::merged(pen.desk, &args.profile, None)?;
    let inception = Identity::Inception(pair.commit(&args.guardians.keys()?));
    let inception = Draft::inception(Body::Identity(inception), pen.desk.now());
    pen.check(&inception, pair.key.public())?;
    // What is not posted has founded nothing; but a network's name is that of its first record.
    let first = inception.clone().sign(&pair.key)?;
    let life = Life { now: first.header().at, length: 400 * DAY };
    let profile = pen.own_draft(Body::Profile(body.clone()), first.net(), life)?;
    pen.warn_of_contacts(&profile)?;
    if pen.is_dry() {
        pen.desk.answer(&[inception, profile].map(|draft| shapes::draft(&draft)))?;
        pen.desk.note(&Say::FoundingRehearsed);
        return Ok(None);
    }
    // Others can seal to it from the first day.
    let words = pen.desk.unlocker.choose(&Making::Founding)?;
    body.sealing = Some(sealed::made(pen.desk, &words)?);
    let profile = Draft { body: Body::Profile(body), ..profile };
    Ok(Some((vec![first, profile.sign(&pair.key)?], words)))
}

/// Puts the records of a new network on the node, which keeps what is its own from then on.
fn enter(pen: &Pen<'_>, records: &[Record], bundle: &Path, done: &Say) -> Result<Exit> {
    let exit = pen.hand_in(records, Some(done))?;
    if let Some(first) = records.first() {
        pen.door.ask(&Request::Configure(ConfigChange::Host { net: first.net() }))?;
    }
    fs::remove_file(bundle).with_context(|| bundle.display().to_string())?;
    Ok(exit)
}

/// Goes on with a founding that broke off after its keys were made.
fn resume(pen: &Pen<'_>, bundle: &Path) -> Result<Exit> {
    let bytes = fs::read(bundle).with_context(|| bundle.display().to_string())?;
    let records = sequence(&bytes).map(|item| door::signed(item.map_err(|_| door::strange())?));
    let records = records.collect::<Result<Vec<_>>>()?;
    enter(pen, &records, bundle, &Say::FoundingResumed)
        .map_err(|error| unfinished(pen.desk, &error))
}

/// Says that something broke off, and that the same command goes on.
pub(crate) fn unfinished(desk: &Desk, error: &anyhow::Error) -> anyhow::Error {
    let (exit, why) = exit::explain(error, desk.speech);
    Failure::ending(exit, Say::Unfinished { why })
}

/// A network: its identity, and its profile if it has one.
pub(crate) type Known = (Option<Record>, NetworkState);

/// Returns a network that the node knows.
///
/// # Errors
/// When it knows none of that id.
pub(crate) fn known(door: &Door, net: NetId) -> Result<Known> {
    match door.ask(&Request::Network { net })? {
        Response::Network(view) => door::perhaps(view),
        _ => Err(door::strange()),
    }
}

/// Returns the profile whose nodes and sealing key count; it need not be the one that is shown. Whoever
/// seals, or shows or says anew where a network lives, asks here.
///
/// # Errors
/// When what the node answers is no record.
pub(crate) fn hosting((shown, state): &Known) -> Result<Option<Record>> {
    match &state.hosting {
        None => Ok(shown.clone()),
        Some(bytes) => (!bytes.is_empty()).then(|| door::signed(bytes)).transpose(),
    }
}

fn adopt(desk: &Desk, word: Option<&str>) -> Result<Exit> {
    let door = Door::open(desk)?;
    let ours = spoken_for(&door, &desk.home.keys().all()?)?;
    let wanted = match word {
        None => ours.clone(),
        Some(word) => [Names::load(desk)?.network(&door, word)?].into(),
    };
    if wanted.is_empty() {
        return Err(Failure::ending(Exit::NotFound, Say::Condition(Condition::NobodyToAdopt)));
    }
    for net in wanted.difference(&ours) {
        let name = named(desk, &door, *net)?;
        desk.confirm(&Say::Condition(Condition::AskAdopt { name }))?;
    }
    let hosted = door.status()?.hosted;
    for net in &wanted {
        welcome_home(desk, &door, *net, hosted.contains(net))?;
    }
    if desk.json {
        desk.answer(&json!({ "adopted": wanted }))?;
    }
    Ok(Exit::Done)
}

/// Lets the networks live on the node of this home whose keys are here, and says so. Returns those that
/// did not before.
///
/// # Errors
/// When the node does not answer, or cannot keep it.
pub(crate) fn adopt_ours(desk: &Desk, door: &Door) -> Result<Vec<NetId>> {
    if !door.is_here() {
        return Ok(Vec::new());
    }
    let hosted = door.status()?.hosted;
    let ours = spoken_for(door, &desk.home.keys().all()?)?;
    let fresh: Vec<NetId> = ours.into_iter().filter(|net| !hosted.contains(net)).collect();
    fresh.iter().try_for_each(|net| welcome_home(desk, door, *net, false))?;
    Ok(fresh)
}

fn welcome_home(desk: &Desk, door: &Door, net: NetId, was: bool) -> Result<()> {
    door.ask(&Request::Configure(ConfigChange::Host { net }))?;
    let name = named(desk, door, net)?;
    desk.note(&Say::Condition(Condition::LivesHere { name, was }));
    Ok(())
}

fn named(desk: &Desk, door: &Door, net: NetId) -> Result<String> {
    let mut directory = Directory::given(desk)?;
    directory.learn(desk, door, net)?;
    Ok(directory.name(net))
}

/// Returns the networks for which these keys speak as their own.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn spoken_for(door: &Door, keys: &[KeyFile]) -> Result<BTreeSet<NetId>> {
    let mut nets = BTreeSet::new();
    for key in keys {
        let mandates =
            door.list(&Request::Mandates { key: key.public() }, |response| match response {
                Response::Mandate(mandate) => Some(mandate),
                _ => None,
            })?;
        nets.extend(mandates.iter().filter(|m| m.role.is_none()).map(|m| m.net));
    }
    Ok(nets)
}

fn list(desk: &Desk) -> Result<Exit> {
    let door = Door::open(desk)?;
    let networks = door.networks()?;
    if !desk.wants_table(&networks, shape)? {
        return Ok(Exit::Done);
    }
    let names = Names::load(desk)?;
    let languages = desk.languages();
    let bonds = Bonds::look(&door)?;
    let headings = [Word::Id, Word::Name, Word::Kind, Word::Places, Word::State];
    let rows = networks.iter().map(|(record, state)| {
        let profile = record.as_ref().and_then(profile::body_of);
        let own = profile.map(|p| p.name.in_any(&languages).1.to_owned()).unwrap_or_default();
        let given = names.of(state.net.into()).map(|name| format!(" [{name}]"));
        let places = profile.map(|p| p.places.iter().map(ToString::to_string).collect::<Vec<_>>());
        [
            state.net.short(),
            own + &given.unwrap_or_default(),
            profile.map(|p| desk.speech.term(&spelt(&p.kind))).unwrap_or_default(),
            places.unwrap_or_default().join(", "),
            bonds.standing(desk, state),
        ]
    });
    desk.table(headings, rows)
}

fn shape(known: &Known) -> Value {
    let (record, state) = known;
    let hosting = hosting(known).ok().flatten();
    let hosting = hosting.as_ref().and_then(profile::body_of);
    json!({
        "net": state.net,
        "identity": shapes::network(state),
        "profile": record.as_ref().map(shapes::record),
        "hosting": hosting.map(shapes::hosting),
    })
}

/// Shows a network and its profile.
///
/// # Errors
/// When there is none of that name.
pub(crate) fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = Names::load(desk)?.network(&door, word)?;
    let network = known(&door, net)?;
    if desk.json {
        desk.answer(&shape(&network))?;
        return Ok(Exit::Done);
    }
    let hosting = hosting(&network)?;
    let hosting = hosting.as_ref().and_then(profile::body_of);
    let (record, state) = network;
    let mut rows = vec![
        (Word::Id, net.to_string()),
        (Word::State, Bonds::look(&door)?.standing(desk, &state)),
    ];
    rows.extend(state.key.map(|key| (Word::Key, key.to_string())));
    if let (count @ 1.., need) = state.guardians {
        rows.push((Word::Guardians, desk.speech.say(&Say::GuardiansNeeded { count, need })));
    }
    let name = Directory::load(desk, &door)?.name(net);
    desk.line(name)?;
    if let Some(profile) = record.as_ref().and_then(profile::body_of) {
        rows.extend(profile::rows(profile, &desk.languages(), desk.speech));
        let contact = record.as_ref().and_then(|record| sealed_row(desk, record));
        rows.extend(contact.map(|text| (Word::Contact, text)));
        rows.extend(hosting.and_then(profile::nodes).map(|nodes| (Word::Nodes, nodes)));
        let said = profile.sealing.is_some() || !profile.nodes.is_empty();
        if said && state.hosting.is_some() {
            desk.note(&Say::Condition(Condition::HostingUnheard));
        }
    }
    desk.facts(rows)?;
    Ok(Exit::Done)
}
