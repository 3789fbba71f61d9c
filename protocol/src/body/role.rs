//! `role`: a mandate from a network to a key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{List, Tag};
use crate::id::{PublicKey, ThingId};
use crate::region::Region;
use crate::time::Timestamp;

/// What a role may do in the network's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Power {
    /// Publish the profile.
    Profile,
    /// Declare values.
    Values,
    /// Grant roles, with no more than it has itself.
    Delegate,
    /// Publish calls and gatherings.
    Call,
    /// Answer: offers, deliveries, thanks, concerns and the rest.
    Respond,
    /// Endorse.
    Endorse,
    /// Propose and accept ties.
    SignTie,
    /// Bring proposals.
    Propose,
    /// Cast ballots.
    Vote,
    /// Write minutes.
    Minutes,
    /// Disclose.
    Disclose,
    /// End what others in the network have signed; what it signed itself any role may end.
    End,
    /// Carry records between regions.
    Bridge,
    /// Say, in a profile, which nodes are the network's own and which key others seal to.
    Hosting,
}

impl Power {
    /// All powers, in the specification's order.
    pub const ALL: [Self; 14] = [
        Self::Profile,
        Self::Values,
        Self::Delegate,
        Self::Call,
        Self::Respond,
        Self::Endorse,
        Self::SignTie,
        Self::Propose,
        Self::Vote,
        Self::Minutes,
        Self::Disclose,
        Self::End,
        Self::Bridge,
        Self::Hosting,
    ];

    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Values => "values",
            Self::Delegate => "delegate",
            Self::Call => "call",
            Self::Respond => "respond",
            Self::Endorse => "endorse",
            Self::SignTie => "sign-tie",
            Self::Propose => "propose",
            Self::Vote => "vote",
            Self::Minutes => "minutes",
            Self::Disclose => "disclose",
            Self::End => "end",
            Self::Bridge => "bridge",
            Self::Hosting => "hosting",
        }
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word is not a power.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a power is one of profile, values, delegate, call, respond, endorse, sign-tie, propose, vote, minutes, disclose, end, bridge, hosting"
)]
pub struct ParsePowerError;

impl FromStr for Power {
    type Err = ParsePowerError;

    fn from_str(word: &str) -> Result<Self, ParsePowerError> {
        Self::ALL.into_iter().find(|p| p.as_str() == word).ok_or(ParsePowerError)
    }
}

/// What a role is called in the network's structure. It says nothing about powers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleKind {
    /// Represents the network in a body.
    Rep,
    /// Stands in for the rep.
    Alternate,
    /// Looks after the network's affairs.
    Steward,
    /// A member.
    Member,
    /// Facilitates gatherings.
    Facilitator,
    /// Speaks in public.
    Spokesperson,
    /// Keeps a topic together.
    Anchor,
    /// Chairs.
    Chair,
    /// Takes minutes.
    Scribe,
    /// Coaches others.
    Coach,
    /// Holds a guardian's key.
    Guardian,
    /// Runs a node or a bridge.
    Operator,
}

/// What a role is limited to. Absent in a role for the whole network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Records whose home is this region.
    Region(Region),
    /// Records about this thing: a tie, a gathering, a call.
    Thing(ThingId),
    /// Records with this among their fields.
    Topic(Tag),
}

/// A mandate. Active once its holder has accepted it, until it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The key that may act: fresh for each role, and never a person's name.
    pub holder: PublicKey,
    /// A pseudonym, such as "rep 2".
    pub label: Tag,
    /// What it is called.
    pub kind: RoleKind,
    /// What it may do.
    pub powers: List<Power, 14>,
    /// What it is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// When it begins, seconds since the epoch.
    pub from: u64,
}

impl Role {
    /// Returns when the mandate begins.
    pub fn begins(&self) -> Timestamp {
        Timestamp::from_secs(self.from)
    }
}

impl KnownBody for Role {
    const KEYS: &'static [&'static str] = &["holder", "label", "kind", "powers", "scope", "from"];

    fn is_sound(&self) -> bool {
        super::are_moments([self.from])
    }
}
