//! Stories of a few nodes in fair weather, one for each promise.

use std::slice::from_ref;
use std::time::Duration;

use weft_protocol::body::role::Power;
use weft_protocol::control::{Failure, Fate, Posted, Request, Response};
use weft_protocol::engine::Event;
use weft_protocol::record::{Reach, Record};
use weft_protocol::sync::{Reason, Scope};
use weft_tests::sim::{Machine, Peer, Simulation, Weather};
use weft_tests::world::World;

/// A second, of which most stories take a few.
const SECOND: Duration = Duration::from_secs(1);

/// Makes a calm simulation of nodes with these names, woven together.
fn nodes<const N: usize>(world: &World, names: [&str; N]) -> (Simulation, [Peer; N]) {
    let mut sim = Simulation::new(7, Weather::CALM);
    let peers = names.map(|name| sim.join(Machine::new(name, world.node(name))));
    sim.weave();
    sim.run(5 * SECOND);
    (sim, peers)
}

/// Posts records that must be taken, and returns what became of each.
fn post(sim: &mut Simulation, peer: Peer, records: &[Record]) -> Vec<Fate> {
    let answers = sim.post(peer, records).expect("an answer");
    let fate = |answer| match answer {
        Response::Posted(Posted { fate, .. }) => fate,
        other => panic!("posting is answered with {other:?}"),
    };
    answers.into_iter().map(fate).collect()
}

#[test]
fn sim_a_node_that_joins_late_gets_everything() {
    let world = World::new(1);
    let (mut sim, [alice, bob, carol]) = nodes(&world, ["alice", "bob", "carol"]);
    let authors = world.networks(5);
    let founding: Vec<Record> = authors.iter().map(|author| author.inception.clone()).collect();
    let calls = world.calls(&authors, 300);
    post(&mut sim, alice, &founding);
    for some in calls.chunks(50) {
        post(&mut sim, bob, some);
    }
    sim.run(3600 * SECOND);
    let dave = sim.join(Machine::new("dave", world.node("dave")));
    sim.link(dave, carol);
    let took = sim.run_until_in_step(&[alice, bob, carol, dave], 10 * SECOND);
    assert!(took.is_some(), "dave has all within ten seconds");
    for record in founding.iter().chain(&calls) {
        assert!(sim.holds(dave, &record.id()), "dave lacks {record:?}");
    }
    sim.assert_alike(&[alice, bob, carol, dave]);
    sim.assert_sound();
}

#[test]
fn sim_a_withdrawn_role_voids_everywhere() {
    let world = World::new(2);
    let (mut sim, [alice, bob, carol]) = nodes(&world, ["alice", "bob", "carol"]);
    let network = world.network("river");
    let rep = network.member_with("rep 1", &[Power::Call]);
    let support = [network.inception.clone(), rep.role.clone(), rep.acceptance.clone()];
    post(&mut sim, alice, &support);
    let before = rep.call("beds").sign();
    assert_eq!(post(&mut sim, alice, from_ref(&before)), [Fate::Stored]);
    sim.run(60 * SECOND);
    let later = network.clone().later(sim.now());
    post(&mut sim, bob, &[later.withdraw(&rep.role).sign()]);
    sim.run(5 * SECOND);
    let after = rep.call("more beds").at(sim.now()).sign();
    let fates = post(&mut sim, carol, from_ref(&after));
    assert!(matches!(&fates[..], [Fate::Void(_)]), "its own node says that it is void: {fates:?}");
    sim.run(5 * SECOND);
    for peer in [alice, bob, carol] {
        let ledger = sim.engine(peer).expect("it is on").ledger();
        let valid = |record: &Record| ledger.standing(&record.id()).map(|s| s.is_valid());
        assert_eq!(valid(&before), Some(true), "what was said in time stays");
        assert_eq!(valid(&after), Some(false), "what was said too late is void");
    }
}

#[test]
fn sim_an_erasure_reaches_everyone_and_the_bytes_are_gone() {
    let world = World::new(3);
    let (mut sim, [alice, bob, carol]) = nodes(&world, ["alice", "bob", "carol"]);
    let network = world.network("river");
    let call = network.call("beds").sign();
    post(&mut sim, alice, &[network.inception.clone(), call.clone()]);
    sim.run(5 * SECOND);
    sim.crash(carol);
    assert!(sim.holds(bob, &call.id()) && sim.holds(carol, &call.id()));
    let erasure = network.clone().later(sim.now()).erase(&call).sign();
    post(&mut sim, alice, &[erasure]);
    sim.run(5 * SECOND);
    sim.restart(carol);
    assert!(sim.run_until_in_step(&[alice, bob, carol], 60 * SECOND).is_some());
    for peer in [alice, bob, carol] {
        assert!(!sim.holds(peer, &call.id()), "the bytes are gone");
        assert!(sim.told(peer).contains(&Event::Erased { id: call.id() }));
    }
    sim.run(60 * SECOND);
    assert!(!sim.holds(carol, &call.id()), "and they do not come back");
}

