//! Who else has a record: what is asked, what is believed, and what is answered to others.

use super::*;
use crate::control::Held;
use crate::ledger::tests::world::{START, Signer, call, found, key, keys};
use crate::record::{Home, Reach};
use crate::sync::{Frame, Key};

/// Long enough that what is new has been asked about once.
const ONCE: Duration = Duration::from_millis(60);

impl Alice {
    fn hears_at(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        let Ok(effects) = self.engine.handle(now, input, &mut self.store);
        effects.collect()
    }

    /// Asks who has a record, and returns the name of the question.
    fn wonders(&mut self, record: &Record) -> RequestId {
        drop(self.is_asked(Request::Held { id: record.id() }));
        RequestId(self.asked)
    }

    /// Lets time pass, opens what streams she wants, and returns what she asks of whom.
    fn asks(&mut self, now: Timestamp) -> Vec<(SessionId, NodeId, Vec<Key>)> {
        let effects = self.hears_at(now, Input::Wake);
        let opens = effects.iter().filter_map(|effect| match effect {
            Effect::Open { session, peer } => Some((*session, *peer)),
            _ => None,
        });
        let mut asked = Vec::new();
        for (session, peer) in opens.collect::<Vec<_>>() {
            for effect in self.hears_at(now, Input::Opened(session)) {
                if let Effect::Send { frame: Frame::Which { keys }, .. } = effect {
                    asked.push((session, peer, keys));
                }
            }
        }
        asked
    }

    fn is_answered(&mut self, now: Timestamp, session: SessionId, bits: &[u8]) -> Vec<Effect> {
        let frame = Ok(Frame::Held { bits: bits.to_vec() });
        self.hears_at(now, Input::Frame { session, frame })
    }

    /// Meets these nodes and has these records, all of them on the disk.
    fn among(peers: &[u8], records: &[Record]) -> Self {
        let mut alice = Self::new();
        peers.iter().for_each(|peer| drop(alice.chooses(*peer)));
        drop(alice.is_given(records));
        drop(alice.hears(Input::Persisted(Seq(1))));
        drop(alice.hears(Input::Wake));
        alice
    }
}

/// So many calls of one network, and its founding before them.
fn calls(count: u8) -> Vec<Record> {
    let (bob, founding) = network();
    let call = |n| call_reaching(&bob, n, Reach::Region);
    [founding].into_iter().chain((0..count).map(call)).collect()
}

fn network() -> (Signer, Record) {
    let inception = found(keys(10, 11, &[]), 10);
    (Signer { net: inception.net(), seed: 10, role: None }, inception)
}

fn call_reaching(signer: &Signer, n: u8, reach: Reach) -> Record {
    let mut draft = signer.draft(call("beds", &[u32::from(n) + 1]), START, 60);
    draft.header.home = Some(Home { region: region(), reach });
    draft.sign(&key(signer.seed)).unwrap()
}

fn of(record: &Record) -> Key {
    Key::of(record.header().until, record.id())
}

fn held(effects: &[Effect]) -> Vec<(u32, u32, u32)> {
    let said = replies(effects).into_iter().flat_map(|(said, _)| said);
    let counts = said.filter_map(|response| match response {
        Response::Held(Held { has, lacks, silent, .. }) => Some((*has, *lacks, *silent)),
        _ => None,
    });
    counts.collect()
}

