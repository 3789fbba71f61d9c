//! One scope as one side brings it to a session: the part of its set that is alive at the agreed
//! time.
//!
//! **Invariant:** ranks count from the first key that ends after the session's time, so what one
//! side has pruned already and the other has not is no part of the conversation.

use std::sync::Arc;

use super::fingerprint::{Fingerprint, Salt};
use super::frame::Root;
use super::part::Part;
use super::set::{Key, Snapshot};
use super::short::{ShortId, ShortKey};
use super::span::{LIST_KEYS_MAX, Span};
use crate::id::RecordId;

/// What a node brings to a session about one scope.
#[derive(Debug, Clone, Default)]
pub struct Holding {
    /// What is reconciled: current records and stubs.
    pub set: Arc<Snapshot>,
    /// Keys that are known but unwelcome for now, and for which there is no stub: they do not
    /// count, and are neither asked for nor to be sent. The caller forgets them after an hour.
    pub declined: Arc<Snapshot>,
}

impl Holding {
    /// Returns the same, with the fingerprints that it has under a salt.
    pub(super) fn salted(self, salt: Option<Salt>) -> Self {
        let Some(salt) = salt else { return self };
        Self { set: Arc::new(self.set.salted(salt)), ..self }
    }
}

/// A [`Holding`] at the session's time.
#[derive(Debug)]
pub(super) struct Side {
    holding: Holding,
    first: Key,
    skipped: usize,
}

impl Side {
    /// Cuts off what has ended at this second.
    pub(super) fn new(holding: Holding, time: u64) -> Self {
        let first = Key::starting(time.saturating_add(1));
        let skipped = holding.set.rank(&first);
        Self { holding, first, skipped }
    }

    pub(super) fn len(&self) -> usize {
        self.holding.set.len() - self.skipped
    }

    /// Returns the whole of it.
    pub(super) fn all(&self) -> Span {
        Span { start: 0, len: self.len() }
    }

    pub(super) fn root(&self) -> Root {
        let set = &self.holding.set;
        Root { count: self.len(), fingerprint: set.fingerprint(self.skipped, set.len()) }
    }

    /// Returns where the range of the session begins.
    pub(super) fn first(&self) -> Key {
        self.first
    }

    pub(super) fn id(&self, rank: usize) -> Option<&RecordId> {
        self.holding.set.key(self.skipped + rank).map(|key| &key.id)
    }

    /// Returns how many of the keys come before this one.
    pub(super) fn rank(&self, key: &Key) -> usize {
        self.holding.set.rank(key).saturating_sub(self.skipped)
    }

    /// Returns the fingerprints of what lies between one of these ranks and the next.
    pub(super) fn fingerprints(&self, edges: &[usize]) -> Vec<Fingerprint> {
        self.holding.set.fingerprints(edges.iter().map(|rank| self.skipped + rank))
    }

    /// Returns the short ids of a span, in order.
    pub(super) fn shorts(&self, span: Span, key: ShortKey) -> impl Iterator<Item = ShortId> {
        let keys = self.holding.set.keys(self.skipped + span.start, self.skipped + span.end());
        keys.map(move |k| key.of(&k.id))
    }

    /// Returns the short ids of what is declined from this key on, to before that one.
    pub(super) fn declined(
        &self,
        (from, to): (Key, Option<Key>),
        key: ShortKey,
    ) -> impl Iterator<Item = ShortId> {
        let declined = &self.holding.declined;
        let end = to.map_or(declined.len(), |to| declined.rank(&to));
        declined.keys(declined.rank(&from), end).map(move |k| key.of(&k.id))
    }

    /// Says whether anything is declined in the range.
    pub(super) fn declines(&self, (from, to): (Key, Option<Key>)) -> bool {
        let declined = &self.holding.declined;
        let end = to.map_or(declined.len(), |to| declined.rank(&to));
        declined.rank(&from) < end
    }

    /// Answers how a span looks: lists it when it is short, else cuts it.
    pub(super) fn part(&self, span: Span, key: ShortKey) -> Part {
        let k = span.pieces(self.len());
        if k == 1 {
            let range = (self.start(span.start), self.end(span.end()));
            let known = self.declined(range, key).take(LIST_KEYS_MAX);
            return Part::List(self.shorts(span, key).chain(known).collect());
        }
        let mut edges: Vec<usize> = (0..k).map(|i| span.piece(i, k).start).collect();
        let starts = edges[1..].iter().map(|rank| self.start(*rank)).collect();
        edges.push(span.end());
        Part::Pieces { starts, fingerprints: self.fingerprints(&edges) }
    }

    /// Returns the shortest key that lies after the one before this rank, and not after its own.
    fn start(&self, rank: usize) -> Key {
        let set = &self.holding.set;
        let at = self.skipped + rank;
        let before = if rank == 0 { None } else { set.key(at - 1) };
        let (Some(before), Some(own)) = (before, set.key(at)) else { return self.first };
        if before.until < own.until {
            return Key::starting(own.until);
        }
        let same = before.id.0.iter().zip(&own.id.0).take_while(|(a, b)| a == b).count();
        let mut id = [0; 32];
        let digits = (same + 1).min(id.len());
        id[..digits].copy_from_slice(&own.id.0[..digits]);
        Key { until: own.until, id: RecordId(id) }
    }

    fn end(&self, rank: usize) -> Option<Key> {
        if rank < self.len() { Some(self.start(rank)) } else { None }
    }
}
