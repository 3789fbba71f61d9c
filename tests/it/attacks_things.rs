//! Whose a thing is, whatever has expired: the attacks on things that are written down, by their
//! number there, played on real records in process.
//!
//! **Invariant:** no other network has a thing of this one, and what a thing is needs no version of
//! it but any.

use std::collections::BTreeSet;
use std::time::Duration;

use weft_protocol::authority::Standing;
use weft_protocol::body::role::Power;
use weft_protocol::ledger::{Ledger, Outcome, Place, PoolBounds};
use weft_protocol::record::{Reach, Record};
use weft_protocol::region::Region;
use weft_protocol::sync::{Key, Scope};
use weft_protocol::time::Timestamp;
use weft_tests::world::{START, World};

/// Stories are told in days.
const DAY: Duration = Duration::from_secs(86_400);

fn day(n: u32) -> Timestamp {
    START + DAY * n
}

fn told(records: &[&Record], now: Timestamp) -> Ledger {
    let mut ledger = Ledger::new(PoolBounds::default());
    for record in records {
        ledger.insert(record, now);
    }
    ledger
}

#[test]
fn c5_a_stranger_versions_no_call_whose_first_version_is_gone() {
    let world = World::new(5);
    let (river, eve) = (world.network("river"), world.network("eve"));
    let call = river.call("beds").until(day(2)).sign();
    let later = river.call("more beds").following(&call).until(day(30)).sign();
    let theirs = eve.call("money").version(&call, u16::MAX).until(day(40)).sign();
    let all = [&river.inception, &eve.inception, &call, &later, &theirs];
    for (now, seen) in [(day(1), all.as_slice()), (day(3), &[all[0], all[1], all[3], all[4]])] {
        let mut ledger = told(seen, now);
        ledger.advance(now);
        assert_ne!(theirs.thing(), call.thing());
        let shown = ledger.named(&call.thing().into()).expect("the call");
        assert_eq!(shown, later.id(), "the caller's own word is shown");
        let (record, _) = ledger.call(&call.thing(), now).expect("a call");
        assert_eq!(record, later.id());
        assert!(ledger.thing(&call.thing()).iter().all(|version| version.net == river.id()));
    }
}

#[test]
fn c5_two_fresh_keys_are_no_electors_of_a_tie_whose_first_version_is_gone() {
    let world = World::new(6);
    let [river, ridge, eve, mallory] =
        ["river", "ridge", "eve", "mallory"].map(|name| world.network(name));
    let tie = river.tie(&[&ridge]).until(day(2)).sign();
    let renewed = river.tie(&[&ridge]).following(&tie).until(day(90)).sign();
    let accepted = ridge.accept(&renewed).until(day(90)).sign();
    let theirs = eve.tie(&[&mallory]).version(&tie, u16::MAX).until(day(40)).sign();
    let yes = mallory.accept(&theirs).sign();
    let networks = [&river, &ridge, &eve, &mallory].map(|network| &network.inception);
    let mut ledger = told(&networks, day(3));
    for record in [&renewed, &accepted, &theirs, &yes] {
        ledger.insert(record, day(3));
    }
    let (version, state) = ledger.tie(&tie.thing(), day(3)).expect("the tie");
    assert_eq!(version, renewed.id());
    assert!(state.is_active());
    assert!(!ledger.ties_of(&mallory.id()).contains(&tie.thing()));
}

#[test]
fn d1_a_first_version_leaves_the_set_when_it_is_replaced() {
    let world = World::new(7);
    let river = world.network("river");
    let call = river.call("beds").sign();
    let later = river.call("more beds").following(&call).sign();
    let ledger = told(&[&river.inception, &call, &later], day(1));
    let set = ledger.set(&Scope::Region(world.region().clone())).expect("a set");
    let has = |record: &Record| {
        set.contains(&Key { until: record.header().until.as_secs(), id: record.id() })
    };
    assert!(has(&later) && !has(&call));
}

#[test]
fn d1_two_first_versions_are_a_fork_until_one_version_names_both() {
    let world = World::new(8);
    let river = world.network("river");
    let call = river.call("beds").sign();
    let other = river.call("boats").beside(&call).sign();
    assert_eq!(other.thing(), call.thing());
    let mut ledger = told(&[&river.inception, &call, &other], day(1));
    let mut places = [&call, &other].map(|record| ledger.summary(&record.id()).unwrap().place);
    places.sort_by_key(|place| *place == Place::Forked);
    assert_eq!(places, [Place::Current, Place::Forked]);
    let joined = river.call("beds and boats").joining([&call, &other]).sign();
    ledger.insert(&joined, day(1));
    for record in [&call, &other] {
        assert_eq!(ledger.summary(&record.id()).unwrap().place, Place::Superseded);
    }
}

#[test]
fn d1_the_same_words_signed_twice_are_one_thing_said_once() {
    let world = World::new(9);
    let river = world.network("river");
    assert_eq!(river.call("beds").sign().id(), river.call("beds").sign().id());
    assert_ne!(river.call("beds").sign().thing(), river.call("boats").sign().thing());
    let member = river.member("ana");
    assert_ne!(river.call("beds").sign().thing(), member.call("beds").sign().thing());
}

