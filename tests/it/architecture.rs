//! The rooms, their directions and the manners of their files, held by reading the tree.
//!
//! **Invariant:** every rule here has one test, and its message says what to do instead.

use weft_tests::source::{self, Source, find_word, line_number, none};

/// Every file of ours, in all rooms.
const ROOMS: [&str; 4] = ["protocol/", "node/", "cli/", "tests/"];

/// The longest a file may be before its unit tests (DESIGN section 3, Beauty). Half as much is the
/// usual file; more than this is two files that have not parted yet.
const LINES_MAX: usize = 500;

/// What `protocol` must not name: it is given time, randomness and bytes, and it orders its maps.
const OUTSIDE: [&str; 16] = [
    "tokio*",
    "libp2p*",
    "sled",
    "futures",
    "getrandom",
    "rustix",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
    "thread_rng",
];

/// The floors of `protocol`, the ground floor first: whoever stands on one knows only what is below.
const FLOORS: [&str; 22] = [
    "time",
    "id",
    "key",
    "steps",
    "limits",
    "region",
    "cbor",
    "body",
    "record",
    "sync",
    "authority",
    "fold",
    "values",
    "weave",
    "ledger",
    "advice",
    "admission",
    "bridge",
    "event",
    "control",
    "engine",
    "lib",
];

/// The one file that knows what keeps the index.
const INDEX: &str = "node/src/store/index.rs";

/// Where code may wait for nothing but time to pass: file and reason. Prefer a deadline that is
/// part of what is waited for (`timeout`, `sleep_until` in the driver's `select!`).
const SLEEPERS: [(&str, &str); 2] = [
    ("node/src/store/index.rs", "sled says nothing when its threads let go of its files"),
    ("cli/src/commands/peers.rs", "of a node in no region of ours no event tells that it is there"),
];

/// Returns `path:line: word` for each of these words that the code names before its unit tests.
fn named(files: &[Source], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let code = file.code();
        for word in words {
            for at in find_word(&code, word) {
                found.push(format!("{}:{}: {word}", file.path, line_number(&code, at)));
            }
        }
    }
    found
}

/// Returns what stands in the braces of every `use std::{…}`, as `path:line: word`.
fn named_in_groups(files: &[Source], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let code = file.code();
        for (at, _) in code.match_indices("use std::{") {
            let group = code[at..].split(';').next().unwrap_or_default();
            let here = words.iter().filter(|word| !find_word(group, word).is_empty());
            found.extend(
                here.map(|word| format!("{}:{}: {word}", file.path, line_number(&code, at))),
            );
        }
    }
    found
}

fn manifest(room: &str) -> Vec<String> {
    let path = format!("{room}/Cargo.toml");
    let file = source::tracked().into_iter().find(|file| file.path == path).expect("a manifest");
    source::dependencies(&file.text)
}

#[test]
fn protocol_names_no_runtime_transport_file_clock_or_environment() {
    let files = source::rust(&["protocol/src/"]);
    let mut found = named(&files, &OUTSIDE);
    found.extend(named_in_groups(&files, &["fs", "net", "thread", "env", "process"]));
    none(
        found,
        "protocol is sans-I/O: pass time, randomness and bytes in, use BTreeMap and BTreeSet",
    );
}

#[test]
fn protocol_depends_on_nothing_that_touches_the_world() {
    let outside =
        ["tokio", "tokio-util", "libp2p", "libp2p-stream", "sled", "futures", "getrandom"];
    let mut found = manifest("protocol");
    found.retain(|name| outside.contains(&name.as_str()) || name.starts_with("weft"));
    none(found, "protocol stands alone: move what needs this crate to node");
}

#[test]
fn only_the_network_names_libp2p() {
    let mut files = source::rust(&ROOMS);
    files.retain(|file| !is_in(file, "node/src/network"));
    none(
        named(&files, &["libp2p*"]),
        "speak to the transport through the types of node/src/network/",
    );
}

