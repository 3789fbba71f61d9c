//! A network that goes to live on another machine, as the handbook says.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{SOON, answer, meet, now, pair, sees, soon, text};

/// Brings files and folders of one home into another.
fn bring(from: &Node, to: &Path, names: &[&str]) {
    for name in names {
        let (from, to) = (from.sandbox().home().join(name), to.join(name));
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap();
            for entry in fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        } else if from.exists() {
            fs::copy(from, to).unwrap();
        }
    }
}

fn names(node: &Node) -> Vec<Value> {
    let found = node.weft(["doctor", "--json"]).run().json();
    found.as_array().unwrap().iter().map(|finding| finding["finding"].clone()).collect()
}

fn hosted(node: &Node) -> Value {
    answer(node, &["status"])["hosted"].clone()
}

/// Two networks with a tie; the first has a role, and a call for its own nodes only.
fn settled() -> (Cluster, String, String) {
    let cluster = pair();
    let (old, other) = (&cluster[0], &cluster[1]);
    let river = text(&answer(old, &["network", "found", "--name", "River"])["net"]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    let propose = ["--kind", "agreement", "--with", &harbour, "--summary", "We help each other"];
    let tie = [&["tie", "propose"][..], &propose].concat();
    let tie = text(&answer(old, &tie)["thing"]);
    sees(&cluster, 1, &["tie", "show", &tie]);
    let due = answer(other, &["tie", "due"]);
    assert_eq!((&due[0]["thing"], &due[0]["state"]["wants"]), (&json!(tie), &json!(["signature"])));
    let waits = other.weft(["doctor"]).run();
    assert!(waits.success().stdout.contains("1 tie waits for your signature"), "{waits}");
    assert!(other.weft(["status"]).run().stdout.contains("1 tie waits for your signature"));
    answer(other, &["tie", "accept", &tie]);
    let key = text(&answer(old, &["member", "request", "--label", "rep"])["key"]);
    answer(old, &["role", "offer", &key, "--label", "rep", "--power", "call", "--until", "90d"]);
    answer(old, &["call", "new", "--title", "For us alone", "--reach", "own"]);
    cluster.eventually("the tie should be active", SOON, || {
        answer(old, &["tie", "show", &tie])["state"]["phase"] == "active"
    });
    (cluster, river, tie)
}

#[test]
fn a_network_moves_to_another_machine_with_all_that_it_is() {
    let (mut cluster, river, tie) = settled();
    let bundle = cluster[0].sandbox().path("ours.weft").to_str().unwrap().to_owned();
    answer(&cluster[0], &["export", "--out", &bundle]);
    cluster[0].stop();

    let sandbox = Sandbox::new();
    sandbox.init("gb-bristol");
    bring(&cluster[0], &sandbox.home(), &["keys", "node.key", "choices.toml", "names.toml"]);
    // The choices say who lives there; without them the key alone must do.
    fs::remove_file(sandbox.home().join("choices.toml")).unwrap();
    let new = cluster.add_in(sandbox);
    let unknown = cluster[new].weft(["doctor"]).run();
    assert!(unknown.fails_with(1).stdout.contains("weft import FILE"), "{unknown}");
    assert!(!unknown.stdout.contains("No network lives here yet"), "{unknown}");
    let imported = answer(&cluster[new], &["import", &bundle]);
    assert_eq!(imported["adopted"], json!([river]), "{imported}");
    assert_eq!(hosted(&cluster[new]), json!([river]));

    cluster.connect(new, 1);
    meet(&cluster, new, 1);
    cluster.eventually("the tie should be there, signed by both", SOON, || {
        answer(&cluster[new], &["tie", "list"])[0]["state"]["phase"] == "active"
    });
    let new = &cluster[new];
    assert_eq!(answer(new, &["tie", "list", "--network", "us"])[0]["thing"], json!(tie));
    assert_eq!(answer(new, &["role", "list", "--network", "us"])[0]["body"]["label"], "rep");
    let calls = answer(new, &["call", "list"]);
    assert_eq!(calls[0]["body"]["title"]["en"], "For us alone", "{calls}");
    assert!(!names(new).contains(&json!("not-at-home")), "{:?}", names(new));
    answer(new, &["call", "new", "--title", "We are here"]);
}

#[test]
fn what_is_over_comes_home_by_an_import_where_its_network_lives() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let old = &cluster[0];
    let river = text(&answer(old, &["network", "found", "--name", "River"])["net"]);
    let key = text(&answer(old, &["member", "request", "--label", "rep"])["key"]);
    let role = ["role", "offer", &key, "--label", "rep", "--power", "call", "--until"];
    answer(old, &[&role[..], &[&soon()]].concat());
    answer(old, &["role", "accept", "rep", "--as", "role-rep"]);
    let call = |title: &str, more: &[&str]| {
        let new = ["call", "new", "--title", title, "--until", &soon()];
        text(&answer(old, &[&new[..], more].concat())["thing"])
    };
    let beds = call("Beds", &[]);
    let by_rep = old.weft(["call", "new", "--title", "Vans", "--as", "role-rep", "--json"]).run();
    let by_rep = text(&by_rep.success().json()["thing"]);
    let erased = call("A mistake", &[]);
    let file = old.sandbox().path("before.weft").to_str().unwrap().to_owned();
    answer(old, &["export", "--out", &file]);
    answer(old, &["erase", &erased, "--yes"]);
    let calls = |node: &Node, all: &[&str]| {
        let listed = answer(node, &[&["call", "list"], all].concat());
        let all = listed.as_array().cloned().unwrap_or_default();
        all.iter().map(|call| text(&call["thing"])).collect::<BTreeSet<_>>()
    };
    let kept = BTreeSet::from([beds, by_rep]);
    cluster.eventually("they should be over", SOON, || calls(&cluster[0], &[]).is_empty());
    cluster.eventually("the role should be over", SOON, || {
        answer(&cluster[0], &["role", "list"]) == json!([])
    });
    assert_eq!(calls(&cluster[0], &["--all"]), kept);
    // What was erased stays erased, from an older file too.
    let all_over = now() + Duration::from_secs(12);
    cluster.eventually("what was erased should be over", SOON, || now() > all_over);
    cluster[0].stop();
    cluster[0].start();
    let again = cluster[0].weft(["import", &file, "--json"]).run();
    assert_eq!(again.json()["past"], 0, "{again}");
    assert_eq!(calls(&cluster[0], &["--all"]), kept);
    let ours = cluster[0].sandbox().path("ours.weft").to_str().unwrap().to_owned();
    answer(&cluster[0], &["export", "--out", &ours]);
    cluster[0].stop();

    let new = cluster.add("gb-bristol");
    let strange = cluster[new].weft(["import", &ours]).run();
    let words = ["whose time is over, not kept", "weft network adopt"];
    assert!(words.iter().all(|words| strange.fails_with(6).stdout.contains(words)), "{strange}");
    assert!(calls(&cluster[new], &["--all"]).is_empty());
    bring(&cluster[0], &cluster[new].sandbox().home(), &["keys"]);
    let home = cluster[new].weft(["import", &ours]).run();
    assert!(home.success().stdout.contains("kept as your network's past"), "{home}");
    assert_eq!(hosted(&cluster[new]), json!([river]));
    let has_all = |node: &Node| {
        assert_eq!(calls(node, &["--all"]), kept);
        assert_eq!(answer(node, &["role", "list", "--all"])[0]["state"]["phase"], "expired");
    };
    has_all(&cluster[new]);
    assert_eq!(answer(&cluster[new], &["import", &ours])["past"], 0, "they are known now");
    cluster[new].stop();
    cluster[new].start();
    has_all(&cluster[new]);
    let again = cluster[new].sandbox().path("again.weft").to_str().unwrap().to_owned();
    answer(&cluster[new], &["export", "--out", &again]);
    assert_eq!(fs::read(again).unwrap(), fs::read(&ours).unwrap(), "nothing was lost on the way");
}

