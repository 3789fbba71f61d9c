//! The envelope: bytes to statement and back.
//!
//! ```text
//! D2 84                     tag 18, array of 4
//!   58 26 A2 01 32 04 58 20 <key, 32 bytes>     protected: {1: -19 (Ed25519), 4: kid}
//!   A0                      unprotected: {}
//!   <payload byte string>
//!   58 40 <signature, 64 bytes>
//! ```
//!
//! **Invariant:** the head and the tail are fixed bytes, so a statement and its signature have
//! one encoding; a record that decodes is byte for byte what its parts encode to.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::header::{Header, Home, LIST_MAX, Reach, Version};
use super::{Record, Unverified};
use crate::body::Body;
use crate::body::Kind;
use crate::body::identity::{EVENT_BYTES_MAX, EVENTS_MAX, Identity};
use crate::cbor::{self, CborError, Major, Reader};
use crate::id::{NetId, Nonce, PublicKey, RecordId, ThingId};
use crate::region::Region;
use crate::time::Timestamp;

/// The most bytes of a whole record. Larger material is named by hash; twice as much would let
/// four records fill a gossip message.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;

/// Domain separation of every signature (COSE `external_aad`).
const AAD: &[u8] = b"weft-record-v1";

/// Tag 18, array of four, then the protected header up to the key.
const HEAD: [u8; 10] = [0xd2, 0x84, 0x58, 0x26, 0xa2, 0x01, 0x32, 0x04, 0x58, 0x20];

/// The empty unprotected header.
const UNPROTECTED: u8 = 0xa0;

/// The head of the signature.
const TAIL: [u8; 2] = [0x58, 0x40];

/// The version of the format that this crate reads and writes.
const FORMAT: u64 = 1;

/// The most bytes of a key that `crit` names: as many as a short name has.
const CRIT_BYTES_MAX: usize = 64;

/// Lives are counted in days of 24 hours; leap seconds do not exist here.
const SECONDS_A_DAY: u64 = 86_400;

