//! Who else has a record, by their own word.
//!
//! **Invariant:** a node counts as having a record only once it has said so itself, since this was
//! asked; what it says of others, or of what was not asked, counts for nothing
//! (`who_has_a_record_is_known_from_those_alone_who_have_said_so`).
//!
//! **Invariant:** at most [`ASKINGS_MAX`] people wait, for [`PATIENCE`] at the most; about each record at
//! most [`ASKED_MAX`] nodes are asked, and each node once in [`BREATH`], about everything that is open
//! with it, however many ask (`many_who_ask_share_one_question_to_a_node`). Nothing of it is kept
//! when the answer has been given.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::durable::After;
use super::{Effect, Engine, RequestId, SessionId, Store};
use crate::control::{Failure, Held, Response};
use crate::id::{NodeId, RecordId};
use crate::sync::{INQUIRY_KEYS_MAX, Key, Scope};
use crate::time::Timestamp;

/// The most people who wait to hear who has a record: as many as there are long answers under way.
const ASKINGS_MAX: usize = 64;

const _: () =
    assert!(ASKINGS_MAX <= INQUIRY_KEYS_MAX, "one question to a node is about all of them");

/// The most nodes that are asked about one record: as many as gossip hands it to, and some.
pub const ASKED_MAX: usize = 8;

/// How long whoever has posted something waits to hear who has it.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// How long after the question nodes are asked: what was just told is verified and on their disks by
/// then, on an ordinary line.
const FIRST: Duration = Duration::from_millis(50);

/// How long after "not yet", or no answer, a node is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// How often a node says "not yet" before it is believed: it may refuse the record, and does not say so.
const DENIALS: u8 = 3;

/// How long the others are waited for when one has said that it has the record.
const GRACE: Duration = Duration::from_millis(400);

/// The least time between two questions to one node.
const BREATH: Duration = Duration::from_millis(200);

/// What a peer that asks pays of its hour for a question, and for each record of it: each is looked
/// up on the disk.
const PRICE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_micros(100));

/// What a node has said of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Nothing yet, or so often that it does not have it; when it is asked again, if it is not being
    /// asked just now.
    Open { denials: u8, next: Timestamp },
    /// It has it.
    Has,
    /// It does not have it, and was asked often enough.
    Lacks,
    /// It is gone.
    Gone,
}

/// Somebody who waits to hear who has a record.
#[derive(Debug)]
struct Asking {
    key: Key,
    ends: Timestamp,
    nodes: BTreeMap<NodeId, Said>,
}

impl Asking {
    fn is_over(&self, now: Timestamp) -> bool {
        let open = |said: &Said| matches!(said, Said::Open { .. });
        self.ends <= now || !self.nodes.values().any(open)
    }

    fn held(&self) -> Held {
        let count = |fits: fn(&Said) -> bool| {
            let of = self.nodes.values().filter(|said| fits(said)).count();
            u32::try_from(of).unwrap_or(u32::MAX)
        };
        let lacks = |said: &Said| matches!(said, Said::Lacks | Said::Open { denials: 1.., .. });
        let silent = |said: &Said| matches!(said, Said::Gone | Said::Open { denials: 0, .. });
        Held {
            id: self.key.id,
            has: count(|said| *said == Said::Has),
            lacks: count(lacks),
            silent: count(silent),
        }
    }
}

/// Who waits, and whom they wait for.
#[derive(Debug, Default)]
pub(super) struct Holders {
    askings: BTreeMap<RequestId, Asking>,
    /// Until when a node is asked nothing more.
    rests: BTreeMap<NodeId, Timestamp>,
}

impl Holders {
    /// Somebody wants to know which of these nodes has a record. Says whether there is room.
    fn begin(
        &mut self,
        now: Timestamp,
        request: RequestId,
        (key, nodes): (Key, BTreeSet<NodeId>),
    ) -> bool {
        let room = self.askings.len() < ASKINGS_MAX;
        if room {
            let said = Said::Open { denials: 0, next: now + FIRST };
            let nodes = nodes.into_iter().map(|node| (node, said)).collect();
            self.askings.insert(request, Asking { key, ends: now + PATIENCE, nodes });
        }
        room
    }

    /// Returns whom to ask now, and about what: everything that is open with a node of which something
    /// is due.
    fn due(&mut self, now: Timestamp, free: impl Fn(NodeId) -> bool) -> Vec<(NodeId, Vec<Key>)> {
        self.rests.retain(|_, until| *until > now);
        let is_due = |said: &Said| matches!(said, Said::Open { next, .. } if *next <= now);
        let open = self.askings.values().flat_map(|asking| &asking.nodes);
        let due: BTreeSet<NodeId> =
            open.filter(|(_, said)| is_due(said)).map(|(node, _)| *node).collect();
        let mut asked = Vec::new();
        for node in due.into_iter().filter(|node| free(*node)) {
            if self.rests.contains_key(&node) {
                continue;
            }
            self.rests.insert(node, now + BREATH);
            let mut keys = BTreeSet::new();
            for asking in self.askings.values_mut() {
                if let Some(Said::Open { next, .. }) = asking.nodes.get_mut(&node) {
                    keys.insert(asking.key);
                    *next = Timestamp::NEVER;
                }
            }
            asked.push((node, keys.into_iter().collect()));
        }
        asked
    }

