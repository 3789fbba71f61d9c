//! How a command ends, for people and for scripts.
//!
//! **Invariant:** the numbers never change their meaning; scripts count on them.

use std::fmt;
use std::io::ErrorKind;
use std::process::ExitCode;

use crate::words::{Say, Speech};

/// What the program tells its caller when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It is done.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command was not understood.
    Usage = 2,
    /// What was named is not here.
    NotFound = 3,
    /// The network's rules, or a person, refused it.
    Refused = 4,
    /// It is kept on this node, and no other node has it yet.
    NoPeerYet = 5,
    /// Something that was to be verified does not hold.
    NotVerified = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended other than well: a sentence for people and a number for scripts.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The number.
    pub(crate) exit: Exit,
    /// The sentence: what happened, and what to do next.
    pub(crate) say: Say,
}

impl Failure {
    /// Makes the error that ends a command with this number and this sentence.
    pub(crate) fn ending(exit: Exit, say: Say) -> anyhow::Error {
        Self { exit, say }.into()
    }

    /// Makes the error of a command that was understood and could not be done.
    pub(crate) fn failed(say: Say) -> anyhow::Error {
        Self::ending(Exit::Failed, say)
    }

    /// Makes the error of words on the command line that mean nothing.
    pub(crate) fn usage(what: impl fmt::Display, why: impl fmt::Display) -> anyhow::Error {
        Self::ending(Exit::Usage, Say::BadWords { what: what.to_string(), why: why.to_string() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Speech::English.say(&self.say))
    }
}

impl std::error::Error for Failure {}

/// Says whether nobody knows what the node has done: it went away, or it answered what makes no
/// sense. What it refused in words, it has not done.
pub(crate) fn is_uncertain(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<Failure>() {
        Some(failure) => matches!(failure.say, Say::NodeGone | Say::NodeHangs | Say::StrangeAnswer),
        None => true,
    }
}

/// Says whether the node has answered that it does not have what was asked for.
pub(crate) fn is_absence(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.exit == Exit::NotFound)
}

/// Returns what an error says to people, where that is known.
pub(crate) fn failure(error: &anyhow::Error) -> Option<&Say> {
    error.downcast_ref::<Failure>().map(|failure| &failure.say)
}

/// Says something better than that the node does not have it, which may be on its way.
pub(crate) fn absent(error: anyhow::Error, say: Say) -> anyhow::Error {
    if is_absence(&error) { Failure::ending(Exit::NotFound, say) } else { error }
}

/// Returns the number and the sentence of an error.
pub(crate) fn explain(error: &anyhow::Error, speech: Speech) -> (Exit, String) {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return (failure.exit, speech.say(&failure.say));
    }
    let mut io = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    if io.any(|io| matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) {
        return (Exit::Failed, speech.say(&Say::DiskFull));
    }
    // What only the system can say: which file, and why.
    (Exit::Failed, speech.say(&Say::Surroundings { why: format!("{error:#}.") }))
}

/// Says whether the reader of our output has gone, as `weft call list | head` makes it: that is
/// its right and no failure of ours.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut io = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.any(|io| io.kind() == ErrorKind::BrokenPipe)
}
