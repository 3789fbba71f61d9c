//! Streams between nodes: frames arrive in order, late when they were lost, or not at all.
//!
//! **Invariant:** a stream loses everything from some point on, or nothing.

use std::collections::BTreeMap;

use weft_protocol::engine::{Input, SessionId};
use weft_protocol::sync::{FRAME_BYTES_MAX, Frame, QUEUED_BYTES_MAX};
use weft_protocol::time::Timestamp;

use super::queue::Event;
use super::{Peer, Simulation};

/// Names a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamId(u64);

/// One end of a stream.
#[derive(Debug)]
struct End {
    peer: Peer,
    life: u32,
    session: SessionId,
    /// When the last thing sent to this end arrives.
    arrival: Timestamp,
    /// Bytes on their way to this end.
    queued: usize,
    closed: bool,
}

/// All open streams.
#[derive(Debug, Default)]
pub(super) struct Streams {
    streams: BTreeMap<StreamId, [End; 2]>,
    ends: BTreeMap<(Peer, SessionId), (StreamId, usize)>,
    opened: u64,
}

impl Streams {
    /// Counts the streams that end at a node.
    pub(super) fn count(&self, peer: Peer) -> usize {
        self.streams.values().filter(|s| s.iter().any(|e| e.peer == peer && !e.closed)).count()
    }

    fn remove(&mut self, id: StreamId) -> Option<[End; 2]> {
        let stream = self.streams.remove(&id)?;
        for end in &stream {
            self.ends.remove(&(end.peer, end.session));
        }
        Some(stream)
    }
}

impl Simulation {
    /// A node wants a stream to another.
    pub(super) fn open(&mut self, from: Peer, session: SessionId, to: Peer) {
        let there = self.dice.stubborn_way(&self.weather);
        let back = self.dice.stubborn_way(&self.weather);
        let (Some(there), Some(back), true) = (there, back, self.are_connected(from, to)) else {
            self.plan_input(from, self.weather.latency.1, Input::Closed(session));
            return;
        };
        self.streams.opened += 1;
        let id = StreamId(self.streams.opened);
        let theirs = SessionId(2 * id.0 + 1);
        let end = |peer: Peer, session, after| End {
            peer,
            life: self.nodes[peer.0].life,
            session,
            arrival: self.now + after,
            queued: 0,
            closed: false,
        };
        let ends = [end(from, session, there + back), end(to, theirs, there)];
        self.streams.streams.insert(id, ends);
        self.streams.ends.insert((from, session), (id, 0));
        self.streams.ends.insert((to, theirs), (id, 1));
        let peer = self.nodes[from.0].machine.node;
        self.plan_input(to, there, Input::Accepted { session: theirs, peer });
        self.plan_input(from, there + back, Input::Opened(session));
    }

    /// A node sends a frame.
    pub(super) fn send(&mut self, from: Peer, session: SessionId, frame: &Frame) {
        let bytes = self.tampered_frame(from, frame.encode());
        let honest = !self.nodes[from.0].machine.liar;
        assert!(!honest || bytes.len() <= FRAME_BYTES_MAX, "a frame of {} bytes", bytes.len());
        let Some(&(stream, side)) = self.streams.ends.get(&(from, session)) else { return };
        let Some(way) = self.dice.stubborn_way(&self.weather) else {
            let [a, b] = &self.streams.streams[&stream];
            let (a, b) = (a.peer, b.peer);
            self.disconnect(a, b);
            return;
        };
        let Some(ends) = self.streams.streams.get_mut(&stream) else { return };
        let to = 1 - side;
        ends[to].arrival = ends[to].arrival.max(self.now + way);
        ends[to].queued += bytes.len();
        assert!(!honest || ends[to].queued <= QUEUED_BYTES_MAX, "a queue beyond its bound");
        self.queue.plan(ends[to].arrival, Event::Bytes { stream, to, bytes });
    }

    /// The bytes of a frame have arrived.
    pub(super) fn receive(&mut self, stream: StreamId, to: usize, bytes: &[u8]) {
        let Some(ends) = self.streams.streams.get_mut(&stream) else { return };
        let end = &mut ends[to];
        end.queued -= bytes.len();
        if end.closed || self.nodes[end.peer.0].life != end.life {
            return;
        }
        let (peer, session) = (end.peer, end.session);
        self.trace.bytes(bytes);
        self.feed(peer, Input::Frame { session, frame: Frame::decode(bytes) });
    }

    /// A node closes its end when everything it sent has arrived.
    pub(super) fn close(&mut self, peer: Peer, session: SessionId) {
        let Some(&(stream, side)) = self.streams.ends.get(&(peer, session)) else { return };
        let Some(ends) = self.streams.streams.get_mut(&stream) else { return };
        ends[side].closed = true;
        let at = ends[1 - side].arrival.max(self.now + self.weather.latency.0);
        self.queue.plan(at, Event::End { stream, to: 1 - side });
    }

    /// The other side's closing has arrived.
    pub(super) fn ended(&mut self, stream: StreamId, to: usize) {
        let Some(ends) = self.streams.remove(stream) else { return };
        if !ends[to].closed && self.nodes[ends[to].peer.0].life == ends[to].life {
            self.feed(ends[to].peer, Input::Closed(ends[to].session));
        }
    }

    /// All streams between two nodes break.
    pub(super) fn break_streams(&mut self, a: Peer, b: Peer) {
        let between = |ends: &[End; 2]| {
            let (x, y) = (ends[0].peer, ends[1].peer);
            (x, y) == (a, b) || (x, y) == (b, a)
        };
        let broken = self.streams.streams.iter().filter(|(_, ends)| between(ends));
        let broken: Vec<StreamId> = broken.map(|(id, _)| *id).collect();
        for stream in broken {
            for end in self.streams.remove(stream).into_iter().flatten() {
                if !end.closed && self.nodes[end.peer.0].life == end.life {
                    self.plan_input(end.peer, super::AT_ONCE, Input::Closed(end.session));
                }
            }
        }
    }
}
