//! What stands between a home and everybody: who is let out and in by which wall, what a narrow path lets
//! through, and who moves to another address in its own house.

use std::time::Instant;

use weft_tests::cluster::Cluster;
use weft_tests::lab::{Host, Lab, Stack, Wall};
use weft_tests::world::World;

use crate::cluster_world::{SOON, an_hour_ago, measured, peers, post, stored, untested};
use crate::reach_line::{LONG, REGION, SERVES, told_of};

const TCP: &[&str] = &["--no-mdns", "--listen", "/ip4/0.0.0.0/tcp/8471"];
const QUIC: &[&str] = &["--no-mdns", "--listen", "/ip4/0.0.0.0/udp/8471/quic-v1"];

/// Starts a node at a server, and with the way to it one at each of these homes.
fn met(lab: &Lab, homes: &[Host], up: &'static [&'static str], way: &str) -> Cluster {
    let (server, mut cluster) = (lab.server("server"), Cluster::default());
    let sandbox = server.sandbox();
    sandbox.init(REGION);
    cluster.add_up(sandbox, SERVES);
    for home in homes {
        let sandbox = home.sandbox();
        sandbox.init(REGION);
        told_of(&sandbox, &cluster, (&server, way));
        cluster.add_up(sandbox, up);
    }
    cluster.eventually("all should meet the server", SOON, || {
        (1..=homes.len()).all(|home| peers(&cluster[home]) == 1)
    });
    cluster
}

/// Rows of what works: whoever is behind a wall gets out; in comes only what the wall lets in.
#[test]
fn everybody_gets_out_and_only_a_port_that_was_opened_lets_anybody_in() {
    let Some(lab) = Lab::new() else { return untested() };
    let walls = [Wall::Port, Wall::Sym, Wall::Forward, Wall::Reject, Wall::Firewall];
    let homes = walls.map(|wall| lab.home("home").behind(wall));
    let mut cluster = met(&lab, &homes, TCP, "tcp/8471");
    let stranger = lab.server("stranger");
    let sandbox = stranger.sandbox();
    sandbox.init(REGION);
    let stranger = cluster.add_up(sandbox, SERVES);
    for (n, (home, wall)) in homes.iter().zip(walls).enumerate() {
        let node = &cluster[n + 1].ready().node;
        let address = format!("/ip4/{}/tcp/8471/p2p/{node}", home.outside());
        let began = Instant::now();
        let run = cluster[stranger].weft(["peers", "connect", &address]).run();
        measured(format_args!("{wall:?}: {} after {:.1?}", run.status, began.elapsed()));
        assert_eq!(run.status.success(), wall == Wall::Forward, "{wall:?}: {run}");
    }
}

/// Row R8, the half that works: over QUIC what is longer than the path takes is sent in shorter pieces.
#[test]
fn a_path_that_swallows_long_packets_brings_everything_over_quic() {
    let Some(lab) = Lab::new() else { return untested() };
    let homes = [lab.home("home").behind(Wall::Port)];
    homes[0].swallows_beyond(1280);
    let cluster = met(&lab, &homes, QUIC, "udp/8471/quic-v1");
    let harbour = World::new(15).at(an_hour_ago()).network("harbour");
    let calls = (0..62).map(|n| harbour.call(&format!("beds {n}")).ask(20).sign());
    let calls: Vec<_> = calls.collect();
    let began = Instant::now();
    post(&cluster[0], std::slice::from_ref(&harbour.inception));
    post(&cluster[0], &calls);
    cluster.eventually("all should come", LONG, || stored(&cluster[1]).len() == calls.len() + 1);
    measured(format_args!("62 calls over a narrow path, QUIC: {:.1?}", began.elapsed()));
}

/// Row R4: a machine that is given another address in the same house, over IPv4 alone.
#[test]
fn who_has_another_address_in_the_same_house_is_met_again() {
    let Some(lab) = Lab::new() else { return untested() };
    let mut hosts = ["alice", "bob"].map(|name| lab.host(name, Stack::V4));
    let mut cluster = Cluster::default();
    for host in &hosts {
        let sandbox = host.sandbox();
        sandbox.init(REGION);
        cluster.add_up(sandbox, &[]);
    }
    cluster.eventually("they should meet", SOON, || (0..2).all(|n| peers(&cluster[n]) == 1));
    hosts[1].moves_to(51);
    let began = Instant::now();
    let harbour = World::new(16).at(an_hour_ago()).network("harbour");
    let call = harbour.call("beds").ask(20).sign();
    post(&cluster[1], &[harbour.inception.clone(), call.clone()]);
    cluster.eventually("the call should come", LONG, || stored(&cluster[0]).contains(&call.id()));
    measured(format_args!("another address in the same house: {:.1?}", began.elapsed()));
}
