//! One side of one conversation: what it is given, what it returns, and how long it may take.
//!
//! **Invariant:** a session ends exactly once, by [`Output::Finished`], [`Output::Answered`] or
//! [`Output::Failed`], and nothing comes of it afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::error::SyncError;
use super::fingerprint::Salt;
use super::frame::{Frame, FrameError, Intake, NONCE_BYTES};
use super::initiator::Initiator;
use super::inquiry::{self, ANSWER_MAX};
use super::responder::Responder;
use super::scope::Scope;
use super::set::Key;
use super::side::Holding;
use crate::id::RecordId;
use crate::time::{Offset, Timestamp};

/// The revision of the protocol that is spoken here.
pub(super) const REVISION: u64 = 1;

/// How far apart the clocks of two nodes may be. Within a set's order the times between them are
/// in doubt; five minutes are far more than a node with any time service is off.
pub const CLOCKS_APART_MAX: Duration = Duration::from_secs(5 * 60);

/// The most wanted records that have not come: at 600 bytes they fill the ordinary window.
pub(super) const WANTED_MAX: usize = 4096;

/// How long the peer may be silent: longer than any honest pause between two frames.
pub const SILENCE_MAX: Duration = Duration::from_secs(20);

/// How long a session may last; what is not done then is done in the next one.
pub const SESSION_MAX: Duration = Duration::from_secs(5 * 60);

/// The most bytes that an honest peer makes a session queue for sending: 4 MiB of records on credit
/// and 1 MiB of answers, with as much again to spare. A driver stops reading from a stream while
/// more wait to be written to it; then a peer that does not read stops only itself.
pub const QUEUED_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Reads record bytes for a session; lent to each call that may send records.
pub trait Source {
    /// Returns what is held under the id.
    fn bytes(&mut self, id: &RecordId) -> Answer;
}

/// What a [`Source`] holds under an id that is in one of its sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The whole record, as it was signed.
    Bytes(Arc<[u8]>),
    /// A stub: the record was refused or erased here, and is not to be had.
    Gone,
    /// It left meanwhile, or cannot be read now.
    Missing,
}

/// How a session begins, on either side.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The time by this node's clock.
    pub now: Timestamp,
    /// Fresh randomness.
    pub nonce: [u8; NONCE_BYTES],
    /// How much this node will receive.
    pub intake: Intake,
    /// What this node has, and shows to this peer.
    pub holdings: BTreeMap<Scope, Holding>,
    /// Under what the initiator lets both compare, once in a while; the responder has no say.
    pub salt: Option<Salt>,
}

/// What is to be done now, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send the frame to the peer.
    Send(Frame),
    /// Verify and keep these records of a scope, a CBOR sequence from a stranger; then call
    /// [`Session::credit`] with the length of the sequence, whatever became of them.
    Deliver(Scope, Vec<u8>),
    /// By how much the peer's clock is ahead of ours, as far as the greeting tells: of a responder whose
    /// clock is behind by no more than [`CLOCKS_APART_MAX`] it tells no more than that.
    Clock(Offset),
    /// The initiator made us hash so many ids.
    Hashed(usize),
    /// How far the session is; the numbers grow while differences are found.
    Progress(Progress),
    /// The session is over and went well. Close the stream when everything is sent.
    Finished(Stats),
    /// The session is over: it was a question about single records. These are those that the peer says
    /// it has; none at the side that was asked. Close the stream when everything is sent.
    Answered(Vec<Key>),
    /// The session is over and did not go well. Close the stream.
    Failed(SyncError),
}

/// How far a session is: "1 204 of 9 871".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records received, sent, or found not to be had.
    pub done: usize,
    /// Records that are known to differ so far.
    pub total: usize,
}

/// What a session did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Exchanges until all differences were known, the greeting included; 0 at the responder.
    pub rounds: usize,
    /// Records received.
    pub received: usize,
    /// Records sent.
    pub sent: usize,
    /// Wanted records that the peer does not have to give.
    pub gone: usize,
    /// Whether a limit of [`Intake::total`] ended the session before everything was moved: meet
    /// again soon.
    pub more: bool,
}

/// One side of one conversation with one peer.
#[derive(Debug)]
pub struct Session {
    role: Role,
    began: Timestamp,
    heard: Timestamp,
    progress: Progress,
}

#[derive(Debug)]
enum Role {
    Initiator(Box<Initiator>),
    /// Waits to hear which of these records the peer has.
    Asker(Vec<Key>),
    Responder(Box<Responder>),
    Over,
}

impl Session {
    /// Opens a session as the initiator, who asks.
    ///
    /// # Errors
    ///
    /// [`SyncError::TooLarge`] when a set, or the number of scopes, is beyond the limits.
    pub fn open(opening: Opening) -> Result<(Self, Vec<Output>), SyncError> {
        let now = opening.now;
        let (initiator, hello) = Initiator::open(opening)?;
        let session = Self::new(Role::Initiator(Box::new(initiator)), now);
        Ok((session, vec![Output::Send(hello)]))
    }

