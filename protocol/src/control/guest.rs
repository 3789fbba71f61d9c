//! Members at the door that is open from anywhere: how they say who they are, and what they may ask.
//!
//! **Invariant:** what a member signs here can never be a record, and the signature of a record opens
//! no door: what is signed begins differently.
//!
//! **Invariant:** a guest learns nothing of other nodes: neither who is connected nor who listens where.
//!
//! **Invariant:** a record of reach `own` is shown only to those who speak for its network.

use std::collections::BTreeSet;

use serde_bytes::ByteBuf;

use super::{Failure, RecordFilter, Refusal, Request, Response};
use crate::admission::NewcomerRoom;
use crate::event::Event;
use crate::id::{NetId, NodeId, PublicKey, ThingId};
use crate::key::{SIGNATURE_BYTES, SecretKey};
use crate::record::{Kind, Reach, Unverified, holds, sequence};

/// The name of the protocol, with which everything begins that is signed at the door.
pub const PROTOCOL: &str = "/weft/control/1";

/// The number of bytes of a nonce: two that are chosen freely never meet.
pub const NONCE_BYTES: usize = 32;

/// What a node asks a member to sign, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The node that asks.
    pub node: NodeId,
    /// The node from which the member speaks, by the transport's own proof.
    pub client: NodeId,
    /// Fresh randomness of the node that asks.
    pub nonce: [u8; NONCE_BYTES],
}

impl Challenge {
    /// Returns the bytes to be signed: the array of the protocol, the client, the node and the nonce in
    /// the encoding of section 2. They begin with `84 6F`; what a record signs begins with `84 6A`.
    pub fn text(&self) -> Vec<u8> {
        let mut text = vec![0x84, 0x6f];
        text.extend_from_slice(PROTOCOL.as_bytes());
        for part in [&self.client.0, &self.node.0, &self.nonce] {
            text.extend_from_slice(&[0x58, 0x20]);
            text.extend_from_slice(part);
        }
        text
    }

    /// Signs the challenge.
    pub fn answer(&self, key: &SecretKey) -> [u8; SIGNATURE_BYTES] {
        key.sign(&self.text())
    }

    /// Says whether this key has signed the challenge, by the rule for records.
    pub fn is_answered(&self, key: &PublicKey, signature: &[u8]) -> bool {
        let signature = <&[u8; SIGNATURE_BYTES]>::try_from(signature);
        signature.is_ok_and(|signature| holds(key, &self.text(), signature))
    }
}

/// Somebody who has proved to hold a key, and what the key may do here at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The key.
    pub key: PublicKey,
    /// The networks of this node for which it speaks: as their own key, or under an active role.
    pub nets: BTreeSet<NetId>,
    /// The roles of networks of this node that wait for this key to accept them.
    pub offered: BTreeSet<ThingId>,
}

/// Returns what is said to a key that may do nothing here.
pub fn stranger() -> Failure {
    Failure::Refused(Refusal::Stranger)
}

/// Says whether a request is for guests at all, whoever they are.
///
/// # Errors
/// [`Failure::Refused`] for what is the operator's, [`Failure::BadRequest`] for another proof.
pub fn may_ask(request: &Request) -> Result<(), Failure> {
    match request {
        Request::Hello { .. }
        | Request::Status
        | Request::Check { .. }
        | Request::Post { .. }
        | Request::Resolve { .. }
        | Request::Mandates { .. }
        | Request::Record { .. }
        | Request::Held { .. }
        | Request::Thing { .. }
        | Request::Networks
        | Request::Network { .. }
        | Request::Roles { .. }
        | Request::Values { .. }
        | Request::Ties { .. }
        | Request::Calls(_)
        | Request::Call { .. }
        | Request::Proposals(_)
        | Request::Proposal { .. }
        | Request::Gatherings(_)
        | Request::Gathering { .. }
        | Request::Minutes { .. }
        | Request::Disclosures { .. }
        | Request::Owed { .. }
        | Request::Due { .. }
        | Request::Concerns { .. }
        | Request::Records(RecordFilter { hidden: false, .. })
        | Request::Ways { .. }
        | Request::Reach { .. }
        | Request::Weave
        | Request::Watch(_) => Ok(()),
        Request::Peers
        | Request::Connect { .. }
        | Request::Trials
        | Request::Forget { .. }
        | Request::SyncNow
        | Request::SyncStatus
        | Request::Records(RecordFilter { hidden: true, .. })
        | Request::Store(_)
        | Request::Bridge(_)
        | Request::Policy(_)
        | Request::Newcomers(_)
        | Request::Regions(_)
        | Request::Configure(_)
        | Request::BelieveClock
        | Request::Stop => Err(Failure::Refused(Refusal::Operators)),
        Request::Knock { .. } | Request::Prove { .. } => {
            Err(Failure::BadRequest("you have proved who you are".to_owned()))
        }
    }
}

