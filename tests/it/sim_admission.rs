//! Stories of who is let in, and of those who try to come in by numbers.

use std::collections::BTreeSet;
use std::slice::from_ref;
use std::time::Duration;

use weft_protocol::admission::{Action, Entry, Fate, Mode, Subject, Terms};
use weft_protocol::control::{
    CallFilter, NewcomerTask, PolicyTask, Request, Response, Whereabouts,
};
use weft_protocol::engine::Event;
use weft_protocol::id::NetId;
use weft_protocol::record::{Kind, Record};
use weft_tests::sim::{Machine, Peer, Simulation, Weather};
use weft_tests::world::{Network, World};

/// A second, of which most stories take a few.
const SECOND: Duration = Duration::from_secs(1);

/// The terms of a node that starts from these networks.
fn from(seeds: &[&Network]) -> Terms {
    let seeds: BTreeSet<NetId> = seeds.iter().map(|seed| seed.id()).collect();
    Terms { mode: Mode::Federation, seeds, ..Terms::default() }
}

fn policy(sim: &mut Simulation, peer: Peer, task: PolicyTask) -> Response {
    let said = sim.ask(peer, Request::Policy(task)).expect("an answer");
    said.into_iter().next().expect("one answer")
}

/// Says something of a network at a node.
fn say(sim: &mut Simulation, peer: Peer, action: Action, net: NetId) {
    let reason = "we talked about it".to_owned();
    let entry = Entry { subject: Subject::Network(net), action, reason, until: None, name: None };
    assert_eq!(policy(sim, peer, PolicyTask::Add(Box::new(entry))), Response::Fine);
}

fn whereabouts(sim: &mut Simulation, peer: Peer, record: &Record) -> Whereabouts {
    match policy(sim, peer, PolicyTask::Explain { id: record.id() }) {
        Response::Explained(said) => said.whereabouts,
        other => panic!("{other:?}"),
    }
}

fn newcomers(sim: &mut Simulation, peer: Peer) -> Vec<NetId> {
    let said = sim.ask(peer, Request::Newcomers(NewcomerTask::List)).expect("an answer");
    let net = |response| match response {
        Response::Newcomer(view) => Some(view.state.newcomer.net),
        _ => None,
    };
    said.into_iter().filter_map(net).collect()
}

/// How often a node has taken records of reconciliation.
fn received(sim: &Simulation, peer: Peer) -> u64 {
    let count = |event: &Event| match event {
        Event::Synced { received, .. } => *received,
        _ => 0,
    };
    sim.told(peer).iter().map(count).sum()
}

/// A tie between two networks, and its acceptance.
fn tie(one: &Network, other: &Network) -> [Record; 2] {
    let tie = one.tie(&[other]).sign();
    let accept = other.accept(&tie).sign();
    [tie, accept]
}

#[test]
fn sim_a_newcomer_waits_until_a_tie_leads_to_it() {
    let world = World::new(30);
    let (river, choir) = (world.network("river"), world.network("choir"));
    let mut sim = Simulation::new(30, Weather::CALM);
    let home = Machine::new("alice", world.node("alice")).on_terms(from(&[&river]));
    let alice = sim.join(home);
    let bob = sim.join(Machine::new("bob", world.node("bob")));
    sim.weave();
    sim.run(5 * SECOND);
    let call = choir.call("a rehearsal room").sign();
    sim.post(bob, &[choir.inception.clone(), call.clone()]);
    sim.run(60 * SECOND);
    assert!(!sim.holds(alice, &call.id()), "nobody here knows the choir");
    assert_eq!(newcomers(&mut sim, alice), [choir.id()]);
    assert_eq!(whereabouts(&mut sim, alice, &call), Whereabouts::Newcomer);
    assert!(sim.is_in_step(&[alice, bob]), "and yet both agree on what there is");
    let [tie, accept] = tie(&river, &choir);
    sim.post(alice, &[river.inception.clone(), tie]);
    sim.run(60 * SECOND);
    assert!(sim.holds(alice, &choir.inception.id()), "whom a tie invites is heard");
    sim.post(bob, from_ref(&accept));
    sim.run(60 * SECOND);
    assert!(sim.holds(alice, &call.id()), "a tie leads to the choir now");
    assert!(newcomers(&mut sim, alice).is_empty());
    assert!(sim.run_until_in_step(&[alice, bob], 60 * SECOND).is_some());
    sim.assert_sound();
}

