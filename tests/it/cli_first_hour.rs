//! What new users stumbled over in their first hour, each with what is right. The rows are those of the
//! report from the field, and so are their numbers.

use std::fs;

use serde_json::json;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;
use weft_tests::terminal::COLUMNS;

use crate::bridge_story::found;
use crate::cluster_world::{SOON, answer, text};
use crate::joining::shut;

/// Says that a command ends with this code and says these words, in whichever way.
#[track_caller]
fn says(node: &Node, arguments: &[&str], code: i32, words: &[&str]) {
    let run = node.weft(arguments.iter().copied()).run();
    let said = format!("{}{}", run.fails_with(code).stdout, run.stderr);
    for words in words {
        assert!(said.contains(words), "{words}: {run}");
    }
}

/// Rows F3 and F37: the status begins as the doctor does, and nobody is told that all is well, nor that
/// records were compared, where no other node is.
#[test]
fn who_is_alone_is_told_so_by_every_command_that_asks() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    for (lang, none, nothing) in [("en", "none yet", "nothing"), ("es", "ninguno", "nada")] {
        let doctor = node.weft(["doctor", "--lang", lang]).run();
        let first = doctor.fails_with(1).stdout.lines().next().unwrap_or_default().to_owned();
        let first = first.trim_start_matches("* ");
        let status = node.weft(["status", "--lang", lang]).run();
        let state = status.success().stdout.lines().next().unwrap_or_default();
        assert!(!first.is_empty() && state.ends_with(first), "{first}: {status}");
        for words in [none, nothing] {
            assert!(status.stdout.contains(words), "{words}: {status}");
        }
    }
    says(node, &["sync", "now"], 1, &["No other node is connected", "weft peers connect"]);
    says(node, &["sync", "now", "--json"], 1, &["[]"]);
    says(node, &["sync", "status"], 0, &["No other node is connected"]);
}

/// Rows F28 and F42: what a word could mean is said, with the list in which it is found.
#[test]
fn a_name_that_is_not_found_is_said_where_to_look_for() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let careful = Sandbox::new();
    careful.init_as("gb-bristol", "federation", "");
    cluster.add_in(careful);
    let union = found(&cluster[0], "Bakers Union");
    found(&cluster[1], "River Care");
    cluster.connect(0, 1);
    let node = &cluster[1];
    cluster.eventually("the union should be among the newcomers", SOON, || {
        node.weft(["newcomer", "list"]).run().success().stdout.contains("Bakers Union")
    });

    let (short, id) = (&union[..5], &union[..6]);
    let newcomer = ["is a newcomer", "weft newcomer welcome"];
    let lists = "weft newcomer list";
    let propose = ["tie", "propose", "--kind", "agreement", "--summary", "Beds", "--with"];
    says(node, &["network", "show", "Bakers Union"], 3, &newcomer);
    says(node, &["network", "show", id], 3, &newcomer);
    says(node, &[&propose[..], &["bakers union"]].concat(), 3, &newcomer);
    says(node, &["network", "show", short], 3, &["at least 6 letters", lists]);
    says(node, &["newcomer", "welcome", short], 3, &["at least 6 letters", lists]);
    says(node, &["newcomer", "welcome", "bakers"], 3, &["Did you mean", "Bakers Union", id]);
    says(node, &["network", "show", "aaaaaaaa"], 3, &["no id of one begins so", lists]);
    let counted = "0 records stored, 2 among the newcomers, 0 refused";
    says(node, &["policy", "explain", "Bakers Union"], 0, &["Bakers Union", counted]);
    says(node, &["policy", "explain", "Nobody"], 3, &["weft network list", lists]);

    let clerk = text(&answer(node, &["member", "request", "--label", "clerk"])["key"]);
    says(node, &["role", "withdraw", "clerk"], 3, &["weft role list --all"]);
    says(node, &["role", "withdraw", "clerk", "--lang", "es"], 3, &["ninguna función", "--all"]);
    answer(node, &["role", "offer", &clerk, "--label", "clerk", "--power", "call"]);
    answer(node, &["role", "accept", "clerk"]);
    says(node, &["policy", "explain", "River Care"], 0, &["River Care"]);
    says(node, &["role", "withdraw", "Clerk", "--yes"], 0, &["Signed"]);
}

