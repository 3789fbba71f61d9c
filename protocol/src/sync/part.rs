//! How a span of keys looks: the body of an answer.
//!
//! **Invariant:** the starts of pieces ascend strictly and are written as briefly as they can be:
//! each end as the distance from the one before, each id without the zeros at its end.

use super::fingerprint::{FINGERPRINT_BYTES, Fingerprint};
use super::frame::FrameError;
use super::set::Key;
use super::short::{SHORT_BYTES, ShortId};
use super::wire::{count, count_of, next_is, write_count, write_uint};
use crate::cbor::{Major, Reader, write_bytes, write_head};
use crate::id::RecordId;

/// How a span of the responder's keys looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Nothing is said; only in a [`HelloAck`](super::HelloAck).
    Nothing,
    /// Every key by its short id, in order, and then those that are known but unwelcome.
    List(Vec<ShortId>),
    /// Cut into equal pieces: where each piece but the first begins, and the fingerprint of each.
    /// How many keys a piece has follows from the rule of cutting.
    Pieces {
        /// Strictly ascending; one fewer than the fingerprints.
        starts: Vec<Key>,
        /// At least two.
        fingerprints: Vec<Fingerprint>,
    },
}

pub(super) fn write_part(w: &mut Vec<u8>, part: &Part) {
    match part {
        Part::Nothing => write_bytes(w, &[]),
        Part::List(ids) => write_bytes(w, ids.as_flattened()),
        Part::Pieces { starts, fingerprints } => {
            write_count(w, 2);
            write_count(w, starts.len());
            let mut previous = 0;
            for key in starts {
                write_start(w, key, previous);
                previous = key.until;
            }
            write_head(w, Major::Bytes, (fingerprints.len() * FINGERPRINT_BYTES) as u64);
            fingerprints.iter().for_each(|fingerprint| w.extend_from_slice(&fingerprint.0));
        }
    }
}

/// A start is the distance of its end from the previous one's, and as much of the id as is needed.
fn write_start(w: &mut Vec<u8>, key: &Key, previous: u64) {
    let digits = key.id.0.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if digits > 0 {
        write_count(w, 2);
    }
    write_uint(w, key.until - previous);
    if digits > 0 {
        write_bytes(w, &key.id.0[..digits]);
    }
}

pub(super) fn read_part(r: &mut Reader<'_>) -> Result<Part, FrameError> {
    if next_is(r, Major::Bytes) {
        let (ids, rest) = r.bytes()?.as_chunks::<SHORT_BYTES>();
        return match (ids, rest) {
            (_, [_, ..]) => Err(FrameError::Shape),
            ([], []) => Ok(Part::Nothing),
            (ids, []) => Ok(Part::List(ids.to_vec())),
        };
    }
    count_of(r, 2)?;
    let count = count(r)?;
    if count == 0 || count > r.rest().len() / FINGERPRINT_BYTES {
        return Err(FrameError::Shape);
    }
    let mut previous = Key::FIRST;
    let starts = (0..count).map(|_| {
        let key = read_start(r, previous.until)?;
        if key <= previous {
            return Err(FrameError::Shape);
        }
        previous = key;
        Ok(key)
    });
    let starts = starts.collect::<Result<Vec<_>, _>>()?;
    let (prints, rest) = r.bytes()?.as_chunks::<FINGERPRINT_BYTES>();
    if !rest.is_empty() || prints.len() != count + 1 {
        return Err(FrameError::Shape);
    }
    Ok(Part::Pieces { starts, fingerprints: prints.iter().copied().map(Fingerprint).collect() })
}

fn read_start(r: &mut Reader<'_>, previous: u64) -> Result<Key, FrameError> {
    let with_id = next_is(r, Major::Array);
    if with_id {
        count_of(r, 2)?;
    }
    let until = previous.checked_add(r.uint()?).ok_or(FrameError::Shape)?;
    let mut id = [0; 32];
    if with_id {
        let digits = r.bytes()?;
        if digits.last().is_none_or(|last| *last == 0) || digits.len() > id.len() {
            return Err(FrameError::Shape);
        }
        id[..digits.len()].copy_from_slice(digits);
    }
    Ok(Key { until, id: RecordId(id) })
}
