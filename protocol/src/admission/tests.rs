//! Who is let in: recognition, quotas, newcomers, policy.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::body::Body;
use crate::body::identity::Identity;
use crate::id::{NetId, NodeId, PublicKey};
use crate::key::SecretKey;
use crate::ledger::{Signer, Wanted};
use crate::record::{Draft, Kind, Record};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn net(n: u8) -> NetId {
    NetId([n; 32])
}

fn recognise(ties: &[(u8, u8)], distance: u8) -> Recognition {
    let ties = ties.iter().map(|(a, b)| (net(*a), net(*b)));
    Recognition::new(&[net(0)].into(), ties, distance)
}

fn payer(recognition: &Recognition, n: u8) -> Option<u8> {
    recognition.of(&net(n)).map(|known| known.payer.0[0])
}

/// Rows: 2.2.
#[test]
fn friends_of_friends_are_recognised_as_far_as_the_operator_says() {
    let chain = [(0, 1), (1, 2), (2, 3), (3, 4)];
    let recognition = recognise(&chain, 3);
    assert_eq!(recognition.of(&net(3)).map(|known| known.distance), Some(3));
    assert!(!recognition.has(&net(4)));
    assert_eq!(recognition.chain(&net(2)), [net(0), net(1), net(2)]);
    assert!(recognition.chain(&net(4)).is_empty());
}

/// Those whose room a network's own is a part of.
fn payers(recognition: &Recognition, n: u8) -> BTreeSet<Payer> {
    recognition.bills(&net(n)).iter().map(|bill| bill.payer).collect()
}

#[test]
fn h4_shams_behind_some_networks_share_what_these_have() {
    // Eve (1) and Mallory (2) are tied to us; their shams are tied to both, and to each other.
    let mut ties = vec![(0, 1), (0, 2), (0, 3), (3, 4)];
    ties.extend((10..60).flat_map(|n| [(1, n), (2, n)]));
    ties.extend((10..59).map(|n| (n, n + 1)));
    ties.extend((60..90).map(|n| (n - 30, n)));
    let recognition = recognise(&ties, 3);
    let both = BTreeSet::from([1, 2].map(|n| Payer::Behind(net(n))));
    for n in 10..90 {
        assert_eq!(payers(&recognition, n), both, "network {n}");
    }
    for n in 1..4 {
        assert_eq!(payers(&recognition, n), [Payer::Network(net(n))].into(), "tied to us");
    }
    assert_eq!(payers(&recognition, 4), [Payer::Behind(net(3))].into());
    assert_eq!(payer(&recognition, 4), Some(3));
    let bill = recognition.bills(&net(60)).remove(0);
    assert_eq!(bill.parts, [30, 60].map(|n| Part::Network(net(n))), "each its part of the other's");
    assert!(recognition.bills(&net(99)).is_empty());
}

/// Lets some networks behind one ask for so many records each, in turn; returns what each got.
fn flood(quotas: &mut Quotas, bills: &[Bill], each: usize) -> Vec<usize> {
    let record = [Charge { resource: Resource::Records, amount: 1 }];
    let mut got = vec![0; bills.len()];
    for _ in 0..each {
        for (got, bill) in got.iter_mut().zip(bills) {
            *got += usize::from(quotas.pay(std::slice::from_ref(bill), &record, NOW).is_ok());
        }
    }
    got
}

fn behind(parts: &[u8]) -> Bill {
    let parts = parts.iter().map(|n| Part::Network(net(*n))).collect();
    Bill { payer: Payer::Behind(net(1)), parts }
}

#[test]
fn h3_however_many_flood_whoever_is_quiet_is_heard() {
    for flooders in [1, 2, 10, 100] {
        let mut quotas = Quotas::new(QuotaBounds::default());
        let loud: Vec<Bill> = (100..100 + flooders).map(|n| behind(&[n])).collect();
        flood(&mut quotas, &loud, 20_100);
        let quiet: Vec<Bill> = (2..6).map(|n| behind(&[n])).collect();
        assert_eq!(flood(&mut quotas, &quiet, 20), [20; 4], "during a flood by {flooders}");
        let hub = [Bill::of(Payer::Network(net(1))).part(Part::Key(PublicKey(net(1).0)))];
        assert_eq!(flood(&mut quotas, &hub, 1000), [1000], "the hub has its own");
    }
}

