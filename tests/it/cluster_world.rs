//! What the stories of several clusters share.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use weft_protocol::control::{Fate, RecordFilter};
use weft_protocol::id::RecordId;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::world::Network;

/// How long anything may take that should happen soon: many times what it needs alone, for machines
/// on which everything else runs too.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Tells a figure to whoever reads the output of the tests. Nothing is held to it here.
pub(crate) fn measured(figure: impl Display) {
    // When even the test's own output is closed there is nobody to tell.
    writeln!(io::stderr(), "{figure}").ok();
}

/// Tells that a test could not be made here. Where everything must be tested, the lab has failed it.
pub(crate) fn untested() {
    measured("not tested: this system lets no test make a network of its own");
}

/// Returns the clock of this machine, in whole seconds.
pub(crate) fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp::from_secs(now.expect("the clock is past 1970").as_secs())
}

/// Writes a moment as it is typed: `2026-11-22T05:48:00Z`.
pub(crate) fn typed(moment: Timestamp) -> String {
    moment.to_string().replace(" UTC", "Z").replace(' ', "T")
}

/// A moment so soon that a test waits for it, and late enough for a busy machine to sign before it.
pub(crate) fn soon() -> String {
    typed(now() + Duration::from_secs(12))
}

/// Returns a time that no node takes for the future.
pub(crate) fn an_hour_ago() -> Timestamp {
    Timestamp::from_secs(now().as_secs() - 3600)
}

/// Returns what founded these networks.
pub(crate) fn inceptions(networks: &[Network]) -> Vec<Record> {
    networks.iter().map(|network| network.inception.clone()).collect()
}

/// Posts records that a node should store, and returns their ids.
#[track_caller]
pub(crate) fn post(node: &Node, records: &[Record]) -> BTreeSet<RecordId> {
    let fates = node.door().post(records).expect("the node takes records");
    let others: Vec<_> = fates.iter().filter(|fate| **fate != Fate::Stored).collect();
    assert!(others.is_empty(), "all should be stored: {others:?}");
    records.iter().map(Record::id).collect()
}

/// Returns the ids of everything that a node has.
#[track_caller]
pub(crate) fn stored(node: &Node) -> BTreeSet<RecordId> {
    let ids = node.door().ids(RecordFilter::default());
    ids.expect("the node lists its records").into_iter().collect()
}

/// Returns what a command answers in JSON that must end well.
#[track_caller]
pub(crate) fn answer(node: &Node, arguments: &[&str]) -> Value {
    node.weft(arguments.iter().copied().chain(["--json"])).run().success().json()
}

/// Returns the text that a part of an answer should be.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("should be a text: {value}")).to_owned()
}

/// Counts the nodes of its regions that a node is connected with.
#[track_caller]
pub(crate) fn peers(node: &Node) -> u32 {
    node.door().status().expect("the node says how it is").peers.values().sum()
}

/// Waits until a node has met so many others.
#[track_caller]
pub(crate) fn meet(cluster: &Cluster, n: usize, others: u32) {
    cluster.eventually("the nodes should meet", SOON, || peers(&cluster[n]) == others);
}

/// Starts two nodes of one region that have met.
#[track_caller]
pub(crate) fn pair() -> Cluster {
    let cluster = Cluster::start("gb-bristol", 2);
    cluster.connect(0, 1);
    meet(&cluster, 0, 1);
    cluster
}

/// Waits until a node can show this, because it has come there.
#[track_caller]
pub(crate) fn sees(cluster: &Cluster, n: usize, shown: &[&str]) {
    cluster.eventually(&format!("node {n} should see it: {shown:?}"), SOON, || {
        cluster[n].weft(shown.iter().copied()).run().status.success()
    });
}

/// Waits until what is signed next has a later date: a second is the smallest step.
#[track_caller]
pub(crate) fn a_second_passes(cluster: &Cluster) {
    let before = now();
    cluster.eventually("a second should pass", SOON, || now() > before);
}
