//! What people type, turned into values once.
//!
//! **Invariant:** everything here is a pure function of its arguments; the time of day and the
//! language come in from outside.

pub(crate) mod ask;
pub(crate) mod code;
pub(crate) mod fields;
pub(crate) mod moment;
pub(crate) mod named;
pub(crate) mod private;
pub(crate) mod table;
pub(crate) mod text;
