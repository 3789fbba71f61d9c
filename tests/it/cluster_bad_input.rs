//! What no honest program sends: a verdict and a counter, and the node goes on.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use weft_protocol::control::{Failure, Fate, REVISION, Request, Response};
use weft_protocol::key::SecretKey;
use weft_protocol::ledger::Waiting;
use weft_protocol::record::Record;
use weft_protocol::sync::{Frame, Hello, Intake, NONCE_BYTES};
use weft_protocol::time::Timestamp;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::rogue::Rogue;
use weft_tests::vectors::{self, unhex};
use weft_tests::world::World;

use crate::cluster_world::{SOON, an_hour_ago, measured, now, peers, post};

/// One day, the unit in which records live.
const DAY: Duration = Duration::from_secs(86_400);

/// A map with a text of 2^40 bytes in it, of which none follows.
const ENDLESS: &[u8] = b"\xa1\x64post\xa1\x67records\x5b\x00\x00\x01\x00\x00\x00\x00\x00";

#[test]
fn what_is_no_request_is_refused_at_the_door_and_counted() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let deep = [0x81; 10_000];
    for bytes in [b"" as &[u8], b"\xff", b"\xa1\x63abc\xf6", b"\x18\x05", ENDLESS, &deep] {
        let mut door = node.door();
        door.send_frame(bytes).unwrap();
        let answer = door.receive().unwrap();
        assert!(
            matches!(answer, Some(Response::Failed(Failure::BadRequest(_)))),
            "{bytes:?}: {answer:?}"
        );
        assert!(door.status().is_ok(), "one bad request does not end the conversation");
    }
    assert_eq!(counters(node)["door-bad-requests"], 6);

    let mut door = node.door();
    door.send_raw(&[0xff; 8]).unwrap();
    let answer = door.receive().unwrap();
    assert!(matches!(answer, Some(Response::Failed(Failure::BadRequest(_)))), "{answer:?}");
    assert_eq!(door.receive().unwrap(), None, "nobody knows where the next frame would begin");
    let mut door = node.door();
    door.send_raw(b"\x00\x00\x00\x40and no more").unwrap();
    drop(door);
    cluster.eventually("both broken frames should be counted", SOON, || {
        counters(node).get("door-bad-frames") == Some(&2)
    });

    let answer = node.door().ask(&Request::Hello { revision: 99 }).unwrap();
    assert_eq!(answer, Response::Failed(Failure::Revision { revision: REVISION }));
    assert_eq!(counters(node)["other-revisions"], 1);
}

#[test]
fn what_is_no_record_or_comes_at_the_wrong_time_gets_a_verdict() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let mut door = node.door();
    let answer = door.ask(&Request::Post { records: Vec::new().into() }).unwrap();
    assert!(matches!(answer, Response::Failed(Failure::BadRequest(_))), "{answer:?}");
    let all = vectors::all().into_iter().flat_map(|file| file.bad);
    // What is posted is a sequence: of no records above, and two are as good as one.
    let sequences = ["nothing", "two records"];
    let bad: Vec<_> = all.filter(|v| !sequences.contains(&v.name.as_str())).collect();
    for vector in &bad {
        let records = unhex(&vector.hex).into();
        let answer = door.ask(&Request::Post { records }).unwrap();
        let refused = matches!(answer, Response::Failed(Failure::Unverified(_)));
        assert!(refused, "{}: {answer:?}", vector.name);
    }
    assert_eq!(counters(node)["door-bad-records"], bad.len() as u64);

    let world = World::new(31).at(an_hour_ago());
    let (alice, eve) = (world.network("alice"), SecretKey::from_seed(&[66; 32]));
    post(node, std::slice::from_ref(&alice.inception));
    let mut fate = |record: Record| door.post(&[record]).unwrap().remove(0);
    let forged = alice.call("in her name").draft().sign(&eve).unwrap();
    let unnamed = fate(forged.clone());
    assert!(matches!(&unnamed, Fate::Waiting(_) | Fate::Void(_)), "{unnamed:?}");
    let past = alice.call("past").at(before(40 * DAY)).until(before(10 * DAY)).sign();
    let expired = fate(past);
    assert!(matches!(&expired, Fate::Failed(Failure::Refused(_))), "{expired:?}");
    let tomorrow = fate(alice.call("too early").at(now() + DAY).sign());
    assert!(matches!(tomorrow, Fate::Waiting(Waiting::Due(_))), "{tomorrow:?}");
    let counters = counters(node);
    assert_eq!(counters["refused"], 1, "{counters:?}");
    assert_eq!(counters["unnamed-keys"], 1, "{counters:?}");
    assert!(node.weft(["call", "list"]).run().success().stdout.is_empty(), "none of it is shown");
}

