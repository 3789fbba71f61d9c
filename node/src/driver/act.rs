//! Doing what the engine says.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;
use weft_protocol::control::{Failure, Response};
use weft_protocol::engine::{Effect, Engine, Event, Input, SessionId, Verdict};
use weft_protocol::id::NodeId;

use super::shunned::Penalty;
use super::{Asker, Driver, Message, Part, Tag, Told};
use crate::network::{GossipVerdict, Neighbourhood, PeerStream, Protocol, peer_text};
use crate::pump::{self, Spool};
use crate::store::Seq;
use crate::tally::Refused;
use crate::verify::Parcel;

impl Asker {
    /// Sends a part of an answer, as far as it is for the asker's eyes.
    fn tell(
        &self,
        engine: &Engine,
        mut responses: Vec<Response>,
        last: bool,
    ) -> Result<(), TrySendError<Part>> {
        if let Some(guest) = &self.guest {
            let shown = |said| engine.shown_to(guest, said);
            responses = responses.into_iter().filter_map(shown).collect();
            // A list ends by saying so; what is one thing and not shown is not here.
            if responses.is_empty() && last {
                responses.push(Response::Failed(Failure::NotFound));
            }
        }
        self.door.try_send((responses, last))
    }
}

impl Driver {
    /// Does one thing, and returns what is known of it at once.
    pub(super) async fn act(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Persist(seq) => self.hands.writer.persist(Seq(seq.0)),
            Effect::Publish { region, records } => {
                self.hands.network.publish(region, records.concat()).await;
            }
            Effect::Verdict { gossip, verdict } => {
                if let Some(token) = self.gossip.remove(&gossip) {
                    let verdict = match verdict {
                        Verdict::Accept => GossipVerdict::Accept,
                        Verdict::Ignore => GossipVerdict::Ignore,
                    };
                    self.hands.network.judge(token, verdict).await;
                }
            }
            Effect::Open { session, peer } => self.open(session, peer),
            Effect::Send { session, frame } => {
                let sent = self.streams.get(&session).map(|spool| spool.push(&frame));
                if sent.is_some_and(|sent| !sent.is_ok_and(|bytes| self.may_tell(session, bytes))) {
                    // The peer has stopped reading, or was told enough for now; its pump says that the
                    // stream is closed.
                    self.streams.remove(&session);
                }
            }
            Effect::Close(session) => drop(self.streams.remove(&session)),
            Effect::Verify { session, peer, scope, bytes } => {
                let tag = Tag::Sync(session, (peer, scope), bytes.len());
                let parcel = Parcel { tag, sequences: vec![Arc::from(bytes)] };
                if self.hands.pool.try_send(parcel).is_err() {
                    self.hands.tally.count(Refused::Busy);
                    // Without an outcome there is no credit, and the conversation ends by itself;
                    // ending it now lets it begin again sooner.
                    self.streams.remove(&session);
                }
            }
            Effect::Reply { request, responses, last } => {
                let asker = self.replies.get(&request);
                let sent = asker.map(|asker| asker.tell(&self.engine, responses, last));
                if last || sent.is_some_and(|sent| sent.is_err()) {
                    self.replies.remove(&request);
                }
            }
            Effect::Sign { seal, draft } => {
                let signed = draft.sign(&self.hands.bridge);
                if let Err(error) = &signed {
                    tracing::warn!(error = %crate::disk::plain(error), "the bridge could not sign");
                }
                return Some(Input::Signed { seal, record: signed.ok().map(Box::new) });
            }
            Effect::Keep { request, choices } => {
                // The engine asks for no more at once than there is room for; an error says that
                // the node is ending.
                self.hands.choices.try_send((request, choices)).ok();
            }
            Effect::Join(region) => self.hands.network.subscribe(region).await,
            Effect::Leave(region) => self.hands.network.unsubscribe(region).await,
            Effect::Penalise(peer) => self.penalise(peer).await,
            Effect::Bar(peer) => self.bar(peer).await,
            Effect::Unbar(peer) => self.unbar(peer).await,
            Effect::Admit(only) => self.admit(only).await,
            Effect::Tell(event) => self.tell(event),
        }
        None
    }

    /// Counts what a visitor is told, and says whether it may be told more.
    fn may_tell(&mut self, session: SessionId, bytes: usize) -> bool {
        let from = self.visits.get(&session).and_then(|visitor| visitor.from.as_ref());
        let may = from.is_none_or(|from| self.served.tell(from, bytes, Instant::now()));
        if !may {
            self.hands.tally.count(Refused::Greedy);
        }
        may
    }

    fn open(&self, session: SessionId, peer: NodeId) {
        let (network, messages) = (self.hands.network.clone(), self.hands.messages.clone());
        self.hands.runtime.spawn(async move {
            let message = match network.open_stream(peer, Protocol::Sync).await {
                Ok(stream) => Message::Opened(session, stream),
                Err(error) => {
                    tracing::debug!(peer = %peer_text(peer), %error, "no stream for reconciling");
                    Message::Closed(session)
                }
            };
            // An error says that the driver has ended.
            messages.send(message).await.ok();
        });
    }

    /// Begins to pump a stream.
    pub(super) fn pump(&mut self, session: SessionId, stream: PeerStream) {
        let (spool, frames) = Spool::new(&self.room);
        self.streams.insert(session, spool);
        let messages = self.hands.messages.clone();
        self.hands.runtime.spawn(pump::run(stream, session, frames, messages));
    }

    async fn penalise(&mut self, peer: NodeId) {
        let penalty = self.shunned.offended(peer);
        tracing::debug!(peer = %peer_text(peer), ?penalty, "a peer broke the rules");
        match penalty {
            Penalty::Score(opinion) => self.hands.network.score(peer, opinion).await,
            Penalty::Ban { pardoned } => {
                self.hands.network.block(peer).await;
                if let Some(pardoned) = pardoned {
                    self.hands.network.unblock(pardoned).await;
                }
            }
        }
    }

    async fn bar(&mut self, peer: NodeId) {
        self.shunned.bar(peer);
        self.hands.network.block(peer).await;
    }

    async fn unbar(&mut self, peer: NodeId) {
        if self.shunned.unbar(peer) {
            self.hands.network.unblock(peer).await;
        }
    }

    /// Speaks with these alone, or with everybody.
    async fn admit(&mut self, only: Option<BTreeSet<NodeId>>) {
        self.knocks.keep(|node| only.as_ref().is_some_and(|only| !only.contains(node)));
        self.tell_knocks();
        self.hands.network.admit(only).await;
    }

    /// Somebody came from there, whom this closed node was not told of.
    pub(super) fn knocked(&mut self, node: NodeId, from: Neighbourhood) {
        self.hands.tally.count(Refused::Knock);
        self.knocks.note(node, from, self.hands.clock.now());
        self.tell_knocks();
    }

    fn tell_knocks(&self) {
        self.hands.listening.send_modify(|now| now.knocks = self.knocks.views());
    }

    /// Tells everybody who watches. In the log, what others cause is said only to those who look for it.
    fn tell(&self, event: Event) {
        match &event {
            Event::ReadOnly { why } => {
                tracing::error!(%why, "the disk takes no more; make room, the node goes on reading");
            }
            Event::Writable => tracing::info!("the disk takes writes again"),
            Event::Disputed { net } => {
                tracing::warn!(%net, "an identity is disputed; ask the network by another way");
            }
            Event::SyncFailed { peer, why } => {
                let (reason, by_peer) = (why.reason, why.by_peer);
                tracing::debug!(peer = %peer_text(*peer), %reason, by_peer, "reconciling failed");
            }
            Event::Synced { peer, rounds, received, sent } => {
                tracing::debug!(peer = %peer_text(*peer), rounds, received, sent, "reconciled");
            }
            Event::Met { peer, region } => {
                tracing::debug!(peer = %peer_text(*peer), %region, "met a node");
            }
            Event::Parted { peer } => {
                tracing::debug!(peer = %peer_text(*peer), "a node has gone");
            }
            Event::Stored { id, kind, .. } => tracing::debug!(record = %id, %kind, "stored"),
            Event::Judged { id, void, .. } => tracing::debug!(record = %id, ?void, "judged"),
            Event::Held { rule, thing, step } => {
                tracing::debug!(%rule, %thing, %step, "held back at the bridge");
            }
            Event::Erased { id } => tracing::debug!(record = %id, "erased"),
            Event::Syncing { .. } => {}
        }
        // An error says that nobody watches.
        let home = self.engine.home_of_event(&event);
        self.hands.events.send(Told { event, home }).ok();
    }
}
