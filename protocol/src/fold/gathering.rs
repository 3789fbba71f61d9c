//! What a gathering has come to: who hosts it, whether it was held, whether its minutes stand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{NetId, RecordId};
use crate::time::Timestamp;

/// How long minutes may be contested before silence agrees: two meetings of a group that meets
/// every week.
pub const MINUTES_OPEN: Duration = Duration::from_secs(14 * 86_400);

/// How long after its last meeting a gathering without minutes is given up.
pub const LAPSES_AFTER: Duration = Duration::from_secs(14 * 86_400);

/// What the fold needs to know of the minutes of one meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinutesFacts {
    /// When they were signed.
    pub at: Timestamp,
    /// Who hosts, beside who wrote them.
    pub hosts: BTreeSet<NetId>,
    /// Which networks accept them in these words.
    pub accepted: BTreeSet<NetId>,
    /// The standing concerns about them, of hosts and of those who came, with their dates.
    pub concerns: BTreeMap<RecordId, Timestamp>,
}

/// What the minutes of a meeting have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinutesState {
    /// Whether they stand: [`Phase::Agreed`], or else [`Phase::Held`].
    pub phase: Phase,
    /// Hosts that have not accepted them.
    pub unaccepted: BTreeSet<NetId>,
    /// Concerns that stand. Shown, never hidden.
    pub concerns: BTreeSet<RecordId>,
    /// When they stand if no concern does.
    pub agreed_at: Timestamp,
}

/// Folds the minutes of a meeting and the answers to them.
pub fn minutes(facts: &MinutesFacts, now: Timestamp) -> MinutesState {
    let unaccepted: BTreeSet<NetId> = facts.hosts.difference(&facts.accepted).copied().collect();
    let agreed_at = facts.at + MINUTES_OPEN;
    let all = !facts.hosts.is_empty() && unaccepted.is_empty();
    let opposed = facts.concerns.values().any(|raised| *raised < agreed_at);
    let agreed = all || (agreed_at <= now && !opposed);
    MinutesState {
        phase: if agreed { Phase::Agreed } else { Phase::Held },
        unaccepted,
        concerns: facts.concerns.keys().copied().collect(),
        agreed_at,
    }
}

/// What the fold needs to know of the current version of a gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// When its last meeting ends.
    pub ends: Timestamp,
    /// When the last of its meetings that have no minutes ends.
    pub unminuted: Option<Timestamp>,
    /// Whether time, place or hosts are other than first announced.
    pub changed: bool,
    /// When it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// Who hosts, beside the author.
    pub hosts: BTreeSet<NetId>,
    /// Which networks accept it as it stands.
    pub accepted: BTreeSet<NetId>,
    /// What the minutes of its meetings have come to.
    pub minutes: Vec<Phase>,
    /// The standing concerns of hosts about it.
    pub concerns: BTreeSet<RecordId>,
}

/// How far a gathering, or what was said in one of its meetings, has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It will be.
    Announced,
    /// It will be, and otherwise than first announced.
    Changed,
    /// It was, and its minutes are open to those who came.
    Held,
    /// Its minutes stand.
    Agreed,
    /// It will not be.
    Cancelled,
    /// Its time is over, and nobody wrote what was said.
    Lapsed,
    /// The time of its record is over, and what it came to is judged no more.
    Expired,
}

/// What a gathering has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// How far it has come.
    pub phase: Phase,
    /// Hosts that have not accepted it as it stands.
    pub unaccepted: BTreeSet<NetId>,
    /// Concerns that stand. Shown, never hidden.
    pub concerns: BTreeSet<RecordId>,
}

/// Folds a gathering and the answers to it into what they amount to at this time. A series is held
/// when no meeting of it is to come, or waits for its minutes.
pub fn fold(facts: &Facts, now: Timestamp) -> State {
    let over = facts.unminuted.is_none_or(|end| end + LAPSES_AFTER <= now);
    let agreed = facts.minutes.iter().all(|phase| *phase == Phase::Agreed);
    let phase = match (facts.cancelled, facts.minutes.is_empty()) {
        (Some(_), _) => Phase::Cancelled,
        (None, false) if over && agreed => Phase::Agreed,
        (None, false) if over => Phase::Held,
        (None, true) if facts.ends + LAPSES_AFTER <= now => Phase::Lapsed,
        _ if facts.changed => Phase::Changed,
        _ => Phase::Announced,
    };
    let unaccepted = facts.hosts.difference(&facts.accepted).copied().collect();
    State { phase, unaccepted, concerns: facts.concerns.clone() }
}

