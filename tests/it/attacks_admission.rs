//! What attackers try with the room that others have, and with their names, against real nodes. Each
//! test bears the number of its attack in the list of what must be withstood.

use std::collections::BTreeSet;
use std::slice::from_ref;
use std::time::Duration;

use serde_json::json;
use weft_protocol::admission::{Mode, Terms};
use weft_protocol::body::Body;
use weft_protocol::body::carriage::{Carriage, Carried};
use weft_protocol::body::role::Power;
use weft_protocol::record::{Reach, Record};
use weft_protocol::region::Region;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;
use weft_tests::sim::{Machine, Peer, Simulation, Weather};
use weft_tests::world::{Member, Network, Voice, World};

use crate::cluster_world::{SOON, an_hour_ago, answer, measured, meet, stored};

/// A tenth of what is usual, so that a flood takes seconds.
const ROOM: &str = "[admission.quota]\nrecords = 2000\n";

/// More than that is.
const FLOOD: usize = 2400;

/// Two nodes that have met: one that brings whatever it is given, and one with little room, which
/// starts from these networks.
fn bringer_and_keeper(known: &[&Network]) -> Cluster {
    let mut cluster = Cluster::start("us-wa", 1);
    let keeper = Sandbox::new();
    keeper.init_as("us-wa", "federation", ROOM);
    cluster.add_in(keeper);
    for network in known {
        let id = network.id().to_string();
        let reason = ["--reason", "we meet on Sundays"];
        let allow = ["policy", "allow", "--network", &id];
        answer(&cluster[1], &[&allow[..], &reason].concat());
    }
    cluster.connect(0, 1);
    meet(&cluster, 1, 1);
    cluster
}

fn calls(by: &Voice, what: &str, count: usize) -> Vec<Record> {
    (0..count).map(|n| by.call(&format!("{what} {n}")).sign()).collect()
}

/// Posts records of which some do not count.
#[track_caller]
fn bring(node: &Node, records: &[Record]) {
    node.door().post(records).expect("the node takes records");
}

/// Counts which of these a node has.
fn here(node: &Node, records: &[Record]) -> usize {
    let all = stored(node);
    records.iter().filter(|record| all.contains(&record.id())).count()
}

/// Posts something, and waits until the keeper has all of it.
#[track_caller]
fn arrives(cluster: &Cluster, records: &[Record], should: &str) {
    bring(&cluster[0], records);
    cluster.eventually(should, SOON, || here(&cluster[1], records) == records.len());
}

/// Floods until the keeper takes no more, then lets the others call in the middle of it.
#[track_caller]
fn during_a_flood(cluster: &Cluster, flood: &[Record], urgent: &[Record]) {
    let (first, rest) = flood.split_at(flood.len() * 5 / 6);
    bring(&cluster[0], first);
    cluster.eventually("the flood should be at its height", SOON, || {
        let counters = cluster[1].door().status().expect("a status").counters;
        counters.get("over-quota").is_some_and(|count| *count > 0)
    });
    for (some, one) in rest.chunks(rest.len() / urgent.len()).zip(urgent) {
        bring(&cluster[0], some);
        bring(&cluster[0], from_ref(one));
    }
    cluster.eventually("every urgent call should arrive", SOON, || {
        here(&cluster[1], urgent) == urgent.len()
    });
    measured(format_args!(
        "{} of {} of a flood, and {} of {} urgent calls",
        here(&cluster[1], flood),
        flood.len(),
        here(&cluster[1], urgent),
        urgent.len(),
    ));
}

#[test]
fn h3_one_member_of_an_alliance_takes_no_room_from_the_others() {
    let world = World::new(81).at(an_hour_ago());
    let [river, hub] = ["river", "hub"].map(|name| world.network(name));
    let members = ["loud", "choir", "garden"].map(|name| world.network(name));
    let cluster = bringer_and_keeper(&[&river]);
    let tied = |a: &Network, b: &Network| {
        let tie = a.tie(&[b]).sign();
        let accept = b.accept(&tie).sign();
        [tie, accept]
    };
    let mut all = vec![river.inception.clone(), hub.inception.clone()];
    all.extend(tied(&river, &hub));
    arrives(&cluster, &all, "the hub should be known");
    for member in &members {
        bring(&cluster[0], from_ref(&member.inception));
        arrives(&cluster, &tied(&hub, member), "its members should be known");
    }
    let [loud, choir, garden] = &members;
    let mut urgent = calls(choir, "a room", 7);
    urgent.extend(calls(garden, "seeds", 7));
    urgent.extend(calls(&hub, "everybody", 6));
    during_a_flood(&cluster, &calls(loud, "noise", FLOOD), &urgent);
}

