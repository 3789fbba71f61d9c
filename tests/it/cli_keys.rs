//! The keys of a network, as people look after them: founded, changed, lost, stolen, recovered.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::fs;

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};

use crate::cluster_world::{SOON, a_second_passes, answer, meet, pair, sees, text};

/// Returns the identity of the only network that a node knows.
fn identity(node: &Node) -> Value {
    node.weft(["network", "list", "--json"]).run().success().json()[0]["identity"].clone()
}

fn counts(node: &Node, record: &Value) -> bool {
    let id = text(&record["id"]);
    let shown = node.weft(["record", "show", &id, "--json"]).run();
    shown.success().json()["state"]["void"].is_null()
}

fn keys(node: &Node) -> Vec<String> {
    let entries = fs::read_dir(node.sandbox().home().join("keys"));
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = entries.into_iter().flatten().map(|e| name(e.unwrap())).collect();
    names.sort();
    names
}

#[test]
fn a_network_is_founded_whole_or_not_at_all() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let found = ["network", "found", "--name", "Harbour Care"];
    let with = |more: &[&'static str]| node.weft(found.into_iter().chain(more.iter().copied()));

    let rehearsed = with(&["--dry-run"]).run();
    assert_eq!(rehearsed.success().json()[1]["kind"], "profile");
    let contact = with(&["--purpose", "Write to ana@example.org"]).run();
    assert!(contact.fails_with(4).stderr.contains("ana@example.org"), "{contact}");
    let nowhere = with(&["--rotation-out", "no-such-folder/rotation.key"]).run();
    assert!(nowhere.fails_with(1).stderr.contains("do it again"), "{nowhere}");
    assert!(keys(node).is_empty(), "nothing is left behind: {:?}", keys(node));

    with(&[]).run().success();
    let again = with(&[]).run();
    assert!(again.fails_with(1).stderr.contains("has the key of a network already"), "{again}");

    // The program ended after the node had the records, and before it could say so.
    let bundle = node.sandbox().home().join("keys/founding.weft");
    node.weft(["record", "export", "--out", bundle.to_str().unwrap()]).run().success();
    let resumed = with(&[]).run();
    assert!(resumed.success().stdout.contains("It is finished now"), "{resumed}");
    assert_eq!(keys(node), ["network.key", "rotation.key", "sealing.key"]);
    assert_eq!(node.weft(["network", "list", "--json"]).run().success().json()[1], Value::Null);
}

/// Rows: 3.34.
#[test]
fn a_network_changes_its_key_with_the_rotation_key_alone() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let home = node.sandbox().home().join("keys");
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let rotated = node.weft(["id", "rotate", "--rotation-out", "stick.key"]).run();
    assert!(rotated.success().stderr.contains("is destroyed"), "{rotated}");
    assert!(!keys(node).iter().any(|name| name.contains("rotation")), "{:?}", keys(node));
    let second = identity(node)["key"].clone();
    // Somebody keeps a copy.
    let stick = node.sandbox().path("stick.key");
    fs::copy(&stick, node.sandbox().path("copy.key")).unwrap();

    let without = node.weft(["id", "rotate"]).run();
    assert!(without.fails_with(3).stderr.contains("There is no key"), "{without}");
    node.weft(["network", "list"]).run().success();
    // The key that signs every day is lost.
    fs::remove_file(home.join("network.key")).unwrap();
    node.weft(["id", "rotate", "--rotation-key", "stick.key"]).run().success();
    assert!(!stick.exists(), "a rotation key signs once");
    let third = identity(node)["key"].clone();
    assert_ne!(third, second);
    assert_eq!(answer(node, &["call", "new", "--title", "We go on"])["key"], third);

    // The program ended after the node had the event, and before the keys had their names.
    let events = identity(node)["log"].as_array().unwrap().len();
    for name in ["network", "rotation"] {
        let from = home.join(format!("{name}.key"));
        fs::rename(from, home.join(format!("{name}-next.key"))).unwrap();
    }
    let finished = node.weft(["id", "rotate"]).run();
    assert!(finished.success().stderr.contains("new key"), "{finished}");
    assert_eq!(identity(node)["log"].as_array().unwrap().len(), events, "nothing was signed");
    assert_eq!(answer(node, &["call", "new", "--title", "And on"])["key"], third);
    let wrong = node.weft(["id", "rotate", "--rotation-key", "copy.key"]).run();
    assert!(wrong.fails_with(4).stderr.contains("committed to"), "{wrong}");
}

