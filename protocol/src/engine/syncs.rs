//! Whom this node reconciles with, and when.
//!
//! It reconciles when it meets a node (the one of the lower id begins), at a jittered interval
//! with a random one of each region, sooner when there was news by gossip, soon after something new
//! came from another, and soon when something referred to is missing.
//!
//! **Invariant:** with one peer at most one conversation each way is under way, at most
//! [`SESSIONS_MAX`] in all, and none begins sooner than [`PAUSE`] after the last one with the same
//! peer.
//!
//! **Invariant:** nodes that came to us, however many, take at most [`STRANGERS_MAX`] conversations;
//! those whom we chose come first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::dice::Dice;
use super::{Effect, Event, SessionId};
use crate::control::SyncView;
use crate::id::NodeId;
use crate::region::Region;
use crate::sync::{
    ANSWER_MAX, GivenUp, Key, NONCE_BYTES, Opening, Output, Progress, Session, Stats,
};
use crate::time::{Offset, Timestamp};

/// The most conversations under way: each may hold a few frames and a snapshot; eight keep a
/// home connection busy, and more would only share it.
pub const SESSIONS_MAX: usize = 8;

/// The most of them that are with nodes that came to us. The rest are for those whom we chose, so that
/// whoever comes in numbers, and never ends a conversation, keeps us from none of them.
pub const STRANGERS_MAX: usize = 6;

/// The least time between two conversations with one peer.
pub const PAUSE: Duration = Duration::from_secs(2);

/// The time after which something new is looked for elsewhere, or handed on: long enough that a
/// burst is one conversation, short enough that nobody notices.
pub const SOON: Duration = Duration::from_millis(1500);

/// How long after a meeting the node of the higher id waits for the other one to begin.
pub const COURTESY: Duration = Duration::from_secs(10);

/// About how often a node reconciles with someone when nothing happens.
pub const INTERVAL: Duration = Duration::from_secs(600);

/// About how long after news by gossip a node reconciles with someone: what gossip lost on a bad
/// link is made good in a minute instead of ten. An equal set costs one exchange of less than a
/// kilobyte, so under steady load this is a few tens of bytes a second.
pub const AFTER_NEWS: Duration = Duration::from_secs(30);

/// About how long a peer that a conversation failed with is left alone.
pub const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// A conversation.
#[derive(Debug)]
struct Talk {
    peer: NodeId,
    ours: bool,
    began: Timestamp,
    session: Option<Session>,
    /// What is asked, when it compares nothing: which of these records the peer has.
    inquiry: Option<Vec<Key>>,
}

impl Talk {
    fn new(peer: NodeId, ours: bool, began: Timestamp) -> Self {
        Self { peer, ours, began, session: None, inquiry: None }
    }

    /// When it has lasted too long.
    fn deadline(&self) -> Option<Timestamp> {
        let asked = self.inquiry.is_some().then(|| self.began + ANSWER_MAX);
        asked.or_else(|| self.session.as_ref()?.deadline())
    }
}

/// A connected node.
#[derive(Debug, Default)]
struct Peer {
    regions: BTreeSet<Region>,
    /// Whether we reached it by our own choice.
    chosen: bool,
    due: Option<Timestamp>,
    /// When it was last wished for something to be had from it, or told to it.
    wished: Timestamp,
    not_before: Timestamp,
    /// By how much its clock is ahead of ours, by the last greeting.
    clock: Option<Offset>,
    view: Option<SyncView>,
}

impl Peer {
    /// Lets a conversation be due at this moment, or sooner when one is.
    fn wants(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }
}

/// The time in which everything is compared under a salt with everybody, on average.
const DAY: Duration = Duration::from_secs(86_400);

/// All conversations.
#[derive(Debug)]
pub(super) struct Syncs {
    node: NodeId,
    peers: BTreeMap<NodeId, Peer>,
    talks: BTreeMap<SessionId, Talk>,
    next: u64,
    interval: Duration,
    someone: Timestamp,
    /// Whether the next someone is to be of our own choice.
    choosy: bool,
}

impl Syncs {
    pub(super) fn new(node: NodeId, interval: Duration) -> Self {
        let (peers, talks, someone) = (BTreeMap::new(), BTreeMap::new(), Timestamp::NEVER);
        Self { node, peers, talks, next: 0, interval, someone, choosy: true }
    }

