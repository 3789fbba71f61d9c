//! What is found wrong with a node, or worth knowing, and what to do about it.

mod english;
mod spanish;

use std::time::Duration;

use weft_protocol::control::Fault;
use weft_protocol::sync::GivenUp;
use weft_protocol::time::{Offset, Timestamp};

use super::{How, KeyFault, Say, Speech, Starting};
use crate::examine::WrongClock;
use crate::show::when::length;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing is wrong.
    Well,
    /// The node cannot be asked.
    NoNode(Box<Say>),
    /// Something keeps a node from starting, or from listening as it was told.
    Starting(Starting),
    /// The disk takes no more.
    ReadOnly { why: String },
    /// The clock of this node is wrong, by so many of the nodes that have said.
    OwnClock(WrongClock),
    /// There is no room for more of what a network, those behind it, or newcomers bring.
    Full { whose: Option<String>, behind: bool, records: u64 },
    /// The node does not believe the clock of its machine, and takes it to be another time.
    DoubtedClock { shown: Timestamp, now: Timestamp },
    /// The clock of this machine is not that of the node which was asked.
    FarClock { ahead: Offset },
    /// The clocks of these nodes are wrong, and so many others agree with this node's.
    OtherClocks { nodes: Vec<(String, Offset)>, agree: u32 },
    /// Somebody has begun to change who speaks for a network, and needs more guardians.
    Guardians { name: String, have: u8, need: u8 },
    /// Who speaks for a network has changed, and the key of this home speaks for it no more.
    KeyReplaced { name: String, when: String, by_guardians: bool },
    /// No other node is connected: how many are tried in vain, whether any is known, and how many have
    /// come that have not said that they are nodes.
    Nobody { tried: usize, knows: bool, unnamed: usize },
    /// No other node is connected, and this one that is tried is closed and was not told of this node.
    TurnedAway { peer: String, fault: Fault },
    /// No other node is connected, and this one is closed: it speaks with those alone whom it was told of.
    Secluded,
    /// Nodes are connected, and none of them is in this region; where they say that they are.
    Alone { region: String, theirs: Vec<String> },
    /// Nobody is in the region where this node's networks publish; in these others of its regions somebody is.
    Elsewhere { region: String, met: Vec<String> },
    /// Nobody is in a region that the node is in beside its own.
    Deserted { region: String },
    /// Catching up with nodes went wrong, for this reason.
    SyncFailed { nodes: Vec<String>, why: GivenUp },
    /// No network lives here.
    NoNetwork,
    /// A founding broke off before the node had the records.
    FoundingBroke,
    /// A key of this home speaks for a network that does not live here.
    NotAtHome { name: String, id: String },
    /// This home has the key of a network that the node does not know.
    UnknownKey { path: String },
    /// A network is to live here, and nothing of it is here.
    Awaited { name: String },
    /// Nobody knows who speaks for a network.
    Disputed { name: String },
    /// A network has closed.
    Closed { name: String },
    /// The key of a network was taken back, and it has no other.
    Voiceless { name: String },
    /// A network has no profile in force, so that nobody sees its name.
    Nameless { name: String },
    /// A rule of the bridge carries nothing, because nothing entitles it to.
    IdleRule { rule: String, into: String, serves: bool },
    /// A node that is to be connected always is not reached.
    NotReached { peer: String, fault: Fault },
    /// Something waits for the person's network to speak.
    Waits(Waits),
    /// Something of the person's network ends soon.
    Ends(Ends),
    /// Records wait for their date, which is in the future here.
    Early { count: u64 },
    /// The file of a key cannot be used.
    FaultyKey { path: String, fault: KeyFault },
    /// At the start a part of the store could not be read.
    Skipped { places: u64 },
    /// Networks wait to be let in.
    Newcomers { count: usize, is_full: bool },
    /// Nodes came to this one, which is closed, and were not let in; which came last.
    Knocked { count: usize, last: String },
    /// A network is kept out by name that is known here all the same.
    KeptOut { name: String, word: String, how: How },
    /// Nobody can come to this node.
    Unreachable,
}

/// What waits for a network: so many of a kind, the first of them, and by when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waits {
    /// What it is.
    pub(crate) what: Awaiting,
    /// How many there are.
    pub(crate) count: usize,
    /// The id of the first.
    pub(crate) first: String,
    /// When that one is over; nothing where it does not matter.
    pub(crate) when: Option<String>,
}

/// What can wait for a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Awaiting {
    Signature,
    Offer,
    Delivery,
    Vote,
    Closing,
    Hosting,
    Concern,
    Disclosure,
    Review,
    Role,
}

/// What ends soon: so many of a kind, the first of them, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ends {
    /// What it is.
    pub(crate) what: Ending,
    /// How many there are.
    pub(crate) count: usize,
    /// Whose.
    pub(crate) name: String,
    /// The id of the first.
    pub(crate) first: String,
    /// When the first ends.
    pub(crate) when: String,
}

/// What can end soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Profile,
    Tie,
    Role,
    Bridge,
}

