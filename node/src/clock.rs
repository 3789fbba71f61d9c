//! What time the node takes it to be.
//!
//! **Invariant:** time never runs backwards, and never stands still. Where the clock of the machine is
//! behind, time goes on at half its pace until that has come up.
//!
//! **Invariant:** a clock that jumps by more than a day beyond what has gone by is not believed, nor is one
//! that goes back by more than a day: time goes on from the last moment that was believed, by the time
//! since the machine was started, which counts sleep too. It is believed again when it is near once more,
//! or when the operator says so.
//!
//! **Invariant:** the last moment that was believed is on the disk, at most [`MARK_EVERY`] late. A node
//! never takes it to be earlier than that.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};
use weft_protocol::control::{Doubt, Refusal};
use weft_protocol::time::Timestamp;

use crate::file::{self, Readers};

/// How far the clock may jump at once while the node runs: more than any leap of a season or of a battery
/// that is weak, less than the life of the shortest calls.
const JUMP_MAX: Duration = Duration::from_secs(86_400);

/// How far it may have gone on while the node did not run: longer than a profile lives. After more than
/// that nothing of the home is in force, and it is more likely that the clock is wrong.
const REST_MAX: Duration = Duration::from_secs(500 * 86_400);

/// By how much the clock may be set back without a word: what a time server corrects.
const SLACK: Duration = Duration::from_secs(2);

/// When this was written, in November 2026: no clock that shows less is right.
const WRITTEN: Timestamp = Timestamp::from_secs(1_793_500_000);

/// How often the last believed moment is written down.
pub(crate) const MARK_EVERY: Duration = Duration::from_secs(60);

/// What is believed, and since when.
#[derive(Debug, Clone, Copy)]
struct Belief {
    /// The time that was last said.
    at: Timestamp,
    /// The time since the machine was started, then.
    since_boot: Duration,
    /// Whether the clock of the machine has been believed since this node was started.
    met: bool,
    /// What the clock shows, when it is not believed.
    doubt: Option<Timestamp>,
}

impl Belief {
    /// Begins with the last moment that was believed, if any is known.
    fn begin(mark: Option<Timestamp>, since_boot: Duration) -> Self {
        let at = mark.unwrap_or(WRITTEN).max(WRITTEN);
        Self { at, since_boot, met: false, doubt: None }
    }

    /// Says what time it is when the clock shows this, and so long has gone by since the machine was
    /// started.
    fn look(&mut self, shown: Timestamp, since_boot: Duration) -> Timestamp {
        let gone = since_boot.saturating_sub(self.since_boot);
        let steady = self.at + gone;
        let most = if self.met { JUMP_MAX } else { REST_MAX };
        let fresh = !self.met && self.at == WRITTEN;
        let now = if shown >= steady && (fresh || shown.since(steady) <= most) {
            (self.met, self.doubt) = (true, None);
            shown
        } else if shown < steady && self.met && steady.since(shown) <= JUMP_MAX {
            self.doubt = None;
            let behind = steady.since(shown) > SLACK;
            // Those who wait for a moment are not to wait for ever.
            if behind { self.at + gone / 2 } else { steady }
        } else {
            self.doubt = Some(shown);
            steady
        };
        // Half a millisecond is not to be lost each time that somebody looks.
        if now > self.at {
            (self.at, self.since_boot) = (now, since_boot);
        }
        self.at
    }

    /// Believes what the clock shows, if that does not lead back.
    fn believe(&mut self, shown: Timestamp, since_boot: Duration) -> Result<(), GoesBack> {
        let now = self.look(shown, since_boot);
        if self.doubt.is_none() {
            return Ok(());
        }
        if shown < now {
            return Err(GoesBack { shown });
        }
        (self.at, self.since_boot, self.met, self.doubt) = (shown, since_boot, true, None);
        Ok(())
    }
}

/// The clock shows less than what this node has taken for the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GoesBack {
    shown: Timestamp,
}

impl From<GoesBack> for Refusal {
    fn from(GoesBack { shown }: GoesBack) -> Self {
        Self::GoesBack { shown }
    }
}

/// The clock of a node, which all that runs in it share.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    belief: Mutex<Belief>,
    path: PathBuf,
    /// Whether the mark says already from when the next start is to go on.
    settled: Mutex<bool>,
}

impl Clock {
    /// Begins with what the home says of when a node last ran in it.
    pub(crate) fn begin(mark: PathBuf) -> Self {
        let belief = Mutex::new(Belief::begin(read(&mark), since_boot()));
        Self(Arc::new(Inner { belief, path: mark, settled: Mutex::new(false) }))
    }

    /// Says what time it is.
    pub(crate) fn now(&self) -> Timestamp {
        let mut belief = self.0.belief.lock().unwrap_or_else(PoisonError::into_inner);
        belief.look(shown(), since_boot())
    }

    /// Says by what time things may be deleted: never later than a day after the last moment that is
    /// known to have been.
    pub(crate) fn surely(&self) -> Timestamp {
        let mark = read(&self.0.path).unwrap_or(WRITTEN).max(WRITTEN);
        self.now().min(mark + JUMP_MAX)
    }

    /// Returns what is wrong with the clock of the machine, when it is not believed.
    pub(crate) fn doubt(&self) -> Option<Doubt> {
        let now = self.now();
        let belief = self.0.belief.lock().unwrap_or_else(PoisonError::into_inner);
        belief.doubt.map(|shown| Doubt { shown, now })
    }

