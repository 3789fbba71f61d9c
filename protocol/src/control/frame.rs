//! Requests and responses as bytes: deterministic CBOR, one message a frame.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cbor::{self, CborError};

/// The revision of the vocabulary. A client says it in
/// [`Request::Hello`](super::Request::Hello), and a node of another revision says so in words.
pub const REVISION: u16 = 1;

/// The most bytes of a draft that a node is asked about: those of a record.
pub const DRAFT_BYTES_MAX: usize = crate::record::RECORD_BYTES_MAX;

/// A message is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// It is not deterministic CBOR.
    #[error("a message at the door is not deterministic CBOR")]
    Encoding(#[source] CborError),
    /// It is none that this revision knows.
    #[error("a message at the door is none that revision {REVISION} knows")]
    Unknown(#[source] CborError),
}

/// Encodes a message.
///
/// # Errors
/// [`ControlError::Encoding`] when the message has what the encoding has not.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, ControlError> {
    cbor::to_bytes(message).map_err(ControlError::Encoding)
}

/// Decodes a message.
///
/// # Errors
/// [`ControlError`], when the bytes are no message.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ControlError> {
    cbor::check(bytes).map_err(ControlError::Encoding)?;
    cbor::from_bytes(bytes).map_err(ControlError::Unknown)
}
