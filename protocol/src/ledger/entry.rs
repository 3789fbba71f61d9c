//! What the ledger keeps of a stored record: what judging and folding need, never its text.

use super::Ledger;
use super::facts::{DisclosureFacts, GatheringFacts, ProposalFacts};
use super::few::Few;
use super::ids::{Handle, Ids, NONE};
use crate::authority::{Acceptance, Act, Ending, Event, Grant, Naming, Support, topic_hash};
use crate::body::Body;
use crate::body::call::{Call, CallKind, Urgency};
use crate::body::disclosure::DisclosureKind;
use crate::body::response::{Choice, Response, ResponseKind};
use crate::body::text::Tag;
use crate::body::tie::TieKind;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::record::{BodyHash, Header, Kind, whole_hash};
use crate::region::Region;
use crate::time::Timestamp;

/// Facts of a call.
#[derive(Debug)]
pub(super) struct CallFacts {
    pub(super) hash: BodyHash,
    pub(super) asks: Few<u32>,
    pub(super) topics: Few<u64>,
    pub(super) part_of: Handle,
    pub(super) urgent: bool,
}

/// Facts of an answer.
#[derive(Debug)]
pub(super) struct AnswerFacts {
    pub(super) kind: ResponseKind,
    pub(super) to: Handle,
    pub(super) seen: Handle,
    pub(super) ask: Option<u8>,
    pub(super) amount: Option<u32>,
    pub(super) choice: Option<Box<Choice>>,
    pub(super) minutes: Option<Box<MinutesFacts>>,
}

/// Facts of minutes.
#[derive(Debug)]
pub(super) struct MinutesFacts {
    /// When the meeting was to begin.
    pub(super) start: Timestamp,
    /// Which networks came.
    pub(super) came: Few<Handle>,
}

impl AnswerFacts {
    fn of(ids: &mut Ids, body: &Response) -> Self {
        let minutes = body.minutes.as_ref().map(|minutes| {
            let came = minutes.networks.iter().map(|net| ids.intern(&net.0)).collect();
            Box::new(MinutesFacts { start: Timestamp::from_secs(minutes.start), came })
        });
        Self {
            kind: body.kind,
            to: ids.intern(&body.to.thing.0),
            seen: ids.intern(&body.to.seen.0),
            ask: body.ask,
            amount: body.amount,
            choice: body.choice.clone().map(Box::new),
            minutes,
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = Handle> + '_ {
        let came = self.minutes.iter().flat_map(|minutes| minutes.came.iter().copied());
        [self.to, self.seen].into_iter().chain(came)
    }
}

/// Facts of a tie.
#[derive(Debug)]
pub(super) struct TieFacts {
    pub(super) hash: BodyHash,
    pub(super) kind: TieKind,
    pub(super) parties: Few<Handle>,
    pub(super) notice_days: u16,
    /// Which regions it joins, when it is a bridge's.
    pub(super) bridge: Option<Box<(Region, Region)>>,
    pub(super) review_on: Option<Timestamp>,
    /// Whether its parties have seats in decisions.
    pub(super) seated: bool,
    /// What each party owes in openness.
    pub(super) required: Few<DisclosureKind>,
}

/// Facts of a carriage.
#[derive(Debug)]
pub(super) struct CarriageFacts {
    pub(super) hash: BodyHash,
    pub(super) from: Region,
    /// Who carried before, into which region.
    pub(super) via: Box<[(Handle, Region)]>,
    pub(super) tie: Handle,
    /// Network and thing.
    pub(super) things: Box<[(Handle, Handle)]>,
    pub(super) rule: Tag,
}

/// Facts of the other kinds.
#[derive(Debug)]
pub(super) struct OtherFacts {
    pub(super) hash: BodyHash,
    pub(super) topics: Few<u64>,
    /// Among declarations, which one it can stand in for.
    pub(super) subject: u64,
}

/// What only this kind of record says.
#[derive(Debug)]
pub(super) enum Facts {
    /// Its bytes are gone.
    Erased,
    /// The network's support holds it.
    Support,
    Call(Box<CallFacts>),
    Answer(Box<AnswerFacts>),
    Tie(Box<TieFacts>),
    Carriage(Box<CarriageFacts>),
    Proposal(Box<ProposalFacts>),
    Gathering(Box<GatheringFacts>),
    Disclosure(Box<DisclosureFacts>),
    Other(Box<OtherFacts>),
}

/// Whether a record speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Unjudged,
    Valid,
    Held,
    Void,
}