impl Guest {
    /// Says whether the guest may post these bytes: what its own key has signed for the networks here for
    /// which it speaks, and its answers to the roles that it is offered. Who is trusted to speak for one
    /// network is not trusted to bring what others say: that comes from peers, who pay for it.
    ///
    /// # Errors
    /// [`Failure::Refused`].
    pub fn may_post(&self, records: &[u8]) -> Result<(), Failure> {
        let is_own = |bytes: &[u8]| {
            // What is no record is refused a step later, with its reason.
            let Ok(record) = Unverified::decode(bytes).map(Unverified::assume_verified) else {
                return true;
            };
            let header = record.header();
            let answers = || {
                header.kind == Kind::Response
                    && header.role.is_some_and(|role| self.offered.contains(&role))
            };
            record.key() == self.key && (self.nets.contains(&record.net()) || answers())
        };
        if sequence(records).all(|bytes| bytes.map_or(true, is_own)) {
            return Ok(());
        }
        let why = if self.nets.is_empty() { Refusal::NotAccepted } else { Refusal::OthersWords };
        Err(Failure::Refused(why))
    }

    /// Returns what the guest is shown of an answer; none when it is not for its eyes.
    pub fn shown(&self, response: Response) -> Option<Response> {
        let bytes = match &response {
            Response::Record(view) => &view.record,
            Response::Network(_) => {
                let Response::Network(mut view) = response else { return None };
                let seen = |bytes: ByteBuf| match self.may_see(home_of(&bytes)) {
                    true => bytes,
                    false => ByteBuf::new(),
                };
                view.state.hosting = view.state.hosting.map(seen);
                let shown = self.may_see(home_of(&view.record));
                return shown.then_some(Response::Network(view));
            }
            Response::Role(view) => &view.record,
            Response::Values(view) => &view.record,
            Response::Tie(view) => &view.record,
            Response::Call(view) => &view.record,
            Response::Answer(view) => &view.record,
            Response::Proposal(view) => &view.record,
            Response::Gathering(view) => &view.record,
            Response::Minutes(view) => &view.record,
            Response::Disclosure(view) => &view.record,
            Response::Concern(view) => &view.record,
            Response::Thing(view) => &view.current,
            Response::Status(_) => {
                let Response::Status(mut status) = response else { return None };
                status.listening.clear();
                status.missed.clear();
                status.newcomers = NewcomerRoom::default();
                return Some(Response::Status(status));
            }
            // What waits for a network is for its own people.
            Response::Due(due) => return self.nets.contains(&due.net).then_some(response),
            Response::Peer(_)
            | Response::Trial(_)
            | Response::Sync(_)
            | Response::Store(_)
            | Response::Bridge(_)
            | Response::Region(_)
            | Response::Lane(_)
            | Response::Crossing(_)
            | Response::Policy(_)
            | Response::Explained(_)
            | Response::Newcomer(_) => return None,
            Response::Hello { .. }
            | Response::Challenge { .. }
            | Response::Fine
            | Response::Checked { .. }
            | Response::Thread(_)
            | Response::End
            | Response::Failed(_)
            | Response::Posted(_)
            | Response::Held(_)
            | Response::Resolved { .. }
            | Response::Mandate(_)
            | Response::Owed(_)
            | Response::Ways(_)
            | Response::Reach(_)
            | Response::Event(_) => return Some(response),
        };
        self.may_see(home_of(bytes)).then_some(response)
    }

    /// Says whether the guest is told of an event; `home` is the network and the reach of the record
    /// that it is about, where that has one.
    pub fn hears(&self, event: &Event, home: Option<(NetId, Reach)>) -> bool {
        match event {
            Event::Stored { .. } | Event::Judged { .. } | Event::Erased { .. } => {
                self.may_see(home)
            }
            Event::Held { .. } => home.is_some_and(|(net, _)| self.nets.contains(&net)),
            Event::Disputed { .. } | Event::ReadOnly { .. } | Event::Writable => true,
            Event::Met { .. }
            | Event::Parted { .. }
            | Event::Syncing { .. }
            | Event::Synced { .. }
            | Event::SyncFailed { .. } => false,
        }
    }

    /// Says whether the guest may know of a record, by its network and its reach.
    pub fn may_see(&self, home: Option<(NetId, Reach)>) -> bool {
        home.is_none_or(|(net, reach)| reach != Reach::Own || self.nets.contains(&net))
    }
}

