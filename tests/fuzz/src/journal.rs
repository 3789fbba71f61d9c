//! Many records in a row: as peers and bundles bring them, and as a disk gives them back.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use weft_node::store::{Disk, File, Files, Options, Shelf, Survey, Tombstone, check_journal};
use weft_protocol::id::RecordId;
use weft_protocol::record::{RECORD_BYTES_MAX, Record, Unverified, sequence};
use weft_protocol::time::Timestamp;
use weft_tests::world::World;

/// Cuts bytes as a sequence of records, and walks them as a journal.
pub fn tries(bytes: &[u8]) -> bool {
    let cut = cut(bytes);
    let options =
        Options { dir: "here".into(), cache_bytes: 0, files: Arc::new(Medium(bytes.into())) };
    let survey = check_journal(&options, true).expect("memory is read");
    partitioned(&survey, bytes.len() as u64);
    let mut seen: BTreeMap<RecordId, Vec<u8>> = BTreeMap::new();
    let mut visited = 0;
    let shelf = Shelf::open(&options, |record| {
        visited += 1;
        assert!(record.len() <= RECORD_BYTES_MAX);
        if let Ok(unverified) = Unverified::decode(record) {
            seen.insert(unverified.id(), record.to_vec());
        }
    });
    let shelf = shelf.expect("memory is read");
    assert_eq!(visited, survey.records, "what is counted is handed over");
    for (id, record) in &seen {
        let served = shelf.bytes(id).expect("memory is read");
        // What a tombstone behind it names is not served.
        assert!(served.is_none_or(|served| served[..] == record[..]) || survey.notes > 0);
    }
    cut > 0 || survey.records > 0
}

/// Cuts bytes without gaps until the first thing that is no record; returns how many records there were.
fn cut(bytes: &[u8]) -> usize {
    let (mut at, mut records) = (0, 0);
    for item in sequence(bytes) {
        match item {
            Ok(record) => {
                assert!(record.len() <= RECORD_BYTES_MAX && bytes[at..].starts_with(record));
                at += record.len();
                records += 1;
            }
            Err(error) => {
                assert_eq!(error.at, at);
                at = bytes.len();
            }
        }
    }
    assert_eq!(at, bytes.len());
    records
}

/// Every byte is in an item, in damage, or in the torn tail, and in one of them only.
fn partitioned(survey: &Survey, len: u64) {
    let mut at = 0;
    for damage in survey.damaged.iter().chain(&survey.torn) {
        assert!(damage.position >= at && damage.len > 0, "damage does not overlap");
        at = damage.position + damage.len;
        assert!(at <= len);
    }
    match &survey.torn {
        Some(torn) => assert_eq!((torn.position, at), (survey.end, len)),
        None => assert!(survey.end == len, "what is not torn is walked to its end"),
    }
    let broken: u64 = survey.damaged.iter().map(|damage| damage.len).sum();
    assert!(broken + survey.record_bytes <= survey.end);
    assert_eq!(survey.end > broken, survey.records + survey.erased + survey.notes > 0);
}

/// A journal in memory, which takes no writes.
#[derive(Debug, Clone)]
struct Medium(Arc<[u8]>);

fn no_writes<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Files for Medium {
    fn open(&self, _: &Path) -> io::Result<Box<dyn File>> {
        no_writes()
    }

    fn open_to_read(&self, _: &Path) -> io::Result<Option<Box<dyn File>>> {
        Ok(Some(Box::new(self.clone())))
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        no_writes()
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        no_writes()
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        no_writes()
    }
}

impl File for Medium {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let from = usize::try_from(position).unwrap_or(usize::MAX).min(self.0.len());
        let read = buf.len().min(self.0.len() - from);
        buf[..read].copy_from_slice(&self.0[from..from + read]);
        Ok(read)
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<usize> {
        no_writes()
    }

    fn sync(&self) -> io::Result<()> {
        no_writes()
    }

    fn truncate(&self, _: u64) -> io::Result<()> {
        no_writes()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// The journal of a store that has kept some records, hidden two, erased one and taken that back, and the
/// same records as a bundle.
pub fn seeds() -> Vec<Vec<u8>> {
    let world = World::new(1);
    let networks = world.networks(2);
    let mut records: Vec<Record> = Vec::new();
    for network in &networks {
        records.extend([network.inception.clone(), network.call("beds").ask(3).sign()]);
    }
    let bundle: Vec<u8> =
        records.iter().flat_map(|record| record.bytes().iter().copied()).collect();
    let (plain, erased) = (journal(&records, false), journal(&records, true));
    let cut = plain[..plain.len() - 9].to_vec();
    let mut damaged = plain.clone();
    damaged[300..330].fill(0xff);
    vec![bundle, plain, erased, cut, damaged]
}

fn journal(records: &[Record], erased: bool) -> Vec<u8> {
    let home = tempfile::tempdir().expect("a folder");
    let (done, persisted) = std::sync::mpsc::channel();
    let mut disk = Disk::open(Options::new(home.path()), move |event| {
        // Who has seen enough is gone.
        done.send(event).ok();
    });
    let disk = disk.as_mut().expect("a store");
    records.iter().for_each(|record| disk.stage(record));
    if erased && let Some(record) = records.last() {
        let (id, net, kind) = (record.id(), record.net(), record.header().kind.clone());
        let until = Timestamp::from_secs(1_900_000_000);
        let tombstone = Tombstone { id, net, kind, until };
        disk.stage_erase(&tombstone).expect("the disk is read");
        disk.stage_lift(&id);
        for record in &records[..2] {
            let hidden = Tombstone { id: record.id(), net: record.net(), ..tombstone.clone() };
            disk.stage_hide(&hidden, until).expect("the disk is read");
        }
        disk.stage_lift(&records[0].id());
    }
    let seq = disk.seal();
    disk.writer().persist(seq);
    persisted.recv().expect("it is written");
    std::fs::read(home.path().join("journal")).expect("a journal")
}
