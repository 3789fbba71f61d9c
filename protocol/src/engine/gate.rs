//! Who is let in.
//!
//! **Invariant:** a record reaches the ledger only through the door of this node, or because the
//! gate let it in; whatever else a peer brings costs at most a place in a pool of fixed size.
//!
//! **Invariant:** what a node refuses and others keep is counted in its sets by name, so that both
//! agree after they have met once.

use std::collections::BTreeSet;
use std::time::Duration;

use super::refused::Refused;
use super::{Engine, Settings, Store};
use crate::admission::{
    Arrival, Charge, Fate, Newcomers, Origin, Payer, Policy, Quotas, Recognition, Resource, Ruling,
    Stance, Terms, admit, consider,
};
use crate::body::Body;
use crate::bridge::Classes;
use crate::id::{NetId, NodeId};
use crate::ledger::Ledger;
use crate::record::Record;
use crate::region::Region;
use crate::sync::{Key, Scope};
use crate::time::Timestamp;

/// For how many stored records one new one is worth a look at all ties: a look goes over what is
/// stored once, and taking a record in costs many times what passing over one does.
const RECORDS_A_LOOK: usize = 64;

/// How long a change of ties may wait to be looked at while many records come.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Who is let in, and what is known of those who are not.
#[derive(Debug)]
pub(super) struct Gate {
    /// What the operator has said.
    pub(super) policy: Policy,
    /// Which networks a chain of ties leads to.
    pub(super) recognition: Recognition,
    /// Which networks count as one voice.
    pub(super) classes: Classes,
    pub(super) quotas: Quotas,
    pub(super) newcomers: Newcomers,
    pub(super) refused: Refused,
    looked: Looked,
}

/// When the ties were last looked at, and what for.
#[derive(Debug, Default)]
struct Looked {
    /// The state of the ledger's relations then; none before the first time.
    relations: Option<u64>,
    at: Timestamp,
    /// Records taken since.
    taken: usize,
    /// When it is due at the latest.
    due: Option<Timestamp>,
    /// Whether newcomers may come in because of what was seen.
    opens: bool,
}

/// How records came in.
#[derive(Debug, Clone)]
pub(super) enum Bringer {
    /// Through the door.
    Door,
    /// By gossip, from this node.
    Gossip(NodeId),
    /// By reconciling this set with this node.
    Sync(NodeId, Scope),
}

impl Settings {
    /// Returns the networks from which recognition starts, those that the policy allows aside.
    fn seeds(&self) -> BTreeSet<NetId> {
        self.homes().chain(self.terms.seeds.iter().chain(&self.choices.seeds).copied()).collect()
    }
}

impl Gate {
    pub(super) fn new(terms: &Terms, policy: Policy) -> Self {
        Self {
            policy,
            recognition: Recognition::default(),
            classes: Classes::default(),
            quotas: Quotas::new(terms.quota),
            newcomers: Newcomers::new(terms.newcomers),
            refused: Refused::default(),
            looked: Looked::default(),
        }
    }

    /// Lets the next look be at once: what recognition starts from has changed.
    pub(super) fn look_again(&mut self) {
        self.looked.relations = None;
    }

    /// Looks at the ties when they have changed; says whether it did.
    pub(super) fn look(&mut self, now: Timestamp, ledger: &Ledger, settings: &Settings) -> bool {
        let relations = ledger.relations();
        let ended = self.policy.advance(now);
        if self.looked.relations == Some(relations) && !ended {
            self.looked.due = None;
            return false;
        }
        let worth = self.looked.taken >= ledger.len() / RECORDS_A_LOOK;
        let due = self.looked.at + LOOK_AGAIN;
        if self.looked.relations.is_some() && !ended && !worth && now < due {
            self.looked.due = Some(due);
            return false;
        }
        let mut seeds = settings.seeds();
        seeds.extend(self.policy.allowed(now));
        let distance = settings.terms.distance;
        self.recognition = Recognition::new(&seeds, ledger.tied(now), distance);
        self.classes = Classes::new(ledger.links(now));
        let opens = !self.newcomers.is_empty();
        self.looked = Looked { relations: Some(relations), at: now, taken: 0, due: None, opens };
        true
    }

