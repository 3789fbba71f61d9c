//! The parts of the swarm, and how they are put together.
//!
//! **Invariant:** limits and lists come first, so a connection they refuse reaches no other part.

use std::time::Duration;

use super::gossip::{self, Gossip, RegionFilter};
use super::name::peer_id;
use super::{NetworkConfig, SpawnError};
use libp2p::allow_block_list::{self, AllowedPeers, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::dns::{ResolverConfig, ResolverOpts};
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{
    Swarm, SwarmBuilder, identify, mdns, memory_connection_limits, noise, ping, tcp, yamux,
};

/// Connections that are still being made, each way: enough for a burst, little for a flood.
const PENDING_MAX: u32 = 64;
/// Connections that others made: a region's nodes, and no more than a small machine carries.
const INBOUND_MAX: u32 = 256;
/// All connections: 128 remain for those we chose to dial, whoever knocks.
const ESTABLISHED_MAX: u32 = 384;
/// Connections with one node: one each way when both dial at once, and one that replaces a dying one.
const PER_PEER_MAX: u32 = 3;
/// The part of the machine's memory beyond which this process takes no more connections.
const MEMORY_PART_MAX: f64 = 0.9;
/// Streams of one connection: gossip, identify, ping and a few sessions need a dozen.
const STREAMS_MAX: usize = 128;
/// The same for QUIC, each way.
const QUIC_STREAMS_MAX: u32 = 128;
/// How long a connection without gossip or streams stays: gossip keeps only its mesh alive, and the
/// others must be there when the mesh is repaired.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// What a node says of itself to whoever connects: the name of the protocol, and nothing of the
/// version, the system or the operator.
const AGENT: &str = "weft/1";

#[derive(NetworkBehaviour)]
pub(super) struct Parts {
    limits: connection_limits::Behaviour,
    memory: memory_connection_limits::Behaviour,
    pub(super) blocked: allow_block_list::Behaviour<BlockedPeers>,
    allowed: Toggle<allow_block_list::Behaviour<AllowedPeers>>,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(super) gossip: Gossip,
    mdns: Toggle<mdns::tokio::Behaviour>,
    pub(super) streams: libp2p_stream::Behaviour,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Parts {
    fn new(config: &NetworkConfig, key: &Keypair, filter: RegionFilter) -> Result<Self, BoxError> {
        let limits = ConnectionLimits::default()
            .with_max_pending_incoming(Some(PENDING_MAX))
            .with_max_pending_outgoing(Some(PENDING_MAX))
            .with_max_established_incoming(Some(INBOUND_MAX))
            .with_max_established(Some(ESTABLISHED_MAX))
            .with_max_established_per_peer(Some(PER_PEER_MAX));
        let mut blocked = allow_block_list::Behaviour::<BlockedPeers>::default();
        for node in &config.access.blocked {
            blocked.block_peer(peer_id(*node));
        }
        let allowed = config.access.allowed.as_ref().map(|nodes| {
            let mut list = allow_block_list::Behaviour::<AllowedPeers>::default();
            for node in nodes {
                list.allow_peer(peer_id(*node));
            }
            list
        });
        let mdns = if config.mdns { discovery(key) } else { None };
        // No cache: whom to dial, and where, is for our own peer book to say.
        let identify = identify::Config::new_with_signed_peer_record(AGENT.to_owned(), key)
            .with_agent_version(AGENT.to_owned())
            .with_hide_listen_addrs(config.hide_addresses)
            .with_cache_size(0);
        Ok(Self {
            limits: connection_limits::Behaviour::new(limits),
            memory: memory_connection_limits::Behaviour::with_max_percentage(MEMORY_PART_MAX),
            blocked,
            allowed: allowed.into(),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::default(),
            gossip: gossip::behaviour(filter)?,
            mdns: mdns.into(),
            streams: libp2p_stream::Behaviour::new(),
        })
    }
}

/// Looks for nodes on the local network, if the machine can; one that cannot still has its addresses.
fn discovery(key: &Keypair) -> Option<mdns::tokio::Behaviour> {
    let found = mdns::tokio::Behaviour::new(mdns::Config::default(), key.public().to_peer_id());
    if let Err(error) = &found {
        tracing::warn!(kind = ?error.kind(), "nodes of the local network cannot be looked for");
    }
    found.ok()
}

/// Puts the swarm together: TCP with Noise and Yamux, QUIC, and names looked up by DNS.
///
/// A machine that knows no name server, such as a laptop on a network of its own, runs without names.
pub(super) fn swarm(
    config: &NetworkConfig,
    filter: &RegionFilter,
    key: &Keypair,
) -> Result<Swarm<Parts>, SpawnError> {
    let muxer = || {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(STREAMS_MAX);
        config
    };
    let transports = || {
        let tcp = tcp::Config::default().nodelay(true);
        let builder = SwarmBuilder::with_existing_identity(key.clone()).with_tokio();
        let builder = builder.with_tcp(tcp, noise::Config::new, muxer)?;
        Ok(builder.with_quic_config(|mut quic| {
            quic.max_concurrent_stream_limit = QUIC_STREAMS_MAX;
            quic
        }))
    };
    let transports = || transports().map_err(|e: noise::Error| SpawnError::Key(e.into()));
    let parts = Parts::new(config, key, filter.clone()).map_err(SpawnError::Settings)?;
    let idle = |swarm: libp2p::swarm::Config| swarm.with_idle_connection_timeout(IDLE_TIMEOUT);
    if let Ok(builder) = transports()?.with_dns() {
        let Ok(builder) = builder.with_behaviour(|_| parts);
        return Ok(builder.with_swarm_config(idle).build());
    }
    tracing::warn!("no name server is configured: addresses with host names are not dialled");
    let builder = transports()?.with_dns_config(ResolverConfig::default(), ResolverOpts::default());
    let Ok(builder) = builder.with_behaviour(|_| parts);
    Ok(builder.with_swarm_config(idle).build())
}
