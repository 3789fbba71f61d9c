//! Records under way: what waits to be sent, and what may still come.
//!
//! **Invariant:** records are sent only within the credit that the receiver gave, and credit is
//! given only for records that the receiver's caller has dealt with. So what is under way in one
//! direction never exceeds one window, both sides can always read, and neither can deadlock.

use std::collections::VecDeque;
use std::sync::Arc;

use super::error::SyncError;
use super::frame::{Frame, Intake};
use super::session::{Answer, Source};
use super::side::Side;
use super::span::Span;
use crate::record::{self, RECORD_BYTES_MAX};

/// A frame of records is sent when it is this long: some two hundred records, enough for a batch
/// of signatures. One more record may follow, so twice as long could exceed a frame.
const DATA_BYTES: usize = 128 * 1024;

/// The most bytes that are sent ahead, whatever credit a peer gives: it bounds what a driver has
/// to queue for a peer that does not read.
const WINDOW_MAX: u64 = 4 * 1024 * 1024;

/// The smallest window: one record must always fit beside what is not yet credited.
const WINDOW_MIN: u64 = 4 * RECORD_BYTES_MAX as u64;

/// Says whether a sequence has as many records as its frame says. One in which something is no record has
/// fewer that can be told apart.
pub(super) fn has_as_many(sequence: &[u8], records: usize) -> bool {
    let items = record::sequence(sequence);
    let (whole, broken) = items.fold((0, false), |(whole, broken), item| match item {
        Ok(_) => (whole + 1, broken),
        Err(_) => (whole, true),
    });
    if broken { whole < records } else { whole == records }
}

impl Intake {
    /// What an ordinary node receives: 2 MiB under way, some 50 ms of verification on two cores;
    /// 256 MiB a session, some 400 000 records, after which it may choose another peer.
    pub const ORDINARY: Self = Self { window: 2 * 1024 * 1024, total: 256 * 1024 * 1024 };

    /// Brings the window within what both sides can work with.
    pub(super) fn usable(self) -> Self {
        Self { window: self.window.clamp(WINDOW_MIN, WINDOW_MAX), ..self }
    }
}

/// Ranks of sides in the order in which they are to be moved.
#[derive(Debug, Default)]
pub(super) struct Queue {
    spans: VecDeque<(usize, Span)>,
    keys: usize,
}

impl Queue {
    /// Appends a span of a scope, to the last one if it continues it.
    pub(super) fn push(&mut self, scope: usize, span: Span) {
        if span.len == 0 {
            return;
        }
        self.keys += span.len;
        match self.spans.back_mut() {
            Some((last, before)) if *last == scope && before.end() == span.start => {
                before.len += span.len;
            }
            _ => self.spans.push_back((scope, span)),
        }
    }

    /// Returns the first rank.
    fn front(&self) -> Option<(usize, usize)> {
        self.spans.front().map(|(scope, span)| (*scope, span.start))
    }

    /// Drops the first rank.
    fn advance(&mut self) {
        if let Some((_, span)) = self.spans.front_mut() {
            span.start += 1;
            span.len -= 1;
            self.keys -= 1;
            if span.len == 0 {
                self.spans.pop_front();
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// Returns the number of keys.
    pub(super) fn keys(&self) -> usize {
        self.keys
    }
}

/// What may be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    credit: u64,
    allowance: u64,
    ready: Option<Arc<[u8]>>,
}

impl Outgoing {
    /// Begins with the first credit, and as many bytes as may be sent in all.
    pub(super) fn new(window: u64, allowance: u64) -> Self {
        let credit = window.min(WINDOW_MAX);
        Self { credit, allowance, ready: None }
    }

    /// Takes more credit from the peer.
    pub(super) fn grant(&mut self, bytes: u64) {
        self.credit = self.credit.saturating_add(bytes).min(WINDOW_MAX);
    }

    /// Says whether the next record is one that the receiver will not take in this session.
    pub(super) fn is_exhausted(&self) -> bool {
        self.ready.as_ref().is_some_and(|bytes| bytes.len() as u64 > self.allowance)
    }

    /// Returns the next frame of what is queued, if there is anything and the credit allows.
    pub(super) fn next(
        &mut self,
        queue: &mut Queue,
        sides: &[Option<Side>],
        source: &mut impl Source,
    ) -> Option<Frame> {
        let (mut sequence, mut records, mut gone) = (Vec::new(), 0, 0);
        let (of, _) = queue.front()?;
        while sequence.len() < DATA_BYTES
            && let Some((scope, rank)) = queue.front()
            && scope == of
        {
            let bytes = self.ready.take().or_else(|| {
                let id = sides.get(scope)?.as_ref()?.id(rank)?;
                match source.bytes(id) {
                    Answer::Bytes(bytes) => Some(bytes),
                    Answer::Gone | Answer::Missing => None,
                }
            });
            match bytes.filter(|bytes| (1..=RECORD_BYTES_MAX).contains(&bytes.len())) {
                Some(bytes) => {
                    let length = bytes.len() as u64;
                    if length > self.credit.min(self.allowance) {
                        self.ready = Some(bytes);
                        break;
                    }
                    self.credit -= length;
                    self.allowance -= length;
                    sequence.extend_from_slice(&bytes);
                    records += 1;
                }
                None => gone += 1,
            }
            queue.advance();
        }
        let empty = records + gone == 0;
        if empty { None } else { Some(Frame::Data { scope: of, records, gone, sequence }) }
    }
}

/// Records that may come.
#[derive(Debug)]
pub(super) struct Incoming {
    intake: Intake,
    granted: u64,
    held: u64,
    owed: u64,
    received: u64,
}

impl Incoming {
    pub(super) fn new(intake: Intake) -> Self {
        Self { intake, granted: intake.window, held: 0, owed: 0, received: 0 }
    }

    /// Takes so many bytes of records.
    ///
    /// # Errors
    ///
    /// [`SyncError::Flood`] when the peer has no credit for them.
    pub(super) fn receive(&mut self, bytes: usize) -> Result<(), SyncError> {
        let bytes = bytes as u64;
        self.granted = self.granted.checked_sub(bytes).ok_or(SyncError::Flood)?;
        self.held += bytes;
        self.received += bytes;
        Ok(())
    }

    /// Says whether the session has received all that it may.
    pub(super) fn is_full(&self) -> bool {
        self.received >= self.intake.total
    }

    /// Says whether the session has received more than the peer was told that it may send.
    pub(super) fn is_over(&self) -> bool {
        self.received > self.intake.total
    }

    /// Notes that delivered bytes were dealt with; returns credit for the peer when it is worth a
    /// frame: an eighth of the window.
    pub(super) fn release(&mut self, bytes: usize) -> Option<Frame> {
        let bytes = (bytes as u64).min(self.held);
        self.held -= bytes;
        self.owed += bytes;
        if self.owed == 0 || self.owed < self.intake.window / 8 {
            return None;
        }
        self.granted += self.owed;
        Some(Frame::Credit { bytes: std::mem::take(&mut self.owed) })
    }
}
