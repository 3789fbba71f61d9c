//! Networks that nobody vouches for yet, and the little that is kept of them.
//!
//! **Invariant:** the pool holds at most so many networks, and of each at most so many records and
//! bytes. Of whoever brought most networks the one that was heard of longest ago leaves first: so a
//! node that brings hundreds takes no place from those that others brought. Nothing here is in a
//! region's set, nothing is passed on.
//!
//! **Invariant:** what others sign in a network's name takes at most two places from what it signs
//! itself, and those only while it has no profile and no offer, and what says least goes first (see
//! `worth`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::admit::is_support;
use super::worth::{face, least};
use crate::id::{NetId, NodeId, RecordId};
use crate::record::Claim;
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
    /// the ties that are offered and a few calls; 64 KiB of each make 16 MiB in all, at the very worst.
    fn default() -> Self {
        Self { networks: 256, records: 16, bytes: 64 << 10 }
    }
}

/// How full the pool is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewcomerRoom {
    /// The networks in it.
    pub taken: u64,
    /// The most that there may be.
    pub places: u64,
}

impl NewcomerRoom {
    /// Says whether one must leave before another comes.
    pub fn is_full(&self) -> bool {
        self.places > 0 && self.taken >= self.places
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
    /// Which node brought it first.
    from: Option<NodeId>,
    since: Timestamp,
    place: u64,
    last: Timestamp,
    /// Support first.
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
    /// By the names by which something that is stored may ask for a record: its network.
    names: BTreeSet<([u8; 32], RecordId, NetId)>,
    next: u64,
}

/// What has come of a newcomer just now.
struct Arrived<'a> {
    net: NetId,
    latest: RecordId,
    ours: &'a BTreeSet<NetId>,
}

fn key(record: &Record) -> (bool, RecordId) {
    (!is_support(&record.header().kind), record.id())
}

impl Newcomer {
    /// Lets go what is too much, what is worth least first. Returns it.
    fn shrink(&mut self, bounds: &NewcomerBounds, of: &Arrived<'_>) -> Vec<Record> {
        let mut gone = Vec::new();
        while self.records.len() > bounds.records || self.bytes > bounds.bytes {
            let least = least(of.net, self.records.values(), of.ours, of.latest).map(key);
            let Some(least) = least else { break };
            gone.extend(self.remove(&least));
        }
        gone
    }

    fn remove(&mut self, key: &(bool, RecordId)) -> Option<Record> {
        let record = self.records.remove(key)?;
        self.bytes -= record.bytes().len();
        Some(record)
    }
}

impl Newcomers {
    /// Makes an empty pool.
    pub fn new(bounds: NewcomerBounds) -> Self {
        let (networks, order, names) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { bounds, networks, order, names, next: 0 }
    }

    /// Keeps a record of a newcomer, if there is room for it, or something that is worth less to a node
    /// on which the networks `ours` live; says whether it is kept.
    pub fn add(
        &mut self,
        record: &Record,
        from: Option<NodeId>,
        ours: &BTreeSet<NetId>,
        now: Timestamp,
    ) -> bool {
        let (net, id) = (record.net(), record.id());
        self.next += 1;
        let records = BTreeMap::new();
        let fresh = Newcomer { from, since: now, place: 0, last: now, records, bytes: 0 };
        let newcomer = self.networks.entry(net).or_insert(fresh);
        self.order.remove(&(newcomer.place, net));
        (newcomer.place, newcomer.last) = (self.next, now);
        self.order.insert((self.next, net));
        let key = key(record);
        if newcomer.records.insert(key, record.clone()).is_none() {
            newcomer.bytes += record.bytes().len();
            let gone = newcomer.shrink(&self.bounds, &Arrived { net, latest: id, ours });
            self.names.extend(Claim::of(record).names().map(|name| (name, id, net)));
            let empty = newcomer.records.is_empty();
            self.forget(gone);
            if empty {
                self.take(&net);
            }
        }
        if self.networks.len() > self.bounds.networks
            && let Some(oldest) = self.oldest_of_most()
        {
            self.take(&oldest);
        }
        self.networks.get(&net).is_some_and(|newcomer| newcomer.records.contains_key(&key))
    }

