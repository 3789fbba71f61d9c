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
    let leaving = facts.ended.map(|(by, said)| (by, said + facts.notice));
    let missing: Vec<NetId> = facts.missing().collect();
    match leaving {
        Some((by, said)) if said <= now || !missing.is_empty() => {
            return State::Ended { by, at: said };
        }
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
