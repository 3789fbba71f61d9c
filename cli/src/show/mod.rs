//! How records and states are shown: as words, in columns, or as JSON.
//!
//! **Invariant:** names of networks are shown with the beginning of their id, unless the person
//! has given the name: anybody can call themselves anything.

pub(crate) mod bonds;
pub(crate) mod call;
pub(crate) mod columns;
pub(crate) mod concern;
pub(crate) mod directory;
pub(crate) mod gathering;
pub(crate) mod json;
pub(crate) mod minutes;
pub(crate) mod offers;
pub(crate) mod openness;
pub(crate) mod page;
pub(crate) mod proposal;
pub(crate) mod shares;
pub(crate) mod tie;
pub(crate) mod waiting;
pub(crate) mod ways;
pub(crate) mod when;
