//! A peer that speaks the transport and keeps none of the rules.
//!
//! **Invariant:** what it says is the test's, byte for byte; nothing is put right on the way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;
use weft_node::frame::Framed;
use weft_node::network::{NetworkClient, NetworkConfig, NetworkEvent, PeerStream, Protocol, spawn};
use weft_protocol::id::{NodeId, RecordId};
use weft_protocol::record::Record;
use weft_protocol::region::Region;
use weft_protocol::sync::{
    Answer, Frame, Holding, Intake, Key, NONCE_BYTES, Opening, Output, Scope, Session, Set, Source,
    Stats, SyncError,
};
use weft_protocol::time::Timestamp;

use crate::cluster::Node;

/// How long meeting a node may take: many times what it needs alone.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a rogue claims to have, and the little that it has of it.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    keys: Vec<Key>,
    records: BTreeMap<RecordId, Arc<[u8]>>,
}

impl Claims {
    /// Claims these records, which it has.
    pub fn of(records: &[Record]) -> Self {
        let key = |record: &Record| {
            let until = record.header().until;
            let until = if until == Timestamp::NEVER { Key::NEVER } else { until.as_secs() };
            Key { until, id: record.id() }
        };
        let bytes = |record: &Record| (record.id(), record.bytes().clone());
        Self {
            keys: records.iter().map(key).collect(),
            records: records.iter().map(bytes).collect(),
        }
    }

    /// Claims so many records that nobody ever signed.
    pub fn phantoms(count: usize) -> Self {
        let key = |n: u64| {
            let mut id = [0x5a; 32];
            // Spread as evenly as hashes are.
            id[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            Key { until: Key::NEVER, id: RecordId(id) }
        };
        Self { keys: (0..).take(count).map(key).collect(), records: BTreeMap::new() }
    }
}

impl Source for Claims {
    fn bytes(&mut self, id: &RecordId) -> Answer {
        self.records.get(id).cloned().map_or(Answer::Gone, Answer::Bytes)
    }
}

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

    /// Opens so many streams for reconciling, as far as they are taken, says these bytes on each and
    /// then no more. The streams stay open for as long as what is returned is kept.
    pub fn hold(&mut self, streams: usize, bytes: &[u8]) -> Vec<PeerStream> {
        let held = async {
            let mut held = Vec::new();
            for _ in 0..streams {
                let opened = self.network.open_stream(self.peer, Protocol::Sync).await;
                let Ok(mut stream) = opened else { break };
                stream.write_all(bytes).await.ok();
                stream.flush().await.ok();
                held.push(stream);
            }
            held
        };
        self.runtime.block_on(held)
    }

    /// Reconciles with the node as the one who asks, by the rules, over what it claims to have.
    ///
    /// # Errors
    /// How the conversation ended, when it did not go well.
    ///
    /// # Panics
    /// When there is no stream, or no end of it.
    pub fn reconcile(&mut self, now: Timestamp, claims: Claims) -> Result<Stats, SyncError> {
        let (session, hello) = Session::open(self.opening(now, &claims))?;
        let talk = async {
            let opened = self.network.open_stream(self.peer, Protocol::Sync).await;
            let stream = opened.expect("a node takes a stream");
            converse(stream, (session, hello), now, claims).await
        };
        self.runtime.block_on(async { timeout(PATIENCE, talk).await }).expect("it ends")
    }

    /// Waits until the node reconciles with it, and answers by the rules, over what it claims to have.
    ///
    /// # Errors
    /// How the conversation ended, when it did not go well.
    ///
    /// # Panics
    /// When the node asks for none, or does not end it.
    pub fn answer(&mut self, now: Timestamp, claims: Claims) -> Result<Stats, SyncError> {
        let session = Session::accept(self.opening(now, &claims));
        let talk = async {
            let stream = loop {
                let event = self.events.recv().await.expect("the network runs");
                if let NetworkEvent::Stream { protocol: Protocol::Sync, stream, .. } = event {
                    break stream;
                }
            };
            converse(stream, (session, Vec::new()), now, claims).await
        };
        self.runtime.block_on(async { timeout(PATIENCE, talk).await }).expect("it ends")
    }

    fn opening(&self, now: Timestamp, claims: &Claims) -> Opening {
        let set: Set = claims.keys.iter().copied().collect();
        let holding = Holding { set: set.snapshot(), ..Holding::default() };
        let holdings = [(Scope::Region(self.region.clone()), holding)].into();
        Opening { now, nonce: [6; NONCE_BYTES], intake: Intake::ORDINARY, holdings, salt: None }
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

/// Leads a conversation to its end, and throws away what it is given.
async fn converse(
    stream: PeerStream,
    (mut session, first): (Session, Vec<Output>),
    now: Timestamp,
    mut claims: Claims,
) -> Result<Stats, SyncError> {
    let mut stream = Framed::new(stream);
    let mut todo: VecDeque<Output> = first.into();
    loop {
        while let Some(output) = todo.pop_front() {
            match output {
                // A node that hangs up is noticed when there is nothing more to read.
                Output::Send(frame) => drop(stream.send(frame.encode().into()).await),
                Output::Deliver(_, bytes) => todo.extend(session.credit(now, bytes.len())),
                Output::Progress(_)
                | Output::Clock(_)
                | Output::Hashed(_)
                | Output::Answered(_) => {}
                Output::Finished(stats) => return Ok(stats),
                Output::Failed(error) => return Err(error),
            }
        }
        let Ok(Some(bytes)) = stream.recv().await else { return Err(SyncError::Silent) };
        let frame = Frame::decode(&bytes).map_err(SyncError::from)?;
        todo.extend(session.handle(now, frame, &mut claims));
    }
}