/// Returns of which network a record is and how far it reaches, where it has a home.
fn home_of(bytes: &[u8]) -> Option<(NetId, Reach)> {
    let record = Unverified::decode(bytes).map(Unverified::assume_verified);
    record.ok().and_then(|r| Some((r.net(), r.header().home.as_ref()?.reach)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::body::Body;
    use crate::body::response::{Reference, Response as Answer, ResponseKind};
    use crate::body::text::List;
    use crate::control::{Judgement, View};
    use crate::id::RecordId;
    use crate::record::{Draft, Record};
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    fn challenge() -> Challenge {
        Challenge { node: NodeId([1; 32]), client: NodeId([2; 32]), nonce: [3; 32] }
    }

    #[test]
    fn a_proof_holds_for_one_key_one_nonce_and_one_way() {
        let (alice, eve) = (key(7), key(8));
        let answer = challenge().answer(&alice);
        assert!(challenge().is_answered(&alice.public(), &answer));
        assert!(!challenge().is_answered(&eve.public(), &answer));
        assert!(!challenge().is_answered(&alice.public(), &answer[1..]));
        for other in [
            Challenge { nonce: [4; 32], ..challenge() },
            Challenge { client: NodeId([9; 32]), ..challenge() },
            Challenge { node: NodeId([2; 32]), client: NodeId([1; 32]), ..challenge() },
        ] {
            assert!(!other.is_answered(&alice.public(), &answer), "{other:?}");
        }
    }

    #[test]
    fn s15_7_what_is_signed_is_this_to_the_byte() {
        let text = challenge().text();
        assert_eq!(crate::cbor::check(&text), Ok(()));
        assert_eq!(&text[..17], b"\x84\x6f/weft/control/1");
        assert_eq!(text.len(), 17 + 3 * 34);
        assert_eq!(text[17..51], [&[0x58, 0x20][..], &[2; 32]].concat());
    }

    #[test]
    fn the_operators_requests_are_refused_in_words() {
        let refused = may_ask(&Request::Stop).unwrap_err().to_string();
        assert!(refused.contains("only the operator"), "{refused}");
        assert!(may_ask(&Request::Peers).is_err() && may_ask(&Request::Networks).is_ok());
    }

    fn answer(key: &SecretKey, net: NetId, role: ThingId, reach: Reach) -> Record {
        let to = Reference { thing: role, seen: RecordId(role.0) };
        let kind = ResponseKind::Accept;
        let evidence = List::default();
        let (text, ask, amount, choice) = (None, None, None, None);
        let sealed = Default::default();
        let body = Answer { kind, to, text, ask, amount, choice, evidence, sealed, minutes: None };
        let body = Body::Response(body);
        let home = ("us-wa".parse().unwrap(), reach);
        let draft = Draft::new(body, net, home, (NOW, Duration::from_secs(60)));
        draft.under(role).sign(key).unwrap()
    }

    #[test]
    fn who_is_only_offered_a_role_posts_its_own_answer_to_it_and_nothing_else() {
        let (net, role) = (NetId([5; 32]), ThingId([6; 32]));
        let offered = [role].into();
        let guest = Guest { key: key(7).public(), nets: BTreeSet::new(), offered };
        let own = answer(&key(7), net, role, Reach::Movement);
        assert_eq!(guest.may_post(own.bytes()), Ok(()));
        let other_key = answer(&key(8), net, role, Reach::Movement);
        let other_role = answer(&key(7), net, ThingId([9; 32]), Reach::Movement);
        for other in [other_key, other_role] {
            let both = [&own.bytes()[..], other.bytes()].concat();
            assert!(guest.may_post(&both).is_err());
        }
    }

    #[test]
    fn h7_a_member_posts_what_its_own_key_signs_for_a_network_here_and_nothing_of_others() {
        let (here, elsewhere, role) = (NetId([5; 32]), NetId([9; 32]), ThingId([6; 32]));
        let member = Guest { key: key(7).public(), nets: [here].into(), offered: [role].into() };
        let own = answer(&key(7), here, ThingId([8; 32]), Reach::Movement);
        let accepts = answer(&key(7), elsewhere, role, Reach::Movement);
        let fine = [&own.bytes()[..], accepts.bytes()].concat();
        assert_eq!(member.may_post(&fine), Ok(()));
        let of_another_key = answer(&key(8), here, ThingId([8; 32]), Reach::Movement);
        let for_another_network = answer(&key(7), elsewhere, ThingId([8; 32]), Reach::Movement);
        for other in [of_another_key, for_another_network] {
            let both = [&own.bytes()[..], other.bytes()].concat();
            let refused = member.may_post(&both).unwrap_err().to_string();
            assert!(refused.contains("what your key signs"), "{refused}");
        }
    }

    #[test]
    fn a_networks_own_records_are_shown_to_those_who_speak_for_it() {
        let (net, role) = (NetId([5; 32]), ThingId([6; 32]));
        let member =
            |net| Guest { key: key(7).public(), nets: [net].into(), offered: BTreeSet::new() };
        for (reach, others_see) in [(Reach::Own, false), (Reach::Region, true)] {
            let record = answer(&key(7), net, role, reach).bytes().to_vec().into();
            let state = Judgement { void: None, steps: Vec::new() };
            let response = Response::Record(View { record, state });
            assert_eq!(member(net).shown(response.clone()), Some(response.clone()));
            assert_eq!(member(NetId([8; 32])).shown(response).is_some(), others_see);
        }
        let event = Event::Met { peer: NodeId([1; 32]), region: "us-wa".parse().unwrap() };
        assert!(!member(net).hears(&event, None));
        assert!(member(net).hears(&Event::Writable, None));
    }
}