/// Rows F43, F49 and F64: what is about to be signed is looked at before, and shown as what it is.
#[test]
fn what_is_about_to_be_signed_is_looked_at_first() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "River Care"]);
    let new = ["call", "new", "--title", "Camas", "--dry-run"];
    let with = |more: &[&'static str]| [&new[..], more].concat();
    let past = with(&["--start", "2020-01-01T10:00"]);
    says(node, &past, 0, &["It was over", "Nothing was signed"]);
    let late = with(&["--start", "2099-12-24", "--until", "2d"]);
    says(node, &late, 4, &["before that for which it calls begins", "--until", "--yes"]);
    let titled = answer(node, &with(&["--lang", "es"]));
    assert_eq!(titled["body"]["title"], json!({ "es": "Camas" }));
    let abroad = Sandbox::new();
    abroad.weft(["init", "--region", "es-md"]).env("LANG", "es_ES.UTF-8").run().success();
    let settings = fs::read_to_string(abroad.home().join("config.toml")).expect("it has settings");
    assert!(settings.contains("\nlanguage = \"es\"\n"), "{settings}");

    // The node to ask is meant, as everywhere.
    let nowhere = format!("{}/p2p/{}", shut(), node.ready().node);
    answer(node, &["member", "request", "--label", "clerk"]);
    let profile = ["profile", "set", "--purpose", "Care", "--node-key", "role-clerk"];
    says(node, &[&profile[..], &["--node", &nowhere]].concat(), 1, &["nobody listens"]);
}

/// Rows F74 and F75: what recovers a network is said in words, and with its own names.
#[test]
fn who_guards_a_network_is_said_in_words_and_by_name() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let guardian = |label: &str| text(&answer(node, &["id", "guardian", "--label", label])["hash"]);
    let (ana, bea) = (guardian("for-harbour"), guardian("for-river"));
    let found = ["network", "found", "--name", "Harbour", "--guardian", &ana, "--guardian", &bea];
    let net = text(&answer(node, &found)["net"]);
    says(node, &["id", "show"], 0, &["2 guardians, both needed"]);
    says(node, &["id", "show", "--lang", "es"], 0, &["2 guardianes"]);
    for (lang, file, words) in [
        ("en", "kit", ["Both are lost:        weft id recover", "kept by: for-harbour"]),
        ("es", "hoja", ["Se perdieron las dos: weft id recover", "la guarda: for-harbour"]),
    ] {
        node.weft(["id", "kit", "--out", file, "--lang", lang]).run().success();
        let sheet = fs::read_to_string(node.sandbox().path(file)).expect("it was written");
        let recover = format!("{} {net}", words[0]);
        for words in [recover.as_str(), words[1]] {
            assert!(sheet.contains(words), "{words}: {sheet}");
        }
        assert!(!sheet.contains("NETWORK") && !sheet.contains(" RED"), "{sheet}");
    }
}

