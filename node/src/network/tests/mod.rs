//! Real swarms on 127.0.0.1, each on a free port.
//!
//! **Invariant:** tests wait for events, never for time; what does not come within [`PATIENCE`] fails.

mod company;
mod crowd;
mod gossip;
mod log;
mod meeting;
mod probing;
mod rogue;
mod stream;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;

use super::{
    Address, GossipVerdict, NetworkClient, NetworkConfig, NetworkEvent, PublishFailure, spawn,
};

/// Far above what anything here takes, on a slow machine that does other work as well.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn region() -> Region {
    "gb-bristol".parse().unwrap()
}

pub(super) fn anywhere() -> Address {
    "/ip4/127.0.0.1/tcp/0".parse().unwrap()
}

pub(super) fn config() -> NetworkConfig {
    NetworkConfig {
        listen: vec![anywhere()],
        regions: [region()].into(),
        ..NetworkConfig::default()
    }
}

/// A node of the test's region, and what it tells.
pub(super) struct Host {
    client: NetworkClient,
    events: mpsc::Receiver<NetworkEvent>,
    /// Where it listens, if it does.
    address: Option<Address>,
}

impl Host {
    /// Starts a node and waits until it listens.
    pub(super) async fn start(seed: u8, config: NetworkConfig) -> Self {
        let listens = !config.listen.is_empty();
        let jitter_seed = u64::from(seed);
        let config = NetworkConfig { jitter_seed, ..config };
        let (client, events) = spawn(config, &[seed; 32]).unwrap();
        let mut host = Self { client, events, address: None };
        if listens {
            let listening = host.until(|event| match event {
                NetworkEvent::Listening { address } => Some(address),
                _ => None,
            });
            host.address = Some(listening.await);
        }
        host
    }

    pub(super) fn node(&self) -> NodeId {
        self.client.node()
    }

    pub(super) fn address(&self) -> Address {
        self.address.clone().unwrap()
    }

    pub(super) async fn dial(&self, other: &Self) {
        self.client.dial(vec![other.address()]).await;
    }

    /// Waits for an event that is looked for; others are passed over.
    pub(super) async fn until<T>(&mut self, mut found: impl FnMut(NetworkEvent) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the network runs");
                if let Some(found) = found(event) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, search).await.expect("what the test waits for happens")
    }

    /// Waits until gossip reaches a node.
    pub(super) async fn joined(&mut self, other: NodeId) {
        let joined = |event| matches!(event, NetworkEvent::Joined { node, .. } if node == other);
        self.until(|event| joined(event).then_some(())).await;
    }

    pub(super) async fn disconnected(&mut self, other: NodeId) {
        let gone = |event| matches!(event, NetworkEvent::Disconnected { node } if node == other);
        self.until(|event| gone(event).then_some(())).await;
    }

    pub(super) async fn publish(&self, bytes: &[u8]) {
        self.client.publish(region(), bytes.to_vec()).await;
    }

    /// Waits for a message with these bytes, and judges whatever comes.
    pub(super) async fn receive(&mut self, wanted: &[u8], verdict: GossipVerdict) -> NodeId {
        let client = self.client.clone();
        let (token, from) = self
            .until(|event| match event {
                NetworkEvent::Gossip { token, from, bytes, .. } if *bytes == *wanted => {
                    Some((token, from))
                }
                NetworkEvent::PublishFailed { reason, .. } => panic!("not published: {reason:?}"),
                _ => None,
            })
            .await;
        client.judge(token, verdict).await;
        from
    }

    /// Waits until no more events can come.
    pub(super) async fn ended(&mut self) {
        let drain = async { while self.events.recv().await.is_some() {} };
        timeout(PATIENCE, drain).await.expect("the network ends");
    }

    pub(super) async fn failure(&mut self) -> PublishFailure {
        self.until(|event| match event {
            NetworkEvent::PublishFailed { reason, .. } => Some(reason),
            _ => None,
        })
        .await
    }
}

/// Two nodes that gossip with each other.
pub(super) async fn pair() -> (Host, Host) {
    let (mut alice, mut bob) = (Host::start(1, config()).await, Host::start(2, config()).await);
    alice.dial(&bob).await;
    let (a, b) = (alice.node(), bob.node());
    tokio::join!(alice.joined(b), bob.joined(a));
    (alice, bob)
}