#[test]
fn only_the_index_names_sled() {
    let mut files = source::rust(&ROOMS);
    // The benches measure sled alone, to show the machine's own limit beside ours.
    files.retain(|file| file.path != INDEX && !is_in(file, "tests/benches"));
    none(named(&files, &["sled"]), "speak to the index through the types of node/src/store/");
}

fn is_in(file: &Source, room: &str) -> bool {
    file.path.starts_with(&format!("{room}/")) || file.path == format!("{room}.rs")
}

#[test]
fn arrows_between_rooms_point_one_way() {
    let mut found = Vec::new();
    for (room, never) in [
        ("protocol", ["weft-node", "weft", "weft-tests"].as_slice()),
        ("node", ["weft", "weft-tests"].as_slice()),
        ("cli", ["weft-tests"].as_slice()),
    ] {
        let known = manifest(room);
        let wrong = never.iter().filter(|name| known.iter().any(|k| k == *name));
        found.extend(wrong.map(|name| format!("{room} depends on {name}")));
    }
    none(
        found,
        "cli -> node -> protocol, tests sees all and nothing sees tests: turn the arrow round",
    );
}

#[test]
fn arrows_between_the_floors_of_protocol_point_down() {
    let place = |room: &str| FLOORS.iter().position(|floor| *floor == room);
    let mut found = Vec::new();
    for file in source::rust(&["protocol/src/"]) {
        let inside = file.path.trim_start_matches("protocol/src/");
        let room = inside.split(['/', '.']).next().unwrap_or_default();
        let Some(own) = place(room) else {
            found.push(format!("{}: on which floor is '{room}'?", file.path));
            continue;
        };
        if inside.contains("/tests/") {
            continue;
        }
        let code = file.code();
        for (at, _) in code.match_indices("crate::") {
            let other: String = code[at + "crate::".len()..]
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                .collect();
            if place(&other).is_some_and(|other| other > own) {
                found.push(format!("{}:{}: {other}", file.path, line_number(&code, at)));
            }
        }
    }
    none(found, "this is above: hand it down as an argument, or move what is named to where it is");
}

#[test]
fn no_file_is_longer_than_five_hundred_lines_before_its_tests() {
    let long = |file: &Source| {
        let lines = file.without_tests().lines().count();
        (lines > LINES_MAX).then(|| format!("{}: {lines} lines", file.path))
    };
    none(
        source::rust(&ROOMS).iter().filter_map(long).collect(),
        "part these by what changes together",
    );
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let mut files = source::rust(&ROOMS);
    files.retain(|file| !file.text.starts_with("//! "));
    let found = files.into_iter().map(|file| file.path).collect();
    none(found, "begin with `//! …`: what it is, and its invariants");
}

#[test]
fn every_module_at_the_top_of_protocol_and_node_states_an_invariant() {
    let mut files = source::rust(&["protocol/src/", "node/src/"]);
    // Those inside a module keep what the module promises; they may say more.
    files.retain(|file| file.path.matches('/').count() == 2 || file.path.ends_with("/mod.rs"));
    files.retain(|file| file.stem() != "lib" && !file.without_tests().is_empty());
    files.retain(|file| !file.text.contains("**Invariant:**"));
    let found = files.into_iter().map(|file| file.path).collect();
    none(found, "add a line `//! **Invariant:** …`: what this keeps true, or what it never does");
}

#[test]
fn nothing_is_called_manager_helper_util_handler_or_processor() {
    let endings = ["Manager", "Helper", "Util", "Utils", "Handler", "Processor"];
    // The name that the transport's own trait gives to a part of whoever implements it.
    let given = "type ConnectionHandler =";
    let modules = [
        "manager",
        "helper",
        "helpers",
        "util",
        "utils",
        "handler",
        "handlers",
        "processor",
        "common",
        "misc",
    ];
    let mut found = Vec::new();
    for file in source::rust(&ROOMS) {
        let parts = file.path.trim_end_matches(".rs").split('/');
        found.extend(
            parts
                .filter(|part| modules.contains(part))
                .map(|part| format!("{}: {part}", file.path)),
        );
        let code = file.code();
        for keyword in ["struct", "enum", "trait", "type", "union", "mod"] {
            for at in find_word(&code, keyword) {
                if code[at..].starts_with(given) {
                    continue;
                }
                let rest = code[at + keyword.len()..].trim_start();
                let name: String =
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if endings.iter().any(|end| name.ends_with(end)) || modules.contains(&name.as_str())
                {
                    found.push(format!("{}:{}: {name}", file.path, line_number(&code, at)));
                }
            }
        }
    }
    none(found, "name what it is, with a noun that works in a sentence");
}

