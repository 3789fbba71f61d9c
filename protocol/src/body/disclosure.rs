//! `disclosure`: openness.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::call::Span;
use super::response::{Document, Reference};
use super::text::{Line, List, Tag, Text};
use crate::id::NetId;

/// What is disclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisclosureKind {
    /// Where money comes from.
    Funding,
    /// A conflict of interest.
    Conflict,
    /// Who controls whom.
    Control,
    /// Why something was decided.
    Rationale,
    /// Results.
    Report,
    /// What went wrong.
    Setback,
}

impl DisclosureKind {
    /// All kinds, in the specification's order.
    pub const ALL: [Self; 6] = [
        Self::Funding,
        Self::Conflict,
        Self::Control,
        Self::Rationale,
        Self::Report,
        Self::Setback,
    ];

    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Funding => "funding",
            Self::Conflict => "conflict",
            Self::Control => "control",
            Self::Rationale => "rationale",
            Self::Report => "report",
            Self::Setback => "setback",
        }
    }

    /// Returns the kind that a word means.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A source of money or other support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// From whom; individual donors only in sum.
    pub source: Line<200>,
    /// Grant, donations, dues, in-kind, contract, public, own.
    pub form: Tag,
    /// The ISO 4217 code of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Tag>,
    /// How much, in whole units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// Its share of all, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
    /// For what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Line<200>>,
}

/// Another network under the same control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Which.
    pub other: NetId,
    /// Same board, same host, same operator, owned.
    pub how: Tag,
}

/// A figure of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What was counted.
    pub name: Line<200>,
    /// How much.
    pub value: i64,
    /// In what unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Tag>,
}

/// Openness about one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// What is disclosed.
    pub kind: DisclosureKind,
    /// In words.
    pub text: Text<4000>,
    /// For which time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Span>,
    /// About which record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Reference>,
    /// Sources of support.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub sources: List<Source, 32>,
    /// Networks under the same control.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub control: List<Control, 32>,
    /// Figures of a report.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub figures: List<Figure, 32>,
    /// Larger material.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub files: List<Document, 8>,
}

impl KnownBody for Disclosure {
    const KEYS: &'static [&'static str] =
        &["kind", "text", "period", "about", "sources", "control", "figures", "files"];

    fn is_sound(&self) -> bool {
        let shares = self.sources.iter().all(|source| source.share.is_none_or(|s| s <= 100));
        shares && self.period.is_none_or(|period| period.is_sound())
    }
}
