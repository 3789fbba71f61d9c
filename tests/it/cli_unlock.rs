//! Keys as people meet them: damaged files, forgotten words, an agent that remembers, a list of them all.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use weft_tests::cluster::{Cluster, Node};
use weft_tests::means::{is_installed, lacking};
use weft_tests::process::{Process, Progress};
use weft_tests::sandbox::{PASSPHRASE, Sandbox};

use crate::cluster_world::{SOON, text};

/// Words that open nothing.
const WRONG: &str = "no such words at all";

/// How long a person waits for a question.
const PATIENCE: Duration = Duration::from_secs(30);

fn founded() -> Cluster {
    let cluster = Cluster::start("gb-bristol", 1);
    cluster[0].weft(["network", "found", "--name", "Harbour Care"]).run().success();
    cluster
}

fn calls(node: &Node) -> weft_tests::sandbox::Run {
    node.weft(["call", "new", "--title", "Beds wanted"])
}

#[test]
fn what_is_wrong_with_the_file_of_a_key_is_said() {
    let cluster = founded();
    let node = &cluster[0];
    let file = node.sandbox().home().join("keys/network.key");
    let whole = fs::read_to_string(&file).unwrap();
    let public =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH a";
    for (content, english, spanish) in [
        (&whole.as_bytes()[..whole.len() / 2], "cut off", "cortado"),
        (b"", "empty", "vacío"),
        (public.as_bytes(), "public half", "mitad pública"),
        (b"\xff\xfe-\0-\0", "no text", "no es texto"),
    ] {
        fs::write(&file, content).unwrap();
        for command in
            [&["call", "new", "--title", "x"][..], &["doctor"], &["export", "--out", "o"]]
        {
            for (lang, words) in [("en", english), ("es", spanish)] {
                let said = node.weft(command.iter().copied().chain(["--lang", lang])).run();
                assert!(!said.status.success(), "{said}");
                let all = format!("{}{}", said.stdout, said.stderr);
                assert!(all.contains("keys/network.key") && all.contains(words), "{words}: {said}");
            }
        }
    }
    // What changes nothing of the key is understood.
    for content in
        [format!("\u{feff}{whole}"), whole.replace('\n', "\r\n"), whole.replace('\n', "")]
    {
        fs::write(&file, &content).unwrap();
        // As many letters in each title as in the file: no two calls are the same record.
        let title = format!("Beds wanted by {}", content.len());
        node.weft(["call", "new", "--title", &title]).run().success();
    }
}

