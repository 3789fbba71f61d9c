//! Tests of how nodes meet, lose each other and meet again.

use std::net::TcpListener;

use weft_protocol::control::{Missed, Obstacle};

use super::super::{Direction, Relaying, SpawnError};
use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_dial_each_other_at_once_gossip_both_ways_every_time() {
    for round in 0..20_u8 {
        let mut alice = Host::start(2 * round + 1, config()).await;
        let mut bob = Host::start(2 * round + 2, config()).await;
        tokio::join!(alice.dial(&bob), bob.dial(&alice));
        let (a, b) = (alice.node(), bob.node());
        tokio::join!(alice.joined(b), bob.joined(a));
        alice.publish(b"from alice").await;
        bob.publish(b"from bob").await;
        tokio::join!(
            alice.receive(b"from bob", GossipVerdict::Accept),
            bob.receive(b"from alice", GossipVerdict::Accept)
        );
    }
}

#[tokio::test]
async fn a_peer_that_restarts_is_met_again() {
    let (mut alice, mut bob) = pair().await;
    let b = bob.node();
    bob.client.shutdown().await;
    bob.ended().await;
    alice.disconnected(b).await;
    let mut bob = Host::start(2, NetworkConfig { listen: vec![bob.address()], ..config() }).await;
    let a = alice.node();
    tokio::join!(alice.joined(b), bob.joined(a));
    bob.publish(b"back again").await;
    alice.receive(b"back again", GossipVerdict::Accept).await;
}

#[tokio::test]
async fn a_peer_that_dialled_us_is_met_again_where_it_said_it_listens() {
    let (alice, mut bob) = pair().await;
    let (a, b) = (alice.node(), bob.node());
    let address = alice.address();
    // Alice dialled, so bob learns only from identify where she listens; she forgets him.
    while !bob.client.peers().await[0].dialable {}
    alice.client.shutdown().await;
    bob.disconnected(a).await;
    let mut alice = Host::start(1, NetworkConfig { listen: vec![address], ..config() }).await;
    let direction = alice
        .until(|event| match event {
            NetworkEvent::Connected { node, direction } if node == b => Some(direction),
            _ => None,
        })
        .await;
    assert_eq!(direction, Direction::Inbound);
}

#[tokio::test]
async fn a_node_that_hides_tells_no_peer_where_it_listens() {
    let hidden = NetworkConfig { hide_addresses: true, relaying: Relaying::Use, ..config() };
    let (mut alice, mut bob) = (Host::start(1, config()).await, Host::start(2, hidden).await);
    bob.dial(&alice).await;
    let (a, b) = (alice.node(), bob.node());
    tokio::join!(alice.joined(b), bob.joined(a));
    // What he tells of himself comes before what he says.
    for word in 0..20_u8 {
        bob.publish(&[word]).await;
        alice.receive(&[word], GossipVerdict::Accept).await;
    }
    assert!(!alice.client.peers().await[0].dialable);
}

#[tokio::test]
async fn who_was_met_is_remembered_over_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let peers_file = Some(home.path().join("peers"));
    let mut bob = Host::start(2, config()).await;
    let config = NetworkConfig { listen: vec![], peers_file, ..config() };
    let mut alice = Host::start(1, config.clone()).await;
    alice.dial(&bob).await;
    alice.joined(bob.node()).await;
    alice.client.shutdown().await;
    bob.disconnected(alice.node()).await;
    let mut alice = Host::start(1, config).await;
    alice.joined(bob.node()).await;
}

#[tokio::test]
async fn a_dead_bootstrap_keeps_nobody_from_a_living_one() {
    let mut bob = Host::start(2, config()).await;
    // One that takes the connection and never answers, one that refuses it, one that no name server
    // knows.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = |port| format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    let bootstrap = vec![
        place(mute.local_addr().unwrap().port()),
        place(closed),
        "/dns4/nowhere.invalid/tcp/8471".parse().unwrap(),
        bob.address(),
    ];
    let mut alice = Host::start(1, NetworkConfig { bootstrap, ..config() }).await;
    let (a, b) = (alice.node(), bob.node());
    tokio::join!(alice.joined(b), bob.joined(a));
}

#[tokio::test]
async fn a_blocked_node_is_put_out_and_kept_out() {
    let (mut alice, mut bob) = pair().await;
    let (a, b) = (alice.node(), bob.node());
    alice.client.block(b).await;
    tokio::join!(alice.disconnected(b), bob.disconnected(a));
    bob.dial(&alice).await;
    let carol = Host::start(3, config()).await;
    carol.dial(&alice).await;
    let next = alice.until(|event| match event {
        NetworkEvent::Connected { node, .. } => Some(node),
        _ => None,
    });
    assert_eq!(next.await, carol.node());
    alice.client.unblock(b).await;
    bob.dial(&alice).await;
    alice.joined(b).await;
}

#[tokio::test]
async fn a_region_entered_late_is_found_at_the_peers_already_there() {
    let wa: Region = "us-wa".parse().unwrap();
    let both = NetworkConfig { regions: [region(), wa.clone()].into(), ..config() };
    let mut bob = Host::start(2, both).await;
    let mut alice = Host::start(1, config()).await;
    alice.dial(&bob).await;
    let (a, b) = (alice.node(), bob.node());
    tokio::join!(alice.joined(b), bob.joined(a));
    alice.client.subscribe(wa.clone()).await;
    alice
        .until(|event| match event {
            NetworkEvent::Joined { node, region, .. } if node == b && region == wa => Some(()),
            _ => None,
        })
        .await;
    assert_eq!(alice.client.peers().await[0].regions, [region(), wa.clone()]);
    alice.client.unsubscribe(region()).await;
    bob.until(|event| match event {
        NetworkEvent::Left { node, region: left } if node == a && left == region() => Some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_place_where_nobody_can_listen_is_named_and_takes_nothing_from_the_others() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    // The second is an address for examples, which is no machine's.
    for (place, why) in [
        (format!("/ip4/127.0.0.1/tcp/{port}"), Obstacle::Taken),
        ("/ip4/192.0.2.1/tcp/0".to_owned(), Obstacle::Absent),
    ] {
        let missed = vec![Missed { address: place.clone(), why }];
        let nothing_else = vec![place.parse().unwrap()];
        let error = spawn(NetworkConfig { listen: nothing_else, ..config() }, &[1; 32]);
        assert!(matches!(error, Err(SpawnError::Listen(all)) if all == missed));
        let listen = vec![place.parse().unwrap(), anywhere()];
        let (client, events) = spawn(NetworkConfig { listen, ..config() }, &[1; 32]).unwrap();
        let mut host = Host { client, events, address: None };
        let told = host.until(|event| match event {
            NetworkEvent::Missed { places } => Some(places),
            _ => None,
        });
        assert_eq!(told.await, missed);
        let listens = |event| matches!(event, NetworkEvent::Listening { .. });
        host.until(|event| listens(event).then_some(())).await;
    }
}

#[tokio::test]
async fn two_nodes_of_one_machine_do_not_share_a_port() {
    let alice = Host::start(1, config()).await;
    let listen = vec![alice.address().bare()];
    let bob = || spawn(NetworkConfig { listen: listen.clone(), ..config() }, &[2; 32]);
    assert!(matches!(bob(), Err(SpawnError::Listen(_))));
    alice.client.shutdown().await;
    assert!(bob().is_ok(), "the port is free again");
}
