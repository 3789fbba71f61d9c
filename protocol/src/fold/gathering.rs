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

/// What the fold needs to know of the current version of a gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// When its last meeting ends.
    pub ends: Timestamp,
    /// Whether time, place or hosts are other than first announced.
    pub changed: bool,
    /// When it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// Who hosts, beside the author.
    pub hosts: BTreeSet<NetId>,
    /// Which networks accept it as it stands.
    pub accepted: BTreeSet<NetId>,
    /// Since when minutes stand in these words.
    pub minutes: Option<Timestamp>,
    /// The standing concerns about it, of hosts and of those who came, with their dates.
    pub concerns: BTreeMap<RecordId, Timestamp>,
}

/// How far a gathering has come.
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
    /// When its minutes stand if no concern does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<Timestamp>,
}

/// Folds a gathering and the answers to it into what they amount to at this time.
pub fn fold(facts: &Facts, now: Timestamp) -> State {
    let unaccepted: BTreeSet<NetId> = facts.hosts.difference(&facts.accepted).copied().collect();
    let agreed_at = facts.minutes.map(|since| since + MINUTES_OPEN);
    let all = !facts.hosts.is_empty() && unaccepted.is_empty();
    let opposed = |at: Timestamp| facts.concerns.values().any(|raised| *raised < at);
    let unopposed = agreed_at.is_some_and(|at| at <= now && !opposed(at));
    let phase = match (facts.cancelled, facts.minutes) {
        (Some(_), _) => Phase::Cancelled,
        (None, Some(_)) if all || unopposed => Phase::Agreed,
        (None, Some(_)) => Phase::Held,
        (None, None) if facts.ends + LAPSES_AFTER <= now => Phase::Lapsed,
        (None, None) if facts.changed => Phase::Changed,
        (None, None) => Phase::Announced,
    };
    State { phase, unaccepted, concerns: facts.concerns.keys().copied().collect(), agreed_at }
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
            changed: false,
            cancelled: None,
            hosts: [net(1), net(2)].into(),
            accepted: BTreeSet::new(),
            minutes: None,
            concerns: BTreeMap::new(),
        }
    }

    fn phase(facts: &Facts, on: u64) -> Phase {
        fold(facts, day(on)).phase
    }

    #[test]
    fn it_is_announced_then_held_then_agreed_by_silence() {
        let mut facts = forum();
        assert_eq!(phase(&facts, 0), Phase::Announced);
        facts.minutes = Some(day(2));
        assert_eq!((phase(&facts, 15), phase(&facts, 16)), (Phase::Held, Phase::Agreed));
    }

    #[test]
    fn a_concern_keeps_minutes_open_until_every_host_accepts() {
        let mut facts = Facts { minutes: Some(day(2)), ..forum() };
        facts.concerns.insert(RecordId([7; 32]), day(16));
        assert_eq!(phase(&facts, 16), Phase::Agreed, "it was raised too late");
        facts.concerns.insert(RecordId([7; 32]), day(15));
        facts.accepted.insert(net(1));
        assert_eq!(phase(&facts, 100), Phase::Held);
        facts.accepted.insert(net(2));
        assert_eq!(phase(&facts, 3), Phase::Agreed);
    }

    #[test]
    fn without_minutes_it_lapses_and_a_cancelled_one_stays_cancelled() {
        assert_eq!((phase(&forum(), 14), phase(&forum(), 15)), (Phase::Announced, Phase::Lapsed));
        let cancelled = Facts { cancelled: Some(day(0)), minutes: Some(day(2)), ..forum() };
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
