//! What this machine can do at most: signatures, the disk and sled, each alone.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use weft_protocol::record::{Record, Unverified, verify_batch};

use crate::row::{ms, percentile, rate};

/// Records that are verified together, and synced together: as the floor in the issue.
const GROUP: usize = 1000;

/// How often a single append is synced: enough for a median.
const SYNCS: usize = 300;

/// The batches that wait for the disk in the floor: the disk is never idle, and memory stays small.
const GROUPS_WAITING: usize = 8;

/// What the machine can do.
#[derive(Debug)]
pub(crate) struct Limits {
    records: usize,
    verify: Duration,
    journal: Duration,
    sled: Duration,
    /// Verifying, appending and syncing together: the floor of taking in.
    pub(crate) floor: Duration,
    /// One append of a record and its sync: the median.
    pub(crate) sync: Duration,
}

impl Limits {
    /// Measures them with these records.
    pub(crate) fn measure(records: &[Record]) -> Self {
        Self {
            records: records.len(),
            verify: verify(records, |_| {}),
            journal: journal(records),
            sled: sled(records),
            floor: floor(records),
            sync: one_sync(&records[0]),
        }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let k = |time: Duration| rate(self.records, time) / 1e3;
        write!(
            f,
            "this machine alone, thousand records/s: verify {:.0}, journal {:.0}, sled {:.0}; \
             verify + journal (the floor) {:.0}; one append and sync {}",
            k(self.verify),
            k(self.journal),
            k(self.sled),
            k(self.floor),
            ms(self.sync)
        )
    }
}

/// Decodes and verifies on every core, and hands on each group that holds.
fn verify(records: &[Record], done: impl Fn(Vec<Record>) + Sync) -> Duration {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let groups: Vec<&[Record]> = records.chunks(GROUP).collect();
    let began = Instant::now();
    thread::scope(|scope| {
        for core in 0..cores {
            let (groups, done) = (&groups, &done);
            scope.spawn(move || {
                let mut rng = ChaCha20Rng::seed_from_u64(core as u64);
                for group in groups.iter().skip(core).step_by(cores) {
                    let decode = |r: &Record| Unverified::decode(r.bytes()).expect("a record");
                    let batch = group.iter().map(decode).collect();
                    let verified = verify_batch(batch, &mut rng).into_iter();
                    done(verified.map(|record| record.expect("a good signature")).collect());
                }
            });
        }
    });
    began.elapsed()
}

/// Appends and syncs group by group.
fn journal(records: &[Record]) -> Duration {
    let mut log = Log::new();
    let began = Instant::now();
    records.chunks(GROUP).for_each(|group| log.append(group));
    began.elapsed()
}

/// Verifies on every core beside appending and syncing, and nothing else.
fn floor(records: &[Record]) -> Duration {
    let mut log = Log::new();
    let (sender, groups) = sync_channel::<Vec<Record>>(GROUPS_WAITING);
    let began = Instant::now();
    thread::scope(|scope| {
        scope.spawn(move || groups.into_iter().for_each(|group| log.append(&group)));
        verify(records, |group| sender.send(group).expect("the disk is awaited"));
        drop(sender);
    });
    began.elapsed()
}

/// Puts where each record stands into sled as the index does: in the order of their ids.
fn sled(records: &[Record]) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let config = sled::Config::new().path(folder.path()).mode(sled::Mode::LowSpace);
    let db = config.flush_every_ms(None).open().expect("an empty database");
    let began = Instant::now();
    for group in records.chunks(GROUP * 10) {
        let mut ids: Vec<_> = group.iter().map(Record::id).collect();
        ids.sort_unstable();
        for id in ids {
            db.insert(id.0, &[0_u8; 8]).expect("sled takes it");
        }
    }
    db.flush().expect("sled syncs");
    began.elapsed()
}

/// Returns the median time of appending one record and syncing.
fn one_sync(record: &Record) -> Duration {
    let mut log = Log::new();
    let mut times: Vec<Duration> = (0..SYNCS)
        .map(|_| {
            let began = Instant::now();
            log.append(std::slice::from_ref(record));
            began.elapsed()
        })
        .collect();
    percentile(&mut times, 0.5)
}

/// A plain file that grows.
struct Log {
    file: File,
    _folder: tempfile::TempDir,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = File::create(folder.path().join("log")).expect("a file");
        Self { file, _folder: folder }
    }

    fn append(&mut self, records: &[Record]) {
        let bytes: Vec<u8> = records.iter().flat_map(|r| r.bytes().iter().copied()).collect();
        self.file.write_all(&bytes).and_then(|()| self.file.sync_data()).expect("there is room");
    }
}
