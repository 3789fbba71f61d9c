//! What a stranger, a careless program or a fault does to the node's own body.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use weft_protocol::control::{RecordFilter, Request, Response};
use weft_protocol::record::Record;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::door::Door;
use weft_tests::rogue::Rogue;
use weft_tests::sandbox::Sandbox;
use weft_tests::world::World;

use crate::cluster_member::member_of;
use crate::cluster_world::{SOON, an_hour_ago, meet, peers, post, stored};

/// How a node is started that says all it can, and is told as narrowly as can be to let those below it
/// speak too.
const TALKATIVE: &[&str] = &[
    "--listen",
    "/ip4/127.0.0.1/tcp/0",
    "--no-mdns",
    "--log",
    "trace,libp2p=trace,libp2p_swarm=trace,libp2p_tcp=trace,libp2p_tcp::provider=trace,\
     libp2p_identify=trace,libp2p_identify::handler=trace,libp2p_noise::io::framed=trace,\
     multistream_select=trace,netlink_proto=trace,yamux::connection=trace,libp2p_gossipsub=trace,\
     [Connection]=trace,[{remote_addr}]=trace,log=trace",
];

/// How many clients come and go; three times as many as the node could keep lists for, and more.
const CLIENTS: usize = 200;

/// Makes a pipe of this name that is full, and that nobody reads as long as what is returned is kept.
fn full_pipe(path: &Path) -> File {
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap();
    let mut pipe =
        OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).unwrap();
    loop {
        match pipe.write(&[b'.'; 512]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return pipe,
            Err(error) => panic!("the pipe should fill: {error}"),
        }
    }
}

#[test]
fn h14_a_node_whose_log_nobody_reads_answers_meets_and_stops() {
    let sandbox = Sandbox::after("[ \"$1\" != up ] || exec 2> \"$HOME/unread\"");
    let _unread = full_pipe(&sandbox.path("unread"));
    sandbox.init("us-wa");
    let mut cluster = Cluster::default();
    let node = cluster.add_up(sandbox, TALKATIVE);
    let rogues: Vec<Rogue> =
        (0..5).map(|n| Rogue::meet(&cluster[node], "us-wa", 100 + n)).collect();
    cluster.eventually("all should be seen", SOON, || peers(&cluster[node]) == 5);
    drop(rogues);
    let river = World::new(61).at(an_hour_ago()).network("river");
    post(&cluster[node], &[river.inception.clone(), river.call("ten beds").sign()]);
    let status = cluster[node].terminate(SOON);
    assert_eq!(status.map(|status| status.code()), Some(Some(0)), "it ends when told to");
}

#[test]
fn h14_who_comes_and_goes_writes_no_lines() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    for n in 0..8 {
        drop(Rogue::meet(node, "us-wa", 110 + n));
    }
    cluster.eventually("all should have gone", SOON, || peers(node) == 0);
    let lines: Vec<String> = log_of(node);
    assert!(lines.is_empty(), "at the usual level strangers write nothing: {lines:?}");
}

#[test]
fn m14_no_directive_however_narrow_brings_an_address_into_the_log() {
    let mut cluster = Cluster::default();
    let add = |cluster: &mut Cluster| {
        let sandbox = Sandbox::new();
        sandbox.init("us-wa");
        cluster.add_up(sandbox, TALKATIVE)
    };
    let [alice, bob] = [add(&mut cluster), add(&mut cluster)];
    cluster.connect(alice, bob);
    meet(&cluster, alice, 1);
    let nobody = "/ip4/127.0.0.1/tcp/1";
    cluster[alice].weft(["peers", "connect", nobody]).run().fails_with(1);
    for n in [alice, bob] {
        let lines = log_of(&cluster[n]);
        let about = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
        assert!(about("weft_node") > 0, "it says all it can: {lines:?}");
        for place in ["127.0.0.1", "/ip4", "/tcp", "libp2p"] {
            let line = lines.iter().find(|line| line.contains(place));
            assert_eq!(line, None, "a line names a place, or one speaks who might");
        }
    }
}

/// Returns what a node has written to its log.
fn log_of(node: &Node) -> Vec<String> {
    node.said().into_iter().filter(|line| !line.contains("\"event\":\"ready\"")).collect()
}

