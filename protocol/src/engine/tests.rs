//! Stories of one engine: what it is told, and what it then wants done.

mod asking;
mod bridging;
mod carrying;
mod company;
mod crossing;
mod erasing;
mod holding;
mod outliving;
mod policy;
mod recognising;
mod regions;

use super::*;
use crate::admission::{Bill, Charge, Payer, Resource};
use crate::body::Body;
use crate::body::identity::Identity;
use crate::control::{Failure, Fate, Posted, Request};
use crate::key::SecretKey;
use crate::record::{Draft, Version};
use crate::sync::{FrameError, Output};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn node(n: u8) -> NodeId {
    NodeId([n; 32])
}

fn region() -> Region {
    "us-wa".parse().unwrap()
}

/// The engine of node 100, and its store.
struct Alice {
    engine: Engine,
    store: MemoryStore,
    asked: u64,
}

impl Alice {
    fn new() -> Self {
        let settings = Settings {
            node: node(100),
            version: "0".to_owned(),
            home: region(),
            regions: [region()].into(),
            hosted: BTreeSet::new(),
            choices: Choices::default(),
            terms: Terms::trusting(),
            pool: PoolBounds::default(),
            bridge: BridgeSettings::default(),
            interval: INTERVAL,
            seed: [1; 32],
        };
        Self { engine: Engine::new(settings, NOW), store: MemoryStore::default(), asked: 0 }
    }

    fn hears(&mut self, input: Input) -> Vec<Effect> {
        let Ok(effects) = self.engine.handle(NOW, input, &mut self.store);
        effects.collect()
    }

    fn is_given(&mut self, records: &[Record]) -> Vec<Effect> {
        self.asked += 1;
        let request = RequestId(self.asked);
        self.hears(Input::Posted { request, records: records.to_vec() })
    }

    fn is_asked(&mut self, asked: Request) -> Vec<Effect> {
        self.asked += 1;
        self.hears(Input::Asked { request: RequestId(self.asked), asked })
    }

    fn gossip(&mut self, gossip: u64, records: &[Record]) -> Vec<Effect> {
        let gossip = GossipId(gossip);
        let (from, region, records) = (node(1), region(), records.to_vec());
        self.hears(Input::Gossip { gossip, from, region, records })
    }

    /// Meets a node that came to her.
    fn meets(&mut self, peer: u8) -> Vec<Effect> {
        self.hears(Input::Met { peer: node(peer), region: region(), chosen: false })
    }

    /// Meets a node that she chose.
    fn chooses(&mut self, peer: u8) -> Vec<Effect> {
        self.hears(Input::Met { peer: node(peer), region: region(), chosen: true })
    }
}

fn founding(n: u8) -> Record {
    let (key, next) = (SecretKey::from_seed(&[n; 32]), SecretKey::from_seed(&[n ^ 0xff; 32]));
    let body = Body::Identity(Identity::inception(key.public(), next.public().hash()));
    Draft::inception(body, NOW).sign(&key).unwrap()
}

fn replies(effects: &[Effect]) -> Vec<(&[Response], bool)> {
    let reply = |effect| match effect {
        &Effect::Reply { ref responses, last, .. } => Some((&responses[..], last)),
        _ => None,
    };
    effects.iter().filter_map(reply).collect()
}

fn opened(effects: &[Effect]) -> Vec<NodeId> {
    let open = |effect: &Effect| match effect {
        Effect::Open { peer, .. } => Some(*peer),
        _ => None,
    };
    effects.iter().filter_map(open).collect()
}

#[test]
fn a_posted_record_is_acknowledged_and_told_only_when_it_is_durable() {
    let mut alice = Alice::new();
    let record = founding(1);
    let first = alice.is_given(std::slice::from_ref(&record));
    assert!(matches!(first[..], [Effect::Persist(Seq(1))]), "nothing but the disk: {first:?}");
    let then = alice.hears(Input::Persisted(Seq(1)));
    let told = matches!(
        &then[..],
        [
            Effect::Tell(Event::Stored { id, .. }),
            Effect::Reply { responses, last: true, .. },
            Effect::Publish { records, .. },
        ] if *id == record.id()
            && matches!(responses[..], [Response::Posted(Posted { fate: Fate::Stored, .. })])
            && records[..] == [record.bytes().clone()]
    );
    assert!(told, "watchers first, then the poster, then the region: {then:?}");
}

