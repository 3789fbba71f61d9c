//! One side of one conversation.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::SyncError;
use super::frame::{Frame, FrameError, Intake, NONCE_BYTES};
use super::scope::Scope;
use super::set::Snapshot;
use crate::id::RecordId;
use crate::time::Timestamp;

/// The longest record (specification, section 4.1). Twice as long would still fit a frame.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;

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

/// What a node brings to a session about one scope.
#[derive(Debug, Clone, Default)]
pub struct Holding {
    /// What is reconciled: current records and stubs.
    pub set: Arc<Snapshot>,
    /// Keys that are known but unwelcome for now, and for which there is no stub: they do not
    /// count, and are neither asked for nor to be sent. The caller forgets them after an hour.
    pub declined: Arc<Snapshot>,
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
}

/// What is to be done now, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send the frame to the peer.
    Send(Frame),
    /// Verify and keep these records, a CBOR sequence from a stranger; then call
    /// [`Session::credit`] with the length of the sequence, whatever became of them.
    Deliver(Vec<u8>),
    /// How far the session is; the numbers grow while differences are found.
    Progress(Progress),
    /// The session is over and went well. Close the stream when everything is sent.
    Finished(Stats),
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
    over: bool,
}

impl Session {
    /// Opens a session as the initiator, who asks.
    ///
    /// # Errors
    ///
    /// [`SyncError::TooLarge`] when a set, or the number of scopes, is beyond the limits.
    pub fn open(opening: Opening) -> Result<(Self, Vec<Output>), SyncError> {
        let _ = opening;
        Ok((Self { over: false }, Vec::new()))
    }

    /// Accepts a session as the responder, who answers.
    pub fn accept(opening: Opening) -> Self {
        let _ = opening;
        Self { over: false }
    }

    /// Takes a frame of the peer. After the end of the session nothing comes of it.
    pub fn handle(
        &mut self,
        now: Timestamp,
        frame: Frame,
        source: &mut impl Source,
    ) -> Vec<Output> {
        let _ = (now, frame, source);
        Vec::new()
    }

    /// Ends the session because the peer sent what is no frame.
    pub fn refuse(&mut self, error: FrameError) -> Vec<Output> {
        self.over = true;
        vec![Output::Failed(error.into())]
    }

    /// Says that so many delivered bytes were dealt with, so that the peer may send as many more.
    pub fn credit(&mut self, now: Timestamp, bytes: usize) -> Vec<Output> {
        let _ = (now, bytes);
        Vec::new()
    }

    /// Ends the session if the peer has been silent, or the session has lasted, for too long.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Output> {
        let _ = now;
        Vec::new()
    }

    /// The moment at which [`Session::expire`] is due; none when the session is over.
    pub fn deadline(&self) -> Option<Timestamp> {
        None
    }
}
