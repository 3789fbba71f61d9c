//! The body of a Weft node: journal and index, libp2p, the driver of the engine and the door.
//!
//! **Invariant:** no rule of the movement is decided here; what a record means, who may speak and
//! what is sent to whom is `weft-protocol`'s.

pub mod config;
pub mod frame;
pub mod home;
pub mod network;
pub mod store;
pub mod verify;
