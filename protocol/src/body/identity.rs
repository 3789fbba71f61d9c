//! `identity`: the log of a network's keys.
//!
//! The inception names the signing key and commits to a one-time rotation key by its hash (the
//! pre-rotation of KERI); guardians, also known by hash only, can recover what is lost or stolen.
//!
//! **Invariant:** a value of [`Identity`] has exactly the fields of its event.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::List;
use crate::id::{KeyHash, PublicKey, RecordId};
use crate::time::Timestamp;

/// The most guardians a network may name.
pub const GUARDIANS_MAX: usize = 12;

/// The most records that one revocation may keep: with ids of 32 bytes it stays below the 4 KiB
/// of an identity event. More are kept by more revocations.
pub const KEEP_MAX: usize = 96;

/// The most bytes of an identity event.
pub const EVENT_BYTES_MAX: usize = 4 * 1024;

/// The most links in the chain of one identity: twice a year for thirty years.
pub const EVENTS_MAX: usize = 64;

/// Who may sign, and who may say who may sign next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The key that speaks for the network from this event on.
    pub key: PublicKey,
    /// The hash of the rotation key that signs the next event, and nothing else.
    pub next: KeyHash,
    /// The hashes of the guardians' keys.
    pub guardians: List<KeyHash, GUARDIANS_MAX>,
    /// How many guardians a recovery needs: at least one when there are guardians, at most all.
    pub need: u8,
}

/// An event of an identity log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub enum Identity {
    /// Founds the network. Signed by `key`.
    Inception(Keys),
    /// Names the next key. Signed by the rotation key that the event before committed to. Where
    /// there are guardians, they stay the same.
    Rotate(Keys),
    /// Takes a key back. Signed by the rotation key that the named event committed to, or by one
    /// of its guardians, as many as are needed, with an equal body.
    Revoke(Revocation),
    /// Names the next key after a loss, a theft or a dispute. Signed by guardians, as many as are
    /// needed, with an equal body.
    Recover(Keys),
    /// Names other guardians, or the same anew, beside the same keys. Signed by guardians, as many
    /// as are needed, with an equal body. Nothing rewinds past it.
    Guard(Keys),
    /// Ends the network. Signed by the rotation key.
    Close,
}

/// Which key is taken back, why, and what stays of what it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The signing key.
    pub key: PublicKey,
    /// Why.
    pub reason: Reason,
    /// From when on it is void, for a key that was lost or retired; a compromised key is void
    /// whatever date it claims.
    pub since: Timestamp,
    /// For a compromised key, the records of it that stay.
    pub keep: List<RecordId, KEEP_MAX>,
}

/// Why a key is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Someone else has, or may have, the key.
    Compromised,
    /// Nobody has the key any more.
    Lost,
    /// The key is no longer used.
    Retired,
}

impl Identity {
    /// Makes an inception without guardians.
    pub fn inception(key: PublicKey, next: KeyHash) -> Self {
        Self::Inception(Keys { key, next, guardians: List::default(), need: 0 })
    }

    /// Returns the keys that the event names.
    pub fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Inception(keys)
            | Self::Rotate(keys)
            | Self::Recover(keys)
            | Self::Guard(keys) => Some(keys),
            Self::Revoke(_) | Self::Close => None,
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Event {
    Inception,
    Rotate,
    Revoke,
    Recover,
    Guard,
    Close,
}

/// The fields as they stand in the record.
#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    event: Event,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<PublicKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<KeyHash>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    guardians: List<KeyHash, GUARDIANS_MAX>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    need: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    keep: List<RecordId, KEEP_MAX>,
}

impl KnownBody for Identity {
    const KEYS: &'static [&'static str] =
        &["event", "key", "next", "guardians", "need", "reason", "since", "keep"];
}

/// An event has other fields than it may.
#[derive(Debug, thiserror::Error)]
#[error("an identity event has fields of another event, or misses its own")]
struct FieldsError;

impl TryFrom<Wire> for Identity {
    type Error = FieldsError;

    fn try_from(wire: Wire) -> Result<Self, FieldsError> {
        let Wire { event, key, next, guardians, need, reason, since, keep } = wire;
        let keys = || {
            let need = need.unwrap_or(0);
            let quorum = if guardians.is_empty() { 0..=0 } else { 1..=guardians.len() };
            let sorted = guardians.windows(2).all(|w| w[0] < w[1]);
            let plain = reason.is_none() && since.is_none() && keep.is_empty();
            let keys = Keys { key: key?, next: next?, guardians: guardians.clone(), need };
            (plain && sorted && quorum.contains(&usize::from(need))).then_some(keys)
        };
        let bare = next.is_none() && guardians.is_empty() && need.is_none();
        match event {
            Event::Inception => keys().map(Self::Inception),
            Event::Rotate => keys().map(Self::Rotate),
            Event::Recover => keys().map(Self::Recover),
            Event::Guard => keys().filter(|keys| keys.need > 0).map(Self::Guard),
            Event::Revoke => (|| {
                let since = since.filter(|s| bare && *s < Timestamp::SECONDS_MAX)?;
                let since = Timestamp::from_secs(since);
                let reason = reason.filter(|r| keep.is_empty() || *r == Reason::Compromised)?;
                Some(Self::Revoke(Revocation { key: key?, reason, since, keep }))
            })(),
            Event::Close => {
                let empty = key.is_none() && reason.is_none() && since.is_none() && keep.is_empty();
                (bare && empty).then_some(Self::Close)
            }
        }
        .ok_or(FieldsError)
    }
}

impl From<Identity> for Wire {
    fn from(identity: Identity) -> Self {
        let empty = Self {
            event: Event::Close,
            key: None,
            next: None,
            guardians: List::default(),
            need: None,
            reason: None,
            since: None,
            keep: List::default(),
        };
        let with = |event, keys: Keys| Self {
            event,
            key: Some(keys.key),
            next: Some(keys.next),
            need: (!keys.guardians.is_empty()).then_some(keys.need),
            guardians: keys.guardians,
            ..empty.clone()
        };
        match identity {
            Identity::Inception(keys) => with(Event::Inception, keys),
            Identity::Rotate(keys) => with(Event::Rotate, keys),
            Identity::Recover(keys) => with(Event::Recover, keys),
            Identity::Guard(keys) => with(Event::Guard, keys),
            Identity::Revoke(r) => Self {
                event: Event::Revoke,
                key: Some(r.key),
                reason: Some(r.reason),
                since: Some(r.since.as_secs()),
                keep: r.keep,
                ..empty
            },
            Identity::Close => empty,
        }
    }
}
