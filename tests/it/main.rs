//! The one integration binary: the tree, the rooms, real processes and the whole story.

mod architecture;
mod hostile_bytes;
mod program;
mod repository;
mod specification;
mod vectors;
