//! What an answer would bear on: looked at before it is signed, because what counts for nothing is
//! signed for ever all the same.
//!
//! **Invariant:** what counts is decided by the folds alone; this tells a person beforehand what they
//! will say. What may change until others hear of it is asked, and what never counts is refused.

use std::collections::BTreeSet;

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::proposal::{DecisionMethod, Proposal};
use weft_protocol::body::response::{Choice, Response as Answer, ResponseKind};
use weft_protocol::control::AnswerState;
use weft_protocol::fold::call::{self, State};
use weft_protocol::fold::gathering;
use weft_protocol::fold::proposal;
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::ledger::Ratification;
use weft_protocol::record::{Kind, Record};
use weft_protocol::time::Timestamp;

use crate::commands;
use crate::desk::Desk;
use crate::door::Door;
use crate::draft::Pen;
use crate::exit::{self, Exit, Failure};
use crate::show::call::phase as phase_word;
use crate::show::directory::Directory;
use crate::show::proposal::phase as decided_word;
use crate::show::shares::{Shares, response};
use crate::words::{Bearing, Say};

/// Makes the error of what would count for nothing whatever happens.
fn refused(said: Bearing) -> anyhow::Error {
    Failure::ending(Exit::Refused, Say::Bearing(said))
}

/// Asks whether to sign what counts for nothing as far as this node knows.
fn doubted(desk: &Desk, said: Bearing) -> Result<()> {
    desk.confirm(&Say::Bearing(said))
}

fn name(pen: &Pen<'_>, net: NetId) -> Result<String> {
    Ok(Directory::load(pen.desk, &pen.door)?.name(net))
}

/// Refuses to change or take back what another network has said.
///
/// # Errors
/// Unless this network is its author.
pub(crate) fn own(pen: &Pen<'_>, record: &Record, us: NetId) -> Result<()> {
    if record.net() == us {
        return Ok(());
    }
    Err(refused(Bearing::OnlyAuthor { name: name(pen, record.net())? }))
}

/// Makes the error of a version that would end before the one that it follows.
pub(crate) fn lives_longer(desk: &Desk, last: &Record) -> anyhow::Error {
    refused(Bearing::LivesLonger { until: desk.date(last.header().until) })
}

/// A call with what has come of it.
#[derive(Debug)]
pub(crate) struct Affair {
    call: Record,
    state: State,
    answers: Vec<(Record, AnswerState)>,
}

/// A call, an offer, its delivery, the word on that: no answer lies deeper.
pub(crate) const DEPTH_MAX: usize = 4;

impl Affair {
    /// Finds the call that a record is, or that it answers; none when it answers something else, or
    /// the call is not here.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn about(door: &Door, record: &Record) -> Result<Option<Self>> {
        let mut root = record.clone();
        for _ in 0..DEPTH_MAX {
            let Body::Response(answer) = root.body() else { break };
            root = match door.record(answer.to.thing.into()) {
                Ok(answered) => answered,
                Err(error) if exit::is_absence(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
        }
        if root.header().kind != Kind::Call {
            return Ok(None);
        }
        let ((call, state), answers) = commands::call::of(door, root.thing())?;
        Ok(Some(Self { call, state, answers }))
    }

    fn shares(&self) -> Shares<'_> {
        Shares { call: &self.call, state: &self.state, answers: &self.answers }
    }

    /// Returns the standing answers of a kind to a thing.
    fn standing(
        &self,
        to: ThingId,
        kind: ResponseKind,
    ) -> impl Iterator<Item = (&Record, &Answer)> {
        self.shares().standing(to, kind)
    }

    /// Refuses to accept more than was offered, or to confirm more than was delivered.
    ///
    /// # Errors
    /// When it is more.
    pub(crate) fn is_within(&self, answered: &Record, amount: Option<u32>) -> Result<()> {
        let most = self.shares().amount(answered);
        match (amount, most) {
            (Some(amount), Some(most)) if u64::from(amount) > most => {
                let answered = answered.thing().short();
                Err(refused(Bearing::MoreThanIs { answered, most }))
            }
            _ => Ok(()),
        }
    }

    /// Asks whether to answer a call that is over.
    ///
    /// # Errors
    /// When the person does not.
    pub(crate) fn is_open(&self, desk: &Desk) -> Result<()> {
        match self.state.phase {
            call::Phase::Open | call::Phase::PartMet => Ok(()),
            phase => {
                let phase = desk.speech.word(phase_word(phase)).to_owned();
                doubted(desk, Bearing::Over { phase })
            }
        }
    }

    /// The same for what counts of a met call too: endorsements and concerns.
    ///
    /// # Errors
    /// When the person does not.
    pub(crate) fn is_there(&self, desk: &Desk) -> Result<()> {
        if self.state.phase == call::Phase::Met { Ok(()) } else { self.is_open(desk) }
    }

