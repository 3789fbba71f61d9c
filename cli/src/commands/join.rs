//! `weft join`: by an invite into the movement.

use anyhow::Result;
use serde_json::json;
use weft_node::home::ChoicesFile;
use weft_node::invite::Invite;
use weft_node::network::{Address, peer_text};
use weft_node::store::{HomeLock, LockError};
use weft_protocol::admission::{Action, Entry, Mode, Subject};
use weft_protocol::control::{ConfigChange, PolicyTask, Refusal, RegionTask, Request};
use weft_protocol::engine::REGIONS_MAX;
use weft_protocol::id::{NetId, NodeId};

use crate::commands::up::address;
use crate::commands::{init, invite, peers, policy};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::show::directory::Directory;
use crate::words::{Joining, Say, Speech};

/// Join by an invite
///
/// Without a home, it makes one: in the region that the invite names, connected with the node that it
/// names, letting in the network that vouches for you, and those tied to it. Then start the node with: weft up
///
/// A node that is there already joins the region if it is in another, stays connected with the node
/// that the invite names, and lets in the vouching network, whether it runs or not.
///
/// Others still have to let your network in: tell who invited you what it is called.
///
/// A node that runs tries the way at once. Where it does not get there, it says why and goes on trying, and
/// the command ends with 1.
///
/// For example: weft join 'weft:12D3KooW…?region=gb-bristol&at=…'
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The link, in quotation marks
    #[arg(required = true)]
    invite: Vec<String>,
    /// Where the node of the new home listens, such as /ip4/0.0.0.0/tcp/8471 (may be given several
    /// times)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    listen: Vec<String>,
    /// Do not let in the network that vouches for you, nor those tied to it
    #[arg(long)]
    no_trust: bool,
}

/// Makes a home, or tells the node that is there.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let invite = invite::read(&args.invite)?;
    let trusted = invite.net.filter(|_| !args.no_trust);
    invite::warn(desk, &invite);
    if !desk.home.is_made() {
        let places = places(&invite);
        let invited = init::Args::invited(invite.region.clone(), places, trusted);
        return init::run(desk, invited.at(args.listen.clone()));
    }
    if !args.listen.is_empty() {
        return Err(Failure::usage("--listen", "there is a home, and its config.toml says where"));
    }
    let said = match Door::open(desk) {
        Ok(door) => awake(desk, &door, &invite, trusted)?,
        Err(error) if door::is_no_node(&error) => asleep(desk, &invite, trusted)?,
        Err(error) => return Err(error),
    };
    // It goes on trying, and whoever waits for them to meet is told that they have not.
    let missed = matches!(said.last(), Some(Joining::NotYet { .. }));
    if desk.json {
        let connected = matches!(said.last(), Some(Joining::Connected { .. }));
        desk.answer(&json!({
            "node": peer_text(invite.node), "region": invite.region, "network": trusted,
            "connected": connected,
        }))?;
    } else {
        said.into_iter().for_each(|said| desk.note(&Say::Joining(said)));
    }
    Ok(if missed { Exit::Failed } else { Exit::Done })
}

fn places(invite: &Invite) -> Vec<String> {
    invite.places().map(|place| place.to_string()).collect()
}

/// Refuses an invite of one's own.
fn is_of_another(invite: &Invite, own: NodeId) -> Result<()> {
    if invite.node == own {
        return Err(Failure::failed(Say::Joining(Joining::ItIsThisNode)));
    }
    Ok(())
}

/// Returns what lets in the network that vouches.
fn vouched(net: NetId) -> Entry {
    // Written down in one language, and worded when it is shown.
    let reason = Speech::English.of_joining(&Joining::Vouched);
    Entry { subject: Subject::Network(net), action: Action::Allow, reason, until: None, name: None }
}

