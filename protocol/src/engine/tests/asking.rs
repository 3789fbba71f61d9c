//! What people ask at the door, and what they are shown.

use super::*;
use crate::admission::{Action, Entry, Subject};
use crate::body::end::EndKind;
use crate::body::response::ResponseKind;
use crate::body::role::Power;
use crate::control::{CallFilter, Guest, PolicyTask, Whereabouts};
use crate::id::{NetId, RecordId};
use crate::ledger::tests::world::{
    START, Signer, answer, call, day, end, found, key, keys, profile, role,
};
use crate::record::{Home, Kind, Reach, Unverified};
use crate::sync::{GivenUp, Reason};

fn signer(n: u16) -> (Signer, Record) {
    let inception = found(keys(n, n + 1, &[]), n);
    (Signer { net: inception.net(), seed: n, role: None }, inception)
}

impl Alice {
    /// Asks, and returns everything that is said.
    fn is_told(&mut self, asked: Request) -> Vec<Response> {
        let effects = self.is_asked(asked);
        replies(&effects).into_iter().flat_map(|(said, _)| said.to_vec()).collect()
    }
}

/// A call at home in this place, which reaches so far.
fn call_in(signer: &Signer, place: &str, reach: Reach) -> Record {
    let mut draft = signer.draft(call("beds", &[5]), day(0), 60);
    draft.header.home = Some(Home { region: place.parse().unwrap(), reach });
    draft.sign(&key(signer.seed)).unwrap()
}

fn fates(responses: &[Response]) -> Vec<(Fate, u32)> {
    let fate = |response: &Response| match response {
        Response::Posted(posted) => Some((posted.fate.clone(), posted.peers)),
        _ => None,
    };
    responses.iter().filter_map(fate).collect()
}

/// The ids of the records that are shown.
fn shown(responses: &[Response]) -> Vec<RecordId> {
    let bytes = responses.iter().filter_map(|response| match response {
        Response::Record(view) => Some(&view.record),
        Response::Call(view) => Some(&view.record),
        Response::Thing(view) => Some(&view.current),
        _ => None,
    });
    bytes.map(|bytes| Unverified::decode(bytes).unwrap().assume_verified().id()).collect()
}

#[test]
fn a_thing_is_known_by_its_id_when_only_a_later_version_is_here() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    let first = bob.sign(call("beds", &[5]), day(0), 10);
    let second = bob.sign_version(&first, call("beds", &[5]), day(0), 60);
    drop(alice.is_given(&[founding, second.clone()]));
    let thing = first.thing();

    for id in [thing.into(), second.id()] {
        let prefix = id.to_string()[..8].to_owned();
        let named = alice.is_told(Request::Resolve { prefix });
        assert_eq!(named, [Response::Resolved { id, kind: Kind::Call }, Response::End]);
        assert_eq!(shown(&alice.is_told(Request::Record { id })), [second.id()]);
        let explained = alice.is_told(Request::Policy(PolicyTask::Explain { id }));
        let [Response::Explained(why)] = &explained[..] else { panic!("{explained:?}") };
        assert_eq!(why.whereabouts, Whereabouts::Stored);
    }
    for asked in [Request::Thing { thing }, Request::Call { thing }] {
        assert_eq!(shown(&alice.is_told(asked)), [second.id()]);
    }
    assert_eq!(
        shown(&alice.is_told(Request::Calls(CallFilter { limit: 10, ..CallFilter::default() }))),
        [second.id()]
    );
}

#[test]
fn what_cannot_be_in_a_region_is_not_taken_from_its_gossip_and_never_passed_on() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    drop(alice.is_given(&[founding]));
    drop(alice.hears(Input::Persisted(Seq(1))));
    let mut verdict = |n: u64, record: &Record| {
        let mut effects = alice.gossip(n, std::slice::from_ref(record));
        let staged = effects.iter().find_map(|effect| match effect {
            Effect::Persist(seq) => Some(*seq),
            _ => None,
        });
        effects.extend(staged.into_iter().flat_map(|seq| alice.hears(Input::Persisted(seq))));
        let accepted = |e: &Effect| matches!(e, Effect::Verdict { verdict: Verdict::Accept, .. });
        (effects.iter().any(accepted), alice.engine.ledger().contains(&record.id()))
    };
    assert_eq!(verdict(1, &call_in(&bob, "us-wa", Reach::Own)), (false, false));
    assert_eq!(verdict(2, &call_in(&bob, "us-ca", Reach::Region)), (false, false));
    let (accepted, _) = verdict(3, &call_in(&bob, "us-ca", Reach::Movement));
    assert!(!accepted, "no bridge has brought it");
    assert_eq!(verdict(4, &call_in(&bob, "us-wa", Reach::Region)), (true, true));
}

