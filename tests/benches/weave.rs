//! What it costs to see the weave of five thousand networks and fifty thousand ties: in as many
//! clusters as the world has regions, and in so many that nearly every pair of them has a tie.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use weft_protocol::body::tie::TieKind;
use weft_protocol::id::NetId;
use weft_protocol::weave::{Edge, Pattern, Weave, Wish, spanning_tree};

/// Networks of the bench.
const NETWORKS: u64 = 5_000;

/// Ties of the bench.
const TIES: usize = 50_000;

/// Of a hundred ties, how many stay in their cluster; the others go anywhere.
const AT_HOME: u64 = 90;

fn net(n: u64) -> NetId {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&n.to_be_bytes());
    NetId(id)
}

fn pattern(clusters: u64) -> Pattern {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut edges = BTreeSet::new();
    while edges.len() < TIES {
        let a = rng.next_u64() % NETWORKS;
        let near = a % clusters + clusters * (rng.next_u64() % (NETWORKS / clusters));
        let far = rng.next_u64() % NETWORKS;
        let b = if rng.next_u64() % 100 < AT_HOME { near } else { far };
        if a != b {
            edges.insert(Edge { a: net(a.min(b)), b: net(a.max(b)), kind: TieKind::Agreement });
        }
    }
    Pattern {
        networks: (0..NETWORKS).map(net).collect(),
        edges,
        clusters: (0..NETWORKS).map(|n| (net(n), format!("{:03}", n % clusters))).collect(),
        classes: (0..NETWORKS / 10).map(|n| (net(n), net(n / 2))).collect(),
    }
}

fn weave(c: &mut Criterion) {
    let mut group = c.benchmark_group("weave");
    group.sample_size(10);
    for clusters in [22, 500] {
        let pattern = pattern(clusters);
        group.bench_function(format!("graph, {clusters} clusters"), |b| {
            b.iter(|| Weave::new(black_box(&pattern)));
        });
        let weave = Weave::new(&pattern);
        group.bench_function(format!("bridges and tree, {clusters} clusters"), |b| {
            b.iter(|| spanning_tree(&weave.bridges()).len());
        });
        let endorsers: BTreeSet<NetId> = (1..50).map(|n| net(n * 97)).collect();
        group.bench_function(format!("reach and whom to ask, {clusters} clusters"), |b| {
            b.iter(|| (weave.reach(net(0), &endorsers), weave.ask_next(net(0), &endorsers, 2, 5)));
        });
        let (scores, parted) = (BTreeMap::new(), BTreeSet::new());
        let wish = Wish { ends: ["000", "001"], k: 3, scores: &scores, parted: &parted };
        group.bench_function(format!("suggestions, {clusters} clusters"), |b| {
            b.iter(|| weave.suggest(&wish, 5));
        });
    }
    group.finish();
}

criterion_group!(benches, weave);
criterion_main!(benches);
