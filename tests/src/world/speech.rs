//! Who speaks, and what they can say.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use weft_protocol::body::Body;
use weft_protocol::body::call::{Call, CallKind, Risk, Urgency};
use weft_protocol::body::end::{End, EndKind, Target};
use weft_protocol::body::identity::{Identity, Keys, Reason, Revocation};
use weft_protocol::body::profile::{NetworkKind, Profile, PublishedNode, Status};
use weft_protocol::body::response::{Reference, Response, ResponseKind};
use weft_protocol::body::role::{Power, Role, RoleKind};
use weft_protocol::body::text::{List, Text};
use weft_protocol::body::tie::{Bridge, Terms, Tie, TieKind};
use weft_protocol::body::values::{Items, Method, Rating, Subject, ValueType, Values};
use weft_protocol::id::{NetId, NodeId, PublicKey, RecordId, ThingId};
use weft_protocol::key::SecretKey;
use weft_protocol::record::{Draft, Record, Version};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use super::{Statement, World};

/// A day.
const DAY: Duration = Duration::from_secs(86_400);

/// What every call says at length, so that a call is about 600 bytes, as all figures of this house
/// assume it.
const WORDS: &str = "The river has come up to the third step of the hall, and forty of our \
    neighbours sleep on its floor tonight. Whoever has a dry room, a bed or a van with an hour \
    to spare: write to us, we are awake. Bring dry socks in any size; the kettle is on, and the \
    road over the hill is open.";

/// A key that speaks for a network, itself or under a role.
#[derive(Debug, Clone)]
pub struct Voice {
    pub(super) net: NetId,
    pub(super) key: Arc<SecretKey>,
    pub(super) role: Option<ThingId>,
    pub(super) region: Region,
    pub(super) now: Timestamp,
}

/// A network that speaks with its own key.
#[derive(Debug, Clone)]
pub struct Network {
    voice: Voice,
    world: World,
    name: String,
    /// What founded it.
    pub inception: Record,
    /// The last event that named its keys.
    last: Record,
}

/// A member who speaks under a role.
#[derive(Debug, Clone)]
pub struct Member {
    voice: Voice,
    /// The role, as it was granted.
    pub role: Record,
    /// The holder's word that it is taken on.
    pub acceptance: Record,
}

impl Deref for Network {
    type Target = Voice;

    fn deref(&self) -> &Voice {
        &self.voice
    }
}

impl Deref for Member {
    type Target = Voice;

    fn deref(&self) -> &Voice {
        &self.voice
    }
}

impl Network {
    /// Founds a network.
    pub(super) fn found(world: &World, name: &str) -> Self {
        let key = world.key(&format!("{name} key 0"));
        let keys = keys(world, name, 0);
        let body = Body::Identity(Identity::Inception(keys));
        let inception = Draft::inception(body, world.now).sign(&key).expect("a network");
        let (region, now) = (world.region.clone(), world.now);
        let voice = Voice { net: inception.net(), key, role: None, region, now };
        let (world, name, last) = (world.clone(), name.to_owned(), inception.clone());
        Self { voice, world, name, inception, last }
    }

    /// Grants a role with the powers to call, respond, endorse and tie to a member of this label,
    /// who accepts it.
    pub fn member(&self, label: &str) -> Member {
        self.member_with(label, &[Power::Call, Power::Respond, Power::Endorse, Power::SignTie])
    }

    /// Grants a role with these powers to a member of this label, who accepts it.
    pub fn member_with(&self, label: &str, powers: &[Power]) -> Member {
        self.seat(label, RoleKind::Member, powers)
    }

    /// Grants a role of this kind with these powers to a member of this label, who accepts it.
    pub fn seat(&self, label: &str, kind: RoleKind, powers: &[Power]) -> Member {
        let key = self.world.key(&format!("{} {label}", self.name));
        let role = self.role_of_kind(label, kind, (key.public(), powers)).sign();
        let voice = Voice { key, role: Some(role.thing()), ..self.voice.clone() };
        let acceptance = voice.accept(&role).sign();
        Member { voice, role, acceptance }
    }

