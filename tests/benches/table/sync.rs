//! Two nodes that reconcile.

use std::time::{Duration, Instant};

use weft_protocol::control::{Request, Response, WatchFilter};
use weft_protocol::engine::Event;
use weft_protocol::record::Record;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::door::Door;

use crate::row::{Row, each, ms, rate};
use crate::session::{session, sets};
use crate::stage::{self, REGION, Stage};
use crate::wire;

/// How many records differ, half of them on either side.
const DIFFERENT: usize = 100;

/// How often a session in process is repeated; the best is what the code costs.
const SESSIONS: usize = 10;

/// A fresh node meets one that has everything.
pub(crate) fn fresh(stage: &Stage) -> Vec<Row> {
    let records = stage.records();
    let (count, bytes) = (records.len(), stage::bytes(records));
    let mut cluster = Cluster::start(REGION, 1);
    let full = stage.add_filled(&mut cluster);
    let before = [0, full].map(|n| stage::cpu(&cluster[n]));
    let carried = wire::bytes();
    let began = Instant::now();
    cluster.connect(0, full);
    stage::has(&cluster[0], count, bytes);
    let took = began.elapsed();
    let [taking, giving] = [(0, before[0]), (full, before[1])]
        .map(|(n, before)| stage::cpu(&cluster[n]).saturating_sub(before));
    let carried = wire::bytes() - carried;
    let ratio = carried as f64 / bytes as f64;
    let floor = stage.limits().floor;
    let time = Row::new("a fresh node catches up", "< 3 s for 100 000");
    let beside = format!(
        "floor {} ({:.1} x), {} taking, {} giving",
        ms(floor),
        took.as_secs_f64() / floor.as_secs_f64(),
        each(taking, count),
        each(giving, count)
    );
    let limit = Duration::from_secs(3).mul_f64(count as f64 / 1e5);
    let figure = format!("{:.2} s, {:.1} k/s", took.as_secs_f64(), rate(count, took) / 1e3);
    vec![
        time.is(figure, took < limit).beside(beside),
        Row::new("its bytes on the wire", "<= 1.08 x records")
            .is(format!("{ratio:.3} x"), ratio <= 1.08)
            .beside(format!("{carried} bytes for {bytes} of records")),
    ]
}

/// Two nodes that have almost the same meet.
pub(crate) fn differ(stage: &Stage) -> Vec<Row> {
    let mut cluster = Cluster::default();
    let nodes = [stage.add_filled(&mut cluster), stage.add_filled(&mut cluster)];
    let fresh = stage.world.calls(&stage.authors()[..1], stage.records().len() + DIFFERENT);
    let fresh: &[Record] = &fresh[stage.records().len()..];
    let mut watches = nodes.map(|node| {
        let half = &fresh[node * DIFFERENT / 2..][..DIFFERENT / 2];
        stage::post(&mut cluster[node].door(), half);
        watch(&cluster[node])
    });
    let before = nodes.map(|node| stage::cpu(&cluster[node]));
    let carried = wire::bytes();
    cluster.connect(0, 1);
    let rounds = watches.each_mut().map(synced).into_iter().max().unwrap_or(0);
    let cpu: Duration =
        nodes.iter().map(|n| stage::cpu(&cluster[*n]).saturating_sub(before[*n])).sum();
    let carried = wire::bytes() - carried;
    let each = carried as f64 / DIFFERENT as f64;
    let what = |what: &str| format!("{DIFFERENT} different: {what}");
    let beside = "connecting, Noise, identify and moving the records included";
    vec![
        Row::new(what("rounds"), "<= 4").is(rounds.to_string(), rounds <= 4),
        Row::new(what("bytes on the wire each"), "<= 1.2 KB")
            .is(format!("{each:.0} B"), each <= 1200.0)
            .beside(beside),
        Row::new(what("CPU of both sides"), "< 30 ms")
            .is(ms(cpu), cpu < Duration::from_millis(30))
            .beside(beside),
    ]
}

/// Follows everything that happens at a node.
fn watch(node: &Node) -> Door {
    let mut door = node.door();
    let begun = door.ask(&Request::Watch(WatchFilter::default()));
    assert_eq!(begun.expect("a node lets itself be watched"), Response::Fine);
    door
}

/// Waits for the end of a reconciliation, and returns its rounds.
fn synced(watch: &mut Door) -> u64 {
    loop {
        match watch.receive().expect("the node goes on") {
            Some(Response::Event(Event::Synced { rounds, .. })) => return rounds,
            Some(_) => {}
            None => panic!("a watched node should reconcile"),
        }
    }
}

/// Sessions between two large sets in one process.
pub(crate) fn million(_: &Stage) -> Vec<Row> {
    let different = sets(999_950, [50, 50]);
    let equal = sets(1_000_000, [0, 0]);
    let best = |sets: &_| {
        let costs = (0..SESSIONS).map(|_| session(sets));
        costs.min_by_key(|cost| cost.time).expect("there are some sessions")
    };
    let (different, equal) = (best(&different), best(&equal));
    let met = different.stats.rounds <= 3 && different.time < Duration::from_millis(10);
    let nothing =
        equal.stats.rounds == 1 && equal.bytes < 1000 && equal.time < Duration::from_millis(1);
    vec![
        Row::new("1 000 000, 100 different", "<= 3 rounds, < 10 ms")
            .is(format!("{} rounds, {}", different.stats.rounds, ms(different.time)), met),
        Row::new("1 000 000, nothing different", "1, < 1 KB, < 1 ms").is(
            format!("{} round, {} B, {}", equal.stats.rounds, equal.bytes, ms(equal.time)),
            nothing,
        ),
    ]
}
