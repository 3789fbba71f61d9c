//! Leaving with everything, forgetting, and preparing for a bad day, as people do it.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::world::World;

use crate::cluster_world::{SOON, an_hour_ago, answer, meet, text};

/// Waits until a node has a record, and returns its id.
fn at(cluster: &Cluster, n: usize, record: &Value) -> String {
    let id = text(&record["id"]);
    cluster.eventually("the record should arrive", SOON, || {
        cluster[n].door().record(id.parse().unwrap()).is_ok()
    });
    id
}

fn file(node: &Node, name: &str) -> String {
    node.sandbox().path(name).to_str().unwrap().to_owned()
}

/// Two networks with a tie, a call that the other answers, and a stranger who has none of it.
fn world() -> (Cluster, String, String, String) {
    let cluster = Cluster::start("gb-bristol", 3);
    cluster.connect(0, 1);
    meet(&cluster, 0, 1);
    let (river, harbour) = (&cluster[0], &cluster[1]);
    let ours = answer(river, &["network", "found", "--name", "River"]);
    let theirs = answer(harbour, &["network", "found", "--name", "Harbour"]);
    at(&cluster, 0, &theirs);
    at(&cluster, 1, &ours);
    let with = text(&theirs["net"]);
    let tie = ["tie", "propose", "--kind", "agreement", "--with", &with, "--summary", "Help"];
    let tie = answer(river, &tie);
    let tie = at(&cluster, 1, &tie);
    at(&cluster, 0, &answer(harbour, &["tie", "accept", &tie]));
    let call = answer(harbour, &["call", "new", "--title", "Beds wanted", "--ask", "beds:20"]);
    let call = at(&cluster, 0, &call);
    answer(river, &["offer", "new", &call, "--ask", "1", "--amount", "5"]);
    (cluster, text(&ours["net"]), tie, call)
}

/// Rows: 3.34, 3.39.
#[test]
fn a_network_leaves_with_all_that_it_signed_and_what_was_erased_stays_erased() {
    let (cluster, _, tie, call) = world();
    let (river, stranger) = (&cluster[0], &cluster[2]);
    let regretted = answer(river, &["call", "new", "--title", "Regretted"]);
    let regretted = at(&cluster, 1, &regretted);
    let [early, late, news] = ["early", "late", "news"].map(|name| file(river, name));
    let early_records = answer(river, &["export", "--out", &early])["records"].clone();
    let over = river.weft(["export", "--out", &early]).run();
    assert!(over.fails_with(1).stderr.contains("nothing is overwritten"), "{over}");
    river.weft(["erase", &regretted]).run().fails_with(4);
    answer(river, &["erase", &regretted, "--yes"]);
    let late_records = answer(river, &["export", "--out", &late])["records"].clone();
    assert_eq!(late_records, early_records, "one is gone, and the end of it has come");
    assert_eq!(answer(river, &["export", "--unless", &early, "--out", &news])["records"], 1);
    let none = ["export", "--unless", &early, "--unless", &news, "--out", &file(river, "none")];
    assert_eq!(answer(river, &none)["records"], 0);
    // Of another region it has signed nothing; who it is goes along all the same.
    let elsewhere = ["export", "--region", "gb-london", "--out", &file(river, "elsewhere")];
    assert_eq!(answer(river, &elsewhere)["records"], 1);

    let imported = answer(stranger, &["import", &late]);
    assert_eq!(imported["new"], late_records, "{imported}");
    assert_eq!(answer(stranger, &["tie", "show", &tie])["state"]["phase"], "active");
    let shown = answer(stranger, &["call", "show", &call]);
    assert_eq!(shown["state"]["asks"][0]["offered"], 5, "{shown}");
    // An earlier export brings back nothing that was erased since.
    answer(stranger, &["import", &early]);
    stranger.weft(["record", "show", &regretted]).run().fails_with(3);
    let nobody = stranger.weft(["export", "--out", &file(stranger, "x")]).run();
    assert!(nobody.fails_with(3).stderr.contains("--network"), "{nobody}");
}

