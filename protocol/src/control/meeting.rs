//! What comes of meeting other nodes: how comparing records with them stands, and what their clocks say of
//! this node's.

use serde::{Deserialize, Serialize};

use crate::id::NodeId;
use crate::sync::{CLOCKS_APART_MAX, GivenUp};
use crate::time::{Offset, Timestamp};

/// How reconciliation with a node stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncView {
    /// With whom.
    pub peer: NodeId,
    /// When it last went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Whether one is under way: records moved, and records known to differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<(u64, u64)>,
    /// Records received in the last one.
    pub received: u64,
    /// Records sent in the last one.
    pub sent: u64,
    /// Why the last one did not go well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<GivenUp>,
    /// By how much its clock is ahead of this node's, in seconds, as it last said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Offset>,
}

impl SyncView {
    /// Returns how it stands with a node before anything was said.
    pub fn of(peer: NodeId) -> Self {
        let (received, sent) = (0, 0);
        Self { peer, last: None, progress: None, received, sent, failure: None, clock: None }
    }
}

/// A node that came to a closed one, which was not told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnockView {
    /// Who, as the transport writes it.
    pub name: String,
    /// Who.
    pub node: NodeId,
    /// When it came first, as far as that is remembered.
    pub since: Timestamp,
    /// When it came last.
    pub last: Timestamp,
    /// How often.
    pub times: u64,
}

/// What the clocks of other nodes say of this node's. It is a table of what each says, so that one
/// that lies, or many that came together, say no more than their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockView {
    /// How many connected nodes have said what their clocks show.
    pub nodes: u32,
    /// By how many of them this node's clock is too far ahead, or, when it is behind, too far behind;
    /// none while the one in the middle says that it is right.
    pub against: u32,
    /// By how much this node's clock is ahead of theirs: the offset in the middle.
    pub ahead: Offset,
}

/// A node's machine shows a time that the node does not believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What the clock of the machine shows.
    pub shown: Timestamp,
    /// What the node takes the time to be.
    pub now: Timestamp,
}

impl ClockView {
    /// Looks at by how much the clocks of others are ahead; none when nobody has said.
    pub fn of(theirs: impl Iterator<Item = Offset>) -> Option<Self> {
        let mut ours: Vec<Offset> = theirs.map(|ahead| -ahead).collect();
        ours.sort_unstable();
        // Of two in the middle the one that says less: half of all nodes settle nothing.
        let middle = [ours.len().checked_sub(1)? / 2, ours.len() / 2].map(|place| ours[place]);
        let ahead = middle.into_iter().min_by_key(|offset| offset.size())?;
        // While the middle is near, those who are far off say something of their own clocks.
        let against = |offset: &&Offset| {
            let far = offset.size().min(ahead.size()) > CLOCKS_APART_MAX;
            far && offset.is_ahead() == ahead.is_ahead()
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let against = count(ours.iter().filter(against).count());
        Some(Self { nodes: count(ours.len()), against, ahead })
    }

    /// Says whether it is this node's clock that is wrong, by more than half of those who have said.
    pub fn is_wrong(&self) -> bool {
        self.ahead.size() > CLOCKS_APART_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_our_clock_when_more_than_half_of_the_others_say_so() {
        let view = |theirs: &[i64]| ClockView::of(theirs.iter().map(|s| Offset::from_secs(*s)));
        let says = |theirs: &[i64]| {
            let view = view(theirs).unwrap();
            (view.is_wrong(), view.against, view.nodes, view.ahead.as_secs())
        };
        assert_eq!(view(&[]), None);
        assert_eq!(says(&[-3600]), (true, 1, 1, 3600));
        assert_eq!(says(&[7200, 7201, 7199, 0]), (true, 3, 4, -7199));
        assert_eq!(says(&[7200, 0]), (false, 0, 2, 0));
        assert_eq!(says(&[-300, 300, 1_000_000]), (false, 0, 3, -300));
        assert_eq!(says(&[-4000, 4000, 1]), (false, 0, 3, -1), "one of each side settles nothing");
    }
}
