//! The one integration binary: the tree, the rooms, real processes and the whole story.

mod architecture;
mod cli_home;
mod cli_node;
mod demo;
mod hostile_bytes;
mod program;
mod repository;
mod sim_stories;
mod sim_storm;
mod specification;
mod vectors;
