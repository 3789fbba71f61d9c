//! Fingerprints of sets of ids: equal sets have equal ones, in whatever order they were summed.
//!
//! **Invariant:** a fingerprint is that of Negentropy V1, SHA-256(sum of the ids mod 2^256, little
//! endian ‖ count as a base-128 integer, high groups first), cut to 16 bytes, so that another
//! implementation of that protocol is an oracle for this one.

use sha2::{Digest, Sha256};

use crate::id::RecordId;

/// The bytes of a fingerprint: 128 bits, so that two different honest sets never meet by chance.
pub const FINGERPRINT_BYTES: usize = 16;

/// What identifies a set of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; FINGERPRINT_BYTES]);

impl Fingerprint {
    /// Computes the fingerprint of `count` ids that add up to `sum`.
    pub(crate) fn new(sum: Sum, count: usize) -> Self {
        let mut hash = Sha256::new();
        for limb in sum.0 {
            hash.update(limb.to_le_bytes());
        }
        let (digits, from) = base_128(count as u64);
        hash.update(&digits[from..]);
        let mut bytes = [0; FINGERPRINT_BYTES];
        bytes.copy_from_slice(&hash.finalize()[..FINGERPRINT_BYTES]);
        Self(bytes)
    }
}

/// Writes a number in base 128, high groups first, all but the last with the high bit set;
/// returns the digits at the end of an array and where they begin.
fn base_128(mut n: u64) -> ([u8; 10], usize) {
    let mut digits = [0; 10];
    let mut at = 9;
    digits[at] = (n & 0x7f) as u8;
    while n > 0x7f {
        n >>= 7;
        at -= 1;
        digits[at] = (n & 0x7f) as u8 | 0x80;
    }
    (digits, at)
}

/// A fresh key under which one conversation adds up the hashes of ids in place of the ids.
///
/// Whoever makes many records can choose them so that the ids of some add up to the same as those
/// of others (Wagner, "A generalized birthday problem", 2002), and so keep two nodes from seeing
/// that they have different ones. Nobody can choose them for a key that is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; SALT_BYTES]);

/// The bytes of a [`Salt`].
pub const SALT_BYTES: usize = 32;

impl Salt {
    /// Returns SHA-256(salt ‖ id), as a number.
    fn of(&self, id: &RecordId) -> Sum {
        let hash = Sha256::new().chain_update(self.0).chain_update(id.0).finalize();
        Sum::from(&RecordId(hash.into()))
    }
}

/// A sum of ids modulo 2^256, low limb first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum([u64; 4]);

impl Sum {
    /// Adds up the ids.
    pub(crate) fn of<'a>(ids: impl IntoIterator<Item = &'a RecordId>) -> Self {
        ids.into_iter().fold(Self::default(), |sum, id| sum.plus(Self::from(id)))
    }

    /// Adds up the ids, or under a salt their hashes.
    pub(crate) fn under<'a>(
        salt: Option<&Salt>,
        ids: impl IntoIterator<Item = &'a RecordId>,
    ) -> Self {
        let Some(salt) = salt else { return Self::of(ids) };
        ids.into_iter().fold(Self::default(), |sum, id| sum.plus(salt.of(id)))
    }

    /// Returns the sum of both, modulo 2^256.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        let mut limbs = [0; 4];
        let mut carry = false;
        for (i, limb) in limbs.iter_mut().enumerate() {
            let (half, first) = self.0[i].overflowing_add(other.0[i]);
            let (whole, second) = half.overflowing_add(u64::from(carry));
            *limb = whole;
            carry = first | second;
        }
        Self(limbs)
    }

    /// Returns what is left after taking the other away, modulo 2^256.
    #[must_use]
    pub(crate) fn minus(self, other: Self) -> Self {
        let mut limbs = [0; 4];
        let mut borrow = false;
        for (i, limb) in limbs.iter_mut().enumerate() {
            let (half, first) = self.0[i].overflowing_sub(other.0[i]);
            let (whole, second) = half.overflowing_sub(u64::from(borrow));
            *limb = whole;
            borrow = first | second;
        }
        Self(limbs)
    }
}

impl From<&RecordId> for Sum {
    fn from(id: &RecordId) -> Self {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(id.0.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        Self(limbs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_can_be_taken_away() {
        let ids = [[0xff; 32], [0x80; 32], [1; 32]].map(RecordId);
        let two = Sum::of(&ids[..2]);
        assert_eq!(Sum::of(&ids).minus(Sum::from(&ids[2])), two);
        assert_eq!(two.minus(two), Sum::default());
        assert_eq!(
            Sum::default().minus(Sum::from(&ids[0])).plus(Sum::from(&ids[0])),
            Sum::default()
        );
    }

    #[test]
    fn counts_are_written_in_base_128() {
        let digits = |n| {
            let (digits, from) = base_128(n);
            digits[from..].to_vec()
        };
        assert_eq!(digits(0), [0]);
        assert_eq!(digits(127), [127]);
        assert_eq!(digits(128), [0x81, 0]);
        assert_eq!(digits(100_000), [0x86, 0x8d, 0x20]);
        assert_eq!(digits(u64::MAX).len(), 10);
    }
}
