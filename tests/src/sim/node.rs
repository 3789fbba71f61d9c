//! A simulated machine: an engine, its disk, its clock and its door.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use weft_protocol::admission::Terms;
use weft_protocol::control::Response;
use weft_protocol::engine::{
    BridgeSettings, Choices, Engine, Event, INTERVAL, RequestId, Seq, Settings,
};
use weft_protocol::id::{NetId, NodeId, RecordId};
use weft_protocol::key::SecretKey;
use weft_protocol::ledger::PoolBounds;
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use super::disk::Disk;
use super::gossip::Ear;

/// A machine before it is switched on.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) name: String,
    pub(super) node: NodeId,
    pub(super) regions: Vec<Region>,
    pub(super) hosted: BTreeSet<NetId>,
    pub(super) choices: Choices,
    pub(super) terms: Terms,
    pub(super) skew: Skew,
    pub(super) liar: bool,
    /// Whether it takes no end of anything from others, and so passes none on.
    pub(super) deaf: bool,
}

impl Machine {
    /// Makes the machine of this name and node in the region `us-wa`.
    pub fn new(name: &str, node: NodeId) -> Self {
        let regions = vec!["us-wa".parse().expect("a region")];
        Self {
            name: name.to_owned(),
            node,
            regions,
            hosted: BTreeSet::new(),
            choices: Choices::default(),
            terms: Terms::trusting(),
            skew: Skew::default(),
            liar: false,
            deaf: false,
        }
    }

    /// Returns the key by which its bridge signs.
    pub fn bridge_key(&self) -> SecretKey {
        SecretKey::from_seed(&self.node.0)
    }

    /// Puts it into these regions, the first of them its home.
    #[must_use]
    pub fn in_regions(self, names: &[&str]) -> Self {
        let regions = names.iter().map(|name| name.parse().expect("a region")).collect();
        Self { regions, ..self }
    }

    /// Lets it host a network's own records.
    #[must_use]
    pub fn hosting(mut self, net: NetId) -> Self {
        self.hosted.insert(net);
        self
    }

    /// Lets others in on these terms; without, it takes whatever comes.
    #[must_use]
    pub fn on_terms(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }

    /// Sets its clock ahead of the true time.
    #[must_use]
    pub fn ahead(self, by: Duration) -> Self {
        Self { skew: Skew { ahead: by, behind: Duration::ZERO }, ..self }
    }

    /// Sets its clock behind the true time.
    #[must_use]
    pub fn behind(self, by: Duration) -> Self {
        Self { skew: Skew { ahead: Duration::ZERO, behind: by }, ..self }
    }

    /// Lets it take no end of anything from others: what was withdrawn stands here, is offered as if
    /// it stood, and nobody hears of the withdrawal from it.
    #[must_use]
    pub fn deaf_to_ends(self) -> Self {
        Self { deaf: true, ..self }
    }

    /// Makes it a liar: it follows the protocol with a lie in between.
    #[must_use]
    pub fn lying(self) -> Self {
        Self { liar: true, ..self }
    }
}

/// By how much a clock is wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Skew {
    ahead: Duration,
    behind: Duration,
}

impl Skew {
    /// What the clock shows at a true time.
    pub(super) fn clock(self, now: Timestamp) -> Timestamp {
        now + self.ahead - self.behind
    }

    /// The true time at which the clock shows this.
    pub(super) fn truth(self, shown: Timestamp) -> Timestamp {
        shown - self.ahead + self.behind
    }
}

/// What clients of a node's door have asked and heard.
#[derive(Debug, Default)]
pub(super) struct Door {
    asked: u64,
    /// Answers, in the order in which they came.
    pub(super) replies: BTreeMap<RequestId, Vec<Response>>,
    /// Answers that are complete.
    pub(super) complete: BTreeSet<RequestId>,
    /// Records whose keeping was acknowledged.
    pub(super) acknowledged: BTreeSet<RecordId>,
}

impl Door {
    /// Names the next request.
    pub(super) fn next(&mut self) -> RequestId {
        self.asked += 1;
        RequestId(self.asked)
    }
}

/// A machine of a simulation.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) machine: Machine,
    /// None when it is switched off.
    pub(super) engine: Option<Engine>,
    pub(super) disk: Disk,
    /// Counts its starts: what was meant for an earlier life is void.
    pub(super) life: u32,
    /// When it has asked to be woken, in true time.
    pub(super) alarm: Option<Timestamp>,
    pub(super) door: Door,
    pub(super) ear: Ear,
    /// What it has told, in all its lives.
    pub(super) told: Vec<Event>,
}

impl Node {
    pub(super) fn new(machine: Machine) -> Self {
        Self {
            machine,
            engine: None,
            disk: Disk::default(),
            life: 0,
            alarm: None,
            door: Door::default(),
            ear: Ear::default(),
            told: Vec::new(),
        }
    }

    /// Starts the engine over what the disk has. Returns what is to be made durable.
    pub(super) fn start(&mut self, now: Timestamp, seed: [u8; 32]) -> Option<Seq> {
        self.life += 1;
        let settings = Settings {
            node: self.machine.node,
            version: "simulated".to_owned(),
            home: self.machine.regions[0].clone(),
            regions: self.machine.regions.iter().cloned().collect(),
            hosted: self.machine.hosted.clone(),
            choices: self.machine.choices.clone(),
            terms: self.machine.terms.clone(),
            pool: PoolBounds::default(),
            bridge: BridgeSettings {
                key: Some(self.machine.bridge_key().public()),
                rules: Vec::new(),
            },
            interval: INTERVAL,
            seed,
        };
        let now = self.machine.skew.clock(now);
        let mut engine = Engine::new(settings, now);
        let records: Vec<_> =
            self.disk.replay().map(|b| super::gossip::verified(b).expect("our own disk")).collect();
        let Ok(()) = engine.restore(now, &records, &mut self.disk);
        let Ok(seq) = engine.restored(now, &mut self.disk);
        self.engine = Some(engine);
        seq
    }

    /// Switches it off without warning.
    pub(super) fn crash(&mut self) {
        self.engine = None;
        self.life += 1;
        self.alarm = None;
        self.disk.crash();
        self.ear = Ear::default();
    }
}
