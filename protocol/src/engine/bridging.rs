//! The bridge of this node: what it hears, and how its deeds are done.
//!
//! [`Bridges`] decides; here it is told what happens. Whatever is stored is heard once the ledger
//! has judged it. When a rule begins, after a start, and every hour, the region that the rule
//! leads out of is walked, a piece at a time: so nothing that came while nobody listened, that was
//! let go, or that may now be carried for longer, is forgotten.
//!
//! **Invariant:** nothing is published in another region before the carriage that brings it there
//! is durable.
//!
//! **Invariant:** one call of the engine looks at no more than [`PIECE`] records of a walk.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::brought::Told;
use super::durable::After;
use super::gate::Bringer;
use super::{Effect, Engine, Event, RequestId, Store};
use crate::authority::Standing;
use crate::body::Body;
use crate::body::text::Tag;
use crate::bridge::Surroundings;
use crate::bridge::{Bridges, CarriageRequest, Deed, Item, Rule, Speaker};
use crate::control::{Failure, Refusal, Response};
use crate::id::{PublicKey, RecordId, ThingId};
use crate::ledger::{Change, Entitlements, Outcome};
use crate::record::{Record, Unverified};
use crate::region::Region;
use crate::sync::{Key, Scope};
use crate::time::Timestamp;

/// The most records that a walk reads in one call: some milliseconds, in which nobody waits long.
pub const PIECE: usize = 200;

/// How many keys a walk passes over in one call to find them; passing over one costs about a
/// microsecond.
const KEYS: usize = 10 * PIECE;

/// How often regions are walked anew. A walk of 100 000 records takes a second in all; what it is
/// for (a mandate that lasts longer, what a full rule let go) can wait that long.
pub const WALK_AGAIN: Duration = Duration::from_secs(3600);

/// How soon after each other changed relations are looked at again: that costs a look at
/// everything that waits, and in a flood of ties every record changes them.
const LOOK_PAUSE: Duration = Duration::from_secs(1);

/// What the operator has chosen for the bridge while the node runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BridgeChoices {
    /// In whose name it carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// Rules beside those of the configuration.
    pub rules: Vec<Rule>,
    /// When these rules were added, seconds since the epoch: a carriage that was ended before says
    /// nothing of them. Those of the configuration have no such date.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub since: BTreeMap<Tag, u64>,
    /// The rules that are paused, those of the configuration too.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub paused: BTreeSet<Tag>,
}

/// What a bridge is made with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BridgeSettings {
    /// The key by which the node signs carriages; none when it has none and carries nothing.
    pub key: Option<PublicKey>,
    /// The rules of the configuration. They can be paused while the node runs, not removed.
    pub rules: Vec<Rule>,
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// A carriage.
    Carriage(CarriageRequest),
    /// Accepting a role, in which the bridge is to speak from then on.
    Acceptance(RequestId, Speaker),
}

/// Something that the bridge has not looked at yet.
#[derive(Debug)]
enum News {
    /// A record is stored.
    Stored(Box<Item>),
    /// Something about a thing is different.
    Changed(ThingId),
    /// A record is judged otherwise.
    Judged(RecordId),
    /// A carriage brought what it names.
    Came(RecordId),
}

/// The regions that are being walked, and how far.
#[derive(Debug)]
struct Walk {
    open: BTreeMap<Region, Key>,
    /// When all regions were last begun with.
    begun: Timestamp,
    /// When the last piece was walked.
    stepped: Timestamp,
}

impl Walk {
    fn deadline(&self) -> Timestamp {
        if self.open.is_empty() { self.begun + WALK_AGAIN } else { self.stepped }
    }
}

/// The bridge of this node.
#[derive(Debug)]
pub(super) struct Bridging {
    pub(super) settings: BridgeSettings,
    pub(super) machine: Bridges,
    entitlements: Entitlements,
    lasts: Option<Timestamp>,
    /// What was known of relations when they were last looked at, and when that was.
    looked: (u64, Timestamp),
    walk: Walk,
    news: Vec<News>,
    pub(super) told: Told,
}

impl Bridging {
    /// Follows the rules of the configuration and those that were chosen. Rules that cannot be
    /// followed are left out: the configuration is checked before, and what was chosen was.
    pub(super) fn new(settings: BridgeSettings, choices: &BridgeChoices, now: Timestamp) -> Self {
        let mut machine = Bridges::new(choices.speaker);
        for rule in settings.rules.iter().chain(&choices.rules) {
            let since = choices.since.get(&rule.name).copied().unwrap_or_default();
            machine.follow(rule.clone(), Timestamp::from_secs(since), now).ok();
        }
        for name in &choices.paused {
            machine.pause(name);
        }
        let mut bridging = Self {
            settings,
            machine,
            entitlements: Entitlements::new(),
            lasts: None,
            looked: (u64::MAX, Timestamp::ZERO),
            walk: Walk { open: BTreeMap::new(), begun: now, stepped: now },
            news: Vec::new(),
            told: Told::default(),
        };
        bridging.walk_all(now);
        bridging
    }

