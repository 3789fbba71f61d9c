//! What a role has come to.

use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::time::Timestamp;

/// What the fold needs to know of one version of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When its holder first accepted it.
    pub accepted: Option<Timestamp>,
    /// The earliest end that counts: when, which, and whether the holder laid it down.
    pub ended: Option<(Timestamp, RecordId, bool)>,
}

/// What a role has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The holder has not accepted it.
    Offered,
    /// Accepted, and it begins later.
    Accepted {
        /// When it begins.
        from: Timestamp,
    },
    /// Its holder may act.
    Active {
        /// Until when.
        until: Timestamp,
    },
    /// Its time is over.
    Expired,
    /// The holder has laid it down.
    Resigned {
        /// From when on.
        at: Timestamp,
        /// By which record.
        by: RecordId,
    },
    /// The granter, or the network's own key, has taken it back.
    Withdrawn {
        /// From when on.
        at: Timestamp,
        /// By which record.
        by: RecordId,
    },
}

/// Folds one version of a role into what it amounts to at this time.
pub fn fold(facts: &Facts, now: Timestamp) -> State {
    match facts.ended {
        Some((at, by, true)) => return State::Resigned { at, by },
        Some((at, by, false)) => return State::Withdrawn { at, by },
        None => {}
    }
    if facts.until <= now {
        State::Expired
    } else if facts.accepted.is_none() {
        State::Offered
    } else if now < facts.from {
        State::Accepted { from: facts.from }
    } else {
        State::Active { until: facts.until }
    }
}
