//! Starts real nodes on the loopback, lets them meet, and ends them.
//!
//! The contract with the program: the first line that `weft up --jsonl` prints is
//! `{"event":"ready","node":"12D3KooW…","listen":["/ip4/127.0.0.1/tcp/…/p2p/…"],"door":"…"}`, and from
//! then on the node takes commands and connections.
//!
//! **Invariant:** nodes meet only when told to: ports are free ones, discovery on the local network
//! is off. So two clusters on one machine never see each other.
//!
//! **Invariant:** a line of level ERROR in any node's log fails the test, unless it said that it
//! expects them; every failure shows the logs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::{Index, IndexMut};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::door::Door;
use crate::process::{Process, Progress};
use crate::sandbox::{Run, Sandbox};

/// How a node is started: on a free port of the loopback, found only by those who are told.
const UP: &[&str] = &["--listen", "/ip4/127.0.0.1/tcp/0", "--no-mdns"];

/// How long a node may take to be ready, or to stop when asked: many times what it needs alone, for
/// machines on which everything else runs too.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest a check waits without news before it looks again all the same: some changes (a clock
/// that passed an end) are told by nobody. Ten times a second costs nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How many last lines of each log a failure shows; the cause is rarely further back.
const LINES_SHOWN: usize = 60;

/// What a node says when it is ready.
#[derive(Debug, Clone, Deserialize)]
pub struct Ready {
    /// Its peer id.
    pub node: String,
    /// The addresses it listens on, each with its peer id.
    pub listen: Vec<String>,
    /// The socket of its control door.
    pub door: PathBuf,
}

/// Nodes of one test. Dropping it ends them all.
#[derive(Debug, Default)]
pub struct Cluster {
    nodes: Vec<Node>,
    progress: Arc<Progress>,
    errors_expected: bool,
}

impl Cluster {
    /// Starts this many nodes of one region, strangers to each other.
    pub fn start(region: &str, nodes: usize) -> Self {
        let mut cluster = Self::default();
        for _ in 0..nodes {
            cluster.add(region);
        }
        cluster
    }

    /// Starts one more node, of any region, and returns its number.
    pub fn add(&mut self, region: &str) -> usize {
        let sandbox = Sandbox::new();
        sandbox.init(region);
        self.add_in(sandbox)
    }

    /// Starts one more node in a home that is already prepared, and returns its number.
    pub fn add_in(&mut self, sandbox: Sandbox) -> usize {
        self.add_up(sandbox, UP)
    }

    /// Starts one more node in a home that is already prepared, with these arguments instead of those
    /// that keep it on the loopback and to itself. Returns its number.
    pub fn add_up(&mut self, sandbox: Sandbox, up: &'static [&'static str]) -> usize {
        let number = self.nodes.len();
        let mut node = Node {
            sandbox,
            up,
            running: None,
            ready: None,
            past: Vec::new(),
            progress: Arc::clone(&self.progress),
        };
        node.start();
        self.nodes.push(node);
        number
    }

    /// Lets one node connect to another.
    ///
    /// # Panics
    ///
    /// When the other does not listen, or the command fails.
    #[track_caller]
    pub fn connect(&self, from: usize, to: usize) {
        let address = self[to].address().to_owned();
        self[from].weft(["peers", "connect", &address]).run().success();
    }

    /// Lets each node connect to the next one: `0 -- 1 -- 2 …`.
    #[track_caller]
    pub fn connect_in_a_line(&self) {
        for from in 1..self.nodes.len() {
            self.connect(from - 1, from);
        }
    }

    /// Looks whenever a node said something, until it is as it should be.
    ///
    /// # Panics
    ///
    /// When it is not within this time, with what should have been.
    #[track_caller]
    pub fn eventually(&self, should: &str, within: Duration, mut check: impl FnMut() -> bool) {
        let deadline = Instant::now() + within;
        loop {
            let seen = self.progress.heard();
            if check() {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{should}: not within {within:?}");
            self.progress.wait_beyond(seen, left.min(LOOK_AGAIN));
        }
    }

    /// Says that this test makes nodes complain, so their ERROR lines do not fail it.
    pub fn expect_errors(&mut self) {
        self.errors_expected = true;
    }

    fn logs(&self) -> String {
        let mut text = String::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let said = node.said();
            // Writing to a string does not fail.
            writeln!(text, "--- node {number}, {} lines, the last of them:", said.len()).ok();
            for line in said.iter().skip(said.len().saturating_sub(LINES_SHOWN)) {
                writeln!(text, "{line}").ok();
            }
        }
        text
    }
}