#[test]
fn sim_a_newcomer_is_welcomed_or_refused_by_name() {
    let world = World::new(31);
    let (choir, spam) = (world.network("choir"), world.network("spam"));
    let mut sim = Simulation::new(31, Weather::CALM);
    let alice = sim.join(Machine::new("alice", world.node("alice")).on_terms(from(&[])));
    let bob = sim.join(Machine::new("bob", world.node("bob")));
    sim.weave();
    sim.run(5 * SECOND);
    let (call, noise) = (choir.call("a room").sign(), spam.call("buy this").sign());
    sim.post(bob, &[choir.inception.clone(), call.clone()]);
    sim.post(bob, &[spam.inception.clone(), noise.clone()]);
    sim.run(60 * SECOND);
    assert_eq!(newcomers(&mut sim, alice).len(), 2);
    let reason = "they sing".to_owned();
    let welcome = NewcomerTask::Welcome { net: choir.id(), reason };
    assert_eq!(sim.ask(alice, Request::Newcomers(welcome)).unwrap()[..], [Response::Fine]);
    let reason = "they sell".to_owned();
    let refuse = NewcomerTask::Refuse { net: spam.id(), reason };
    assert_eq!(sim.ask(alice, Request::Newcomers(refuse)).unwrap()[..], [Response::Fine]);
    sim.run(60 * SECOND);
    assert!(sim.holds(alice, &call.id()));
    assert!(!sim.holds(alice, &noise.id()) && newcomers(&mut sim, alice).is_empty());
    assert_eq!(whereabouts(&mut sim, alice, &noise), Whereabouts::Refused);
    sim.crash(alice);
    sim.restart(alice);
    sim.run(60 * SECOND);
    assert!(!sim.holds(alice, &noise.id()), "what was said holds after a restart");
    let allowed =
        PolicyTask::Remove { subject: Subject::Network(spam.id()), action: Action::Block };
    assert_eq!(policy(&mut sim, alice, allowed), Response::Fine);
    say(&mut sim, alice, Action::Allow, spam.id());
    assert!(sim.run_until_in_step(&[alice, bob], 60 * SECOND).is_some());
    sim.run(60 * SECOND);
    assert!(sim.holds(alice, &noise.id()), "and so does taking it back");
    sim.assert_sound();
}

/// Rows: 3.36.
#[test]
fn sim_nodes_of_different_policy_agree_after_one_meeting_and_stay_quiet() {
    let world = World::new(32);
    let authors = world.networks(8);
    let founding: Vec<Record> = authors.iter().map(|author| author.inception.clone()).collect();
    let calls = world.calls(&authors, 200);
    let mut sim = Simulation::new(32, Weather::CALM);
    // Each knows six of the eight, and blocks another one of those.
    let mut join = |name: &str, known: &[Network], blocked: NetId| {
        let known: Vec<&Network> = known.iter().collect();
        let peer = sim.join(Machine::new(name, world.node(name)).on_terms(from(&known)));
        sim.run(SECOND);
        say(&mut sim, peer, Action::Block, blocked);
        peer
    };
    let alice = join("alice", &authors[..6], authors[0].id());
    let bob = join("bob", &authors[2..], authors[7].id());
    for peer in [alice, bob] {
        // The door takes all: it is the operator's own.
        let own = if peer == alice { &calls[..100] } else { &calls[100..] };
        sim.post(peer, &founding);
        sim.post(peer, own);
    }
    sim.link(alice, bob);
    let took = sim.run_until_in_step(&[alice, bob], 60 * SECOND);
    assert!(took.is_some_and(|took| took <= 15 * SECOND), "one meeting suffices: {took:?}");
    let of_author = |n: usize| calls.iter().find(|call| call.net() == authors[n].id()).unwrap();
    assert_eq!(whereabouts(&mut sim, bob, of_author(1)), Whereabouts::Newcomer);
    // The side that was asked hears last that it is over.
    sim.run(5 * SECOND);
    let before = [received(&sim, alice), received(&sim, bob)];
    sim.run(2 * 3600 * SECOND);
    assert_eq!([received(&sim, alice), received(&sim, bob)], before, "nothing moves any more");
    assert!(sim.is_in_step(&[alice, bob]));
    sim.assert_sound();
}

