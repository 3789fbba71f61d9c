//! What a concern has come to: it stands until somebody answers it, or it is taken back.
//!
//! **Invariant:** only that somebody has a concern, and who, is seen here: what it says changes no
//! state, whether it is sealed or not.

use serde::{Deserialize, Serialize};

use crate::id::{NetId, RecordId};
use crate::time::Timestamp;

/// A word on a concern by somebody who is concerned: the author of what it is about, a host, a
/// party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Word {
    /// When.
    pub at: Timestamp,
    /// The record.
    pub id: RecordId,
    /// Who answers.
    pub net: NetId,
    /// Whether they take it up: `accept`, not `decline`.
    pub taken_up: bool,
}

/// What the fold needs to know of one valid concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
    /// The standing words on it, in any order.
    pub words: Vec<Word>,
}

/// What a concern has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has answered it. Shown, never hidden.
    Standing,
    /// It was answered. Whoever is not content raises it again.
    Answered(Word),
    /// It was taken back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Its time is over, and what it came to is judged no more.
    Expired,
}

impl State {
    /// Says whether it waits for an answer.
    pub fn stands(&self) -> bool {
        matches!(self, Self::Standing)
    }
}

/// Folds a concern and the words on it into what they amount to: the last word counts.
pub fn fold(facts: &Facts) -> State {
    if let Some(at) = facts.withdrawn {
        return State::Withdrawn { at };
    }
    let last = facts.words.iter().max_by_key(|word| (word.at, std::cmp::Reverse(word.id)));
    last.map_or(State::Standing, |word| State::Answered(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concern_stands_until_it_is_answered_or_taken_back() {
        let at = Timestamp::from_secs(1_800_000_000);
        let word = |n: u64, taken_up| {
            let (id, net) = (RecordId([1; 32]), NetId([2; 32]));
            Word { at: Timestamp::from_secs(1_800_000_000 + n), id, net, taken_up }
        };
        let mut facts = Facts { withdrawn: None, words: Vec::new() };
        assert!(fold(&facts).stands());
        facts.words = vec![word(2, true), word(1, false)];
        assert_eq!(fold(&facts), State::Answered(word(2, true)));
        facts.withdrawn = Some(at);
        assert_eq!(fold(&facts), State::Withdrawn { at });
    }
}
