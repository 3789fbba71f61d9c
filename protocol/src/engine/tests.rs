//! Stories of one engine.
