//! Nodes of one local network.

use weft_tests::cluster::Cluster;
use weft_tests::lan::{LISTEN, Lan};

use crate::cluster_world::{SOON, measured, peers};

/// How nodes on a local network are started: they look for each other.
const UP: &[&str] = &["--listen", LISTEN];

#[test]
fn nodes_of_one_local_network_find_each_other_and_nobody_tells_them() {
    let Some(lan) = Lan::new() else {
        return measured("not tested: this system lets no test make a network of its own");
    };
    let mut cluster = Cluster::default();
    for _ in 0..2 {
        let sandbox = lan.sandbox();
        sandbox.init("gb-bristol");
        cluster.add_up(sandbox, UP);
    }
    cluster.eventually("they should meet", SOON, || (0..2).all(|n| peers(&cluster[n]) == 1));
}
