//! Nodes on machines whose clocks are wrong: whose clock it is, by how much, and what follows, is said before
//! anything is signed by it.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{SOON, answer, meet};

/// Two nodes by the right clock that have met, and a third that is off by so much and has met both.
fn by_a_clock(offset: &str) -> Cluster {
    let mut cluster = Cluster::start("gb-bristol", 2);
    let sandbox = Sandbox::by_clock(offset);
    sandbox.init("gb-bristol");
    cluster.add_in(sandbox);
    for (from, to) in [(0, 1), (2, 0), (2, 1)] {
        cluster.connect(from, to);
    }
    meet(&cluster, 0, 2);
    meet(&cluster, 2, 2);
    cluster
}

/// Returns what the doctor finds at a node, by name; the first for each.
fn found(node: &Node, name: &str) -> Option<Value> {
    let run = node.weft(["doctor", "--json"]).run();
    let found = run.json();
    found.as_array().into_iter().flatten().find(|finding| finding["finding"] == name).cloned()
}

fn says(node: &Node, command: &str, words: &[&str]) -> bool {
    let said = node.weft([command]).run().stdout;
    words.iter().all(|words| said.contains(words))
}

#[test]
fn a_clock_that_is_behind_is_named_with_whose_it_is_and_by_how_much() {
    let cluster = by_a_clock("-2h");
    answer(&cluster[0], &["network", "found", "--name", "Harbour"]);
    let wrong = &cluster[2];
    let words = ["Your clock is 2 hours behind those of 2 of 2 nodes", "NTP"];
    cluster.eventually("the doctor should say whose clock is wrong", SOON, || {
        says(wrong, "doctor", &words)
    });
    assert!(says(wrong, "status", &words[..1]), "{}", wrong.weft(["status"]).run());
    let spanish = wrong.weft(["doctor", "--lang", "es"]).run();
    let said = "Su reloj va 2 horas por detrás respecto a los de 2 de 2 nodos";
    assert!(spanish.fails_with(1).stdout.contains(said), "{spanish}");
    assert_eq!(found(wrong, "sync-failed"), None, "of one cause it is said once");
    assert_eq!(found(wrong, "own-clock").map(|f| f["wrong"].clone()), Some(Value::Bool(true)));
    // It comes by gossip alone, which forgets: so it is said until it is heard.
    cluster.eventually("what comes from the future should be counted", SOON, || {
        answer(&cluster[0], &["call", "new", "--title", "Beds wanted"]);
        found(wrong, "early-records").is_some()
    });

    let name = wrong.ready().node.clone();
    let healthy = &cluster[0];
    cluster.eventually("the others should say that it is not theirs", SOON, || {
        found(healthy, "other-clocks").is_some()
    });
    let said = healthy.weft(["doctor"]).run();
    let words = [&format!("{name} (2 hours behind)"), "Yours agrees with that of 1 node"];
    assert!(words.iter().all(|words| said.success().stdout.contains(*words)), "{said}");

    let call = wrong.weft(["network", "found", "--name", "Late"]).run();
    assert!(call.fails_with(4).stderr.contains("dated 2 hours ago"), "{call}");
}

#[test]
fn what_is_signed_by_a_clock_that_is_ahead_is_asked_about_first() {
    let cluster = by_a_clock("+61m");
    let wrong = &cluster[2];
    cluster.eventually("the doctor should say whose clock is wrong", SOON, || {
        says(wrong, "doctor", &["Your clock is 61 minutes ahead of those of 2 of 2 nodes"])
    });
    let founding = ["network", "found", "--name", "Early"];
    let asked = wrong.weft(founding).run();
    let words =
        ["61 minutes ahead of those of 2 of 2 nodes", "hold back", "for 51 minutes", "--yes"];
    assert!(words.iter().all(|words| asked.fails_with(4).stderr.contains(words)), "{asked}");
    assert!(!wrong.sandbox().home().join("keys/network.key").exists(), "nothing was made");
    answer(wrong, &["network", "found", "--name", "Early", "--yes"]);
    let call = ["call", "new", "--title", "Beds tonight", "--until", "2h"];
    let asked = wrong.weft(call).run();
    assert!(asked.fails_with(4).stderr.contains("hold back"), "{asked}");
    assert_eq!(answer(wrong, &["call", "list"]), Value::Array(Vec::new()), "nothing was signed");
}

