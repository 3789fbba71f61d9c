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

/// Says that these words mean nothing, and what would.
#[track_caller]
fn refused_words(node: &Node, arguments: &[&str], words: &str) {
    let run = node.weft(arguments.iter().copied()).run();
    assert!(run.fails_with(2).stderr.contains(words), "{words}: {run}");
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
    assert!(wrong.fails_with(2).stderr.contains("is a call, and an offer"), "{wrong}");
    answer(one, &["offer", "accept", &offer]);
    answer(other, &["offer", "deliver", &offer]);
    cluster.eventually("the delivery should come", SOON, || {
        answer(one, &["call", "show", &call])["state"]["asks"][0]["delivered"] == 5
    });
    // The offer's only delivery is meant.
    answer(one, &["offer", "confirm", &offer]);
    assert_eq!(answer(one, &["call", "show", &call])["state"]["phase"], "met");
    refused(one, &["call", "fulfil", &call], "your own call");
    cluster.eventually("the need should be known as met", SOON, || {
        answer(other, &["call", "show", &call])["state"]["phase"] == "met"
    });
    refused(other, &["call", "fulfil", &call], "'met'");
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
    assert!(founded.success().stderr.contains("No node of gb-bristol"), "{founded}");
}

/// Rows F64 and F70: an ask is called by its name or its number from 1, what nobody has said of a call is
/// not shown, and what is shown without signing says how asks are numbered there.
#[test]
fn every_answer_says_to_what_it_is_and_of_how_much() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "River Care"]);
    answer(other, &["network", "found", "--name", "Harbour"]);
    let new = ["call", "new", "--title", "Move house", "--ask", "drivers:3", "--ask", "boxes:40"];
    let call = text(&answer(one, &new)["thing"]);
    refused(one, &["offer", "new", &call], "your own call");
    refused(one, &["call", "fulfil", &call], "your own call");
    sees(&cluster, 1, &["call", "show", &call]);
    let rehearsed = other.weft(["offer", "new", &call, "--ask", "2", "--dry-run"]).run();
    assert_eq!(rehearsed.success().json()["body"]["ask"], 1);
    assert!(rehearsed.stderr.contains("the first ask has the number 0"), "{rehearsed}");
    refused_words(other, &["offer", "new", &call, "--ask", "3"], "drivers, boxes");
    // Nothing is said of how much: all that is asked for.
    let boxes = text(&answer(other, &["offer", "new", &call, "--ask", "boxes"])["thing"]);
    let drivers = ["offer", "new", &call, "--ask", "drivers", "--amount", "2"];
    let drivers = text(&answer(other, &drivers)["thing"]);
    for offer in [&boxes, &drivers] {
        sees(&cluster, 0, &["record", "show", offer]);
    }
    refused(one, &["offer", "accept", &drivers, "--amount", "20"], "is of 2");
    let said = one.weft(["offer", "accept", &drivers]).run();
    assert!(said.success().stdout.contains(": acceptance "), "{said}");
    answer(other, &["offer", "deliver", &drivers]);
    cluster.eventually("the delivery should come", SOON, || {
        answer(one, &["call", "show", &call])["state"]["asks"][0]["delivered"] == 2
    });
    refused(one, &["offer", "confirm", &drivers, "--amount", "3"], "is of 2");
    answer(one, &["offer", "confirm", &drivers]);
    answer(one, &["offer", "decline", &boxes]);
    let shown = one.weft(["call", "show", &call]).run();
    let (short, boxes) = (&drivers[..10], &boxes[..10]);
    let (taken, done) = (format!("acceptance of {short}"), format!("delivery on {short}"));
    for words in
        ["offer: 40 × boxes", "offer: 2 × drivers", &taken, &done, &format!("refusal of {boxes}")]
    {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
    assert!(!shown.stdout.contains("risk") && !shown.stdout.contains("urgency"), "unsaid: {shown}");
    one.weft(["call", "edit", &call, "--risk", "none", "--urgency", "days"]).run().success();
    let shown = one.weft(["call", "show", &call]).run();
    assert!(!shown.success().stdout.contains("risk"), "unsaid: {shown}");
    assert!(shown.stdout.contains("urgency") && shown.stdout.contains("days"), "said: {shown}");
    let listed = answer(one, &["offer", "list"]);
    let phases: Vec<_> = listed.as_array().expect("a list").iter().collect();
    let phase = |id: &str| {
        let one = phases.iter().find(|offer| text(&offer["thing"]).starts_with(id));
        one.map(|offer| text(&offer["state"]["phase"]))
    };
    assert_eq!((phase(short), phase(boxes)), (Some("confirmed".into()), Some("declined".into())));
    let table = other.weft(["offer", "list", "--call", &call]).run();
    for words in ["2 × drivers", "40 × boxes", "Harbour", "Move house", "confirmed", "declined"] {
        assert!(table.success().stdout.contains(words), "{words}: {table}");
    }
}
