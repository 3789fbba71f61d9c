//! A local network of the test's own: a network namespace in which nodes see each other and nothing
//! else.
//!
//! **Invariant:** nothing outside the namespace changes, and it goes with its value.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::process::{Process, Progress};
use crate::sandbox::Sandbox;

/// How long making it may take: many times what it needs alone.
const PATIENCE: Duration = Duration::from_secs(10);

/// One network card with its address, plugged into another, and a way for multicast.
const PLUG_IN: &str = "\
ip link set lo up && ip link add w0 type veth peer name w1 && ip addr add 10.77.0.1/24 dev w0 && \
ip link set w0 up && ip link set w1 up && ip route add 224.0.0.0/4 dev w0 && echo up && \
exec tail -f /dev/null";

/// Where nodes listen in it.
pub const LISTEN: &str = "/ip4/10.77.0.1/tcp/0";

/// The network. Dropping it ends it, when its last program has ended.
#[derive(Debug)]
pub struct Lan(Process);

impl Lan {
    /// Makes one; none where the system does not let its users make networks.
    pub fn new() -> Option<Self> {
        let there = Command::new("unshare").arg("--version").output();
        there.ok().filter(|output| output.status.success())?;
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "/bin/sh", "-c", PLUG_IN]);
        let mut process = Process::start(command, &Arc::<Progress>::default());
        (process.next_line(PATIENCE)? == "up").then_some(Self(process))
    }

    /// Makes an empty home for a person on this network.
    pub fn sandbox(&self) -> Sandbox {
        let enter = "nsenter --user --net --preserve-credentials --target";
        let process = self.0.id();
        Sandbox::after(&format!(
            "if [ -z \"$ON_LAN\" ]; then export ON_LAN=1; exec {enter} {process} \"$0\" \"$@\"; fi"
        ))
    }
}
