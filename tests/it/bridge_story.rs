//! Two regions and two bridges between them, as six real processes.

use std::fs;

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{SOON, answer, sees, text};

/// The region of the caller.
pub(crate) const BRISTOL: &str = "gb-bristol";

/// The other region.
pub(crate) const WASHINGTON: &str = "us-wa";

/// Alice's node in Bristol, and another one there.
const ALICE: usize = 0;
const BASIL: usize = 1;

/// The bridges: nodes in both regions.
const NORTH: usize = 2;
const SOUTH: usize = 3;

/// Wanda's node in Washington, and another one there.
const WANDA: usize = 4;
const WALTER: usize = 5;

/// Adds a node in both regions; its home is Bristol.
pub(crate) fn add_bridge(cluster: &mut Cluster) -> usize {
    let sandbox = Sandbox::new();
    sandbox.init(BRISTOL);
    let file = sandbox.home().join("config.toml");
    let config = fs::read_to_string(&file).expect("a home has a configuration");
    assert!(config.contains("regions = []"), "{config}");
    let both = config.replace("regions = []", &format!("regions = [\"{WASHINGTON}\"]"));
    fs::write(&file, both).expect("the configuration can be written");
    cluster.add_in(sandbox)
}

/// Founds a network on a node, and returns its id.
pub(crate) fn found(node: &Node, name: &str) -> String {
    text(&answer(node, &["network", "found", "--name", name])["net"])
}

/// Lets the network of a Washington node and that of a bridge agree on a bridge tie.
#[track_caller]
pub(crate) fn agree(cluster: &Cluster, (there, bridge): (usize, usize), net: &str) {
    sees(cluster, there, &["network", "show", net]);
    bind(cluster, (there, bridge), net);
}

/// Lets the network of a Washington node propose a bridge tie to that of a bridge, which accepts it.
#[track_caller]
pub(crate) fn bind(cluster: &Cluster, (there, bridge): (usize, usize), net: &str) {
    let tie = offers(&cluster[there], net);
    sees(cluster, bridge, &["tie", "show", &tie]);
    answer(&cluster[bridge], &["tie", "accept", &tie]);
}

/// Proposes a bridge tie to a network, and returns its id.
#[track_caller]
pub(crate) fn offers(node: &Node, net: &str) -> String {
    let summary = "We carry calls between our regions";
    let regions = ["--bridge-from", BRISTOL, "--bridge-to", WASHINGTON, "--summary", summary];
    let propose = ["tie", "propose", "--kind", "bridge", "--with", net];
    let all: Vec<&str> = propose.into_iter().chain(regions).collect();
    text(&answer(node, &all)["thing"])
}

/// Makes a node the bridge of its network, which carries everything into Washington.
#[track_caller]
pub(crate) fn set_up(node: &Node, rule: &[&str]) {
    answer(node, &["bridge", "setup"]);
    let add = ["bridge", "add", "west", "--from", BRISTOL, "--to", WASHINGTON];
    answer(node, &add.into_iter().chain(rule.iter().copied()).collect::<Vec<_>>());
}

/// Calls for something in Bristol, with this reach.
pub(crate) fn calls(node: &Node, title: &str, reach: &str) -> String {
    let call = ["call", "new", "--title", title, "--ask", "beds:20", "--reach", reach];
    text(&answer(node, &call)["thing"])
}

pub(crate) fn lists(node: &Node, title: &str) -> bool {
    node.weft(["call", "list"]).run().success().stdout.contains(title)
}

fn stage() -> Cluster {
    let mut cluster = Cluster::start(BRISTOL, 2);
    add_bridge(&mut cluster);
    add_bridge(&mut cluster);
    cluster.add(WASHINGTON);
    cluster.add(WASHINGTON);
    for (from, to) in [
        (ALICE, BASIL),
        (ALICE, NORTH),
        (BASIL, SOUTH),
        (NORTH, WANDA),
        (SOUTH, WALTER),
        (WANDA, WALTER),
    ] {
        cluster.connect(from, to);
    }
    cluster
}