    /// A node of one of our regions is connected, by our own choice or its.
    pub(super) fn met(
        &mut self,
        now: Timestamp,
        (peer, chosen): (NodeId, bool),
        region: Region,
        dice: &mut Dice,
    ) {
        let first = self.node < peer;
        let state = self.peers.entry(peer).or_default();
        state.chosen |= chosen;
        if state.regions.insert(region) {
            let wait = if first { Duration::ZERO } else { dice.around(COURTESY) };
            state.wants(now + wait);
        }
        if self.someone == Timestamp::NEVER {
            self.someone = now + dice.around(self.interval);
        }
    }

    /// A node has gone.
    pub(super) fn parted(&mut self, peer: NodeId) {
        self.peers.remove(&peer);
    }

    /// A node has left a region of ours; says whether it shares none any more.
    pub(super) fn left(&mut self, peer: NodeId, region: &Region) -> bool {
        let Some(state) = self.peers.get_mut(&peer) else { return false };
        state.regions.remove(region);
        let gone = state.regions.is_empty();
        if gone {
            self.parted(peer);
        }
        gone
    }

    /// This node has left a region: who shared only that is nobody here any more, and with the others
    /// it begins anew. Returns the nodes that shared it.
    pub(super) fn leave(&mut self, now: Timestamp, region: &Region) -> Vec<NodeId> {
        let mut met = Vec::new();
        for (id, peer) in &mut self.peers {
            if peer.regions.remove(region) {
                met.push(*id);
                peer.wants(now + PAUSE);
            }
        }
        self.peers.retain(|_, peer| !peer.regions.is_empty());
        met
    }

    /// Returns the conversations with a node.
    pub(super) fn with(&self, peer: NodeId) -> Vec<SessionId> {
        let of = self.talks.iter().filter(|(_, talk)| talk.peer == peer);
        of.map(|(id, _)| *id).collect()
    }

    /// Ends a conversation of which nothing more is to come.
    pub(super) fn drop(&mut self, session: SessionId) {
        self.talks.remove(&session);
    }

    /// Something is to be had from, or told to, every peer but one.
    pub(super) fn stir(&mut self, now: Timestamp, but: Option<NodeId>, dice: &mut Dice) {
        for (id, peer) in &mut self.peers {
            if Some(*id) != but {
                peer.wished = now;
                peer.wants(now + dice.around(SOON));
            }
        }
    }

    /// Something new came by gossip: someone else may have missed it.
    pub(super) fn news(&mut self, now: Timestamp, dice: &mut Dice) {
        self.someone = self.someone.min(now + dice.around(AFTER_NEWS));
    }

