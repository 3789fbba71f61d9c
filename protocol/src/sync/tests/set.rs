//! The set answers as a plain ordered set would.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_set_is_what_was_put_in_and_not_taken_out(seed: u64, built in 0..3000_usize) {
        let mut rng = rng(seed);
        let pool = draw_many(&mut rng, 4000);
        let mut model: BTreeSet<Key> = pool[..built].iter().copied().collect();
        let mut set: Set = pool[..built].iter().copied().collect();
        for phase in 0..4_u32 {
            let before = (set.snapshot(), model.clone());
            for n in 0..1500 {
                if n % 500 == 0 {
                    let many = rng.next_u32() as usize % pool.len();
                    set.extend(pool[many..].iter().take(many).copied());
                    model.extend(&pool[many..][..many.min(pool.len() - many)]);
                }
                let key = pool[rng.next_u32() as usize % pool.len()];
                if rng.next_u32() % 4 <= phase {
                    prop_assert_eq!(set.remove(&key), model.remove(&key));
                } else {
                    prop_assert_eq!(set.insert(key), model.insert(key));
                }
                prop_assert_eq!(set.contains(&key), model.contains(&key));
            }
            for (snapshot, model) in [before, (set.snapshot(), model.clone())] {
                same(&snapshot, &model, &pool);
            }
            prop_assert_eq!(set.len(), model.len());
        }
    }
}

fn same(snapshot: &Snapshot, model: &BTreeSet<Key>, pool: &[Key]) {
    let keys: Vec<Key> = model.iter().copied().collect();
    assert!(snapshot.keys(0, keys.len()).eq(&keys));
    let rebuilt = keys.iter().copied().collect::<Set>().snapshot();
    for (i, key) in pool.iter().enumerate().step_by(97) {
        let rank = keys.partition_point(|other| other < key);
        assert_eq!(snapshot.rank(key), rank);
        assert_eq!(snapshot.contains(key), model.contains(key));
        assert_eq!(snapshot.key(i), keys.get(i));
        assert!(snapshot.keys(i, rank).eq(keys.iter().take(rank).skip(i)));
        assert_eq!(snapshot.fingerprint(i.min(rank), rank), rebuilt.fingerprint(i.min(rank), rank));
    }
}

#[test]
fn an_unchanged_set_gives_the_same_snapshot() {
    let mut rng = rng(1);
    let mut set: Set = draw_many(&mut rng, 1000).into_iter().collect();
    let first = set.snapshot();
    assert!(Arc::ptr_eq(&first, &set.snapshot()));
    let key = draw(&mut rng);
    assert!(set.insert(key) && !set.insert(key));
    assert_eq!((first.len(), set.snapshot().len()), (1000, 1001));
    assert!(!first.contains(&key) && set.contains(&key));
}
