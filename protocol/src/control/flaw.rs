//! Why bytes are not the record, or the records, that somebody took them for.

use serde::{Deserialize, Serialize};

use crate::record::{BadSignature, DecodeError, RECORD_BYTES_MAX, SequenceError};

/// What is wrong with bytes that should be records. No other record can mend it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// What stands there begins like no record, or ends inside one.
    #[error("at byte {at}: this does not begin like a record, or ends inside one")]
    Sequence {
        /// Where.
        at: u64,
    },
    /// It has more bytes than a record, or an identity event, may.
    #[error("it is too long: a record has at most {RECORD_BYTES_MAX} bytes")]
    Oversize,
    /// It is not enveloped and encoded as a record is.
    #[error("it is not encoded as a record is")]
    Encoding,
    /// It is of another format, or says what this program does not know.
    #[error("it is of a format that this program does not know")]
    Format,
    /// A part is missing, or stands where its kind has none.
    #[error("'{field}' is missing, or this kind of record does not have it")]
    Field {
        /// Which.
        field: String,
    },
    /// A part is out of its bounds.
    #[error("'{field}' is out of bounds")]
    Value {
        /// Which.
        field: String,
    },
    /// It would live longer than its kind may, or end before it begins.
    #[error("it lives longer than its kind may, or not at all")]
    Life,
    /// What it says does not have the shape of its kind.
    #[error("what it says does not have the shape of its kind")]
    Body,
    /// The signature is not that of the key that it names.
    #[error("the signature does not hold")]
    Signature,
    /// The program failed on it; its log says where.
    #[error("the program failed on it")]
    Unverified,
}

impl From<&SequenceError> for Flaw {
    fn from(error: &SequenceError) -> Self {
        Self::Sequence { at: error.at as u64 }
    }
}

impl From<&DecodeError> for Flaw {
    fn from(error: &DecodeError) -> Self {
        match error {
            DecodeError::Oversize => Self::Oversize,
            DecodeError::Envelope | DecodeError::Payload(_) => Self::Encoding,
            DecodeError::UnknownKey | DecodeError::Format => Self::Format,
            DecodeError::Field(field) => Self::Field { field: (*field).to_owned() },
            DecodeError::Value(field) => Self::Value { field: (*field).to_owned() },
            DecodeError::Life => Self::Life,
            DecodeError::Body(_) => Self::Body,
        }
    }
}

impl From<&BadSignature> for Flaw {
    fn from(_: &BadSignature) -> Self {
        Self::Signature
    }
}
