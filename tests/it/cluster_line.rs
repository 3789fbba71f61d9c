//! Five nodes in a line: what is said at one end is heard at the other.
//!
//! What it takes is printed here, and held to its aim by the benches.

use std::time::{Duration, Instant};

use weft_tests::cluster::Cluster;
use weft_tests::world::World;

use crate::bridge_story::{calls, found, lists};
use crate::cluster_world::{SOON, an_hour_ago, measured, peers, post};

/// The length of the line that the aim for latency speaks of.
const NODES: usize = 5;

#[test]
fn a_call_posted_at_one_end_is_watched_at_the_other() {
    let cluster = Cluster::start("us-wa", NODES);
    cluster.connect_in_a_line();
    cluster.eventually("every node should meet its neighbours", SOON, || {
        (0..NODES).all(|n| {
            let neighbours = if n == 0 || n == NODES - 1 { 1 } else { 2 };
            peers(&cluster[n]) == neighbours
        })
    });
    let world = World::new(21).at(an_hour_ago());
    let alice = world.network("alice");
    let mut watch = cluster[NODES - 1].watch();
    watch.until(SOON, |event| event["event"] == "watching");
    post(&cluster[0], std::slice::from_ref(&alice.inception));
    watch.until(SOON, |event| event["id"] == alice.inception.id().to_string());

    let mut latencies: Vec<Duration> = (0..20)
        .map(|n| {
            let call = alice.call(&format!("beds {n}")).ask(20).sign();
            post(&cluster[0], std::slice::from_ref(&call));
            let acknowledged = Instant::now();
            watch.until(SOON, |event| event["id"] == call.id().to_string());
            acknowledged.elapsed()
        })
        .collect();
    latencies.sort();
    measured(format_args!(
        "five nodes in a line: median {:?}, worst {:?}",
        latencies[10], latencies[19]
    ));
}

/// Rows: 0.1.
#[test]
fn any_node_may_go_and_the_others_go_on() {
    let mut cluster = Cluster::start("gb-bristol", 3);
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        cluster.connect(from, to);
    }
    for n in 0..3 {
        found(&cluster[n], &format!("Network {n}"));
    }
    for gone in 0..3 {
        let (one, other) = ((gone + 1) % 3, (gone + 2) % 3);
        cluster[gone].kill();
        let title = format!("Without {gone}");
        calls(&cluster[one], &title, "region");
        cluster.eventually("the others should go on", SOON, || lists(&cluster[other], &title));
        cluster[gone].start();
        cluster.connect(gone, one);
        cluster.connect(gone, other);
        cluster.eventually("who was gone should catch up", SOON, || lists(&cluster[gone], &title));
    }
}