impl Finding {
    /// Says whether it keeps the node from its work; the rest is worth knowing.
    pub(crate) fn is_wrong(&self) -> bool {
        match self {
            Self::Starting(Starting::Missed { why, .. }) => why.is_wrong(),
            Self::NoNode(_)
            | Self::Starting(_)
            | Self::ReadOnly { .. }
            | Self::OwnClock(_)
            | Self::DoubtedClock { .. }
            | Self::Full { .. }
            | Self::FarClock { .. }
            | Self::Guardians { .. }
            | Self::KeyReplaced { .. }
            | Self::Nobody { .. }
            | Self::TurnedAway { .. }
            | Self::Secluded
            | Self::Alone { .. }
            | Self::Elsewhere { .. }
            | Self::Deserted { .. }
            | Self::SyncFailed { .. }
            | Self::FoundingBroke
            | Self::NotAtHome { .. }
            | Self::UnknownKey { .. }
            | Self::Awaited { .. }
            | Self::Disputed { .. }
            | Self::Voiceless { .. }
            | Self::Nameless { .. }
            | Self::IdleRule { .. }
            | Self::FaultyKey { .. }
            | Self::Skipped { .. } => true,
            Self::Well
            | Self::OtherClocks { .. }
            | Self::NoNetwork
            | Self::Closed { .. }
            | Self::Waits(_)
            | Self::Ends(_)
            | Self::Early { .. }
            | Self::Newcomers { .. }
            | Self::Knocked { .. }
            | Self::NotReached { .. }
            | Self::KeptOut { .. }
            | Self::Unreachable => false,
        }
    }

    /// Says whether it is about a node that is closed and was not told of this one.
    pub(crate) fn is_of_closed(&self) -> bool {
        matches!(self, Self::NotReached { fault: Fault::Stranger { .. }, .. })
    }

    /// Says whether only the operator can do anything about it: members are not told what to run that they
    /// may not.
    pub(crate) fn is_operators(&self) -> bool {
        let bridge = |ends: &Ends| matches!(ends.what, Ending::Bridge);
        matches!(self, Self::Full { .. } | Self::Awaited { .. })
            || matches!(self, Self::Ends(ends) if bridge(ends))
    }

    /// Returns the name by which scripts know it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::NoNode(_) => "no-node",
            Self::Starting(said) => said.name(),
            Self::ReadOnly { .. } => "read-only",
            Self::OwnClock(_) => "own-clock",
            Self::DoubtedClock { .. } => "doubted-clock",
            Self::Full { .. } => "full",
            Self::FarClock { .. } => "far-clock",
            Self::OtherClocks { .. } => "other-clocks",
            Self::Guardians { .. } => "guardians",
            Self::KeyReplaced { .. } => "key-replaced",
            Self::Nobody { .. } => "nobody",
            Self::TurnedAway { .. } => "turned-away",
            Self::Secluded => "secluded",
            Self::Alone { .. } => "alone",
            Self::Elsewhere { .. } => "elsewhere",
            Self::Deserted { .. } => "deserted",
            Self::SyncFailed { .. } => "sync-failed",
            Self::NoNetwork => "no-network",
            Self::FoundingBroke => "founding-broke",
            Self::NotAtHome { .. } => "not-at-home",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Awaited { .. } => "awaited",
            Self::Disputed { .. } => "disputed",
            Self::Closed { .. } => "closed",
            Self::Voiceless { .. } => "voiceless",
            Self::Nameless { .. } => "nameless",
            Self::IdleRule { .. } => "idle-rule",
            Self::Waits(waits) => waits.what.name(),
            Self::Ends(ends) => ends.what.name(),
            Self::Early { .. } => "early-records",
            Self::FaultyKey { .. } => "faulty-key",
            Self::Skipped { .. } => "skipped",
            Self::Newcomers { .. } => "newcomers",
            Self::Knocked { .. } => "knocked",
            Self::NotReached { .. } => "not-reached",
            Self::KeptOut { .. } => "kept-out",
            Self::Unreachable => "unreachable",
        }
    }

    /// Returns how many of its kind there are, where that is more than one can be.
    pub(crate) fn count(&self) -> Option<u64> {
        match self {
            Self::SyncFailed { nodes, .. } => u64::try_from(nodes.len()).ok(),
            Self::OtherClocks { nodes, .. } => u64::try_from(nodes.len()).ok(),
            Self::Waits(Waits { count, .. })
            | Self::Ends(Ends { count, .. })
            | Self::Knocked { count, .. }
            | Self::Newcomers { count, .. } => u64::try_from(*count).ok(),
            Self::Early { count } => Some(*count),
            _ => None,
        }
    }
}

impl Awaiting {
    fn name(self) -> &'static str {
        match self {
            Self::Signature => "ties-to-sign",
            Self::Offer => "offers",
            Self::Delivery => "deliveries",
            Self::Vote => "votes",
            Self::Closing => "closings",
            Self::Hosting => "gatherings",
            Self::Concern => "concerns",
            Self::Disclosure => "disclosures",
            Self::Review => "reviews",
            Self::Role => "roles-offered",
        }
    }
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile-ends",
            Self::Tie => "ties-end",
            Self::Role => "roles-end",
            Self::Bridge => "bridge-ends",
        }
    }
}

impl Speech {
    /// Returns what was found, and what to do about it.
    pub(crate) fn finding(self, finding: &Finding) -> String {
        match self {
            Self::English => english::finding(finding),
            Self::Spanish => spanish::finding(finding),
        }
    }
}

/// Returns how far apart two clocks are.
pub(super) fn apart(offset: Offset, speech: Speech) -> String {
    length(offset.size().max(Duration::from_secs(60)), speech)
}
