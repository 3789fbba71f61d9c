//! Standings, and the reasons for them as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::body::identity::Reason;
use crate::body::role::Power;
use crate::id::{RecordId, ThingId};
use crate::record::Reach;
use crate::region::Region;
use crate::time::Timestamp;

/// What a stored record amounts to, judged by everything stored beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It speaks for the network that it names.
    Valid,
    /// It does not speak yet; more records may let it.
    Held(Why),
    /// It does not speak. More records may still change that, a keep list for one.
    Void(Why),
}

impl Standing {
    /// Says whether the record speaks for its network.
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid)
    }

    /// Returns why it does not speak.
    pub fn why(&self) -> Option<&Why> {
        match self {
            Self::Valid => None,
            Self::Held(why) | Self::Void(why) => Some(why),
        }
    }
}

/// Why a record does not speak, or may not be signed. `Display` says it in plain English; a
/// program that speaks other languages matches on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Its `until` has passed.
    Expired,
    /// It claims to be written later than now, by more than clocks differ.
    Future,
    /// Nothing stored names the key that signed as one of the network's.
    KeyUnnamed,
    /// It claims a date before the network was founded.
    BeforeInception,
    /// The key was not the network's key at the record's own date.
    KeyNotInForce,
    /// The network's key was taken back, from this date on or altogether.
    KeyRevoked {
        /// Why it was taken back.
        reason: Reason,
        /// From when on; a compromised key's records are void whatever date they claim.
        since: Timestamp,
    },
    /// The network's identity forked, and guardians have not yet recovered it.
    Disputed {
        /// The earliest date of the disputed events.
        since: Timestamp,
    },
    /// The network has closed.
    Closed {
        /// When.
        at: Timestamp,
    },
    /// The identity event does not continue the network's log.
    NotOnLog,
    /// A key is both a rotation key and a signing key.
    RotationKeySigns,
    /// Guardians have signed, but not yet as many as are needed.
    GuardiansMissing {
        /// How many have.
        have: u8,
        /// How many are needed.
        need: u8,
    },
    /// Only the guardians can say who the guardians are.
    GuardiansNotAsked,
    /// The role is not here.
    RoleMissing,
    /// The role itself does not stand.
    RoleVoid,
    /// The holder has not accepted the role.
    RoleNotAccepted,
    /// The record is dated before the role begins.
    BeforeRole {
        /// When the role begins.
        from: Timestamp,
    },
    /// The role was withdrawn, or laid down, before the record's date.
    RoleEnded {
        /// From when on.
        at: Timestamp,
        /// The end.
        by: RecordId,
    },
    /// The role's key was compromised, and the record is not among those kept.
    RoleKeyCompromised {
        /// The end that says so.
        by: RecordId,
    },
    /// Another key holds the role.
    NotTheHolder,
    /// The record would outlive the role.
    OutlivesRole {
        /// When the role ends.
        until: Timestamp,
    },
    /// The role lacks every power that would do.
    PowerMissing {
        /// The powers, any of which would do.
        any_of: Vec<Power>,
    },
    /// Only the network's own key may sign this.
    NetworkKeyOnly,
    /// The role is limited to something else.
    OutOfScope,
    /// The role gives what its granter lacks: a power, a wider scope or a longer life.
    MoreThanGranter,
    /// A chain of delegation has at most two links.
    ChainTooLong,
    /// Another granter gave the role that this is a version of.
    NotTheGranter,
    /// What it answers is not here, so that nobody can say which power it needs.
    TargetMissing {
        /// What is missing.
        thing: ThingId,
    },
    /// It answers a proposal, a gathering, a tie or a concern, and would not be heard there.
    Elsewhere {
        /// Where that lives.
        region: Region,
        /// How far that reaches.
        reach: Reach,
    },
    /// A later version of a proposal names other electors: another tie, or another moment.
    OtherElectors,
    /// It follows versions of another thing.
    OtherThing,
    /// As many like it are kept as may be: more answers to one thing, say, or versions of a tie.
    Surplus,
    /// Roles and their acceptances must reach others: they are never kept among a network's own nodes.
    SupportIsNeverOwn,
    /// The end reaches none of its targets: they are not the author's, outlive it, live elsewhere
    /// or cannot be ended.
    EndsNothing,
    /// The new version would end before the one that it replaces, which would then come back.
    EndsBeforePredecessor {
        /// When the version that it replaces ends.
        until: Timestamp,
    },
}

impl Why {
    /// Returns the sentence of a reason that has no particulars to tell.
    fn sentence(&self) -> Option<&'static str> {
        Some(match self {
            Self::Expired => "it has expired",
            Self::Future => "it is dated in the future",
            Self::KeyUnnamed => "the network never named the key that signed it",
            Self::BeforeInception => "it is dated before the network was founded",
            Self::KeyNotInForce => "the key was not the network's key at that date",
            Self::KeyRevoked { reason: Reason::Compromised, .. } => {
                "the network took the key back as compromised and did not keep this record"
            }
            Self::NotOnLog => "it does not continue the network's identity log",
            Self::RotationKeySigns => "a rotation key must never be a signing key",
            Self::GuardiansNotAsked => "only the guardians can say who the guardians are",
            Self::RoleMissing => "the role that it is signed under is not here",
            Self::RoleVoid => "the role that it is signed under is void",
            Self::RoleNotAccepted => "the holder has not accepted the role",
            Self::RoleKeyCompromised { .. } => {
                "the role's key was compromised and this record was not kept"
            }
            Self::NotTheHolder => "another key holds the role",
            Self::NetworkKeyOnly => "only the network's own key may sign this",
            Self::OutOfScope => "the role is limited to something else",
            Self::MoreThanGranter => "the role gives more than its granter has",
            Self::ChainTooLong => "a chain of delegation has at most two links",
            Self::NotTheGranter => "another granter gave this role",
            Self::SupportIsNeverOwn => "roles and their acceptances must reach others",
            Self::OtherElectors => {
                "a later version of a proposal keeps the tie that decides and the moment of its seats"
            }
            Self::OtherThing => "it follows a version of something else",
            Self::Surplus => "as many like it are kept as may be; begin something new",
            Self::EndsNothing => "the end reaches none of its targets",
            _ => return None,
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyRevoked { since, .. } if self.sentence().is_none() => {
                write!(f, "the network took the key back from {}", since)
            }
            Self::Disputed { since } => {
                write!(f, "the identity is disputed since {}", since)
            }
            Self::Closed { at } => write!(f, "the network closed at {}", at),
            Self::GuardiansMissing { have, need } => {
                write!(f, "{have} of {need} guardians have signed")
            }
            Self::BeforeRole { from } => {
                write!(f, "the role begins only at {}", from)
            }
            Self::RoleEnded { at, .. } => {
                write!(f, "the role was withdrawn at {}", at)
            }
            Self::OutlivesRole { until } => {
                write!(f, "it would outlive the role, which ends at {}", until)
            }
            Self::PowerMissing { any_of } => {
                let words: Vec<&str> = any_of.iter().map(|power| power.as_str()).collect();
                write!(f, "the role lacks the power {}", words.join(" or "))
            }
            Self::TargetMissing { thing } => {
                write!(f, "what it answers, {}, is not here", thing.short())
            }
            Self::Elsewhere { region, reach } => write!(
                f,
                "what it answers lives in {region} and reaches {}: it counts only there, reaching as far",
                reach.as_str()
            ),
            Self::EndsBeforePredecessor { until } => {
                write!(f, "the version that it replaces lives longer, until {}", until)
            }
            plain => f.write_str(plain.sentence().unwrap_or_default()),
        }
    }
}
