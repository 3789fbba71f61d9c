//! The whole node as one machine with one call.
//!
//! [`Engine::handle`] takes one [`Input`] and returns [`Effects`]: what must now be done, in
//! order. The driver does it, and feeds back what comes of it. A simulator is another driver.
//!
//! The engine only routes: the [`Ledger`] judges, `intake` keeps, `syncs` reconciles, `publish`
//! gossips, `bridging` carries into other regions, `durable` waits for the disk, `answers` answers
//! at the door.
//!
//! **Invariant:** effects borrow the engine, so the next input cannot be handled before the
//! effects of this one were taken.
//!
//! **Invariant:** the same inputs at the same times give the same effects.
//!
//! **Invariant:** nothing that a peer sends is an error; the only error is the store's.

mod answers;
mod bridge_tasks;
mod bridging;
mod brought;
mod choices;
mod company;
mod deciding;
mod dice;
mod durable;
mod effect;
mod gate;
mod gone;
mod guests;
mod history;
mod holders;
mod homecoming;
mod input;
mod intake;
mod judging;
mod listing;
mod lost;
mod overwriting;
mod past;
mod policy;
mod publish;
mod reconcile;
mod refused;
mod regions;
mod store;
mod syncs;
#[cfg(test)]
mod tests;
mod views;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use crate::event::Event;
pub use bridging::{BridgeChoices, BridgeSettings, PIECE, Seal, WALK_AGAIN};
pub use brought::FOLLOWING_MAX;
pub use choices::{Choices, KEEPING_MAX};
pub use durable::BATCHES_MAX;
pub use effect::{Effect, Verdict};
pub use holders::{ASKED_MAX, PATIENCE};
pub use input::{GossipId, Input, RequestId, SessionId};
pub use listing::PAGE;
pub use overwriting::OVERWRITTEN_AFTER;
pub use publish::{GATHER, PUBLISH_BYTES_MAX};
pub use refused::{DECLINED_FOR, DECLINED_MAX, STUBS_FOR, STUBS_MAX};
pub use regions::REGIONS_MAX;
pub use store::{Hidden, MemoryStore, Seq, Store};
pub use syncs::{
    AFTER_FAILURE, AFTER_NEWS, COURTESY, INTERVAL, PAUSE, SESSIONS_MAX, SOON, STRANGERS_MAX,
};

use bridging::Bridging;
use choices::Keeping;
use company::Company;
use dice::Dice;
use durable::Durable;
use gate::{Bringer, Gate};
use gone::Gone;
use holders::Holders;
use listing::Listings;
use lost::{Lost, Watched};
use overwriting::Overwriting;
use past::Past;
use publish::Publisher;
use syncs::Syncs;

use crate::admission::{Mode, Terms};
use crate::control::{Failure, Response};
use crate::id::{NetId, NodeId};
use crate::ledger::{Ledger, PoolBounds};
use crate::record::Record;
use crate::region::Region;
use crate::sync::Reason;
use crate::time::Timestamp;

/// What an engine is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// This node.
    pub node: NodeId,
    /// The version of the program, for those who ask.
    pub version: String,
    /// The region that this node's networks publish in.
    pub home: Region,
    /// All regions that the node is in.
    pub regions: BTreeSet<Region>,
    /// The networks whose `own` records live here, as the configuration says.
    pub hosted: BTreeSet<NetId>,
    /// What the operator has chosen beside the configuration.
    pub choices: Choices,
    /// On which terms others are let in.
    pub terms: Terms,
    /// How much may wait to be judged.
    pub pool: PoolBounds,
    /// The bridge's key, and its rules in the configuration.
    pub bridge: BridgeSettings,
    /// About how often to reconcile with someone when nothing happens; [`INTERVAL`] is usual.
    pub interval: Duration,
    /// Fresh randomness, from which all of the engine's comes.
    pub seed: [u8; 32],
}

