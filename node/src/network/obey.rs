//! What the task does when it is told to.

use std::collections::{BTreeMap, BTreeSet};

use libp2p::gossipsub::{MessageAcceptance, PublishError};
use tokio::sync::oneshot;
use tokio::time::Instant;
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;

use super::client::{Command, Peer};
use super::event::{GossipToken, GossipVerdict, NetworkEvent, PublishFailure};
use super::gossip::{self, SizeCheck};
use super::name::{node_id, peer_id};
use super::streams::{OpenStreamError, Opener, PeerStream, Protocol};
use super::task::Task;
use super::trouble::Trial;

impl Task {
    /// Obeys a command. Shutting down is the loop's own business.
    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::Dial(addresses) => {
                let now = Instant::now();
                addresses.into_iter().for_each(|address| self.book.ask(address, now));
                self.keep_company();
                self.plan();
            }
            Command::Keep(address) => {
                let now = Instant::now();
                self.book.ask(address.clone(), now);
                self.book.configure(address, now);
                self.keep_company();
                self.plan();
            }
            // Who asked may have gone.
            Command::Forget(entries, reply) => {
                reply.send(self.book.forget(&entries)).ok();
                self.keep_company();
                self.plan();
            }
            Command::Trials(reply) => drop(reply.send(self.trials())),
            Command::Disconnect(node) => {
                // An error says that it is not connected, which is what was asked for.
                self.swarm.disconnect_peer_id(peer_id(node)).ok();
            }
            Command::Publish(region, bytes) => self.publish(region, bytes),
            Command::Judge(token, verdict) => self.judge(&token, verdict),
            Command::Subscribe(region) => self.subscribe(&region),
            Command::Unsubscribe(region) => {
                self.swarm.behaviour_mut().gossip_mut().unsubscribe(&gossip::topic(&region));
                self.filter.remove(&region);
            }
            Command::Score(node, opinion) => {
                self.swarm
                    .behaviour_mut()
                    .gossip_mut()
                    .set_application_score(&peer_id(node), opinion);
            }
            Command::Admit(only) => self.admit(only),
            Command::Block(node) => {
                self.swarm.behaviour_mut().blocked.block_peer(peer_id(node));
            }
            Command::Unblock(node) => {
                self.swarm.behaviour_mut().blocked.unblock_peer(peer_id(node));
            }
            Command::OpenStream(node, protocol, reply) => self.open(node, protocol, reply),
            // Who asked may have gone.
            Command::Peers(reply) => drop(reply.send(self.peers())),
            Command::Shutdown(_) => {}
        }
    }

    /// Speaks with these from now on and with those that were named, and with nobody else.
    fn admit(&mut self, only: Option<BTreeSet<NodeId>>) {
        self.book.admit(only);
        self.keep_company();
        for node in self.links.keys().filter(|node| !self.company.has(**node)) {
            self.book.let_go(*node);
            self.swarm.disconnect_peer_id(peer_id(*node)).ok();
        }
        self.plan();
    }

    /// Takes up who is of the company now. Whoever was a stranger until now is to come again as one of it.
    pub(super) fn keep_company(&mut self) {
        self.company.set(self.book.company());
        for connection in self.strangers.with(|node| self.company.has(node)) {
            self.swarm.close_connection(connection);
        }
    }

    /// Enters a region and says whether that is new.
    pub(super) fn enter(&mut self, region: &Region) -> bool {
        let topic = gossip::topic(region);
        let new = self.filter.insert(region);
        let gossip = self.swarm.behaviour_mut().gossip_mut();
        let entered = gossip.subscribe(&topic).is_ok()
            && gossip.set_topic_params(topic, gossip::topic_score()).is_ok();
        debug_assert!(entered, "the filter lets our own regions in, and scoring is on");
        new
    }

    /// Enters a region that peers may have told of already, when we did not listen: they say it again
    /// on meeting again.
    fn subscribe(&mut self, region: &Region) {
        if self.enter(region) {
            for node in self.links.keys() {
                self.book.let_go(*node);
                self.swarm.disconnect_peer_id(peer_id(*node)).ok();
            }
        }
    }

    fn publish(&mut self, region: Region, bytes: Vec<u8>) {
        let published = if SizeCheck::allows(&bytes) {
            self.swarm.behaviour_mut().gossip_mut().publish(gossip::topic(&region), bytes)
        } else {
            Err(PublishError::MessageTooLarge)
        };
        let reason = match published {
            Ok(_) | Err(PublishError::Duplicate) => return,
            Err(PublishError::NoPeersSubscribedToTopic) => PublishFailure::NoPeers,
            Err(PublishError::AllQueuesFull(_)) => PublishFailure::Busy,
            Err(_) => PublishFailure::Size,
        };
        self.outbox.hint(NetworkEvent::PublishFailed { region, reason });
    }

    pub(super) fn judge(&mut self, token: &GossipToken, verdict: GossipVerdict) {
        let acceptance = match verdict {
            GossipVerdict::Accept => MessageAcceptance::Accept,
            GossipVerdict::Ignore => MessageAcceptance::Ignore,
            GossipVerdict::Reject => MessageAcceptance::Reject,
        };
        let gossip = self.swarm.behaviour_mut().gossip_mut();
        if !gossip.report_message_validation_result(&token.message, &token.from, acceptance) {
            tracing::debug!(message = %token.message, "a verdict came after its deadline");
        }
    }

    fn open(
        &self,
        node: NodeId,
        protocol: Protocol,
        reply: oneshot::Sender<Result<PeerStream, OpenStreamError>>,
    ) {
        if !self.links.contains_key(&node) {
            reply.send(Err(OpenStreamError::NotConnected)).ok();
            return;
        }
        let open = Opener::of(&self.swarm.behaviour().streams).open(node, protocol);
        tokio::spawn(async move { reply.send(open.await).ok() });
    }

    /// Returns what is dialled in vain, without what is connected by another way.
    fn trials(&self) -> Vec<Trial> {
        let connected =
            |trial: &Trial| trial.node.is_some_and(|node| self.links.contains_key(&node));
        self.book.trials().into_iter().filter(|trial| !connected(trial)).collect()
    }

    fn peers(&self) -> Vec<Peer> {
        let gossip = self.swarm.behaviour().gossip();
        let regions: BTreeMap<NodeId, Vec<Region>> = gossip
            .all_peers()
            .filter_map(|(peer, topics)| {
                let regions = topics.into_iter().filter_map(gossip::region).collect();
                Some((node_id(peer)?, regions))
            })
            .collect();
        self.links
            .iter()
            .map(|(node, link)| Peer {
                node: *node,
                direction: link.direction,
                dialable: self.book.knows(*node),
                regions: regions.get(node).cloned().unwrap_or_default(),
                named: !link.named.is_empty() || regions.get(node).is_some_and(|r| !r.is_empty()),
                elsewhere: link.named.iter().filter(|r| !self.filter.holds(r)).cloned().collect(),
                score: gossip.peer_score(&peer_id(*node)).unwrap_or_default(),
            })
            .collect()
    }
}
