//! The movements' own sentences, and the tests that keep them.
//!
//! The sentences stand beside the project in numbered rows; those that are core are marked C. A test
//! says which rows it keeps by a line of its documentation, `/// Rows: 0.5, 4.68a.`, or by its name:
//! `s2_5_and_2_6_membership_is_a_claim_…`. One test may keep many rows, and a row have many tests.
//!
//! **Invariant:** every core row has a test that names it, or a sentence in [`UNTESTED`] that says
//! why not; never both. What a row asks for beyond its tests is in [`BEYOND`].

use std::collections::{BTreeMap, BTreeSet};

use weft_tests::data::beside;
use weft_tests::source::{self, none};

/// Where tests are that may name a row.
const ROOMS: [&str; 4] = ["tests/it/", "protocol/src/", "node/src/", "cli/src/"];

/// Core rows that no test keeps, each with the reason.
const UNTESTED: &[(&str, &str)] = &[];

/// What a core row asks for beyond what its tests keep.
const BEYOND: &[(&str, &str)] = &[
    ("0.13", "the terminal endorses calls; proposals are endorsed in the protocol alone"),
    (
        "0.18",
        "an alert is told to whatever reads `weft watch --jsonl`; nothing is pushed to people",
    ),
    ("0.23", "open calls are listed by age, and not by what they still need"),
    ("1.12", "mandates that end soon are told when asked (`role due`); nothing comes by itself"),
    ("2.4", "needs and offers are found by the same filters, and not matched to each other"),
    ("2.9", "goals, tasks and next steps are said in a proposal's text"),
    ("2.15", "there are no receipts of reading: the house does not want any"),
    ("3.6", "shares and metrics of an agreement are said in its text and commitments"),
    ("3.10", "what was promised and done is counted with each call, and not added up"),
    ("3.13", "there is no feed of wins; thanks are exported like all answers"),
    ("3.16", "there is no page and no CSV; every list is JSON, and an export is JSON lines"),
    ("3.24", "reviews that are due are told when asked (`tie due`); nothing comes by itself"),
    ("3.27", "files are part of minutes in the protocol and cannot be named at the terminal"),
    ("3.28", "no record has a field for consent; contact details are asked about, and sealed"),
    ("4.8", "the gap within one field or region is not shown"),
    ("4.9", "there is no picture of the map, only its numbers"),
    ("4.12", "the directory is a list at each node; there is no page and no map of places"),
    ("4.20", "no SOCKS proxy, no secret of a swarm, and a store that is not encrypted at rest"),
    ("4.23", "there is no bundle of templates"),
    ("4.32", "the weave has regions for clusters, and not fields"),
    ("4.34", "of the five cases the miners' and the shop workers' are played"),
    ("4.63", "alliances nest by their ties; regions are flat names"),
    ("4.64", "a tie has 64 parties at most, so a thousand do not vote as one"),
];

/// Returns the rows that are marked core, in the order of the text.
fn core(domain: &str) -> Vec<String> {
    let first = domain.split("\n## 1.").nth(1).unwrap_or_default();
    let first = first.split("\n## ").next().unwrap_or_default();
    let row = |line: &str| {
        let mut cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim);
        let (number, marked) = (cells.next()?, cells.next_back()?);
        let core = marked == "C" || marked.starts_with("C ");
        (core && number.starts_with(|c: char| c.is_ascii_digit())).then(|| number.to_owned())
    };
    first.lines().filter_map(row).collect()
}

/// Returns the rows that the name of a test begins with: `s2_5_and_2_6_…` keeps 2.5 and 2.6.
fn named(test: &str) -> Vec<String> {
    let Some(mut rest) = test.strip_prefix('s') else { return Vec::new() };
    let mut rows = Vec::new();
    loop {
        let mut parts = rest.splitn(3, '_');
        let (seed, row) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        // The seeds are 0 to 4; sections of the wire specification have names like these.
        let numbers = seed.len() == 1 && ("0"..="4").contains(&seed);
        if !numbers || !row.starts_with(|c: char| c.is_ascii_digit()) {
            return rows;
        }
        rows.push(format!("{seed}.{row}"));
        let Some(next) = parts.next().and_then(|rest| rest.strip_prefix("and_")) else {
            return rows;
        };
        rest = next;
    }
}

