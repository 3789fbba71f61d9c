//! Nodes of one local network.

use weft_tests::cluster::Cluster;
use weft_tests::lab::{Lab, Stack};

use crate::cluster_world::{SOON, peers, untested};

#[test]
fn nodes_of_one_local_network_find_each_other_and_nobody_tells_them() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["alice", "bob"].map(|name| lab.host(name, Stack::Dual));
    let mut cluster = Cluster::default();
    for host in &hosts {
        let sandbox = host.sandbox();
        sandbox.init("gb-bristol");
        cluster.add_up(sandbox, &[]);
    }
    cluster.eventually("they should meet", SOON, || (0..2).all(|n| peers(&cluster[n]) == 1));
}