#[test]
fn of_a_stolen_network_key_what_was_signed_before_the_theft_remains() {
    let cluster = pair();
    let node = &cluster[0];
    let call =
        |title: &str| node.weft(["call", "new", "--title", title, "--json"]).run().success().json();
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let early = call("early");
    a_second_passes(&cluster);
    let theft = text(&call("late")["at"]);
    let late = call("later");
    let net = text(&early["net"]);
    let future =
        ["id", "revoke", &net, "--reason", "compromised", "--keep", "all-before", "2099-01-01"];
    let future = node.weft(future).run();
    assert!(future.fails_with(2).stderr.contains("still to come"), "{future}");
    let revoke = ["id", "revoke", &net, "--reason", "compromised", "--keep", "all-before", &theft];
    let asked = node.weft(revoke).run();
    let words = ["2 records that count now become void", "--yes"];
    assert!(words.iter().all(|words| asked.fails_with(4).stderr.contains(words)), "{asked}");
    assert!(!asked.stderr.contains("--keep"), "it was said: {asked}");
    let all = node.weft(["id", "revoke", &net, "--reason", "compromised"]).run();
    assert!(all.fails_with(4).stderr.contains("--keep all-before"), "{all}");
    let revoked = node.weft(revoke.into_iter().chain(["--yes"])).run();
    assert!(revoked.success().stderr.contains("weft id rotate"), "{revoked}");
    let mute = node.weft(["call", "new", "--title", "mute"]).run();
    assert!(mute.fails_with(4).stderr.contains("compromised"), "{mute}");
    let spanish = node.weft(["call", "new", "--title", "mute", "--lang", "es"]).run();
    assert!(spanish.fails_with(4).stderr.contains("revocó la clave por robada"), "{spanish}");
    node.weft(["id", "rotate", &net]).run().success();
    let after = call("after");
    for n in 0..2 {
        cluster.eventually(&format!("node {n} should have it all"), SOON, || {
            let id = text(&after["id"]).parse().unwrap();
            cluster[n].door().record(id).is_ok()
        });
        assert!(counts(&cluster[n], &early), "what was signed before stays on node {n}");
        assert!(!counts(&cluster[n], &late), "what came later does not, on node {n}");
        assert!(counts(&cluster[n], &after), "and the network speaks again on node {n}");
    }
}

/// Makes the keys of three guardians, and returns their hashes.
fn guardians(node: &Node) -> [String; 3] {
    ["ana", "bea", "cleo"].map(|label| {
        let made = node.weft(["id", "guardian", "--label", label, "--json"]).run();
        text(&made.success().json()["hash"])
    })
}

/// Founds a network with these guardians, and returns its id.
fn founded(node: &Node, guardians: &[String]) -> String {
    let found = ["network", "found", "--name", "Harbour Care", "--json"];
    let named = guardians.iter().flat_map(|hash| ["--guardian", hash.as_str()]);
    let founded = node.weft(found.into_iter().chain(named)).run();
    text(&founded.success().json()["net"])
}

