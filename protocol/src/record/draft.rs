//! Statements that nobody has signed yet.

use std::sync::Arc;
use std::time::Duration;

use super::envelope::{self, DecodeError};
use super::header::{Header, Home, Version};
use super::{BodyHash, Reach, Record, holds};
use crate::body::Body;
use crate::body::Kind;
use crate::cbor::CborError;
use crate::id::{NetId, PublicKey, ThingId};
use crate::key::{SIGNATURE_BYTES, SecretKey};
use crate::region::Region;
use crate::time::Timestamp;

/// A statement before it is signed.
///
/// ```
/// use weft_protocol::body::{Body, identity::Identity};
/// use weft_protocol::key::SecretKey;
/// use weft_protocol::record::Draft;
/// use weft_protocol::time::Timestamp;
///
/// let key = SecretKey::from_seed(&[1; 32]);
/// let rotation = SecretKey::from_seed(&[2; 32]);
/// let inception = Identity::inception(key.public(), rotation.public().hash());
/// let now = Timestamp::from_secs(1_800_000_000);
/// let record = Draft::inception(Body::Identity(inception), now).sign(&key)?;
/// assert_eq!(record.net(), record.id().into());
/// # Ok::<(), weft_protocol::record::SignError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What every record says.
    pub header: Header,
    /// What only this kind says.
    pub body: Body,
}

/// A draft cannot become a record.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The body cannot be encoded.
    #[error("the body cannot be encoded")]
    Encode(#[source] CborError),
    /// Every reader would refuse the record.
    #[error("the record would be refused")]
    Refused(#[source] DecodeError),
    /// Whoever was to sign has signed something else, or with another key.
    #[error("the signature is not this key's")]
    Signature,
}

impl Draft {
    /// Begins a network: the statement that founds it and whose id names it.
    pub fn inception(body: Body, now: Timestamp) -> Self {
        Self { header: Self::header(Kind::Identity, None, now, Timestamp::NEVER), body }
    }

    /// Begins an event that follows another in the identity log of `net`.
    pub fn event(body: Body, net: NetId, version: Version, now: Timestamp) -> Self {
        let mut header = Self::header(Kind::Identity, Some(net), now, Timestamp::NEVER);
        header.version = version;
        Self { header, body }
    }

    /// Begins the first version of a thing that lives for `life` in `region` and may travel as
    /// far as `reach`.
    pub fn new(body: Body, net: NetId, home: (Region, Reach), life: (Timestamp, Duration)) -> Self {
        let (now, life) = life;
        let mut header = Self::header(body.kind(), Some(net), now, now + life);
        header.home = Some(Home { region: home.0, reach: home.1 });
        Self { header, body }
    }

    /// Says that it is signed under this role.
    #[must_use]
    pub fn under(mut self, role: ThingId) -> Self {
        self.header.role = Some(role);
        self
    }

    /// Says that it follows these versions of a thing.
    #[must_use]
    pub fn following(mut self, version: Version) -> Self {
        self.header.version = version;
        self
    }

    fn header(kind: Kind, net: Option<NetId>, at: Timestamp, until: Timestamp) -> Header {
        let whole = |t: Timestamp| match t {
            Timestamp::NEVER => t,
            t => Timestamp::from_secs(t.as_secs()),
        };
        let (at, until) = (whole(at), whole(until));
        let version = Version::default();
        Header { kind, net, role: None, version, crit: Vec::new(), at, until, home: None }
    }

    /// Encodes the statement without signing it, to ask a node what it would make of it.
    ///
    /// # Errors
    /// As [`Draft::sign`].
    pub fn payload(&self) -> Result<Vec<u8>, SignError> {
        let body = self.body.encode().map_err(SignError::Encode)?;
        let payload = envelope::encode_payload(&self.header, &body);
        envelope::decode_payload(&payload).map_err(SignError::Refused)?;
        Ok(payload)
    }

    /// Decodes what [`Draft::payload`] encoded.
    ///
    /// # Errors
    /// [`DecodeError`], as of a record with this payload.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        envelope::decode_payload(payload).map(|(header, body, _)| Self { header, body })
    }

    /// Signs the statement.
    ///
    /// # Errors
    /// [`SignError`], when the body cannot be encoded or any reader would refuse the record: what
    /// this returns, every node decodes.
    pub fn sign(self, key: &SecretKey) -> Result<Record, SignError> {
        let unsigned = self.for_key(key.public())?;
        let signature = key.sign(unsigned.message());
        unsigned.finish(&signature)
    }

    /// Prepares the statement to be signed elsewhere, by whoever keeps this key.
    ///
    /// # Errors
    /// As [`Draft::sign`].
    pub fn for_key(self, key: PublicKey) -> Result<Unsigned, SignError> {
        let body = self.body.encode().map_err(SignError::Encode)?;
        let payload = envelope::encode_payload(&self.header, &body);
        let (header, body, body_hash) =
            envelope::decode_payload(&payload).map_err(SignError::Refused)?;
        envelope::check_signer(&body, &key).map_err(SignError::Refused)?;
        let message = envelope::sig_structure(&key, &payload);
        let statement = (header, body, body_hash);
        Ok(Unsigned { key, payload, message, statement })
    }
}

/// A statement that lacks nothing but a signature, which its key makes elsewhere.
#[derive(Debug)]
pub struct Unsigned {
    key: PublicKey,
    payload: Vec<u8>,
    message: Vec<u8>,
    statement: (Header, Body, BodyHash),
}

impl Unsigned {
    /// Returns the bytes to be signed.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Makes a record of it.
    ///
    /// # Errors
    /// [`SignError::Signature`], when the signature is not this key's of these bytes, and
    /// [`SignError::Refused`], when the record would be too long.
    pub fn seal(self, signature: &[u8; SIGNATURE_BYTES]) -> Result<Record, SignError> {
        if !holds(&self.key, &self.message, signature) {
            return Err(SignError::Signature);
        }
        self.finish(signature)
    }

    fn finish(self, signature: &[u8; SIGNATURE_BYTES]) -> Result<Record, SignError> {
        let Self { key, payload, message, statement } = self;
        let (header, body, body_hash) = statement;
        let bytes = envelope::seal(&key, &payload, signature);
        envelope::check_size(&header, bytes.len()).map_err(SignError::Refused)?;
        let id = envelope::id_of(&message);
        let thing = header.thing(&body).unwrap_or(ThingId(id.0));
        let (body, bytes) = (Arc::new(body), bytes.into());
        Ok(Record { id, key, thing, header, body, body_hash, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::identity::Identity;

    #[test]
    fn what_is_signed_elsewhere_is_the_same_record_and_a_foreign_signature_makes_none() {
        let (key, other) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let inception = Identity::inception(key.public(), other.public().hash());
        let draft =
            Draft::inception(Body::Identity(inception), Timestamp::from_secs(1_800_000_000));
        let here = draft.clone().sign(&key).unwrap();
        let unsigned = draft.clone().for_key(key.public()).unwrap();
        let signature = key.sign(unsigned.message());
        assert_eq!(unsigned.seal(&signature).unwrap().bytes(), here.bytes());
        let unsigned = draft.for_key(key.public()).unwrap();
        let foreign = other.sign(unsigned.message());
        assert!(matches!(unsigned.seal(&foreign), Err(SignError::Signature)));
    }
}
