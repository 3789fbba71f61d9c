//! What crosses from one region into another, and why.
//!
//! A bridge is a node in two regions with a [`Rule`] for each direction. [`decide`] says of one
//! record, step by step, whether it crosses; [`Bridges`] does it: it keeps what waits, gathers what
//! may cross into `carriage` statements and asks for their signatures. [`Classes`] says which
//! networks count as one voice. [`Ways`] says by how many independent ways a thing came.
//!
//! **Invariant:** nothing here touches the ledger: what it knows comes in as a [`Situation`], so
//! that whatever is decided can be explained from what was seen.
//!
//! **Invariant:** a thing is carried at most once by one bridge in one direction for as long as
//! that carriage lasts, never into its own home and never into a region that it has crossed.

mod decide;
mod independence;
mod lane;
mod machine;
mod rule;
#[cfg(test)]
mod tests;
mod ways;

pub use decide::{
    About, Answer, Check, Decision, Endorsements, Item, Situation, Step, Verdict, decide,
};
pub use independence::{Classes, Link};
pub use lane::{GATHER, WAITING_MAX};
pub use machine::{Bridges, CarriageRequest, Deed, Ground, LaneView, Speaker};
pub use rule::{HOPS_MAX, Limits, Only, Rule, RuleError};
pub use ways::{Way, Ways};
