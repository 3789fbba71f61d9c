//! Statements as maps of CBOR values, and their envelopes, byte by byte as the specification says.

use ciborium::Value;
use sha2::{Digest, Sha256};
use weft_protocol::cbor::{self, Major};
use weft_protocol::key::SecretKey;
use weft_protocol::record::{BadSignature, DecodeError};

use super::cast::{AT, DAY};

/// Makes a map of CBOR values with text keys.
macro_rules! map {
    ($($key:literal: $value:expr),* $(,)?) => {
        ciborium::Value::Map(vec![
            $((ciborium::Value::from($key), ciborium::Value::from($value))),*
        ])
    };
}

/// Makes an array of CBOR values.
macro_rules! list {
    ($($item:expr),* $(,)?) => {
        ciborium::Value::Array(vec![$(ciborium::Value::from($item)),*])
    };
}

pub(super) use {list, map};

/// Makes a byte string.
pub(super) fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}

/// The fields of a payload.
#[derive(Debug, Clone)]
pub(super) struct Payload(Vec<(String, Value)>);

impl Payload {
    /// Begins a statement of any kind but `identity`: it lives for thirty days in `gb-bristol` and
    /// may travel as far as the movement.
    pub(super) fn new(kind: &str, net: &[u8; 32], body: Value) -> Self {
        let said = cbor::to_bytes(&body).expect("a vector's body has an encoding");
        Self::event(body)
            .set("kind", kind)
            .set("net", bytes(net))
            .set("nonce", bytes(&Sha256::digest(said)[..16]))
            .set("until", AT + 30 * DAY)
            .set("region", "gb-bristol")
            .set("reach", "movement")
    }

    /// Begins an inception.
    pub(super) fn event(body: Value) -> Self {
        Self(Vec::new()).set("v", 1).set("kind", "identity").set("at", AT).set("body", body)
    }

    /// Sets a field.
    pub(super) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.retain(|(have, _)| have != key);
        self.0.push((key.to_owned(), value.into()));
        self
    }

    /// Leaves a field out.
    pub(super) fn without(mut self, key: &str) -> Self {
        self.0.retain(|(have, _)| have != key);
        self
    }

    /// Says how many days it lives.
    pub(super) fn days(self, days: u64) -> Self {
        self.set("until", AT + days * DAY)
    }

    /// Says that it is a later version.
    pub(super) fn following(self, rev: u16, prev: &[[u8; 32]]) -> Self {
        let prev = Value::Array(prev.iter().map(|id| bytes(id)).collect());
        self.set("rev", rev).set("prev", prev)
    }

    /// Encodes the map.
    pub(super) fn encode(&self) -> Vec<u8> {
        let pairs = self.0.iter().map(|(key, value)| (Value::from(key.as_str()), value.clone()));
        cbor::to_bytes(&Value::Map(pairs.collect())).expect("a vector's payload has an encoding")
    }

    /// Signs it.
    pub(super) fn sign(&self, key: &SecretKey) -> Vec<u8> {
        sign(&self.encode(), key)
    }
}

/// Signs a payload and puts it into its envelope.
pub(super) fn sign(payload: &[u8], key: &SecretKey) -> Vec<u8> {
    let public = key.public().0;
    seal(&public, payload, &key.sign(&sig_structure(&public, b"weft-record-v1", payload)))
}

/// The protected header: alg -19 and the key.
pub(super) fn protected(key: &[u8; 32]) -> Vec<u8> {
    [&[0xa2, 0x01, 0x32, 0x04, 0x58, 0x20], key.as_slice()].concat()
}

/// What is signed (RFC 9052, section 4.4).
pub(super) fn sig_structure(key: &[u8; 32], aad: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x84];
    cbor::write_text(&mut out, "Signature1");
    cbor::write_bytes(&mut out, &protected(key));
    cbor::write_bytes(&mut out, aad);
    cbor::write_bytes(&mut out, payload);
    out
}

/// Puts a payload and its signature into the envelope.
pub(super) fn seal(key: &[u8; 32], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut out = vec![0xd2];
    cbor::write_head(&mut out, Major::Array, 4);
    cbor::write_bytes(&mut out, &protected(key));
    cbor::write_head(&mut out, Major::Map, 0);
    cbor::write_bytes(&mut out, payload);
    cbor::write_bytes(&mut out, signature);
    out
}