    /// The next moment at which a look is due: at once before the first, which what a node had
    /// stored waits for.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let at_once = self.looked.opens || self.looked.relations.is_none();
        self.looked.due.or(at_once.then_some(self.looked.at))
    }

    /// Rules on a record.
    fn admit(
        &mut self,
        record: &Record,
        origin: Origin,
        (ledger, regions): (&Ledger, &BTreeSet<Region>),
        now: Timestamp,
    ) -> Fate {
        let arrival = self.arrival(record, origin, ledger, regions);
        let Self { policy, recognition, quotas, .. } = self;
        admit(&arrival, &mut Stance { policy, recognition, quotas }, now).0
    }

    /// Rules on a record as if it came now, and nobody pays.
    pub(super) fn consider(
        &self,
        record: &Record,
        (ledger, regions): (&Ledger, &BTreeSet<Region>),
        now: Timestamp,
    ) -> (Fate, Vec<Ruling>) {
        let arrival = self.arrival(record, Origin::Pool, ledger, regions);
        consider(&arrival, (&self.policy, &self.recognition, &self.quotas), now)
    }

    fn arrival<'a>(
        &self,
        record: &'a Record,
        origin: Origin,
        ledger: &Ledger,
        regions: &BTreeSet<Region>,
    ) -> Arrival<'a> {
        let known = self.recognition.has(&record.net());
        let home = record.header().home.as_ref();
        let foreign = home.is_some_and(|home| !regions.contains(&home.region));
        let carrier = (foreign || !known).then(|| ledger.carrier(record)).flatten();
        let wanted = !known && ledger.asks_for(record);
        Arrival { record, origin, carrier, wanted }
    }

    /// Remembers that a record is not let in, so that nobody sends it again.
    fn refuse(
        &mut self,
        record: &Record,
        of: (NodeId, &Scope),
        ledger: &mut Ledger,
        now: Timestamp,
    ) {
        let charge = Charge { resource: Resource::Stubs, amount: 1 };
        let payers = [Payer::Network(record.net()), Payer::Peer(of.0)];
        let short = payers.iter().find_map(|p| self.quotas.short(*p, &[charge], now));
        match short {
            None if self.refused.has_room() => {
                payers.iter().for_each(|payer| self.quotas.spend(*payer, charge, now));
                self.refused.stub(record.net(), key(record), of.1, ledger);
            }
            None => self.refused.decline(key(record), of.1, Timestamp::NEVER, now),
            Some((_, ready)) => self.refused.decline(key(record), of.1, ready, now),
        }
    }

    /// Says whether a peer may begin to reconcile: it has a second of its hour left.
    pub(super) fn has_time(&self, peer: NodeId, now: Timestamp) -> bool {
        let second = Charge { resource: Resource::SyncTime, amount: 1000 };
        self.quotas.short(Payer::Peer(peer), &[second], now).is_none()
    }

    /// Takes the time that a peer kept us reconciling from its hour.
    pub(super) fn charge_time(&mut self, peer: NodeId, time: Duration, now: Timestamp) {
        let amount = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.quotas.spend(Payer::Peer(peer), Charge { resource: Resource::SyncTime, amount }, now);
    }

    /// Takes out of the newcomers' pool what may come in now.
    fn freed(&mut self, around: (&Ledger, &BTreeSet<Region>), now: Timestamp) -> Vec<Record> {
        let waiting: Vec<NetId> = self.newcomers.list().map(|newcomer| newcomer.net).collect();
        let mut freed = Vec::new();
        for net in waiting {
            let brings = |r: &Record| around.0.asks_for(r) || around.0.carrier(r).is_some();
            if !self.recognition.has(&net) && !self.newcomers.records(&net).any(brings) {
                continue;
            }
            for record in self.newcomers.take(&net) {
                match self.admit(&record, Origin::Pool, around, now) {
                    Fate::Take => freed.push(record),
                    Fate::Newcomer => drop(self.newcomers.add(&record, now)),
                    Fate::Stub | Fate::Later { .. } => {}
                }
            }
        }
        freed
    }
}

