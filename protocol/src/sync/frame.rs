//! The frames of `/weft/sync/1`: what two nodes say to each other while they reconcile.
//!
//! **Invariant:** a frame has one encoding, deterministic CBOR of at most [`FRAME_BYTES_MAX`]
//! bytes; whatever is decoded encodes to the same bytes; decoding allocates no more than a small
//! multiple of what it was given.

use super::fingerprint::{FINGERPRINT_BYTES, Fingerprint};
use super::scope::Scope;
use super::set::Key;
use super::short::{SHORT_BYTES, ShortId};
use super::span::Span;
use super::wire::{Reader, Writer};
use crate::id::{NetId, RecordId};
use crate::region::Region;

pub use super::wire::FrameError;

/// The longest frame. Larger ones deadlock peers that write before they read; smaller ones cost
/// a verification batch that is too short to be fast.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// The most scopes a session may be about: a bridge has a few regions and its own records.
pub const SCOPES_MAX: usize = 16;

/// The most keys a scope may have. A session's memory and work are linear in it; at this size a
/// set takes 170 MB, beyond what the nodes are meant for.
pub const KEYS_MAX: usize = 1 << 22;

/// The bytes of each side's part of the key for [`ShortId`]s.
pub const NONCE_BYTES: usize = 8;

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
}

/// How the responder agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloAck {
    /// The revision that is spoken from here on.
    pub revision: u64,
    /// Its half of the key for short ids.
    pub nonce: [u8; NONCE_BYTES],
    /// The session's time: the later of both.
    pub time: u64,
    /// What it will receive.
    pub intake: Intake,
    /// The scopes that it has too, ascending.
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

/// How a span of the responder's keys looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Nothing is said; only in a [`HelloAck`].
    Nothing,
    /// Every key by its short id, in order, and then those that are known but unwelcome.
    List(Vec<ShortId>),
    /// Cut into equal pieces: where each piece but the first begins, and the fingerprint of each.
    /// How many keys a piece has follows from the rule of cutting.
    Pieces {
        /// Strictly ascending; one fewer than the fingerprints.
        starts: Vec<Key>,
        /// At least two.
        fingerprints: Vec<Fingerprint>,
    },
}

impl Frame {
    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        match self {
            Self::Hello(hello) => hello.write(&mut w),
            Self::HelloAck(ack) => ack.write(&mut w),
            Self::Ask { scope, spans } => write_spans(&mut w, 2, *scope, spans),
            Self::Answer { parts } => {
                w.begin(3, 1);
                w.array(parts.len());
                parts.iter().for_each(|part| write_part(&mut w, part));
            }
            Self::Want { scope, spans } => write_spans(&mut w, 4, *scope, spans),
            Self::Data { records, gone, sequence } => {
                w.begin(5, 3);
                w.uint(*records as u64);
                w.uint(*gone as u64);
                w.bytes(sequence);
            }
            Self::Credit { bytes } => {
                w.begin(6, 1);
                w.uint(*bytes);
            }
            Self::Done => w.begin(7, 0),
            Self::Fail { code } => {
                w.begin(8, 1);
                w.uint(*code);
            }
        }
        w.finish()
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
        let items = r.array()?;
        let kind = r.uint()?;
        let frame = match (kind, items) {
            (0, 6) => Self::Hello(Hello::read(&mut r)?),
            (1, 6) => Self::HelloAck(HelloAck::read(&mut r)?),
            (2, 3) => Self::Ask { scope: r.below(SCOPES_MAX)?, spans: read_spans(&mut r)? },
            (3, 2) => {
                let count = r.array()?;
                let parts = (0..count).map(|_| read_part(&mut r)).collect::<Result<_, _>>()?;
                Self::Answer { parts }
            }
            (4, 3) => Self::Want { scope: r.below(SCOPES_MAX)?, spans: read_spans(&mut r)? },
            (5, 4) => Self::Data {
                records: r.below(KEYS_MAX + 1)?,
                gone: r.below(KEYS_MAX + 1)?,
                sequence: r.bytes()?.to_vec(),
            },
            (6, 2) => Self::Credit { bytes: r.uint()? },
            (7, 1) => Self::Done,
            (8, 2) => Self::Fail { code: r.uint()? },
            (0..=8, _) => return Err(FrameError::Shape),
            _ => return Err(FrameError::Kind),
        };
        r.end()?;
        Ok(frame)
    }
}

impl Hello {
    fn write(&self, w: &mut Writer) {
        w.begin(0, 5);
        w.uint(self.revision);
        w.bytes(&self.nonce);
        w.uint(self.time);
        self.intake.write(w);
        w.array(self.scopes.len());
        for (scope, root) in &self.scopes {
            w.array(3);
            match scope {
                Scope::Region(region) => w.text(region.as_str()),
                Scope::Own(net) => w.bytes(net.as_bytes()),
            }
            root.write(w);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        let (revision, nonce, time) = (r.uint()?, r.fixed()?, r.uint()?);
        let intake = Intake::read(r)?;
        let count = r.array()?;
        let scopes = (0..count).map(|_| {
            r.array_of(3)?;
            let scope = if r.at_text() {
                let name = r.text()?;
                Scope::Region(name.parse::<Region>().map_err(|_| FrameError::Shape)?)
            } else {
                Scope::Own(NetId(r.fixed()?))
            };
            Ok((scope, Root::read(r)?))
        });
        let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
        if scopes.len() > SCOPES_MAX || !scopes.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(FrameError::Shape);
        }
        Ok(Self { revision, nonce, time, intake, scopes })
    }
}

