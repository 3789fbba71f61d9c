//! The one thread that writes the journal.
//!
//! Whatever has been sealed when it wakes goes to the disk with one write and one sync: the slower
//! the disk, the larger the groups. When the disk refuses, it says so once, keeps what is staged,
//! and tries again until it works or the store is closed.
//!
//! **Invariant:** [`Event::Persisted`] follows the sync of everything in that batch and before it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::shared::Shared;
use super::{Event, Seq};

/// The disk did not take a write. Nothing acknowledged is lost; the store keeps serving reads and
/// tries again.
#[derive(Debug, thiserror::Error)]
pub enum PersistError {
    /// There is no room.
    #[error("the disk is full: nothing new is taken until there is room")]
    Full(#[source] io::Error),
    /// The disk cannot be written or synced.
    #[error("the disk cannot be written: nothing new is taken until it can")]
    Disk(#[source] io::Error),
}

impl From<io::Error> for PersistError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull, WriteZero};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge | WriteZero => Self::Full(error),
            _ => Self::Disk(error),
        }
    }
}

/// Asks the writing thread for something; cheap to clone, and never waits.
#[derive(Debug, Clone, Default)]
pub struct Writer(Arc<Desk>);

#[derive(Debug, Default)]
struct Desk {
    asked: Mutex<Asked>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct Asked {
    seq: Seq,
    /// Counts the requests, so that each of them, and not only a new number, wakes the thread.
    requests: u64,
    stop: bool,
}

/// How long the thread waits after a first refusal, and at most: a full disk is worth a look every
/// five seconds, and a hiccup should not last longer than it does.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(5);

impl Writer {
    /// Asks that everything up to a sealed batch be made durable. [`Event::Persisted`] follows, of
    /// this batch or a later one. While the disk refuses, asking makes the thread try at once.
    pub fn persist(&self, seq: Seq) {
        self.ask(|asked| asked.seq = asked.seq.max(seq));
    }

    /// Tells the thread to try once more, and to end.
    pub(crate) fn stop(&self) {
        self.ask(|asked| asked.stop = true);
    }

    fn ask(&self, change: impl FnOnce(&mut Asked)) {
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut asked);
        asked.requests += 1;
        self.0.changed.notify_all();
    }

    /// Waits for a request that has not been seen, or until the time to retry has come.
    fn wait(&self, seen: u64, retry: Option<Duration>) -> Asked {
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while asked.requests == seen {
            let Some(retry) = retry else {
                asked = self.0.changed.wait(asked).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let waited = self.0.changed.wait_timeout(asked, retry);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            asked = woken;
            if timeout.timed_out() {
                break;
            }
        }
        *asked
    }
}

/// Writes until it is told to stop.
pub(crate) fn run(shared: &Shared, writer: &Writer) {
    let mut seen = 0;
    let mut done = Seq(0);
    let mut retry = None;
    loop {
        let asked = writer.wait(seen, retry);
        seen = asked.requests;
        if asked.seq > done {
            shared.catalog.wait_for_room();
            match shared.persist(asked.seq) {
                Ok(seq) => {
                    if retry.take().is_some() {
                        tracing::info!("the disk takes writes again");
                    }
                    done = seq;
                    (shared.events)(Event::Persisted(seq));
                }
                Err(error) => {
                    if retry.is_none() {
                        tracing::error!(%error, "the journal cannot be written");
                        (shared.events)(Event::Refusing(error));
                    }
                    retry =
                        Some(retry.map_or(RETRY_FIRST, |last: Duration| RETRY_MAX.min(last * 2)));
                }
            }
        }
        if asked.stop {
            return;
        }
    }
}
