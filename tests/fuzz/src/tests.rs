//! Every target over its seeds, what was found once, and mutations of these.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

/// Tries a target over so many mutations, some seconds without optimisation: `tests/fuzz/run` goes on
/// where this ends.
#[track_caller]
fn holds(name: &str, mutations: usize) {
    let target = Target::named(name).expect("a target of this name");
    let seeds = (target.seeds)();
    let meant = seeds.iter().filter(|seed| (target.tries)(seed)).count();
    assert!(meant > 1, "of {} seeds only {meant} are understood", seeds.len());
    let found = target.found();
    for input in &found {
        (target.tries)(input);
    }
    let all = Mutations::new([seeds, found].concat(), 1).take(mutations);
    let understood = all.filter(|input| (target.tries)(input)).count();
    assert!(understood > mutations / 200, "too wild to show anything: {understood} of {mutations}");
}

#[test]
fn whatever_is_said_at_a_door_is_understood_one_way_or_refused() {
    holds("control", 200_000);
}

#[test]
fn an_invite_is_whole_and_short_or_none() {
    holds("invite", 50_000);
}

#[test]
fn a_sequence_and_a_journal_are_cut_without_gaps() {
    holds("journal", 2_000);
}

#[test]
fn what_is_accepted_is_the_one_encoding_of_what_it_says() {
    holds("record", 200_000);
}

#[test]
fn sealed_words_are_opened_by_whom_they_are_for() {
    holds("sealed", 2_000);
}

#[test]
fn a_conversation_keeps_its_bounds_and_ends_with_a_name() {
    holds("session", 10_000);
}

#[test]
fn settings_are_read_as_they_were_written_or_refused() {
    holds("settings", 20_000);
}

#[test]
fn tables_and_calendars_say_what_was_said() {
    holds("table", 20_000);
}

#[test]
fn every_target_has_its_program_and_nothing_else_has() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let entries = fs::read_dir(here.join("libfuzzer/targets")).expect("a folder");
    let names =
        entries.map(|entry| entry.expect("a file").file_name().into_string().expect("a name"));
    let programs: BTreeSet<String> =
        names.map(|name| name.trim_end_matches(".rs").to_owned()).collect();
    assert_eq!(programs, known);
    let manifest = fs::read_to_string(here.join("libfuzzer/Cargo.toml")).expect("a manifest");
    for name in known {
        let program = format!("name = \"{name}\"\npath = \"targets/{name}.rs\"\n");
        assert!(manifest.contains(&program), "{name} is a program of libfuzzer/Cargo.toml");
        assert!(here.join("src").join(&name).with_extension("rs").exists(), "{name} is a module");
    }
}
