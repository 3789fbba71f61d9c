//! What the store costs beside what the machine can do: 100 000 records of about 600 bytes by
//! 1 000 authors.
//!
//! `floor` is a plain file: append a thousand records, sync, again. Everything else goes through
//! the store: `acknowledged` waits for `Persisted` after each thousand, `indexed` until nothing
//! waits for sled any more as well. The last lines say what is on the disk.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use weft_node::store::{Disk, Event, Options};
use weft_protocol::body::Body;
use weft_protocol::id::NetId;
use weft_protocol::key::SecretKey;
use weft_protocol::record::{Draft, Kind, Reach, Record};
use weft_protocol::time::Timestamp;

/// The records of one run, as in the table of the issue.
const RECORDS: u32 = 100_000;
/// Records per sync.
const GROUP: usize = 1000;
/// Authors.
const AUTHORS: u32 = 1000;

fn records() -> Vec<Record> {
    (0..RECORDS).map(record).collect()
}

/// Returns a record of 600 bytes of an unknown kind; its size and its keys are what counts here.
fn record(n: u32) -> Record {
    let author = n % AUTHORS;
    let mut seed = [1; 32];
    seed[..4].copy_from_slice(&author.to_be_bytes());
    let mut body = b"\xA1\x61n\x59\x01\x5E".to_vec();
    body.extend(
        (0..350_u32).map(|i| (n.wrapping_mul(31).wrapping_add(i * 7) % 251).to_le_bytes()[0]),
    );
    let body = Body::Opaque(Kind::named("bench").expect("a kind's name"), body);
    let at = Timestamp::from_secs(1_800_000_000 + u64::from(n));
    let home = ("gb-bristol".parse().expect("a region's name"), Reach::Movement);
    let life = (at, Duration::from_secs(30 * 86_400));
    let draft = Draft::new(body, NetId(seed), home, life);
    draft.sign(&SecretKey::from_seed(&seed)).expect("a record within its bounds")
}

fn open(dir: &Path) -> (Disk, Receiver<Event>) {
    let (sender, events) = sync_channel(1024);
    let tell = move |event| drop(sender.send(event));
    (Disk::open(Options::new(dir), tell).expect("the store opens"), events)
}

/// Stages and persists everything, a thousand at a time.
fn fill(disk: &mut Disk, events: &Receiver<Event>, records: &[Record]) {
    for group in records.chunks(GROUP) {
        group.iter().for_each(|record| disk.stage(record));
        let seq = disk.seal();
        disk.writer().persist(seq);
        while !matches!(events.recv(), Ok(Event::Persisted(done)) if done >= seq) {}
    }
}

fn wait_for_index(disk: &Disk) {
    while disk.stats().waiting_entries > 0 {
        std::thread::yield_now();
    }
}

fn floor(records: &[Record]) -> Duration {
    let dir = tempfile::tempdir().expect("a folder");
    let mut file = File::create(dir.path().join("log")).expect("a file");
    let begin = Instant::now();
    for group in records.chunks(GROUP) {
        let bytes: Vec<u8> = group.iter().flat_map(|r| r.bytes().iter().copied()).collect();
        file.write_all(&bytes).and_then(|()| file.sync_data()).expect("there is room");
    }
    begin.elapsed()
}

fn ingest(records: &[Record], indexed: bool) -> Duration {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut disk, events) = open(dir.path());
    let begin = Instant::now();
    fill(&mut disk, &events, records);
    if indexed {
        wait_for_index(&disk);
    }
    begin.elapsed()
}

/// Measures an opening: of a store that was closed in order, or of one whose index must be built
/// again, with or without waiting for the index.
fn start(dir: &Path, sealed: bool, indexed: bool) -> Duration {
    if !sealed {
        fs::remove_file(dir.join("index.seal")).expect("the seal of an orderly stop");
    }
    let begin = Instant::now();
    let (disk, _events) = open(dir);
    if indexed {
        wait_for_index(&disk);
    }
    let took = begin.elapsed();
    disk.close();
    took
}

fn replay(disk: &Disk) -> Duration {
    let begin = Instant::now();
    let mut bytes = 0;
    let visit = |step: weft_node::store::Replay<'_>| {
        if let weft_node::store::Replay::Record(record) = step {
            bytes += black_box(record).len();
        }
        ControlFlow::Continue(())
    };
    disk.reader().replay(visit).expect("the journal is read");
    black_box(bytes);
    begin.elapsed()
}

fn by_id(disk: &Disk, records: &[Record]) -> Duration {
    let reader = disk.reader();
    let begin = Instant::now();
    for n in 0..records.len() {
        // A stride that is prime to the number of records visits all of them out of order.
        let record = &records[n * 7919 % records.len()];
        black_box(reader.bytes(&record.id()).expect("the journal is read"));
    }
    begin.elapsed()
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).expect("a folder").flatten();
    let size_of = |path: std::path::PathBuf| {
        if path.is_dir() { size(&path) } else { path.metadata().map_or(0, |meta| meta.len()) }
    };
    entries.map(|entry| size_of(entry.path())).sum()
}

fn store(c: &mut Criterion) {
    let records = records();
    let mut group = c.benchmark_group("store");
    group.throughput(Throughput::Elements(u64::from(RECORDS)));
    group.sample_size(10).warm_up_time(Duration::from_millis(1));
    let times = |n: u64, one: &dyn Fn() -> Duration| (0..n).map(|_| one()).sum::<Duration>();
    group.bench_function("floor", |b| b.iter_custom(|n| times(n, &|| floor(&records))));
    group.bench_function("acknowledged", |b| {
        b.iter_custom(|n| times(n, &|| ingest(&records, false)));
    });
    group.bench_function("indexed", |b| b.iter_custom(|n| times(n, &|| ingest(&records, true))));

    let dir = tempfile::tempdir().expect("a folder");
    let (mut disk, events) = open(dir.path());
    fill(&mut disk, &events, &records);
    wait_for_index(&disk);
    group.bench_function("replay", |b| b.iter_custom(|n| times(n, &|| replay(&disk))));
    group.bench_function("by id", |b| b.iter_custom(|n| times(n, &|| by_id(&disk, &records))));
    disk.close();
    for (name, sealed, indexed) in
        [("start", true, false), ("start, unsealed", false, false), ("rebuild", false, true)]
    {
        group.bench_function(name, |b| {
            b.iter_custom(|n| times(n, &|| start(dir.path(), sealed, indexed)));
        });
    }
    group.finish();
    report_disk(dir.path(), &records);
}

#[expect(clippy::print_stdout, reason = "a bench reports to whoever runs it")]
fn report_disk(dir: &Path, records: &[Record]) {
    fs::remove_dir_all(dir.join("index.aside")).expect("a rebuild leaves the old index aside");
    let (total, index) = (size(dir), size(&dir.join("index")));
    let payload: usize = records.iter().map(|record| record.bytes().len()).sum();
    println!("disk: {total} bytes, {index} of them sled's, for {payload} bytes of records");
}

criterion_group!(benches, store);
criterion_main!(benches);
