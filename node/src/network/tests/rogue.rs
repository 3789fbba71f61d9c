//! Peers that speak the transport's own protocols byte by byte, and wrongly: one test for each fault
//! that other nodes of this family have had.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::{Ready, ready};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::core::muxing::{StreamMuxer, StreamMuxerEvent};
use libp2p::core::transport::{DialOpts, PortUse};
use libp2p::core::upgrade::{
    InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo, Version,
};
use libp2p::core::{Endpoint, Negotiated, Transport};
use libp2p::identity::Keypair;
use libp2p::{StreamProtocol, Swarm, SwarmBuilder, noise, tcp, yamux};

use super::super::gossip::topic;
use super::super::name::peer_id;
use super::*;

/// A field of bytes or of an embedded message, as protobuf writes it.
pub(super) fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(bytes.len() as u64), bytes].concat()
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(u8::try_from(n & 0x7f).unwrap() | 0x80);
        n >>= 7;
    }
    bytes.push(u8::try_from(n).unwrap());
    bytes
}

pub(super) fn framed(rpc: &[u8]) -> Vec<u8> {
    [varint(rpc.len() as u64), rpc.to_vec()].concat()
}

/// Everything that the control messages of gossip may say too much of, each message small enough to be
/// read to its end; the last two are not.
fn floods() -> Vec<Vec<u8>> {
    let ours = topic(&region()).hash().as_str().to_owned();
    let strange = |n: usize| format!("/weft/1/nowhere-{n}").into_bytes();
    let many = |one: &dyn Fn(usize) -> Vec<u8>| -> Vec<u8> { (0..100).flat_map(one).collect() };
    let control = |messages: &[u8]| framed(&field(3, messages));
    let prune = |topic: &[u8], backoff: u64| {
        field(4, &[field(1, topic), vec![3 << 3], varint(backoff)].concat())
    };
    let mut floods =
        vec![framed(&field(1, &[&[1 << 3, 1][..], &field(2, ours.as_bytes())].concat()))];
    for round in 0..100 {
        let n = |i| round * 100 + i;
        floods.push(framed(&many(&|i| {
            field(1, &[vec![1 << 3, 1], field(2, &strange(n(i)))].concat())
        })));
        floods.push(control(&many(&|i| field(3, &field(1, &strange(n(i)))))));
        floods.push(control(&many(&|i| prune(&strange(n(i)), u64::MAX))));
        floods.push(control(&many(&|i| {
            field(1, &[field(1, ours.as_bytes()), field(2, &n(i).to_be_bytes().repeat(2))].concat())
        })));
        floods.push(control(&many(&|i| field(2, &field(1, &n(i).to_be_bytes().repeat(2))))));
    }
    for backoff in [0, 1, i64::MAX as u64 - 80, i64::MAX as u64, u64::MAX - 1, u64::MAX] {
        floods.push(control(&field(3, &field(1, ours.as_bytes()))));
        floods.push(control(&prune(ours.as_bytes(), backoff)));
    }
    floods.push(control(&[0xff; 1000]));
    floods.push(varint(u64::MAX));
    floods
}

/// Says that two nodes still gossip with each other, and that the attacked one still answers.
async fn unharmed(alice: &mut Host, bob: &mut Host, word: &str) {
    bob.publish(word.as_bytes()).await;
    alice.receive(word.as_bytes(), GossipVerdict::Accept).await;
    assert!(alice.client.peers().await.iter().any(|peer| peer.node == bob.node()));
}

/// Makes somebody who speaks nothing but what a test lets them say.
pub(super) fn stranger() -> Swarm<libp2p_stream::Behaviour> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| libp2p_stream::Behaviour::new())
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
        .build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_gossips_control_messages_harm_nobody() {
    let (mut alice, mut bob) = pair().await;
    let mut swarm = stranger();
    let mut control = swarm.behaviour().new_control();
    // Who takes no gossip is not heard either; what comes is held, and never read.
    let mut taken = control.accept(StreamProtocol::new("/meshsub/1.1.0")).unwrap();
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Some(stream) = taken.next().await {
            held.push(stream);
        }
    });
    swarm.dial(alice.address().place()).unwrap();
    while !swarm.is_connected(&peer_id(alice.node())) {
        swarm.select_next_some().await;
    }
    let rogue = tokio::spawn(async move { while swarm.next().await.is_some() {} });
    let victim = peer_id(alice.node());
    let began = Instant::now();
    let mut stream = None;
    let mut said = 0;
    for (round, flood) in floods().into_iter().enumerate() {
        if stream.is_none() {
            let open = control.open_stream(victim, StreamProtocol::new("/meshsub/1.1.0"));
            // The node takes only so many streams of one connection.
            let Ok(opened) = open.await else { break };
            stream = Some(opened);
        }
        if let Some(open) = &mut stream {
            match open.write_all(&flood).await {
                Ok(()) => said += 1,
                Err(_) => stream = None,
            }
        }
        if round % 100 == 0 {
            unharmed(&mut alice, &mut bob, &format!("round {round}")).await;
        }
    }
    assert!(said > 500, "the floods should have been heard: {said}");
    // Some of these faults waited for the next heartbeat.
    for word in 0.. {
        unharmed(&mut alice, &mut bob, &format!("word {word}")).await;
        if began.elapsed() > Duration::from_secs(3) {
            break;
        }
    }
    rogue.abort();
    held.abort();
}

