//! At a terminal of 80 columns nothing is wider and no word is lost; what is typed is understood.

use textwrap::core::display_width;

use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;
use weft_tests::terminal::COLUMNS;

use crate::cluster_world::{SOON, answer, pair, text};

/// Says that what a command shows at a terminal fits it, and that each of its words is one that it
/// writes elsewhere, or the beginning of one before `…`.
#[track_caller]
fn fits(node: &Node, command: &[&str]) {
    let whole = node.weft(command.iter().copied()).run();
    let whole = format!("{} {}", whole.success().stdout, whole.stderr);
    let shown = node.weft(command.iter().copied()).at_terminal(COLUMNS).ends(SOON);
    let shown = shown.with_code(0);
    for line in shown.lines().filter(|line| display_width(line) > usize::from(COLUMNS)) {
        // An address to copy stays whole, with nothing beside it but what it is.
        assert!(line.contains("/p2p/"), "{command:?} is too wide:\n{shown}");
    }
    let words: Vec<&str> = whole.split_whitespace().collect();
    for word in shown.split_whitespace() {
        let known = match word.strip_suffix('…') {
            Some(begins) => words.iter().any(|whole| whole.starts_with(begins)),
            None => words.contains(&word),
        };
        assert!(known, "{command:?} cuts '{word}':\n{shown}\n{whole}");
    }
}

#[test]
fn every_list_and_show_fits_a_terminal_and_cuts_no_word() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "Harbour Care and Solidarity Network"]);
    let long = "word ".repeat(30);
    let mut calls = Vec::new();
    for title in ["Twenty beds for marchers", long.trim_end(), &"x".repeat(150), "連帯のための部屋"]
    {
        let new =
            ["call", "new", "--title", title, "--ask", "beds:20:nights", "--ask", "drivers:3"];
        calls.push(text(&answer(node, &new)["thing"]));
    }
    answer(node, &["values", "declare", "--method", "assembly", "UN=7", "SD=5", "PO=1"]);
    let start = ["--start", "7d", "--length", "2h", "--zone", "Europe/London"];
    let meeting = ["gathering", "new", "--title", "Assembly of all who keep the harbour"];
    answer(node, &[meeting.as_slice(), &start].concat());
    let why = ["disclosure", "new", "--kind", "rationale", "--text", long.trim_end()];
    answer(node, &why);
    for command in [
        ["call", "list"].as_slice(),
        &["call", "show", &calls[0]],
        &["call", "show", &calls[1]],
        &["network", "list"],
        &["network", "show"],
        &["values", "show"],
        &["gathering", "list"],
        &["disclosure", "list"],
        &["region", "list"],
        &["status"],
        &["--lang", "es", "call", "list"],
        &["--lang", "es", "status"],
    ] {
        fits(node, command);
    }
    let piped = node.weft(["call", "list"]).run();
    let row = piped.success().stdout.lines().find(|line| line.contains("Twenty beds")).unwrap();
    assert!(display_width(row) < 200, "a stranger's title widens no other row: {row}");
}

#[test]
fn what_networks_have_together_fits_a_terminal_too() {
    let cluster = pair();
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "Harbour Care and Solidarity Network"]);
    let other = ["network", "found", "--name", "Tenants of the Docks and of all Streets Around"];
    let other = text(&answer(&cluster[1], &other)["net"]);
    let long = "word ".repeat(30);
    let tie = ["tie", "propose", "--kind", "agreement", "--with", &other, "--summary", &long];
    cluster.eventually("the other network should be known here", SOON, || {
        node.weft(["network", "show", &other]).run().status.success()
    });
    let tie = text(&answer(node, &tie)["thing"]);
    cluster.eventually("the tie should come there", SOON, || {
        cluster[1].weft(["tie", "accept", &tie]).run().status.success()
    });
    cluster.eventually("the tie should bind", SOON, || {
        answer(node, &["tie", "show", &tie])["state"]["phase"] == "active"
    });
    let key = text(&answer(node, &["member", "request", "--label", "rep-2"])["key"]);
    let role = ["role", "offer", &key, "--label", "rep-2", "--power", "call", "--until", "20d"];
    answer(node, &role);
    let plan = ["proposal", "new", "--to", &tie, "--title", &long, "--text", &long];
    let plan = text(&answer(node, &[&plan[..], &["--closes", "3d"]].concat())["thing"]);
    answer(node, &["region", "join", "us-wa"]);
    let rule = ["bridge", "add", "west", "--from", "gb-bristol", "--to", "us-wa"];
    answer(node, &[&rule[..], &["--kind", "call", "--endorsements", "2"]].concat());
    let mute =
        ["policy", "mute", "--network", &other, "--until", "2d", "--reason", long.trim_end()];
    answer(node, &mute);
    for command in [
        ["tie", "list"].as_slice(),
        &["tie", "show", &tie],
        &["tie", "due"],
        &["role", "list", "--all"],
        &["proposal", "list"],
        &["proposal", "show", &plan],
        &["bridge", "list"],
        &["bridge", "show"],
        &["peers", "list"],
        &["newcomer", "list"],
        &["policy", "show"],
        &["network", "list"],
        &["weave", "show"],
        &["key", "list"],
        &["--lang", "es", "tie", "list"],
        &["--lang", "es", "policy", "show"],
    ] {
        fits(node, command);
    }
}

