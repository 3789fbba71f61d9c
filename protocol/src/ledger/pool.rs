//! What cannot be stored yet: records whose key nobody has named so far, and records from the
//! future.
//!
//! **Invariant:** the pool never holds more than its bounds; the oldest goes first. Leaving the pool
//! is not refusal: what a set has and is not here is found by reconciling.

use std::collections::{BTreeMap, BTreeSet};

use super::{PoolBounds, Waiting};
use crate::id::{NetId, RecordId, ThingId};
use crate::record::Record;
use crate::time::Timestamp;

/// Records that wait.
#[derive(Debug)]
pub(super) struct Pool {
    bounds: PoolBounds,
    waiting: BTreeMap<u64, (Record, Waiting)>,
    places: BTreeMap<RecordId, u64>,
    by_net: BTreeSet<(NetId, u64)>,
    due: BTreeSet<(Timestamp, u64)>,
    ends: BTreeSet<(Timestamp, u64)>,
    bytes: usize,
    next: u64,
}

impl Pool {
    pub(super) fn new(bounds: PoolBounds) -> Self {
        Self {
            bounds,
            waiting: BTreeMap::new(),
            places: BTreeMap::new(),
            by_net: BTreeSet::new(),
            due: BTreeSet::new(),
            ends: BTreeSet::new(),
            bytes: 0,
            next: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Counts those that wait for their date.
    pub(super) fn early(&self) -> usize {
        self.due.len()
    }

    /// Returns what a record waits for, if it is here.
    pub(super) fn waits(&self, id: &RecordId) -> Option<Waiting> {
        let place = self.places.get(id)?;
        self.waiting.get(place).map(|(_, waiting)| *waiting)
    }

    /// Returns the last version to come of a thing of which a version waits.
    pub(super) fn version(&self, thing: ThingId) -> Option<RecordId> {
        let mut last = self.waiting.values().rev().map(|(record, _)| record);
        last.find(|record| record.thing() == thing).map(Record::id)
    }

    /// Says whether anything of a network waits.
    pub(super) fn has(&self, net: NetId) -> bool {
        self.by_net.range((net, 0)..=(net, u64::MAX)).next().is_some()
    }

    /// Says whether this holds for any record of a network that waits.
    pub(super) fn any(&self, net: NetId, fits: impl Fn(&Record) -> bool) -> bool {
        let mut of_net = self.by_net.range((net, 0)..=(net, u64::MAX)).map(|(_, place)| place);
        of_net.any(|place| self.waiting.get(place).is_some_and(|(record, _)| fits(record)))
    }

    /// Lets a record wait, and the oldest go when there is no room.
    pub(super) fn add(&mut self, record: Record, waiting: Waiting) {
        let place = self.next;
        self.next += 1;
        self.bytes += record.bytes().len();
        self.places.insert(record.id(), place);
        self.by_net.insert((record.net(), place));
        self.ends.insert((record.header().until, place));
        if let Waiting::Due(at) = waiting {
            self.due.insert((at, place));
        }
        self.waiting.insert(place, (record, waiting));
        while self.waiting.len() > self.bounds.records || self.bytes > self.bounds.bytes {
            let Some((&oldest, _)) = self.waiting.first_key_value() else { break };
            self.take(oldest);
        }
    }

    /// Takes the records of a network for which this holds, oldest first.
    pub(super) fn take_if(&mut self, net: NetId, fits: impl Fn(&Record) -> bool) -> Vec<Record> {
        let of_net = self.by_net.range((net, 0)..=(net, u64::MAX)).map(|(_, place)| *place);
        let fits = |place: &u64| self.waiting.get(place).is_some_and(|(record, _)| fits(record));
        let places: Vec<u64> = of_net.filter(fits).collect();
        places.into_iter().filter_map(|place| self.take(place)).collect()
    }

    /// Takes the records whose date has come, and drops those whose time is over.
    pub(super) fn advance(&mut self, now: Timestamp) -> Vec<Record> {
        while let Some(&(until, place)) = self.ends.first() {
            if until > now {
                break;
            }
            self.take(place);
        }
        let mut due = Vec::new();
        while let Some(&(at, place)) = self.due.first() {
            if at > now {
                break;
            }
            due.extend(self.take(place));
        }
        due
    }

    /// Returns when [`Pool::advance`] has something to do.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let ends = self.ends.first().map(|(until, _)| *until);
        self.due.first().map(|(at, _)| *at).into_iter().chain(ends).min()
    }

    fn take(&mut self, place: u64) -> Option<Record> {
        let (record, waiting) = self.waiting.remove(&place)?;
        self.bytes -= record.bytes().len();
        self.places.remove(&record.id());
        self.by_net.remove(&(record.net(), place));
        self.ends.remove(&(record.header().until, place));
        if let Waiting::Due(at) = waiting {
            self.due.remove(&(at, place));
        }
        Some(record)
    }
}
