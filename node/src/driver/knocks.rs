//! Who came to this node while it was closed, and was not let in.
//!
//! Its operator may want to let one of them in: a friend who was invited. A new name costs nothing, so that
//! whoever likes could fill any list.
//!
//! **Invariant:** of [`KNOCKS_MAX`] nodes it is known, and while there is no more room those are forgotten
//! first who came from where most of the others did; of these the one that has not come for the longest.

use std::collections::BTreeMap;

use weft_protocol::control::KnockView;
use weft_protocol::id::NodeId;
use weft_protocol::time::Timestamp;

use crate::network::{Neighbourhood, peer_text};

/// The most that are remembered: what a person reads through.
const KNOCKS_MAX: usize = 32;

#[derive(Debug)]
struct Knock {
    from: Neighbourhood,
    since: Timestamp,
    last: Timestamp,
    times: u64,
}

/// Those who came.
#[derive(Debug, Default)]
pub(super) struct Knocks(BTreeMap<NodeId, Knock>);

impl Knocks {
    /// Somebody came from there.
    pub(super) fn note(&mut self, node: NodeId, from: Neighbourhood, now: Timestamp) {
        let new = Knock { from: from.clone(), since: now, last: now, times: 0 };
        let knock = self.0.entry(node).or_insert(new);
        (knock.from, knock.last) = (from, now);
        knock.times = knock.times.saturating_add(1);
        if self.0.len() > KNOCKS_MAX {
            let out = self.least();
            out.and_then(|out| self.0.remove(&out));
        }
    }

    /// Returns who is to be forgotten.
    fn least(&self) -> Option<NodeId> {
        let mut crowds: BTreeMap<&Neighbourhood, usize> = BTreeMap::new();
        self.0.values().for_each(|knock| *crowds.entry(&knock.from).or_default() += 1);
        let rank = |knock: &Knock| {
            let crowd = crowds.get(&knock.from).copied().unwrap_or_default();
            (std::cmp::Reverse(crowd), knock.last)
        };
        self.0.iter().min_by_key(|(_, knock)| rank(knock)).map(|(node, _)| *node)
    }

    /// Forgets those who are let in.
    pub(super) fn keep(&mut self, is_kept_out: impl Fn(&NodeId) -> bool) {
        self.0.retain(|node, _| is_kept_out(node));
    }

    /// Returns them, who came last first.
    pub(super) fn views(&self) -> Vec<KnockView> {
        let view = |(node, knock): (&NodeId, &Knock)| KnockView {
            name: peer_text(*node),
            node: *node,
            since: knock.since,
            last: knock.last,
            times: knock.times,
        };
        let mut views: Vec<KnockView> = self.0.iter().map(view).collect();
        views.sort_by_key(|knock| std::cmp::Reverse((knock.last, knock.node)));
        views
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> NodeId {
        NodeId([n; 32])
    }

    fn place(text: &str) -> Neighbourhood {
        Neighbourhood::of(&text.parse().unwrap())
    }

    #[test]
    fn many_names_of_one_place_do_not_make_forget_a_friend_of_another() {
        let mut knocks = Knocks::default();
        let at = Timestamp::from_secs;
        knocks.note(node(255), place("/ip4/192.0.2.7/tcp/1"), at(1));
        for n in 0..200 {
            knocks.note(node(n), place("/ip4/198.51.100.7/tcp/1"), at(u64::from(n) + 2));
        }
        let views = knocks.views();
        assert_eq!(views.len(), KNOCKS_MAX);
        assert_eq!(
            views.first().map(|knock| knock.node),
            Some(node(199)),
            "who came last is first"
        );
        assert_eq!(views.last().map(|knock| knock.node), Some(node(255)));
        knocks.note(node(255), place("/ip4/192.0.2.7/tcp/1"), at(900));
        let again = &knocks.views()[0];
        assert_eq!((again.since, again.last, again.times), (at(1), at(900), 2));
        knocks.keep(|known| *known != node(255));
        assert!(knocks.views().iter().all(|knock| knock.node != node(255)));
    }
}
