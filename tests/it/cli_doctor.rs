//! What `weft doctor` says of a node that cannot do its work.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::SOON;

/// The findings at a node, and whether the node is well by the exit code.
fn findings(node: &Node) -> (Vec<String>, bool) {
    let run = node.weft(["doctor", "--json"]).run();
    let found = run.json();
    let name = |finding: &Value| finding["finding"].as_str().map(ToOwned::to_owned);
    let names = found.as_array().into_iter().flatten().filter_map(name).collect();
    (names, run.status.success())
}

#[test]
fn the_doctor_says_that_no_node_runs_and_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.init("gb-bristol");
    let run = sandbox.weft(["doctor"]).run();
    assert!(run.fails_with(1).stdout.contains("weft up"), "{run}");
    let spanish = sandbox.weft(["--lang", "es", "doctor"]).run();
    assert!(spanish.stdout.contains("weft up") && !spanish.stdout.contains("node"), "{spanish}");
}

#[test]
fn the_doctor_says_where_we_are_and_where_they_are() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let alone = ["nobody", "no-network"].map(ToOwned::to_owned);
    assert_eq!(findings(&cluster[0]), (alone.to_vec(), false));
    let london = cluster.add("gb-london");
    cluster.connect(0, london);
    cluster.eventually("they should say where they are", SOON, || {
        let said = cluster[0].weft(["doctor"]).run().stdout;
        said.contains("Your region is gb-bristol, theirs is gb-london")
    });
    cluster[0].weft(["region", "join", "gb-london"]).run().success();
    let second = cluster.add("gb-bristol");
    cluster.connect(0, second);
    cluster.eventually("somebody of each region should be met", SOON, || {
        findings(&cluster[0]) == (vec!["no-network".to_owned()], true)
    });
    cluster[0].weft(["network", "found", "--name", "Harbour Care"]).run().success();
    assert_eq!(findings(&cluster[0]), (Vec::new(), true));
}
