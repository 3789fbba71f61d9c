//! Records: signed statements by networks, the only thing that is ever stored, gossiped or
//! exported.
//!
//! A record is a `COSE_Sign1` message (RFC 9052, section 4.2, tag 18) with exactly one accepted
//! encoding. [`Draft`] is signed into [`Record`]; bytes are decoded into [`Unverified`], which
//! becomes a [`Record`] when its signature holds, or nothing.
//!
//! **Invariant:** a [`Record`] exists only if its signature verified; no type is "maybe signed".
//!
//! **Invariant:** a record's bytes are kept verbatim and never encoded again.

mod claim;
mod draft;
mod envelope;
mod header;
mod sequence;
mod verify;

use std::fmt;
use std::sync::Arc;

pub use crate::body::{Kind, KindName};
pub use claim::Claim;
pub use draft::{Draft, SignError, Unsigned};
pub(crate) use envelope::{BodyHash, whole_hash};
pub use envelope::{DecodeError, RECORD_BYTES_MAX};
pub use header::{Header, Home, LIST_MAX, Reach, Version};
pub use sequence::{SequenceError, sequence};
pub use verify::{BadSignature, verify_batch};

pub(crate) use verify::holds;

use crate::body::Body;
use crate::id::{PublicKey, RecordId};

/// Bytes that have the form of a record, of which nobody knows yet who wrote them.
///
/// Made by [`Unverified::decode`]; it says its id, so that a known record can be dropped before
/// it costs a verification, and nothing else that could be mistaken for truth.
#[derive(Clone)]
pub struct Unverified {
    record: Record,
    signed: Vec<u8>,
    signature: [u8; 64],
}

/// A signed statement by the holder of a key. Whether that key may speak for the network it
/// names is judged elsewhere.
#[derive(Clone)]
pub struct Record {
    id: RecordId,
    key: PublicKey,
    thing: crate::id::ThingId,
    header: Header,
    body: Arc<Body>,
    body_hash: BodyHash,
    bytes: Arc<[u8]>,
}

impl Record {
    /// Returns the record's name.
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// Returns the key that signed.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// Returns what every kind of record says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns what only this kind of record says.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Returns the hash of the body as it stands in the record, unknown fields and all.
    pub(crate) fn body_hash(&self) -> BodyHash {
        self.body_hash
    }

    /// Returns the bytes as they were signed and are passed on.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// Returns the network that speaks: in an inception, the one that it founds.
    pub fn net(&self) -> crate::id::NetId {
        self.header.net.unwrap_or_else(|| self.id.into())
    }

    /// Returns what this is a version of: of an identity event, its network's identity.
    pub fn thing(&self) -> crate::id::ThingId {
        self.thing
    }

    /// Returns which version of the thing this is, 0 for the first.
    pub fn rev(&self) -> u16 {
        self.header.version.rev
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Record {}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} {})", self.header.kind, self.id.short())
    }
}

impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unverified({})", self.record.id.short())
    }
}
