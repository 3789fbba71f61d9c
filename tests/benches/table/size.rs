//! What a node occupies, and how it begins.

use std::time::{Duration, Instant};

use weft_node::store::{Disk, Options};
use weft_tests::cluster::Cluster;
use weft_tests::lab::{Lab, Stack};

use crate::row::{Row, ms, rate};
use crate::stage::{self, REGION, Stage};

/// How long a node that was left alone has to come to rest.
const REST: Duration = Duration::from_secs(3);

/// How often a start is repeated; the median counts.
const STARTS: usize = 3;

/// Resident memory without and with records, and the disk.
pub(crate) fn memory(stage: &Stage) -> Vec<Row> {
    let records = stage.records();
    let mut cluster = Cluster::start(REGION, 1);
    let full = stage.add_filled(&mut cluster);
    stage::pause(REST);
    let [idle, started] = [0, full].map(|n| stage::resident(&cluster[n]));
    stage::fill(&cluster[0], records);
    stage::indexed(&cluster[0]);
    let busy = stage::resident(&cluster[0]);
    stage::pause(REST);
    let taken = stage::resident(&cluster[0]);
    let disk = stage::size(&cluster[0].sandbox().home().join("store"));
    let bytes = stage::bytes(records);
    let ratio = disk as f64 / bytes as f64;
    let resident = |what: &str, mib: f64, aim: f64| {
        Row::new(format!("resident {what}"), format!("< {aim} MiB"))
            .is(format!("{mib:.1} MiB"), mib < aim)
    };
    vec![
        resident("idle, without records", idle, 25.0),
        resident("after a start with them", started, 100.0),
        resident("after taking them in", taken, 100.0).beside(format!("at its end {busy:.1} MiB")),
        Row::new("disk", "< 2.5 x records")
            .is(format!("{ratio:.2} x"), ratio < 2.5)
            .beside(format!("{disk} bytes for {bytes} of records")),
    ]
}

/// Starts with everything there, and rebuilds of the index.
pub(crate) fn start(stage: &Stage) -> Vec<Row> {
    let records = stage.records();
    let mut cluster = Cluster::default();
    let mut times: Vec<Duration> = Vec::new();
    let mut cpu = Duration::ZERO;
    for _ in 0..STARTS {
        let home = stage.filled_home();
        let began = Instant::now();
        let node = cluster.add_in(home);
        times.push(began.elapsed());
        cpu = stage::cpu(&cluster[node]);
        cluster[node].stop();
    }
    times.sort_unstable();
    let took = times[STARTS / 2];
    let limit = Duration::from_secs(1).mul_f64((records.len() as f64 / 1e5).max(0.1));
    let started = Row::new("start with them, to the line `ready`", "< 1 s for 100 000")
        .is(ms(took), took < limit)
        .beside(format!("{} CPU", ms(cpu)));
    vec![empty(), started, rebuild(stage)]
}

/// Starts in homes as `weft init` makes them, with all that the settings usually listen to, on a machine
/// of its own with both versions of the Internet Protocol.
fn empty() -> Row {
    let row = Row::new("start in an empty home, to `ready`", "< 150 ms");
    let Some(lab) = Lab::new() else {
        return row.beside("not measured: this system makes no networks");
    };
    let mut times: Vec<Duration> = Vec::new();
    for n in 0..STARTS {
        let host = lab.host(&format!("host{n}"), Stack::Dual);
        let home = host.sandbox();
        home.weft(["init", "--region", REGION]).run().success();
        let mut cluster = Cluster::default();
        let began = Instant::now();
        let node = cluster.add_up(home, &[]);
        times.push(began.elapsed());
        cluster[node].stop();
    }
    times.sort_unstable();
    let took = times[STARTS / 2];
    row.is(ms(took), took < Duration::from_millis(150)).beside(format!(
        "{} to {}",
        ms(times[0]),
        ms(times[STARTS - 1])
    ))
}

/// Opens a store whose index is gone, and waits for the new one.
fn rebuild(stage: &Stage) -> Row {
    let home = stage.filled_home();
    let store = home.home().join("store");
    std::fs::remove_file(store.join("index.seal")).expect("the seal of an orderly stop");
    let began = Instant::now();
    let disk = Disk::open(Options::new(&store), |_| {}).expect("the store opens");
    let opened = began.elapsed();
    stage::until("the index should be rebuilt", || disk.stats().waiting_entries == 0);
    let took = began.elapsed();
    disk.close();
    let rate = rate(stage.records().len(), took);
    Row::new("rebuild of the index", ">= 50 000/s")
        .is(format!("{:.0} k/s", rate / 1e3), rate >= 50_000.0)
        .beside(format!("in {}; open after {}", ms(took), ms(opened)))
}
