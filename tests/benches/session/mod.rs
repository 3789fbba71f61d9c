//! One session of reconciliation between two sets in one process, through encoded frames: what
//! `reconcile` and `table` both measure.

use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use weft_protocol::id::RecordId;
use weft_protocol::sync::{
    Answer, Frame, Holding, Intake, Key, NONCE_BYTES, Opening, Output, Scope, Session, Set, Source,
    Stats,
};
use weft_protocol::time::Timestamp;

/// The size of a call, as all figures of this house assume it.
pub(crate) const RECORD_BYTES: usize = 600;

/// The time of the sessions, in seconds.
const NOW: u64 = 1_800_000_000;

/// How long keys live on from then: calls live 90 days.
const SPREAD: u64 = 7_776_000;

/// Has every record, all of one content: a bench of reconciliation measures no disk.
struct Everything(Arc<[u8]>);

impl Source for Everything {
    fn bytes(&mut self, _id: &RecordId) -> Answer {
        Answer::Bytes(Arc::clone(&self.0))
    }
}

/// Draws so many keys.
pub(crate) fn draw(rng: &mut ChaCha8Rng, count: usize) -> Vec<Key> {
    let one = |_| {
        let mut id = [0; 32];
        rng.fill_bytes(&mut id);
        Key { until: NOW + 1 + rng.next_u64() % SPREAD, id: RecordId(id) }
    };
    (0..count).map(one).collect()
}

/// Draws two sets that share keys and have some of their own.
pub(crate) fn sets(shared: usize, alone: [usize; 2]) -> [Set; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let common = draw(&mut rng, shared);
    alone.map(|count| common.iter().copied().chain(draw(&mut rng, count)).collect())
}

/// What a session cost.
pub(crate) struct Cost {
    /// What the side that asked counted.
    pub(crate) stats: Stats,
    /// Bytes of frames, both ways.
    pub(crate) bytes: usize,
    /// The time of both sides together, on one core.
    pub(crate) time: Duration,
}

/// Runs one session between two nodes, through encoded frames.
pub(crate) fn session(sets: &[Set; 2]) -> Cost {
    let mut source = Everything(vec![0xd2; RECORD_BYTES].into());
    let now = Timestamp::from_secs(NOW);
    let began = Instant::now();
    let opening = |set: &Set, nonce| {
        let holding = Holding { set: set.snapshot(), ..Holding::default() };
        let scope = Scope::Region("gb-bristol".parse().expect("a region"));
        let holdings = BTreeMap::from([(scope, holding)]);
        Opening { now, nonce: [nonce; NONCE_BYTES], intake: Intake::ORDINARY, holdings, salt: None }
    };
    let (alice, hello) = Session::open(opening(&sets[0], 1)).expect("within the limits");
    let mut sessions = [alice, Session::accept(opening(&sets[1], 2))];
    let mut todo: VecDeque<(usize, Output)> = hello.into_iter().map(|output| (0, output)).collect();
    let (mut bytes, mut stats) = (0, Stats::default());
    while let Some((side, output)) = todo.pop_front() {
        match output {
            Output::Send(frame) => {
                let encoded = frame.encode();
                // The length before each frame on the stream.
                bytes += encoded.len() + 3;
                let frame = Frame::decode(&encoded).expect("what was encoded decodes");
                let outputs = sessions[1 - side].handle(now, frame, &mut source);
                todo.extend(outputs.into_iter().map(|output| (1 - side, output)));
            }
            Output::Deliver(_, sequence) => {
                let outputs = sessions[side].credit(now, black_box(sequence).len());
                todo.extend(outputs.into_iter().map(|output| (side, output)));
            }
            Output::Finished(done) if side == 0 => stats = done,
            Output::Finished(_)
            | Output::Progress(_)
            | Output::Clock(_)
            | Output::Hashed(_)
            | Output::Answered(_) => {}
            Output::Failed(error) => panic!("{error}"),
        }
    }
    Cost { stats, bytes, time: began.elapsed() }
}