/// Bytes are not a record. Final: no other record can make them one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More than [`RECORD_BYTES_MAX`] bytes, or an identity event of more than
    /// [`EVENT_BYTES_MAX`].
    #[error("a record has at most {RECORD_BYTES_MAX} bytes, an identity event {EVENT_BYTES_MAX}")]
    Oversize,
    /// The envelope is not the one accepted encoding of a `COSE_Sign1`.
    #[error("the envelope is not a Weft COSE_Sign1")]
    Envelope,
    /// The payload is not deterministic CBOR.
    #[error("the payload is not deterministic CBOR")]
    Payload(#[source] CborError),
    /// The payload has a key that this format does not have.
    #[error("the payload has an unknown key")]
    UnknownKey,
    /// The payload is of another format than version 1.
    #[error("the payload is not of format 1")]
    Format,
    /// A field is missing, or stands where its kind has none.
    #[error("'{0}' is missing, or this kind of record does not have it")]
    Field(&'static str),
    /// A field's value is out of its bounds.
    #[error("'{0}' is out of bounds")]
    Value(&'static str),
    /// The record would live longer than its kind may, or end before it begins.
    #[error("the record lives longer than its kind may, or not at all")]
    Life,
    /// The body does not have the shape of its kind.
    #[error("the body does not have the shape of its kind")]
    Body(#[source] CborError),
}

/// Returns the bytes that are signed: the `Sig_structure` of RFC 9052, section 4.4.
pub(super) fn sig_structure(key: &PublicKey, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 80);
    cbor::write_head(&mut out, Major::Array, 4);
    cbor::write_text(&mut out, "Signature1");
    out.extend_from_slice(&HEAD[2..]);
    out.extend_from_slice(&key.0);
    cbor::write_bytes(&mut out, AAD);
    cbor::write_bytes(&mut out, payload);
    out
}

/// Returns the id of the statement whose signed bytes these are.
pub(super) fn id_of(signed: &[u8]) -> RecordId {
    RecordId(Sha256::digest(signed).into())
}

/// The SHA-256 of a body, all of it: who consents to one body must not be taken to consent to
/// another, and half a hash is found twice with 2^64 tries.
pub(crate) type BodyHash = [u8; 32];

/// Returns the SHA-256 of these bytes.
pub(crate) fn whole_hash(bytes: &[u8]) -> BodyHash {
    Sha256::digest(bytes).into()
}

/// Puts a signed payload into its envelope.
pub(super) fn seal(key: &PublicKey, payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + HEAD.len() + 105);
    out.extend_from_slice(&HEAD);
    out.extend_from_slice(&key.0);
    out.push(UNPROTECTED);
    cbor::write_bytes(&mut out, payload);
    out.extend_from_slice(&TAIL);
    out.extend_from_slice(signature);
    out
}

impl Unverified {
    /// Decodes the bytes of one record.
    ///
    /// # Errors
    /// [`DecodeError`], when they are not the one encoding of a statement that obeys the rules of
    /// the specification which need no other record.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(DecodeError::Oversize);
        }
        let rest = bytes.strip_prefix(&HEAD).ok_or(DecodeError::Envelope)?;
        let (key, rest) = rest.split_first_chunk::<32>().ok_or(DecodeError::Envelope)?;
        let rest = rest.strip_prefix(&[UNPROTECTED]).ok_or(DecodeError::Envelope)?;
        let (rest, signature) = rest.split_last_chunk::<64>().ok_or(DecodeError::Envelope)?;
        let rest = rest.strip_suffix(&TAIL).ok_or(DecodeError::Envelope)?;
        let mut reader = Reader::new(rest);
        let payload = reader.bytes().map_err(|_| DecodeError::Envelope)?;
        reader.end().map_err(|_| DecodeError::Envelope)?;

        let key = PublicKey(*key);
        let (header, body, body_hash) = decode_payload(payload)?;
        check_signer(&body, &key)?;
        check_size(&header, bytes.len())?;
        let signed = sig_structure(&key, payload);
        let id = id_of(&signed);
        let thing = header.thing(&body).unwrap_or(ThingId(id.0));
        let (body, bytes) = (Arc::new(body), bytes.into());
        let record = Record { id, key, thing, header, body, body_hash, bytes };
        Ok(Self { record, signed, signature: *signature })
    }

    /// Returns the id that the record has if it is one.
    pub fn id(&self) -> RecordId {
        self.record.id
    }

    /// Takes the bytes for a record without verifying the signature.
    ///
    /// Only for bytes that this node's own journal wrote after it had verified them, and whose
    /// check item holds.
    pub fn assume_verified(self) -> Record {
        self.record
    }

    pub(super) fn parts(&self) -> (&PublicKey, &[u8], &[u8; 64]) {
        (&self.record.key, &self.signed, &self.signature)
    }
}

/// Checks that a record of this many bytes is not too large for its kind.
pub(super) fn check_size(header: &Header, bytes: usize) -> Result<(), DecodeError> {
    let most = if header.kind == Kind::Identity { EVENT_BYTES_MAX } else { RECORD_BYTES_MAX };
    if bytes <= most { Ok(()) } else { Err(DecodeError::Oversize) }
}

/// The fields of a payload as they are found, before the rules of the kinds.
#[derive(Default)]
struct Fields<'a> {
    at: Option<u64>,
    body: Option<&'a [u8]>,
    crit: Vec<String>,
    kind: Option<Kind>,
    net: Option<NetId>,
    nonce: Option<Nonce>,
    prev: Vec<RecordId>,
    reach: Option<Reach>,
    region: Option<Region>,
    rev: Option<u16>,
    role: Option<ThingId>,
    until: Option<u64>,
    format: Option<u64>,
}

