//! Any sequence of operations against a model of a store: four sets.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::store::{Hiding, compact};

/// When what is hidden is to be overwritten.
const DUE: Timestamp = Timestamp::from_secs(1_800_300_000);

#[derive(Debug, Clone)]
enum Step {
    Stage(usize),
    Erase(usize),
    Hide(usize),
    Forget(usize),
    Lift(usize),
    Persist,
    Reopen,
    /// The process is killed: what is on the disk now is all there is.
    Kill,
    Compact(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..40_usize;
    prop_oneof![
        8 => which.clone().prop_map(Step::Stage),
        2 => which.clone().prop_map(Step::Erase),
        2 => which.clone().prop_map(Step::Hide),
        1 => which.clone().prop_map(Step::Forget),
        2 => which.clone().prop_map(Step::Lift),
        3 => Just(Step::Persist),
        1 => Just(Step::Reopen),
        1 => Just(Step::Kill),
        1 => which.prop_map(Step::Compact),
    ]
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    here: BTreeSet<usize>,
    erased: BTreeSet<usize>,
    hidden: BTreeSet<usize>,
}

struct World {
    home: tempfile::TempDir,
    bench: Option<Bench>,
    now: Model,
    durable: Model,
}

impl World {
    fn bench(&mut self) -> &mut Bench {
        self.bench.as_mut().unwrap()
    }

    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Stage(n) if !self.now.here.contains(&n) && !self.now.erased.contains(&n) => {
                self.bench().stage(&RECORD[n..=n]);
                self.now.hidden.remove(&n);
                self.now.here.insert(n);
            }
            Step::Stage(_) => {}
            Step::Erase(n) => {
                self.bench().disk.stage_erase(&tombstone(&RECORD[n])).unwrap();
                self.now.here.remove(&n);
                self.now.hidden.remove(&n);
                self.now.erased.insert(n);
            }
            Step::Hide(n) => {
                self.bench().disk.stage_hide(&tombstone(&RECORD[n]), DUE).unwrap();
                if self.now.here.remove(&n) {
                    self.now.hidden.insert(n);
                }
            }
            Step::Forget(n) => {
                self.bench().disk.stage_forget(&RECORD[n].id()).unwrap();
                self.now.here.remove(&n);
            }
            Step::Lift(n) => {
                self.bench().disk.stage_lift(&RECORD[n].id());
                self.now.erased.remove(&n);
                if self.now.hidden.remove(&n) {
                    self.now.here.insert(n);
                }
            }
            Step::Persist => {
                assert!(self.bench().persist());
                self.durable = self.now.clone();
            }
            Step::Reopen => self.reopen(|_| {}),
            Step::Kill => self.kill(),
            Step::Compact(past) => {
                let kept = |n: &usize| *n != past;
                self.reopen(|home| {
                    compact(&Options::new(home), |id| *id != RECORD[past].id()).unwrap();
                });
                self.now.here.retain(kept);
                self.now.erased.retain(kept);
                self.now.hidden.retain(kept);
                self.durable = self.now.clone();
            }
        }
    }

    fn reopen(&mut self, between: impl FnOnce(&Path)) {
        self.bench.take().unwrap().disk.close();
        between(self.home.path());
        self.open();
    }

    fn open(&mut self) {
        let bench = Bench::open(self.home.path());
        assert!(bench.disk.reader().check_index().unwrap().is_clean());
        self.bench = Some(bench);
        self.now = self.durable.clone();
    }

    /// Goes on with a copy that was taken while the store was open.
    fn kill(&mut self) {
        let copy = tempfile::tempdir().unwrap();
        let journal = self.home.path().join("journal");
        std::fs::copy(journal, copy.path().join("journal")).unwrap();
        self.bench = None;
        self.home = copy;
        self.open();
    }

    fn check(&mut self) {
        let (now, durable) = (self.now.clone(), self.durable.clone());
        let bench = self.bench();
        let tombstones = bench.tombstones();
        for (n, record) in RECORD[..40].iter().enumerate() {
            assert_eq!(bench.holds(record), now.here.contains(&n), "record {n}");
            let erased = tombstones.contains_key(&record.id());
            assert_eq!(erased, durable.erased.contains(&n), "tombstone {n}");
            let hidden = bench.disk.hidden(&record.id()).unwrap();
            assert_eq!(hidden.is_some(), now.hidden.contains(&n), "hidden {n}");
            let whole = |(hiding, bytes): (Hiding, Vec<u8>)| {
                hiding.due == DUE && *bytes == **record.bytes()
            };
            assert!(hidden.is_none_or(whole), "what is hidden can come back");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_store_does_what_four_sets_would(steps in prop::collection::vec(step(), 1..40)) {
        let home = tempfile::tempdir().unwrap();
        let bench = Some(Bench::open(home.path()));
        let (now, durable) = (Model::default(), Model::default());
        let mut world = World { home, bench, now, durable };
        for step in &steps {
            world.apply(step);
            world.check();
        }
    }
}
