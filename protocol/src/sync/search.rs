//! The initiator's search for what differs: which ranges to ask about, and what the answers mean.
//!
//! **Invariant:** a range is asked about once, and its pieces are at most a quarter of it or are
//! listed, so the number of exchanges is logarithmic in the count that the responder itself has
//! declared. What is noted meanwhile is bounded by the asks in flight.

use std::collections::VecDeque;

use super::error::SyncError;
use super::fingerprint::Fingerprint;
use super::found::Found;
use super::frame::{Frame, Root};
use super::part::Part;
use super::set::Key;
use super::short::{ShortId, ShortKey};
use super::side::Side;
use super::span::{ANSWER_BYTES_MAX, LIST_KEYS_MAX, Span};

/// How many asks may be unanswered: enough to hide the way there and back, few enough that the
/// answers which a slow reader has to hold stay below 1 MiB.
const ASKS_MAX: usize = 4;

/// No more is asked while so many spans wait to be moved: it bounds what a liar can make us note.
const SPANS_WAITING_MAX: usize = 16 * 1024;

/// A range in which the sides differ.
#[derive(Debug)]
struct Difference {
    scope: usize,
    theirs: Span,
    mine: Span,
    range: (Key, Option<Key>),
    round: usize,
}

/// The ranges that differ, and what was found in those that are resolved.
#[derive(Debug)]
pub(super) struct Search {
    key: ShortKey,
    counts: Vec<usize>,
    open: Vec<Difference>,
    asked: VecDeque<Vec<Difference>>,
    rounds: usize,
    /// Ranks of the responder whose records are missing here.
    pub(super) wanted: Found,
    /// Ranks of this side whose records the responder lacks.
    pub(super) lacking: Found,
}

impl Search {
    /// Begins with so many scopes, after the greeting.
    pub(super) fn new(key: ShortKey, scopes: usize) -> Self {
        Self {
            key,
            counts: vec![0; scopes],
            open: Vec::new(),
            asked: VecDeque::new(),
            rounds: 1,
            wanted: Found::default(),
            lacking: Found::default(),
        }
    }

    /// Compares a whole scope with what the responder says of it.
    ///
    /// # Errors
    ///
    /// [`SyncError::Unexpected`] or [`SyncError::Outside`] when the part is no answer to it.
    pub(super) fn begin(
        &mut self,
        scope: usize,
        side: &Side,
        theirs: Root,
        part: Part,
    ) -> Result<(), SyncError> {
        if theirs == side.root() {
            return Ok(());
        }
        self.counts[scope] = theirs.count;
        let all = Difference {
            scope,
            theirs: Span { start: 0, len: theirs.count },
            mine: side.all(),
            range: (side.first(), None),
            round: 1,
        };
        if theirs.count == 0 {
            self.lacking.push(scope, all.mine);
            Ok(())
        } else if part == Part::Nothing {
            self.note(all, side);
            Ok(())
        } else {
            self.resolve(&all, part, side)
        }
    }

    /// Returns the next ask, if there is anything left to ask about and room for the answer.
    pub(super) fn ask(&mut self) -> Option<Frame> {
        let waiting = self.wanted.spans().max(self.lacking.spans());
        if self.asked.len() >= ASKS_MAX || waiting >= SPANS_WAITING_MAX {
            return None;
        }
        let scope = self.open.last()?.scope;
        let count = self.counts[scope];
        let mut left = ANSWER_BYTES_MAX;
        let mut batch = Vec::new();
        while let Some(next) = self
            .open
            .pop_if(|next| next.scope == scope && next.theirs.answer_bytes_max(count) <= left)
        {
            left -= next.theirs.answer_bytes_max(count);
            self.rounds = self.rounds.max(next.round + 1);
            batch.push(next);
        }
        let spans = batch.iter().map(|difference| difference.theirs).collect();
        self.asked.push_back(batch);
        Some(Frame::Ask { scope, spans })
    }

