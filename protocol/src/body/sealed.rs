//! Words that only chosen networks can read: libsodium sealed boxes.
//!
//! In a box is the encoding of a [`Text`](super::text::Text) of [`WORDS_BYTES_MAX`] bytes in each
//! language, the same in every box of a place. Nothing here opens one: that is done where a reader
//! keeps the key.
//!
//! **Invariant:** what is in a box changes no state, because no state looks into it.

use std::fmt;

use data_encoding::BASE64;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;

use super::text::{BoundError, List};
use super::tie::PARTIES_MAX;

/// The most bytes of sealed words in one language: those of the text of an answer.
pub const WORDS_BYTES_MAX: usize = 2000;

/// The fewest bytes of a box: a one-time key of 32, a tag of 16, and one.
pub const BOX_BYTES_MIN: usize = 49;

/// The most bytes of a box: 4 096 and those two. Words in two languages fit; twice as many would
/// leave room in a record for one reader.
pub const BOX_BYTES_MAX: usize = 4144;

/// The boxes of one place: at most one for each party of the largest tie.
pub type Boxes = List<SealedBox, PARTIES_MAX>;

/// One box of libsodium's `crypto_box_seal`, for one reader. It does not say for whom.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedBox(Box<[u8]>);

impl SealedBox {
    /// Returns its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for SealedBox {
    type Error = BoundError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, BoundError> {
        let fine = (BOX_BYTES_MIN..=BOX_BYTES_MAX).contains(&bytes.len());
        if fine { Ok(Self(bytes.into())) } else { Err(BoundError::Sealed) }
    }
}

impl fmt::Debug for SealedBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBox({} bytes)", self.0.len())
    }
}

impl Serialize for SealedBox {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.serialize_str(&BASE64.encode(&self.0))
        } else {
            s.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for SealedBox {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = if d.is_human_readable() {
            let text = String::deserialize(d)?;
            BASE64.decode(text.as_bytes()).map_err(D::Error::custom)?
        } else {
            ByteBuf::deserialize(d)?.into_vec()
        };
        Self::try_from(bytes).map_err(D::Error::custom)
    }
}
