//! What is asked and said of who is let in.

use serde::{Deserialize, Serialize};

use crate::admission::{Action, Entry, Fate, Mode, NewcomerView, Ruling, Subject};
use crate::id::{NetId, RecordId};
use crate::ledger::Step;

/// What to do with the policy. It is the operator's, and no peer hears of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyTask {
    /// Say it. [`Response::Policy`](super::Response).
    Show,
    /// Add an entry, in the place of one of the same subject and action.
    /// [`Response::Fine`](super::Response) when it is kept.
    Add(Box<Entry>),
    /// Take one back. [`Response::Fine`](super::Response) when that is kept.
    Remove {
        /// About what it was.
        subject: Subject,
        /// What it said.
        action: Action,
    },
    /// Be so open from now on. [`Response::Fine`](super::Response) when that is kept.
    Mode(Mode),
    /// Why is a record here or not, and what is made of a network?
    /// [`Response::Explained`](super::Response).
    Explain {
        /// Which record or network.
        id: RecordId,
    },
}

/// What to do with newcomers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewcomerTask {
    /// Name them, the newest first. [`Response::Newcomer`](super::Response) for each.
    List,
    /// Let one in by name, with all that was kept of it.
    /// [`Response::Fine`](super::Response) when that is kept.
    Welcome {
        /// Which.
        net: NetId,
        /// Why, for the node's people.
        reason: String,
    },
    /// Keep one out by name, and forget what was kept of it.
    /// [`Response::Fine`](super::Response) when that is kept.
    Refuse {
        /// Which.
        net: NetId,
        /// Why, for the node's people.
        reason: String,
    },
}

/// The policy of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// How open it is.
    pub mode: Mode,
    /// The networks from which recognition starts, beside those that are allowed by name: that live
    /// here, and that the configuration names.
    #[serde(default)]
    pub seeds: Vec<NetId>,
    /// What its operator has said.
    pub entries: Vec<Entry>,
}

/// A newcomer, and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewcomerState {
    /// Who, since when, and how much is kept.
    pub newcomer: NewcomerView,
    /// The networks that it wants to be tied to, as far as its kept offers say.
    pub offers: Vec<NetId>,
}

/// Where something is on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whereabouts {
    /// It is stored.
    Stored,
    /// It waits for what judges it.
    Waiting,
    /// It is kept among the newcomers.
    Newcomer,
    /// It was refused, and only its name is kept.
    Refused,
    /// It is of a network that lives here, and its time is over: it is kept, and counts no more.
    Past,
    /// Nothing here has heard of it.
    Absent,
}

/// Why something is where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Where it is.
    pub whereabouts: Whereabouts,
    /// Whose it is, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetId>,
    /// The chain of ties that leads to its network, a network that the node starts from first.
    pub chain: Vec<NetId>,
    /// What would become of it if a peer brought it now; only where its bytes are here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fate: Option<Fate>,
    /// Why, step by step; for a network, what the operator has said of it.
    pub rulings: Vec<Ruling>,
    /// How it was judged once it was here.
    pub steps: Vec<Step>,
    /// What keeps it out of sight here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Entry>,
    /// How many records of the network are stored, kept among the newcomers, and refused; only for
    /// a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<(u64, u64, u64)>,
}
