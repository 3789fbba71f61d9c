//! The frames of `/weft/sync/1`: what two nodes say to each other while they reconcile. Their
//! grammar stands in the specification (`protocol/README.md`, "Reconciliation").
//!
//! **Invariant:** a frame has one encoding, deterministic CBOR of at most [`FRAME_BYTES_MAX`]
//! bytes; whatever is decoded encodes to the same bytes; decoding allocates no more than a small
//! multiple of what it was given.

use super::fingerprint::{Fingerprint, Salt};
use super::inquiry::INQUIRY_KEYS_MAX;
use super::part::{Part, read_part, write_part};
use super::scope::Scope;
use super::set::Key;
use super::span::Span;
use super::wire::{below, count, count_of, next_is, write_count, write_kind, write_uint};
use crate::cbor::{CborError, Major, Reader, write_bytes, write_text};
use crate::id::{NetId, RecordId};
use crate::region::Region;
use crate::time::{Offset, Timestamp};

/// The longest frame. Larger ones deadlock peers that write before they read; smaller ones cost
/// a verification batch that is too short to be fast.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// The most scopes a session may be about: a bridge has a few regions and its own records.
pub const SCOPES_MAX: usize = 16;

/// The most keys a scope may have. A session's memory and work are linear in it; at this size a
/// set takes 170 MB, beyond what the nodes are meant for.
pub const KEYS_MAX: usize = 1 << 22;

/// The bytes of each side's part of the key for [`ShortId`](super::ShortId)s.
pub const NONCE_BYTES: usize = 8;

/// Bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The frame is longer than [`FRAME_BYTES_MAX`].
    #[error("longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// The frame is not in deterministic encoding.
    #[error("not in deterministic encoding")]
    Encoding(#[from] CborError),
    /// An item is out of bounds, or out of order, or there are too many or too few.
    #[error("not the shape of its kind")]
    Shape,
    /// No frame has this number.
    #[error("unknown kind of frame")]
    Kind,
}

/// One message of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The initiator opens: what it speaks, what time it is, what it has.
    Hello(Hello),
    /// The responder agrees: on the revision, the time, the scopes, and begins to answer.
    HelloAck(HelloAck),
    /// The initiator asks how ranges of the responder's keys look, by rank. One answer follows.
    Ask {
        /// The scope, by its position in the [`Hello`].
        scope: usize,
        /// Ranks of the responder's set; none empty.
        spans: Vec<Span>,
    },
    /// The responder answers the oldest ask: one part for each span, in the same order.
    Answer {
        /// How each span looks.
        parts: Vec<Part>,
    },
    /// The initiator asks for records of the responder, by rank.
    Want {
        /// The scope, by its position in the [`Hello`].
        scope: usize,
        /// Ranks of the responder's set; none empty.
        spans: Vec<Span>,
    },
    /// Records: to the initiator those it wanted, in that order; to the responder those it lacks.
    Data {
        /// The scope, by its position in the [`Hello`].
        scope: usize,
        /// How many records follow.
        records: usize,
        /// How many of those that were wanted next, here or in between, are not to be had.
        gone: usize,
        /// The records, as a CBOR sequence.
        sequence: Vec<u8>,
    },
    /// The other side may send so many more bytes of records.
    Credit {
        /// Bytes of record sequences.
        bytes: u64,
    },
    /// The initiator asks which of these records the responder has, in place of everything else.
    Which {
        /// Ascending; at least one, and at most [`INQUIRY_KEYS_MAX`].
        keys: Vec<Key>,
    },
    /// The responder has those of the records whose bit is set.
    Held {
        /// A bit for each key, the first in the highest bit of the first byte.
        bits: Vec<u8>,
    },
    /// The initiator will ask, want and send nothing more.
    Done,
    /// The sender gives up, and why: see [`SyncError::code`](super::SyncError::code).
    Fail {
        /// The reason as a number.
        code: u64,
    },
}

/// How the initiator opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The newest revision of the protocol that it speaks.
    pub revision: u64,
    /// Its half of the key for short ids; fresh for each session.
    pub nonce: [u8; NONCE_BYTES],
    /// Its time in whole seconds since the epoch.
    pub time: u64,
    /// What it will receive.
    pub intake: Intake,
    /// What it has, in the order of [`Scope`].
    pub scopes: Vec<(Scope, Root)>,
    /// What all fingerprints of the session are taken under, if anything.
    pub salt: Option<Salt>,
}

/// How the responder agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloAck {
    /// The revision that is spoken from here on.
    pub revision: u64,
    /// Its half of the key for short ids.
    pub nonce: [u8; NONCE_BYTES],
    /// The session's time: the later of both; the responder's own when they are too far apart.
    pub time: u64,
    /// What it will receive.
    pub intake: Intake,
    /// The scopes that it has too, ascending; none when it is about to fail the session.
    pub scopes: Vec<Shared>,
}

