//! Nodes of one local network.

use std::time::Instant;

use weft_tests::cluster::Cluster;
use weft_tests::lab::{Lab, Stack};

use crate::cluster_world::{SOON, measured, meet, peers, untested};

#[test]
fn nodes_of_one_local_network_find_each_other_and_nobody_tells_them() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["alice", "bob"].map(|name| lab.host(name, Stack::Dual));
    let mut cluster = Cluster::default();
    for host in &hosts {
        let sandbox = host.sandbox();
        sandbox.init("gb-bristol");
        cluster.add_up(sandbox, &[]);
    }
    cluster.eventually("they should meet", SOON, || (0..2).all(|n| peers(&cluster[n]) == 1));
}

/// Over TCP alone: QUIC asks for signs of life by itself. The kernel goes on trying for a quarter of an
/// hour, and nobody else says that the other has gone. Two pings in a row must be lost: one is sent every
/// fifteen seconds and waits for twenty. Who compares meanwhile is told that nobody answers (row F3).
#[test]
fn a_connection_over_which_nothing_comes_back_is_closed_when_two_pings_are_lost() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["alice", "bob"].map(|name| lab.host(name, Stack::V4));
    let mut cluster = Cluster::default();
    for host in &hosts {
        let sandbox = host.sandbox();
        sandbox.init("gb-bristol");
        cluster.add_up(sandbox, &["--no-mdns", "--listen", "/ip4/0.0.0.0/tcp/8471"]);
    }
    let (host, node) = (&hosts[1].addresses()[0], &cluster[1].ready().node);
    let address = format!("/ip4/{host}/tcp/8471/p2p/{node}");
    let connects = || cluster[0].weft(["peers", "connect", &address]).run().status.success();
    cluster.eventually("they should meet", SOON, connects);
    for n in 0..2 {
        meet(&cluster, n, 1);
    }
    lab.cut(&hosts[1]);
    let asked = Instant::now();
    let synced = cluster[0].weft(["sync", "now"]).run();
    assert!(synced.fails_with(1).stdout.contains("heard nothing more"), "{synced}");
    let took = asked.elapsed();
    measured(format_args!("a comparison over a dead link ends after {took:.1?}"));
    assert!(took < SOON, "it ends by itself: {took:?}");
    cluster.eventually("both should notice that nothing comes back", SOON * 3, || {
        (0..2).all(|n| peers(&cluster[n]) == 0)
    });
    lab.mend(&hosts[1]);
    // Of itself it tries again later and later.
    cluster.eventually("they should meet again", SOON, connects);
}
