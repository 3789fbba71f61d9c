//! How much is stored, of whom.
//!
//! Beside what may be brought in an hour stands what may be here at once. What is beyond is kept by name
//! only, in this order: who has most here is refused first. For of the room that is left nobody takes more
//! than leaves as much to the others as it has itself: one alone stops at half of all, of two each at a
//! third. So there is room for whoever has little, and nothing that is stored is ever put out for others.
//!
//! **Invariant:** what lives on this node, and what it says itself, is never refused for want of room.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::admit::is_support;
use super::bill::Payer;
use super::recognition::Recognition;
use crate::id::NetId;
use crate::ledger::Held;
use crate::record::Record;

/// How much more support is stored than anything else, in parts of the bound: what takes something back is
/// to be heard where there is no room for more of what it takes back.
const SUPPORT_SHARE: u64 = 8;

/// How much may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StockBounds {
    /// Records of all together.
    pub records: u64,
    /// Bytes of all records together.
    pub bytes: u64,
    /// Records of one payer: a network, all behind one, or all newcomers.
    pub payer_records: u64,
    /// Bytes of one payer's records.
    pub payer_bytes: u64,
}

impl Default for StockBounds {
    /// For a node that has 512 MiB of memory: a record takes some 430 bytes of it, and the program 80 MiB.
    /// On the disk 900 000 records of usual size are half a gibibyte; sixteen times as much is for those
    /// who write at length. One payer has ten hours of what it may bring.
    fn default() -> Self {
        Self { records: 900_000, bytes: 8 << 30, payer_records: 200_000, payer_bytes: 1 << 30 }
    }
}

/// How full somebody's room is, as the operator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockView {
    /// Whose: none for all newcomers together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetId>,
    /// Whether it is what is behind that network, and not its own.
    pub behind: bool,
    /// What is here.
    pub held: Held,
    /// How much there may be of it at the most.
    pub most: Held,
    /// Whether no more of it is stored now.
    pub full: bool,
}

/// How full a store is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fullness {
    /// What is stored of all together.
    pub held: Held,
    /// How much there may be.
    pub most: Held,
    /// Whose room is fullest, the first first; to guests of the door nobody's.
    pub fullest: Vec<StockView>,
}

/// What is stored of everybody.
#[derive(Debug)]
pub struct Stock {
    bounds: StockBounds,
    all: Held,
    payers: BTreeMap<Payer, Held>,
    /// The networks that live here.
    homes: BTreeSet<NetId>,
}

impl Held {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
    }

    fn fits(self, into: Self) -> bool {
        self.records <= into.records && self.bytes <= into.bytes
    }
}

/// Says as part of whose room a network's records are stored.
fn payer(net: &NetId, recognition: &Recognition) -> Payer {
    let bills = recognition.bills(net);
    bills.first().map_or(Payer::Newcomers, |bill| bill.payer)
}

impl Stock {
    /// Makes the stock of a node on which nothing is stored.
    pub fn new(bounds: StockBounds) -> Self {
        let (payers, homes) = (BTreeMap::new(), BTreeSet::new());
        Self { bounds, all: Held::default(), payers, homes }
    }

    /// Counts anew: what is stored of each network, and which live here.
    pub fn count(
        &mut self,
        held: impl Iterator<Item = (NetId, Held)>,
        homes: BTreeSet<NetId>,
        recognition: &Recognition,
    ) {
        (self.all, self.homes) = (Held::default(), homes);
        self.payers.clear();
        for (net, held) in held {
            self.add(&net, held, recognition);
        }
    }

    fn add(&mut self, net: &NetId, held: Held, recognition: &Recognition) {
        self.all.add(held);
        if !self.homes.contains(net) {
            self.payers.entry(payer(net, recognition)).or_default().add(held);
        }
    }

    /// Notes that a record was let in.
    pub fn take(&mut self, record: &Record, recognition: &Recognition) {
        let held = Held { records: 1, bytes: record.bytes().len() as u64 };
        self.add(&record.net(), held, recognition);
    }

    /// Returns how much one payer may have while others have what they have.
    fn most(&self, held: Held) -> Held {
        let StockBounds { records, bytes, payer_records, payer_bytes } = self.bounds;
        // As much as it has is to be left, whatever it has.
        let left = |all: u64, used: u64, own: u64| all.saturating_sub(used.saturating_sub(own)) / 2;
        Held {
            records: payer_records.min(left(records, self.all.records, held.records)),
            bytes: payer_bytes.min(left(bytes, self.all.bytes, held.bytes)),
        }
    }

