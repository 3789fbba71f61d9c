//! Centred scores, and how alike two networks' are.

use std::collections::BTreeMap;

use super::instrument::{Frame, SCHWARTZ10};
use super::rounded::Rounded;
use crate::body::values::{Rating, ValueType, Values};

/// The fewest rated types from which scores are made: with more than two missing the rest leans
/// to one side of the circle.
pub const RATED_MIN: usize = 8;

/// Into how many parts a step of the rating scale is divided, so that a rating less the mean of
/// 8, 9 or 10 ratings is whole.
const PARTS: i32 = 360;

/// Why a declaration has no scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// It uses another instrument.
    #[error("the declaration does not use {}", SCHWARTZ10.id)]
    Instrument,
    /// Fewer than [`RATED_MIN`] types are rated.
    #[error("fewer than {RATED_MIN} of the ten types are rated")]
    TooFew,
    /// All types are rated alike, which says nothing of what comes first.
    #[error("all types are rated alike")]
    Flat,
}

/// What matters to a network beside its own average: for each rated type, its rating less the mean
/// of its ratings, c = x − m.
///
/// Kept exactly, so that a sum over many networks does not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scores {
    /// By position on the circle, in parts of a step.
    centred: [Option<i32>; 10],
}

impl Scores {
    /// Returns the scores of a declaration.
    ///
    /// # Errors
    /// [`ScoreError`] says why it has none.
    pub fn of(declaration: &Values) -> Result<Self, ScoreError> {
        if declaration.instrument.as_str() != SCHWARTZ10.id {
            return Err(ScoreError::Instrument);
        }
        Self::new(&declaration.ratings)
    }

    /// Returns the scores of ratings.
    ///
    /// # Errors
    /// [`ScoreError::TooFew`] and [`ScoreError::Flat`].
    pub fn new(ratings: &BTreeMap<ValueType, Rating>) -> Result<Self, ScoreError> {
        let rated: i32 = ratings.values().map(|_| 1).sum();
        if ratings.len() < RATED_MIN {
            return Err(ScoreError::TooFew);
        }
        let rating = |rating: &Rating| i32::from(i8::from(*rating));
        let sum: i32 = ratings.values().map(rating).sum();
        let centred = ValueType::ALL
            .map(|value| Some(rating(ratings.get(&value)?) * PARTS - sum * (PARTS / rated)));
        if centred.iter().flatten().all(|score| *score == 0) {
            return Err(ScoreError::Flat);
        }
        Ok(Self { centred })
    }

    /// Returns the score of a type, when it is rated.
    pub fn get(&self, value: ValueType) -> Option<Rounded> {
        self.exact()[value as usize].map(Rounded::new)
    }

    /// Says whether a type matters more to the network than its average.
    pub fn is_above(&self, value: ValueType) -> bool {
        self.parts(value).is_some_and(|score| score > 0)
    }

    /// Returns how much more intrinsic than extrinsic types matter:
    /// I = mean(UN, SD, BE) − mean(AC, PO), over those that are rated. For the network's own eyes;
    /// never a ranking.
    pub fn index(&self) -> Option<Rounded> {
        index(&self.exact()).map(Rounded::new)
    }

    /// Returns the profile correlation, the usual index of value congruence (O'Reilly, Chatman and
    /// Caldwell 1991): r = Σ cᵃcᵇ / √(Σ cᵃ² Σ cᵇ²) over the types that both have rated. It is
    /// *common ground*; none when these leave nothing to compare.
    pub fn correlation(&self, other: &Self) -> Option<Rounded> {
        correlation(&self.exact(), &other.exact()).map(Rounded::new)
    }

    /// Returns how alike two networks are beside what all are: r of c less the mean of the
    /// networks that are known (after Furr, "A framework for profile similarity", 2008). Nearly
    /// every network of a movement puts the same types first, so `correlation` is high for any
    /// two; this tells who is *unusually* like us, and is for nothing else.
    pub fn distinctive(&self, other: &Self, known: &Mean) -> Option<Rounded> {
        let mean = known.exact();
        let less =
            |scores: Profile| -> Profile { std::array::from_fn(|i| Some(scores[i]? - mean[i]?)) };
        correlation(&less(self.exact()), &less(other.exact())).map(Rounded::new)
    }

    pub(super) fn parts(&self, value: ValueType) -> Option<i32> {
        self.centred[value as usize]
    }

    pub(super) fn exact(&self) -> Profile {
        self.centred.map(|score| score.map(|parts| f64::from(parts) / f64::from(PARTS)))
    }
}

/// Scores by position on the circle, as the arithmetic needs them.
///
/// It uses only + − × ÷ and √, in one order, which IEEE 754 rounds alike on every machine.
pub(super) type Profile = [Option<f64>; 10];

/// The mean of many networks' scores, type by type, over those that rated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mean {
    sums: [i64; 10],
    counts: [u32; 10],
}

impl Mean {
    /// Returns it without one of the networks that it was made of.
    #[must_use]
    pub fn without(mut self, scores: &Scores) -> Self {
        for (i, score) in scores.centred.iter().enumerate() {
            if let Some(score) = score {
                self.sums[i] -= i64::from(*score);
                self.counts[i] = self.counts[i].saturating_sub(1);
            }
        }
        self
    }

    pub(super) fn exact(&self) -> Profile {
        std::array::from_fn(|i| {
            // A sum of at most 2^32 scores of a few thousand parts is far below 2^53.
            #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
            let sum = self.sums[i] as f64;
            (self.counts[i] > 0).then(|| sum / f64::from(self.counts[i]) / f64::from(PARTS))
        })
    }
}

impl<'a> FromIterator<&'a Scores> for Mean {
    fn from_iter<I: IntoIterator<Item = &'a Scores>>(all: I) -> Self {
        let mut mean = Self::default();
        for scores in all {
            for (i, score) in scores.centred.iter().enumerate() {
                if let Some(score) = score {
                    mean.sums[i] += i64::from(*score);
                    mean.counts[i] += 1;
                }
            }
        }
        mean
    }
}

pub(super) fn index(profile: &Profile) -> Option<f64> {
    let mean = |frame| {
        let types = SCHWARTZ10.types.iter().filter(|entry| entry.frame == frame);
        let scores: Vec<f64> = types.filter_map(|entry| profile[entry.value as usize]).collect();
        let count = u8::try_from(scores.len()).ok().filter(|count| *count > 0)?;
        Some(scores.iter().sum::<f64>() / f64::from(count))
    };
    Some(mean(Frame::Intrinsic)? - mean(Frame::Extrinsic)?)
}

fn correlation(a: &Profile, b: &Profile) -> Option<f64> {
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b).filter_map(|(a, b)| Some(((*a)?, (*b)?))) {
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    let size = (aa * bb).sqrt();
    // What is left of equal numbers after a subtraction is no direction.
    (size > 1e-9).then(|| (ab / size).clamp(-1.0, 1.0))
}
