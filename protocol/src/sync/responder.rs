//! The side that answers.
//!
//! **Invariant:** the responder never asks and decides nothing; between frames it keeps its
//! snapshots, a bounded queue of what is wanted, and a few counters.

use super::error::SyncError;
use super::flow::{Incoming, Outgoing, Queue, has_as_many};
use super::frame::{FRAME_BYTES_MAX, Frame, Hello, HelloAck, KEYS_MAX, Root, Shared};
use super::inquiry;
use super::part::Part;
use super::scope::Scope;
use super::session::{
    CLOCKS_APART_MAX, Opening, Output, Progress, REVISION, Source, Stats, WANTED_MAX,
};
use super::set::Key;
use super::short::ShortKey;
use super::side::Side;
use super::span::{ANSWER_BYTES_MAX, Span, total};

/// How often a key may be asked about on average. An honest search of the largest set needs three;
/// a peer that asks the same again and again is greedy.
const ASKED_PER_KEY_MAX: usize = 8;

/// The side that answers.
#[derive(Debug)]
pub(super) enum Responder {
    /// No greeting yet.
    Listening(Option<Opening>),
    /// After the greeting.
    Serving(Box<Serving>),
}

/// Everything after the greeting.
#[derive(Debug)]
pub(super) struct Serving {
    scopes: Vec<Scope>,
    sides: Vec<Option<Side>>,
    key: ShortKey,
    incoming: Incoming,
    outgoing: Outgoing,
    queue: Queue,
    asked: Vec<usize>,
    wanted: Vec<usize>,
    stats: Stats,
}

impl Responder {
    /// Takes a frame; returns what the session did when that is the end of it.
    pub(super) fn handle(
        &mut self,
        frame: Frame,
        source: &mut impl Source,
        out: &mut Vec<Output>,
    ) -> Result<Option<Stats>, SyncError> {
        match (&mut *self, frame) {
            (Self::Listening(opening), Frame::Hello(hello)) => {
                let opening = opening.take().ok_or(SyncError::Unexpected)?;
                let ahead = -hello.offset_of(opening.now.as_secs());
                out.push(Output::Clock(ahead));
                if ahead.size() > CLOCKS_APART_MAX {
                    out.push(Output::Send(Frame::HelloAck(refusal(&opening, &hello))));
                    return Err(SyncError::Clocks(ahead));
                }
                let salted = hello.salt.is_some();
                let (serving, ack) = Serving::new(opening, hello)?;
                let hashed = ack.scopes.iter().map(|shared| shared.root.count).sum();
                out.extend(salted.then_some(Output::Hashed(hashed)));
                out.push(Output::Send(Frame::HelloAck(ack)));
                *self = Self::Serving(Box::new(serving));
                Ok(None)
            }
            (Self::Serving(serving), frame) => serving.handle(frame, source, out),
            (Self::Listening(_), _) => Err(SyncError::Unexpected),
        }
    }

    /// Answers which of these records are here, if that is the first thing that is asked.
    pub(super) fn held(
        &mut self,
        keys: &[Key],
        source: &mut impl Source,
    ) -> Result<Vec<u8>, SyncError> {
        match self {
            Self::Listening(Some(opening)) => Ok(inquiry::held(opening, keys, source)),
            Self::Listening(None) | Self::Serving(_) => Err(SyncError::Unexpected),
        }
    }

    pub(super) fn release(&mut self, bytes: usize) -> Option<Frame> {
        match self {
            Self::Listening(_) => None,
            Self::Serving(serving) => serving.incoming.release(bytes),
        }
    }

    pub(super) fn progress(&self) -> Progress {
        match self {
            Self::Listening(_) => Progress::default(),
            Self::Serving(serving) => {
                let done = serving.stats.received + serving.stats.sent + serving.stats.gone;
                Progress { done, total: done + serving.queue.keys() }
            }
        }
    }
}

/// Tells whose clock is too far from ours what ours shows, and shares nothing.
fn refusal(opening: &Opening, hello: &Hello) -> HelloAck {
    let (nonce, intake) = (opening.nonce, opening.intake.usable());
    let (revision, time) = (hello.revision.min(REVISION), opening.now.as_secs());
    HelloAck { revision, nonce, time, intake, scopes: Vec::new() }
}

