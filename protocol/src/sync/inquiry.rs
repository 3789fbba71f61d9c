//! Asking a peer which of some records it has: one question, one answer, and the session is over.
//!
//! **Invariant:** an answer speaks of what was asked, in that order, and of the peer alone; whatever has
//! another shape is no answer.
//!
//! **Invariant:** only what the peer is shown in a set and has to give counts as had: a stub does not.

use std::time::Duration;

use super::error::SyncError;
use super::session::{Answer, Opening, Source};
use super::set::Key;

/// The most keys of one question: at 40 bytes a key some 10 KiB, which is one small write, and more
/// than a node posts in a second.
pub const INQUIRY_KEYS_MAX: usize = 256;

/// How long an answer is waited for: whoever asked has gone by then.
pub const ANSWER_MAX: Duration = Duration::from_secs(3);

/// Answers for a node: a bit for each key, the first key in the highest bit of the first byte.
pub(super) fn held(opening: &Opening, keys: &[Key], source: &mut impl Source) -> Vec<u8> {
    let mut bits = vec![0; keys.len().div_ceil(8)];
    for (place, key) in keys.iter().enumerate() {
        let shown = opening.holdings.values().any(|holding| holding.set.contains(key));
        if shown && matches!(source.bytes(&key.id), Answer::Bytes(_)) {
            bits[place / 8] |= 0x80 >> (place % 8);
        }
    }
    bits
}

/// Returns those of the keys that the peer says it has.
///
/// # Errors
///
/// [`SyncError::Unexpected`] when the bits are not as many as the keys, or one is set beyond them.
pub(super) fn read(keys: &[Key], bits: &[u8]) -> Result<Vec<Key>, SyncError> {
    let is_set = |place: usize| bits[place / 8] & (0x80 >> (place % 8)) != 0;
    if bits.len() != keys.len().div_ceil(8) || (keys.len()..bits.len() * 8).any(is_set) {
        return Err(SyncError::Unexpected);
    }
    Ok(keys.iter().enumerate().filter(|(place, _)| is_set(*place)).map(|(_, key)| *key).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::id::RecordId;
    use crate::sync::{Frame, Intake, Output, Session};
    use crate::time::Timestamp;

    fn keys(count: u8) -> Vec<Key> {
        (0..count).map(|n| Key { until: 9, id: RecordId([n; 32]) }).collect()
    }

    #[test]
    fn an_answer_has_one_bit_for_each_key_and_none_beyond() {
        let keys = keys(9);
        assert_eq!(read(&keys, &[0x80, 0x80]), Ok(vec![keys[0], keys[8]]));
        assert_eq!(read(&keys, &[0, 0]), Ok(Vec::new()));
        for bad in [&[0xff][..], &[0, 0, 0], &[0, 0x40], &[]] {
            assert_eq!(read(&keys, bad), Err(SyncError::Unexpected), "{bad:?}");
        }
    }

    /// What a question about so many records and its answer take on the stream, with the four bytes of
    /// length before each.
    fn bytes(count: u64) -> usize {
        let until = 1_800_000_000 + 90 * 86_400;
        let key = |n: u64| Key { until: until + n, id: RecordId([7; 32]) };
        let which = Frame::Which { keys: (0..count).map(key).collect() }.encode();
        let held = Frame::Held { bits: vec![0xff; usize::try_from(count).unwrap().div_ceil(8)] };
        assert_eq!(Frame::decode(&which).map(|frame| frame.encode()), Ok(which.clone()));
        which.len() + held.encode().len() + 8
    }

    #[test]
    fn what_it_costs_to_know_is_some_forty_bytes_a_record_and_node() {
        assert_eq!(bytes(1), 54);
        assert_eq!(bytes(64), 2519);
        assert_eq!(bytes(256), 10_033, "39.2 a record");
    }

    #[test]
    fn a_session_that_has_begun_otherwise_is_asked_nothing() {
        struct Nothing;
        impl Source for Nothing {
            fn bytes(&mut self, _: &RecordId) -> Answer {
                Answer::Missing
            }
        }
        let now = Timestamp::from_secs(1_800_000_000);
        let (holdings, nonce) = (BTreeMap::new(), [0; 8]);
        let opening = Opening { now, nonce, intake: Intake::ORDINARY, holdings, salt: None };
        let which = Frame::Which { keys: keys(2) };
        let over = |outputs: &[Output]| match outputs.last() {
            Some(Output::Failed(error)) => Err(error.clone()),
            Some(Output::Answered(held)) => Ok(held.clone()),
            other => panic!("it is over: {other:?}"),
        };
        let mut asked = Session::accept(opening);
        let said = asked.handle(now, which.clone(), &mut Nothing);
        assert_eq!(said[0], Output::Send(Frame::Held { bits: vec![0] }));
        assert_eq!((over(&said), asked.deadline()), (Ok(Vec::new()), None));
        assert_eq!(asked.handle(now, which.clone(), &mut Nothing), [], "once");

        let (mut asks, first) = Session::ask(now, keys(2));
        assert_eq!(first, [Output::Send(which)]);
        assert_eq!(asks.deadline(), Some(now + ANSWER_MAX));
        let other = asks.handle(now, Frame::Done, &mut Nothing);
        assert_eq!(over(&other), Err(SyncError::Unexpected));
        let (mut asks, _) = Session::ask(now, keys(2));
        assert_eq!(over(&asks.expire(now + ANSWER_MAX)), Err(SyncError::Silent));
        let (mut asks, _) = Session::ask(now, keys(2));
        let held = asks.handle(now, Frame::Held { bits: vec![0x40] }, &mut Nothing);
        assert_eq!(over(&held), Ok(vec![keys(2)[1]]));
    }
}
