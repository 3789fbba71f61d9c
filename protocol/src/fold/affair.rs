//! An affair: what one network has answered to a call, with what it and the caller have said to that,
//! one answer at a time. It lives as long as a question about it.
//!
//! **Invariant:** an amount here is the one that the fold counts
//! (`what_is_told_never_to_count_changes_nothing_and_an_affair_adds_up_to_the_call`).

use std::collections::BTreeMap;

use super::call::{Answer, Facts, Standing, of_kind, standing, verdicts, wanted};
use crate::body::response::ResponseKind;
use crate::id::ThingId;

/// What one network has answered to a call, and what was said to that.
#[derive(Debug)]
pub struct Affair<'a> {
    facts: &'a Facts,
    standing: Standing<'a>,
    words: BTreeMap<ThingId, &'a Answer>,
}

impl<'a> Affair<'a> {
    /// Looks at what a network has answered to a call, with all that was answered to that.
    pub fn new(facts: &'a Facts, answers: &'a [Answer]) -> Self {
        let standing = standing(facts.author, answers);
        let words = verdicts(facts.author, &standing);
        Self { facts, standing, words }
    }

    /// Iterates over the standing answers of a kind to a thing.
    pub fn standing(&self, to: ThingId, kind: ResponseKind) -> impl Iterator<Item = &'a Answer> {
        of_kind(&self.standing, kind).filter(move |answer| answer.to == to)
    }

    /// Returns a standing answer.
    pub fn find(&self, thing: ThingId) -> Option<&'a Answer> {
        self.standing.values().copied().find(|answer| answer.thing == thing)
    }

    /// Returns the caller's last word on an offer or a delivery, which counts alone.
    pub fn word(&self, on: ThingId) -> Option<&'a Answer> {
        self.words.get(&on).copied()
    }

    /// Returns how much an ask of the call wants; none of an ask that it does not have.
    pub fn wanted(&self, ask: Option<u8>) -> Option<u64> {
        wanted(self.facts).get(usize::from(ask.unwrap_or(0))).copied()
    }

    /// Returns of how much an offer or a delivery is, in the unit of its ask.
    pub fn amount(&self, answer: &Answer) -> Option<u64> {
        let said = answer.amount.map(u64::from);
        match answer.kind {
            ResponseKind::Offer => said.or_else(|| self.wanted(answer.ask)),
            ResponseKind::Deliver if answer.to == self.facts.thing => {
                said.or_else(|| self.wanted(answer.ask))
            }
            ResponseKind::Deliver => {
                let offer = self.find(answer.to)?;
                said.or_else(|| self.taken(offer)).or_else(|| self.amount(offer))
            }
            _ => None,
        }
    }

    /// Returns how much of an offer the caller has accepted, if they have.
    pub fn taken(&self, offer: &Answer) -> Option<u64> {
        let word = self.word(offer.thing).filter(|word| word.kind == ResponseKind::Accept)?;
        self.part(word, offer)
    }

    /// Returns how much the caller has confirmed of what was delivered on an offer.
    pub fn confirmed(&self, offer: ThingId) -> u64 {
        let deliveries = self.standing(offer, ResponseKind::Deliver);
        let confirmed = deliveries.filter_map(|delivery| {
            let word = self.word(delivery.thing)?;
            (word.kind == ResponseKind::Confirm).then(|| self.part(word, delivery))?
        });
        confirmed.sum()
    }

    /// Returns of how much of an answer the caller's word on it is.
    fn part(&self, word: &Answer, on: &Answer) -> Option<u64> {
        let most = self.amount(on)?;
        Some(word.amount.map_or(most, u64::from).min(most))
    }
}