#[test]
fn h3_nobody_takes_more_than_a_tenth_while_others_wait() {
    let mut quotas = Quotas::new(QuotaBounds::default());
    let alone = flood(&mut quotas, &[behind(&[2])], 30_000);
    assert_eq!(alone, [18_000], "nobody else wants it");
    let mut quotas = Quotas::new(QuotaBounds::default());
    let got = flood(&mut quotas, &[2, 3].map(|n| behind(&[n])), 30_000);
    let mut after = quotas;
    let third = flood(&mut after, &[behind(&[4])], 30_000);
    assert!(third[0] > 0 && third[0] <= 2000, "two wait: {got:?}, then {third:?}");
    let later = NOW + Duration::from_secs(60);
    let record = [Charge { resource: Resource::Records, amount: 1 }];
    assert!(after.short(&behind(&[5]), &record, later).is_none());
    let waits = behind(&[2]);
    assert!(after.short(&waits, &record, later).is_some(), "who has taken most is heard last");
    let much = NOW + Duration::from_secs(36_000);
    assert!(after.short(&waits, &record, much).is_none(), "and is heard again");
}

#[test]
fn h3_a_flood_in_one_alliance_is_that_alliances() {
    let mut quotas = Quotas::new(QuotaBounds::default());
    // Behind the hub (1) are two alliances (2, 3) with members; a member of the first floods, and all
    // of the first do.
    flood(&mut quotas, &[behind(&[2, 20])], 20_100);
    let quiet = [behind(&[2, 21]), behind(&[3, 130]), behind(&[2])];
    assert_eq!(flood(&mut quotas, &quiet, 20), [20; 3]);
    let all: Vec<Bill> = (20..120).map(|n| behind(&[2, n])).collect();
    flood(&mut quotas, &all, 2000);
    let quiet = [behind(&[3, 131]), behind(&[3, 132])];
    assert_eq!(flood(&mut quotas, &quiet, 15), [15; 2]);
}

/// The networks tied to the seed from which chains of shortest length lead to this one.
fn gates_by_trying(ties: &[(u8, u8)], recognition: &Recognition, n: u8) -> BTreeSet<u8> {
    let distance = |n: u8| recognition.of(&net(n)).map(|known| known.distance);
    let Some(own) = distance(n) else { return BTreeSet::new() };
    if own <= 1 {
        return BTreeSet::from([n]);
    }
    let beside = ties.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]).filter(|(a, _)| *a == n);
    let nearer = beside.map(|(_, b)| b).filter(|b| distance(*b) == Some(own - 1));
    nearer.flat_map(|b| gates_by_trying(ties, recognition, b)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_payers_are_the_first_on_the_shortest_chains(
        ties in proptest::collection::vec((0..9_u8, 0..9_u8), 0..16),
    ) {
        let ties: Vec<_> = ties.into_iter().filter(|(a, b)| a != b).collect();
        let recognition = recognise(&ties, 8);
        let within: BTreeSet<u8> = recognition.iter().map(|(net, _)| net.0[0]).collect();
        for n in within.iter().copied() {
            let bills = recognition.bills(&net(n));
            let gates: BTreeSet<u8> = bills.iter().map(|bill| match bill.payer {
                Payer::Network(net) | Payer::Behind(net) => net.0[0],
                other => panic!("{other:?}"),
            }).collect();
            let expected = gates_by_trying(&ties, &recognition, n);
            prop_assert!(gates.is_subset(&expected), "network {}", n);
            prop_assert_eq!(gates.len(), expected.len().min(4), "network {}", n);
            prop_assert!(gates.contains(&payer(&recognition, n).unwrap()));
            let last = Part::Network(net(n));
            prop_assert!(bills.iter().all(|bill| bill.parts.last().is_none_or(|p| *p == last)));
        }
        let mut backwards: Vec<_> = ties.iter().map(|(a, b)| (*b, *a)).collect();
        backwards.reverse();
        prop_assert_eq!(recognise(&backwards, 8), recognition);
    }

    #[test]
    fn a_bucket_never_gives_more_than_its_rate(
        steps in proptest::collection::vec((0..200_000_u64, 1..40_u64), 1..60),
    ) {
        let rate = Rate::new(100, Duration::from_secs(60));
        let (mut bucket, mut now, mut taken) = (Bucket::full(rate, NOW), NOW, 0);
        for (millis, amount) in steps {
            now = now + Duration::from_millis(millis);
            let ready = bucket.ready(now, amount);
            prop_assert_eq!(ready <= now, bucket.has(now, amount));
            prop_assert!(bucket.has(ready, amount));
            taken += if bucket.take(now, amount) { amount } else { 0 };
            let most = 100 + now.since(NOW).as_secs() * 100 / 60 + 2;
            prop_assert!(taken <= most, "{taken} of {most}");
        }
    }
}

