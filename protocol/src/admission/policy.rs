//! What the operator allows, blocks and mutes.
//!
//! **Invariant:** block wins over mute, mute over allow, and what the operator wrote over what the mode
//! says. Every entry has a reason; one that has ended says nothing.
//!
//! **Invariant:** of one thing each of the three may be said, and none of them ends another: who is
//! muted for a week was welcome before, and is after.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{NetId, NodeId, PublicKey, ThingId};
use crate::record::{Kind, Record};
use crate::region::Region;
use crate::time::Timestamp;

/// How many entries there may be: more than anyone keeps in mind, few enough to look through.
const ENTRIES_MAX: usize = 4096;

/// The most bytes of a reason.
const REASON_BYTES_MAX: usize = 500;

/// How open the node is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Newcomers are let in at once, with a newcomer's quota.
    Open,
    /// Recognised networks are let in; newcomers wait to be welcomed.
    #[default]
    Federation,
    /// Only the networks that the operator names are let in: seeds, and what is allowed.
    Closed,
}

/// The text is no mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("say open, federation or closed")]
pub struct ModeError;

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Federation => "federation",
            Self::Closed => "closed",
        })
    }
}

impl std::str::FromStr for Mode {
    type Err = ModeError;

    fn from_str(text: &str) -> Result<Self, ModeError> {
        let all = [Self::Open, Self::Federation, Self::Closed];
        all.into_iter().find(|mode| mode.to_string() == text).ok_or(ModeError)
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// All that this network signs.
    Network(NetId),
    /// All records of this kind.
    Kind(Kind),
    /// All records whose home is this region.
    Region(Region),
    /// All that this node brings.
    Peer(NodeId),
    /// All that is signed with this key.
    Key(PublicKey),
    /// All that is signed under this role.
    Role(ThingId),
}

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Let in, as if recognised.
    Allow,
    /// Keep and pass on, and do not show.
    Mute,
    /// Do not keep: a stub stays.
    Block,
}

/// Something that the operator has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// About what.
    pub subject: Subject,
    /// What.
    pub action: Action,
    /// Why, in words, at most 500 bytes; for this node's people only.
    pub reason: String,
    /// Until when, seconds since the epoch; for good when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// What a newcomer that is kept out called itself; the engine writes it down, since nothing else of
    /// it is kept and somebody may want to undo this by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An entry cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyError {
    /// Nobody would know later why it is there.
    #[error("an entry needs a reason of 1 to {REASON_BYTES_MAX} bytes")]
    Reason,
    /// It has ended already.
    #[error("the entry would end before it begins")]
    Ended,
    /// There are too many.
    #[error("there are {ENTRIES_MAX} entries already")]
    Full,
    /// What holds the house up cannot be refused: nothing could be judged any more.
    #[error("records of kind {0} are needed to judge others and cannot be blocked")]
    Support(Kind),
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = match self.action {
            Action::Allow => "let in",
            Action::Mute => "mute",
            Action::Block => "keep out",
        };
        write!(f, "{action} ")?;
        match &self.subject {
            Subject::Network(net) => write!(f, "the network {}", net.short())?,
            Subject::Kind(kind) => write!(f, "records of kind {kind}")?,
            Subject::Region(region) => write!(f, "records of {region}")?,
            Subject::Peer(node) => write!(f, "what the node {} brings", node.short())?,
            Subject::Key(key) => write!(f, "what the key {} signs", key.short())?,
            Subject::Role(role) => write!(f, "what is signed under the role {}", role.short())?,
        }
        if let Some(until) = self.until {
            write!(f, " until {}", Timestamp::from_secs(until))?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// All that the operator has said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// How open the node is.
    pub mode: Mode,
    entries: BTreeMap<(Subject, Action), Entry>,
}

/// Of what something is to be ruled.
#[derive(Debug, Clone, Copy)]
pub struct Concern<'a> {
    /// Whose it is.
    pub net: NetId,
    /// Its kind.
    pub kind: &'a Kind,
    /// Its home; none for identity events.
    pub region: Option<&'a Region>,
    /// Who brought it; none when it came through the door.
    pub peer: Option<NodeId>,
    /// With which key it is signed, where it is known.
    pub key: Option<PublicKey>,
    /// Under which role.
    pub role: Option<ThingId>,
}

impl<'a> Concern<'a> {
    /// Says of whom and of which kind something is; of the rest nothing is known.
    pub fn of(net: NetId, kind: &'a Kind) -> Self {
        Self { net, kind, region: None, peer: None, key: None, role: None }
    }

    /// Says all of a record that a node brought, or that came through the door.
    pub fn about(record: &'a Record, peer: Option<NodeId>) -> Self {
        let header = record.header();
        let region = header.home.as_ref().map(|home| &home.region);
        let (key, role) = (Some(record.key()), header.role);
        Self { net: record.net(), kind: &header.kind, region, peer, key, role }
    }
}

