//! `weft peers`: the nodes that this node is connected with, and those that it seeks.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_node::home::ChoicesFile;
use weft_node::network::{Address, parse_peer};
use weft_protocol::control::{Fault, PeerView, Request, Response, TrialView, WatchFilter};
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use crate::commands::{network, profile};
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{self, Exit, Failure};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::show::when::relative;
use crate::words::{Joining, Say, Word};

/// See and meet other nodes
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the nodes that are connected, and those that are tried in vain, with why and since when
    List,
    /// Connect with a node
    ///
    /// For example: weft peers connect /dns4/weft.example.org/tcp/8471/p2p/12D3KooW…
    Connect {
        /// Its address, as its operator reads it in 'weft status'
        address: String,
    },
    /// Dial a node no more, and remember it no longer
    ///
    /// A connection with it stays until it ends. To be put out, and stay out: weft policy block --peer NODE
    Forget {
        /// Its address, or its name, or the beginning of it, as 'weft peers list' shows it
        peer: String,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::List => list(desk, &Door::open(desk)?),
        Verb::Connect { address } => connect(desk, &address),
        Verb::Forget { peer } => forget(desk, &Door::open(desk)?, peer),
    }
}

/// How long a connection may take until it is said that it has not come: a relay and a slow line need
/// a few seconds, and the transport itself gives up after ten.
const PATIENCE: Duration = Duration::from_secs(11);

/// How long it is looked, after an invite was taken, whether the node is there already.
const GLANCE: Duration = Duration::from_millis(1500);

/// After how long it is said that it may take longer, or why it has not come so far.
const SILENCE_MAX: Duration = Duration::from_secs(2);

/// How long a node that is connected may take to say in which regions it is: two round trips over a bad
/// link, and no wait that anybody notices.
pub(crate) const NAMING: Duration = Duration::from_secs(1);

/// How long it is waited for news before it is looked anyway: a node of another region is no news. At
/// once for a person, and no burden for the node.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What tells whenever something has happened at the node; it falls silent and never ends, so that
/// who waits for it waits.
pub(crate) type News = (Sender<()>, Receiver<()>);

/// Begins to listen to the node.
pub(crate) fn news(door: Door) -> News {
    let (happened, news) = mpsc::channel();
    let kept = happened.clone();
    thread::spawn(move || {
        // It ends with the program, or when nobody listens any more.
        door.each(&Request::Watch(WatchFilter { kind: None }), |_| Ok(happened.send(())?)).ok()
    });
    (kept, news)
}

fn connect(desk: &Desk, word: &str) -> Result<Exit> {
    let address = word.parse::<Address>().ok().filter(Address::is_possible);
    let no_place = || Say::Joining(Joining::NoPlace { address: word.to_owned() });
    let address = address.ok_or_else(|| Failure::ending(Exit::Usage, no_place()))?;
    let door = Door::open(desk)?;
    let status = door.status()?;
    if address.node() == Some(status.node) {
        return Err(Failure::failed(Say::Joining(Joining::ItIsThisNode)));
    }
    let sought = Sought { since: status.now, ..Sought::new(&door, address)? };
    let news = news(Door::open(desk)?);
    door.ask(&Request::Connect { address: word.to_owned() })?;
    let met =
        sought.is_met(&door, &news, (PATIENCE, &|| desk.note(&Say::Joining(Joining::Asking))));
    let said = match met? {
        Ok(peer) => greeted(peer, &status.regions),
        Err(fault) => {
            let peer = word.to_owned();
            return Err(Failure::failed(Say::Joining(Joining::NotConnected { peer, fault })));
        }
    };
    desk.note(&Say::Joining(said));
    Ok(Exit::Done)
}

/// Says that a node is connected, and whether it has anything to say to this one.
fn greeted(peer: PeerView, regions: &[Region]) -> Joining {
    let node = peer.name;
    if !peer.regions.is_empty() || peer.elsewhere.is_empty() {
        return Joining::Connected { node };
    }
    Joining::ConnectedElsewhere { node, theirs: words(&peer.elsewhere), ours: words(regions) }
}

/// Says how it stands, after a moment, with a node that was told by an invite.
///
/// # Errors
/// When the node of this home does not answer.
pub(crate) fn glance(desk: &Desk, door: &Door, address: Address) -> Result<Joining> {
    let status = door.status()?;
    let sought = Sought::new(door, address)?;
    let news = news(Door::open(desk)?);
    Ok(match sought.is_met(door, &news, (GLANCE, &|| {}))? {
        Ok(peer) => greeted(peer, &status.regions),
        Err(fault) => Joining::NotYet { fault },
    })
}