#[test]
fn a_key_that_comes_after_the_records_is_noticed_and_the_command_named() {
    let (mut cluster, river, _) = settled();
    let bundle = cluster[0].sandbox().path("ours.weft").to_str().unwrap().to_owned();
    answer(&cluster[0], &["export", "--out", &bundle]);
    let new = cluster.add("gb-bristol");
    assert_eq!(answer(&cluster[new], &["import", &bundle])["adopted"], json!([]));
    assert_eq!(hosted(&cluster[new]), json!([]));
    let nobody = cluster[new].weft(["network", "adopt"]).run();
    assert!(nobody.fails_with(3).stderr.contains("weft import"), "{nobody}");
    let asked = cluster[new].weft(["network", "adopt", &river]).run();
    assert!(asked.fails_with(4).stderr.contains("No key in this home"), "{asked}");
    bring(&cluster[0], &cluster[new].sandbox().home(), &["keys"]);
    let told = cluster[new].weft(["doctor"]).run();
    let advice = format!("weft network adopt {river}");
    assert!(told.fails_with(1).stdout.contains(&advice), "{told}");
    assert!(told.stdout.contains("River"), "{told}");
    assert_eq!(answer(&cluster[new], &["network", "adopt"])["adopted"], json!([river]));
    assert_eq!(hosted(&cluster[new]), json!([river]));
    cluster[new].stop();
    cluster[new].start();
    assert_eq!(hosted(&cluster[new]), json!([river]), "for good");
}

