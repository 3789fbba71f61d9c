//! What becomes of what is over, at the node of its author.

use super::*;
use crate::advice::{Absence, Advice};
use crate::body::end::EndKind;
use crate::body::response::ResponseKind;
use crate::control::{CallFilter, RecordFilter};
use crate::fold::call::{Phase, State};
use crate::id::RecordId;
use crate::ledger::tests::world::{Signer, answer, call, day, end, found, key, keys};
use crate::record::{Kind, Unverified};

/// A founded network.
fn signer(n: u16) -> (Signer, Record) {
    let inception = found(keys(n, n + 1, &[]), n);
    (Signer { net: inception.net(), seed: n, role: None }, inception)
}

/// Asks at this time, and returns everything that is said.
fn told(alice: &mut Alice, now: Timestamp, asked: Request) -> Vec<Response> {
    alice.asked += 1;
    let input = Input::Asked { request: RequestId(alice.asked), asked };
    let Ok(effects) = alice.engine.handle(now, input, &mut alice.store);
    let effects: Vec<Effect> = effects.collect();
    replies(&effects).into_iter().flat_map(|(said, _)| said.to_vec()).collect()
}

/// Lets time pass.
fn wait(alice: &mut Alice, now: Timestamp) {
    let Ok(effects) = alice.engine.handle(now, Input::Wake, &mut alice.store);
    drop(effects);
}

/// The calls that are listed, with what they have come to.
fn calls(alice: &mut Alice, now: Timestamp, all: bool) -> Vec<(RecordId, State)> {
    let filter = CallFilter { all, limit: 10, ..CallFilter::default() };
    let said = told(alice, now, Request::Calls(filter));
    let call = |response: Response| match response {
        Response::Call(view) => {
            let record = Unverified::decode(&view.record).unwrap().assume_verified();
            Some((record.id(), view.state))
        }
        _ => None,
    };
    said.into_iter().filter_map(call).collect()
}

/// How many records of a network there are, in pages of two.
fn exported(alice: &mut Alice, now: Timestamp, net: NetId) -> Vec<RecordId> {
    let mut all: Vec<RecordId> = Vec::new();
    loop {
        let after = all.last().copied();
        let filter =
            RecordFilter { net: Some(net), after, limit: Some(2), ..RecordFilter::default() };
        let page: Vec<RecordId> = told(alice, now, Request::Records(filter))
            .into_iter()
            .filter_map(|response| match response {
                Response::Record(view) => Some(view.record),
                _ => None,
            })
            .map(|bytes| Unverified::decode(&bytes).unwrap().assume_verified().id())
            .collect();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[test]
fn what_one_said_is_still_known_when_it_is_over_and_what_others_said_is_not() {
    let mut alice = Alice::new();
    let ((bob, ours), (eve, theirs)) = (signer(10), signer(20));
    alice.engine.settings.hosted.insert(bob.net);
    let call_of = |signer: &Signer| signer.sign(call("beds", &[5]), day(0), 10);
    let (own, other) = (call_of(&bob), call_of(&eve));
    let lasting = bob.sign(call("boats", &[1]), day(1), 60);
    drop(alice.is_given(&[ours, theirs, own.clone(), other.clone(), lasting.clone()]));

    let late = day(20);
    wait(&mut alice, late);
    for restarted in [false, true] {
        if restarted {
            let records: Vec<Record> = alice
                .store
                .replay()
                .map(|bytes| Unverified::decode(bytes).unwrap().assume_verified())
                .collect();
            let settings = alice.engine.settings.clone();
            alice.engine = Engine::new(settings, late);
            let Ok(()) = alice.engine.restore(late, &records, &mut alice.store);
            let Ok(_) = alice.engine.restored(late, &mut alice.store);
        }
        assert!(!alice.engine.ledger().contains(&own.id()), "it counts no more");
        assert_eq!(calls(&mut alice, late, false).len(), 1);
        let all = calls(&mut alice, late, true);
        let ids: Vec<RecordId> = all.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [lasting.id(), own.id()], "restarted: {restarted}");
        assert_eq!((all[1].1.phase, all[1].1.asks.len()), (Phase::Expired, 0));
        assert!(exported(&mut alice, late, bob.net).contains(&own.id()));
        assert_eq!(exported(&mut alice, late, bob.net).len(), 3);
        assert!(!exported(&mut alice, late, eve.net).contains(&other.id()));
        for name in [own.id(), own.thing().into()] {
            let prefix = name.to_string()[..8].to_owned();
            assert_eq!(told(&mut alice, late, Request::Resolve { prefix }).len(), 2);
        }
        let shown = told(&mut alice, late, Request::Call { thing: own.thing() });
        assert!(matches!(shown[..], [Response::Call(_), Response::End]), "{shown:?}");
        let gone = told(&mut alice, late, Request::Call { thing: other.thing() });
        let over = Failure::Over { kind: Kind::Call, ended: other.header().until };
        assert_eq!(gone, [Response::Failed(over)], "restarted: {restarted}");
        let answers = [(&own, &eve), (&other, &bob)];
        for (call, by) in answers {
            let draft = by.draft(answer(call, ResponseKind::Thanks, None), late, 10);
            let payload = draft.payload().unwrap().into();
            let check = Request::Check { payload, key: key(by.seed).public() };
            let over = Advice::Gone { thing: call.thing(), why: Absence::Expired };
            let checked = Response::Checked { void: None, advice: vec![over] };
            assert_eq!(told(&mut alice, late, check), [checked], "restarted: {restarted}");
        }
        let prefix = other.thing().to_string()[..8].to_owned();
        let named = told(&mut alice, late, Request::Resolve { prefix });
        assert_eq!(named.len(), 2, "its name leads to that answer");
    }

    let erase = Body::End(end(&[(own.thing(), None)], EndKind::Erase));
    let erase = bob.sign(erase, day(20), 60);
    alice.asked += 1;
    let input = Input::Posted { request: RequestId(alice.asked), records: vec![erase] };
    let Ok(effects) = alice.engine.handle(late, input, &mut alice.store);
    drop(effects);
    assert_eq!(calls(&mut alice, late, true).len(), 1, "its author has erased it");
    let Ok(bytes) = alice.store.bytes(&own.id());
    assert_eq!(bytes, None, "and it is not on the disk any more");
    let asked = told(&mut alice, late, Request::Call { thing: own.thing() });
    assert_eq!(asked, [Response::Failed(Failure::Erased)], "nobody is said to have it still");
}

#[test]
fn who_asks_for_what_was_erased_is_told_so() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    let own = bob.sign(call("beds", &[5]), day(0), 60);
    let erase = bob.sign(Body::End(end(&[(own.thing(), None)], EndKind::Erase)), day(0), 90);
    drop(alice.is_given(&[founding, own.clone()]));
    drop(alice.is_given(&[erase]));
    let (id, thing) = (own.id(), own.thing());
    let named = Request::Record { id: thing.into() };
    for asked in [Request::Record { id }, named, Request::Call { thing }] {
        assert_eq!(told(&mut alice, NOW, asked), [Response::Failed(Failure::Erased)]);
    }
    for name in [id, thing.into()] {
        let prefix = name.to_string()[..10].to_owned();
        let found = told(&mut alice, NOW, Request::Resolve { prefix });
        let named = Response::Resolved { id: name, kind: Kind::Call };
        assert_eq!(found, [named, Response::End], "its name is known");
    }
}
