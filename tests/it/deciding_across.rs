//! Deciding with a network whose node is in another region, and hears of everything by a bridge.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};

use crate::bridge_story::{BRISTOL, WASHINGTON, add_bridge, agree, found, set_up};
use crate::cluster_world::{SOON, answer, now, sees, text, typed};

/// Alice's node in Bristol, the bridge, and Wanda's node in Washington.
const ALICE: usize = 0;
const BRIDGE: usize = 1;
const WANDA: usize = 2;

fn ballots(node: &Node, proposal: &str) -> Vec<Value> {
    let state = &answer(node, &["proposal", "result", proposal])["state"];
    state["electors"].as_array().cloned().unwrap_or_default()
}

#[test]
fn s2_30_an_elector_of_another_region_accepts_votes_and_is_counted() {
    let mut cluster = Cluster::start(BRISTOL, 1);
    add_bridge(&mut cluster);
    cluster.add(WASHINGTON);
    cluster.connect(ALICE, BRIDGE);
    cluster.connect(BRIDGE, WANDA);
    found(&cluster[ALICE], "Alice's House");
    let bridge = found(&cluster[BRIDGE], "The Bridge");
    let wanda = found(&cluster[WANDA], "Wanda's Hall");
    agree(&cluster, (WANDA, BRIDGE), &bridge);
    set_up(&cluster[BRIDGE], &[]);

    let propose = ["tie", "propose", "--kind", "agreement", "--with", &wanda, "--seats", "1+0"];
    let propose = [&propose[..], &["--summary", "We decide together"]].concat();
    let tie = text(&answer(&cluster[ALICE], &propose)["thing"]);
    sees(&cluster, WANDA, &["tie", "show", &tie]);
    answer(&cluster[WANDA], &["tie", "accept", &tie]);
    cluster.eventually("the tie should be active", SOON, || {
        answer(&cluster[ALICE], &["tie", "show", &tie])["state"]["phase"] == "active"
    });

    let closes = typed(now() + std::time::Duration::from_secs(3600));
    let new = ["proposal", "new", "--to", &tie, "--title", "A plan", "--text", "All of it"];
    let new = [&new[..], &["--closes", &closes]].concat();
    let proposal = text(&answer(&cluster[ALICE], &new)["thing"]);
    sees(&cluster, WANDA, &["proposal", "show", &proposal]);
    let vote = ["proposal", "ballot", &proposal, "--choice", "consent"];
    let near = cluster[WANDA].weft([&vote[..], &["--reach", "region"]].concat()).run();
    assert!(
        near.fails_with(4).stderr.contains("lives in gb-bristol and reaches movement"),
        "{near}"
    );
    let cast = answer(&cluster[WANDA], &vote);
    assert_eq!(cast["region"], BRISTOL, "it lives where it counts: {cast}");
    for n in [ALICE, BRIDGE, WANDA] {
        cluster.eventually("every node should count it", SOON, || {
            ballots(&cluster[n], &proposal)
                .iter()
                .any(|elector| elector["net"] == wanda.as_str() && elector["ballot"] == cast["id"])
        });
    }
    let raise = ["concern", "raise", &proposal, "--public", "--text", "Too soon"];
    let concern = text(&answer(&cluster[WANDA], &raise)["thing"]);
    let standing = |n: usize| {
        let all = answer(&cluster[n], &["concern", "list", "--about", &proposal]);
        all[0]["state"]["phase"].as_str().unwrap_or_default().to_owned()
    };
    cluster.eventually("the concern should come", SOON, || standing(ALICE) == "standing");
    answer(&cluster[ALICE], &["concern", "answer", &concern]);
    cluster.eventually("the answer should return", SOON, || standing(WANDA) == "answered");
}
