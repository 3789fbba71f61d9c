//! What the records amount to: pure functions from compact facts to states.
//!
//! **Invariant:** a fold sees only records that speak for their network, and gives the same state
//! for the same facts in any order; its work grows with the number of answers and nothing else.

pub mod affair;
pub mod call;
pub mod concern;
pub mod disclosure;
pub mod gathering;
pub mod proposal;
pub mod role;
pub mod rule;
pub mod series;
pub mod tie;
pub mod zone;
