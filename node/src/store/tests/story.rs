//! What a store does when nothing goes wrong.

use std::fs;

use super::*;
use crate::store::{check_journal, compact};

#[test]
fn what_is_staged_is_read_at_once_and_what_is_persisted_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..50]);
    assert!(bench.holds(&RECORD[0]) && bench.holds(&RECORD[49]));
    assert_eq!(bench.disk.stats().journal_bytes, 0);
    assert!(bench.persist());
    assert!(bench.disk.stats().journal_bytes > 0);
    bench.stage(&RECORD[50..60]);
    bench.disk.close();

    let bench = Bench::open(home.path());
    assert!(RECORD[..50].iter().all(|record| bench.holds(record)));
    assert!(!bench.holds(&RECORD[50]), "nobody asked for it to be persisted");
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
    assert!(bench.disk.survey().is_clean());
}

#[test]
fn an_erased_record_leaves_no_byte_and_a_tombstone_that_can_be_lifted() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..30]);
    assert!(bench.persist());
    let gone = &RECORD[9];
    bench.disk.stage_erase(&tombstone(gone)).unwrap();
    assert!(!bench.holds(gone));
    assert!(bench.persist());
    let bytes = fs::read(home.path().join("journal")).unwrap();
    let content = &gone.bytes()[60..];
    assert!(!bytes.windows(content.len()).any(|window| window == content));
    bench.disk.close();

    let mut bench = Bench::open(home.path());
    assert!(!bench.holds(gone) && bench.holds(&RECORD[8]) && bench.holds(&RECORD[10]));
    assert_eq!(bench.tombstones(), BTreeMap::from([(gone.id(), tombstone(gone))]));
    bench.disk.stage_lift(&gone.id());
    bench.disk.stage(gone);
    assert!(bench.holds(gone));
    assert!(bench.persist() && bench.tombstones().is_empty());
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
}

#[test]
fn a_hidden_record_stands_until_it_is_overwritten_and_comes_back_when_it_is_lifted_before() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..30]);
    let due = Timestamp::from_secs(1_900_000_000);
    for record in &RECORD[3..6] {
        bench.disk.stage_hide(&tombstone(record), due).unwrap();
    }
    assert!(bench.persist() && !bench.holds(&RECORD[3]));
    bench.disk.close();
    compact(&Options::new(home.path()), |_| true).unwrap();

    let mut bench = Bench::open(home.path());
    assert_eq!(bench.disk.hidden(&RECORD[3].id()).unwrap().unwrap().0.due, due);
    assert!(!bench.holds(&RECORD[3]) && bench.holds(&RECORD[6]));
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
    bench.disk.stage_lift(&RECORD[3].id());
    assert!(bench.holds(&RECORD[3]));
    bench.disk.stage_erase(&tombstone(&RECORD[4])).unwrap();
    assert!(bench.disk.hidden(&RECORD[4].id()).unwrap().is_none() && bench.persist());
    bench.disk.close();

    let bytes = fs::read(home.path().join("journal")).unwrap();
    let stands = |record: &Record| {
        let content = &record.bytes()[60..];
        bytes.windows(content.len()).any(|window| window == content)
    };
    assert!(stands(&RECORD[3]) && !stands(&RECORD[4]) && stands(&RECORD[5]));
    let bench = Bench::open(home.path());
    assert!(bench.holds(&RECORD[3]) && !bench.holds(&RECORD[4]) && !bench.holds(&RECORD[5]));
    assert_eq!(bench.tombstones(), BTreeMap::from([(RECORD[4].id(), tombstone(&RECORD[4]))]));
}

#[test]
fn what_is_over_is_overwritten_without_a_trace_and_may_come_again() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..30]);
    bench.disk.stage_forget(&RECORD[9].id()).unwrap();
    bench.disk.stage_forget(&RECORD[300].id()).unwrap();
    assert!(bench.persist() && !bench.holds(&RECORD[9]));
    let bytes = fs::read(home.path().join("journal")).unwrap();
    let content = &RECORD[9].bytes()[60..];
    assert!(!bytes.windows(content.len()).any(|window| window == content));
    assert!(bench.tombstones().is_empty());
    bench.stage(&RECORD[9..10]);
    assert!(bench.persist());
    bench.disk.close();
    assert!(Bench::open(home.path()).holds(&RECORD[9]));
}

