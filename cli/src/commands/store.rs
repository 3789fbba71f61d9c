//! `weft store`: the records on the disk.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use weft_node::home::ChoicesFile;
use weft_node::upkeep::offline;
use weft_protocol::control::{Request, Response, StoreTask};
use weft_protocol::id::NetId;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::Exit;
use crate::show::columns::pairs;
use crate::words::{Leaving, Say};

/// Look after the records on the disk
///
/// 'repair' and 'compact' need the files for themselves: stop the node first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Read every record and check it
    ///
    /// Exit code 6 when something is damaged. Damaged records are fetched again from other nodes.
    Verify,
    /// Make the index of the records anew
    Repair,
    /// Give the space of what is past back to the disk
    ///
    /// What your own network has signed stays, listed with --all and in every export.
    Compact {
        /// Give up what is past of your own network, too: no list and no export has it then
        #[arg(long)]
        forget_own: bool,
    },
    /// Count
    Stats,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let task = match args.verb {
        Verb::Verify => StoreTask::Verify,
        Verb::Repair => StoreTask::Repair,
        Verb::Compact { .. } => StoreTask::Compact,
        Verb::Stats => StoreTask::Stats,
    };
    let report = match Door::open(desk) {
        Ok(door) => match door.ask(&Request::Store(task))? {
            Response::Store(report) => report,
            _ => return Err(door::strange()),
        },
        Err(error) if desk.home.path().exists() && door::is_no_node(&error) => {
            let own = own(desk, args.verb)?;
            offline(desk.home.node(), task, (desk.now(), &own)).map_err(door::refused)?
        }
        Err(error) => return Err(error),
    };
    if desk.json {
        desk.answer(&report)?;
    } else {
        let figures = report.figures.iter().map(|(name, n)| (name.clone(), n.to_string()));
        desk.line(pairs(figures, desk.width()))?;
        for problem in &report.problems {
            desk.line(problem)?;
        }
    }
    Ok(if report.problems.is_empty() { Exit::Done } else { Exit::NotVerified })
}

/// Returns the networks of which compacting keeps what is past: those that live here, unless that is
/// to go, too.
fn own(desk: &Desk, verb: Verb) -> Result<BTreeSet<NetId>> {
    if matches!(verb, Verb::Compact { forget_own: true }) {
        desk.confirm(&Say::Leaving(Leaving::AskForgetOwn))?;
        return Ok(BTreeSet::new());
    }
    let chosen = ChoicesFile::of(desk.home.node()).load()?.networks;
    Ok(desk.settings()?.networks.into_iter().chain(chosen).collect())
}
