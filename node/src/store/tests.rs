//! Tests of the store as a whole: on a real disk, on a bad one, and against a model.

mod bad_disk;
mod crash;
mod damage;
mod model;
mod refuse;
mod story;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use weft_protocol::body::Body;
use weft_protocol::body::response::{Reference, Response, ResponseKind};
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::key::SecretKey;
use weft_protocol::record::{Draft, Kind, Reach, Record};
use weft_protocol::time::Timestamp;

use super::{Disk, Event, Options, Replay, Tombstone};

/// How many records the tests share: signing is what takes time.
const RECORDS: usize = 400;

/// Records of seven networks in two regions: every third answers an earlier one, the others are
/// of a kind that nobody knows, from 150 bytes to 4 KiB.
static RECORD: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let mut records: Vec<Record> = vec![];
    for n in 0..RECORDS {
        let body = match n % 3 {
            2 => answer(&records[n / 2]),
            _ => note(n, if n % 50 == 0 { 4000 } else { n }),
        };
        records.push(sign(n, body));
    }
    records
});

fn sign(n: usize, body: Body) -> Record {
    let net = u8::try_from(n % 7).unwrap();
    let region = if net < 4 { "gb-bristol" } else { "us-wa" }.parse().unwrap();
    let at = Timestamp::from_secs(1_800_000_000 + n as u64);
    let life = (at, Duration::from_secs(86_400));
    let draft = Draft::new(body, NetId([net; 32]), (region, Reach::Region), life);
    draft.sign(&SecretKey::from_seed(&[net + 1; 32])).unwrap()
}

fn answer(to: &Record) -> Body {
    Body::Response(Response {
        kind: ResponseKind::Endorse,
        to: Reference { thing: to.thing(), seen: to.id() },
        text: None,
        ask: None,
        amount: None,
        choice: None,
        evidence: vec![].try_into().unwrap(),
        sealed: vec![].try_into().unwrap(),
        minutes: None,
    })
}

/// A body `{"n": bytes}` of an unknown kind.
fn note(n: usize, len: usize) -> Body {
    let fill = u8::try_from(n % 251).unwrap();
    let mut body = vec![0xA1, 0x61, b'n'];
    let [.., high, low] = len.to_be_bytes();
    match len {
        0..24 => body.push(0x40 + low),
        24..256 => body.extend([0x58, low]),
        _ => body.extend([0x59, high, low]),
    }
    body.extend(std::iter::repeat_n(fill, len));
    Body::Opaque(Kind::named("note").unwrap(), body)
}

fn tombstone(record: &Record) -> Tombstone {
    let header = record.header();
    Tombstone { id: record.id(), net: record.net(), kind: header.kind.clone(), until: header.until }
}

/// An opened store and what it tells.
struct Bench {
    disk: Disk,
    events: Receiver<Event>,
}

impl Bench {
    fn open(dir: &Path) -> Self {
        Self::with(Options { cache_bytes: 1 << 20, ..Options::new(dir) })
    }

    fn with(options: Options) -> Self {
        let (sender, events) = channel();
        let sender = Mutex::new(sender);
        let disk = Disk::open(options, move |event| {
            // Nobody listens any more when a test ends.
            drop(sender.lock().unwrap().send(event));
        });
        Self { disk: disk.unwrap(), events }
    }

    /// Seals what is staged and waits until it is durable, or until the disk refuses.
    fn persist(&mut self) -> bool {
        let seq = self.disk.seal();
        self.disk.writer().persist(seq);
        loop {
            match self.events.recv().unwrap() {
                Event::Persisted(done) if done >= seq => return true,
                Event::Refusing(_) => return false,
                Event::Persisted(_) | Event::Damaged(_) | Event::Ended(_) => {}
            }
        }
    }

    fn stage(&mut self, records: &[Record]) {
        records.iter().for_each(|record| self.disk.stage(record));
    }

    fn holds(&self, record: &Record) -> bool {
        let found = self.disk.reader().bytes(&record.id()).unwrap();
        found.is_some_and(|found| {
            assert_eq!(&found, record.bytes(), "what is served is what was stored");
            true
        })
    }

    /// Returns the durable tombstones that were not lifted.
    fn tombstones(&self) -> BTreeMap<RecordId, Tombstone> {
        let mut found = BTreeMap::new();
        let visit = |step: Replay<'_>| {
            match step {
                Replay::Tombstone(tombstone) => found.insert(tombstone.id, tombstone),
                Replay::Lift(id) => found.remove(&id),
                Replay::Record(_) | Replay::Hidden(_) => None,
            };
            ControlFlow::Continue(())
        };
        self.disk.reader().replay(visit).unwrap();
        found
    }
}
