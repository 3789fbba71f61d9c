//! Two hundred nodes in eight regions with bridges drawn by lot, in bad weather: what may travel
//! arrives wherever a way of rules leads, and nothing arrives anywhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;

use weft_protocol::body::role::Power;
use weft_protocol::bridge::Rule;
use weft_protocol::control::{BridgeTask, Request, Response};
use weft_protocol::record::{Reach, Record};
use weft_protocol::region::Region;
use weft_protocol::sync::Scope;
use weft_tests::sim::{Machine, Peer, Simulation, Weather, seeds};
use weft_tests::world::{Network, World};

/// How many seeds are tried every day. Run with `SEEDS=64` to try as many as were tried when the
/// rules of bridging last changed.
const SEEDS: u64 = 4;

const REGIONS: [&str; 8] =
    ["gb-bristol", "us-wa", "fr-idf", "de-be", "es-ct", "br-sp", "in-dl", "za-gp"];

/// Ordinary nodes in a region; with eight bridges there are two hundred in all.
const NODES: usize = 24;

/// How many bridges there are; each is in two regions.
const BRIDGES: u32 = 8;

/// Over how many bridges a rule lets anything come. With eight regions few are further apart, so that
/// what came first by a longer way must be carried anew when a shorter one is found.
const HOPS: u8 = 4;

/// How long after the bad weather everything must have arrived. Who missed a call by gossip and hears
/// nothing else finds it at its next regular meeting, which is every ten minutes or so, and again in
/// each region on the way.
const SETTLED: Duration = Duration::from_secs(2400);

/// The most copies of a record that honest nodes send by gossip over one link in one direction: one
/// with the flood, and one from each bridge, which tells a region what it carries and what that rests
/// on once. Whoever knows it does not pass it on.
const COPIES_MAX: u32 = 1 + BRIDGES;

/// Rain: a tenth is lost, connections break, and now and then a node or a bridge crashes.
const RAIN: Weather =
    Weather { loss: 100, mishaps: Some(Duration::from_secs(20)), ..Weather::CALM };

/// A bridge between two regions, and which ways its rules lead.
struct Crossing {
    peer: Peer,
    network: Network,
    between: [usize; 2],
    both_ways: bool,
}

impl Crossing {
    fn rules(&self) -> Vec<Rule> {
        let [a, b] = self.between.map(region);
        let rule = |name: &str, from: &Region, to: &Region| {
            let mut rule = Rule::new(name.parse().expect("a tag"), from.clone(), to.clone());
            rule.limits.hops = HOPS;
            rule
        };
        let mut rules = vec![rule("there", &a, &b)];
        rules.extend(self.both_ways.then(|| rule("back", &b, &a)));
        rules
    }
}

fn region(n: usize) -> Region {
    REGIONS[n].parse().expect("a region")
}

/// Numbers drawn by lot: a linear congruence is enough to choose who is beside whom.
struct Lot(u64);

impl Lot {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

/// A federation of eight regions, before anybody says anything.
struct Federation {
    sim: Simulation,
    peers: Vec<Vec<Peer>>,
    /// Of each region, one network that calls and ties.
    authors: Vec<Network>,
    bridges: Vec<Crossing>,
}

impl Federation {
    fn new(seed: u64) -> Self {
        let mut lot = Lot(seed);
        let mut sim = Simulation::new(seed, Weather::CALM);
        let world = |n: usize| World::new(seed).in_region(REGIONS[n]);
        let mut peers: Vec<Vec<Peer>> = Vec::new();
        for (n, name) in REGIONS.into_iter().enumerate() {
            let join = |i: usize| {
                let node = format!("{name} {i}");
                sim.join(Machine::new(&node, world(n).node(&node)).in_regions(&[name]))
            };
            peers.push((0..NODES).map(join).collect());
        }
        for here in &peers {
            for (i, peer) in here.iter().enumerate() {
                sim.link(*peer, here[(i + 1) % NODES]);
                sim.link(*peer, here[lot.below(NODES)]);
            }
        }
        let mut bridges = Vec::new();
        for k in 0..BRIDGES {
            let a = lot.below(REGIONS.len());
            let b = (a + 1 + lot.below(REGIONS.len() - 1)) % REGIONS.len();
            let name = format!("bridge {k}");
            let network = world(a).network(&name);
            let machine = Machine::new(&name, world(a).node(&name))
                .in_regions(&[REGIONS[a], REGIONS[b]])
                .hosting(network.id());
            let peer = sim.join(machine);
            for n in [a, b] {
                for _ in 0..3 {
                    sim.link(peer, peers[n][lot.below(NODES)]);
                }
            }
            bridges.push(Crossing { peer, network, between: [a, b], both_ways: lot.below(2) == 0 });
        }
        let author = |n: usize| world(n).network(&format!("author {n}"));
        let authors = (0..REGIONS.len()).map(author).collect();
        sim.run(Duration::from_secs(5));
        Self { sim, peers, authors, bridges }
    }

