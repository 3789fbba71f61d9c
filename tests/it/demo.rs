//! The story that `weft demo` tells with real nodes: to its end, and when it goes wrong.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use weft_tests::sandbox::Sandbox;

/// Rows: 2.14, 2.41, 2.42, 2.43, 2.44, 2.45, 2.46, 3.13, 4.1, 4.21, 4.23.
#[test]
fn every_step_of_the_story_is_seen_on_another_node() {
    let sandbox = Sandbox::new();
    let told = sandbox.weft(["demo", "--once", "--json"]).env("TMPDIR", sandbox.path("")).run();
    let lines = told.success().stdout.lines();
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let steps = |key: &str| -> BTreeSet<u64> {
        lines
            .iter()
            .filter(|line| !line[key].is_null())
            .filter_map(|l| l["step"].as_u64())
            .collect()
    };
    let begun = steps("sentence");
    assert!(begun.len() > 10, "a story should have more than {} steps:\n{told}", begun.len());
    assert_eq!(begun, steps("seen_at"), "each step should be seen:\n{told}");
    held_until_the_second_independent_voice(&lines);
    let last = lines.last().unwrap();
    assert_eq!(last["told"].as_u64(), begun.last().copied());
    let folder = last["folder"].as_str().unwrap();
    assert!(!fs::exists(folder).unwrap(), "the homes should be gone");
}

/// What the bridges and the other region answered, as it was shown, in this order.
#[track_caller]
fn held_until_the_second_independent_voice(lines: &[Value]) {
    let mut answers = lines.iter().filter_map(|line| line["answer"].as_str());
    for words in [
        "not yet: it needs 2 independent endorsements, has 1 (2 in all, 2 of recognised networks)",
        "mx: it came by one bridge",
        "mx: it came by 2 ways, 2 of them independent",
    ] {
        let answer = answers.next().unwrap_or_default();
        assert!(answer.contains(words), "{words}:\n{answer}");
    }
}

#[test]
fn a_step_that_fails_is_named_and_the_logs_stay() {
    let sandbox = Sandbox::new();
    let broken = sandbox.path("broken");
    let weft = sandbox.program().display();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *'network found'*) echo 'no ink left' >&2; exit 1;; esac\nexec {weft} \"$@\"\n"
    );
    fs::write(&broken, script).unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o700)).unwrap();
    let broken = broken.display().to_string();
    let told = sandbox
        .weft(["demo", "--once", "--program", &broken])
        .env("TMPDIR", sandbox.path(""))
        .run();
    let said = &told.fails_with(1).stderr;
    assert!(said.contains("Step 2 failed: Each founds its network"), "{told}");
    assert!(said.contains("no ink left"), "the cause should be told:\n{told}");
    let folder = said.trim_end().rsplit(' ').next().unwrap();
    assert!(fs::exists(format!("{folder}/ggj.log")).unwrap(), "the logs should be there:\n{told}");
}