#[test]
fn who_posts_is_told_what_became_of_it_when_all_was_judged() {
    let mut alice = Alice::new();
    drop(alice.meets(1));
    let (bob, founding) = signer(10);
    let (eve, _) = signer(20);
    let ours = call_in(&bob, "us-wa", Reach::Movement);
    let waits = call_in(&eve, "us-wa", Reach::Movement);
    drop(alice.is_given(&[ours, waits, founding]));
    let said = alice.hears(Input::Persisted(Seq(1)));
    let said: Vec<Response> =
        replies(&said).into_iter().flat_map(|(said, _)| said.to_vec()).collect();
    let fates = fates(&said);
    assert_eq!(fates[0], (Fate::Stored, 1), "what it needs came after it");
    assert!(matches!(fates[1], (Fate::Waiting(_), 0)), "nobody is told of it: {fates:?}");
}

#[test]
fn who_is_muted_is_left_out_of_every_list() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    let records = [
        founding,
        bob.sign(role(500, &[Power::Call], None, START), day(0), 60),
        bob.sign(profile(), day(0), 60),
        bob.sign(call("beds", &[5]), day(0), 60),
    ];
    drop(alice.is_given(&records));
    let net = Some(bob.net);
    let lists = || {
        let calls = CallFilter { net, limit: 10, ..CallFilter::default() };
        [Request::Roles { net }, Request::Weave, Request::Networks, Request::Calls(calls)]
    };
    for list in lists() {
        assert_eq!(alice.is_told(list.clone()).len(), 2, "{list:?}");
    }
    let (subject, reason) = (Subject::Network(bob.net), "we talked about it".to_owned());
    let entry = Entry { subject, action: Action::Mute, reason, until: None, name: None };
    drop(alice.is_asked(Request::Policy(PolicyTask::Add(Box::new(entry)))));
    for list in lists() {
        assert_eq!(alice.is_told(list.clone()), [Response::End], "{list:?}");
    }
}

#[test]
fn a_guest_learns_nothing_of_what_is_for_others_own_nodes() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    let own = call_in(&bob, "us-wa", Reach::Own);
    let thing = own.thing();
    let mut back = bob.draft(Body::End(end(&[(thing, None)], EndKind::Withdraw)), day(0), 90);
    back.header.home = Some(Home { region: region(), reach: Reach::Region });
    drop(alice.is_given(&[founding, own.clone(), back.sign(&key(bob.seed)).unwrap()]));
    let guest = |net| Guest { key: key(1).public(), nets: [net].into(), offered: BTreeSet::new() };
    let (member, stranger) = (guest(bob.net), guest(NetId([9; 32])));

    let prefix = own.id().to_string()[..8].to_owned();
    for asked in [Request::Thing { thing }, Request::Resolve { prefix }] {
        let said = alice.is_told(asked).remove(0);
        assert!(alice.engine.shown_to(&member, said.clone()).is_some(), "{said:?}");
        assert_eq!(alice.engine.shown_to(&stranger, said), None);
    }
    for asked in [Request::Ways { thing }, Request::Reach { thing }] {
        assert_eq!(alice.engine.admits(&member, &asked), Ok(()));
        assert_eq!(alice.engine.admits(&stranger, &asked), Err(Failure::NotFound));
    }
}

