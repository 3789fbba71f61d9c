//! Transcripts of commands at the door of one node.

use serde_json::Value;
use weft_tests::cluster::Cluster;

use crate::cluster_world::answer;

fn thing(value: &Value) -> String {
    value["thing"].as_str().expect("a record names its thing").to_owned()
}

/// Rows: 1.11, 1.12.
#[test]
fn a_member_calls_until_its_role_is_withdrawn() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let request = node.weft(["member", "request", "--label", "rep-2", "--json"]).run();
    let key = request.success().json()["key"].as_str().unwrap().to_owned();
    let offer = ["role", "offer", &key, "--power", "call", "--until", "20d"];
    let role = thing(&answer(node, &offer));
    let due = || node.weft(["role", "due", "--json"]).run().success().json();
    assert_eq!(due(), serde_json::json!([]), "nobody holds it yet");
    let early = node.weft(["call", "new", "--as", "role-rep-2", "--title", "Too early"]).run();
    assert!(early.fails_with(4).stderr.contains("not accepted"), "{early}");
    answer(node, &["role", "accept", &role]);
    assert_eq!(due()[0]["thing"], role.as_str(), "it ends within the month");

    let new = ["call", "new", "--as", "role-rep-2", "--title", "Beds", "--ask", "beds:20:nights"];
    let call = thing(&answer(node, &new));
    let calls = node.weft(["call", "list", "--json"]).run();
    assert_eq!(calls.success().json()[0]["state"]["asks"][0]["remaining"], 20);
    let shown = node.weft(["call", "show", &call[..8]]).run();
    assert!(shown.success().stdout.contains("Beds"), "{shown}");

    answer(
        node,
        &["role", "withdraw", &role, "--as", "network", "--compromised", "--keep", &call, "--yes"],
    );
    let late = node.weft(["call", "new", "--as", "role-rep-2", "--title", "Too late"]).run();
    assert!(late.fails_with(4).stderr.contains("withdrawn"), "{late}");
    let kept = node.weft(["record", "verify", &call]).run();
    assert!(kept.success().stdout.contains("It counts"), "{kept}");
}

#[test]
fn h8_who_may_sign_a_profile_says_the_name_and_not_where_the_network_lives() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let json = |args: &[&str]| node.weft([args, &["--json"]].concat()).run().success().json();
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let founded = json(&["network", "show", "us"]);
    let sealing = &founded["hosting"]["sealing"];
    assert!(sealing.is_string(), "{founded}");
    let request = node.weft(["member", "request", "--label", "clerk", "--json"]).run();
    let key = request.success().json()["key"].as_str().unwrap().to_owned();
    let offer = ["role", "offer", &key, "--power", "profile", "--until", "400d"];
    let role = thing(&answer(node, &offer));
    answer(node, &["role", "accept", &role]);
    let refused = node.weft(["profile", "set", "--as", "role-clerk", "--sealing"]).run();
    assert!(refused.fails_with(4).stderr.contains("--power hosting"), "{refused}");
    let spanish = ["profile", "set", "--as", "role-clerk", "--sealing", "--lang", "es"];
    assert!(node.weft(spanish).run().fails_with(4).stderr.contains("el poder hosting"));
    answer(node, &["profile", "set", "--as", "role-clerk", "--name", "Harbour Care and Rest"]);
    let named = json(&["network", "show", "us"]);
    assert_eq!(named["profile"]["body"]["name"]["en"], "Harbour Care and Rest", "{named}");
    assert!(named["profile"]["body"]["sealing"].is_null(), "{named}");
    assert_eq!(&named["hosting"]["sealing"], sealing, "{named}");
    let net = named["net"].as_str().unwrap();
    let sealed = node.weft(["seal", "--to", net]).stdin("door 4").run().success().stdout.clone();
    assert_eq!(node.weft(["open"]).stdin(sealed).run().success().stdout, "door 4");
    answer(node, &["profile", "set", "--as", "network", "--purpose", "Care at the harbour"]);
    let again = json(&["network", "show", "us"]);
    assert_eq!(&again["profile"]["body"]["sealing"], sealing, "it is taken over: {again}");
    let name = json(&["status"])["node"].as_str().unwrap().to_owned();
    answer(node, &["profile", "set", "--as", "network", "--publish", &name]);
    let shown = node.weft(["profile", "show"]).run();
    assert!(shown.stdout.contains(&name), "{shown}");
    let wrong = node.weft(["profile", "set", "--as", "network", "--publish", "here"]).run();
    assert!(wrong.fails_with(2).stderr.contains("--publish here"), "{wrong}");
}