#[test]
fn a_record_that_is_on_its_way_to_the_disk_is_not_known_before_it_is_there() {
    let mut alice = Alice::new();
    let record = [founding(1)];
    drop(alice.is_given(&record));
    let again = alice.is_given(&record);
    assert!(again.is_empty(), "the second poster waits for the same disk: {again:?}");
    let then = alice.hears(Input::Persisted(Seq(1)));
    assert_eq!(replies(&then).len(), 2);
}

#[test]
fn gossip_is_accepted_when_it_is_durable_and_ignored_when_it_is_old() {
    let mut alice = Alice::new();
    let record = [founding(1)];
    let first = alice.gossip(1, &record);
    assert!(matches!(first[..], [Effect::Persist(Seq(1))]), "no verdict yet: {first:?}");
    let then = alice.hears(Input::Persisted(Seq(1)));
    let accepts = |e: &Effect| matches!(e, Effect::Verdict { verdict: Verdict::Accept, .. });
    assert!(then.iter().any(accepts) && !then.iter().any(|e| matches!(e, Effect::Publish { .. })));
    let again = alice.gossip(2, &record);
    assert!(matches!(again[..], [Effect::Verdict { verdict: Verdict::Ignore, .. }]), "{again:?}");
}

#[test]
fn a_node_that_starts_looks_at_its_ties_before_anybody_says_anything() {
    let mut alice = Alice::new();
    assert_eq!(alice.engine.deadline(), Some(Timestamp::ZERO), "at once");
    drop(alice.hears(Input::Wake));
    assert_eq!(alice.engine.deadline(), None, "and then it rests");
}

#[test]
fn a_full_disk_refuses_writes_takes_back_its_word_and_serves_reads() {
    let mut alice = Alice::new();
    drop(alice.is_given(&[founding(1)]));
    let full = alice.hears(Input::PersistFailed("full".to_owned()));
    let taken_back = replies(&full);
    assert!(matches!(taken_back[..], [([Response::Failed(Failure::ReadOnly(_))], true)]));
    let refused = alice.is_given(&[founding(2)]);
    assert!(matches!(replies(&refused)[..], [([Response::Failed(Failure::ReadOnly(_))], true)]));
    let ignored = alice.gossip(1, &[founding(3)]);
    assert!(matches!(ignored[..], [Effect::Verdict { verdict: Verdict::Ignore, .. }]));
    let read = alice.is_asked(Request::Networks);
    assert!(matches!(replies(&read)[..], [([Response::Network(_), Response::End], true)]));
    let writable = alice.hears(Input::PersistRecovered);
    assert!(matches!(writable[..], [Effect::Tell(Event::Writable)]), "{writable:?}");
    let taken = alice.is_given(&[founding(2)]);
    assert!(matches!(taken[..], [Effect::Persist(_)]), "{taken:?}");
}

#[test]
fn a_long_answer_comes_a_page_at_a_time() {
    let mut alice = Alice::new();
    let count = PAGE + 10;
    let records: Vec<Record> = (0..count).map(|n| founding(u8::try_from(n).unwrap())).collect();
    drop(alice.is_given(&records));
    let first = alice.is_asked(Request::Networks);
    assert!(matches!(replies(&first)[..], [(page, false)] if page.len() == PAGE));
    let second = alice.hears(Input::More(RequestId(alice.asked)));
    assert!(matches!(replies(&second)[..], [(page, true)] if page.len() == count - PAGE + 1));
}

#[test]
fn the_node_of_the_lower_id_begins_and_the_other_waits_out_of_courtesy() {
    let mut alice = Alice::new();
    drop(alice.hears(Input::Wake));
    assert_eq!(opened(&alice.meets(200)), [node(200)], "alice is lower, and begins");
    assert!(opened(&alice.meets(1)).is_empty(), "alice is higher, and waits");
    let due = alice.engine.deadline().unwrap().since(NOW);
    assert!(due >= COURTESY / 2 && due <= COURTESY * 3 / 2, "but not for ever: {due:?}");
}