impl Policy {
    /// Makes a policy that says nothing.
    pub fn new(mode: Mode) -> Self {
        Self { mode, entries: BTreeMap::new() }
    }

    /// Adds an entry, in the place of one that said the same of the same.
    ///
    /// # Errors
    /// [`PolicyError`] says why it cannot be kept.
    pub fn add(&mut self, entry: Entry, now: Timestamp) -> Result<(), PolicyError> {
        if entry.reason.trim().is_empty() || entry.reason.len() > REASON_BYTES_MAX {
            return Err(PolicyError::Reason);
        }
        if entry.until.is_some_and(|until| Timestamp::from_secs(until) <= now) {
            return Err(PolicyError::Ended);
        }
        if let (Action::Block, Subject::Kind(kind)) = (entry.action, &entry.subject)
            && super::admit::is_support(kind)
        {
            return Err(PolicyError::Support(kind.clone()));
        }
        self.advance(now);
        let key = (entry.subject.clone(), entry.action);
        if self.entries.len() >= ENTRIES_MAX && !self.entries.contains_key(&key) {
            return Err(PolicyError::Full);
        }
        self.entries.insert(key, entry);
        Ok(())
    }

    /// Takes an entry back; says whether there was one.
    pub fn remove(&mut self, subject: &Subject, action: Action) -> bool {
        self.entries.remove(&(subject.clone(), action)).is_some()
    }

    /// Drops what has ended; says whether anything had.
    pub fn advance(&mut self, now: Timestamp) -> bool {
        let before = self.entries.len();
        self.entries.retain(|_, entry| !has_ended(entry, now));
        before != self.entries.len()
    }

    /// Iterates over the entries.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Returns all that is said about something, the strongest first.
    pub fn ruled(&self, about: &Concern<'_>, now: Timestamp) -> Vec<&Entry> {
        let subjects = [
            Some(Subject::Network(about.net)),
            Some(Subject::Kind(about.kind.clone())),
            about.region.cloned().map(Subject::Region),
            about.peer.map(Subject::Peer),
            about.key.map(Subject::Key),
            about.role.map(Subject::Role),
        ];
        let mut said = Vec::new();
        if self.entries.is_empty() {
            return said;
        }
        for action in [Action::Block, Action::Mute, Action::Allow] {
            for subject in subjects.iter().flatten() {
                let entry = self.entries.get(&(subject.clone(), action));
                said.extend(entry.filter(|entry| !has_ended(entry, now)));
            }
        }
        said
    }

    /// Says whether a network is allowed by name.
    pub fn allows(&self, net: &NetId, now: Timestamp) -> bool {
        let entry = self.entries.get(&(Subject::Network(*net), Action::Allow));
        entry.is_some_and(|entry| !has_ended(entry, now)) && !self.blocks(net, now)
    }

    /// Returns the networks that are allowed by name: seeds of recognition beside the configured
    /// ones.
    pub fn allowed(&self, now: Timestamp) -> impl Iterator<Item = NetId> + '_ {
        let named = self.entries.keys().filter_map(|(subject, action)| match (subject, action) {
            (Subject::Network(net), Action::Allow) => Some(*net),
            _ => None,
        });
        named.filter(move |net| self.allows(net, now))
    }

    /// Returns the nodes from which nothing is taken at all.
    pub fn barred(&self, now: Timestamp) -> BTreeSet<NodeId> {
        let barred = self.entries.values().filter(|entry| !has_ended(entry, now));
        let barred = barred.filter_map(|entry| match (&entry.subject, entry.action) {
            (Subject::Peer(node), Action::Block) => Some(*node),
            _ => None,
        });
        barred.collect()
    }

    /// Returns the nodes that are allowed by name.
    pub fn welcomed(&self, now: Timestamp) -> impl Iterator<Item = NodeId> + '_ {
        let allowed = self.entries.values().filter(move |entry| !has_ended(entry, now));
        allowed.filter_map(|entry| match (&entry.subject, entry.action) {
            (Subject::Peer(node), Action::Allow) => Some(*node),
            _ => None,
        })
    }

    /// Says whether a network is blocked by name.
    pub fn blocks(&self, net: &NetId, now: Timestamp) -> bool {
        let entry = self.entries.get(&(Subject::Network(*net), Action::Block));
        entry.is_some_and(|entry| !has_ended(entry, now))
    }

    /// Returns the next moment at which an entry ends.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.entries.values().filter_map(|entry| entry.until).min().map(Timestamp::from_secs)
    }

    /// Says whether what is said about something keeps it out of sight.
    pub fn hides(&self, about: &Concern<'_>, now: Timestamp) -> bool {
        let said = self.ruled(about, now);
        said.first().is_some_and(|entry| entry.action != Action::Allow)
    }
}

fn has_ended(entry: &Entry, now: Timestamp) -> bool {
    entry.until.is_some_and(|until| Timestamp::from_secs(until) <= now)
}