    /// Lets every region's author say who it is, and every bridge begin to carry.
    fn opens(&mut self) {
        for (n, author) in self.authors.iter().enumerate() {
            let profile = author.profile(&[]).reach(Reach::Movement).sign();
            self.sim.post(self.peers[n][0], &[author.inception.clone(), profile]);
        }
        for bridge in &self.bridges {
            let (peer, network) = (bridge.peer, &bridge.network);
            let [a, b] = bridge.between;
            let holder = Machine::new("", self.sim.node(peer)).bridge_key().public();
            let role = network.role("bridge", holder, &[Power::Bridge]).sign();
            let parties = [&self.authors[a], &self.authors[b]];
            let between = (region(a), region(b));
            let tie = network.bridge(&parties, between).reach(Reach::Movement).sign();
            let accepts =
                parties.map(|p| p.accept(&tie).home(REGIONS[a]).reach(Reach::Movement).sign());
            let known = parties.map(|party| party.inception.clone());
            let profile = network.profile(&[]).reach(Reach::Movement).sign();
            let own = [network.inception.clone(), profile, role.clone(), tie];
            self.sim.post(peer, &[&known[..], &own[..], &accepts[..]].concat());
            let serve = BridgeTask::Serve { net: network.id(), role: role.thing() };
            let mut tasks = vec![serve];
            tasks.extend(bridge.rules().into_iter().map(|rule| BridgeTask::Add(Box::new(rule))));
            for task in tasks {
                let said = self.sim.ask(peer, Request::Bridge(task)).expect("an answer");
                assert_eq!(said, [Response::Fine]);
            }
        }
        self.sim.run(Duration::from_secs(60));
    }

    /// Returns the regions to which rules lead from this one.
    fn reachable(&self, from: usize) -> BTreeSet<usize> {
        let mut ways: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for bridge in &self.bridges {
            let [a, b] = bridge.between;
            ways.entry(a).or_default().insert(b);
            if bridge.both_ways {
                ways.entry(b).or_default().insert(a);
            }
        }
        let mut found = BTreeSet::from([from]);
        let mut layer = found.clone();
        for _ in 0..HOPS {
            let next = layer.iter().filter_map(|n| ways.get(n)).flatten().copied();
            layer = next.filter(|n| !found.contains(n)).collect();
            found.extend(&layer);
        }
        found
    }

    /// Says whether all nodes of each region have the same set.
    fn agrees(&self) -> bool {
        self.peers.iter().enumerate().all(|(n, peers)| {
            let print = |peer: &Peer| self.sim.print(*peer, &Scope::Region(region(n)));
            peers.iter().all(|peer| print(peer) == print(&peers[0]))
        })
    }

    /// Says in words what is not where it should be.
    fn amiss(&self, said: &[(usize, Reach, Record)], wanted: &[BTreeSet<usize>]) -> String {
        let mut text = String::new();
        for ((from, _, call), wanted) in said.iter().zip(wanted) {
            for n in 0..REGIONS.len() {
                if self.everywhere(n, call) != Some(wanted.contains(&n)) {
                    let here = region(n);
                    let has = |p: &&Peer| {
                        self.sim.engine(**p).is_some_and(|e| e.ledger().is_in(&call.id(), &here))
                    };
                    let count = self.peers[n].iter().filter(has).count();
                    text += &format!("{from} into {n}: at {count} of {NODES}; ");
                }
            }
        }
        for bridge in &self.bridges {
            text += &format!("{:?} {} ", bridge.between, bridge.both_ways);
        }
        text
    }