impl Index<usize> for Cluster {
    type Output = Node;

    fn index(&self, number: usize) -> &Node {
        &self.nodes[number]
    }
}

impl IndexMut<usize> for Cluster {
    fn index_mut(&mut self, number: usize) -> &mut Node {
        &mut self.nodes[number]
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            node.kill();
        }
        let errors: Vec<String> = self.nodes.iter().flat_map(Node::errors).collect();
        let complained = !errors.is_empty() && !self.errors_expected;
        if complained || thread::panicking() {
            // The test's own output; when even that is closed there is nobody to tell.
            std::io::stderr().write_all(self.logs().as_bytes()).ok();
        }
        assert!(
            !complained || thread::panicking(),
            "no node should log an error:\n{}",
            errors.join("\n")
        );
    }
}

/// One node: its home, and the program while it runs.
#[derive(Debug)]
pub struct Node {
    sandbox: Sandbox,
    up: &'static [&'static str],
    running: Option<Process>,
    ready: Option<Ready>,
    /// The programs that ran in this home before; kept for what they said.
    past: Vec<Process>,
    progress: Arc<Progress>,
}

impl Node {
    /// Prepares a command in this node's home: the operator at this node's door.
    pub fn weft<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        self.sandbox.weft(arguments)
    }

    /// Returns this node's home and the files beside it.
    pub const fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Returns what the node said when it was ready.
    ///
    /// # Panics
    ///
    /// When it does not run.
    #[track_caller]
    pub fn ready(&self) -> &Ready {
        self.ready.as_ref().expect("the node should be running")
    }

    /// Returns the address by which others connect to it.
    ///
    /// # Panics
    ///
    /// When it does not run, or listens nowhere.
    #[track_caller]
    pub fn address(&self) -> &str {
        self.ready().listen.first().expect("the node should listen on an address")
    }

    /// Starts the node, and returns when it is ready.
    ///
    /// # Panics
    ///
    /// When it runs already, or is not ready in time, with what it said instead.
    #[track_caller]
    pub fn start(&mut self) {
        assert!(self.running.is_none(), "the node runs already");
        let mut command = self.sandbox.command();
        command.args(["up", "--jsonl"]).args(self.up);
        let mut process = Process::start(command, &self.progress);
        let line = process.next_line(PATIENCE);
        let said = || process.said().join("\n");
        let Some(line) = line else { panic!("a node should get ready; it said:\n{}", said()) };
        match serde_json::from_str(&line) {
            Ok(ready) => self.ready = Some(ready),
            Err(e) => panic!("a node's first line should say `ready` ({e}); it said:\n{}", said()),
        }
        self.running = Some(process);
    }

    /// Kills the node at once, as a power cut would. Does nothing when it does not run.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.running.take() {
            process.kill();
            self.past.push(process);
        }
        self.ready = None;
    }

    /// Lets the node do nothing from now on, as when a laptop is shut, or go on.
    ///
    /// # Panics
    ///
    /// When it does not run, or the system cannot tell it.
    #[track_caller]
    pub fn sleeps(&self, sleeps: bool) {
        let signal = if sleeps { "-STOP" } else { "-CONT" };
        let told = Command::new("kill").args([signal, &self.process().to_string()]).status();
        assert!(told.is_ok_and(|told| told.success()), "the node should be told");
    }

    /// Asks the node to stop, and waits until it has.
    ///
    /// # Panics
    ///
    /// When it does not stop in time, or not well.
    #[track_caller]
    pub fn stop(&mut self) {
        self.weft(["stop"]).run().success();
        let process = self.running.as_mut().expect("the node should be running");
        let status = process.ends(PATIENCE).expect("the node should stop when asked");
        assert!(status.success(), "the node should stop well, not with {status}");
        self.kill();
    }

    /// Tells the node to end as a system does (`SIGTERM`), and returns how it has; none when it has not in
    /// time.
    ///
    /// # Panics
    ///
    /// When it does not run, or the system cannot tell it.
    #[track_caller]
    pub fn terminate(&mut self, within: Duration) -> Option<ExitStatus> {
        let told = Command::new("kill").args(["-TERM", &self.process().to_string()]).status();
        assert!(told.is_ok_and(|told| told.success()), "the node should be told");
        let process = self.running.as_mut().expect("the node should be running");
        let status = process.ends(within);
        self.kill();
        status
    }

    /// Follows what happens at this node (`weft watch --jsonl`).
    pub fn watch(&self) -> Watch {
        let mut command = self.sandbox.command();
        command.args(["watch", "--jsonl"]);
        Watch(Process::start(command, &self.progress))
    }

    /// Connects to this node's door.
    ///
    /// # Panics
    ///
    /// When it does not run.
    #[track_caller]
    pub fn door(&self) -> Door {
        Door::open(&self.ready().door).expect("the door of a running node should be open")
    }

    /// Returns the number of the program's process.
    ///
    /// # Panics
    ///
    /// When it does not run.
    #[track_caller]
    pub fn process(&self) -> u32 {
        self.running.as_ref().expect("the node should be running").id()
    }

    /// Returns everything the node has said since its home was made: its log, and its answers.
    pub fn said(&self) -> Vec<String> {
        self.past.iter().chain(&self.running).flat_map(Process::said).collect()
    }

    fn errors(&self) -> Vec<String> {
        self.past.iter().chain(&self.running).flat_map(Process::errors).collect()
    }
}

