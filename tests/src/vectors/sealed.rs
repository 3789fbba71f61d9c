//! Sealed boxes: one that libsodium has made, and boxes at their bounds and beyond.

use ciborium::Value;

use super::Vectors;
use super::bounds::{full, record};
use super::payload::{bytes, list, map};

/// Made by libsodium's `crypto_box_seal` to the public half of the X25519 key whose 32 bytes are all
/// seven, of `{"en": "Meet at the harbour, door 4."}`.
const BY_LIBSODIUM: &str = "f228c99233b15b25b79e504c86971e917942f1d534fc4523ccb7b0c1515981264b6\
     14bb22db2e055ca683a5be4f94372d3e5c0bda151b34209cfa548dfd6f84edbc863deb6dbdceabad40f478fcd7b5c379a";

/// The kinds that have sealed words, and where.
const PLACES: [(&str, &str); 3] =
    [("response", "sealed"), ("call", "contact"), ("profile", "contact")];

fn with(kind: &str, key: &str, boxes: Value) -> Vec<u8> {
    let Value::Map(mut pairs) = full(kind) else { panic!("a body is a map") };
    pairs.push((Value::from(key), boxes));
    record(kind, Value::Map(pairs))
}

pub(super) fn file() -> Vectors {
    let mut file = Vectors::new("sealed", "Words that only chosen networks can read.");
    let ours = || bytes(&super::unhex(BY_LIBSODIUM));
    let reference = map! { "thing": bytes(&[0x11; 32]), "seen": bytes(&[0x11; 32]) };
    let concern = map! { "kind": "concern", "ref": reference, "sealed": list![ours()] };
    file.good("a concern that libsodium has sealed", record("response", concern));
    let sealed = |n: usize| bytes(&vec![0x31; n]);
    for (kind, key) in PLACES {
        let many = |n: usize| Value::Array(vec![sealed(49); n]);
        let place = |what: &str| format!("{kind}.{key}: {what}");
        let fine = with(kind, key, list![ours(), sealed(49), sealed(4144)]);
        file.good(&place("the smallest and the largest box"), fine);
        file.good(&place("64 boxes"), with(kind, key, many(64)));
        let mut bad = |what: &str, boxes: Value| {
            file.bad(&place(what), "body", with(kind, key, boxes));
        };
        bad("65 boxes", many(65));
        bad("a box of 48 bytes", list![sealed(48)]);
        bad("a box of 4 145 bytes", list![sealed(4145)]);
        bad("a box that is text", list!["x".repeat(49)]);
        bad("a box that is a list of numbers", list![Value::Array(vec![Value::from(1); 49])]);
        bad("a box that is in no list", sealed(49));
    }
    file
}