#[test]
fn words_that_do_not_open_a_key_are_answered_by_what_the_key_is_for() {
    let cluster = founded();
    let node = &cluster[0];
    node.weft(["member", "request", "--label", "rep-2"]).run().success();
    let key = node.weft(["key", "list", "--json"]).run().success().json();
    let key =
        key.as_array().unwrap().iter().find(|key| key["name"] == "role-rep-2").unwrap().clone();
    let offered =
        ["role", "offer", key["key"].as_str().unwrap(), "--label", "rep-2", "--power", "call"];
    let role = node.weft(offered.into_iter().chain(["--json"])).run().success().json();
    let role = text(&role["id"]);
    for (command, words) in [
        (&["call", "new", "--title", "x"][..], "rotation key names another key"),
        (&["role", "accept", &role], "ask your network for a new role"),
        (&["id", "rotate"], "guardians can name both keys anew"),
    ] {
        let said = node.weft(command.iter().copied()).env("WEFT_PASSPHRASE", WRONG).run();
        let told = &said.fails_with(1).stderr;
        assert!(told.contains("does not open") && told.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_passphrase_is_asked_for_again_in_place() {
    let sandbox = Sandbox::new();
    let mut made = sandbox
        .weft(["id", "guardian", "--label", "ana"])
        .without("WEFT_PASSPHRASE")
        .at_terminal(80);
    made.shows("for the key 'ana'", PATIENCE).types("short");
    // Its length is judged before it is typed a second time.
    made.shows("too short", PATIENCE).shows("for the key 'ana'", PATIENCE).types(PASSPHRASE);
    made.shows("And once more", PATIENCE).types(WRONG);
    made.shows("differ", PATIENCE).shows("for the key 'ana'", PATIENCE).types(PASSPHRASE);
    made.shows("And once more", PATIENCE).types(PASSPHRASE);
    assert!(made.ends(PATIENCE).with_code(0).contains("guardian's key is ready"));

    let change = ["key", "change-passphrase", "ana"];
    let mut changed = sandbox.weft(change).without("WEFT_PASSPHRASE").at_terminal(80);
    changed.shows("Passphrase of the key 'ana'", PATIENCE).types(WRONG);
    changed.shows("Try again", PATIENCE).shows("Passphrase of the key 'ana'", PATIENCE);
    changed.types(PASSPHRASE).shows("new passphrase for the key 'ana'", PATIENCE);
    changed.types("other words than before").shows("And once more", PATIENCE);
    changed.types("other words than before");
    assert!(changed.ends(PATIENCE).with_code(0).contains("has another passphrase now"));
}

#[test]
fn a_founding_says_for_what_it_asks() {
    let cluster = Cluster::start("gb-bristol", 1);
    let found = cluster[0].weft(["network", "found", "--name", "Harbour Care"]);
    let mut asked = found.without("WEFT_PASSPHRASE").at_terminal(80);
    asked.shows("three keys", PATIENCE).shows("good):", PATIENCE).types(PASSPHRASE);
    asked.shows("And once more", PATIENCE).types(PASSPHRASE);
    assert!(asked.ends(PATIENCE).done().contains("founded"));
}

#[test]
fn a_passphrase_is_changed_and_the_key_stays() {
    let cluster = founded();
    let node = &cluster[0];
    fs::write(node.sandbox().path("new"), "other words than before\n").unwrap();
    let change = ["key", "change-passphrase", "network", "--new-passphrase-file", "new"];
    let short = node.sandbox().path("short");
    fs::write(&short, "short\n").unwrap();
    let refused =
        node.weft(["key", "change-passphrase", "network", "--new-passphrase-file", "short"]).run();
    assert!(refused.fails_with(1).stderr.contains("too short"), "{refused}");
    let changed = node.weft(change).run();
    assert!(changed.success().stderr.contains("rotation, sealing"), "{changed}");
    calls(node).run().fails_with(1);
    calls(node).env("WEFT_PASSPHRASE", "other words than before").run().success();
}

#[test]
fn keys_are_listed_and_their_names_work_wherever_a_file_does() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let made = node.weft(["id", "guardian", "--label", "for-harbour", "--json"]).run();
    let hash = text(&made.success().json()["hash"]);
    let again = node.weft(["id", "guardian", "--label", "for-harbour", "--json"]).run();
    assert_eq!(again.success().json()["hash"], hash.as_str(), "it is shown again");
    let found = ["network", "found", "--name", "Harbour Care", "--guardian", &hash];
    node.weft(found).run().success();
    let listed = node.weft(["key", "list", "--json"]).run().success().json();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|key| text(&key["name"])).collect();
    assert_eq!(names, ["for-harbour", "network", "rotation", "sealing"]);
    assert_eq!(listed[0]["hash"], hash.as_str());
    let shown = node.weft(["key", "list"]).run();
    assert!(shown.success().stdout.contains("your network's rotation key"), "{shown}");

    let key = text(&listed[1]["key"]);
    let recover = ["id", "recover", "us", "--key", &key, "--next", &hash, "--dry-run"];
    let named = |name| recover.into_iter().chain(["--guardian-key", name]);
    node.weft(named("for-harbour")).run().success();
    let unknown = node.weft(named("for-harbor")).run();
    assert!(unknown.fails_with(3).stderr.contains("for-harbour, network"), "{unknown}");
}

#[test]
fn an_agent_that_keeps_a_key_signs_and_nobody_is_asked() {
    if lacking("ssh-agent", is_installed("ssh-agent")) {
        return;
    }
    let cluster = founded();
    let node = &cluster[0];
    let socket = node.sandbox().path("agent");
    let mut command = Command::new("ssh-agent");
    command.arg("-D").arg("-a").arg(&socket);
    let _agent = Process::start(command, &Arc::<Progress>::default());
    cluster.eventually("the agent should be there", SOON, || socket.exists());
    let with =
        |words: &[&'static str]| node.weft(words.iter().copied()).env("SSH_AUTH_SOCK", &socket);
    let call = &["call", "new", "--title", "Beds wanted"];
    with(call).env("WEFT_PASSPHRASE", WRONG).run().fails_with(1);
    let added = with(&["key", "add"]).run();
    assert!(added.success().stdout.contains("'network' for 8 hours"), "{added}");
    with(call).env("WEFT_PASSPHRASE", WRONG).run().success();
    let listed = with(&["key", "list", "--json"]).run().success().json();
    let kept: Vec<_> = listed.as_array().unwrap().iter().map(|key| key["agent"].clone()).collect();
    assert_eq!(kept, [true, false, false], "{listed}");
    let sealing = with(&["key", "add", "sealing"]).run();
    assert!(sealing.fails_with(4).stderr.contains("opens what is sealed"), "{sealing}");
    let nobody = node.weft(["key", "add"]).run();
    assert!(nobody.fails_with(1).stderr.contains("No ssh-agent runs"), "{nobody}");

    // A member whose node is elsewhere opens its door by the agent, too; with the key of a role.
    let address = node.address().to_owned();
    let own = ["call", "list", "--node", &address, "--node-key", "network"];
    let refused = node.weft(own).env("SSH_AUTH_SOCK", &socket).run();
    assert!(refused.fails_with(4).stderr.contains("the key of a role"), "{refused}");
    let request = node.weft(["member", "request", "--label", "rep", "--json"]).run();
    let key = text(&request.success().json()["key"]);
    let offer = ["role", "offer", &key, "--label", "rep", "--power", "call", "--json"];
    let role = text(&node.weft(offer).run().json()["id"]);
    node.weft(["role", "accept", &role]).run().success();
    with(&["key", "add", "role-rep"]).run().success();
    let away = ["call", "list", "--node", &address];
    let read = node.weft(away).env("SSH_AUTH_SOCK", &socket).env("WEFT_PASSPHRASE", WRONG).run();
    assert!(read.success().stdout.contains("Beds wanted"), "{read}");
    // What an agent that has gone kept is asked for as before.
    let gone = node.weft(["call", "list"]).env("SSH_AUTH_SOCK", node.sandbox().path("none"));
    gone.run().success();
}