    /// Names the next key. Returns the event, and the network after it.
    pub fn rotate(&self) -> (Record, Self) {
        let n = usize::from(self.last.rev()) + 1;
        let body = Body::Identity(Identity::Rotate(keys(&self.world, &self.name, n)));
        let event = self.event(body, n);
        let key = self.world.key(&format!("{} key {n}", self.name));
        let voice = Voice { key, ..self.voice.clone() };
        let last = event.clone();
        (event, Self { voice, last, ..self.clone() })
    }

    /// Takes the signing key back as compromised, with the rotation key, and keeps these records.
    pub fn revoke(&self, keep: &[RecordId]) -> Record {
        let keep = keep.to_vec().try_into().expect("not too many to keep");
        let (key, since) = (self.voice.key.public(), self.voice.now);
        let revocation = Revocation { key, reason: Reason::Compromised, since, keep };
        let body = Body::Identity(Identity::Revoke(revocation));
        self.event(body, usize::from(self.last.rev()) + 1)
    }

    /// Moves on to this time: what it signs from here on is dated then.
    #[must_use]
    pub fn later(mut self, now: Timestamp) -> Self {
        self.voice.now = now;
        self
    }

    /// Signs the event that is number `n` of the log with the one-time key for it.
    fn event(&self, body: Body, n: usize) -> Record {
        let rev = u16::try_from(n).expect("a short log");
        let version = Version { rev, ..Version::after(&self.last) };
        let draft = Draft::event(body, self.id(), version, self.voice.now);
        draft.sign(&self.world.key(&format!("{} rotation {n}", self.name))).expect("an event")
    }
}

/// The keys that event number `n` of a network's log names.
fn keys(world: &World, name: &str, n: usize) -> Keys {
    let hash = |label: String| world.key(&format!("{name} {label}")).public().hash();
    let mut guardians: Vec<_> = (0..3).map(|i| hash(format!("guardian {i}"))).collect();
    guardians.sort_unstable();
    Keys {
        key: world.key(&format!("{name} key {n}")).public(),
        next: hash(format!("rotation {}", n + 1)),
        guardians: guardians.try_into().expect("three guardians"),
        need: 2,
    }
}

impl Voice {
    /// Returns the network that it speaks for.
    pub fn id(&self) -> NetId {
        self.net
    }

    /// Returns the key.
    pub fn key(&self) -> PublicKey {
        self.key.public()
    }

