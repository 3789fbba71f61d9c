//! Short names of ids, for one session only.
//!
//! **Invariant:** both sides of a session derive the same short id from the same id, and in the
//! next session another one: two ids that happen to share it hide a difference once, not for ever.

use crate::id::RecordId;

/// The bytes of a short id. In a list of a hundred against a hundred, two different ids share one
/// once in 10^10 lists; half as many bytes would miss something every few hundred lists.
pub const SHORT_BYTES: usize = 6;

/// The beginning of an id's SipHash-2-4 under the session's key, little endian.
pub type ShortId = [u8; SHORT_BYTES];

/// The key of a session's short ids: both nonces, the initiator's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortKey {
    initiator: u64,
    responder: u64,
}

impl ShortKey {
    pub(super) fn new(initiator: [u8; 8], responder: [u8; 8]) -> Self {
        Self { initiator: u64::from_le_bytes(initiator), responder: u64::from_le_bytes(responder) }
    }

    /// Returns the short id.
    pub(super) fn of(&self, id: &RecordId) -> ShortId {
        let [a, b, c, d, e, f, _, _] = self.hash(&id.0).to_le_bytes();
        [a, b, c, d, e, f]
    }

    /// SipHash-2-4 (Aumasson and Bernstein, 2012).
    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut v = [
            self.initiator ^ 0x736f_6d65_7073_6575,
            self.responder ^ 0x646f_7261_6e64_6f6d,
            self.initiator ^ 0x6c79_6765_6e65_7261,
            self.responder ^ 0x7465_6462_7974_6573,
        ];
        let (words, rest) = bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[7] = bytes.len().to_le_bytes()[0];
        for word in words.iter().chain([&last]) {
            let word = u64::from_le_bytes(*word);
            v[3] ^= word;
            rounds(&mut v, 2);
            v[0] ^= word;
        }
        v[2] ^= 0xff;
        rounds(&mut v, 4);
        v[0] ^ v[1] ^ v[2] ^ v[3]
    }
}

fn rounds(v: &mut [u64; 4], count: usize) {
    let [mut a, mut b, mut c, mut d] = *v;
    for _ in 0..count {
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
    }
    *v = [a, b, c, d];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_paper() {
        let bytes: Vec<u8> = (0..15).collect();
        let key = ShortKey::new([0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(key.hash(&bytes), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn another_session_has_other_short_ids() {
        let id = RecordId([7; 32]);
        let of = |nonce| ShortKey::new(nonce, [1; 8]).of(&id);
        assert_ne!(of([0; 8]), of([2; 8]));
    }
}