impl<'a> Fields<'a> {
    fn read(payload: &'a [u8]) -> Result<Self, DecodeError> {
        cbor::check(payload).map_err(DecodeError::Payload)?;
        let mut reader = Reader::new(payload);
        let mut fields = Self::default();
        let pairs = reader.pairs().map_err(DecodeError::Payload)?;
        for _ in 0..pairs {
            let key = reader.text().map_err(DecodeError::Payload)?;
            fields.read_one(key, &mut reader)?;
        }
        Ok(fields)
    }

    fn read_one(&mut self, key: &str, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let bad = DecodeError::Value;
        match key {
            // It comes first, so what another format has else is no fault of the record.
            "v" => match reader.uint().map_err(|_| bad("v"))? {
                FORMAT => self.format = Some(FORMAT),
                _ => return Err(DecodeError::Format),
            },
            "at" => self.at = Some(reader.uint().map_err(|_| bad("at"))?),
            "until" => self.until = Some(reader.uint().map_err(|_| bad("until"))?),
            "net" => self.net = Some(NetId(reader.array().map_err(|_| bad("net"))?)),
            "role" => self.role = Some(ThingId(reader.array().map_err(|_| bad("role"))?)),
            "nonce" => self.nonce = Some(Nonce(reader.array().map_err(|_| bad("nonce"))?)),
            "rev" => {
                let rev = reader.uint().map_err(|_| bad("rev"))?;
                self.rev = Some(u16::try_from(rev).map_err(|_| bad("rev"))?);
            }
            "kind" => {
                let name = reader.text().map_err(|_| bad("kind"))?;
                self.kind = Some(Kind::named(name).ok_or(bad("kind"))?);
            }
            "reach" => {
                let name = reader.text().map_err(|_| bad("reach"))?;
                self.reach = Some(Reach::named(name).ok_or(bad("reach"))?);
            }
            "region" => {
                let name = reader.text().map_err(|_| bad("region"))?;
                self.region = Some(name.parse().map_err(|_| bad("region"))?);
            }
            "prev" => {
                self.prev = list(reader, |r| r.array().map(RecordId)).ok_or(bad("prev"))?;
            }
            "crit" => {
                let key = |r: &mut Reader<'a>| r.text().map(str::to_owned);
                self.crit = list(reader, key).ok_or(bad("crit"))?;
                if self.crit.iter().any(|key| !(1..=CRIT_BYTES_MAX).contains(&key.len())) {
                    return Err(bad("crit"));
                }
            }
            "body" => self.body = Some(reader.item().map_err(DecodeError::Payload)?),
            _ => return Err(DecodeError::UnknownKey),
        }
        Ok(())
    }
}

/// Reads a list of 1 to [`LIST_MAX`] items in strictly rising order.
fn list<'a, T: Ord>(
    reader: &mut Reader<'a>,
    mut item: impl FnMut(&mut Reader<'a>) -> Result<T, CborError>,
) -> Option<Vec<T>> {
    let n = usize::try_from(reader.items().ok()?).ok()?;
    if !(1..=LIST_MAX).contains(&n) {
        return None;
    }
    let items: Vec<T> = (0..n).map(|_| item(reader)).collect::<Result<_, _>>().ok()?;
    items.windows(2).all(|w| w[0] < w[1]).then_some(items)
}

