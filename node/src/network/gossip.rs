//! The settings of gossipsub, each with its reason.
//!
//! **Invariant:** only topics of regions this node is in are ever subscribed to, remembered of a peer,
//! or heard.
//! **Invariant:** records are signed, so gossip is not: a message names no author and no sequence.
//! **Invariant:** a message is passed on only after a verdict.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libp2p::gossipsub::{
    self, ConfigBuilder, ConfigBuilderError, DataTransform, IdentTopic, Message, MessageId,
    PeerScoreParams, PeerScoreThresholds, RawMessage, TopicHash, TopicScoreParams,
    TopicSubscriptionFilter, ValidationMode, score_parameter_decay,
};
use sha2::{Digest, Sha256};
use weft_protocol::region::Region;

use super::VERDICT_DEADLINE;

/// The most bytes of one gossip message. What travels is at most 64 KiB with the topic and the
/// transport's own fields, for which 1 KiB is left.
pub const GOSSIP_BYTES_MAX: usize = TRANSMIT_BYTES_MAX - 1024;

/// The most bytes of one transmission: three records of the largest size, or a hundred of the usual.
/// Larger, and one message holds up a mesh link for too long.
const TRANSMIT_BYTES_MAX: usize = 64 * 1024;

/// What the transport is told instead. libp2p-gossipsub 0.50.1 holds against this number all that
/// it has read (rust-libp2p #6491), and not only the message before it: a long message with the beginning of the next behind
/// it then breaks the stream, and what follows is lost without a word. It reads at most 8 KiB ahead;
/// [`SizeCheck`] keeps messages themselves to their size.
const BUFFER_BYTES_MAX: usize = 2 * TRANSMIT_BYTES_MAX;

/// How long a message that was seen is not taken again. Replays of older ones are told by the store.
const SEEN_FOR: Duration = Duration::from_secs(600);

/// The time between two repairs of the mesh; the verdict's deadline is a whole number of them.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Invalid messages count for six hours: long enough that waiting them out does not pay.
const INVALID_DECAY: Duration = Duration::from_secs(6 * 3600);

/// The score of a single invalid message, squared in their number: with a topic's weight of one half,
/// nine cross the gossip threshold and eighteen make the sender unheard.
const INVALID_WEIGHT: f64 = -100.0;

pub(super) type Gossip = gossipsub::Behaviour<SizeCheck, RegionFilter>;

/// Returns the topic of a region.
pub(super) fn topic(region: &Region) -> IdentTopic {
    IdentTopic::new(format!("{TOPIC_PREFIX}{region}"))
}

/// Returns the region of a topic, or `None` when it is none of Weft's.
pub(super) fn region(topic: &TopicHash) -> Option<Region> {
    topic.as_str().strip_prefix(TOPIC_PREFIX)?.parse().ok()
}

const TOPIC_PREFIX: &str = "/weft/1/";

pub(super) fn behaviour(filter: RegionFilter, mesh: u8) -> Result<Gossip, &'static str> {
    let config = config(mesh).map_err(|_| "the mesh's numbers do not fit each other")?;
    let mut gossip = Gossip::new_with_subscription_filter_and_transform(
        gossipsub::MessageAuthenticity::Anonymous,
        config,
        filter,
        SizeCheck,
    )?;
    gossip
        .with_peer_score(score_params(), score_thresholds())
        .map_err(|_| "the score's numbers do not fit each other")?;
    Ok(gossip)
}

/// A mesh of four, because a delivery then costs 4.2 times its payload instead of the defaults' 7.4 to
/// 9.1, at the same latency (three saves more, and costs a second of latency at times). A cluster of
/// two to five nodes is a full mesh, and what the mesh lacks a publish fills with any peer of the
/// region. One of the mesh is always of our own choice, so that who knocks is never all of it.
fn config(mesh: u8) -> Result<gossipsub::Config, ConfigBuilderError> {
    let mesh = usize::from(mesh.clamp(2, 12));
    ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(message_id)
        .max_transmit_size(BUFFER_BYTES_MAX)
        .duplicate_cache_time(SEEN_FOR)
        .heartbeat_interval(HEARTBEAT)
        .heartbeat_initial_delay(HEARTBEAT)
        .history_length(heartbeats(VERDICT_DEADLINE))
        .history_gossip(10)
        .mesh_n(mesh)
        .mesh_n_low(mesh - 1)
        .mesh_n_high(mesh + mesh / 2)
        .mesh_outbound_min(1)
        .flood_publish(false)
        .build()
}

fn heartbeats(time: Duration) -> usize {
    usize::try_from(time.as_secs() / HEARTBEAT.as_secs()).unwrap_or(usize::MAX)
}

/// Names a message by what it says and where, so that two relays of the same bytes are one message.
pub(super) fn message_id(message: &Message) -> MessageId {
    let hash = Sha256::new()
        .chain_update(message.topic.as_str())
        .chain_update([0])
        .chain_update(&message.data)
        .finalize();
    MessageId::from(hash.to_vec())
}

