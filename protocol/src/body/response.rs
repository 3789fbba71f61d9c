//! `response`: an answer to any record.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::call::ASKS_MAX;
use super::minutes::Minutes;
use super::sealed::Boxes;
use super::text::{List, Tag, Text};
use crate::id::{RecordId, ThingId};

/// What is referred to: a thing, and the version of it that the author saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// The thing.
    pub thing: ThingId,
    /// The version that the author saw.
    pub seen: RecordId,
}

/// What sort of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseKind {
    /// We stand behind it. Binds to the version seen.
    Endorse,
    /// We will. To a call.
    Offer,
    /// Yes: to an offer, a role, a tie, a gathering. Binds to the version seen.
    Accept,
    /// No: to an offer, a role, a tie.
    Decline,
    /// We did. To an accepted offer, or directly to a call.
    Deliver,
    /// They did. To a delivery.
    Confirm,
    /// They did not. To a delivery.
    Contest,
    /// Thanks.
    Thanks,
    /// A lesson, a setback, a good practice.
    Learn,
    /// Something is wrong.
    Concern,
    /// A vote. Binds to the version seen.
    Ballot,
    /// What a meeting of a gathering said and decided.
    Minutes,
}

impl ResponseKind {
    /// Says whether the answer holds only for the version seen, or a later one with the same
    /// body.
    pub fn binds_to_version(self) -> bool {
        matches!(self, Self::Endorse | Self::Accept | Self::Ballot)
    }

    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Endorse => "endorse",
            Self::Offer => "offer",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Deliver => "deliver",
            Self::Confirm => "confirm",
            Self::Contest => "contest",
            Self::Thanks => "thanks",
            Self::Learn => "learn",
            Self::Concern => "concern",
            Self::Ballot => "ballot",
            Self::Minutes => "minutes",
        }
    }
}

/// How an elector votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Agrees.
    Consent,
    /// Has doubts and does not stand in the way.
    StandAside,
    /// Objects; `text` says why.
    Object,
    /// Does not vote.
    Abstain,
    /// Approves of these options, by their place in the proposal's list.
    Options(List<u8, 16>),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// What sort of answer.
    pub kind: ResponseKind,
    /// To what.
    #[serde(rename = "ref")]
    pub to: Reference,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<2000>>,
    /// To which of the call's asks, by its place in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<u8>,
    /// How much, in the ask's unit, at least 1; all that was asked or offered when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// A vote's choice; a ballot has one and nothing else has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Records or documents that show it, by their hash.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub evidence: List<Document, 4>,
    /// In words, to some readers only.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub sealed: Boxes,
    /// What was said and decided; minutes have it and nothing else has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<Box<Minutes>>,
}

/// Material that is too large for a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// SHA-256 of its bytes.
    pub hash: RecordId,
    /// Its media type.
    pub media: Tag,
    /// Its size in bytes.
    pub size: u64,
    /// Where it can be had.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub urls: List<super::profile::Url, 4>,
}

impl KnownBody for Response {
    const KEYS: &'static [&'static str] =
        &["kind", "ref", "text", "ask", "amount", "choice", "evidence", "sealed", "minutes"];

    fn is_sound(&self) -> bool {
        self.amount != Some(0)
            && self.ask.is_none_or(|ask| usize::from(ask) < ASKS_MAX)
            && self.choice.is_some() == (self.kind == ResponseKind::Ballot)
            && self.minutes.is_some() == (self.kind == ResponseKind::Minutes)
            && self.minutes.as_ref().is_none_or(|minutes| minutes.is_sound())
    }
}