#[test]
fn sim_a_crash_loses_nothing_that_was_acknowledged() {
    let world = World::new(4);
    let (mut sim, [alice, bob]) = nodes(&world, ["alice", "bob"]);
    let authors = world.networks(3);
    let founding: Vec<Record> = authors.iter().map(|author| author.inception.clone()).collect();
    post(&mut sim, alice, &founding);
    sim.set_weather(Weather { disk: 3 * SECOND, ..Weather::CALM });
    let calls = world.calls(&authors, 60);
    for (n, call) in calls.iter().enumerate() {
        // A slow disk does not answer in time: then nothing was acknowledged, and it may be lost.
        sim.post(alice, from_ref(call));
        if n % 5 == 4 {
            // Panics when an acknowledged record is not there any more.
            sim.crash(alice);
            sim.restart(alice);
        }
    }
    sim.set_weather(Weather::CALM);
    assert!(sim.run_until_in_step(&[alice, bob], 60 * SECOND).is_some());
    sim.assert_alike(&[alice, bob]);
}

#[test]
fn sim_a_full_disk_refuses_posts_serves_reads_and_catches_up() {
    let world = World::new(5);
    let (mut sim, [alice, bob, carol]) = nodes(&world, ["alice", "bob", "carol"]);
    let network = world.network("river");
    post(&mut sim, alice, from_ref(&network.inception));
    sim.run(5 * SECOND);
    sim.refuse_writes(bob, true);
    sim.run(SECOND);
    let call = network.call("beds").sign();
    let refused = sim.post(bob, from_ref(&call));
    assert!(matches!(refused.as_deref(), Some([Response::Failed(Failure::ReadOnly(_))])));
    post(&mut sim, alice, from_ref(&call));
    sim.run(60 * SECOND);
    let read = sim.ask(bob, Request::Networks).expect("an answer");
    assert_eq!(read.len(), 2, "one network, and the end");
    assert!(!sim.holds(bob, &call.id()) && sim.holds(carol, &call.id()));
    sim.refuse_writes(bob, false);
    assert!(sim.run_until_in_step(&[alice, bob, carol], 60 * SECOND).is_some());
    assert!(sim.holds(bob, &call.id()), "bob has caught up");
    assert!(sim.told(bob).contains(&Event::Writable));
}

#[test]
fn sim_own_records_reach_only_the_nodes_that_the_profile_lists() {
    let world = World::new(6);
    let network = world.network("river");
    let mut sim = Simulation::new(6, Weather::CALM);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| {
        // All three claim to host the network; only two are listed.
        sim.join(Machine::new(name, world.node(name)).hosting(network.id()))
    });
    sim.weave();
    sim.run(5 * SECOND);
    let profile = network.profile(&[world.node("alice"), world.node("bob")]).sign();
    let own = network.call("keys to the hall").reach(Reach::Own).sign();
    post(&mut sim, alice, &[network.inception.clone(), profile, own.clone()]);
    sim.run(1300 * SECOND);
    assert!(sim.holds(bob, &own.id()), "bob is listed");
    assert!(!sim.holds(carol, &own.id()), "carol is not");
    let scope = Scope::Own(network.id());
    assert_eq!(sim.print(alice, &scope), sim.print(bob, &scope));
}

#[test]
fn sim_clocks_six_minutes_apart_are_a_named_failure_and_no_crash() {
    let world = World::new(8);
    let mut sim = Simulation::new(8, Weather::CALM);
    let alice = sim.join(Machine::new("alice", world.node("alice")));
    let bob = sim.join(Machine::new("bob", world.node("bob")).ahead(Duration::from_secs(360)));
    sim.link(alice, bob);
    sim.run(60 * SECOND);
    let failed = |event: &Event| matches!(event, Event::SyncFailed { why, .. } if why.reason == Reason::Clocks);
    assert!(sim.told(alice).iter().any(failed), "alice says that the clocks are apart");
    assert!(sim.told(bob).iter().any(failed), "bob says that the clocks are apart");
    post(&mut sim, alice, &[world.network("river").inception]);
    sim.run(5 * SECOND);
    assert!(sim.is_in_step(&[alice, bob]), "gossip goes on");
}

