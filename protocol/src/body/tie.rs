//! `tie`: a relation between networks, active only when every party has signed.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{BoundError, Lang, Line, List, Tag, Text};
use crate::id::{KeyHash, NetId};
use crate::region::Region;

/// The most parties of one tie.
pub const PARTIES_MAX: usize = 64;

/// What sort of relation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieKind {
    /// The first party belongs to the second.
    MemberOf,
    /// A memorandum of understanding.
    Agreement,
    /// Work together.
    Project,
    /// Carrying between regions.
    Bridge,
    /// Keeping a topic together.
    Anchor,
    /// One holds the other's money.
    FiscalHost,
    /// The second party continues the first.
    Successor,
}

/// What a party has promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Which party.
    pub who: NetId,
    /// What.
    pub text: Text<500>,
    /// By when, seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<u64>,
}

/// Who decides what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRight {
    /// The matter.
    pub matter: Line<200>,
    /// Who decides, by which rule.
    pub rule: Text<300>,
}

/// How many seats each party has in decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// Representatives.
    pub rep: u8,
    /// Alternates.
    pub alternate: u8,
}

/// What the parties agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// In plain language, always.
    pub summary: Text<1500>,
    /// The full text, by its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<KeyHash>,
    /// What each promises.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub commitments: List<Commitment, 16>,
    /// Who decides what.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub decision_rights: List<DecisionRight, 12>,
    /// Seats of each party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<Seats>,
    /// Kinds of disclosure that each party owes.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub disclosure_required: List<Tag, 6>,
    /// What nobody gives up.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub nonnegotiables: List<Text<300>, 8>,
    /// How many members an alliance may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_members: Option<u16>,
    /// How many days before leaving a party says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_days: Option<u16>,
}

/// What a bridge tie joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// Out of which region.
    pub from: Region,
    /// Into which region.
    pub to: Region,
    /// In which languages it can speak.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub languages: List<Lang, 12>,
}

/// A relation between two or more networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// What sort of relation.
    pub kind: TieKind,
    /// Who: at least two, each once. `member_of` has the member, then the alliance; `fiscal_host`
    /// the host, then the hosted; `successor` the old, then the new, and these have no third.
    pub parties: Parties,
    /// What they agree to.
    pub terms: Terms,
    /// When they look at it again, seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_on: Option<u64>,
    /// What a bridge joins; a tie of kind `bridge` has it and no other has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Bridge>,
    /// What an anchor keeps together; no other kind has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Tag>,
}

/// Two to [`PARTIES_MAX`] different networks, in an order that matters to `member_of`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<NetId>", into = "Vec<NetId>")]
pub struct Parties(Vec<NetId>);

impl Parties {
    /// Returns the networks.
    pub fn as_slice(&self) -> &[NetId] {
        &self.0
    }
}

impl TryFrom<Vec<NetId>> for Parties {
    type Error = BoundError;

    fn try_from(parties: Vec<NetId>) -> Result<Self, BoundError> {
        let distinct: std::collections::BTreeSet<_> = parties.iter().collect();
        let fine = (2..=PARTIES_MAX).contains(&parties.len()) && distinct.len() == parties.len();
        if fine { Ok(Self(parties)) } else { Err(BoundError::List) }
    }
}

impl From<Parties> for Vec<NetId> {
    fn from(parties: Parties) -> Self {
        parties.0
    }
}

impl KnownBody for Tie {
    const KEYS: &'static [&'static str] =
        &["kind", "parties", "terms", "review_on", "bridge", "topic"];

    fn is_sound(&self) -> bool {
        let pair =
            matches!(self.kind, TieKind::MemberOf | TieKind::FiscalHost | TieKind::Successor);
        let dues = self.terms.commitments.iter().filter_map(|c| c.due);
        (!pair || self.parties.as_slice().len() == 2)
            && self.bridge.is_some() == (self.kind == TieKind::Bridge)
            && self.bridge.as_ref().is_none_or(|bridge| bridge.from != bridge.to)
            && (self.topic.is_none() || self.kind == TieKind::Anchor)
            && super::are_moments(dues.chain(self.review_on))
    }
}
