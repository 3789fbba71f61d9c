//! Why a session ends before it is done.
//!
//! **Invariant:** every end but the natural one has a name here, and a number on the wire.

use std::time::Duration;

use super::frame::FrameError;

/// A session failed. What was delivered before stands; the next session goes on from there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// The peer sent bytes that are no frame.
    #[error("the peer's frame was refused")]
    Frame(#[from] FrameError),
    /// The peer speaks only revisions that this node does not.
    #[error("the peer speaks revision {0} of the protocol")]
    Revision(u64),
    /// The clocks are too far apart for one time to be agreed on.
    #[error("the clocks are {} s apart", .0.as_secs())]
    Clocks(Duration),
    /// No scope is shared: the peer is of another region.
    #[error("no region or network in common")]
    NothingShared,
    /// A set has more keys than a session takes on.
    #[error("more keys than a session takes on")]
    TooLarge,
    /// The frame does not belong here: a second hello, an answer to nothing, a part that does not
    /// fit what was asked.
    #[error("a frame that was not expected")]
    Unexpected,
    /// Starts of pieces lie outside the range that was asked about.
    #[error("an answer outside the range that was asked about")]
    Outside,
    /// The peer asks for more than a session can need.
    #[error("more questions than a session can need")]
    Greedy,
    /// The peer sent records beyond its credit, or more than were wanted.
    #[error("records beyond what was allowed")]
    Flood,
    /// The peer was silent for too long.
    #[error("the peer fell silent")]
    Silent,
    /// The session lasted too long.
    #[error("the session took too long")]
    Overlong,
    /// The peer gave up, with this number.
    #[error("the peer gave up with reason {0}")]
    Peer(u64),
}

impl SyncError {
    /// The number that tells the peer why.
    pub fn code(&self) -> u64 {
        match self {
            Self::Frame(_) => 1,
            Self::Revision(_) => 2,
            Self::Clocks(_) => 3,
            Self::NothingShared => 4,
            Self::TooLarge => 5,
            Self::Unexpected => 6,
            Self::Outside => 7,
            Self::Greedy => 8,
            Self::Flood => 9,
            Self::Silent => 10,
            Self::Overlong => 11,
            Self::Peer(code) => *code,
        }
    }
}