impl Settings {
    /// Iterates over the networks that live here.
    pub(crate) fn homes(&self) -> impl Iterator<Item = NetId> + '_ {
        self.hosted.union(&self.choices.networks).copied()
    }

    /// Returns how open the node is at the start.
    pub fn mode(&self) -> Mode {
        self.choices.mode.unwrap_or(self.terms.mode)
    }
}

/// What has been counted since the start.
pub(crate) type Counters = BTreeMap<&'static str, u64>;

/// The node.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    since: Timestamp,
    ledger: Ledger,
    gate: Gate,
    company: Company,
    syncs: Syncs,
    publisher: Publisher,
    durable: Durable,
    listings: Listings,
    holders: Holders,
    lost: Lost,
    past: Past,
    gone: Gone,
    overwriting: Overwriting,
    bridging: Bridging,
    keeping: Keeping,
    counters: Counters,
    dice: Dice,
    out: Vec<Effect>,
}

/// What must now be done, in order.
#[must_use = "effects must be done, in order"]
#[derive(Debug)]
pub struct Effects<'a>(std::vec::Drain<'a, Effect>);

impl Iterator for Effects<'_> {
    type Item = Effect;

    fn next(&mut self) -> Option<Effect> {
        self.0.next()
    }
}

impl Engine {
    /// Makes the engine of a node that begins at this moment with an empty ledger.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        let mut ledger = Ledger::new(settings.pool);
        ledger.listen();
        ledger.keep(settings.regions.clone());
        Self {
            since: now,
            ledger,
            gate: Gate::new(&settings.terms, choices::policy(&settings, now)),
            company: Company::default(),
            syncs: Syncs::new(settings.node, settings.interval),
            publisher: Publisher::default(),
            durable: Durable::default(),
            listings: Listings::default(),
            holders: Holders::default(),
            lost: Lost::default(),
            past: Past::default(),
            gone: Gone::default(),
            overwriting: Overwriting::default(),
            bridging: Bridging::new(settings.bridge.clone(), &settings.choices.bridge, now),
            keeping: Keeping::default(),
            counters: Counters::new(),
            dice: Dice::new(settings.seed),
            out: Vec::new(),
            settings,
        }
    }

    /// Takes what the store holds, what it hides too, in any order and any batches; then
    /// [`Engine::restored`] is to be called.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn restore<S: Store>(
        &mut self,
        now: Timestamp,
        records: &[Record],
        store: &mut S,
    ) -> Result<(), S::Error> {
        self.ledger.replay(records, now);
        for record in records.iter().filter(|record| record.header().until <= now) {
            self.restore_over(now, record, store)?;
        }
        // Nothing was refused yet.
        self.ledger.take_called();
        self.note_erasures();
        Ok(())
    }

    /// Handles one input and returns what must now be done, in order.
    ///
    /// # Errors
    /// Only when the store fails to read.
    pub fn handle<S: Store>(
        &mut self,
        now: Timestamp,
        input: Input,
        store: &mut S,
    ) -> Result<Effects<'_>, S::Error> {
        let mut watched = Watched::new(store);
        self.route(now, input, &mut watched)?;
        self.cross(now, &mut watched)?;
        if self.lost.note(watched.into_absent(), &self.ledger) {
            self.syncs.stir(now, None, &mut self.dice);
        }
        // What became due by this very input need not wait for a wake-up.
        self.publisher.wake(now, &mut self.out);
        self.syncs.wake(now, &mut self.dice, &mut self.out);
        self.ask_holders(now);
        self.keep_company(now, store)?;
        Ok(Effects(self.out.drain(..)))
    }

    fn route<S: Store>(
        &mut self,
        now: Timestamp,
        input: Input,
        store: &mut S,
    ) -> Result<(), S::Error> {
        match input {
            Input::Wake => self.wake(now, store)?,
            // What was on its way when this node left the region is of no region here.
            Input::Met { region, .. } if !self.settings.regions.contains(&region) => {}
            Input::Met { peer, region, chosen } => {
                self.out.push(Effect::Tell(Event::Met { peer, region: region.clone() }));
                self.syncs.met(now, (peer, chosen), region, &mut self.dice);
            }
            Input::Left { peer, region } => {
                if self.syncs.left(peer, &region) {
                    self.break_off(now, peer, Reason::NothingShared);
                }
            }
            Input::Parted(peer) => {
                self.break_off(now, peer, Reason::Silent);
                self.syncs.parted(peer);
                self.holders.parted(peer);
                self.out.push(Effect::Tell(Event::Parted { peer }));
            }
            Input::Gossip { gossip, from, region, records } => {
                self.gossip(now, (gossip, from, &region), records, store)?;
            }
            Input::Posted { request, records } => {
                self.posted(now, request, records, store)?;
            }
            Input::Asked { request, asked } => self.answer(now, request, asked, store)?,
            Input::More(request) => self.more(now, request, store)?,
            Input::Gone(request) => {
                self.listings.forget(request);
                self.holders.forget(request);
            }
            Input::Opened(session) => self.opened(now, session, store)?,
            Input::Accepted { session, peer } => self.accepted(now, session, peer, store)?,
            Input::Frame { session, frame } => self.frame(now, session, frame, store)?,
            Input::Delivered { session, peer, scope, records, bytes, bad } => {
                self.bad(peer, bad);
                let from = Bringer::Sync(peer, scope);
                self.delivered(now, (session, from), (records, bytes), store)?;
            }
            Input::Closed(session) if self.inquired(now, session, None) => {}
            Input::Closed(session) => {
                self.charge(now, session);
                if let Some(peer) = self.syncs.closed(now, session, &mut self.dice) {
                    self.tell_unheard(peer, Reason::Silent);
                }
            }
            Input::Signed { seal, record } => self.signed(now, (seal, record), store)?,
            Input::Persisted(seq) => self.persisted(now, seq),
            Input::PersistFailed(why) => self.refuse_writes(why),
            Input::PersistRecovered => self.accept_writes(now),
            Input::Kept { request, failure } => self.kept(request, failure),
        }
        Ok(())
    }

    /// The next moment at which [`Input::Wake`] is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        let all = [
            self.syncs.deadline(),
            self.holders.deadline(|node| self.syncs.is_free(node)),
            self.publisher.deadline(),
            self.ledger.deadline(),
            self.bridge_deadline(),
            self.gate.deadline().filter(|_| self.takes_writes()),
            self.company.deadline(),
            self.overwriting.deadline().filter(|_| self.takes_writes()),
        ];
        all.into_iter().flatten().min()
    }

    /// Returns what all stored records amount to, for tests and tools.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn wake<S: Store>(&mut self, now: Timestamp, store: &mut S) -> Result<(), S::Error> {
        let aged = self.ledger.deadline().is_some_and(|due| due <= now);
        if aged {
            self.ledger.advance(now);
            self.advance_gate(now);
            self.settle(now, Vec::new(), Vec::new(), store)?;
        }
        let looks = self.gate.deadline().is_some_and(|due| due <= now);
        if (aged || looks) && self.takes_writes() {
            self.free(now, store)?;
        }
        if self.takes_writes() {
            self.overwrite(now, store)?;
        }
        for session in self.syncs.overdue(now) {
            self.expire(now, session);
        }
        Ok(())
    }

    fn count(&mut self, what: &'static str, n: u64) {
        *self.counters.entry(what).or_default() += n;
    }

    fn refuse_writes(&mut self, why: String) {
        if self.durable.refusing().is_none() {
            self.out.push(Effect::Tell(Event::ReadOnly { why: why.clone() }));
        }
        for request in self.durable.take_replies() {
            self.reply(request, vec![Response::Failed(Failure::ReadOnly(why.clone()))]);
        }
        self.durable.set_refusing(Some(why));
    }

    fn accept_writes(&mut self, now: Timestamp) {
        if self.durable.refusing().is_some() {
            self.durable.set_refusing(None);
            self.out.push(Effect::Tell(Event::Writable));
            self.syncs.now(now);
            // What the bridge could not sign for meanwhile is found again.
            self.bridging.walk_all(now);
        }
    }
}
