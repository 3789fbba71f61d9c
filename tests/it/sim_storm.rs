//! Storms: everything goes wrong at once, then the weather clears and all honest nodes agree.

use std::thread;
use std::time::Duration;

use weft_protocol::body::role::Power;
use weft_protocol::engine::Event;
use weft_protocol::record::Record;
use weft_protocol::sync::Scope;
use weft_tests::sim::{Machine, Peer, Simulation, Weather, seeds};
use weft_tests::world::{Network, START, World};

/// How many seeds are tried: enough to meet each pair of mishaps often, few enough for every day.
const SEEDS: u64 = 64;

/// How long after the storm all must agree: connections come back within 6 s, a crashed greeting
/// is given up after 20 s, and what then differs moves in a few rounds of gossip and courtesy.
/// The regular interval is ten minutes, so whoever is idle and misses something is found out.
const SETTLED: Duration = Duration::from_secs(90);

/// The least that must come through a storm, so that no storm passes because nothing happened in it.
/// Of about a hundred records some are superseded or erased, and what was not acknowledged when its
/// node crashed is lost.
const SHARED_MIN: usize = 50;

/// What networks sign in a storm, each record after what it refers to.
fn history(networks: &[Network]) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    let mut calls: Vec<(&Network, Record)> = Vec::new();
    for (n, network) in networks.iter().enumerate() {
        let rep = network.member("rep 1");
        let mute = network.member_with("mute", &[Power::Respond]);
        let call = rep.call("beds").ask(20).sign();
        let edited = rep.call("beds and soup").ask(30).following(&call).sign();
        all.extend([network.inception.clone(), network.profile(&[]).sign()]);
        all.extend([rep.role.clone(), rep.acceptance.clone(), call.clone(), edited.clone()]);
        all.extend([mute.role.clone(), mute.acceptance.clone(), mute.call("power").sign()]);
        if let Some(other) = n.checked_sub(1).map(|before| &networks[before]) {
            let tie = network.tie(&[other]).sign();
            all.extend([other.accept(&tie).sign(), tie]);
        }
        for (author, seen) in &calls {
            let offer = rep.offer(seen).amount(5).sign();
            all.extend([author.accept(&offer).sign(), offer, network.endorse(seen).sign()]);
        }
        calls = vec![(network, edited)];
        let later = network.clone().later(START + Duration::from_secs(60));
        match n % 4 {
            0 => all.push(later.withdraw(&rep.role).sign()),
            1 => all.push(later.erase(&call).sign()),
            2 => all.push(network.rotate().0),
            _ => all.push(network.revoke(&[call.id()])),
        }
    }
    all
}

/// What came of one storm.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    trace: [u8; 32],
    /// How long agreement took when it was over.
    settled: Duration,
    /// How many records the region shares then.
    shared: usize,
    /// How many gossip messages were refused, and how many reconciliations failed.
    trouble: (u64, usize),
}

/// Plays one storm.
fn storm(seed: u64) -> Outcome {
    let world = World::new(seed);
    let mut sim = Simulation::new(seed, Weather::STORM);
    let skew = Duration::from_secs(seed * 37 % 120);
    let machine = |name: &str| Machine::new(name, world.node(name));
    let honest: Vec<Peer> = ["alice", "bob", "carol", "dave", "erin"]
        .into_iter()
        .enumerate()
        .map(|(n, name)| match n % 3 {
            0 => sim.join(machine(name)),
            1 => sim.join(machine(name).ahead(skew)),
            _ => sim.join(machine(name).behind(skew)),
        })
        .collect();
    let liars = ["eve", "mallory"].map(|name| sim.join(machine(name).lying()));
    sim.weave();
    let everyone: Vec<Peer> = honest.iter().copied().chain(liars).collect();
    for (n, records) in history(&world.networks(8)).chunks(2).enumerate() {
        let start = n + usize::try_from(seed).expect("a small seed");
        let taken = (0..everyone.len())
            .find(|i| sim.post(everyone[(start + i) % everyone.len()], records).is_some());
        assert!(taken.is_some(), "somebody is awake");
        sim.run(Duration::from_millis(700));
    }
    sim.set_weather(Weather::CALM);
    sim.heal();
    everyone.iter().for_each(|peer| sim.restart(*peer));
    let settled = sim.run_until_in_step(&honest, SETTLED);
    let settled = settled.expect("honest nodes agree when the storm is over");
    sim.assert_alike(&honest);
    sim.assert_sound();
    sim.assert_kept(&honest);
    let scope = Scope::Region(world.region().clone());
    let shared = sim.print(honest[0], &scope).map_or(0, |(count, _)| count);
    assert!(shared >= SHARED_MIN, "{shared} records survived the storm");
    let failed = |event: &&Event| matches!(event, Event::SyncFailed { .. });
    let failures = honest.iter().map(|p| sim.told(*p).iter().filter(failed).count()).sum();
    Outcome { trace: sim.trace_hash(), settled, shared, trouble: (sim.rejected(), failures) }
}

/// Rows: 0.2.
#[test]
#[expect(clippy::print_stderr, reason = "how many seeds were tried is worth knowing")]
fn sim_after_a_storm_all_honest_nodes_agree() {
    let seeds = seeds(SEEDS);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let part = seeds.len().div_ceil(cores);
        let play = |seeds: &[u64]| seeds.iter().map(|seed| storm(*seed)).collect::<Vec<_>>();
        let workers: Vec<_> =
            seeds.chunks(part).map(|seeds| scope.spawn(move || play(seeds))).collect();
        let played = workers.into_iter().map(|worker| worker.join().expect("a storm failed"));
        played.flatten().collect::<Vec<_>>()
    });
    let slowest = outcomes.iter().map(|outcome| outcome.settled).max();
    let rejected: u64 = outcomes.iter().map(|outcome| outcome.trouble.0).sum();
    let failed: usize = outcomes.iter().map(|outcome| outcome.trouble.1).sum();
    eprintln!(
        "{} storms; {rejected} messages refused, {failed} reconciliations failed; the slowest \
         agreement took {slowest:?}",
        outcomes.len()
    );
    assert!(rejected > 0, "liars should be heard out, and refused");
}

#[test]
fn sim_the_same_seed_gives_the_same_trace_and_another_another() {
    let (first, again, other) = (storm(1), storm(1), storm(2));
    assert_eq!(first, again);
    assert_ne!(first.trace, other.trace);
}
