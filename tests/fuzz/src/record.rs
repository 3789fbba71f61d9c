//! One record: what is accepted is the one encoding of what it says, and nobody's words are changed.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use weft_protocol::record::{RECORD_BYTES_MAX, Unverified};
use weft_tests::vectors::{self, error_name, reseal, unhex};

/// Why bytes are refused, up to the first stroke (section 17 of the specification).
const NAMES: [&str; 9] =
    ["body", "envelope", "field", "format", "life", "oversize", "payload", "unknown-key", "value"];

/// What was signed: nothing else has a signature that holds.
static SIGNED: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| vectors().collect());

/// Decodes bytes as a record.
pub fn tries(bytes: &[u8]) -> bool {
    match Unverified::decode(bytes) {
        Ok(unverified) => {
            assert!(bytes.len() <= RECORD_BYTES_MAX);
            assert_eq!(reseal(bytes).as_deref(), Some(bytes), "another encoding of the same");
            let id = unverified.id();
            if let Ok(record) = unverified.verify() {
                assert_eq!((record.id(), &record.bytes()[..]), (id, bytes));
                assert!(SIGNED.contains(bytes), "a changed statement verifies");
            }
            true
        }
        Err(error) => {
            let name = error_name(&Ok(error));
            let first = name.split('/').next().unwrap_or_default();
            assert!(NAMES.contains(&first), "a reason that the specification has not: {name}");
            false
        }
    }
}

fn vectors() -> impl Iterator<Item = Vec<u8>> {
    vectors::all().into_iter().flat_map(|file| {
        let near = file.bad.into_iter().map(|vector| unhex(&vector.hex));
        file.good.into_iter().map(|vector| unhex(&vector.hex)).chain(near)
    })
}

/// The published vectors, good and bad, as far as they are short.
pub fn seeds() -> Vec<Vec<u8>> {
    vectors().filter(|bytes| (1..2000).contains(&bytes.len())).collect()
}
