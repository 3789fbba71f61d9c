//! The parts of a node, each of which ends with it and never before.
//!
//! **Invariant:** a part that ends before the node was told to, whether it panicked or returned, ends the
//! node: none is dead while the others run on and people believe that all is well.

use std::fmt;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::task::JoinSet;

/// A part without which a node is not what it says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The thread that decides.
    Engine,
    /// The task that owns the connections.
    Transport,
    /// The threads that verify signatures.
    Workers,
    /// The thread that writes the journal.
    Journal,
    /// The thread that keeps the index.
    Index,
    /// The door of the operator.
    Door,
    /// The door that is open from anywhere.
    FarDoor,
    /// The task that writes down what the operator chooses.
    Choices,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engine => "engine",
            Self::Transport => "transport",
            Self::Workers => "verifying workers",
            Self::Journal => "journal",
            Self::Index => "index",
            Self::Door => "door",
            Self::FarDoor => "far door",
            Self::Choices => "keeper of choices",
        })
    }
}

/// The parts that are tasks. Dropping it ends them.
#[derive(Debug, Default)]
pub(crate) struct Parts(JoinSet<Part>);

impl Parts {
    /// Starts a part.
    pub(crate) fn start(&mut self, part: Part, work: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(async move {
            // What a panic says is in the log; here it is an end like others.
            AssertUnwindSafe(work).catch_unwind().await.ok();
            part
        });
    }

    /// Waits for the next part to end; none when all have.
    pub(crate) async fn end(&mut self) -> Option<Part> {
        let ended = self.0.join_next().await?;
        // Nobody aborts them, and their panics are caught.
        ended.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn h13_a_task_that_returns_and_one_that_panics_are_both_noticed() {
        let mut parts = Parts::default();
        parts.start(Part::Door, std::future::pending());
        parts.start(Part::Choices, std::future::ready(()));
        assert_eq!(parts.end().await, Some(Part::Choices));
        parts.start(Part::FarDoor, async { panic!("a fault of ours") });
        assert_eq!(parts.end().await, Some(Part::FarDoor));
        parts.start(Part::FarDoor, std::future::ready(()));
        assert_eq!(parts.end().await, Some(Part::FarDoor), "the door still runs");
    }
}
