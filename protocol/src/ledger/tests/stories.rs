//! Stories of alice, bob and eve.

use super::world::{
    DAY, START, Signer, World, answer, call, day, end, event, found, keys, revocation, role, tie,
};
use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::identity::{Identity, Reason};
use crate::body::response::ResponseKind::{Accept, Concern, Confirm, Deliver, Endorse, Offer};
use crate::body::role::Power;
use crate::fold::call::Phase;
use crate::fold::tie::State as TieState;
use crate::ledger::{Change, Outcome, Place, Waiting};
use crate::record::{Record, Version};

/// The seed of the key that eve uses for her own purposes.
const EVE: u16 = 900;

fn why(world: &World, record: &Record) -> Option<Why> {
    world.ledger.standing(&record.id()).and_then(|standing| standing.why().cloned())
}

#[test]
fn what_alice_signs_before_anybody_knows_her_waits_and_then_speaks() {
    let mut world = World::new();
    let inception = found(keys(0, 1, &[]), 0);
    let alice = Signer { net: inception.net(), seed: 0, role: None };
    let record = alice.sign(call("beds", &[3]), day(1), 30);
    let waits = Outcome::Pooled(Waiting::Missing(inception.id()));
    assert_eq!(world.put(&record), waits);
    assert_eq!(world.put(&inception), Outcome::New(Standing::Valid));
    assert!(world.is_valid(&record));
    let changes = world.ledger.take_changes();
    assert!(changes.iter().any(|c| matches!(c, Change::Admitted(r) if r.id() == record.id())));
}

#[test]
fn eve_cannot_speak_for_alice() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let forged = Signer { seed: EVE, ..alice }.sign(call("money", &[1]), day(1), 30);
    assert_eq!(world.put(&forged), Outcome::Pooled(Waiting::Unnamed));
    assert_eq!(world.ledger.standing(&forged.id()), None);
}

/// Rows: 1.11.
#[test]
fn a_member_speaks_with_a_role_and_falls_silent_when_it_is_withdrawn() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let member = world.appoint(&alice, 500, &[Power::Call]);
    let before = member.sign(call("beds", &[3]), day(1), 30);
    assert_eq!(world.put(&before), Outcome::New(Standing::Valid));
    let withdraw = end(&[(member.role.unwrap(), None)], EndKind::Withdraw);
    world.now = day(3);
    world.put(&alice.sign(Body::End(withdraw), day(2), 400));
    let draft = member.draft(call("more beds", &[3]), day(3), 30);
    let public = super::world::key(500).public();
    let refused = world.ledger.judge_draft(&draft.header, &draft.body, public, world.now);
    assert!(matches!(refused, Err(Why::RoleEnded { at, .. }) if at == day(2)), "{refused:?}");
    let anyway = draft.sign(&super::world::key(500)).unwrap();
    let outcome = world.put(&anyway);
    assert!(matches!(outcome, Outcome::New(Standing::Void(Why::RoleEnded { .. }))));
    assert!(world.is_valid(&before));
}

/// Rows: 3.20.
#[test]
fn a_member_does_only_what_the_role_allows() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let member = world.appoint(&alice, 500, &[Power::Call]);
    let (bob, _) = world.found(100);
    let tie = member.sign(tie(&[alice.net, bob.net]), day(1), 30);
    world.put(&tie);
    assert_eq!(why(&world, &tie), Some(Why::PowerMissing { any_of: vec![Power::SignTie] }));
}

#[test]
fn a_role_counts_only_once_its_holder_has_accepted() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let grant = alice.sign(role(500, &[Power::Call], None, START), day(0), 300);
    let member = Signer { seed: 500, role: Some(grant.thing()), ..alice };
    world.put(&grant);
    let record = member.sign(call("beds", &[3]), day(1), 30);
    assert_eq!(world.put(&record), Outcome::New(Standing::Held(Why::RoleNotAccepted)));
    world.put(&member.sign(answer(&grant, Accept, None), day(1), 200));
    assert!(world.is_valid(&record));
}