fn founding(n: u16) -> Record {
    let mut seed = [n.to_be_bytes()[1]; 32];
    seed[0] = n.to_be_bytes()[0];
    let key = SecretKey::from_seed(&seed);
    let body = Identity::inception(key.public(), SecretKey::from_seed(&[1; 32]).public().hash());
    Draft::inception(Body::Identity(body), NOW).sign(&key).unwrap()
}

#[test]
fn the_pool_of_newcomers_has_a_fixed_size_and_keeps_the_newest() {
    let bounds = NewcomerBounds { networks: 3, records: 1, bytes: 4096 };
    let mut newcomers = Newcomers::new(bounds);
    let records: Vec<Record> = (0..5).map(founding).collect();
    for record in &records {
        assert!(newcomers.add(record, None, &BTreeSet::new(), NOW));
    }
    assert_eq!(newcomers.len(), 3);
    let nets: Vec<NetId> = newcomers.list().map(|newcomer| newcomer.net).collect();
    assert_eq!(nets, [records[4].net(), records[3].net(), records[2].net()]);
    assert!(newcomers.find(&records[3].id()).is_some());
    assert_eq!(newcomers.take(&records[3].net()), [records[3].clone()]);
    assert_eq!(newcomers.len(), 2);
}

#[test]
fn m4_who_brings_many_newcomers_takes_no_place_from_those_of_others() {
    let mut newcomers = Newcomers::new(NewcomerBounds { networks: 8, ..NewcomerBounds::default() });
    let peer = |n| Some(NodeId([n; 32]));
    let none = BTreeSet::new();
    let few: Vec<Record> = (0..3).map(founding).collect();
    for (n, record) in (1..).zip(&few) {
        newcomers.add(record, peer(n), &none, NOW);
    }
    for n in 100..400 {
        assert!(newcomers.add(&founding(n), peer(9), &none, NOW), "the newest is kept");
    }
    assert_eq!(newcomers.len(), 8);
    assert!(few.iter().all(|record| newcomers.find(&record.id()).is_some()));
    assert!(newcomers.find(&founding(399).id()).is_some());
}

fn entry(subject: Subject, action: Action) -> Entry {
    Entry { subject, action, reason: "we talked about it".to_owned(), until: None, name: None }
}

#[test]
fn block_wins_over_allow_and_ends_when_it_ends() {
    let mut policy = Policy::default();
    let network = Subject::Network(net(1));
    policy.add(entry(network.clone(), Action::Allow), NOW).unwrap();
    assert!(policy.allows(&net(1), NOW));
    let until = Some(NOW.as_secs() + 60);
    policy.add(Entry { until, ..entry(network.clone(), Action::Block) }, NOW).unwrap();
    assert!(!policy.allows(&net(1), NOW));
    assert!(policy.allows(&net(1), NOW + Duration::from_secs(60)));
    assert!(policy.remove(&network, Action::Block));
    assert!(policy.allows(&net(1), NOW));
    let nameless = Entry { reason: " ".to_owned(), ..entry(network, Action::Mute) };
    assert_eq!(policy.add(nameless, NOW), Err(PolicyError::Reason));
    let support = entry(Subject::Kind(Kind::Role), Action::Block);
    assert_eq!(policy.add(support, NOW), Err(PolicyError::Support(Kind::Role)));
}

/// A node that starts from network 0, and what it makes of arrivals.
struct Alice {
    policy: Policy,
    recognition: Recognition,
    quotas: Quotas,
    stock: Stock,
}

impl Alice {
    fn new(mode: Mode, ties: &[(NetId, NetId)]) -> Self {
        let recognition = Recognition::new(&[net(0)].into(), ties.iter().copied(), 3);
        let bounds = QuotaBounds { records: 5, newcomer_records: 2, ..QuotaBounds::default() };
        let stock = Stock::new(StockBounds::default());
        Self { policy: Policy::new(mode), recognition, quotas: Quotas::new(bounds), stock }
    }

    fn meets(&mut self, record: &Record, carrier: Option<NetId>) -> Fate {
        let origin = Origin::Peer(NodeId([9; 32]));
        let signer = Signer::Speaks;
        self.judges(&Arrival { record, origin, carrier, wanted: None, backs: false, signer })
    }

    fn judges(&mut self, arrival: &Arrival<'_>) -> Fate {
        let Self { policy, recognition, quotas, stock } = self;
        let mut stance = Stance { policy, recognition, quotas, stock };
        let (fate, steps) = admit(arrival, &mut stance, NOW);
        assert!(!steps.is_empty(), "every ruling says why");
        fate
    }
}

