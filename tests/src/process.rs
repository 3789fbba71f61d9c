//! A program that stays: its lines are read as they come, and it ends when its value does.
//!
//! **Invariant:** nothing here waits for time to pass. A wait ends when something was heard, when a
//! program ended, or at its deadline.
//!
//! **Invariant:** only what was started here is ended here, through its own handle.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Counts everything that was heard from any program, so that a waiting test looks again.
#[derive(Debug, Default)]
pub struct Progress {
    heard: Mutex<u64>,
    changed: Condvar,
}

impl Progress {
    /// Returns how much was heard until now.
    pub fn heard(&self) -> u64 {
        *lock(&self.heard)
    }

    /// Waits until more was heard than this, or for as long as this.
    pub fn wait_beyond(&self, heard: u64, at_most: Duration) {
        let waiting = lock(&self.heard);
        // Whether it was news or the end of patience, the caller looks again.
        drop(self.changed.wait_timeout_while(waiting, at_most, |now| *now <= heard));
    }

    pub(crate) fn step(&self) {
        *lock(&self.heard) += 1;
        self.changed.notify_all();
    }
}

/// A poisoned lock means that another test thread failed; what it guards is only text.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a program has said so far.
#[derive(Debug, Default)]
struct Heard {
    answers: Vec<String>,
    log: Vec<String>,
    closed: usize,
}

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    heard: Arc<Mutex<Heard>>,
    progress: Arc<Progress>,
    readers: Vec<JoinHandle<()>>,
    next: usize,
}

impl Process {
    /// Starts a program and the threads that listen to it.
    ///
    /// # Panics
    ///
    /// When the program cannot be started.
    pub fn start(command: Command, progress: &Arc<Progress>) -> Self {
        Self::try_start(command, progress).expect("the program starts")
    }

    /// The same for a program that may not be there.
    pub fn try_start(mut command: Command, progress: &Arc<Progress>) -> Option<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let heard = Arc::new(Mutex::new(Heard::default()));
        let out = child.stdout.take()?;
        let err = child.stderr.take()?;
        let readers = vec![
            listen(out, &heard, progress, |heard| &mut heard.answers),
            listen(err, &heard, progress, |heard| &mut heard.log),
        ];
        Some(Self { child, heard, progress: Arc::clone(progress), readers, next: 0 })
    }

    /// Returns the next line of standard output; none when it did not come in time, or when the
    /// program ended before it.
    pub fn next_line(&mut self, within: Duration) -> Option<String> {
        let deadline = Instant::now() + within;
        loop {
            let seen = self.progress.heard();
            let line = lock(&self.heard).answers.get(self.next).cloned();
            if line.is_some() {
                self.next += 1;
                return line;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.has_ended() {
                return None;
            }
            self.progress.wait_beyond(seen, left);
        }
    }

    /// Waits for the program to end by itself, and says how; none when it did not in time.
    pub fn ends(&mut self, within: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + within;
        while !self.has_ended() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let seen = self.progress.heard();
            if !self.has_ended() {
                self.progress.wait_beyond(seen, left);
            }
        }
        // Both its outputs are closed: it has ended, or is about to.
        self.child.wait().ok()
    }

    /// Returns the number by which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the program at once (`SIGKILL`), as a crash would.
    pub fn kill(&mut self) {
        // It may have ended by itself; then there is nothing to kill, and it is waited for alike.
        self.child.kill().ok();
        self.child.wait().ok();
        for reader in self.readers.drain(..) {
            reader.join().ok();
        }
    }

    /// Returns everything it said until now: the log first, then its answers.
    pub fn said(&self) -> Vec<String> {
        let heard = lock(&self.heard);
        heard.log.iter().chain(&heard.answers).cloned().collect()
    }

    /// Returns the lines of its log that tell a human to act. In a test nobody will.
    pub fn errors(&self) -> Vec<String> {
        lock(&self.heard).log.iter().filter(|line| is_error(line)).cloned().collect()
    }

    fn has_ended(&self) -> bool {
        lock(&self.heard).closed == 2
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Says whether a line of a log, plain or JSON, has the level ERROR.
fn is_error(line: &str) -> bool {
    line.contains("\"level\":\"ERROR\"") || line.split_whitespace().take(2).any(|w| w == "ERROR")
}

fn listen(
    stream: impl Read + Send + 'static,
    heard: &Arc<Mutex<Heard>>,
    progress: &Arc<Progress>,
    side: fn(&mut Heard) -> &mut Vec<String>,
) -> JoinHandle<()> {
    let (heard, progress) = (Arc::clone(heard), Arc::clone(progress));
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            side(&mut lock(&heard)).push(line);
            progress.step();
        }
        lock(&heard).closed += 1;
        progress.step();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Process {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Process::start(command, &Arc::default())
    }

    #[test]
    fn lines_come_in_order_and_then_the_end() {
        let mut process = shell("echo one; echo two; exit 3");
        assert_eq!(process.next_line(SOON).as_deref(), Some("one"));
        assert_eq!(process.next_line(SOON).as_deref(), Some("two"));
        assert_eq!(process.next_line(SOON), None);
        assert_eq!(process.ends(SOON).and_then(|status| status.code()), Some(3));
    }

    #[test]
    fn a_program_that_stays_is_waited_for_no_longer_than_asked_and_killed() {
        let mut process = shell("echo up; exec cat /dev/zero > /dev/null");
        assert_eq!(process.next_line(SOON).as_deref(), Some("up"));
        assert_eq!(process.ends(Duration::from_millis(1)), None);
        process.kill();
        assert!(process.has_ended());
    }

    #[test]
    fn an_error_in_the_log_is_found_and_a_word_in_a_sentence_is_not() {
        let mut process = shell(
            "echo '2026-11-22T00:00:00Z ERROR weft: disk=full' >&2; echo 'x INFO no ERROR' >&2",
        );
        assert!(process.ends(SOON).is_some());
        assert_eq!(process.errors().len(), 1);
        assert_eq!(process.said().len(), 2);
    }
}
