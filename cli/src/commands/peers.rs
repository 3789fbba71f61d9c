//! `weft peers`: the nodes that this node is connected with.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_node::network::Address;
use weft_protocol::control::{PeerView, Request, Response, WatchFilter};
use weft_protocol::id::NodeId;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::words::{Say, Word};

/// See and meet other nodes
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the nodes that are connected
    List,
    /// Connect with a node
    ///
    /// For example: weft peers connect /dns4/weft.example.org/tcp/8471/p2p/12D3KooW…
    Connect {
        /// Its address, as its operator reads it in 'weft status'
        address: String,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    match args.verb {
        Verb::List => list(desk, &door),
        Verb::Connect { address } => {
            let wanted = address.parse::<Address>().ok().and_then(|address| address.node());
            if wanted == Some(door.status()?.node) {
                return Err(Failure::failed(Say::ItIsThisNode));
            }
            let (before, news) = (peers(&door)?, news(Door::open(desk)?));
            door.ask(&Request::Connect { address })?;
            connected(desk, &door, (wanted, &before), &news)
        }
    }
}

/// How long a connection may take until it is said that it has not come: a relay and a slow line need
/// a few seconds, and nobody waits longer without a word.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it is waited for news before it is looked anyway: a node of another region is no news. At
/// once for a person, and no burden for the node.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What tells whenever something has happened at the node; it falls silent and never ends, so that
/// who waits for it waits.
type News = (Sender<()>, Receiver<()>);

fn news(door: Door) -> News {
    let (happened, news) = mpsc::channel();
    let kept = happened.clone();
    thread::spawn(move || {
        // It ends with the program, or when nobody listens any more.
        door.each(&Request::Watch(WatchFilter { kind: None }), |_| Ok(happened.send(())?)).ok()
    });
    (kept, news)
}

/// Waits until the node is connected; any that was not before, when the address names none.
fn connected(
    desk: &Desk,
    door: &Door,
    (wanted, before): (Option<NodeId>, &[PeerView]),
    (_, news): &News,
) -> Result<Exit> {
    let is_new = |peer: &PeerView| match wanted {
        Some(node) => peer.node == node,
        None => before.iter().all(|known| known.node != peer.node),
    };
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(peer) = peers(door)?.into_iter().find(is_new) {
            desk.note(&Say::Connected { node: peer.name });
            return Ok(Exit::Done);
        }
        news.recv_timeout(LOOK_AGAIN).ok();
    }
    desk.note(&Say::NotConnected { seconds: PATIENCE.as_secs() });
    Ok(Exit::Failed)
}

fn peers(door: &Door) -> Result<Vec<PeerView>> {
    door.list(&Request::Peers, |response| match response {
        Response::Peer(peer) => Some(peer),
        _ => None,
    })
}

fn list(desk: &Desk, door: &Door) -> Result<Exit> {
    let peers = peers(door)?;
    let shape =
        |p: &PeerView| json!({ "node": p.name, "outbound": p.outbound, "regions": p.regions });
    if !desk.wants_table(&peers, shape)? {
        return Ok(Exit::Done);
    }
    let headings = [Word::Node, Word::Regions];
    let rows = peers.into_iter().map(|peer| {
        let regions: Vec<String> = peer.regions.iter().map(ToString::to_string).collect();
        [peer.name, regions.join(", ")]
    });
    desk.table(headings, rows)
}