/// Whom to connect with.
struct Sought {
    address: Address,
    /// Who was connected before.
    before: Vec<NodeId>,
    /// Since when it is sought, by the node's clock.
    since: Timestamp,
}

impl Sought {
    fn new(door: &Door, address: Address) -> Result<Self> {
        let before = peers(door)?.into_iter().map(|peer| peer.node).collect();
        Ok(Self { address, before, since: Timestamp::ZERO })
    }

    /// Says whether this is who is sought; any that was not there before, when the address names none.
    fn is(&self, peer: &PeerView) -> bool {
        match self.address.node() {
            Some(node) => peer.node == node,
            None => !self.before.contains(&peer.node),
        }
    }

    /// Says whether this is about what was tried since then.
    fn failed(&self, trial: &TrialView) -> bool {
        let here = |text: &String| {
            text.parse::<Address>().is_ok_and(|other| other.bare() == self.address.bare())
        };
        let named = trial.name.as_deref().and_then(parse_peer);
        let meant = named == self.address.node() && trial.addresses.iter().any(here);
        meant && trial.last >= self.since
    }

    /// Waits until the node is connected and has said where it is, or it is known why it is not; says
    /// once, if it takes longer than a moment, that it does.
    fn is_met(
        &self,
        door: &Door,
        (_, news): &News,
        (patience, slow): (Duration, &dyn Fn()),
    ) -> Result<Result<PeerView, Option<Fault>>> {
        let start = Instant::now();
        let (mut met, mut slow, mut why) = (None, Some(slow), None);
        while start.elapsed() < patience {
            if let Some(peer) = peers(door)?.into_iter().find(|peer| self.is(peer)) {
                let named = !peer.regions.is_empty() || !peer.elsewhere.is_empty();
                if named || met.get_or_insert_with(Instant::now).elapsed() >= NAMING {
                    return Ok(Ok(peer));
                }
            } else if let Some(trial) = trials(door)?.into_iter().find(|trial| self.failed(trial)) {
                // The node tries again at once; what has just been started answers then.
                let is_sure = matches!(
                    trial.fault,
                    Fault::Other { .. } | Fault::Stranger { .. } | Fault::Itself
                );
                why = Some(trial.fault);
                if is_sure || start.elapsed() >= SILENCE_MAX {
                    break;
                }
            }
            if start.elapsed() >= SILENCE_MAX
                && let Some(slow) = slow.take()
            {
                slow();
            }
            news.recv_timeout(LOOK_AGAIN).ok();
        }
        Ok(Err(why))
    }
}

fn words(all: &[impl ToString]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns the nodes that are connected: who has not said where it is may be a member's terminal.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn nodes(door: &Door) -> Result<Vec<PeerView>> {
    Ok(peers(door)?.into_iter().filter(|peer| peer.named).collect())
}

/// Returns all who are connected.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn peers(door: &Door) -> Result<Vec<PeerView>> {
    door.list(&Request::Peers, |response| match response {
        Response::Peer(peer) => Some(peer),
        _ => None,
    })
}

/// Returns the nodes that are dialled in vain, those first that are to be connected always.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn trials(door: &Door) -> Result<Vec<TrialView>> {
    door.list(&Request::Trials, |response| match response {
        Response::Trial(trial) => Some(trial),
        _ => None,
    })
}

/// Says whether the node of this home was told of others, by its settings or by an invite.
///
/// # Errors
/// When what was chosen cannot be read.
pub(crate) fn seeks(desk: &Desk) -> Result<bool> {
    let chosen = ChoicesFile::of(desk.home.node()).load()?.peers;
    Ok(!chosen.is_empty() || !desk.settings()?.network.peers.is_empty())
}

/// Returns how a person names a node that is dialled in vain: by where it should be.
pub(crate) fn called(trial: &TrialView) -> String {
    let first = trial.addresses.first().cloned();
    first.or_else(|| trial.name.clone()).unwrap_or_default()
}

