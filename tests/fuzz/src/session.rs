//! Frames of a peer into a conversation, on either side: it goes on within its bounds, or ends with a name.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use weft_protocol::id::RecordId;
use weft_protocol::sync::{
    Answer, FRAME_BYTES_MAX, Frame, Holding, Intake, Key, NONCE_BYTES, Opening, Output, Reason,
    Scope, Session, Set, Source, SyncError,
};
use weft_protocol::time::Timestamp;

/// When every conversation is.
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Keys that both sides have: more than are listed at once, so that there is something to search.
const SHARED: usize = 700;

/// Keys that one side has alone.
const ALONE: usize = 40;

/// The bytes of a stand-in for a record: conversations do not look into records.
const RECORD_BYTES: usize = 90;

/// What a node receives: little, so that its bounds are met.
const INTAKE: Intake = Intake { window: 64 * 1024, total: 100_000 };

/// The most bytes that a side of this size says in a conversation, whatever it is asked: each key is
/// asked about at most eight times on average, and sent once.
const SAID_BYTES_MAX: usize = 512 * 1024;

/// The bytes of the length before each frame of an input.
const LENGTH_BYTES: usize = 2;

/// What one side has.
#[derive(Debug, Clone)]
struct Side(Set);

impl Source for Side {
    fn bytes(&mut self, id: &RecordId) -> Answer {
        // Some are not to be had, and some were refused here.
        match id.0[1] % 8 {
            0 => Answer::Gone,
            1 => Answer::Missing,
            _ => Answer::Bytes(Arc::new([id.0[0]; RECORD_BYTES])),
        }
    }
}

/// The side that asks and the side that answers, always the same.
static SIDES: LazyLock<[Side; 2]> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut keys = |count: usize| -> Vec<Key> { (0..count).map(|_| draw(&mut rng)).collect() };
    let shared = keys(SHARED);
    [keys(ALONE), keys(ALONE)].map(|alone| Side(shared.iter().copied().chain(alone).collect()))
});

fn draw(rng: &mut ChaCha20Rng) -> Key {
    let mut id = [0; 32];
    rng.fill_bytes(&mut id);
    let ends = NOW.as_secs() + 1 + u64::from(rng.next_u32()) % 7_776_000;
    let until = if id[0].is_multiple_of(8) { Key::NEVER } else { ends };
    Key { until, id: RecordId(id) }
}

fn opening(side: usize) -> Opening {
    let scope = Scope::Region("gb-bristol".parse().expect("a region"));
    let declined = Set::new().snapshot();
    let holding = Holding { set: SIDES[side].0.snapshot(), declined };
    let nonce = [u8::try_from(side).unwrap_or_default(); NONCE_BYTES];
    let holdings = BTreeMap::from([(scope, holding)]);
    Opening { now: NOW, nonce, intake: INTAKE, holdings, salt: None }
}

/// One side of a conversation, and what came of it.
#[derive(Debug)]
struct Told {
    session: Session,
    side: Side,
    said: Vec<Vec<u8>>,
    said_bytes: usize,
    delivered: u64,
    end: Option<Result<(), SyncError>>,
}

impl Told {
    fn new(side: usize) -> Self {
        let (session, first) = match side {
            0 => Session::open(opening(side)).expect("sets that are not too large"),
            _ => (Session::accept(opening(side)), Vec::new()),
        };
        let side = SIDES[side].clone();
        let mut told = Self { session, side, said: vec![], said_bytes: 0, delivered: 0, end: None };
        told.take(first);
        told
    }

    fn hear(&mut self, bytes: &[u8]) {
        let over = self.end.is_some();
        let outputs = match Frame::decode(bytes) {
            Ok(frame) => {
                assert_eq!(frame.encode(), bytes, "a frame has one encoding");
                self.session.handle(NOW, frame, &mut self.side)
            }
            Err(error) => self.session.refuse(error),
        };
        assert!(!over || outputs.is_empty(), "nothing comes after the end");
        self.take(outputs);
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send(frame) => {
                    let bytes = frame.encode();
                    assert!(bytes.len() <= FRAME_BYTES_MAX);
                    assert_eq!(Frame::decode(&bytes), Ok(frame));
                    self.said_bytes += bytes.len();
                    self.said.push(bytes);
                }
                Output::Deliver(_, sequence) => {
                    self.delivered += sequence.len() as u64;
                    let credit = self.session.credit(NOW, sequence.len());
                    self.take(credit);
                }
                Output::Clock(_) | Output::Hashed(_) => {}
                Output::Answered(held) => {
                    assert!(held.is_empty(), "it has asked nothing");
                    self.ends(Ok(()));
                }
                Output::Progress(progress) => assert!(progress.done <= progress.total),
                Output::Finished(_) => self.ends(Ok(())),
                Output::Failed(error) => self.ends(Err(error)),
            }
        }
        assert!(self.said_bytes <= SAID_BYTES_MAX, "so much is never said about so few keys");
        assert!(self.delivered <= INTAKE.total + INTAKE.window, "no more is taken than was said");
    }

    fn ends(&mut self, end: Result<(), SyncError>) {
        if let Err(error) = &end {
            let told = error.given_up();
            assert!(told.by_peer || Reason::NAMED.contains(&told.reason), "{error}");
        }
        assert!(self.end.replace(end).is_none(), "it ends once");
        assert_eq!(self.session.deadline(), None);
    }

    /// Whoever says nothing more is not waited for.
    fn fall_silent(&mut self) {
        if let Some(deadline) = self.session.deadline() {
            let outputs = self.session.expire(deadline);
            self.take(outputs);
        }
        assert!(self.end.is_some(), "silence ends it");
    }
}

/// Hands frames to one side: the first byte says to which, then each frame stands behind its length.
/// They are understood when the greeting is.
pub fn tries(bytes: &[u8]) -> bool {
    let Some((side, mut rest)) = bytes.split_first() else { return false };
    let mut told = Told::new(usize::from(side % 2));
    let greeted = told.said.len();
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH_BYTES>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
        told.hear(&after[..length]);
        rest = &after[length..];
    }
    let failed = matches!(told.end, Some(Err(_)));
    let understood = !failed || told.said.len() > greeted + 1;
    told.fall_silent();
    understood
}

/// What each side heard of an honest other one, and of that much less.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut sides = [Told::new(0), Told::new(1)];
    let mut heard: [Vec<Vec<u8>>; 2] = [vec![], vec![]];
    let mut wire: VecDeque<(usize, Vec<u8>)> = VecDeque::new();
    loop {
        for side in [0, 1] {
            wire.extend(sides[side].said.drain(..).map(|frame| (1 - side, frame)));
        }
        let Some((side, frame)) = wire.pop_front() else { break };
        sides[side].hear(&frame);
        heard[side].push(frame);
    }
    assert!(sides.iter().all(|side| side.end == Some(Ok(()))), "an honest conversation ends well");
    let mut seeds = Vec::new();
    for (side, frames) in (0..).zip(heard) {
        for until in 1..=frames.len() {
            let mut seed = vec![side];
            for frame in &frames[..until] {
                let length = u16::try_from(frame.len()).expect("a short frame");
                seed.extend(length.to_be_bytes());
                seed.extend(frame);
            }
            seeds.push(seed);
        }
    }
    seeds
}
