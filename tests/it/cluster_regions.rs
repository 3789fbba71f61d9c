//! Regions and invites: how a node comes to be where it is.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use serde_json::{Value, json};
use weft_protocol::region::Region;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_member::listed;
use crate::cluster_world::SOON;

/// Returns how many nodes of a region a node is connected with; none when it is not in it.
fn peers(node: &Node, region: &str) -> Option<u32> {
    node.door().status().unwrap().peers.get(&region.parse::<Region>().unwrap()).copied()
}

fn regions(node: &Node) -> Value {
    node.weft(["region", "status", "--json"]).run().success().json()
}

#[track_caller]
fn calls(node: &Node, title: &str) {
    let code = node.weft(["call", "new", "--kind", "need", "--title", title]).run();
    assert!(code.stdout.contains("Signed") || code.stderr.contains("Signed"), "{code}");
}

#[test]
fn a_node_joins_and_leaves_a_region_while_it_runs() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let london = cluster.add("gb-london");
    cluster[london].weft(["network", "found", "--name", "Thames Care"]).run().success();
    cluster.connect(0, london);
    assert_eq!(
        (peers(&cluster[0], "gb-bristol"), peers(&cluster[0], "gb-london")),
        (Some(0), None)
    );

    cluster[0].weft(["region", "join", "gb-london"]).run().success();
    let meet = |cluster: &Cluster, should| {
        cluster.eventually(should, SOON, || {
            peers(&cluster[0], "gb-london") == Some(1)
                && peers(&cluster[london], "gb-london") == Some(1)
        });
    };
    meet(&cluster, "they should meet in London");
    calls(&cluster[london], "Twenty beds wanted");
    listed(&cluster, 0, "Twenty beds wanted");
    let all = regions(&cluster[0]);
    assert_eq!(
        all[0],
        json!({ "region": "gb-bristol", "home": true, "nodes": 0, "records": 0, "carriages": 0 })
    );
    assert_eq!((&all[1]["region"], &all[1]["home"]), (&json!("gb-london"), &json!(false)));
    assert!(all[1]["records"].as_u64() >= Some(3), "{all}");

    cluster[0].stop();
    cluster[0].start();
    meet(&cluster, "it should be there after a restart as well");

    let home = cluster[0].weft(["region", "leave", "gb-bristol"]).run();
    assert!(home.fails_with(4).stderr.contains("is the home of this node"), "{home}");
    cluster[0].weft(["region", "leave", "gb-london"]).run().success();
    cluster.eventually("London should know that it has left", SOON, || {
        peers(&cluster[london], "gb-london") == Some(0)
    });
    assert_eq!(peers(&cluster[0], "gb-london"), None);
    let again = cluster[0].weft(["region", "leave", "gb-london"]).run();
    assert!(again.fails_with(4).stderr.contains("not in gb-london"), "{again}");
    // Kept here; there is nobody in London to tell it to.
    cluster[london].weft(["call", "new", "--title", "Ten more"]).run().success();
    let calls = cluster[0].weft(["call", "list"]).run();
    assert!(calls.success().stdout.contains("Twenty beds"), "what is stored stays: {calls}");
    cluster[0].kill();
    cluster[0].start();
    assert_eq!(peers(&cluster[0], "gb-london"), None, "it has left for good");
}

/// Rows: 4.23.
#[test]
fn two_meet_from_nothing_by_an_invite() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    cluster[0].weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let net = cluster[0].door().status().unwrap().hosted[0].to_string();
    let invite = cluster[0].weft(["invite", "new", "--json"]).run().success().json();
    assert_eq!(invite["network"], json!(net));
    let link = invite["invite"].as_str().unwrap().to_owned();
    let shown = cluster[0].weft(["invite", "new"]).run();
    assert_eq!(shown.success().stdout, format!("{link}\n"));

    let sandbox = Sandbox::new();
    let said = sandbox.weft(["invite", "show", &link]).run();
    assert!(said.success().stdout.contains("gb-bristol") && said.stdout.contains(&net), "{said}");
    let cut = sandbox.weft(["join", &link[..link.len() - 3]]).run();
    assert!(cut.fails_with(2).stderr.contains("cut off"), "{cut}");
    sandbox.weft(["join", &link]).run().success();
    let settings = sandbox.weft(["config", "show", "--json"]).run().success().json();
    assert_eq!(settings["region"], "gb-bristol");
    assert_eq!(settings["admission"]["seeds"], json!([net]));
    let guest = cluster.add_in(sandbox);
    cluster
        .eventually("they should meet", SOON, || peers(&cluster[guest], "gb-bristol") == Some(1));

    // A node that runs already, in another region.
    let far = cluster.add("us-wa");
    cluster[far].weft(["join", &link]).run().success();
    cluster.eventually("they should meet", SOON, || peers(&cluster[far], "gb-bristol") == Some(1));
    let all = regions(&cluster[far]);
    let names: Vec<_> = all.as_array().unwrap().iter().map(|view| &view["region"]).collect();
    assert_eq!(names, [&json!("gb-bristol"), &json!("us-wa")]);
    let settings = cluster[far].sandbox().home().join("choices.toml");
    assert!(std::fs::read_to_string(settings).unwrap().contains(&net));
}