    /// Takes the answer to the oldest ask.
    ///
    /// # Errors
    ///
    /// [`SyncError::Unexpected`] or [`SyncError::Outside`] when it is none.
    pub(super) fn answer(
        &mut self,
        parts: Vec<Part>,
        sides: &[Option<Side>],
    ) -> Result<(), SyncError> {
        let batch = self.asked.pop_front().ok_or(SyncError::Unexpected)?;
        if batch.len() != parts.len() {
            return Err(SyncError::Unexpected);
        }
        for (mut difference, part) in batch.into_iter().zip(parts) {
            difference.round += 1;
            let side = sides[difference.scope].as_ref().ok_or(SyncError::Unexpected)?;
            self.resolve(&difference, part, side)?;
        }
        Ok(())
    }

    /// Says whether every difference is known.
    pub(super) fn is_over(&self) -> bool {
        self.open.is_empty() && self.asked.is_empty()
    }

    /// Returns how many exchanges it took, the greeting included.
    pub(super) fn rounds(&self) -> usize {
        self.rounds
    }

    fn resolve(&mut self, at: &Difference, part: Part, side: &Side) -> Result<(), SyncError> {
        let k = at.theirs.pieces(self.counts[at.scope]);
        match part {
            Part::List(ids) if k == 1 => self.compare(at, &ids, side),
            Part::Pieces { starts, fingerprints } if k > 1 && fingerprints.len() == k => {
                self.descend(at, &starts, &fingerprints, side)
            }
            Part::List(_) | Part::Pieces { .. } | Part::Nothing => Err(SyncError::Unexpected),
        }
    }

    /// Compares the pieces of a range with what is here, and notes those that differ.
    fn descend(
        &mut self,
        at: &Difference,
        starts: &[Key],
        theirs: &[Fingerprint],
        side: &Side,
    ) -> Result<(), SyncError> {
        let (from, to) = at.range;
        let after = starts.first().is_some_and(|first| *first > from);
        let before = starts.last().is_some_and(|last| to.is_none_or(|to| *last < to));
        if !after || !before {
            return Err(SyncError::Outside);
        }
        let inner = starts.iter().map(|start| side.rank(start));
        let edges: Vec<usize> =
            [at.mine.start].into_iter().chain(inner).chain([at.mine.end()]).collect();
        let mine = side.fingerprints(&edges);
        let start = |i: usize| i.checked_sub(1).map_or(from, |i| starts[i]);
        for (i, fingerprint) in mine.iter().enumerate() {
            let piece = Difference {
                scope: at.scope,
                theirs: at.theirs.piece(i, theirs.len()),
                mine: Span { start: edges[i], len: edges[i + 1] - edges[i] },
                range: (start(i), starts.get(i).copied().or(to)),
                round: at.round,
            };
            if piece.mine.len != piece.theirs.len || *fingerprint != theirs[i] {
                self.note(piece, side);
            }
        }
        Ok(())
    }

    /// Notes a range that differs: where nothing is here, all of it is wanted.
    fn note(&mut self, difference: Difference, side: &Side) {
        if difference.mine.len == 0 && !side.declines(difference.range) {
            self.wanted.push(difference.scope, difference.theirs);
        } else {
            self.open.push(difference);
        }
    }

    /// Compares a list of the responder's short ids with what is here.
    fn compare(&mut self, at: &Difference, ids: &[ShortId], side: &Side) -> Result<(), SyncError> {
        if !(at.theirs.len..=at.theirs.len + LIST_KEYS_MAX).contains(&ids.len()) {
            return Err(SyncError::Unexpected);
        }
        let mut listed: Vec<(ShortId, usize)> = ids.iter().copied().zip(0..).collect();
        listed.sort_unstable();
        let place = |short: &ShortId| listed.binary_search_by_key(short, |(id, _)| *id).ok();
        let mut here = vec![false; listed.len()];
        for (short, rank) in side.shorts(at.mine, self.key).zip(at.mine.start..) {
            match place(&short) {
                Some(found) => here[listed[found].1] = true,
                None => self.lacking.push(at.scope, Span { start: rank, len: 1 }),
            }
        }
        for found in side.declined(at.range, self.key).filter_map(|short| place(&short)) {
            here[listed[found].1] = true;
        }
        for (_, i) in here.iter().take(at.theirs.len).zip(0..).filter(|(here, _)| !**here) {
            self.wanted.push(at.scope, Span { start: at.theirs.start + i, len: 1 });
        }
        Ok(())
    }
}
