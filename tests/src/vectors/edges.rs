//! The edges of the signature rule: what single verification, batches and every other
//! implementation must judge alike (ZIP 215, without keys of small order).

use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as BASE, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, bytes, map, open, seal, sig_structure, sign};

/// The order of the base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// What is signed here: the shortest statement.
fn payload() -> Vec<u8> {
    Payload::new("a", &cast().river, map! {}).encode()
}

/// Returns `H(R ‖ A ‖ M)` modulo the order (RFC 8032, section 5.1.7).
fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

/// Returns the fourteen encodings of the eight points of small order that decoders accept: where x
/// is zero its sign is free, and y below 19 may also be written as y plus the field's prime.
fn small_order() -> Vec<[u8; 32]> {
    let mut all = Vec::new();
    for point in EIGHT_TORSION {
        let mut y = point.compress().to_bytes();
        let sign = y[31] & 0x80;
        y[31] ^= sign;
        let mut ys = vec![y];
        if y[0] < 19 && y[1..].iter().all(|b| *b == 0) {
            let mut high = [0xff; 32];
            (high[0], high[31]) = (0xed + y[0], 0x7f);
            ys.push(high);
        }
        for y in ys {
            let signs = if point == -point { vec![0, 0x80] } else { vec![sign] };
            all.extend(signs.into_iter().map(|sign| {
                let mut encoding = y;
                encoding[31] |= sign;
                encoding
            }));
        }
    }
    all
}

/// Seals the payload under a key and a signature that nobody needs a seed for.
fn sealed(key: &[u8; 32], r: &[u8; 32], s: &Scalar) -> Vec<u8> {
    seal(key, &payload(), &[r.as_slice(), s.as_bytes()].concat())
}

/// Signs for `key`, whose discrete logarithm is `secret` up to torsion, with `R = nonce·B + torsion`
/// or the encoding of `R` that is given.
fn forged(key: &[u8; 32], secret: &Scalar, nonce: &Scalar, r: &[u8; 32]) -> Vec<u8> {
    let message = sig_structure(key, b"weft-record-v1", &payload());
    sealed(key, r, &(nonce + challenge(r, key, &message) * secret))
}

pub(super) fn file() -> Vectors {
    let mut file = Vectors::new("signature", "Signatures at the edges of the rule (section 6).");
    good(&mut file);
    bad(&mut file);
    for (i, a) in small_order().iter().enumerate() {
        for (j, r) in small_order().iter().enumerate() {
            // All 196 hold by the equation; a few stand for the rest, which tests compute.
            if (i + j) % 14 == 0 {
                let name =
                    format!("a key of small order, {i} of 14, with R of small order, {j} of 14");
                file.bad(&name, "signature", sealed(a, r, &Scalar::ZERO));
            }
        }
    }
    file
}

/// Returns the 196 records whose key and R are of small order and whose S is zero: the equation
/// holds for each, and each must be refused.
pub fn small_order_records() -> Vec<Vec<u8>> {
    let all = small_order();
    all.iter().flat_map(|a| all.iter().map(|r| sealed(a, r, &Scalar::ZERO))).collect()
}

fn good(file: &mut Vectors) {
    let secret = Scalar::from_bytes_mod_order([0x42; 32]);
    let nonce = Scalar::from_bytes_mod_order([0x43; 32]);
    let (public, point) = (BASE * secret, BASE * nonce);
    let encode = |point: EdwardsPoint| point.compress().to_bytes();
    let key = encode(public);
    file.good("an ordinary signature", forged(&key, &secret, &nonce, &encode(point)));
    for (i, torsion) in EIGHT_TORSION.iter().enumerate().skip(1) {
        let mixed = encode(public + torsion);
        let name = format!("a key with torsion {i}");
        file.good(&name, forged(&mixed, &secret, &nonce, &encode(point)));
        let name = format!("R with torsion {i}");
        file.good(&name, forged(&key, &secret, &nonce, &encode(point + torsion)));
    }
    let mixed = encode(public + EIGHT_TORSION[3]);
    let r = encode(point + EIGHT_TORSION[5]);
    file.good("a key and R with torsion", forged(&mixed, &secret, &nonce, &r));
    for (i, r) in small_order().iter().enumerate() {
        let name = format!("R of small order, {i} of 14");
        file.good(&name, forged(&key, &secret, &Scalar::ZERO, r));
    }
}

fn bad(file: &mut Vectors) {
    let river = key(RIVER);
    let record = sign(&payload(), &river);
    let (public, payload, signature) = open(&record);
    let mut bad = |name: &str, bytes: Vec<u8>| file.bad(name, "signature", bytes);
    let with = |signature: [u8; 64]| seal(&public, &payload, &signature);
    let flip = |at: usize| {
        let mut other = signature;
        other[at] ^= 1;
        with(other)
    };
    bad("one bit of R is flipped", flip(0));
    bad("one bit of S is flipped", flip(32));
    bad("the highest bit of S is set", {
        let mut other = signature;
        other[63] |= 0x80;
        with(other)
    });
    bad("all zero", with([0; 64]));
    bad("another statement's signature", {
        let other = Payload::new("a", &cast().river, map! { "b": bytes(&[]) }).sign(&river);
        with(open(&other).2)
    });
    bad("another key's signature", seal(&key(RIDGE).public().0, &payload, &signature));
    for (name, aad) in [
        ("no external data", &b""[..]),
        ("other external data", b"weft-record-v2"),
        ("external data in capitals", b"WEFT-RECORD-V1"),
    ] {
        bad(name, with(river.sign(&sig_structure(&public, aad, &payload))));
    }
    bad("the payload signed without its structure", with(river.sign(&payload)));
    let mut context = sig_structure(&public, b"weft-record-v1", &payload);
    context[10] = b'2';
    bad("the context Signature2", with(river.sign(&context)));
    let s = signature[32..].try_into().expect("32 bytes");
    bad(
        "S is not reduced",
        with([&signature[..32], &plus_order(s)].concat().try_into().expect("64")),
    );
    let nowhere = (2..=255).map(|y| [&[y], [0; 31].as_slice()].concat());
    let nowhere = nowhere.map(|y| y.try_into().expect("32 bytes")).find(|y: &[u8; 32]| {
        curve25519_dalek::edwards::CompressedEdwardsY(*y).decompress().is_none()
    });
    let nowhere = nowhere.expect("every second y is on no point");
    bad("a key that is no point", seal(&nowhere, &payload, &signature));
    bad(
        "R that is no point",
        with([nowhere.as_slice(), &signature[32..]].concat().try_into().expect("64")),
    );
}

/// Adds the order: the same S modulo the order, in an encoding that must be refused.
fn plus_order(s: [u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut carry = 0;
    for i in 0..32 {
        let sum = u16::from(s[i]) + u16::from(ORDER[i]) + carry;
        out[i] = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    out
}