#[test]
fn a_peer_without_rules_is_heard_out_and_never_believed() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let mut rogue = Rogue::meet(node, "us-wa", 66);
    let hello = Hello {
        revision: 0,
        nonce: [1; NONCE_BYTES],
        time: now().as_secs(),
        intake: Intake::ORDINARY,
        scopes: Vec::new(),
        salt: None,
    };
    let framed = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length[..], bytes].concat()
    };
    let offences = [
        framed(b"\xff\xff\xff"),
        framed(b"\x82\x05\x1b\x00\x00\x01\x00\x00\x00\x00\x00"),
        framed(&Frame::Done.encode()),
        vec![0xff; 64],
    ];
    for offence in &offences {
        assert!(rogue.say(offence), "a stream is still taken");
    }
    assert!(rogue.say(&framed(&Frame::Hello(hello).encode())));
    rogue.break_off(b"\x00\x00\x00\x40and no more");
    rogue.gossip(b"\x84 is no record");
    rogue.gossip(&[0x5b, 0, 0, 1, 0, 0, 0, 0, 0]);
    cluster.eventually("every offence should be counted", SOON, || {
        let counters = counters(node);
        let count = |name| counters.get(name).copied().unwrap_or_default();
        count("sync-offences") >= offences.len() as u64
            && count("sync-failures") > count("sync-offences")
            && count("gossip-bad-records") >= 1
    });
    // Eight offences are more than any honest program commits: it is put out, and stays out.
    cluster
        .eventually("it should be put out", SOON, || !rogue.say(&offences[0]) && peers(node) == 0);
}

#[test]
fn a_flooding_peer_does_not_keep_people_waiting() {
    let cluster = Cluster::start("us-wa", 2);
    cluster.connect(0, 1);
    let mut rogue = Rogue::meet(&cluster[0], "us-wa", 67);
    let mut door = cluster[0].door();
    let mut worst = Duration::ZERO;
    for round in 0..100_u8 {
        for n in 0..20 {
            let mut bytes = vec![round; 2_000];
            bytes[0] = n;
            rogue.gossip(&bytes);
        }
        let asked = Instant::now();
        door.status().unwrap();
        worst = worst.max(asked.elapsed());
    }
    let refused = counters(&cluster[0])["gossip-bad-records"];
    assert!(refused >= 8, "the flood should have arrived, until nobody listened: {refused}");
    let alice = World::new(32).at(an_hour_ago()).network("alice");
    let mut watch = cluster[1].watch();
    watch.until(SOON, |event| event["event"] == "watching");
    post(&cluster[0], std::slice::from_ref(&alice.inception));
    watch.until(SOON, |event| event["id"] == alice.inception.id().to_string());
    measured(format_args!("under a flood of gossip the door answers in {worst:?} at worst"));
}

fn counters(node: &Node) -> BTreeMap<String, u64> {
    let status = node.weft(["status", "--json"]).run().success().json();
    serde_json::from_value(status["counters"].clone()).unwrap()
}

fn before(life: Duration) -> Timestamp {
    Timestamp::from_secs(now().as_secs() - life.as_secs())
}
