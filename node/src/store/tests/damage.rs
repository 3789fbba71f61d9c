//! The damage corpus: copies of a store in which something was truncated, zeroed, flipped,
//! swapped or emptied. No panic, no wrong value, and everything undamaged is served.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use super::*;
use crate::store::Hiding;
use crate::store::frame::record_id;
use crate::store::item::{Span, hiding_item, lift_item};

/// Trials per kind of damage.
const TRIALS: u64 = 20;

/// The kinds of damage.
const KINDS: [&str; 5] = ["truncate", "zero", "flip", "swap", "empty"];

/// A store of all records, where each of them stands, and a generator of places.
struct Corpus {
    home: tempfile::TempDir,
    spans: Vec<Range<usize>>,
    seed: u64,
}

impl Corpus {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut bench = Bench::open(home.path());
        bench.stage(&RECORD);
        assert!(bench.persist());
        bench.disk.close();
        let mut begin = 0;
        let span = |record: &Record| {
            let span = begin..begin + record.bytes().len() + 13;
            begin = span.end;
            span
        };
        let spans = RECORD.iter().map(span).collect();
        Self { home, spans, seed: 0x5EED_1E55 }
    }

    fn random(&mut self, below: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.seed >> 33).unwrap() % below.max(1)
    }

    /// Returns a copy of the store.
    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for file in files(self.home.path()) {
            let to = copy.path().join(file.strip_prefix(self.home.path()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&file, to).unwrap();
        }
        copy
    }

    /// Damages a file and returns the parts of it that are not as they were.
    fn damage(&mut self, file: &Path, kind: &str) -> [Range<usize>; 2] {
        let mut bytes = fs::read(file).unwrap();
        let len = bytes.len();
        if len == 0 {
            return [0..0, 0..0];
        }
        let touched = match kind {
            "truncate" => {
                let at = len - 1 - self.random(4096.min(len));
                bytes.truncate(at);
                [at..len, 0..0]
            }
            "zero" => {
                let at = self.random(len.div_ceil(512)) * 512;
                let end = (at + 512).min(len);
                bytes[at..end].fill(0);
                [at..end, 0..0]
            }
            "flip" => {
                let at = self.random(len);
                bytes[at] ^= 1 << self.random(8);
                [at..at + 1, 0..0]
            }
            "swap" if len >= 8192 => {
                let (a, b) = (self.random(len / 4096), self.random(len / 4096));
                if a != b {
                    let (low, high) = bytes.split_at_mut(a.max(b) * 4096);
                    let low = &mut low[a.min(b) * 4096..][..4096];
                    low.swap_with_slice(&mut high[..4096]);
                }
                [a, b].map(|at| at * 4096..at * 4096 + 4096)
            }
            _ => {
                bytes.clear();
                [0..len, 0..0]
            }
        };
        fs::write(file, bytes).unwrap();
        touched
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Opens a damaged copy and checks that exactly what is undamaged is served, by every way.
fn check(home: &Path, corpus: &Corpus, touched: &[Range<usize>], place: &str) {
    let bench = Bench::open(home);
    let mut all = vec![];
    let visit = |step: Replay<'_>| {
        if let Replay::Record(bytes) = step {
            all.extend(record_id(bytes));
        }
        ControlFlow::Continue(())
    };
    bench.disk.reader().replay(visit).unwrap();
    for (record, span) in RECORD.iter().zip(&corpus.spans) {
        let hit = touched.iter().any(|t| t.start < span.end && span.start < t.end && !t.is_empty());
        let held = bench.holds(record);
        assert!(held || hit, "{record:?} was not touched and is lost: {place}");
        assert_eq!(all.contains(&record.id()), held, "{record:?}: {place}");
    }
    assert!(bench.disk.reader().check_index().unwrap().is_clean(), "{place}");
    bench.disk.close();
    let again = Bench::open(home);
    assert!(again.disk.survey().is_clean(), "mended once, it stays so: {place}");
    assert_eq!(again.disk.stats().waiting_entries, 0, "the index is whole again: {place}");
}

