//! A node behind the walls of its service (`deploy/weft.service`), as far as a test can build them.

use std::process::Command;

use weft_tests::cluster::Cluster;
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{measured, meet};

/// `ProcSubset=pid`: of the whole machine a program sees its own process alone.
const WALL: &str = "mount -t proc -o subset=pid proc /proc";

#[test]
fn a_node_that_sees_nothing_of_the_machine_meets_others() {
    let built = Command::new("unshare").args(["--mount", "/bin/sh", "-c", WALL]).status();
    if !built.is_ok_and(|status| status.success()) {
        return measured("not tested: this system lets no test hide the machine");
    }
    let behind = format!(
        "if [ -z \"$WALLED\" ]; then export WALLED=1; exec unshare --mount \"$0\" \"$@\"; fi\n{WALL}\n\
         [ ! -e /proc/meminfo ] || exit 9"
    );
    let walled = Sandbox::after(&behind);
    walled.init("gb-bristol");
    let mut cluster = Cluster::default();
    let inside = cluster.add_in(walled);
    let outside = cluster.add("gb-bristol");
    cluster.connect(outside, inside);
    meet(&cluster, inside, 1);
}