    /// Believes what the clock of the machine shows: the operator has looked.
    ///
    /// # Errors
    /// [`GoesBack`]: then it is believed after the next start.
    pub(crate) fn believe(&self) -> Result<(), GoesBack> {
        let believed = {
            let mut belief = self.0.belief.lock().unwrap_or_else(PoisonError::into_inner);
            belief.believe(shown(), since_boot())
        };
        if let Err(GoesBack { shown }) = believed {
            let mut settled = self.0.settled.lock().unwrap_or_else(PoisonError::into_inner);
            // What cannot be written now leaves the older mark, and is asked about again.
            *settled = write(&self.0.path, shown).is_ok();
        }
        believed
    }

    /// Writes down what is believed. A disk that takes nothing is told of by whoever stores records.
    pub(crate) fn mark(&self) {
        let now = self.now();
        let settled = self.0.settled.lock().unwrap_or_else(PoisonError::into_inner);
        if !*settled {
            write(&self.0.path, now).ok();
        }
    }
}

/// Returns what the clock of the machine shows.
fn shown() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns how long ago the machine was started, sleep included.
fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Reads a mark; none when there is none, or nothing that is one.
fn read(path: &Path) -> Option<Timestamp> {
    let text = std::fs::read_to_string(path).ok()?;
    let seconds: u64 = text.trim().parse().ok()?;
    (seconds < Timestamp::SECONDS_MAX).then_some(Timestamp::from_secs(seconds))
}

fn write(path: &Path, mark: Timestamp) -> io::Result<()> {
    file::replace(path, format!("{}\n", mark.as_secs()).as_bytes(), Readers::Owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);
    const MINUTE: Duration = Duration::from_secs(60);
    const NOON: Timestamp = Timestamp::from_secs(1_800_000_000);

    /// A node that has run by a right clock until noon.
    fn at_noon() -> Belief {
        let mut belief = Belief::begin(None, DAY);
        assert_eq!(belief.look(NOON, DAY), NOON);
        belief
    }

    #[test]
    fn m6_a_clock_that_jumps_forward_for_a_minute_changes_nothing() {
        for days in [2, 730, 14_610] {
            let mut belief = at_noon();
            for seconds in 1..60 {
                let gone = Duration::from_secs(seconds);
                let now = belief.look(NOON + DAY * days + gone, DAY + gone);
                assert_eq!(now, NOON + gone, "{days} days");
                assert!(belief.doubt.is_some());
            }
            assert_eq!(belief.look(NOON + MINUTE, DAY + MINUTE), NOON + MINUTE);
            assert_eq!(belief.doubt, None, "it is near again");
        }
    }

    #[test]
    fn m6_what_slept_for_a_week_did_not_jump_and_an_hour_is_a_correction() {
        let mut belief = at_noon();
        let week = DAY * 7;
        assert_eq!(belief.look(NOON + week, DAY + week), NOON + week);
        let hour = MINUTE * 60;
        assert_eq!(belief.look(NOON + week + hour, DAY + week), NOON + week + hour);
        assert_eq!(belief.doubt, None);
    }

    #[test]
    fn m6_time_never_runs_backwards_and_never_stands_still() {
        let mut belief = at_noon();
        let (mut last, mut minutes) = (NOON, 0);
        // It was an hour ahead and is set right.
        loop {
            minutes += 1;
            let gone = MINUTE * minutes;
            let now = belief.look(NOON - MINUTE * 60 + gone, DAY + gone);
            assert!(now > last, "after {minutes} minutes");
            last = now;
            if now == NOON - MINUTE * 60 + gone {
                break;
            }
            assert!(minutes < 200, "it should come up");
        }
        let mut belief = at_noon();
        for seconds in 1..60 {
            let gone = Duration::from_secs(seconds);
            assert_eq!(belief.look(NOON - DAY * 730, DAY + gone), NOON + gone);
            assert!(belief.doubt.is_some());
        }
    }

    #[test]
    fn m6_a_machine_without_a_battery_begins_where_it_left_off() {
        let mut belief = Belief::begin(Some(NOON), Duration::ZERO);
        let early = Timestamp::from_secs(17);
        assert_eq!(belief.look(early, MINUTE), NOON + MINUTE);
        assert!(belief.doubt.is_some(), "1970 is not believed");
        let right = NOON + DAY * 40;
        assert_eq!(belief.look(right, MINUTE * 2), right, "it was off for some weeks");
        assert_eq!(belief.doubt, None);
        let mut fresh = Belief::begin(None, Duration::ZERO);
        assert_eq!(fresh.look(early, MINUTE), WRITTEN + MINUTE);
        assert_eq!(fresh.look(right, MINUTE * 2), right);
    }

    #[test]
    fn m6_after_a_rest_forty_years_are_asked_about_and_the_operator_is_believed() {
        let mut belief = Belief::begin(Some(NOON), Duration::ZERO);
        let far = NOON + DAY * 14_610;
        assert_eq!(belief.look(far, MINUTE), NOON + MINUTE);
        assert_eq!(belief.believe(far, MINUTE), Ok(()));
        assert_eq!(belief.look(far + MINUTE, MINUTE * 2), far + MINUTE);
        assert_eq!(belief.doubt, None);
        let back = belief.believe(NOON, MINUTE * 3);
        assert_eq!(back, Err(GoesBack { shown: NOON }), "not while it runs");
    }

    #[test]
    fn a_mark_is_read_as_it_was_written_and_nothing_else_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock");
        assert_eq!(read(&path), None);
        write(&path, NOON).unwrap();
        assert_eq!(read(&path), Some(NOON));
        let clock = Clock::begin(path.clone());
        assert!(clock.surely() <= clock.now());
        for other in ["", "noon", "-5", "99999999999999999999"] {
            std::fs::write(&path, other).unwrap();
            assert_eq!(read(&path), None, "{other}");
        }
    }
}
