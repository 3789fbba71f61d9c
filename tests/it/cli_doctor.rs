//! What `weft doctor` says of a node that cannot do its work.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{SOON, answer, pair, sees, text};

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
    let said = cluster[0].weft(["doctor"]).run();
    assert!(said.stdout.contains("weft region join gb-london"), "{said}");
    cluster[0].weft(["region", "join", "gb-london"]).run().success();
    let elsewhere = ["elsewhere", "no-network"].map(ToOwned::to_owned).to_vec();
    cluster.eventually("they should meet where she is not at home", SOON, || {
        findings(&cluster[0]) == (elsewhere.clone(), false)
    });
    let second = cluster.add("gb-bristol");
    cluster.connect(0, second);
    cluster.eventually("somebody of each region should be met", SOON, || {
        findings(&cluster[0]) == (vec!["no-network".to_owned()], true)
    });
    cluster[0].weft(["network", "found", "--name", "Harbour Care"]).run().success();
    assert_eq!(findings(&cluster[0]), (Vec::new(), true));
    cluster[0].weft(["region", "join", "gb-leeds"]).run().success();
    // They meet anew, to say in which regions they are.
    cluster.eventually("that nobody else is there should be said", SOON, || {
        findings(&cluster[0]) == (vec!["deserted".to_owned()], false)
    });
}

/// How many of a kind the doctor counts at a node; none when it names none.
fn counted(node: &Node, name: &str) -> Option<u64> {
    let found = node.weft(["doctor", "--json"]).run().json();
    let found = found.as_array().into_iter().flatten();
    found.filter(|finding| finding["finding"] == name).find_map(|f| f["count"].as_u64())
}

#[test]
fn what_waits_for_a_network_is_counted_until_it_has_spoken() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    let us = text(&answer(one, &["network", "found", "--name", "River"])["net"]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 1, &["network", "show", &us]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    let call = text(&answer(one, &["call", "new", "--title", "Beds", "--ask", "beds:5"])["thing"]);
    sees(&cluster, 1, &["call", "show", &call]);
    let offer = text(&answer(other, &["offer", "new", &call, "--amount", "5"])["thing"]);
    sees(&cluster, 0, &["record", "show", &offer]);
    assert_eq!((counted(one, "offers"), counted(other, "offers")), (Some(1), None));
    let said = one.weft(["status"]).run();
    let words = ["1 offer to your calls waits for your word", &call[..10]];
    assert!(words.iter().all(|words| said.success().stdout.contains(words)), "{said}");
    answer(one, &["offer", "accept", &offer]);
    assert_eq!(counted(one, "offers"), None);
    sees(&cluster, 1, &["call", "show", &call]);
    cluster.eventually("the acceptance should come", SOON, || {
        answer(other, &["call", "show", &call])["state"]["asks"][0]["accepted"] == 5
    });
    answer(other, &["offer", "deliver", &offer]);
    cluster.eventually("the delivery should wait to be confirmed", SOON, || {
        counted(one, "deliveries") == Some(1)
    });
    answer(one, &["offer", "confirm", &offer]);
    assert_eq!(counted(one, "deliveries"), None);

    let key = text(&answer(one, &["member", "request", "--label", "rep"])["key"]);
    let offer = ["role", "offer", &key, "--label", "rep", "--power", "call", "--until", "20d"];
    let role = text(&answer(one, &offer)["thing"]);
    assert_eq!(counted(one, "roles-offered"), Some(1));
    answer(one, &["role", "accept", &role]);
    assert_eq!((counted(one, "roles-offered"), counted(one, "roles-end")), (None, Some(1)));
    let concern = ["concern", "raise", &call, "--text", "Who pays?", "--public"];
    answer(other, &concern);
    cluster.eventually("the concern should wait for an answer", SOON, || {
        counted(one, "concerns") == Some(1)
    });
}
