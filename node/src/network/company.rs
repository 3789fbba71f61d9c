//! With whom this node speaks.
//!
//! A closed node speaks with those that it was told of, and with nobody else. Who a node is, only the
//! handshake proves; and whoever has a role here may come from anywhere, under any name, and prove it at the
//! door. So who comes and is not of the company finds that door, and a word that this node is closed.
//!
//! **Invariant:** on a connection with whoever is not of the company no part of the swarm speaks but the door:
//! the others do not hear that it is there.
//!
//! **Invariant:** what a connection is was decided when it was made, and holds until it ends; one node has not
//! both sorts at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libp2p::PeerId;
use libp2p::core::Multiaddr;
use libp2p::swarm::behaviour::{AddressChange, ConnectionClosed, ConnectionEstablished};
use libp2p::swarm::behaviour::{DialFailure, ListenFailure};
use libp2p::swarm::{ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour};
use weft_protocol::id::NodeId;

use super::around::Around;
use super::name::node_id;

/// Which part of the places for those who knock strangers may take at a closed node: half, so that the others
/// are for its company.
const OF_STRANGERS: u32 = 2;

/// The company of this node. Clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Company(Arc<Mutex<Lists>>);

#[derive(Debug, Default)]
struct Lists {
    /// Those who are of it; everybody when absent.
    only: Option<BTreeSet<NodeId>>,
    /// The dials of which whoever answers is of it: the operator has named a place, and nobody.
    sought: BTreeSet<ConnectionId>,
    /// The connections, and whether each is with a stranger.
    met: BTreeMap<ConnectionId, (PeerId, bool)>,
    /// How many strangers may be here at once.
    strangers_max: usize,
}

/// A node is not of the company, or there are too many such.
#[derive(Debug)]
struct NotOfUs;

impl fmt::Display for NotOfUs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this node is closed, and was not told of that one")
    }
}

impl std::error::Error for NotOfUs {}

impl Company {
    /// Makes it for a node with so many places for those who knock.
    pub(super) fn new(places: u32) -> Self {
        let strangers_max = usize::try_from(places / OF_STRANGERS).unwrap_or(usize::MAX).max(1);
        Self(Arc::new(Mutex::new(Lists { strangers_max, ..Lists::default() })))
    }

    /// Says who is of it from now on; everybody when absent.
    pub(super) fn set(&self, only: Option<BTreeSet<NodeId>>) {
        self.lists().only = only;
    }

    /// Says whether a node is of it.
    pub(super) fn has(&self, node: NodeId) -> bool {
        self.lists().only.as_ref().is_none_or(|only| only.contains(&node))
    }

    /// Whoever answers this dial is of it.
    pub(super) fn seek(&self, connection: ConnectionId) {
        self.lists().sought.insert(connection);
    }

    /// Says whether this connection is with a stranger.
    pub(super) fn is_strange(&self, connection: ConnectionId) -> bool {
        self.lists().met.get(&connection).is_some_and(|(_, strange)| *strange)
    }

    /// Somebody has come; says whether as one of the company.
    fn admits(&self, connection: ConnectionId, peer: PeerId) -> Result<bool, ConnectionDenied> {
        let mut lists = self.lists();
        let strange = !lists.has(&peer);
        let mixed = lists.met.values().any(|(other, was)| *other == peer && *was != strange);
        let strangers = lists.met.values().filter(|(_, strange)| *strange).count();
        if mixed || (strange && strangers >= lists.strangers_max) {
            return Err(ConnectionDenied::new(NotOfUs));
        }
        lists.met.insert(connection, (peer, strange));
        Ok(!strange)
    }

    /// Somebody has answered a dial.
    fn takes(&self, connection: ConnectionId, peer: PeerId) -> Result<(), ConnectionDenied> {
        let mut lists = self.lists();
        let sought = lists.sought.remove(&connection);
        let mixed = lists.met.values().any(|(other, strange)| *other == peer && *strange);
        if mixed || !(sought || lists.has(&peer)) {
            return Err(ConnectionDenied::new(NotOfUs));
        }
        lists.met.insert(connection, (peer, false));
        Ok(())
    }

    fn ends(&self, connection: ConnectionId) {
        let mut lists = self.lists();
        lists.sought.remove(&connection);
        lists.met.remove(&connection);
    }

    /// A poisoned lock means that another thread failed between two connections; both still hold.
    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lists {
    fn has(&self, peer: &PeerId) -> bool {
        let of = |only: &BTreeSet<NodeId>| node_id(peer).is_some_and(|node| only.contains(&node));
        self.only.as_ref().is_none_or(of)
    }
}

/// Returns the connection that an event is about, if it is about one.
fn connection(event: &FromSwarm<'_>) -> Option<ConnectionId> {
    match event {
        FromSwarm::ConnectionEstablished(ConnectionEstablished { connection_id, .. })
        | FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. })
        | FromSwarm::AddressChange(AddressChange { connection_id, .. }) => Some(*connection_id),
        _ => None,
    }
}

/// Returns the connection that is over, or was never made.
fn ended(event: &FromSwarm<'_>) -> Option<ConnectionId> {
    match event {
        FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. })
        | FromSwarm::ListenFailure(ListenFailure { connection_id, .. })
        | FromSwarm::DialFailure(DialFailure { connection_id, .. }) => Some(*connection_id),
        _ => None,
    }
}

/// Around the parts of the swarm that speak with the company alone.
impl<B: NetworkBehaviour> Around<B> for Company {
    fn comes(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
    ) -> Result<bool, ConnectionDenied> {
        self.admits(connection, peer)
    }

    fn answers(&mut self, connection: ConnectionId, peer: PeerId) -> Result<(), ConnectionDenied> {
        self.takes(connection, peer)
    }

    fn hides(&self, event: &FromSwarm<'_>) -> bool {
        connection(event).is_some_and(|connection| self.is_strange(connection))
    }

    fn hear(&mut self, part: &mut B, event: FromSwarm<'_>) {
        let ended = ended(&event);
        if !Around::<B>::hides(self, &event) {
            part.on_swarm_event(event);
        }
        ended.into_iter().for_each(|connection| self.ends(connection));
    }
}