#[test]
fn h10_what_a_network_does_not_stand_behind_takes_none_of_its_room() {
    let world = World::new(82).at(an_hour_ago());
    let river = world.network("river");
    let [never, gone] = ["never", "gone"].map(|label| river.member_with(label, &[Power::Call]));
    let cluster = bringer_and_keeper(&[&river]);
    let taken_back = river.withdraw(&gone.role).sign();
    let support = [river.inception.clone(), never.role.clone(), gone.role.clone()];
    arrives(&cluster, &support, "who speaks should be known");
    arrives(&cluster, from_ref(&gone.acceptance), "one of them accepted");
    arrives(&cluster, &[taken_back], "and was sent away");
    let mut flood = calls(&never, "noise", FLOOD / 2);
    flood.extend(calls(&gone, "more noise", FLOOD / 2));
    let urgent = calls(&river, "beds", 20);
    during_a_flood(&cluster, &flood, &urgent);
    let kept = here(&cluster[1], &flood);
    assert!(kept <= 500, "a fifth of what a network may bring, and not {kept}");
}

#[test]
fn h10_a_key_and_a_role_are_kept_out_by_name() {
    let world = World::new(83).at(an_hour_ago());
    let river = world.network("river");
    let [thief, clerk] = ["thief", "clerk"].map(|label| river.member_with(label, &[Power::Call]));
    let cluster = bringer_and_keeper(&[&river]);
    let support = |of: &[&Member]| -> Vec<Record> {
        of.iter().flat_map(|m| [m.role.clone(), m.acceptance.clone()]).collect()
    };
    bring(&cluster[0], from_ref(&river.inception));
    arrives(&cluster, &support(&[&thief, &clerk]), "both should be known");
    let early = calls(&thief, "before", 1);
    arrives(&cluster, &early, "nothing was said yet");
    let (key, role) = (thief.key().to_string(), clerk.role.thing().to_string());
    let reason = ["--reason", "the telephone was taken"];
    let titles = || {
        let list = answer(&cluster[1], &["call", "list"]);
        list.as_array().map_or(0, Vec::len)
    };
    assert_eq!(titles(), 1);
    answer(&cluster[1], &[&["policy", "block", "--key", &key], &reason[..]].concat());
    assert_eq!(titles(), 0, "what was here is out of sight");
    answer(&cluster[1], &[&["policy", "block", "--role", &role], &reason[..]].concat());
    let said = answer(&cluster[1], &["policy", "show"]);
    let subjects: BTreeSet<String> = said["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry["subject"].to_string())
        .collect();
    assert!(subjects.contains(&json!({ "key": key }).to_string()), "{subjects:?}");
    assert!(subjects.contains(&json!({ "role": role }).to_string()), "{subjects:?}");
    let (mut kept_out, own) = (calls(&thief, "after", 3), calls(&river, "ours", 1));
    kept_out.extend(calls(&clerk, "after too", 3));
    bring(&cluster[0], &kept_out);
    arrives(&cluster, &own, "the network itself is heard");
    cluster.eventually("what is kept out should have been refused", SOON, || {
        let counters = cluster[1].door().status().expect("a status").counters;
        counters.get("refused-by-policy").is_some_and(|count| *count >= 6)
    });
    assert_eq!(here(&cluster[1], &kept_out), 0);
    let explained = cluster[1].weft(["policy", "explain", &kept_out[0].id().to_string()]).run();
    assert!(explained.status.success(), "{explained}");
    answer(&cluster[1], &["policy", "remove", "--key", &key]);
    answer(&cluster[1], &["policy", "remove", "--role", &role]);
    cluster.eventually("who is forgiven is heard again", SOON, || {
        here(&cluster[1], &kept_out) == kept_out.len()
    });
}

/// A node that starts from a network and has an open call of it, and a neighbour that takes whatever
/// comes and has everything.
fn with_an_open_call(seed: u64) -> (World, Simulation, [Peer; 2], Record) {
    let world = World::new(seed);
    let river = world.network("river");
    let seeds = [river.id()].into();
    let terms = Terms { mode: Mode::Federation, seeds, ..Terms::default() };
    let mut sim = Simulation::new(seed, Weather::CALM);
    let alice = sim.join(Machine::new("alice", world.node("alice")).on_terms(terms));
    let bob = sim.join(Machine::new("bob", world.node("bob")));
    sim.weave();
    sim.run(Duration::from_secs(5));
    let call = river.call("ten beds").sign();
    sim.post(bob, &[river.inception.clone(), river.profile(&[]).sign(), call.clone()]);
    sim.run(Duration::from_secs(30));
    assert!(sim.holds(alice, &call.id()));
    (world, sim, [alice, bob], call)
}

/// Counts which of these a node holds.
fn held(sim: &mut Simulation, peer: Peer, records: &[Record]) -> usize {
    records.iter().filter(|record| sim.holds(peer, &record.id())).count()
}

#[test]
fn c4_sim_two_strangers_appoint_nobody_by_what_they_have_seen() {
    let (world, mut sim, [alice, bob], call) = with_an_open_call(84);
    let region = |name: &str| -> Region { name.parse().expect("a region") };
    let away = World::new(84).in_region("gb-bristol");
    let (eve, zoe, mallory) = (away.network("eve"), away.network("zoe"), world.network("mallory"));
    let tie = eve.bridge(&[&mallory], (region("gb-bristol"), region("us-wa"))).sign();
    let accept = mallory.accept(&tie).sign();
    // She offers a bed, and says that she has seen her own tie.
    let offer = eve.offer(&call).sign();
    let Body::Response(mut body) = offer.body().clone() else { panic!("an answer") };
    body.to.seen = tie.id();
    let offer = eve.say(Body::Response(body)).home("us-wa").sign();
    let calls = calls(&zoe, "buy this", 40);
    let carried = |call: &Record| Carried { net: zoe.id(), thing: call.thing() };
    let mut things: Vec<Carried> = calls.iter().map(carried).collect();
    things.sort();
    let carriage = Body::Carriage(Carriage {
        things: things.try_into().expect("few"),
        from: region("gb-bristol"),
        via: Vec::new().try_into().expect("none"),
        tie: tie.thing(),
        rule: "calls".parse().expect("a tag"),
    });
    let carriage = eve.say(carriage).home("us-wa").reach(Reach::Region).sign();
    let founding = [&eve, &zoe, &mallory].map(|network| network.inception.clone());
    sim.post(bob, &founding);
    sim.post(bob, &[mallory.profile(&[]).sign(), eve.profile(&[]).home("us-wa").sign()]);
    let appointed = [tie, accept, carriage];
    sim.post(bob, from_ref(&offer));
    sim.post(bob, &appointed);
    sim.post(bob, &calls);
    sim.run(Duration::from_secs(300));
    assert_eq!(held(&mut sim, bob, &calls), calls.len(), "for him it is a bridge like any other");
    assert!(sim.holds(alice, &offer.id()), "whoever answers is heard");
    assert_eq!(held(&mut sim, alice, &appointed), 0, "and appoints nobody");
    assert_eq!(held(&mut sim, alice, &calls), 0);
    assert!(!sim.holds(alice, &mallory.inception.id()), "nor names anybody");
    // The same ways are open to those whom somebody recognised asks for.
    let river = world.network("river");
    let known = river.tie(&[&mallory]).sign();
    sim.post(bob, from_ref(&known));
    sim.run(Duration::from_secs(120));
    assert!(sim.holds(alice, &known.id()) && sim.holds(alice, &mallory.inception.id()));
    sim.assert_sound();
}

#[test]
fn m4_sim_of_a_stranger_who_answers_little_is_taken_and_others_are_heard() {
    let (world, mut sim, [alice, bob], call) = with_an_open_call(85);
    let [eve, choir] = ["eve", "choir"].map(|name| world.network(name));
    let seats: Vec<Member> = (0..60).map(|n| eve.member(&format!("seat {n}"))).collect();
    let roles: Vec<Record> =
        seats.iter().flat_map(|seat| [seat.role.clone(), seat.acceptance.clone()]).collect();
    let profiles: Vec<Record> = (0_u64..60)
        .map(|n| {
            let at = eve.inception.header().at + Duration::from_secs(n);
            eve.profile(&[]).at(at).sign()
        })
        .collect();
    let answers: Vec<Record> =
        (0..700).map(|n| seats[0].offer(&call).amount(n + 1).sign()).collect();
    let under = [seats[0].role.clone(), seats[0].acceptance.clone()];
    sim.post(bob, &[eve.inception.clone(), under[0].clone(), under[1].clone()]);
    sim.post(bob, &[answers[0].clone(), profiles[0].clone()]);
    sim.run(Duration::from_secs(120));
    assert_eq!(held(&mut sim, alice, &under), 2, "the role under which she answers");
    assert!(sim.holds(alice, &answers[0].id()) && sim.holds(alice, &profiles[0].id()));
    sim.post(bob, &roles[2..]);
    sim.post(bob, &profiles[1..]);
    sim.post(bob, &answers[1..]);
    sim.run(Duration::from_secs(120));
    let more = held(&mut sim, alice, &roles);
    assert!(more <= 16, "and no others than a newcomer may show, not {more}");
    assert!(held(&mut sim, alice, &profiles) <= 2);
    let rep = choir.member("rep");
    let heard = rep.offer(&call).sign();
    let support = [choir.inception.clone(), rep.role.clone(), rep.acceptance.clone()];
    sim.post(bob, &support);
    sim.post(bob, &[heard.clone(), choir.profile(&[]).sign()]);
    sim.run(Duration::from_secs(120));
    assert!(sim.holds(alice, &heard.id()), "another stranger's answer is heard");
    sim.assert_sound();
}

#[test]
fn h2_what_is_beyond_the_room_is_kept_by_name_and_the_operator_sees_whose_it_is() {
    let world = World::new(86).at(an_hour_ago());
    let [river, choir] = ["river", "choir"].map(|name| world.network(name));
    let mut cluster = Cluster::start("us-wa", 1);
    let keeper = Sandbox::new();
    keeper.init_as(
        "us-wa",
        "federation",
        "[admission.stock]\nrecords = 1000\npayer_records = 300\n",
    );
    cluster.add_in(keeper);
    for network in [&river, &choir] {
        let id = network.id().to_string();
        let allow = ["policy", "allow", "--network", &id, "--reason", "we meet on Sundays"];
        answer(&cluster[1], &allow);
    }
    cluster.connect(0, 1);
    meet(&cluster, 1, 1);
    let flood = calls(&river, "noise", 600);
    bring(&cluster[0], from_ref(&river.inception));
    bring(&cluster[0], &flood);
    let full = |node: &Node| {
        let found = node.weft(["doctor", "--json"]).run().json();
        found.as_array().into_iter().flatten().any(|finding| finding["finding"] == "full")
    };
    cluster
        .eventually("the node should say that there is no more room", SOON, || full(&cluster[1]));
    let kept = |cluster: &Cluster| here(&cluster[1], &flood);
    let here_at_its_height = kept(&cluster);
    assert!((250..=300).contains(&here_at_its_height), "{here_at_its_height}");
    let status = answer(&cluster[1], &["status"]);
    assert_eq!(status["stock"]["fullest"][0]["full"], true, "{status}");
    let counted = status["stock"]["fullest"][0]["held"]["records"].as_u64();
    assert_eq!(counted.map(|count| count.min(300)), Some(300), "{status}");
    let spanish = cluster[1].weft(["doctor", "--lang", "es"]).run();
    assert!(spanish.fails_with(1).stdout.contains("No hay sitio para más de"), "{spanish}");
    let explained = cluster[1].weft(["policy", "explain", &flood[599].id().to_string()]).run();
    assert!(explained.status.success(), "{explained}");
    let mut urgent = vec![choir.inception.clone()];
    urgent.extend(calls(&choir, "beds", 20));
    arrives(&cluster, &urgent, "there is room for who has little");
    // What takes back is heard where nothing more is stored.
    let end = river.clone().later(crate::cluster_world::now()).withdraw(&flood[0]).sign();
    arrives(&cluster, from_ref(&end), "a withdrawal is heard");
    // A full store is read back as it was.
    cluster[1].stop();
    cluster[1].start();
    let again = kept(&cluster);
    assert!((here_at_its_height..=300).contains(&again), "{again} after a new start");
    cluster.eventually("it should be as full as before", SOON, || full(&cluster[1]));
}
