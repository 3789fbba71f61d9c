//! A set is a function of what is in it: a fresh ledger that is fed only with one set, and what it
//! then wants, has the same set and judges what is in it alike.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::history::History;
use super::master::{config, offer_again, universe};
use super::world::{DAY, START};
use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::id::{RecordId, ThingId};
use crate::ledger::{Change, Ledger, Outcome, PoolBounds, Step, Waiting};
use crate::record::Record;
use crate::time::Timestamp;

fn check(seed: u64, moves: usize) -> Result<(), TestCaseError> {
    check_history(&History::new(seed, moves))
}

/// Offers what other sets may bring, until nothing new comes of it: what is waited for, and every version
/// of what is answered here.
fn complete(fresh: &mut Ledger, universe: &BTreeMap<RecordId, Record>, now: Timestamp) {
    loop {
        let changes = fresh.take_changes();
        let mut news = changes.iter().any(|change| matches!(change, Change::Admitted(_)));
        let lifted = changes.iter().filter_map(|change| match change {
            Change::Lifted(id) => Some(*id),
            _ => None,
        });
        let here = universe.values().filter(|record| fresh.contains(&record.id()));
        let answered: BTreeSet<ThingId> = here
            .filter_map(|record| match record.body() {
                Body::Response(answer) => Some(answer.to.thing),
                _ => None,
            })
            .collect();
        let answered = universe.values().filter(|record| answered.contains(&record.thing()));
        let answered = answered.map(Record::id);
        let missed = universe.keys().filter_map(|id| match fresh.pool.waits(id) {
            Some(Waiting::Missing(missed)) => Some(missed),
            _ => None,
        });
        let wanted: BTreeSet<RecordId> = lifted.chain(answered).chain(missed).collect();
        for record in wanted.iter().filter_map(|id| universe.get(id)) {
            let known = fresh.knows(&record.id());
            news |= !known && matches!(fresh.insert(record, now), Outcome::New(_));
        }
        if !news {
            return;
        }
    }
}

/// Checks that each set brings all that it rests on.
pub(super) fn check_history(history: &History) -> Result<(), TestCaseError> {
    let universe = universe(&history.records);
    let now = START + DAY * 15;
    let mut full = Ledger::new(PoolBounds::default());
    full.insert_all(&history.records, now);
    offer_again(&mut full, &universe, now);
    for scope in full.scopes() {
        let set = full.set(scope).unwrap().snapshot();
        let keys: Vec<_> = set.keys(0, set.len()).copied().collect();
        let records: Vec<Record> = keys.iter().map(|key| universe[&key.id].clone()).collect();
        let mut fresh = Ledger::new(PoolBounds::default());
        fresh.insert_all(&records, now);
        complete(&mut fresh, &universe, now);
        let set = fresh.set(scope).map(|set| set.snapshot()).unwrap_or_default();
        let got: Vec<_> = set.keys(0, set.len()).copied().collect();
        let describe = |id| (full.summary(id), fresh.summary(id));
        for key in keys.iter().filter(|key| !got.contains(key)) {
            prop_assert!(false, "{scope} lacks {:#?}", describe(&key.id));
        }
        for key in got.iter().filter(|key| !keys.contains(key)) {
            prop_assert!(false, "{scope} has too many {:#?}", describe(&key.id));
        }
        for key in &keys {
            let (theirs, ours) = (full.standing(&key.id), fresh.standing(&key.id));
            let waits = |thing: &ThingId| {
                let mut versions = universe.values().filter(|record| record.thing() == *thing);
                versions.any(|record| matches!(fresh.explain(&record.id())[..], [Step::Waits(_)]))
            };
            let unheard = matches!(
                (&theirs, &ours),
                (_, Some(Standing::Held(Why::TargetMissing { .. })))
                    | (
                        Some(Standing::Void(Why::PowerMissing { .. })),
                        Some(Standing::Void(Why::PowerMissing { .. }))
                    )
            );
            if unheard
                && let Body::Response(answer) = universe[&key.id].body()
                && waits(&answer.to.thing)
            {
                // What it answers was offered, and waits likewise for another network's support: until
                // then nobody knows which power the answer needs.
                continue;
            }
            prop_assert_eq!(theirs, ours, "{} {:#?}", scope, describe(&key.id));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_set_brings_all_that_it_rests_on(seed in any::<u64>(), moves in 5_usize..90) {
        check(seed, moves)?;
    }
}

#[test]
fn a_cited_tie_that_has_ended_at_home_brings_no_answers_there() {
    // A stranger's version of the tie, at home where a carriage cites it.
    check(1_535_595_586_883_997_186, 19).unwrap();
}

#[test]
fn of_an_answer_to_what_waits_another_power_may_be_missed() {
    check(7_008_874_529_353_162_874, 27).unwrap();
}
