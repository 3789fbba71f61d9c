//! Many records in a row: a CBOR sequence (RFC 8742), as gossip messages, sync frames and bundles
//! carry them.

use super::envelope::RECORD_BYTES_MAX;
use crate::cbor::{Major, Reader};

/// A sequence has something that does not begin like a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: this does not begin like a record, or ends inside one")]
pub struct SequenceError {
    /// Where in the sequence.
    pub at: usize,
}

/// The bytes of the envelope before the payload: 10 fixed, 32 of the key, 1 of the empty map.
const BEFORE_PAYLOAD: usize = 43;

/// The bytes of the envelope after the payload: the signature with its head.
const AFTER_PAYLOAD: usize = 66;

/// Cuts a sequence into records, without looking into them.
///
/// Each item is the bytes of what begins like a record, at most [`RECORD_BYTES_MAX`] long, or
/// the error that ends the iteration.
pub fn sequence(bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], SequenceError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = bytes.len() - rest.len();
        match first_len(rest).and_then(|n| rest.split_at_checked(n)) {
            Some((record, after)) => {
                rest = after;
                Some(Ok(record))
            }
            None => {
                rest = &[];
                Some(Err(SequenceError { at }))
            }
        }
    })
}

/// Returns how long the record is that these bytes begin with, from its head alone.
fn first_len(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&[0xd2, 0x84]) {
        return None;
    }
    let payload = bytes.get(BEFORE_PAYLOAD..)?;
    let mut reader = Reader::new(payload);
    let (major, len) = reader.head().ok()?;
    let head = payload.len() - reader.rest().len();
    let len = usize::try_from(len).ok().filter(|n| *n <= RECORD_BYTES_MAX)?;
    let total = BEFORE_PAYLOAD + head + len + AFTER_PAYLOAD;
    (major == Major::Bytes && total <= RECORD_BYTES_MAX).then_some(total)
}