    /// Refuses a version of a call that was taken back.
    ///
    /// # Errors
    /// When it was.
    pub(crate) fn is_not_withdrawn(&self) -> Result<()> {
        if self.state.phase == call::Phase::Withdrawn {
            return Err(refused(Bearing::WithdrawnAlready));
        }
        Ok(())
    }

    /// Says what becomes of an earlier offer of this network to the same ask.
    pub(crate) fn say_earlier(&self, desk: &Desk, us: NetId, ask: Option<u8>) {
        let offers = self.standing(self.call.thing(), ResponseKind::Offer);
        let ours = offers.filter(|(offer, answer)| offer.net() == us && answer.ask == ask);
        for (earlier, _) in ours {
            let mut words = self.standing(earlier.thing(), ResponseKind::Accept);
            let accepted = words.any(|(word, _)| word.net() == self.call.net());
            let offer = earlier.thing().short();
            desk.note(&Say::Bearing(if accepted {
                Bearing::Beside { offer }
            } else {
                Bearing::Replaces { offer }
            }));
        }
    }

    /// Refuses the caller's word by any other network.
    ///
    /// # Errors
    /// Unless this network is the caller.
    pub(crate) fn is_callers(&self, pen: &Pen<'_>, us: NetId) -> Result<()> {
        if self.call.net() == us {
            return Ok(());
        }
        Err(refused(Bearing::OnlyCaller { name: name(pen, self.call.net())? }))
    }

    /// Returns the delivery that is meant by itself, or by the offer on which it is the only one.
    ///
    /// # Errors
    /// When there is none, or there are several; and when another has taken its place, and the person
    /// does not mean both.
    pub(crate) fn delivery(&self, desk: &Desk, named: &Record) -> Result<Record> {
        let kind = kind(named);
        if kind != Some(ResponseKind::Offer) {
            is_kind(named, ResponseKind::Deliver)?;
            let stands = |(other, state): &(Record, AnswerState)| {
                other.thing() == named.thing() && state.current
            };
            if !self.answers.iter().any(stands) {
                doubted(desk, Bearing::OtherDelivery)?;
            }
            return Ok(named.clone());
        }
        let found: Vec<&Record> =
            self.standing(named.thing(), ResponseKind::Deliver).map(|(record, _)| record).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(refused(Bearing::NotDelivered { offer: named.thing().short() })),
            many => {
                let deliveries = many.iter().map(|record| record.thing().to_string()).collect();
                Err(Failure::ending(
                    Exit::Usage,
                    Say::Bearing(Bearing::SeveralDeliveries { deliveries }),
                ))
            }
        }
    }

    /// Sees that a delivery is the giver's, and says when nobody has accepted the offer yet.
    ///
    /// # Errors
    /// Unless this network made the offer.
    pub(crate) fn is_givers(&self, pen: &Pen<'_>, offer: &Record, us: NetId) -> Result<()> {
        if offer.net() != us {
            return Err(refused(Bearing::OnlyGiver { name: name(pen, offer.net())? }));
        }
        let mut words = self.standing(offer.thing(), ResponseKind::Accept);
        if !words.any(|(word, _)| word.net() == self.call.net()) {
            let name = name(pen, self.call.net())?;
            pen.desk.note(&Say::Bearing(Bearing::NotAccepted { name }));
        }
        Ok(())
    }

    /// Returns of how much a delivery on an offer is, when this was said: what is not said is what was
    /// accepted and not confirmed yet.
    ///
    /// # Errors
    /// When it is more than is left, and the person does not mean it.
    pub(crate) fn left(
        &self,
        desk: &Desk,
        offer: &Record,
        said: Option<u32>,
    ) -> Result<Option<u32>> {
        let taken = self.shares().taken(offer).unwrap_or_default();
        let confirmed = self.shares().confirmed(offer);
        if taken == 0 || confirmed == 0 && said.is_none() {
            return Ok(said);
        }
        let left = taken.saturating_sub(confirmed);
        match said {
            None if left > 0 => Ok(u32::try_from(left).ok()),
            Some(amount) if u64::from(amount) <= left => Ok(said),
            _ => doubted(desk, Bearing::MoreThanLeft { left }).map(|()| said),
        }
    }

    /// Asks whether to take back an offer on which a delivery was confirmed.
    ///
    /// # Errors
    /// When the person does not.
    pub(crate) fn is_unconfirmed(&self, desk: &Desk, offer: &Record) -> Result<()> {
        if self.shares().confirmed(offer) == 0 { Ok(()) } else { doubted(desk, Bearing::Confirmed) }
    }
}

fn kind(record: &Record) -> Option<ResponseKind> {
    response(record).map(|answer| answer.kind)
}

