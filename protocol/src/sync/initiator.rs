//! The side that asks.
//!
//! **Invariant:** every rank of the responder is wanted at most once, so nothing that was refused
//! or is gone is asked for again within a session; and no record is taken that was not wanted.

use std::collections::BTreeMap;

use super::KEYS_MAX;
use super::error::SyncError;
use super::flow::{Incoming, Outgoing, Queue, has_as_many};
use super::found::PIECE_KEYS;
use super::frame::{Frame, Hello, HelloAck, Root, SCOPES_MAX};
use super::scope::Scope;
use super::search::Search;
use super::session::{
    CLOCKS_APART_MAX, Opening, Output, Progress, REVISION, Source, Stats, WANTED_MAX,
};
use super::short::ShortKey;
use super::side::{Holding, Side};

/// The side that asks.
#[derive(Debug)]
pub(super) struct Initiator {
    hello: Hello,
    incoming: Incoming,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The greeting is not answered yet.
    Greeting(Vec<Holding>),
    /// Searching and moving.
    Moving(Box<Moving>),
}

/// Everything after the greeting.
#[derive(Debug)]
struct Moving {
    sides: Vec<Option<Side>>,
    search: Search,
    outgoing: Outgoing,
    /// What the responder lacks and is sent next, in the order in which it is.
    sending: Queue,
    /// Keys that were wanted and have not come.
    due: usize,
    stats: Stats,
}

impl Initiator {
    /// Opens: returns the machine and its first frame.
    ///
    /// # Errors
    ///
    /// [`SyncError::TooLarge`] when a set or the number of scopes is beyond the limits.
    pub(super) fn open(opening: Opening) -> Result<(Self, Frame), SyncError> {
        let Opening { now, nonce, intake, holdings, salt } = opening;
        let holdings: BTreeMap<Scope, Holding> =
            holdings.into_iter().map(|(scope, holding)| (scope, holding.salted(salt))).collect();
        let (time, intake) = (now.as_secs(), intake.usable());
        let root = |(scope, holding): (&Scope, &Holding)| {
            (scope.clone(), Side::new(holding.clone(), time).root())
        };
        let scopes: Vec<(Scope, Root)> = holdings.iter().map(root).collect();
        if scopes.len() > SCOPES_MAX || scopes.iter().any(|(_, root)| root.count > KEYS_MAX) {
            return Err(SyncError::TooLarge);
        }
        let hello = Hello { revision: REVISION, nonce, time, intake, scopes, salt };
        let frame = Frame::Hello(hello.clone());
        let stage = Stage::Greeting(holdings.into_values().collect());
        Ok((Self { hello, incoming: Incoming::new(intake), stage }, frame))
    }

    /// Takes a frame; returns what the session did when that is the end of it.
    pub(super) fn handle(
        &mut self,
        frame: Frame,
        source: &mut impl Source,
        out: &mut Vec<Output>,
    ) -> Result<Option<Stats>, SyncError> {
        match (&mut self.stage, frame) {
            (Stage::Greeting(holdings), Frame::HelloAck(ack)) => {
                out.push(Output::Clock(self.hello.offset_of(ack.time)));
                let holdings = std::mem::take(holdings);
                self.stage = Stage::Moving(Box::new(Moving::new(&self.hello, holdings, ack)?));
            }
            (Stage::Moving(moving), Frame::Answer { parts }) => {
                moving.search.answer(parts, &moving.sides)?;
            }
            (Stage::Moving(moving), Frame::Data { scope, records, gone, sequence }) => {
                moving.due = moving.due.checked_sub(records + gone).ok_or(SyncError::Flood)?;
                self.incoming.receive(sequence.len())?;
                if !has_as_many(&sequence, records) {
                    return Err(SyncError::Unexpected);
                }
                moving.stats.received += records;
                moving.stats.gone += gone;
                if !sequence.is_empty() {
                    let (scope, _) = self.hello.scopes.get(scope).ok_or(SyncError::Unexpected)?;
                    out.push(Output::Deliver(scope.clone(), sequence));
                }
            }
            (Stage::Moving(moving), Frame::Credit { bytes }) => moving.outgoing.grant(bytes),
            _ => return Err(SyncError::Unexpected),
        }
        let Stage::Moving(moving) = &mut self.stage else { return Ok(None) };
        Ok(moving.proceed(self.incoming.is_full(), source, out))
    }