/// Where a record stands among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks {
    /// A later version counts.
    pub(super) superseded: bool,
    /// Another thing or answer of the same sort counts.
    pub(super) outdone: bool,
    pub(super) forked: bool,
    pub(super) unaccepted: bool,
    pub(super) ended: bool,
    /// Of the profiles of its network and its home, the one whose nodes and sealing key count
    /// (`hosting`).
    pub(super) hosts: bool,
    pub(super) erased: bool,
    pub(super) in_set: bool,
}

/// A record at a moment, in twelve bytes: every record is in two indexes of moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C, packed(4))]
pub(super) struct Dated {
    pub(super) at: Timestamp,
    pub(super) id: Handle,
}

/// A stored record: flat, because a hundred thousand of them are walked and kept.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) net: Handle,
    pub(super) thing: Handle,
    pub(super) role: Handle,
    /// Among the keys, not among the ids.
    pub(super) key: Handle,
    pub(super) home: u32,
    pub(super) rev: u16,
    /// Of how many bytes the record is.
    pub(super) size: u16,
    pub(super) sort: Sort,
    pub(super) verdict: Verdict,
    pub(super) marks: Marks,
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) facts: Facts,
}

/// The kind of a record in one byte: its place in [`Kind::ALL`], or one more for unknown kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Identity,
    Profile,
    Role,
    Values,
    Call,
    Response,
    Proposal,
    Gathering,
    Tie,
    Disclosure,
    Carriage,
    End,
    Other,
}

impl Sort {
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Identity => Self::Identity,
            Kind::Profile => Self::Profile,
            Kind::Role => Self::Role,
            Kind::Values => Self::Values,
            Kind::Call => Self::Call,
            Kind::Response => Self::Response,
            Kind::Proposal => Self::Proposal,
            Kind::Gathering => Self::Gathering,
            Kind::Tie => Self::Tie,
            Kind::Disclosure => Self::Disclosure,
            Kind::Carriage => Self::Carriage,
            Kind::End => Self::End,
            Kind::Other(_) => Self::Other,
        }
    }

    /// Returns the kind, unless its name is not known.
    pub(super) fn kind(self) -> Option<Kind> {
        Kind::ALL.get(self as usize).cloned()
    }
}

/// Returns who signed what, when.
pub(super) fn act(id: RecordId, key: PublicKey, header: &Header) -> Act {
    Act { id, key, role: header.role, at: header.at, until: header.until }
}

/// What a record is to the authority of its network.
pub(super) enum Part {
    Event(Event),
    Grant(Grant),
    Acceptance(ThingId, Acceptance),
    Ending(Ending),
    /// Nothing: it is judged by it.
    None(Act),
}

impl Part {
    /// Reads a record's part in the authority of its network.
    pub(super) fn of(act: Act, header: &Header, body: &Body, hash: BodyHash) -> Self {
        let rev = header.version.rev;
        match (body, &header.home) {
            (Body::Identity(body), _) => {
                let prev = header.version.prev.first().copied();
                Self::Event(Event { act, prev, rev, hash, body: body.clone() })
            }
            (Body::Role(role), Some(home)) => {
                let thing = header.thing(body).unwrap_or(ThingId(act.id.0));
                let (home, body) = (home.clone(), role.clone());
                Self::Grant(Grant { act, thing, rev, home, hash, body })
            }
            (Body::Response(body), Some(home)) if accepts_own_role(header, body) => {
                let acceptance = Acceptance { act, seen: body.to.seen, home: home.clone() };
                Self::Acceptance(body.to.thing, acceptance)
            }
            (Body::End(body), Some(home)) => Self::Ending(Ending {
                act,
                home: home.clone(),
                kind: body.kind,
                targets: body.targets.to_vec().into(),
                key_reason: body.key_reason,
                keep: body.keep.to_vec().into(),
            }),
            _ => Self::None(act),
        }
    }

    /// Says whether stored support names the key.
    pub(super) fn named_by(&self, support: &Support, net: NetId) -> Naming {
        let act = match self {
            Self::Event(event) => return support.names_event(event),
            Self::Grant(grant) => &grant.act,
            Self::Acceptance(_, acceptance) => &acceptance.act,
            Self::Ending(end) => &end.act,
            Self::None(act) => act,
        };
        support.names(net.into(), act)
    }

    /// Puts it into the support.
    pub(super) fn join(self, support: &mut Support) {
        match self {
            Self::Event(event) => {
                support.events.insert(event.act.id, Box::new(event));
            }
            Self::Grant(grant) => support.add_grant(grant),
            Self::Acceptance(role, acceptance) => {
                support.acceptances.insert((role, acceptance.act.id), acceptance);
            }
            Self::Ending(end) => support.add_end(end),
            Self::None(_) => {}
        }
    }

