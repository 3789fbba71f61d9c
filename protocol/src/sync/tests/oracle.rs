//! The differences found are those that Negentropy finds, and the fingerprints are its own.

use negentropy::{Id, Negentropy, NegentropyStorageBase, NegentropyStorageVector};
use proptest::prelude::*;

use super::*;

fn storage(keys: &BTreeSet<Key>) -> NegentropyStorageVector {
    let mut storage = NegentropyStorageVector::new();
    for key in keys {
        // Negentropy keeps its largest time for infinity.
        let until = key.until.min(Key::NEVER - 1);
        storage.insert(until, Id::from_byte_array(key.id.0)).unwrap();
    }
    storage.seal().unwrap();
    storage
}

/// Returns the ids that only the first and only the second has, as Negentropy finds them.
fn negentropy(alice: &BTreeSet<Key>, bob: &BTreeSet<Key>) -> [BTreeSet<RecordId>; 2] {
    let (alice, bob) = (storage(alice), storage(bob));
    let mut alice = Negentropy::borrowed(&alice, 0).unwrap();
    let mut bob = Negentropy::borrowed(&bob, 0).unwrap();
    let (mut have, mut need) = (Vec::new(), Vec::new());
    let mut message = alice.initiate().unwrap();
    loop {
        let answer = bob.reconcile(&message).unwrap();
        match alice.reconcile_with_ids(&answer, &mut have, &mut need).unwrap() {
            Some(next) => message = next,
            None => break,
        }
    }
    [have, need].map(|ids| ids.iter().map(|id| RecordId(id.to_bytes())).collect())
}

/// Returns the same as found by a session.
fn session(alice: &BTreeSet<Key>, bob: &BTreeSet<Key>) -> [BTreeSet<RecordId>; 2] {
    let nodes = [alice, bob].map(|keys| Node::with(keys.iter().copied()));
    let [one, other] = nodes;
    let mut pair = Pair::new(one, other);
    pair.run();
    let new = |node: &Node, before: &BTreeSet<Key>| -> BTreeSet<RecordId> {
        node.keys().difference(before).map(|key| key.id).collect()
    };
    [new(&pair.nodes[BOB], bob), new(&pair.nodes[ALICE], alice)]
}

/// Draws keys that crowd together: few ends, ids with long equal beginnings. The rest of them is
/// drawn at large: sums of short numbers would be equal by chance, where our ranges are and not
/// where those of Negentropy are.
fn crowded() -> impl Strategy<Value = BTreeSet<Key>> {
    let id = prop_oneof![
        any::<[u8; 16]>().prop_map(|tail| {
            let mut id = [0xff; 32];
            id[16..].copy_from_slice(&tail);
            id
        }),
        any::<(u8, [u8; 16])>().prop_map(|(head, tail)| {
            let mut id = [0; 32];
            id[0] = head;
            id[16..].copy_from_slice(&tail);
            id
        }),
        any::<[u8; 32]>(),
    ];
    let until = prop_oneof![Just(NOW + 1), Just(NOW + 2), Just(Key::NEVER), NOW + 1..NOW + 500];
    let key = (until, id).prop_map(|(until, id)| Key { until, id: RecordId(id) });
    proptest::collection::vec(key, 0..1500).prop_map(|keys| {
        let once: BTreeMap<RecordId, Key> = keys.into_iter().map(|key| (key.id, key)).collect();
        once.into_values().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn crowded_sets_differ_as_negentropy_says(all in crowded(), seed: u64) {
        let mut rng = rng(seed);
        let rate = 1 + rng.next_u32() % 40;
        let (mut alice, mut bob) = (all.clone(), all.clone());
        alice.retain(|_| !rng.next_u32().is_multiple_of(rate));
        bob.retain(|_| !rng.next_u32().is_multiple_of(rate));
        prop_assert_eq!(session(&alice, &bob), negentropy(&alice, &bob));
    }

    #[test]
    fn fingerprints_are_those_of_negentropy(
        keys in crowded(),
        from in 0..1500_usize,
        to in 0..1500_usize,
    ) {
        let theirs = storage(&keys);
        let ours = Node::with(keys.iter().copied()).set.snapshot();
        let (from, to) = (from.min(to).min(keys.len()), from.max(to).min(keys.len()));
        prop_assert_eq!(
            ours.fingerprint(from, to).0,
            theirs.fingerprint(from, to).unwrap().to_bytes()
        );
    }
}
