//! Who has said what to whom, one answer and one network at a time: for advice before signing.

use std::collections::BTreeSet;

use super::Ledger;
use super::entry::Facts;
use super::openness::Raised;
use crate::body::proposal::Rule;
use crate::body::response::ResponseKind;
use crate::fold::call;
use crate::id::{NetId, RecordId, ThingId};

/// An answer: who gives it, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The answer as a thing, which others answer.
    pub thing: ThingId,
    /// Who answers.
    pub net: NetId,
    /// How.
    pub kind: ResponseKind,
    /// What it answers.
    pub to: ThingId,
}

impl Ledger {
    /// Returns the answer that a thing is, whether or not it counts; none of what is no answer, is not
    /// here, or was erased.
    pub fn said(&self, thing: &ThingId) -> Option<Said> {
        let entry = self.entry(self.shown(self.ids.find(&thing.0)?)?)?;
        let Facts::Answer(answer) = &entry.facts else { return None };
        let (net, to) = (self.net_id(entry.net), self.thing_id(answer.to));
        Some(Said { thing: *thing, net, kind: answer.kind, to })
    }

    /// Returns a call, and what one network has answered to it with what it and the caller have said to
    /// that; none when the call is not here.
    pub fn affair(&self, call: &ThingId, net: &NetId) -> Option<(call::Facts, Vec<call::Answer>)> {
        let (shown, facts) = self.asked(call)?;
        let net = self.ids.find(&net.0);
        let answers = net.map_or_else(Vec::new, |net| self.gathered(net, shown).1);
        Some((facts, answers))
    }

    /// Returns the rule by which a stored version of a proposal is decided.
    pub fn rule(&self, proposal: &RecordId) -> Option<Rule> {
        match &self.entry(self.ids.find(&proposal.0)?)?.facts {
            Facts::Proposal(facts) => Some(facts.rule),
            _ => None,
        }
    }

    /// Returns who may answer a concern about a thing: its author, its hosts, its parties; nobody of what
    /// is not here.
    pub fn may_answer(&self, about: &ThingId) -> BTreeSet<NetId> {
        let about = self.ids.find(&about.0).into_iter();
        about.flat_map(|about| self.concerned(about)).map(|net| self.net_id(net)).collect()
    }

    /// Returns the standing concern of a network about a thing.
    pub fn raised_by(&self, about: &ThingId, net: &NetId) -> Option<Raised> {
        let (about, net) = (self.ids.find(&about.0)?, self.ids.find(&net.0)?);
        let raised = self.answers_by(about, net).filter_map(|id| self.raised(id));
        { raised }.find(|concern| concern.state.stands())
    }
}
