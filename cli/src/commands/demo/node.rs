//! A real node of the story: the program itself, run as a person would run it.
//!
//! **Invariant:** only what was started here is ended here, through its own handle; dropping a
//! node ends it.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Deserialize;

/// How long a node may take to be ready or to stop: many times what it needs alone, for machines
/// on which everything else runs too.
const PATIENCE: Duration = Duration::from_secs(30);

/// Rings whenever something happened anywhere, so that whoever waits looks again.
#[derive(Debug, Default)]
pub(super) struct Bell {
    state: Mutex<Rung>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Rung {
    times: u64,
    curtain: bool,
}

impl Bell {
    /// Returns how often it has rung.
    pub(super) fn rung(&self) -> u64 {
        self.lock().times
    }

    /// Says that something happened.
    pub(super) fn ring(&self) {
        self.lock().times += 1;
        self.changed.notify_all();
    }

    /// Says that the person wants to end it.
    pub(super) fn curtain(&self) {
        self.lock().curtain = true;
        self.changed.notify_all();
    }

    /// Says whether the person wants to end it.
    pub(super) fn is_over(&self) -> bool {
        self.lock().curtain
    }

    /// Waits for a ring beyond this one, for the curtain, or for as long as this.
    pub(super) fn wait_beyond(&self, rung: u64, at_most: Duration) {
        let quiet = |now: &mut Rung| now.times <= rung && !now.curtain;
        // Whether it was news or the end of patience, the caller looks again.
        drop(self.changed.wait_timeout_while(self.lock(), at_most, quiet));
    }

    /// Waits for a ring beyond this one, or for as long as this, whatever the person wants.
    fn wait_for_ring(&self, rung: u64, at_most: Duration) {
        drop(self.changed.wait_timeout_while(self.lock(), at_most, |now| now.times <= rung));
    }

    /// Waits until the person wants to end it.
    pub(super) fn wait_for_curtain(&self) {
        drop(self.changed.wait_while(self.lock(), |now| !now.curtain));
    }

    /// What the lock guards is a count and a wish: both are right after any panic.
    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running node, and a `weft watch` beside it that rings the bell.
#[derive(Debug)]
pub(super) struct Node {
    up: Child,
    watch: Option<Child>,
    /// The address by which others connect to it.
    pub(super) address: String,
}

/// The first line of `weft up --jsonl`.
#[derive(Deserialize)]
struct Ready {
    listen: Vec<String>,
}

/// A node whose program has been started and that has not said yet that it is ready.
pub(super) struct Starting(Child, Receiver<String>);

impl Starting {
    /// Starts the program, which writes its log to this file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn new(mut up: Command, log: &Path, bell: &Arc<Bell>) -> Result<Self> {
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(log)?;
        up.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut up = up.spawn().context("the node's program cannot be started")?;
        let lines = listen(up.stdout.take(), bell);
        Ok(Self(up, lines))
    }

    /// Waits until the node is ready, then starts to follow what happens there.
    ///
    /// # Errors
    /// When it ends or says something else instead.
    pub(super) fn ready(self, mut watch: Command, bell: &Arc<Bell>) -> Result<Node> {
        let Self(up, lines) = self;
        // From here on, whatever fails ends the program.
        let mut node = Node { up, watch: None, address: String::new() };
        let line = lines.recv_timeout(PATIENCE).context("the node did not get ready")?;
        let ready: Ready = serde_json::from_str(&line).with_context(|| line.clone())?;
        node.address = ready.listen.into_iter().next().context("the node listens nowhere")?;
        watch.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut watch = watch.spawn()?;
        // Only that something happened matters: who wants to know what, asks.
        drop(listen(watch.stdout.take(), bell));
        node.watch = Some(watch);
        Ok(node)
    }
}

impl Node {
    /// Kills the node at once (`SIGKILL`), as a power cut would.
    pub(super) fn kill(mut self) {
        self.end();
    }

    /// Waits until the node has ended by itself, and kills it when it does not in time.
    pub(super) fn ends(mut self, bell: &Bell) {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(None) = self.up.try_wait() {
            let rung = bell.rung();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            // The end of its output rings the bell; the process itself is gone a moment later.
            bell.wait_for_ring(rung, left.min(Duration::from_millis(50)));
        }
        self.end();
    }

    fn end(&mut self) {
        for child in [Some(&mut self.up), self.watch.as_mut()].into_iter().flatten() {
            // It may have ended by itself; then there is nothing to kill, and it is waited for.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}

/// Hands over the lines of an output as they come, and rings the bell for each and at the end.
fn listen(output: Option<ChildStdout>, bell: &Arc<Bell>) -> Receiver<String> {
    let (lines, heard) = mpsc::channel();
    let bell = Arc::clone(bell);
    thread::spawn(move || {
        for line in output.map(BufReader::new).into_iter().flat_map(BufRead::lines) {
            let Ok(line) = line else { break };
            // Nobody may want the line; then the bell is all there is to do.
            lines.send(line).ok();
            bell.ring();
        }
        drop(lines);
        bell.ring();
    });
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_node_is_ready_when_it_says_so_and_is_ended_with_its_handle() {
        let folder = tempfile::tempdir().unwrap();
        let bell = Arc::default();
        let up = shell("echo '{\"listen\":[\"/memory/1\"]}'; exec tail -f /dev/null");
        let starting = Starting::new(up, &folder.path().join("log"), &bell).unwrap();
        let node = starting.ready(shell("echo '{}'"), &bell).unwrap();
        assert_eq!(node.address, "/memory/1");
        node.kill();
    }

    #[test]
    fn a_program_that_is_no_node_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let bell = Arc::default();
        let log = folder.path().join("log");
        let starting = Starting::new(shell("echo no >&2; exit 1"), &log, &bell).unwrap();
        assert!(starting.ready(shell("true"), &bell).is_err());
        assert_eq!(std::fs::read_to_string(log).unwrap(), "no\n");
    }
}
