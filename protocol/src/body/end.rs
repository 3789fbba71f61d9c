//! `end`: withdrawal, resignation, cancellation, leaving, erasure.
//!
//! **Invariant:** nothing ends an end.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::identity::Reason;
use super::text::{List, Text};
use crate::id::{RecordId, ThingId};

/// The most things that one end may name.
pub const TARGETS_MAX: usize = 32;

/// The most records of a compromised role key that one end may keep.
pub const KEEP_MAX: usize = 256;

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// The author takes it back, or a granter a role.
    Withdraw,
    /// The holder lays a role down.
    Resign,
    /// It will not happen.
    Cancel,
    /// A party leaves a tie.
    Leave,
    /// Every node is asked to drop the content.
    Erase,
}

/// What is ended: a thing, or one version of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The thing.
    pub thing: ThingId,
    /// The version, when only that one ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<RecordId>,
    /// What the thing is about, when it is an answer: the call, proposal or tie at the root. Where
    /// that has come, this end comes too, for it must reach whoever has seen the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<ThingId>,
}

/// An end. It must live at least as long as its targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How it ends.
    pub kind: EndKind,
    /// What is ended: at least one.
    pub targets: List<Target, TARGETS_MAX>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<1000>>,
    /// For a role: why its key is taken back, which voids what the key signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_reason: Option<Reason>,
    /// For a role whose key was compromised: the records of it that stay.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub keep: List<RecordId, KEEP_MAX>,
}

impl KnownBody for End {
    const KEYS: &'static [&'static str] = &["kind", "targets", "text", "key_reason", "keep"];

    fn is_sound(&self) -> bool {
        let keeps = self.keep.is_empty() || self.key_reason == Some(Reason::Compromised);
        !self.targets.is_empty() && keeps
    }
}
