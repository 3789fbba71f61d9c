//! What it costs to see the perception gap of five thousand networks, and who is an unlikely ally
//! of one.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use weft_protocol::body::values::{Rating, ValueType};
use weft_protocol::id::NetId;
use weft_protocol::values::{Actual, Scores};
use weft_protocol::weave::{Candidate, unlikely_allies};
use weft_protocol::weave::{Pattern, Weave};

/// Networks that have declared; as many have a view of the others.
const NETWORKS: u64 = 5_000;

fn ratings(rng: &mut ChaCha8Rng) -> BTreeMap<ValueType, Rating> {
    let rating = |value| {
        let drawn = i8::try_from(rng.next_u32() % 9).expect("below nine") - 1;
        (value, Rating::try_from(drawn).expect("a rating"))
    };
    ValueType::ALL.map(rating).into()
}

fn declarations(seed: u64) -> Vec<(NetId, BTreeMap<ValueType, Rating>)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let net = |n: u64| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        NetId(id)
    };
    (0..NETWORKS).map(|n| (net(n), ratings(&mut rng))).collect()
}

fn scored(all: &[(NetId, BTreeMap<ValueType, Rating>)]) -> BTreeMap<NetId, Scores> {
    all.iter().filter_map(|(net, ratings)| Some((*net, Scores::new(ratings).ok()?))).collect()
}

fn values(c: &mut Criterion) {
    let (own, views) = (declarations(1), declarations(2));
    let mut group = c.benchmark_group("values");
    group.bench_function("perception gap of 5 000 declarations", |b| {
        b.iter(|| {
            let actual = Actual::new(scored(black_box(&own)));
            black_box(actual.gap(&scored(black_box(&views))))
        });
    });
    let fields = ["labour", "climate-environment", "bridging"];
    let candidate = |((net, scores), n): ((NetId, Scores), usize)| Candidate {
        net,
        name: format!("network {n}"),
        fields: BTreeSet::from([fields[n % fields.len()].parse().expect("a tag")]),
        region: None,
        scores,
    };
    let known: Vec<Candidate> = scored(&own).into_iter().zip(0..).map(candidate).collect();
    let pattern =
        Pattern { networks: known.iter().map(|one| one.net).collect(), ..Pattern::default() };
    let weave = Weave::new(&pattern);
    group.bench_function("unlikely allies among 5 000", |b| {
        b.iter(|| unlikely_allies(black_box(&known[0]), &known, &weave));
    });
    group.finish();
}

criterion_group!(benches, values);
criterion_main!(benches);
