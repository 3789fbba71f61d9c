//! What a tie has come to: claimed by one side, or signed by all.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::NetId;
use crate::time::Timestamp;

/// What the fold needs to know of one version of a tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Who proposed it.
    pub author: NetId,
    /// When it was proposed.
    pub at: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Who belongs to it, the author too.
    pub parties: Vec<NetId>,
    /// When the other parties accepted this version, those that have.
    pub accepted: BTreeMap<NetId, Timestamp>,
    /// When the parties look at it again.
    pub review_on: Option<Timestamp>,
    /// How long before leaving a party says so.
    pub notice: Duration,
    /// Who has ended it, and when that was said: the earliest such end.
    pub ended: Option<(NetId, Timestamp)>,
    /// A party that has closed, or whose identity is disputed.
    pub broken: Option<NetId>,
}

/// What a tie has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Only some parties have signed: what they say is a claim.
    Claimed {
        /// Who has not signed yet.
        missing: Vec<NetId>,
    },
    /// All parties have signed.
    Active {
        /// Since the last of them did.
        since: Timestamp,
        /// The date on which they wanted to look at it again has passed.
        review_due: bool,
        /// It ends at this moment, because a party has said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leaving: Option<(NetId, Timestamp)>,
    },
    /// A party has left.
    Ended {
        /// Which.
        by: NetId,
        /// From when on.
        at: Timestamp,
    },
    /// Its time is over.
    Expired,
    /// A party has closed, or nobody knows who speaks for it.
    Broken {
        /// Which.
        net: NetId,
    },
}

impl State {
    /// Says whether it counts: every party has signed and none has left.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }
}

impl Facts {
    /// Says whether every party but the author has accepted.
    pub fn is_accepted(&self) -> bool {
        self.missing().next().is_none()
    }

    fn missing(&self) -> impl Iterator<Item = NetId> {
        let signed = |net: &NetId| *net == self.author || self.accepted.contains_key(net);
        self.parties.iter().copied().filter(move |net| !signed(net))
    }
}

/// Folds one version of a tie into what it amounts to at this time.
pub fn fold(facts: &Facts, now: Timestamp) -> State {
    let missing: Vec<NetId> = facts.missing().collect();
    // Of a claim nobody needs notice.
    let notice = if missing.is_empty() { facts.notice } else { Duration::ZERO };
    let leaving = facts.ended.map(|(by, said)| (by, said + notice));
    match leaving {
        Some((by, at)) if at <= now || !missing.is_empty() => return State::Ended { by, at },
        _ => {}
    }
    if facts.until <= now {
        return State::Expired;
    }
    if let Some(net) = facts.broken {
        return State::Broken { net };
    }
    if !missing.is_empty() {
        return State::Claimed { missing };
    }
    let since = facts.accepted.values().copied().max().unwrap_or(facts.at).max(facts.at);
    let review_due = facts.review_on.is_some_and(|on| on <= now);
    State::Active { since, review_due, leaving }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_claim_ends_when_that_is_said_and_a_tie_when_the_notice_is_over() {
        let start = Timestamp::from_secs(1_800_000_000);
        let (alice, bob) = (NetId([1; 32]), NetId([2; 32]));
        let mut facts = Facts {
            author: alice,
            at: start,
            until: start + DAY * 300,
            parties: vec![alice, bob],
            accepted: BTreeMap::new(),
            review_on: None,
            notice: DAY * 30,
            ended: Some((bob, start + DAY)),
            broken: None,
        };
        let ended = |at| State::Ended { by: bob, at };
        assert_eq!(fold(&facts, start + DAY * 2), ended(start + DAY));
        facts.accepted.insert(bob, start);
        assert!(fold(&facts, start + DAY * 2).is_active());
        assert_eq!(fold(&facts, start + DAY * 31), ended(start + DAY * 31));
    }
}