#[test]
fn sim_a_message_crosses_each_link_once_each_way_at_most() {
    let world = World::new(9);
    let names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
    let (mut sim, peers) = nodes(&world, names);
    let network = world.network("river");
    post(&mut sim, peers[0], from_ref(&network.inception));
    sim.run(5 * SECOND);
    let before = sim.copies();
    post(&mut sim, peers[3], &[network.call("beds").sign()]);
    sim.run(30 * SECOND);
    assert!(sim.is_in_step(&peers));
    // Eight nodes of about four links, less the link on which each first heard it.
    let copies = sim.copies() - before;
    let links = peers.len() * 5 / 2;
    assert!(copies <= 2 * links - (peers.len() - 1), "{copies} copies of one message");
}

#[test]
fn sim_what_gossip_loses_is_made_good_within_minutes() {
    let world = World::new(10);
    let (mut sim, peers) = nodes(&world, ["alice", "bob", "carol", "dave", "erin", "frank"]);
    // Nothing breaks, and nobody meets anew: only news makes nodes look.
    sim.set_weather(Weather { loss: 600, ..Weather::CALM });
    let network = world.network("river");
    post(&mut sim, peers[0], from_ref(&network.inception));
    post(&mut sim, peers[1], &[network.call("beds").sign()]);
    sim.run(SECOND);
    assert!(!sim.is_in_step(&peers), "something should be lost");
    sim.set_weather(Weather::CALM);
    let took = sim.run_until_in_step(&peers, 120 * SECOND);
    assert!(took.is_some(), "nobody is idle who misses something");
}

/// What a node is told of who has a record: the nodes that say so.
fn has(sim: &mut Simulation, peer: Peer, record: &Record) -> Option<u32> {
    let said = sim.ask(peer, Request::Held { id: record.id() })?;
    match &said[..] {
        [Response::Held(held)] => Some(held.has),
        [Response::Failed(_)] => None,
        other => panic!("who has it is answered with {other:?}"),
    }
}

#[test]
fn sim_who_has_a_record_is_told_after_posting_after_an_absence_and_after_a_restart() {
    let world = World::new(41);
    let (mut sim, [alice, bob, carol]) = nodes(&world, ["alice", "bob", "carol"]);
    let network = world.network("river");
    let call = network.call("beds").sign();
    post(&mut sim, alice, &[network.inception.clone(), call.clone()]);
    assert_eq!(has(&mut sim, alice, &call), Some(2), "as soon as it is posted");
    sim.crash(alice);
    sim.restart(alice);
    sim.run(10 * SECOND);
    assert_eq!(has(&mut sim, alice, &call), Some(2), "nothing of it is remembered, it is asked");

    sim.part(&[carol]);
    sim.run(SECOND);
    let later = network.call("soup").sign();
    post(&mut sim, alice, from_ref(&later));
    assert_eq!(has(&mut sim, alice, &later), Some(1), "who is away has nothing");
    sim.heal();
    sim.run(30 * SECOND);
    assert_eq!(has(&mut sim, alice, &later), Some(2));
    assert_eq!(has(&mut sim, bob, &later), Some(2), "whoever asks is told, not only its author");
    sim.assert_sound();
}

#[test]
fn sim_nobody_is_said_to_have_what_is_not_on_its_disk() {
    let mut told = 0;
    for seed in 0..24 {
        let world = World::new(seed);
        let mut sim = Simulation::new(seed, Weather::STORM);
        let names = ["alice", "bob", "carol", "dave", "erin"];
        let honest = names.map(|name| sim.join(Machine::new(name, world.node(name))));
        sim.weave();
        let network = world.network("river");
        let mut signed = vec![network.inception.clone()];
        signed.extend((0..12).map(|n| network.call(&format!("beds {n}")).sign()));
        for (n, pair) in signed.chunks(2).enumerate() {
            let peer = honest[n % honest.len()];
            if sim.post(peer, pair).is_none() {
                continue;
            }
            for record in pair {
                let Some(has) = has(&mut sim, peer, record) else { continue };
                let others = honest.iter().filter(|other| **other != peer);
                let holders = others.filter(|other| sim.holds(**other, &record.id())).count();
                assert!(has as usize <= holders, "{has} of {holders} in storm {seed}");
                told += has;
            }
        }
        sim.assert_sound();
    }
    assert!(told > 100, "something was told: {told}");
}
