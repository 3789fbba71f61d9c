//! What a person is told before they sign, held against what comes of it when they sign all the same.

use proptest::prelude::*;

use super::world::{Signer, World, answer, call, day, end};
use crate::advice::{Absence, Advice, Weight, before_signing};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::response::ResponseKind;
use crate::body::response::ResponseKind::{
    Accept, Concern, Confirm, Contest, Decline, Deliver, Endorse, Offer, Thanks,
};
use crate::fold::affair::Affair;
use crate::fold::call::{Phase, State};
use crate::record::{Draft, Record};

/// A call for ten beds by carol, and two who may answer it.
struct Asked {
    world: World,
    carol: Signer,
    alice: Signer,
    bob: Signer,
    call: Record,
    day: u64,
}

impl Asked {
    fn new() -> Self {
        let mut world = World::new();
        world.now = day(20);
        let [carol, alice, bob] = [10, 20, 30].map(|n| world.found(n).0);
        let call = carol.sign(call("beds", &[10]), day(1), 60);
        world.put(&call);
        Self { world, carol, alice, bob, call, day: 1 }
    }

    fn advice(&self, draft: &Draft) -> Vec<Advice> {
        before_signing(&self.world.ledger, draft, self.world.now)
    }

    fn on(&self, by: Signer, to: &Record, kind: ResponseKind, amount: Option<u32>) -> Vec<Advice> {
        self.advice(&by.draft(answer(to, kind, amount), day(2), 60))
    }

    /// Signs an answer, whatever the advice.
    fn put(&mut self, by: Signer, to: &Record, kind: ResponseKind, amount: Option<u32>) -> Record {
        self.sign(by, answer(to, kind, amount))
    }

    fn sign(&mut self, by: Signer, body: Body) -> Record {
        self.day += 1;
        let at = day(1) + std::time::Duration::from_secs(self.day);
        // An end lasts longer than what it ends.
        let record = by.sign(body.clone(), at, if matches!(body, Body::End(_)) { 90 } else { 50 });
        self.world.put(&record);
        record
    }

    fn state(&self) -> State {
        self.world.ledger.call(&self.call.thing(), self.world.now).unwrap().1
    }
}

fn taking_back(thing: &Record, kind: EndKind) -> Body {
    Body::End(end(&[(thing.thing(), None)], kind))
}

#[test]
fn an_offer_is_seen_through_without_advice_and_each_slip_on_the_way_is_told() {
    let mut asked = Asked::new();
    let Asked { carol, alice, bob, .. } = asked;
    let call = asked.call.clone();
    assert_eq!(asked.on(carol, &call, Offer, None), [Advice::OwnCall]);
    assert_eq!(asked.on(alice, &call, Offer, Some(10)), []);
    let slip = [Advice::MoreThanAsked { wanted: 10, would: 510 }];
    assert_eq!(asked.on(alice, &call, Offer, Some(510)), slip);
    let offer = asked.put(alice, &call, Offer, Some(6));
    let replaces = [Advice::Replaces(Offer, offer.thing())];
    assert_eq!(asked.on(alice, &call, Offer, Some(6)), replaces);
    assert_eq!(asked.on(bob, &offer, Accept, None), [Advice::OnlyCaller(carol.net)]);
    assert_eq!(asked.on(alice, &offer, Deliver, None), [Advice::NotAccepted(carol.net)]);
    let most = [Advice::MoreThanIs { answered: offer.thing(), most: 6 }];
    assert_eq!(asked.on(carol, &offer, Accept, Some(7)), most);
    let other = Advice::OtherAnswer { is: Some(Offer), wanted: Deliver };
    assert_eq!(asked.on(carol, &offer, Confirm, None), [other]);
    let none = Advice::OtherAnswer { is: None, wanted: Offer };
    assert_eq!(asked.on(carol, &call, Accept, None), [none]);
    assert_eq!(asked.on(carol, &offer, Accept, None), []);
    let accepted = asked.put(carol, &offer, Accept, None);
    let again = [Advice::SaidAlready(accepted.thing())];
    assert_eq!(asked.on(carol, &offer, Accept, None), again);
    assert_eq!(asked.on(carol, &offer, Accept, Some(6)), again, "all of it is six");
    assert_eq!(asked.on(carol, &offer, Accept, Some(5)), [], "less than before");
    assert_eq!(asked.on(carol, &offer, Decline, None), []);
    // Another's offer on top of it is more than was asked for.
    let more = asked.put(bob, &call, Offer, Some(9));
    let too_much = [Advice::MoreThanAsked { wanted: 10, would: 15 }];
    assert_eq!(asked.on(carol, &more, Accept, None), too_much);
    assert_eq!(asked.on(carol, &more, Accept, Some(4)), []);
    assert_eq!(asked.on(bob, &offer, Deliver, None), [Advice::OnlyGiver(alice.net)]);
    assert_eq!(asked.on(alice, &offer, Deliver, Some(7)), [Advice::MoreThanLeft(6)]);
    let part = asked.put(alice, &offer, Deliver, Some(4));
    assert_eq!(asked.on(alice, &offer, Deliver, Some(4)), [Advice::SaidAlready(part.thing())]);
    asked.put(carol, &part, Confirm, None);
    assert_eq!(asked.on(alice, &offer, Deliver, Some(3)), [Advice::MoreThanLeft(2)]);
    assert_eq!(asked.on(alice, &offer, Deliver, Some(2)), []);
    let back = |by: Signer, what| by.draft(taking_back(what, EndKind::Withdraw), day(3), 60);
    assert_eq!(asked.advice(&back(alice, &offer)), [Advice::Confirmed]);
    assert_eq!(asked.advice(&back(bob, &offer)), [Advice::OnlyAuthor(alice.net)]);
    assert_eq!(asked.advice(&back(bob, &more)), []);
    asked.sign(bob, taking_back(&more, EndKind::Withdraw));
    assert_eq!(asked.advice(&back(bob, &more)), [Advice::TakenBack]);
    let gone = Advice::Gone { thing: more.thing(), why: Absence::Ended };
    assert_eq!(asked.on(carol, &more, Accept, Some(4))[0], gone);
}