#[test]
fn no_role_gives_what_its_granter_lacks_and_no_chain_is_longer_than_two() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let steward = world.appoint(&alice, 500, &[Power::Call, Power::Delegate]);
    let greedy = steward.sign(role(501, &[Power::SignTie], None, START), day(1), 100);
    world.put(&greedy);
    assert_eq!(why(&world, &greedy), Some(Why::MoreThanGranter));
    let rep = steward.sign(role(502, &[Power::Call, Power::Delegate], None, START), day(1), 100);
    let rep_signer = Signer { seed: 502, role: Some(rep.thing()), ..alice };
    world.put(&rep);
    world.put(&rep_signer.sign(answer(&rep, Accept, None), day(1), 100));
    let record = rep_signer.sign(call("beds", &[1]), day(1), 30);
    world.put(&record);
    assert!(world.is_valid(&record));
    let third = rep_signer.sign(role(503, &[Power::Call], None, START), day(1), 50);
    world.put(&third);
    assert_eq!(why(&world, &third), Some(Why::ChainTooLong));
}

#[test]
fn after_a_theft_exactly_the_kept_records_remain() {
    let mut world = World::new();
    let (alice, inception) = world.found(0);
    let honest = alice.sign(call("beds", &[3]), day(0), 60);
    let stolen = alice.sign(call("money", &[3]), day(0), 60);
    world.put(&honest);
    world.put(&stolen);
    assert!(world.is_valid(&stolen));
    let keep = [honest.id()];
    let revoke = revocation(0, Reason::Compromised, day(1), &keep);
    let revoke = event(&inception, revoke, day(1), 1);
    assert_eq!(world.put(&revoke), Outcome::New(Standing::Valid));
    assert!(world.is_valid(&honest));
    assert!(matches!(
        why(&world, &stolen),
        Some(Why::KeyRevoked { reason: Reason::Compromised, .. })
    ));
    let rotate = event(&inception, Identity::Rotate(keys(10, 11, &[2, 3, 4])), day(1), 1);
    world.put(&rotate);
    let after = Signer { seed: 10, ..alice }.sign(call("food", &[3]), day(1), 60);
    assert_eq!(world.put(&after), Outcome::New(Standing::Valid));
}

#[test]
fn who_steals_the_signing_key_can_neither_rotate_nor_close() {
    let mut world = World::new();
    let (_, inception) = world.found(0);
    for theft in [Identity::Rotate(keys(EVE, EVE + 1, &[])), Identity::Close] {
        let theft = event(&inception, theft, day(1), 0);
        assert_eq!(world.put(&theft), Outcome::Pooled(Waiting::Unnamed));
    }
}

#[test]
fn two_rotations_freeze_the_identity_until_guardians_recover_it() {
    let mut world = World::new();
    let (alice, inception) = world.found(0);
    let early = alice.sign(call("beds", &[3]), day(0), 60);
    world.put(&early);
    let hers = event(&inception, Identity::Rotate(keys(10, 11, &[2, 3, 4])), day(1), 1);
    let eves = event(&inception, Identity::Rotate(keys(EVE, EVE + 1, &[2, 3, 4])), day(1), 1);
    world.put(&hers);
    world.put(&eves);
    let disputed = Some(Why::Disputed { since: day(1) });
    assert_eq!(why(&world, &hers), disputed);
    let late = Signer { seed: EVE, ..alice }.sign(call("money", &[3]), day(1), 60);
    world.put(&late);
    assert_eq!(why(&world, &late), disputed);
    assert!(world.is_valid(&early));
    let recovery = || Identity::Recover(keys(20, 21, &[2, 3]));
    let first = event(&inception, recovery(), day(1), 2);
    world.put(&first);
    assert_eq!(why(&world, &first), Some(Why::GuardiansMissing { have: 1, need: 2 }));
    world.put(&event(&inception, recovery(), day(1), 3));
    assert!(world.is_valid(&first));
    assert_eq!(why(&world, &hers), Some(Why::NotOnLog));
    assert_eq!(why(&world, &late), Some(Why::KeyNotInForce));
    let anew = Signer { seed: 20, ..alice }.sign(call("beds", &[3]), day(1), 60);
    assert_eq!(world.put(&anew), Outcome::New(Standing::Valid));
}

