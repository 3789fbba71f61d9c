//! The harness: how tests see the tree, run the program and let nodes meet.
//!
//! It never reaches into a room by a back door: the program is run as people run it, and engines
//! are fed as the driver feeds them. Begin with [`world`], then [`sim`], [`sandbox`] and
//! [`cluster`].

pub mod cluster;
pub mod data;
pub mod documents;
pub mod door;
pub mod lab;
pub mod means;
pub mod process;
pub mod rogue;
pub mod sandbox;
pub mod sim;
pub mod small_disk;
pub mod source;
pub mod terminal;
pub mod vectors;
pub mod world;
