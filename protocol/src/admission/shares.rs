//! How those who use one payer's room share it.
//!
//! Nobody is given a fixed slice. As long as nobody else waits, anybody may take all but a tenth, which is
//! kept for those who have taken little; while others wait, nobody takes more than a tenth: of what is
//! left then, one for nine that stay. (So buffers of switches are shared: Choudhury and Hahne, "Dynamic
//! queue length thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking 6,
//! 1998.) However many flood, something is left for whoever has taken little; and whoever has taken too
//! much waits while what flows in goes to the others.
//!
//! Shares are shared again in the same way: behind a hub its alliances share, and behind each of these
//! its members.
//!
//! **Invariant:** the tables have a fixed size; what leaves them is what had taken least.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bill::{Bill, Part, Payer};
use super::quota::{Bucket, Rate, Resource};
use crate::time::Timestamp;

/// While others wait, one may be taken for so many that are left: a tenth of all.
const LEFT_FOR_ONE: u64 = 9;

/// The share of all that is kept for those who have taken little: a tenth, once for each time that what
/// is shared is shared again.
const KEPT_SHARE: u64 = 10;

/// For how long somebody who was refused counts as waiting: what is refused is offered again within
/// minutes by whoever means it.
const WAITS: Duration = Duration::from_secs(600);

/// How many shares there are at once, about 128 bytes each: more than the networks and keys that bring
/// something in an hour of a large movement.
const SHARES_MAX: usize = 16_384;

/// Whose share of whose room.
type Place = (Payer, Part, Resource);

/// Those who share one room, or one share of it.
type Table = (Payer, Option<Part>);

/// What somebody took lately. In an hour as much of it is forgotten as is kept for others: so much may
/// go on being taken while these wait.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// In thousandths.
    amount: u64,
    at: Timestamp,
}

/// Of those who share something, the two who were refused last, and when: with two it is known of
/// everybody whether somebody else waits.
type Waiting = [Option<(Part, Timestamp)>; 2];

/// What everybody has taken of what is shared.
#[derive(Debug, Default)]
pub(super) struct Shares {
    taken: BTreeMap<Place, Taken>,
    waiting: BTreeMap<Table, Waiting>,
}

impl Shares {
    /// Says whether a share has no room for so much more of what is left in the bucket, in thousandths,
    /// and when it has.
    pub(super) fn short(
        &self,
        bill: &Bill,
        (resource, bucket, amount): (Resource, &Bucket, u64),
        now: Timestamp,
    ) -> Option<Timestamp> {
        let forgets = bucket.rate().part(KEPT_SHARE);
        let kept = (bucket.rate().amount / KEPT_SHARE).saturating_mul(1000);
        let (mut room, mut table) = (bucket.level(now), None);
        for part in &bill.parts {
            let taken = self.taken((bill.payer, *part, resource), forgets, now);
            let fair = (room / LEFT_FOR_ONE).saturating_sub(taken);
            let free = match self.others_wait((bill.payer, table), *part, now) {
                true => 0,
                false => room.saturating_sub(kept),
            };
            // Who has taken next to nothing is let in as long as there is any room.
            let little = taken == 0 || taken.saturating_add(amount) <= little(resource);
            if !little && amount > fair.max(free) {
                let excess = amount.saturating_add(taken).saturating_sub(room / LEFT_FOR_ONE);
                return Some(now + forgets.time_of(excess).min(forgets.time()));
            }
            (room, table) = (fair.max(free).max(amount), Some(*part));
        }
        None
    }

    /// Notes that so much was taken, in thousandths.
    pub(super) fn take(
        &mut self,
        bill: &Bill,
        (resource, bucket, amount): (Resource, &Bucket, u64),
        now: Timestamp,
    ) {
        let (forgets, mut table) = (bucket.rate().part(KEPT_SHARE), None);
        for part in &bill.parts {
            let place = (bill.payer, *part, resource);
            let amount = self.taken(place, forgets, now).saturating_add(amount);
            self.make_room(now);
            self.taken.insert(place, Taken { amount, at: now });
            self.wait((bill.payer, table), *part, None);
            table = Some(*part);
        }
    }

    /// Notes that somebody was refused, and waits.
    pub(super) fn refuse(&mut self, bill: &Bill, now: Timestamp) {
        let mut table = None;
        for part in &bill.parts {
            self.wait((bill.payer, table), *part, Some(now));
            table = Some(*part);
        }
    }

    fn taken(&self, place: Place, forgets: Rate, now: Timestamp) -> u64 {
        let taken = self.taken.get(&place);
        taken.map_or(0, |taken| taken.amount.saturating_sub(forgets.inflow(now.since(taken.at))))
    }

    fn others_wait(&self, table: Table, part: Part, now: Timestamp) -> bool {
        let waiting = self.waiting.get(&table).into_iter().flatten().flatten();
        waiting.into_iter().any(|(other, at)| *other != part && now.since(*at) < WAITS)
    }

    /// Notes that somebody waits since a moment, or no longer.
    fn wait(&mut self, table: Table, part: Part, since: Option<Timestamp>) {
        let mut waiting = self.waiting.get(&table).copied().unwrap_or_default();
        let is = |place: &Option<(Part, Timestamp)>| place.is_some_and(|(other, _)| other == part);
        let place = waiting.iter().position(is);
        let oldest = || (0..waiting.len()).min_by_key(|n| waiting[*n].map(|(_, at)| at));
        let Some(place) = place.or_else(|| since.and_then(|_| oldest())) else { return };
        waiting[place] = since.map(|since| (part, since));
        if waiting == Waiting::default() {
            self.waiting.remove(&table);
        } else {
            self.waiting.insert(table, waiting);
        }
    }

    /// Lets go of those who wait no longer, and of the half that has taken least: it is worth least.
    fn make_room(&mut self, now: Timestamp) {
        if self.waiting.len() >= SHARES_MAX {
            let waits = |waiting: &Waiting| {
                waiting.iter().flatten().any(|(_, since)| now.since(*since) < WAITS)
            };
            self.waiting.retain(|_, waiting| waits(waiting));
            while self.waiting.len() >= SHARES_MAX {
                self.waiting.pop_first();
            }
        }
        if self.taken.len() < SHARES_MAX {
            return;
        }
        let mut amounts: Vec<u64> = self.taken.values().map(|taken| taken.amount).collect();
        let middle = amounts.len() / 2;
        let (_, middle, _) = amounts.select_nth_unstable(middle);
        let middle = *middle;
        self.taken.retain(|_, taken| taken.amount > middle);
    }
}

/// Returns what is next to nothing, in thousandths: who somebody is, in six records, the sixth what it
/// has to say. Records are of 600 bytes on average, and of 4 KiB rarely.
fn little(resource: Resource) -> u64 {
    match resource {
        Resource::Records => 6_000,
        Resource::Bytes => 6_000 << 12,
        Resource::SyncTime | Resource::Stubs => 0,
    }
}
