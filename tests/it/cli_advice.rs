//! What a person is told before they sign what would not do as they mean, by real processes.

use weft_tests::cluster::Cluster;

use crate::bridge_story::found;
use crate::cluster_world::{SOON, answer, pair, sees, text};

/// Says that a command is refused with these words, and signs nothing.
#[track_caller]
fn asked(cluster: &Cluster, n: usize, command: &[&str], words: &str) {
    let run = cluster[n].weft(command.iter().copied()).run();
    assert!(run.fails_with(4).stderr.contains(words), "{words}: {run}");
}

fn two() -> Cluster {
    let cluster = pair();
    found(&cluster[0], "Harbour Care");
    found(&cluster[1], "Coffee Union");
    cluster
}

/// Waits until a node has a record.
#[track_caller]
fn has(cluster: &Cluster, n: usize, id: &str) {
    sees(cluster, n, &["record", "show", id]);
}

#[test]
fn what_is_confirmed_is_not_counted_twice_and_not_taken_back_without_a_word() {
    let cluster = two();
    let call = ["call", "new", "--title", "Drivers wanted", "--ask", "drivers:3"];
    let call = text(&answer(&cluster[0], &call)["thing"]);
    has(&cluster, 1, &call);
    // Said or not, the first ask is the first; and of two in one second the later one counts.
    answer(&cluster[1], &["offer", "new", &call, "--amount", "2"]);
    let offer = ["offer", "new", &call, "--ask", "drivers", "--amount", "2"];
    let replaced = cluster[1].weft(offer).run();
    assert!(replaced.success().stderr.contains("takes the place"), "the same ask: {replaced}");
    let shown = answer(&cluster[1], &["call", "show", &call]);
    assert_eq!(shown["state"]["asks"][0]["offered"], 2, "{shown}");
    let offers = shown["answers"].as_array().expect("a list");
    let stands = |answer: &&serde_json::Value| answer["state"]["current"] == true;
    let offer = text(&offers.iter().find(stands).expect("one of the two")["thing"]);
    has(&cluster, 0, &offer);
    let accepted = text(&answer(&cluster[0], &["offer", "accept", &offer])["id"]);
    has(&cluster, 1, &accepted);
    let part = answer(&cluster[1], &["offer", "deliver", &offer, "--amount", "1"]);
    let part = text(&part["thing"]);
    has(&cluster, 0, &part);
    let confirmed = text(&answer(&cluster[0], &["offer", "confirm", &part])["id"]);
    has(&cluster, 1, &confirmed);
    asked(&cluster, 1, &["offer", "deliver", &offer, "--amount", "2"], "1 are left");
    let rest = answer(&cluster[1], &["offer", "deliver", &offer]);
    assert_eq!(rest["body"]["amount"], 1, "what is left: {rest}");
    let rest = text(&rest["thing"]);
    has(&cluster, 0, &rest);
    let confirmed = text(&answer(&cluster[0], &["offer", "confirm", &rest])["id"]);
    has(&cluster, 1, &confirmed);
    asked(&cluster, 1, &["offer", "deliver", &offer], "delivered and confirmed already");
    asked(&cluster, 1, &["offer", "withdraw", &offer], "was confirmed");
    let state = &answer(&cluster[0], &["call", "show", &call])["state"];
    assert_eq!((&state["phase"], &state["asks"][0]["confirmed"]), (&"part-met".into(), &2.into()));
    sooner_and_by_others(&cluster, &call);
}

/// A call does not end sooner than it said, and only who made it changes it.
fn sooner_and_by_others(cluster: &Cluster, call: &str) {
    asked(cluster, 0, &["call", "extend", call, "--until", "1d"], "weft call withdraw");
    asked(cluster, 1, &["call", "edit", call, "--title", "Mine"], "Harbour Care");
    asked(cluster, 1, &["erase", call, "--yes"], "Harbour Care");
    cluster[1].weft(["call", "concern", call]).run().fails_with(2);
    let public = ["call", "concern", call, "--public", "--text"];
    let early = answer(&cluster[1], &[&public[..], &["Too early"]].concat());
    let late = cluster[1].weft([&public[..], &["Too late"]].concat()).run();
    assert!(late.success().stderr.contains(&text(&early["thing"])[..10]), "{late}");
    let nothing = cluster[0].weft(["open", "--record", call]).run();
    assert!(nothing.fails_with(6).stderr.contains("Nothing in it is sealed"), "{nothing}");
}