/// Lets two of three guardians, at a node elsewhere, give the network's office a new key.
fn recovered(cluster: &Cluster, (office, elsewhere): (&Node, &Node), net: &str) -> String {
    let prepared = office.weft(["id", "recover", net, "--json"]).run().success().json();
    let (key, next) = (text(&prepared["key"]), text(&prepared["next"]));
    let sign = |label: &str| {
        let file = elsewhere.sandbox().home().join(format!("keys/{label}.key"));
        let file = file.to_str().unwrap().to_owned();
        let all = ["id", "recover", net, "--key", &key, "--next", &next, "--guardian-key", &file];
        elsewhere.weft(all).run()
    };
    let first = sign("ana");
    assert!(first.success().stderr.contains("1 guardian has signed, of the 2"), "{first}");
    cluster.eventually("the office should hear of the first guardian", SOON, || {
        let again = office.weft(["id", "recover", net, "--json"]).run().success().json();
        again["have"] == 1 && again["key"] == key.as_str()
    });
    sign("cleo").success();
    cluster.eventually("the office should hear of the second", SOON, || {
        identity(office)["key"] == key.as_str()
    });
    let settled = office.weft(["id", "recover", net, "--lang", "es"]).run();
    assert!(settled.success().stderr.contains("han recuperado la red"), "{settled}");
    key
}

/// Rows: 3.34.
#[test]
fn guardians_recover_a_network_that_lost_everything() {
    let cluster = pair();
    let (office, elsewhere) = (&cluster[0], &cluster[1]);
    let net = founded(office, &guardians(elsewhere));
    for name in ["network", "rotation"] {
        fs::remove_file(office.sandbox().home().join(format!("keys/{name}.key"))).unwrap();
    }
    sees(&cluster, 1, &["id", "show", &net]);
    let key = recovered(&cluster, (office, elsewhere), &net);
    let call = office.weft(["call", "new", "--title", "We are back", "--json"]).run();
    assert_eq!(call.success().json()["key"], key.as_str());
    assert_eq!(identity(elsewhere)["key"], key.as_str());
    assert_eq!(keys(office), ["network.key", "rotation.key", "sealing.key"]);
}

#[test]
fn only_guardians_say_who_guards_a_network_and_whom_they_dismiss_has_no_say() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let [ana, bea, cleo] = guardians(node);
    let dora = node.weft(["id", "guardian", "--label", "dora", "--json"]).run().success().json();
    let dora = text(&dora["hash"]);
    let found = ["network", "found", "--name", "Harbour Care", "--json"];
    let named = [&ana, &bea, &cleo].into_iter().flat_map(|hash| ["--guardian", hash.as_str()]);
    let net = text(&node.weft(found.into_iter().chain(named)).run().success().json()["net"]);
    let alone = node.weft(["id", "rotate", "--guardian", &dora]).run();
    assert!(alone.fails_with(4).stderr.contains("weft id guard"), "{alone}");
    assert_eq!(identity(node)["log"].as_array().unwrap().len(), 1, "nothing was signed");
    let guard = |label: &str| {
        let file = node.sandbox().home().join(format!("keys/{label}.key"));
        let file = file.to_str().unwrap().to_owned();
        let named = ["--guardian", &ana, "--guardian", &dora, "--need", "2"];
        let all = ["id", "guard", &net, "--guardian-key", &file];
        node.weft(all.into_iter().chain(named)).run()
    };
    let first = guard("ana");
    assert!(first.success().stderr.contains("1 guardian has signed, of the 2"), "{first}");
    let second = guard("bea");
    assert!(second.success().stderr.contains("has 2 guardians now"), "{second}");
    let (key, next) = (text(&identity(node)["key"]), "a".repeat(52));
    let file = node.sandbox().home().join("keys/cleo.key");
    let file = file.to_str().unwrap();
    let recover = ["id", "recover", &net, "--key", &key, "--next", &next, "--guardian-key", file];
    let dismissed = node.weft(recover).run();
    assert!(dismissed.fails_with(4).stderr.contains("never named the key"), "{dismissed}");
    node.weft(["id", "rotate"]).run().success();
    assert_eq!(identity(node)["log"].as_array().unwrap().len(), 3);
}

