//! Looking after the disk: counting, verifying, mending, compacting.
//!
//! **Invariant:** what changes files runs only while no node does: [`offline`] holds the home's
//! lock, and the running node's `Upkeep` refuses and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use weft_protocol::control::{Failure, StoreReport, StoreTask};
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::record::Unverified;
use weft_protocol::time::Timestamp;

use crate::disk::plain;
use crate::home::Home;
use crate::store::{
    self, Disk, HomeLock, IndexCheck, Options, Reader, Replay, Stats, Survey, check_journal,
};

/// What a running node can do for its disk.
#[derive(Debug, Clone)]
pub(crate) struct Upkeep {
    pub(crate) reader: Reader,
    pub(crate) options: Options,
}

fn broken(error: &dyn std::error::Error) -> Failure {
    Failure::Broken(plain(error))
}

impl Upkeep {
    /// Does a task beside the running node.
    pub(crate) fn run(&self, task: StoreTask, stats: &Stats) -> Result<StoreReport, Failure> {
        match task {
            StoreTask::Stats => Ok(count(stats)),
            StoreTask::Verify => {
                let index = self.reader.check_index().map_err(|e| broken(&e))?;
                let survey = check_journal(&self.options, true).map_err(|e| broken(&e))?;
                Ok(report(&survey, &index))
            }
            StoreTask::Repair | StoreTask::Compact => Err(Failure::Refused(
                "this needs the files for itself; stop the node first: weft stop".to_owned(),
            )),
        }
    }
}

/// Does a task in a home whose node does not run. Compacting keeps what is past of the networks that are
/// the node's `own`.
///
/// # Errors
/// [`Failure`] in words for the operator: a node runs in the home, or the disk fails.
pub fn offline(
    home: &Home,
    task: StoreTask,
    (now, own): (Timestamp, &BTreeSet<NetId>),
) -> Result<StoreReport, Failure> {
    let _lock = HomeLock::acquire(home.path()).map_err(|e| broken(&e))?;
    let options = Options::new(&home.store());
    let open = || Disk::open(options.clone(), |_| {}).map_err(|e| broken(&e));
    match task {
        StoreTask::Stats => Ok(count(&open()?.stats())),
        StoreTask::Verify => {
            let survey = check_journal(&options, true).map_err(|e| broken(&e))?;
            let index = open()?.reader().check_index().map_err(|e| broken(&e))?;
            Ok(report(&survey, &index))
        }
        StoreTask::Repair => {
            let disk = open()?;
            let mut done = report(disk.survey(), &IndexCheck::default());
            let index = disk.reader().check_index().map_err(|e| broken(&e))?;
            done.problems.extend(report(&Survey::default(), &index).problems);
            Ok(done)
        }
        StoreTask::Compact => {
            let past = expired(&open()?.reader(), now, own).map_err(|e| broken(&e))?;
            let compacted = store::compact(&options, |id| !past.contains(id));
            let compacted = compacted.map_err(|e| broken(&e))?;
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

/// The records whose time is over, but for those of the node's own networks; and the erased ones
/// whose tombstones are of no more use.
fn expired(
    reader: &Reader,
    now: Timestamp,
    own: &BTreeSet<NetId>,
) -> Result<BTreeSet<RecordId>, store::ReadError> {
    let mut past = BTreeSet::new();
    reader.replay(|step| {
        let (id, until) = match step {
            Replay::Record(bytes) => {
                match Unverified::decode(bytes).map(Unverified::assume_verified) {
                    Ok(record) if own.contains(&record.net()) => return ControlFlow::Continue(()),
                    Ok(record) => (record.id(), record.header().until),
                    Err(_) => return ControlFlow::Continue(()),
                }
            }
            Replay::Tombstone(tombstone) => (tombstone.id, tombstone.until),
            Replay::Lift(_) => return ControlFlow::Continue(()),
        };
        if until <= now {
            past.insert(id);
        }
        ControlFlow::Continue(())
    })?;
    Ok(past)
}

fn named<const N: usize>(figures: [(&str, u64); N]) -> BTreeMap<String, u64> {
    figures.map(|(name, n)| (name.to_owned(), n)).into()
}

fn count(stats: &Stats) -> StoreReport {
    let figures = named([
        ("journal-bytes", stats.journal_bytes),
        ("staged-bytes", stats.staged_bytes),
        ("index-bytes", stats.index_bytes),
        ("index-waiting", stats.waiting_entries as u64),
    ]);
    let refusing = stats.refusing.then(|| "the disk takes no writes at the moment".to_owned());
    StoreReport { figures, problems: refusing.into_iter().collect() }
}

fn report(survey: &Survey, index: &IndexCheck) -> StoreReport {
    let figures = named([
        ("records", survey.records),
        ("record-bytes", survey.record_bytes),
        ("erased", survey.erased),
        ("damaged", survey.damaged.len() as u64),
        ("forged", survey.forged.len() as u64),
        ("index-entries", index.expected),
        ("index-missing", index.missing),
        ("index-stray", index.stray),
    ]);
    let damaged = survey.damaged.iter().map(|damage| {
        let at = damage.position;
        format!(
            "{} damaged bytes at {at}; what stood there is fetched again from peers",
            damage.len
        )
    });
    let forged = survey.forged.iter().map(|id| format!("the signature of {id} does not hold"));
    let index = (!index.is_clean()).then(|| {
        "the index does not agree with the journal; stop the node and run: weft store repair"
            .to_owned()
    });
    StoreReport { figures, problems: damaged.chain(forged).chain(index).collect() }
}
