//! Bytes with something changed, the same from run to run.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The bytes that begin other encodings: every type of CBOR with short, long, reserved and open lengths,
/// and what texts are parted by.
const HEADS: [u8; 24] = [
    0x00, 0x18, 0x1b, 0x3b, 0x40, 0x5b, 0x5f, 0x60, 0x7b, 0x80, 0x9b, 0xa0, 0xbb, 0xd2, 0xf6, 0xff,
    b'"', b'=', b'\n', b',', b';', b'%', b'&', b'/',
];

/// The most bytes that come in from another seed at once: enough for the largest field that matters.
const PIECE_BYTES_MAX: usize = 40;

/// Seeds, and what becomes of them.
#[derive(Debug)]
pub struct Mutations {
    rng: ChaCha20Rng,
    seeds: Vec<Vec<u8>>,
}

impl Mutations {
    /// Changes these, of which there is at least one, by the lot of this number.
    pub fn new(seeds: Vec<Vec<u8>>, lot: u64) -> Self {
        assert!(!seeds.is_empty(), "something to begin with");
        Self { rng: ChaCha20Rng::seed_from_u64(lot), seeds }
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.rng.next_u64() % n as u64).expect("it is below a usize")
    }

    fn seed(&mut self) -> usize {
        self.below(self.seeds.len())
    }

    fn head(&mut self) -> u8 {
        HEADS[self.below(HEADS.len())]
    }

    /// Changes one place.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            bytes.push(self.head());
        }
        let at = self.below(bytes.len());
        match self.below(9) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.rng.next_u64().to_le_bytes()[0],
            2 => bytes[at] = self.head(),
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes.insert(at, self.head()),
            5 => drop(bytes.remove(at)),
            6 => bytes.truncate(at),
            7 => {
                let end = bytes.len().min(at + 1 + self.below(PIECE_BYTES_MAX));
                let again = bytes[at..end].to_vec();
                bytes.splice(end..end, again);
            }
            _ => {
                let (other, len) = (self.seed(), 1 + self.below(PIECE_BYTES_MAX));
                let from = self.below(self.seeds[other].len().max(1));
                let other = &self.seeds[other];
                let piece = &other[from.min(other.len())..other.len().min(from + len)];
                let end = bytes.len().min(at + piece.len());
                bytes.splice(at..end, piece.iter().copied());
            }
        }
    }
}

impl Iterator for Mutations {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let at = self.seed();
        let mut bytes = self.seeds[at].clone();
        for _ in 0..=self.below(3) {
            self.change(&mut bytes);
        }
        Some(bytes)
    }
}
