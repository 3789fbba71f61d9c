//! What the store reads of a record: where it ends, and its id.
//!
//! The store never decides what a record means. It walks the frame itself, because a walk through
//! the journal must not cost more than reading it; all else it asks of the protocol.
//!
//! **Invariant:** no record is decoded here, unless its signature is to be verified.

use sha2::{Digest, Sha256};
use weft_protocol::id::RecordId;
use weft_protocol::record::{RECORD_BYTES_MAX, Unverified};

/// What precedes the protected header of every record: tag 18, four items, 38 bytes.
const HEAD: [u8; 4] = [0xD2, 0x84, 0x58, 0x26];
/// Where the payload's byte string begins: after the head, 38 bytes and the empty map.
const PAYLOAD_AT: usize = 43;
/// What precedes the 64 bytes of the signature.
const SIGNATURE_HEAD: [u8; 2] = [0x58, 0x40];

/// Says whether bytes are a record whose signature verifies. Asked only behind damage and when an
/// operator wants to know, never of what check items cover.
pub(crate) fn genuine(bytes: &[u8]) -> bool {
    Unverified::decode(bytes).is_ok_and(|unverified| unverified.verify().is_ok())
}

/// Returns the length of the record at the beginning of `bytes`, if its frame is one.
pub(crate) fn record_len(bytes: &[u8]) -> Option<usize> {
    let end = payload_end(bytes)?;
    let len = end + SIGNATURE_HEAD.len() + 64;
    let sealed = bytes.get(end..end + SIGNATURE_HEAD.len()) == Some(&SIGNATURE_HEAD[..]);
    (sealed && len <= RECORD_BYTES_MAX && len <= bytes.len()).then_some(len)
}

/// Returns the id of a record: SHA-256 of the `Sig_structure` that was signed.
pub(crate) fn record_id(record: &[u8]) -> Option<RecordId> {
    let end = payload_end(record)?;
    let mut hash = Sha256::new();
    hash.update(b"\x84\x6aSignature1\x58\x26");
    hash.update(&record[HEAD.len()..HEAD.len() + 38]);
    hash.update(b"\x4eweft-record-v1");
    hash.update(&record[PAYLOAD_AT..end]);
    Some(RecordId(hash.finalize().into()))
}

/// Returns where the payload ends.
fn payload_end(bytes: &[u8]) -> Option<usize> {
    if bytes.get(..HEAD.len())? != HEAD || *bytes.get(PAYLOAD_AT - 1)? != 0xA0 {
        return None;
    }
    let begin = PAYLOAD_AT + 1;
    let (begin, len) = match *bytes.get(PAYLOAD_AT)? {
        head @ 0x40..=0x57 => (begin, usize::from(head - 0x40)),
        0x58 => (begin + 1, usize::from(*bytes.get(begin)?)),
        0x59 => {
            let len = [*bytes.get(begin)?, *bytes.get(begin + 1)?];
            (begin + 2, usize::from(u16::from_be_bytes(len)))
        }
        _ => return None,
    };
    (begin + len <= bytes.len()).then_some(begin + len)
}
