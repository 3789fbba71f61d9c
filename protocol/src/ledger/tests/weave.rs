//! The weave of real records: claims and ended ties carry nothing, and large ties are stars.

use std::collections::BTreeMap;

use super::world::{Signer, World, answer, day, end, profile, tie};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::response::ResponseKind;
use crate::id::NetId;
use crate::record::Record;
use crate::weave::Weave;

/// Networks with a profile, each with ten seeds of its own.
fn networks(world: &mut World, count: u16) -> Vec<Signer> {
    let found = |n: u16| {
        let (signer, _) = world.found(n * 10);
        world.put(&signer.sign(profile(), day(0), 300));
        signer
    };
    (1..=count).map(found).collect()
}

/// Proposes a tie of the first with all others.
fn propose(world: &mut World, parties: &[Signer]) -> Record {
    let nets: Vec<NetId> = parties.iter().map(|party| party.net).collect();
    let proposed = parties[0].sign(tie(&nets), day(0), 300);
    world.put(&proposed);
    proposed
}

fn accept(world: &mut World, proposed: &Record, by: &[Signer]) {
    for party in by {
        world.put(&party.sign(answer(proposed, ResponseKind::Accept, None), day(0), 300));
    }
}

fn weave(world: &World) -> Weave {
    Weave::new(&world.ledger.pattern(&BTreeMap::new(), world.now))
}

#[test]
fn only_ties_that_all_have_signed_are_in_the_weave() {
    let mut world = World::new();
    let three = networks(&mut world, 3);
    let proposed = propose(&mut world, &three);
    assert_eq!((weave(&world).len(), weave(&world).ties()), (3, 0));
    accept(&mut world, &proposed, &three[1..2]);
    assert_eq!(weave(&world).ties(), 0);
    accept(&mut world, &proposed, &three[2..]);
    assert_eq!(weave(&world).ties(), 3);
    assert_eq!(weave(&world).cluster_of(three[0].net), Some("gb-bristol"));
    let leave = end(&[(proposed.thing(), None)], EndKind::Leave);
    world.put(&three[2].sign(Body::End(leave), day(1), 300));
    assert_eq!(weave(&world).ties(), 0);
}

#[test]
fn a_network_without_a_profile_is_not_in_the_weave() {
    let mut world = World::new();
    let mut two = networks(&mut world, 1);
    two.push(world.found(500).0);
    let proposed = propose(&mut world, &two);
    accept(&mut world, &proposed, &two[1..]);
    assert_eq!((weave(&world).len(), weave(&world).ties()), (1, 0));
}

#[test]
fn a_tie_of_seven_joins_its_proposer_with_the_others() {
    for (parties, ties) in [(6, 15), (7, 6)] {
        let mut world = World::new();
        let all = networks(&mut world, parties);
        let proposed = propose(&mut world, &all);
        accept(&mut world, &proposed, &all[1..]);
        assert_eq!(weave(&world).ties(), ties);
        world.now = day(400);
        world.ledger.advance(world.now);
        assert!(weave(&world).is_empty(), "what has ended is no part of it");
    }
}