    /// Returns the network that was heard of longest ago of those that one node brought, of the node
    /// that brought most.
    fn oldest_of_most(&self) -> Option<NetId> {
        let from = |net: &NetId| self.networks.get(net).and_then(|newcomer| newcomer.from);
        let mut counts: BTreeMap<Option<NodeId>, usize> = BTreeMap::new();
        for (_, net) in &self.order {
            *counts.entry(from(net)).or_default() += 1;
        }
        let most = counts.values().max()?;
        let oldest = self.order.iter().find(|(_, net)| counts.get(&from(net)) == Some(most));
        oldest.map(|(_, net)| *net)
    }

    /// Takes the names out of records that are kept no longer.
    fn forget(&mut self, gone: Vec<Record>) {
        for record in gone {
            for name in Claim::of(&record).names() {
                self.names.remove(&(name, record.id(), record.net()));
            }
        }
    }

    /// Returns the networks of which something is kept that may be asked for by this name.
    pub fn under(&self, name: [u8; 32]) -> BTreeSet<NetId> {
        let all = (name, RecordId([0; 32]), NetId([0; 32]))..;
        let named = self.names.range(all).take_while(|(other, ..)| *other == name);
        named.map(|(.., net)| *net).collect()
    }

    /// Lets a record go.
    pub fn remove(&mut self, net: &NetId, id: &RecordId) {
        let Some(newcomer) = self.networks.get_mut(net) else { return };
        let keys = [false, true].map(|other| (other, *id));
        let gone: Vec<Record> = keys.iter().filter_map(|key| newcomer.remove(key)).collect();
        if newcomer.records.is_empty() {
            self.take(net);
        }
        self.forget(gone);
    }

    /// Iterates over what is kept of a network, support first.
    pub fn records(&self, net: &NetId) -> impl Iterator<Item = &Record> {
        self.networks.get(net).into_iter().flat_map(|newcomer| newcomer.records.values())
    }

    /// Returns the profile by which a network is shown.
    pub fn profile(&self, net: &NetId) -> Option<&Record> {
        face(*net, self.networks.get(net)?.records.values())
    }

    /// Takes a network out, with what was kept of it, support first: it is recognised now, or
    /// refused.
    pub fn take(&mut self, net: &NetId) -> Vec<Record> {
        let Some(newcomer) = self.networks.remove(net) else { return Vec::new() };
        self.order.remove(&(newcomer.place, *net));
        let records: Vec<Record> = newcomer.records.into_values().collect();
        self.forget(records.clone());
        records
    }

    /// Returns a kept record of any network, or of the thing of this name the last version.
    pub fn find(&self, id: &RecordId) -> Option<&Record> {
        let of_all = || self.networks.values().map(|newcomer| &newcomer.records);
        let record = of_all()
            .find_map(|records| records.get(&(false, *id)).or_else(|| records.get(&(true, *id))));
        record.or_else(|| {
            let versions = of_all().flat_map(|records| records.values());
            let versions = versions.filter(|record| record.thing().0 == id.0);
            versions.max_by_key(|record| (record.rev(), std::cmp::Reverse(record.id())))
        })
    }

    /// Drops what has ended, and the networks of which nothing is left.
    pub fn advance(&mut self, now: Timestamp) {
        let records = self.networks.values().flat_map(|newcomer| newcomer.records.values());
        let over = records.filter(|record| record.header().until <= now);
        let over: Vec<_> = over.map(|record| (record.net(), record.id())).collect();
        for (net, id) in over {
            self.remove(&net, &id);
        }
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

    /// Returns how full it is.
    pub fn room(&self) -> NewcomerRoom {
        NewcomerRoom { taken: self.networks.len() as u64, places: self.bounds.networks as u64 }
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