#[test]
fn a_journal_that_says_what_is_not_so_of_a_hidden_record_loses_that_record_alone() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..5]);
    assert!(bench.persist());
    bench.disk.close();
    // A hiding that leads to the place of another record, and a lift of it; and one that leads nowhere.
    let mut journal = fs::read(home.path().join("journal")).unwrap();
    for (record, position) in [(&RECORD[3], 0), (&RECORD[4], 1 << 40)] {
        let span = Span { position, len: u32::try_from(RECORD[0].bytes().len()).unwrap() };
        let tombstone = tombstone(record);
        journal.extend(hiding_item(&Hiding { tombstone, due: Timestamp::NEVER, span }));
        journal.extend(lift_item(&record.id()));
    }
    fs::write(home.path().join("journal"), journal).unwrap();
    let bench = Bench::open(home.path());
    assert!((0..3).all(|n| bench.holds(&RECORD[n])));
    assert!(!bench.holds(&RECORD[3]) && !bench.holds(&RECORD[4]));
}

#[test]
fn a_damaged_journal_serves_everything_that_is_undamaged() {
    let mut corpus = Corpus::new();
    for kind in KINDS {
        for trial in 0..TRIALS {
            let copy = corpus.copy();
            let touched = corpus.damage(&copy.path().join("journal"), kind);
            check(copy.path(), &corpus, &touched, &format!("journal {kind} {trial}"));
        }
    }
}

#[test]
fn a_damaged_index_is_rebuilt_and_nothing_is_lost() {
    let mut corpus = Corpus::new();
    for kind in KINDS {
        for trial in 0..TRIALS {
            let copy = corpus.copy();
            let all = files(&copy.path().join("index"));
            let file = &all[corpus.random(all.len())];
            corpus.damage(file, kind);
            check(copy.path(), &corpus, &[], &format!("{} {kind} {trial}", file.display()));
        }
    }
    let copy = corpus.copy();
    fs::remove_dir_all(copy.path().join("index")).unwrap();
    check(copy.path(), &corpus, &[], "no index");
}

#[test]
fn a_record_damaged_while_the_store_is_open_counts_as_missing_and_comes_again() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(home.path());
    bench.stage(&RECORD[..10]);
    assert!(bench.persist());
    let journal = home.path().join("journal");
    let mut bytes = fs::read(&journal).unwrap();
    bytes[100] ^= 0x10;
    fs::write(&journal, bytes).unwrap();
    assert!(!bench.holds(&RECORD[0]));
    let told = bench.events.recv().unwrap();
    let prefix = RECORD[0].id().0[..8].try_into().unwrap();
    assert!(matches!(told, Event::Damaged(damage) if damage.prefix == Some(prefix)));
    bench.disk.stage(&RECORD[0]);
    assert!(bench.persist() && bench.holds(&RECORD[0]));
}

#[test]
fn a_record_inside_a_damaged_record_is_believed_only_if_it_is_signed() {
    let home = tempfile::tempdir().unwrap();
    // Inside the payload of an honest record: a forged record, a signed one, and a tombstone.
    let mut forged = RECORD[11].bytes().to_vec();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let id = RECORD[11].id();
    let mut inner = crate::store::item::record_item(&forged, &id);
    inner.extend(crate::store::item::tombstone_item(&tombstone(&RECORD[2])));
    inner.extend(crate::store::item::record_item(RECORD[12].bytes(), &RECORD[12].id()));
    let mut body = vec![0xA1, 0x61, b'n', 0x59];
    body.extend(u16::try_from(inner.len()).unwrap().to_be_bytes());
    body.extend(&inner);
    let outer = sign(1, Body::Opaque(Kind::named("note").unwrap(), body));

    let mut bench = Bench::open(home.path());
    bench.stage(&[outer.clone(), RECORD[1].clone(), RECORD[2].clone()]);
    assert!(bench.persist());
    bench.disk.close();
    let journal = home.path().join("journal");
    let mut bytes = fs::read(&journal).unwrap();
    bytes[2] ^= 1;
    fs::write(&journal, bytes).unwrap();

    for _ in 0..2 {
        let bench = Bench::open(home.path());
        assert!(!bench.holds(&outer) && !bench.holds(&RECORD[11]));
        assert!(bench.holds(&RECORD[12]), "signed is signed, wherever it was found");
        assert!(bench.holds(&RECORD[1]) && bench.holds(&RECORD[2]));
        assert!(bench.tombstones().is_empty());
    }
}
