//! Honest nodes end with the same records.

use proptest::prelude::*;

use super::*;

/// Returns two nodes that share some keys and have some of their own.
fn pair(seed: u64, shared: usize, alone: [usize; 2]) -> [Node; 2] {
    let mut rng = rng(seed);
    let common = draw_many(&mut rng, shared);
    alone.map(|count| Node::with(common.iter().copied().chain(draw_many(&mut rng, count))))
}

#[test]
fn nothing_different_costs_one_exchange_under_a_kilobyte() {
    for count in [0, 1, 20_000] {
        let [alice, bob] = pair(1, count, [0, 0]);
        let mut pair = Pair::new(alice, bob);
        let stats = pair.run();
        assert_eq!((stats.rounds, stats.received, stats.sent), (1, 0, 0));
        assert!(pair.bytes < 200, "{} bytes", pair.bytes);
        assert_eq!(pair.frames, 3);
    }
}

/// Two nodes that were given different records of a stranger, whose ids add up to the same.
fn pair_of_twins() -> [Node; 2] {
    let [mut alice, mut bob] = pair(19, 5000, [0, 0]);
    let until = NOW + 1000;
    let id = |low: u8, high: u8| {
        let mut id = [0x77; 32];
        (id[0], id[31]) = (low, high);
        Key { until, id: RecordId(id) }
    };
    for (node, keys) in [(&mut alice, [id(7, 1), id(9, 2)]), (&mut bob, [id(8, 1), id(8, 2)])] {
        keys.iter().for_each(|key| assert_eq!(node.keep(&record(key)), 1));
    }
    [alice, bob]
}

#[test]
fn d12_ids_that_add_up_to_the_same_are_told_apart_under_a_salt() {
    let mut plain = Pair::open(pair_of_twins(), [0, 1].map(|n| opening(&pair_of_twins()[n], 1)));
    assert_eq!((plain.run(), plain.hashed), (Stats { rounds: 1, ..Stats::default() }, 0));
    let nodes = pair_of_twins();
    let [mut alice, bob] = [opening(&nodes[ALICE], 1), opening(&nodes[BOB], 2)];
    alice.salt = Some(Salt([5; SALT_BYTES]));
    let mut salted = Pair::open(nodes, [alice, bob]);
    let stats = salted.run();
    salted.assert_equal();
    assert_eq!((stats.received, stats.sent), (2, 2));
    assert_eq!(salted.hashed, 5002, "each once");
}

#[test]
fn a_hundred_differences_among_many_cost_little() {
    let [alice, bob] = pair(2, 50_000, [50, 50]);
    let mut pair = Pair::new(alice, bob);
    let stats = pair.run();
    pair.assert_equal();
    assert_eq!((stats.received, stats.sent), (50, 50));
    assert!(stats.rounds <= 3, "{} rounds", stats.rounds);
    let records: usize = 100 * 120;
    assert!(pair.bytes < records + 50_000, "{} bytes", pair.bytes);
    assert_eq!(pair.progress, Progress { done: 100, total: 100 });
}

#[test]
fn a_fresh_node_catches_up_without_listing_ids() {
    for fresh in [ALICE, BOB] {
        let mut nodes = pair(3, 20_000, [0, 0]);
        nodes[fresh] = Node::default();
        let [alice, bob] = nodes;
        let full = if fresh == ALICE { &bob } else { &alice };
        let records: usize = full.records.values().map(|bytes| bytes.len()).sum();
        let mut pair = Pair::new(alice, bob);
        pair.run();
        pair.assert_equal();
        assert!(pair.bytes * 100 < records * 101, "{} for {records}", pair.bytes);
    }
}

#[test]
fn what_has_ended_is_not_spoken_of() {
    let [alice, mut bob] = pair(4, 1000, [3, 3]);
    for i in 0..100 {
        bob.keep(&record(&Key { until: NOW - i, id: RecordId([7; 32]) }));
    }
    let mut pair = Pair::new(alice, bob);
    let stats = pair.run();
    assert_eq!((stats.received, stats.sent), (3, 3));
    assert_eq!(pair.nodes[BOB].set.len(), pair.nodes[ALICE].set.len() + 100);
}

#[test]
fn a_stub_counts_and_is_gone() {
    let [mut alice, mut bob] = pair(5, 500, [0, 0]);
    let mut rng = rng(6);
    let (both, one) = (draw(&mut rng), draw(&mut rng));
    alice.set.insert(both);
    bob.keep(&record(&both));
    bob.set.insert(one);
    let mut pair = Pair::new(alice, bob);
    let stats = pair.run();
    assert_eq!((stats.received, stats.sent, stats.gone), (0, 0, 1));
}

