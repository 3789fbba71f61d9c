//! What a person is told before they sign what would count for nothing, and how networks are named.

use weft_tests::cluster::{Cluster, Node};

use crate::cluster_member::{member_of, posts};
use crate::cluster_world::{SOON, answer, pair, sees, text};

/// Says that this is refused, with these words.
#[track_caller]
fn refused(node: &Node, arguments: &[&str], words: &str) {
    let run = node.weft(arguments.iter().copied()).run();
    assert!(run.fails_with(4).stderr.contains(words), "{words}: {run}");
}

#[test]
fn what_would_count_for_nothing_is_said_before_it_is_signed() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "River Care"]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    let named = answer(one, &["network", "show", "  harbour"]);
    assert_eq!(named["net"], harbour.as_str(), "a network is found by its own name");
    assert_eq!(answer(other, &["network", "show", "us"])["net"], harbour.as_str());
    let near = one.weft(["network", "show", "Harb"]).run();
    assert!(near.fails_with(3).stderr.contains(&harbour), "{near}");

    let new = ["call", "new", "--title", "Beds", "--ask", "beds:5", "--until", "5d"];
    let call = answer(one, &new);
    let (call, until) = (text(&call["thing"]), call["until"].clone());
    let edited = answer(one, &["call", "edit", &call, "--title", "Five beds"]);
    assert_eq!(edited["until"], until, "what is left out stays as it is");
    refused(one, &["call", "endorse", &call], "your own call");
    sees(&cluster, 1, &["call", "show", &call]);
    refused(other, &["call", "withdraw", &call], "only River Care");
    let offer = text(&answer(other, &["offer", "new", &call, "--amount", "5"])["thing"]);
    refused(other, &["offer", "accept", &offer], "only River Care");
    sees(&cluster, 0, &["record", "show", &offer]);
    refused(one, &["offer", "confirm", &offer], "no delivery");
    let wrong = one.weft(["offer", "accept", &call]).run();
    assert!(wrong.fails_with(2).stderr.contains("of the kind 'call'"), "{wrong}");
    answer(one, &["offer", "accept", &offer]);
    answer(other, &["offer", "deliver", &offer]);
    cluster.eventually("the delivery should come", SOON, || {
        answer(one, &["call", "show", &call])["state"]["asks"][0]["delivered"] == 5
    });
    // The offer's only delivery is meant.
    answer(one, &["offer", "confirm", &offer]);
    assert_eq!(answer(one, &["call", "show", &call])["state"]["phase"], "met");
    refused(one, &["call", "fulfil", &call], "'met'");
}

#[test]
fn a_second_key_locks_nobody_out_of_a_node_far_away() {
    let cluster = Cluster::start("gb-bristol", 1);
    let address = cluster[0].address().to_owned();
    let (member, _) = member_of(&cluster[0], &address);
    member.weft(["member", "request", "--label", "alternate"]).run().success();
    member.weft(["call", "list"]).run().success();
    posts(&member, "Twenty beds wanted");
    let named = member.weft(["call", "list", "--node-key", "role-alternate"]).run();
    assert!(named.fails_with(4).stderr.contains("holds no role"), "{named}");
}

#[test]
fn who_is_alone_in_a_region_is_told_so() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let far = cluster.add("us-wa");
    cluster.connect(0, far);
    let node = &cluster[0];
    let founded = node.weft(["network", "found", "--name", "River"]).run();
    assert!(founded.fails_with(5).stderr.contains("no node of gb-bristol"), "{founded}");
}