/// Stumble 5: who is kept out is listed and let in again by name; who is known here is kept out only after
/// a question, and whoever asks how the node is hears of it.
#[test]
fn who_is_known_here_is_not_kept_out_unasked_and_comes_back_by_name() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let careful = Sandbox::new();
    careful.init_as("gb-bristol", "federation", "");
    cluster.add_in(careful);
    found(&cluster[0], "Bakers Union");
    let river = found(&cluster[1], "River Care");
    cluster.connect(0, 1);
    let node = &cluster[1];
    let knows =
        |words: &str| node.weft(["newcomer", "list"]).run().success().stdout.contains(words);
    cluster.eventually("the union should be a newcomer", SOON, || knows("Bakers Union"));

    // A stranger is sent away without a question, and its name is not forgotten.
    let refuse = ["newcomer", "refuse", "Bakers Union", "--reason", "too loud"];
    says(node, &refuse, 0, &["Bakers Union", "is kept out"]);
    let listed = ["Kept out:", "Bakers Union", "too loud", "weft newcomer welcome NAME"];
    says(node, &["newcomer", "list"], 0, &listed);
    says(node, &["newcomer", "list", "--lang", "es"], 0, &["Se quedan fuera:", "too loud"]);
    let welcome = ["newcomer", "welcome", "bakers union"];
    says(node, &welcome, 0, &["Bakers Union", "is let in again", "too loud"]);
    says(node, &["policy", "show"], 0, &["let in the network"]);
    cluster.eventually("it should be known", SOON, || {
        node.weft(["network", "list"]).run().success().stdout.contains("Bakers Union")
    });
    assert!(!knows("Kept out:"));
    // Stumble 28: the list tells them apart. What the program wrote down as a reason is in nobody's language.
    says(node, &["network", "list"], 0, &["your own", "let in"]);
    says(node, &["network", "list", "--lang", "es"], 0, &["suya", "se la deja entrar"]);
    says(node, &["policy", "show", "--lang", "es"], 0, &[": bienvenida"]);

    says(node, &["newcomer", "refuse", "us", "--reason", "x", "--yes"], 4, &["your own network"]);
    let with = ["--kind", "agreement", "--with", "Bakers Union", "--summary", "We share beds"];
    let tie = text(&answer(node, &[&["tie", "propose"], &with[..]].concat())["thing"]);
    cluster.eventually("the union should have heard of the tie", SOON, || {
        cluster[0].weft(["tie", "show", &tie]).run().status.success()
    });
    answer(&cluster[0], &["tie", "accept", &tie]);
    cluster.eventually("both should have signed", SOON, || {
        node.weft(["tie", "list"]).run().success().stdout.contains("active")
    });
    let asks = ["has a tie with you", "weft tie end", "out of sight", "Keep it out?", "--yes"];
    says(node, &refuse, 4, &asks);
    says(node, &[&refuse[..], &["--lang", "es"]].concat(), 4, &["¿Dejarla fuera?"]);
    let block = ["policy", "block", "--network", "Bakers Union", "--reason", "too loud"];
    says(node, &block, 4, &asks);
    says(node, &["network", "list"], 0, &["Bakers Union", "tied to you"]);
    says(node, &["network", "show", "Bakers Union", "--lang", "es"], 0, &["vinculada a ustedes"]);
    says(node, &[&refuse[..], &["--yes"]].concat(), 0, &["is kept out"]);
    let tied = ["has a tie with you. And it is kept out", "weft newcomer welcome"];
    says(node, &["doctor"], 0, &tied);
    let back = node.weft(welcome).run();
    let said = &back.success().stderr;
    assert!(said.contains("is let in again") && !said.contains("above"), "{back}");
    says(node, &["network", "list"], 0, &["Bakers Union", &river[..6]]);
    assert!(!knows("Kept out:"));
    // Of a muted network it is not said that it comes in and that it does not.
    let mute = ["policy", "mute", "--network", "Bakers Union", "--reason", "for a week"];
    answer(node, &mute);
    says(node, &welcome, 0, &["changes nothing yet", "--action mute"]);
}

/// Stumble 22: what was asked for is done, which is said first, and that nobody else is there yet is no
/// failure; whoever counts on another node says so.
#[test]
fn what_is_done_is_said_first_and_is_no_failure_where_nobody_else_is() {
    for (lang, founded, signed, alone) in [
        ("en", "Your network is founded", "Signed and kept", "No other node is connected yet"),
        ("es", "Su red está fundada", "Firmado y guardado", "Todavía no hay ningún otro nodo"),
    ] {
        let cluster = Cluster::start("gb-bristol", 1);
        let node = &cluster[0];
        let says = |command: &[&str], first: &str, code: i32| {
            let all = command.iter().copied().chain(["--lang", lang]);
            let shown = node.weft(all).at_terminal(COLUMNS).ends(SOON);
            let text = shown.with_code(code);
            let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
            assert!(at(first) < at(alone), "{text}");
        };
        says(&["network", "found", "--name", "River Care"], founded, 0);
        says(&["call", "new", "--title", "Beds"], signed, 0);
        says(&["profile", "set", "--purpose", "Care"], signed, 0);
        says(&["call", "new", "--title", "Food", "--require-peer"], signed, 5);
        answer(node, &["call", "new", "--title", "Soup", "--reach", "own", "--require-peer"]);
    }
}
