//! What strangers get of a closed node: nothing, by any way, until its operator lets them in.

use std::slice::from_ref;
use std::time::Duration;

use serde_json::Value;
use weft_protocol::record::Record;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;
use weft_tests::world::{Network, World};

use crate::cluster_member::{listed, member_of, posts};
use crate::cluster_relay::{AS_SET, home, relayed};
use crate::cluster_world::{SOON, an_hour_ago, answer, peers, post, stored, text};

/// Makes the home of a closed node.
fn closed(region: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.init_as(region, "closed", "");
    sandbox
}

/// Returns how often a node has knocked at a closed one in vain.
fn knocks(node: &Node, by: &str) -> u64 {
    let status = answer(node, &["status"]);
    let knocks = status["knocks"].as_array().cloned().unwrap_or_default();
    let of = knocks.into_iter().find(|knock| knock["node"] == by);
    of.map_or(0, |knock| knock["times"].as_u64().unwrap_or_default())
}

/// Waits until a node has knocked once more, so that it would have been told of what was there before.
#[track_caller]
fn knocks_again(cluster: &Cluster, at: usize, by: &str) {
    let before = knocks(&cluster[at], by);
    cluster.eventually("the stranger should knock again", SOON * 2, || {
        knocks(&cluster[at], by) > before
    });
}

/// Waits until a node has these records.
#[track_caller]
fn has(cluster: &Cluster, node: usize, records: &[Record]) {
    cluster.eventually("who is let in should be told", SOON, || {
        let stored = stored(&cluster[node]);
        records.iter().all(|record| stored.contains(&record.id()))
    });
}

/// Lets a node take what a network says, and tell it to those with whom it speaks.
fn trust(node: &Node, network: &Network) {
    let id = network.id().to_string();
    answer(node, &["policy", "allow", "--network", &id, "--reason", "they are of us"]);
}

/// Lets a node in.
fn allow(node: &Node, stranger: &str) {
    answer(node, &["policy", "allow", "--peer", stranger, "--reason", "we know each other"]);
}

#[test]
fn l_a_closed_node_tells_a_stranger_nothing_and_who_is_allowed_everything() {
    let mut cluster = Cluster::default();
    let alice = cluster.add_in(closed("us-wa"));
    let eve = cluster.add("us-wa");
    let name = cluster[eve].ready().node.clone();
    let river = World::new(71).at(an_hour_ago()).network("river");
    let (inception, first) = (river.inception.clone(), river.call("ten beds").sign());
    post(&cluster[alice], &[inception.clone(), first.clone()]);
    trust(&cluster[alice], &river);

    // She is told that it is closed, and by which name it can let her in; nothing else.
    let address = cluster[alice].address().to_owned();
    let refused = cluster[eve].weft(["peers", "connect", &address]).run();
    let said = &refused.fails_with(1).stderr;
    assert!(said.contains("closed") && said.contains(&format!("allow --peer {name}")), "{refused}");
    let doctor = cluster[eve].weft(["doctor"]).run();
    let words = ["is closed", &format!("allow --peer {name}")[..]];
    assert!(words.iter().all(|word| doctor.fails_with(1).stdout.contains(word)), "{doctor}");
    assert!(!doctor.stdout.contains("on a network?"), "{doctor}");
    cluster
        .eventually("it should be known who knocked", SOON, || knocks(&cluster[alice], &name) > 0);
    knocks_again(&cluster, alice, &name);
    assert!(stored(&cluster[eve]).is_empty());
    let tried = answer(&cluster[eve], &["peers", "list"]);
    let tried = tried.as_array().cloned().unwrap_or_default();
    assert!(
        tried.iter().all(|peer| peer["regions"].as_array().is_none_or(Vec::is_empty)),
        "{tried:?}"
    );
    assert_eq!(peers(&cluster[alice]), 0);

    // Its operator hears of it in plain words, in both languages, and no address is in the log.
    let allow_it = format!("weft policy allow --peer {name}");
    for command in [&["doctor"][..], &["status"], &["newcomer", "list"]] {
        let said = cluster[alice].weft(command.iter().copied()).run();
        assert!(said.stdout.contains(&name) && said.stdout.contains("knocked"), "{said}");
        let said = cluster[alice].weft(["--lang", "es"].iter().chain(command).copied()).run();
        assert!(said.stdout.contains(&name) && said.stdout.contains("la puerta"), "{said}");
    }
    let doctor = cluster[alice].weft(["doctor"]).run();
    assert!(doctor.stdout.contains(&allow_it), "{doctor}");
    let counted = answer(&cluster[alice], &["status"])["counters"]["nodes-not-let-in"].clone();
    assert!(counted.as_u64().is_some_and(|counted| counted >= 2), "{counted}");

    allow(&cluster[alice], &name);
    has(&cluster, eve, &[inception, first]);
    assert_eq!(knocks(&cluster[alice], &name), 0, "who is let in waits no more");

    // Whoever is put out again hears nothing of what is said from then on.
    answer(&cluster[alice], &["policy", "remove", "--peer", &name, "--action", "allow"]);
    cluster.eventually("who is no longer allowed should be put out", SOON, || {
        peers(&cluster[alice]) == 0
    });
    let later = river.call("hot soup").sign();
    post(&cluster[alice], from_ref(&later));
    knocks_again(&cluster, alice, &name);
    assert!(!stored(&cluster[eve]).contains(&later.id()));
    let held = answer(&cluster[alice], &["record", "show", &later.id().to_string()]);
    assert!(!held.to_string().contains(&name), "{held}");
}