#[test]
fn a_journal_that_is_mostly_overwritten_is_made_anew_when_it_is_opened() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    let mut large = 0_u64;
    for n in 0..150 {
        let record = sign(n, note(n, 15_000));
        large += record.bytes().len() as u64;
        bench.disk.stage(&record);
        bench.disk.stage_forget(&record.id()).unwrap();
        if n % 30 == 0 {
            assert!(bench.persist());
        }
    }
    bench.stage(&RECORD[..20]);
    bench.disk.stage_hide(&tombstone(&RECORD[3]), Timestamp::NEVER).unwrap();
    bench.disk.stage_erase(&tombstone(&RECORD[4])).unwrap();
    assert!(bench.persist() && bench.disk.stats().journal_bytes > large);
    bench.disk.close();
    for _ in 0..2 {
        let bench = Bench::open(home.path());
        assert!(bench.disk.stats().journal_bytes < large / 10);
        let gone = [3, 4];
        assert!((0..20).all(|n| bench.holds(&RECORD[n]) != gone.contains(&n)));
        assert!(bench.disk.hidden(&RECORD[3].id()).unwrap().is_some());
        assert!(bench.tombstones().contains_key(&RECORD[4].id()));
        assert!(bench.disk.reader().check_index().unwrap().is_clean());
    }
}

#[test]
fn a_replay_brings_everything_in_the_order_of_the_journal() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..20]);
    bench.disk.stage_erase(&tombstone(&RECORD[3])).unwrap();
    bench.disk.stage_erase(&tombstone(&RECORD[300])).unwrap();
    bench.disk.stage_lift(&RECORD[300].id());
    assert!(bench.persist());
    let mut told = vec![];
    let visit = |step: Replay<'_>| {
        told.push(match step {
            Replay::Record(bytes) => format!("record {}", bytes.len()),
            Replay::Tombstone(tombstone) => format!("tombstone {}", tombstone.id.short()),
            Replay::Hidden(hidden) => format!("hidden {}", hidden.id.short()),
            Replay::Lift(id) => format!("lift {}", id.short()),
        });
        ControlFlow::Continue(())
    };
    bench.disk.reader().replay(visit).unwrap();
    let kept = RECORD[..20].iter().filter(|record| record.id() != RECORD[3].id());
    let mut wanted: Vec<_> = kept.map(|r| format!("record {}", r.bytes().len())).collect();
    wanted.push(format!("tombstone {}", RECORD[3].id().short()));
    wanted.push(format!("tombstone {}", RECORD[300].id().short()));
    wanted.push(format!("lift {}", RECORD[300].id().short()));
    assert_eq!(told, wanted);
}

#[test]
fn compacting_drops_what_is_past_and_keeps_the_rest() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..100]);
    bench.disk.stage_erase(&tombstone(&RECORD[5])).unwrap();
    bench.disk.stage_erase(&tombstone(&RECORD[6])).unwrap();
    bench.disk.stage_lift(&RECORD[6].id());
    assert!(bench.persist());
    bench.disk.close();
    let past: Vec<_> = RECORD[50..100].iter().map(Record::id).collect();
    let options = Options::new(home.path());
    let done = compact(&options, |id| !past.contains(id)).unwrap();
    assert_eq!((done.kept, done.dropped), (48, 50));
    assert!(done.bytes_after < done.bytes_before);

    assert!(check_journal(&options, true).unwrap().is_clean());
    let bench = Bench::open(home.path());
    for (n, record) in RECORD[..100].iter().enumerate() {
        assert_eq!(bench.holds(record), n < 50 && n != 5 && n != 6);
    }
    assert!(bench.tombstones().keys().eq([&RECORD[5].id()]));
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
}

#[test]
fn an_index_that_leads_astray_is_rebuilt_and_answers_right() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..40]);
    assert!(bench.persist());
    let catalog = &bench.disk.shared.catalog;
    let astray = catalog.get(&RECORD[1].id()).unwrap();
    catalog.write().put(RECORD[2].id(), astray);
    assert!(bench.holds(&RECORD[2]));
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
    assert_ne!(catalog.get(&RECORD[2].id()).unwrap(), astray);
}

#[test]
fn the_index_is_kept_over_an_orderly_stop_and_not_trusted_after_any_other() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..40]);
    assert!(bench.persist());
    bench.disk.close();
    let seal = home.path().join("index.seal");
    assert!(seal.exists());

    let bench = Bench::open(home.path());
    assert!(!seal.exists(), "while it is open it is not closed");
    assert_eq!(bench.disk.stats().waiting_entries, 0, "nothing had to be indexed again");
    bench.disk.close();
    assert!(seal.exists());

    // A journal that was put back from elsewhere.
    fs::write(home.path().join("journal"), []).unwrap();
    let bench = Bench::open(home.path());
    assert!(!bench.holds(&RECORD[0]));
    assert_eq!(bench.disk.reader().check_index().unwrap().stray, 0);
}

#[test]
fn a_closed_store_says_that_it_is_closed() {
    let home = tempfile::tempdir().unwrap();
    let bench = Bench::open(home.path());
    let reader = bench.disk.reader();
    bench.disk.close();
    assert!(reader.bytes(&RECORD[0].id()).is_err());
}
