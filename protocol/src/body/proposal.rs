//! `proposal`: a joint decision.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{Line, List, Tag, Text};
use crate::id::{RecordId, ThingId};

/// How ballots become a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionMethod {
    /// All agree.
    Consensus,
    /// None objects.
    Consent,
    /// More for than against.
    Majority,
    /// At least the rule's share for.
    Supermajority,
    /// The option with most approvals.
    Approval,
}

/// What an objection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objections {
    /// One stops the decision.
    Block,
    /// They count as votes against.
    Count,
}

/// By which rule it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// How ballots become a decision.
    pub method: DecisionMethod,
    /// The share of electors that must vote, in percent.
    pub quorum: u8,
    /// What a supermajority needs, in percent; no other method has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
    /// What an objection does.
    pub objections: Objections,
    /// The moment whose seats are the electors, seconds since the epoch.
    pub freeze: u64,
    /// How many days deliberation lasts at least.
    #[serde(default)]
    pub min_days: u16,
    /// When voting opens.
    pub vote_from: u64,
    /// When voting closes.
    pub vote_until: u64,
}

/// A voice that is asked for, or must be heard, before voting opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Whose.
    pub who: Line<200>,
    /// The field by which such networks are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Tag>,
    /// The gathering whose minutes are that voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathering: Option<ThingId>,
    /// Whether voting waits for it.
    #[serde(default)]
    pub required: bool,
}

/// A joint decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The tie whose parties decide.
    pub to: ThingId,
    /// In one line.
    pub title: Line<160>,
    /// In full.
    pub text: Text<6000>,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub options: List<Line<200>, 16>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<Text<2000>>,
    /// The record that is adopted with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<RecordId>,
    /// By which rule.
    pub rule: Rule,
    /// Whose voices are asked for.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub voices: List<Voice, 12>,
    /// In a closing version, the ballots that were counted.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub counted: List<RecordId, 128>,
}

impl KnownBody for Proposal {
    const KEYS: &'static [&'static str] =
        &["to", "title", "text", "options", "rationale", "effect", "rule", "voices", "counted"];

    fn is_sound(&self) -> bool {
        let Rule { method, quorum, share, freeze, vote_from, vote_until, .. } = self.rule;
        let supermajority = method == DecisionMethod::Supermajority;
        quorum <= 100
            && share.is_some() == supermajority
            && share.is_none_or(|share| (1..=100).contains(&share))
            && vote_from < vote_until
            && super::are_moments([freeze, vote_from, vote_until])
    }
}
