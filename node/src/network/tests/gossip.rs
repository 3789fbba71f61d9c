//! Tests of gossip: what goes through, what does not, and what it costs who sent it.

use futures::StreamExt;
use libp2p::gossipsub::{self, IdentTopic, MessageAuthenticity, ValidationMode};
use libp2p::swarm::SwarmEvent;
use libp2p::{Swarm, SwarmBuilder, noise, tcp, yamux};

use super::super::GOSSIP_BYTES_MAX;
use super::super::gossip::{message_id, topic};
use super::*;

#[tokio::test]
async fn two_nodes_meet_and_gossip_both_ways() {
    let (mut alice, mut bob) = pair().await;
    alice.publish(b"from alice").await;
    assert_eq!(bob.receive(b"from alice", GossipVerdict::Accept).await, alice.node());
    bob.publish(b"from bob").await;
    assert_eq!(alice.receive(b"from bob", GossipVerdict::Ignore).await, bob.node());
    let peers = alice.client.peers().await;
    assert_eq!((peers.len(), peers[0].node), (1, bob.node()));
    assert_eq!(peers[0].regions, [region()]);
}

#[tokio::test]
async fn quic_carries_the_same() {
    let quic = || NetworkConfig {
        listen: vec!["/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()],
        ..config()
    };
    let mut alice = Host::start(1, quic()).await;
    let mut bob = Host::start(2, quic()).await;
    bob.dial(&alice).await;
    let (a, b) = (alice.node(), bob.node());
    tokio::join!(alice.joined(b), bob.joined(a));
    alice.publish(b"over quic").await;
    bob.receive(b"over quic", GossipVerdict::Accept).await;
}

#[tokio::test]
async fn five_in_a_line_pass_a_message_from_end_to_end() {
    let mut line = Vec::new();
    for seed in 1..=5 {
        line.push(Host::start(seed, config()).await);
    }
    for i in 1..line.len() {
        line[i - 1].dial(&line[i]).await;
        let (before, after) = line.split_at_mut(i);
        let (left, right) = (&mut before[i - 1], &mut after[0]);
        let (l, r) = (left.node(), right.node());
        tokio::join!(left.joined(r), right.joined(l));
    }
    let (first, rest) = line.split_first_mut().unwrap();
    first.publish(b"pass it on").await;
    let mut from = first.node();
    for host in rest {
        assert_eq!(host.receive(b"pass it on", GossipVerdict::Accept).await, from);
        from = host.node();
    }
}

#[tokio::test]
async fn a_rejected_message_goes_no_further_and_lowers_the_score_of_who_sent_it() {
    let (mut alice, mut bob) = pair().await;
    let mut carol = Host::start(3, config()).await;
    carol.dial(&bob).await;
    carol.joined(bob.node()).await;
    bob.joined(carol.node()).await;
    let before = score(&bob, &alice).await;
    alice.publish(b"badly signed").await;
    bob.receive(b"badly signed", GossipVerdict::Reject).await;
    assert!(score(&bob, &alice).await < before - 40.0);
    alice.publish(b"well signed").await;
    bob.receive(b"well signed", GossipVerdict::Accept).await;
    let first = carol.until(|event| match event {
        NetworkEvent::Gossip { bytes, .. } => Some(bytes),
        _ => None,
    });
    assert_eq!(*first.await, *b"well signed");
    bob.client.score(alice.node(), -500.0).await;
    assert!(score(&bob, &alice).await < before - 540.0);
    drop(alice.events.try_recv());
}

async fn score(of: &Host, about: &Host) -> f64 {
    let peers = of.client.peers().await;
    peers.iter().find(|peer| peer.node == about.node()).unwrap().score
}

#[tokio::test]
async fn a_message_of_the_largest_size_passes_and_no_larger_one_is_sent() {
    let (alice, mut bob) = pair().await;
    let mut alice = alice;
    let largest = vec![7; GOSSIP_BYTES_MAX];
    alice.publish(&largest).await;
    bob.receive(&largest, GossipVerdict::Accept).await;
    alice.publish(&vec![7; GOSSIP_BYTES_MAX + 1]).await;
    assert_eq!(alice.failure().await, PublishFailure::Size);
    alice.publish(&[]).await;
    assert_eq!(alice.failure().await, PublishFailure::Size);
}

#[tokio::test]
async fn a_burst_of_long_messages_arrives_whole() {
    let (alice, mut bob) = pair().await;
    for n in 0..40 {
        alice.publish(&vec![n; GOSSIP_BYTES_MAX - 1024]).await;
    }
    for n in 0..40 {
        bob.receive(&vec![n; GOSSIP_BYTES_MAX - 1024], GossipVerdict::Accept).await;
    }
}

#[tokio::test]
async fn a_node_alone_says_that_nobody_heard() {
    let mut alice = Host::start(1, config()).await;
    alice.publish(b"hello?").await;
    assert_eq!(alice.failure().await, PublishFailure::NoPeers);
}

/// A peer that keeps none of our rules.
fn stranger() -> Swarm<gossipsub::Behaviour> {
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(message_id)
        .max_transmit_size(1 << 20)
        .build()
        .unwrap();
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| {
            gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).unwrap()
        })
        .unwrap()
        .build()
}

