//! Sketch.

pub mod frame;
pub mod network;
pub mod store;