#[test]
fn a_recovery_that_is_under_way_or_done_is_an_alarm_at_the_office() {
    let cluster = pair();
    let (office, elsewhere) = (&cluster[0], &cluster[1]);
    let guardians: Vec<String> = ["ana", "bea"]
        .map(|label| text(&answer(elsewhere, &["id", "guardian", "--label", label])["hash"]))
        .into();
    let found = ["network", "found", "--name", "Harbour", "--guardian", &guardians[0]];
    let found = found.into_iter().chain(["--guardian", &guardians[1], "--need", "2"]);
    let net = text(&answer(office, &found.collect::<Vec<_>>())["net"]);
    sees(&cluster, 1, &["id", "show", &net]);
    assert_eq!(names(office), Vec::<Value>::new());
    // Guardians who name a key that nobody at the office has.
    let pair = answer(elsewhere, &["id", "recover", &net]);
    let sign = |label: &str| {
        let file = elsewhere.sandbox().home().join(format!("keys/{label}.key"));
        let (key, next) = (text(&pair["key"]), text(&pair["next"]));
        let words = ["id", "recover", &net, "--key", &key, "--next", &next, "--guardian-key"];
        elsewhere.weft(words.into_iter().chain([file.to_str().unwrap()])).run().success();
    };
    let alarmed = |words: &str| {
        cluster.eventually(&format!("the doctor should say: {words}"), SOON, || {
            let said = office.weft(["doctor"]).run();
            said.status.code() == Some(1) && said.stdout.contains(words)
        });
        assert!(office.weft(["status"]).run().stdout.contains(words), "status says it first");
    };
    sign("ana");
    alarmed("1 of 2 guardians have signed");
    sign("bea");
    alarmed("The guardians have given Harbour");

    // Who recovers a network on a node lets it live there.
    assert_eq!(answer(elsewhere, &["id", "recover", &net])["key"], pair["key"]);
    assert_eq!(hosted(elsewhere), json!([net]));
    let revoke = ["id", "revoke", &net, "--reason", "compromised"];
    let asked = elsewhere.weft(revoke).run();
    assert!(asked.fails_with(4).stderr.contains("Nothing that counts now"), "{asked}");
}

#[test]
fn a_network_whose_profile_went_with_its_key_is_told_that_it_is_nameless() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let net = text(&answer(node, &["network", "found", "--name", "Harbour"])["net"]);
    let revoke = ["id", "revoke", &net, "--reason", "compromised"];
    let asked = node.weft(revoke).run();
    let words = ["1 record that counts now becomes void", "Your profile is among them"];
    assert!(words.iter().all(|words| asked.fails_with(4).stderr.contains(words)), "{asked}");
    node.weft(revoke.into_iter().chain(["--yes"])).run().success();
    assert!(names(node).contains(&json!("voiceless")));
    node.weft(["id", "rotate", &net]).run().success();
    let said = node.weft(["doctor"]).run();
    assert!(said.fails_with(1).stdout.contains("weft profile set --name NAME"), "{said}");
    let purpose = node.weft(["profile", "set", "--purpose", "To care"]).run();
    assert!(purpose.fails_with(2).stderr.contains("no profile in force"), "{purpose}");
    answer(node, &["profile", "set", "--name", "Harbour"]);
    assert!(!names(node).contains(&json!("nameless")), "{:?}", names(node));
}
