//! What authors may make much of, and what becomes of it.

use super::world::{World, answer, call, day, key, region, tie};
use crate::body::Body;
use crate::body::response::ResponseKind::Accept;
use crate::record::{Home, Reach};
use crate::steps;

#[test]
fn regions_that_nothing_names_any_more_are_forgotten() {
    let mut world = World::new();
    let (alice, _) = world.found(100);
    let place = |n: usize| region(&format!("region-{n}"));
    for n in 0..1_100 {
        let mut draft = alice.draft(call("beds", &[1]), day(0), 2);
        draft.header.home = Some(Home { region: place(n), reach: Reach::Movement });
        world.put(&draft.sign(&key(alice.seed)).unwrap());
    }
    assert_eq!(world.ledger.homes.len(), 1_100);
    let stays = alice.sign(call("more beds", &[1]), day(0), 60);
    world.put(&stays);
    world.ledger.advance(day(3));
    assert_eq!(world.ledger.homes.len(), 1, "of the call that has not ended");
    assert!(world.ledger.carrying.find(&place(7)).is_none());
    let home = world.ledger.summary(&stays.id()).unwrap().home.unwrap();
    assert_eq!(home.region, region("gb-bristol"));
}

#[test]
fn what_ends_one_after_the_other_has_everything_swept_now_and_then_only() {
    let mut world = World::new();
    let ((alice, _), (bob, _)) = (world.found(100), world.found(200));
    let n = 350;
    for days in 0..n {
        // What it answers is not here: each names four things and is one.
        let absent = bob.sign(call("beds", &[days + 1]), day(0), 60);
        world.put(&alice.sign(answer(&absent, Accept, None), day(0), 2 + days));
    }
    let before = steps::taken();
    for days in 2..n {
        world.ledger.advance(day(days.into()));
    }
    let each = (steps::taken() - before) / u64::from(n);
    assert!(each < 100, "{each} steps for each that ends");
}

#[test]
fn of_many_versions_of_a_tie_the_last_that_all_have_accepted_is_current() {
    let mut world = World::new();
    let [(alice, _), (bob, _), (eve, _)] = [100, 200, 300].map(|n| world.found(n));
    let body = |days: u16| {
        let Body::Tie(mut body) = tie(&[alice.net, bob.net]) else { unreachable!() };
        body.terms.notice_days = Some(days);
        Body::Tie(body)
    };
    let mut versions = vec![alice.sign(body(0), day(0), 300)];
    for n in 1..90 {
        let next = alice.sign_version(versions.last().unwrap(), body(n), day(0), 300);
        versions.push(next);
    }
    for version in &versions {
        world.put(version);
        world.put(&eve.sign(answer(version, Accept, None), day(0), 200));
    }
    for version in &versions[..60] {
        world.put(&bob.sign(answer(version, Accept, None), day(0), 200));
    }
    let (shown, state) = world.ledger.tie(&versions[0].thing(), world.now).unwrap();
    assert_eq!(shown, versions[59].id(), "whatever others say to it");
    assert!(state.is_active());
}