#[test]
fn no_more_conversations_are_under_way_than_there_is_room_for() {
    let mut alice = Alice::new();
    let met: Vec<u8> = (101..=120).collect();
    let begun: usize = met.iter().map(|n| opened(&alice.chooses(*n)).len()).sum();
    assert_eq!(begun, SESSIONS_MAX);
    let refused = alice.hears(Input::Accepted { session: SessionId(1), peer: node(101) });
    assert!(matches!(refused[..], [Effect::Close(SessionId(1))]), "{refused:?}");
    let freed = alice.hears(Input::Closed(SessionId(2)));
    assert_eq!(opened(&freed).len(), 1, "the next one takes the place that is free");
}

#[test]
fn who_comes_in_numbers_keeps_her_from_nobody_whom_she_chose() {
    let mut alice = Alice::new();
    let begun: usize = (101..=120).map(|n| opened(&alice.meets(n)).len()).sum();
    assert_eq!(begun, STRANGERS_MAX);
    let refused = alice.hears(Input::Accepted { session: SessionId(1), peer: node(102) });
    assert!(matches!(refused[..], [Effect::Close(SessionId(1))]), "{refused:?}");
    assert_eq!(opened(&alice.chooses(200)), [node(200)]);
    let theirs = alice.hears(Input::Accepted { session: SessionId(3), peer: node(200) });
    assert!(theirs.is_empty(), "she listens to whom she chose: {theirs:?}");
    assert!(opened(&alice.chooses(201)).is_empty(), "all places are taken");
    let freed = alice.hears(Input::Closed(SessionId(2)));
    assert_eq!(opened(&freed), [node(201)], "and comes before all who wait for longer");
}

#[test]
fn who_sends_what_is_no_frame_is_penalised_and_left() {
    let mut alice = Alice::new();
    drop(alice.meets(101));
    drop(alice.hears(Input::Opened(SessionId(2))));
    let frame = Err(FrameError::Shape);
    let effects = alice.hears(Input::Frame { session: SessionId(2), frame });
    let penalised = |e: &Effect| matches!(e, Effect::Penalise(peer) if *peer == node(101));
    let left = |e: &Effect| matches!(e, Effect::Close(SessionId(2)));
    assert!(effects.iter().any(penalised) && effects.iter().any(left), "{effects:?}");
}

#[test]
fn a_draft_that_would_not_count_is_refused_before_it_is_signed() {
    let mut alice = Alice::new();
    let founded = founding(1);
    drop(alice.is_given(std::slice::from_ref(&founded)));
    let version = Version::after(&founded);
    let draft = Draft::event(Body::Identity(Identity::Close), founded.net(), version, NOW);
    let check = |key: &SecretKey| Request::Check {
        payload: draft.payload().unwrap().into(),
        key: key.public(),
    };
    let refused = alice.is_asked(check(&SecretKey::from_seed(&[1; 32])));
    assert!(matches!(replies(&refused)[..], [([Response::Checked { void: Some(_), .. }], true)]));
    let fine = alice.is_asked(check(&SecretKey::from_seed(&[1 ^ 0xff; 32])));
    assert!(
        matches!(replies(&fine)[..], [([Response::Checked { void: None, .. }], true)]),
        "{fine:?}"
    );
}

#[test]
fn a_record_that_the_disk_lost_is_asked_for_taken_again_and_told_to_nobody() {
    let mut alice = Alice::new();
    let record = founding(1);
    drop(alice.is_given(std::slice::from_ref(&record)));
    drop(alice.hears(Input::Persisted(Seq(1))));
    drop(alice.meets(101));
    drop(alice.hears(Input::Closed(SessionId(2))));

    alice.store.damage(&record.id());
    let missed = alice.is_asked(Request::Record { id: record.id() });
    let gone = [Response::Failed(Failure::NotFound)];
    assert!(matches!(replies(&missed)[..], [(answer, true)] if *answer == gone), "{missed:?}");
    let due = alice.engine.deadline().unwrap().since(NOW);
    assert!(due <= SOON * 3 / 2, "someone is asked soon: {due:?}");

    let again = alice.gossip(1, std::slice::from_ref(&record));
    assert!(again.iter().any(|e| matches!(e, Effect::Persist(_))), "staged again: {again:?}");
    let then = alice.hears(Input::Persisted(Seq(2)));
    assert!(!then.iter().any(|e| matches!(e, Effect::Tell(_))), "no news: {then:?}");
    let Ok(bytes) = alice.store.bytes(&record.id());
    assert_eq!(bytes.as_ref(), Some(record.bytes()));
}

