//! What the store reads of a record: its frame, its id, and the facts it is looked up by.
//!
//! The store never decides what a record means. It walks the frame itself, because a walk through
//! the journal must not cost more than reading it; all else it asks of the protocol.

use sha2::{Digest, Sha256};
use weft_protocol::body::Body;
use weft_protocol::id::{NetId, RecordId, ThingId};
use weft_protocol::record::{Kind, RECORD_BYTES_MAX, Record, Unverified};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

/// What precedes the protected header of every record: tag 18, four items, 38 bytes.
const HEAD: [u8; 4] = [0xD2, 0x84, 0x58, 0x26];
/// Where the payload's byte string begins: after the head, 38 bytes and the empty map.
const PAYLOAD_AT: usize = 43;
/// What precedes the 64 bytes of the signature.
const SIGNATURE_HEAD: [u8; 2] = [0x58, 0x40];

/// What a record is looked up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) kind: u8,
    pub(crate) net: NetId,
    pub(crate) at: Timestamp,
    pub(crate) region: Option<Region>,
    /// The things it speaks of, the one it is a later version of among them.
    pub(crate) targets: Vec<ThingId>,
}

impl Facts {
    /// Reads the facts of a record.
    pub(crate) fn of(record: &Record) -> Self {
        let header = record.header();
        let mut targets = body_targets(record.body());
        targets.extend(header.versions.as_ref().map(|versions| versions.thing));
        targets.sort_unstable();
        targets.dedup();
        Self {
            kind: kind_number(&header.kind),
            net: record.net(),
            at: header.at,
            region: header.home.as_ref().map(|home| home.region.clone()),
            targets,
        }
    }
}

/// Returns the things that a body speaks of.
fn body_targets(body: &Body) -> Vec<ThingId> {
    match body {
        Body::Response(response) => vec![response.to.thing],
        Body::End(end) => end.targets.iter().map(|target| target.thing).collect(),
        Body::Carriage(carriage) => carriage.things.iter().copied().collect(),
        Body::Disclosure(disclosure) => disclosure.about.iter().map(|about| about.thing).collect(),
        Body::Call(call) => call.part_of.into_iter().collect(),
        Body::Gathering(gathering) => gathering.part_of.into_iter().collect(),
        Body::Identity(_)
        | Body::Profile(_)
        | Body::Role(_)
        | Body::Values(_)
        | Body::Proposal(_)
        | Body::Tie(_)
        | Body::Opaque(..) => vec![],
    }
}

/// Returns the number that stands for a kind in the index; all unknown kinds share one.
pub(crate) fn kind_number(kind: &Kind) -> u8 {
    let number = Kind::ALL.iter().position(|known| known == kind);
    number.and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX)
}

/// Reads a record whose check item holds, or nothing when this version cannot.
pub(crate) fn decode(bytes: &[u8]) -> Option<Record> {
    Some(Unverified::decode(bytes).ok()?.assume_verified())
}

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