    pub(super) fn release(&mut self, bytes: usize) -> Option<Frame> {
        self.incoming.release(bytes)
    }

    pub(super) fn progress(&self) -> Progress {
        let Stage::Moving(moving) = &self.stage else { return Progress::default() };
        let Stats { received, sent, gone, .. } = moving.stats;
        let done = received + sent + gone;
        let waiting = moving.search.wanted.keys() + moving.search.lacking.keys();
        Progress { done, total: done + moving.due + waiting + moving.sending.keys() }
    }
}

impl Moving {
    /// Begins after the greeting.
    fn new(hello: &Hello, holdings: Vec<Holding>, ack: HelloAck) -> Result<Self, SyncError> {
        if ack.revision == 0 || ack.revision > hello.revision {
            return Err(SyncError::Revision(ack.revision));
        }
        let ahead = hello.offset_of(ack.time);
        if ahead.size() > CLOCKS_APART_MAX {
            return Err(SyncError::Clocks(ahead));
        }
        if ack.time < hello.time {
            return Err(SyncError::Unexpected);
        }
        if ack.scopes.is_empty() {
            return Err(SyncError::NothingShared);
        }
        let mut holdings: Vec<Option<Holding>> = holdings.into_iter().map(Some).collect();
        let mut sides: Vec<Option<Side>> = holdings.iter().map(|_| None).collect();
        let mut search = Search::new(ShortKey::new(hello.nonce, ack.nonce), sides.len());
        for shared in ack.scopes {
            let holding = holdings.get_mut(shared.scope).and_then(Option::take);
            let side = Side::new(holding.ok_or(SyncError::Unexpected)?, ack.time);
            search.begin(shared.scope, &side, shared.root, shared.part)?;
            sides[shared.scope] = Some(side);
        }
        let outgoing = Outgoing::new(ack.intake.window, ack.intake.total);
        let sending = Queue::default();
        Ok(Self { sides, search, outgoing, sending, due: 0, stats: Stats::default() })
    }

    /// Asks, wants and sends what it may; ends when nothing is left to do.
    fn proceed(
        &mut self,
        full: bool,
        source: &mut impl Source,
        out: &mut Vec<Output>,
    ) -> Option<Stats> {
        if !full {
            while let Some(ask) = self.search.ask() {
                out.push(Output::Send(ask));
            }
            while let Some((scope, spans)) = self.search.wanted.take(WANTED_MAX - self.due) {
                self.due += spans.iter().map(|span| span.len).sum::<usize>();
                out.push(Output::Send(Frame::Want { scope, spans }));
            }
            self.send(source, out);
        }
        let over = self.due == 0
            && self.search.is_over()
            && self.search.wanted.is_empty()
            && self.search.lacking.is_empty()
            && self.sending.is_empty();
        if !over && !full {
            return None;
        }
        out.push(Output::Send(Frame::Done));
        self.stats.rounds = self.search.rounds();
        self.stats.more |= !over;
        Some(self.stats)
    }

    /// Sends what the responder lacks, as far as its credit goes.
    fn send(&mut self, source: &mut impl Source, out: &mut Vec<Output>) {
        let lacking = &mut self.search.lacking;
        loop {
            while self.sending.keys() < PIECE_KEYS
                && let Some((scope, spans)) = lacking.take(PIECE_KEYS)
            {
                spans.iter().for_each(|span| self.sending.push(scope, *span));
            }
            let Some(frame) = self.outgoing.next(&mut self.sending, &self.sides, source) else {
                break;
            };
            let Frame::Data { scope, records, sequence, .. } = frame else { continue };
            self.stats.sent += records;
            if records > 0 {
                out.push(Output::Send(Frame::Data { scope, records, gone: 0, sequence }));
            }
        }
        if self.outgoing.is_exhausted() {
            lacking.clear();
            self.sending.clear();
            self.stats.more = true;
        }
    }
}