#[test]
fn sim_a_flood_of_unknown_networks_costs_a_pool_and_delays_nobody() {
    let world = World::new(33);
    let (river, choir) = (world.network("river"), world.network("choir"));
    let mut sim = Simulation::new(33, Weather::CALM);
    let terms = from(&[&river, &choir]);
    let bounds = terms.newcomers;
    let alice = sim.join(Machine::new("alice", world.node("alice")).on_terms(terms));
    let bob = sim.join(Machine::new("bob", world.node("bob")));
    sim.weave();
    sim.run(5 * SECOND);
    sim.post(bob, &[river.inception.clone(), choir.inception.clone()]);
    let sybils = world.networks(2 * bounds.networks);
    for some in sybils.chunks(64) {
        let founding: Vec<Record> = some.iter().map(|sybil| sybil.inception.clone()).collect();
        sim.post(bob, &founding);
        sim.post(bob, &world.calls(some, 2 * some.len()));
    }
    sim.run(5 * SECOND);
    let call = choir.call("ten beds").at(sim.now()).sign();
    sim.post(bob, from_ref(&call));
    sim.run(2 * SECOND);
    assert!(sim.holds(alice, &call.id()), "a recognised network's call is not delayed");
    sim.run(600 * SECOND);
    let listed = newcomers(&mut sim, alice);
    assert_eq!(listed.len(), bounds.networks, "the newest wait, and the pool is full");
    let stored = sim.engine(alice).unwrap().ledger().len();
    assert_eq!(stored, 3, "two foundings and the call, and no sham");
    // One peer brings only so much of what newcomers say in an hour.
    let agreed = sim.run_until_in_step(&[alice, bob], 3600 * SECOND);
    assert!(agreed.is_some(), "and both agree on what there is");
    sim.assert_sound();
}

#[test]
fn sim_a_thousand_shams_behind_one_neighbour_share_its_quota() {
    let world = World::new(34);
    let (river, eve, choir) =
        (world.network("river"), world.network("eve"), world.network("choir"));
    let mut terms = from(&[&river]);
    (terms.quota.records, terms.quota.newcomer_records) = (100, 50);
    let mut sim = Simulation::new(34, Weather::CALM);
    let alice = sim.join(Machine::new("alice", world.node("alice")).on_terms(terms));
    let bob = sim.join(Machine::new("bob", world.node("bob")));
    sim.weave();
    sim.run(5 * SECOND);
    let known = [river.inception.clone(), eve.inception.clone(), choir.inception.clone()];
    sim.post(bob, &known);
    sim.post(bob, &[tie(&river, &eve), tie(&river, &choir)].concat());
    sim.run(60 * SECOND);
    let shams = world.networks(1000);
    for sham in &shams {
        sim.post(bob, from_ref(&sham.inception));
        sim.post(bob, &tie(&eve, sham));
    }
    sim.run(60 * SECOND);
    for some in shams.chunks(50) {
        sim.post(bob, &world.calls(some, 100));
    }
    sim.run(60 * SECOND);
    let ledger = sim.engine(alice).unwrap().ledger();
    let taken: usize = shams.iter().map(|sham| ledger.records_of(&sham.id())).sum();
    let all = taken + ledger.records_of(&eve.id());
    // Some minutes' share of both has flowed in meanwhile.
    // What eve signs is apart from what those behind her do.
    let most = 2 * 100 + 50 + 20;
    assert!((100..=most).contains(&all), "eve's quotas and that of newcomers, not {all}");
    let call = choir.call("ten beds").at(sim.now()).sign();
    sim.post(bob, from_ref(&call));
    sim.run(5 * SECOND);
    assert!(sim.holds(alice, &call.id()), "others have a quota of their own");
    match policy(&mut sim, alice, PolicyTask::Explain { id: call.id() }) {
        Response::Explained(said) => {
            assert_eq!(said.chain, [river.id(), choir.id()]);
            assert_eq!(said.fate, Some(Fate::Take));
        }
        other => panic!("{other:?}"),
    }
    sim.assert_sound();
}