#[test]
fn a_member_whose_own_clock_is_wrong_is_told_that_it_is_theirs() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let founded = node.weft(["network", "found", "--name", "River", "--json"]).run();
    founded.success();
    let member = Sandbox::by_clock("-40m");
    member.weft(["init", "--region", "gb-bristol", "--node", node.address()]).run().success();
    let request =
        member.weft(["member", "request", "--label", "rep", "--json"]).run().success().json();
    let key = request["key"].as_str().unwrap_or_default();
    let offer = ["role", "offer", key, "--label", "rep", "--power", "call", "--json"];
    let role = node.weft(offer).run().json()["id"].clone();
    let role = role.as_str().unwrap_or_default();
    let asked = member.weft(["role", "accept", role]).run();
    let words = "Your clock is 40 minutes behind that of the one node";
    assert!(asked.fails_with(4).stderr.contains(words), "{asked}");
    let doctor = member.weft(["doctor"]).run();
    assert!(
        doctor.fails_with(1).stdout.contains("clock of this machine is 40 minutes behind"),
        "{doctor}"
    );
}

#[test]
fn what_ends_within_a_month_is_said_before_and_after() {
    let mut cluster = Cluster::default();
    let sandbox = Sandbox::by_clock("+0");
    sandbox.init("gb-bristol");
    let node = cluster.add_in(sandbox);
    cluster[node].weft(["network", "found", "--name", "Harbour"]).run().success();
    assert_eq!(found(&cluster[node], "profile-ends"), None);
    for (clock, finding, words) in [
        ("+380d", "profile-ends", "The profile of Harbour"),
        ("+405d", "nameless", "has no profile in force"),
    ] {
        cluster[node].stop();
        cluster[node].sandbox().set_clock(clock);
        cluster[node].start();
        let finding = found(&cluster[node], finding);
        let said = finding.as_ref().and_then(|finding| finding["words"].as_str());
        assert!(said.is_some_and(|said| said.contains(words)), "{clock}: {said:?}");
    }
    let renewed = cluster[node].weft(["profile", "set", "--name", "Harbour"]).run();
    renewed.success();
    assert_eq!(found(&cluster[node], "nameless"), None);
}

/// Says whether a node lists a call of this title, as one that is not over.
fn lists(node: &Node, title: &str) -> bool {
    node.weft(["call", "list"]).run().success().stdout.contains(title)
}

/// Says in which year a node takes itself to be.
fn year(node: &Node) -> String {
    let status = node.weft(["status", "--json"]).run().success().json();
    status["now"].to_string().trim_matches('"').chars().take(4).collect()
}

/// A node alone, by the right clock of a machine that can be set, with a call that ends tomorrow.
fn with_a_call_until_tomorrow() -> Cluster {
    let mut cluster = Cluster::default();
    let sandbox = Sandbox::by_clock("+0");
    sandbox.init("gb-bristol");
    cluster.add_in(sandbox);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "Harbour"]).run().success();
    node.weft(["call", "new", "--title", "Beds tonight", "--until", "20h"]).run().success();
    cluster
}

