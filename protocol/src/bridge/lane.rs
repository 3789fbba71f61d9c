//! One rule being followed: what waits for it, and what goes with the next carriage.
//!
//! **Invariant:** at most [`WAITING_MAX`] records wait, and what was let go is found again when the
//! region is walked anew; a thing is in at most one of: waiting, gathered, under way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::decide::{Answer, Check, Decision, Situation, Verdict, decide};
use super::item::Item;
use super::machine::{Ground, Speaker};
use super::rule::Rule;
use crate::admission::{Bucket, Rate};
use crate::body::carriage::{CARRIED_MAX, Carried, Crossing};
use crate::id::{RecordId, ThingId};
use crate::time::Timestamp;

/// How many records of one rule wait at once, some megabytes. More than people in two regions will
/// write while an endorsement is on its way; the oldest goes first.
pub const WAITING_MAX: usize = 4096;

/// How long what may cross waits for company: one carriage of many things costs every node one
/// signature instead of many. Twice as long would show when a call is urgent.
pub const GATHER: Duration = Duration::from_secs(2);

/// What one carriage can say together: the tie that entitles, and the way before.
pub(super) type Together = (ThingId, Vec<Crossing>);

/// What waits to be signed for.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) carried: Carried,
    pub(super) record: RecordId,
    pub(super) until: Timestamp,
}

/// A rule being followed.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) rule: Rule,
    /// When the operator began with it: what was ended before says nothing of it.
    since: Timestamp,
    pub(super) paused: bool,
    pub(super) crossed: u64,
    rate: Bucket,
    waiting: BTreeMap<ThingId, (u64, Item)>,
    /// In the order of arrival, the oldest first.
    order: BTreeMap<u64, ThingId>,
    /// Those of them that wait for the rate and for nothing else.
    ready: BTreeMap<u64, ThingId>,
    next: u64,
    gathered: BTreeMap<Together, BTreeMap<ThingId, Load>>,
    gathered_things: BTreeSet<ThingId>,
    due: Option<Timestamp>,
    /// When the rate has room again for what waits for nothing else.
    rested: Option<Timestamp>,
}

impl Lane {
    pub(super) fn new(rule: Rule, (since, now): (Timestamp, Timestamp)) -> Self {
        let rate = Rate::new(u64::from(rule.limits.per_hour), Duration::from_secs(3600));
        Self {
            rule,
            // Records are dated by the second.
            since: Timestamp::from_secs(since.as_secs()),
            paused: false,
            crossed: 0,
            rate: Bucket::full(rate, now),
            waiting: BTreeMap::new(),
            order: BTreeMap::new(),
            ready: BTreeMap::new(),
            next: 0,
            gathered: BTreeMap::new(),
            gathered_things: BTreeSet::new(),
            due: None,
            rested: None,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn waiting_things(&self) -> impl Iterator<Item = ThingId> + '_ {
        self.waiting.keys().copied()
    }

    /// Iterates over what waits, the oldest first.
    pub(super) fn held(&self) -> impl Iterator<Item = &Item> + '_ {
        self.order.values().filter_map(|thing| self.waiting.get(thing)).map(|(_, item)| item)
    }

    pub(super) fn waits(&self, thing: &ThingId) -> Option<Item> {
        self.waiting.get(thing).map(|(_, item)| item.clone())
    }

    /// Returns what is known of a record, as far as it concerns this rule.
    pub(super) fn situation(
        &self,
        item: &Item,
        (speaker, now): (Option<Speaker>, Timestamp),
        ground: &impl Ground,
    ) -> Situation {
        let mut situation = ground.situation(item, &self.rule, speaker, now);
        situation.ended = situation.ended.filter(|at| *at > self.since);
        situation
    }

    /// Says what the rule makes of a record, the pause and the rate included, and does nothing.
    pub(super) fn test(&self, item: &Item, situation: &Situation, now: Timestamp) -> Decision {
        let decision = decide(&self.rule, item, situation, now);
        if decision.verdict != Verdict::Cross {
            return decision;
        }
        if self.paused {
            return decision.and(Answer::NotYet, Check::Running);
        }
        let per_hour = self.rule.limits.per_hour;
        let room = if self.rate.has(now, 1) { Answer::Yes } else { Answer::NotYet };
        decision.and(room, Check::Rate { per_hour })
    }