/// Rows: 3.39.
#[test]
fn what_is_sealed_opens_for_those_who_were_named_alone() {
    let cluster = Cluster::start("gb-bristol", 2);
    let (river, stranger) = (&cluster[0], &cluster[1]);
    let ours = river.weft(["network", "found", "--name", "River", "--json"]).run();
    let net = text(&ours.success().json()["net"]);
    let keyless = World::new(9).at(an_hour_ago()).network("keyless");
    river.door().post(&[keyless.inception.clone(), keyless.profile(&[]).sign()]).unwrap();
    let to = keyless.id().to_string();
    let early = river.weft(["seal", "--to", &to]).stdin("door 4").run();
    assert!(early.fails_with(3).stderr.contains("profile set --sealing"), "{early}");
    let sealed = river.weft(["seal", "--to", &net]).stdin("door 4").run();
    assert!(sealed.success().stderr.contains("cannot take it back"), "{sealed}");
    assert!(sealed.stderr.contains("River"), "{sealed}");
    let spoken = format!("We say: {}", sealed.stdout);
    let opened = river.weft(["open"]).stdin(spoken.clone()).run();
    assert_eq!(opened.success().stdout, "door 4");
    stranger.weft(["open"]).stdin(spoken).run().fails_with(3);
    river.weft(["open"]).stdin("nothing sealed").run().fails_with(6);

    let [all, closed] = ["all", "closed"].map(|name| file(river, name));
    let records = answer(river, &["export", "--out", &all])["records"].clone();
    answer(river, &["export", "--seal-to", &net, "--out", &closed]);
    assert_eq!(answer(river, &["import", &closed])["known"], records);
    stranger.weft(["import", &closed]).run().fails_with(3);
    let none = ["export", "--unless", &closed, "--out", &file(river, "none")];
    assert_eq!(answer(river, &none)["records"], 0);
}

#[test]
fn a_revocation_waits_on_paper_and_a_home_is_wiped_when_its_node_is_still() {
    let mut cluster = Cluster::start("gb-bristol", 2);
    let river = &cluster[0];
    let ours = river.weft(["network", "found", "--name", "River", "--json"]).run();
    let net = text(&ours.success().json()["net"]);
    river.weft(["call", "new", "--title", "Before"]).run().success();
    let [kit, revocation, all] = ["kit", "revocation", "all"].map(|name| file(river, name));
    answer(river, &["id", "kit", &net, "--out", &kit, "--revocation", &revocation]);
    river.weft(["call", "new", "--title", "After"]).run().success();
    let revoked = |node: &Node| {
        let shown = answer(node, &["id", "show", &net]);
        shown["identity"]["revoked"].as_array().unwrap().len()
    };
    assert_eq!(revoked(river), 0, "nobody has been told");
    answer(river, &["export", "--out", &all]);

    let elsewhere = &cluster[1];
    answer(elsewhere, &["import", &all]);
    answer(elsewhere, &["import", &revocation]);
    assert_eq!(revoked(elsewhere), 1);
    let calls = answer(elsewhere, &["call", "list"]);
    let titles: Vec<_> =
        calls.as_array().unwrap().iter().map(|c| &c["body"]["title"]["en"]).collect();
    assert_eq!(titles, ["Before"], "what came after the kit does not count");

    let home = cluster[0].sandbox().home();
    let busy = cluster[0].weft(["wipe", "--yes"]).run();
    assert!(busy.fails_with(1).stderr.contains("weft stop"), "{busy}");
    cluster[0].stop();
    cluster[0].weft(["wipe"]).run().fails_with(4);
    assert!(home.join("keys/network.key").exists(), "nothing is done unasked");
    answer(&cluster[0], &["wipe", "--yes"]);
    assert!(!home.exists());
    cluster[0].weft(["wipe", "--yes"]).run().fails_with(1);
}

/// What is taken back of one's own goes no further than it did.
#[test]
fn who_takes_back_what_was_for_its_own_nodes_tells_nobody_else() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "River"]);
    let call = |title: &str, reach: &str| {
        let new = ["call", "new", "--title", title, "--reach", reach];
        text(&answer(node, &new)["thing"])
    };
    let ends = |call: &str, verb: &[&str]| {
        let end = [verb, &[call, "--text", "It was a mistake", "--yes"]].concat();
        answer(node, &end)["reach"].clone()
    };
    let (own, wider) = (call("For us", "own"), call("For all", "movement"));
    // Once it was wider, others may have it.
    answer(node, &["call", "edit", &wider, "--text", "Only us now", "--reach", "own"]);
    assert_eq!(ends(&own, &["call", "withdraw"]), "own");
    assert_eq!(ends(&wider, &["call", "withdraw"]), "region");
    assert_eq!(ends(&call("Erased", "own"), &["erase"]), "own");
}
