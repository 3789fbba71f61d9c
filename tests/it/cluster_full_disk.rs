//! A disk with no room: the node says so, takes nothing, and goes on answering.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use weft_protocol::control::Fate;
use weft_tests::cluster::Cluster;
use weft_tests::sandbox::Sandbox;
use weft_tests::world::World;

use crate::cluster_world::{SOON, an_hour_ago, inceptions, post, stored};

/// No file of the node may grow beyond this many blocks, one or two megabytes; a write beyond it
/// fails, as on a full disk, and does not end the program.
const SMALL_DISK: &str = "trap '' XFSZ\nulimit -S -f 2048";

/// More calls than there is room for.
const CALLS: usize = 4_000;

#[test]
fn a_full_disk_is_said_and_reading_goes_on_until_there_is_room() {
    let world = World::new(41).at(an_hour_ago());
    let authors = world.networks(4);
    let calls = world.calls(&authors, CALLS);
    let sandbox = Sandbox::after(SMALL_DISK);
    sandbox.init("us-wa");
    let mut cluster = Cluster::default();
    cluster.expect_errors();
    cluster.add_in(sandbox);
    let node = &cluster[0];
    let mut acknowledged = post(node, &inceptions(&authors));

    let mut door = node.door();
    let refusal = calls.chunks(50).find_map(|calls| {
        let fates = door.post(calls);
        let stored = |(call, fate): (&weft_protocol::record::Record, &Fate)| {
            (*fate == Fate::Stored).then(|| call.id())
        };
        acknowledged.extend(calls.iter().zip(fates.iter().flatten()).filter_map(stored));
        fates.err()
    });
    let refusal = refusal.expect("the disk should have no room for all").to_string();
    assert!(refusal.contains("the node cannot write: the disk is full"), "{refusal}");
    cluster.eventually("the log should say it", SOON, || {
        node.said().iter().any(|line| line.contains("the disk takes no more"))
    });

    let status = node.weft(["status"]).run();
    assert!(status.success().stdout.contains("the disk is full"), "{status}");
    assert!(stored(node).is_superset(&acknowledged), "reading goes on");
    let refused = node.door().post(&calls[CALLS - 1..]).expect_err("nothing is taken");
    assert!(refused.to_string().contains("the node cannot write"), "{refused}");

    make_room(node.process());
    cluster.eventually("the node should write again", SOON, || {
        node.door().status().unwrap().read_only.is_none()
    });
    acknowledged.extend(post(node, &calls[CALLS - 1..]));
    cluster[0].kill();
    cluster[0].start();
    assert!(stored(&cluster[0]).is_superset(&acknowledged), "what was acknowledged is there");
    cluster[0].weft(["store", "verify"]).run().success();
}

/// Takes the limit on files away from a running program.
fn make_room(process: u32) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let process = Pid::from_raw(i32::try_from(process).unwrap());
    let none = Rlimit { current: None, maximum: None };
    prlimit(process, Resource::Fsize, none).unwrap();
}