/// Cuts a record into key, payload and signature.
pub(super) fn open(record: &[u8]) -> ([u8; 32], Vec<u8>, [u8; 64]) {
    let key = record[10..42].try_into().expect("32 bytes");
    let (front, signature) = record.split_last_chunk::<64>().expect("a signature");
    let mut reader = cbor::Reader::new(&front[43..]);
    (key, reader.bytes().expect("a payload").to_vec(), *signature)
}

/// Returns the id of a record.
pub(super) fn id(record: &[u8]) -> [u8; 32] {
    let (key, payload, _) = open(record);
    Sha256::digest(sig_structure(&key, b"weft-record-v1", &payload)).into()
}

/// Returns the thing that a record is a version of, by section 5.
pub(super) fn thing(record: &[u8]) -> [u8; 32] {
    let (_, payload, _) = open(record);
    let map: Value = ciborium::from_reader(payload.as_slice()).expect("a payload");
    let bytes = |map, name| field(map, name).and_then(|value| value.into_bytes().ok());
    let kind = field(&map, "kind").and_then(|kind| kind.into_text().ok()).expect("a kind");
    let Some(net) = bytes(&map, "net") else { return id(record) };
    let Some(nonce) = bytes(&map, "nonce") else { return net.try_into().expect("32 bytes") };
    let fixed = match kind.as_str() {
        "role" => bytes(&map, "role").unwrap_or_default(),
        "proposal" => {
            let body = field(&map, "body").expect("a body");
            let freeze = field(&field(&body, "rule").expect("a rule"), "freeze");
            let freeze = freeze.and_then(|freeze| freeze.into_integer().ok()).expect("a time");
            let freeze = u64::try_from(freeze).expect("a time").to_be_bytes();
            [bytes(&body, "to").expect("a tie"), freeze.to_vec()].concat()
        }
        "response" => {
            let body = field(&map, "body").expect("a body");
            let to = field(&body, "ref").expect("what is answered");
            let kind = field(&body, "kind").and_then(|kind| kind.into_text().ok());
            [bytes(&to, "thing").expect("a thing"), kind.expect("a kind").into_bytes()].concat()
        }
        _ => Vec::new(),
    };
    let named = [b"weft-thing-v1", net.as_slice(), kind.as_bytes(), &nonce, &fixed].concat();
    Sha256::digest(named).into()
}

fn field(map: &Value, name: &str) -> Option<Value> {
    let mut pairs = map.as_map()?.iter();
    pairs.find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone())
}

/// Takes a record apart with a general CBOR library and puts it together again by the book; nothing
/// when it is no `COSE_Sign1` that the library can read.
pub fn reseal(record: &[u8]) -> Option<Vec<u8>> {
    let Ok(Value::Tag(18, parts)) = ciborium::from_reader::<Value, _>(record) else { return None };
    let parts = parts.into_array().ok()?;
    let [protected, _, payload, signature] = parts.as_slice() else { return None };
    let key = protected.as_bytes()?.last_chunk()?;
    let payload: Value = ciborium::from_reader(payload.as_bytes()?.as_slice()).ok()?;
    Some(seal(key, &cbor::to_bytes(&payload).ok()?, signature.as_bytes()?))
}

/// Replaces the one place where `from` stands.
pub(super) fn splice(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<usize> =
        (0..=bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    let [at] = places[..] else { panic!("{from:x?} stands at {places:?}") };
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// Returns the specification's name of why bytes were refused (section 17).
pub fn error_name(error: &Result<DecodeError, BadSignature>) -> String {
    let of = |what: &str, which: &str| format!("{what}/{}", which.replace(", ", "+"));
    match error {
        Err(BadSignature) => "signature".to_owned(),
        Ok(DecodeError::Oversize) => "oversize".to_owned(),
        Ok(DecodeError::Envelope) => "envelope".to_owned(),
        Ok(DecodeError::Payload(cause)) => of("payload", &kebab(&format!("{cause:?}"))),
        Ok(DecodeError::UnknownKey) => "unknown-key".to_owned(),
        Ok(DecodeError::Format) => "format".to_owned(),
        Ok(DecodeError::Field(field)) => of("field", field),
        Ok(DecodeError::Value(field)) => of("value", field),
        Ok(DecodeError::Life) => "life".to_owned(),
        Ok(DecodeError::Body(_)) => "body".to_owned(),
    }
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
