//! Who is let in.
//!
//! **Invariant:** a record reaches the ledger only through the door of this node, or because the
//! gate let it in; whatever else a peer brings costs at most a place in a pool of fixed size.
//!
//! **Invariant:** what a node refuses and others keep is counted in its sets by name, so that both
//! agree after they have met once.

use std::collections::BTreeSet;
use std::time::Duration;

use super::refused::{Refusal, Refused, Why};
use super::{Effect, Engine, Settings, Store};
use crate::admission::{
    Action, Arrival, Bill, Charge, Concern, Entry, Fate, Mode, Newcomers, Origin, Payer, Policy,
    Quotas, Recognition, Resource, Ruling, Stance, Stock, Terms, admit, charges, consider,
};
use crate::id::{NetId, NodeId};
use crate::ledger::Ledger;
use crate::ledger::{Signer, Wanted};
use crate::record::Claim;
use crate::record::Record;
use crate::region::Region;
use crate::sync::Scope;
use crate::time::Timestamp;
use crate::weave::Classes;

/// For how many stored records one new one is worth a look at all ties: a look goes over what is
/// stored once, and taking a record in costs many times what passing over one does.
const RECORDS_A_LOOK: usize = 64;

/// How long a change of ties may wait to be looked at while many records come.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How often what is stored is counted anew: it goes over all networks once.
const COUNT_AGAIN: Duration = Duration::from_secs(60);

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
    pub(super) stock: Stock,
    pub(super) newcomers: Newcomers,
    pub(super) refused: Refused,
    /// The names by which what is not here may come in from now on.
    called: BTreeSet<[u8; 32]>,
    /// The nodes with which no connection is to be.
    barred: BTreeSet<NodeId>,
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
    /// When what is stored was last counted.
    counted: Timestamp,
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

impl Bringer {
    /// Returns the node that brought them.
    fn peer(&self) -> Option<NodeId> {
        match self {
            Self::Door => None,
            Self::Gossip(peer) | Self::Sync(peer, _) => Some(*peer),
        }
    }
}

impl Settings {
    /// Returns the networks from which recognition starts, those that the policy allows aside.
    pub(super) fn seeds(&self) -> BTreeSet<NetId> {
        self.homes().chain(self.terms.seeds.iter().copied()).collect()
    }
}

impl Gate {
    pub(super) fn new(terms: &Terms, policy: Policy) -> Self {
        Self {
            policy,
            recognition: Recognition::default(),
            classes: Classes::default(),
            quotas: Quotas::new(terms.quota),
            stock: Stock::new(terms.stock),
            newcomers: Newcomers::new(terms.newcomers),
            refused: Refused::default(),
            called: BTreeSet::new(),
            barred: BTreeSet::new(),
            looked: Looked::default(),
        }
    }

    /// Lets the next look be at once: what recognition starts from has changed.
    pub(super) fn look_again(&mut self) {
        self.looked.relations = None;
    }

    /// Looks at the ties when they have changed. Whoever they lead to now and did not before is
    /// called.
    pub(super) fn look(&mut self, now: Timestamp, ledger: &Ledger, settings: &Settings) {
        let relations = ledger.relations();
        if now.since(self.looked.counted) >= COUNT_AGAIN {
            self.count(now, ledger, settings);
        }
        if self.looked.relations == Some(relations) {
            self.looked.due = None;
            return;
        }
        let worth = self.looked.taken >= ledger.len() / RECORDS_A_LOOK;
        let due = self.looked.at + LOOK_AGAIN;
        if self.looked.relations.is_some() && !worth && now < due {
            self.looked.due = Some(due);
            return;
        }
        let mut seeds = settings.seeds();
        seeds.extend(self.policy.allowed(now));
        let distance = settings.terms.distance;
        let before = std::mem::take(&mut self.recognition);
        self.recognition = Recognition::new(&seeds, ledger.tied(now), distance);
        self.classes = Classes::new(ledger.links(now));
        let new = self.recognition.iter().map(|(net, _)| net).filter(|net| !before.has(net));
        for net in new {
            self.called.insert(net.0);
            self.called.extend(ledger.named_by(net));
        }
        let (relations, counted) = (Some(relations), self.looked.counted);
        self.looked = Looked { relations, at: now, taken: 0, due: None, counted };
        self.count(now, ledger, settings);
    }

