//! Range-based set reconciliation: what two nodes say to each other until both have every record.
//!
//! A [`Session`] is one side of one conversation over one stream. It is fed [`Frame`]s and returns
//! [`Output`]s; it holds snapshots of the sets it is about ([`Set`], [`Snapshot`]) and reads record
//! bytes through a [`Source`] that is lent to each call.
//!
//! * [`Session::open`], [`Session::ask`] or [`Session::accept`] begins;
//! * [`Session::handle`] takes a frame of the peer, [`Session::refuse`] what was none;
//! * [`Session::credit`] says that delivered records were dealt with, so that more may come;
//! * [`Session::expire`] is due at [`Session::deadline`].
//!
//! **Invariant:** nothing here reads a clock, draws randomness, or stores a record; a delivered
//! record is bytes from a stranger until the caller has verified it.
//!
//! Most compare sets; one that begins by [`Session::ask`] is a question about single records, and its answer.
//!
//! **Invariant:** only the initiator asks; the responder keeps a snapshot and a queue of bounded
//! length. Nothing a peer sends makes a session hold or do more than its own sets and the limits
//! stated here allow; whatever else it sends ends the session with a named [`SyncError`].
//!
//! **Invariant:** a session that breaks at any frame has lost nothing: what was delivered is in the
//! caller's sets, so the next session finds those ranges equal and goes on with the rest. There is
//! no cursor, because the set itself is the cursor.

mod session;

mod initiator;
mod responder;
mod search;

mod error;
mod fingerprint;
mod flow;
mod found;
mod frame;
mod inquiry;
mod part;
mod scope;
mod set;
mod short;
mod side;
mod span;
mod wire;

pub use error::{GivenUp, Reason, SyncError};
pub use fingerprint::{FINGERPRINT_BYTES, Fingerprint, SALT_BYTES, Salt};
pub use frame::{
    FRAME_BYTES_MAX, Frame, FrameError, Hello, HelloAck, Intake, KEYS_MAX, NONCE_BYTES, Root,
    SCOPES_MAX, Shared,
};
pub use inquiry::{ANSWER_MAX, INQUIRY_KEYS_MAX};
pub use part::Part;
pub use scope::Scope;
pub use session::{
    Answer, CLOCKS_APART_MAX, Opening, Output, Progress, QUEUED_BYTES_MAX, SESSION_MAX,
    SILENCE_MAX, Session, Source, Stats,
};
pub use set::{Key, Set, Snapshot};
pub use short::{SHORT_BYTES, ShortId};
pub use side::Holding;
pub use span::Span;

#[cfg(test)]
mod tests;
