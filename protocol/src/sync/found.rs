//! What was found to differ and is still to be moved.
//!
//! **Invariant:** what ends last is moved first, in pieces of at most [`PIECE_KEYS`]. Networks never
//! end, and nothing outlives the role under which it was signed. So whoever receives has what
//! judges a record before the record, and nothing waits in a pool that may not hold it.

use std::collections::BTreeMap;

use super::span::Span;

/// The keys of a piece, which is moved in ascending order: about those of a frame. Twice as many
/// may come before the support that they need.
pub(super) const PIECE_KEYS: usize = 256;

/// Ranks of sides, none of them twice.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The lengths of spans, by scope and start.
    spans: BTreeMap<(usize, usize), usize>,
    keys: usize,
}

impl Found {
    /// Adds a span of a scope, to the one that it continues if there is one.
    pub(super) fn push(&mut self, scope: usize, span: Span) {
        if span.len == 0 {
            return;
        }
        self.keys += span.len;
        match self.spans.range_mut(..(scope, span.start)).next_back() {
            Some(((of, start), len)) if *of == scope && *start + *len == span.start => {
                *len += span.len;
            }
            _ => drop(self.spans.insert((scope, span.start), span.len)),
        }
    }

    /// Takes pieces of one scope off the end, at most so many keys.
    pub(super) fn take(&mut self, keys: usize) -> Option<(usize, Vec<Span>)> {
        let (scope, _) = *self.spans.last_key_value()?.0;
        let (mut taken, mut left) = (Vec::new(), keys);
        while let Some(mut last) = self.spans.last_entry()
            && last.key().0 == scope
            && left > 0
        {
            let (start, len) = (last.key().1, last.get_mut());
            let part = (*len).min(left).min(PIECE_KEYS);
            left -= part;
            *len -= part;
            taken.push(Span { start: start + *len, len: part });
            if *len == 0 {
                last.remove();
            }
        }
        self.keys -= keys - left;
        if taken.is_empty() { None } else { Some((scope, taken)) }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// Returns the number of keys.
    pub(super) fn keys(&self) -> usize {
        self.keys
    }

    /// Returns the number of spans, which is what they cost.
    pub(super) fn spans(&self) -> usize {
        self.spans.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_last_is_taken_first_in_pieces() {
        let mut found = Found::default();
        let span = |start, len| Span { start, len };
        for part in [span(1000, 300), span(0, 10), span(10, 5)] {
            found.push(0, part);
        }
        assert_eq!((found.keys(), found.spans()), (315, 2));
        assert_eq!(found.take(290), Some((0, vec![span(1044, 256), span(1010, 34)])));
        assert_eq!(found.take(4096), Some((0, vec![span(1000, 10), span(0, 15)])));
        assert_eq!(found.take(4096), None);
        assert!(found.is_empty());
    }

    #[test]
    fn one_scope_at_a_time_is_taken() {
        let mut found = Found::default();
        found.push(1, Span { start: 0, len: 2 });
        found.push(0, Span { start: 0, len: 2 });
        assert_eq!(found.take(9).map(|(scope, _)| scope), Some(1));
        assert_eq!(found.take(9).map(|(scope, _)| scope), Some(0));
        assert_eq!(found.take(0), None);
    }
}
