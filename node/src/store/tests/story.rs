//! What a store does when nothing goes wrong.

use std::fs;
use std::ops::ControlFlow;

use super::*;
use crate::store::key::{Key, Value};
use crate::store::{Replay, Subject, check_journal, compact};

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
fn records_are_found_by_network_target_region_kind_and_prefix() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD);
    for round in 0..2 {
        let reader = bench.disk.reader();
        let find = |subject, kind: Option<&Kind>| {
            let mut found = vec![];
            let visit = |record: Record| {
                found.push(record.id());
                ControlFlow::Continue(())
            };
            reader.find(subject, kind, visit).unwrap();
            found.sort_unstable();
            found
        };
        let wanted = |which: &dyn Fn(&Record) -> bool| {
            let mut ids: Vec<_> = RECORD.iter().filter(|r| which(r)).map(Record::id).collect();
            ids.sort_unstable();
            ids
        };
        let net = NetId([3; 32]);
        assert_eq!(find(Subject::Net(net), None), wanted(&|r| r.net() == net));
        let response = |r: &Record| r.header().kind == Kind::Response;
        let kind = Some(&Kind::Response);
        assert_eq!(find(Subject::All, kind), wanted(&response));
        assert_eq!(find(Subject::Net(net), kind), wanted(&|r| r.net() == net && response(r)));
        let region = "us-wa".parse().unwrap();
        let at_home = |r: &Record| r.header().home.as_ref().unwrap().region == region;
        assert_eq!(find(Subject::Region(&region), None), wanted(&at_home));
        let to = RECORD[100].thing();
        let about = |r: &Record| matches!(r.body(), Body::Response(r) if r.to.thing == to);
        assert_eq!(find(Subject::Target(to), None), wanted(&about));
        let id = RECORD[7].id();
        let prefix = id.to_string()[..8].parse().unwrap();
        assert_eq!(reader.ids(&prefix, 5).unwrap(), [id]);
        if round == 0 {
            // Once from memory, once from sled.
            assert!(bench.persist());
            bench.disk.close();
            bench = Bench::open(home.path());
        }
    }
}

#[test]
fn records_of_one_kind_come_oldest_first() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[200..]);
    bench.stage(&RECORD[..200]);
    let mut times = vec![];
    let visit = |record: Record| {
        times.push(record.header().at);
        if times.len() < 20 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    bench.disk.reader().find(Subject::All, Some(&Kind::Response), visit).unwrap();
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
    assert_eq!(times[0], RECORD[2].header().at);
}

#[test]
fn an_erased_record_leaves_no_byte_and_a_tombstone_that_can_be_lifted() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..30]);
    assert!(bench.persist());
    let gone = &RECORD[9];
    bench.disk.stage_erase(&tombstone(gone)).unwrap();
    assert!(!bench.holds(gone) && bench.erased(&gone.id()));
    assert!(bench.persist());
    let bytes = fs::read(home.path().join("journal")).unwrap();
    let content = &gone.bytes()[60..];
    assert!(!bytes.windows(content.len()).any(|window| window == content));
    bench.disk.close();

    let mut bench = Bench::open(home.path());
    assert!(!bench.holds(gone) && bench.holds(&RECORD[8]) && bench.holds(&RECORD[10]));
    assert_eq!(bench.disk.reader().tombstone(&gone.id()).unwrap(), Some(tombstone(gone)));
    bench.disk.stage_lift(&gone.id());
    bench.disk.stage(gone);
    assert!(bench.holds(gone) && !bench.erased(&gone.id()));
    assert!(bench.persist());
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
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
            Replay::Record(_, bytes) => format!("record {}", bytes.len()),
            Replay::Tombstone(tombstone) => format!("tombstone {}", tombstone.id.short()),
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
    assert!(bench.erased(&RECORD[5].id()) && !bench.erased(&RECORD[6].id()));
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
}

#[test]
fn an_index_that_leads_astray_is_rebuilt_and_answers_right() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..40]);
    assert!(bench.persist());
    let catalog = &bench.disk.shared.catalog;
    let astray = catalog.get(&Key::id(&RECORD[1].id().0)).unwrap().unwrap();
    catalog.write().put([(Key::id(&RECORD[2].id().0), astray)].into_iter());
    assert!(bench.holds(&RECORD[2]));
    assert!(bench.disk.reader().check_index().unwrap().is_clean());
    assert_ne!(catalog.get(&Key::id(&RECORD[2].id().0)).unwrap(), Some(Value(astray.0)));
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
    assert!(reader.record(&RECORD[0].id()).is_err());
}
