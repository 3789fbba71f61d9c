//! The network: the only room that names libp2p.
//!
//! [`spawn`] starts one task that owns the swarm and gives back a [`NetworkClient`] to move it and a
//! stream of [`NetworkEvent`]s. Read `event.rs` and `client.rs` for what passes in and out, `task.rs`
//! for how, `gossip.rs` for the settings of gossipsub and their reasons.
//!
//! **Invariant:** the task never waits for anything but its queues: no disk, no signature, no reader.
//! **Invariant:** every queue is bounded. When the reader of events is slow, gossip is dropped and
//! inbound streams are refused; what says who is connected is kept, and nothing more is taken from the
//! swarm until it is read.
//! **Invariant:** no log line of this room holds an address. Those of the crates below it do: whoever keeps a
//! log lets our own rooms alone speak in it.

mod agent;
mod anew;
mod around;
mod behaviour;
mod book;
mod book_file;
mod cards;
mod client;
mod company;
mod crowding;
mod dialling;
mod event;
mod gate;
mod gossip;
mod half;
mod hear;
mod host;
mod listen;
mod memory;
mod name;
mod names;
mod obey;
mod outbox;
mod outside;
mod parting;
mod probes;
mod pulse;
mod reach;
mod spread;
mod strangers;
mod streams;
mod substreams;
mod target;
mod task;
#[cfg(test)]
mod tests;
mod trouble;
mod unheard;
mod visit;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use libp2p::identity::Keypair;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use weft_protocol::control::Missed;
use weft_protocol::id::NodeId;
use weft_protocol::key::SecretKey;
use weft_protocol::region::Region;

use company::Company;
use listen::Listeners;

pub use book_file::BookFile;
pub(crate) use cards::leading_here;
pub use client::{NetworkClient, Peer};
pub use event::{Direction, GossipToken, GossipVerdict, NetworkEvent, PublishFailure};
pub use gossip::GOSSIP_BYTES_MAX;
pub use host::Neighbourhood;
pub use listen::can_listen;
pub use name::{Address, Nearness, ParseAddressError, parse_peer, peer_text};
pub use streams::{OpenStreamError, PeerStream, Protocol};
pub use trouble::{Entries, Trial};
pub use visit::{Visit, VisitError};

/// How long gossip waits for its verdict: gossipsub keeps a message for 30 heartbeats of one second,
/// and a later verdict neither passes it on nor counts against anybody.
pub const VERDICT_DEADLINE: Duration = Duration::from_secs(30);

/// How long opening a stream may take: several round trips over a bad link, and short enough that a
/// node which never answers does not hold up a round of reconciliation.
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The events that wait for their reader. At 64 KiB a message, a full queue of gossip is 32 MiB.
const EVENTS_WAITING_MAX: usize = 512;

/// The gossip of one node that awaits its verdict: half the queue, so that one that floods leaves room
/// for the others.
const UNJUDGED_PER_PEER_MAX: usize = EVENTS_WAITING_MAX / 2;

/// The commands that wait for the task, which reads them at once; this much evens out a burst.
const COMMANDS_WAITING_MAX: usize = 256;

/// What the network is to do.
#[derive(Debug, Clone, Default)]
pub struct NetworkConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: Vec<Address>,
    /// Nodes to stay connected with. A dead one delays nothing.
    pub bootstrap: Vec<Address>,
    /// The regions to be in from the start.
    pub regions: BTreeSet<Region>,
    /// Whether to announce this node on the local network and listen to others there.
    pub mdns: bool,
    /// Whether to keep this node's addresses from the peers it meets.
    pub hide_addresses: bool,
    /// What relays are to this node.
    pub relaying: Relaying,
    /// Whether it speaks, from the start, with those alone that it was told of; see
    /// [`NetworkClient::admit`].
    pub closed: bool,
    /// Where to remember nodes that were met, or nowhere.
    pub peers_file: Option<PathBuf>,
    /// How much of the network to take part in.
    pub traffic: Traffic,
    /// The seed of the jitter between dials: any number that other nodes do not share.
    pub jitter_seed: u64,
}

/// How much of the network a node takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// The most connections that others make. Beside them there is always room for 128 that we make, so
    /// nobody who knocks keeps us from those we choose.
    pub inbound: u32,
    /// How many connected nodes are enough. Configured ones, and the first four of our own choice, are
    /// dialled beyond it.
    pub nodes: u32,
    /// With how many nodes of a region gossip is exchanged at once, 2 to 12: each more costs another
    /// copy of every message.
    pub mesh: u8,
}

impl Default for Traffic {
    /// A region's nodes, and no more than a small machine carries; the mesh needs six of them, and
    /// reconciling some choice beyond that; a mesh of four for the reason given in `gossip.rs`.
    fn default() -> Self {
        Self { inbound: 256, nodes: 16, mesh: 4 }
    }
}

/// What relays are to a node: nodes through which others are reached that nobody can dial directly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relaying {
    /// Nothing, apart from dialling others through them when an address says so.
    #[default]
    Off,
    /// Find out whether others can reach this node, and if not be reached through a connected node
    /// that relays, until both have found a direct way.
    Use,
    /// Also be a relay to others, within strict limits, and tell them where they can be reached: for a
    /// node that everybody can reach where it listens.
    Serve,
}

/// The network could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The seed is not that of an Ed25519 key, or the transport did not take it.
    #[error("the node's key is of no use to the transport")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The settings of gossip or discovery were refused.
    #[error("the network's settings do not hold together")]
    Settings(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It was told to listen, and can do so nowhere.
    #[error("nothing is left of where the node was told to listen")]
    Listen(Vec<Missed>),
}

/// Starts the network and returns the hand that moves it and what it tells. The seed is that of the
/// node's own Ed25519 key. Must be called within a Tokio runtime.
///
/// # Errors
/// See [`SpawnError`]; nothing is left running.
pub fn spawn(
    config: NetworkConfig,
    seed: &[u8; 32],
) -> Result<(NetworkClient, mpsc::Receiver<NetworkEvent>), SpawnError> {
    let key = Keypair::ed25519_from_bytes(*seed).map_err(|e| SpawnError::Key(e.into()))?;
    let node = NodeId::from(SecretKey::from_seed(seed).public());
    let filter = gossip::RegionFilter::default();
    let company = Company::new(config.traffic.inbound);
    let mut swarm = behaviour::swarm(&config, (&filter, &company), &key)?;
    let listeners = Listeners::open(&mut swarm, &config.listen);
    if !config.listen.is_empty() && !listeners.any() {
        return Err(SpawnError::Listen(listeners.missed()));
    }
    let (commands, inbox) = mpsc::channel(COMMANDS_WAITING_MAX);
    let (events, outbox) = mpsc::channel(EVENTS_WAITING_MAX);
    let parts = (swarm, filter, company, listeners);
    tokio::spawn(task::Task::new(node, config, parts, events).run(inbox));
    Ok((NetworkClient { node, commands }, outbox))
}