impl HelloAck {
    fn write(&self, w: &mut Writer) {
        w.begin(1, 5);
        w.uint(self.revision);
        w.bytes(&self.nonce);
        w.uint(self.time);
        self.intake.write(w);
        w.array(self.scopes.len());
        for shared in &self.scopes {
            w.array(4);
            w.uint(shared.scope as u64);
            shared.root.write(w);
            write_part(w, &shared.part);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        let (revision, nonce, time) = (r.uint()?, r.fixed()?, r.uint()?);
        let intake = Intake::read(r)?;
        let count = r.array()?;
        let scopes = (0..count).map(|_| {
            r.array_of(4)?;
            let scope = r.below(SCOPES_MAX)?;
            Ok(Shared { scope, root: Root::read(r)?, part: read_part(r)? })
        });
        let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
        if !scopes.is_sorted_by(|a, b| a.scope < b.scope) {
            return Err(FrameError::Shape);
        }
        Ok(Self { revision, nonce, time, intake, scopes })
    }
}

impl Intake {
    fn write(self, w: &mut Writer) {
        w.array(2);
        w.uint(self.window);
        w.uint(self.total);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        r.array_of(2)?;
        Ok(Self { window: r.uint()?, total: r.uint()? })
    }
}

impl Root {
    fn write(self, w: &mut Writer) {
        w.uint(self.count as u64);
        w.bytes(&self.fingerprint.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FrameError> {
        Ok(Self { count: r.below(KEYS_MAX + 1)?, fingerprint: Fingerprint(r.fixed()?) })
    }
}

fn write_spans(w: &mut Writer, kind: u64, scope: usize, spans: &[Span]) {
    w.begin(kind, 2);
    w.uint(scope as u64);
    w.array(spans.len() * 2);
    for span in spans {
        w.uint(span.start as u64);
        w.uint(span.len as u64);
    }
}

fn read_spans(r: &mut Reader<'_>) -> Result<Vec<Span>, FrameError> {
    let items = r.array()?;
    if items == 0 || items % 2 != 0 {
        return Err(FrameError::Shape);
    }
    let spans = (0..items / 2).map(|_| {
        let span = Span { start: r.below(KEYS_MAX)?, len: r.below(KEYS_MAX + 1)? };
        if span.len == 0 { Err(FrameError::Shape) } else { Ok(span) }
    });
    spans.collect()
}

fn write_part(w: &mut Writer, part: &Part) {
    match part {
        Part::Nothing => w.bytes(&[]),
        Part::List(ids) => w.bytes(ids.as_flattened()),
        Part::Pieces { starts, fingerprints } => {
            w.array(2);
            w.array(starts.len());
            let mut previous = 0;
            for key in starts {
                write_start(w, key, previous);
                previous = key.until;
            }
            w.begin_bytes(fingerprints.len() * FINGERPRINT_BYTES);
            fingerprints.iter().for_each(|fingerprint| w.raw(&fingerprint.0));
        }
    }
}

/// A start is the distance of its end from the previous one's, and as much of the id as is needed.
fn write_start(w: &mut Writer, key: &Key, previous: u64) {
    let digits = key.id.0.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if digits > 0 {
        w.array(2);
    }
    w.uint(key.until - previous);
    if digits > 0 {
        w.bytes(&key.id.0[..digits]);
    }
}

fn read_part(r: &mut Reader<'_>) -> Result<Part, FrameError> {
    if r.at_bytes() {
        let (ids, rest) = r.bytes()?.as_chunks::<SHORT_BYTES>();
        return match (ids, rest) {
            (_, [_, ..]) => Err(FrameError::Shape),
            ([], []) => Ok(Part::Nothing),
            (ids, []) => Ok(Part::List(ids.to_vec())),
        };
    }
    r.array_of(2)?;
    let count = r.array()?;
    let mut previous = Key::FIRST;
    let starts = (0..count).map(|_| {
        let key = read_start(r, previous.until)?;
        if key <= previous {
            return Err(FrameError::Shape);
        }
        previous = key;
        Ok(key)
    });
    let starts = starts.collect::<Result<Vec<_>, _>>()?;
    let (prints, rest) = r.bytes()?.as_chunks::<FINGERPRINT_BYTES>();
    if !rest.is_empty() || prints.len() != count + 1 || count == 0 {
        return Err(FrameError::Shape);
    }
    Ok(Part::Pieces { starts, fingerprints: prints.iter().copied().map(Fingerprint).collect() })
}

fn read_start(r: &mut Reader<'_>, previous: u64) -> Result<Key, FrameError> {
    let with_id = r.at_array();
    if with_id {
        r.array_of(2)?;
    }
    let until = previous.checked_add(r.uint()?).ok_or(FrameError::Shape)?;
    let mut id = [0; 32];
    if with_id {
        let digits = r.bytes()?;
        if digits.last().is_none_or(|last| *last == 0) || digits.len() > id.len() {
            return Err(FrameError::Shape);
        }
        id[..digits.len()].copy_from_slice(digits);
    }
    Ok(Key { until, id: RecordId(id) })
}
