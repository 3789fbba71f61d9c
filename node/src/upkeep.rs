//! Looking after the disk: counting, verifying, mending, compacting.
//!
//! **Invariant:** what changes files runs only while no node does: [`offline`] holds the home's
//! lock, and the running node's `Upkeep` refuses and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use weft_protocol::body::Body;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::control::{Breakage, Failure, Refusal, StoreProblem, StoreReport, StoreTask};
use weft_protocol::id::{NetId, RecordId, ThingId};
use weft_protocol::record::{Record, Unverified};
use weft_protocol::time::Timestamp;

use crate::clock::Clock;
use crate::disk::plain;
use crate::home::Home;
use crate::store::{
    self, CompactError, Disk, HomeLock, IndexCheck, LockError, OpenError, Options, ReadError,
    Reader, Replay, Stats, Survey, check_journal,
};
use crate::stored::{self, FormatError};

/// What a running node can do for its disk.
#[derive(Debug, Clone)]
pub(crate) struct Upkeep {
    pub(crate) reader: Reader,
    pub(crate) options: Options,
}

fn broken(error: &dyn std::error::Error) -> Failure {
    Failure::Broken(Breakage::Disk { system: plain(error) })
}

impl Upkeep {
    /// Does a task beside the running node.
    pub(crate) fn run(&self, task: StoreTask, stats: &Stats) -> Result<StoreReport, Failure> {
        match task {
            StoreTask::Stats => Ok(count(stats)),
            StoreTask::Verify => {
                let mut index = self.reader.check_index().map_err(|e| broken(&e))?;
                for _ in 1..LOOKS {
                    if !index.is_clean() {
                        index = self.reader.check_index().map_err(|e| broken(&e))?;
                    }
                }
                let survey = check_journal(&self.options, true).map_err(|e| broken(&e))?;
                Ok(report(&survey, Some(&index)))
            }
            StoreTask::Repair | StoreTask::Compact => Err(Failure::Refused(Refusal::NeedsFiles)),
        }
    }
}

