//! What the task makes of what the swarm tells.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use libp2p::core::{ConnectedPoint, Multiaddr};
use libp2p::gossipsub::{self, Message, MessageId};
use libp2p::swarm::{ConnectionId, SwarmEvent};
use libp2p::{PeerId, identify, mdns};
use tokio::time::Instant;
use weft_protocol::id::NodeId;

use super::behaviour::{PartsEvent, TalkEvent};
use super::event::{Direction, GossipToken, GossipVerdict, NetworkEvent};
use super::host::Neighbourhood;
use super::name::{Address, node_id, peer_id, peer_text};
use super::pulse::Silent;
use super::reach::is_relayed;
use super::strangers::Stranger;
use super::streams::Protocol;
use super::substreams::Opened;
use super::task::{Link, Task};
use super::trouble::fault;
use super::{UNJUDGED_PER_PEER_MAX, agent, gossip};

impl Task {
    /// Takes in one event of the swarm.
    pub(super) fn hear(&mut self, event: SwarmEvent<PartsEvent>) {
        match event {
            SwarmEvent::Behaviour(PartsEvent::Streams(opened)) => return self.hear_stream(opened),
            SwarmEvent::Behaviour(PartsEvent::Talk(TalkEvent::Gossip(event))) => {
                return self.hear_gossip(event);
            }
            SwarmEvent::Behaviour(PartsEvent::Talk(event)) => self.hear_talk(event),
            SwarmEvent::Behaviour(PartsEvent::Mdns(event)) => self.hear_mdns(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.connected(&peer_id, connection_id, endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                self.connection_closed(&peer_id, connection_id, num_established);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(target) = self.dials.remove(&connection_id) {
                    self.book.failed(target, fault(&error), Instant::now());
                }
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                if !is_relayed(&address) {
                    self.moved();
                    self.outside.learn(&address);
                    self.tell_outside();
                }
                let address = self.named(address);
                self.outbox.keep(NetworkEvent::Listening { address });
            }
            SwarmEvent::ExternalAddrConfirmed { address } => {
                self.reach.confirm(&address);
                if !is_relayed(&address) {
                    self.outside.learn(&address);
                    self.tell_outside();
                }
                let address = self.named(address);
                self.outbox.keep(NetworkEvent::Listening { address });
            }
            SwarmEvent::ExternalAddrExpired { address } => {
                // Where it listens itself, the listener says.
                if !self.swarm.listeners().any(|own| *own == address) {
                    self.outside.forget(&address);
                    self.tell_outside();
                    let address = self.named(address);
                    self.outbox.keep(NetworkEvent::NotListening { address });
                }
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.swarm.behaviour_mut().pulse_mut().ask(|_| true);
                self.outside.forget(&address);
                self.tell_outside();
                let address = self.named(address);
                self.outbox.keep(NetworkEvent::NotListening { address });
            }
            // The causes name addresses, so they stay out of the log.
            SwarmEvent::ListenerClosed { listener_id, addresses, .. } => {
                self.reach.close(listener_id);
                if self.listeners.close(listener_id) {
                    self.tell_missed();
                }
                addresses.iter().for_each(|address| self.outside.forget(address));
                self.tell_outside();
                for address in addresses {
                    let address = self.named(address);
                    self.outbox.keep(NetworkEvent::NotListening { address });
                }
            }
            SwarmEvent::ListenerError { .. } => tracing::warn!("a listener has failed"),
            _ => return,
        }
        self.plan();
    }

    /// Tells those whom this node relays where it is.
    fn tell_outside(&mut self) {
        if self.reach.serves() {
            let (new, gone) = self.outside.changes();
            gone.iter().for_each(|address| self.swarm.remove_external_address(address));
            new.into_iter().for_each(|address| self.swarm.add_external_address(address));
        }
    }

    /// Adds our own name to an address of ours.
    fn named(&self, address: Multiaddr) -> Address {
        let own = *self.swarm.local_peer_id();
        Address::from(address.with_p2p(own).unwrap_or_else(|same| same))
    }

    fn connected(&mut self, peer: &PeerId, connection: ConnectionId, endpoint: ConnectedPoint) {
        let dialled = self.dials.remove(&connection);
        let Some(node) = node_id(peer) else {
            // A key that names no node; the closing of its connection will not be told either.
            self.swarm.disconnect_peer_id(*peer).ok();
            return;
        };
        let (direction, place) = match endpoint {
            ConnectedPoint::Dialer { address, .. } => (Direction::Outbound, address),
            ConnectedPoint::Listener { send_back_addr, .. } => (Direction::Inbound, send_back_addr),
        };
        if self.company.is_strange(connection) {
            let from = Neighbourhood::of(&Address::from(place));
            self.strangers.come(connection, (node, from), Instant::now());
            return;
        }
        // The answer to one that came to us, through a relay, is a dial too, and was not our choice.
        let chosen = dialled.is_some();
        let dialled = dialled.map(|target| (target, Address::from(place.clone()).bare()));
        self.book.met(node, dialled, Instant::now());
        if chosen {
            // Where the operator named a place alone, who answers there is known now.
            self.keep_company();
        }
        match self.links.entry(node) {
            Entry::Vacant(link) => {
                if chosen {
                    tracing::info!(peer = %peer_text(node), "reached");
                } else {
                    tracing::debug!(peer = %peer_text(node), ?direction, "connected");
                }
                let (named, unjudged) = Default::default();
                link.insert(Link { direction, chosen, place, named, unjudged });
                self.outbox.keep(NetworkEvent::Connected { node, direction });
            }
            Entry::Occupied(mut link) => {
                // Who comes a second time may have lost the first connection without a word.
                self.swarm.behaviour_mut().pulse_mut().ask(|other| other == *peer);
                if chosen {
                    let link = link.get_mut();
                    (link.direction, link.chosen, link.place) = (direction, chosen, place);
                }
            }
        }
    }

    fn connection_closed(&mut self, peer: &PeerId, connection: ConnectionId, left: u32) {
        if let Some(stranger) = self.strangers.go(connection) {
            self.stranger_gone(stranger);
        } else if left == 0 {
            self.disconnected(peer);
        }
    }

    /// Somebody has gone who was not of the company. A member's terminal is no node, and nobody lets it in;
    /// who has been let in meanwhile comes again.
    fn stranger_gone(&mut self, Stranger { node, from, visits, .. }: Stranger) {
        if !visits && !self.company.has(node) {
            tracing::debug!(peer = %peer_text(node), "a node came that this one was not told of");
            self.outbox.hint(NetworkEvent::Knocked { node, from });
        }
    }

    /// A node says that it is closed, and was not told of this one.
    fn turned_away(&mut self, node: NodeId) {
        tracing::debug!(peer = %peer_text(node), "it is closed, and was not told of this node");
        let own = self.swarm.local_peer_id().to_base58();
        self.book.turned_away(node, &own);
        self.swarm.disconnect_peer_id(peer_id(node)).ok();
    }

    fn disconnected(&mut self, peer: &PeerId) {
        let Some(node) = node_id(peer) else { return };
        if let Some(link) = self.links.remove(&node) {
            if link.chosen {
                tracing::info!(peer = %peer_text(node), "lost");
            } else {
                tracing::debug!(peer = %peer_text(node), "disconnected");
            }
            self.book.lost(node, Instant::now());
            self.reach.part(node);
            self.unheard.done(node);
            self.outbox.keep(NetworkEvent::Disconnected { node });
        }
    }

    /// Hands on a stream of a connected node that does not hold too many. Where the reader has no place for
    /// it, it is refused, and its opener tries again later.
    fn hear_stream(&mut self, opened: Opened) {
        let Opened { peer, protocol, stream } = opened;
        let Some(peer) = node_id(&peer) else { return };
        if protocol == Protocol::Closed {
            return self.turned_away(peer);
        }
        let from = match self.links.get(&peer) {
            Some(link) if link.chosen => None,
            Some(link) => Some(Neighbourhood::of(&Address::from(link.place.clone()))),
            None => match self.strangers.visit(peer) {
                Some(from) => Some(from),
                None => return,
            },
        };
        if let Some(stream) = self.places.admit(peer, stream) {
            self.outbox.hint(NetworkEvent::Stream { peer, protocol, stream, from });
        }
    }

    fn hear_talk(&mut self, event: TalkEvent) {
        match event {
            TalkEvent::Identify(event) => self.hear_identify(event),
            TalkEvent::Pulse(Silent(connection)) => {
                // The other side has gone without a word. One that does not speak of this at all, such as a
                // member's terminal, is left alone.
                self.swarm.close_connection(connection);
            }
            _ => {}
        }
    }

    fn hear_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                self.hear_message(propagation_source, message_id, message);
            }
            gossipsub::Event::Subscribed { peer_id, topic } => {
                if let (Some(node), Some(region)) = (node_id(&peer_id), gossip::region(&topic)) {
                    self.unheard.done(node);
                    let chosen = self.links.get(&node).is_some_and(|link| link.chosen);
                    self.outbox.keep(NetworkEvent::Joined { node, region, chosen });
                }
            }
            gossipsub::Event::Unsubscribed { peer_id, topic } => {
                if let (Some(node), Some(region)) = (node_id(&peer_id), gossip::region(&topic)) {
                    self.outbox.keep(NetworkEvent::Left { node, region });
                }
            }
            gossipsub::Event::SlowPeer { peer_id, .. } => {
                if let Some(node) = node_id(&peer_id) {
                    self.outbox.hint(NetworkEvent::SlowPeer { node });
                }
            }
            gossipsub::Event::GossipsubNotSupported { .. } => {}
        }
    }

    /// Hands a message on if its deliverer has not too many unjudged ones and the reader has a place;
    /// else it is let go without blame, and reconciling brings what was in it.
    fn hear_message(&mut self, from: PeerId, message: MessageId, content: Message) {
        let sender = node_id(&from).and_then(|node| Some((node, self.links.get(&node)?)));
        let (Some((node, link)), Some(region)) = (sender, gossip::region(&content.topic)) else {
            return;
        };
        let waiting = Arc::strong_count(&link.unjudged) - 1;
        let token = |unjudged| GossipToken { message: message.clone(), from, _unjudged: unjudged };
        let sent = waiting < UNJUDGED_PER_PEER_MAX
            && self.outbox.hint(NetworkEvent::Gossip {
                token: token(Arc::clone(&link.unjudged)),
                from: node,
                region,
                bytes: content.data.into(),
            });
        if !sent {
            tracing::debug!(peer = %peer_text(node), waiting, "gossip let go: nobody has room for it");
            self.judge(&token(Arc::default()), GossipVerdict::Ignore);
        }
    }

    /// Remembers where a node says it listens, but only on the host from which it speaks to us: it must
    /// not be able to point us at others.
    fn hear_identify(&mut self, event: identify::Event) {
        let identify::Event::Received { peer_id, info, .. } = event else { return };
        let Some(node) = node_id(&peer_id) else { return };
        let Some(link) = self.links.get_mut(&node) else { return };
        link.named = agent::read(&info.agent_version);
        let shared = link.named.iter().any(|region| self.filter.holds(region));
        let mut heard = self.swarm.behaviour().gossip().all_peers();
        if shared && !heard.any(|(peer, topics)| *peer == peer_id && !topics.is_empty()) {
            self.unheard.await_word(node, Instant::now());
        }
        let host = host(&link.place);
        let now = Instant::now();
        let claimed = info.listen_addrs.iter().find(|claimed| self::host(claimed) == host);
        let dialled = (link.direction == Direction::Outbound).then_some(&link.place);
        let place = dialled.or(claimed).map(|place| Address::from(place.clone()).place());
        self.reach.hear(node, &info, place);
        for address in info.listen_addrs.into_iter().filter(|claimed| self::host(claimed) == host) {
            self.book.hint(node, &Address::from(address), now);
        }
        self.book.met(node, None, now);
    }

    /// This machine's way to the others has changed: what stood may be dead, and what was dead may not be.
    pub(super) fn moved(&mut self) {
        self.swarm.behaviour_mut().pulse_mut().ask(|_| true);
        self.book.moved(Instant::now());
    }

    fn hear_mdns(&mut self, event: mdns::Event) {
        let mdns::Event::Discovered(found) = event else { return };
        let now = Instant::now();
        let mut told: Option<NodeId> = None;
        for (peer, address) in found {
            let Some(node) = node_id(&peer) else { continue };
            self.book.hint(node, &Address::from(address), now);
            if self.links.contains_key(&node) {
                self.book.met(node, None, now);
            } else if told.replace(node) != Some(node) {
                self.outbox.hint(NetworkEvent::Discovered { node });
            }
        }
    }
}

/// Returns the part of an address that names the machine.
fn host(address: &Multiaddr) -> Option<libp2p::multiaddr::Protocol<'_>> {
    address.iter().next()
}
