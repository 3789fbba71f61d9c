//! What may stand in the repository at all: the root, and no trace of one machine or one person.
//!
//! **Invariant:** a clone says nothing about where it was made or by whom.

use std::collections::BTreeSet;

use weft_tests::source::{self, Source, line_number, none};

/// Everything that is visible at the root (DESIGN section 3); tools keep dotfiles.
const ROOT: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "cli",
    "deploy",
    "node",
    "protocol",
    "tests",
];

/// Folders of one machine, and settings or hosts that send package managers elsewhere.
const ONE_MACHINE: [&str; 16] = [
    "/root/",
    "/home/",
    "/Users/",
    "/work/",
    "/tmp/weft",
    "index-url",
    "find-links",
    "trusted-host",
    "replace-with",
    "[registries",
    "[source.",
    "pypi.org",
    "static.crates.io",
    "index.crates.io",
    "proxy.golang.org",
    "goproxy",
];

/// Domains that RFC 2606 and RFC 6761 keep free for examples.
const EXAMPLES: [&str; 6] =
    ["example.org", "example.com", "example.net", ".example", ".test", ".invalid"];

/// Fewest digits of a telephone number with its country; fewer make too many accidents.
const PHONE_DIGITS_MIN: usize = 9;

/// Every tracked text but this one, which must name what it forbids.
fn others() -> impl Iterator<Item = Source> {
    source::tracked().into_iter().filter(|file| file.path != "tests/it/repository.rs")
}

#[test]
fn the_root_shows_the_rooms_and_nothing_else() {
    let files = source::tracked();
    let first = |file: &Source| file.path.split('/').next().unwrap_or_default().to_owned();
    let seen: BTreeSet<String> = files.iter().map(first).filter(|n| !n.starts_with('.')).collect();
    let wanted: BTreeSet<String> = ROOT.iter().map(|&name| name.to_owned()).collect();
    none(seen.difference(&wanted).cloned().collect(), "put these into a room");
    none(wanted.difference(&seen).cloned().collect(), "these are missing at the root");
}

#[test]
fn no_file_names_a_path_of_one_machine_or_a_registry_host() {
    let mut found = Vec::new();
    for file in others() {
        for word in ONE_MACHINE {
            let places = file.text.match_indices(word);
            found.extend(places.map(|(at, _)| place(&file, at, word)));
        }
    }
    none(found, "write paths from the root, and leave registries to everyone's own settings");
}

#[test]
fn no_file_gives_a_mail_address_or_a_telephone_number() {
    let mut found = Vec::new();
    for file in others().filter(|file| file.path != "Cargo.lock") {
        found.extend(mail_addresses(&file.text).map(|(at, what)| place(&file, at, what)));
        found.extend(telephones(&file.text).map(|(at, what)| place(&file, at, what)));
    }
    none(found, "use someone@example.org, and no telephone number at all");
}

fn place(file: &Source, at: usize, what: &str) -> String {
    format!("{}:{}: {what}", file.path, line_number(&file.text, at))
}

fn mail_addresses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    text.match_indices('@').filter_map(move |(at, _)| {
        let before = &text[..at];
        let start = before.trim_end_matches(part).len();
        let after = &text[at + 1..];
        let end = after.len() - after.trim_start_matches(part).len();
        let domain = after[..end].trim_end_matches('.');
        let (_, top) = domain.rsplit_once('.')?;
        let named = start < at && (2..=6).contains(&top.len());
        let letters = top.chars().all(|c| c.is_ascii_lowercase());
        let example = EXAMPLES.iter().any(|example| domain.ends_with(example));
        (named && letters && !example).then(|| (start, &text[start..=at + domain.len()]))
    })
}

fn telephones(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_ascii_digit() || " -().".contains(c);
    text.match_indices('+').filter_map(move |(at, _)| {
        let alone = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == ')' || c == '_');
        let after = &text[at + 1..];
        let end = after.len() - after.trim_start_matches(part).len();
        let number = &text[at..=at + end];
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let begins = after.starts_with(|c: char| c.is_ascii_digit());
        (alone && begins && digits >= PHONE_DIGITS_MIN).then_some((at, number))
    })
}

#[test]
fn the_patterns_find_what_they_look_for() {
    let text =
        "ask ana@example.org, not ana@movement.net; crates are sled@0.34.7; +1 206 555 01 00 2";
    let found: Vec<&str> = mail_addresses(text).map(|(_, what)| what).collect();
    assert_eq!(found, ["ana@movement.net"]);
    assert_eq!(telephones(text).count(), 1);
    assert_eq!(telephones("a + 1000000000, 2026-11-22T00:00:00+00:00").count(), 0);
}
