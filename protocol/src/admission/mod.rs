//! Who is let in, and with how much.
//!
//! A NetId costs nothing, so an unknown network gets little. [`Recognition`] says which networks a
//! chain of ties leads to; the rest are [`Newcomers`], in a pool of fixed size. [`Quotas`] bounds
//! what each network and each peer may bring; [`Policy`] holds what the operator allows, blocks and
//! mutes. [`admit`] puts them together for one record, and its steps are the explanation.
//!
//! **Invariant:** admission is local to a node and never part of a set's definition: what is
//! refused here is a stub, so that nodes of different policy still agree on what there is.
//!
//! **Invariant:** every pool and every table here has a fixed size.

mod admit;
mod bill;
mod newcomers;
mod policy;
mod quota;
mod recognition;
mod shares;
mod stock;
mod terms;
#[cfg(test)]
mod tests;
mod worth;

pub(crate) use admit::charges;
pub use admit::{Arrival, Fate, Origin, Ruling, Stance, admit, consider};
pub use bill::{Bill, Part, Payer};
pub use newcomers::{NewcomerBounds, NewcomerRoom, NewcomerView, Newcomers};
pub use policy::{Action, Concern, Entry, Mode, ModeError, Policy, PolicyError, Subject};
pub use quota::{Bucket, Charge, QuotaBounds, Quotas, Rate, Resource};
pub use recognition::{DISTANCE_DEFAULT, DISTANCE_MAX, Recognised, Recognition};
pub use stock::{Fullness, Stock, StockBounds, StockView};
pub use terms::Terms;
