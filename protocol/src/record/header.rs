//! What every record says, whatever its kind.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;
use crate::body::{Body, Kind};
use crate::id::{NetId, Nonce, RecordId, ThingId};
use crate::region::Region;
use crate::time::Timestamp;

/// How many ids `prev`, or keys `crit`, may list: enough for any honest merge of forks, small
/// enough that a header stays below one kilobyte.
pub const LIST_MAX: usize = 16;

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