/// The stream of what happens at one node.
#[derive(Debug)]
pub struct Watch(Process);

impl Watch {
    /// Returns the next event for which the check holds; those before it are passed over.
    ///
    /// # Panics
    ///
    /// When none came in time, with those that did.
    #[track_caller]
    pub fn until(&mut self, within: Duration, check: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + within;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(line) = self.0.next_line(left) else {
                panic!("the event should come within {within:?}:\n{}", self.0.said().join("\n"));
            };
            match serde_json::from_str(&line) {
                Ok(event) if check(&event) => return event,
                Ok(_) => {}
                Err(e) => panic!("an event should be JSON ({e}): {line}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    /// Keeps the contract and does nothing else: a node that waits at a named pipe for `stop`.
    const STAND_IN: &str = r#"
case $1 in
  up) /bin/rm -f pipe; /usr/bin/mkfifo pipe
      echo "$COMPLAINT" >&2
      echo '{"event":"ready","node":"12D3KooW","listen":["/memory/1"],"door":"door"}'
      read -r asked < pipe ;;
  stop) echo stop > pipe ;;
  watch) echo '{"event":"first"}'; echo '{"event":"second"}' ;;
  peers) echo "$3" > met ;;
esac
"#;

    /// Returns a home whose program is the stand-in, which says this on its log.
    fn stand_in(complaint: &str) -> Sandbox {
        Sandbox::scripted(&STAND_IN.replace("$COMPLAINT", complaint))
    }

    #[test]
    fn nodes_start_meet_stop_and_start_again() {
        let mut cluster = Cluster::default();
        cluster.add_in(stand_in(""));
        cluster.add_in(stand_in(""));
        cluster.connect_in_a_line();
        assert_eq!(fs::read_to_string(cluster[0].sandbox().path("met")).unwrap(), "/memory/1\n");
        let second = cluster[1].watch().until(SOON, |event| event["event"] == "second");
        assert_eq!(second["event"], "second");
        cluster[0].stop();
        cluster[1].kill();
        cluster[0].start();
        cluster[1].start();
        assert_eq!(cluster[1].ready().node, "12D3KooW");
    }

    #[test]
    #[should_panic(expected = "no node should log an error")]
    fn a_node_that_logs_an_error_fails_the_test() {
        let mut cluster = Cluster::default();
        cluster.add_in(stand_in("2026-11-22T00:00:00Z ERROR weft: the disk is full"));
    }

    #[test]
    fn a_test_that_expects_errors_may_have_them() {
        let mut cluster = Cluster::default();
        cluster.expect_errors();
        cluster.add_in(stand_in("2026-11-22T00:00:00Z ERROR weft: the disk is full"));
    }

    #[test]
    #[should_panic(expected = "the moon should be full: not within")]
    fn what_does_not_happen_is_named() {
        Cluster::default().eventually("the moon should be full", Duration::ZERO, || false);
    }
}
