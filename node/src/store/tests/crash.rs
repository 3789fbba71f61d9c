//! The power fails at every single operation of a story, and of compacting.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bad_disk::BadDisk;
use super::*;
use crate::store::compact;

/// When what is hidden is to be overwritten.
const DUE: Timestamp = Timestamp::from_secs(1_800_300_000);

/// What was acknowledged before the power failed.
#[derive(Debug, Default)]
struct Acknowledged {
    kept: BTreeSet<usize>,
    erased: BTreeSet<usize>,
    hidden: BTreeSet<usize>,
    forgotten: BTreeSet<usize>,
}

fn options(home: &Path, disk: &BadDisk) -> Options {
    Options { dir: home.to_owned(), cache_bytes: 1 << 20, files: Arc::new(disk.clone()) }
}

/// Opens a store unless the power fails meanwhile.
fn open(home: &Path, disk: &BadDisk) -> Option<Bench> {
    let (sender, events) = channel();
    let sender = Mutex::new(sender);
    let events_to = move |event| drop(sender.lock().unwrap().send(event));
    Some(Bench { disk: Disk::open(options(home, disk), events_to).ok()?, events })
}

/// Stages, persists, erases, hides and forgets in batches, until the end or the power failure.
fn story(home: &Path, disk: &BadDisk) -> Acknowledged {
    let mut told = Acknowledged::default();
    let Some(mut bench) = open(home, disk) else { return told };
    for batch in 0..5 {
        let records = batch * 8..batch * 8 + 8;
        let (gone, hidden, over) = (batch * 5, batch * 8 + 1, batch * 8 + 3);
        bench.stage(&RECORD[records.clone()]);
        let mut done = bench.disk.stage_erase(&tombstone(&RECORD[gone])).is_ok();
        done &= bench.disk.stage_hide(&tombstone(&RECORD[hidden]), DUE).is_ok();
        done &= bench.disk.stage_forget(&RECORD[over].id()).is_ok();
        if !done || !bench.persist() {
            // What is half erased was acknowledged as neither.
            told.kept.retain(|n| ![gone, hidden, over].contains(n));
            return told;
        }
        told.kept.extend(records);
        told.kept.retain(|n| ![gone, hidden, over].contains(n));
        told.erased.insert(gone);
        told.hidden.insert(hidden);
        told.forgotten.insert(over);
    }
    told
}

fn check(home: &Path, disk: &BadDisk, told: &Acknowledged, place: &str) {
    let bench = open(home, disk).expect("the store opens");
    for n in &told.kept {
        assert!(bench.holds(&RECORD[*n]), "record {n} is lost after {place}");
    }
    let tombstones = bench.tombstones();
    for n in &told.erased {
        assert!(!bench.holds(&RECORD[*n]), "record {n} is back after {place}");
        assert!(tombstones.contains_key(&RECORD[*n].id()), "tombstone {n} is lost after {place}");
    }
    for n in &told.hidden {
        assert!(!bench.holds(&RECORD[*n]), "record {n} is shown after {place}");
        let hidden = bench.disk.hidden(&RECORD[*n].id()).unwrap();
        assert!(hidden.is_some_and(|(hiding, _)| hiding.due == DUE), "{n} is gone after {place}");
    }
    let check = bench.disk.reader().check_index().unwrap();
    assert!(check.is_clean(), "{check:?} after {place}");
    bench.disk.close();
    let journal = disk.bytes(&home.join("journal"));
    for n in told.erased.union(&told.forgotten) {
        let content = &RECORD[*n].bytes()[60..];
        let there = journal.windows(content.len()).any(|window| window == content);
        assert!(!there, "the bytes of {n} are there after {place}");
    }
    let again = open(home, disk).expect("the store opens again");
    assert!(again.disk.survey().is_clean() && again.disk.survey().torn.is_none(), "{place}");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_fails_at_any_operation() {
    let home = tempfile::tempdir().unwrap();
    let whole = BadDisk::default();
    assert_eq!(story(home.path(), &whole).erased.len(), 5);
    let operations = whole.state().operations;
    for at in 1..=operations {
        let disk = BadDisk::default();
        disk.state().power_fails_at = Some(at);
        let told = story(home.path(), &disk);
        for seed in 0..3 {
            let after = disk.after_power_failure(at * 31 + seed);
            check(home.path(), &after, &told, &format!("operation {at}, seed {seed}"));
        }
    }
}

#[test]
fn compacting_loses_nothing_when_the_power_fails_at_any_operation() {
    let home = tempfile::tempdir().unwrap();
    for at in 1.. {
        let disk = BadDisk::default();
        let mut told = story(home.path(), &disk);
        let before = disk.state().operations;
        disk.state().power_fails_at = Some(before + at);
        let past: BTreeSet<_> = (30..40).map(|n| RECORD[n].id()).collect();
        let done = compact(&options(home.path(), &disk), |id| !past.contains(id));
        told.kept.retain(|n| *n < 30);
        told.hidden.retain(|n| *n < 30);
        for seed in 0..3 {
            let after = disk.after_power_failure(at * 31 + seed);
            check(home.path(), &after, &told, &format!("compacting, operation {at}"));
        }
        if done.is_ok() {
            assert!(at > 4, "every operation was tried");
            break;
        }
    }
}