/// Returns who facilitates the meeting of this number, counted from 0: each in turn.
pub fn facilitator(rotation: &[NetId], meeting: usize) -> Option<NetId> {
    rotation.get(meeting.checked_rem(rotation.len())?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn day(n: u64) -> Timestamp {
        START + Duration::from_secs(n * 86_400)
    }

    fn net(n: u8) -> NetId {
        NetId([n; 32])
    }

    fn forum() -> Facts {
        Facts {
            ends: day(1),
            unminuted: Some(day(1)),
            changed: false,
            cancelled: None,
            hosts: [net(1), net(2)].into(),
            accepted: BTreeSet::new(),
            minutes: Vec::new(),
            concerns: BTreeSet::new(),
        }
    }

    fn phase(facts: &Facts, on: u64) -> Phase {
        fold(facts, day(on)).phase
    }

    fn written(on: u64) -> MinutesFacts {
        let hosts = [net(1), net(2)].into();
        MinutesFacts { at: day(on), hosts, accepted: BTreeSet::new(), concerns: BTreeMap::new() }
    }

    #[test]
    fn minutes_are_agreed_by_silence() {
        let phase = |on| minutes(&written(2), day(on)).phase;
        assert_eq!((phase(15), phase(16)), (Phase::Held, Phase::Agreed));
    }

    #[test]
    fn a_concern_keeps_minutes_open_until_every_host_accepts() {
        let mut facts = written(2);
        let phase = |facts: &MinutesFacts, on| minutes(facts, day(on)).phase;
        facts.concerns.insert(RecordId([7; 32]), day(16));
        assert_eq!(phase(&facts, 16), Phase::Agreed, "it was raised too late");
        facts.concerns.insert(RecordId([7; 32]), day(15));
        facts.accepted.insert(net(1));
        assert_eq!(phase(&facts, 100), Phase::Held);
        facts.accepted.insert(net(2));
        assert_eq!(phase(&facts, 3), Phase::Agreed);
    }

    #[test]
    fn a_series_goes_on_while_a_meeting_has_no_minutes_and_is_held_when_none_is_left() {
        let mut facts = Facts { ends: day(30), unminuted: Some(day(30)), ..forum() };
        facts.minutes = vec![Phase::Agreed, Phase::Held];
        assert_eq!((phase(&facts, 20), phase(&facts, 43)), (Phase::Announced, Phase::Announced));
        assert_eq!(phase(&facts, 44), Phase::Held, "nobody writes the last ones any more");
        facts.unminuted = None;
        assert_eq!(phase(&facts, 29), Phase::Held);
        facts.minutes = vec![Phase::Agreed; 2];
        assert_eq!(phase(&facts, 29), Phase::Agreed);
    }

    #[test]
    fn without_minutes_it_lapses_and_a_cancelled_one_stays_cancelled() {
        assert_eq!((phase(&forum(), 14), phase(&forum(), 15)), (Phase::Announced, Phase::Lapsed));
        let minutes = vec![Phase::Held];
        let cancelled = Facts { cancelled: Some(day(0)), minutes, ..forum() };
        assert_eq!(phase(&cancelled, 20), Phase::Cancelled);
        let changed = Facts { changed: true, ..forum() };
        assert_eq!(phase(&changed, 0), Phase::Changed);
    }

    #[test]
    fn facilitation_goes_round() {
        let rotation = [net(1), net(2), net(3)];
        let turns: Vec<_> = (0..5).filter_map(|n| facilitator(&rotation, n)).collect();
        assert_eq!(turns, [net(1), net(2), net(3), net(1), net(2)]);
        assert_eq!(facilitator(&[], 3), None);
    }
}
