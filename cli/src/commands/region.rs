//! `weft region`: the regions that this node is in.

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::control::{RegionTask, RegionView, Request, Response};
use weft_protocol::region::Region;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::input::named::region;
use crate::show::columns::columns;
use crate::words::{Say, Word};

/// Join and leave regions
///
/// A region is a named cluster of nodes that share everything by default. Most nodes are in one; who
/// bridges is in two or more.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Be in one more region, from now on and after every start
    ///
    /// The node closes its connections and makes them again, because nodes say only on meeting in which
    /// regions they are. For example: weft region join gb-london
    Join {
        /// Its name, such as gb-london
        #[arg(value_parser = region)]
        region: Region,
    },
    /// Be in a region no more; what is stored of it stays until it ends
    Leave {
        /// Its name
        #[arg(value_parser = region)]
        region: Region,
    },
    /// List the regions that this node is in
    List,
    /// Show of each region how many nodes are connected, and what is in it
    Status,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    let (task, say) = match args.verb {
        Verb::Join { region } => {
            let say = Say::RegionJoined { region: region.to_string() };
            (RegionTask::Join { region }, say)
        }
        Verb::Leave { region } => {
            let say = Say::RegionLeft { region: region.to_string() };
            (RegionTask::Leave { region }, say)
        }
        Verb::List => return show(desk, &views(&door)?, list),
        Verb::Status => return show(desk, &views(&door)?, status),
    };
    door.ask(&Request::Regions(task))?;
    if desk.json {
        desk.answer(&views(&door)?.iter().map(shape).collect::<Vec<_>>())?;
    } else {
        desk.note(&say);
    }
    Ok(Exit::Done)
}

fn views(door: &Door) -> Result<Vec<RegionView>> {
    door.list(&Request::Regions(RegionTask::List), |response| match response {
        Response::Region(view) => Some(view),
        _ => None,
    })
}

fn show(
    desk: &Desk,
    views: &[RegionView],
    words: impl Fn(&Desk, &[RegionView]) -> String,
) -> Result<Exit> {
    if desk.json {
        desk.answer(&views.iter().map(shape).collect::<Vec<_>>())?;
    } else {
        desk.line(words(desk, views))?;
    }
    Ok(Exit::Done)
}

fn list(_: &Desk, views: &[RegionView]) -> String {
    views.iter().map(|view| view.region.to_string()).collect::<Vec<_>>().join("\n")
}

fn status(desk: &Desk, views: &[RegionView]) -> String {
    let words = [Word::Region, Word::Nodes, Word::Records, Word::Carriages, Word::State];
    let rows = views.iter().map(|view| {
        let home = if view.home { desk.speech.word(Word::Home) } else { "" };
        [
            view.region.to_string(),
            view.peers.to_string(),
            view.records.to_string(),
            view.carriages.to_string(),
            home.to_owned(),
        ]
    });
    columns(words.map(|word| desk.column(word)), rows, desk.width())
}

fn shape(view: &RegionView) -> Value {
    json!({
        "region": view.region,
        "home": view.home,
        "nodes": view.peers,
        "records": view.records,
        "carriages": view.carriages,
    })
}