/// Tells the node that runs; returns what has come of it, whether they have met last.
fn awake(
    desk: &Desk,
    door: &Door,
    invite: &Invite,
    trusted: Option<NetId>,
) -> Result<Vec<Joining>> {
    let status = door.status()?;
    is_of_another(invite, status.node)?;
    let mut said = Vec::new();
    if !status.regions.contains(&invite.region) {
        let (region, home) = (invite.region.clone(), status.regions.first());
        let home = home.map(ToString::to_string).unwrap_or_default();
        said.push(Joining::InRegion { region: region.to_string(), home });
        door.ask(&Request::Regions(RegionTask::Join { region }))?;
    }
    if let Some(net) = trusted {
        let policy = policy::said(door)?;
        let entry = vouched(net);
        let same = |known: &Entry| {
            known.subject == entry.subject && known.action == Action::Allow && known.until.is_none()
        };
        let (name, closed) = (Directory::load(desk, door)?.name(net), policy.mode == Mode::Closed);
        let is_seed = policy.seeds.contains(&net);
        if !is_seed && !policy.entries.iter().any(same) {
            door.ask(&Request::Policy(PolicyTask::Add(Box::new(entry))))?;
        }
        said.push(match policy::kept_out(desk, door, &Subject::Network(net))? {
            Some(stronger) => stronger,
            None if is_seed => Joining::RecognisedAlready { name },
            None => Joining::Recognises { name, net: net.short(), closed },
        });
    } else {
        said.push(Joining::NobodyVouches);
    }
    let addresses = invite.places().map(|place| Address::to_string(&place));
    for address in addresses {
        door.ask(&Request::Configure(ConfigChange::Meet { address }))?;
    }
    said.push(Joining::StaysConnected { node: peer_text(invite.node) });
    said.extend((!status.hosted.is_empty()).then_some(Joining::AskWelcome));
    if let Some(place) = invite.places().next() {
        said.push(peers::glance(desk, door, place)?);
    }
    Ok(said)
}

/// Writes down for the next start what a node that runs would be told.
fn asleep(desk: &Desk, invite: &Invite, trusted: Option<NetId>) -> Result<Vec<Joining>> {
    let home = desk.home.node();
    let _lock = HomeLock::acquire(home.path()).map_err(|error| match error {
        LockError::Held(_) => desk.home.in_use(),
        other => other.into(),
    })?;
    is_of_another(invite, home.key()?.public().into())?;
    let (file, settings) = (ChoicesFile::of(home), desk.settings()?);
    let mut choices = file.load()?;
    let (regions, region) = (settings.regions_after(&choices), &invite.region);
    let mut said = Vec::new();
    if !regions.contains(region) {
        if regions.len() >= REGIONS_MAX {
            let why = Refusal::TooManyRegions { most: REGIONS_MAX as u64 };
            return Err(Failure::ending(Exit::Refused, Say::Refused { why }));
        }
        choices.left.remove(region);
        choices.joined.insert(region.clone());
        let home = settings.region.to_string();
        said.push(Joining::InRegion { region: region.to_string(), home });
    }
    if let Some(net) = trusted {
        let entry = vouched(net);
        let same = |known: &Entry| known.subject == entry.subject && known.action == entry.action;
        let (name, closed) =
            (net.short(), choices.mode.unwrap_or(settings.admission.mode) == Mode::Closed);
        if settings.admission.seeds.contains(&net) {
            said.push(Joining::RecognisedAlready { name });
        } else {
            choices.policy.retain(|known| !same(known) || known.until.is_none());
            if !choices.policy.iter().any(same) {
                choices.policy.push(entry);
            }
            said.push(Joining::Recognises { name, net: net.short(), closed });
        }
    } else {
        said.push(Joining::NobodyVouches);
    }
    choices.peers.extend(places(invite));
    file.save(&choices)?;
    said.push(Joining::StaysConnected { node: peer_text(invite.node) });
    said.push(Joining::JoinedAsleep);
    Ok(said)
}