#[test]
fn a_rotation_key_found_after_a_recovery_undoes_nothing() {
    let mut world = World::new();
    let (alice, inception) = world.found(0);
    for guardian in [2, 3] {
        let recovery = Identity::Recover(keys(20, 21, &[2, 3]));
        world.put(&event(&inception, recovery, day(1), guardian));
    }
    let found = Identity::Rotate(keys(EVE, EVE + 1, &[2, 3, 4]));
    world.put(&event(&inception, found, day(1), 1));
    let record = Signer { seed: 20, ..alice }.sign(call("beds", &[3]), day(1), 60);
    assert_eq!(world.put(&record), Outcome::New(Standing::Valid));
}

#[test]
fn voiding_a_successor_restores_what_it_replaced() {
    let mut world = World::new();
    let (alice, inception) = world.found(0);
    let honest = alice.sign(call("beds", &[3]), day(0), 60);
    let mut draft = alice.draft(call("money", &[3]), day(0), 60);
    draft.header.version = Version { rev: u16::MAX, ..Version::after(&honest) };
    let huge = draft.sign(&super::world::key(0)).unwrap();
    world.put(&honest);
    world.put(&huge);
    assert_eq!(world.ledger.summary(&honest.id()).unwrap().place, Place::Superseded);
    let revoke = revocation(0, Reason::Compromised, day(1), &[honest.id()]);
    world.put(&event(&inception, revoke, day(1), 1));
    assert_eq!(world.ledger.summary(&honest.id()).unwrap().place, Place::Current);
    assert_eq!(world.ledger.thing(&honest.thing())[0].id, honest.id());
}

#[test]
fn nobody_versions_or_erases_the_thing_of_another() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let (eve, _) = world.found(EVE);
    let record = alice.sign(call("beds", &[3]), day(0), 60);
    world.put(&record);
    let foreign = eve.sign_version(&record, call("money", &[3]), day(1), 60);
    world.put(&foreign);
    assert_ne!(foreign.thing(), record.thing(), "the same nonce names another thing");
    world.put(&eve.sign(Body::End(end(&[(record.thing(), None)], EndKind::Erase)), day(1), 400));
    assert_eq!(world.ledger.summary(&record.id()).unwrap().place, Place::Current);
}

#[test]
fn an_erasure_that_comes_first_strikes_on_arrival_and_is_lifted_when_void() {
    let mut world = World::new();
    let (alice, inception) = world.found(0);
    let record = alice.sign(call("beds", &[3]), day(0), 60);
    let erase = alice.sign(Body::End(end(&[(record.thing(), None)], EndKind::Erase)), day(0), 400);
    world.put(&erase);
    world.put(&record);
    assert_eq!(world.ledger.summary(&record.id()).unwrap().place, Place::Erased);
    world.ledger.take_changes();
    let revoke = revocation(0, Reason::Compromised, day(1), &[record.id()]);
    world.put(&event(&inception, revoke, day(1), 1));
    assert!(world.ledger.take_changes().contains(&Change::Lifted(record.id())));
    assert_eq!(world.put(&record), Outcome::New(Standing::Valid));
}

/// Rows: 0.16, 3.5.
#[test]
fn a_tie_is_a_claim_until_all_have_signed_and_over_when_one_leaves() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let (bob, _) = world.found(100);
    let tie = alice.sign(tie(&[alice.net, bob.net]), day(0), 300);
    world.put(&tie);
    let state = |world: &World| world.ledger.tie(&tie.thing(), world.now).unwrap().1;
    assert_eq!(state(&world), TieState::Claimed { missing: vec![bob.net] });
    world.put(&bob.sign(answer(&tie, Accept, None), day(1), 300));
    assert!(state(&world).is_active());
    assert!(world.ledger.are_tied(&alice.net, &bob.net, world.now));
    world.put(&bob.sign(Body::End(end(&[(tie.thing(), None)], EndKind::Leave)), day(1), 400));
    assert_eq!(state(&world), TieState::Ended { by: bob.net, at: day(1) });
    assert!(!world.ledger.are_tied(&alice.net, &bob.net, world.now));
}

