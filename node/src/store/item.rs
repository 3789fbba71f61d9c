//! The items of the journal, byte for byte.
//!
//! The journal is a CBOR sequence (RFC 8742). Every item is followed by a *check*: a byte string
//! of 12 bytes (`0x4C`), the CRC-32C of the item (big-endian) and eight bytes of an id. There are
//! five items:
//!
//! | item | form | id in the check |
//! |---|---|---|
//! | record | tag 18 (`D2 84 58 26 …`), at most 16 KiB | of the record, first 8 bytes |
//! | erased record, or filler over damage | byte string of zeros | of the record; zeros for filler |
//! | tombstone | map `id net kind until?` | of the erased record |
//! | hiding | the same with `due at len` | of the record, which stands at `at` until it is overwritten |
//! | lift | map `lift: id` | of the record that may come back, or stands there again |
//!
//! An item is valid CBOR, but need not be deterministic: a zeroed record must keep its length, and
//! not every length has a shortest form.
//!
//! **Invariant:** [`parse`] accepts an item only if its check matches, and never looks further
//! than [`ITEM_BYTES_MAX`].

use serde::{Deserialize, Serialize};
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::record::{Kind, RECORD_BYTES_MAX};
use weft_protocol::time::Timestamp;

use super::frame::record_len;

/// The bytes of a check, its head included.
pub(crate) const CHECK_BYTES: usize = 13;
/// The most bytes of an item and its check.
pub(crate) const ITEM_BYTES_MAX: usize = RECORD_BYTES_MAX + CHECK_BYTES;
/// The fewest bytes of an item and its check: an empty byte string.
pub(crate) const ITEM_BYTES_MIN: usize = 1 + CHECK_BYTES;

/// Beyond which no journal has anything: 256 TiB.
const POSITION_MAX: u64 = 1 << 48;

/// The head of a check: a byte string of 12 bytes.
const CHECK_HEAD: u8 = 0x4C;
/// The most bytes of a tombstone, a hiding or a lift: two ids, a kind of at most 24 letters, numbers.
const NOTE_BYTES_MAX: usize = 256;

/// What stays of an erased record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The erased record.
    pub id: RecordId,
    /// The network that had signed it.
    pub net: NetId,
    /// Its kind.
    pub kind: Kind,
    /// Its end, after which the tombstone is of no use.
    pub until: Timestamp,
}

/// A record that was erased and can still come back: what its tombstone says, and where its bytes
/// stand until they are overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hiding {
    /// What will stay of it.
    pub tombstone: Tombstone,
    /// When its bytes are to be overwritten.
    pub due: Timestamp,
    /// Where they stand.
    pub(crate) span: Span,
}

/// Where in the journal a record stands, or stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    /// The byte at which it begins.
    pub(crate) position: u64,
    /// Its bytes, without the check.
    pub(crate) len: u32,
}

impl Span {
    /// The span of an item without its check.
    pub(crate) fn new(position: u64, item: &[u8]) -> Self {
        debug_assert!(item.len() <= RECORD_BYTES_MAX, "an item is at most 16 KiB");
        Self { position, len: u32::try_from(item.len()).unwrap_or(u32::MAX) }
    }

    /// Packs a span into six bytes of position and two of length, as it stands in the index.
    /// Positions stay below 2^48 (256 TiB), lengths below 2^16.
    pub(crate) fn packed(self) -> [u8; 8] {
        (self.position << 16 | u64::from(self.len)).to_be_bytes()
    }

    /// Reads a packed span, or nothing when it is none.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let packed = u64::from_be_bytes(bytes.try_into().ok()?);
        let len = u32::try_from(packed & 0xFFFF).ok()?;
        Some(Self { position: packed >> 16, len })
    }
}

/// What an item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Record,
    /// Zeros, and nothing but zeros.
    Erased,
    Tombstone(Tombstone),
    Hiding(Hiding),
    Lift(RecordId),
}

/// An item whose check matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) item: Item,
    /// The bytes of the item, without its check.
    pub(crate) len: usize,
    /// The first eight bytes of the id it is about.
    pub(crate) prefix: [u8; 8],
}

/// Reads the item at the beginning of `bytes`, or nothing when there is none that checks.
pub(crate) fn parse(bytes: &[u8]) -> Option<Checked> {
    match *bytes.first()? {
        0xD2 => {
            let len = record_len(bytes)?;
            let prefix = check(bytes, len)?;
            Some(Checked { item: Item::Record, len, prefix })
        }
        0x40..=0x59 => {
            let (head, len) = string_len(bytes)?;
            let prefix = check(bytes, len)?;
            bytes[head..len].iter().all(|byte| *byte == 0).then_some(())?;
            Some(Checked { item: Item::Erased, len, prefix })
        }
        0xA1..=0xA7 => {
            let (item, len) = note(&bytes[..bytes.len().min(NOTE_BYTES_MAX)])?;
            let prefix = check(bytes, len)?;
            Some(Checked { item, len, prefix })
        }
        _ => None,
    }
}

/// Returns the id prefix of the check behind an item of `len` bytes, if the check matches.
fn check(bytes: &[u8], len: usize) -> Option<[u8; 8]> {
    let check = bytes.get(len..len + CHECK_BYTES)?;
    let matches =
        check[0] == CHECK_HEAD && check[1..5] == crc32c::crc32c(&bytes[..len]).to_be_bytes();
    if matches { check[5..].try_into().ok() } else { None }
}

