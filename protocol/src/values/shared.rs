//! What two networks share, in words: what people should see before any number.

use super::instrument::{Frame, SCHWARTZ10};
use super::score::Scores;
use crate::body::values::ValueType;

/// What two networks share and where they part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The types that matter to both more than their average, the surest first: by the lesser of
    /// both scores, then in the order of the circle.
    pub both: Vec<ValueType>,
    /// The type on which they differ most, if they do.
    pub differ: Option<ValueType>,
}

/// Which sentence says it, for whoever has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentence {
    /// "You both put universalism and benevolence first; you differ most on stimulation."
    BothAndDiffer,
    /// "You both put universalism and benevolence first."
    Both,
    /// "You differ most on stimulation."
    Differ,
    /// They have rated nothing in common.
    Nothing,
}

impl Shared {
    /// Compares the scores of two networks.
    pub fn new(a: &Scores, b: &Scores) -> Self {
        let common = |value: &ValueType| Some((a.parts(*value)?, b.parts(*value)?));
        let mut both: Vec<(i32, ValueType)> = Vec::new();
        let mut differ: Option<(i32, ValueType)> = None;
        for value in ValueType::ALL {
            let Some((a, b)) = common(&value) else { continue };
            if a.min(b) > 0 {
                both.push((a.min(b), value));
            }
            if (a - b).abs() > differ.map_or(0, |(most, _)| most) {
                differ = Some(((a - b).abs(), value));
            }
        }
        both.sort_by_key(|(least, value)| (std::cmp::Reverse(*least), *value));
        Self {
            both: both.into_iter().map(|(_, value)| value).collect(),
            differ: differ.map(|(_, value)| value),
        }
    }

    /// Returns those of the shared types that are intrinsic.
    pub fn intrinsic(&self) -> Vec<ValueType> {
        let intrinsic = |value: &ValueType| SCHWARTZ10.entry(*value).frame == Frame::Intrinsic;
        self.both.iter().copied().filter(intrinsic).collect()
    }

    /// Returns which sentence says it.
    pub fn sentence(&self) -> Sentence {
        match (self.both.is_empty(), self.differ.is_none()) {
            (false, false) => Sentence::BothAndDiffer,
            (false, true) => Sentence::Both,
            (true, false) => Sentence::Differ,
            (true, true) => Sentence::Nothing,
        }
    }
}