#[test]
fn a_network_gets_what_its_standing_allows() {
    let (friend, stranger) = (founding(1), founding(2));
    let tie = [(net(0), friend.net())];
    let mut alice = Alice::new(Mode::Federation, &tie);
    for _ in 0..5 {
        assert_eq!(alice.meets(&friend, None), Fate::Take);
    }
    assert!(matches!(alice.meets(&friend, None), Fate::Later { .. }), "its quota is used up");
    assert_eq!(alice.meets(&stranger, None), Fate::Newcomer);
    let mut open = Alice::new(Mode::Open, &tie);
    assert_eq!(open.meets(&stranger, None), Fate::Take);
    assert_eq!(open.meets(&founding(3), None), Fate::Take);
    assert!(matches!(open.meets(&founding(4), None), Fate::Later { .. }), "newcomers share one");
    let mut closed = Alice::new(Mode::Closed, &tie);
    let allowed = entry(Subject::Network(friend.net()), Action::Allow);
    closed.policy.add(allowed, NOW).unwrap();
    assert_eq!(closed.meets(&friend, None), Fate::Take);
    assert_eq!(closed.meets(&stranger, None), Fate::Stub);
}

#[test]
fn what_a_bridge_carries_counts_against_the_bridge() {
    let bridge = founding(1).net();
    let mut alice = Alice::new(Mode::Federation, &[(net(0), bridge)]);
    let fates: BTreeMap<u16, Fate> =
        (10..16).map(|n| (n, alice.meets(&founding(n), Some(bridge)))).collect();
    assert!((10..15).all(|n| fates[&n] == Fate::Take));
    assert!(matches!(fates[&15], Fate::Later { .. }));
    let blocked = entry(Subject::Network(founding(20).net()), Action::Block);
    alice.policy.add(blocked, NOW).unwrap();
    assert_eq!(alice.meets(&founding(20), Some(bridge)), Fate::Stub, "block wins over bridges");
}

#[test]
fn what_is_signed_in_the_name_of_others_is_paid_by_who_brings_it() {
    let friend = founding(1);
    let mut alice = Alice::new(Mode::Federation, &[(net(0), friend.net())]);
    let forged = |peer, wanted| {
        let origin = Origin::Peer(NodeId([peer; 32]));
        Arrival {
            record: &friend,
            origin,
            carrier: None,
            wanted,
            backs: false,
            signer: Signer::Unnamed,
        }
    };
    assert_eq!(alice.judges(&forged(9, None)), Fate::Take, "its role may be on its way");
    assert!(matches!(alice.judges(&forged(9, None)), Fate::Later { .. }), "but not for long");
    assert_eq!(alice.judges(&forged(8, None)), Fate::Take);
    for _ in 0..5 {
        assert_eq!(alice.meets(&friend, None), Fate::Take, "the network has all that is its own");
    }
    let pool = Arrival { origin: Origin::Pool, ..forged(9, None) };
    assert_eq!(alice.judges(&pool), Fate::Newcomer, "who names its key has not come yet");
}

#[test]
fn a_flood_of_answers_leaves_room_for_whom_a_tie_names() {
    let mut alice = Alice::new(Mode::Federation, &[]);
    let stranger = founding(1);
    let origin = Origin::Peer(NodeId([9; 32]));
    let arrival = Arrival {
        record: &stranger,
        origin,
        carrier: None,
        wanted: Some(Wanted::Answers),
        backs: false,
        signer: Signer::Speaks,
    };
    let fates: Vec<Fate> = (0..20).map(|_| alice.judges(&arrival)).collect();
    assert_eq!(fates.iter().filter(|fate| **fate == Fate::Take).count(), 2, "newcomers' cost");
    let named = Arrival { wanted: Some(Wanted::Named), ..arrival };
    assert_eq!(alice.judges(&named), Fate::Take);
}

#[test]
fn what_is_allowed_by_its_kind_its_region_or_who_brings_it_comes_in() {
    for mode in [Mode::Federation, Mode::Closed] {
        let stranger = founding(1);
        let mut alice = Alice::new(mode, &[]);
        assert_ne!(alice.meets(&stranger, None), Fate::Take);
        let brings = entry(Subject::Peer(NodeId([9; 32])), Action::Allow);
        alice.policy.add(brings, NOW).unwrap();
        assert_eq!(alice.meets(&stranger, None), Fate::Take);
        let mut alice = Alice::new(mode, &[]);
        alice.policy.add(entry(Subject::Kind(Kind::Identity), Action::Allow), NOW).unwrap();
        assert_eq!(alice.meets(&stranger, None), Fate::Take);
        assert_eq!(alice.meets(&stranger, None), Fate::Take);
        let more = alice.meets(&stranger, None);
        assert!(matches!(more, Fate::Later { .. }), "anybody may be allowed like this: {more:?}");
        let blocked = entry(Subject::Network(stranger.net()), Action::Block);
        alice.policy.add(blocked, NOW).unwrap();
        assert_eq!(alice.meets(&stranger, None), Fate::Stub, "block wins over allow");
    }
}

