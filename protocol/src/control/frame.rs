//! Requests and responses as bytes: deterministic CBOR, one message a frame.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cbor::{self, CborError};

/// The revision of the vocabulary. A client says it in
/// [`Request::Hello`](super::Request::Hello), and a node of another revision says so in words.
pub const REVISION: u16 = 3;

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

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;
    use crate::authority::Why;
    use crate::body::role::Power;
    use crate::control::{Request, Response};
    use crate::event::Event;
    use crate::id::{NetId, NodeId, RecordId, ThingId};
    use crate::record::Kind;

    #[track_caller]
    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) {
        let bytes = encode(message).expect("can be said");
        assert_eq!(decode::<T>(&bytes).as_ref(), Ok(message));
    }

    #[test]
    fn what_is_absent_is_left_out() {
        comes_back(&Request::Roles { net: None });
        comes_back(&Request::Values { net: None, all: true });
        comes_back(&Request::Ties { net: Some(NetId([1; 32])), all: true });
        comes_back(&Request::Calls(crate::control::CallFilter::default()));
        comes_back(&Request::Records(crate::control::RecordFilter::default()));
        comes_back(&Request::Watch(crate::control::WatchFilter::default()));
    }

    #[test]
    fn events_pass_the_door() {
        let id = RecordId([1; 32]);
        let void = Some(Why::PowerMissing { any_of: vec![Power::Call] });
        let stored = Event::Stored {
            id,
            kind: Kind::Call,
            net: NetId([2; 32]),
            thing: ThingId(id.0),
            to: None,
            void: None,
        };
        let judged = Event::Judged { id, kind: Kind::Call, void };
        for event in [stored, judged, Event::Parted { peer: NodeId([3; 32]) }] {
            comes_back(&Response::Event(event));
        }
        comes_back(&Response::Event(Event::Writable));
    }
}