#[test]
fn who_has_a_record_is_known_from_those_alone_who_have_said_so() {
    let records = calls(1);
    let record = records[1].clone();
    let mut alice = Alice::among(&[1, 2, 3], &records);
    alice.wonders(&record);
    assert!(alice.asks(NOW).is_empty(), "what was told just now is on its way");
    let asked = alice.asks(NOW + ONCE);
    let key = of(&record);
    assert_eq!(asked.iter().map(|(_, peer, _)| *peer).collect::<Vec<_>>(), [1, 2, 3].map(node));
    assert!(asked.iter().all(|(.., keys)| keys[..] == [key]), "{asked:?}");

    // One has it, one speaks of more than it was asked, one says nothing.
    let said = alice.is_answered(NOW + ONCE, asked[0].0, &[0x80]);
    assert!(held(&said).is_empty(), "the others are waited for");
    let lied = alice.is_answered(NOW + ONCE, asked[1].0, &[0xff]);
    assert!(lied.iter().any(|e| matches!(e, Effect::Penalise(peer) if *peer == node(2))));
    let told = alice.hears_at(NOW + Duration::from_millis(500), Input::Wake);
    assert_eq!(held(&told), [(1, 0, 2)], "soon after the first has said so");
    let none =
        |e: &Effect| matches!(e, Effect::Tell(Event::Synced { .. } | Event::SyncFailed { .. }));
    assert!(!said.iter().chain(&lied).chain(&told).any(none), "nothing was compared");
}

#[test]
fn a_node_that_never_answers_is_waited_for_two_seconds_and_keeps_no_place() {
    let records = calls(1);
    let record = records[1].clone();
    let mut alice = Alice::among(&[1], &records);
    alice.wonders(&record);
    let asked = alice.asks(NOW + ONCE);
    assert_eq!(asked.len(), 1);
    assert!(held(&alice.hears_at(NOW + PATIENCE - ONCE, Input::Wake)).is_empty());
    assert_eq!(held(&alice.hears_at(NOW + PATIENCE, Input::Wake)), [(0, 0, 1)]);
    let late = NOW + ONCE + crate::sync::ANSWER_MAX;
    let left = alice.hears_at(late, Input::Wake);
    assert!(left.iter().any(|e| matches!(e, Effect::Close(session) if *session == asked[0].0)));
    assert!(held(&alice.is_answered(late, asked[0].0, &[0x80])).is_empty(), "too late");
    assert!(alice.engine.syncs.with(node(1)).is_empty());
}

#[test]
fn who_says_that_it_has_it_not_is_asked_again_and_then_compared_with() {
    let records = calls(1);
    let record = records[1].clone();
    let mut alice = Alice::among(&[1], &records);
    alice.wonders(&record);
    let (mut now, mut told) = (NOW, Vec::new());
    let mut questions = 0;
    while told.is_empty() {
        assert!(now < NOW + PATIENCE, "sooner than who does not answer");
        now = now + Duration::from_millis(10);
        for (session, ..) in alice.asks(now) {
            questions += 1;
            told.extend(held(&alice.is_answered(now, session, &[0])));
        }
        assert!(alice.engine.deadline().is_some_and(|due| due >= now));
    }
    assert_eq!((questions, &told[..]), (3, &[(0, 1, 0)][..]));
    let compares = alice.hears_at(now + SOON * 2, Input::Wake);
    assert_eq!(opened(&compares), [node(1)]);
}

#[test]
fn many_who_ask_share_one_question_to_a_node() {
    let records = calls(65);
    let mut alice = Alice::among(&[1, 2], &records);
    let last = records.last().unwrap();
    records[1..65].iter().for_each(|record| {
        alice.wonders(record);
    });
    let refused = alice.is_asked(Request::Held { id: last.id() });
    assert!(matches!(replies(&refused)[..], [([Response::Failed(Failure::Busy)], true)]));
    let asked = alice.asks(NOW + ONCE);
    let counts: Vec<_> = asked.iter().map(|(_, peer, keys)| (*peer, keys.len())).collect();
    assert_eq!(counts, [(node(1), 64), (node(2), 64)]);
    let mut told = Vec::new();
    for (session, ..) in asked {
        told.extend(held(&alice.is_answered(NOW + ONCE, session, &[0xff; 8])));
    }
    assert_eq!(told, [(2, 0, 0); 64]);
    assert!(alice.asks(NOW + PATIENCE).is_empty(), "nothing of it is left");
}

