//! What happened in the ledger, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::authority::Standing;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::record::{Kind, Record};
use crate::region::Region;
use crate::sync::Scope;
use crate::time::Timestamp;

/// What became of a record that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored now, with this standing. Its bytes must be kept, unless it is erased at once
    /// (see [`Change::Erased`]).
    New(Standing),
    /// It was stored, erased or waiting already.
    Known,
    /// It waits in the pool: it is not stored, and not refused either.
    Pooled(Waiting),
    /// It never will be stored.
    Refused(Refusal),
}

/// What a pooled record waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// Its own date.
    Due(Timestamp),
    /// This record: the role that it is signed under, the event before it or the inception.
    Missing(RecordId),
    /// Something that names its key: what it refers to is here and does not. To be charged to the
    /// peer that delivered it, not to the network.
    Unnamed,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Due(at) => {
                write!(f, "its date is in the future, {at}; check the clocks of both machines")
            }
            Self::Missing(id) => write!(f, "it refers to {}, which is not here yet", id.short()),
            Self::Unnamed => f.write_str("the network that it names has not named its key"),
        }
    }
}

/// Why a record never will be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has expired.
    Expired,
    /// As many like it are kept as may be (`limits`).
    Surplus,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "it has expired",
            Self::Surplus => "as many like it are kept as may be",
        })
    }
}

/// What is left of an erased record: enough to refuse its bytes and to know who may lift it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tombstone {
    /// Which record.
    pub id: RecordId,
    /// Of which thing.
    pub thing: ThingId,
    /// Of which network.
    pub net: NetId,
    /// Until when it is refused.
    pub until: Timestamp,
}

/// Something that follows from what was put in, or from the passing of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A record left the pool and is stored now; its bytes must be kept.
    Admitted(Box<Record>),
    /// A record is judged otherwise than before.
    Judged {
        /// Which record.
        id: RecordId,
        /// What it amounts to now.
        standing: Standing,
    },
    /// This record is erased: it counts for nothing from now on, and is to be found nowhere.
    Erased(Tombstone),
    /// The erasure is void: the record is wanted again, and judged anew when it comes.
    Lifted(RecordId),
    /// A carriage counts now, or no longer: what it names has come into the region, or left it.
    Carried {
        /// The carriage.
        carriage: RecordId,
        /// Into which region.
        into: Region,
        /// Whether it counts.
        counts: bool,
    },
    /// A record's time is over, or others have put it out: its bytes may go.
    Dropped {
        /// Which record.
        id: RecordId,
        /// Whose.
        net: NetId,
        /// Of what kind.
        kind: Kind,
        /// What it was a version of, and when its time was over; absent when others have put it out.
        over: Option<(ThingId, Timestamp)>,
    },
    /// Two rotations follow one event, or no longer: people must be told.
    Disputed {
        /// Whose identity.
        net: NetId,
        /// Since when, `None` when it was recovered.
        since: Option<Timestamp>,
    },
}

/// One step of a judgement, in the order in which it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It is not here.
    Absent,
    /// It waits in the pool.
    Waits(Waiting),
    /// It is of this kind, of this network, signed by this key.
    Signed {
        /// The kind.
        kind: Kind,
        /// The network that it names.
        net: NetId,
        /// The key.
        key: PublicKey,
    },
    /// It is signed under this role.
    UnderRole(ThingId),
    /// It is signed by the network's own key.
    UnderNetworkKey,
    /// It was judged.
    Judged(Standing),
    /// An end that counts names it.
    EndedBy(RecordId),
    /// A later version or a later answer stands in its place.
    Superseded,
    /// It was erased.
    Erased,
    /// It belongs to the set of this scope.
    InSet(Scope),
    /// A carriage that counts: what it names is in the region.
    Carries,
    /// A carriage that carries nothing: it leads back into a region that it says it came through.
    LeadsBack,
    /// A carriage that carries nothing: this tie does not entitle its network to carry there.
    NotEntitled(ThingId),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("not here"),
            Self::Waits(waiting) => write!(f, "waits: {waiting}"),
            Self::Signed { kind, net, key } => {
                write!(
                    f,
                    "a {kind} of the network {}, signed by the key {}",
                    net.short(),
                    key.short()
                )
            }
            Self::UnderRole(role) => write!(f, "signed under the role {}", role.short()),
            Self::UnderNetworkKey => f.write_str("signed as the network itself"),
            Self::Judged(Standing::Valid) => f.write_str("valid"),
            Self::Judged(Standing::Held(why)) => write!(f, "held: {why}"),
            Self::Judged(Standing::Void(why)) => write!(f, "void: {why}"),
            Self::EndedBy(id) => write!(f, "ended by the record {}", id.short()),
            Self::Superseded => f.write_str("superseded by a later one"),
            Self::Erased => f.write_str("erased"),
            Self::InSet(Scope::Region(region)) => write!(f, "shared in the region {region}"),
            Self::InSet(scope @ Scope::Own(_)) => write!(f, "shared among the {scope}"),
            Self::Carries => f.write_str("it carries what it names into its region"),
            Self::LeadsBack => {
                f.write_str("it carries nothing: it leads back to where it says it came from")
            }
            Self::NotEntitled(tie) => write!(
                f,
                "it carries nothing: the tie {} does not entitle its network to carry there",
                tie.short()
            ),
        }
    }
}
