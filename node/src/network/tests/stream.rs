//! Tests of raw streams.

use futures::FutureExt;
use tokio_util::bytes::Bytes;

use super::super::streams::INBOUND_PER_PEER_MAX;
use super::super::{OpenStreamError, PeerStream, Protocol};
use super::*;
use crate::frame::{FRAME_BYTES_MAX, Framed};

impl Host {
    async fn arrival(&mut self) -> (NodeId, Protocol, PeerStream) {
        self.until(|event| match event {
            NetworkEvent::Stream { peer, protocol, stream, .. } => Some((peer, protocol, stream)),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn frames_pass_both_ways_over_a_stream() {
    let (alice, mut bob) = pair().await;
    for protocol in [Protocol::Sync, Protocol::Control] {
        let opened = alice.client.open_stream(bob.node(), protocol).await.unwrap();
        let (peer, spoken, accepted) = bob.arrival().await;
        assert_eq!((peer, spoken), (alice.node(), protocol));
        let (mut near, mut far) = (Framed::new(opened), Framed::new(accepted));
        let large = Bytes::from(vec![7; FRAME_BYTES_MAX]);
        let ask = async {
            near.send(large.clone()).await.unwrap();
            near.recv().await.unwrap().unwrap()
        };
        let answer = async {
            let frame = far.recv().await.unwrap().unwrap();
            far.send(frame.freeze()).await.unwrap();
        };
        let (echo, ()) = tokio::join!(ask, answer);
        assert_eq!(echo, large);
        near.close().await.unwrap();
        assert!(far.recv().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_sender_that_is_not_read_is_held_back_and_nobody_else_is() {
    let (mut alice, mut bob) = pair().await;
    let opened = alice.client.open_stream(bob.node(), Protocol::Sync).await.unwrap();
    let (_, _, accepted) = bob.arrival().await;
    let (mut near, mut far) = (Framed::new(opened), Framed::new(accepted));
    let frame = Bytes::from(vec![7; FRAME_BYTES_MAX]);
    let mut sent = 0_usize;
    // Gossip goes back and forth while the stream fills, so that the send that waits in the end waits
    // for its reader and not for its turn.
    loop {
        let mut send = Box::pin(near.send(frame.clone()));
        let gossip = async {
            for word in 0..20_usize {
                alice.publish(&[sent, word].map(usize::to_be_bytes).concat()).await;
                let bytes = [sent, word].map(usize::to_be_bytes).concat();
                bob.receive(&bytes, GossipVerdict::Ignore).await;
            }
        };
        let full = tokio::select! {
            biased;
            done = &mut send => { done.unwrap(); false }
            () = gossip => send.now_or_never().is_none(),
        };
        if full {
            break;
        }
        sent += 1;
        assert!(sent < 1024, "256 MiB were taken that nobody read");
    }
    for _ in 0..sent {
        assert_eq!(far.recv().await.unwrap().unwrap(), frame);
    }
    drop(alice.events.try_recv());
}

#[tokio::test]
async fn a_stream_to_nobody_is_refused_at_once() {
    let (alice, _bob) = pair().await;
    let nobody = alice.client.open_stream(NodeId([9; 32]), Protocol::Sync).await;
    assert!(matches!(nobody, Err(OpenStreamError::NotConnected)));
    alice.client.shutdown().await;
    let ended = alice.client.open_stream(NodeId([9; 32]), Protocol::Sync).await;
    assert!(matches!(ended, Err(OpenStreamError::Shutdown)));
    assert_eq!(alice.client.peers().await, []);
}

#[tokio::test]
async fn a_node_holds_only_so_many_streams_open() {
    let (alice, mut bob) = pair().await;
    let mut held = Vec::new();
    for _ in 0..INBOUND_PER_PEER_MAX {
        let opened = alice.client.open_stream(bob.node(), Protocol::Control).await.unwrap();
        held.push((opened, bob.arrival().await));
    }
    let opened = alice.client.open_stream(bob.node(), Protocol::Control).await;
    if let Ok(stream) = opened {
        assert!(!matches!(Framed::new(stream).recv().await, Ok(Some(_))));
    }
    held.pop();
    let again = alice.client.open_stream(bob.node(), Protocol::Control).await.unwrap();
    drop((again, bob.arrival().await));
}
