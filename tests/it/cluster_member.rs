//! A member who has no node of their own, at the door of the node that their network runs.

use serde_json::{Value, json};
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{SOON, text};
use crate::joining::shut;

/// Founds a network at a node, offers a role to a member who sits elsewhere, and lets them accept it
/// through this address. Returns the member's home and the role.
pub(crate) fn member_of(node: &Node, address: &str) -> (Sandbox, String) {
    let founded = node.weft(["network", "found", "--name", "River Neighbours", "--json"]).run();
    founded.json();
    let member = someone(address);
    let request = member.weft(["member", "request", "--label", "rep-2", "--json"]).run();
    let key = text(&request.success().json()["key"]);
    let offer = ["role", "offer", &key, "--label", "rep-2", "--power", "call", "--json"];
    let role = text(&node.weft(offer).run().json()["id"]);
    let early = member.weft(call("Too early")).run();
    assert!(early.fails_with(4).stderr.contains("not accepted"), "{early}");
    member.weft(["role", "accept", &role, "--json"]).run().json();
    (member, role)
}

/// Makes a home for somebody who asks the node at this address.
fn someone(address: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.weft(["init", "--region", "gb-bristol", "--node", address]).run().success();
    sandbox
}

/// Posts a call as the member, and returns its id.
pub(crate) fn posts(member: &Sandbox, title: &str) -> String {
    let posted = member.weft(call(title).into_iter().chain(["--json"])).run();
    text(&posted.json()["id"])
}

/// Waits until a node lists a call.
pub(crate) fn listed(cluster: &Cluster, node: usize, title: &str) {
    cluster.eventually(&format!("node {node} should list the call"), SOON, || {
        cluster[node].weft(["call", "list"]).run().success().stdout.contains(title)
    });
}

fn call(title: &str) -> [&str; 8] {
    ["call", "new", "--kind", "need", "--title", title, "--ask", "beds:20"]
}

/// Rows: 0.17.
#[test]
fn a_member_without_a_node_calls_through_the_node_of_their_network() {
    let cluster = Cluster::start("gb-bristol", 2);
    cluster.connect(0, 1);
    let address = cluster[0].address().to_owned();
    let (member, role) = member_of(&cluster[0], &address);
    let id = posts(&member, "Twenty beds wanted");
    listed(&cluster, 1, "Twenty beds wanted");
    let here = member.weft(["call", "list"]).run();
    assert!(here.success().stdout.contains("Twenty beds wanted"), "{here}");
    let shown = member.weft(["record", "verify", &id]).run();
    shown.success();

    operators_alone(&member);
    cluster[0].weft(["status"]).run().success();
    strangers_are_refused(&address);

    cluster[0].weft(["role", "withdraw", &role]).run().success();
    let late = member.weft(["call", "list"]).run();
    assert!(late.fails_with(4).stderr.contains("holds no role"), "{late}");
    let counters = cluster[0].weft(["status", "--json"]).run().success().json();
    let count = |name: &str| counters["counters"][name].as_u64().unwrap_or_default();
    assert!(count("guests-bad-requests") >= 4 && count("guests-without-proof") >= 1, "{counters}");
}

#[test]
fn a_members_home_is_told_what_is_wrong_with_it_and_what_is_not_its_to_do() {
    let cluster = Cluster::start("gb-bristol", 1);
    let address = cluster[0].address().to_owned();
    cluster[0].weft(["network", "found", "--name", "River Neighbours"]).run().success();
    let member = Sandbox::new();
    let init = ["init", "--region", "gb-bristl", "--node", &address];
    member.weft(init).run().success();
    let request = member.weft(["member", "request", "--label", "rep-2", "--json"]).run();
    let key = text(&request.success().json()["key"]);
    let offer = ["role", "offer", &key, "--label", "rep-2", "--power", "call", "--json"];
    let role = text(&cluster[0].weft(offer).run().json()["id"]);
    let accept = ["role", "accept", &role];
    let elsewhere = member.weft(accept).run();
    for words in ["publishes in gb-bristl", "is in gb-bristol", "config.toml"] {
        assert!(elsewhere.fails_with(4).stderr.contains(words), "{words}: {elsewhere}");
    }
    let config = member.home().join("config.toml");
    let settings = std::fs::read_to_string(&config).expect("the home has settings");
    std::fs::write(&config, settings.replace("gb-bristl", "gb-bristol")).expect("they are ours");
    member.weft(accept).run().success();
    posts(&member, "Twenty beds wanted");
    let up = member.weft(["up"]).run();
    assert!(up.fails_with(2).stderr.contains("has none of its own"), "{up}");
    let invite = member.weft(["invite", "new"]).run();
    assert!(invite.fails_with(1).stderr.contains("Ask those who run it"), "{invite}");
}

/// Row F48: a member is told why nobody was asked, and that nothing was done.
#[test]
fn a_member_whose_node_is_not_reached_is_told_why_and_that_nothing_was_signed() {
    let cluster = Cluster::start("gb-bristol", 2);
    let right = cluster[0].address().to_owned();
    let (member, _) = member_of(&cluster[0], &right);
    let (_, name) = right.split_once("/p2p/").expect("an address ends in a name");
    let (place, other) = cluster[1].address().split_once("/p2p/").expect("this one, too");
    let (elsewhere, nowhere) = (format!("{place}/p2p/{name}"), format!("{}/p2p/{name}", shut()));
    let end = format!("/p2p/{other}");
    for (address, lang, words) in [
        (&nowhere, "en", ["nobody listens at that port", "Nothing was done", "Try again"]),
        (&nowhere, "es", ["nadie escucha en ese puerto", "No se ha hecho nada", "Inténtelo"]),
        (&elsewhere, "en", ["another node answers there", "Nothing was done", &end]),
        (&elsewhere, "es", ["allí contesta otro nodo", "No se ha hecho nada", &end]),
    ] {
        let asked = call("Beds").into_iter().chain(["--node", address, "--lang", lang]);
        let refused = member.weft(asked).run();
        for words in words {
            assert!(refused.fails_with(1).stderr.contains(words), "{words}: {refused}");
        }
    }
    assert_eq!(member.weft(["call", "list", "--json"]).run().success().json(), json!([]));
}

/// What only the operator may ask is refused in words, and nothing of other nodes is told.
fn operators_alone(member: &Sandbox) {
    let all: [&[&str]; 6] = [
        &["stop"],
        &["peers", "list"],
        &["peers", "connect", "/ip4/127.0.0.1/tcp/1"],
        &["sync", "now"],
        &["sync", "status"],
        &["store", "stats"],
    ];
    for arguments in all {
        let refused = member.weft(arguments).run();
        assert!(refused.fails_with(4).stderr.contains("only the operator"), "{refused}");
    }
    let status = member.weft(["status", "--json"]).run().success().json();
    assert_eq!(status["listening"], Value::Array(Vec::new()), "{status}");
}

fn strangers_are_refused(address: &str) {
    let stranger = someone(address);
    let keyless = stranger.weft(["call", "list"]).run();
    assert!(keyless.fails_with(1).stderr.contains("no keys"), "{keyless}");
    stranger.weft(["member", "request", "--label", "nobody"]).run().success();
    let refused = stranger.weft(["call", "list"]).run();
    assert!(refused.fails_with(4).stderr.contains("holds no role"), "{refused}");
    stranger.weft(["call", "list", "--node", "the office"]).run().fails_with(2);
}