#[test]
fn what_is_muted_comes_in_as_it_would_unmuted() {
    let stranger = founding(1);
    let muted = entry(Subject::Network(stranger.net()), Action::Mute);
    for mode in [Mode::Open, Mode::Federation, Mode::Closed] {
        for allowed in [
            None,
            Some(Subject::Network(stranger.net())),
            Some(Subject::Kind(Kind::Identity)),
            Some(Subject::Peer(NodeId([9; 32]))),
        ] {
            let mut alice = Alice::new(mode, &[]);
            if let Some(subject) = allowed {
                alice.policy.add(entry(subject, Action::Allow), NOW).unwrap();
            }
            let fate = alice.meets(&stranger, None);
            alice.policy.add(muted.clone(), NOW).unwrap();
            assert_eq!(alice.meets(&stranger, None), fate, "{mode}");
        }
    }
}

#[test]
fn who_signs_in_a_newcomers_name_takes_no_room_from_it() {
    use crate::ledger::tests::world::{START, Signer, call, found, keys, role};
    let inception = found(keys(1, 2, &[]), 1);
    let alice = Signer { net: inception.net(), seed: 1, role: None };
    let eve = Signer { seed: 66, ..alice };
    let bounds = NewcomerBounds { networks: 3, records: 4, bytes: 1 << 20 };
    let none = BTreeSet::new();
    let mut newcomers = Newcomers::new(bounds);
    let forged = |n: u16| match n % 2 {
        0 => eve.sign(role(n, &[], None, START), START, 30),
        _ => eve.sign(call(&format!("{n}"), &[1]), START, 30),
    };
    for n in 0..20 {
        newcomers.add(&forged(n), None, &none, NOW);
    }
    let calls = [1, 2, 3].map(|n| alice.sign(call(&format!("her {n}"), &[1]), START, 30));
    assert!(newcomers.add(&inception, None, &none, NOW), "who she is comes before all else");
    assert!(calls.iter().all(|call| newcomers.add(call, None, &none, NOW)), "and what she signed");
    assert!(!newcomers.add(&forged(21), None, &none, NOW));
    let grant = alice.sign(role(9, &[], None, START), START, 30);
    assert!(newcomers.add(&grant, None, &none, NOW), "support before all else");
    assert_eq!(newcomers.records(&alice.net).count(), 4);
    assert!(newcomers.under(alice.net.0).contains(&alice.net));
    newcomers.take(&alice.net);
    assert!(newcomers.under(alice.net.0).is_empty() && newcomers.is_empty());
}

#[test]
fn who_a_newcomer_is_and_what_it_wants_of_us_is_kept_in_any_order() {
    use crate::ledger::tests::world::{START, Signer, call, found, keys, profile, role, tie};
    let inception = found(keys(1, 2, &[]), 1);
    let alice = Signer { net: inception.net(), seed: 1, role: None };
    let ours = net(200);
    let grant = alice.sign(role(9, &[], None, START), START, 30);
    let rep = Signer { seed: 9, role: Some(grant.thing()), ..alice };
    let face = rep.sign(profile(), START, 30);
    let offer = alice.sign(tie(&[inception.net(), ours]), START, 30);
    let mut all: Vec<Record> = [&inception, &grant, &face, &offer].map(Clone::clone).to_vec();
    let strangers = (0..12).map(|n| tie(&[inception.net(), net(n)]));
    all.extend(strangers.map(|body| alice.sign(body, START, 30)));
    all.extend((20..40).map(|n| alice.sign(role(n, &[], None, START), START, 30)));
    all.extend((0..20).map(|n| alice.sign(call(&format!("{n}"), &[1]), START, 30)));
    let bounds = NewcomerBounds { networks: 3, records: 8, bytes: 1 << 20 };
    for turn in 0..all.len() {
        all.rotate_left(1);
        let order: Vec<&Record> = match turn % 2 {
            0 => all.iter().collect(),
            _ => all.iter().rev().collect(),
        };
        let mut newcomers = Newcomers::new(bounds);
        for record in order {
            newcomers.add(record, None, &[ours].into(), NOW);
        }
        for record in [&inception, &face, &offer] {
            let kept = newcomers.find(&record.id()).is_some();
            assert!(kept, "turn {turn}: {}", record.header().kind);
        }
        assert_eq!(newcomers.records(&inception.net()).count(), 8);
    }
}
