//! Networks that nobody vouches for yet, and the little that is kept of them.
//!
//! **Invariant:** the pool holds at most so many networks, and of each at most so many records and
//! bytes; the network that was heard of longest ago leaves first. Nothing here is in a region's
//! set, nothing is passed on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::admit::is_support;
use crate::id::{NetId, RecordId};
use crate::record::Record;
use crate::time::Timestamp;

/// How much is kept of newcomers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewcomerBounds {
    /// The most networks.
    pub networks: usize,
    /// The most records of one.
    pub records: usize,
    /// The most bytes of one.
    pub bytes: usize,
}

impl Default for NewcomerBounds {
    /// 256 networks are more than anybody will read through; 16 records are an identity, a profile,
    /// a tie that is offered and a few calls; 64 KiB of each make 16 MiB in all, at the very worst.
    fn default() -> Self {
        Self { networks: 256, records: 16, bytes: 64 << 10 }
    }
}

/// A newcomer, as an operator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewcomerView {
    /// Which network.
    pub net: NetId,
    /// When it was first heard of here.
    pub since: Timestamp,
    /// When it was last heard of here.
    pub last: Timestamp,
    /// How many records of it are kept.
    pub records: usize,
}

#[derive(Debug)]
struct Newcomer {
    since: Timestamp,
    place: u64,
    last: Timestamp,
    /// Support first, so that it is never let go for the sake of anything else.
    records: BTreeMap<(bool, RecordId), Record>,
    bytes: usize,
}

/// The pool.
#[derive(Debug)]
pub struct Newcomers {
    bounds: NewcomerBounds,
    networks: BTreeMap<NetId, Newcomer>,
    /// In the order in which they were last heard of.
    order: BTreeSet<(u64, NetId)>,
    next: u64,
}

impl Newcomers {
    /// Makes an empty pool.
    pub fn new(bounds: NewcomerBounds) -> Self {
        Self { bounds, networks: BTreeMap::new(), order: BTreeSet::new(), next: 0 }
    }

    /// Keeps a record of a newcomer, if there is room for it; says whether it is kept.
    pub fn add(&mut self, record: &Record, now: Timestamp) -> bool {
        let (net, size) = (record.net(), record.bytes().len());
        self.next += 1;
        let fresh =
            Newcomer { since: now, place: 0, last: now, records: BTreeMap::new(), bytes: 0 };
        let newcomer = self.networks.entry(net).or_insert(fresh);
        self.order.remove(&(newcomer.place, net));
        (newcomer.place, newcomer.last) = (self.next, now);
        self.order.insert((self.next, net));
        let key = (!is_support(&record.header().kind), record.id());
        let known = newcomer.records.contains_key(&key);
        let full = newcomer.records.len() >= self.bounds.records
            || newcomer.bytes + size > self.bounds.bytes;
        if !known && !full {
            newcomer.bytes += size;
            newcomer.records.insert(key, record.clone());
        }
        if self.networks.len() > self.bounds.networks
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.networks.remove(&oldest);
        }
        known || !full
    }

    /// Iterates over what is kept of a network, support first.
    pub fn records(&self, net: &NetId) -> impl Iterator<Item = &Record> {
        self.networks.get(net).into_iter().flat_map(|newcomer| newcomer.records.values())
    }

    /// Takes a network out, with what was kept of it, support first: it is recognised now, or
    /// refused.
    pub fn take(&mut self, net: &NetId) -> Vec<Record> {
        let Some(newcomer) = self.networks.remove(net) else { return Vec::new() };
        self.order.remove(&(newcomer.place, *net));
        newcomer.records.into_values().collect()
    }

    /// Returns a kept record of any network.
    pub fn find(&self, id: &RecordId) -> Option<&Record> {
        self.networks.values().find_map(|newcomer| {
            let records = &newcomer.records;
            records.get(&(false, *id)).or_else(|| records.get(&(true, *id)))
        })
    }

    /// Drops what has ended, and the networks of which nothing is left.
    pub fn advance(&mut self, now: Timestamp) {
        for newcomer in self.networks.values_mut() {
            newcomer.records.retain(|_, record| record.header().until > now);
            newcomer.bytes = newcomer.records.values().map(|record| record.bytes().len()).sum();
        }
        self.networks.retain(|_, newcomer| !newcomer.records.is_empty());
        let networks = &self.networks;
        self.order.retain(|(_, net)| networks.contains_key(net));
    }

    /// Lists the newcomers, the newest first.
    pub fn list(&self) -> impl Iterator<Item = NewcomerView> + '_ {
        self.order.iter().rev().filter_map(|(_, net)| {
            let newcomer = self.networks.get(net)?;
            Some(NewcomerView {
                net: *net,
                since: newcomer.since,
                last: newcomer.last,
                records: newcomer.records.len(),
            })
        })
    }

    /// Returns how many networks there are.
    pub fn len(&self) -> usize {
        self.networks.len()
    }

    /// Says whether there is none.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }
}
