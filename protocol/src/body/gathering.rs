//! `gathering`: a forum, an assembly, a training, an action.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{Ascii, Lang, Line, List, Place, Tag, Text};
use crate::id::{NetId, ThingId};

/// What sort of gathering it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatheringKind {
    /// A forum.
    Forum,
    /// A conference call.
    Call,
    /// An assembly.
    Assembly,
    /// A training.
    Training,
    /// A circle of learning and practice.
    Circle,
    /// An action.
    Action,
}

/// When it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// When the first one begins, seconds since the epoch.
    pub start: u64,
    /// When the first one ends.
    pub end: u64,
    /// The IANA time zone that people meet in.
    pub zone: Tag,
    /// How it repeats: an RRULE (RFC 5545, section 3.3.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rrule: Option<Ascii<200>>,
}

/// A gathering. Its minutes are answers to it: see [`minutes`](super::minutes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathering {
    /// What sort.
    pub kind: GatheringKind,
    /// In one line.
    pub title: Line<160>,
    /// In full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<3000>>,
    /// Who hosts, beside the author.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub hosts: List<NetId, 16>,
    /// When.
    pub times: Times,
    /// Where; absent for online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Spoken languages.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub languages: List<Lang, 12>,
    /// What is done for access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Text<500>>,
    /// Movement fields.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub fields: List<Tag, 12>,
    /// Who facilitates, in turn.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub facilitation: List<NetId, 24>,
    /// What is talked about.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub agenda: List<Line<200>, 24>,
    /// The gathering that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<ThingId>,
}

impl KnownBody for Gathering {
    const KEYS: &'static [&'static str] = &[
        "kind",
        "title",
        "text",
        "hosts",
        "times",
        "place",
        "languages",
        "access",
        "fields",
        "facilitation",
        "agenda",
        "part_of",
    ];

    fn is_sound(&self) -> bool {
        let Times { start, end, .. } = self.times;
        start <= end && super::are_moments([start, end])
    }
}
