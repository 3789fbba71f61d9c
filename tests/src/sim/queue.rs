//! What is going to happen, in the order of its time and then of its planning.

use std::collections::BTreeMap;
use std::sync::Arc;

use weft_protocol::engine::Input;
use weft_protocol::time::Timestamp;

use super::Peer;
use super::gossip::Message;
use super::stream::StreamId;

/// Something that is going to happen.
#[derive(Debug)]
pub(super) enum Event {
    /// A node's engine gets an input, if the node still lives this life.
    Input(Peer, u32, Input),
    /// A node's engine wants to be woken, if the node still lives this life.
    Wake(Peer, u32),
    /// A gossip message arrives over a link.
    Message { from: Peer, to: Peer, message: Arc<Message> },
    /// The bytes of a frame arrive at an end of a stream.
    Bytes { stream: StreamId, to: usize, bytes: Vec<u8> },
    /// The other side's closing arrives at an end of a stream.
    End { stream: StreamId, to: usize },
    /// Two nodes try to connect.
    Dial(Peer, Peer),
    /// A crashed node starts again.
    Restart(Peer),
    /// A disk has written what it was given, or has failed to.
    Written(Peer, u32),
    /// Something goes wrong somewhere.
    Mishap,
    /// A liar makes something up.
    Lie(Peer),
}

/// All that is going to happen.
#[derive(Debug, Default)]
pub(super) struct Queue {
    events: BTreeMap<(Timestamp, u64), Event>,
    planned: u64,
}

impl Queue {
    /// Plans an event; of two at one time the one planned first happens first.
    pub(super) fn plan(&mut self, at: Timestamp, event: Event) {
        self.planned += 1;
        self.events.insert((at, self.planned), event);
    }

    /// Takes the next event that happens no later than this.
    pub(super) fn next(&mut self, until: Timestamp) -> Option<(Timestamp, Event)> {
        let first = self.events.first_entry()?;
        let at = first.key().0;
        (at <= until).then(|| (at, first.remove()))
    }
}