#[test]
fn options_are_chosen_by_approval_alone_and_only_hosts_and_parties_have_a_word() {
    let cluster = two();
    let coffee = answer(&cluster[1], &["network", "show"]);
    let tie = ["tie", "propose", "--kind", "agreement", "--summary", "We share a hall", "--with"];
    has(&cluster, 0, &text(&coffee["net"]));
    let tie = text(&answer(&cluster[0], &[&tie[..], &["Coffee Union"]].concat())["thing"]);
    has(&cluster, 1, &tie);
    let accepted = text(&answer(&cluster[1], &["tie", "accept", &tie])["id"]);
    has(&cluster, 0, &accepted);
    let new = ["proposal", "new", "--to", &tie, "--title", "Which day", "--text", "Pick one"];
    let new = [&new[..], &["--closes", "3d", "--option", "Saturday", "--option", "no"]].concat();
    let majority = [&new[..], &["--method", "majority"]].concat();
    cluster[0].weft(majority).run().fails_with(2);
    let days = answer(&cluster[0], &[&new[..], &["--method", "approval"]].concat());
    let days = text(&days["thing"]);
    has(&cluster, 1, &days);
    asked(&cluster, 1, &["proposal", "ballot", &days, "--choice", "consent"], "--option NUMBER");
    answer(&cluster[1], &["proposal", "ballot", &days, "--option", "2"]);
    asked(&cluster, 1, &["proposal", "edit", &days, "--title", "Mine"], "Harbour Care");

    let forum = ["gathering", "new", "--title", "Forum", "--start", "2020-01-07T19:00"];
    let run = cluster[0].weft([&forum[..], &["--json"]].concat()).run();
    assert!(run.success().stderr.contains("It was over"), "{run}");
    let forum = text(&run.json()["thing"]);
    has(&cluster, 1, &forum);
    asked(&cluster, 1, &["gathering", "accept", &forum], "does not host");
    asked(&cluster, 1, &["gathering", "minutes", &forum, "--text", "We met"], "does not host");
    answer(&cluster[0], &["gathering", "minutes", &forum, "--text", "We met"]);
}

#[test]
fn who_is_blocked_is_still_called_by_name_and_what_was_said_is_taken_back_by_it() {
    let cluster = two();
    let coffee = text(&answer(&cluster[1], &["network", "show"])["net"]);
    has(&cluster, 0, &coffee);
    let said = ["--network", "Coffee Union", "--reason", "spam"];
    answer(&cluster[0], &[&["policy", "block"], &said[..]].concat());
    answer(&cluster[0], &[&["policy", "mute"], &said[..]].concat());
    let shown = cluster[0].weft(["policy", "show"]).run();
    assert!(shown.success().stdout.contains("Coffee Union"), "{shown}");
    answer(&cluster[0], &["policy", "remove", "--network", "coffee union"]);
    assert_eq!(answer(&cluster[0], &["policy", "show"])["entries"], serde_json::json!([]));
    let node = text(&answer(&cluster[0], &["invite", "new"])["invite"]);
    let itself = cluster[0].weft(["join", &node]).run();
    assert!(itself.fails_with(1).stderr.contains("this node itself"), "{itself}");
}

#[test]
fn an_edited_call_is_explained_as_it_is_now() {
    let cluster = two();
    let call = answer(&cluster[0], &["call", "new", "--title", "Beds", "--ask", "beds:5"]);
    let call = text(&call["thing"]);
    answer(&cluster[0], &["call", "edit", &call, "--ask", "beds:9"]);
    let why = cluster[0].weft(["policy", "explain", &call]).run();
    assert!(!why.success().stdout.contains("superseded"), "{why}");
}

#[test]
fn what_was_said_already_what_is_gone_and_what_is_too_much_is_asked_about() {
    let cluster = two();
    let call = ["call", "new", "--title", "Beds for a week", "--ask", "beds:30"];
    let call = text(&answer(&cluster[0], &call)["thing"]);
    has(&cluster, 1, &call);
    asked(&cluster, 1, &["offer", "new", &call, "--amount", "510"], "asks for 30");
    let offer = text(&answer(&cluster[1], &["offer", "new", &call, "--amount", "20"])["thing"]);
    has(&cluster, 0, &offer);
    let accepted = text(&answer(&cluster[0], &["offer", "accept", &offer])["id"]);
    asked(&cluster, 0, &["offer", "accept", &offer], "said this already");
    let again = answer(&cluster[0], &["offer", "accept", &offer, "--yes"]);
    assert_ne!(text(&again["id"]), accepted, "whoever means it says it twice");
    has(&cluster, 1, &text(&again["id"]));

    answer(&cluster[0], &["call", "withdraw", &call, "--yes"]);
    asked(&cluster, 0, &["call", "withdraw", &call, "--yes"], "withdrawn already");
    asked(&cluster, 0, &["call", "edit", &call, "--title", "More beds"], "withdrawn already");
    let listed = cluster[0].weft(["call", "list", "--all"]).run();
    let shown = cluster[0].weft(["call", "show", &call]).run();
    assert!(!listed.success().stdout.contains("10 × beds"), "nothing is needed: {listed}");
    assert!(shown.success().stdout.contains("withdrawn"), "{shown}");
    cluster.eventually("the other should hear of it", SOON, || {
        answer(&cluster[1], &["call", "show", &call])["state"]["phase"] == "withdrawn"
    });
    asked(&cluster, 1, &["offer", "deliver", &offer], "withdrawn");

    answer(&cluster[0], &["erase", &call, "--yes"]);
    cluster.eventually("it should be gone there too", SOON, || {
        !cluster[1].weft(["call", "show", &call]).run().status.success()
    });
    asked(&cluster, 1, &["offer", "deliver", &offer], "was erased");
    asked(&cluster, 0, &["offer", "accept", &offer], "was erased");
}
