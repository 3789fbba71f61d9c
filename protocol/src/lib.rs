//! The whole meaning of Weft, without input or output: records, authority, folds, reconciliation
//! and the engine.
//!
//! **Invariant:** nothing here reads a clock, a file, a socket, the environment or global
//! randomness, and nothing starts a thread: time, randomness and bytes come in as arguments, and
//! what must be done goes out as values.
//!
//! The modules stand below in the order of their floors: each knows only those above it in this list.
//! Start reading at [`body`] and [`record`], then [`ledger`], then [`engine`].

pub mod time;

pub mod id;

pub mod key;

mod steps;

pub mod limits;

pub mod region;

pub mod cbor;

pub mod body;

pub mod record;

pub mod sync;

pub mod authority;

pub mod fold;

pub mod values;

pub mod weave;

pub mod ledger;

pub mod advice;

pub mod admission;

pub mod bridge;

pub mod event;

pub mod control;

pub mod engine;