    /// Begins to walk the regions that all rules lead out of.
    pub(super) fn walk_all(&mut self, now: Timestamp) {
        (self.walk.begun, self.walk.stepped) = (now, now);
        self.walk.open = self.machine.lanes().map(|lane| (lane.rule.from, Key::FIRST)).collect();
    }

    /// Begins to walk one region.
    pub(super) fn walk(&mut self, now: Timestamp, region: Region) {
        self.walk.stepped = now;
        self.walk.open.insert(region, Key::FIRST);
    }

    /// Hears of a record that is stored.
    pub(super) fn note(&mut self, record: &Record) {
        if self.machine.is_idle() {
            return;
        }
        match record.body() {
            Body::Response(answer) => self.news.push(News::Changed(answer.to.thing)),
            Body::End(end) => {
                let things = end.targets.iter().map(|target| target.thing);
                self.news.extend(things.map(News::Changed));
            }
            _ => {
                let item = Item::of(record).filter(Bridges::concerns);
                self.news.extend(item.map(Box::new).map(News::Stored));
            }
        }
    }

    /// Hears of what follows from what is stored.
    pub(super) fn note_change(&mut self, change: &Change) {
        if self.machine.is_idle() {
            return;
        }
        match change {
            Change::Admitted(record) => self.note(record),
            Change::Judged { id, .. } => self.news.push(News::Judged(*id)),
            Change::Carried { carriage, into, counts: true } => {
                if self.machine.lanes().any(|lane| lane.rule.from == *into) {
                    self.news.push(News::Came(*carriage));
                }
            }
            Change::Carried { .. }
            | Change::Erased(_)
            | Change::Lifted(_)
            | Change::Dropped { .. }
            | Change::Disputed { .. } => {}
        }
    }

    /// The next moment at which something is to be done, when relations are as counted here.
    fn deadline(&self, relations: u64) -> Option<Timestamp> {
        if self.machine.is_idle() {
            return None;
        }
        let (seen, at) = self.looked;
        let look = (seen != relations).then(|| at + LOOK_PAUSE);
        [look, Some(self.walk.deadline()), self.machine.deadline()].into_iter().flatten().min()
    }
}

impl Engine {
    /// The next moment at which the bridge has something to do.
    pub(super) fn bridge_deadline(&self) -> Option<Timestamp> {
        self.bridging.deadline(self.ledger.relations())
    }

    /// Returns the machine and what it stands on.
    pub(super) fn bridge(&mut self) -> (&mut Bridges, Surroundings<'_>) {
        let Self { bridging, ledger, gate, .. } = self;
        let ground = Surroundings {
            ledger,
            recognition: &gate.recognition,
            classes: &gate.classes,
            policy: &gate.policy,
            entitlements: &bridging.entitlements,
        };
        (&mut bridging.machine, ground)
    }

    /// Lets the bridge look at what has happened, and does what it wants done.
    pub(super) fn cross<S: Store>(
        &mut self,
        now: Timestamp,
        store: &mut S,
    ) -> Result<(), S::Error> {
        if self.bridging.machine.is_idle() {
            return Ok(());
        }
        self.look_around(now);
        for news in std::mem::take(&mut self.bridging.news) {
            self.hear(now, news, store)?;
        }
        self.walk_on(now, store)?;
        let (machine, ground) = self.bridge();
        machine.wake(now, &ground);
        for deed in self.bridging.machine.take_deeds() {
            match deed {
                Deed::Sign { request, draft } => {
                    self.out.push(Effect::Sign { seal: Seal::Carriage(request), draft });
                }
                Deed::Held { rule, thing, decision } => {
                    self.count("held-at-bridge", 1);
                    if let Some(step) = decision.because().cloned() {
                        self.out.push(Effect::Tell(Event::Held { rule, thing, step }));
                    }
                }
                // It comes of a signature, and waits there for the disk.
                Deed::Publish { .. } => {}
            }
        }
        Ok(())
    }

    /// Looks again at who is tied to whom, when that may have changed.
    fn look_around(&mut self, now: Timestamp) {
        let (seen, at) = self.bridging.looked;
        let relations = self.ledger.relations();
        let again = self.bridging.walk.begun + WALK_AGAIN <= now;
        if !again && (seen == relations || now < at + LOOK_PAUSE) {
            return;
        }
        self.bridging.looked = (relations, now);
        let speaker = self.bridging.machine.speaker();
        let entitlements = speaker.map(|speaker| self.ledger.entitlements(&speaker.net));
        let entitlements = entitlements.unwrap_or_default();
        let lasts = speaker.and_then(|by| self.ledger.mandate(&by.net, by.role, now));
        // What is carried already, and now may be for longer or by another tie, waits nowhere.
        if again || entitlements != self.bridging.entitlements || lasts > self.bridging.lasts {
            self.bridging.walk_all(now);
        }
        (self.bridging.entitlements, self.bridging.lasts) = (entitlements, lasts);
        self.gate.look_again();
        self.look(now);
        let (machine, ground) = self.bridge();
        machine.recheck_all(now, &ground);
    }