/// Strict for rare traffic: nothing is expected of a quiet peer (P3 and P3b off), what is earned is
/// small, what is broken costs much.
pub(super) fn topic_score() -> TopicScoreParams {
    TopicScoreParams {
        topic_weight: 0.5,
        time_in_mesh_weight: 10.0 / 3600.0,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 3600.0,
        first_message_deliveries_weight: 1.0,
        first_message_deliveries_decay: score_parameter_decay(Duration::from_secs(3600)),
        first_message_deliveries_cap: 40.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: INVALID_WEIGHT,
        invalid_message_deliveries_decay: score_parameter_decay(INVALID_DECAY),
        ..TopicScoreParams::default()
    }
}

fn score_params() -> PeerScoreParams {
    PeerScoreParams {
        topic_score_cap: 100.0,
        app_specific_weight: 1.0,
        // Nine nodes behind one address are a crowd, save on this machine, where tests and demos are.
        ip_colocation_factor_weight: -50.0,
        ip_colocation_factor_threshold: 8.0,
        ip_colocation_factor_whitelist: HashSet::from([
            Ipv4Addr::LOCALHOST.into(),
            Ipv6Addr::LOCALHOST.into(),
        ]),
        behaviour_penalty_weight: -16.0,
        behaviour_penalty_threshold: 6.0,
        behaviour_penalty_decay: score_parameter_decay(Duration::from_secs(3600)),
        slow_peer_weight: -10.0,
        slow_peer_threshold: 2.0,
        // A counter below this is forgotten: an invalid message must stay above it for hours.
        decay_to_zero: 0.01,
        ..PeerScoreParams::default()
    }
}

fn score_thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -4_000.0,
        publish_threshold: -8_000.0,
        graylist_threshold: -16_000.0,
        accept_px_threshold: 100.0,
        opportunistic_graft_threshold: 5.0,
    }
}

/// Refuses a message by its size before anything is computed of it, and holds it against the sender.
#[derive(Debug, Clone, Copy)]
pub(super) struct SizeCheck;

impl SizeCheck {
    pub(super) fn allows(bytes: &[u8]) -> bool {
        (1..=GOSSIP_BYTES_MAX).contains(&bytes.len())
    }
}

impl DataTransform for SizeCheck {
    fn inbound_transform(&self, raw: RawMessage) -> Result<Message, io::Error> {
        if !Self::allows(&raw.data) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let RawMessage { source, data, sequence_number, topic, .. } = raw;
        Ok(Message { source, data, sequence_number, topic })
    }

    fn outbound_transform(&self, _: &TopicHash, data: Vec<u8>) -> Result<Vec<u8>, io::Error> {
        if Self::allows(&data) { Ok(data) } else { Err(io::ErrorKind::InvalidData.into()) }
    }
}

/// The regions this node is in; shared, because gossipsub keeps its filter to itself.
#[derive(Debug, Clone, Default)]
pub(super) struct RegionFilter(Arc<Mutex<BTreeSet<TopicHash>>>);

impl RegionFilter {
    /// Lets a region in and says whether it is new.
    pub(super) fn insert(&self, region: &Region) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(topic(region).hash())
    }

    /// Says whether we are in a region.
    pub(super) fn holds(&self, region: &Region) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&topic(region).hash())
    }

    pub(super) fn remove(&self, region: &Region) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&topic(region).hash())
    }
}

impl TopicSubscriptionFilter for RegionFilter {
    fn can_subscribe(&mut self, topic: &TopicHash) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Traffic;
    use super::*;

    #[test]
    fn a_topic_names_its_region() {
        let bristol: Region = "gb-bristol".parse().unwrap();
        assert_eq!(topic(&bristol).hash().as_str(), "/weft/1/gb-bristol");
        assert_eq!(region(&topic(&bristol).hash()), Some(bristol));
        assert_eq!(region(&IdentTopic::new("/weft/2/gb-bristol").hash()), None);
    }

    #[test]
    fn the_numbers_of_the_mesh_and_of_the_score_fit_each_other() {
        for mesh in 0..=u8::MAX {
            let c = config(mesh).unwrap();
            assert!(c.mesh_outbound_min() <= c.mesh_n_low() && c.mesh_n_low() <= c.mesh_n());
            assert!(c.mesh_n() <= c.mesh_n_high() && 2 * c.mesh_outbound_min() <= c.mesh_n());
        }
        let usual = config(Traffic::default().mesh).unwrap();
        assert_eq!((usual.mesh_n_low(), usual.mesh_n(), usual.mesh_n_high()), (3, 4, 6));
        score_params().validate().unwrap();
        topic_score().validate().unwrap();
        score_thresholds().validate().unwrap();
    }

    #[test]
    fn a_message_is_named_by_topic_and_bytes() {
        let topic = topic(&"us-wa".parse().unwrap()).hash();
        let message = Message { source: None, data: vec![1, 2], sequence_number: None, topic };
        let hash = Sha256::digest(b"/weft/1/us-wa\0\x01\x02");
        assert_eq!(message_id(&message).0, hash.to_vec());
    }
}