/// The store of a home cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// A node runs in the home, or it cannot be locked.
    #[error("the home cannot be used")]
    Lock(#[from] LockError),
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Open(#[from] OpenError),
    /// What is stored is of another format.
    #[error("the store cannot be used")]
    Format(#[from] FormatError),
    /// It cannot be read.
    #[error("the store failed")]
    Read(#[from] ReadError),
    /// Its journal cannot be made anew.
    #[error("the store stays as it was")]
    Compact(#[from] CompactError),
}

/// Does a task in a home whose node does not run. Compacting keeps what is past of the networks that are
/// the node's `own`, with the ties that they accepted, and whatever is past only by a clock that no node has believed here.
///
/// # Errors
/// [`OfflineError`]: a node runs in the home, what is stored is of another format, or the disk fails.
pub fn offline(
    home: &Home,
    task: StoreTask,
    own: &BTreeSet<NetId>,
) -> Result<StoreReport, OfflineError> {
    let options = Options::new(&home.store());
    // What only reads writes nothing, not even a lock: the medium may take no writes.
    if let StoreTask::Stats | StoreTask::Verify = task {
        let _lock = HomeLock::look(home.path())?;
        if task == StoreTask::Stats {
            return Ok(count(&store::sizes(&options)?));
        }
        stored::format(home)??;
        return Ok(report(&check_journal(&options, true)?, None));
    }
    let _lock = HomeLock::acquire(home.path())?;
    stored::format(home)??;
    let open = || Disk::open(options.clone(), |_| {});
    match task {
        StoreTask::Stats | StoreTask::Verify | StoreTask::Repair => {
            let disk = open()?;
            Ok(report(disk.survey(), Some(&disk.reader().check_index()?)))
        }
        StoreTask::Compact => {
            let now = Clock::begin(home.clock()).surely();
            let past = expired(&open()?.reader(), now, own)?;
            let compacted = store::compact(&options, |id| !past.contains(id))?;
            let figures = [
                ("kept", compacted.kept),
                ("dropped", compacted.dropped),
                ("bytes-before", compacted.bytes_before),
                ("bytes-after", compacted.bytes_after),
            ];
            Ok(StoreReport { figures: named(figures), problems: Vec::new() })
        }
    }
}

/// Counts what compacting keeps, though it is past, because it is of these networks.
///
/// # Errors
/// As [`offline`].
pub fn past_of(home: &Home, own: &BTreeSet<NetId>) -> Result<usize, OfflineError> {
    let _lock = HomeLock::acquire(home.path())?;
    stored::format(home)??;
    let now = Clock::begin(home.clock()).surely();
    let reader = Disk::open(Options::new(&home.store()), |_| {})?.reader();
    let (all, others) = (expired(&reader, now, &BTreeSet::new())?, expired(&reader, now, own)?);
    Ok(all.len() - others.len())
}

/// The records whose time is over, but for those of the node's own networks and the ties that these
/// have accepted; and the erased ones whose tombstones are of no more use.
fn expired(
    reader: &Reader,
    now: Timestamp,
    own: &BTreeSet<NetId>,
) -> Result<BTreeSet<RecordId>, ReadError> {
    let (mut past, mut accepted) = (BTreeSet::new(), BTreeSet::new());
    let mut ties = Vec::new();
    reader.replay(|step| {
        let (id, until) = match step {
            Replay::Record(bytes) => {
                let Ok(record) = Unverified::decode(bytes).map(Unverified::assume_verified) else {
                    return ControlFlow::Continue(());
                };
                if own.contains(&record.net()) {
                    accepted.extend(accepts(&record));
                    return ControlFlow::Continue(());
                }
                if let Body::Tie(tie) = record.body()
                    && tie.parties.as_slice().iter().any(|party| own.contains(party))
                {
                    ties.push((record.thing(), record.id()));
                }
                (record.id(), record.header().until)
            }
            Replay::Tombstone(tombstone) => (tombstone.id, tombstone.until),
            Replay::Hidden(_) | Replay::Lift(_) => return ControlFlow::Continue(()),
        };
        if until <= now {
            past.insert(id);
        }
        ControlFlow::Continue(())
    })?;
    let kept = ties.into_iter().filter(|(thing, _)| accepted.contains(thing));
    kept.for_each(|(_, id)| {
        past.remove(&id);
    });
    Ok(past)
}

/// Returns what a record accepts, if it does.
fn accepts(record: &Record) -> Option<ThingId> {
    match record.body() {
        Body::Response(answer) if answer.kind == ResponseKind::Accept => Some(answer.to.thing),
        _ => None,
    }
}

/// How often the index of a running node is looked at before it counts as wrong: what is erased
/// meanwhile is not there for a moment.
const LOOKS: usize = 3;

fn named<const N: usize>(figures: [(&str, u64); N]) -> BTreeMap<String, u64> {
    figures.map(|(name, n)| (name.to_owned(), n)).into()
}

fn count(stats: &Stats) -> StoreReport {
    let figures = named([
        ("journal-bytes", stats.journal_bytes),
        ("staged-bytes", stats.staged_bytes),
        ("index-bytes", stats.index_bytes),
        ("index-waiting", stats.waiting_entries as u64),
        ("skipped-at-start", stats.skipped),
    ]);
    let refusing = stats.refusing.then_some(StoreProblem::Refusing);
    StoreReport { figures, problems: refusing.into_iter().collect() }
}

/// Tells what was found; of the index nothing when nobody has looked into it.
fn report(survey: &Survey, index: Option<&IndexCheck>) -> StoreReport {
    let mut figures = named([
        ("records", survey.records),
        ("record-bytes", survey.record_bytes),
        ("erased", survey.erased),
        ("damaged", survey.damaged.len() as u64),
        ("forged", survey.forged.len() as u64),
    ]);
    if let Some(index) = index {
        figures.extend(named([
            ("index-entries", index.expected),
            ("index-missing", index.missing),
            ("index-stray", index.stray),
        ]));
    }
    let damaged = survey.damaged.iter();
    let damaged =
        damaged.map(|damage| StoreProblem::Damaged { at: damage.position, bytes: damage.len });
    let forged = survey.forged.iter().map(|id| StoreProblem::Forged { id: *id });
    let index = index.filter(|index| !index.is_clean()).map(|_| StoreProblem::Index);
    StoreReport { figures, problems: damaged.chain(forged).chain(index).collect() }
}