/// Returns the length of a byte string's head and of the whole, if it is inside the bound.
fn string_len(bytes: &[u8]) -> Option<(usize, usize)> {
    let (head, content) = match *bytes.first()? {
        head @ 0x40..=0x57 => (1, usize::from(head - 0x40)),
        0x58 => (2, usize::from(*bytes.get(1)?)),
        0x59 => (3, usize::from(u16::from_be_bytes([*bytes.get(1)?, *bytes.get(2)?]))),
        _ => return None,
    };
    (head + content <= RECORD_BYTES_MAX).then_some((head, head + content))
}

/// Puts the check of `item` behind it.
fn sealed(mut item: Vec<u8>, prefix: [u8; 8]) -> Vec<u8> {
    let crc = crc32c::crc32c(&item);
    item.push(CHECK_HEAD);
    item.extend_from_slice(&crc.to_be_bytes());
    item.extend_from_slice(&prefix);
    item
}

/// Returns the first eight bytes of an id.
pub(crate) fn prefix_of(id: &RecordId) -> [u8; 8] {
    let mut prefix = [0; 8];
    prefix.copy_from_slice(&id.0[..8]);
    prefix
}

/// Returns a record and its check.
pub(crate) fn record_item(record: &[u8], id: &RecordId) -> Vec<u8> {
    let mut item = Vec::with_capacity(record.len() + CHECK_BYTES);
    item.extend_from_slice(record);
    sealed(item, prefix_of(id))
}

/// Returns zeros of the length of an erased record, and their check.
pub(crate) fn erased_item(len: usize, prefix: [u8; 8]) -> Vec<u8> {
    debug_assert!((1..=RECORD_BYTES_MAX).contains(&len), "an item is 1 byte to 16 KiB");
    let mut item = vec![0; len];
    let [.., high, low] = (len.saturating_sub(3)).to_be_bytes();
    match len {
        0..=24 => item[0] = 0x40 + low_byte(len - 1),
        25..=257 => item[..2].copy_from_slice(&[0x58, low_byte(len - 2)]),
        _ => item[..3].copy_from_slice(&[0x59, high, low]),
    }
    sealed(item, prefix)
}

fn low_byte(n: usize) -> u8 {
    n.to_le_bytes()[0]
}

/// Returns filler of exactly `len` bytes, checks included; nothing when no item is so short.
pub(crate) fn filler(mut len: usize) -> Option<Vec<u8>> {
    let mut items = Vec::with_capacity(len);
    while len > ITEM_BYTES_MAX {
        // What remains must be able to hold an item of its own.
        let part = ITEM_BYTES_MAX.min(len - ITEM_BYTES_MIN);
        items.extend(erased_item(part - CHECK_BYTES, [0; 8]));
        len -= part;
    }
    if len < ITEM_BYTES_MIN {
        return None;
    }
    items.extend(erased_item(len - CHECK_BYTES, [0; 8]));
    Some(items)
}

/// Returns a tombstone and its check.
pub(crate) fn tombstone_item(tombstone: &Tombstone) -> Vec<u8> {
    Note::of(tombstone).seal(&tombstone.id)
}

/// Returns a hiding and its check.
pub(crate) fn hiding_item(hiding: &Hiding) -> Vec<u8> {
    let Hiding { tombstone, due, span } = hiding;
    let note = Note {
        due: Some(due.as_secs()),
        at: Some(span.position),
        len: Some(span.len),
        ..Note::of(tombstone)
    };
    note.seal(&tombstone.id)
}

/// Returns a lift and its check.
pub(crate) fn lift_item(id: &RecordId) -> Vec<u8> {
    let note = Note { lift: Some(*id), ..Note::default() };
    note.seal(id)
}

/// A tombstone, a hiding or a lift, as it is written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    net: Option<NetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lift: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    len: Option<u32>,
}

impl Note {
    fn of(tombstone: &Tombstone) -> Self {
        Self {
            id: Some(tombstone.id),
            net: Some(tombstone.net),
            kind: Some(tombstone.kind.as_str().to_owned()),
            until: (tombstone.until != Timestamp::NEVER).then(|| tombstone.until.as_secs()),
            ..Self::default()
        }
    }

    fn seal(&self, id: &RecordId) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(NOTE_BYTES_MAX);
        ciborium::into_writer(self, &mut bytes).expect("a vector takes every byte");
        sealed(bytes, prefix_of(id))
    }
}

/// Reads a tombstone, a hiding or a lift, and returns how long it is.
fn note(bytes: &[u8]) -> Option<(Item, usize)> {
    let mut rest = bytes;
    let note: Note = ciborium::from_reader(&mut rest).ok()?;
    let len = bytes.len() - rest.len();
    if let Some(id) = note.lift {
        return Some((Item::Lift(id), len));
    }
    let tombstone = Tombstone {
        id: note.id?,
        net: note.net?,
        kind: Kind::named(&note.kind?)?,
        until: note.until.map_or(Timestamp::NEVER, Timestamp::from_secs),
    };
    let item = match (note.due, note.at, note.len) {
        (None, None, None) => Item::Tombstone(tombstone),
        (Some(due), Some(position), Some(len))
            if position < POSITION_MAX && len as usize <= RECORD_BYTES_MAX =>
        {
            let span = Span { position, len };
            Item::Hiding(Hiding { tombstone, due: Timestamp::from_secs(due), span })
        }
        _ => return None,
    };
    Some((item, len))
}
