//! All rules of a node being followed.
//!
//! The machine hears of records ([`Bridges::hear`]), of what changed about a thing
//! ([`Bridges::recheck`]) and of time ([`Bridges::wake`]). It answers with [`Deed`]s: a carriage to
//! be signed, what crossed, what is held back.
//!
//! **Invariant:** a carriage is only asked for with what every check of its rule let through at
//! that moment, and nothing is asked for twice while a signature is on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::decide::{Decision, Situation, Verdict};
use super::item::Item;
use super::lane::{Lane, Load, Together};
use super::rule::{Rule, RuleError};
use crate::body::Body;
use crate::body::carriage::Carriage;
use crate::body::text::Tag;
use crate::id::{NetId, RecordId, ThingId};
use crate::record::{Draft, Kind, Reach};
use crate::region::Region;
use crate::time::Timestamp;

/// In whose name the node carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    /// The network.
    pub net: NetId,
    /// The role with power `bridge`; none when the network's own key signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<ThingId>,
}

/// What the machine asks of the node's state.
pub trait Ground {
    /// Says what is known of a record, for carrying it by this rule in this network's name; in
    /// nobody's, when the node has no such mandate.
    fn situation(
        &self,
        item: &Item,
        rule: &Rule,
        speaker: Option<Speaker>,
        now: Timestamp,
    ) -> Situation;
}

/// Names a carriage until it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CarriageRequest(pub u64);

/// Something that must now be done, or that people may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Sign this statement, then say [`Bridges::signed`] or [`Bridges::unsigned`].
    Sign {
        /// Names it.
        request: CarriageRequest,
        /// The statement.
        draft: Box<Draft>,
    },
    /// Publish these records in this region, the carriage itself first.
    Publish {
        /// Where.
        region: Region,
        /// Which.
        records: Vec<RecordId>,
    },
    /// Somebody's record is held back, and the rule allows to say so.
    Held {
        /// By which rule.
        rule: Tag,
        /// Which thing.
        thing: ThingId,
        /// Why.
        decision: Decision,
    },
}

/// How a rule is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneView {
    /// The rule.
    pub rule: Rule,
    /// Whether it is paused.
    pub paused: bool,
    /// How many things wait.
    pub waiting: u64,
    /// How many things it has carried since the node began.
    pub crossed: u64,
}

/// What a signature is asked for.
#[derive(Debug)]
struct Asked {
    rule: Tag,
    loads: Vec<Load>,
}

/// All rules of a node being followed.
#[derive(Debug)]
pub struct Bridges {
    speaker: Option<Speaker>,
    lanes: BTreeMap<Tag, Lane>,
    asked: BTreeMap<CarriageRequest, Asked>,
    next: u64,
    deeds: Vec<Deed>,
}

impl Bridges {
    /// Makes a machine without rules, which carries in this network's name.
    pub fn new(speaker: Option<Speaker>) -> Self {
        Self { speaker, lanes: BTreeMap::new(), asked: BTreeMap::new(), next: 0, deeds: Vec::new() }
    }

    /// Returns in whose name the machine carries.
    pub fn speaker(&self) -> Option<Speaker> {
        self.speaker
    }

    /// Carries in this network's name from now on. Whoever calls then walks the sets of all rules
    /// through [`Bridges::hear`].
    pub fn speak(&mut self, speaker: Speaker) {
        self.speaker = Some(speaker);
        self.lanes.values_mut().for_each(Lane::forget_all);
    }

