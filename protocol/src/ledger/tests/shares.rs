//! Calls that many answer.

use super::world::{Signer, World, answer, call, day};
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::fold::call::{AskState, Phase};
use crate::ledger::Ledger;
use crate::record::Record;

/// A call, and this many networks that each stand behind it and offer a bed.
fn answered(world: &mut World, networks: u16) -> (Record, Vec<Signer>) {
    world.now = day(20);
    let (caller, _) = world.found(10);
    let asked = caller.sign(call("beds", &[500]), day(1), 60);
    world.put(&asked);
    let signers: Vec<Signer> = (1..=networks).map(|n| world.found(20 + 2 * n).0).collect();
    for signer in &signers {
        for kind in [ResponseKind::Endorse, ResponseKind::Offer] {
            world.put(&signer.sign(answer(&asked, kind, Some(1)), day(2), 60));
        }
    }
    (asked, signers)
}

/// Counts the answers that are looked at when a call is asked for.
fn looked(ledger: &Ledger, asked: &Record) -> usize {
    let before = ledger.folded.borrow().looked;
    ledger.call(&asked.thing(), day(20)).unwrap();
    ledger.folded.borrow().looked - before
}

#[test]
fn one_more_answer_is_folded_in_without_the_others() {
    for networks in [10, 200] {
        let mut world = World::new();
        let (asked, signers) = answered(&mut world, networks);
        let answers = 2 * usize::from(networks);
        assert_eq!(looked(&world.ledger, &asked), answers, "all of them, the first time");
        assert_eq!(looked(&world.ledger, &asked), 0, "nothing has changed");
        let one = &signers[3];
        let more = one.sign(answer(&asked, ResponseKind::Thanks, None), day(3), 60);
        world.put(&more);
        assert_eq!(looked(&world.ledger, &asked), 3, "of {networks} networks one has answered");
    }
}

#[test]
fn a_word_on_a_delivery_is_folded_into_the_part_of_the_giver() {
    let mut world = World::new();
    let (asked, signers) = answered(&mut world, 4);
    let caller = Signer { net: asked.net(), seed: 10, role: None };
    let state = |world: &World| world.ledger.call(&asked.thing(), day(20)).unwrap().1;
    assert_eq!(state(&world).phase, Phase::Open);
    let offered = signers[1].sign(answer(&asked, ResponseKind::Offer, Some(9)), day(4), 60);
    let accepted = caller.sign(answer(&offered, ResponseKind::Accept, None), day(5), 60);
    let delivered = signers[1].sign(answer(&offered, ResponseKind::Deliver, None), day(6), 60);
    let confirmed = caller.sign(answer(&delivered, ResponseKind::Confirm, Some(7)), day(7), 60);
    let mut steps = Vec::new();
    for record in [offered, accepted, delivered, confirmed] {
        world.put(&record);
        let AskState { offered, accepted, delivered, confirmed, .. } = state(&world).asks[0];
        steps.push([offered, accepted, delivered, confirmed]);
    }
    // The later offer of the giver stands in the place of the first.
    assert_eq!(steps, [[12, 0, 0, 0], [12, 9, 0, 0], [12, 9, 9, 0], [12, 9, 9, 7]]);
    let state = state(&world);
    assert_eq!((state.phase, state.endorsed.len()), (Phase::PartMet, 4));
    let Body::Call(mut edited) = call("beds", &[7]) else { unreachable!() };
    edited.text = None;
    world.put(&caller.sign_version(&asked, Body::Call(edited), day(8), 60));
    let after = world.ledger.call(&asked.thing(), day(20)).unwrap().1;
    assert_eq!((after.phase, after.endorsed.len()), (Phase::Met, 0));
    assert_eq!(after.endorsed_earlier.len(), 4);
}

#[test]
fn what_a_caller_answers_itself_counts_for_nothing() {
    let mut world = World::new();
    let (asked, _) = answered(&mut world, 1);
    let caller = Signer { net: asked.net(), seed: 10, role: None };
    let state = |world: &World| world.ledger.call(&asked.thing(), day(20)).unwrap().1;
    let before = state(&world);
    let offered = caller.sign(answer(&asked, ResponseKind::Offer, Some(500)), day(4), 60);
    let accepted = caller.sign(answer(&offered, ResponseKind::Accept, None), day(5), 60);
    let delivered = caller.sign(answer(&offered, ResponseKind::Deliver, None), day(6), 60);
    let confirmed = caller.sign(answer(&delivered, ResponseKind::Confirm, None), day(7), 60);
    let endorsed = caller.sign(answer(&asked, ResponseKind::Endorse, None), day(8), 60);
    let fulfilled = caller.sign(answer(&asked, ResponseKind::Deliver, None), day(9), 60);
    let taken = caller.sign(answer(&fulfilled, ResponseKind::Confirm, None), day(10), 60);
    for record in [offered, accepted, delivered, confirmed, endorsed, fulfilled, taken] {
        world.put(&record);
        assert_eq!(state(&world), before);
    }
}
