//! A peer that speaks the transport and keeps none of the rules.
//!
//! **Invariant:** what it says is the test's, byte for byte; nothing is put right on the way.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;
use weft_node::network::{NetworkClient, NetworkConfig, NetworkEvent, PeerStream, Protocol, spawn};
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;

use crate::cluster::Node;

/// How long meeting a node may take: many times what it needs alone.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node of a region with no engine behind it.
#[derive(Debug)]
pub struct Rogue {
    runtime: Runtime,
    network: NetworkClient,
    events: mpsc::Receiver<NetworkEvent>,
    region: Region,
    peer: NodeId,
}

impl Rogue {
    /// Connects to a node, and waits until it has said that it is in this region too.
    ///
    /// # Panics
    /// When they do not meet.
    pub fn meet(node: &Node, region: &str, seed: u8) -> Self {
        let runtime = Runtime::new().expect("the system gives threads");
        let region: Region = region.parse().expect("tests name regions rightly");
        let address = node.address().parse().expect("a node says its address");
        let config = NetworkConfig { regions: [region.clone()].into(), ..NetworkConfig::default() };
        let (network, mut events, peer) = runtime.block_on(async {
            let (network, mut events) = spawn(config, &[seed; 32]).expect("a network");
            network.dial(vec![address]).await;
            let joined = async {
                loop {
                    if let NetworkEvent::Joined { node, .. } = events.recv().await.expect("runs") {
                        return node;
                    }
                }
            };
            let peer = timeout(PATIENCE, joined).await.expect("the node is met");
            (network, events, peer)
        });
        // What the node says by itself is of no interest, and must not fill the queue.
        while events.try_recv().is_ok() {}
        Self { runtime, network, events, region, peer }
    }

    /// Sends these bytes to the region as gossip.
    pub fn gossip(&mut self, bytes: &[u8]) {
        self.runtime.block_on(self.network.publish(self.region.clone(), bytes.to_vec()));
        while self.events.try_recv().is_ok() {}
    }

    /// Opens a stream for reconciling, says these bytes, and waits until the node closes it.
    /// Returns whether there was a stream at all.
    ///
    /// # Panics
    /// When the node neither closes it nor answers for long.
    pub fn say(&mut self, bytes: &[u8]) -> bool {
        let said = async {
            let opened = self.network.open_stream(self.peer, Protocol::Sync).await;
            let Ok(mut stream) = opened else { return false };
            // A node may close while it is spoken to, or before.
            stream.write_all(bytes).await.ok();
            stream.flush().await.ok();
            stream.read_to_end(&mut Vec::new()).await.ok();
            true
        };
        let said = self.runtime.block_on(async { timeout(PATIENCE, said).await });
        while self.events.try_recv().is_ok() {}
        said.expect("a node closes what is no conversation")
    }

    /// Opens a stream for reconciling, says these bytes, and goes away in the middle.
    ///
    /// # Panics
    /// When there is no stream.
    pub fn break_off(&mut self, bytes: &[u8]) {
        self.runtime.block_on(async {
            let mut stream: PeerStream =
                self.network.open_stream(self.peer, Protocol::Sync).await.expect("a stream");
            stream.write_all(bytes).await.ok();
            stream.flush().await.ok();
            stream.shutdown().await.ok();
        });
    }
}