/// Rows: 3.10.
#[test]
fn a_need_is_met_by_what_the_caller_confirms() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let (bob, _) = world.found(100);
    let beds = alice.sign(call("beds", &[5]), day(0), 60);
    let offer = bob.sign(answer(&beds, Offer, Some(3)), day(0), 60);
    let accept = alice.sign(answer(&offer, Accept, None), day(0), 60);
    let deliver = bob.sign(answer(&offer, Deliver, None), day(1), 60);
    let confirm = alice.sign(answer(&deliver, Confirm, Some(2)), day(1), 60);
    for record in [&confirm, &deliver, &accept, &offer, &beds] {
        world.put(record);
    }
    let (_, state) = world.ledger.call(&beds.thing(), world.now).unwrap();
    let ask = state.asks[0];
    assert_eq!((ask.offered, ask.accepted, ask.delivered, ask.confirmed), (3, 3, 3, 2));
    assert_eq!((state.phase, ask.remaining), (Phase::PartMet, 3));
}

/// A call for ten beds by alice, whom bob and a member of bob's answer.
struct Beds {
    world: World,
    alice: Signer,
    bob: Signer,
    call: Record,
}

impl Beds {
    fn new() -> Self {
        let mut world = World::new();
        world.now = day(9);
        let (alice, _) = world.found(0);
        let (bob, _) = world.found(100);
        let call = alice.sign(call("beds", &[20]), day(0), 60);
        world.put(&call);
        Self { world, alice, bob, call }
    }

    fn put(&mut self, record: Record) -> Record {
        self.world.put(&record);
        record
    }

    /// Offered, accepted, delivered, confirmed.
    fn figures(&self) -> (u64, u64, u64, u64) {
        let ask = self.world.ledger.call(&self.call.thing(), self.world.now).unwrap().1.asks[0];
        (ask.offered, ask.accepted, ask.delivered, ask.confirmed)
    }

    fn place(&self, record: &Record) -> Place {
        self.world.ledger.summary(&record.id()).unwrap().place
    }
}

#[test]
fn who_offers_more_takes_back_nothing_that_was_taken_up() {
    let mut beds = Beds::new();
    let (alice, bob) = (beds.alice, beds.bob);
    let member = beds.world.appoint(&bob, 500, &[Power::Respond]);
    let first = beds.put(bob.sign(answer(&beds.call, Offer, Some(10)), day(1), 60));
    beds.put(alice.sign(answer(&first, Accept, None), day(2), 60));
    let deliver = beds.put(bob.sign(answer(&first, Deliver, Some(6)), day(3), 60));
    beds.put(alice.sign(answer(&deliver, Confirm, None), day(4), 60));
    beds.put(bob.sign(answer(&first, Deliver, Some(4)), day(5), 60));
    assert_eq!(beds.figures(), (10, 10, 10, 6), "a second delivery stands beside the first");
    let second = beds.put(bob.sign(answer(&beds.call, Offer, Some(10)), day(5), 60));
    assert_eq!(beds.figures(), (20, 10, 10, 6));
    let third = beds.put(member.sign(answer(&beds.call, Offer, Some(3)), day(6), 60));
    assert_eq!(beds.figures(), (13, 10, 10, 6), "what nobody took up is replaced");
    let places = [&first, &second, &third].map(|offer| beds.place(offer));
    assert_eq!(places, [Place::Current, Place::Superseded, Place::Current]);
}

#[test]
fn what_was_replaced_does_not_come_back_when_its_successor_is_taken_back() {
    let mut beds = Beds::new();
    let bob = beds.bob;
    beds.put(bob.sign(answer(&beds.call, Offer, Some(3)), day(1), 60));
    let five = beds.put(bob.sign(answer(&beds.call, Offer, Some(5)), day(2), 60));
    let back = end(&[(five.thing(), None)], EndKind::Withdraw);
    beds.put(bob.sign(Body::End(back), day(3), 90));
    assert_eq!(beds.figures(), (0, 0, 0, 0));
    beds.put(bob.sign(answer(&beds.call, Offer, Some(4)), day(4), 60));
    assert_eq!(beds.figures(), (4, 0, 0, 0));
}

