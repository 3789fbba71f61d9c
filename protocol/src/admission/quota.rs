//! How much each network and each peer may bring: token buckets.
//!
//! **Invariant:** a bucket never holds more than its burst, whatever the clock does; the table of
//! buckets has a fixed size, and what leaves it is a bucket that was nearest to full.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bill::{Bill, Payer};
use super::shares::Shares;
use crate::time::Timestamp;

/// So much in so long a time; as much may come at once after as long a rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// How much.
    pub amount: u64,
    /// In how many seconds.
    pub seconds: u64,
}

impl Rate {
    /// Makes a rate; at least one in at least a second.
    pub fn new(amount: u64, every: Duration) -> Self {
        Self { amount: amount.max(1), seconds: every.as_secs().max(1) }
    }

    /// Returns a rate of which this one is so many times as much.
    pub(super) fn part(self, parts: u64) -> Self {
        Self { amount: (self.amount / parts).max(1), ..self }
    }

    /// Returns the time in which all of it flows in.
    pub(super) fn time(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Returns the time in which so many thousandths flow in.
    pub(super) fn time_of(self, thousandths: u64) -> Duration {
        let millis = (u128::from(thousandths) * u128::from(self.seconds))
            .div_ceil(u128::from(self.amount.max(1)));
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    /// Returns how much flows in during this time, in thousandths.
    pub(super) fn inflow(self, time: Duration) -> u64 {
        let millis = time.as_millis().min(u128::from(self.seconds) * 1000);
        let thousandths = u128::from(self.amount) * millis / u128::from(self.seconds);
        u64::try_from(thousandths).unwrap_or(u64::MAX)
    }

    fn burst(self) -> u64 {
        self.amount.saturating_mul(1000)
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    rate: Rate,
    /// In thousandths.
    level: u64,
    at: Timestamp,
}

impl Bucket {
    /// Makes a full bucket.
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self { rate, level: rate.burst(), at: now }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Returns how much is in it, in thousandths.
    pub(super) fn level(&self, now: Timestamp) -> u64 {
        let inflow = self.rate.inflow(now.since(self.at));
        self.level.saturating_add(inflow).min(self.rate.burst())
    }

    /// Says whether there is so much in it.
    pub fn has(&self, now: Timestamp, amount: u64) -> bool {
        self.level(now) >= amount.saturating_mul(1000)
    }

    /// Takes so much out, or nothing when there is less; says which.
    pub fn take(&mut self, now: Timestamp, amount: u64) -> bool {
        let has = self.has(now, amount);
        if has {
            self.level = self.level(now) - amount * 1000;
            self.at = self.at.max(now);
        }
        has
    }

    /// Takes so much out, or all when there is less.
    pub fn drain(&mut self, now: Timestamp, amount: u64) {
        self.level = self.level(now).saturating_sub(amount.saturating_mul(1000));
        self.at = self.at.max(now);
    }

    /// Returns when there will be so much in it, [`Timestamp::NEVER`] when it never holds that much.
    pub fn ready(&self, now: Timestamp, amount: u64) -> Timestamp {
        let wanted = amount.saturating_mul(1000);
        if wanted > self.rate.burst() {
            return Timestamp::NEVER;
        }
        now + self.rate.time_of(wanted.saturating_sub(self.level(now)))
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// New records.
    Records,
    /// Bytes of new records.
    Bytes,
    /// Milliseconds of reconciliation.
    SyncTime,
    /// Stubs: records of which nothing but the name is kept.
    Stubs,
}

/// What is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Of what.
    pub resource: Resource,
    /// How much.
    pub amount: u64,
}

/// How much anybody may bring in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuotaBounds {
    /// Records of one recognised network.
    pub records: u64,
    /// Bytes of one recognised network.
    pub bytes: u64,
    /// Records of all newcomers together, and once more of those who answer.
    pub newcomer_records: u64,
    /// Bytes of all newcomers together, and once more of those who answer.
    pub newcomer_bytes: u64,
    /// Milliseconds of reconciliation for one peer.
    pub sync_millis: u64,
    /// Stubs for one network or one peer.
    pub stubs: u64,
}

impl Default for QuotaBounds {
    /// A recognised network may bring 20 000 records or 64 MiB an hour: an alliance of a thousand
    /// members that all write on one day, recognised through one neighbour. Newcomers together
    /// bring 600 records or 2 MiB, so that a flood of them costs an hour's worth of a few seconds
    /// and a person can still read their list. A peer may keep us reconciling for twenty minutes of
    /// an hour; 20 000 stubs are 1 MiB of names.
    fn default() -> Self {
        Self {
            records: 20_000,
            bytes: 64 << 20,
            newcomer_records: 600,
            newcomer_bytes: 2 << 20,
            sync_millis: 1_200_000,
            stubs: 20_000,
        }
    }
}

/// How many buckets there are at once, 64 bytes each: more than the networks that bring something
/// in an hour of a large movement. Twice as many cost half a megabyte.
const BUCKETS_MAX: usize = 8192;

/// Of what one network may bring, the share that one peer may under keys that do not speak for their
/// networks as far as is known here: 4 000 records by default, about as many as can wait to be judged.
/// Honest peers send what names a key first, and use little of it.
const UNNAMED_SHARE: u64 = 5;

/// An hour, the time of all bounds.
const HOUR: Duration = Duration::from_secs(3600);

/// The buckets of all that bring something.
#[derive(Debug)]
pub struct Quotas {
    bounds: QuotaBounds,
    buckets: BTreeMap<(Payer, Resource), Bucket>,
    shares: Shares,
}

impl Quotas {
    /// Makes the buckets of a node.
    pub fn new(bounds: QuotaBounds) -> Self {
        Self { bounds, buckets: BTreeMap::new(), shares: Shares::default() }
    }

    fn bucket(&self, payer: Payer, resource: Resource, now: Timestamp) -> Bucket {
        let fresh = || Bucket::full(self.rate(payer, resource), now);
        self.buckets.get(&(payer, resource)).copied().unwrap_or_else(fresh)
    }

    fn rate(&self, payer: Payer, resource: Resource) -> Rate {
        let bounds = &self.bounds;
        let amount = match (resource, payer) {
            (Resource::Records, Payer::Newcomers | Payer::Answers) => bounds.newcomer_records,
            (Resource::Bytes, Payer::Newcomers | Payer::Answers) => bounds.newcomer_bytes,
            (Resource::Records, Payer::Peer(_)) => bounds.records / UNNAMED_SHARE,
            (Resource::Bytes, Payer::Peer(_)) => bounds.bytes / UNNAMED_SHARE,
            (Resource::Records, _) => bounds.records,
            (Resource::Bytes, _) => bounds.bytes,
            (Resource::SyncTime, _) => bounds.sync_millis,
            (Resource::Stubs, _) => bounds.stubs,
        };
        Rate::new(amount, HOUR)
    }

    /// Says which of these charges cannot be paid by this bill now, and when it can; none when all can
    /// be paid.
    pub fn short(
        &self,
        bill: &Bill,
        charges: &[Charge],
        now: Timestamp,
    ) -> Option<(Resource, Timestamp)> {
        charges.iter().find_map(|charge| {
            let Charge { resource, amount } = *charge;
            let bucket = self.bucket(bill.payer, resource, now);
            if !bucket.has(now, amount) {
                return Some((resource, bucket.ready(now, amount)));
            }
            let asked = (resource, &bucket, amount.saturating_mul(1000));
            self.shares.short(bill, asked, now).map(|ready| (resource, ready))
        })
    }

    /// Takes all of these charges by the first of the bills that can pay them, or none; says which was
    /// short when none were taken.
    ///
    /// # Errors
    /// The resource of which there is too little, and when there will be enough: the earliest of all.
    pub fn pay(
        &mut self,
        bills: &[Bill],
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<(), (Resource, Timestamp)> {
        match self.find(bills, charges, now) {
            Ok(bill) => {
                charges.iter().for_each(|charge| self.spend(bill, *charge, now));
                Ok(())
            }
            Err(short) => {
                bills.iter().for_each(|bill| self.shares.refuse(bill, now));
                Err(short)
            }
        }
    }

    /// Returns the first of the bills by which these charges can be paid.
    ///
    /// # Errors
    /// The resource of which there is too little, and when there will be enough: the earliest of all.
    pub fn find<'a>(
        &self,
        bills: &'a [Bill],
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<&'a Bill, (Resource, Timestamp)> {
        let mut soonest = (Resource::Records, Timestamp::NEVER);
        for bill in bills {
            match self.short(bill, charges, now) {
                None => return Ok(bill),
                Some(short) if short.1 < soonest.1 => soonest = short,
                Some(_) => {}
            }
        }
        Err(soonest)
    }

    /// Takes what has been used already, or all that is there when it was more.
    pub fn spend(&mut self, bill: &Bill, charge: Charge, now: Timestamp) {
        let Charge { resource, amount } = charge;
        let mut bucket = self.bucket(bill.payer, resource, now);
        bucket.drain(now, amount);
        self.make_room(now);
        self.buckets.insert((bill.payer, resource), bucket);
        self.shares.take(bill, (resource, &bucket, amount.saturating_mul(1000)), now);
    }

    /// Lets buckets go that are full again, and if none is, the fullest: it is worth least.
    fn make_room(&mut self, now: Timestamp) {
        if self.buckets.len() < BUCKETS_MAX {
            return;
        }
        self.buckets.retain(|_, bucket| bucket.level(now) < bucket.rate.burst());
        let share = |bucket: &Bucket| {
            u128::from(bucket.level(now)) * 1000 / u128::from(bucket.rate.burst())
        };
        while self.buckets.len() >= BUCKETS_MAX {
            let fullest = self.buckets.iter().max_by_key(|(_, bucket)| share(bucket));
            let Some(payer) = fullest.map(|(payer, _)| *payer) else { return };
            self.buckets.remove(&payer);
        }
    }
}