fn list(desk: &Desk, door: &Door) -> Result<Exit> {
    let (peers, trials) = (peers(door)?, trials(door)?);
    if desk.json {
        let all: Vec<Value> = peers
            .iter()
            .map(connected)
            .chain(trials.iter().map(|trial| tried(desk, trial)))
            .collect();
        desk.answer(&all)?;
        return Ok(Exit::Done);
    }
    let (nodes, unnamed): (Vec<_>, Vec<_>) = peers.into_iter().partition(|peer| peer.named);
    if nodes.is_empty() {
        desk.note(&Say::Joining(Joining::NobodyConnected));
    } else {
        let owners = owners(desk, door)?;
        let owner = |peer: &PeerView| owners.get(&peer.node).cloned();
        let regions = |peer: &PeerView| {
            words(if peer.regions.is_empty() { &peer.elsewhere } else { &peer.regions })
        };
        // Whose a node is, its network's profile says, and nothing else proves.
        if nodes.iter().any(|peer| owner(peer).is_some()) {
            let row = |peer: &PeerView| {
                [peer.name.clone(), owner(peer).unwrap_or_default(), regions(peer)]
            };
            desk.table([Word::Node, Word::OfNetwork, Word::Regions], nodes.iter().map(row))?;
        } else {
            let row = |peer: &PeerView| [peer.name.clone(), regions(peer)];
            desk.table([Word::Node, Word::Regions], nodes.iter().map(row))?;
        }
    }
    if !unnamed.is_empty() {
        desk.note(&Say::Joining(Joining::Unnamed { count: unnamed.len() }));
    }
    if !trials.is_empty() {
        desk.line(format!("\n{}", desk.speech.of_joining(&Joining::TriedInVain)))?;
    }
    for trial in &trials {
        let (peer, fault) = (called(trial), trial.fault.clone());
        let since = relative(trial.since, desk.now(), desk.speech);
        desk.line(desk.speech.of_joining(&Joining::Tried { peer, fault, since }))?;
    }
    Ok(Exit::Done)
}

/// Returns the networks that say in their profiles which nodes are theirs, by node.
fn owners(desk: &Desk, door: &Door) -> Result<BTreeMap<NodeId, String>> {
    let directory = Directory::load(desk, door)?;
    let mut owners: BTreeMap<NodeId, String> = BTreeMap::new();
    for known in door.networks()? {
        let hosting = network::hosting(&known)?;
        let Some(profile) = hosting.as_ref().and_then(profile::body_of) else { continue };
        for own in profile.nodes.iter() {
            let name = directory.name(known.1.net);
            let all = owners.entry(own.node).or_default();
            *all = if all.is_empty() { name } else { format!("{all}, {name}") };
        }
    }
    Ok(owners)
}

fn connected(peer: &PeerView) -> Value {
    json!({
        "node": peer.name, "connected": true, "named": peer.named, "outbound": peer.outbound,
        "regions": peer.regions, "elsewhere": peer.elsewhere,
    })
}

fn tried(desk: &Desk, trial: &TrialView) -> Value {
    json!({
        "node": trial.name, "connected": false, "addresses": trial.addresses, "fault": trial.fault,
        "words": desk.speech.of_joining(&Joining::Why(trial.fault.clone())),
        "since": shapes::moment(trial.since), "last": shapes::moment(trial.last),
        "wanted": trial.wanted,
    })
}

fn forget(desk: &Desk, door: &Door, word: String) -> Result<Exit> {
    let peer = if parse_peer(&word).is_some() {
        word
    } else if word.starts_with('/') {
        let no_place = || Say::Joining(Joining::NoPlace { address: word.clone() });
        let is_place = word.parse::<Address>().is_ok();
        is_place.then(|| word.clone()).ok_or_else(|| Failure::ending(Exit::Usage, no_place()))?
    } else {
        whole(door, word)?
    };
    let none = || Say::Joining(Joining::NothingToForget { peer: peer.clone() });
    let asked = door.ask(&Request::Forget { peer: peer.clone() });
    asked.map_err(|error| exit::absent(error, none()))?;
    if desk.json {
        desk.answer(&json!({}))?;
        return Ok(Exit::Done);
    }
    let settings = desk.settings().map(|settings| settings.network.peers).unwrap_or_default();
    let named = settings.iter().any(|known| is_meant(known, &peer));
    desk.note(&Say::Joining(match named {
        true => Joining::ForgottenForNow { peer },
        false => Joining::Forgotten { peer },
    }));
    Ok(Exit::Done)
}

/// Says whether an address of the settings is that which was forgotten, or of the node that was.
fn is_meant(known: &str, peer: &str) -> bool {
    let Ok(known) = known.parse::<Address>() else { return false };
    match (parse_peer(peer), peer.parse::<Address>()) {
        (Some(node), _) => known.node() == Some(node),
        (None, Ok(address)) => known.bare() == address.bare(),
        (None, Err(_)) => false,
    }
}

/// Returns the whole name of the node that is known by the beginning of it.
fn whole(door: &Door, word: String) -> Result<String> {
    let known = peers(door)?.into_iter().map(|peer| peer.name);
    let tried = trials(door)?.into_iter().filter_map(|trial| trial.name);
    let mut names: Vec<String> =
        known.chain(tried).filter(|name| name.starts_with(&word)).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [name] => Ok(name.clone()),
        [] => {
            let none = Say::Joining(Joining::NothingToForget { peer: word });
            Err(Failure::ending(Exit::NotFound, none))
        }
        _ => Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates: names })),
    }
}