    /// Returns the roles that must be judged again with it.
    pub(super) fn roles(&self, support: &Support) -> Vec<ThingId> {
        match self {
            Self::Grant(grant) => vec![grant.thing],
            Self::Acceptance(role, _) => vec![*role],
            Self::Ending(end) => {
                let things = end.targets.iter().map(|target| target.thing);
                things.filter(|thing| support.has_role(thing)).collect()
            }
            Self::Event(_) | Self::None(_) => Vec::new(),
        }
    }

    pub(super) fn is_support(&self) -> bool {
        !matches!(self, Self::None(_))
    }
}

/// Says whether an answer accepts the very role that it is signed under.
pub(super) fn accepts_own_role(header: &Header, body: &Response) -> bool {
    body.kind == ResponseKind::Accept && header.role == Some(body.to.thing)
}

fn topics(fields: &[Tag]) -> Few<u64> {
    fields.iter().map(topic_hash).collect()
}

fn call_facts(ids: &mut Ids, call: &Call, hash: BodyHash) -> CallFacts {
    let wanted = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
    CallFacts {
        hash,
        asks: call.asks.iter().map(|ask| wanted(ask.wanted())).collect(),
        topics: topics(&call.fields),
        part_of: call.part_of.map_or(NONE, |thing| ids.intern(&thing.0)),
        urgent: call.kind == CallKind::Alert || call.urgency == Urgency::Now,
    }
}

impl Facts {
    /// Reads what the folds need of a body.
    pub(super) fn of(ids: &mut Ids, body: &Body, hash: BodyHash, until: Timestamp) -> Self {
        let mut other = OtherFacts { hash, topics: Few::default(), subject: 0 };
        match body {
            Body::Call(call) => return Self::Call(Box::new(call_facts(ids, call, hash))),
            Body::Response(body) => {
                return Self::Answer(Box::new(AnswerFacts::of(ids, body)));
            }
            Body::Tie(tie) => {
                return Self::Tie(Box::new(TieFacts {
                    hash,
                    kind: tie.kind,
                    parties: tie.parties.as_slice().iter().map(|p| ids.intern(&p.0)).collect(),
                    notice_days: tie.terms.notice_days.unwrap_or(0),
                    review_on: tie.review_on.map(Timestamp::from_secs),
                    bridge: Ledger::bridge_of(tie),
                    seated: tie.terms.seats.is_none_or(|s| s.rep > 0 || s.alternate > 0),
                    required: tie
                        .terms
                        .disclosure_required
                        .iter()
                        .filter_map(|tag| DisclosureKind::of(tag.folded()))
                        .collect(),
                }));
            }
            Body::Identity(_) | Body::Role(_) | Body::End(_) => return Self::Support,
            Body::Profile(profile) => other.topics = topics(&profile.fields),
            Body::Values(values) => {
                let subject = crate::cbor::to_bytes(&values.subject).unwrap_or_default();
                let hash = whole_hash(&subject);
                other.subject = hash.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte));
            }
            Body::Proposal(proposal) => {
                return Self::Proposal(Box::new(ProposalFacts::of(ids, proposal, hash)));
            }
            Body::Gathering(gathering) => {
                return Self::Gathering(Box::new(GatheringFacts::of(ids, gathering, hash, until)));
            }
            Body::Disclosure(disclosure) => {
                return Self::Disclosure(Box::new(DisclosureFacts::of(ids, disclosure, hash)));
            }
            Body::Carriage(carriage) => {
                let via = carriage.via.iter();
                let things = carriage.things.iter();
                return Self::Carriage(Box::new(CarriageFacts {
                    hash,
                    from: carriage.from.clone(),
                    via: via.map(|c| (ids.intern(&c.net.0), c.region.clone())).collect(),
                    tie: ids.intern(&carriage.tie.0),
                    things: things
                        .map(|c| (ids.intern(&c.net.0), ids.intern(&c.thing.0)))
                        .collect(),
                    rule: carriage.rule.clone(),
                }));
            }
            Body::Opaque(..) => {}
        }
        Self::Other(Box::new(other))
    }

    /// Returns the hash of the body, where answers may bind to it.
    pub(super) fn hash(&self) -> Option<BodyHash> {
        match self {
            Self::Call(call) => Some(call.hash),
            Self::Tie(tie) => Some(tie.hash),
            Self::Carriage(carriage) => Some(carriage.hash),
            Self::Proposal(proposal) => Some(proposal.hash),
            Self::Gathering(gathering) => Some(gathering.hash),
            Self::Disclosure(disclosure) => Some(disclosure.hash),
            Self::Other(other) => Some(other.hash),
            Self::Erased | Self::Support | Self::Answer(_) => None,
        }
    }
}
