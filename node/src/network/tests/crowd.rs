//! Tests of crowds: many who come to a node, and want to be all that it sees.

use super::super::{Direction, Traffic};
use super::*;

/// Starts nodes that dial this one and never give up.
async fn rogues(at: &Host, count: u8) -> Vec<Host> {
    let mut rogues = Vec::new();
    for n in 0..count {
        let bootstrap = vec![at.address()];
        rogues.push(Host::start(100 + n, NetworkConfig { bootstrap, ..config() }).await);
    }
    rogues
}

/// Looks whenever something happened, until it is as it should be.
async fn until_peers(host: &mut Host, check: impl Fn(&[super::super::Peer]) -> bool) {
    while !check(&host.client.peers().await) {
        host.until(Some).await;
    }
}

fn outbound(peers: &[super::super::Peer]) -> usize {
    peers.iter().filter(|peer| peer.direction == Direction::Outbound).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_come_never_keep_a_node_from_those_it_chose() {
    // She tells nobody where she listens, so the honest ones never come to her.
    let mut alice = Host::start(1, NetworkConfig { hide_addresses: true, ..config() }).await;
    let mut honest = Vec::new();
    for seed in 2..=5 {
        // At an address of its own, where the system gives nobody of the crowd the port it comes back to.
        let listen = vec![format!("/ip4/127.0.0.{seed}/tcp/0").parse().unwrap()];
        let bob = Host::start(seed, NetworkConfig { listen, ..config() }).await;
        alice.dial(&bob).await;
        alice.joined(bob.node()).await;
        honest.push(bob);
    }
    for bob in &mut honest {
        bob.client.shutdown().await;
        bob.ended().await;
        alice.disconnected(bob.node()).await;
    }
    let crowd = rogues(&alice, 24).await;
    until_peers(&mut alice, |peers| peers.len() >= crowd.len()).await;
    // More than enough are connected, and not one of them is her choice.
    let mut back = Vec::new();
    for (seed, bob) in (2..).zip(&honest) {
        let listen = vec![bob.address()];
        back.push(Host::start(seed, NetworkConfig { listen, ..config() }).await);
    }
    until_peers(&mut alice, |peers| outbound(peers) >= 4).await;
    let peers = alice.client.peers().await;
    for bob in &mut back {
        let peer = peers.iter().find(|peer| peer.node == bob.node()).unwrap();
        assert_eq!(peer.direction, Direction::Outbound);
        bob.joined(alice.node()).await;
    }
    back[0].publish(b"twenty beds").await;
    alice.receive(b"twenty beds", GossipVerdict::Accept).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_knocks_finds_so_many_places_and_what_we_dial_has_others() {
    let traffic = Traffic { inbound: 4, ..Traffic::default() };
    let mut alice = Host::start(1, NetworkConfig { traffic, ..config() }).await;
    let mut bob = Host::start(2, config()).await;
    let _crowd = rogues(&alice, 8).await;
    // All of them are on one machine, which may take half of the places.
    until_peers(&mut alice, |peers| peers.len() == 2).await;
    alice.dial(&bob).await;
    let (a, b) = (alice.node(), bob.node());
    tokio::join!(alice.joined(b), bob.joined(a));
    bob.publish(b"still here").await;
    alice.receive(b"still here", GossipVerdict::Accept).await;
    let peers = alice.client.peers().await;
    assert_eq!((peers.len(), outbound(&peers)), (3, 1));
}

#[tokio::test]
async fn who_sends_eighteen_bad_messages_is_not_heard_any_more() {
    let (alice, mut bob) = pair().await;
    let mut carol = Host::start(3, config()).await;
    carol.dial(&bob).await;
    let (b, c) = (bob.node(), carol.node());
    tokio::join!(carol.joined(b), bob.joined(c));
    for n in 0..18 {
        alice.publish(&[b'x', n]).await;
        bob.receive(&[b'x', n], GossipVerdict::Reject).await;
    }
    let score = |peers: Vec<super::super::Peer>| {
        peers.iter().find(|peer| peer.node == alice.node()).unwrap().score
    };
    assert!(score(bob.client.peers().await) < -16_000.0);
    for n in 0..50 {
        alice.publish(&[b'y', n]).await;
        carol.publish(&[b'z', n]).await;
    }
    for _ in 0..50 {
        let (from, token) = bob
            .until(|event| match event {
                NetworkEvent::Gossip { from, token, .. } => Some((from, token)),
                _ => None,
            })
            .await;
        assert_eq!(from, c);
        bob.client.judge(token, GossipVerdict::Accept).await;
    }
}
