//! Spans of ranks, and the one rule by which they are cut.
//!
//! **Invariant:** the pieces of a span follow from its length alone: they are contiguous, cover it
//! exactly, and each is at most half of it, so an answer can neither overlap, nor omit, nor fail to
//! shrink.

/// A range of ranks in the responder's set, as it was when the session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The rank of the first key.
    pub start: usize,
    /// The number of keys; never 0 in a frame.
    pub len: usize,
}

/// Spans of at most this many keys are listed. Listing costs six bytes a key, cutting twenty a
/// piece and another exchange: at twice as many a single difference costs 1.2 KB instead of 0.6.
pub(super) const LIST_KEYS_MAX: usize = 96;

/// How many keys a first piece of a whole set should have, so that one more cut reaches lists.
const FIRST_PIECE_KEYS: usize = 256;

/// The most first pieces: 10 KB at twenty bytes each, and a million keys are listed after one
/// more cut.
const FIRST_PIECES_MAX: usize = 512;

/// The most bytes of one piece in an answer: a fingerprint and a start with a whole id.
const PIECE_BYTES_MAX: usize = 64;

/// The most bytes of the parts of one answer. The rest of a frame is heads.
pub(super) const ANSWER_BYTES_MAX: usize = 192 * 1024;

impl Span {
    /// Returns the rank after the last key.
    pub fn end(self) -> usize {
        self.start + self.len
    }

    /// Returns how many pieces the span is cut into when it is all of a set of `count` keys or a
    /// part of one; 1 means that it is listed.
    pub(super) fn pieces(self, count: usize) -> usize {
        if self.len <= LIST_KEYS_MAX {
            1
        } else if self.len == count {
            (self.len / FIRST_PIECE_KEYS).clamp(4, FIRST_PIECES_MAX)
        } else {
            // Of k pieces and then one list, 20 k + 6 len / k bytes are least near this.
            self.len.isqrt() / 2
        }
    }

    /// Returns piece `i` of `k`: all pieces are equal, but for the rounding.
    pub(super) fn piece(self, i: usize, k: usize) -> Self {
        let at = |i: usize| self.start + self.len * i / k;
        Self { start: at(i), len: at(i + 1) - at(i) }
    }

    /// Returns how many bytes an answer about the span takes at most.
    pub(super) fn answer_bytes_max(self, count: usize) -> usize {
        let pieces = self.pieces(count);
        if pieces == 1 {
            (self.len + LIST_KEYS_MAX) * super::short::SHORT_BYTES + 3
        } else {
            pieces * PIECE_BYTES_MAX
        }
    }
}

/// Adds up something of spans; a stranger's sum saturates.
pub(super) fn total(spans: &[Span], of: impl Fn(&Span) -> usize) -> usize {
    spans.iter().map(of).fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_partition_and_shrink() {
        for len in (1..10_000).chain([100_000, 1_000_000, 1 << 22]) {
            for count in [len, 1 << 23] {
                let span = Span { start: 7, len };
                let k = span.pieces(count);
                if k == 1 {
                    assert!(len <= LIST_KEYS_MAX);
                    continue;
                }
                let mut at = span.start;
                for i in 0..k {
                    let piece = span.piece(i, k);
                    assert_eq!(piece.start, at);
                    assert!(piece.len > 0 && piece.len <= len.div_ceil(4));
                    at = piece.end();
                }
                assert_eq!(at, span.end());
                assert!(span.answer_bytes_max(count) <= super::super::FRAME_BYTES_MAX);
            }
        }
    }
}
