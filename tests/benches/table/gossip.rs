//! Nodes that tell each other what is new.

use std::time::{Duration, Instant};

use weft_protocol::record::Record;
use weft_tests::cluster::Cluster;

use crate::row::{Row, ms, percentile};
use crate::stage::{self, REGION, Stage};
use crate::wire;

/// The nodes of the line.
const LINE: usize = 5;

/// The calls that go down the line: enough for a look at the slowest of a hundred.
const CALLS: usize = 300;

/// The time between two of them: without load each goes alone.
const APART: Duration = Duration::from_millis(60);

/// How long a call may take before the table gives up on it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The nodes of the crowd.
const CROWD: usize = 20;

/// How far the nodes are that each of the crowd dials: eight neighbours, and no two of them alike.
const DIALS: [usize; 4] = [1, 3, 7, 9];

/// How long a mesh takes to form: some heartbeats of one second.
const FORMING: Duration = Duration::from_secs(6);

/// For how many seconds the crowd is spoken to at one rate.
const SPOKEN: usize = 8;

/// Calls go down a line of nodes.
pub(crate) fn line(stage: &Stage) -> Vec<Row> {
    let cluster = Cluster::start(REGION, LINE);
    cluster.connect_in_a_line();
    stage::pause(FORMING);
    let author = stage.world.network("at the end of the line");
    let mut door = cluster[0].door();
    let mut watch = cluster[LINE - 1].watch();
    watch.until(PATIENCE, |event| event["event"] == "watching");
    stage::post(&mut door, std::slice::from_ref(&author.inception));
    watch.until(PATIENCE, |event| event["id"] == author.inception.id().to_string());
    let mut times: Vec<Duration> = (0..CALLS)
        .map(|n| {
            let call = author.call(&format!("down the line {n}")).sign();
            let id = call.id().to_string();
            stage::pause(APART);
            stage::post(&mut door, &[call]);
            let acknowledged = Instant::now();
            watch.until(PATIENCE, |event| event["id"] == id);
            acknowledged.elapsed()
        })
        .collect();
    let p99 = percentile(&mut times, 0.99);
    let sync = stage.limits().sync;
    let row = Row::new("from acknowledgement to the last: p99", "< 50 ms");
    vec![row.is(ms(p99), p99 < Duration::from_millis(50)).beside(format!(
        "p50 {}, worst {}; four syncs {}",
        ms(percentile(&mut times, 0.5)),
        ms(percentile(&mut times, 1.0)),
        ms(sync * 4)
    ))]
}

/// A crowd hears calls at several rates.
pub(crate) fn twenty(stage: &Stage) -> Vec<Row> {
    let cluster = Cluster::start(REGION, CROWD);
    for from in 0..CROWD {
        DIALS.iter().for_each(|far| cluster.connect(from, (from + far) % CROWD));
    }
    stage::pause(FORMING);
    let author = stage.world.network("in the crowd");
    stage::post(&mut cluster[0].door(), std::slice::from_ref(&author.inception));
    let mut known = stage::bytes(std::slice::from_ref(&author.inception));
    let mut count = 1;
    (1..CROWD).for_each(|n| stage::has(&cluster[n], count, known));
    let (before, began) = (wire::bytes(), Instant::now());
    stage::pause(FORMING);
    let idle = (wire::bytes() - before) as f64 / began.elapsed().as_secs_f64();
    let spoken = [
        ("20 calls/s", 20, CROWD, 4.5),
        ("200 calls/s at one", 200, 1, 3.0),
        ("200 calls/s at all", 200, CROWD, 3.0),
    ];
    let rows = spoken.map(|(name, rate, speakers, aim)| {
        let calls: Vec<Record> =
            (0..rate * SPOKEN).map(|n| author.call(&format!("{name} {n}")).sign()).collect();
        count += calls.len();
        known += stage::bytes(&calls);
        let before = wire::bytes();
        speak(&cluster, &calls, rate, speakers);
        (0..CROWD).for_each(|n| stage::has(&cluster[n], count, known));
        let carried = wire::bytes() - before;
        let delivered = stage::bytes(&calls) * (CROWD - 1);
        let ratio = carried as f64 / delivered as f64;
        let row = Row::new(format!("twenty nodes, {name}"), format!("<= {aim} x payload"));
        row.is(format!("{ratio:.2} x"), ratio <= aim)
            .beside(format!("bytes for each delivery; idle {:.1} KB/s in all", idle / 1e3))
    });
    rows.into()
}

/// Posts calls at this rate, in turn at so many nodes.
fn speak(cluster: &Cluster, calls: &[Record], rate: usize, speakers: usize) {
    let mut doors: Vec<_> = (0..speakers).map(|n| cluster[n].door()).collect();
    let began = Instant::now();
    for (n, call) in calls.iter().enumerate() {
        let due = began + Duration::from_secs_f64(n as f64 / rate as f64);
        stage::pause(due.saturating_duration_since(Instant::now()));
        stage::post(&mut doors[n % speakers], std::slice::from_ref(call));
    }
}