#[test]
fn nothing_is_left_to_do_and_no_test_is_ignored() {
    let mut found = Vec::new();
    for file in source::rust(&ROOMS) {
        // Unit tests too: an ignored test is a promise that nobody keeps.
        let code = source::blank(&file.text);
        for word in ["todo!(", "unimplemented!(", "#[ignore"] {
            let places = code.match_indices(word);
            found.extend(
                places.map(|(at, _)| format!("{}:{}: {word}", file.path, line_number(&code, at))),
            );
        }
    }
    none(found, "finish it, delete it, or let the test assert today's behaviour with a FIXME");
}

#[test]
fn nobody_sleeps() {
    let mut found = Vec::new();
    for file in source::rust(&ROOMS) {
        if SLEEPERS.iter().any(|(path, _)| *path == file.path) {
            continue;
        }
        let code = source::blank(&file.text);
        let places =
            find_word(&code, "sleep").into_iter().filter(|at| code[at + 5..].starts_with('('));
        found.extend(places.map(|at| format!("{}:{}", file.path, line_number(&code, at))));
    }
    none(
        found,
        "wait for what must happen, with a deadline; in the driver use `sleep_until` or an interval",
    );
}

#[test]
fn every_dependency_stands_under_the_sentence_that_says_why() {
    let text =
        std::fs::read_to_string(source::root().join("Cargo.toml")).expect("the root manifest");
    let mut found = Vec::new();
    let (mut inside, mut explained) = (false, false);
    for line in text.lines() {
        match line {
            _ if line.starts_with('[') => {
                (inside, explained) = (line == "[workspace.dependencies]", false)
            }
            "" => explained = false,
            _ if line.starts_with('#') => explained = true,
            _ if inside && !explained && !line.contains("path = ") => found.push(line.to_owned()),
            _ => {}
        }
    }
    none(found, "write above it, or above its group, why this crate is worth having");
    for room in ["protocol", "node", "cli", "tests"] {
        let own = source::root().join(room).join("Cargo.toml");
        let own = std::fs::read_to_string(own).expect("a manifest");
        let versions = own.lines().filter(|line| line.contains("version = \""));
        none(
            versions.map(str::to_owned).collect(),
            "give versions in the root manifest, once, with the reason",
        );
    }
}

#[test]
fn every_number_with_a_name_carries_its_reason() {
    let mut found = Vec::new();
    for file in source::rust(&ROOMS) {
        let mut explained = false;
        for (i, line) in file.without_tests().lines().map(str::trim_start).enumerate() {
            match number_name(line) {
                // One sentence may stand above a group, as above the dependencies.
                Some(name) if !explained => {
                    found.push(format!("{}:{}: {name}", file.path, i + 1));
                }
                Some(_) => {}
                None => explained = line.starts_with("//") || explained && line.starts_with("#["),
            }
        }
    }
    none(found, "write above it why this number, and what breaks if it doubles");
}

/// Returns the name of the number that this line gives a name to.
fn number_name(line: &str) -> Option<&str> {
    let kinds = ["u8", "u16", "u32", "u64", "u128", "usize", "i32", "i64", "f64", "Duration"];
    let (visibility, named) = line.split_once("const ")?;
    let (name, rest) = named.split_once(": ")?;
    let (kind, _) = rest.split_once(" = ").or_else(|| rest.split_once(" ="))?;
    let declared = visibility.is_empty() || visibility.starts_with("pub");
    (declared && kinds.contains(&kind)).then_some(name)
}
