//! Transcripts of commands that need no node.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use weft_tests::sandbox::Sandbox;

/// Rows: 0.1.
#[test]
fn a_home_is_made_once_and_for_its_owner_only() {
    let sandbox = Sandbox::new();
    let made = sandbox.weft(["init", "--region", "gb-bristol", "--json"]).run();
    assert_eq!(made.success().json()["region"], "gb-bristol");
    let mode = fs::metadata(sandbox.home()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let again = sandbox.weft(["init", "--region", "gb-bristol"]).run();
    assert!(again.fails_with(1).stderr.contains("There is a home"), "{again}");
    let shown = sandbox.weft(["config", "show", "--json"]).run();
    let settings = shown.success().json();
    assert_eq!(settings["language"], "en");
    // Nobody stands in the middle: a new home knows no node, vouches for no network, carries nothing.
    let none = serde_json::json!([]);
    for named in [&settings["network"]["peers"], &settings["admission"]["seeds"]] {
        assert_eq!(*named, none, "{settings}");
    }
    assert!(settings["nodes"].is_null() && settings["bridge"].is_null(), "{settings}");
}

#[test]
fn every_error_says_what_to_do_next() {
    let sandbox = Sandbox::new();
    let homeless = sandbox.weft(["status"]).run();
    assert!(homeless.fails_with(1).stderr.contains("weft init --region"), "{homeless}");
    sandbox.weft(["init", "--region", "gb-bristol"]).run().success();
    let silent = sandbox.weft(["call", "list"]).run();
    assert!(silent.fails_with(1).stderr.contains("No node is running here"), "{silent}");
    let spanish = sandbox.weft(["call", "list", "--lang", "es"]).run();
    assert!(spanish.fails_with(1).stderr.contains("no hay ningún nodo"), "{spanish}");
    sandbox.weft(["call", "lits"]).run().fails_with(2);
}

#[test]
fn a_member_makes_a_key_and_its_secret_is_never_shown() {
    let sandbox = Sandbox::new();
    sandbox.weft(["init", "--region", "gb-bristol"]).run().success();
    let request = sandbox.weft(["member", "request", "--label", "rep 2"]).run();
    assert!(request.success().stdout.contains("weft role offer"), "{request}");
    assert!(!request.stdout.contains("PRIVATE"), "{request}");
    let file = sandbox.home().join("keys/role-rep-2.key");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let short = sandbox.weft(["member", "request", "--label", "rep 3"]).env("WEFT_PASSPHRASE", "x");
    assert!(short.run().fails_with(1).stderr.contains("too short"));
}

#[test]
fn a_file_that_holds_no_records_is_not_verified() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("bad.weft"), [0xd2, 0x84, 0x00]).unwrap();
    let checked = sandbox.weft(["record", "verify", "bad.weft", "--json"]).run();
    assert_eq!(checked.fails_with(6).json()["bad"][0]["number"], 1);
    for (lang, words) in [("en", "does not begin like a record"), ("es", "no empieza como un")] {
        let checked = sandbox.weft(["record", "verify", "bad.weft", "--lang", lang]).run();
        assert!(checked.fails_with(6).stdout.contains(words), "{checked}");
    }
}

/// Rows: 3.30.
#[test]
fn every_figure_says_how_it_is_made_and_what_it_cannot_see() {
    let sandbox = Sandbox::new();
    for (command, made, unseen) in [
        (
            ["weave", "bridges"],
            "Carriers are the fewest",
            "What is no tie that both sides have signed",
        ),
        (["weave", "suggest"], "What a tie gains is", "It knows nothing of"),
        (["values", "circle"], "of the mean of all ten", "can stand in one place"),
        (["values", "gap"], "what the others declare less", "which is not everyone"),
        (["call", "reach"], "joins when as many independent", "no forecast"),
    ] {
        let help = sandbox.weft(command.into_iter().chain(["--help"])).run();
        let told = help.success().stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(made) && told.contains(unseen), "{command:?}: {help}");
    }
}

#[test]
fn a_key_may_come_before_the_home() {
    let sandbox = Sandbox::new();
    sandbox.weft(["member", "request", "--label", "rep-2"]).run().success();
    let homeless = sandbox.weft(["call", "list"]).run();
    assert!(homeless.fails_with(1).stderr.contains("There is no home"), "{homeless}");
    let bad = sandbox.weft(["init", "--region", "gb-bristol", "--listen", "nowhere"]).run();
    assert!(!bad.fails_with(2).stderr.contains("config.toml"), "{bad}");
    sandbox.weft(["init", "--region", "GB-Bristol"]).run().success();
    assert!(sandbox.home().join("keys/role-rep-2.key").exists());
    sandbox.weft(["wipe", "--yes"]).run().success();
    fs::create_dir_all(sandbox.home().join("store")).unwrap();
    fs::write(sandbox.home().join("node.key"), "").unwrap();
    let torn = sandbox.weft(["init", "--region", "gb-bristol"]).run();
    assert!(torn.fails_with(1).stderr.contains("config.toml back"), "{torn}");
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let sandbox = Sandbox::new();
    let written = sandbox.weft(["man", "--out", "man"]).run();
    assert!(written.success().stderr.contains("pages of the manual"), "{written}");
    // Each page names those of the commands below it: `weft\-call\-new(1)`.
    let (mut pages, mut read) = (vec!["weft".to_owned()], 0);
    while let Some(page) = pages.pop() {
        let file = sandbox.path("man").join(format!("{page}.1"));
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{page}: {e}"));
        let below = text.lines().filter_map(|line| line.strip_suffix("(1)"));
        pages.extend(below.map(|name| name.replace('\\', "")));
        read += 1;
    }
    let nouns = sandbox.weft(["--help"]).run().success().stdout.matches("\n  ").count();
    let words = format!("{read} pages of the manual");
    assert!(read > nouns && written.stderr.contains(&words), "{words}: {written}");
}