/// A connection that was promised to be yamux, and on which anything is said.
struct Raw<S>(S);

impl<S> StreamMuxer for Raw<S> {
    type Substream = Silent;
    type Error = io::Error;

    fn poll_inbound(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Silent>> {
        Poll::Pending
    }

    fn poll_outbound(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Silent>> {
        Poll::Pending
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        Poll::Pending
    }
}

/// Streams that a raw connection does not have.
type Silent = futures::io::Cursor<Vec<u8>>;

/// Promises yamux.
#[derive(Clone)]
struct Promise;

impl UpgradeInfo for Promise {
    type Info = &'static str;
    type InfoIter = std::iter::Once<&'static str>;

    fn protocol_info(&self) -> Self::InfoIter {
        std::iter::once("/yamux/1.0.0")
    }
}

impl<S> InboundConnectionUpgrade<S> for Promise {
    type Output = Raw<S>;
    type Error = io::Error;
    type Future = Ready<io::Result<Raw<S>>>;

    fn upgrade_inbound(self, stream: S, _: &'static str) -> Self::Future {
        ready(Ok(Raw(stream)))
    }
}

impl<S> OutboundConnectionUpgrade<S> for Promise {
    type Output = Raw<S>;
    type Error = io::Error;
    type Future = Ready<io::Result<Raw<S>>>;

    fn upgrade_outbound(self, stream: S, _: &'static str) -> Self::Future {
        ready(Ok(Raw(stream)))
    }
}

/// Connects, says these bytes where yamux should be spoken, and waits until the node hangs up, or has
/// said so much that it does not mind.
async fn say_as_yamux(address: &Address, bytes: &[u8]) {
    let key = Keypair::generate_ed25519();
    let mut transport = tcp::tokio::Transport::new(tcp::Config::default())
        .upgrade(Version::V1)
        .authenticate(noise::Config::new(&key).unwrap())
        .multiplex(Promise);
    let dial = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
    let (_, mut raw): (_, Raw<Negotiated<_>>) =
        transport.dial(address.place(), dial).unwrap().await.unwrap();
    raw.0.write_all(bytes).await.ok();
    raw.0.flush().await.ok();
    raw.0.close().await.ok();
    hear_out(&mut raw.0).await;
}

async fn hear_out(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let mut heard = [0; 4096];
    while stream.read(&mut heard).await.is_ok_and(|n| n > 0) {}
}

/// A frame of yamux: its kind, its flags, its stream, and the length that it claims.
fn frame(kind: u8, flags: u16, stream: u32, length: u32) -> Vec<u8> {
    [&[0, kind][..], &flags.to_be_bytes(), &stream.to_be_bytes(), &length.to_be_bytes()].concat()
}

// Kinds and flags of frames, as yamux's specification numbers them.
const DATA: u8 = 0;
const WINDOW: u8 = 1;
const PING: u8 = 2;
const GO_AWAY: u8 = 3;
const SYN: u16 = 1;
const RST: u16 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_yamux_ends_only_the_connection_it_came_on() {
    let (mut alice, mut bob) = pair().await;
    let window = frame(WINDOW, 0, 1, u32::MAX);
    let opened: Vec<u8> = (0..2000).flat_map(|n| frame(WINDOW, SYN, 2 * n + 1, 0)).collect();
    let reset: Vec<u8> = (0..2000)
        .flat_map(|n| [frame(DATA, SYN, 2 * n + 1, 0), frame(DATA, RST, 2 * n + 1, 0)].concat())
        .collect();
    let long = [frame(DATA, SYN, 1, 262_145), vec![7; 262_145]].concat();
    let attacks = [
        [frame(WINDOW, SYN, 1, u32::MAX), window.clone(), window].concat(),
        long,
        frame(DATA, SYN, 1, u32::MAX),
        frame(DATA, 0, 77, 10),
        opened,
        reset,
        (0..5000).flat_map(|n| frame(PING, SYN, 0, n)).collect(),
        frame(GO_AWAY, 0, 0, u32::MAX),
        vec![0xff; 4096],
        vec![0; 4096],
        Vec::new(),
    ];
    for (number, attack) in attacks.iter().enumerate() {
        let hung_up = timeout(PATIENCE, say_as_yamux(&alice.address(), attack)).await;
        assert!(hung_up.is_ok(), "attack {number} should end its connection");
        unharmed(&mut alice, &mut bob, &format!("after attack {number}")).await;
    }
}
