//! How conversations with peers are moved.
//!
//! **Invariant:** a session sees snapshots of exactly the sets that this peer may see: the
//! regions that both are in, and a network's `own` records only if the network's current profile
//! lists the peer's node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::durable::After;
use super::gate::Bringer;
use super::{Effect, Engine, SessionId, Store};
use crate::id::{NetId, NodeId, RecordId};
use crate::record::Record;
use crate::sync::{
    Answer, Frame, FrameError, Holding, Intake, Opening, Output, Reason, SCOPES_MAX, Scope,
    Snapshot, Source, SyncError,
};
use crate::time::Timestamp;

/// What a peer that lets us hash an id pays of its hour: thirty times as long as it takes, for it
/// keeps everybody waiting.
const HASHING: Duration = Duration::from_micros(5);

/// Reads record bytes for a session out of the store; keeps the first failure.
struct Shelf<'a, S: Store> {
    store: &'a mut S,
    failure: Option<S::Error>,
    /// What was wanted and is not there.
    absent: Vec<RecordId>,
}

impl<S: Store> Source for Shelf<'_, S> {
    fn bytes(&mut self, id: &RecordId) -> Answer {
        match self.store.bytes(id) {
            Ok(Some(bytes)) => Answer::Bytes(bytes),
            Ok(None) => {
                self.absent.push(*id);
                Answer::Missing
            }
            Err(error) => {
                self.failure.get_or_insert(error);
                Answer::Missing
            }
        }
    }
}

impl Engine {
    /// Returns what this node has heard of in a scope: what is in the set, and what was not let in
    /// and counts towards those alone who have brought it. Nodes that have met all have the same.
    pub fn heard(&self, scope: &Scope) -> Arc<Snapshot> {
        let mut heard = self.ledger.set(scope).cloned().unwrap_or_default();
        heard.extend(self.gate.refused.stubs(scope));
        heard.snapshot()
    }

    /// A stream that we asked for stands.
    pub(super) fn opened<S: Store>(
        &mut self,
        now: Timestamp,
        session: SessionId,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let Some(peer) = self.syncs.peer(session) else {
            self.out.push(Effect::Close(session));
            return Ok(());
        };
        if let Some(outputs) = self.syncs.open_inquiry(now, session) {
            self.move_on(now, session, outputs);
            return Ok(());
        }
        let mut opening = self.opening(now, peer, store)?;
        // Two nodes may have more in common than one conversation is about. What is left out this time
        // falls to the lot, so its turn comes.
        while opening.holdings.len() > SCOPES_MAX {
            let lot = self.dice.below(opening.holdings.len() as u64);
            let lot = usize::try_from(lot).unwrap_or_default();
            let out = opening.holdings.keys().nth(lot).cloned();
            out.and_then(|out| opening.holdings.remove(&out));
        }
        opening.salt = self.syncs.salts(opening.nonce).then(|| self.dice.salt());
        let outputs = self.syncs.open(session, opening);
        self.move_on(now, session, outputs);
        Ok(())
    }

    /// A peer has opened a stream.
    pub(super) fn accepted<S: Store>(
        &mut self,
        now: Timestamp,
        session: SessionId,
        peer: NodeId,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let time = self.gate.has_time(peer, now);
        self.count("sync-time-used-up", u64::from(!time));
        // An opening copies sets: it is made only for whoever is listened to.
        if time && self.syncs.has_room(peer) {
            let opening = self.opening(now, peer, store)?;
            self.syncs.accept((now, session), peer, opening);
        } else {
            self.out.push(Effect::Close(session));
        }
        Ok(())
    }

    /// A peer sent a frame, or what is none.
    pub(super) fn frame<S: Store>(
        &mut self,
        now: Timestamp,
        session: SessionId,
        frame: Result<Frame, FrameError>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let peer = self.syncs.peer(session);
        let asked = match &frame {
            Ok(Frame::Which { keys }) => keys.len(),
            _ => 0,
        };
        if asked > 0 && !self.takes_inquiry(now, session, asked) {
            self.syncs.drop(session);
            self.out.push(Effect::Close(session));
            return Ok(());
        }
        let Some(state) = self.syncs.session(session) else { return Ok(()) };
        let mut shelf = Shelf { store, failure: None, absent: Vec::new() };
        let outputs = match frame {
            Ok(frame) => state.handle(now, frame, &mut shelf),
            Err(error) => state.refuse(error),
        };
        let Shelf { failure, absent, .. } = shelf;
        // Who asks whether a record is here has not said that it wants it.
        let unserved = absent.iter().filter(|_| asked == 0);
        for (id, peer) in unserved.zip(peer.into_iter().cycle()) {
            self.gate.refused.unserved(id, peer);
        }
        self.move_on(now, session, outputs);
        failure.map_or(Ok(()), Err)
    }

    /// Delivered records were verified.
    pub(super) fn delivered<S: Store>(
        &mut self,
        now: Timestamp,
        (session, from): (SessionId, Bringer),
        (mut records, bytes): (Vec<Record>, usize),
        store: &mut S,
    ) -> Result<(), S::Error> {
        if !self.takes_writes() {
            // Without credit the peer stops, and the session ends by its own patience.
            return Ok(());
        }
        self.count("sync-records", records.len() as u64);
        if let Bringer::Sync(_, scope) = &from {
            self.leave_out(&mut records, scope);
        }
        let taken = self.judge(now, records, &from);
        let after = vec![After::Credit(session, bytes)];
        let fresh = self.fresh(&taken);
        self.settle(now, fresh, after, store)
    }