/// A scope that both sides have, as the responder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The scope, by its position in the [`Hello`].
    pub scope: usize,
    /// What the responder has.
    pub root: Root,
    /// The answer to the whole range, when it differs and there is room.
    pub part: Part,
}

/// How much a side will receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intake {
    /// Bytes of records that may be under way at once: the first credit.
    pub window: u64,
    /// Bytes of records in the whole session.
    pub total: u64,
}

/// A whole scope in a nutshell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    /// How many keys are alive at the sender's time.
    pub count: usize,
    /// Their fingerprint.
    pub fingerprint: Fingerprint,
}

impl Frame {
    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Vec::new();
        match self {
            Self::Hello(hello) => hello.write(&mut w),
            Self::HelloAck(ack) => ack.write(&mut w),
            Self::Ask { scope, spans } => write_spans(&mut w, 2, *scope, spans),
            Self::Answer { parts } => {
                write_kind(&mut w, 3, 1);
                write_count(&mut w, parts.len());
                parts.iter().for_each(|part| write_part(&mut w, part));
            }
            Self::Want { scope, spans } => write_spans(&mut w, 4, *scope, spans),
            Self::Data { scope, records, gone, sequence } => {
                write_kind(&mut w, 5, 4);
                write_uint(&mut w, *scope as u64);
                write_uint(&mut w, *records as u64);
                write_uint(&mut w, *gone as u64);
                write_bytes(&mut w, sequence);
            }
            Self::Credit { bytes } => {
                write_kind(&mut w, 6, 1);
                write_uint(&mut w, *bytes);
            }
            Self::Which { keys } => {
                write_kind(&mut w, 9, 1);
                write_count(&mut w, keys.len() * 2);
                for key in keys {
                    write_uint(&mut w, key.until);
                    write_bytes(&mut w, &key.id.0);
                }
            }
            Self::Held { bits } => {
                write_kind(&mut w, 10, 1);
                write_bytes(&mut w, bits);
            }
            Self::Done => write_kind(&mut w, 7, 0),
            Self::Fail { code } => {
                write_kind(&mut w, 8, 1);
                write_uint(&mut w, *code);
            }
        }
        w
    }

    /// Reads a frame.
    ///
    /// # Errors
    ///
    /// [`FrameError`] when the bytes are too long, no deterministic CBOR, or no frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong);
        }
        let mut r = Reader::new(bytes);
        let items = count(&mut r)?;
        let kind = r.uint()?;
        let frame = match (kind, items) {
            (0, 7) => Self::Hello(Hello::read(&mut r)?),
            (1, 6) => Self::HelloAck(HelloAck::read(&mut r)?),
            (2, 3) => Self::Ask { scope: below(&mut r, SCOPES_MAX)?, spans: read_spans(&mut r)? },
            (3, 2) => {
                let count = count(&mut r)?;
                let parts = (0..count).map(|_| read_part(&mut r)).collect::<Result<_, _>>()?;
                Self::Answer { parts }
            }
            (4, 3) => Self::Want { scope: below(&mut r, SCOPES_MAX)?, spans: read_spans(&mut r)? },
            (5, 5) => Self::Data {
                scope: below(&mut r, SCOPES_MAX)?,
                records: below(&mut r, KEYS_MAX + 1)?,
                gone: below(&mut r, KEYS_MAX + 1)?,
                sequence: r.bytes()?.to_vec(),
            },
            (6, 2) => Self::Credit { bytes: r.uint()? },
            (7, 1) => Self::Done,
            (8, 2) => Self::Fail { code: r.uint()? },
            (9, 2) => Self::Which { keys: read_keys(&mut r)? },
            (10, 2) => match r.bytes()? {
                bits if bits.len() <= INQUIRY_KEYS_MAX / 8 => Self::Held { bits: bits.to_vec() },
                _ => return Err(FrameError::Shape),
            },
            (0..=10, _) => return Err(FrameError::Shape),
            _ => return Err(FrameError::Kind),
        };
        r.end()?;
        Ok(frame)
    }
}

impl Hello {
    /// Returns by how much a clock that shows this second is ahead of the initiator's.
    pub(super) fn offset_of(&self, time: u64) -> Offset {
        Offset::between(Timestamp::from_secs(time), Timestamp::from_secs(self.time))
    }

