//! The whole meaning of Weft, without input or output: records, authority, folds, reconciliation
//! and the engine.
//!
//! **Invariant:** nothing here reads a clock, a file, a socket, the environment or global
//! randomness, and nothing starts a thread: time, randomness and bytes come in as arguments, and
//! what must be done goes out as values.
//!
//! Start reading at [`record`] and [`body`], then [`ledger`], then [`engine`].

pub mod time;

pub mod id;

pub mod key;

pub mod limits;

pub mod region;

pub mod cbor;

pub mod record;

pub mod body;

pub mod authority;

pub mod fold;

pub mod ledger;

pub mod advice;

pub mod weave;

pub mod values;

pub mod bridge;

pub mod admission;

pub mod sync;

pub mod control;

pub mod engine;

mod steps;
