//! Those who have come to a closed node and are not of its company, while they are here.
//!
//! **Invariant:** who holds no stream to the door is here for [`STAY`] at the most.

use std::collections::BTreeMap;
use std::time::Duration;

use libp2p::swarm::ConnectionId;
use tokio::time::Instant;
use weft_protocol::id::NodeId;

use super::host::Neighbourhood;

/// How long somebody may be here without a stream to the door: several round trips over a bad link, after
/// which a member's terminal has opened one, and everybody else has been told that this node is closed.
const STAY: Duration = Duration::from_secs(10);

/// Somebody who is not of the company.
#[derive(Debug)]
pub(super) struct Stranger {
    pub(super) node: NodeId,
    pub(super) from: Neighbourhood,
    /// Whether a stream to the door was opened, as a member's terminal does and no node.
    pub(super) visits: bool,
    until: Instant,
}

/// All of them, by connection.
#[derive(Debug, Default)]
pub(super) struct Strangers(BTreeMap<ConnectionId, Stranger>);

impl Strangers {
    /// Somebody has come.
    pub(super) fn come(
        &mut self,
        connection: ConnectionId,
        (node, from): (NodeId, Neighbourhood),
        now: Instant,
    ) {
        self.0.insert(connection, Stranger { node, from, visits: false, until: now + STAY });
    }

    /// A node that is here opens a stream to the door; returns where it comes from, if it is here.
    pub(super) fn visit(&mut self, node: NodeId) -> Option<Neighbourhood> {
        let mut from = None;
        for stranger in self.0.values_mut().filter(|stranger| stranger.node == node) {
            stranger.visits = true;
            from = Some(stranger.from.clone());
        }
        from
    }

    /// A connection is closed; returns who that was, if it was one of them.
    pub(super) fn go(&mut self, connection: ConnectionId) -> Option<Stranger> {
        self.0.remove(&connection)
    }

    /// Returns the connections with those who are of the company now.
    pub(super) fn with(&self, is_of_it: impl Fn(NodeId) -> bool) -> Vec<ConnectionId> {
        let of_it = self.0.iter().filter(|(_, stranger)| is_of_it(stranger.node));
        of_it.map(|(connection, _)| *connection).collect()
    }

    /// Returns when the next has been here long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.values().map(|stranger| stranger.until).min()
    }

    /// Returns the connections that are to be closed; who is at the door then may stay on.
    pub(super) fn overdue(
        &mut self,
        now: Instant,
        is_at_the_door: impl Fn(NodeId) -> bool,
    ) -> Vec<ConnectionId> {
        let mut over = Vec::new();
        for (connection, stranger) in self.0.iter_mut().filter(|(_, s)| s.until <= now) {
            stranger.until = now + STAY;
            if !is_at_the_door(stranger.node) {
                over.push(*connection);
            }
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_at_the_door_goes_soon_and_who_is_stays_on() {
        let (mut strangers, start) = (Strangers::default(), Instant::now());
        let from = Neighbourhood::of(&"/ip4/192.0.2.7/tcp/1".parse().unwrap());
        let (eve, member) = (NodeId([1; 32]), NodeId([2; 32]));
        let id = ConnectionId::new_unchecked;
        strangers.come(id(1), (eve, from.clone()), start);
        strangers.come(id(2), (member, from.clone()), start);
        assert_eq!(strangers.visit(member), Some(from));
        assert_eq!(strangers.visit(NodeId([3; 32])), None);
        assert_eq!(strangers.overdue(start, |_| false), []);
        let due = strangers.due().unwrap();
        assert_eq!(due, start + STAY);
        assert_eq!(strangers.overdue(due, |node| node == member), [id(1)]);
        assert!(!strangers.go(id(1)).unwrap().visits);
        assert_eq!(strangers.overdue(due + STAY, |_| false), [id(2)]);
        assert!(strangers.go(id(2)).unwrap().visits && strangers.due().is_none());
    }
}