    /// Takes a record in: lets it wait, or gathers it for the next carriage.
    pub(super) fn take(&mut self, item: Item, situation: &Situation, now: Timestamp) -> Decision {
        let place = self.forget(&item.thing);
        if self.gathered_things.contains(&item.thing) {
            let decision = decide(&self.rule, &item, situation, now);
            if let (Verdict::Cross, Some(tie)) = (decision.verdict, situation.tie)
                && self.shorten(&item.thing, situation)
            {
                self.gather(&item, situation, tie, now);
            }
            return decision;
        }
        let decision = self.test(&item, situation, now);
        match (decision.verdict, situation.tie) {
            (Verdict::Cross, Some(tie)) => {
                self.rate.take(now, 1);
                self.gather(&item, situation, tie, now);
            }
            // What is not here yet is heard of again when it comes.
            (Verdict::Wait, _) if situation.way.is_some() => {
                let because = decision.because().map(|step| &step.check);
                let rate = matches!(because, Some(Check::Rate { .. }));
                if rate {
                    self.rested = Some(self.rate.ready(now, 1));
                }
                self.wait(item, place, rate);
            }
            _ => {}
        }
        decision
    }

    fn gather(&mut self, item: &Item, situation: &Situation, tie: ThingId, now: Timestamp) {
        let together = (tie, situation.way.clone().unwrap_or_default());
        let load = Load {
            carried: Carried { net: item.net, thing: item.thing },
            record: item.id,
            until: situation.lasts.map_or(item.life.1, |lasts| lasts.min(item.life.1)),
        };
        self.gathered_things.insert(item.thing);
        self.gathered.entry(together).or_default().insert(item.thing, load);
        self.due.get_or_insert(now + GATHER);
    }

    /// Takes a thing out of what goes over more bridges than it now needs; says whether it was
    /// there. What is under way is found by the next walk.
    fn shorten(&mut self, thing: &ThingId, situation: &Situation) -> bool {
        let way = situation.way.as_ref().map_or(0, Vec::len);
        let mut longer = self.gathered.iter_mut().filter(|((_, via), _)| via.len() > way);
        let found = longer.any(|(_, loads)| loads.remove(thing).is_some());
        self.gathered.retain(|_, loads| !loads.is_empty());
        found
    }

    /// Lets a record wait, in the place that it had if it had one.
    fn wait(&mut self, item: Item, place: Option<u64>, rate: bool) {
        let place = place.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        self.order.insert(place, item.thing);
        if rate {
            self.ready.insert(place, item.thing);
        }
        self.waiting.insert(item.thing, (place, item));
        if self.waiting.len() > WAITING_MAX
            && let Some((place, oldest)) = self.order.pop_first()
        {
            self.ready.remove(&place);
            self.waiting.remove(&oldest);
        }
    }

    /// Lets a thing wait no longer; returns which place it had.
    fn forget(&mut self, thing: &ThingId) -> Option<u64> {
        let (place, _) = self.waiting.remove(thing)?;
        self.order.remove(&place);
        self.ready.remove(&place);
        Some(place)
    }

    /// Takes what goes with one carriage: what is full at once, the rest when its time has come.
    pub(super) fn batch(&mut self, now: Timestamp) -> Option<(Together, Vec<Load>)> {
        let due = self.due.is_some_and(|due| due <= now);
        let ripe = |loads: &BTreeMap<ThingId, Load>| due || loads.len() >= CARRIED_MAX;
        let together = self.gathered.iter().find(|(_, loads)| ripe(loads));
        let Some(together) = together.map(|(together, _)| together.clone()) else {
            if due {
                self.due = None;
            }
            return None;
        };
        let mut loads = self.gathered.remove(&together).unwrap_or_default();
        let mut batch = Vec::new();
        while batch.len() < CARRIED_MAX
            && let Some((_, load)) = loads.pop_first()
        {
            batch.push(load);
        }
        if !loads.is_empty() {
            self.gathered.insert(together.clone(), loads);
        }
        batch.sort_by_key(|load| load.carried);
        Some((together, batch))
    }

    /// A carriage was signed, or will not be: its things are no longer under way.
    pub(super) fn arrived(&mut self, loads: &[Load], signed: bool) {
        for load in loads {
            self.gathered_things.remove(&load.carried.thing);
        }
        self.crossed += if signed { loads.len() as u64 } else { 0 };
    }

    /// Returns the next thing to look at again because the rate has room, the oldest first. Without
    /// room nothing is looked at: everything behind the first would wait on.
    pub(super) fn rested(&mut self, now: Timestamp) -> Option<ThingId> {
        self.rested.filter(|at| *at <= now)?;
        let has_room = self.rate.has(now, 1);
        let next = self.ready.first_key_value().map(|(place, thing)| (*place, *thing));
        self.rested = next.map(|_| self.rate.ready(now, 1));
        let (place, thing) = next.filter(|_| has_room)?;
        self.ready.remove(&place);
        Some(thing)
    }

    /// The next moment at which something is to be done; a paused rule does nothing.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let due = self.due.into_iter().chain(self.rested).min();
        due.filter(|_| !self.paused)
    }

    /// Forgets what waits and what was gathered: it is carried in another name from now on.
    pub(super) fn forget_all(&mut self) {
        self.waiting.clear();
        self.order.clear();
        self.ready.clear();
        self.gathered.clear();
        self.gathered_things.clear();
        (self.due, self.rested) = (None, None);
    }
}