#[test]
fn free_text_is_free_and_what_could_be_two_things_is_asked_for_again() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "River"]);
    for words in ["-20% of the rent is too much", "we=power", "tel=see the poster", "-"] {
        let new = ["call", "new", "--title", words, "--dry-run"];
        assert_eq!(answer(node, &new)["body"]["title"]["en"], words);
    }
    let new = ["call", "new", "--title", "es=Se buscan camas", "--dry-run"];
    assert_eq!(answer(node, &new)["body"]["title"]["es"], "Se buscan camas");
    for (flags, words) in [
        (["--title", "x", "--place", "us"].as_slice(), "geohash:us"),
        (&["--title", "no=means no"], "'=no='"),
        (&["--title", "x", "--ask", "="], "an ask is like"),
        (&["--title", "x", "--lang", "klingon"], "no such language"),
    ] {
        let new = ["call", "new", "--dry-run"].into_iter().chain(flags.iter().copied());
        let said = node.weft(new).run();
        assert!(said.fails_with(2).stderr.contains(words), "{flags:?}: {said}");
    }
    let new = ["call", "new", "--title", "x", "--place", "gb-bst", "--dry-run"];
    assert_eq!(answer(node, &new)["body"]["places"][0], "GB-BST");
}

#[test]
fn names_meet_whatever_their_capitals_and_the_encoding_of_their_accents() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "River"]);
    let new = ["call", "new", "--title", "x", "--field", "Housing", "--field", "caf\u{e9}"];
    answer(node, &new);
    for field in ["housing", "HOUSING", "cafe\u{301}", "CAF\u{c9}"] {
        let found = answer(node, &["call", "list", "--field", field]);
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{field}");
    }
    let shown = answer(node, &["call", "list"]);
    assert_eq!(shown[0]["body"]["fields"][0], "Housing", "it stays as it was written");
}

#[test]
fn weft_alone_says_what_is_next_and_help_is_asked_for_as_people_do() {
    let sandbox = Sandbox::new();
    assert!(sandbox.weft([""; 0]).run().success().stdout.contains("weft init"));
    sandbox.init("gb-bristol");
    assert!(sandbox.weft([""; 0]).run().success().stdout.contains("weft up"));
    let help = sandbox.weft(["call", "new", "--help"]).run().success().stdout.clone();
    assert_eq!(sandbox.weft(["help", "call", "new"]).run().success().stdout, help);
    let shown = sandbox.weft(["help", "call", "list"]).at_terminal(COLUMNS).ends(SOON);
    assert!(shown.with_code(0).lines().count() > 10);
    let cluster = Cluster::start("gb-bristol", 1);
    assert!(cluster[0].weft([]).run().success().stdout.contains("weft network found"));
    answer(&cluster[0], &["network", "found", "--name", "River"]);
    assert!(cluster[0].weft([]).run().success().stdout.contains("weft call list"));
}

#[test]
fn a_table_of_a_spreadsheet_is_read_or_refused_whole_and_a_listing_is_taken_back() {
    let sandbox = Sandbox::new();
    sandbox.init("gb-bristol");
    let write = |name: &str, bytes: &[u8]| std::fs::write(sandbox.path(name), bytes).unwrap();
    write("latin.csv", b"nombre;lugar\r\nCaf\xe9 Uni\xf3n;C\xe1diz\r\n");
    write("open.csv", b"name,place\n\"Bakers,Bristol\nHarbour,Leith\n");
    let read = sandbox.weft(["listing", "import", "latin.csv", "--json"]).run();
    assert_eq!(read.success().json()["new"], 1);
    let refused = sandbox.weft(["listing", "import", "open.csv"]).run();
    assert!(refused.fails_with(2).stderr.contains("in line 2 "), "{refused}");
    let listed = sandbox.weft(["listing", "list", "--json"]).run().success().json();
    assert_eq!(listed[0]["listing"]["name"], "Café Unión");
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    sandbox.weft(["listing", "remove", "Café Unión"]).run().success();
    assert_eq!(
        sandbox.weft(["listing", "list", "--json"]).run().success().json(),
        serde_json::json!([])
    );
}
