//! The ledger's tests: stories of alice, bob and eve, and the master property over random
//! histories.

mod advice;
mod carrying;
mod closure;
mod crowds;
mod deciding;
mod decisions;
mod growth;
mod hands;
mod history;
mod hosting;
mod master;
mod pages;
mod roles;
mod shapes;
mod shares;
mod stories;
mod weave;
pub(crate) mod world;