#[test]
fn a_dispute_is_over_when_its_concern_is_answered_or_taken_back() {
    let mut beds = Beds::new();
    let (alice, bob) = (beds.alice, beds.bob);
    let tie = beds.put(alice.sign(tie(&[alice.net, bob.net]), day(0), 300));
    beds.put(bob.sign(answer(&tie, Accept, None), day(0), 300));
    let concerns = |beds: &Beds| {
        let (_, state) = beds.world.ledger.call(&beds.call.thing(), beds.world.now).unwrap();
        state.concerns
    };
    let first = beds.put(bob.sign(answer(&beds.call, Concern, None), day(1), 60));
    assert_eq!(concerns(&beds), [first.id()]);
    beds.put(alice.sign(answer(&first, Accept, None), day(2), 60));
    assert_eq!(concerns(&beds), [], "its author has answered");
    let again = beds.put(bob.sign(answer(&beds.call, Concern, None), day(3), 60));
    assert_eq!(concerns(&beds), [again.id()]);
    let back = end(&[(again.thing(), None)], EndKind::Withdraw);
    beds.put(bob.sign(Body::End(back), day(4), 90));
    assert_eq!(concerns(&beds), []);
}

#[test]
fn an_endorsement_binds_to_what_was_seen() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let (bob, _) = world.found(100);
    let beds = alice.sign(call("beds", &[5]), day(0), 30);
    let endorse = bob.sign(answer(&beds, Endorse, None), day(0), 60);
    let extended = alice.sign_version(&beds, call("beds", &[5]), day(1), 60);
    world.put(&beds);
    world.put(&endorse);
    world.put(&extended);
    let endorsed = |world: &World| {
        let (_, state) = world.ledger.call(&beds.thing(), world.now).unwrap();
        (state.endorsed.len(), state.endorsed_earlier.len())
    };
    assert_eq!(endorsed(&world), (1, 0));
    world.put(&alice.sign_version(&extended, call("money", &[5]), day(1), 60));
    assert_eq!(endorsed(&world), (0, 1));
}

#[test]
fn time_drops_what_has_expired_and_admits_what_was_early() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let short = alice.sign(call("beds", &[5]), day(0), 2);
    let early = alice.sign(call("food", &[5]), day(5), 9);
    world.put(&short);
    assert!(matches!(world.put(&early), Outcome::Pooled(Waiting::Due(_))));
    assert_eq!(world.ledger.deadline(), Some(day(2)));
    world.ledger.advance(day(2));
    assert_eq!(world.ledger.standing(&short.id()), None);
    world.ledger.advance(day(5));
    assert!(world.is_valid(&early));
    world.ledger.advance(day(5) + DAY * 9);
    assert_eq!(world.ledger.statistics().stored, 1);
}

/// Rows: 3.7.
#[test]
fn an_agreement_is_changed_only_when_all_who_made_it_sign_again() {
    let mut world = World::new();
    let ((alice, _), (bob, _)) = (world.found(0), world.found(100));
    let parties = [alice.net, bob.net];
    let first = alice.sign(tie(&parties), day(0), 300);
    let changed = super::decisions::seats(&parties);
    let second = alice.sign_version(&first, changed, day(1), 300);
    let state = |world: &World| {
        let (version, state) = world.ledger.tie(&first.thing(), world.now).unwrap();
        (version, state.is_active())
    };
    world.put(&first);
    world.put(&bob.sign(answer(&first, Accept, None), day(0), 300));
    world.put(&second);
    assert_eq!(state(&world), (first.id(), true));
    world.put(&bob.sign(answer(&second, Accept, None), day(1), 300));
    assert_eq!(state(&world), (second.id(), true));
}
