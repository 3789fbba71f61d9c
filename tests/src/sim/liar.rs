//! What liars do: they follow the protocol, with lies in between.

use std::sync::Arc;
use std::time::Duration;

use weft_protocol::sync::{
    FINGERPRINT_BYTES, FRAME_BYTES_MAX, Fingerprint, Frame, Key, Part, Span,
};

use super::gossip::Message;
use super::queue::Event;
use super::{Peer, Simulation};

/// About how often a liar makes something up.
const LIES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(4));

/// Of a thousand things that a liar says, how many are lies.
const LYING: u32 = 250;

impl Simulation {
    /// A liar makes up a gossip message, and plans the next.
    pub(super) fn lie(&mut self, liar: Peer) {
        let next = self.dice.between(LIES);
        self.queue.plan(self.now + next, Event::Lie(liar));
        let node = &self.nodes[liar.0];
        if node.engine.is_none() {
            return;
        }
        let region = node.machine.regions[0].clone();
        let heard = node.ear.last.as_ref().map(|message| message.bytes.clone()).unwrap_or_default();
        let bytes = match self.dice.below(4) {
            // What is no record at all.
            0 => self.dice.bytes(600),
            // What was said already, twice in one breath: a new message with nothing new in it.
            1 => heard.repeat(2),
            // What begins like a record and ends within it.
            2 => heard[..heard.len() / 2].to_vec(),
            // A word changed in what another signed.
            _ => self.flipped(heard),
        };
        self.spread(liar, None, &Message::new(region, bytes));
    }

    /// Returns a message as this node passes it on.
    pub(super) fn tampered(&mut self, from: Peer, message: &Arc<Message>) -> Arc<Message> {
        if !self.nodes[from.0].machine.liar || !self.dice.chance(LYING) {
            return Arc::clone(message);
        }
        let region = self.nodes[from.0].machine.regions[0].clone();
        let bytes = self.flipped(message.bytes.clone());
        Message::new(region, bytes)
    }

    /// Returns the bytes of a frame as this node sends it.
    pub(super) fn tampered_frame(&mut self, from: Peer, bytes: Vec<u8>) -> Vec<u8> {
        if !self.nodes[from.0].machine.liar || !self.dice.chance(LYING) {
            return bytes;
        }
        let spans = vec![Span { start: 0, len: 1 << 20 }; 1000];
        let frame = match self.dice.below(11) {
            0 => return self.flipped(bytes),
            1 => return bytes[..bytes.len() / 2].to_vec(),
            2 => return self.dice.bytes(100),
            3 => return vec![0x80; FRAME_BYTES_MAX + 1],
            4 => Frame::Ask { scope: 0, spans },
            5 => Frame::Want { scope: 0, spans },
            6 => {
                let part = Part::Pieces {
                    starts: (1..5000).map(Key::starting).collect(),
                    fingerprints: vec![Fingerprint([7; FINGERPRINT_BYTES]); 5000],
                };
                Frame::Answer { parts: vec![part] }
            }
            7 => Frame::Data { scope: 0, records: 1, gone: 0, sequence: self.dice.bytes(100_000) },
            8 => Frame::Held { bits: vec![0xff; 32] },
            9 => Frame::Which { keys: (1..=256).map(Key::starting).collect() },
            _ => Frame::Credit { bytes: u64::MAX },
        };
        frame.encode()
    }

    fn flipped(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        if !bytes.is_empty() {
            let at = self.dice.below(bytes.len());
            bytes[at] ^= 1 << self.dice.below(8);
        }
        bytes
    }
}