#[test]
fn l_a_node_that_is_closed_while_it_runs_puts_strangers_out_and_stays_closed_over_a_restart() {
    let mut cluster = Cluster::start("us-wa", 2);
    let [alice, eve] = [0, 1];
    let name = cluster[eve].ready().node.clone();
    let river = World::new(72).at(an_hour_ago()).network("river");
    cluster.connect(eve, alice);
    cluster.eventually("they should meet", SOON, || peers(&cluster[alice]) == 1);
    post(&cluster[alice], from_ref(&river.inception));
    has(&cluster, eve, from_ref(&river.inception));

    let said = cluster[alice].weft(["policy", "mode", "closed"]).run();
    assert!(said.success().stderr.contains("closed now"), "{said}");
    cluster.eventually("she should be put out", SOON, || peers(&cluster[alice]) == 0);
    let first = river.call("ten beds").sign();
    post(&cluster[alice], from_ref(&first));
    knocks_again(&cluster, alice, &name);
    assert!(!stored(&cluster[eve]).contains(&first.id()));

    // That it has met her before does not count.
    cluster[alice].stop();
    cluster[alice].start();
    let address = cluster[alice].address().to_owned();
    cluster[eve].weft(["peers", "connect", &address]).run().fails_with(1);
    knocks_again(&cluster, alice, &name);
    assert!(!stored(&cluster[eve]).contains(&first.id()));
    assert_eq!(answer(&cluster[alice], &["policy", "show"])["mode"], "closed");

    // Whom it is told to dial is one of those that it speaks with.
    cluster.connect(alice, eve);
    has(&cluster, eve, &[first]);
    cluster[alice].weft(["policy", "mode", "federation"]).run().success();
    let third = cluster.add("us-wa");
    cluster.connect(third, alice);
    has(&cluster, third, &[river.inception]);
}

#[test]
fn l_members_find_the_door_of_a_closed_node_and_its_company_through_it() {
    let mut cluster = Cluster::default();
    let alice = cluster.add_in(closed("gb-bristol"));
    let bob = cluster.add("gb-bristol");
    let address = cluster[alice].address().to_owned();
    let (member, _) = member_of(&cluster[alice], &address);
    allow(&cluster[alice], &cluster[bob].ready().node.clone());
    cluster.connect(bob, alice);
    posts(&member, "Twenty beds wanted");
    listed(&cluster, bob, "Twenty beds wanted");
    let status = answer(&cluster[alice], &["status"]);
    assert_eq!(status["knocks"], Value::Array(Vec::new()), "a member's terminal does not knock");

    // Who is invited is told what is still to be done, on both sides.
    let made = cluster[alice].weft(["invite", "new"]).run();
    assert!(made.success().stderr.contains("policy allow --peer"), "{made}");
    let link = made.stdout.lines().last().unwrap_or_default().to_owned();
    let friend = cluster.add("gb-bristol");
    let name = cluster[friend].ready().node.clone();
    let joined = cluster[friend].weft(["join", &link]).run();
    let said = &joined.fails_with(1).stderr;
    assert!(said.contains("closed") && said.contains(&format!("allow --peer {name}")), "{joined}");
    allow(&cluster[alice], &name);
    listed(&cluster, friend, "Twenty beds wanted");
}

#[test]
fn l_a_closed_node_behind_a_relay_and_a_closed_relay_let_no_stranger_through() {
    let mut cluster = Cluster::default();
    let relay = cluster.add_up(home("us-wa", "[\"/ip4/127.0.0.1/tcp/0\"]", "serve"), AS_SET);
    let alice = cluster.add_up(home("gb-bristol", "[]", "use"), AS_SET);
    let eve = cluster.add_up(home("gb-bristol", "[]", "use"), AS_SET);
    cluster[alice].weft(["policy", "mode", "closed"]).run().success();
    let river = World::new(73).at(an_hour_ago()).in_region("gb-bristol").network("river");
    let said = [river.inception.clone(), river.call("ten beds").sign()];
    post(&cluster[alice], &said);
    trust(&cluster[alice], &river);
    cluster.connect(alice, relay);
    cluster.connect(eve, relay);
    let address = relayed(&cluster, alice);
    let name = cluster[eve].ready().node.clone();
    cluster[eve].weft(["peers", "connect", &address]).run().fails_with(1);
    knocks_again(&cluster, alice, &name);
    assert!(stored(&cluster[eve]).is_empty());
    allow(&cluster[alice], &name);
    has(&cluster, eve, &said);

    // Who was let in by the relay before it was closed is not relayed by it any more.
    cluster[relay].weft(["policy", "mode", "closed"]).run().success();
    cluster.eventually("nobody should be reached through it", SOON, || {
        let listening = cluster[alice].door().status().map(|status| status.listening);
        listening.is_ok_and(|all| all.iter().all(|address| !address.contains("/p2p-circuit")))
    });
    let id = text(&answer(&cluster[alice], &["status"])["node"]);
    cluster.eventually("and who knocks is known", SOON + Duration::from_secs(30), || {
        knocks(&cluster[relay], &id) > 0
    });
}
