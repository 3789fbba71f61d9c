//! `call`: a need, an offer, an action, an alert or an invitation.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::sealed::Boxes;
use super::text::{Line, List, Place, Tag, Text};
use super::values::ValueType;
use crate::id::ThingId;

/// The most days an alert may live: a panic call that outlives its cause does harm.
pub const ALERT_DAYS_MAX: u64 = 14;

/// The most asks in one call.
pub const ASKS_MAX: usize = 16;

/// What sort of call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallKind {
    /// We need something.
    Need,
    /// We offer something.
    Offer,
    /// Act with us.
    Action,
    /// Something is happening now.
    Alert,
    /// Come to us.
    Invitation,
}

/// How soon an answer is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Within hours. Unconfirmed until a network with a tie to the caller endorses it.
    Now,
    /// Within days.
    Days,
    /// Within weeks.
    Weeks,
    /// Whenever.
    Open,
}

/// What those who answer risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing known.
    None,
    /// Little.
    Low,
    /// Trouble with the law.
    Legal,
    /// Harm.
    Physical,
}

/// What the call does in the movement's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Brings together.
    Bridge,
    /// Stops harm.
    Block,
    /// Makes new.
    Build,
}

/// One thing that is asked for, or offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What, in one short name.
    pub tag: Tag,
    /// What, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<500>>,
    /// How much, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// Of what unit: people, beds, euros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Tag>,
}

impl Ask {
    /// Returns how much is asked for: one when no amount is named.
    pub fn wanted(&self) -> u64 {
        u64::from(self.amount.unwrap_or(1))
    }
}

/// A span of time, seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub start: u64,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}

impl Span {
    /// Says whether it does not end before it begins, and both are moments.
    pub(super) fn is_sound(&self) -> bool {
        let end = self.end.unwrap_or(self.start);
        self.start <= end && super::are_moments([self.start, end])
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What sort of call it is.
    pub kind: CallKind,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// In one line.
    pub title: Line<160>,
    /// In full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<4000>>,
    /// What is asked for.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub asks: List<Ask, ASKS_MAX>,
    /// Movement fields.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub fields: List<Tag, 12>,
    /// Where.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub places: List<Place, 12>,
    /// The values it appeals to.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub values: List<ValueType, 10>,
    /// When it happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Span>,
    /// How soon an answer is needed.
    pub urgency: Urgency,
    /// What those who answer risk.
    pub risk: Risk,
    /// Whom an action addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand_to: Option<Line<200>>,
    /// The call or tie that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<ThingId>,
    /// How to reach the caller, to some readers only.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub contact: Boxes,
}

impl KnownBody for Call {
    const KEYS: &'static [&'static str] = &[
        "kind",
        "mode",
        "title",
        "text",
        "asks",
        "fields",
        "places",
        "values",
        "when",
        "urgency",
        "risk",
        "demand_to",
        "part_of",
        "contact",
    ];

    fn is_sound(&self) -> bool {
        self.asks.iter().all(|ask| ask.amount != Some(0))
            && self.when.is_none_or(|when| when.is_sound())
    }
}
