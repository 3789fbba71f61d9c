//! One home: a person's own mistakes are told in plain words, and what was settled there stays so.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use weft_protocol::control::{Failure, Request, Response};
use weft_tests::cluster::Cluster;

use crate::cluster_world::{SOON, peers};

#[test]
fn a_home_in_use_and_a_wrong_passphrase_are_told_in_plain_words() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let second = node.weft(["up", "--listen", "/ip4/127.0.0.1/tcp/0", "--no-mdns"]).run();
    let words = &second.fails_with(1).stderr;
    assert!(words.contains("uses the home in"), "{second}");

    // Kept here; there is no other node to tell it to.
    node.weft(["network", "found", "--name", "River Neighbours"]).run().success();
    let call = ["call", "new", "--kind", "need", "--title", "Beds wanted", "--ask", "beds:20"];
    let refused = node.weft(call).env("WEFT_PASSPHRASE", "not the words of this key").run();
    let words = &refused.fails_with(1).stderr;
    assert!(words.contains("does not open your network's key"), "{refused}");
    assert!(words.contains("Nothing was done"), "{refused}");
    assert_eq!(node.weft(["call", "list"]).run().success().stdout, "");
    node.weft(call).run().success();
    assert!(node.weft(["call", "list"]).run().success().stdout.contains("Beds wanted"));
}

#[test]
fn a_network_founded_here_still_lives_here_after_a_restart() {
    let mut cluster = Cluster::start("us-wa", 1);
    cluster[0].weft(["network", "found", "--name", "River Neighbours"]).run().success();
    let hosted = |cluster: &Cluster| {
        cluster[0].weft(["status", "--json"]).run().success().json()["hosted"].clone()
    };
    let networks = hosted(&cluster);
    assert_eq!(networks.as_array().map(Vec::len), Some(1), "{networks}");
    cluster[0].kill();
    cluster[0].start();
    assert_eq!(hosted(&cluster), networks);
}

#[test]
fn whom_a_node_met_it_remembers_even_when_it_is_killed_at_once() {
    let mut cluster = Cluster::start("us-wa", 2);
    cluster.connect(0, 1);
    let other = cluster[1].ready().node.clone();
    let book = cluster[0].sandbox().home().join("peers");
    // A second after the first meeting, not when the node has long been running.
    cluster.eventually("the meeting should be written down", SOON, || {
        fs::read_to_string(&book).is_ok_and(|text| text.contains(&other))
    });
    cluster[0].kill();
    cluster[0].start();
    cluster.eventually("they should meet again, and nobody told them to", SOON, || {
        peers(&cluster[0]) == 1
    });
}

#[test]
fn idle_programs_at_the_door_never_keep_the_operator_out() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let mut first = node.door();
    first.status().unwrap();
    let idle: Vec<_> = (0..60).map(|_| node.door()).collect();
    let watch = |_| {
        let mut door = node.door();
        let answer = door.ask(&Request::Watch(<_>::default())).unwrap();
        (door, answer)
    };
    let (watches, started): (Vec<_>, Vec<_>) = (0..60).map(watch).unzip();
    let busy = started.iter().filter(|answer| **answer == Response::Failed(Failure::Busy)).count();
    assert!((1..60).contains(&busy), "{busy} of 60 should find no place to watch");
    node.weft(["status"]).run().success();
    assert!(first.status().is_err(), "who was idle longest has made room");
    drop((idle, watches));
    node.door().status().unwrap();
}

/// A home that an older program made, or that was copied without its permissions.
#[test]
fn a_home_that_was_left_open_to_others_is_closed_to_them_when_its_node_starts() {
    let mut cluster = Cluster::start("us-wa", 1);
    cluster[0].weft(["network", "found", "--name", "River Neighbours"]).run().success();
    cluster[0].stop();
    let home = cluster[0].sandbox().home();
    let mode = |name: &str| fs::metadata(home.join(name)).unwrap().permissions().mode() & 0o777;
    let private = [("node.key", 0o644), ("keys", 0o755), ("store", 0o775), ("choices.toml", 0o664)];
    for (name, loose) in private {
        fs::set_permissions(home.join(name), Permissions::from_mode(loose)).unwrap();
    }
    let own = home.join("config.toml");
    fs::set_permissions(&own, Permissions::from_mode(0o644)).unwrap();
    cluster[0].start();
    for (name, loose) in private {
        assert_eq!(mode(name), loose & 0o700, "{name}");
    }
    assert_eq!(mode("config.toml"), 0o644, "it holds no secret, and is the operator's to open");
}
