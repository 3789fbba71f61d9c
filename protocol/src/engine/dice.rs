//! Randomness that was given once: jitter, choices and nonces.
//!
//! **Invariant:** the same seed throws the same numbers, so a simulation repeats itself; nobody
//! who sees some of them can tell the next, because each is a hash of the seed.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::sync::{NONCE_BYTES, Salt};

/// Throws numbers.
pub(super) struct Dice {
    seed: [u8; 32],
    thrown: u64,
}

impl Dice {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { seed, thrown: 0 }
    }

    fn throw(&mut self) -> [u8; 32] {
        self.thrown += 1;
        let hash = Sha256::new().chain_update(self.seed).chain_update(self.thrown.to_be_bytes());
        hash.finalize().into()
    }

    pub(super) fn salt(&mut self) -> Salt {
        Salt(self.throw())
    }

    pub(super) fn nonce(&mut self) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&self.throw()[..NONCE_BYTES]);
        nonce
    }

    /// Returns a number below `end`, or 0 when there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        u64::from_be_bytes(self.nonce()).checked_rem(end).unwrap_or(0)
    }

    /// Returns a time from half of `about` to one and a half of it.
    pub(super) fn around(&mut self, about: Duration) -> Duration {
        let millis = u64::try_from(about.as_millis()).unwrap_or(u64::MAX / 2);
        Duration::from_millis(millis / 2 + self.below(millis))
    }
}

impl std::fmt::Debug for Dice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dice(thrown {} times)", self.thrown)
    }
}