    /// Counts what is stored of whom: what was let in since the last time is known, and what has ended is
    /// not.
    fn count(&mut self, now: Timestamp, ledger: &Ledger, settings: &Settings) {
        self.looked.counted = now;
        self.stock.count(ledger.held(), settings.homes().collect(), &self.recognition);
    }

    /// The next moment at which a look is due: at once before the first, which what a node had
    /// stored waits for, when somebody was called, and when something ends that the operator has said.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let at_once = !self.called.is_empty() || self.looked.relations.is_none();
        let look = self.looked.due.or(at_once.then_some(self.looked.at));
        [look, self.policy.deadline()].into_iter().flatten().min()
    }

    /// Rules on a record, and says what decided.
    fn admit(&mut self, arrival: &Arrival<'_>, now: Timestamp) -> (Fate, Option<Ruling>) {
        let Self { policy, recognition, quotas, stock, .. } = self;
        let mut stance = Stance { policy, recognition, quotas, stock };
        let (fate, steps) = admit(arrival, &mut stance, now);
        if fate == Fate::Take {
            self.stock.take(arrival.record, &self.recognition);
        }
        (fate, steps.into_iter().next_back())
    }

    /// Rules on a record as if it came now, and nobody pays.
    pub(super) fn consider(
        &self,
        record: &Record,
        (ledger, regions): (&Ledger, &BTreeSet<Region>),
        now: Timestamp,
    ) -> (Fate, Vec<Ruling>) {
        let arrival = self.arrival(record, Origin::Pool, ledger, regions);
        let stance = (&self.policy, &self.recognition, &self.quotas, &self.stock);
        consider(&arrival, stance, now)
    }

    fn arrival<'a>(
        &self,
        record: &'a Record,
        origin: Origin,
        ledger: &Ledger,
        regions: &BTreeSet<Region>,
    ) -> Arrival<'a> {
        let claim = Claim::of(record);
        let known = self.recognition.has(&claim.net);
        let home = record.header().home.as_ref();
        let foreign = home.is_some_and(|home| !regions.contains(&home.region));
        let carrier = (foreign || !known).then(|| ledger.carrier(&claim)).flatten();
        let wanted =
            (!known).then(|| ledger.asks_for(&claim, |net| self.recognition.has(net))).flatten();
        let (backs, signer) = (ledger.backs(&claim), ledger.signer_of(record));
        // Of whom nobody recognises no more is taken than what it says here needs.
        let more = !known && wanted != Some(Wanted::Named) && claim.follows;
        let more = more && !ledger.lacks(record, &BTreeSet::new());
        let (wanted, backs) = (wanted.filter(|_| !more), backs && !more);
        Arrival { record, origin, carrier, wanted, backs, signer }
    }

    /// Returns what the operator has said that keeps a record out, whoever brings it.
    pub(super) fn blocks(&self, record: &Record, now: Timestamp) -> Option<&Entry> {
        let said = self.policy.ruled(&Concern::about(record, None), now).into_iter();
        said.into_iter().find(|entry| entry.action == Action::Block)
    }

    /// Says whether something that nobody had asked for would come in now.
    fn would_admit(&self, claim: &Claim, ledger: &Ledger) -> bool {
        let known = self.recognition.of(&claim.net);
        if self.policy.mode == Mode::Closed {
            return known.is_some_and(|known| known.distance == 0) || ledger.backs(claim);
        }
        let carried = || ledger.carrier(claim).is_some_and(|by| self.recognition.has(&by));
        known.is_some()
            || carried()
            || ledger.asks_for(claim, |net| self.recognition.has(net)).is_some()
    }

    /// Remembers that a record is not let in, so that nobody sends it again.
    pub(super) fn refuse(&mut self, refusal: Refusal, peer: NodeId, now: Timestamp) {
        let charge = Charge { resource: Resource::Stubs, amount: 1 };
        let payers = [Payer::Network(refusal.claim.net), Payer::Peer(peer)].map(Bill::of);
        let short = payers.iter().find_map(|p| self.quotas.short(p, &[charge], now));
        match short {
            None if self.refused.has_room(&peer) => {
                payers.iter().for_each(|payer| self.quotas.spend(payer, charge, now));
                self.refused.stub(refusal, peer, now);
            }
            None => self.refused.decline(refusal, peer, (Timestamp::NEVER, now)),
            Some((_, ready)) => self.refused.decline(refusal, peer, (ready, now)),
        }
    }

    /// What waited because nobody had named its key is stored now: its network pays, when it stands
    /// behind that key.
    pub(super) fn pay_late(&mut self, record: &Record, ledger: &Ledger, now: Timestamp) {
        if ledger.signer_of(record) != Signer::Speaks {
            return;
        }
        let bills = self.recognition.bills(&record.net());
        let Some(bill) = bills.first() else { return };
        for charge in charges(record) {
            self.quotas.spend(bill, charge, now);
        }
    }

    /// Takes from a peer's hour what it has brought by gossip and was not kept: to see that it is well signed
    /// has cost as much as if it were.
    pub(super) fn charge_unkept(&mut self, peer: NodeId, records: usize, now: Timestamp) {
        let amount = u64::try_from(records).unwrap_or(u64::MAX);
        if amount > 0 {
            let charge = Charge { resource: Resource::Stubs, amount };
            self.quotas.spend(&Bill::of(Payer::Peer(peer)), charge, now);
        }
    }

    /// Says whether gossip of a peer is worth to be looked at: it has not brought too much for nothing.
    fn is_worth_hearing(&self, peer: NodeId, now: Timestamp) -> bool {
        let one = Charge { resource: Resource::Stubs, amount: 1 };
        self.quotas.short(&Bill::of(Payer::Peer(peer)), &[one], now).is_none()
    }

    /// Says whether a peer may begin to reconcile: it has a second of its hour left.
    pub(super) fn has_time(&self, peer: NodeId, now: Timestamp) -> bool {
        let second = Charge { resource: Resource::SyncTime, amount: 1000 };
        self.quotas.short(&Bill::of(Payer::Peer(peer)), &[second], now).is_none()
    }

    /// Takes the time that a peer kept us reconciling from its hour.
    pub(super) fn charge_time(&mut self, peer: NodeId, time: Duration, now: Timestamp) {
        let amount = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let charge = Charge { resource: Resource::SyncTime, amount };
        self.quotas.spend(&Bill::of(Payer::Peer(peer)), charge, now);
    }

    /// Wants again what was refused because nobody asked for it, and somebody does now; says
    /// whether there was anything.
    fn want_again(
        &mut self,
        called: &BTreeSet<[u8; 32]>,
        (ledger, regions): (&Ledger, &BTreeSet<Region>),
    ) -> bool {
        let mut wanted = false;
        for name in called {
            let all = self.refused.under(*name).filter(|(_, refusal)| match refusal.why {
                Why::Unknown => self.would_admit(&refusal.claim, ledger),
                Why::Uncarried => ledger.would_visit(&refusal.claim, regions),
                Why::Said | Why::Short => false,
            });
            let places: Vec<u64> = all.map(|(place, _)| place).collect();
            for place in places {
                wanted |= self.refused.remove(place).is_some();
            }
        }
        wanted
    }

    /// Takes out of the newcomers' pool what is called and may come in now. What only waits for room
    /// leaves it as well, and is wanted from peers again.
    fn freed(
        &mut self,
        called: &BTreeSet<[u8; 32]>,
        (ledger, regions): (&Ledger, &BTreeSet<Region>),
        now: Timestamp,
    ) -> Vec<Record> {
        let nets: BTreeSet<NetId> =
            called.iter().flat_map(|name| self.newcomers.under(*name)).collect();
        let mut freed = Vec::new();
        for net in nets {
            let records: Vec<Record> = self.newcomers.records(&net).cloned().collect();
            // An answer that is asked for waits until its key is named: so what names it is too.
            let is_asked = |record: &&Record| {
                ledger.asks_for(&Claim::of(record), |net| self.recognition.has(net)).is_some()
            };
            let asked: Vec<&Record> = records.iter().filter(is_asked).collect();
            let roles = asked.iter().filter_map(|record| record.header().role).collect();
            let asked = !asked.is_empty();
            for record in records {
                let mut arrival = self.arrival(&record, Origin::Pool, ledger, regions);
                if asked && Claim::of(&record).follows && ledger.lacks(&record, &roles) {
                    arrival.backs = true;
                    arrival.wanted = arrival.wanted.or(Some(Wanted::Answers));
                }
                let (fate, _) = self.admit(&arrival, now);
                if fate == Fate::Newcomer {
                    continue;
                }
                self.forget(&record);
                if fate == Fate::Take {
                    freed.push(record);
                }
            }
        }
        freed
    }

    /// Lets what is too much be for an hour, where it would be asked for again at once: who has it
    /// has not heard of what is kept in its place.
    pub(super) fn leave_alone(&mut self, record: &Record, from: &Bringer, now: Timestamp) {
        if let Bringer::Sync(peer, scope) = from {
            let refusal = Refusal::of(record, scope, Why::Short);
            self.refused.decline(refusal, *peer, (record.header().until, now));
        }
    }

    /// Forgets that a record was not let in.
    fn forget(&mut self, record: &Record) -> bool {
        self.newcomers.remove(&record.net(), &record.id());
        self.refused.lift(&record.id())
    }
}