#[test]
fn sim_what_is_muted_by_network_kind_or_region_is_kept_and_not_listed() {
    let world = World::new(36);
    let choir = world.network("choir");
    let mut sim = Simulation::new(36, Weather::CALM);
    let alice = sim.join(Machine::new("alice", world.node("alice")));
    sim.run(SECOND);
    let call = choir.call("a room").sign();
    sim.post(alice, &[choir.inception.clone(), call.clone()]);
    let listed = |sim: &mut Simulation, all: bool| {
        let filter = CallFilter { all, limit: 10, ..CallFilter::default() };
        sim.ask(alice, Request::Calls(filter)).expect("an answer").len() - 1
    };
    for subject in [
        Subject::Network(choir.id()),
        Subject::Kind(Kind::Call),
        Subject::Region(world.region().clone()),
    ] {
        assert_eq!(listed(&mut sim, false), 1);
        let reason = "we talked about it".to_owned();
        let entry = Entry {
            subject: subject.clone(),
            action: Action::Mute,
            reason,
            until: None,
            name: None,
        };
        let said = policy(&mut sim, alice, PolicyTask::Add(Box::new(entry)));
        assert_eq!(said, Response::Fine);
        assert_eq!((listed(&mut sim, false), listed(&mut sim, true)), (0, 1), "{subject:?}");
        assert!(sim.holds(alice, &call.id()));
        match policy(&mut sim, alice, PolicyTask::Explain { id: call.id() }) {
            Response::Explained(said) => assert!(said.hidden.is_some(), "{said:?}"),
            other => panic!("{other:?}"),
        }
        let remove = PolicyTask::Remove { subject, action: Action::Mute };
        assert_eq!(policy(&mut sim, alice, remove), Response::Fine);
    }
}

#[test]
fn sim_a_closed_node_takes_nothing_from_those_it_does_not_name() {
    let world = World::new(35);
    let (river, choir) = (world.network("river"), world.network("choir"));
    let terms = Terms { mode: Mode::Closed, ..from(&[&river]) };
    let mut sim = Simulation::new(35, Weather::CALM);
    let alice = sim.join(Machine::new("alice", world.node("alice")).on_terms(terms));
    let bob = sim.join(Machine::new("bob", world.node("bob")));
    sim.weave();
    sim.run(5 * SECOND);
    sim.post(bob, &[river.inception.clone(), choir.inception.clone()]);
    sim.post(bob, &tie(&river, &choir));
    sim.run(60 * SECOND);
    let accept = tie(&river, &choir)[1].id();
    assert!(sim.holds(alice, &river.inception.id()) && !sim.holds(alice, &accept));
    assert!(newcomers(&mut sim, alice).is_empty(), "nobody waits at a closed door");
    say(&mut sim, alice, Action::Allow, choir.id());
    sim.run(60 * SECOND);
    assert!(sim.holds(alice, &accept), "who is allowed by name comes in");
    sim.assert_sound();
}