#[test]
fn calls_are_listed_newest_first_and_no_further_than_asked() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    let minute = |n: u32| START + Duration::from_secs(60 * u64::from(n));
    let calls: Vec<Record> =
        (0..6).map(|n| bob.sign(call("beds", &[n + 1]), minute(n / 2), 60)).collect();
    drop(alice.is_given(&[&[founding], &calls[..]].concat()));
    let mut expected: Vec<&Record> = calls.iter().collect();
    expected.sort_by_key(|record| (std::cmp::Reverse(record.header().at), record.id()));
    let expected: Vec<RecordId> = expected.iter().map(|record| record.id()).collect();
    for limit in [1, 3, 6] {
        let filter = CallFilter { limit, ..CallFilter::default() };
        let listed = shown(&alice.is_told(Request::Calls(filter)));
        assert_eq!(listed, expected[..limit as usize]);
    }
}

/// What is said of each node to who compares with all of them, and whether that is the end.
fn compared(effects: &[Effect]) -> Vec<(NodeId, Option<GivenUp>, bool)> {
    let of = |(said, last): (&[Response], bool)| match said.first() {
        Some(Response::Sync(view)) => Some((view.peer, view.failure, last)),
        _ => None,
    };
    replies(effects).into_iter().filter_map(of).collect()
}

/// Row F3.
#[test]
fn who_compares_is_told_of_a_node_that_does_not_answer_or_is_gone() {
    let mut alice = Alice::new();
    drop(alice.chooses(7));
    drop(alice.chooses(8));
    drop(alice.hears(Input::Wake));
    drop(alice.is_asked(Request::SyncNow));
    let gave_up = |reason| Some(GivenUp { reason, by_peer: false });

    // The stream to the first could not be opened.
    let closed = alice.hears(Input::Closed(SessionId(2)));
    assert_eq!(compared(&closed), [(node(7), gave_up(Reason::Silent), false)]);
    let parted = alice.hears(Input::Parted(node(8)));
    assert_eq!(compared(&parted), [(node(8), gave_up(Reason::Silent), true)]);
    assert_eq!(compared(&alice.hears(Input::Closed(SessionId(4)))), [], "it has been told");

    drop(alice.is_asked(Request::SyncNow));
    let left = alice.hears(Input::Left { peer: node(7), region: region() });
    assert_eq!(compared(&left), [(node(7), gave_up(Reason::NothingShared), true)]);
    let nobody = alice.is_asked(Request::SyncNow);
    assert_eq!(replies(&nobody), [(&[Response::End][..], true)]);
}

/// Stumble 27: of what is said within one second nothing stands before what it answers, whichever ids fell to
/// it; nor does what a clock dated too early.
#[test]
fn an_answer_stands_behind_what_it_answers() {
    use ResponseKind::{Accept, Confirm, Deliver, Offer};
    for seconds in 0..8 {
        let mut alice = Alice::new();
        let ((bob, founding), (eve, other)) = (signer(10), signer(20));
        let at = |late: u64| Timestamp::from_secs(START.as_secs() + seconds + late);
        let asked = bob.sign(call("beds", &[5]), day(0), 60);
        let offered = eve.sign(answer(&asked, Offer, Some(2)), at(1), 50);
        let accepted = bob.sign(answer(&offered, Accept, None), at(1), 40);
        // The clock there is a second behind.
        let delivered = eve.sign(answer(&offered, Deliver, Some(2)), at(0), 40);
        let confirmed = bob.sign(answer(&delivered, Confirm, None), at(1), 40);
        let later = eve.sign(answer(&asked, Offer, Some(1)), at(2), 50);
        let all = [&offered, &accepted, &delivered, &confirmed, &later].map(Clone::clone);
        drop(alice.is_given(&[founding, other, asked.clone()]));
        drop(alice.is_given(&all));
        let said = alice.is_told(Request::Call { thing: asked.thing() });
        let order: Vec<RecordId> = said.iter().filter_map(answer_id).collect();
        let at = |record: &Record| order.iter().position(|id| *id == record.id()).unwrap();
        assert_eq!(order.len(), all.len());
        assert!(at(&offered) < at(&accepted) && at(&offered) < at(&delivered), "{seconds}");
        assert!(at(&delivered) < at(&confirmed), "{seconds}");
        assert_eq!(at(&later), 4, "what came later stands last");
    }
}

/// The id of an answer that is shown.
fn answer_id(said: &Response) -> Option<RecordId> {
    let Response::Answer(view) = said else { return None };
    Some(Unverified::decode(&view.record).unwrap().assume_verified().id())
}
