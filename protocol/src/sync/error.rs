//! Why a session ends before it is done.
//!
//! **Invariant:** every end but the natural one has a name here, and a number on the wire.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::frame::FrameError;
use crate::time::Offset;

/// A session failed. What was delivered before stands; the next session goes on from there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// The peer sent bytes that are no frame.
    #[error("the peer's frame was refused")]
    Frame(#[from] FrameError),
    /// The peer speaks only revisions that this node does not.
    #[error("the peer speaks revision {0} of the protocol")]
    Revision(u64),
    /// The clocks are too far apart for one time to be agreed on: by so much the peer's is ahead.
    #[error("the clocks are {} s apart", .0.size().as_secs())]
    Clocks(Offset),
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
    #[error("the peer gave up: {}", Reason::of(*.0))]
    Peer(u64),
}

impl SyncError {
    /// Says why in one word, and who gave up.
    pub fn given_up(&self) -> GivenUp {
        let reason = match self {
            Self::Frame(_) => Reason::Frame,
            Self::Revision(_) => Reason::Revision,
            Self::Clocks(_) => Reason::Clocks,
            Self::NothingShared => Reason::NothingShared,
            Self::TooLarge => Reason::TooLarge,
            Self::Unexpected => Reason::Unexpected,
            Self::Outside => Reason::Outside,
            Self::Greedy => Reason::Greedy,
            Self::Flood => Reason::Flood,
            Self::Silent => Reason::Silent,
            Self::Overlong => Reason::Overlong,
            Self::Peer(code) => Reason::of(*code),
        };
        GivenUp { reason, by_peer: matches!(self, Self::Peer(_)) }
    }

    /// The number that tells the peer why.
    pub fn code(&self) -> u64 {
        self.given_up().reason.code()
    }
}

/// That a session was given up, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GivenUp {
    /// Why.
    pub reason: Reason,
    /// Whether the peer gave it up, not this node.
    pub by_peer: bool,
}

/// Why a session was given up, by its name in the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Bytes that are no frame.
    Frame,
    /// No common revision.
    Revision,
    /// The clocks are too far apart.
    Clocks,
    /// No scope in common.
    NothingShared,
    /// More keys than a session takes on.
    TooLarge,
    /// A frame that does not belong here.
    Unexpected,
    /// Keys or spans outside the range.
    Outside,
    /// More questions than a session can need.
    Greedy,
    /// Records beyond what was allowed.
    Flood,
    /// Nothing was heard for too long.
    Silent,
    /// It took too long.
    Overlong,
    /// A number that has no name here: the peer is newer.
    Other(u64),
}

impl Reason {
    /// Every reason that has a name, in the order of the numbers, which begin at 1.
    pub const NAMED: [Self; 11] = [
        Self::Frame,
        Self::Revision,
        Self::Clocks,
        Self::NothingShared,
        Self::TooLarge,
        Self::Unexpected,
        Self::Outside,
        Self::Greedy,
        Self::Flood,
        Self::Silent,
        Self::Overlong,
    ];

    /// Returns the reason that has this number on the wire.
    pub fn of(code: u64) -> Self {
        let place = code.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let named = place.and_then(|place| Self::NAMED.get(place));
        named.copied().unwrap_or(Self::Other(code))
    }

    /// Returns its number on the wire.
    pub fn code(self) -> u64 {
        if let Self::Other(code) = self {
            return code;
        }
        (1..).zip(Self::NAMED).find(|(_, named)| *named == self).map_or(0, |(code, _)| code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Frame => "bytes that are no frame",
            Self::Revision => "no common revision of the protocol",
            Self::Clocks => "the clocks are too far apart",
            Self::NothingShared => "no region or network in common",
            Self::TooLarge => "more keys than a session takes on",
            Self::Unexpected => "a frame that was not expected",
            Self::Outside => "an answer outside the range that was asked about",
            Self::Greedy => "more questions than a session can need",
            Self::Flood => "records beyond what was allowed",
            Self::Silent => "it heard nothing",
            Self::Overlong => "the session took too long",
            Self::Other(code) => return write!(f, "reason {code}, which is not known here"),
        };
        f.write_str(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_one_number_and_comes_back_by_it() {
        for (code, reason) in (1..).zip(Reason::NAMED) {
            assert_eq!((reason.code(), Reason::of(code)), (code, reason));
        }
        assert_eq!((Reason::of(0), Reason::of(99)), (Reason::Other(0), Reason::Other(99)));
        let told = SyncError::Peer(3).given_up();
        assert_eq!(told, GivenUp { reason: Reason::Clocks, by_peer: true });
        assert_eq!(SyncError::Clocks(Offset::from_secs(-7200)).code(), 3);
    }
}