/// Sees that an answer is of this kind.
///
/// # Errors
/// When it is of another.
pub(crate) fn is_kind(record: &Record, wanted: ResponseKind) -> Result<()> {
    match kind(record) {
        Some(is) if is != wanted => Err(refused(Bearing::OtherAnswer { is, wanted })),
        _ => Ok(()),
    }
}

/// Refuses to answer one's own call with what only others can give.
///
/// # Errors
/// When it is one's own.
pub(crate) fn anothers(call: &Record, us: NetId, kind: ResponseKind) -> Result<()> {
    if call::is_to_oneself(call.net(), us, kind) { Err(refused(Bearing::OwnCall)) } else { Ok(()) }
}

/// Refuses an answer to one's own concern.
///
/// # Errors
/// When it is.
pub(crate) fn concern(concern: &Record, us: NetId) -> Result<()> {
    is_kind(concern, ResponseKind::Concern)?;
    if concern.net() == us { Err(refused(Bearing::OwnConcern)) } else { Ok(()) }
}

/// Asks whether to answer a concern that is for others to answer.
///
/// # Errors
/// When the person does not.
pub(crate) fn concerned(pen: &Pen<'_>, concerned: &BTreeSet<NetId>, us: NetId) -> Result<()> {
    if concerned.contains(&us) {
        return Ok(());
    }
    doubted(pen.desk, Bearing::NotConcerned { name: name(pen, us)? })
}

/// Asks whether to accept a gathering that others host.
///
/// # Errors
/// When the person does not.
pub(crate) fn host(pen: &Pen<'_>, gathering: &Record, us: NetId) -> Result<()> {
    let Body::Gathering(body) = gathering.body() else { return Ok(()) };
    if gathering.net() == us || body.hosts.contains(&us) {
        return Ok(());
    }
    doubted(pen.desk, Bearing::NoHost { name: name(pen, us)? })
}

/// Asks whether a ballot is meant that names no option where options are asked for, or the other way
/// round.
///
/// # Errors
/// When it is not.
pub(crate) fn choice(desk: &Desk, proposal: &Proposal, choice: &Choice) -> Result<()> {
    let asks = proposal.rule.method == DecisionMethod::Approval;
    match choice {
        Choice::Consent if asks => doubted(desk, Bearing::NamesNoOption),
        Choice::Options(_) if !asks => doubted(desk, Bearing::OptionsConsent),
        _ => Ok(()),
    }
}

/// Asks whether to cast a ballot that does not count: too early, too late, without a vote.
///
/// # Errors
/// When the person does not.
pub(crate) fn ballot(pen: &Pen<'_>, proposal: &Record, us: NetId) -> Result<()> {
    use proposal::Phase;
    let Body::Proposal(body) = proposal.body() else { return Ok(()) };
    let ((_, Ratification { state, .. }), _) = commands::proposal::of(&pen.door, proposal.thing())?;
    match state.phase {
        Phase::Voting => {}
        Phase::Deliberation => {
            let opens = state.opens.map(|opens| pen.desk.date(opens));
            return doubted(pen.desk, Bearing::NotVotingYet { opens });
        }
        Phase::Withdrawn => return Err(refused(Bearing::WithdrawnAlready)),
        Phase::Adopted | Phase::Rejected | Phase::NoQuorum | Phase::Deferred | Phase::Expired => {
            let closed = pen.desk.date(Timestamp::from_secs(body.rule.vote_until));
            return doubted(pen.desk, Bearing::VotingOver { closed });
        }
    }
    if state.electors.is_empty() || state.electors.contains_key(&us) {
        return Ok(());
    }
    doubted(pen.desk, Bearing::NoElector { name: name(pen, us)? })
}

/// Refuses to take back a proposal that is decided, or withdrawn already.
///
/// # Errors
/// When it is.
pub(crate) fn undecided(pen: &Pen<'_>, proposal: &Record) -> Result<()> {
    use proposal::Phase;
    let ((_, decision), _) = commands::proposal::of(&pen.door, proposal.thing())?;
    match decision.state.phase {
        Phase::Deliberation | Phase::Voting => Ok(()),
        Phase::Withdrawn => Err(refused(Bearing::WithdrawnAlready)),
        phase => {
            let phase = pen.desk.speech.word(decided_word(phase)).to_owned();
            Err(refused(Bearing::Decided { phase }))
        }
    }
}

/// Refuses the minutes of a gathering that was cancelled; of a series, some meetings may have been
/// before.
///
/// # Errors
/// When it was.
pub(crate) fn minutes(door: &Door, gathering: &Record) -> Result<()> {
    let ((_, convening), _) = commands::gathering::of(door, gathering.thing())?;
    match convening.state.phase {
        gathering::Phase::Cancelled if convening.meetings < 2 => {
            Err(refused(Bearing::GatheringCancelled))
        }
        _ => Ok(()),
    }
}
