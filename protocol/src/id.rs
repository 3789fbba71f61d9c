//! Names of things: 32-byte ids and how people read and write them.
//!
//! **Invariant:** an id has one text form, lower-case base32 without padding (52 letters and
//! digits), and one binary form, 32 bytes.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, Encoding};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of letters of an id in full.
pub const ID_LETTERS: usize = 52;

/// The fewest letters of a prefix that people may type instead of an id: 30 bits, so that among a
/// million records an accidental second match is rare and a typing error almost never names
/// another record.
pub const PREFIX_LETTERS_MIN: usize = 6;

/// A text is not an id, or not a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// The text has a character that base32 does not use.
    #[error("an id has only the letters a-z and the digits 2-7")]
    Alphabet,
    /// The text is too long, or too short for what was asked.
    #[error("an id has {ID_LETTERS} letters, a prefix at least {PREFIX_LETTERS_MIN}")]
    Length,
}

fn encode(bytes: &[u8; 32]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

fn decode(text: &str) -> Result<[u8; 32], ParseIdError> {
    if text.len() != ID_LETTERS {
        return Err(ParseIdError::Length);
    }
    let encoding: &Encoding = &BASE32_NOPAD;
    let bytes = encoding.decode(&upper(text)?.into_bytes()).map_err(|_| ParseIdError::Alphabet)?;
    bytes.try_into().map_err(|_| ParseIdError::Length)
}

fn upper(text: &str) -> Result<String, ParseIdError> {
    let known = |c: char| matches!(c, 'a'..='z' | '2'..='7');
    if text.chars().all(known) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(ParseIdError::Alphabet)
    }
}

/// Reads 32 bytes where the format has byte strings, whichever way it hands them over, and our
/// letters where it has texts.
struct Bytes32;

impl<'de> Visitor<'de> for Bytes32 {
    type Value = [u8; 32];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<[u8; 32], E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<[u8; 32], E> {
        decode(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<[u8; 32], A::Error> {
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(i, &Self))?;
        }
        Ok(bytes)
    }
}

pub(crate) fn serialize_32<S: Serializer>(bytes: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
    if s.is_human_readable() { s.serialize_str(&encode(bytes)) } else { s.serialize_bytes(bytes) }
}

pub(crate) fn deserialize_32<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
    if d.is_human_readable() {
        // What serde has buffered to look for a tag calls itself readable, whatever it holds.
        d.deserialize_any(Bytes32)
    } else {
        d.deserialize_bytes(Bytes32)
    }
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// Returns the bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// Returns the first ten letters, for lists; not unique.
            pub fn short(&self) -> String {
                let mut text = encode(&self.0);
                text.truncate(10);
                text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                decode(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                serialize_32(&self.0, s)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                deserialize_32(d).map(Self)
            }
        }
    };
}

id_type! {
    /// The name of a record: SHA-256 of the bytes that were signed, the statement and not its seal.
    RecordId
}

id_type! {
    /// The name of a network: the id of its inception, so that it survives every change of keys.
    NetId
}

id_type! {
    /// The name of what successive versions of a record are versions of: of its network, its kind
    /// and its nonce, so that no other network, and no other kind, can have it.
    ThingId
}

id_type! {
    /// An Ed25519 public key that signs records: a network's key, a role's, a rotation key's or a
    /// guardian's. Existing does not mean that it is a point on the curve; verifying finds out.
    PublicKey
}

id_type! {
    /// A running node: its transport's Ed25519 public key. It never signs records.
    NodeId
}

id_type! {
    /// SHA-256 of a public key that is not yet to be seen: a rotation key's or a guardian's.
    KeyHash
}

/// Tells a thing from all others of its network and kind: every version of it has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nonce(pub [u8; 16]);

impl From<NetId> for ThingId {
    /// An identity is named like its network.
    fn from(net: NetId) -> Self {
        Self(net.0)
    }
}

impl From<RecordId> for NetId {
    /// The inception's id names the network.
    fn from(id: RecordId) -> Self {
        Self(id.0)
    }
}

impl From<ThingId> for RecordId {
    /// Whoever asks for a thing by this name is shown the version that counts.
    fn from(thing: ThingId) -> Self {
        Self(thing.0)
    }
}

impl From<NetId> for RecordId {
    /// The network's id is that of its inception.
    fn from(net: NetId) -> Self {
        Self(net.0)
    }
}

/// The beginning of an id, as a person types it: at least [`PREFIX_LETTERS_MIN`] letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPrefix(String);

impl IdPrefix {
    /// Says whether an id begins with these letters.
    pub fn matches(&self, id: &[u8; 32]) -> bool {
        encode(id).starts_with(&self.0)
    }

    /// Returns the smallest and the largest id that begin with these letters, for a range query.
    pub fn bounds(&self) -> ([u8; 32], [u8; 32]) {
        let fill = |pad: char| {
            let mut text = self.0.clone();
            while text.len() < ID_LETTERS {
                text.push(pad);
            }
            // The last letter holds one bit of the id and four of padding, which must be zero.
            let last = text.pop();
            text.push(if matches!(last, Some('a'..='p')) { 'a' } else { 'q' });
            decode(&text)
        };
        (fill('a').unwrap_or([0; 32]), fill('7').unwrap_or([0xff; 32]))
    }

    /// Returns the letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdPrefix {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if !(PREFIX_LETTERS_MIN..=ID_LETTERS).contains(&text.len()) {
            return Err(ParseIdError::Length);
        }
        upper(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for IdPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_wrote() {
        for bytes in [[0; 32], [0xff; 32], [0x5a; 32]] {
            let id = RecordId(bytes);
            assert_eq!(id.to_string().len(), ID_LETTERS);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn an_id_with_stray_padding_bits_is_refused() {
        let text = format!("{}b", "a".repeat(ID_LETTERS - 1));
        assert_eq!(text.parse::<RecordId>(), Err(ParseIdError::Alphabet));
    }

    #[test]
    fn a_prefix_bounds_exactly_what_it_matches() {
        let id = RecordId([0xa7; 32]);
        for letters in PREFIX_LETTERS_MIN..=ID_LETTERS {
            let prefix: IdPrefix = id.to_string()[..letters].parse().unwrap();
            let (low, high) = prefix.bounds();
            assert!(prefix.matches(&id.0) && low <= id.0 && id.0 <= high);
            assert!(prefix.matches(&low) && prefix.matches(&high));
        }
        assert_eq!("abcde".parse::<IdPrefix>(), Err(ParseIdError::Length));
        assert_eq!("ABCDEFG".parse::<IdPrefix>(), Err(ParseIdError::Alphabet));
    }
}
