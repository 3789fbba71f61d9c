//! How much of what each answer to a call is: what it says or, when it says nothing, what it means.
//!
//! **Invariant:** an amount here is the one that the fold counts. An answer looks only at an earlier
//! step (a confirmation at a delivery, this at an offer), so no chain of answers leads in a circle.

use std::cmp::Reverse;

use serde::Serialize;
use weft_protocol::body::Body;
use weft_protocol::body::call::Ask;
use weft_protocol::body::response::{Response, ResponseKind};
use weft_protocol::control::AnswerState;
use weft_protocol::fold::call::{State, is_to_oneself};
use weft_protocol::id::ThingId;
use weft_protocol::record::Record;

use crate::show::call::call_of;

/// A call with what has come of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares<'a> {
    /// The call.
    pub(crate) call: &'a Record,
    /// What it has come to.
    pub(crate) state: &'a State,
    /// The answers to it, and to these.
    pub(crate) answers: &'a [(Record, AnswerState)],
}

impl<'a> Shares<'a> {
    /// Returns the standing answers of a kind to a thing.
    pub(crate) fn standing(
        self,
        to: ThingId,
        kind: ResponseKind,
    ) -> impl Iterator<Item = (&'a Record, &'a Response)> {
        self.answers.iter().filter_map(move |(record, state)| {
            let answer = response(record)?;
            let stands = state.current && state.void.is_none();
            (stands && answer.kind == kind && answer.to.thing == to).then_some((record, answer))
        })
    }

    /// Returns the ask that an answer means; none when the call has no such ask.
    pub(crate) fn ask(self, answer: &Response) -> Option<&'a Ask> {
        call_of(self.call)?.asks.get(usize::from(answer.ask.unwrap_or(0)))
    }

    /// Returns of how much an offer, a delivery, or the caller's word on one of them is.
    pub(crate) fn amount(self, record: &Record) -> Option<u64> {
        let answer = response(record)?;
        let said = answer.amount.map(u64::from);
        let place = usize::from(answer.ask.unwrap_or(0));
        let wanted = || self.state.asks.get(place).map(|ask| ask.wanted);
        let most = match answer.kind {
            ResponseKind::Offer => return said.or_else(wanted),
            ResponseKind::Deliver if answer.to.thing == self.call.thing() => {
                return said.or_else(wanted);
            }
            ResponseKind::Deliver => {
                let offer = self.answered(answer, ResponseKind::Offer)?;
                return said.or_else(|| self.taken(offer)).or_else(|| self.amount(offer));
            }
            ResponseKind::Accept => self.amount(self.answered(answer, ResponseKind::Offer)?)?,
            ResponseKind::Confirm => self.amount(self.answered(answer, ResponseKind::Deliver)?)?,
            _ => return None,
        };
        Some(said.unwrap_or(most).min(most))
    }

    /// Returns the caller's last word on an offer or a delivery, which counts alone.
    pub(crate) fn word(self, on: &Record) -> Option<(&'a Record, ResponseKind)> {
        use ResponseKind::{Accept, Confirm, Contest, Decline};
        let delivers = response(on).is_some_and(|answer| answer.kind == ResponseKind::Deliver);
        let words = if delivers { [Confirm, Contest] } else { [Accept, Decline] };
        let words = words.into_iter().flat_map(|kind| self.standing(on.thing(), kind));
        let callers = words.filter(|(word, _)| word.net() == self.call.net());
        let last = callers.max_by_key(|(word, _)| (word.header().at, Reverse(word.id())));
        last.map(|(word, answer)| (word, answer.kind))
    }

    /// Returns how much of an offer the caller has accepted, if they have.
    pub(crate) fn taken(self, offer: &Record) -> Option<u64> {
        let word = self.word(offer).filter(|(_, kind)| *kind == ResponseKind::Accept);
        word.and_then(|(word, _)| self.amount(word))
    }

    /// Returns how much the caller has confirmed of what was delivered on an offer.
    pub(crate) fn confirmed(self, offer: &Record) -> u64 {
        let deliveries = self.standing(offer.thing(), ResponseKind::Deliver);
        let words = deliveries.filter_map(|(delivery, _)| self.word(delivery));
        let confirmed = words.filter(|(_, kind)| *kind == ResponseKind::Confirm);
        confirmed.filter_map(|(word, _)| self.amount(word)).sum()
    }

    /// Returns how far an offer has come.
    pub(crate) fn progress(self, offer: &Record) -> Progress {
        let delivered = || self.standing(offer.thing(), ResponseKind::Deliver).next().is_some();
        match self.word(offer) {
            Some((_, ResponseKind::Decline)) => Progress::Declined,
            Some(_) if self.confirmed(offer) > 0 => Progress::Confirmed,
            Some(_) if delivered() => Progress::Delivered,
            Some(_) => Progress::Accepted,
            None => Progress::Open,
        }
    }

    /// Says whether the caller answers itself, which counts for nothing.
    pub(crate) fn is_to_oneself(self, record: &Record) -> bool {
        let kind = response(record).map(|answer| answer.kind);
        kind.is_some_and(|kind| is_to_oneself(self.call.net(), record.net(), kind))
    }

    /// Returns what an answer answers, when it is an answer of this kind.
    fn answered(self, answer: &Response, kind: ResponseKind) -> Option<&'a Record> {
        let of = |record: &Record| response(record).is_some_and(|answer| answer.kind == kind);
        let mut found: Vec<_> = self.answers.iter().filter(|(record, _)| of(record)).collect();
        found.retain(|(record, _)| record.thing() == answer.to.thing);
        let current = found.iter().find(|(_, state)| state.current);
        current.or(found.first()).map(|(record, _)| record)
    }
}

/// How far an offer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Progress {
    /// The caller has not said anything yet.
    Open,
    /// The caller does not want it.
    Declined,
    /// The caller wants it.
    Accepted,
    /// Who offered says that it is done.
    Delivered,
    /// The caller has confirmed some of it, or all.
    Confirmed,
}

/// Returns the answer that a record is.
pub(crate) fn response(record: &Record) -> Option<&Response> {
    match record.body() {
        Body::Response(answer) => Some(answer),
        _ => None,
    }
}
