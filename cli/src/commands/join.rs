//! `weft join`: by an invite into the movement.

use anyhow::Result;
use serde_json::json;
use weft_node::invite::Invite;
use weft_node::network::{Address, peer_text};
use weft_protocol::control::{ConfigChange, RegionTask, Request};

use crate::commands::init;
use crate::commands::up::address;
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::words::Say;

/// Join by an invite
///
/// Without a home, it makes one: in the region that the invite names, connected with the node that it
/// names, and recognising networks from the one that vouches. Then start the node with: weft up
///
/// A node that runs already joins the region if it is in another, connects, and takes the vouching
/// network as one from which recognition starts.
///
/// For example: weft join 'weft:12D3KooW…?region=gb-bristol&at=…'
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The link, in quotation marks
    invite: Invite,
    /// Where the node of the new home listens, such as /ip4/0.0.0.0/tcp/8471 (may be given several
    /// times)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    listen: Vec<String>,
    /// Do not let recognition start from the network that vouches
    #[arg(long)]
    no_trust: bool,
}

/// Makes a home, or tells the node that runs.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let Args { invite, listen, no_trust } = args;
    let trusted = invite.net.filter(|_| !no_trust);
    if !desk.home.is_made() {
        let places = invite.places().map(|place| place.to_string()).collect();
        let invited = init::Args::invited(invite.region.clone(), places, trusted);
        return init::run(desk, invited.at(listen.clone()));
    }
    let door = Door::open(desk)?;
    let status = door.status()?;
    if status.node == invite.node {
        return Err(Failure::failed(Say::ItIsThisNode));
    }
    if !listen.is_empty() {
        return Err(Failure::usage("--listen", "there is a home, and its config.toml says where"));
    }
    if let Some(net) = trusted {
        door.ask(&Request::Configure(ConfigChange::Trust { net }))?;
    }
    if !status.regions.contains(&invite.region) {
        let region = invite.region.clone();
        door.ask(&Request::Regions(RegionTask::Join { region }))?;
    }
    for place in invite.places() {
        door.ask(&Request::Connect { address: Address::to_string(&place) })?;
    }
    if desk.json {
        let node = peer_text(invite.node);
        desk.answer(&json!({ "node": node, "region": invite.region, "network": trusted }))?;
    } else {
        desk.note(&Say::Connecting);
    }
    Ok(Exit::Done)
}
