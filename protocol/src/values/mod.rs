//! Values: what matters to networks, what they share, and what they think of each other.
//!
//! **Invariant:** nothing here ranks networks. An index is for the network's own eyes, coherence
//! is a hint on one's own draft, and the perception gap of one network is shown to it alone.
//!
//! **Invariant:** what nodes compare is rounded once, to four decimals ([`Rounded`]), after an
//! arithmetic that every machine does alike: sums over networks are whole numbers, and the rest
//! is + − × ÷ √ in one order. Only the direction on the circle uses a library's `atan2`, and it
//! decides nothing.
//!
//! The formulas stand with the types that hold their results: [`Scores`] (centring after Schwartz's
//! own instructions and Borg and Bardi, "Should ratings of the importance of personal values be
//! centered?", 2016; profile correlation; distinctive similarity; intrinsic index), [`Position`]
//! (the circle), [`Shared`] (in words), [`Appeal`] (coherence), [`Actual`] (the perception gap).
//!
//! The mean that is taken off is that of the rated types, also when single items are declared: so
//! networks with and without items are centred alike, and scores are whole 360ths.

mod appeal;
mod circle;
mod gap;
mod instrument;
mod rounded;
mod score;
mod shared;

pub use appeal::{Appeal, COHERENT_MIN};
pub use circle::Position;
pub use gap::{Actual, DECLARED_MIN, Gap, OwnGap};
pub use instrument::{Entry, Frame, HigherOrder, Instrument, Item, SCHWARTZ10};
pub use rounded::Rounded;
pub use score::{Mean, RATED_MIN, ScoreError, Scores};
pub use shared::{Sentence, Shared};

#[cfg(test)]
mod tests;
