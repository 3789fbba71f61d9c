//! The body of a Weft node: journal and index, libp2p, the driver of the engine and the door.
//!
//! [`run`] runs a node in a [`home`](home::Home) until it is told to stop.
//!
//! **Invariant:** no rule of the movement is decided here; what a record means, who may speak and
//! what is sent to whom is `weft-protocol`'s.

pub mod archive;
mod clock;
pub mod config;
mod disk;
mod door;
mod driver;
pub mod file;
pub mod frame;
pub mod home;
pub mod invite;
pub mod needs;
pub mod network;
mod part;
mod pasted;
pub mod profile;
mod pump;
mod run;
pub mod store;
mod stored;
mod tally;
pub mod upkeep;
pub mod verify;

pub use part::Part;
pub use run::{Ready, RunError, run};
pub use stored::FormatError;