impl Serving {
    /// Agrees with the initiator.
    fn new(opening: Opening, hello: Hello) -> Result<(Self, HelloAck), SyncError> {
        let Opening { now, nonce, intake, mut holdings, salt: _ } = opening;
        if hello.revision == 0 {
            return Err(SyncError::Revision(hello.revision));
        }
        let time = hello.time.max(now.as_secs());
        let key = ShortKey::new(hello.nonce, nonce);
        let (mut sides, mut scopes, mut room) = (Vec::new(), Vec::new(), ANSWER_BYTES_MAX);
        for (i, (scope, theirs)) in hello.scopes.iter().enumerate() {
            let holding = holdings.remove(scope).map(|holding| holding.salted(hello.salt));
            let side = holding.map(|holding| Side::new(holding, time));
            if let Some(side) = &side {
                let root = side.root();
                if root.count > KEYS_MAX {
                    return Err(SyncError::TooLarge);
                }
                let part = first_part(side, (*theirs, root), key, &mut room);
                scopes.push(Shared { scope: i, root, part });
            }
            sides.push(side);
        }
        if scopes.is_empty() {
            return Err(SyncError::NothingShared);
        }
        let intake = intake.usable();
        let serving = Self {
            asked: vec![0; sides.len()],
            wanted: vec![0; sides.len()],
            scopes: hello.scopes.into_iter().map(|(scope, _)| scope).collect(),
            sides,
            key,
            incoming: Incoming::new(intake),
            outgoing: Outgoing::new(hello.intake.window, u64::MAX),
            queue: Queue::default(),
            stats: Stats::default(),
        };
        let revision = hello.revision.min(REVISION);
        Ok((serving, HelloAck { revision, nonce, time, intake, scopes }))
    }

    fn handle(
        &mut self,
        frame: Frame,
        source: &mut impl Source,
        out: &mut Vec<Output>,
    ) -> Result<Option<Stats>, SyncError> {
        match frame {
            Frame::Ask { scope, spans } => {
                let parts = self.answer(scope, &spans)?;
                out.push(Output::Send(Frame::Answer { parts }));
            }
            Frame::Want { scope, spans } => self.want(scope, &spans)?,
            Frame::Data { scope, records, gone: 0, sequence } => {
                let shared = self.sides.get(scope).is_some_and(Option::is_some);
                let scope = self.scopes.get(scope).filter(|_| shared).cloned();
                let scope = scope.ok_or(SyncError::Unexpected)?;
                self.incoming.receive(sequence.len())?;
                if self.incoming.is_over() || records == 0 || sequence.is_empty() {
                    return Err(SyncError::Flood);
                }
                if !has_as_many(&sequence, records) {
                    return Err(SyncError::Unexpected);
                }
                self.stats.received += records;
                out.push(Output::Deliver(scope, sequence));
            }
            Frame::Credit { bytes } => self.outgoing.grant(bytes),
            Frame::Done => {
                self.stats.more = !self.queue.is_empty();
                return Ok(Some(self.stats));
            }
            _ => return Err(SyncError::Unexpected),
        }
        while let Some(frame) = self.outgoing.next(&mut self.queue, &self.sides, source) {
            if let Frame::Data { records, gone, .. } = &frame {
                self.stats.sent += records;
                self.stats.gone += gone;
            }
            out.push(Output::Send(frame));
        }
        Ok(None)
    }

    fn answer(&mut self, scope: usize, spans: &[Span]) -> Result<Vec<Part>, SyncError> {
        let side = side(&self.sides, scope, spans)?;
        let keys = total(spans, |span| span.len);
        let bytes = total(spans, |span| span.answer_bytes_max(side.len()));
        self.asked[scope] = self.asked[scope].saturating_add(keys);
        if bytes > ANSWER_BYTES_MAX || self.asked[scope] > side.len() * ASKED_PER_KEY_MAX {
            return Err(SyncError::Greedy);
        }
        Ok(spans.iter().map(|span| side.part(*span, self.key)).collect())
    }

    fn want(&mut self, scope: usize, spans: &[Span]) -> Result<(), SyncError> {
        let side = side(&self.sides, scope, spans)?;
        let keys = total(spans, |span| span.len);
        self.wanted[scope] = self.wanted[scope].saturating_add(keys);
        if keys > WANTED_MAX - self.queue.keys() || self.wanted[scope] > side.len() {
            return Err(SyncError::Greedy);
        }
        spans.iter().for_each(|span| self.queue.push(scope, *span));
        Ok(())
    }
}

/// Returns the side of a scope, if the spans lie within it.
fn side<'a>(
    sides: &'a [Option<Side>],
    scope: usize,
    spans: &[Span],
) -> Result<&'a Side, SyncError> {
    let side = sides.get(scope).and_then(Option::as_ref).ok_or(SyncError::Unexpected)?;
    let within = spans.iter().all(|span| span.end() <= side.len());
    if within { Ok(side) } else { Err(SyncError::Outside) }
}

/// Answers to the whole range at once, where that saves an exchange and there is room.
fn first_part(side: &Side, (theirs, ours): (Root, Root), key: ShortKey, room: &mut usize) -> Part {
    let bytes = side.all().answer_bytes_max(side.len());
    if theirs == ours || theirs.count == 0 || ours.count == 0 || bytes > *room {
        return Part::Nothing;
    }
    *room -= bytes;
    side.part(side.all(), key)
}

const _: () = assert!(ANSWER_BYTES_MAX + 16 * 1024 < FRAME_BYTES_MAX, "an answer fits a frame");
