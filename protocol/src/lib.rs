//! The whole meaning of Weft, without input or output.

pub mod id;
pub mod key;
pub mod region;
pub mod sync;
pub mod time;