#[test]
fn who_asked_and_has_gone_is_forgotten_and_a_node_that_goes_is_not_waited_for() {
    let records = calls(1);
    let record = records[1].clone();
    let mut alice = Alice::among(&[1], &records);
    let request = alice.wonders(&record);
    drop(alice.hears(Input::Gone(request)));
    assert!(alice.asks(NOW + ONCE).is_empty());
    alice.wonders(&record);
    assert_eq!(held(&alice.hears(Input::Parted(node(1)))), [(0, 0, 1)]);
    let nobody = alice.is_asked(Request::Held { id: record.id() });
    assert_eq!(held(&nobody), [(0, 0, 0)], "at once");
    let absent = alice.is_asked(Request::Held { id: founding(9).id() });
    assert!(matches!(replies(&absent)[..], [([Response::Failed(Failure::NotFound)], true)]));
}

/// What a peer is answered that asks about these keys.
fn tells(alice: &mut Alice, session: u64, keys: Vec<Key>) -> Vec<Effect> {
    let session = SessionId(session);
    drop(alice.hears(Input::Accepted { session, peer: node(1) }));
    alice.hears(Input::Frame { session, frame: Ok(Frame::Which { keys }) })
}

fn bits(effects: &[Effect]) -> Vec<Vec<u8>> {
    let sent = effects.iter().filter_map(|effect| match effect {
        Effect::Send { frame: Frame::Held { bits }, .. } => Some(bits.clone()),
        _ => None,
    });
    sent.collect()
}

#[test]
fn a_peer_is_told_of_what_it_shares_and_of_what_is_on_the_disk() {
    let (bob, inception) = network();
    let open = call_reaching(&bob, 1, Reach::Region);
    let own = call_reaching(&bob, 2, Reach::Own);
    let mut alice = Alice::new();
    drop(alice.chooses(1));
    drop(alice.is_given(&[inception, open.clone(), own.clone()]));
    let absent = founding(9);
    let mut all = vec![of(&open), of(&own), of(&absent)];
    all.sort();
    let has = all.iter().position(|key| *key == of(&open)).unwrap();

    assert!(bits(&tells(&mut alice, 1, all.clone())).is_empty(), "not on the disk yet");
    let durable = alice.hears(Input::Persisted(Seq(1)));
    assert_eq!(bits(&durable), [vec![0x80 >> has]]);
    let order = |e: &Effect| matches!(e, Effect::Close(SessionId(1)));
    assert!(durable.iter().any(order), "the question is over: {durable:?}");
    assert_eq!(bits(&tells(&mut alice, 3, all)), [vec![0x80 >> has]], "at once, then");
}

#[test]
fn who_is_refused_is_not_told_that_it_is_had() {
    let record = founding(1);
    let mut alice = Alice::new();
    drop(alice.chooses(1));
    let scope = crate::sync::Scope::Region(region());
    let key = of(&record);
    let claim = crate::record::Claim::of(&record);
    let why = refused::Why::Said;
    let refusal = refused::Refusal { claim, key, scope: scope.clone(), why };
    alice.engine.gate.refused.stub(refusal, node(1), NOW);
    let shown = |alice: &Alice| alice.engine.gate.refused.shown(None, &scope, &node(1)).len();
    assert_eq!(shown(&alice), 1);
    assert_eq!(bits(&tells(&mut alice, 1, vec![key])), [vec![0]], "it is counted, and not here");
    assert_eq!(shown(&alice), 1, "and who only asks is shown it further on");
}

#[test]
fn a_full_disk_and_a_peer_without_time_left_are_answered_by_nothing() {
    let records = calls(1);
    let key = of(&records[1]);
    let mut alice = Alice::among(&[1], &records);
    let price = |alice: &Alice, ms| {
        let time = [Charge { resource: Resource::SyncTime, amount: ms }];
        alice.engine.gate.quotas.short(&Bill::of(Payer::Peer(node(1))), &time, NOW).is_some()
    };
    assert!(!price(&alice, 1_200_000));
    drop(tells(&mut alice, 1, vec![key]));
    assert!(price(&alice, 1_200_000), "a question costs something of the peer's hour");
    drop(alice.hears(Input::PersistFailed("full".to_owned())));
    let refused = tells(&mut alice, 3, vec![key]);
    assert!(matches!(refused[..], [Effect::Close(SessionId(3))]), "{refused:?}");
}