/// Returns the rows that tests of a file keep, and each `Rows:` that stands above no test.
fn kept(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut rows, mut said, mut lost) = (Vec::new(), Vec::new(), Vec::new());
    let mut test = false;
    for line in text.lines().map(str::trim) {
        if let Some(listed) = line.strip_prefix("/// Rows: ") {
            let listed = listed.trim_end_matches('.').split(", ");
            said.extend(listed.map(str::to_owned));
        } else if line == "#[test]" {
            test = true;
        } else if let Some(function) = line.strip_prefix("fn ") {
            let name = function.split('(').next().unwrap_or_default();
            if test {
                rows.extend(named(name));
                rows.append(&mut said);
            }
            lost.append(&mut said);
            test = false;
        } else if !line.starts_with("///") && !line.starts_with("#[") {
            lost.append(&mut said);
        }
    }
    (rows, lost)
}

#[test]
fn every_core_row_has_a_test_or_a_sentence_that_says_why_not() {
    let Some(domain) = beside("../DOMAIN.md") else { return };
    let core = core(&domain);
    assert!(core.len() > 90, "the rows are read: {core:?}");
    let mut keepers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in source::rust(&ROOMS) {
        let (rows, lost) = kept(&file.text);
        wrong.extend(lost.iter().map(|row| format!("{}: {row} stands above no test", file.path)));
        for row in rows {
            keepers.entry(row).or_default().push(file.path.clone());
        }
    }
    let excused: BTreeSet<&str> = UNTESTED.iter().map(|(row, _)| *row).collect();
    for row in &core {
        match (keepers.contains_key(row), excused.contains(row.as_str())) {
            (false, false) => wrong.push(format!("{row} has no test and no reason")),
            (true, true) => wrong.push(format!("{row} has a test: {:?}", keepers[row])),
            _ => {}
        }
    }
    let table = |row: &&str| !core.iter().any(|core| core == row);
    let both = UNTESTED.iter().chain(BEYOND).map(|(row, _)| *row);
    wrong.extend(both.filter(table).map(|row| format!("{row} is in a table and no core row")));
    let untold = BEYOND.iter().filter(|(row, _)| !keepers.contains_key(*row));
    wrong.extend(untold.map(|(row, _)| format!("{row} is beyond its tests and has none")));
    let known = |row: &&String| domain.contains(&format!("\n| {row} |"));
    let invented = keepers.iter().filter(|(row, _)| !known(row));
    wrong.extend(invented.map(|(row, files)| format!("there is no row {row}: {files:?}")));
    none(wrong, "name a test after the row it keeps, or say here why there is none");
}

#[test]
fn rows_are_read_from_names_and_from_words_above_tests() {
    let text = "/// Rows: 0.5, 4.68a.\n#[test]\nfn voices() {}\n#[test]\nfn s2_5_and_2_6_a() {}\n";
    let wire = "#[test]\nfn s15_7_what_is_signed() {}\n/// Rows: 1.1.\nconst NONE: u8 = 0;\n";
    let (rows, lost) = kept(&[text, wire].concat());
    assert_eq!(rows, ["0.5", "4.68a", "2.5", "2.6"]);
    assert_eq!(lost, ["1.1"]);
    let domain = "\n## 1. Rows\n| # | q | P |\n| 0.1 | a | C |\n| 0.2 | b | V |\n| 4.68a | c | C as fixture |\n\n## 2.\n| 3.1 | d | C |\n";
    assert_eq!(core(domain), ["0.1", "4.68a"]);
}
