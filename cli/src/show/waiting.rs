//! A word to whoever waits longer than a moment.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crate::desk::complain;

/// How long nobody is told anything: most answers are there by then, and people begin to wonder after two
/// seconds.
const SILENCE: Duration = Duration::from_millis(1500);

/// A wait that is told if it is long, to a person; it ends with this value.
#[derive(Debug)]
pub(crate) struct Waiting(#[expect(dead_code, reason = "dropping it ends the wait")] Sender<()>);

impl Waiting {
    /// Begins to wait for what this sentence says.
    pub(crate) fn begin(sentence: String) -> Self {
        let (ends, ended) = mpsc::channel();
        if io::stderr().is_terminal() {
            thread::spawn(move || {
                if ended.recv_timeout(SILENCE) == Err(RecvTimeoutError::Timeout) {
                    complain(&sentence);
                }
            });
        }
        Self(ends)
    }
}