    /// A peer delivered what is no record, or badly signed.
    pub(super) fn bad(&mut self, peer: NodeId, bad: usize) {
        if bad > 0 {
            self.count("bad-records", bad as u64);
            self.out.push(Effect::Penalise(peer));
        }
    }

    /// Tells the peer that delivered bytes were dealt with.
    pub(super) fn credit(&mut self, now: Timestamp, session: SessionId, bytes: usize) {
        let Some(state) = self.syncs.session(session) else { return };
        let outputs = state.credit(now, bytes);
        self.move_on(now, session, outputs);
    }

    /// A conversation has lasted too long.
    pub(super) fn expire(&mut self, now: Timestamp, session: SessionId) {
        if self.inquired(now, session, None) {
            return;
        }
        let outputs = self.syncs.session(session).map(|s| s.expire(now)).unwrap_or_default();
        self.move_on(now, session, outputs);
    }

    pub(super) fn move_on(&mut self, now: Timestamp, session: SessionId, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send(frame @ Frame::Held { .. }) => {
                    let send = After::Do(Effect::Send { session, frame });
                    let free = self.durable.follow(vec![send]);
                    self.set_free(now, free);
                }
                Output::Send(frame) => self.out.push(Effect::Send { session, frame }),
                Output::Answered(held) => {
                    if !self.inquired(now, session, Some(&held)) {
                        self.answer_inquiry(now, session);
                    }
                }
                Output::Deliver(scope, bytes) => {
                    let Some(peer) = self.syncs.peer(session) else { continue };
                    self.out.push(Effect::Verify { session, peer, scope, bytes });
                }
                Output::Hashed(ids) => {
                    let time = HASHING * u32::try_from(ids).unwrap_or(u32::MAX);
                    let peer = self.syncs.peer(session);
                    peer.into_iter().for_each(|peer| self.gate.charge_time(peer, time, now));
                }
                Output::Clock(ahead) => self.syncs.clock(session, ahead),
                Output::Progress(progress) => {
                    let event = self.syncs.progress(session, progress);
                    self.out.extend(event.map(Effect::Tell));
                }
                Output::Finished(stats) => {
                    self.charge(now, session);
                    let peer = self.syncs.peer(session);
                    let event = self.syncs.finished(now, session, &stats);
                    self.out.extend(event.map(Effect::Tell));
                    self.out.push(Effect::Close(session));
                    if stats.received > 0 {
                        self.syncs.stir(now, peer, &mut self.dice);
                    }
                    self.tell_synced(peer);
                }
                Output::Failed(error) => self.fail(now, session, &error),
            }
        }
    }

    fn fail(&mut self, now: Timestamp, session: SessionId, error: &SyncError) {
        self.charge(now, session);
        let peer = self.syncs.peer(session);
        let compared = !self.inquired(now, session, None);
        if compared {
            let event = self.syncs.failed(now, session, error.given_up(), &mut self.dice);
            self.out.extend(event.map(Effect::Tell));
            self.out.push(Effect::Close(session));
            self.count("sync-failures", 1);
        }
        if let Some(peer) = peer.filter(|_| is_offence(error)) {
            self.count("sync-offences", 1);
            self.out.push(Effect::Penalise(peer));
        }
        if compared {
            self.tell_synced(peer);
        }
    }

    /// Ends all conversations with a node that is gone, or shares nothing with us any more.
    pub(super) fn break_off(&mut self, now: Timestamp, peer: NodeId, why: Reason) {
        for session in self.syncs.with(peer) {
            self.charge(now, session);
            self.syncs.drop(session);
            self.out.push(Effect::Close(session));
        }
        self.tell_unheard(peer, why);
    }

    /// A conversation is over: who began it has used our time.
    pub(super) fn charge(&mut self, now: Timestamp, session: SessionId) {
        if let Some((peer, time)) = self.syncs.taken_by(now, session) {
            self.gate.charge_time(peer, time, now);
        }
    }

    fn opening<S: Store>(
        &mut self,
        now: Timestamp,
        peer: NodeId,
        store: &mut S,
    ) -> Result<Opening, S::Error> {
        self.gate.refused.advance(now);
        let mut holdings = BTreeMap::new();
        let regions = self.syncs.regions(peer).into_iter().map(Scope::Region);
        let mut scopes: Vec<Scope> = regions.collect();
        for net in self.settings.homes() {
            if self.publishes(&net, peer, store)? {
                scopes.push(Scope::Own(net));
            }
        }
        for scope in scopes {
            let set = self.lost.shown(&scope, &self.ledger);
            let set = self.gate.refused.shown(set.as_deref(), &scope, &peer);
            let declined = self.gate.refused.declined(&scope);
            holdings.insert(scope, Holding { set, declined });
        }
        let nonce = self.dice.nonce();
        Ok(Opening { now, nonce, intake: Intake::ORDINARY, holdings, salt: None })
    }

    /// Says whether the profile that says where a network lives lists this node as one of its own.
    pub(super) fn publishes<S: Store>(
        &self,
        net: &NetId,
        node: NodeId,
        store: &mut S,
    ) -> Result<bool, S::Error> {
        Ok(self.nodes_of(net, store)?.contains(&node))
    }
}

/// Says whether no honest node ends a conversation like this.
fn is_offence(error: &SyncError) -> bool {
    match error {
        SyncError::Frame(_)
        | SyncError::Unexpected
        | SyncError::Outside
        | SyncError::Greedy
        | SyncError::Flood => true,
        SyncError::Revision(_)
        | SyncError::Clocks(_)
        | SyncError::NothingShared
        | SyncError::TooLarge
        | SyncError::Silent
        | SyncError::Overlong
        | SyncError::Peer(_) => false,
    }
}
