//! What each kind of record says.
//!
//! **Invariant:** every text, list and map of a body has a bound; a body that decodes is within
//! all of them. Times are whole seconds, amounts are integers, text that people read is a map
//! from language to words.

pub mod call;
pub mod carriage;
pub mod disclosure;
pub mod end;
pub mod gathering;
pub mod identity;
mod kind;
pub mod minutes;
pub mod profile;
pub mod proposal;
pub mod response;
pub mod role;
pub mod sealed;
mod seen;
pub mod text;
pub mod tie;
pub mod values;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use kind::{Kind, KindName};

use crate::cbor::{self, CborError};
use crate::time::Timestamp;

/// What a record says beyond its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// See [`identity`].
    Identity(identity::Identity),
    /// See [`profile`].
    Profile(profile::Profile),
    /// See [`role`].
    Role(role::Role),
    /// See [`values`].
    Values(values::Values),
    /// See [`call`].
    Call(call::Call),
    /// See [`response`].
    Response(response::Response),
    /// See [`proposal`].
    Proposal(proposal::Proposal),
    /// See [`gathering`].
    Gathering(gathering::Gathering),
    /// See [`tie`].
    Tie(tie::Tie),
    /// See [`disclosure`].
    Disclosure(disclosure::Disclosure),
    /// See [`carriage`].
    Carriage(carriage::Carriage),
    /// See [`end`].
    End(end::End),
    /// Of an unknown kind, or one that names a critical key which this version does not know: it
    /// is kept and passed on, and says nothing here. Holds the kind and the body's bytes.
    Opaque(Kind, Vec<u8>),
}

/// A body of a known kind.
pub(crate) trait KnownBody: Serialize + DeserializeOwned {
    /// The keys that this version knows, in any order: what `crit` may name.
    const KEYS: &'static [&'static str];

    /// Says whether the fields go together: the rules that no field's type can hold alone.
    fn is_sound(&self) -> bool {
        true
    }
}

fn decode<T: KnownBody>(
    (kind, crit): (&Kind, &[String]),
    bytes: &[u8],
    wrap: impl FnOnce(T) -> Body,
) -> Result<Body, CborError> {
    if crit.iter().all(|key| T::KEYS.contains(&key.as_str())) {
        let body: T = cbor::from_bytes(bytes)?;
        if body.is_sound() { Ok(wrap(body)) } else { Err(CborError::Shape) }
    } else {
        Ok(Body::Opaque(kind.clone(), bytes.to_vec()))
    }
}

/// Says whether these are moments that a record may name.
fn are_moments(moments: impl IntoIterator<Item = u64>) -> bool {
    moments.into_iter().all(|seconds| seconds < Timestamp::SECONDS_MAX)
}

impl Body {
    /// Decodes the body of a record of this kind whose header says that these keys must be understood.
    ///
    /// # Errors
    /// [`CborError::Shape`] when the body is not of its kind's type, [`CborError::Type`] when it
    /// is no map.
    pub(crate) fn decode(kind: &Kind, crit: &[String], bytes: &[u8]) -> Result<Self, CborError> {
        cbor::Reader::new(bytes).pairs()?;
        let said = (kind, crit);
        match kind {
            Kind::Identity => decode(said, bytes, Self::Identity),
            Kind::Profile => decode(said, bytes, Self::Profile),
            Kind::Role => decode(said, bytes, Self::Role),
            Kind::Values => decode(said, bytes, Self::Values),
            Kind::Call => decode(said, bytes, Self::Call),
            Kind::Response => decode(said, bytes, Self::Response),
            Kind::Proposal => decode(said, bytes, Self::Proposal),
            Kind::Gathering => decode(said, bytes, Self::Gathering),
            Kind::Tie => decode(said, bytes, Self::Tie),
            Kind::Disclosure => decode(said, bytes, Self::Disclosure),
            Kind::Carriage => decode(said, bytes, Self::Carriage),
            Kind::End => decode(said, bytes, Self::End),
            Kind::Other(_) => Ok(Self::Opaque(kind.clone(), bytes.to_vec())),
        }
    }

    /// Encodes the body.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, CborError> {
        match self {
            Self::Identity(body) => cbor::to_bytes(body),
            Self::Profile(body) => cbor::to_bytes(body),
            Self::Role(body) => cbor::to_bytes(body),
            Self::Values(body) => cbor::to_bytes(body),
            Self::Call(body) => cbor::to_bytes(body),
            Self::Response(body) => cbor::to_bytes(body),
            Self::Proposal(body) => cbor::to_bytes(body),
            Self::Gathering(body) => cbor::to_bytes(body),
            Self::Tie(body) => cbor::to_bytes(body),
            Self::Disclosure(body) => cbor::to_bytes(body),
            Self::Carriage(body) => cbor::to_bytes(body),
            Self::End(body) => cbor::to_bytes(body),
            Self::Opaque(_, bytes) => Ok(bytes.clone()),
        }
    }

    /// Returns the kind of record that this is the body of.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Identity(_) => Kind::Identity,
            Self::Profile(_) => Kind::Profile,
            Self::Role(_) => Kind::Role,
            Self::Values(_) => Kind::Values,
            Self::Call(_) => Kind::Call,
            Self::Response(_) => Kind::Response,
            Self::Proposal(_) => Kind::Proposal,
            Self::Gathering(_) => Kind::Gathering,
            Self::Tie(_) => Kind::Tie,
            Self::Disclosure(_) => Kind::Disclosure,
            Self::Carriage(_) => Kind::Carriage,
            Self::End(_) => Kind::End,
            Self::Opaque(kind, _) => kind.clone(),
        }
    }

    /// Returns the body keys of a kind that this version knows: what `crit` may name without
    /// making a record opaque. None for an unknown kind.
    pub fn keys(kind: &Kind) -> &'static [&'static str] {
        match kind {
            Kind::Identity => identity::Identity::KEYS,
            Kind::Profile => profile::Profile::KEYS,
            Kind::Role => role::Role::KEYS,
            Kind::Values => values::Values::KEYS,
            Kind::Call => call::Call::KEYS,
            Kind::Response => response::Response::KEYS,
            Kind::Proposal => proposal::Proposal::KEYS,
            Kind::Gathering => gathering::Gathering::KEYS,
            Kind::Tie => tie::Tie::KEYS,
            Kind::Disclosure => disclosure::Disclosure::KEYS,
            Kind::Carriage => carriage::Carriage::KEYS,
            Kind::End => end::End::KEYS,
            Kind::Other(_) => &[],
        }
    }

    /// Says whether it founds a network.
    pub fn is_inception(&self) -> bool {
        matches!(self, Self::Identity(identity::Identity::Inception(_)))
    }

    /// Returns how many days a record with this body may live, where that is less than its kind
    /// may: an alert is for now.
    pub(crate) fn days_max(&self) -> Option<u64> {
        match self {
            Self::Call(call) if call.kind == call::CallKind::Alert => Some(call::ALERT_DAYS_MAX),
            _ => None,
        }
    }
}
