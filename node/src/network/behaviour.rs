//! The parts of the swarm, and how they are put together.
//!
//! **Invariant:** limits and lists come first, so a connection they refuse reaches no other part.

use std::time::Duration;

use super::agent;
use super::anew::Anew;
use super::around::Within;
use super::company::Company;
use super::crowding::Crowding;
use super::dialling::{Dialling, Telling};
use super::gate::Gate;
use super::gossip::{self, Gossip, RegionFilter};
use super::host::Host;
use super::name::Address;
use super::names::Named;
use super::parting::Parting;
use super::probes::Sparing;
use super::pulse::Pulse;
use super::spread::Spread;
use super::streams::Protocol;
use super::substreams::Substreams;
use super::{NetworkConfig, Relaying, SpawnError};
use libp2p::BehaviourBuilderError as BehaviourError;
use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::{Transport as _, upgrade};
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{
    PeerId, Swarm, SwarmBuilder, autonat, dcutr, identify, mdns, memory_connection_limits, noise,
    quic, relay, tcp, yamux,
};

/// Connections that are still being made, each way: enough for a burst, little for a flood.
const PENDING_MAX: u32 = 64;
/// Connections beside those that others make: they remain for those we chose to dial, whoever knocks.
const OUTBOUND_MAX: u32 = 128;
/// Connections with one node: one each way when both dial at once, and one that replaces a dying one.
const PER_PEER_MAX: u32 = 3;
/// Streams of one connection: gossip, identify, ping and a few sessions need a dozen.
const STREAMS_MAX: usize = 128;
/// The same for QUIC, each way.
const QUIC_STREAMS_MAX: u32 = 128;
/// How long a connection without gossip or streams stays: gossip keeps only its mesh alive, and the
/// others must be there when the mesh is repaired.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// Nodes that may be reached through this one: those of a region, and no more than a small machine
/// keeps connections for.
const RESERVATIONS_MAX: usize = 64;
/// Connections that this node passes on at once: each costs two copies of every byte.
const CIRCUITS_MAX: usize = 32;
/// How long one is passed on: time for a member's command, or to catch up; then it is made anew.
const CIRCUIT_TIME: Duration = Duration::from_secs(15 * 60);
/// The bytes that one may carry: some 25 000 records, so that catching up goes on after a few breaks,
/// and nobody makes a tunnel of somebody else's node.
const CIRCUIT_BYTES: u64 = 16 << 20;

/// What asks others whether they reach this node.
type Probing = autonat::v2::client::Behaviour;

#[derive(NetworkBehaviour)]
pub(super) struct Parts {
    limits: connection_limits::Behaviour,
    crowding: Gate<Crowding>,
    pub(super) dialling: Gate<Dialling>,
    memory: memory_connection_limits::Behaviour,
    pub(super) blocked: allow_block_list::Behaviour<BlockedPeers>,
    mdns: Toggle<Within<Telling, mdns::tokio::Behaviour>>,
    talk: Within<Company, Talk>,
    pub(super) streams: Substreams,
}