#[test]
fn d1_an_author_exchanges_the_electors_of_no_proposal() {
    let world = World::new(10);
    let [river, ridge, mallory] = ["river", "ridge", "mallory"].map(|name| world.network(name));
    let fair = river.tie(&[&ridge]).sign();
    let loaded = river.tie(&[&mallory]).sign();
    let dates = [day(1), day(2), day(9)];
    let asked = river.proposal(&fair, dates, &[]).sign();
    // Who signs a first version as often as they like has one with a lower id.
    let others = [
        river.proposal(&loaded, dates, &[]).beside(&asked).sign(),
        river.proposal(&loaded, dates, &[]).version(&asked, u16::MAX).sign(),
        river.proposal(&fair, [day(0), dates[1], dates[2]], &[]).following(&asked).sign(),
    ];
    for exchanged in &others {
        assert_ne!(exchanged.thing(), asked.thing(), "who decides is part of the name");
    }
    let longer = river.proposal(&fair, [dates[0], dates[1], day(10)], &[]).following(&asked).sign();
    assert_eq!(longer.thing(), asked.thing(), "and the rest may change");
}

#[test]
fn d1_one_who_delegates_takes_over_no_role_that_another_has_granted() {
    let world = World::new(11);
    let river = world.network("river");
    let powers = [Power::Delegate, Power::Call];
    let [ana, ben] = ["ana", "ben"].map(|name| river.member_with(name, &powers));
    let [cleo, dora] = ["cleo", "dora"].map(|name| river.member(name).key());
    let granted = ana.role("cleo", cleo, &[Power::Call]).until(day(90)).sign();
    let others = [&*ben, &*river].map(|granter| {
        granter.role("dora", dora, &[Power::Call]).until(day(90)).beside(&granted).sign()
    });
    let support = [&river.inception, &ana.role, &ana.acceptance, &ben.role, &ben.acceptance];
    let mut ledger = told(&support, day(1));
    for record in others.iter().chain([&granted]) {
        assert_eq!(ledger.insert(record, day(1)), Outcome::New(Standing::Valid));
    }
    let [version] = &ledger.thing(&granted.thing())[..] else { panic!("one version") };
    assert_eq!(version.id, granted.id());
}

#[test]
fn c3_support_at_invented_homes_makes_no_set_but_those_of_the_regions_that_a_node_is_in() {
    let world = World::new(12);
    let river = world.network("river");
    let holder = river.member("ana").key();
    let at_home = river.call("beds").sign();
    let roles: Vec<Record> = (0..100)
        .map(|n| {
            river.role(&format!("r{n}"), holder, &[Power::Call]).home(&format!("x-{n}")).sign()
        })
        .collect();
    let records: Vec<&Record> = [&river.inception, &at_home].into_iter().chain(&roles).collect();
    let home = BTreeSet::from([world.region().clone()]);
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.keep(home.clone());
    for record in &records {
        assert_eq!(ledger.insert(record, day(1)), Outcome::New(Standing::Valid));
    }
    let held = |ledger: &Ledger| {
        let sets = ledger.scopes().filter_map(|scope| ledger.set(scope));
        sets.map(|set| set.snapshot().len()).sum::<usize>()
    };
    assert_eq!(ledger.scopes().count(), 1);
    assert_eq!(held(&ledger), records.len(), "what judges it follows, each record once");

    // Who joins a region has its set, whatever was here before; who leaves has it no more.
    let further: Region = "x-7".parse().expect("a region");
    let joined = home.iter().cloned().chain([further.clone()]).collect();
    ledger.keep(joined);
    let all = told(&records, day(1));
    for region in home.iter().chain([&further]) {
        let scope = Scope::Region(region.clone());
        let keys = |ledger: &Ledger| {
            let set = ledger.set(&scope).expect("a set").snapshot();
            set.keys(0, set.len()).copied().collect::<Vec<Key>>()
        };
        assert_eq!(keys(&ledger), keys(&all), "{region}");
    }
    ledger.keep(home);
    assert_eq!(ledger.scopes().count(), 1);
    assert_eq!(held(&ledger), records.len());
}

/// What a network keeps among its own nodes is taken back there as well, and nobody else learns that
/// there was something.
#[test]
fn m11_the_end_of_what_is_for_ones_own_nodes_is_for_them_alone() {
    let world = World::new(11);
    let river = world.network("river");
    let (own, open) = (river.call("for us").reach(Reach::Own), river.call("for all"));
    let (own, open) = (own.sign(), open.sign());
    let ends = [&own, &open].map(|call| river.withdraw(call).reach(Reach::Own).sign());
    let [of_own, of_open] = &ends;
    let ledger = told(&[&river.inception, &own, &open, of_own, of_open], day(1));
    let place = |record: &Record| ledger.summary(&record.id()).unwrap().place;
    assert_eq!(place(&own), Place::Ended);
    assert_eq!(place(&open), Place::Current, "what others see is ended where they see it");
    let has = |scope: &Scope, record: &Record| {
        let set = ledger.set(scope).unwrap().snapshot();
        set.keys(0, set.len()).any(|key| key.id == record.id())
    };
    let region = Scope::Region(world.region().clone());
    assert!(has(&region, &open) && !has(&region, of_own) && !has(&region, of_open));
    assert!(has(&Scope::Own(river.id()), of_own), "the network's other nodes learn of it");
}