    fn write(&self, w: &mut Vec<u8>) {
        write_kind(w, 0, 6);
        write_uint(w, self.revision);
        write_bytes(w, &self.nonce);
        write_uint(w, self.time);
        self.intake.write(w);
        write_count(w, self.scopes.len());
        for (scope, root) in &self.scopes {
            write_count(w, 3);
            match scope {
                Scope::Region(region) => write_text(w, region.as_str()),
                Scope::Own(net) => write_bytes(w, net.as_bytes()),
            }
            root.write(w);
        }
        write_bytes(w, self.salt.as_ref().map_or(&[], |salt| &salt.0));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        let (revision, nonce, time) = (r.uint()?, r.array()?, r.uint()?);
        let intake = Intake::read(r)?;
        let count = count(r)?;
        if count > SCOPES_MAX {
            return Err(FrameError::Shape);
        }
        let scopes = (0..count).map(|_| {
            count_of(r, 3)?;
            let scope = if next_is(r, Major::Text) {
                let name = r.text()?;
                Scope::Region(name.parse::<Region>().map_err(|_| FrameError::Shape)?)
            } else {
                Scope::Own(NetId(r.array()?))
            };
            Ok((scope, Root::read(r)?))
        });
        let scopes = scopes.collect::<Result<Vec<_>, FrameError>>()?;
        if !scopes.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(FrameError::Shape);
        }
        let salt = match r.bytes()? {
            [] => None,
            bytes => Some(Salt(bytes.try_into().map_err(|_| FrameError::Shape)?)),
        };
        Ok(Self { revision, nonce, time, intake, scopes, salt })
    }
}

impl HelloAck {
    fn write(&self, w: &mut Vec<u8>) {
        write_kind(w, 1, 5);
        write_uint(w, self.revision);
        write_bytes(w, &self.nonce);
        write_uint(w, self.time);
        self.intake.write(w);
        write_count(w, self.scopes.len());
        for shared in &self.scopes {
            write_count(w, 4);
            write_uint(w, shared.scope as u64);
            shared.root.write(w);
            write_part(w, &shared.part);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        let (revision, nonce, time) = (r.uint()?, r.array()?, r.uint()?);
        let intake = Intake::read(r)?;
        let count = count(r)?;
        if count > SCOPES_MAX {
            return Err(FrameError::Shape);
        }
        let scopes = (0..count).map(|_| {
            count_of(r, 4)?;
            let scope = below(r, SCOPES_MAX)?;
            Ok(Shared { scope, root: Root::read(r)?, part: read_part(r)? })
        });
        let scopes = scopes.collect::<Result<Vec<_>, FrameError>>()?;
        if !scopes.is_sorted_by(|a, b| a.scope < b.scope) {
            return Err(FrameError::Shape);
        }
        Ok(Self { revision, nonce, time, intake, scopes })
    }
}

impl Intake {
    fn write(self, w: &mut Vec<u8>) {
        write_count(w, 2);
        write_uint(w, self.window);
        write_uint(w, self.total);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        count_of(r, 2)?;
        Ok(Self { window: r.uint()?, total: r.uint()? })
    }
}

impl Root {
    fn write(self, w: &mut Vec<u8>) {
        write_uint(w, self.count as u64);
        write_bytes(w, &self.fingerprint.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        Ok(Self { count: below(r, KEYS_MAX + 1)?, fingerprint: Fingerprint(r.array()?) })
    }
}

fn read_keys(r: &mut Reader<'_>) -> Result<Vec<Key>, FrameError> {
    let items = count(r)?;
    if items == 0 || items % 2 != 0 || items > INQUIRY_KEYS_MAX * 2 {
        return Err(FrameError::Shape);
    }
    let keys = (0..items / 2).map(|_| Ok(Key { until: r.uint()?, id: RecordId(r.array()?) }));
    let keys = keys.collect::<Result<Vec<_>, FrameError>>()?;
    if keys.is_sorted_by(|a, b| a < b) { Ok(keys) } else { Err(FrameError::Shape) }
}

fn write_spans(w: &mut Vec<u8>, kind: u64, scope: usize, spans: &[Span]) {
    write_kind(w, kind, 2);
    write_uint(w, scope as u64);
    write_count(w, spans.len() * 2);
    for span in spans {
        write_uint(w, span.start as u64);
        write_uint(w, span.len as u64);
    }
}

fn read_spans(r: &mut Reader<'_>) -> Result<Vec<Span>, FrameError> {
    let items = count(r)?;
    if items == 0 || items % 2 != 0 {
        return Err(FrameError::Shape);
    }
    let spans = (0..items / 2).map(|_| {
        let span = Span { start: below(r, KEYS_MAX)?, len: below(r, KEYS_MAX + 1)? };
        if span.len == 0 { Err(FrameError::Shape) } else { Ok(span) }
    });
    spans.collect()
}
