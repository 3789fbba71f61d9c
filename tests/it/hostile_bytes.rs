//! What strangers may send: valid records with something changed, by the hundred thousand.
//!
//! **Invariant:** decoding never panics, and what it accepts is the one encoding of what it says.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use weft_protocol::record::{RECORD_BYTES_MAX, Unverified, sequence};
use weft_tests::vectors::{self, reseal, unhex};

/// How many mutations each test tries: some seconds without optimisation. The fuzz targets go on
/// where this ends.
const MUTATIONS: usize = 600_000;

/// The bytes that begin other encodings: every type with short, long, reserved and open lengths.
const HEADS: [u8; 16] = [
    0x00, 0x18, 0x1b, 0x3b, 0x40, 0x5b, 0x5f, 0x60, 0x7b, 0x80, 0x9b, 0xa0, 0xbb, 0xd2, 0xf6, 0xff,
];

fn seeds() -> Vec<Vec<u8>> {
    let files = vectors::all();
    let good = files.iter().flat_map(|file| &file.good).map(|vector| unhex(&vector.hex));
    let near = files.iter().flat_map(|file| &file.bad).map(|vector| unhex(&vector.hex));
    good.chain(near).filter(|bytes| (1..2000).contains(&bytes.len())).collect()
}

struct Mutations {
    rng: ChaCha20Rng,
    seeds: Vec<Vec<u8>>,
}

impl Mutations {
    fn new(seed: u64) -> Self {
        Self { rng: ChaCha20Rng::seed_from_u64(seed), seeds: seeds() }
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.rng.next_u64() % n as u64).expect("it is below a usize")
    }

    fn seed(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        self.seeds[at].clone()
    }

    /// Changes one place.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        match self.below(8) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.rng.next_u64().to_le_bytes()[0],
            2 => bytes[at] = HEADS[self.below(HEADS.len())],
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes.insert(at, HEADS[self.below(HEADS.len())]),
            5 if bytes.len() > 1 => drop(bytes.remove(at)),
            6 => bytes.truncate(at.max(1)),
            _ => {
                let other = self.seed();
                let (from, len) = (self.below(other.len()), 1 + self.below(40));
                let piece = &other[from..other.len().min(from + len)];
                let end = bytes.len().min(at + piece.len());
                bytes.splice(at..end, piece.iter().copied());
            }
        }
    }

    fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.seed();
        for _ in 0..=self.below(3) {
            self.change(&mut bytes);
        }
        bytes
    }
}

#[test]
fn what_is_accepted_is_the_one_encoding_of_what_it_says() {
    let mut mutations = Mutations::new(1);
    let mut statements = BTreeMap::new();
    let mut accepted = 0u32;
    for _ in 0..MUTATIONS {
        let bytes = mutations.next();
        let Ok(unverified) = Unverified::decode(&bytes) else { continue };
        accepted += 1;
        assert!(bytes.len() <= RECORD_BYTES_MAX);
        assert_eq!(reseal(&bytes).as_deref(), Some(bytes.as_slice()));
        let statement = bytes[..bytes.len() - 64].to_vec();
        let first = statements.entry(unverified.id()).or_insert_with(|| statement.clone());
        assert_eq!(*first, statement, "two encodings of one statement");
    }
    assert!(accepted > 1000, "the mutations are too wild to show anything: {accepted}");
}

#[test]
fn a_changed_statement_never_verifies() {
    let mut mutations = Mutations::new(2);
    let original: Vec<Vec<u8>> = mutations.seeds.clone();
    for _ in 0..MUTATIONS / 20 {
        let bytes = mutations.next();
        let verified =
            Unverified::decode(&bytes).is_ok_and(|unverified| unverified.verify().is_ok());
        assert!(!verified || original.contains(&bytes), "{}", vectors::hex(&bytes));
    }
}

#[test]
fn a_sequence_is_cut_without_gaps_until_the_first_thing_that_is_no_record() {
    let mut mutations = Mutations::new(3);
    for _ in 0..MUTATIONS / 20 {
        let mut bytes: Vec<u8> = (0..4).flat_map(|_| mutations.seed()).collect();
        for _ in 0..mutations.below(4) {
            mutations.change(&mut bytes);
        }
        let mut at = 0;
        for item in sequence(&bytes) {
            match item {
                Ok(record) => {
                    assert!(record.len() <= RECORD_BYTES_MAX && bytes[at..].starts_with(record));
                    at += record.len();
                }
                Err(error) => {
                    assert_eq!(error.at, at);
                    at = bytes.len();
                }
            }
        }
        assert_eq!(at, bytes.len());
    }
}
