//! The keys of the index: where each way of looking a record up begins.
//!
//! | table | key | value |
//! |---|---|---|
//! | 1 by id | id (32) | span |
//! | 2 tombstones | id (32) | span of the tombstone |
//! | 3 by kind and time | kind, at (5), position (6) | |
//! | 4 by network | net (8), kind, at (5), position (6) | |
//! | 5 by target | thing (8), kind, at (5), position (6) | |
//! | 6 by region | hash of the name (4), kind, at (5), position (6) | |
//!
//! Subjects are cut short to keep the index small. Whoever reads a record through one of these
//! keys checks that it is what was asked for, so two subjects that share a beginning cost time and
//! never truth.
//!
//! **Invariant:** numbers are big-endian, so the order of keys is the order of what they say.

use weft_protocol::id::{NetId, RecordId, ThingId};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use super::facts::Facts;
use super::item::Span;

/// The bytes of a key, table included, at most: an id.
const KEY_BYTES: usize = 33;

/// A key of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; KEY_BYTES]);

const BY_ID: u8 = 1;
const TOMBSTONE: u8 = 2;
const BY_KIND: u8 = 3;
const BY_NET: u8 = 4;
const BY_TARGET: u8 = 5;
const BY_REGION: u8 = 6;

/// What records are looked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// All records.
    All,
    /// What a network says.
    Net(NetId),
    /// What is said of a thing.
    Target(ThingId),
    /// What is at home in a region.
    Region(&'a Region),
}

impl Subject<'_> {
    /// Says whether a record with these facts is about this subject.
    pub(crate) fn covers(&self, facts: &Facts) -> bool {
        match self {
            Self::All => true,
            Self::Net(net) => facts.net == *net,
            Self::Target(thing) => facts.targets.contains(thing),
            Self::Region(region) => facts.region.as_ref() == Some(*region),
        }
    }

    /// Returns the bytes that begin every key of this subject.
    fn prefix(&self) -> Vec<u8> {
        let (table, subject): (u8, &[u8]) = match self {
            Self::All => (BY_KIND, &[]),
            Self::Net(net) => (BY_NET, &net.0[..8]),
            Self::Target(thing) => (BY_TARGET, &thing.0[..8]),
            Self::Region(region) => {
                (BY_REGION, &crc32c::crc32c(region.as_str().as_bytes()).to_be_bytes())
            }
        };
        [&[table], subject].concat()
    }

    /// Returns the bytes that begin every key of this subject and kind.
    fn of_kind(&self, kind: Option<u8>) -> Vec<u8> {
        let mut prefix = self.prefix();
        prefix.extend(kind);
        prefix
    }

    /// Returns the first and the last key that a record of this subject can have.
    pub(crate) fn range(&self, kind: Option<u8>) -> (Key, Key) {
        let prefix = self.of_kind(kind);
        (Key::padded(&prefix, 0), Key::padded(&prefix, 0xff))
    }
}

impl Key {
    fn padded(prefix: &[u8], pad: u8) -> Self {
        let mut bytes = [pad; KEY_BYTES];
        bytes[..prefix.len()].copy_from_slice(prefix);
        Self(bytes)
    }

    /// Returns the key of a record by its id.
    pub(crate) fn id(id: &[u8; 32]) -> Self {
        Self::padded(&[&[BY_ID], &id[..]].concat(), 0)
    }

    /// Returns the key of a tombstone.
    pub(crate) fn tombstone(id: &RecordId) -> Self {
        Self::padded(&[&[TOMBSTONE], &id.0[..]].concat(), 0)
    }

    fn fact(subject: Subject<'_>, facts: &Facts, position: u64) -> Self {
        let mut bytes = subject.of_kind(Some(facts.kind));
        bytes.extend_from_slice(&at(facts.at));
        bytes.extend_from_slice(&position.to_be_bytes()[2..]);
        Self::padded(&bytes, 0)
    }