impl Engine {
    /// Says whether gossip of a peer is to be verified at all. Of one that has brought too much which was not
    /// kept, nothing is for a while; reconciling, which has a price of its own, brings what is missed.
    pub fn hears_gossip_of(&self, peer: NodeId, now: Timestamp) -> bool {
        self.gate.is_worth_hearing(peer, now)
    }

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
            if self.ledger.knows(&record.id()) {
                welcome.push(record);
                continue;
            }
            let (ledger, regions) = (&self.ledger, &self.settings.regions);
            let arrival = self.gate.arrival(&record, origin, ledger, regions);
            let why = match self.gate.admit(&arrival, now) {
                (Fate::Take, _) => {
                    self.gate.forget(&record);
                    welcome.push(record);
                    continue;
                }
                (Fate::Newcomer, _) => {
                    self.count("newcomer-records", 1);
                    let ours = self.settings.homes().collect();
                    let peer = from.peer();
                    self.gate.newcomers.add(&record, peer, &ours, now);
                    let claim = Claim::of(&record);
                    // What of its network is asked for may have waited for this.
                    self.gate.called.extend(claim.follows.then_some(claim.net.0));
                    Why::Unknown
                }
                (Fate::Stub, because) => {
                    let full = because == Some(Ruling::Full);
                    self.count(if full { "over-stock" } else { "refused-by-policy" }, 1);
                    match because {
                        Some(Ruling::Closed) => Why::Unknown,
                        Some(Ruling::Full) => Why::Short,
                        _ => Why::Said,
                    }
                }
                (Fate::Later { ready }, _) => {
                    self.count("over-quota", 1);
                    if let Some((peer, scope)) = scope {
                        let refusal = Refusal::of(&record, scope, Why::Short);
                        self.gate.refused.decline(refusal, peer, (ready, now));
                    }
                    continue;
                }
            };
            if let Some((peer, scope)) = scope {
                let refusal = Refusal::of(&record, scope, why);
                self.gate.refuse(refusal, peer, now);
            }
        }
        welcome
    }

    /// Looks at the ties when they have changed.
    pub(super) fn look(&mut self, now: Timestamp) {
        if self.gate.policy.advance(now) {
            // What the operator had said for a while holds no longer.
            self.gate.look_again();
            if self.gate.refused.welcome(|why| why == Why::Said) {
                self.syncs.stir(now, None, &mut self.dice);
            }
        }
        // So it is at first, and whenever something else is said.
        let said = self.gate.looked.relations.is_none();
        self.gate.look(now, &self.ledger, &self.settings);
        if said {
            self.bar(now);
        }
    }

    /// Lets the connections be as the operator has said.
    fn bar(&mut self, now: Timestamp) {
        self.company.note_word();
        let barred = self.gate.policy.barred(now);
        let before = std::mem::replace(&mut self.gate.barred, barred);
        let now = &self.gate.barred;
        self.out.extend(now.difference(&before).copied().map(Effect::Bar));
        self.out.extend(before.difference(now).copied().map(Effect::Unbar));
    }

    /// Wants again what was refused and may come in because these records did, and returns what of
    /// it was kept among the newcomers.
    pub(super) fn follow_in(&mut self, now: Timestamp, taken: &[Record]) -> Vec<Record> {
        self.gate.looked.taken += taken.len();
        self.look(now);
        let mut called = std::mem::take(&mut self.gate.called);
        called.extend(self.ledger.take_called());
        if self.gate.newcomers.is_empty() && self.gate.refused.is_empty() {
            return Vec::new();
        }
        let Self { gate, ledger, settings, .. } = self;
        let freed = gate.freed(&called, (ledger, &settings.regions), now);
        if gate.want_again(&called, (ledger, &settings.regions)) {
            self.syncs.stir(now, None, &mut self.dice);
        }
        freed
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