#[test]
fn what_was_lost_and_has_ended_is_looked_for_no_more() {
    let mut alice = Alice::new();
    let founded = founding(1);
    let (home, life) =
        ((region(), crate::record::Reach::Region), (NOW, Duration::from_secs(86_400)));
    let draft = Draft::new(crate::ledger::tests::world::profile(), founded.net(), home, life);
    let profile = draft.sign(&SecretKey::from_seed(&[1; 32])).unwrap();
    drop(alice.is_given(&[founded, profile.clone()]));
    drop(alice.hears(Input::Persisted(Seq(1))));
    alice.store.damage(&profile.id());
    drop(alice.is_asked(Request::Record { id: profile.id() }));
    assert!(alice.engine.lost.contains(&profile.id()));
    let over = NOW + Duration::from_secs(86_400);
    let Ok(effects) = alice.engine.handle(over, Input::Wake, &mut alice.store);
    drop(effects);
    assert!(!alice.engine.lost.contains(&profile.id()));
}

#[test]
fn who_parts_or_leaves_our_region_ends_the_conversation_and_has_used_our_time() {
    let short = |alice: &Alice, peer| {
        let hour = [Charge { resource: Resource::SyncTime, amount: 1_200_000 }];
        let payer = Bill::of(Payer::Peer(node(peer)));
        alice.engine.gate.quotas.short(&payer, &hour, NOW + PAUSE).is_some()
    };
    for (peer, leaves) in [(1, true), (2, false)] {
        let mut alice = Alice::new();
        drop(alice.meets(peer));
        drop(alice.hears(Input::Accepted { session: SessionId(1), peer: node(peer) }));
        let goes = match leaves {
            true => Input::Left { peer: node(peer), region: region() },
            false => Input::Parted(node(peer)),
        };
        let Ok(effects) = alice.engine.handle(NOW + PAUSE, goes, &mut alice.store);
        let effects: Vec<Effect> = effects.collect();
        let closed = |e: &Effect| matches!(e, Effect::Close(SessionId(1)));
        assert!(effects.iter().any(closed), "{effects:?}");
        assert!(short(&alice, peer), "nothing is reconciled for nothing");
    }
}

#[test]
fn d12_about_one_conversation_a_day_with_any_peer_is_salted_and_who_asks_for_it_pays() {
    let mut alice = Alice::new();
    (1..=3).for_each(|peer| drop(alice.meets(peer)));
    let Engine { syncs, dice, .. } = &mut alice.engine;
    let days: u64 = 100;
    let turns = days * 86_400 / INTERVAL.as_secs();
    let salted = (0..turns).filter(|_| syncs.salts(dice.nonce())).count();
    assert!((200..400).contains(&salted), "{salted} in {days} days with three peers");

    drop(alice.hears(Input::Accepted { session: SessionId(1), peer: node(1) }));
    let has = |alice: &Alice, amount| {
        let charge = Charge { resource: Resource::SyncTime, amount };
        alice.engine.gate.quotas.short(&Bill::of(Payer::Peer(node(1))), &[charge], NOW).is_none()
    };
    assert!(has(&alice, 1_100_000));
    alice.engine.move_on(NOW, SessionId(1), vec![Output::Hashed(100_000_000)]);
    assert!(has(&alice, 600_000) && !has(&alice, 800_000), "five microseconds for each id");
}

#[test]
fn a_node_of_a_region_that_is_not_ours_is_nobody_here() {
    let mut alice = Alice::new();
    let elsewhere = "gb-london".parse().unwrap();
    let met = alice.hears(Input::Met { peer: node(200), region: elsewhere, chosen: true });
    assert!(met.is_empty(), "{met:?}");
    assert!(alice.engine.syncs.views().is_empty());
}

#[test]
fn a_wish_that_came_during_their_conversation_is_not_forgotten_with_it() {
    for wished in [false, true] {
        let mut alice = Alice::new();
        drop(alice.hears(Input::Wake));
        drop(alice.meets(1));
        drop(alice.hears(Input::Accepted { session: SessionId(1), peer: node(1) }));
        if wished {
            alice.engine.syncs.ask(NOW, node(1), &mut Dice::new([1; 32]));
        }
        let stats = crate::sync::Stats::default();
        alice.engine.syncs.finished(NOW + PAUSE, SessionId(1), &stats);
        let due = alice.engine.syncs.deadline().unwrap();
        assert_eq!(due <= NOW + SOON * 2, wished, "{due:?}");
    }
}