#[test]
fn what_a_call_rests_on_no_more_is_told_with_what_became_of_it() {
    let mut asked = Asked::new();
    let Asked { carol, alice, bob, .. } = asked;
    let call = asked.call.clone();
    let offer = asked.put(alice, &call, Offer, None);
    let accepted = asked.put(carol, &offer, Accept, None);
    let edit = carol.draft(super::world::call("cots", &[10]), day(3), 60);
    let edit = edit.following(crate::record::Version::after(&call));
    let back = |kind| carol.draft(taking_back(&call, kind), day(3), 60);
    assert_eq!(asked.advice(&edit), []);
    assert_eq!(asked.advice(&back(EndKind::Withdraw)), []);
    asked.sign(carol, taking_back(&call, EndKind::Withdraw));
    assert_eq!(asked.state().phase, Phase::Withdrawn);
    assert_eq!(asked.advice(&edit), [Advice::TakenBack]);
    assert_eq!(asked.advice(&back(EndKind::Withdraw)), [Advice::TakenBack], "it is, for good");
    let over = [Advice::Over(Phase::Withdrawn)];
    for kind in [Offer, Endorse, Concern, Deliver] {
        assert_eq!(asked.on(bob, &call, kind, None), over, "{kind:?}");
    }
    assert_eq!(asked.on(alice, &offer, Deliver, None), over);
    assert_eq!(asked.on(bob, &call, Thanks, None), [], "what was done was done");
    asked.sign(carol, taking_back(&call, EndKind::Erase));
    let gone = [Advice::Gone { thing: call.thing(), why: Absence::Erased }];
    assert_eq!(asked.on(alice, &offer, Deliver, None), gone);
    assert_eq!(asked.on(carol, &offer, Accept, None), gone);
    assert_eq!(asked.on(alice, &accepted, Thanks, None), gone);
    let missing = World::new();
    let draft = alice.draft(answer(&offer, Deliver, None), day(2), 60);
    let advice = before_signing(&missing.ledger, &draft, missing.now);
    assert_eq!(advice, [Advice::Gone { thing: offer.thing(), why: Absence::Missing }]);
}

/// One move in the affair of a call: who answers which earlier record how, with how much; or takes it
/// back.
type Move = (u8, u8, u8, Option<u32>);

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let amount = proptest::option::of(1_u32..12);
    proptest::collection::vec((0..3_u8, any::<u8>(), 0..11_u8, amount), 1..24)
}

const KINDS: [ResponseKind; 9] =
    [Endorse, Concern, Offer, Deliver, Accept, Decline, Confirm, Contest, Thanks];

/// Plays moves and looks, at each, at the advice and at what comes of it.
fn play(moves: &[Move]) -> Result<(), TestCaseError> {
    let mut asked = Asked::new();
    let mut records = vec![asked.call.clone()];
    for (who, to, how, amount) in moves {
        let by = [asked.carol, asked.alice, asked.bob][usize::from(*who)];
        let to = records[usize::from(*to) % records.len()].clone();
        let body = match KINDS.get(usize::from(*how)) {
            Some(kind) => answer(&to, *kind, *amount),
            None => taking_back(&to, EndKind::Withdraw),
        };
        let Ok(draft) = std::panic::catch_unwind(|| by.draft(body.clone(), day(2), 50)) else {
            continue;
        };
        let advice = asked.advice(&draft);
        let before = asked.state();
        let record = asked.sign(by, body);
        let after = asked.state();
        let nothing = advice.iter().any(|said| match said {
            // It counts, for as much as there is.
            Advice::MoreThanIs { .. } => false,
            Advice::SaidAlready(_) => true,
            said => said.weight() == Weight::Never,
        });
        if nothing {
            prop_assert_eq!(&before, &after, "told {:?}", advice);
        }
        adds_up(&asked)?;
        records.push(record);
    }
    Ok(())
}

/// Says whether the affairs of both who may answer add up to what the call says.
fn adds_up(asked: &Asked) -> Result<(), TestCaseError> {
    let ledger = &asked.world.ledger;
    let (mut offered, mut accepted, mut confirmed) = (0, 0, 0);
    for giver in [asked.alice, asked.bob] {
        let (facts, answers) = ledger.affair(&asked.call.thing(), &giver.net).unwrap();
        let affair = Affair::new(&facts, &answers);
        for offer in affair.standing(asked.call.thing(), Offer) {
            let declined = affair.word(offer.thing).is_some_and(|word| word.kind == Decline);
            offered += if declined { 0 } else { affair.amount(offer).unwrap() };
            accepted += affair.taken(offer).unwrap_or_default();
            let counts = affair.taken(offer).is_some();
            confirmed += if counts { affair.confirmed(offer.thing) } else { 0 };
        }
        confirmed += affair.confirmed(asked.call.thing());
    }
    let ask = asked.state().asks[0];
    prop_assert_eq!([offered, accepted, confirmed], [ask.offered, ask.accepted, ask.confirmed]);
    Ok(())
}

proptest! {
    #[test]
    fn what_is_told_never_to_count_changes_nothing_and_an_affair_adds_up_to_the_call(
        moves in moves(),
    ) {
        play(&moves)?;
    }
}