#[test]
fn m6_a_clock_that_is_two_days_or_years_or_forty_ahead_for_a_while_changes_nothing() {
    let mut cluster = with_a_call_until_tomorrow();
    let this_year = year(&cluster[0]);
    for ahead in ["+2d", "+730d", "+14610d"] {
        let node = &cluster[0];
        node.sandbox().set_clock(ahead);
        cluster.eventually("the node should say that it does not believe it", SOON, || {
            found(node, "doubted-clock").is_some()
        });
        let spanish = node.weft(["doctor", "--lang", "es"]).run();
        assert!(
            spanish.fails_with(1).stdout.contains("El reloj de esta máquina dice"),
            "{spanish}"
        );
        assert!(says(node, "status", &["The clock of this machine says", "--clock-is-right"]));
        assert_eq!(year(node), this_year, "{ahead}");
        assert!(lists(node, "Beds tonight"), "{ahead}: nothing expires");
        let call = node.weft(["call", "new", "--title", "Too early", "--until", "2h"]).run();
        assert!(call.fails_with(4).stderr.contains("ahead"), "{ahead}: {call}");
        // Whoever deletes is not to delete by this clock.
        cluster[0].stop();
        cluster[0].weft(["store", "compact"]).run().success();
        cluster[0].sandbox().set_clock("+0");
        cluster[0].start();
        let node = &cluster[0];
        assert_eq!(found(node, "doubted-clock"), None, "{ahead}");
        assert!(lists(node, "Beds tonight"), "{ahead}: nothing was deleted");
        node.sandbox().set_clock(ahead);
        cluster.eventually("it should be doubted again", SOON, || {
            found(node, "doubted-clock").is_some()
        });
        node.sandbox().set_clock("+0");
        cluster.eventually("it should be believed again without a word", SOON, || {
            found(node, "doubted-clock").is_none()
        });
    }
    let node = &cluster[0];
    node.weft(["call", "new", "--title", "In time", "--until", "2h"]).run().success();
}

#[test]
fn m6_the_operator_is_believed_when_the_clock_is_right_after_all() {
    let mut cluster = with_a_call_until_tomorrow();
    let node = &cluster[0];
    node.sandbox().set_clock("+40d");
    cluster.eventually("the node should ask", SOON, || found(node, "doubted-clock").is_some());
    let asked = node.weft(["doctor", "--clock-is-right"]).run();
    assert!(asked.stderr.is_empty(), "{asked}");
    assert_eq!(found(node, "doubted-clock"), None);
    cluster
        .eventually("what has ended by it should be over", SOON, || !lists(node, "Beds tonight"));
    // It was wrong: the way back leads over a new start, and the node says so.
    node.sandbox().set_clock("+0");
    cluster
        .eventually("time does not run backwards", SOON, || found(node, "doubted-clock").is_some());
    let back = node.weft(["doctor", "--clock-is-right"]).run();
    assert!(back.fails_with(4).stderr.contains("start the node again"), "{back}");
    cluster[0].stop();
    cluster[0].start();
    assert_eq!(found(&cluster[0], "doubted-clock"), None);
    assert!(lists(&cluster[0], "Beds tonight"), "what was over by a wrong clock is not lost");
}

#[test]
fn m6_a_machine_that_starts_in_1970_loses_nothing_and_signs_nothing() {
    let mut cluster = with_a_call_until_tomorrow();
    let this_year = year(&cluster[0]);
    cluster[0].stop();
    cluster[0].sandbox().set_clock("@1970-01-01 00:01:00");
    cluster[0].start();
    let node = &cluster[0];
    assert_eq!(year(node), this_year, "it goes on where it left off");
    assert!(found(node, "doubted-clock").is_some());
    assert!(lists(node, "Beds tonight"));
    let call = node.weft(["call", "new", "--title", "Long ago", "--until", "2h"]).run();
    assert!(call.fails_with(4).stderr.contains("behind"), "{call}");
    node.sandbox().set_clock("+0");
    cluster
        .eventually("a minute later it is right", SOON, || found(node, "doubted-clock").is_none());
    assert!(lists(node, "Beds tonight"));
    node.weft(["call", "new", "--title", "In time", "--until", "2h"]).run().success();
}
