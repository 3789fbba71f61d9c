//! What waits for the disk.
//!
//! **Invariant:** nothing is acknowledged, told or passed on before the batch that it is in is
//! durable, and then in the order in which it came.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Effect, RequestId, Seq, SessionId};
use crate::region::Region;

/// The most batches that wait for the disk. At some hundred records a batch this is more than a
/// disk can be behind without being broken; the engine then asks for patience instead of memory.
pub const BATCHES_MAX: usize = 4096;

/// What is to happen once a batch is durable.
#[derive(Debug)]
pub(super) enum After {
    /// Do this.
    Do(Effect),
    /// Gossip this record in this region.
    Publish(Region, Arc<[u8]>),
    /// Tell the peer that so many bytes were dealt with.
    Credit(SessionId, usize),
}

/// What waits for the disk.
#[derive(Debug, Default)]
pub(super) struct Durable {
    batches: VecDeque<(Seq, Vec<After>)>,
    refusing: Option<String>,
}

impl Durable {
    /// Holds this back until the batch is durable.
    pub(super) fn hold(&mut self, seq: Seq, after: Vec<After>) {
        self.batches.push_back((seq, after));
    }

    /// Holds this back until all batches that wait are durable; returns it when none does. Who is
    /// told that a record is here already may rely on it as on an acknowledgement.
    pub(super) fn follow(&mut self, after: Vec<After>) -> Vec<After> {
        match self.batches.back_mut() {
            Some((_, last)) => {
                last.extend(after);
                Vec::new()
            }
            None => after,
        }
    }

    /// Returns what a durable batch sets free.
    pub(super) fn release(&mut self, persisted: Seq) -> Vec<After> {
        let mut free = Vec::new();
        while self.batches.front().is_some_and(|(seq, _)| *seq <= persisted) {
            free.extend(self.batches.pop_front().into_iter().flat_map(|(_, after)| after));
        }
        free
    }

    /// Takes back the acknowledgements that wait: who waits for one is to be told that there will
    /// be none. The rest happens when the disk takes again.
    pub(super) fn take_replies(&mut self) -> Vec<RequestId> {
        let mut waiting = Vec::new();
        for (_, after) in &mut self.batches {
            after.retain(|after| match after {
                After::Do(Effect::Reply { request, .. }) => {
                    waiting.push(*request);
                    false
                }
                After::Do(_) | After::Publish(..) | After::Credit(..) => true,
            });
        }
        waiting
    }

    /// Says whether more can wait.
    pub(super) fn has_room(&self) -> bool {
        self.batches.len() < BATCHES_MAX
    }

    /// Notes why the disk refuses, or that it takes again.
    pub(super) fn set_refusing(&mut self, why: Option<String>) {
        self.refusing = why;
    }

    /// Says why nothing can be made durable at the moment.
    pub(super) fn refusing(&self) -> Option<&str> {
        self.refusing.as_deref()
    }
}
