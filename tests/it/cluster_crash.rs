//! A node that is killed again and again loses nothing that it has acknowledged.

use std::sync::mpsc;
use std::thread;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use weft_protocol::control::{Fate, Request, Response};
use weft_protocol::id::RecordId;
use weft_protocol::record::Record;
use weft_tests::cluster::Cluster;
use weft_tests::door::Door;
use weft_tests::sandbox::Sandbox;
use weft_tests::world::World;

use crate::cluster_world::{SOON, an_hour_ago, inceptions, measured, peers, post, stored};

/// How often the node is killed.
const CRASHES: usize = 50;

/// How many programs write at once.
const WRITERS: usize = 2;

/// The most acknowledgements before a crash; how many it is each time, the seed says.
const ACKNOWLEDGED_MAX: u64 = 40;

/// The seed of the instants.
const SEED: u64 = 0x_5eed_c4a5;

/// Calls enough that no writer ever runs out of them.
const CALLS: usize = 6_000;

#[test]
fn what_was_acknowledged_survives_fifty_crashes_under_load() {
    let world = World::new(SEED).at(an_hour_ago());
    let authors = world.networks(8);
    let calls = world.calls(&authors, CALLS);
    let mut cluster = Cluster::start("us-wa", 1);
    let mut acknowledged = post(&cluster[0], &inceptions(&authors));
    let mut dice = ChaCha20Rng::seed_from_u64(SEED);
    let mut unwritten: Vec<Vec<Record>> = vec![Vec::new(); WRITERS];
    calls.into_iter().enumerate().for_each(|(n, call)| unwritten[n % WRITERS].push(call));
    for crash in 0..CRASHES {
        let wait_for = 1 + dice.next_u64() % ACKNOWLEDGED_MAX;
        let (tell, told) = mpsc::channel();
        let writers: Vec<_> = unwritten
            .drain(..)
            .map(|calls| {
                let (door, tell) = (cluster[0].door(), tell.clone());
                thread::spawn(move || write(door, calls, &tell))
            })
            .collect();
        drop(tell);
        acknowledged.extend(told.iter().take(usize::try_from(wait_for).unwrap()));
        cluster[0].kill();
        // What was acknowledged between our decision and the end counts as well.
        acknowledged.extend(told.iter());
        unwritten = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        cluster[0].start();
        let stored = stored(&cluster[0]);
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "SEED={SEED:#x}: crash {crash} lost {lost:?}");
    }
    cluster[0].weft(["store", "verify"]).run().success();
    cluster[0].stop();
    cluster[0].weft(["store", "verify"]).run().success();
    measured(format_args!(
        "{CRASHES} crashes, {} records acknowledged, none lost",
        acknowledged.len()
    ));
}

#[test]
fn a_node_that_was_killed_is_met_again_whatever_its_transport() {
    for listen in ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"] {
        let mut cluster = Cluster::default();
        for _ in 0..2 {
            let home = Sandbox::new();
            let init = ["init", "--region", "us-wa", "--mode", "open", "--listen", listen];
            home.weft(init).run().success();
            cluster.add_up(home, &["--no-mdns"]);
        }
        cluster.connect(0, 1);
        let author = World::new(48).at(an_hour_ago()).network("choir");
        post(&cluster[1], std::slice::from_ref(&author.inception));
        for (n, title) in ["before", "after it was killed", "and again"].into_iter().enumerate() {
            if n > 0 {
                // Without a word: the other side keeps what it has for a connection.
                cluster[0].kill();
                cluster[0].start();
                cluster.connect(0, 1);
            }
            let call = author.call(title).sign();
            post(&cluster[1], std::slice::from_ref(&call));
            cluster.eventually(&format!("{title}, over {listen}"), SOON * 2, || {
                stored(&cluster[0]).contains(&call.id())
                    && [0, 1].iter().all(|n| peers(&cluster[*n]) == 1)
            });
        }
    }
}

/// Posts one call after the other until the node is gone, and returns those that are left. A call
/// whose acknowledgement did not come is dropped: it may be stored or not.
fn write(mut door: Door, mut calls: Vec<Record>, tell: &mpsc::Sender<RecordId>) -> Vec<Record> {
    while let Some(call) = calls.pop() {
        let request = Request::Post { records: call.bytes().to_vec().into() };
        let answer = door.ask(&request);
        let Ok(answer) = answer else { return calls };
        let Response::Posted(posted) = answer else { panic!("a call should be taken: {answer:?}") };
        assert!(matches!(posted.fate, Fate::Stored | Fate::Known), "{posted:?}");
        // The test has heard enough of this round.
        tell.send(call.id()).ok();
    }
    calls
}