    /// Says whether a record is in the set of a region at all its nodes, or at none of them.
    fn everywhere(&self, n: usize, record: &Record) -> Option<bool> {
        let has = |peer: &Peer| {
            self.sim.engine(*peer).is_some_and(|e| e.ledger().is_in(&record.id(), &region(n)))
        };
        let count = self.peers[n].iter().filter(|peer| has(peer)).count();
        (count == 0 || count == NODES).then_some(count == NODES)
    }
}

/// Plays one federation; returns how often bridges signed and how many copies a link saw.
fn play(seed: u64) -> (u64, u32) {
    let mut federation = Federation::new(seed);
    federation.opens();
    federation.sim.set_weather(RAIN);
    let mut said: Vec<(usize, Reach, Record)> = Vec::new();
    for round in 0..3 {
        for (n, author) in federation.authors.clone().iter().enumerate() {
            for reach in [Reach::Movement, Reach::Region] {
                let now = federation.sim.now();
                let call = author.call(&format!("{round} {reach:?}")).at(now).reach(reach).sign();
                let at = federation.peers[n][(7 * round + n) % NODES];
                // What a node that crashes has not acknowledged was not said.
                if federation.sim.post(at, std::slice::from_ref(&call)).is_none() {
                    continue;
                }
                said.push((n, reach, call));
            }
        }
        federation.sim.run(Duration::from_secs(20));
    }
    federation.sim.set_weather(Weather::CALM);
    federation.sim.heal();
    assert!(said.len() > 3 * REGIONS.len(), "most of it should have been said: {}", said.len());
    let bridges = federation.bridges.iter().map(|bridge| bridge.peer);
    let everyone: Vec<Peer> = federation.peers.iter().flatten().copied().chain(bridges).collect();
    everyone.into_iter().for_each(|peer| federation.sim.restart(peer));
    let wanted: Vec<BTreeSet<usize>> = said
        .iter()
        .map(|(n, reach, _)| match reach {
            Reach::Movement => federation.reachable(*n),
            _ => BTreeSet::from([*n]),
        })
        .collect();
    let mut waited = Duration::ZERO;
    let step = Duration::from_secs(10);
    loop {
        let arrived = said.iter().zip(&wanted).all(|((.., call), wanted)| {
            (0..REGIONS.len()).all(|n| federation.everywhere(n, call) == Some(wanted.contains(&n)))
        });
        if arrived && federation.agrees() {
            break;
        }
        assert!(waited < SETTLED, "seed {seed}: {}", federation.amiss(&said, &wanted));
        federation.sim.run(step);
        waited += step;
    }
    federation.sim.assert_sound();
    let carriages = federation.bridges.iter().map(|bridge| {
        let ledger = federation.sim.engine(bridge.peer).expect("it is on").ledger();
        ledger.records_of(&bridge.network.id()) as u64
    });
    (carriages.sum(), federation.sim.most_copies())
}

#[test]
#[expect(clippy::print_stderr, reason = "how many seeds were tried is worth knowing")]
fn sim_what_may_travel_arrives_where_rules_lead_and_nothing_else_does() {
    let count = std::env::var("SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SEEDS);
    let seeds = seeds(count);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<(u64, u32)> = thread::scope(|scope| {
        let workers: Vec<_> = seeds
            .chunks(seeds.len().div_ceil(cores))
            .map(|seeds| scope.spawn(|| seeds.iter().map(|seed| play(*seed)).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a seed failed")).collect()
    });
    let signed: u64 = results.iter().map(|(signed, _)| signed).sum();
    let copies = results.iter().map(|(_, copies)| *copies).max().unwrap_or_default();
    eprintln!(
        "{} federations; bridges signed {signed} records; at most {copies} copies of a \
         record on a link",
        results.len()
    );
    assert!(signed > 0 && copies <= COPIES_MAX, "{copies} copies of a record on a link");
}
