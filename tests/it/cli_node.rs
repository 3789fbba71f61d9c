//! Transcripts of commands at the door of one node.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};

/// Signs something where nobody else is connected, and returns what was signed.
#[track_caller]
fn signed(node: &Node, arguments: &[&str]) -> Value {
    let all = arguments.iter().copied().chain(["--json"]);
    node.weft(all).run().fails_with(5).json()
}

fn thing(value: &Value) -> String {
    value["thing"].as_str().expect("a record names its thing").to_owned()
}

/// Rows: 1.11, 1.12.
#[test]
fn a_member_calls_until_its_role_is_withdrawn() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "Harbour Care"]).run().fails_with(5);
    let request = node.weft(["member", "request", "--label", "rep-2", "--json"]).run();
    let key = request.success().json()["key"].as_str().unwrap().to_owned();
    let offer = ["role", "offer", &key, "--power", "call", "--until", "20d"];
    let role = thing(&signed(node, &offer));
    let due = || node.weft(["role", "due", "--json"]).run().success().json();
    assert_eq!(due(), serde_json::json!([]), "nobody holds it yet");
    let early = node.weft(["call", "new", "--as", "role-rep-2", "--title", "Too early"]).run();
    assert!(early.fails_with(4).stderr.contains("not accepted"), "{early}");
    signed(node, &["role", "accept", &role]);
    assert_eq!(due()[0]["thing"], role.as_str(), "it ends within the month");

    let new = ["call", "new", "--as", "role-rep-2", "--title", "Beds", "--ask", "beds:20:nights"];
    let call = thing(&signed(node, &new));
    let calls = node.weft(["call", "list", "--json"]).run();
    assert_eq!(calls.success().json()[0]["state"]["asks"][0]["remaining"], 20);
    let shown = node.weft(["call", "show", &call[..8]]).run();
    assert!(shown.success().stdout.contains("Beds"), "{shown}");

    signed(node, &["role", "withdraw", &role, "--as", "network", "--compromised", "--keep", &call]);
    let late = node.weft(["call", "new", "--as", "role-rep-2", "--title", "Too late"]).run();
    assert!(late.fails_with(4).stderr.contains("withdrawn"), "{late}");
    let kept = node.weft(["record", "verify", &call]).run();
    assert!(kept.success().stdout.contains("It counts"), "{kept}");
}

/// Rows: 0.24, 3.28.
#[test]
fn what_is_wrong_is_refused_before_it_is_signed() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let keyless = node.weft(["call", "new", "--title", "Beds"]).run();
    assert!(keyless.fails_with(1).stderr.contains("no keys"), "{keyless}");
    node.weft(["network", "found", "--name", "Harbour Care"]).run().fails_with(5);
    let contact = node.weft(["call", "new", "--title", "Write to ana@example.org"]).run();
    assert!(contact.fails_with(4).stderr.contains("ana@example.org"), "{contact}");
    let wrong = node.weft(["call", "new", "--title", "Beds"]).env("WEFT_PASSPHRASE", "a wrong one");
    assert!(wrong.run().fails_with(1).stderr.contains("Nothing was signed"));
    node.weft(["call", "show", "aaaaaa"]).run().fails_with(3);
    let second = node.weft(["up", "--no-mdns", "--listen", "/ip4/127.0.0.1/tcp/0"]).run();
    assert!(second.fails_with(1).stderr.contains("Another program uses the home"), "{second}");
}
