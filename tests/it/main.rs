//! Sketch.
