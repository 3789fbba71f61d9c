//! What every record says, whatever its kind.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;
use crate::body::Body;
use crate::id::{NetId, Nonce, RecordId, ThingId};
use crate::region::Region;
use crate::time::Timestamp;

/// How many ids `prev`, or keys `crit`, may list: enough for any honest merge of forks, small
/// enough that a header stays below one kilobyte.
pub const LIST_MAX: usize = 16;

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

/// How far the author allows a record to travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Only this network's own nodes.
    Own,
    /// The home region.
    Region,
    /// Any region that a bridge carries it to.
    Movement,
}

impl Reach {
    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Region => "region",
            Self::Movement => "movement",
        }
    }

    /// Reads a reach.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Own, Self::Region, Self::Movement].into_iter().find(|r| r.as_str() == name)
    }
}

/// Where a record lives and how far it may go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Home {
    /// The region that the record is published in.
    pub region: Region,
    /// How far it may travel from there.
    pub reach: Reach,
}

/// Which version of which thing a record is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Version {
    /// What all versions of the thing have in common. In a draft that has none it is made of all
    /// the rest, so that who signs the same twice says it once; absent in identity events.
    pub nonce: Option<Nonce>,
    /// 0 for the first version, 1 for the second, and so on.
    pub rev: u16,
    /// The versions that this one follows: none, one, or all heads of a fork; at most [`LIST_MAX`].
    pub prev: Vec<RecordId>,
}

impl Version {
    /// Begins the version that follows this one.
    pub fn after(record: &Record) -> Self {
        let version = &record.header().version;
        let rev = version.rev.saturating_add(1);
        Self { nonce: version.nonce, rev, prev: vec![record.id()] }
    }
}

/// Domain separation of the names of things.
const THING: &[u8] = b"weft-thing-v1";

/// What every record says.
///
/// A header that was decoded obeys the rules of the specification that can be checked without
/// other records: which fields its kind has, and how long it may live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What kind of statement this is.
    pub kind: Kind,
    /// The network that speaks; absent only in an inception.
    pub net: Option<NetId>,
    /// The role that it is signed under; absent when the network's own key signs.
    pub role: Option<ThingId>,
    /// Which version of which thing this is. An identity event other than the inception has the
    /// one event before it as `prev`.
    pub version: Version,
    /// Body keys that a reader must know, else the record is opaque to it; at most [`LIST_MAX`].
    pub crit: Vec<String>,
    /// When the author says it was written: whole seconds.
    pub at: Timestamp,
    /// When it ends: whole seconds, [`Timestamp::NEVER`] for identity events.
    pub until: Timestamp,
    /// Where it lives; absent only in identity events.
    pub home: Option<Home>,
}

impl Header {
    /// Returns the thing that this, with its body, is a version of; none of an inception, whose id
    /// names it, and of a draft without a nonce.
    ///
    /// What no version may change is part of the name: who granted a role, who decides on a
    /// proposal, and what is answered, how.
    pub fn thing(&self, body: &Body) -> Option<ThingId> {
        let net = self.net?;
        if self.kind == Kind::Identity {
            return Some(net.into());
        }
        let mut hash = Sha256::new()
            .chain_update(THING)
            .chain_update(net.0)
            .chain_update(self.kind.as_str())
            .chain_update(self.version.nonce?.0);
        match (body, &self.role) {
            (Body::Role(_), Some(granter)) => hash.update(granter.0),
            (Body::Proposal(proposal), _) => {
                hash.update(proposal.to.0);
                hash.update(proposal.rule.freeze.to_be_bytes());
            }
            (Body::Response(response), _) => {
                hash.update(response.to.thing.0);
                hash.update(response.kind.as_str());
            }
            _ => {}
        }
        Some(ThingId(hash.finalize().into()))
    }
}
