//! Sketch.

pub mod frame;
pub mod network;
