//! Advice on an answer: to a call and what came of it, to a proposal, a gathering, its minutes, a tie
//! or a concern.

use super::{Absence, Advice, absence};
use crate::body::proposal::DecisionMethod;
use crate::body::response::{Choice, Response, ResponseKind};
use crate::fold::affair::Affair;
use crate::fold::call::{self, Answer, is_to_oneself};
use crate::fold::{gathering, proposal};
use crate::id::{NetId, ThingId};
use crate::ledger::{Ledger, Said};
use crate::record::Kind;
use crate::time::Timestamp;

/// A call, an offer, its delivery, the word on that, a concern about it: no answer that counts lies
/// deeper.
const DEPTH_MAX: usize = 5;

/// What an answer answers: the answers between, nearest first, and the thing at the root.
struct Chain {
    said: Vec<Said>,
    root: ThingId,
}

impl Chain {
    fn from(ledger: &Ledger, thing: ThingId) -> Self {
        let mut chain = Self { said: Vec::new(), root: thing };
        while let Some(said) = ledger.said(&chain.root).filter(|_| chain.said.len() < DEPTH_MAX) {
            chain.root = said.to;
            chain.said.push(said);
        }
        chain
    }
}

/// Returns the call at the root of an answer, and the offer or other answer to it that leads there.
pub(super) fn affair_of(ledger: &Ledger, answer: &ThingId) -> Option<(ThingId, ThingId)> {
    let chain = Chain::from(ledger, *answer);
    chain.said.last().map(|first| (chain.root, first.thing))
}

/// Advice on the first version of an answer.
pub(super) fn answering(
    ledger: &Ledger,
    us: NetId,
    answer: &Response,
    now: Timestamp,
) -> Vec<Advice> {
    let chain = Chain::from(ledger, answer.to.thing);
    let draft = Draft { ledger, us, answer, chain, now };
    let mut advice = draft.gone();
    match draft.chain.said.first().map(|said| said.kind) {
        Some(ResponseKind::Concern) => draft.to_concern(&mut advice),
        Some(ResponseKind::Minutes) => draft.to_minutes(&mut advice),
        _ => match ledger.kind_of_thing(&draft.chain.root) {
            Some(Kind::Call) => draft.about_call(&mut advice),
            Some(Kind::Proposal) => draft.to_proposal(&mut advice),
            Some(Kind::Gathering) => draft.to_gathering(&mut advice),
            Some(Kind::Tie) => draft.to_tie(&mut advice),
            _ => {}
        },
    }
    if answer.kind == ResponseKind::Concern {
        draft.replaces_concern(&mut advice);
    }
    advice
}

/// An answer that nobody has signed yet, and what it answers.
struct Draft<'a> {
    ledger: &'a Ledger,
    us: NetId,
    answer: &'a Response,
    chain: Chain,
    now: Timestamp,
}

