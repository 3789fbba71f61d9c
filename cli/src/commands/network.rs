//! `weft network`: who networks are.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::identity::{Identity, Keys};
use weft_protocol::control::{ConfigChange, NetworkState, Request, Response};
use weft_protocol::id::{KeyHash, NetId};
use weft_protocol::record::{Draft, Record};

use crate::commands::profile::{self, ProfileArgs};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{DAY, Life, Pen, Signing, Voice};
use crate::exit::{Exit, Failure};
use crate::keys::KeyFile;
use crate::names::Names;
use crate::show::columns::{columns, pairs};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::words::{Say, Word};

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
    /// For example: weft network found --name "Bristol Care Workers" --kind group --place GB-BST
    Found(Box<FoundArgs>),
    /// List the networks that this node knows
    List,
    /// Show a network
    Show {
        /// Which: its name among yours, or the beginning of its id
        network: String,
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

    /// Returns the guardians in order, and how many are needed.
    ///
    /// # Errors
    /// When there are too many, or fewer than are needed.
    pub(crate) fn quorum(&self) -> Result<(Vec<KeyHash>, u8)> {
        let mut hashes = self.hashes.clone();
        hashes.sort_unstable();
        hashes.dedup();
        let count = u8::try_from(hashes.len()).unwrap_or(u8::MAX);
        let usual = if count == 0 { 0 } else { count / 2 + 1 };
        let need = self.need.unwrap_or(usual);
        if need > count || (count > 0 && need == 0) {
            return Err(Failure::usage("--need", format!("say 1 to {count}")));
        }
        Ok((hashes, need))
    }
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Found(args) => found(desk, &args),
        Verb::List => list(desk),
        Verb::Show { network } => show(desk, &network),
        Verb::Name { id, name } => {
            let mut names = Names::load(desk)?;
            let id = names.find(&Door::open(desk)?, &id, None)?;
            names.give(desk, &name, id)?;
            desk.note(&Say::NameGiven { name, id: id.to_string() });
            Ok(Exit::Done)
        }
    }
}

fn found(desk: &Desk, args: &FoundArgs) -> Result<Exit> {
    if args.signing.is_dry_run() {
        let why = "founding makes keys and cannot be rehearsed; leave it out, or see: weft demo";
        return Err(Failure::usage("--dry-run", why));
    }
    let pen = Pen::take(desk, &args.signing)?;
    let body = profile::merged(desk, &args.profile, None)?;
    let (guardians, need) = args.guardians.quorum()?;
    let ring = desk.home.keys();
    let passphrase = desk.new_passphrase("network")?;
    let (file, key) = ring.create("network", &passphrase)?;
    let out = args.rotation_out.clone().unwrap_or_else(|| ring.path("rotation"));
    let (rotation, _) = KeyFile::create(out, &passphrase)?;
    let keys = Keys {
        key: file.public(),
        next: rotation.public().hash(),
        guardians: guardians.try_into().map_err(|e| Failure::usage("--guardian", e))?,
        need,
    };
    let now = desk.now();
    let inception = Draft::inception(Body::Identity(Identity::Inception(keys)), now).sign(&key)?;
    let net = inception.net();
    let voice = Voice::of_network(file, net);
    let life = Life { now: inception.header().at, length: 400 * DAY };
    let profile = pen.draft(Body::Profile(body), &voice, life)?.sign(&key)?;
    let posted = pen.post(&[inception, profile.clone()])?;
    pen.door.ask(&Request::Configure(ConfigChange::Host { net }))?;
    let last = posted.into_iter().next_back().ok_or_else(door::strange)?;
    let exit = pen.report(&profile, last)?;
    if !desk.json {
        let rotation = rotation.path().display().to_string();
        desk.line(desk.speech.say(&Say::Founded { net: net.to_string(), rotation }))?;
    }
    Ok(exit)
}

/// A network: its identity, and its profile if it has one.
pub(crate) type Known = (Option<Record>, NetworkState);

/// Returns a network that the node knows.
///
/// # Errors
/// When it knows none of that id.
pub(crate) fn known(door: &Door, net: NetId) -> Result<Known> {
    match door.ask(&Request::Network { net })? {
        Response::Network(view) if view.record.is_empty() => Ok((None, view.state)),
        Response::Network(view) => door::viewed(view).map(|(record, state)| (Some(record), state)),
        _ => Err(door::strange()),
    }
}

fn list(desk: &Desk) -> Result<Exit> {
    let door = Door::open(desk)?;
    let views = door.list(&Request::Networks, |response| match response {
        Response::Network(view) => Some(view),
        _ => None,
    })?;
    let read = |view: weft_protocol::control::View<NetworkState>| -> Result<Known> {
        let record = (!view.record.is_empty()).then(|| door::signed(&view.record)).transpose()?;
        Ok((record, view.state))
    };
    let networks = views.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    if desk.json {
        desk.answer(&networks.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if networks.is_empty() {
        desk.note(&Say::NothingThere);
        return Ok(Exit::Done);
    }
    let names = Names::load(desk)?;
    let languages = desk.languages();
    let headings = [Word::Id, Word::Name, Word::Kind, Word::Places, Word::State]
        .map(|word| desk.speech.word(word).to_owned());
    let rows = networks.iter().map(|(record, state)| {
        let profile = record.as_ref().and_then(profile::body_of);
        let own = profile.map(|p| p.name.in_any(&languages).1.to_owned()).unwrap_or_default();
        let given = names.of(state.net.into()).map(|name| format!(" [{name}]"));
        let places = profile.map(|p| p.places.iter().map(ToString::to_string).collect::<Vec<_>>());
        [
            state.net.short(),
            own + &given.unwrap_or_default(),
            profile.map(|p| profile::word(&p.kind)).unwrap_or_default(),
            places.unwrap_or_default().join(", "),
            standing(desk, state),
        ]
    });
    desk.line(columns(headings, rows))?;
    Ok(Exit::Done)
}

fn standing(desk: &Desk, state: &NetworkState) -> String {
    let word = match (state.disputed, state.closed) {
        (Some(_), _) => Word::Disputed,
        (None, Some(_)) => Word::Closed,
        (None, None) => Word::Active,
    };
    desk.speech.word(word).to_owned()
}

fn shape((record, state): &Known) -> Value {
    json!({
        "net": state.net,
        "identity": shapes::network(state),
        "profile": record.as_ref().map(shapes::record),
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
    let (record, state) = network;
    let mut rows = vec![(Word::Id, net.to_string()), (Word::State, standing(desk, &state))];
    rows.extend(state.key.map(|key| (Word::Key, key.to_string())));
    if let (guardians @ 1.., need) = state.guardians {
        rows.push((Word::Guardians, format!("{need} / {guardians}")));
    }
    let name = Directory::load(desk, &door)?.name(net);
    desk.line(name)?;
    if let Some(profile) = record.as_ref().and_then(profile::body_of) {
        rows.extend(profile::rows(profile, &desk.languages()));
    }
    let shown = rows.into_iter().map(|(word, text)| (desk.speech.word(word).to_owned(), text));
    desk.line(pairs(shown))?;
    Ok(Exit::Done)
}
