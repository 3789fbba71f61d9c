//! What the simulator does with an engine's effects, in the driver's place.

use weft_protocol::control::{Fate, Response};
use weft_protocol::engine::{Effect, Event as Told, Input, PAGE, RequestId, Seq};
use weft_protocol::id::NodeId;

use super::gossip::VERIFYING;
use super::queue::Event;
use super::{AT_ONCE, Peer, Simulation};

impl Simulation {
    /// Does what an engine wants done.
    pub(super) fn act(&mut self, peer: Peer, effect: Effect) {
        match effect {
            Effect::Persist(seq) => self.persist(peer, seq),
            Effect::Publish { region, records } => self.publish(peer, region, &records),
            Effect::Verdict { gossip, verdict } => self.decided(peer, gossip, verdict),
            Effect::Open { session, peer: with } => match self.find(with) {
                Some(to) => self.open(peer, session, to),
                None => self.plan_input(peer, AT_ONCE, Input::Closed(session)),
            },
            Effect::Send { session, frame } => self.send(peer, session, &frame),
            Effect::Close(session) => self.close(peer, session),
            Effect::Verify { session, peer: from, scope, bytes } => {
                let (records, bad) = self.verify(peer, &bytes);
                let bytes = bytes.len();
                let done = Input::Delivered { session, peer: from, scope, records, bytes, bad };
                self.plan_input(peer, VERIFYING, done);
            }
            Effect::Reply { request, responses, last } => {
                self.reply(peer, request, responses, last);
            }
            Effect::Sign { seal, draft } => {
                let record =
                    draft.sign(&self.nodes[peer.0].machine.bridge_key()).ok().map(Box::new);
                self.plan_input(peer, AT_ONCE, Input::Signed { seal, record });
            }
            Effect::Keep { request, choices } => {
                self.nodes[peer.0].machine.choices = *choices;
                self.plan_input(peer, AT_ONCE, Input::Kept { request, failure: None });
            }
            Effect::Join(_) | Effect::Leave(_) => {
                unreachable!("no machine of the simulation joins or leaves")
            }
            Effect::Penalise(node) => {
                let lies = self.find(node).is_some_and(|p| self.nodes[p.0].machine.liar);
                let liar = self.nodes[peer.0].machine.liar;
                assert!(lies || liar, "an honest node penalises an honest one");
            }
            Effect::Bar(node) => self.bar(peer, node, true),
            Effect::Unbar(node) => self.bar(peer, node, false),
            // In a simulation nodes are connected because somebody named them to each other.
            Effect::Admit(_) => {}
            Effect::Tell(event) => self.tell(peer, event),
        }
    }

    /// A node wants no connection with another, or does again.
    fn bar(&mut self, peer: Peer, node: NodeId, barred: bool) {
        let Some(other) = self.find(node) else { return };
        self.links.bar(peer, other, barred);
        if barred && self.are_connected(peer, other) {
            self.disconnect(peer, other);
        }
    }

    /// Finds a node by its id.
    fn find(&self, node: NodeId) -> Option<Peer> {
        self.nodes.iter().position(|n| n.machine.node == node).map(Peer)
    }

    /// A batch is to be made durable.
    pub(super) fn persist(&mut self, peer: Peer, seq: Seq) {
        let longest = self.weather.disk;
        let taken = self.dice.between((longest / 10, longest));
        let node = &mut self.nodes[peer.0];
        node.disk.asked = seq;
        self.queue.plan(self.now + taken, Event::Written(peer, node.life));
    }

    /// The disk has written everything that it was asked to, or refuses to.
    pub(super) fn written(&mut self, peer: Peer) {
        let disk = &mut self.nodes[peer.0].disk;
        if disk.refuses {
            self.feed(peer, Input::PersistFailed("no space is left".to_owned()));
        } else if disk.is_behind() {
            let seq = disk.write();
            self.feed(peer, Input::Persisted(seq));
        }
    }

    fn reply(&mut self, peer: Peer, request: RequestId, responses: Vec<Response>, last: bool) {
        // One for each record that came in one piece, or a part of a list and the end of it.
        let posted = matches!(responses.first(), Some(Response::Posted(_)));
        let count = responses.len();
        assert!(posted || count <= PAGE + 1, "a part of {count} responses");
        let node = &mut self.nodes[peer.0];
        for response in &responses {
            let Response::Posted(posted) = response else { continue };
            let id = posted.id;
            if matches!(posted.fate, Fate::Stored | Fate::Void(_)) {
                let safe = node.disk.is_durable(&id) || self.erased.contains(&id);
                assert!(safe, "{} acknowledged what is not durable", node.machine.name);
                node.door.acknowledged.insert(id);
            }
        }
        node.door.replies.entry(request).or_default().extend(responses);
        if last {
            node.door.complete.insert(request);
        }
    }

    fn tell(&mut self, peer: Peer, event: Told) {
        if let Told::Erased { id } = &event {
            self.erased.insert(*id);
        }
        let name = self.nodes[peer.0].machine.name.clone();
        self.note(format_args!("{name} tells {event:?}"));
        self.nodes[peer.0].told.push(event);
    }
}