    fn hear<S: Store>(
        &mut self,
        now: Timestamp,
        news: News,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let read = match news {
            News::Stored(item) => {
                let (machine, ground) = self.bridge();
                machine.hear(&item, now, &ground);
                return Ok(());
            }
            News::Changed(thing) => {
                let (machine, ground) = self.bridge();
                machine.recheck(thing, now, &ground);
                return Ok(());
            }
            News::Judged(id) => match self.ledger.answered(&id) {
                Some(thing) => return self.hear(now, News::Changed(thing), store),
                None => vec![id],
            },
            News::Came(carriage) => {
                let things = self.ledger.carried_by(&carriage).into_iter();
                let shown = |thing: ThingId| Some(self.ledger.thing(&thing).first()?.id);
                things.filter_map(|carried| shown(carried.thing)).collect()
            }
        };
        for id in read {
            self.read(now, &id, store)?;
        }
        Ok(())
    }

    /// Lets the bridge hear of a record that is in the store.
    fn read<S: Store>(
        &mut self,
        now: Timestamp,
        id: &RecordId,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let item = item(id, store)?.filter(Bridges::concerns);
        let (machine, ground) = self.bridge();
        if let Some(item) = item {
            machine.hear(&item, now, &ground);
        }
        Ok(())
    }

    /// Walks one piece of a region.
    fn walk_on<S: Store>(&mut self, now: Timestamp, store: &mut S) -> Result<(), S::Error> {
        let walk = &mut self.bridging.walk;
        walk.stepped = now;
        let Some((region, from)) = walk.open.pop_first() else { return Ok(()) };
        let Some(set) = self.ledger.set(&Scope::Region(region.clone())) else { return Ok(()) };
        let snapshot = set.snapshot();
        let rank = snapshot.rank(&from);
        let to = (rank + KEYS).min(snapshot.len());
        let (mut next, mut reads) = (snapshot.key(to).copied(), Vec::new());
        for key in snapshot.keys(rank, to) {
            if reads.len() == PIECE {
                next = Some(*key);
                break;
            }
            if self.may_cross(&key.id, &region) {
                reads.push(key.id);
            }
        }
        for id in reads {
            self.read(now, &id, store)?;
        }
        self.bridging.walk.open.extend(next.map(|next| (region, next)));
        Ok(())
    }

    fn may_cross(&self, id: &RecordId, from: &Region) -> bool {
        let speaker = self.bridging.machine.speaker().map(|speaker| speaker.net);
        let speaker = speaker.zip(self.bridging.lasts);
        let mut lanes = self.bridging.machine.lanes().filter(|lane| lane.rule.from == *from);
        lanes.any(|lane| self.ledger.may_cross(id, (from, &lane.rule.to), speaker))
    }

    /// What the bridge asked to be signed is signed, or will not be.
    pub(super) fn signed<S: Store>(
        &mut self,
        now: Timestamp,
        (seal, record): (Seal, Option<Box<Record>>),
        store: &mut S,
    ) -> Result<(), S::Error> {
        let record = record.filter(|_| self.takes_writes());
        let Some(record) = record else {
            self.count("unsigned-by-bridge", 1);
            self.unsigned(seal);
            return Ok(());
        };
        let taken = self.judge(now, vec![(*record).clone()], &Bringer::Door);
        let counts = match taken.outcomes.first() {
            Some(Outcome::New(Standing::Valid)) => true,
            Some(Outcome::Known) => self.ledger.standing(&record.id()) == Some(Standing::Valid),
            _ => false,
        };
        let mut after = Vec::new();
        match seal {
            _ if !counts => self.unsigned(seal),
            Seal::Carriage(request) => {
                self.bridging.machine.signed(request, record.id());
                self.count("carriages", 1);
                for deed in self.bridging.machine.take_deeds() {
                    if let Deed::Publish { region, records } = deed {
                        after.extend(self.brought(&region, &records, &record, store)?);
                    }
                }
            }
            Seal::Acceptance(request, speaker) => {
                after.extend(self.told_in(&record));
                self.speak(now, speaker);
                after.push(After::Do(self.keeping(request, Response::Fine)));
            }
        }
        let fresh = self.fresh(&taken);
        self.settle(now, fresh, after, store)
    }

    fn unsigned(&mut self, seal: Seal) {
        match seal {
            Seal::Carriage(request) => self.bridging.machine.unsigned(request),
            Seal::Acceptance(request, _) => {
                let why = Failure::Refused(Refusal::NotSigned);
                self.reply(request, vec![Response::Failed(why)]);
            }
        }
    }

    /// Carries in this network's name from now on.
    pub(super) fn speak(&mut self, now: Timestamp, speaker: Speaker) {
        self.settings.choices.bridge.speaker = Some(speaker);
        self.bridging.machine.speak(speaker);
        self.bridging.looked.0 = u64::MAX;
        self.bridging.walk_all(now);
    }
}

/// Reads what rules ask of a stored record.
pub(super) fn item<S: Store>(id: &RecordId, store: &mut S) -> Result<Option<Item>, S::Error> {
    let Some(bytes) = store.bytes(id)? else { return Ok(None) };
    let record = Unverified::decode(&bytes).map(Unverified::assume_verified);
    Ok(record.ok().as_ref().and_then(Item::of))
}