#[test]
fn h12_who_goes_in_the_middle_of_an_answer_leaves_nothing_behind() {
    let cluster = Cluster::start("us-wa", 2);
    let node = &cluster[0];
    let world = World::new(62).at(an_hour_ago());
    let authors = world.networks(2);
    post(node, &authors.iter().map(|author| author.inception.clone()).collect::<Vec<_>>());
    // More than a socket holds, so that none of these answers ends by itself.
    post(node, &world.calls(&authors, 1200));
    let records = Request::Records(RecordFilter::default());
    let shown = || node.door().list(&records).map(|all| all.len());
    let all = shown().unwrap();
    // A door that is full for a moment closes who comes; a client comes again.
    let asks = |request: &Request| {
        let mut asked = None;
        cluster.eventually("the door should take one more", SOON, || {
            let mut door = node.door();
            asked = door.send(request).is_ok().then_some(door);
            asked.is_some()
        });
        asked.unwrap()
    };

    // After each message of an answer.
    for read in 0..CLIENTS {
        let mut door = asks(&records);
        for _ in 0..read {
            assert!(matches!(door.receive().unwrap(), Some(Response::Record(_))));
        }
    }
    assert_eq!(shown().unwrap(), all);

    // By being put out: each who comes takes the place of one who does not read.
    let mut waiting: Vec<Door> = Vec::new();
    for _ in 0..CLIENTS {
        let mut door = asks(&records);
        // The first message says that the answer is under way.
        assert!(matches!(door.receive().unwrap(), Some(Response::Record(_))));
        waiting.push(door);
    }
    assert_eq!(shown().unwrap(), all);
    drop(waiting);

    // From a watch, and from waiting for a conversation with others that has not begun.
    cluster.connect(0, 1);
    meet(&cluster, 0, 1);
    for asked in [Request::SyncNow, Request::Watch(Default::default())] {
        for _ in 0..CLIENTS {
            asks(&asked);
        }
    }
    cluster.eventually("lists should be answered as before", SOON, || shown().ok() == Some(all));
    cluster.eventually("and so should be who watches", SOON, || {
        node.door().ask(&Request::Watch(Default::default())).unwrap() == Response::Fine
    });
}

#[test]
fn h7_what_is_blocked_comes_in_by_no_door_and_a_member_brings_only_their_own() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let address = node.address().to_owned();
    let (member, _) = member_of(node, &address);
    let hostile = World::new(63).at(an_hour_ago()).in_region("gb-bristol").network("hostile");
    let flood = [hostile.inception.clone(), hostile.call("Beds of others").sign()];
    let bundle: Vec<u8> = flood.iter().flat_map(|record| record.bytes().to_vec()).collect();
    for sandbox in [&member, node.sandbox()] {
        std::fs::write(sandbox.path("flood.cbor"), &bundle).unwrap();
    }
    let import = |sandbox: &Sandbox| {
        let file = sandbox.path("flood.cbor");
        sandbox.weft(["import", file.to_str().unwrap()]).run()
    };
    let by_member = import(&member);
    assert!(by_member.fails_with(4).stderr.contains("what your key signs"), "{by_member}");

    let id = hostile.id().to_string();
    node.weft(["policy", "block", "--network", &id, "--reason", "they flood us"]).run().success();
    let by_operator = import(node.sandbox());
    assert!(by_operator.stdout.contains("they flood us"), "{by_operator}");
    assert!(stored(node).is_disjoint(&flood.iter().map(Record::id).collect()));
    node.weft(["policy", "remove", "--network", &id, "--action", "block"]).run().success();
    import(node.sandbox()).success();
    assert!(stored(node).is_superset(&flood.iter().map(Record::id).collect()));
}

#[test]
fn m7_a_far_door_is_shown_one_key_of_a_role_and_no_other() {
    let cluster = Cluster::start("gb-bristol", 1);
    let address = cluster[0].address().to_owned();
    let (member, _) = member_of(&cluster[0], &address);
    let request = |label| member.weft(["member", "request", "--label", label]).run();
    request("of-another-network").success();
    // The one that has opened the door before is shown again, and nobody is asked.
    member.weft(["call", "list"]).run().success();
    std::fs::remove_file(member.home().join("doors.toml")).unwrap();
    let unclear = member.weft(["call", "list"]).run();
    assert!(
        unclear.fails_with(2).stderr.contains("role-of-another-network, role-rep-2"),
        "{unclear}"
    );
    member.weft(["call", "list", "--node-key", "role-rep-2"]).run().success();
    member.weft(["call", "list"]).run().success();
    std::fs::copy(
        member.home().join("keys/role-rep-2.key"),
        member.home().join("keys/rotation.key"),
    )
    .unwrap();
    let never = member.weft(["call", "list", "--node-key", "rotation"]).run();
    assert!(never.fails_with(4).stderr.contains("the key of a role"), "{never}");
    let counters = cluster[0].door().status().unwrap().counters;
    assert_eq!(counters.get("guests-without-proof"), None, "no other key was tried");
}
