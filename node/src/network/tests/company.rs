//! Tests of whom a closed node speaks with.

use std::collections::BTreeSet;

use futures::StreamExt;
use libp2p::swarm::SwarmEvent;
use libp2p::{StreamProtocol, Swarm};
use weft_protocol::control::Fault;

use super::super::name::{node_id, peer_id};
use super::super::{Protocol, Relaying, peer_text};
use super::rogue::stranger;
use super::*;

/// All that a node speaks, beside the door.
const SPOKEN: &[&str] = &[
    "/weft/sync/1",
    "/ipfs/id/1.0.0",
    "/ipfs/id/push/1.0.0",
    "/ipfs/ping/1.0.0",
    "/meshsub/1.2.0",
    "/meshsub/1.1.0",
    "/floodsub/1.0.0",
    "/libp2p/circuit/relay/0.2.0/hop",
    "/libp2p/circuit/relay/0.2.0/stop",
    "/libp2p/dcutr",
    "/libp2p/autonat/2/dial-request",
];

fn closed() -> NetworkConfig {
    NetworkConfig { closed: true, relaying: Relaying::Serve, ..config() }
}

impl Host {
    /// Waits until this node has knocked in vain.
    async fn knocked(&mut self, by: NodeId) {
        let knocked = |event| matches!(event, NetworkEvent::Knocked { node, .. } if node == by);
        self.until(|event| knocked(event).then_some(())).await;
    }

    async fn admit(&self, nodes: &[NodeId]) {
        self.client.admit(Some(nodes.iter().copied().collect())).await;
    }

    async fn is_alone(&self) -> bool {
        self.client.peers().await.is_empty()
    }

    /// Waits until it is said that another node is closed.
    async fn turned_away(&self) {
        let stranger = async {
            loop {
                let trials = self.client.trials().await;
                if let Some(Fault::Stranger { own }) = trials.first().map(|trial| &trial.fault) {
                    return own.clone();
                }
            }
        };
        let own = timeout(PATIENCE, stranger).await.expect("it should be turned away");
        assert_eq!(own, peer_text(self.node()), "it says by which name it can be let in");
    }
}

/// Connects to a host, and waits until that stands.
async fn met(eve: &mut Swarm<libp2p_stream::Behaviour>, host: &Host) {
    eve.dial(host.address().place()).unwrap();
    while !eve.is_connected(&peer_id(host.node())) {
        eve.select_next_some().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_a_closed_node_speaks_nothing_with_a_stranger_but_the_door() {
    let mut alice = Host::start(1, closed()).await;
    let mut eve = stranger();
    let mut control = eve.behaviour().new_control();
    let mut word = control.accept(StreamProtocol::new(Protocol::Closed.name())).unwrap();
    met(&mut eve, &alice).await;
    let own = *eve.local_peer_id();
    let gone = tokio::spawn(async move {
        loop {
            if let SwarmEvent::ConnectionClosed { .. } = eve.select_next_some().await {
                return;
            }
        }
    });
    let said = timeout(PATIENCE, word.next()).await.expect("she is told that the node is closed");
    assert_eq!(said.map(|(peer, _)| peer), Some(peer_id(alice.node())));
    for protocol in SPOKEN {
        let opened =
            control.open_stream(peer_id(alice.node()), StreamProtocol::new(protocol)).await;
        let refused = matches!(opened, Err(libp2p_stream::OpenStreamError::UnsupportedProtocol(_)));
        assert!(refused, "{protocol}: {opened:?}");
    }
    assert!(alice.is_alone().await);
    timeout(PATIENCE, gone).await.expect("who is not at the door is put out").unwrap();
    alice.knocked(node_id(&own).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_who_is_at_the_door_of_a_closed_node_stays_and_has_not_knocked() {
    let mut alice = Host::start(1, closed()).await;
    let (mut member, mut eve) = (stranger(), stranger());
    let mut control = member.behaviour().new_control();
    met(&mut member, &alice).await;
    let member = tokio::spawn(async move { while member.next().await.is_some() {} });
    let door = StreamProtocol::new(Protocol::Control.name());
    let opened = control.open_stream(peer_id(alice.node()), door).await.expect("the door");
    let (from, arrived) = alice
        .until(|event| match event {
            NetworkEvent::Stream { protocol: Protocol::Control, stream, from, .. } => {
                Some((from, stream))
            }
            _ => None,
        })
        .await;
    assert!(from.is_some(), "she has come, and was not sought");
    // Who comes later and is at no door is put out before.
    met(&mut eve, &alice).await;
    let other = node_id(eve.local_peer_id()).unwrap();
    let eve = tokio::spawn(async move { while eve.next().await.is_some() {} });
    alice.knocked(other).await;
    let door = StreamProtocol::new(Protocol::Control.name());
    control.open_stream(peer_id(alice.node()), door).await.expect("the member is still there");
    drop((opened, arrived));
    member.abort();
    eve.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_who_is_let_in_meets_within_seconds_and_who_no_longer_is_is_put_out_on_every_transport() {
    for listen in ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"] {
        let listen = vec![listen.parse().unwrap()];
        let mut alice = Host::start(1, NetworkConfig { listen, ..closed() }).await;
        let mut bob = Host::start(2, config()).await;
        let (a, b) = (alice.node(), bob.node());
        bob.dial(&alice).await;
        alice.knocked(b).await;
        bob.turned_away().await;
        alice.admit(&[b]).await;
        tokio::join!(alice.joined(b), bob.joined(a));
        bob.publish(b"from bob").await;
        alice.receive(b"from bob", GossipVerdict::Accept).await;
        alice.admit(&[]).await;
        tokio::join!(alice.disconnected(b), bob.disconnected(a));
        alice.knocked(b).await;
        alice.client.admit(None).await;
        tokio::join!(alice.joined(b), bob.joined(a));
        // Closed again while he is there.
        alice.admit(&[NodeId([9; 32])]).await;
        alice.disconnected(b).await;
        alice.knocked(b).await;
        assert!(alice.is_alone().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_a_closed_node_speaks_with_whom_it_was_told_to_dial_and_after_a_restart_with_nobody_it_met()
 {
    let home = tempfile::tempdir().unwrap();
    let peers_file = Some(home.path().join("peers"));
    let (mut bob, mut carol) = (Host::start(2, config()).await, Host::start(3, config()).await);
    let (b, c) = (bob.node(), carol.node());
    let open = NetworkConfig { peers_file: peers_file.clone(), ..config() };
    let mut alice = Host::start(1, open.clone()).await;
    let a = alice.node();
    // He comes; she is named by her address alone.
    bob.dial(&alice).await;
    alice.client.dial(vec![carol.address().bare()]).await;
    tokio::join!(bob.joined(a), carol.joined(a));
    alice.client.admit(Some(BTreeSet::new())).await;
    alice.disconnected(b).await;
    assert!(alice.client.peers().await.iter().all(|peer| peer.node == c));
    let address = alice.address();
    alice.client.shutdown().await;
    alice.ended().await;
    let again = NetworkConfig { closed: true, listen: vec![address], peers_file, ..config() };
    let mut alice = Host::start(1, again).await;
    tokio::join!(alice.knocked(b), async { bob.turned_away().await });
    carol.joined(a).await;
    assert!(alice.client.peers().await.iter().all(|peer| peer.node == c));
}
