//! `weft store`: the records on the disk.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use weft_node::home::ChoicesFile;
use weft_node::store::LockError;
use weft_node::upkeep::{OfflineError, offline, past_of};
use weft_protocol::control::{Request, Response, StoreTask};
use weft_protocol::id::NetId;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::Exit;
use crate::show::columns::pairs;
use crate::words::{Keeping, Leaving, Say, Verdict};

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
            offline(desk.home.node(), task, &own).map_err(|error| held(desk, error))?
        }
        Err(error) => return Err(error),
    };
    let figure = |name: &str| report.figures.get(name).copied().unwrap_or_default();
    let index_is_wrong = figure("index-missing") + figure("index-stray") > 0;
    if desk.json {
        desk.answer(&report)?;
    } else {
        let verdict = verdict(task, &figure, index_is_wrong);
        desk.line(desk.speech.say(&Say::Keeping(Keeping::Verdict(verdict))))?;
        if task == StoreTask::Verify && !report.figures.contains_key("index-entries") {
            desk.note(&Say::Keeping(Keeping::IndexUnseen));
        }
        let figures = report.figures.iter().map(|(name, n)| (name.clone(), n.to_string()));
        desk.line(pairs(figures, desk.width()))?;
        for problem in &report.problems {
            desk.line(desk.speech.of_keeping(&Keeping::Problem(problem.clone())))?;
        }
    }
    // What was damaged before a repair is set right by it.
    let is_wrong = match task {
        StoreTask::Repair => index_is_wrong,
        _ => !report.problems.is_empty(),
    };
    Ok(if is_wrong { Exit::NotVerified } else { Exit::Done })
}

/// Names the process that has the home, or the program that has written the store, when that is why the
/// store cannot be looked after.
fn held(desk: &Desk, error: OfflineError) -> anyhow::Error {
    match error {
        OfflineError::Lock(LockError::Held(_)) => desk.home.in_use(),
        OfflineError::Format(format) => desk.home.of_other_format(format),
        error => error.into(),
    }
}

/// Returns the networks of which compacting keeps what is past: those that live here, unless that is
/// to go, too.
fn own(desk: &Desk, verb: Verb) -> Result<BTreeSet<NetId>> {
    let chosen = ChoicesFile::of(desk.home.node()).load()?.networks;
    let own = desk.settings()?.networks.into_iter().chain(chosen).collect();
    if matches!(verb, Verb::Compact { forget_own: true }) {
        let records = past_of(desk.home.node(), &own).map_err(|error| held(desk, error))?;
        desk.confirm(&Say::Leaving(Leaving::AskForgetOwn { records }))?;
        return Ok(BTreeSet::new());
    }
    Ok(own)
}

fn verdict(task: StoreTask, figure: &dyn Fn(&str) -> u64, index_is_wrong: bool) -> Verdict {
    let (records, places) = (figure("records"), figure("damaged"));
    match task {
        StoreTask::Stats => {
            let kibibytes = (figure("journal-bytes") + figure("index-bytes")).div_ceil(KIBIBYTE);
            Verdict::Size { kibibytes }
        }
        StoreTask::Compact => {
            let freed = figure("bytes-before").saturating_sub(figure("bytes-after")) / KIBIBYTE;
            Verdict::Compacted { kept: figure("kept"), dropped: figure("dropped"), freed }
        }
        StoreTask::Verify if places + figure("forged") > 0 => {
            Verdict::Damaged { records, places, forged: figure("forged") }
        }
        StoreTask::Verify | StoreTask::Repair if index_is_wrong => Verdict::Index { records },
        StoreTask::Verify => Verdict::Good { records },
        StoreTask::Repair => Verdict::Repaired { records, places },
    }
}

/// Bytes in the unit in which people are told of a disk.
const KIBIBYTE: u64 = 1024;