pub(super) fn decode_payload(payload: &[u8]) -> Result<(Header, Body, BodyHash), DecodeError> {
    let f = Fields::read(payload)?;
    if f.format != Some(FORMAT) {
        return Err(DecodeError::Format);
    }
    let kind = f.kind.ok_or(DecodeError::Field("kind"))?;
    let (rev, prev) = match (f.rev, f.prev) {
        (None, prev) if prev.is_empty() => (0, prev),
        (Some(0), _) => return Err(DecodeError::Value("rev")),
        (Some(rev), prev) if !prev.is_empty() => (rev, prev),
        _ => return Err(DecodeError::Field("rev, prev")),
    };
    let version = Version { nonce: f.nonce, rev, prev };
    let home = match (f.region, f.reach) {
        (None, None) => None,
        (Some(region), Some(reach)) => Some(Home { region, reach }),
        _ => return Err(DecodeError::Field("region, reach")),
    };
    let at = time(f.at.ok_or(DecodeError::Field("at"))?, "at")?;
    let until = match f.until {
        Some(seconds) => time(seconds, "until")?,
        None => Timestamp::NEVER,
    };
    let body = f.body.ok_or(DecodeError::Field("body"))?;
    let header = Header { kind, net: f.net, role: f.role, version, crit: f.crit, at, until, home };
    let hash = binding_hash(&header.kind, body).map_err(DecodeError::Body)?;
    let body = Body::decode(&header.kind, &header.crit, body).map_err(DecodeError::Body)?;
    check_rules(&header, &body)?;
    if header.kind == Kind::Identity {
        check_event(&header, &body)?;
    }
    Ok((header, body, hash))
}

/// Says whether `crit` may make a record of this kind opaque: not what decides over others, and not
/// what has its name from its body, both of which every reader must judge alike.
fn may_be_critical(kind: &Kind) -> bool {
    use Kind::{End, Identity, Proposal, Response, Role};
    !matches!(kind, Identity | Role | Response | Proposal | End)
}

/// Returns the hash by which answers bind to a body: of all of it or, of a proposal, of the map
/// without `counted`, so that the version that lists the ballots does not orphan them.
fn binding_hash(kind: &Kind, body: &[u8]) -> Result<BodyHash, CborError> {
    if *kind != Kind::Proposal {
        return Ok(whole_hash(body));
    }
    let mut reader = Reader::new(body);
    let pairs = reader.pairs()?;
    let mut kept = 0;
    let mut rest = Vec::with_capacity(body.len());
    for _ in 0..pairs {
        let before = reader.rest();
        let key = reader.text()?;
        reader.item()?;
        if key != "counted" {
            kept += 1;
            rest.extend_from_slice(&before[..before.len() - reader.rest().len()]);
        }
    }
    let mut without = Vec::with_capacity(body.len());
    cbor::write_head(&mut without, Major::Map, kept);
    without.extend_from_slice(&rest);
    Ok(whole_hash(&without))
}

fn time(seconds: u64, field: &'static str) -> Result<Timestamp, DecodeError> {
    if seconds < Timestamp::SECONDS_MAX {
        Ok(Timestamp::from_secs(seconds))
    } else {
        Err(DecodeError::Value(field))
    }
}

/// The rules of identity events that need no other record.
fn check_event(header: &Header, body: &Body) -> Result<(), DecodeError> {
    let Version { rev, prev, .. } = &header.version;
    if prev.is_empty() != body.is_inception() {
        return Err(DecodeError::Field("rev, prev"));
    }
    if usize::from(*rev) >= EVENTS_MAX {
        return Err(DecodeError::Value("rev"));
    }
    if prev.len() > 1 {
        return Err(DecodeError::Value("prev"));
    }
    Ok(())
}

/// Checks that an inception is signed by the key that it names.
pub(super) fn check_signer(body: &Body, key: &PublicKey) -> Result<(), DecodeError> {
    match body {
        Body::Identity(Identity::Inception(keys)) if keys.key != *key => {
            Err(DecodeError::Value("key"))
        }
        _ => Ok(()),
    }
}