#[test]
fn what_is_declined_is_neither_asked_for_nor_sent() {
    for decliner in [ALICE, BOB] {
        for shared in [0, 50, 5000] {
            let mut nodes = pair(7, shared, [0, 0]);
            let unwelcome = draw_many(&mut rng(8), 20);
            for key in &unwelcome {
                nodes[decliner].declined.insert(*key);
                nodes[1 - decliner].keep(&record(key));
            }
            let [alice, bob] = nodes;
            let mut pair = Pair::new(alice, bob);
            let stats = pair.run();
            let empty_responder = decliner == BOB && shared == 0;
            let moved = if empty_responder { 20 } else { 0 };
            assert_eq!(stats.received + stats.sent, moved, "{decliner} {shared}");
        }
    }
}

#[test]
fn a_total_is_kept_and_the_next_session_goes_on() {
    let [alice, mut bob] = pair(9, 0, [5000, 5000]);
    let mut alice = alice;
    let mut sessions = 0;
    while alice.keys() != bob.keys() {
        let mut openings = [opening(&alice, 1), opening(&bob, 2)];
        openings.iter_mut().for_each(|opening| {
            opening.intake = Intake { window: 70_000, total: 150_000 };
        });
        let mut pair = Pair::open([alice, bob], openings);
        let stats = pair.run();
        assert!(stats.received <= 3000 && stats.sent <= 3000);
        [alice, bob] = pair.nodes;
        sessions += 1;
        assert!(sessions < 30);
        assert_eq!(stats.more, alice.keys() != bob.keys());
    }
    assert!(sessions > 2);
}

#[test]
fn clocks_that_differ_agree_on_the_later_time_or_say_so() {
    for (ahead, error) in [(0, false), (300, false), (301, true), (7200, true)] {
        for side in [ALICE, BOB] {
            let nodes = pair(10, 300, [5, 5]);
            let mut openings = [opening(&nodes[0], 1), opening(&nodes[1], 2)];
            openings[side].now = Timestamp::from_secs(NOW + ahead);
            let mut pair = Pair::open(nodes, openings);
            while pair.step() {}
            let by = i64::try_from(ahead).unwrap() * if side == ALICE { -1 } else { 1 };
            if error {
                // Both know by how much, and the one that asked does not learn it by a number.
                let clocks = |by| Some(Err(SyncError::Clocks(Offset::from_secs(by))));
                assert_eq!(pair.ends, [clocks(by), clocks(-by)]);
                assert_eq!(pair.clocks, [by, -by].map(|by| Some(Offset::from_secs(by))));
            } else {
                assert_eq!(pair.clocks[BOB], Some(Offset::from_secs(-by)));
                assert!(matches!(pair.ends, [Some(Ok(_)), Some(Ok(_))]));
            }
        }
    }
}

#[test]
fn only_shared_scopes_are_reconciled() {
    let [alice, bob] = pair(11, 100, [5, 5]);
    let mut openings = [opening(&alice, 1), opening(&bob, 2)];
    let own = |n| Scope::Own(crate::id::NetId([n; 32]));
    let other = Node::with(draw_many(&mut rng(12), 50));
    openings[ALICE].holdings.insert(own(1), other.holding());
    openings[BOB].holdings.insert(own(2), other.holding());
    let mut pair = Pair::open([alice, bob], openings.clone());
    assert_eq!(pair.run().received, 5);
    pair.assert_equal();

    openings[BOB].holdings.remove(&scope());
    let mut pair = Pair::open(pair.nodes, openings);
    while pair.step() {}
    assert_eq!(pair.ends, [Some(Err(SyncError::Peer(4))), Some(Err(SyncError::NothingShared))]);
}

#[test]
fn a_link_cut_at_any_frame_is_resumed() {
    let nodes = pair(13, 3000, [120, 900]);
    let mut whole = Pair::new(nodes[0].clone(), nodes[1].clone());
    whole.run();
    for cut in 0..whole.frames {
        let mut broken = Pair::new(nodes[0].clone(), nodes[1].clone());
        for _ in 0..cut {
            broken.step();
        }
        let before = broken.nodes[ALICE].set.len();
        let [alice, bob] = broken.nodes;
        let mut resumed = Pair::new(alice, bob);
        let stats = resumed.run();
        resumed.assert_equal();
        assert_eq!(stats.received, resumed.nodes[ALICE].set.len() - before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_two_sets_converge(
        seed: u64,
        shared in prop_oneof![Just(0_usize), 1..200_usize, 1000..6000_usize],
        alice in prop_oneof![Just(0_usize), 1..100_usize, 500..3000_usize],
        bob in prop_oneof![Just(0_usize), 1..100_usize, 500..3000_usize],
    ) {
        let [one, other] = pair(seed, shared, [alice, bob]);
        let mut pair = Pair::new(one, other);
        let stats = pair.run();
        pair.assert_equal();
        prop_assert_eq!((stats.received, stats.sent), (bob, alice));
        prop_assert!(stats.rounds <= 5);
    }
}
