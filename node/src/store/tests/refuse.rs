//! A disk that takes nothing.

use std::sync::Arc;

use super::bad_disk::BadDisk;
use super::*;

fn bench(home: &Path, disk: &BadDisk) -> Bench {
    let files = Arc::new(disk.clone());
    Bench::with(Options { dir: home.to_owned(), cache_bytes: 1 << 20, files })
}

fn refuses_and_recovers(fail: fn(&BadDisk, bool)) {
    let home = tempfile::tempdir().unwrap();
    let disk = BadDisk::default();
    let mut bench_ = bench(home.path(), &disk);
    bench_.stage(&RECORD[..10]);
    assert!(bench_.persist());

    fail(&disk, true);
    bench_.stage(&RECORD[10..20]);
    bench_.disk.stage_erase(&tombstone(&RECORD[4])).unwrap();
    assert!(!bench_.persist(), "the refusal is told");
    assert!(bench_.disk.stats().refusing);
    bench_.disk.stage(&RECORD[20]);
    assert!(bench_.holds(&RECORD[9]) && bench_.holds(&RECORD[20]), "reading goes on");

    // Cut off here, the disk has what was acknowledged and nothing else.
    let cut = disk.after_power_failure(1);
    fail(&cut, false);
    let elsewhere = tempfile::tempdir().unwrap();
    let journal = cut.bytes(&home.path().join("journal"));
    std::fs::write(elsewhere.path().join("journal"), journal).unwrap();
    let other = Bench::open(elsewhere.path());
    assert!(RECORD[..10].iter().all(|record| other.holds(record)));

    fail(&disk, false);
    let seq = bench_.disk.seal();
    bench_.disk.writer().persist(seq);
    while !matches!(bench_.events.recv().unwrap(), Event::Persisted(done) if done >= seq) {}
    assert!(!bench_.disk.stats().refusing);
    bench_.disk.stage(&RECORD[21]);
    assert!(bench_.persist());
    bench_.disk.close();

    let bench_ = bench(home.path(), &disk.after_power_failure(2));
    for (n, record) in RECORD[..22].iter().enumerate() {
        assert_eq!(bench_.holds(record), n != 4);
    }
    assert!(bench_.disk.survey().is_clean());
}

#[test]
fn a_full_disk_is_said_in_words_and_taken_up_again_when_there_is_room() {
    refuses_and_recovers(|disk, full| disk.state().full = full);
}

#[test]
fn a_sync_that_fails_is_not_believed_until_everything_was_written_again() {
    refuses_and_recovers(|disk, failing| disk.state().sync_fails = failing);
}
