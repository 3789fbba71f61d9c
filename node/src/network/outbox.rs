//! The way of events to their reader.
//!
//! **Invariant:** nothing here waits for the reader but [`Outbox::send_one`], which is one of several
//! things the task waits for.
//! **Invariant:** events that are kept arrive in their order; a hint arrives after all that were kept
//! before it, or not at all.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::event::NetworkEvent;

/// The events that may wait beyond the queue before nothing more is taken from the swarm; they are
/// those without bytes, a hundred or so each.
const KEPT_MAX: usize = 1024;

/// The sending half of the events, and those for which there was no place in the queue.
#[derive(Debug)]
pub(super) struct Outbox {
    events: mpsc::Sender<NetworkEvent>,
    kept: VecDeque<NetworkEvent>,
}

/// The reader of events is gone.
pub(super) struct Unread;

impl Outbox {
    pub(super) fn new(events: mpsc::Sender<NetworkEvent>) -> Self {
        Self { events, kept: VecDeque::new() }
    }

    /// Sends an event that must arrive, now or when there is a place.
    pub(super) fn keep(&mut self, event: NetworkEvent) {
        self.kept.push_back(event);
        while let Ok(permit) = self.events.try_reserve()
            && let Some(event) = self.kept.pop_front()
        {
            permit.send(event);
        }
    }

    /// Sends an event that may be dropped, and says whether it was sent.
    pub(super) fn hint(&mut self, event: NetworkEvent) -> bool {
        self.kept.is_empty() && self.events.try_send(event).is_ok()
    }

    /// Says whether events wait for a place.
    pub(super) fn waits(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Says whether more may come.
    pub(super) fn has_room(&self) -> bool {
        self.kept.len() < KEPT_MAX
    }

    /// Waits for a place and sends the event that waits longest. Dropping the future loses nothing.
    pub(super) async fn send_one(&mut self) -> Result<(), Unread> {
        let place = self.events.reserve().await.map_err(|_| Unread)?;
        if let Some(event) = self.kept.pop_front() {
            place.send(event);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use weft_protocol::id::NodeId;

    use super::*;

    fn node(event: Option<NetworkEvent>) -> u8 {
        match event {
            Some(NetworkEvent::Disconnected { node } | NetworkEvent::SlowPeer { node }) => {
                node.0[0]
            }
            other => panic!("unexpected {other:?}"),
        }
    }

    #[tokio::test]
    async fn what_must_arrive_arrives_in_order_and_hints_are_dropped_when_there_is_no_place() {
        let (events, mut reader) = mpsc::channel(2);
        let mut outbox = Outbox::new(events);
        let kept = |i| NetworkEvent::Disconnected { node: NodeId([i; 32]) };
        let hint = |i| NetworkEvent::SlowPeer { node: NodeId([i; 32]) };
        assert!(outbox.hint(hint(0)));
        for i in 1..4 {
            outbox.keep(kept(i));
        }
        assert!(outbox.waits() && !outbox.hint(hint(9)));
        for i in 0..2 {
            assert_eq!(node(reader.recv().await), i);
            assert!(outbox.send_one().await.is_ok());
        }
        assert!(!outbox.waits() && !outbox.hint(hint(9)));
        for i in 2..4 {
            assert_eq!(node(reader.recv().await), i);
        }
        drop(reader);
        outbox.keep(kept(4));
        assert!(outbox.send_one().await.is_err());
    }
}
