//! Taking records in through the door.

use std::time::{Duration, Instant};

use weft_tests::cluster::Cluster;

use crate::row::{Row, each, ms, percentile, rate};
use crate::stage::{self, REGION, Stage};

/// How many calls are posted one by one: enough for a median and for a look at the tail.
const POSTS: usize = 500;

/// Fills a fresh node, and waits for its index.
pub(crate) fn ingest(stage: &Stage) -> Vec<Row> {
    let records = stage.records();
    let floor = rate(records.len(), stage.limits().floor);
    let cluster = Cluster::start(REGION, 1);
    let (began, before) = (Instant::now(), stage::cpu(&cluster[0]));
    let took = stage::fill(&cluster[0], records);
    let cpu = stage::cpu(&cluster[0]) - before;
    stage::indexed(&cluster[0]);
    let indexed = began.elapsed();
    let row = |what: &str, part: f64, took: Duration, cpu: String| {
        let rate = rate(records.len(), took);
        Row::new(what, format!(">= {:.0} % of floor", part * 1e2))
            .is(format!("{:.1} k/s, {:.0} %", rate / 1e3, rate / floor * 1e2), rate >= floor * part)
            .beside(format!("floor {:.1} k/s{cpu}", floor / 1e3))
    };
    vec![
        row("acknowledged", 0.6, took, format!(", {} in the node", each(cpu, records.len()))),
        row("index caught up", 0.4, indexed, String::new()),
    ]
}

/// Posts calls one by one, each when the one before was acknowledged.
pub(crate) fn post(stage: &Stage) -> Vec<Row> {
    let cluster = Cluster::start(REGION, 1);
    let author = stage.world.network("one by one");
    let mut door = cluster[0].door();
    stage::post(&mut door, std::slice::from_ref(&author.inception));
    let before = stage::cpu(&cluster[0]);
    let mut times: Vec<Duration> = (0..POSTS)
        .map(|n| {
            let call = author.call(&format!("alone {n}")).sign();
            let began = Instant::now();
            stage::post(&mut door, &[call]);
            began.elapsed()
        })
        .collect();
    let cpu = stage::cpu(&cluster[0]) - before;
    let median = percentile(&mut times, 0.5);
    let sync = stage.limits().sync;
    let beside = format!(
        "p99 {}, one append and sync {} ({:.1} x), {}",
        ms(percentile(&mut times, 0.99)),
        ms(sync),
        median.as_secs_f64() / sync.as_secs_f64(),
        each(cpu, POSTS)
    );
    let row = Row::new("one call, durable, acknowledged: p50", "< 0.5 ms");
    vec![row.is(ms(median), median < Duration::from_micros(500)).beside(beside)]
}