    /// Something that this peer should have is missing.
    pub(super) fn ask(&mut self, now: Timestamp, peer: NodeId, dice: &mut Dice) {
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.wished = now;
            peer.wants(now + dice.around(SOON));
        }
    }

    /// An operator wants it now. Returns with whom.
    pub(super) fn now(&mut self, now: Timestamp) -> Vec<NodeId> {
        for peer in self.peers.values_mut() {
            peer.due = Some(now);
            peer.wished = now;
            peer.not_before = now;
        }
        self.peers.keys().copied().collect()
    }

    /// Opens the conversations that are due, and ends those that have lasted too long.
    pub(super) fn wake(&mut self, now: Timestamp, dice: &mut Dice, out: &mut Vec<Effect>) {
        if self.someone <= now {
            self.pick(now, dice);
            self.someone = now + dice.around(self.interval);
        }
        let busy: BTreeSet<NodeId> =
            self.talks.values().filter(|talk| talk.ours).map(|talk| talk.peer).collect();
        let mut room = SESSIONS_MAX.saturating_sub(self.talks.len());
        let mut places = STRANGERS_MAX.saturating_sub(self.strangers());
        let due = |peer: &Peer| Some(peer.due?.max(peer.not_before)).filter(|due| *due <= now);
        let free = self.peers.iter_mut().filter(|(id, _)| !busy.contains(id));
        let mut turns: Vec<_> = free.filter_map(|(id, p)| Some((due(p)?, *id, p))).collect();
        // Whom we chose comes first: who comes in numbers waits, and keeps nobody else waiting.
        turns.sort_by_key(|(due, id, peer)| (!peer.chosen, *due, *id));
        for (_, id, peer) in turns {
            if room == 0 || (places == 0 && !peer.chosen) {
                break;
            }
            room -= 1;
            places -= usize::from(!peer.chosen);
            peer.due = None;
            peer.not_before = now + PAUSE;
            self.next += 2;
            let session = SessionId(self.next);
            self.talks.insert(session, Talk::new(id, true, now));
            out.push(Effect::Open { session, peer: id });
        }
    }

    /// Says whether a node can be asked something now.
    pub(super) fn is_free(&self, node: NodeId) -> bool {
        let Some(peer) = self.peers.get(&node) else { return false };
        let busy = self.talks.values().any(|talk| talk.ours && talk.peer == node);
        let room = peer.chosen || self.strangers() < STRANGERS_MAX;
        !busy && room && self.talks.len() < SESSIONS_MAX
    }

    /// Asks a node which of these records it has, if it is free.
    pub(super) fn inquire(
        &mut self,
        now: Timestamp,
        (peer, keys): (NodeId, Vec<Key>),
        out: &mut Vec<Effect>,
    ) {
        self.next += 2;
        let session = SessionId(self.next);
        self.talks.insert(session, Talk { inquiry: Some(keys), ..Talk::new(peer, true, now) });
        out.push(Effect::Open { session, peer });
    }

    /// The stream for an inquiry stands: asks. None when it is for something else.
    pub(super) fn open_inquiry(
        &mut self,
        now: Timestamp,
        session: SessionId,
    ) -> Option<Vec<Output>> {
        let talk = self.talks.get_mut(&session)?;
        let (begun, outputs) = Session::ask(now, talk.inquiry.clone()?);
        talk.session = Some(begun);
        Some(outputs)
    }

    /// Ends an inquiry. Returns who was asked, and what; none when it was something else.
    pub(super) fn end_inquiry(&mut self, session: SessionId) -> Option<(NodeId, Vec<Key>)> {
        let talk = self.talks.get_mut(&session)?;
        let asked = (talk.peer, talk.inquiry.take()?);
        self.talks.remove(&session);
        Some(asked)
    }

    /// Iterates over the connected nodes, and says of each whether we chose it.
    pub(super) fn all(&self) -> impl Iterator<Item = (bool, NodeId)> {
        self.peers.iter().map(|(id, peer)| (peer.chosen, *id))
    }

    /// Counts the conversations with nodes that came to us.
    fn strangers(&self) -> usize {
        let chosen = |peer| self.peers.get(peer).is_some_and(|peer| peer.chosen);
        self.talks.values().filter(|talk| !chosen(&talk.peer)).count()
    }

    /// Lets someone of each region be due: every other time one of our own choice, if there is one. A
    /// bridge that met but one of all its peers could be without news of a region for an hour.
    fn pick(&mut self, now: Timestamp, dice: &mut Dice) {
        let mut unmet: BTreeSet<Region> =
            self.peers.values().flat_map(|peer| &peer.regions).cloned().collect();
        while let Some(region) = unmet.pop_first() {
            let here = |peer: &Peer| peer.regions.contains(&region);
            let ours = self.choosy && self.peers.values().any(|peer| peer.chosen && here(peer));
            let of = self.peers.values_mut().filter(|peer| here(peer) && (peer.chosen || !ours));
            let mut of: Vec<_> = of.collect();
            let n = dice.below(of.len() as u64);
            if let Some(peer) = of.get_mut(usize::try_from(n).unwrap_or(0)) {
                peer.wants(now);
                unmet.retain(|region| !peer.regions.contains(region));
            }
        }
        self.choosy = !self.choosy;
    }

    /// Returns the conversations that have lasted too long.
    pub(super) fn overdue(&self, now: Timestamp) -> Vec<SessionId> {
        let late = |talk: &Talk| talk.deadline().is_some_and(|due| due <= now);
        self.talks.iter().filter(|(_, talk)| late(talk)).map(|(id, _)| *id).collect()
    }

    /// The next moment at which something is due.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let busy = |id: &NodeId| self.talks.values().any(|t| t.ours && t.peer == *id);
        let full = self.talks.len() >= SESSIONS_MAX;
        let crowded = self.strangers() >= STRANGERS_MAX;
        let waits = |peer: &Peer| full || (crowded && !peer.chosen);
        let peers = self.peers.iter().filter(|(id, peer)| !waits(peer) && !busy(id));
        let dues = peers.filter_map(|(_, p)| p.due.map(|due| due.max(p.not_before)));
        let ends = self.talks.values().filter_map(Talk::deadline);
        let someone = (!self.peers.is_empty()).then_some(self.someone);
        dues.chain(ends).chain(someone).min()
    }

    /// Returns with whom a conversation is.
    pub(super) fn peer(&self, session: SessionId) -> Option<NodeId> {
        self.talks.get(&session).map(|talk| talk.peer)
    }

    /// Returns how long a conversation has lasted that the peer began, and with whom it is.
    pub(super) fn taken_by(
        &self,
        now: Timestamp,
        session: SessionId,
    ) -> Option<(NodeId, Duration)> {
        let talk = self.talks.get(&session).filter(|talk| !talk.ours)?;
        Some((talk.peer, now.since(talk.began)))
    }

    /// Says whether the conversation with this fresh nonce is one that compares under a salt: of
    /// those with any one peer about one a day is. It is left to the lot, so nobody can sit it out.
    pub(super) fn salts(&self, nonce: [u8; NONCE_BYTES]) -> bool {
        let turns = self.interval.as_secs().saturating_mul(self.peers.len() as u64);
        u64::from_be_bytes(nonce) % DAY.as_secs() < turns
    }

    /// Returns the conversation, once it has begun.
    pub(super) fn session(&mut self, session: SessionId) -> Option<&mut Session> {
        self.talks.get_mut(&session)?.session.as_mut()
    }

    /// A stream that we asked for stands: begins.
    pub(super) fn open(&mut self, session: SessionId, opening: Opening) -> Vec<Output> {
        let Some(talk) = self.talks.get_mut(&session) else { return Vec::new() };
        match Session::open(opening) {
            Ok((begun, outputs)) => {
                talk.session = Some(begun);
                outputs
            }
            Err(error) => vec![Output::Failed(error)],
        }
    }

    /// Says whether there is room for a conversation that this peer begins.
    pub(super) fn has_room(&self, peer: NodeId) -> bool {
        let Some(known) = self.peers.get(&peer) else { return false };
        let again = self.talks.values().any(|talk| !talk.ours && talk.peer == peer);
        let full = !known.chosen && self.strangers() >= STRANGERS_MAX;
        !again && !full && self.talks.len() < SESSIONS_MAX
    }

    /// A peer for which there is room has opened a stream.
    pub(super) fn accept(
        &mut self,
        (now, session): (Timestamp, SessionId),
        peer: NodeId,
        opening: Opening,
    ) {
        let session_of = Some(Session::accept(opening));
        self.talks.insert(session, Talk { session: session_of, ..Talk::new(peer, false, now) });
    }

    /// A stream is gone. Returns its node when nothing else is under way or due with it.
    pub(super) fn closed(
        &mut self,
        now: Timestamp,
        session: SessionId,
        dice: &mut Dice,
    ) -> Option<NodeId> {
        let talk = self.talks.remove(&session)?;
        let mut begins = false;
        if let Some(peer) = self.peers.get_mut(&talk.peer) {
            if talk.ours {
                peer.wants(now + dice.around(AFTER_FAILURE));
            }
            begins = peer.due.is_some_and(|due| due <= now);
        }
        (!begins && self.with(talk.peer).is_empty()).then_some(talk.peer)
    }

    /// Notes how far a conversation is.
    pub(super) fn progress(&mut self, session: SessionId, progress: Progress) -> Option<Event> {
        let peer = self.peer(session)?;
        let (done, total) = (progress.done as u64, progress.total as u64);
        self.view(peer)?.progress = Some((done, total));
        Some(Event::Syncing { peer, done, total })
    }

    /// Ends a conversation that went well.
    pub(super) fn finished(
        &mut self,
        now: Timestamp,
        session: SessionId,
        stats: &Stats,
    ) -> Option<Event> {
        let talk = self.talks.remove(&session)?;
        let peer = talk.peer;
        let (received, sent) = (stats.received as u64, stats.sent as u64);
        let view = self.view(peer)?;
        *view = SyncView { last: Some(now), received, sent, ..SyncView::of(peer) };
        let state = self.peers.get_mut(&peer)?;
        if stats.more {
            state.due = Some(now + PAUSE);
        } else if !talk.ours && state.wished < talk.began {
            // They have asked for all that was wished for before: what we waited for is done.
            state.due = None;
        }
        Some(Event::Synced { peer, rounds: stats.rounds as u64, received, sent })
    }

    /// Ends a conversation that did not go well.
    pub(super) fn failed(
        &mut self,
        now: Timestamp,
        session: SessionId,
        why: GivenUp,
        dice: &mut Dice,
    ) -> Option<Event> {
        let peer = self.peer(session)?;
        self.closed(now, session, dice);
        let view = self.view(peer)?;
        view.progress = None;
        view.failure = Some(why);
        Some(Event::SyncFailed { peer, why })
    }

    /// Notes what a node's clock shows.
    pub(super) fn clock(&mut self, session: SessionId, ahead: Offset) {
        let peer = self.peer(session).and_then(|peer| self.peers.get_mut(&peer));
        if let Some(peer) = peer {
            peer.clock = Some(ahead);
        }
    }

    /// Returns by how much the clocks of connected nodes are ahead of ours, of those who have told.
    pub(super) fn clocks(&self) -> impl Iterator<Item = Offset> {
        self.peers.values().filter_map(|peer| peer.clock)
    }

    fn view(&mut self, peer: NodeId) -> Option<&mut SyncView> {
        Some(self.peers.get_mut(&peer)?.view.get_or_insert_with(|| SyncView::of(peer)))
    }

    /// Returns how reconciliation stands with every connected node.
    pub(super) fn views(&self) -> Vec<SyncView> {
        let view = |(id, peer): (&NodeId, &Peer)| {
            let view = peer.view.clone().unwrap_or_else(|| SyncView::of(*id));
            SyncView { clock: peer.clock, ..view }
        };
        self.peers.iter().map(view).collect()
    }

    /// Counts the connected nodes of a region.
    pub(super) fn count(&self, region: &Region) -> u32 {
        let n = self.peers.values().filter(|peer| peer.regions.contains(region)).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// Returns the regions that a connected node shares with us.
    pub(super) fn regions(&self, peer: NodeId) -> BTreeSet<Region> {
        self.peers.get(&peer).map(|peer| peer.regions.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    /// Lets what is due begin and end well, and returns with whom it was.
    fn begun(syncs: &mut Syncs, now: Timestamp, dice: &mut Dice) -> Vec<NodeId> {
        let mut effects = Vec::new();
        syncs.wake(now, dice, &mut effects);
        let opened = effects.iter().map(|effect| match effect {
            Effect::Open { session, peer } => {
                syncs.drop(*session);
                *peer
            }
            other => panic!("only conversations begin: {other:?}"),
        });
        opened.collect()
    }

    #[test]
    fn the_regular_meeting_is_with_one_of_each_region_and_with_one_if_it_is_in_all() {
        let (home, away): (Region, Region) = ("us-wa".parse().unwrap(), "gb".parse().unwrap());
        let [stranger, both] = [201, 202].map(|n| NodeId([n; 32]));
        for seed in 0..16 {
            let mut dice = Dice::new([seed; 32]);
            let mut syncs = Syncs::new(NodeId([0; 32]), INTERVAL);
            for n in 1..=9 {
                syncs.met(NOW, (NodeId([n; 32]), false), home.clone(), &mut dice);
            }
            syncs.met(NOW, (stranger, false), away.clone(), &mut dice);
            while !begun(&mut syncs, NOW, &mut dice).is_empty() {}

            let then = NOW + INTERVAL * 2;
            let met = begun(&mut syncs, then, &mut dice);
            assert!(met.len() == 2 && met.contains(&stranger), "one of each region: {met:?}");

            for n in 1..=9 {
                syncs.parted(NodeId([n; 32]));
            }
            syncs.parted(stranger);
            syncs.met(then, (both, true), home.clone(), &mut dice);
            syncs.met(then, (both, true), away.clone(), &mut dice);
            drop(begun(&mut syncs, then, &mut dice));
            assert_eq!(begun(&mut syncs, then + INTERVAL * 2, &mut dice), [both]);
        }
    }
}