impl Draft<'_> {
    /// Says what of all that it answers is not there any more.
    fn gone(&self) -> Vec<Advice> {
        use ResponseKind::{Confirm, Contest, Decline, Minutes, Thanks};
        // What was done was done, whatever was taken back since.
        let looks_back = matches!(self.answer.kind, Thanks | Confirm | Contest | Decline | Minutes);
        let answers = self.chain.said.iter().map(|said| said.thing);
        let things = answers.chain([self.chain.root]);
        let gone = things.filter_map(|thing| {
            let why = absence(self.ledger, &thing)?;
            let call = self.ledger.kind_of_thing(&thing) == Some(Kind::Call);
            // The phase of a call says that it was taken back.
            let said_elsewhere = why == Absence::Ended && (looks_back || call);
            (!said_elsewhere).then_some(Advice::Gone { thing, why })
        });
        gone.take(1).collect()
    }

    fn about_call(&self, advice: &mut Vec<Advice>) {
        let Some((_, state)) = self.ledger.call(&self.chain.root, self.now) else { return };
        let giver = self.chain.said.last().map_or(self.us, |first| first.net);
        let Some((facts, answers)) = self.ledger.affair(&self.chain.root, &giver) else { return };
        let affair = Affair::new(&facts, &answers);
        advice.extend(self.over(state.phase));
        match self.answer.kind {
            ResponseKind::Endorse | ResponseKind::Concern
                if is_to_oneself(facts.author, self.us, self.answer.kind) =>
            {
                advice.push(Advice::OwnCall);
            }
            ResponseKind::Endorse => {
                let mut ours = affair.standing(facts.thing, ResponseKind::Endorse);
                let said = ours.find(|said| said.net == self.us && said.current);
                advice.extend(said.map(|said| Advice::SaidAlready(said.thing)));
            }
            ResponseKind::Offer => self.offer(&affair, &facts, advice),
            ResponseKind::Deliver => self.delivery(&affair, &facts, advice),
            ResponseKind::Accept | ResponseKind::Decline => {
                self.word(&affair, &facts, ResponseKind::Offer, advice);
                self.beyond(&affair, &state, advice);
            }
            ResponseKind::Confirm | ResponseKind::Contest => {
                self.word(&affair, &facts, ResponseKind::Deliver, advice);
            }
            _ => {}
        }
    }

    /// Says when the call is over: what would be promised or done for it counts for nothing.
    fn over(&self, phase: call::Phase) -> Option<Advice> {
        use ResponseKind::{Accept, Concern, Deliver, Endorse, Offer};
        use call::Phase::{Expired, Met, Open, PartMet, Withdrawn};
        let direct = self.chain.said.is_empty();
        let over = match (phase, self.answer.kind) {
            (Open | PartMet, _) => false,
            (Met, Offer | Deliver) => direct,
            (Met, _) => false,
            (Withdrawn | Expired, kind) => {
                matches!(kind, Offer | Deliver | Accept | Endorse | Concern)
            }
        };
        over.then_some(Advice::Over(phase))
    }

    fn offer(&self, affair: &Affair<'_>, facts: &call::Facts, advice: &mut Vec<Advice>) {
        if self.us == facts.author {
            advice.push(Advice::OwnCall);
            return;
        }
        let Some(wanted) = affair.wanted(self.answer.ask) else { return };
        let amount = self.answer.amount.map_or(wanted, u64::from);
        let ours = affair.standing(facts.thing, ResponseKind::Offer);
        let mut beside = 0;
        for earlier in ours.filter(|offer| offer.net == self.us && offer.ask == self.answer.ask) {
            if let Some(taken) = affair.taken(earlier) {
                beside += taken;
                advice.push(Advice::Beside(earlier.thing));
            } else {
                advice.push(Advice::Replaces(ResponseKind::Offer, earlier.thing));
            }
        }
        // Others may offer the same, and the caller chooses; of one network it is a slip.
        let would = amount.saturating_add(beside);
        if would > wanted {
            advice.push(Advice::MoreThanAsked { wanted, would });
        }
    }

    fn delivery(&self, affair: &Affair<'_>, facts: &call::Facts, advice: &mut Vec<Advice>) {
        let Some(answered) = self.chain.said.first() else {
            if self.us == facts.author {
                advice.push(Advice::OwnCall);
            } else {
                advice.extend(self.same(affair).map(|said| Advice::SaidAlready(said.thing)));
            }
            return;
        };
        if answered.kind != ResponseKind::Offer {
            advice.push(self.other_answer(ResponseKind::Offer));
            return;
        }
        if answered.net != self.us {
            advice.push(Advice::OnlyGiver(answered.net));
            return;
        }
        let Some(offer) = affair.find(answered.thing) else {
            advice.extend(self.outdone(ResponseKind::Offer));
            return;
        };
        let Some(taken) = affair.taken(offer) else {
            advice.push(Advice::NotAccepted(facts.author));
            return;
        };
        let left = taken.saturating_sub(affair.confirmed(offer.thing));
        let amount = self.answer.amount.map_or(taken, u64::from);
        if amount > left {
            advice.push(Advice::MoreThanLeft(left));
        } else if let Some(said) = self.same(affair) {
            advice.push(Advice::SaidAlready(said.thing));
        }
    }

    /// Looks at the caller's word on an offer or a delivery.
    fn word(
        &self,
        affair: &Affair<'_>,
        facts: &call::Facts,
        wanted: ResponseKind,
        advice: &mut Vec<Advice>,
    ) {
        let Some(answered) = self.chain.said.first().filter(|said| said.kind == wanted) else {
            advice.push(self.other_answer(wanted));
            return;
        };
        if self.us != facts.author {
            advice.push(Advice::OnlyCaller(facts.author));
            return;
        }
        let Some(on) = affair.find(answered.thing) else {
            advice.extend(self.outdone(wanted));
            return;
        };
        let most = affair.amount(on).unwrap_or(u64::MAX);
        let amount = self.answer.amount.map_or(most, u64::from);
        if amount > most {
            advice.push(Advice::MoreThanIs { answered: answered.thing, most });
            return;
        }
        let said = affair.word(on.thing).filter(|word| word.kind == self.answer.kind);
        let same = said.filter(|word| word.amount.map_or(most, u64::from).min(most) == amount);
        advice.extend(same.map(|said| Advice::SaidAlready(said.thing)));
    }

    /// Says when more would be accepted of an ask than it asks for.
    fn beyond(&self, affair: &Affair<'_>, state: &call::State, advice: &mut Vec<Advice>) {
        let offer = self.chain.said.first().and_then(|said| affair.find(said.thing));
        let Some((offer, most)) = offer.and_then(|offer| Some((offer, affair.amount(offer)?)))
        else {
            return;
        };
        let ask = state.asks.get(usize::from(offer.ask.unwrap_or(0)));
        let Some(ask) = ask.filter(|_| self.answer.kind == ResponseKind::Accept) else { return };
        let before = affair.taken(offer).unwrap_or_default();
        let amount = self.answer.amount.map_or(most, u64::from).min(most);
        let would = (ask.accepted.saturating_sub(before)).saturating_add(amount);
        if would > ask.wanted && amount > before {
            advice.push(Advice::MoreThanAsked { wanted: ask.wanted, would });
        }
    }

    /// Returns an answer of ours that stands and says the same as the draft, as far as it counts.
    fn same<'a>(&self, affair: &Affair<'a>) -> Option<&'a Answer> {
        let mut ours = affair.standing(self.answer.to.thing, self.answer.kind);
        ours.find(|said| {
            let slot = (said.net, said.ask) == (self.us, self.answer.ask);
            slot && said.amount == self.answer.amount && affair.word(said.thing).is_none()
        })
    }

    fn outdone(&self, kind: ResponseKind) -> Option<Advice> {
        let here = absence(self.ledger, &self.answer.to.thing).is_none();
        here.then_some(Advice::Outdone(kind))
    }

    fn other_answer(&self, wanted: ResponseKind) -> Advice {
        Advice::OtherAnswer { is: self.chain.said.first().map(|said| said.kind), wanted }
    }

    fn to_proposal(&self, advice: &mut Vec<Advice>) {
        let votes = self.answer.kind == ResponseKind::Ballot;
        if !votes || !self.chain.said.is_empty() {
            return;
        }
        let Some((id, decision)) = self.ledger.proposal(&self.chain.root, self.now) else { return };
        let Some(rule) = self.ledger.rule(&id) else { return };
        use proposal::Phase;
        let state = &decision.state;
        match state.phase {
            Phase::Voting => {}
            Phase::Deliberation => advice.push(Advice::NotVotingYet(state.opens)),
            Phase::Withdrawn => advice.push(Advice::TakenBack),
            _ => {
                let closed = Timestamp::from_secs(rule.vote_until);
                advice.push(Advice::VotingOver(closed));
            }
        }
        if !state.electors.is_empty() && !state.electors.contains_key(&self.us) {
            advice.push(Advice::NoElector(self.us));
        }
        let asks = rule.method == DecisionMethod::Approval;
        match &self.answer.choice {
            Some(Choice::Consent) if asks => advice.push(Advice::NamesNoOption),
            Some(Choice::Options(_)) if !asks => advice.push(Advice::OptionsConsent),
            _ => {}
        }
    }

    fn to_gathering(&self, advice: &mut Vec<Advice>) {
        use ResponseKind::{Accept, Decline, Minutes};
        if !matches!(self.answer.kind, Accept | Decline | Minutes) {
            return;
        }
        let convening = self.ledger.gathering(&self.chain.root, self.now);
        let cancelled = convening.is_some_and(|(_, convening)| {
            convening.state.phase == gathering::Phase::Cancelled && convening.meetings < 2
        });
        // Of a series some meetings may have been before.
        if self.answer.kind == Minutes && cancelled {
            advice.push(Advice::GatheringCancelled);
        }
        self.hosts(&self.chain.root, advice);
    }

    fn to_minutes(&self, advice: &mut Vec<Advice>) {
        use ResponseKind::{Accept, Decline};
        if matches!(self.answer.kind, Accept | Decline) {
            self.hosts(&self.chain.root, advice);
        }
    }

    fn hosts(&self, gathering: &ThingId, advice: &mut Vec<Advice>) {
        let hosts = self.ledger.may_answer(gathering);
        if !hosts.is_empty() && !hosts.contains(&self.us) {
            advice.push(Advice::NoHost(self.us));
        }
    }

    fn to_tie(&self, advice: &mut Vec<Advice>) {
        use ResponseKind::{Accept, Decline};
        let parties = self.ledger.may_answer(&self.chain.root);
        let speaks = matches!(self.answer.kind, Accept | Decline) && self.chain.said.is_empty();
        if speaks && !parties.is_empty() && !parties.contains(&self.us) {
            advice.push(Advice::NoParty(self.us));
        }
    }

    fn to_concern(&self, advice: &mut Vec<Advice>) {
        use ResponseKind::{Accept, Decline};
        let Some(concern) = self.chain.said.first() else { return };
        if !matches!(self.answer.kind, Accept | Decline) {
            return;
        }
        if concern.net == self.us {
            advice.push(Advice::OwnConcern);
            return;
        }
        let concerned = self.ledger.may_answer(&concern.to);
        if !concerned.is_empty() && !concerned.contains(&self.us) {
            advice.push(Advice::NotConcerned(self.us));
        }
    }

    fn replaces_concern(&self, advice: &mut Vec<Advice>) {
        let earlier = self.ledger.raised_by(&self.answer.to.thing, &self.us);
        advice.extend(earlier.map(|c| Advice::Replaces(ResponseKind::Concern, c.thing)));
    }
}