    /// Returns every key of a record at a position, its id first.
    pub(crate) fn all(id: &RecordId, facts: &Facts, position: u64) -> impl Iterator<Item = Self> {
        let fact = move |subject| Self::fact(subject, facts, position);
        [Self::id(&id.0), fact(Subject::All), fact(Subject::Net(facts.net))]
            .into_iter()
            .chain(facts.region.as_ref().map(move |region| fact(Subject::Region(region))))
            .chain(facts.targets.iter().map(move |thing| fact(Subject::Target(*thing))))
    }

    /// Returns the id that this key names a record or a tombstone by.
    pub(crate) fn record(&self) -> Option<RecordId> {
        let id = self.0[1..].try_into().ok()?;
        (self.0[0] <= TOMBSTONE).then_some(RecordId(id))
    }

    /// Returns the position that a key other than an id's ends with.
    pub(crate) fn position(&self) -> u64 {
        let end = self.bytes().len();
        let mut position = [0; 8];
        position[2..].copy_from_slice(&self.0[end - 6..end]);
        u64::from_be_bytes(position)
    }

    /// Returns the next key of the same table, if there can be one.
    pub(crate) fn after(&self) -> Option<Self> {
        let end = self.bytes().len();
        let mut next = *self;
        next.0[end..].fill(0);
        for byte in next.0[1..end].iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return Some(next);
            }
        }
        next.0[0] += 1;
        (next.0[0] <= BY_REGION).then(|| Self::padded(&next.0[..1], 0))
    }

    /// Returns the first and the last of all keys.
    pub(crate) fn span_of_all() -> (Self, Self) {
        (Self::padded(&[BY_ID], 0), Self::padded(&[BY_REGION], 0xff))
    }

    /// Says whether this is the key of a tombstone.
    pub(crate) fn is_tombstone(&self) -> bool {
        self.0[0] == TOMBSTONE
    }

    /// Returns the bytes as they stand in the index.
    pub(crate) fn bytes(&self) -> &[u8] {
        let len = match self.0[0] {
            BY_KIND => 13,
            BY_NET | BY_TARGET => 21,
            BY_REGION => 17,
            _ => KEY_BYTES,
        };
        &self.0[..len]
    }

    /// Reads a key that stands in the index, or nothing when it is none.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let known = (BY_ID..=BY_REGION).contains(bytes.first()?) && bytes.len() <= KEY_BYTES;
        let key = known.then(|| Self::padded(bytes, 0))?;
        (key.bytes() == bytes).then_some(key)
    }
}

/// Returns whole seconds in five bytes; later than the year 36 812 all is one moment.
fn at(time: Timestamp) -> [u8; 5] {
    let mut bytes = [0; 5];
    bytes.copy_from_slice(&time.as_secs().min((1 << 40) - 1).to_be_bytes()[3..]);
    bytes
}

/// What a key leads to: a span packed into eight bytes, six of position and two of length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value(pub(crate) u64);

impl Value {
    /// The key is not there, whatever an older layer of the index says.
    pub(crate) const REMOVED: Self = Self(u64::MAX);
    /// The key says everything itself.
    pub(crate) const EMPTY: Self = Self(0);

    /// Packs a span. Positions stay below 2^48 (256 TiB), lengths below 2^16.
    pub(crate) fn span(span: Span) -> Self {
        Self(span.position << 16 | u64::from(span.len))
    }

    /// Unpacks a span.
    pub(crate) fn to_span(self) -> Span {
        let [.., high, low] = self.0.to_be_bytes();
        Span { position: self.0 >> 16, len: u32::from(u16::from_be_bytes([high, low])) }
    }

    /// Returns the bytes as they stand in the index.
    pub(crate) fn bytes(self) -> Vec<u8> {
        if self == Self::EMPTY { Vec::new() } else { self.0.to_be_bytes().to_vec() }
    }

    /// Reads what stands in the index, or nothing when it is no value.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            0 => Some(Self::EMPTY),
            8 => bytes.try_into().ok().map(|bytes| Self(u64::from_be_bytes(bytes))),
            _ => None,
        }
    }
}
