//! Signatures: one rule, ZIP 215, one by one or in batches.
//!
//! A signature is valid when the key is not of small order and the ZIP 215 equation holds. Under
//! that rule single and batched verification agree by construction, so every node judges alike
//! and bulk catch-up verifies several times faster.
//!
//! **Invariant:** [`verify_batch`] accepts exactly what [`Unverified::verify`] accepts.

use ed25519_zebra::batch::{Item, Verifier};
use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes};
use rand_core::CryptoRng;

use super::{Record, Unverified};
use crate::id::PublicKey;
use crate::key::SIGNATURE_BYTES;

/// A signature does not hold. Final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct BadSignature;

impl Unverified {
    /// Verifies the signature.
    ///
    /// # Errors
    /// [`BadSignature`], when the key is weak or no key, or the equation does not hold.
    pub fn verify(self) -> Result<Record, BadSignature> {
        let (key, signed, signature) = self.parts();
        if holds(key, signed, signature) { Ok(self.assume_verified()) } else { Err(BadSignature) }
    }
}

/// Says whether a signature over these bytes holds under this key.
pub(crate) fn holds(key: &PublicKey, signed: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
    !is_weak(&key.0)
        && VerificationKey::try_from(key.0)
            .is_ok_and(|key| key.verify(&Signature::from(*signature), signed).is_ok())
}

/// The y coordinates of the eight points of small order, in every encoding that decoders accept
/// (three of them have a second one at or above the field's prime), without the sign bit. A list,
/// because computing the order would double the cost of a batched verification.
const WEAK: [[u8; 32]; 7] = [
    y(0x00, 0x00, 0x00),
    y(0x01, 0x00, 0x00),
    y(0xec, 0xff, 0x7f),
    y(0xed, 0xff, 0x7f),
    y(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn y(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// Says whether a key is of small order, so that signatures under it prove nothing.
fn is_weak(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y[31] &= 0x7f;
    WEAK.contains(&y)
}

/// Verifies many signatures at once, in the order given. Runs by one author are cheapest.
///
/// A batch that fails is halved until the culprits are found, so a liar among `n` costs about
/// `2 log2 n` small batches more. The randomness blinds the batch equation and must not be
/// predictable by a peer.
pub fn verify_batch(
    batch: Vec<Unverified>,
    rng: &mut impl CryptoRng,
) -> Vec<Result<Record, BadSignature>> {
    let items: Vec<Option<Item>> = batch.iter().map(item).collect();
    let mut good = vec![false; items.len()];
    settle(&items, &mut good, rng);
    let judge = |(unverified, good): (Unverified, bool)| {
        if good { Ok(unverified.assume_verified()) } else { Err(BadSignature) }
    };
    batch.into_iter().zip(good).map(judge).collect()
}

fn item(unverified: &Unverified) -> Option<Item> {
    let (key, signed, signature) = unverified.parts();
    if is_weak(&key.0) {
        return None;
    }
    let key = VerificationKeyBytes::from(key.0);
    Some(Item::from((key, Signature::from(*signature), signed)))
}

fn settle(items: &[Option<Item>], good: &mut [bool], rng: &mut impl CryptoRng) {
    match items {
        [] => {}
        [one] => good[0] = one.clone().is_some_and(|item| item.verify_single().is_ok()),
        many => {
            let mut verifier = Verifier::new();
            for item in many.iter().flatten() {
                verifier.queue(item.clone());
            }
            if verifier.verify(&mut *rng).is_ok() {
                good.iter_mut().zip(many).for_each(|(good, item)| *good = item.is_some());
            } else {
                let half = many.len() / 2;
                settle(&many[..half], &mut good[..half], rng);
                settle(&many[half..], &mut good[half..], rng);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::body::Body;
    use crate::body::identity::Identity;
    use crate::key::SecretKey;
    use crate::record::Draft;
    use crate::time::Timestamp;

    #[test]
    fn the_list_of_weak_keys_is_complete_and_holds_nothing_else() {
        for weak in WEAK {
            for sign in [0, 0x80] {
                let mut key = weak;
                key[31] |= sign;
                assert!(is_weak(&key));
                let point = ed25519_dalek::VerifyingKey::from_bytes(&key);
                assert!(point.map_or(true, |point| point.is_weak()), "{key:x?}");
            }
        }
        let torsion = curve25519_torsion();
        assert_eq!(torsion.iter().filter(|key| is_weak(key)).count(), 8);
        assert!(!is_weak(&SecretKey::from_seed(&[7; 32]).public().0));
    }

    /// The canonical encodings of the eight points of small order, found by asking dalek.
    fn curve25519_torsion() -> Vec<[u8; 32]> {
        let signs = WEAK.iter().flat_map(|y| [0, 0x80].map(|sign| (*y, sign)));
        let keys = signs.map(|(mut y, sign)| {
            y[31] |= sign;
            y
        });
        keys.filter(|key| {
            ed25519_dalek::VerifyingKey::from_bytes(key).is_ok_and(|point| {
                point.is_weak() && point.to_edwards().compress().to_bytes() == *key
            })
        })
        .collect()
    }

    fn inception(seed: u8) -> Record {
        let key = SecretKey::from_seed(&[seed; 32]);
        let body = Identity::inception(key.public(), key.public().hash());
        let now = Timestamp::from_secs(1_800_000_000);
        Draft::inception(Body::Identity(body), now).sign(&key).unwrap()
    }

    #[test]
    fn a_batch_finds_every_culprit_and_only_culprits() {
        let mut batch = Vec::new();
        for seed in 0..40 {
            let mut bytes = inception(seed).bytes().to_vec();
            if seed % 7 == 3 {
                *bytes.last_mut().unwrap() ^= 1;
            }
            batch.push(Unverified::decode(&bytes).unwrap());
        }
        let singles: Vec<bool> = batch.iter().map(|u| u.clone().verify().is_ok()).collect();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let batched: Vec<bool> =
            verify_batch(batch, &mut rng).into_iter().map(|r| r.is_ok()).collect();
        assert_eq!(singles, batched);
        assert_eq!(batched.iter().filter(|ok| !**ok).count(), 6);
    }

    #[test]
    fn one_flipped_bit_never_verifies() {
        let bytes = inception(1).bytes().to_vec();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let verified = Unverified::decode(&damaged).is_ok_and(|u| u.verify().is_ok());
            assert!(!verified, "bit {bit}");
        }
    }
}
