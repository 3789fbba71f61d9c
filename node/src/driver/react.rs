//! Telling the engine what happened.

use std::sync::Arc;

use tokio::time::Instant;
use weft_protocol::control::{self, Failure, Request, Response};
use weft_protocol::engine::{GossipId, Input, RequestId, SessionId};
use weft_protocol::id::NodeId;

use super::{Asker, Driver, Message, Question, Tag, Visitor};
use crate::disk::DiskError;
use crate::network::{GossipVerdict, Neighbourhood, NetworkEvent, PeerStream, Protocol, peer_text};
use crate::tally::Refused;
use crate::verify::{Parcel, Verified};

/// The most streams for reconciling that one peer has open: one conversation, and what was said in
/// others that are ending.
const VISITS_MAX: usize = 3;

impl Driver {
    pub(super) async fn message(&mut self, message: Message) -> Result<(), DiskError> {
        match message {
            Message::Ask(question) => self.asked(question).await,
            Message::Standing(key, answer) => {
                // An error says that the client has gone.
                answer.send(self.engine.guest(self.hands.clock.now(), &key)).ok();
                Ok(())
            }
            Message::More(request) => self.handle(Input::More(request)).await,
            Message::Disk(answer) => {
                answer.send(self.store.disk().stats()).ok();
                Ok(())
            }
            Message::Opened(session, stream) => {
                self.pump(session, stream);
                self.handle(Input::Opened(session)).await
            }
            Message::Frame(session, frame) => self.handle(Input::Frame { session, frame }).await,
            Message::Closed(session) => {
                self.streams.remove(&session);
                self.visits.remove(&session);
                self.handle(Input::Closed(session)).await
            }
            Message::Kept(request, failure) => self.handle(Input::Kept { request, failure }).await,
        }
    }

    /// Lets go of the questions that nobody waits for any more.
    pub(super) async fn let_go(&mut self) -> Result<(), DiskError> {
        let gone = self.replies.iter().filter(|(_, asker)| asker.door.is_closed());
        for request in gone.map(|(request, _)| *request).collect::<Vec<_>>() {
            self.replies.remove(&request);
            self.handle(Input::Gone(request)).await?;
        }
        Ok(())
    }

    async fn asked(&mut self, question: Question) -> Result<(), DiskError> {
        let Question { request, asker, door, name } = question;
        if door.is_closed() {
            // Its client has gone, and that was told perhaps before it came here.
            return Ok(());
        }
        // A role may have ended since the last question.
        let now = self.hands.clock.now();
        let guest = asker.map(|key| self.engine.guest(now, &key).ok_or_else(control::stranger));
        let allowed = match (&guest, &request) {
            (Some(Err(stranger)), _) => Err(stranger.clone()),
            (Some(Ok(guest)), request) => self.engine.admits(guest, request),
            (None, _) => Ok(()),
        };
        self.replies.insert(name, Asker { door, guest: guest.and_then(Result::ok) });
        match allowed {
            Ok(()) => self.ask(name, request).await,
            Err(failure) => {
                self.refuse(name, failure);
                Ok(())
            }
        }
    }

    async fn ask(&mut self, name: RequestId, request: Request) -> Result<(), DiskError> {
        let Request::Post { records } = request else {
            return self.handle(Input::Asked { request: name, asked: request }).await;
        };
        if records.is_empty() {
            // There would be nothing to answer, and the client would wait for it.
            self.hands.tally.count(Refused::DoorRequest);
            self.refuse(name, Failure::BadRequest("there is no record in it".to_owned()));
            return Ok(());
        }
        let parcel =
            Parcel { tag: Tag::Post(name), sequences: vec![Arc::from(records.into_vec())] };
        if self.hands.pool.try_send(parcel).is_err() {
            self.hands.tally.count(Refused::Busy);
            self.refuse(name, Failure::Busy);
        }
        Ok(())
    }

    fn refuse(&mut self, name: RequestId, failure: Failure) {
        if let Some(asker) = self.replies.remove(&name) {
            // An error says that the client has gone.
            asker.door.try_send((vec![Response::Failed(failure)], true)).ok();
        }
    }

