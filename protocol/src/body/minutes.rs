//! Minutes: what one meeting of a gathering said and decided. They are an answer to the gathering, so
//! each of its meetings has minutes of its own, and the gathering stays as it was announced.

use serde::{Deserialize, Serialize};

use super::response::Document;
use super::text::{List, Text};
use crate::id::NetId;

/// Something to do after a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    /// What.
    pub text: Text<300>,
    /// Who.
    pub who: NetId,
    /// By when, seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<u64>,
}

/// What was said and decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes {
    /// Of which meeting: when it was to begin, seconds since the epoch.
    pub start: u64,
    /// When it was held, seconds since the epoch.
    pub held_at: u64,
    /// Which networks came; never people.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub networks: List<NetId, 64>,
    /// How many other networks came.
    #[serde(default)]
    pub others: u16,
    /// In words.
    pub summary: Text<4000>,
    /// What follows.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub actions: List<ActionItem, 16>,
    /// Larger material.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub files: List<Document, 8>,
}

impl Minutes {
    /// Says whether all its moments are ones that a record may name.
    pub(super) fn is_sound(&self) -> bool {
        let dues = self.actions.iter().filter_map(|action| action.due);
        super::are_moments([self.start, self.held_at].into_iter().chain(dues))
    }
}
