//! Two nodes in one process, and stories about them.
//!
//! **Invariant:** every story has its own seed and no clock, so it goes the same way each time.

mod converge;
mod hostile;
mod oracle;
mod set;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::id::RecordId;
use crate::time::{Offset, Timestamp};

/// The time of every story, in seconds.
const NOW: u64 = 1_800_000_000;

/// A node: its records and its set.
#[derive(Debug, Clone, Default)]
struct Node {
    records: BTreeMap<RecordId, Arc<[u8]>>,
    set: Set,
    declined: Set,
}

impl Node {
    fn with(keys: impl IntoIterator<Item = Key>) -> Self {
        let keys: Vec<Key> = keys.into_iter().collect();
        let records = keys.iter().map(|key| (key.id, record(key))).collect();
        Self { records, set: keys.into_iter().collect(), declined: Set::new() }
    }

    fn holding(&self) -> Holding {
        Holding { set: self.set.snapshot(), declined: self.declined.snapshot() }
    }

    fn keys(&self) -> BTreeSet<Key> {
        let set = self.set.snapshot();
        set.keys(0, set.len()).copied().collect()
    }

    /// Keeps the records of a sequence; returns how many were new.
    fn keep(&mut self, mut sequence: &[u8]) -> usize {
        let mut new = 0;
        while let Some((head, _)) = sequence.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*head));
            let Some((bytes, rest)) = sequence.split_at_checked(length.max(42)) else { break };
            sequence = rest;
            let key = Key {
                until: u64::from_be_bytes(bytes[2..10].try_into().unwrap()),
                id: RecordId(bytes[10..42].try_into().unwrap()),
            };
            self.records.insert(key.id, bytes.into());
            new += usize::from(self.set.insert(key));
        }
        new
    }
}

impl Source for Node {
    fn bytes(&mut self, id: &RecordId) -> Answer {
        self.records.get(id).cloned().map_or(Answer::Gone, Answer::Bytes)
    }
}

/// Writes a stand-in for a record: its length, its key, and some padding.
fn record(key: &Key) -> Arc<[u8]> {
    let padding = 60 + usize::from(key.id.0[31]) % 32;
    let length = u16::try_from(42 + padding).unwrap();
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(key.until.to_be_bytes());
    bytes.extend(key.id.0);
    bytes.resize(usize::from(length), 0x5a);
    bytes.into()
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Draws a key that is alive, one in eight of them never ending.
fn draw(rng: &mut ChaCha8Rng) -> Key {
    let mut id = [0; 32];
    rng.fill_bytes(&mut id);
    let until = if rng.next_u32().is_multiple_of(8) {
        Key::NEVER
    } else {
        NOW + 1 + u64::from(rng.next_u32()) % 7_776_000
    };
    Key { until, id: RecordId(id) }
}

fn draw_many(rng: &mut ChaCha8Rng, count: usize) -> Vec<Key> {
    (0..count).map(|_| draw(rng)).collect()
}

fn scope() -> Scope {
    Scope::Region("gb-bristol".parse().unwrap())
}

fn opening(node: &Node, nonce: u8) -> Opening {
    Opening {
        now: Timestamp::from_secs(NOW),
        nonce: [nonce; NONCE_BYTES],
        intake: Intake::ORDINARY,
        holdings: [(scope(), node.holding())].into(),
        salt: None,
    }
}

/// Two sessions facing each other, and what lies on the wire between them.
#[derive(Debug)]
struct Pair {
    nodes: [Node; 2],
    sessions: [Session; 2],
    wire: VecDeque<(usize, Vec<u8>)>,
    ends: [Option<Result<Stats, SyncError>>; 2],
    clocks: [Option<Offset>; 2],
    frames: usize,
    bytes: usize,
    hashed: usize,
    progress: Progress,
}

/// The position of the side that asks.
const ALICE: usize = 0;
/// The position of the side that answers.
const BOB: usize = 1;

impl Pair {
    fn new(alice: Node, bob: Node) -> Self {
        let openings = [opening(&alice, 1), opening(&bob, 2)];
        Self::open([alice, bob], openings)
    }

    fn open(nodes: [Node; 2], [alice, bob]: [Opening; 2]) -> Self {
        let (session, hello) = Session::open(alice).unwrap();
        let sessions = [session, Session::accept(bob)];
        let mut pair = Self {
            nodes,
            sessions,
            wire: VecDeque::new(),
            ends: [None, None],
            clocks: [None, None],
            frames: 0,
            bytes: 0,
            hashed: 0,
            progress: Progress::default(),
        };
        pair.apply(ALICE, hello);
        pair
    }

    /// Does what a session asks for.
    fn apply(&mut self, side: usize, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send(frame) => {
                    let bytes = frame.encode();
                    assert!(bytes.len() <= FRAME_BYTES_MAX);
                    assert_eq!(Frame::decode(&bytes).as_ref(), Ok(&frame));
                    self.bytes += bytes.len();
                    self.wire.push_back((1 - side, bytes));
                }
                Output::Deliver(_, sequence) => {
                    self.nodes[side].keep(&sequence);
                    let now = Timestamp::from_secs(NOW);
                    let credit = self.sessions[side].credit(now, sequence.len());
                    self.apply(side, credit);
                }
                Output::Clock(ahead) => {
                    assert!(self.clocks[side].replace(ahead).is_none(), "a clock is told once");
                }
                Output::Progress(progress) => {
                    assert!(progress.done <= progress.total);
                    if side == ALICE {
                        self.progress = progress;
                    }
                }
                Output::Hashed(ids) => self.hashed += ids,
                Output::Answered(held) => panic!("nobody has asked: {held:?}"),
                Output::Finished(stats) => self.end(side, Ok(stats)),
                Output::Failed(error) => self.end(side, Err(error)),
            }
        }
    }

    fn end(&mut self, side: usize, end: Result<Stats, SyncError>) {
        assert!(self.ends[side].replace(end).is_none(), "a session ends once");
    }

    /// Hands over the oldest frame; says whether there was one.
    fn step(&mut self) -> bool {
        let Some((side, bytes)) = self.wire.pop_front() else { return false };
        self.frames += 1;
        assert!(self.frames < 100_000, "a session that does not end");
        self.hand(side, &bytes);
        true
    }

    fn hand(&mut self, side: usize, bytes: &[u8]) {
        let now = Timestamp::from_secs(NOW);
        let outputs = match Frame::decode(bytes) {
            Ok(frame) => self.sessions[side].handle(now, frame, &mut self.nodes[side]),
            Err(error) => self.sessions[side].refuse(error),
        };
        self.apply(side, outputs);
    }

    /// Runs to the end and returns what the initiator did.
    fn run(&mut self) -> Stats {
        while self.step() {}
        let [Some(Ok(alice)), Some(Ok(bob))] = &self.ends else {
            panic!("not both finished: {:?}", self.ends)
        };
        assert_eq!((alice.sent, alice.received), (bob.received, bob.sent));
        *alice
    }

    fn assert_equal(&self) {
        assert_eq!(self.nodes[ALICE].keys(), self.nodes[BOB].keys());
    }
}
