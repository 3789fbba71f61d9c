//! Who may speak for a network, at which time, about what.
//!
//! **Invariant:** the authority of a network is a pure function of that network's own support:
//! its identity events, its roles, their acceptances and their ends, in any order.

mod why;

pub use why::{Standing, Why};
