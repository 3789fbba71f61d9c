//! Who speaks in the vectors: two networks, a member and a bridge, all with keys from fixed seeds.

use std::sync::OnceLock;

use ciborium::Value;
use weft_protocol::key::SecretKey;

use super::payload::{Payload, bytes, id, map};

/// When everybody speaks: 15 January 2027, 08:00 UTC.
pub(super) const AT: u64 = 1_800_000_000;

/// A day in seconds.
pub(super) const DAY: u64 = 86_400;

/// Returns the key whose seed is this byte 32 times.
pub(super) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// Returns the hash of the public half of such a key.
pub(super) fn hash(seed: u8) -> Value {
    bytes(&key(seed).public().hash().0)
}

/// Returns the public half of such a key.
pub(super) fn public(seed: u8) -> Value {
    bytes(&key(seed).public().0)
}

/// Returns the hashes of River's guardians' keys, in rising order.
pub(super) fn guardians() -> Value {
    let mut hashes = GUARDIANS.map(|seed| key(seed).public().hash());
    hashes.sort();
    Value::Array(hashes.iter().map(|hash| bytes(&hash.0)).collect())
}

/// River's first signing key.
pub(super) const RIVER: u8 = 1;
/// The signing key that follows [`RIVER`].
pub(super) const RIVER_NEXT: u8 = 2;
/// The rotation key that River's inception commits to.
pub(super) const RIVER_ROTATION: u8 = 3;
/// The rotation key that River's first rotation commits to.
pub(super) const RIVER_ROTATION_NEXT: u8 = 4;
/// River's guardians: three, of whom two recover.
pub(super) const GUARDIANS: [u8; 3] = [5, 6, 7];
/// Ridge's signing key.
pub(super) const RIDGE: u8 = 11;
/// Ridge's rotation key.
pub(super) const RIDGE_ROTATION: u8 = 12;
/// The key of a member of River.
pub(super) const MEMBER: u8 = 21;
/// The X25519 key that others seal to is any 32 bytes here.
pub(super) const SEALING: u8 = 31;
/// The node that River runs.
pub(super) const NODE: u8 = 41;

/// The highest seed that anyone uses.
const SEED_MAX: u8 = 41;

/// Returns the seeds of all keys that sign vectors, with their public halves.
pub fn secrets() -> impl Iterator<Item = SecretKey> {
    (1..=SEED_MAX).map(key)
}

/// The networks of the vectors.
#[derive(Debug, Clone)]
pub struct Cast {
    /// River's inception.
    pub river_inception: Vec<u8>,
    /// River: a network with guardians.
    pub river: [u8; 32],
    /// Ridge's inception.
    pub ridge_inception: Vec<u8>,
    /// Ridge: a network without guardians.
    pub ridge: [u8; 32],
}

/// Returns the networks of the vectors, made once.
pub fn cast() -> Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(found).clone()
}

fn found() -> Cast {
    let river = Payload::event(map! {
        "event": "inception",
        "key": public(RIVER),
        "next": hash(RIVER_ROTATION),
        "guardians": guardians(),
        "need": 2,
    });
    let ridge = Payload::event(map! {
        "event": "inception",
        "key": public(RIDGE),
        "next": hash(RIDGE_ROTATION),
    });
    let (river, ridge) = (river.sign(&key(RIVER)), ridge.sign(&key(RIDGE)));
    Cast { river: id(&river), river_inception: river, ridge: id(&ridge), ridge_inception: ridge }
}
