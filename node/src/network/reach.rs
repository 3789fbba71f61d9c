//! How this node is reached from outside: where it listens, or through relays.
//!
//! **Invariant:** a node that everybody can reach, or that was told not to, asks no relay; and no node
//! asks more than [`RELAYS_WANTED`].

use std::collections::BTreeMap;
use std::time::Duration;

use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::{Multiaddr, Protocol};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{Swarm, identify, relay};
use tokio::time::Instant;
use weft_protocol::id::NodeId;

use super::Relaying;
use super::name::{peer_id, peer_text};

/// Through how many relays to be reached: one, and one more for when that is gone.
const RELAYS_WANTED: usize = 2;

/// How many nodes that relay are remembered while they are connected.
const OFFERS_MAX: usize = 8;

/// How long a node that listens waits to be told that it is reached directly: three probes.
const PROBED_WITHIN: Duration = Duration::from_secs(15);

/// What is known of the ways to this node.
#[derive(Debug)]
pub(super) struct Reach {
    relaying: Relaying,
    listens: bool,
    /// Whether somebody has dialled us where we said, and it was us.
    direct: bool,
    offers: BTreeMap<NodeId, Multiaddr>,
    relays: BTreeMap<NodeId, ListenerId>,
    due: Option<Instant>,
}

impl Reach {
    pub(super) fn new(relaying: Relaying, listens: bool) -> Self {
        let (offers, relays) = (BTreeMap::new(), BTreeMap::new());
        Self { relaying, listens, direct: false, offers, relays, due: None }
    }

    /// Says whether others are relayed, so that what we listen on is to be known to all.
    pub(super) fn serves(&self) -> bool {
        self.relaying == Relaying::Serve
    }

    /// A connected node tells what it speaks; `place` is where it is dialled.
    pub(super) fn hear(&mut self, node: NodeId, info: &identify::Info, place: Option<Multiaddr>) {
        let relays = info.protocols.contains(&relay::HOP_PROTOCOL_NAME);
        let Some(place) = place.filter(|place| relays && !is_relayed(place)) else { return };
        if self.relaying != Relaying::Use || self.offers.len() >= OFFERS_MAX {
            return;
        }
        self.offers.insert(node, place);
        let wait = if self.listens { PROBED_WITHIN } else { Duration::ZERO };
        self.due.get_or_insert_with(|| Instant::now() + wait);
    }

    /// A node is no longer connected.
    pub(super) fn part(&mut self, node: NodeId) {
        self.offers.remove(&node);
    }

    /// Somebody has reached us at this address.
    pub(super) fn confirm(&mut self, address: &Multiaddr) {
        self.direct |= !is_relayed(address);
    }

    /// A way to us is closed.
    pub(super) fn close(&mut self, listener: ListenerId) {
        let before = self.relays.len();
        self.relays.retain(|_, relay| *relay != listener);
        if self.relays.len() < before && !self.offers.is_empty() {
            self.due = Some(Instant::now() + PROBED_WITHIN);
        }
    }

    /// Returns when to look for relays.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Asks relays to let us be reached through them, if nobody reaches us otherwise.
    pub(super) fn seek<B: NetworkBehaviour>(&mut self, swarm: &mut Swarm<B>) {
        self.due = None;
        if self.direct {
            return;
        }
        for (node, place) in &self.offers {
            if self.relays.len() >= RELAYS_WANTED {
                break;
            }
            if self.relays.contains_key(node) {
                continue;
            }
            let circuit = place.clone().with(Protocol::P2p(peer_id(*node)));
            // The error names the address; a relay that does not listen to us is none.
            if let Ok(listener) = swarm.listen_on(circuit.with(Protocol::P2pCircuit)) {
                tracing::info!(relay = %peer_text(*node), "asked a relay to let us be reached");
                self.relays.insert(*node, listener);
            }
        }
    }
}

/// Says whether an address leads through a relay.
pub(super) fn is_relayed(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::P2pCircuit)
}