/// The parts that speak with the company of this node alone.
#[derive(NetworkBehaviour)]
pub(super) struct Talk {
    identify: Within<Telling, identify::Behaviour>,
    pulse: Pulse,
    gossip: Within<Anew, Gossip>,
    relayed: relay::client::Behaviour,
    relays: Toggle<Within<Spread, relay::Behaviour>>,
    direct: Toggle<Within<Telling, dcutr::Behaviour>>,
    probes: Toggle<Within<Telling, Within<Sparing<Probing>, Probing>>>,
    probed: Toggle<autonat::v2::server::Behaviour>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Parts {
    fn new(
        config: &NetworkConfig,
        key: &Keypair,
        (filter, company): (RegionFilter, Company),
        relayed: relay::client::Behaviour,
    ) -> Result<Self, BoxError> {
        let inbound = config.traffic.inbound;
        let limits = ConnectionLimits::default()
            .with_max_pending_incoming(Some(PENDING_MAX))
            .with_max_pending_outgoing(Some(PENDING_MAX))
            .with_max_established_incoming(Some(inbound))
            .with_max_established(Some(inbound.saturating_add(OUTBOUND_MAX)))
            .with_max_established_per_peer(Some(PER_PEER_MAX));
        let mdns = if config.mdns { discovery(key) } else { None };
        let talk = Talk::new(config, key, filter, relayed)?;
        Ok(Self {
            limits: connection_limits::Behaviour::new(limits),
            crowding: Gate(Crowding::new(inbound)),
            dialling: Gate::default(),
            memory: super::memory::limit(),
            blocked: allow_block_list::Behaviour::default(),
            mdns: mdns.map(Telling::of_others).into(),
            talk: Within::new(company.clone(), talk),
            streams: Substreams::taking(&Protocol::ALL).within(company),
        })
    }

    /// Returns what gossips.
    pub(super) fn gossip(&self) -> &Gossip {
        &self.talk.part.gossip.part
    }

    /// Returns the hand that moves what gossips.
    pub(super) fn gossip_mut(&mut self) -> &mut Gossip {
        &mut self.talk.part.gossip.part
    }

    /// Returns the hand that moves what asks whether the others are still there.
    pub(super) fn pulse_mut(&mut self) -> &mut Pulse {
        &mut self.talk.part.pulse
    }
}

impl Talk {
    fn new(
        config: &NetworkConfig,
        key: &Keypair,
        filter: RegionFilter,
        relayed: relay::client::Behaviour,
    ) -> Result<Self, BoxError> {
        // No cache: whom to dial, and where, is for our own peer book to say.
        let identify =
            identify::Config::new_with_signed_peer_record(agent::PROTOCOL.to_owned(), key)
                .with_agent_version(agent::write(&config.regions))
                .with_hide_listen_addrs(config.hide_addresses)
                .with_cache_size(0);
        // A node that listens on this machine alone has nothing else to say.
        let mut places = config.listen.iter().map(Address::place);
        let here_alone = places.all(|place| Host::of(&place).is_here());
        let telling = if here_alone { Telling::of_all } else { Telling::of_others };
        let own = key.public().to_peer_id();
        let serves = config.relaying == Relaying::Serve;
        // Both tell others where we are, which a node that hides must not.
        let seeks = config.relaying != Relaying::Off && !config.hide_addresses;
        Ok(Self {
            identify: telling(identify::Behaviour::new(identify)),
            pulse: Pulse::new(config.jitter_seed),
            gossip: Anew::of(gossip::behaviour(filter, config.traffic.mesh)?),
            relayed,
            relays: serves.then(|| relays(own)).into(),
            direct: seeks.then(|| Telling::of_public(dcutr::Behaviour::new(own))).into(),
            probes: seeks.then(|| Telling::of_public(Sparing::of(Probing::default()))).into(),
            probed: serves.then(autonat::v2::server::Behaviour::default).into(),
        })
    }
}

/// The relay that this node is to others.
fn relays(own: PeerId) -> Within<Spread, relay::Behaviour> {
    let places = u32::try_from(RESERVATIONS_MAX).unwrap_or(u32::MAX);
    Spread::of(relay::Behaviour::new(own, relay_limits()), places)
}

/// What a node that relays gives at most, beside the library's own limits on how often one node or one
/// host may ask.
fn relay_limits() -> relay::Config {
    relay::Config {
        max_reservations: RESERVATIONS_MAX,
        max_reservations_per_peer: 2,
        max_circuits: CIRCUITS_MAX,
        max_circuits_per_peer: 4,
        max_circuit_duration: CIRCUIT_TIME,
        max_circuit_bytes: CIRCUIT_BYTES,
        ..relay::Config::default()
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

/// Puts the swarm of a node together.
pub(super) fn swarm(
    config: &NetworkConfig,
    (filter, company): (&RegionFilter, &Company),
    key: &Keypair,
) -> Result<Swarm<Parts>, SpawnError> {
    build(key, |relayed| Parts::new(config, key, (filter.clone(), company.clone()), relayed))
}

/// Puts a swarm together: TCP with Noise and Yamux, QUIC, names looked up by the system, circuits through
/// relays, and what is made of them.
pub(super) fn build<B: NetworkBehaviour>(
    key: &Keypair,
    parts: impl FnOnce(relay::client::Behaviour) -> Result<B, BoxError>,
) -> Result<Swarm<B>, SpawnError> {
    let muxer = || {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(STREAMS_MAX);
        Parting(config)
    };
    let refused = |e: noise::Error| SpawnError::Key(e.into());
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
        .upgrade(upgrade::Version::V1Lazy)
        .authenticate(noise::Config::new(key).map_err(refused)?)
        .multiplex(muxer())
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    let mut quic = quic::Config::new(key);
    quic.max_concurrent_stream_limit = QUIC_STREAMS_MAX;
    let quic = quic::tokio::Transport::new(quic)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    let both = Named::of_the_system(quic.or_transport(tcp).map(|either, _| either.into_inner()));
    let unsettled = |e: BehaviourError| SpawnError::Settings(e.into());
    let Ok(builder) = SwarmBuilder::with_existing_identity(key.clone())
        .with_tokio()
        .with_other_transport(move |_| both);
    let builder = builder.with_relay_client(noise::Config::new, muxer).map_err(refused)?;
    let builder = builder.with_behaviour(|_, relayed| parts(relayed)).map_err(unsettled)?;
    let idle = |swarm: libp2p::swarm::Config| swarm.with_idle_connection_timeout(IDLE_TIMEOUT);
    Ok(builder.with_swarm_config(idle).build())
}