    /// Says whether there are no rules.
    pub fn is_idle(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Begins to follow a rule. Whoever calls then walks the set of its `from` through
    /// [`Bridges::hear`]. Carriages that its network ended before are forgiven.
    ///
    /// # Errors
    /// [`RuleError`], when it cannot be followed or its name is taken.
    pub fn add(&mut self, rule: Rule, now: Timestamp) -> Result<(), RuleError> {
        self.follow(rule, now, now)
    }

    /// Goes on following a rule that was begun with at another time.
    ///
    /// # Errors
    /// As [`Bridges::add`].
    pub fn follow(
        &mut self,
        rule: Rule,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), RuleError> {
        rule.check()?;
        if self.lanes.contains_key(&rule.name) {
            return Err(RuleError::Name);
        }
        self.lanes.insert(rule.name.clone(), Lane::new(rule, (since, now)));
        Ok(())
    }

    /// Stops following a rule; says whether there was one. What it carried stays carried until the
    /// carriages end or are ended.
    pub fn remove(&mut self, name: &Tag) -> bool {
        self.lanes.remove(name).is_some()
    }

    /// Stops carrying by a rule, and goes on deciding what waits; says whether there is one.
    pub fn pause(&mut self, name: &Tag) -> bool {
        self.lanes.get_mut(name).map(|lane| lane.paused = true).is_some()
    }

    /// Goes on carrying by a rule; says whether there is one.
    pub fn resume(&mut self, name: &Tag, now: Timestamp, ground: &impl Ground) -> bool {
        let Some(lane) = self.lanes.get_mut(name) else { return false };
        lane.paused = false;
        let things: Vec<ThingId> = lane.waiting_things().collect();
        for thing in things {
            self.recheck_by(&name.clone(), thing, now, ground);
        }
        self.gather(now);
        true
    }

    /// Iterates over the rules and how they are doing.
    pub fn lanes(&self) -> impl Iterator<Item = LaneView> + '_ {
        self.lanes.values().map(|lane| LaneView {
            rule: lane.rule.clone(),
            paused: lane.paused,
            waiting: lane.waiting() as u64,
            crossed: lane.crossed,
        })
    }

    /// Says of all that waits at a rule why it does, the oldest first, at most so many.
    pub fn held(
        &self,
        name: &Tag,
        now: Timestamp,
        ground: &impl Ground,
        most: usize,
    ) -> Vec<(Item, Decision)> {
        let Some(lane) = self.lanes.get(name) else { return Vec::new() };
        let items = lane.held().take(most);
        let decided = items.filter_map(|i| Some((i.clone(), self.test(name, i, now, ground)?)));
        decided.collect()
    }

    /// Says what a rule would make of a record now, and does nothing.
    pub fn test(
        &self,
        name: &Tag,
        item: &Item,
        now: Timestamp,
        ground: &impl Ground,
    ) -> Option<Decision> {
        let lane = self.lanes.get(name)?;
        Some(lane.test(item, &lane.situation(item, (self.speaker, now), ground), now))
    }

    /// Says whether a record is ever carried by name: its author lets it travel, and it does not
    /// follow others by itself.
    pub fn concerns(item: &Item) -> bool {
        super::rule::is_carriable(&item.kind) && item.home.reach == Reach::Movement
    }

    /// Hears of a record that the node has stored, in any region.
    pub fn hear(&mut self, item: &Item, now: Timestamp, ground: &impl Ground) {
        if !Self::concerns(item) {
            return;
        }
        for lane in self.lanes.values_mut() {
            consider(lane, item.clone(), (self.speaker, now), ground, &mut self.deeds);
        }
        self.gather(now);
    }

    /// Looks again at a thing about which something has changed: its endorsements, its standing,
    /// its place, the region's set.
    pub fn recheck(&mut self, thing: ThingId, now: Timestamp, ground: &impl Ground) {
        let names: Vec<Tag> = self.lanes.keys().cloned().collect();
        for name in names {
            self.recheck_by(&name, thing, now, ground);
        }
        self.gather(now);
    }

    /// Looks again at everything that waits: ties or declarations have changed.
    pub fn recheck_all(&mut self, now: Timestamp, ground: &impl Ground) {
        let waiting = self.lanes.values().flat_map(Lane::waiting_things);
        let things: BTreeSet<ThingId> = waiting.collect();
        for thing in things {
            self.recheck(thing, now, ground);
        }
    }