/// Rows: 0.24, 3.28.
#[test]
fn what_is_wrong_is_refused_before_it_is_signed() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let keyless = node.weft(["call", "new", "--title", "Beds"]).run();
    assert!(keyless.fails_with(1).stderr.contains("no keys"), "{keyless}");
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let contact = node.weft(["call", "new", "--title", "Write to ana@example.org"]).run();
    assert!(contact.fails_with(4).stderr.contains("ana@example.org"), "{contact}");
    node.weft(["call", "show", "aaaaaa"]).run().fails_with(3);
}

/// Rows: 3.16, 3.39.
#[test]
fn an_export_has_what_was_asked_for_and_comes_back_whole() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "River"]).run().success();
    for n in 0..5 {
        node.weft(["call", "new", "--title", &format!("Call {n}")]).run().success();
    }
    let lines = |more: &[&'static str]| {
        let all = ["record", "export", "--jsonl"].into_iter().chain(more.iter().copied());
        node.weft(all).run().success().stdout.lines().count()
    };
    assert_eq!(lines(&[]), 7);
    assert_eq!(lines(&["--kind", "call"]), 5);
    assert_eq!(lines(&["--region", "gb-bristol", "--since", "1d"]), 7);
    assert_eq!(lines(&["--region", "gb-london"]), 1, "identities have no region");
    assert_eq!(lines(&["--since", "2099-01-01"]), 0);
    node.weft(["record", "export", "--out", "all.weft"]).run().success();
    let over = node.weft(["record", "export", "--out", "all.weft"]).run();
    assert!(over.fails_with(1).stderr.contains("nothing is overwritten"), "{over}");
    node.weft(["record", "verify", "all.weft"]).run().success();
    let again = node.weft(["import", "all.weft", "--json"]).run();
    assert_eq!(again.success().json()["known"], 7);
}

#[test]
fn every_exit_code_means_what_is_documented() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    node.weft(["status"]).run().success();
    node.weft(["call", "new", "--title", "Nobody speaks"]).run().fails_with(1);
    node.weft(["call", "new", "--until", "whenever", "--title", "x"]).run().fails_with(1);
    node.weft(["network", "found", "--name", "River"]).run().success();
    node.weft(["call", "new", "--until", "whenever", "--title", "x"]).run().fails_with(2);
    node.weft(["call", "show", "aaaaaa"]).run().fails_with(3);
    node.weft(["call", "new", "--title", "Ring 0117 496 0123"]).run().fails_with(4);
    node.weft(["call", "new", "--title", "x", "--require-peer"]).run().fails_with(5);
    node.weft(["record", "verify", "no-such-file"]).run().fails_with(2);
    std::fs::write(node.sandbox().path("torn"), [0xd2, 0x84]).expect("the sandbox takes a file");
    node.weft(["record", "verify", "torn"]).run().fails_with(6);
    node.weft(["import", "torn"]).run().fails_with(6);
}

#[test]
fn when_the_node_has_stopped_its_home_is_free() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    node.weft(["store", "repair"]).run().fails_with(4);
    let stopped = node.weft(["stop"]).run();
    assert!(stopped.success().stderr.contains("has stopped"), "{stopped}");
    for work in ["repair", "verify", "compact"] {
        node.weft(["store", work]).run().success();
    }
}
