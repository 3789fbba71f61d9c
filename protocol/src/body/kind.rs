//! The kinds of records, each with a body of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of records.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Inception, rotation, revocation, recovery or closing of a network's identity.
    Identity,
    /// Who a network is.
    Profile,
    /// A mandate from a network to a key.
    Role,
    /// How much each value matters to a network, or how much it thinks it matters to others.
    Values,
    /// A need, offer, action, alert or invitation.
    Call,
    /// An answer to any record.
    Response,
    /// A joint decision.
    Proposal,
    /// A forum, assembly, training or action.
    Gathering,
    /// A relation between networks.
    Tie,
    /// Openness about funding, conflicts, control, reasons, results and setbacks.
    Disclosure,
    /// A bridge's statement of what it carries between regions.
    Carriage,
    /// Withdrawal, resignation, cancellation, leaving or erasure.
    End,
    /// A kind that this version does not know: kept and passed on, never shown.
    Other(KindName),
}

/// The name of an unknown kind: 1 to 24 of `a-z` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindName(Box<str>);

impl Kind {
    /// The twelve known kinds, in the specification's order.
    pub const ALL: [Self; 12] = [
        Self::Identity,
        Self::Profile,
        Self::Role,
        Self::Values,
        Self::Call,
        Self::Response,
        Self::Proposal,
        Self::Gathering,
        Self::Tie,
        Self::Disclosure,
        Self::Carriage,
        Self::End,
    ];

    /// Returns the name that records use.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Identity => "identity",
            Self::Profile => "profile",
            Self::Role => "role",
            Self::Values => "values",
            Self::Call => "call",
            Self::Response => "response",
            Self::Proposal => "proposal",
            Self::Gathering => "gathering",
            Self::Tie => "tie",
            Self::Disclosure => "disclosure",
            Self::Carriage => "carriage",
            Self::End => "end",
            Self::Other(name) => &name.0,
        }
    }

    /// Reads a kind's name; `None` when it is not a name that a kind could have.
    pub fn named(name: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        let letters = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'-'));
        let other =
            (letters && (1..=24).contains(&name.len())).then(|| Self::Other(KindName(name.into())));
        known.or(other)
    }

    /// Returns how many days a record of this kind may live, `None` for ever.
    ///
    /// A year and a bit renews a profile or a mandate; a call is for now; an end must outlive the
    /// longest-lived target, a tie of three years, by a month for clocks and latecomers.
    pub fn days_max(&self) -> Option<u64> {
        match self {
            Self::Identity => None,
            Self::Profile | Self::Role | Self::Response | Self::Proposal | Self::Gathering => {
                Some(400)
            }
            Self::Values | Self::Disclosure => Some(800),
            Self::Call | Self::Other(_) => Some(90),
            Self::Tie | Self::Carriage => Some(1096),
            Self::End => Some(1127),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom("not the name of a kind"))
    }
}
