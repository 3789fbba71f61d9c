//! What crosses from one region into another, and why.
//!
//! A bridge is a node in two regions with a [`Rule`] for each direction. [`decide`] says of one
//! record, step by step, whether it crosses; [`Bridges`] does it: it keeps what waits, gathers what
//! may cross into `carriage` statements and asks for their signatures. What a bridge sees of the stored
//! records is its [`Surroundings`].
//!
//! **Invariant:** only [`Surroundings`] touches the ledger: what a bridge knows comes in as a [`Situation`], so
//! that whatever is decided can be explained from what was seen.
//!
//! **Invariant:** a thing is carried once by one bridge in one direction for as long as that
//! carriage lasts, and again only over fewer bridges than by any that it has: seven times at most.
//! It is never carried into its own home, nor into a region that it has crossed.

mod decide;
mod ground;
mod item;
mod lane;
mod machine;
mod rule;
#[cfg(test)]
mod tests;

pub use decide::{Answer, Check, Decision, Endorsements, Situation, Step, Verdict, decide};
pub use ground::Surroundings;
pub use item::{About, Item};
pub use lane::{GATHER, WAITING_MAX};
pub use machine::{Bridges, CarriageRequest, Deed, Ground, LaneView, Speaker};
pub use rule::{HOPS_MAX, Limits, Only, Rule, RuleError};
