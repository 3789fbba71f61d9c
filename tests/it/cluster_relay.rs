//! Nodes that nobody can dial, as behind a home router, and the node that relays for them.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::fs;

use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_member::{listed, member_of, posts};
use crate::cluster_world::{SOON, peers, stored};

/// How a node is started that takes what its settings say, and looks for nobody.
pub(crate) const AS_SET: &[&str] = &["--no-mdns"];

/// Makes a home whose settings say this of the network instead of what they usually say.
pub(crate) fn home(region: &str, listen: &str, relay: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .weft(["init", "--region", region, "--mode", "open", "--listen", "/ip4/127.0.0.1/tcp/0"])
        .run()
        .success();
    let file = sandbox.home().join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let usual = "listen = [\"/ip4/127.0.0.1/tcp/0\"]";
    assert!(text.contains(usual), "{text}");
    let changed = text.replace(usual, &format!("listen = {listen}\nrelay = \"{relay}\""));
    fs::write(file, changed).unwrap();
    sandbox
}

/// Returns the address at which a node is reached through the relay, as soon as there is one.
pub(crate) fn relayed(cluster: &Cluster, node: usize) -> String {
    let mut found = None;
    let address = |node: &Node| {
        let listening = node.door().status().unwrap().listening;
        listening.into_iter().find(|address| address.contains("/p2p-circuit"))
    };
    cluster.eventually("the relay should take the node in", SOON, || {
        found = address(&cluster[node]);
        found.is_some()
    });
    found.unwrap()
}

#[test]
fn two_nodes_that_nobody_can_dial_meet_through_a_relay() {
    let mut cluster = Cluster::default();
    // In another region, so that nothing of theirs passes it but what it relays and cannot read.
    let relay = cluster.add_up(home("us-wa", "[\"/ip4/127.0.0.1/tcp/0\"]", "serve"), AS_SET);
    let alice = cluster.add_up(home("gb-bristol", "[]", "use"), AS_SET);
    let bob = cluster.add_up(home("gb-bristol", "[]", "use"), AS_SET);
    assert!(cluster[alice].ready().listen.is_empty() && cluster[bob].ready().listen.is_empty());
    cluster.connect(alice, relay);
    cluster.connect(bob, relay);
    let address = relayed(&cluster, alice);
    cluster[bob].weft(["peers", "connect", &address]).run().success();
    cluster.eventually("they should meet", SOON, || {
        [alice, bob].iter().all(|n| peers(&cluster[*n]) == 1)
    });

    let (member, _) = member_of(&cluster[alice], &address);
    posts(&member, "Twenty beds wanted");
    listed(&cluster, bob, "Twenty beds wanted");
    assert!(stored(&cluster[relay]).is_empty(), "the relay keeps nothing of another region");
    for node in [relay, alice, bob] {
        let line = cluster[node]
            .said()
            .into_iter()
            .find(|line| line.contains("127.0.0.1") && !line.contains("\"event\":\"ready\""));
        assert_eq!(line, None, "a log tells no addresses");
    }
}
