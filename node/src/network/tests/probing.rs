//! A stranger that lets a node knock where it cannot itself.

use std::io::ErrorKind;
use std::net::TcpListener;

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::StreamProtocol;

use super::super::Relaying;
use super::super::name::peer_id;
use super::rogue::{field, framed, stranger};
use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h9_a_node_that_probes_for_others_does_not_knock_at_its_own_machine() {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    service.set_nonblocking(true).unwrap();
    let host = Host::start(91, NetworkConfig { relaying: Relaying::Serve, ..config() }).await;
    let mut swarm = stranger();
    let mut control = swarm.behaviour().new_control();
    swarm.dial(host.address().place()).unwrap();
    while !swarm.is_connected(&peer_id(host.node())) {
        swarm.select_next_some().await;
    }
    let driven = tokio::spawn(async move { while swarm.next().await.is_some() {} });

    // "Dial me at this place": a message with a request, which has the place and a number of 64 bits.
    let port = service.local_addr().unwrap().port();
    let place: libp2p::Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    let number = [&[2 << 3 | 1][..], &[7; 8]].concat();
    let request = field(1, &[field(1, &place.to_vec()), number].concat());
    let protocol = StreamProtocol::new("/libp2p/autonat/2/dial-request");
    let asked = control.open_stream(peer_id(host.node()), protocol).await;
    let mut stream = asked.expect("a node that serves probes for others");
    stream.write_all(&framed(&request)).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(!answer.is_empty(), "it should say that it could not");

    let knocked = service.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(knocked, Err(ErrorKind::WouldBlock), "nobody should have knocked");
    driven.abort();
    host.client.shutdown().await;
}

/// Has a node's own words about itself, as any other node hears them.
async fn told(host: &Host, port: u16) -> Vec<u8> {
    let mut swarm = stranger();
    let mut control = swarm.behaviour().new_control();
    swarm.dial(format!("/ip4/127.0.0.1/tcp/{port}").parse::<libp2p::Multiaddr>().unwrap()).unwrap();
    while !swarm.is_connected(&peer_id(host.node())) {
        swarm.select_next_some().await;
    }
    let driven = tokio::spawn(async move { while swarm.next().await.is_some() {} });
    let asked = control.open_stream(peer_id(host.node()), StreamProtocol::new("/ipfs/id/1.0.0"));
    let mut told = Vec::new();
    timeout(PATIENCE, asked.await.unwrap().read_to_end(&mut told)).await.unwrap().unwrap();
    driven.abort();
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_listens_at_on_its_own_machine_is_told_to_nobody_unless_it_is_all_there_is() {
    for (listen, is_told) in [("/ip4/0.0.0.0/tcp/0", false), ("/ip4/127.0.0.1/tcp/0", true)] {
        let config = NetworkConfig { listen: vec![listen.parse().unwrap()], ..config() };
        let host = Host::start(92, config).await;
        let port = host.address().place().iter().find_map(|part| match part {
            libp2p::multiaddr::Protocol::Tcp(port) => Some(port),
            _ => None,
        });
        let here: libp2p::Multiaddr =
            format!("/ip4/127.0.0.1/tcp/{}", port.unwrap()).parse().unwrap();
        let told = told(&host, port.unwrap()).await;
        assert!(!told.is_empty(), "it says who it is");
        let here = here.to_vec();
        assert_eq!(told.windows(here.len()).any(|bytes| bytes == here), is_told, "{listen}");
        host.client.shutdown().await;
    }
}
