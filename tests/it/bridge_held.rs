//! A rule that asks for two independent endorsements, in real processes.

use weft_protocol::body::tie::TieKind;
use weft_protocol::record::Record;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::world::{Network, World};

use crate::bridge_story::{BRISTOL, WASHINGTON, add_bridge, agree, found, lists, set_up};
use crate::cluster_world::{SOON, an_hour_ago, answer, inceptions, post, text};

/// The bridge, and wanda's node in Washington.
const BRIDGE: usize = 0;
const WANDA: usize = 1;

/// Lets the bridge's network agree with others, so that it recognises them.
fn recognise(node: &Node, others: &[&Network]) {
    for other in others {
        let id = other.id().to_string();
        let propose = ["tie", "propose", "--kind", "agreement", "--with", &id];
        let summary = ["--summary", "We know each other"];
        let all: Vec<&str> = propose.into_iter().chain(summary).collect();
        let tie = text(&answer(node, &all)["id"]);
        let tie: Record = node
            .door()
            .record(tie.parse().expect("an id"))
            .expect("the node has what it has just taken");
        post(node, &[other.accept(&tie).at(tie.header().at).sign()]);
    }
}

/// Rows: 0.5, 0.37.
#[test]
fn a_call_crosses_at_the_second_independent_endorsement() {
    let mut cluster = Cluster::default();
    add_bridge(&mut cluster);
    cluster.add(WASHINGTON);
    cluster.connect(BRIDGE, WANDA);
    let net = found(&cluster[BRIDGE], "The Bridge");
    found(&cluster[WANDA], "Wanda's Hall");
    agree(&cluster, (WANDA, BRIDGE), &net);
    let bridge = &cluster[BRIDGE];
    set_up(bridge, &["--kind", "call", "--endorsements", "2", "--tell"]);

    let world = World::new(77).in_region(BRISTOL).at(an_hour_ago());
    let names = ["alice", "dora", "emma", "fay"];
    let [alice, dora, emma, fay] = names.map(|name| world.network(name));
    post(bridge, &inceptions(&[alice.clone(), dora.clone(), emma.clone(), fay.clone()]));
    recognise(bridge, &[&dora, &emma, &fay]);
    let host = dora.tie_of(TieKind::FiscalHost, &[&emma]).sign();
    post(bridge, &[host.clone(), emma.accept(&host).sign()]);
    let mut watch = bridge.watch();
    watch.until(SOON, |event| event["event"] == "watching");
    let call = alice.call("Twenty beds wanted").ask(20).sign();
    post(bridge, std::slice::from_ref(&call));
    let held = watch.until(SOON, |event| event["event"] == "held");
    assert_eq!(held["thing"], call.thing().to_string(), "{held}");

    post(bridge, &[dora.endorse(&call).sign(), emma.endorse(&call).sign()]);
    let id = call.id().to_string();
    let why =
        "not yet: it needs 2 independent endorsements, has 1 (2 in all, 2 of recognised networks)";
    let tested = bridge.weft(["bridge", "test", &id]).run();
    for words in ["By the rule 'west' it waits.", why, "yes: it is in gb-bristol"] {
        assert!(tested.success().stdout.contains(words), "{words}: {tested}");
    }
    let spanish = bridge.weft(["bridge", "test", &id, "--lang", "es"]).run();
    let words = "todavía no: necesita 2 apoyos independientes, tiene 1";
    assert!(spanish.success().stdout.contains(words), "{spanish}");
    let shown = answer(bridge, &["bridge", "show", "west"]);
    assert_eq!(shown["held"][0]["thing"], call.thing().to_string(), "{shown}");
    assert!(!lists(&cluster[WANDA], "Twenty beds wanted"));

    post(bridge, &[fay.endorse(&call).sign()]);
    cluster
        .eventually("the call should cross", SOON, || lists(&cluster[WANDA], "Twenty beds wanted"));
    let tested = answer(bridge, &["bridge", "test", &id]);
    assert_eq!(tested[0]["decision"]["verdict"], "carried", "{tested}");
    rules_come_and_go(bridge);
}

/// Rules are paused, resumed and removed, and a restart changes nothing of that.
fn rules_come_and_go(bridge: &Node) {
    assert_eq!(answer(bridge, &["bridge", "pause", "west"])[0]["paused"], true);
    assert_eq!(answer(bridge, &["bridge", "resume", "west"])[0]["paused"], false);
    let elsewhere = ["bridge", "add", "x", "--from", BRISTOL, "--to", "gb-london"];
    let refused = bridge.weft(elsewhere).run();
    assert!(refused.fails_with(4).stderr.contains("not in gb-london"), "{refused}");
    bridge.weft(["bridge", "add", "x", "--from", BRISTOL, "--to", BRISTOL]).run().fails_with(2);
    bridge.weft(["bridge", "pause", "nothing"]).run().fails_with(3);
    assert_eq!(answer(bridge, &["bridge", "remove", "west"]), serde_json::json!([]));
    let shown = bridge.weft(["bridge", "show"]).run();
    for words in ["carries in the name of The Bridge", "from gb-bristol into us-wa"] {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
}
