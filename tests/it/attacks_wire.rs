//! What attackers try over the wire: real peers that lie, against real nodes.

use std::time::{Duration, Instant};

use weft_protocol::record::Record;
use weft_tests::cluster::Cluster;
use weft_tests::rogue::{Claims, Rogue};
use weft_tests::world::World;

use crate::cluster_world::{
    SOON, an_hour_ago, answer, inceptions, measured, now, peers, post, stored,
};

/// More records than a region will have for years.
const PHANTOMS: usize = 60_000;

#[test]
fn a_replay_by_a_real_peer_brings_nothing_back() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let river = World::new(45).at(an_hour_ago()).network("river");
    let (first, withdrawn) = (river.call("ten beds").sign(), river.call("hot soup").sign());
    let edited = river.call("twenty beds").following(&first).sign();
    let end = river.clone().later(now()).withdraw(&withdrawn).sign();
    let expired = river.call("an hour of rain").until(now() - Duration::from_secs(60)).sign();
    // Neither of the old ones was ever here.
    post(node, &[river.inception.clone(), edited.clone(), end]);
    let old = [first, withdrawn, expired.clone()];
    let mut rogue = Rogue::meet(node, "us-wa", 68);
    let stats = rogue.reconcile(now(), Claims::of(&old)).unwrap();
    assert!(stats.sent >= 2, "they should have been sent: {stats:?}");
    let bytes: Vec<u8> = old.iter().flat_map(|record| record.bytes().to_vec()).collect();
    rogue.gossip(&bytes);
    old.iter().for_each(|record| rogue.gossip(record.bytes()));
    let shows = || {
        let list = node.weft(["call", "list"]).run();
        let list = &list.success().stdout;
        let dead = ["ten beds", "hot soup", "rain"].iter().any(|title| list.contains(title));
        (list.contains("twenty beds"), dead)
    };
    cluster.eventually("what was said again should have been judged", SOON, || {
        node.weft(["record", "show", &old[0].id().to_string()]).run().status.success()
    });
    assert_eq!(shows(), (true, false));
    assert!(!stored(node).contains(&expired.id()), "what has expired is not kept");
}

#[test]
fn a_peer_that_claims_sixty_thousand_records_and_has_none_costs_a_conversation() {
    let cluster = Cluster::start("us-wa", 2);
    let node = &cluster[0];
    let mut rogue = Rogue::meet(node, "us-wa", 69);
    let began = Instant::now();
    let answered = rogue.answer(now(), Claims::phantoms(PHANTOMS));
    let asked = rogue.reconcile(now(), Claims::phantoms(PHANTOMS));
    measured(format_args!(
        "{PHANTOMS} phantoms: asked {asked:?}, answered {answered:?}, in {:?}",
        began.elapsed()
    ));
    let gone = [answered, asked].map(|ended| ended.expect("both keep the rules").gone);
    assert_eq!(gone, [PHANTOMS, 0], "what the other does not have is asked for once");
    let asked = Instant::now();
    let status = node.door().status().unwrap();
    measured(format_args!("the door answers in {:?}", asked.elapsed()));
    assert_eq!(status.records["all"], 0, "nothing of it is stored");
    arrives(&cluster, 1, "beds in time");
}

/// Lets a node call for something, and waits until it is at the first one.
#[track_caller]
fn arrives(cluster: &Cluster, from: usize, title: &str) {
    let author = World::new(46).at(an_hour_ago()).network("choir");
    let calls: Vec<Record> =
        (0..200).map(|n| author.call(&format!("{title} {n}")).sign()).collect();
    post(&cluster[from], &inceptions(&[author]));
    let ids = post(&cluster[from], &calls);
    cluster.connect(from, 0);
    cluster.eventually("an honest node should be heard all the same", SOON, || {
        stored(&cluster[0]).is_superset(&ids)
    });
}

#[test]
fn a_peer_that_dawdles_and_one_that_shouts_keep_nobody_from_reconciling() {
    let cluster = Cluster::start("us-wa", 2);
    let mut slow = Rogue::meet(&cluster[0], "us-wa", 70);
    let mut loud = Rogue::meet(&cluster[0], "us-wa", 71);
    // Half a frame, and then nothing; and the beginning of one that is a byte too long.
    let half = [&[0, 0, 4, 0][..], &[0x81; 500]].concat();
    let held = slow.hold(64, &half);
    assert!(!held.is_empty(), "some streams should be taken");
    let long = [&(256 * 1024 + 1_u32).to_be_bytes()[..], &[0; 100]].concat();
    for _ in 0..8 {
        loud.say(&long);
    }
    arrives(&cluster, 1, "beds in time");
    cluster.eventually("who shouts should be put out", SOON, || {
        !loud.say(&long) && peers(&cluster[0]) <= 2
    });
    drop(held);
}

#[test]
fn a_node_that_is_blocked_is_put_out_and_stays_out() {
    let mut cluster = Cluster::start("us-wa", 2);
    cluster.connect(0, 1);
    let meet = |cluster: &Cluster, count: u32, should: &str| {
        cluster.eventually(should, SOON, || {
            peers(&cluster[0]) == count && peers(&cluster[1]) == count
        });
    };
    meet(&cluster, 1, "they should meet");
    let eve = cluster[1].ready().node.clone();
    let block = ["policy", "block", "--peer", &eve, "--reason", "it keeps us busy"];
    answer(&cluster[0], &block);
    meet(&cluster, 0, "who is blocked should be put out");
    let author = World::new(47).at(an_hour_ago()).network("choir");
    let call = author.call("a room").sign();
    post(&cluster[1], &[author.inception.clone(), call.clone()]);
    cluster[0].stop();
    cluster[0].start();
    // A third one is met meanwhile.
    let address = cluster[0].address().to_owned();
    cluster[1].weft(["peers", "connect", &address]).run().fails_with(1);
    let third = cluster.add("us-wa");
    cluster.connect(third, 0);
    cluster.eventually("others should be met, and also after a restart nobody else", SOON, || {
        peers(&cluster[third]) == 1 && peers(&cluster[0]) == 1
    });
    assert_eq!(peers(&cluster[1]), 0);
    answer(&cluster[0], &["policy", "remove", "--peer", &eve, "--action", "block"]);
    cluster.connect(1, 0);
    cluster.eventually("who is forgiven should be met again", SOON, || peers(&cluster[0]) == 2);
    cluster.eventually("and heard", SOON, || stored(&cluster[0]).contains(&call.id()));
}