    /// A node has answered, or has not. Returns whether it lacks something for good.
    fn heard(
        &mut self,
        now: Timestamp,
        (node, asked): (NodeId, &[Key]),
        held: Option<&[Key]>,
    ) -> bool {
        let mut lacks = false;
        for asking in self.askings.values_mut().filter(|asking| asked.contains(&asking.key)) {
            let Some(said) = asking.nodes.get_mut(&node) else { continue };
            let Said::Open { denials, .. } = *said else { continue };
            *said = match held {
                Some(held) if held.contains(&asking.key) => Said::Has,
                Some(_) if denials + 1 >= DENIALS => Said::Lacks,
                Some(_) => Said::Open { denials: denials + 1, next: now + AGAIN },
                None => Said::Open { denials, next: now + AGAIN },
            };
            lacks |= *said == Said::Lacks;
            if *said == Said::Has {
                asking.ends = asking.ends.min(now + GRACE);
            }
        }
        lacks
    }

    /// A node is gone.
    pub(super) fn parted(&mut self, node: NodeId) {
        for asking in self.askings.values_mut() {
            if let Some(said @ Said::Open { .. }) = asking.nodes.get_mut(&node) {
                *said = Said::Gone;
            }
        }
    }

    /// Returns who has waited long enough, and what they are told.
    fn over(&mut self, now: Timestamp) -> Vec<(RequestId, Held)> {
        let over = self.askings.iter().filter(|(_, asking)| asking.is_over(now));
        let over: Vec<_> = over.map(|(request, asking)| (*request, asking.held())).collect();
        over.iter().for_each(|(request, _)| self.forget(*request));
        over
    }

    /// Whoever asked has gone.
    pub(super) fn forget(&mut self, request: RequestId) {
        self.askings.remove(&request);
    }

    /// The next moment at which somebody is to be asked, or told.
    pub(super) fn deadline(&self, free: impl Fn(NodeId) -> bool) -> Option<Timestamp> {
        let rested = |node: &NodeId| self.rests.get(node).copied().unwrap_or(Timestamp::ZERO);
        let due = |(node, said): (&NodeId, &Said)| match said {
            Said::Open { next, .. } if *next != Timestamp::NEVER && free(*node) => {
                Some((*next).max(rested(node)))
            }
            _ => None,
        };
        let askings = self.askings.values();
        askings.flat_map(|a| a.nodes.iter().filter_map(due).chain([a.ends])).min()
    }
}

impl Engine {
    /// Somebody wants to know which other nodes have a record.
    pub(super) fn who_has<S: Store>(
        &mut self,
        now: Timestamp,
        (request, id): (RequestId, RecordId),
        store: &mut S,
    ) -> Result<(), S::Error> {
        let Some(summary) = self.ledger.summary(&id) else {
            self.reply(request, vec![Response::Failed(Failure::NotFound)]);
            return Ok(());
        };
        let nodes = self.sharing(&id, store)?;
        if !self.holders.begin(now, request, (Key::of(summary.until, id), nodes)) {
            self.reply(request, vec![Response::Failed(Failure::Busy)]);
        }
        Ok(())
    }

    /// Returns some of the connected nodes that share a set with us in which this record is: first
    /// those whom we chose.
    fn sharing<S: Store>(
        &self,
        id: &RecordId,
        store: &mut S,
    ) -> Result<BTreeSet<NodeId>, S::Error> {
        let mut nodes = BTreeSet::new();
        for scope in self.ledger.scopes_with(id) {
            for (chosen, node) in self.syncs.all() {
                let shares = match &scope {
                    Scope::Region(region) => self.syncs.regions(node).contains(region),
                    Scope::Own(net) => self.publishes(net, node, store)?,
                };
                nodes.extend(shares.then_some((!chosen, node)));
            }
        }
        Ok(nodes.into_iter().take(ASKED_MAX).map(|(_, node)| node).collect())
    }

    /// Asks whom it is time to ask, and tells those who have waited long enough.
    pub(super) fn ask_holders(&mut self, now: Timestamp) {
        for (node, keys) in self.holders.due(now, |node| self.syncs.is_free(node)) {
            // Each that begins takes a place.
            if self.syncs.is_free(node) {
                self.syncs.inquire(now, (node, keys), &mut self.out);
            } else {
                self.holders.heard(now, (node, &keys), None);
            }
        }
        for (request, held) in self.holders.over(now) {
            self.reply(request, vec![Response::Held(held)]);
        }
    }

    /// An inquiry of ours is over, with or without an answer. Says whether it was one.
    pub(super) fn inquired(
        &mut self,
        now: Timestamp,
        session: SessionId,
        held: Option<&[Key]>,
    ) -> bool {
        let Some((node, asked)) = self.syncs.end_inquiry(session) else { return false };
        self.out.push(Effect::Close(session));
        if self.holders.heard(now, (node, &asked), held) {
            // Gossip did not bring it, or it is not wanted there: comparing tells.
            self.syncs.ask(now, node, &mut self.dice);
        }
        true
    }

    /// A peer has asked about so many records, and is answered: what it hears is true of the disk.
    pub(super) fn answer_inquiry(&mut self, now: Timestamp, session: SessionId) {
        self.charge(now, session);
        self.syncs.drop(session);
        let free = self.durable.follow(vec![After::Do(Effect::Close(session))]);
        self.set_free(now, free);
    }

    /// A peer asks about so many records: it pays, and is not answered while nothing can be said.
    pub(super) fn takes_inquiry(
        &mut self,
        now: Timestamp,
        session: SessionId,
        keys: usize,
    ) -> bool {
        let Some(peer) = self.syncs.peer(session) else { return false };
        let (question, key) = PRICE;
        let time = question + key * u32::try_from(keys).unwrap_or(u32::MAX);
        self.gate.charge_time(peer, time, now);
        self.takes_writes()
    }
}
