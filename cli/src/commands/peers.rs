//! `weft peers`: the nodes that this node is connected with.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_protocol::control::{Request, Response};

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::show::columns::columns;
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
            door.ask(&Request::Connect { address })?;
            desk.note(&Say::Connecting);
            Ok(Exit::Done)
        }
    }
}

fn list(desk: &Desk, door: &Door) -> Result<Exit> {
    let peers = door.list(&Request::Peers, |response| match response {
        Response::Peer(peer) => Some(peer),
        _ => None,
    })?;
    if desk.json {
        let shape = |p: &weft_protocol::control::PeerView| json!({ "node": p.name, "outbound": p.outbound, "regions": p.regions });
        desk.answer(&peers.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if peers.is_empty() {
        desk.note(&Say::NothingThere);
        return Ok(Exit::Done);
    }
    let headings = [Word::Node, Word::Regions].map(|word| desk.speech.word(word).to_owned());
    let rows = peers.into_iter().map(|peer| {
        let regions: Vec<String> = peer.regions.iter().map(ToString::to_string).collect();
        [peer.name, regions.join(", ")]
    });
    desk.line(columns(headings, rows))?;
    Ok(Exit::Done)
}
