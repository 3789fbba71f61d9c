//! What gossip names on its first connection with a node, named again when another has ended.
//!
//! Gossip names the regions of this node once. Where the other side was killed, or its line was cut, we may
//! still keep a connection that is dead, and the one that it makes after coming back is our second: it would
//! never hear where we are (rust-libp2p, issue 5097). That a connection was dead shows when it ends.
//!
//! **Invariant:** whenever one of several connections with a node ends, the node is told anew on what is left
//! (`reach_line::homes_that_lost_their_power_are_back_and_heard`).

use std::collections::BTreeMap;

use libp2p::PeerId;
use libp2p::core::ConnectedPoint;
use libp2p::swarm::behaviour::{ConnectionClosed, ConnectionEstablished};
use libp2p::swarm::{ConnectionId, FromSwarm, NetworkBehaviour};

use super::around::{Around, Within};

/// Knows which connections there are.
#[derive(Debug, Default)]
pub(super) struct Anew(BTreeMap<(PeerId, ConnectionId), ConnectedPoint>);

impl Anew {
    pub(super) fn of<B>(gossip: B) -> Within<Self, B> {
        Within::new(Self::default(), gossip)
    }

    /// Returns what is left of the connections with a node, if that is any.
    fn left(&self, peer: PeerId) -> Option<(ConnectionId, &ConnectedPoint)> {
        let mut all = self.0.iter().filter(|((of, _), _)| *of == peer);
        all.next().map(|((_, connection), endpoint)| (*connection, endpoint))
    }
}

impl<B: NetworkBehaviour> Around<B> for Anew {
    fn hear(&mut self, gossip: &mut B, event: FromSwarm<'_>) {
        gossip.on_swarm_event(event);
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            }) => drop(self.0.insert((peer_id, connection_id), endpoint.clone())),
            FromSwarm::ConnectionClosed(ConnectionClosed { peer_id, connection_id, .. }) => {
                self.0.remove(&(peer_id, connection_id));
                // As if what is left were the first.
                if let Some((connection_id, endpoint)) = self.left(peer_id) {
                    gossip.on_swarm_event(FromSwarm::ConnectionEstablished(
                        ConnectionEstablished {
                            peer_id,
                            connection_id,
                            endpoint,
                            failed_addresses: &[],
                            other_established: 0,
                        },
                    ));
                }
            }
            _ => {}
        }
    }
}
