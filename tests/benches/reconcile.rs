//! What it costs two nodes to find out what differs, and to move it: exchanges, bytes on the wire,
//! and the time of both sides together on one core.
//!
//! The table comes first, from one session per row; then Criterion measures the rows that have an
//! aim in time.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod session;

use criterion::Criterion;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use weft_protocol::sync::Set;

use session::{Cost, RECORD_BYTES, draw, session, sets};

/// Prints a row: the first session after the sets were built, snapshots included, and the best of
/// ten.
fn row(name: &str, sets: &[Set; 2]) {
    let Cost { stats, bytes, time } = session(sets);
    let best = (0..10).map(|_| session(sets).time).min().unwrap_or(time);
    let differences = stats.received + stats.sent;
    let records = differences * RECORD_BYTES;
    let each = if differences == 0 { 0.0 } else { bytes as f64 / differences as f64 };
    println!(
        "{name:<34} {:>6} {bytes:>12} {:>12} {each:>8.0} {:>9.2} {:>9.2}",
        stats.rounds,
        bytes - records,
        time.as_secs_f64() * 1e3,
        best.as_secs_f64() * 1e3,
    );
}

fn main() {
    let hundred = sets(99_950, [50, 50]);
    let million = sets(999_950, [50, 50]);
    let equal = sets(1_000_000, [0, 0]);
    println!(
        "{:<34} {:>6} {:>12} {:>12} {:>8} {:>9} {:>9}",
        "both sides, one core", "rounds", "bytes", "overhead", "B/diff", "first ms", "best ms"
    );
    row("100 000, nothing different", &sets(100_000, [0, 0]));
    row("100 000, 1 different", &sets(99_999, [1, 0]));
    row("100 000, 100 different", &hundred);
    row("100 000, 1 000 different", &sets(99_500, [500, 500]));
    row("100 000, half different", &sets(50_000, [50_000, 50_000]));
    row("100 000 into a fresh node", &sets(0, [0, 100_000]));
    row("100 000 into a node with 100", &sets(100, [0, 100_000]));
    row("100 000 out to a fresh node", &sets(0, [100_000, 0]));
    row("1 000 000, nothing different", &equal);
    row("1 000 000, 100 different", &million);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("reconcile");
    group.sample_size(20);
    group.bench_function("100 000, 100 different", |b| b.iter(|| session(&hundred)));
    group.bench_function("1 000 000, 100 different", |b| b.iter(|| session(&million)));
    group.bench_function("1 000 000, nothing different", |b| b.iter(|| session(&equal)));
    group.finish();
    sets_alone(&mut criterion);
    criterion.final_summary();
}

/// Measures what a node does between sessions.
fn sets_alone(criterion: &mut Criterion) {
    let mut keys = draw(&mut ChaCha8Rng::seed_from_u64(2), 1_000_000);
    keys.sort_unstable();
    let mut group = criterion.benchmark_group("set");
    group.sample_size(10);
    group.bench_function("build 1 000 000 in order", |b| {
        b.iter(|| keys.iter().copied().collect::<Set>());
    });
    let mut set: Set = keys.iter().copied().collect();
    let fresh = draw(&mut ChaCha8Rng::seed_from_u64(3), 1000);
    group.bench_function("insert and remove 1 000 of 1 000 000", |b| {
        b.iter(|| {
            let inserted = fresh.iter().filter(|key| set.insert(**key)).count();
            let removed = fresh.iter().filter(|key| set.remove(key)).count();
            (inserted, removed)
        });
    });
    group.bench_function("change and snapshot 1 000 000", |b| {
        b.iter(|| {
            set.insert(fresh[0]);
            let snapshot = set.snapshot();
            set.remove(&fresh[0]);
            snapshot
        });
    });
    group.finish();
}