/// Rows: 4.20.
#[test]
fn two_rotations_freeze_a_network_on_every_node_until_its_guardians_recover_it() {
    let cluster = Cluster::start("gb-bristol", 3);
    cluster.connect(0, 1);
    let (office, elsewhere, thief) = (&cluster[0], &cluster[1], &cluster[2]);
    meet(&cluster, 0, 1);
    let net = founded(office, &guardians(elsewhere));
    let before = office.weft(["call", "new", "--title", "Before", "--json"]).run().success().json();
    a_second_passes(&cluster);
    // A thief has copied the rotation key, and all that the network ever said.
    let rotation = office.sandbox().home().join("keys/rotation.key");
    fs::copy(rotation, thief.sandbox().path("stolen.key")).unwrap();
    office.weft(["record", "export", "--out", "all.weft"]).run().success();
    fs::copy(office.sandbox().path("all.weft"), thief.sandbox().path("all.weft")).unwrap();
    thief.weft(["import", "all.weft"]).run().success();
    office.weft(["id", "rotate"]).run().success();
    thief.weft(["id", "rotate", "--rotation-key", "stolen.key"]).run().success();
    cluster.connect(2, 0);
    for node in [office, elsewhere, thief] {
        cluster.eventually("every node should see both rotations", SOON, || {
            counts(node, &before) && !identity(node)["disputed"].is_null()
        });
    }
    let listed = elsewhere.weft(["network", "show", &net]).run();
    assert!(listed.success().stdout.contains("disputed"), "{listed}");
    let mute = |node: &Node, words: &str| {
        let said = node.weft(["call", "new", "--title", "Who speaks?"]).run();
        assert!(said.fails_with(4).stderr.contains(words), "{said}");
    };
    mute(office, "the identity is disputed");
    mute(thief, "No network has given your keys");
    let key = recovered(&cluster, (office, elsewhere), &net);
    let call = office.weft(["call", "new", "--title", "We are back", "--json"]).run();
    let call = call.success().json();
    for node in [office, elsewhere, thief] {
        cluster.eventually("every node should have it", SOON, || {
            node.door().record(text(&call["id"]).parse().unwrap()).is_ok()
        });
        assert_eq!(identity(node)["key"], key.as_str());
        assert!(identity(node)["disputed"].is_null());
        assert!(counts(node, &before) && counts(node, &call));
    }
    mute(thief, "No network has given your keys");
}

#[test]
fn m2_what_a_stolen_key_erased_comes_back_on_every_node_when_it_is_taken_back() {
    let mut cluster = pair();
    let titles = |node: &Node| {
        let calls = node.weft(["call", "list", "--json"]).run().success().json();
        let mut titles = Vec::from_iter(
            calls.as_array().unwrap().iter().map(|call| text(&call["body"]["title"]["en"])),
        );
        titles.sort();
        titles
    };
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let calls = ["beds", "soup"]
        .map(|title| node.weft(["call", "new", "--title", title, "--json"]).run().success().json());
    let net = text(&calls[0]["net"]);
    a_second_passes(&cluster);
    let theft = node.weft(["call", "new", "--title", "of the thief", "--json"]).run();
    let theft = text(&theft.success().json()["at"]);
    for call in &calls {
        node.weft(["erase", &text(&call["id"]), "--yes"]).run().success();
    }
    cluster.eventually("both nodes should hide it", SOON, || {
        (0..2).all(|n| titles(&cluster[n]) == ["of the thief"])
    });
    let shown = cluster[1].weft(["call", "show", &text(&calls[0]["thing"])[..10]]).run();
    assert!(shown.fails_with(3).stderr.contains("has erased it"), "{shown}");
    // What is hidden stays hidden when a node comes back from a power cut.
    cluster[1].kill();
    cluster[1].start();
    assert_eq!(titles(&cluster[1]), ["of the thief"]);
    let node = &cluster[0];
    let revoke = ["id", "revoke", &net, "--reason", "compromised", "--keep", "all-before", &theft];
    let revoked = node.weft(revoke.into_iter().chain(["--yes"])).run();
    assert!(revoked.success().stderr.contains("2 erasures"), "{revoked}");
    cluster.eventually("both nodes should have it back", SOON, || {
        (0..2).all(|n| titles(&cluster[n]) == ["beds", "soup"])
    });
    cluster[0].kill();
    cluster[0].start();
    assert_eq!(titles(&cluster[0]), ["beds", "soup"]);
}
