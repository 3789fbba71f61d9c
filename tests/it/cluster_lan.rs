//! Nodes of one local network.

use std::time::Instant;

use serde_json::Value;
use weft_tests::cluster::Cluster;
use weft_tests::lab::{Host, Lab, Stack};

use crate::bridge_story::found;
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
/// hour, and nobody else says that the other has gone. Who is quiet for some five seconds is asked, and has
/// five more to answer. Who compares meanwhile is told that nobody answers (row F3).
#[test]
fn a_connection_over_which_nothing_comes_back_is_closed_when_a_question_is_lost() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["alice", "bob"].map(|name| lab.host(name, Stack::V4));
    let cluster = connected(&hosts);
    lab.cut(&hosts[1]);
    let asked = Instant::now();
    let synced = cluster[0].weft(["sync", "now"]).run();
    let synced = synced.fails_with(1);
    let node = &cluster[1].ready().node;
    let named = format!("No answer from: {node}");
    assert!(synced.stdout.contains("no answer") && synced.stderr.contains(&named), "{synced}");
    assert!(!synced.stdout.contains("heard nothing"), "{synced}");
    let took = asked.elapsed();
    measured(format_args!("a comparison over a dead link ends after {took:.1?}"));
    assert!(took < SOON, "it ends by itself: {took:?}");
    cluster.eventually("both should notice that nothing comes back", SOON * 3, || {
        (0..2).all(|n| peers(&cluster[n]) == 0)
    });
    lab.mend(&hosts[1]);
    // Of itself it tries again later and later.
    cluster.eventually("they should meet again", SOON, || connects(&cluster, &hosts[1]));
}

/// Says whether the first node connects with the second, which is on this host.
fn connects(cluster: &Cluster, other: &Host) -> bool {
    let (host, node) = (&other.addresses()[0], &cluster[1].ready().node);
    let address = format!("/ip4/{host}/tcp/8471/p2p/{node}");
    cluster[0].weft(["peers", "connect", &address]).run().status.success()
}

/// A node on each of two hosts, connected over TCP alone.
fn connected(hosts: &[Host; 2]) -> Cluster {
    let mut cluster = Cluster::default();
    for host in hosts {
        let sandbox = host.sandbox();
        sandbox.init("gb-bristol");
        cluster.add_up(sandbox, &["--no-mdns", "--listen", "/ip4/0.0.0.0/tcp/8471"]);
    }
    cluster.eventually("they should meet", SOON, || connects(&cluster, &hosts[1]));
    for n in 0..2 {
        meet(&cluster, n, 1);
    }
    cluster
}

/// Posts a call, and returns what the terminal says of it under `--json`.
fn calls(cluster: &Cluster, title: &str) -> Value {
    let call = ["call", "new", "--title", title, "--ask", "beds:5", "--reach", "region", "--json"];
    cluster[0].weft(call).run().json()
}

/// A post over a line that is dead, and of which nobody knows that yet, claims nothing; the same over a
/// line that stands is told who has it.
#[test]
fn nobody_is_said_to_have_what_went_into_a_dead_line() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["alice", "bob"].map(|name| lab.host(name, Stack::V4));
    let cluster = connected(&hosts);
    found(&cluster[0], "Shelter");
    cluster.eventually("the other should say that it has it", SOON, || {
        let said = calls(&cluster, "Beds");
        said["peers"] == 1 && said["held"] == 1
    });
    lab.cut(&hosts[1]);
    let asked = Instant::now();
    let lost = calls(&cluster, "Soup");
    let took = asked.elapsed();
    assert_eq!(
        (&lost["peers"], &lost["held"], &lost["fate"]),
        (&1.into(), &0.into(), &"stored".into()),
        "{lost}"
    );
    measured(format_args!("a call over a dead line is posted within {took:.1?}"));
    let words = ["call", "new", "--title", "Bread", "--ask", "bread:5", "--reach", "region"];
    let run = cluster[0].weft(words).run();
    let said = run.success();
    assert!(!said.stdout.contains("has it") && said.stderr.contains("has not said yet"), "{said}");
    cluster[0].weft(words.into_iter().chain(["--require-peer"])).run().fails_with(5);
    let id = lost["id"].as_str().expect("an id");
    let show = || cluster[0].weft(["record", "show", id, "--json"]).run().json()["held"].clone();
    assert_eq!(show()["has"], 0, "nor later, while the line is dead");
    lab.mend(&hosts[1]);
    cluster
        .eventually("who has it is told when it is asked again", SOON * 3, || show()["has"] == 1);
}
