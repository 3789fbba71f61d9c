//! Gossip as gossipsub does it: flooding over links, each message once, passed on by verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use weft_protocol::engine::{GossipId, Input, PUBLISH_BYTES_MAX, Verdict};
use weft_protocol::id::RecordId;
use weft_protocol::record::{Kind, Record, Unverified, sequence};
use weft_protocol::region::Region;

use super::queue::Event;
use super::{Peer, Simulation};

/// How long a node takes to verify what came.
pub(super) const VERIFYING: Duration = Duration::from_millis(2);

/// A gossip message.
#[derive(Debug)]
pub(super) struct Message {
    region: Region,
    /// A sequence of records, or what claims to be one.
    pub(super) bytes: Vec<u8>,
    id: [u8; 32],
}

/// What a node has heard.
#[derive(Debug, Default)]
pub(super) struct Ear {
    seen: BTreeSet<[u8; 32]>,
    /// Messages that wait for their verdict, and who they came from.
    waiting: BTreeMap<GossipId, (Arc<Message>, Peer)>,
    heard: u64,
    /// The last message it was given, for those who repeat themselves.
    pub(super) last: Option<Arc<Message>>,
}

impl Message {
    pub(super) fn new(region: Region, bytes: Vec<u8>) -> Arc<Self> {
        let hash = Sha256::new().chain_update(region.as_str()).chain_update([0]);
        let id = hash.chain_update(&bytes).finalize().into();
        Arc::new(Self { region, bytes, id })
    }
}

/// Decodes and verifies one record.
pub(super) fn verified(bytes: &[u8]) -> Option<Record> {
    Unverified::decode(bytes).ok()?.verify().ok()
}

impl Simulation {
    /// Decodes and verifies the records of a sequence that a node does not know, and counts those
    /// that are none.
    ///
    /// Known is what is stored byte for byte: an id covers the statement and not its seal, so a
    /// known id under a broken seal is passed on by nobody.
    pub(super) fn verify(&mut self, peer: Peer, bytes: &[u8]) -> (Vec<Record>, usize) {
        let (mut records, mut bad) = (Vec::new(), 0);
        let deaf = self.nodes[peer.0].machine.deaf;
        let disk = &mut self.nodes[peer.0].disk;
        for item in sequence(bytes) {
            let Some(unverified) = item.ok().and_then(|bytes| Unverified::decode(bytes).ok())
            else {
                bad += 1;
                continue;
            };
            if disk.holds_exactly(&unverified.id(), item.expect("just decoded")) {
                continue;
            }
            match unverified.verify() {
                Ok(record) if deaf && record.header().kind == Kind::End => {}
                Ok(record) => records.push(record),
                Err(_) => bad += 1,
            }
        }
        (records, bad)
    }

    /// A node offers records to a region.
    pub(super) fn publish(&mut self, peer: Peer, region: Region, records: &[Arc<[u8]>]) {
        let bytes = records.concat();
        assert!(bytes.len() <= PUBLISH_BYTES_MAX, "a gossip message of {} bytes", bytes.len());
        for id in sequence(&bytes).map(|r| id_of(r.expect("our own records"))) {
            let node = &mut self.nodes[peer.0];
            let safe = node.disk.is_durable(&id) || !node.disk.holds(&id);
            assert!(safe, "{} told of a record before it was durable", node.machine.name);
        }
        let message = Message::new(region, bytes);
        if self.nodes[peer.0].ear.seen.insert(message.id) {
            self.spread(peer, None, &message);
        }
    }

    /// Sends a message over all links but one.
    pub(super) fn spread(&mut self, from: Peer, but: Option<Peer>, message: &Arc<Message>) {
        for to in self.neighbours(from).into_iter().filter(|to| Some(*to) != but) {
            if self.nodes[to.0].machine.regions.contains(&message.region) {
                let message = self.tampered(from, message);
                self.whisper(from, to, &message);
            }
        }
    }

    /// Sends a message over one link.
    pub(super) fn whisper(&mut self, from: Peer, to: Peer, message: &Arc<Message>) {
        if !self.nodes[from.0].machine.liar {
            let copies = self.copies.entry((message.id, from, to)).or_default();
            *copies += 1;
            assert_eq!(*copies, 1, "an honest node sends a message once over a link");
            for id in ids(&message.bytes) {
                *self.sent.entry((id, from, to)).or_default() += 1;
            }
        }
        let times = if self.dice.chance(self.weather.doubles) { 2 } else { 1 };
        for _ in 0..times {
            if let Some(way) = self.dice.way(&self.weather) {
                let message = Arc::clone(message);
                self.queue.plan(self.now + way, Event::Message { from, to, message });
            }
        }
    }

    /// A message has arrived.
    pub(super) fn hear(&mut self, from: Peer, to: Peer, message: &Arc<Message>) {
        if !self.are_connected(from, to) || self.nodes[to.0].engine.is_none() {
            return;
        }
        let ear = &mut self.nodes[to.0].ear;
        if !ear.seen.insert(message.id) {
            return;
        }
        ear.last = Some(Arc::clone(message));
        let (records, bad) = self.verify(to, &message.bytes);
        if bad > 0 {
            // The verdict is Reject; the engine never hears of it.
            self.rejected += 1;
            assert!(self.nodes[from.0].machine.liar, "an honest node passed on what is no record");
            return;
        }
        let ear = &mut self.nodes[to.0].ear;
        ear.heard += 1;
        let gossip = GossipId(ear.heard);
        ear.waiting.insert(gossip, (Arc::clone(message), from));
        let (from, region) = (self.nodes[from.0].machine.node, message.region.clone());
        self.plan_input(to, VERIFYING, Input::Gossip { gossip, from, region, records });
    }

    /// A node has decided what becomes of a message.
    pub(super) fn decided(&mut self, peer: Peer, gossip: GossipId, verdict: Verdict) {
        let waiting = self.nodes[peer.0].ear.waiting.remove(&gossip);
        let (message, from) = waiting.expect("one verdict for a message");
        if verdict == Verdict::Accept {
            self.spread(peer, Some(from), &message);
        }
    }
}

fn id_of(bytes: &[u8]) -> RecordId {
    Unverified::decode(bytes).expect("our own record").id()
}

/// Returns the names of the records of a message.
fn ids(bytes: &[u8]) -> impl Iterator<Item = RecordId> {
    let records = sequence(bytes).filter_map(Result::ok);
    records.filter_map(|bytes| Some(Unverified::decode(bytes).ok()?.id()))
}
