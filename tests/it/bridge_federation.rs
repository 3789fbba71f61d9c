//! A bridge between two regions whose nodes let in only whom ties lead to, as three real processes.

use std::fs;

use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::{Sandbox, TRUSTING};
use weft_tests::world::World;

use crate::bridge_story::{BRISTOL, WASHINGTON, bind, calls, found, lists, offers, set_up};
use crate::cluster_world::{SOON, an_hour_ago, answer, post, sees, text};

/// Alice's node in Bristol, the bridge in both regions, wanda's node in Washington.
const ALICE: usize = 0;
const BRIDGE: usize = 1;
const WANDA: usize = 2;

/// Starts the three nodes.
fn stage() -> Cluster {
    let mut cluster = Cluster::default();
    add(&mut cluster, BRISTOL, "");
    add(&mut cluster, BRISTOL, "\"us-wa\"");
    add(&mut cluster, WASHINGTON, "");
    cluster
}

/// Adds a node that lets in only whom ties lead to.
fn add(cluster: &mut Cluster, place: &str, regions: &str) {
    let sandbox = Sandbox::new();
    sandbox.init_as(place, "federation", TRUSTING);
    change(&sandbox, "regions = []", &format!("regions = [{regions}]"));
    cluster.add_in(sandbox);
}

fn change(sandbox: &Sandbox, from: &str, to: &str) {
    let file = sandbox.home().join("config.toml");
    let config = fs::read_to_string(&file).expect("a home has a configuration");
    assert!(config.contains(from), "{config}");
    fs::write(&file, config.replace(from, to)).expect("the configuration can be written");
}

/// Names the networks from which a node's recognition starts, and starts it anew.
fn trusts(node: &mut Node, nets: &[&str]) {
    let nets: Vec<String> = nets.iter().map(|net| format!("\"{net}\"")).collect();
    node.stop();
    change(node.sandbox(), "seeds = []", &format!("seeds = [{}]", nets.join(", ")));
    node.start();
}

fn newcomers(node: &Node) -> String {
    node.weft(["newcomer", "list"]).run().success().stdout.clone()
}

#[test]
fn between_careful_regions_a_call_crosses_on_the_bridges_word() {
    let mut cluster = stage();
    let names = ["Alice's House", "The Bridge", "Wanda's Hall"];
    let nets: Vec<String> = (0..3).map(|n| found(&cluster[n], names[n])).collect();
    let [alice, bridge, wanda] = [&nets[0], &nets[1], &nets[2]].map(String::as_str);
    // The bridge by its configuration, wanda by the tie that she proposes.
    trusts(&mut cluster[BRIDGE], &[alice, wanda]);
    cluster.connect(ALICE, BRIDGE);
    cluster.connect(BRIDGE, WANDA);
    bind(&cluster, (WANDA, BRIDGE), bridge);
    set_up(&cluster[BRIDGE], &["--kind", "call"]);

    // Somebody in Bristol whom nobody else there knows.
    let mallory = World::new(48).in_region(BRISTOL).at(an_hour_ago()).network("mallory");
    let noise = mallory.call("Buy this").sign();
    post(&cluster[ALICE], &[mallory.inception.clone(), noise.clone()]);
    cluster.eventually("mallory should be among the bridge's newcomers", SOON, || {
        newcomers(&cluster[BRIDGE]).contains(&mallory.id().short())
    });
    let call = calls(&cluster[ALICE], "Twenty beds wanted", "movement");
    cluster
        .eventually("the call should cross", SOON, || lists(&cluster[WANDA], "Twenty beds wanted"));
    let why = answer(&cluster[WANDA], &["policy", "explain", &call]);
    assert_eq!((text(&why["whereabouts"]), text(&why["fate"])), ("stored".into(), "take".into()));
    let ruled = why["rulings"].as_array().expect("a list");
    let carried =
        |ruling: &serde_json::Value| ruling["ruling"] == "carried" && ruling["by"] == bridge;
    assert!(ruled.iter().any(carried), "{why}");
    let shown = cluster[WANDA].weft(["policy", "explain", alice]).run();
    assert!(shown.success().stdout.contains("no chain of ties leads to its network"), "{shown}");
    for node in [BRIDGE, WANDA] {
        assert!(!lists(&cluster[node], "Buy this"));
    }
    cluster[WANDA].weft(["record", "show", &noise.id().to_string()]).run().fails_with(3);
}

/// A region that knows nobody of the other hears with a call the voices that stood behind it before:
/// what makes it cross is told at once, and not only when nodes reconcile.
#[test]
fn a_call_comes_with_the_voices_for_it_to_who_knows_none_of_them() {
    let mut cluster = stage();
    found(&cluster[BRIDGE], "The Bridge");
    let wanda = found(&cluster[WANDA], "Wanda's Hall");
    let world = World::new(49).in_region(BRISTOL).at(an_hour_ago());
    let [alice, dora, emma] = ["alice", "dora", "emma"].map(|name| world.network(name));
    let known = [&alice, &dora, &emma].map(|network| network.id().to_string());
    let known: Vec<&str> = known.iter().map(String::as_str).chain([wanda.as_str()]).collect();
    trusts(&mut cluster[BRIDGE], &known);
    trusts(&mut cluster[ALICE], &known);
    cluster.connect(ALICE, BRIDGE);
    cluster.connect(BRIDGE, WANDA);
    // Nobody in Washington knows the bridge: it knocks with the tie.
    let tie = offers(&cluster[BRIDGE], &wanda);
    cluster.eventually("the bridge should be among the newcomers", SOON, || {
        newcomers(&cluster[WANDA]).contains("The Bridge")
    });
    answer(&cluster[WANDA], &["newcomer", "welcome", "The Bridge"]);
    sees(&cluster, WANDA, &["tie", "show", &tie]);
    answer(&cluster[WANDA], &["tie", "accept", &tie]);
    set_up(&cluster[BRIDGE], &["--kind", "call", "--endorsements", "2"]);
    let mut watch = cluster[WANDA].watch();
    watch.until(SOON, |event| event["event"] == "watching");
    let call = alice.call("Twenty beds wanted").sign();
    let first = [&alice, &dora, &emma].map(|network| network.inception.clone());
    post(&cluster[ALICE], &first);
    post(&cluster[ALICE], &[call.clone(), dora.endorse(&call).sign()]);
    post(&cluster[ALICE], &[emma.endorse(&call).sign()]);
    let voices = [&dora, &emma].map(|network| network.id().to_string());
    watch.until(SOON, |event| event["event"] == "stored" && event["kind"] == "call");
    let mut heard = Vec::new();
    while !voices.iter().all(|net| heard.contains(net)) {
        let event = watch.until(SOON, |event| {
            let answers = event["event"] == "stored" && event["kind"] == "response";
            answers || event["event"] == "synced" && event["received"] != 0
        });
        assert_eq!(event["event"], "stored", "they should come with it: {heard:?}");
        heard.push(text(&event["net"]));
    }
    let shown = answer(&cluster[WANDA], &["call", "show", &call.id().to_string()]);
    assert_eq!(shown["state"]["endorsed"].as_array().map(Vec::len), Some(2), "{shown}");
}