/// Rows: 0.1, 0.3, 0.13.
#[test]
fn two_bridges_carry_what_may_travel_and_either_is_enough() {
    let mut cluster = stage();
    found(&cluster[ALICE], "Alice's House");
    let (north, south) =
        (found(&cluster[NORTH], "North Bridge"), found(&cluster[SOUTH], "South Bridge"));
    found(&cluster[WANDA], "Wanda's Hall");
    found(&cluster[WALTER], "Walter's Farm");
    agree(&cluster, (WANDA, NORTH), &north);
    agree(&cluster, (WALTER, SOUTH), &south);
    set_up(&cluster[NORTH], &[]);
    set_up(&cluster[SOUTH], &[]);

    let local = calls(&cluster[ALICE], "For our street", "region");
    let call = calls(&cluster[ALICE], "Twenty beds wanted", "movement");
    for node in [WANDA, WALTER] {
        cluster.eventually("the call should cross", SOON, || {
            lists(&cluster[node], "Twenty beds wanted")
        });
    }
    two_ways_of_which_one_is_independent(&cluster, &call, &south);
    seen(&cluster, &local, &call);

    let endorsed = ["call", "endorse", &call, "--text", "We know them"];
    answer(&cluster[WALTER], &endorsed);
    cluster.eventually("the caller should hear of the endorsement", SOON, || {
        let state = &answer(&cluster[ALICE], &["call", "show", &call])["state"];
        state["endorsed"].as_array().is_some_and(|all| all.len() == 1)
    });

    cluster[NORTH].stop();
    calls(&cluster[ALICE], "Ten drivers wanted", "movement");
    cluster.eventually("the other bridge should carry", SOON, || {
        lists(&cluster[WANDA], "Ten drivers wanted")
    });
    answer(&cluster[ALICE], &["call", "withdraw", &call, "--yes"]);
    for node in [WANDA, WALTER] {
        cluster.eventually("the withdrawal should follow", SOON, || {
            !lists(&cluster[node], "Twenty beds wanted")
        });
    }
    for node in [WANDA, WALTER] {
        cluster[node].weft(["record", "show", &local]).run().fails_with(3);
    }
}

/// One carriage of each bridge names the call, until a declaration says that they are one hand.
fn two_ways_of_which_one_is_independent(cluster: &Cluster, call: &str, south: &str) {
    let reach = |node: usize| answer(&cluster[node], &["call", "reach", call]);
    let ways = |node: usize| {
        let regions = reach(node)["regions"].clone();
        let all = regions.as_array().expect("a list").clone();
        all.into_iter().find(|region| region["region"] == WASHINGTON).unwrap_or_default()
    };
    cluster.eventually("both bridges should have carried it", SOON, || {
        let ways = ways(WANDA);
        ways["ways"].as_array().is_some_and(|all| all.len() == 2) && ways["independent"] == 2
    });
    let host = ["tie", "propose", "--kind", "fiscal-host", "--with", south];
    let all: Vec<&str> = host.into_iter().chain(["--summary", "We keep their money"]).collect();
    let tie = text(&answer(&cluster[NORTH], &all)["thing"]);
    sees(cluster, SOUTH, &["tie", "show", &tie]);
    answer(&cluster[SOUTH], &["tie", "accept", &tie]);
    cluster.eventually("they should count as one voice", SOON, || ways(WANDA)["independent"] == 1);
    let shown = cluster[WANDA].weft(["call", "reach", call]).run();
    let words = ["it came by 2 ways, 1 of them independent", "count as one voice: a fiscal host"];
    for words in words {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
    let spanish = cluster[WANDA].weft(["call", "reach", call, "--lang", "es"]).run();
    assert!(spanish.success().stdout.contains("llegó por 2 caminos"), "{spanish}");
    for bridge in [NORTH, SOUTH] {
        let log = answer(&cluster[bridge], &["bridge", "log"]);
        let log = log.as_array().expect("a list");
        let names = |record: &&Value| {
            let things = record["body"]["things"].as_array().expect("a list");
            things.iter().any(|carried| carried["thing"] == call)
        };
        assert_eq!(log.iter().filter(names).count(), 1, "one carriage of each bridge: {log:?}");
    }
}

/// What is said of who can see the two calls.
fn seen(cluster: &Cluster, local: &str, call: &str) {
    let who = |node: usize, id: &str| answer(&cluster[node], &["who-can-see", id]);
    let here = who(NORTH, local);
    assert_eq!((&here["reach"], &here["absent"][0]), (&"region".into(), &WASHINGTON.into()));
    let there = who(WANDA, call);
    assert_eq!(there["region"], BRISTOL);
    assert_eq!(there["regions"][0]["region"], WASHINGTON);
    let shown = cluster[WANDA].weft(["who-can-see", call]).run();
    assert!(shown.success().stdout.contains("Treat it as public"), "{shown}");
}
