//! The master property: the state is a function of the set of records and the time.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::history::{Chance, History};
use super::world::{DAY, START};
use crate::id::RecordId;
use crate::ledger::{Change, Ledger, Outcome, PoolBounds};
use crate::record::Record;
use crate::time::Timestamp;

/// How many random histories each run tries, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 24;

pub(super) fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if asked.cases == 256 { CASES } else { asked.cases };
    ProptestConfig { cases, failure_persistence: None, ..asked }
}

/// Small enough that nearly everything that waits is let go.
const TINY: PoolBounds = PoolBounds { records: 3, bytes: 1 << 20 };

/// Offers again what is not here, until nothing new comes of it.
pub(super) fn offer_again(
    ledger: &mut Ledger,
    universe: &BTreeMap<RecordId, Record>,
    now: Timestamp,
) {
    loop {
        let mut news = false;
        for (id, record) in universe {
            // What is here, or waits, needs not be offered.
            if ledger.knows(id) {
                continue;
            }
            news |= matches!(ledger.insert(record, now), Outcome::New(_));
        }
        news |= ledger.take_changes().iter().any(|c| matches!(c, Change::Admitted(_)));
        if !news {
            return;
        }
    }
}

pub(super) fn universe(records: &[Record]) -> BTreeMap<RecordId, Record> {
    records.iter().map(|record| (record.id(), record.clone())).collect()
}

fn check(seed: u64, moves: usize) -> Result<(), TestCaseError> {
    check_history(seed, &History::new(seed, moves))
}

/// Checks that the order of arrival of these records changes nothing.
pub(super) fn check_history(seed: u64, history: &History) -> Result<(), TestCaseError> {
    let universe = universe(&history.records);
    let (early, late) = (START + DAY * 11, START + DAY * 23);
    let mut plain = Ledger::new(PoolBounds::default());
    for record in &history.records {
        plain.insert(record, late);
    }
    offer_again(&mut plain, &universe, late);
    let expected = plain.snapshot_bytes();
    let mut chance = Chance::new(seed ^ 1);
    for round in 0..4 {
        let mut records = history.records.clone();
        chance.shuffle(&mut records);
        let bounds = if round % 2 == 0 { TINY } else { PoolBounds::default() };
        let mut ledger = Ledger::new(bounds);
        let mut now = if round < 2 { late } else { early };
        let mut rest = &records[..];
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(1 + chance.below(rest.len().min(9)));
            if batch.len() == 1 {
                ledger.insert(&batch[0], now);
            } else {
                ledger.insert_all(batch, now);
            }
            rest = after;
            // What was asked for is kept, and must not be what was asked for before.
            for record in &history.records {
                ledger.call(&record.thing(), now);
            }
            if chance.one_in(12) {
                now = late;
            }
        }
        offer_again(&mut ledger, &universe, now);
        ledger.advance(late);
        offer_again(&mut ledger, &universe, late);
        let (got, expected) =
            (ledger.snapshot_bytes(), String::from_utf8_lossy(&expected).into_owned());
        let got = String::from_utf8_lossy(&got).into_owned();
        let differ = got.lines().zip(expected.lines()).find(|(a, b)| a != b);
        prop_assert!(got == expected, "round {round}: {differ:#?}");
    }
    Ok(())
}

#[test]
fn a_tie_that_is_only_cited_takes_its_answers_with_it_when_it_expires() {
    check(14_366_682_778_969_731_943, 43).unwrap();
}

/// The tie and the answer to it had both moved, and the tie was placed first.
#[test]
fn what_follows_an_answer_is_placed_also_when_more_than_one_thing_above_it_has_moved() {
    check(9_397_690_215_035_871_114, 27).unwrap();
}

/// An acceptance spoke no longer, and what it had taken up was placed before it.
#[test]
fn what_was_taken_up_is_placed_again_when_the_word_that_did_so_is_void() {
    check(8_968_104_926_653_348_338, 55).unwrap();
}

/// A carriage was placed before its key had been named.
#[test]
fn a_carriage_counts_as_soon_as_its_key_speaks() {
    check(7_350_738_954_411_305_758, 17).unwrap();
}

proptest! {
    #![proptest_config(config())]

    /// Rows: 0.2.
    #[test]
    fn any_order_any_batching_and_any_eviction_give_one_state(
        seed in any::<u64>(),
        moves in 5_usize..90,
    ) {
        check(seed, moves)?;
    }
}