    /// Lets time pass.
    pub fn wake(&mut self, now: Timestamp, ground: &impl Ground) {
        let names: Vec<Tag> = self.lanes.keys().cloned().collect();
        for name in names {
            while let Some(thing) = self.lanes.get_mut(&name).and_then(|lane| lane.rested(now)) {
                self.recheck_by(&name, thing, now, ground);
            }
        }
        self.gather(now);
    }

    /// Returns the next moment at which [`Bridges::wake`] is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.lanes.values().filter_map(Lane::deadline).min()
    }

    /// A carriage is signed and stored.
    pub fn signed(&mut self, request: CarriageRequest, carriage: RecordId) {
        let Some(asked) = self.asked.remove(&request) else { return };
        let Some(lane) = self.lanes.get_mut(&asked.rule) else { return };
        lane.arrived(&asked.loads, true);
        let records = asked.loads.iter().map(|load| load.record);
        let records = std::iter::once(carriage).chain(records).collect();
        self.deeds.push(Deed::Publish { region: lane.rule.to.clone(), records });
    }

    /// A carriage will not be signed. What it named may be heard of again.
    pub fn unsigned(&mut self, request: CarriageRequest) {
        let Some(asked) = self.asked.remove(&request) else { return };
        if let Some(lane) = self.lanes.get_mut(&asked.rule) {
            lane.arrived(&asked.loads, false);
        }
    }

    /// Takes what is to be done, in order.
    pub fn take_deeds(&mut self) -> Vec<Deed> {
        std::mem::take(&mut self.deeds)
    }

    fn recheck_by(&mut self, name: &Tag, thing: ThingId, now: Timestamp, ground: &impl Ground) {
        let Some(lane) = self.lanes.get_mut(name) else { return };
        if let Some(item) = lane.waits(&thing) {
            consider(lane, item, (self.speaker, now), ground, &mut self.deeds);
        }
    }

    /// Asks for the signatures of all carriages that are ripe.
    fn gather(&mut self, now: Timestamp) {
        for (name, lane) in &mut self.lanes {
            if lane.paused {
                continue;
            }
            while let Some((together, loads)) = lane.batch(now) {
                let draft = self.speaker.and_then(|s| draft(&lane.rule, s, together, &loads, now));
                let Some(draft) = draft else {
                    lane.arrived(&loads, false);
                    continue;
                };
                let request = CarriageRequest(self.next);
                self.next += 1;
                self.asked.insert(request, Asked { rule: name.clone(), loads });
                self.deeds.push(Deed::Sign { request, draft: Box::new(draft) });
            }
        }
    }
}

fn consider(
    lane: &mut Lane,
    item: Item,
    (speaker, now): (Option<Speaker>, Timestamp),
    ground: &impl Ground,
    deeds: &mut Vec<Deed>,
) {
    let situation = lane.situation(&item, (speaker, now), ground);
    let (thing, before) = (item.thing, lane.waits(&item.thing).is_some());
    let decision = lane.take(item, &situation, now);
    if decision.verdict == Verdict::Wait && lane.rule.tell && !before {
        deeds.push(Deed::Held { rule: lane.rule.name.clone(), thing, decision });
    }
}

/// Writes a carriage. It lasts as long as the longest that it carries.
fn draft(
    rule: &Rule,
    speaker: Speaker,
    (tie, via): Together,
    loads: &[Load],
    now: Timestamp,
) -> Option<Draft> {
    let things: Vec<_> = loads.iter().map(|load| load.carried).collect();
    let body = Body::Carriage(Carriage {
        things: things.try_into().ok()?,
        from: rule.from.clone(),
        via: via.try_into().ok()?,
        tie,
        rule: rule.name.clone(),
    });
    let until = loads.iter().map(|load| load.until).max()?;
    let days = Kind::Carriage.days_max().unwrap_or_default();
    let most = Duration::from_secs(days * 86_400);
    let life = until.since(Timestamp::from_secs(now.as_secs())).min(most);
    let draft = Draft::new(body, speaker.net, (rule.to.clone(), Reach::Region), (now, life));
    Some(match speaker.role {
        Some(role) => draft.under(role),
        None => draft,
    })
}