    /// Says whether there is no room for a record.
    pub fn is_full(&self, record: &Record, recognition: &Recognition) -> bool {
        if self.homes.contains(&record.net()) {
            return false;
        }
        let held = self.held(payer(&record.net(), recognition));
        let mut most = self.most(held);
        if is_support(&record.header().kind) {
            most.records += most.records / SUPPORT_SHARE;
            most.bytes += most.bytes / SUPPORT_SHARE;
        }
        let mut after = held;
        after.add(Held { records: 1, bytes: record.bytes().len() as u64 });
        !after.fits(most)
    }

    fn held(&self, payer: Payer) -> Held {
        self.payers.get(&payer).copied().unwrap_or_default()
    }

    /// Returns how full it is, and the room of so many of those whose is fullest.
    pub fn fullness(&self, count: usize) -> Fullness {
        let most = Held { records: self.bounds.records, bytes: self.bounds.bytes };
        Fullness { held: self.all, most, fullest: self.fullest(count) }
    }

    fn fullest(&self, count: usize) -> Vec<StockView> {
        let view = |(payer, held): (&Payer, &Held)| {
            let (net, behind) = match payer {
                Payer::Network(net) => (Some(*net), false),
                Payer::Behind(net) => (Some(*net), true),
                Payer::Newcomers | Payer::Answers | Payer::Peer(_) => (None, false),
            };
            let most = self.most(*held);
            let one_more = Held { records: held.records + 1, bytes: held.bytes + 1 };
            StockView { net, behind, held: *held, most, full: !one_more.fits(most) }
        };
        let mut views: Vec<StockView> = self.payers.iter().map(view).collect();
        views.sort_by_key(|view| std::cmp::Reverse((view.full, view.held.records, view.net)));
        views.truncate(count);
        views
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tests::world::{START, Signer, call, found, keys};

    fn net(n: u8) -> NetId {
        NetId([n; 32])
    }

    fn bounds(records: u64, payer_records: u64) -> StockBounds {
        StockBounds { records, payer_records, ..StockBounds::default() }
    }

    /// Lets these networks bring a record each in turn, so often; returns how much of each is stored.
    fn bring(
        stock: &mut Stock,
        recognition: &Recognition,
        nets: &[Signer],
        times: usize,
    ) -> Vec<u64> {
        for _ in 0..times {
            for signer in nets {
                let record = signer.sign(call("beds", &[1]), START, 30);
                if !stock.is_full(&record, recognition) {
                    stock.take(&record, recognition);
                }
            }
        }
        let held = |signer: &Signer| stock.held(payer(&signer.net, recognition)).records;
        nets.iter().map(held).collect()
    }

    fn signers(count: u16) -> Vec<Signer> {
        let signer = |n| Signer { net: found(keys(n, n + 100, &[]), n).net(), seed: n, role: None };
        (1..=count).map(signer).collect()
    }

    #[test]
    fn h2_who_has_most_is_refused_first_and_something_is_left_for_whoever_has_little() {
        let all = signers(4);
        let ties: Vec<_> = all.iter().map(|signer| (net(0), signer.net)).collect();
        let recognition = Recognition::new(&[net(0)].into(), ties, 3);
        let mut stock = Stock::new(bounds(1000, 1000));
        assert_eq!(bring(&mut stock, &recognition, &all[..1], 2000), [500], "half of all");
        assert!(stock.fullest(1)[0].full);
        let held = bring(&mut stock, &recognition, &all[..2], 2000);
        assert_eq!(held, [500, 250], "nothing that is stored is put out");
        assert_eq!(bring(&mut stock, &recognition, &all[2..], 20), [20, 20]);
        assert!(stock.all.records < 1000);
        let mut stock = Stock::new(bounds(1000, 60));
        assert_eq!(bring(&mut stock, &recognition, &all[..1], 2000), [60], "of one payer");
    }

    #[test]
    fn h2_those_behind_one_share_its_room_and_what_lives_here_has_all() {
        let all = signers(3);
        let ties = [(net(0), all[0].net), (all[0].net, all[1].net), (all[0].net, all[2].net)];
        let recognition = Recognition::new(&[net(0)].into(), ties, 3);
        let mut stock = Stock::new(bounds(1000, 100));
        assert_eq!(bring(&mut stock, &recognition, &all[1..], 200), [100, 100], "both together");
        assert_eq!(bring(&mut stock, &recognition, &all[..1], 200), [100], "and it has its own");
        stock.count(std::iter::empty(), [all[0].net].into(), &recognition);
        let record = all[0].sign(call("beds", &[1]), START, 30);
        (0..2000).for_each(|_| stock.take(&record, &recognition));
        assert!(!stock.is_full(&record, &recognition), "what lives here is never refused");
        let end = found(keys(1, 101, &[]), 1);
        assert!(!stock.is_full(&end, &recognition));
    }
}