    /// Opens a session as one who asks which of these records the peer has, and nothing else: at least
    /// one and at most [`INQUIRY_KEYS_MAX`](super::INQUIRY_KEYS_MAX), in ascending order.
    pub fn ask(now: Timestamp, keys: Vec<Key>) -> (Self, Vec<Output>) {
        let which = Frame::Which { keys: keys.clone() };
        (Self::new(Role::Asker(keys), now), vec![Output::Send(which)])
    }

    /// Accepts a session as the responder, who answers.
    pub fn accept(opening: Opening) -> Self {
        let now = opening.now;
        Self::new(Role::Responder(Box::new(Responder::Listening(Some(opening)))), now)
    }

    fn new(role: Role, now: Timestamp) -> Self {
        Self { role, began: now, heard: now, progress: Progress::default() }
    }

    /// Takes a frame of the peer. After the end of the session nothing comes of it.
    pub fn handle(
        &mut self,
        now: Timestamp,
        frame: Frame,
        source: &mut impl Source,
    ) -> Vec<Output> {
        self.heard = now;
        let mut out = Vec::new();
        let end = match (&mut self.role, frame) {
            (Role::Over, _) => return out,
            (_, Frame::Fail { code }) => Err(SyncError::Peer(code)),
            (Role::Initiator(initiator), frame) => {
                initiator.handle(frame, source, &mut out).map(|stats| stats.map(Output::Finished))
            }
            (Role::Asker(keys), Frame::Held { bits }) => {
                inquiry::read(keys, &bits).map(|held| Some(Output::Answered(held)))
            }
            (Role::Asker(_), _) => Err(SyncError::Unexpected),
            (Role::Responder(responder), Frame::Which { keys }) => {
                responder.held(&keys, source).map(|bits| {
                    out.push(Output::Send(Frame::Held { bits }));
                    Some(Output::Answered(Vec::new()))
                })
            }
            (Role::Responder(responder), frame) => {
                responder.handle(frame, source, &mut out).map(|stats| stats.map(Output::Finished))
            }
        };
        let progress = self.progress();
        if progress != self.progress {
            self.progress = progress;
            out.push(Output::Progress(progress));
        }
        match end {
            Ok(None) => {}
            Ok(Some(over)) => {
                self.role = Role::Over;
                out.push(over);
            }
            Err(error) => out.extend(self.fail(error)),
        }
        out
    }

    /// Ends the session because the peer sent what is no frame.
    pub fn refuse(&mut self, error: FrameError) -> Vec<Output> {
        self.fail(error.into())
    }

    /// Says that so many delivered bytes were dealt with, so that the peer may send as many more.
    pub fn credit(&mut self, now: Timestamp, bytes: usize) -> Vec<Output> {
        self.heard = now;
        let credit = match &mut self.role {
            Role::Initiator(initiator) => initiator.release(bytes),
            Role::Responder(responder) => responder.release(bytes),
            Role::Asker(_) | Role::Over => None,
        };
        credit.map(Output::Send).into_iter().collect()
    }

    /// Ends the session if the peer has been silent, or the session has lasted, for too long.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Output> {
        if now.since(self.began) >= SESSION_MAX {
            self.fail(SyncError::Overlong)
        } else if now.since(self.heard) >= self.patience() {
            self.fail(SyncError::Silent)
        } else {
            Vec::new()
        }
    }

    /// The moment at which [`Session::expire`] is due; none when the session is over.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self.role {
            Role::Over => None,
            Role::Initiator(_) | Role::Asker(_) | Role::Responder(_) => {
                Some((self.heard + self.patience()).min(self.began + SESSION_MAX))
            }
        }
    }

    /// How far the session is.
    pub fn progress(&self) -> Progress {
        match &self.role {
            Role::Initiator(initiator) => initiator.progress(),
            Role::Responder(responder) => responder.progress(),
            Role::Asker(_) | Role::Over => self.progress,
        }
    }

    /// How long the peer may be silent.
    fn patience(&self) -> Duration {
        if matches!(self.role, Role::Asker(_)) { ANSWER_MAX } else { SILENCE_MAX }
    }

    fn fail(&mut self, error: SyncError) -> Vec<Output> {
        if matches!(std::mem::replace(&mut self.role, Role::Over), Role::Over) {
            return Vec::new();
        }
        let told = match error {
            SyncError::Peer(_) => None,
            ref own => Some(Output::Send(Frame::Fail { code: own.code() })),
        };
        told.into_iter().chain([Output::Failed(error)]).collect()
    }
}