impl Engine {
    /// Lets in what may come in, and remembers what may not.
    pub(super) fn let_in(
        &mut self,
        now: Timestamp,
        records: Vec<Record>,
        from: &Bringer,
    ) -> Vec<Record> {
        let (origin, scope) = match from {
            Bringer::Door => return records,
            Bringer::Gossip(peer) => (Origin::Peer(*peer), None),
            Bringer::Sync(peer, scope) => (Origin::Peer(*peer), Some((*peer, scope))),
        };
        self.look(now);
        let mut welcome = Vec::with_capacity(records.len());
        for record in records {
            // What is here is not judged by who brings it, and costs nothing again.
            if self.ledger.contains(&record.id()) {
                welcome.push(record);
                continue;
            }
            let around = (&self.ledger, &self.settings.regions);
            match self.gate.admit(&record, origin, around, now) {
                Fate::Take => {
                    welcome.push(record);
                    continue;
                }
                Fate::Newcomer => {
                    self.count("newcomer-records", 1);
                    self.gate.newcomers.add(&record, now);
                }
                Fate::Stub => self.count("refused-by-policy", 1),
                Fate::Later { ready } => {
                    self.count("over-quota", 1);
                    if let Some((_, scope)) = scope {
                        self.gate.refused.decline(key(&record), scope, ready, now);
                    }
                    continue;
                }
            }
            if let Some(of) = scope {
                self.gate.refuse(&record, of, &mut self.ledger, now);
            }
        }
        welcome
    }

    /// Looks at the ties when they have changed, and wants again what was refused of those that
    /// they lead to.
    pub(super) fn look(&mut self, now: Timestamp) {
        if self.gate.look(now, &self.ledger, &self.settings) {
            let known = |net: &NetId| self.gate.recognition.has(net);
            let nets: Vec<NetId> = self.gate.refused.networks().filter(known).collect();
            self.want_again(now, &nets);
        }
    }

    /// Wants again what was refused of these networks.
    fn want_again(&mut self, now: Timestamp, nets: &[NetId]) {
        let mut wanted = false;
        for net in nets {
            wanted |= self.gate.refused.welcome(net, &mut self.ledger);
        }
        if wanted {
            self.syncs.stir(now, None, &mut self.dice);
        }
    }

    /// Returns what may come in because these records did, out of the newcomers' pool.
    pub(super) fn follow_in(&mut self, now: Timestamp, taken: &[Record]) -> Vec<Record> {
        self.gate.looked.taken += taken.len();
        let carried = taken.iter().filter_map(|record| match record.body() {
            Body::Carriage(carriage) => Some(carriage.things.iter().map(|named| named.net)),
            _ => None,
        });
        let carried: BTreeSet<NetId> = carried.flatten().collect();
        self.want_again(now, &carried.iter().copied().collect::<Vec<_>>());
        self.look(now);
        if !std::mem::take(&mut self.gate.looked.opens) && carried.is_empty() {
            return Vec::new();
        }
        self.gate.freed((&self.ledger, &self.settings.regions), now)
    }

    /// Takes in what may come in since the ties or the policy have changed.
    pub(super) fn free<S: Store>(&mut self, now: Timestamp, store: &mut S) -> Result<(), S::Error> {
        let freed = self.follow_in(now, &[]);
        // They were let in just now.
        let taken = self.judge(now, freed, &Bringer::Door);
        let fresh = self.fresh(&taken);
        self.settle(now, fresh, Vec::new(), store)
    }

    /// Forgets what has ended of what was not let in, and looks at the ties that time has changed.
    pub(super) fn advance_gate(&mut self, now: Timestamp) {
        self.look(now);
        self.gate.newcomers.advance(now);
        self.gate.refused.advance(now);
    }
}

fn key(record: &Record) -> Key {
    let until = record.header().until;
    let until = if until == Timestamp::NEVER { Key::NEVER } else { until.as_secs() };
    Key { until, id: record.id() }
}
