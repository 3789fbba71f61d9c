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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;
    use crate::body::identity::Identity;
    use crate::key::SecretKey;
    use crate::record::Draft;
    use crate::time::Timestamp;

    fn record(seed: u8) -> Vec<u8> {
        let key = SecretKey::from_seed(&[seed; 32]);
        let body = Identity::inception(key.public(), key.public().hash());
        let draft = Draft::inception(Body::Identity(body), Timestamp::from_secs(1_800_000_000));
        draft.sign(&key).unwrap().bytes().to_vec()
    }

    /// Returns the records, and where the sequence breaks off.
    fn cut(bytes: &[u8]) -> (Vec<&[u8]>, Option<usize>) {
        let mut records = Vec::new();
        for item in sequence(bytes) {
            match item {
                Ok(record) => records.push(record),
                Err(error) => return (records, Some(error.at)),
            }
        }
        (records, None)
    }

    #[test]
    fn records_in_a_row_are_cut_apart() {
        let (a, b) = (record(1), record(2));
        let both = [a.clone(), b.clone()].concat();
        assert_eq!(cut(&both), (vec![&a[..], &b], None));
        assert_eq!(cut(&[]), (vec![], None));
    }

    #[test]
    fn a_torn_tail_is_named_by_where_it_begins() {
        let (a, b) = (record(1), record(2));
        let both = [a.clone(), b].concat();
        for len in a.len() + 1..both.len() {
            assert_eq!(cut(&both[..len]), (vec![&a[..]], Some(a.len())), "{len}");
        }
    }

    #[test]
    fn garbage_between_records_ends_the_sequence() {
        let (a, b) = (record(1), record(2));
        for garbage in [&[0x00][..], &[0xd2], &[0xd2, 0x84], &[0xf6], &[0xd2; 50]] {
            let bytes = [&a, garbage, &b].concat();
            assert_eq!(cut(&bytes), (vec![&a[..]], Some(a.len())), "{garbage:x?}");
        }
    }

    #[test]
    fn a_length_beyond_the_largest_record_is_not_believed() {
        for head in [&[0x59, 0xff, 0xff][..], &[0x5a, 0xff, 0xff, 0xff, 0xff], &[0x5b; 9]] {
            let bytes = [&[0xd2, 0x84][..], &[0; 41], head, &[0; 70_000]].concat();
            assert_eq!(cut(&bytes), (vec![], Some(0)), "{head:x?}");
        }
    }
}
