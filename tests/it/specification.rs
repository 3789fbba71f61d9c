//! The specification against the code: what the text says in numbers and names is what is built.
//!
//! **Invariant:** a bound, a kind, a body key or an error's name that changes in the code changes
//! in `protocol/README.md` too, or a test here fails.

use std::collections::BTreeSet;

use weft_protocol::body::{Body, call, carriage, end, identity, text, tie};
use weft_protocol::record::{Kind, LIST_MAX, RECORD_BYTES_MAX};
use weft_protocol::{cbor, engine, id, ledger, sync};
use weft_tests::{source, vectors};

fn specification() -> String {
    std::fs::read_to_string(source::root().join("protocol/README.md")).expect("the specification")
}

/// Returns what stands below the heading that begins like this, until the next of any level.
fn section(heading: &str) -> String {
    let text = specification();
    let at = text.find(&format!("\n{heading}")).unwrap_or_else(|| panic!("no '{heading}'"));
    let lines = text[at + 1..].lines().skip(1).take_while(|line| !line.starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes a number as people read it: 16 384.
fn spaced(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(as_text).collect();
    groups.join(" ")
}

fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("digits")
}

#[test]
fn every_kind_has_its_section_with_every_key_of_its_body() {
    let order = [
        Kind::Identity,
        Kind::Profile,
        Kind::Role,
        Kind::Values,
        Kind::Call,
        Kind::Response,
        Kind::Proposal,
        Kind::Gathering,
        Kind::Tie,
        Kind::Disclosure,
        Kind::Carriage,
        Kind::End,
    ];
    for (i, kind) in order.iter().enumerate() {
        let text = section(&format!("### 7.{} `{kind}` (fixed)", i + 1));
        for key in Body::keys(kind) {
            assert!(text.contains(&format!("`{key}`")), "section of {kind} lacks `{key}`");
        }
    }
}

#[test]
fn the_lives_of_the_kinds_are_those_of_the_code() {
    let text = section("## 7. The twelve kinds");
    for kind in Kind::ALL {
        let row = text.lines().find(|line| line.contains(&format!("| `{kind}` | 7."))).unwrap();
        let cells = row.split(&format!("| `{kind}` |")).nth(1).unwrap();
        let life = cells.split('|').nth(1).unwrap();
        match kind.days_max() {
            None => assert!(life.contains("for ever"), "{kind}: {life}"),
            Some(days) => {
                let days = format!("{} days", spaced(usize::try_from(days).unwrap()));
                assert!(life.contains(&days), "{kind}: {life}");
            }
        }
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    let text = section("## 16. Limits");
    let seconds = |duration: std::time::Duration| format!("{} s", duration.as_secs());
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    let pool = ledger::PoolBounds::default();
    let window = sync::Intake::ORDINARY;
    let rows = [
        ("RECORD_BYTES_MAX", vec![spaced(RECORD_BYTES_MAX), spaced(identity::EVENT_BYTES_MAX)]),
        ("cbor::DEPTH_MAX", vec![cbor::DEPTH_MAX.to_string()]),
        ("record::LIST_MAX", vec![LIST_MAX.to_string()]),
        ("ALERT_DAYS_MAX", vec![call::ALERT_DAYS_MAX.to_string()]),
        ("LANGUAGES_MAX", vec![text::LANGUAGES_MAX.to_string()]),
        (
            "EVENTS_MAX",
            vec![format!(
                "{}; {}; {}",
                identity::EVENTS_MAX,
                identity::GUARDIANS_MAX,
                identity::KEEP_MAX
            )],
        ),
        (
            "ASKS_MAX",
            vec![format!(
                "{}; {}; {}; {}",
                call::ASKS_MAX,
                tie::PARTIES_MAX,
                carriage::CARRIED_MAX,
                carriage::VIA_MAX
            )],
        ),
        ("TARGETS_MAX", vec![format!("{}; {}", end::TARGETS_MAX, end::KEEP_MAX)]),
        ("PREFIX_LETTERS_MIN", vec![format!("{} to {}", id::PREFIX_LETTERS_MIN, id::ID_LETTERS)]),
        ("CLOCK_SKEW", vec![seconds(ledger::CLOCK_SKEW)]),
        ("PoolBounds", vec![spaced(pool.records), format!("{} MiB", pool.bytes >> 20)]),
        ("PUBLISH_BYTES_MAX", vec![kib(engine::PUBLISH_BYTES_MAX)]),
        ("sync::FRAME_BYTES_MAX", vec![kib(sync::FRAME_BYTES_MAX)]),
        ("SCOPES_MAX", vec![format!("{}; 2^{}", sync::SCOPES_MAX, sync::KEYS_MAX.ilog2())]),
        (
            "INQUIRY_KEYS_MAX",
            vec![format!("{}; {}", sync::INQUIRY_KEYS_MAX, seconds(sync::ANSWER_MAX))],
        ),
        ("ASKED_MAX", vec![format!("{}; {}", engine::ASKED_MAX, seconds(engine::PATIENCE))]),
        ("CLOCKS_APART_MAX", vec![seconds(sync::CLOCKS_APART_MAX)]),
        ("SILENCE_MAX", vec![seconds(sync::SILENCE_MAX), seconds(sync::SESSION_MAX)]),
        ("ORDINARY", vec![format!("{} MiB; {} MiB", window.window >> 20, window.total >> 20)]),
    ];
    for (constant, values) in rows {
        let row = text.lines().find(|line| line.contains(constant));
        let row = row.unwrap_or_else(|| panic!("no row for {constant}"));
        for value in values {
            assert!(row.contains(&value), "{constant} is {value}, and the row says: {row}");
        }
    }
}

#[test]
fn every_error_of_a_vector_is_named_and_every_named_error_has_a_vector() {
    let text = section("## 17. Errors");
    let mut families = BTreeSet::new();
    for file in vectors::all() {
        for vector in file.bad {
            let (family, cause) = vector.error.split_once('/').unwrap_or((&vector.error, ""));
            assert!(text.contains(&format!("`{family}")), "{}", vector.error);
            if family == "payload" {
                assert!(text.contains(&format!("`{cause}`")), "{}", vector.error);
            }
            families.insert(family.to_owned());
        }
    }
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let name = row.trim_start_matches("| `").split(['`', '/']).next().unwrap();
        assert!(families.contains(name), "no bad vector shows '{name}'");
    }
}

/// Rows: 4.14, 4.17.
#[test]
fn nothing_that_is_signed_scores_a_network_or_measures_a_person() {
    let ranks = ["score", "rank", "trust", "karma", "likes", "reputation", "level", "person"];
    for kind in Kind::ALL {
        for key in Body::keys(&kind) {
            assert!(!ranks.iter().any(|word| key.contains(word)), "{kind:?} has {key}");
        }
    }
}
