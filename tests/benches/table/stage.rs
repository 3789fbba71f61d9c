//! What the rows share: records, filled homes, nodes, and what the system says of them.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use weft_protocol::control::{Fate, Request, Response, StoreTask};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::door::Door;
use weft_tests::sandbox::Sandbox;
use weft_tests::world::{Network, World};

use crate::limits::Limits;

/// Who signs the records, as in the issue.
pub(crate) const AUTHORS: usize = 1000;

/// Where every node of the table lives.
pub(crate) const REGION: &str = "us-wa";

/// The clients that fill a node at once: enough that a batch of signatures for each core waits, and
/// the node is never idle while one of them reads its answer.
const CLIENTS: usize = 8;

/// The records in one request of theirs, as many as a frame takes.
const POSTED: usize = 400;

/// How long anything may take before the table gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a changing figure is looked at: an error of one percent in a second.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The bytes that the journal adds to a record.
const CHECK_BYTES: usize = 13;

/// Records to measure with, made when they are first asked for.
pub(crate) struct Stage {
    count: usize,
    /// The world in which all of it was signed, an hour ago.
    pub(crate) world: World,
    /// Another one at the same time, of other people.
    pub(crate) elsewhere: World,
    authors: OnceCell<Vec<Network>>,
    records: OnceCell<Vec<Record>>,
    limits: OnceCell<Limits>,
    filled: OnceCell<tempfile::TempDir>,
}

impl Stage {
    /// Prepares to measure with so many records.
    pub(crate) fn new(count: usize) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let hour_ago = now.expect("the clock is past 1970").as_secs() - 3600;
        let hour_ago = Timestamp::from_secs(hour_ago);
        Self {
            count,
            world: World::new(1).in_region(REGION).at(hour_ago),
            elsewhere: World::new(2).at(hour_ago),
            authors: OnceCell::new(),
            records: OnceCell::new(),
            limits: OnceCell::new(),
            filled: OnceCell::new(),
        }
    }

    /// Returns who signed.
    pub(crate) fn authors(&self) -> &[Network] {
        self.authors.get_or_init(|| self.world.networks(AUTHORS))
    }

    /// Returns all records: first what founded the authors, then their calls in turn.
    pub(crate) fn records(&self) -> &[Record] {
        self.records.get_or_init(|| {
            let founded = self.authors().iter().map(|author| author.inception.clone());
            let calls = self.world.calls(self.authors(), self.count - AUTHORS);
            founded.chain(calls).collect()
        })
    }

    /// Returns what the machine can do.
    pub(crate) fn limits(&self) -> &Limits {
        self.limits.get_or_init(|| Limits::measure(self.records()))
    }

    /// Returns the folder of a store that has all records and was closed in order.
    pub(crate) fn filled(&self) -> &Path {
        let fill = || {
            let folder = tempfile::tempdir().expect("a folder");
            let mut cluster = Cluster::start(REGION, 1);
            fill(&cluster[0], self.records());
            indexed(&cluster[0]);
            cluster[0].stop();
            copy(&cluster[0].sandbox().home().join("store"), folder.path());
            folder
        };
        self.filled.get_or_init(fill).path()
    }

    /// Starts a node that has all records already.
    pub(crate) fn add_filled(&self, cluster: &mut Cluster) -> usize {
        cluster.add_in(self.filled_home())
    }

    /// Prepares a home that has all records already.
    pub(crate) fn filled_home(&self) -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.init(REGION);
        let store = sandbox.home().join("store");
        fs::create_dir_all(&store).expect("a home takes a store");
        copy(self.filled(), &store);
        sandbox
    }
}

/// Posts everything through the door: what founds the authors first, the rest by several clients.
/// Returns how long it took until the last was acknowledged.
pub(crate) fn fill(node: &Node, records: &[Record]) -> Duration {
    let (founded, rest) = records.split_at(AUTHORS.min(records.len()));
    let began = Instant::now();
    post(&mut node.door(), founded);
    fill_more(node, rest);
    began.elapsed()
}

/// Posts records by several clients, in any order.
pub(crate) fn fill_more(node: &Node, records: &[Record]) {
    let parts: Vec<&[Record]> = records.chunks(POSTED).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut door = node.door();
                while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    post(&mut door, part);
                }
            });
        }
    });
}

/// Posts records that a node should store.
pub(crate) fn post(door: &mut Door, records: &[Record]) {
    let fates = door.post(records).expect("the node takes records");
    assert!(fates.iter().all(|fate| *fate == Fate::Stored), "all should be stored");
}

/// Waits until nothing waits for the index any more.
pub(crate) fn indexed(node: &Node) {
    until("the index should catch up", || figure(node, "index-waiting") == 0);
}

/// Waits until these records are on the node's disk.
pub(crate) fn has(node: &Node, records: usize, bytes: usize) {
    let wanted = (bytes + records * CHECK_BYTES) as u64;
    until("all records should come", || figure(node, "journal-bytes") >= wanted);
}

/// Returns a figure of a node's store.
fn figure(node: &Node, name: &str) -> u64 {
    match node.door().ask(&Request::Store(StoreTask::Stats)) {
        Ok(Response::Store(report)) => report.figures.get(name).copied().unwrap_or(0),
        other => panic!("a node should say how its store is: {other:?}"),
    }
}

/// Looks until it is so.
pub(crate) fn until(should: &str, check: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !check() {
        assert!(Instant::now() < deadline, "{should}: not within {PATIENCE:?}");
        pause(LOOK_EVERY);
    }
}

/// Lets time pass.
pub(crate) fn pause(time: Duration) {
    let end = Instant::now() + time;
    while let Some(left) = end.checked_duration_since(Instant::now()).filter(|d| !d.is_zero()) {
        thread::park_timeout(left);
    }
}

/// Returns how many bytes records have together.
pub(crate) fn bytes(records: &[Record]) -> usize {
    records.iter().map(|record| record.bytes().len()).sum()
}

/// Returns the processor time of a running node, all its threads together.
pub(crate) fn cpu(node: &Node) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{}/task", node.process()));
    let tasks = tasks.into_iter().flatten().flatten();
    let time = |path: &Path| -> Option<u64> {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    Duration::from_nanos(tasks.filter_map(|task| time(&task.path())).sum())
}

/// Returns the resident memory of a running node, in MiB.
pub(crate) fn resident(node: &Node) -> f64 {
    let text = fs::read_to_string(format!("/proc/{}/status", node.process())).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<f64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

/// Returns how busy the machine is, for whoever reads the table.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Returns the bytes of all files in a folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let size_of = |path: &Path| {
        if path.is_dir() { size(path) } else { path.metadata().map_or(0, |meta| meta.len()) }
    };
    entries.map(|entry| size_of(&entry.path())).sum()
}

/// Copies a folder and what is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("there is room for a copy");
        }
    }
}
