//! A simulated federation: real engines, real signatures, and everything else made up.
//!
//! The simulator replaces the driver and nothing else: it feeds each engine inputs and does its
//! effects, over a network that loses, doubles, delays and parts, with disks that take their time
//! and clocks that are wrong. Liars are engines whose words are changed on the way out.
//!
//! ```
//! use std::time::Duration;
//! use weft_tests::sim::{Machine, Simulation, Weather};
//! use weft_tests::world::World;
//!
//! let world = World::new(1);
//! let mut sim = Simulation::new(1, Weather::CALM);
//! let alice = sim.join(Machine::new("alice", world.node("alice")));
//! let bob = sim.join(Machine::new("bob", world.node("bob")));
//! sim.weave();
//! sim.run(Duration::from_secs(5));
//! let fates = sim.post(alice, &[world.network("alice").inception]);
//! sim.run(Duration::from_secs(5));
//! assert!(fates.is_some() && sim.is_in_step(&[alice, bob]));
//! ```
//!
//! **Invariant:** the same seed gives the same trace: every choice comes from one seeded source,
//! and every event has one place in one order.
//!
//! **Invariant:** after every event all bounds hold that [`Simulation`] can see; it panics at the
//! first that does not, and prints the seed and the end of the trace.

#![expect(clippy::missing_panics_doc, reason = "a harness panics when a test is wrong")]

mod act;
mod check;
mod disk;
mod gossip;
mod liar;
mod links;
mod node;
mod queue;
mod stream;
mod trace;
mod weather;

pub use node::Machine;
pub use weather::Weather;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use weft_protocol::control::{Request, Response};
use weft_protocol::engine::{self, Engine, Input, RequestId};
use weft_protocol::id::{NodeId, RecordId};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::world::START;
use links::Links;
use node::Node;
use queue::{Event, Queue};
use stream::Streams;
use trace::{Line, Trace};
use weather::Dice;

/// The least time that anything takes.
const AT_ONCE: Duration = Duration::from_millis(1);

/// How often in a row an engine may ask to be woken at once: more than its machines, and the next
/// would never end.
const WAKES_AT_ONCE: u32 = 16;

/// Names a node of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer(usize);

/// A simulated federation.
#[derive(Debug)]
pub struct Simulation {
    seed: u64,
    now: Timestamp,
    weather: Weather,
    dice: Dice,
    queue: Queue,
    trace: Trace,
    nodes: Vec<Node>,
    links: Links,
    streams: Streams,
    /// How often each message went over each link.
    copies: BTreeMap<([u8; 32], Peer, Peer), u32>,
    /// How often each record was sent by gossip over each link in each direction.
    sent: BTreeMap<(RecordId, Peer, Peer), u32>,
    /// Records whose bytes somebody was told to drop.
    erased: BTreeSet<RecordId>,
    /// Gossip messages that were refused before any engine saw them.
    rejected: u64,
}

impl Simulation {
    /// Makes an empty simulation.
    pub fn new(seed: u64, weather: Weather) -> Self {
        let mut sim = Self {
            seed,
            now: START,
            weather,
            dice: Dice(ChaCha8Rng::seed_from_u64(seed)),
            queue: Queue::default(),
            trace: Trace::default(),
            nodes: Vec::new(),
            links: Links::default(),
            streams: Streams::default(),
            copies: BTreeMap::new(),
            sent: BTreeMap::new(),
            erased: BTreeSet::new(),
            rejected: 0,
        };
        sim.set_weather(weather);
        sim
    }

    /// Changes the weather.
    pub fn set_weather(&mut self, weather: Weather) {
        let begins =
            weather.mishaps.filter(|_| self.weather.mishaps.is_none() || self.now == START);
        self.weather = weather;
        if let Some(about) = begins {
            self.queue.plan(self.now + about, Event::Mishap);
        }
    }

