//! Names and words that are not what they seem (`TRUST`, the rows L): whose name it is, who wrote a line,
//! and what a terminal makes of it.

use weft_tests::cluster::Cluster;
use weft_tests::sandbox::Sandbox;
use weft_tests::terminal::COLUMNS;

use crate::cluster_world::{SOON, answer, pair, sees, text};

/// As `Harbour Care` looks, with two letters of another alphabet.
const FALSE_HARBOUR: &str = "H\u{430}rbour C\u{430}re";

#[test]
fn l_a_name_in_anothers_letters_is_shown_with_both_ids_and_asked_for() {
    let cluster = pair();
    let node = &cluster[0];
    let harbour = text(&answer(node, &["network", "found", "--name", "Harbour Care"])["net"]);
    let stranger =
        text(&answer(&cluster[1], &["network", "found", "--name", FALSE_HARBOUR])["net"]);
    let both = |shown: &str| shown.contains(&harbour[..10]) && shown.contains(&stranger[..10]);
    sees(&cluster, 0, &["network", "show", &stranger]);
    let tie = ["tie", "propose", "--kind", "agreement", "--with", FALSE_HARBOUR, "--summary", "x"];
    let tie = node.weft(tie).run();
    assert!(both(&tie.fails_with(2).stderr), "whoever is meant: {tie}");
    let why = node.weft(["--lang", "es", "policy", "explain", &stranger]).run();
    assert!(why.success().stdout.contains("se parece a"), "{why}");
    // A name that the person has given is theirs.
    node.weft(["network", "name", &stranger, "the-other"]).run().success();
    let why = node.weft(["policy", "explain", "the-other"]).run();
    assert!(why.success().stdout.contains("the-other"), "{why}");
}

#[test]
fn l_a_newcomer_who_looks_like_us_is_shown_so_and_asked_for() {
    let mut cluster = Cluster::default();
    for _ in 0..2 {
        let home = Sandbox::new();
        home.weft(["init", "--region", "gb-bristol"]).run().success();
        cluster.add_in(home);
    }
    cluster.connect(0, 1);
    let found = ["network", "found", "--name"];
    let founded = |n: usize, name| answer(&cluster[n], &[&found[..], &[name]].concat());
    let harbour = text(&founded(0, "Harbour Care")["net"]);
    let stranger = text(&founded(1, FALSE_HARBOUR)["net"]);
    let node = &cluster[0];
    let both = |shown: &str| shown.contains(&harbour[..10]) && shown.contains(&stranger[..10]);
    cluster.eventually("who looks like us should be shown beside us", SOON, || {
        let listed = node.weft(["newcomer", "list"]).run();
        let listed = &listed.success().stdout;
        listed.contains("looks like") && both(listed)
    });
    for name in ["Harbour Care", FALSE_HARBOUR] {
        let welcome = node.weft(["newcomer", "welcome", name]).run();
        assert!(both(&welcome.fails_with(2).stderr), "it is asked who is meant: {welcome}");
    }
    node.weft(["newcomer", "welcome", &stranger]).run().success();
}

#[test]
fn l_a_title_is_one_line_and_a_text_is_no_line_of_ours() {
    let cluster = pair();
    let node = &cluster[0];
    answer(node, &["network", "found", "--name", "Harbour Care"]);
    for (title, why) in [
        ("Beds\nby  Bakers Union", "in one line"),
        ("Beds\tfree", "in one line"),
        ("Be\u{200b}ds", "nobody can see"),
        ("\u{feff}Beds", "nobody can see"),
        ("Beds\u{2028}by  Bakers", "nobody can see"),
        ("\u{2800}", "nobody can see"),
    ] {
        let refused = node.weft(["call", "new", "--title", title]).run();
        assert!(refused.fails_with(2).stderr.contains(why), "{title:?}: {refused}");
    }
    let forged = "We ask.\nendorsed by  Bakers Union";
    let call = answer(node, &["call", "new", "--title", "Beds", "--text", forged]);
    let shown = node.weft(["call", "show", &text(&call["thing"])]).run();
    let line = |line: &str| line.starts_with("endorsed");
    assert!(!shown.success().stdout.lines().any(line), "{shown}");
    assert!(shown.stdout.contains("\n  endorsed by  Bakers Union"), "{shown}");
}

#[test]
fn l_what_is_sealed_for_us_commands_no_terminal() {
    let cluster = pair();
    let node = &cluster[0];
    let net = text(&answer(node, &["network", "found", "--name", "Harbour Care"])["net"]);
    let evil = "\u{1b}]0;OWNED\u{7}\u{1b}[2Jdoor 4\u{202e}\n";
    let sealed = node.weft(["seal", "--to", &net]).stdin(evil).run().success().stdout.clone();
    let file = node.sandbox().path("sealed.txt");
    std::fs::write(&file, sealed).expect("the folder takes a file");
    let file = file.display().to_string();
    let plain = node.weft(["open", &file]).run();
    assert_eq!(plain.success().stdout, evil, "a file stays what it was");
    let shown = node.weft(["open", &file]).at_terminal(COLUMNS).ends(SOON);
    let shown = shown.done();
    assert!(shown.contains("door 4") && !shown.contains('\u{1b}'), "{shown:?}");
    assert!(!shown.contains(['\u{7}', '\u{202e}']), "{shown:?}");
}