/// The rules of the kinds that need no other record.
fn check_rules(header: &Header, body: &Body) -> Result<(), DecodeError> {
    let identity = header.kind == Kind::Identity;
    let inception = body.is_inception();
    if header.net.is_none() != inception {
        return Err(DecodeError::Field("net"));
    }
    if header.version.nonce.is_some() == identity {
        return Err(DecodeError::Field("nonce"));
    }
    if header.home.is_none() != identity {
        return Err(DecodeError::Field("region, reach"));
    }
    if header.role.is_some() && (identity || matches!(header.kind, Kind::Other(_))) {
        return Err(DecodeError::Field("role"));
    }
    if !header.crit.is_empty() && !may_be_critical(&header.kind) {
        return Err(DecodeError::Field("crit"));
    }
    let own = header.home.as_ref().is_some_and(|home| home.reach == Reach::Own);
    if own && header.kind == Kind::Role {
        return Err(DecodeError::Value("reach"));
    }
    let days_max = body.days_max().or(header.kind.days_max());
    match days_max {
        None if header.until == Timestamp::NEVER => Ok(()),
        None => Err(DecodeError::Field("until")),
        Some(_) if header.until == Timestamp::NEVER => Err(DecodeError::Field("until")),
        Some(days) => {
            let life = header.until.as_secs().checked_sub(header.at.as_secs());
            let lives = life.is_some_and(|s| s > 0 && s <= days * SECONDS_A_DAY);
            if lives { Ok(()) } else { Err(DecodeError::Life) }
        }
    }
}

/// Encodes a payload. A thing that has no nonce yet is given one that is made of all the rest.
pub(super) fn encode_payload(header: &Header, body: &[u8]) -> Vec<u8> {
    if header.version.nonce.is_some() || header.kind == Kind::Identity {
        return encode_with(header, header.version.nonce, body);
    }
    let rest = whole_hash(&encode_with(header, None, body));
    let nonce = rest.first_chunk().copied().map(Nonce);
    encode_with(header, nonce, body)
}

/// Encodes the header's fields and the body in the one order that is accepted.
fn encode_with(header: &Header, nonce: Option<Nonce>, body: &[u8]) -> Vec<u8> {
    let mut pairs: Vec<(&str, Vec<u8>)> = Vec::with_capacity(13);
    let mut put = |key: &'static str, write: &dyn Fn(&mut Vec<u8>)| {
        let mut value = Vec::new();
        write(&mut value);
        pairs.push((key, value));
    };
    put("v", &|o| cbor::write_head(o, Major::Uint, FORMAT));
    put("at", &|o| cbor::write_head(o, Major::Uint, header.at.as_secs()));
    put("kind", &|o| cbor::write_text(o, header.kind.as_str()));
    put("body", &|o| o.extend_from_slice(body));
    if let Some(net) = &header.net {
        put("net", &|o| cbor::write_bytes(o, &net.0));
    }
    if let Some(role) = &header.role {
        put("role", &|o| cbor::write_bytes(o, &role.0));
    }
    if let Some(nonce) = nonce {
        put("nonce", &|o| cbor::write_bytes(o, &nonce.0));
    }
    let Version { rev, prev, .. } = &header.version;
    if *rev > 0 {
        put("rev", &|o| cbor::write_head(o, Major::Uint, (*rev).into()));
        put("prev", &|o| {
            cbor::write_head(o, Major::Array, prev.len() as u64);
            prev.iter().for_each(|id| cbor::write_bytes(o, &id.0));
        });
    }
    if !header.crit.is_empty() {
        put("crit", &|o| {
            cbor::write_head(o, Major::Array, header.crit.len() as u64);
            header.crit.iter().for_each(|key| cbor::write_text(o, key));
        });
    }
    if header.until != Timestamp::NEVER {
        put("until", &|o| cbor::write_head(o, Major::Uint, header.until.as_secs()));
    }
    if let Some(home) = &header.home {
        put("region", &|o| cbor::write_text(o, home.region.as_str()));
        put("reach", &|o| cbor::write_text(o, home.reach.as_str()));
    }
    pairs.sort_by_key(|(key, _)| (key.len(), *key));
    let mut out = Vec::with_capacity(256 + body.len());
    cbor::write_head(&mut out, Major::Map, pairs.len() as u64);
    for (key, value) in pairs {
        cbor::write_text(&mut out, key);
        out.extend_from_slice(&value);
    }
    out
}