    /// Switches a machine on.
    pub fn join(&mut self, machine: Machine) -> Peer {
        let peer = Peer(self.nodes.len());
        let lies = machine.liar;
        self.nodes.push(Node::new(machine));
        self.start(peer);
        if lies {
            self.queue.plan(self.now + AT_ONCE, Event::Lie(peer));
        }
        peer
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, event)) = self.queue.next(end) {
            self.now = at;
            self.happen(event);
        }
        self.now = end;
    }

    /// Lets time pass until these nodes agree; returns how long that took, or nothing when it was
    /// not within the limit.
    pub fn run_until_in_step(&mut self, peers: &[Peer], limit: Duration) -> Option<Duration> {
        let begin = self.now;
        while self.now.since(begin) <= limit {
            if self.is_in_step(peers) {
                return Some(self.now.since(begin));
            }
            self.run(Duration::from_millis(250));
        }
        None
    }

    /// Posts records at a node's door and waits at most a second of simulated time. Returns what
    /// became of each, or nothing when the node is off or crashed over it.
    pub fn post(&mut self, peer: Peer, records: &[Record]) -> Option<Vec<Response>> {
        let request = self.nodes[peer.0].door.next();
        self.nodes[peer.0].engine.as_ref()?;
        self.feed(peer, Input::Posted { request, records: records.to_vec() });
        for _ in 0..100 {
            if self.nodes[peer.0].door.complete.contains(&request) {
                break;
            }
            self.run(Duration::from_millis(10));
        }
        self.answer(peer, request)
    }

    /// Asks a question at a node's door and reads the answer to its end.
    pub fn ask(&mut self, peer: Peer, asked: Request) -> Option<Vec<Response>> {
        let request = self.nodes[peer.0].door.next();
        self.nodes[peer.0].engine.as_ref()?;
        self.feed(peer, Input::Asked { request, asked });
        // It may wait for a signature, the disk or a file.
        for _ in 0..500 {
            if self.nodes[peer.0].door.replies.contains_key(&request) {
                break;
            }
            self.run(Duration::from_millis(10));
        }
        for _ in 0..1000 {
            if self.nodes[peer.0].door.complete.contains(&request) {
                break;
            }
            self.feed(peer, Input::More(request));
        }
        self.answer(peer, request)
    }

    fn answer(&mut self, peer: Peer, request: RequestId) -> Option<Vec<Response>> {
        let door = &mut self.nodes[peer.0].door;
        door.complete.remove(&request).then(|| door.replies.remove(&request).unwrap_or_default())
    }

    /// Lets a disk refuse writes, or take them again.
    pub fn refuse_writes(&mut self, peer: Peer, refuses: bool) {
        let node = &mut self.nodes[peer.0];
        node.disk.refuses = refuses;
        let life = node.life;
        self.queue.plan(self.now + AT_ONCE, Event::Written(peer, life));
        if !refuses {
            self.plan_input(peer, AT_ONCE, Input::PersistRecovered);
        }
    }

    /// Returns a node's engine; nothing while it is off.
    pub fn engine(&self, peer: Peer) -> Option<&Engine> {
        self.nodes[peer.0].engine.as_ref()
    }

    /// Says whether a node's disk has a record's bytes.
    pub fn holds(&mut self, peer: Peer, id: &RecordId) -> bool {
        self.nodes[peer.0].disk.holds(id)
    }

    /// Returns what a node has told those who watch.
    pub fn told(&self, peer: Peer) -> &[engine::Event] {
        &self.nodes[peer.0].told
    }

    /// Returns a hash of everything that has happened.
    pub fn trace_hash(&self) -> [u8; 32] {
        self.trace.hash()
    }

    /// Counts gossip messages that were refused before any engine saw them.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Returns which node a machine is.
    pub fn node(&self, peer: Peer) -> NodeId {
        self.nodes[peer.0].machine.node
    }

    /// Returns how often at most honest nodes have sent one record by gossip over one link in one
    /// direction.
    pub fn most_copies(&self) -> u32 {
        self.sent.values().copied().max().unwrap_or_default()
    }

    /// Counts the copies of gossip messages that honest nodes have sent.
    pub fn copies(&self) -> usize {
        self.copies.len()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Input(peer, life, input) if self.nodes[peer.0].life == life => {
                self.feed(peer, input);
            }
            Event::Wake(peer, life) if self.nodes[peer.0].life == life => self.wake(peer),
            Event::Written(peer, life) if self.nodes[peer.0].life == life => self.written(peer),
            Event::Input(..) | Event::Wake(..) | Event::Written(..) => {}
            Event::Message { from, to, message } => self.hear(from, to, &message),
            Event::Bytes { stream, to, bytes } => self.receive(stream, to, &bytes),
            Event::End { stream, to } => self.ended(stream, to),
            Event::Dial(a, b) => self.dial(a, b),
            Event::Restart(peer) => self.restart(peer),
            Event::Mishap => self.mishap(),
            Event::Lie(peer) => self.lie(peer),
        }
    }

    fn start(&mut self, peer: Peer) {
        let mut seed = [0; 32];
        self.dice.0.fill_bytes(&mut seed);
        if let Some(seq) = self.nodes[peer.0].start(self.now, seed) {
            self.persist(peer, seq);
        }
        self.set_alarm(peer);
    }

    fn plan_input(&mut self, to: Peer, after: Duration, input: Input) {
        let life = self.nodes[to.0].life;
        self.queue.plan(self.now + after, Event::Input(to, life, input));
    }

    fn note(&mut self, line: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, line);
    }

    /// Feeds an engine and does what it wants done.
    fn feed(&mut self, peer: Peer, input: Input) {
        let from = trace::sender(&input).and_then(|node| self.name_of(node));
        let node = &mut self.nodes[peer.0];
        let Some(engine) = &mut node.engine else { return };
        let line = Line { from: from.as_deref(), to: &node.machine.name, input: &input };
        self.trace.note(self.now, format_args!("{line}"));
        let effects = engine
            .handle(node.machine.skew.clock(self.now), input, &mut node.disk)
            .expect("no disk breaks here");
        let effects: Vec<_> = effects.collect();
        for effect in effects {
            self.act(peer, effect);
        }
        self.check_bounds(peer);
        self.set_alarm(peer);
    }

    fn name_of(&self, node: NodeId) -> Option<Arc<str>> {
        let named = self.nodes.iter().find(|n| n.machine.node == node);
        named.map(|n| n.machine.name.as_str().into())
    }

    fn wake(&mut self, peer: Peer) {
        let node = &mut self.nodes[peer.0];
        if node.alarm.is_none_or(|alarm| alarm > self.now) {
            return;
        }
        node.alarm = None;
        for _ in 0..WAKES_AT_ONCE {
            self.feed(peer, Input::Wake);
            let node = &self.nodes[peer.0];
            let due = node.engine.as_ref().and_then(Engine::deadline);
            if due.is_none_or(|due| node.machine.skew.truth(due) > self.now) {
                return;
            }
        }
        panic!("{} asks to be woken at once for ever", self.nodes[peer.0].machine.name);
    }

    fn set_alarm(&mut self, peer: Peer) {
        let node = &mut self.nodes[peer.0];
        let due =
            node.engine.as_ref().and_then(Engine::deadline).map(|due| node.machine.skew.truth(due));
        let Some(due) = due.map(|due| due.max(self.now)) else { return };
        if node.alarm.is_none_or(|alarm| due < alarm || alarm < self.now) {
            node.alarm = Some(due);
            self.queue.plan(due, Event::Wake(peer, node.life));
        }
    }
}

impl Drop for Simulation {
    #[expect(clippy::print_stderr, reason = "what failed is told to whoever runs the tests")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}run it again with SEED={}", self.trace, self.seed);
        }
    }
}

/// Returns the seeds of a test: these many, or the one that `SEED` names.
pub fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => vec![seed],
        None => (1..=count).collect(),
    }
}