    pub(super) async fn verified(&mut self, verified: Verified<Tag>) -> Result<(), DiskError> {
        let Verified { tag, records, fault } = verified;
        match tag {
            Tag::Post(request) => match fault {
                Some(fault) => {
                    self.hands.tally.count(Refused::Post);
                    self.refuse(request, Failure::Unverified(fault.into()));
                    Ok(())
                }
                None => self.handle(Input::Posted { request, records }).await,
            },
            Tag::Sync(session, (peer, scope), bytes) => {
                let bad = usize::from(fault.is_some());
                self.handle(Input::Delivered { session, peer, scope, records, bytes, bad }).await
            }
            Tag::Gossip(token, from, region) => {
                if let Some(fault) = fault {
                    self.hands.tally.count(Refused::Gossip);
                    // The score of gossip deals with the peer; a line for each would fill a disk.
                    tracing::debug!(peer = %peer_text(from), %fault, "gossip was refused");
                    self.hands.network.judge(token, GossipVerdict::Reject).await;
                    return Ok(());
                }
                if records.is_empty() {
                    self.hands.network.judge(token, GossipVerdict::Ignore).await;
                    return Ok(());
                }
                let gossip = GossipId(self.name());
                self.gossip.insert(gossip, token);
                self.handle(Input::Gossip { gossip, from, region, records }).await
            }
        }
    }

    pub(super) async fn network(&mut self, event: NetworkEvent) -> Result<(), DiskError> {
        match event {
            NetworkEvent::Listening { address } => {
                let address = address.to_string();
                self.hands.listening.send_if_modified(|now| {
                    let new = !now.at.contains(&address);
                    now.at.extend(new.then_some(address));
                    new
                });
                Ok(())
            }
            NetworkEvent::Missed { places } => {
                self.hands.listening.send_modify(|now| now.missed = places);
                Ok(())
            }
            NetworkEvent::NotListening { address } => {
                let address = address.to_string();
                self.hands.listening.send_modify(|now| now.at.retain(|known| *known != address));
                Ok(())
            }
            NetworkEvent::Joined { node, region, chosen } => {
                self.handle(Input::Met { peer: node, region, chosen }).await
            }
            NetworkEvent::Disconnected { node } => self.handle(Input::Parted(node)).await,
            NetworkEvent::Gossip { token, from, .. }
                if !self.engine.hears_gossip_of(from, self.hands.clock.now()) =>
            {
                self.hands.tally.count(Refused::Unwanted);
                self.hands.network.judge(token, GossipVerdict::Ignore).await;
                Ok(())
            }
            NetworkEvent::Gossip { token, from, region, bytes } => {
                let tag = Tag::Gossip(token, from, region);
                let refused = self.hands.pool.try_send_last(Parcel { tag, sequences: vec![bytes] });
                if let Err(Parcel { tag: Tag::Gossip(token, ..), .. }) = refused {
                    // Reconciling brings what there is no room for now.
                    self.hands.tally.count(Refused::Busy);
                    self.hands.network.judge(token, GossipVerdict::Ignore).await;
                }
                Ok(())
            }
            NetworkEvent::Stream { peer, protocol: Protocol::Sync, stream, from } => {
                self.visited(peer, stream, from).await
            }
            NetworkEvent::Stream { peer, protocol: Protocol::Control, stream, from } => {
                // When nobody has time for it, dropping the stream refuses it.
                drop(self.hands.guests.try_send((peer, stream, from)));
                Ok(())
            }
            NetworkEvent::PublishFailed { region, reason } => {
                tracing::debug!(%region, ?reason, "gossip did not go out; reconciling will carry it");
                Ok(())
            }
            NetworkEvent::SlowPeer { node } => {
                tracing::debug!(peer = %peer_text(node), "a peer reads slowly");
                Ok(())
            }
            NetworkEvent::Left { node, region } => {
                self.handle(Input::Left { peer: node, region }).await
            }
            NetworkEvent::Knocked { node, from } => {
                self.knocked(node, from);
                Ok(())
            }
            // What the network makes of that is all there is to it.
            NetworkEvent::Stream { protocol: Protocol::Closed, .. }
            | NetworkEvent::Connected { .. }
            | NetworkEvent::Discovered { .. } => Ok(()),
        }
    }

    /// A node begins a conversation.
    async fn visited(
        &mut self,
        peer: NodeId,
        stream: PeerStream,
        from: Option<Neighbourhood>,
    ) -> Result<(), DiskError> {
        let visits = self.visits.values().filter(|visitor| visitor.peer == peer).count();
        let may = |whose| self.served.has_room(whose, Instant::now());
        if visits >= VISITS_MAX || !from.as_ref().is_none_or(may) {
            // Dropping the stream refuses it.
            self.hands.tally.count(Refused::Busy);
            return Ok(());
        }
        let session = SessionId(self.name() * 2 + 1);
        self.visits.insert(session, Visitor { peer, from });
        self.pump(session, stream);
        self.handle(Input::Accepted { session, peer }).await
    }
}