#[tokio::test]
async fn a_strangers_oversize_and_foreign_messages_are_refused() {
    let mut alice = Host::start(1, config()).await;
    let mut eve = stranger();
    let (ours, foreign) = (topic(&region()), IdentTopic::new("/weft/1/elsewhere"));
    eve.behaviour_mut().subscribe(&ours).unwrap();
    for i in 0..90 {
        eve.behaviour_mut().subscribe(&IdentTopic::new(format!("/weft/1/noise-{i}"))).unwrap();
    }
    eve.dial(alice.address().place()).unwrap();
    let client = alice.client.clone();
    let mut sent = false;
    let honest = async {
        let first = alice.until(|event| match event {
            NetworkEvent::Gossip { token, bytes, .. } => Some((token, bytes)),
            _ => None,
        });
        let (_token, bytes) = first.await;
        assert_eq!(*bytes, *b"in order");
        let peers = client.peers().await;
        assert_eq!(peers[0].regions, [region()]);
        assert!(peers[0].score < -40.0, "the oversize message is held against eve");
    };
    let hostile = async {
        loop {
            if let SwarmEvent::Behaviour(gossipsub::Event::Subscribed { topic, .. }) =
                eve.select_next_some().await
                && topic == ours.hash()
                && !std::mem::replace(&mut sent, true)
            {
                let long = vec![1; GOSSIP_BYTES_MAX + 1];
                let gossip = eve.behaviour_mut();
                gossip.publish(ours.clone(), long).unwrap();
                // Nobody takes the foreign one: alice is in no such region, and says so to nobody.
                gossip.publish(foreign.clone(), b"foreign".to_vec()).unwrap_err();
                gossip.publish(ours.clone(), b"in order".to_vec()).unwrap();
            }
        }
    };
    tokio::select! { () = honest => {}, () = hostile => {} }
}

#[tokio::test]
async fn who_floods_is_let_go_and_the_node_still_obeys() {
    let (mut alice, mut bob) = pair().await;
    for i in 0..2_000_u32 {
        alice.publish(&i.to_be_bytes()).await;
    }
    // Bob reads nothing, and yet his network answers; nobody is blamed.
    assert_eq!(bob.client.peers().await.len(), 1);
    let mut heard = Vec::new();
    alice.client.shutdown().await;
    loop {
        match bob.until(Some).await {
            // A token that is kept is a message unjudged.
            NetworkEvent::Gossip { token, .. } => heard.push(token),
            NetworkEvent::Disconnected { .. } => break,
            _ => {}
        }
    }
    assert!(!heard.is_empty() && heard.len() <= super::super::UNJUDGED_PER_PEER_MAX);
    drop(alice.events.try_recv());
}