    /// Calls for something in these words.
    pub fn call(&self, title: &str) -> Statement<'_> {
        let call = Call {
            kind: CallKind::Need,
            mode: None,
            title: text(title),
            text: Some(text(WORDS)),
            asks: List::default(),
            fields: vec!["housing".parse().expect("a tag")].try_into().expect("one"),
            places: vec!["US-WA".parse().expect("a place")].try_into().expect("one"),
            values: List::default(),
            when: None,
            urgency: Urgency::Days,
            risk: Risk::Low,
            demand_to: None,
            part_of: None,
            contact: List::default(),
        };
        self.say(Body::Call(call))
    }

    /// Answers a record.
    pub fn respond(&self, kind: ResponseKind, to: &Record) -> Statement<'_> {
        let reference = Reference { thing: to.thing(), seen: to.id() };
        let response = Response {
            kind,
            to: reference,
            text: None,
            ask: None,
            amount: None,
            choice: None,
            evidence: List::default(),
            sealed: List::default(),
            minutes: None,
        };
        self.say(Body::Response(response)).until(to.header().until)
    }

    /// Stands behind it.
    pub fn endorse(&self, to: &Record) -> Statement<'_> {
        self.respond(ResponseKind::Endorse, to)
    }

    /// Offers what a call asks for.
    pub fn offer(&self, to: &Record) -> Statement<'_> {
        self.respond(ResponseKind::Offer, to)
    }

    /// Accepts an offer, a role or a tie.
    pub fn accept(&self, to: &Record) -> Statement<'_> {
        self.respond(ResponseKind::Accept, to)
    }

    /// Says who the network is, and which nodes it runs.
    pub fn profile(&self, nodes: &[NodeId]) -> Statement<'_> {
        let published = |node: &NodeId| PublishedNode { node: *node, addresses: List::default() };
        let nodes: Vec<_> = nodes.iter().map(published).collect();
        let profile = Profile {
            kind: NetworkKind::Network,
            name: text("Neighbours of the river"),
            purpose: Some(text("Nobody sleeps in the wet.")),
            sectors: List::default(),
            fields: List::default(),
            places: List::default(),
            languages: List::default(),
            size: None,
            status: Status::Active,
            offers: List::default(),
            links: List::default(),
            sealing: None,
            nodes: nodes.try_into().expect("at most eight nodes"),
            contact: List::default(),
        };
        self.say(Body::Profile(profile)).until(self.now + 300 * DAY)
    }

    /// Says what matters to the network.
    pub fn values(&self) -> Statement<'_> {
        let rate = |kind: ValueType| {
            let rating = match kind {
                ValueType::Un => 7,
                ValueType::Be => 6,
                ValueType::Sd => 5,
                ValueType::Po => 1,
                _ => 3,
            };
            (kind, Rating::try_from(rating).expect("a rating"))
        };
        let values = Values {
            instrument: "schwartz10@1".parse().expect("a tag"),
            subject: Subject::Ourselves,
            ratings: ValueType::ALL.into_iter().map(rate).collect(),
            items: Items::default(),
            method: Method::Assembly,
            statement: None,
            principles: List::default(),
        };
        self.say(Body::Values(values)).until(self.now + 300 * DAY)
    }

    /// Grants a role to a key, for 300 days.
    pub fn role(&self, label: &str, holder: PublicKey, powers: &[Power]) -> Statement<'_> {
        self.role_of_kind(label, RoleKind::Member, (holder, powers))
    }

    fn role_of_kind(
        &self,
        label: &str,
        kind: RoleKind,
        (holder, powers): (PublicKey, &[Power]),
    ) -> Statement<'_> {
        let role = Role {
            holder,
            label: label.parse().expect("a label"),
            kind,
            powers: powers.to_vec().try_into().expect("at most all powers"),
            scope: None,
            from: self.now.as_secs(),
        };
        self.say(Body::Role(role)).until(self.now + 300 * DAY)
    }

    /// Proposes an agreement with these networks.
    pub fn tie(&self, others: &[&Network]) -> Statement<'_> {
        self.tie_of(TieKind::Agreement, others)
    }

    /// Proposes a tie of this kind with these networks.
    pub fn tie_of(&self, kind: TieKind, others: &[&Network]) -> Statement<'_> {
        let parties: Vec<NetId> =
            std::iter::once(self.net).chain(others.iter().map(|other| other.id())).collect();
        let terms = Terms {
            summary: text("We help each other when the river comes."),
            text: None,
            commitments: List::default(),
            decision_rights: List::default(),
            seats: None,
            disclosure_required: List::default(),
            nonnegotiables: List::default(),
            max_members: None,
            notice_days: None,
        };
        let parties = parties.try_into().expect("different parties");
        let tie = Tie { kind, parties, terms, review_on: None, bridge: None, topic: None };
        self.say(Body::Tie(tie)).until(self.now + 300 * DAY)
    }

    /// Proposes a tie that lets this network carry between two regions, with these networks.
    pub fn bridge(&self, others: &[&Network], (from, to): (Region, Region)) -> Statement<'_> {
        let mut statement = self.tie(others);
        let languages = List::default();
        statement.turn(|body| {
            if let Body::Tie(tie) = body {
                tie.kind = TieKind::Bridge;
                tie.bridge = Some(Bridge { from, to, languages });
            }
        });
        statement
    }

    /// Takes a record's thing back.
    pub fn withdraw(&self, target: &Record) -> Statement<'_> {
        self.end(EndKind::Withdraw, target)
    }

    /// Asks every node to drop what a record's thing said.
    pub fn erase(&self, target: &Record) -> Statement<'_> {
        self.end(EndKind::Erase, target)
    }

    /// Ends a record's thing.
    pub fn end(&self, kind: EndKind, target: &Record) -> Statement<'_> {
        let until = target.header().until;
        let target = Target { thing: target.thing(), version: None, about: None };
        let targets = vec![target].try_into().expect("one target");
        let end = End { kind, targets, text: None, key_reason: None, keep: List::default() };
        self.say(Body::End(end)).until(until)
    }

    /// Says anything.
    pub fn say(&self, body: Body) -> Statement<'_> {
        Statement::new(self, body)
    }
}

pub(super) fn text<const MAX: usize, const ONE_LINE: bool>(words: &str) -> Text<MAX, ONE_LINE> {
    Text::new("en", words).expect("short words")
}
