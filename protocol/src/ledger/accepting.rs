//! Who has said yes to which words.
//!
//! **Invariant:** an acceptance is bound to the version that it saw and to its words, and counts
//! where whoever sees the version sees it.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use super::entry::{AnswerFacts, Entry, Facts};
use super::ids::Handle;
use crate::authority::covers;
use crate::body::response::ResponseKind;
use crate::record::BodyHash;
use crate::time::Timestamp;

/// What an acceptance says yes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Yes {
    /// This version.
    To(Handle),
    /// Any version with this body.
    ToBody(BodyHash),
}

/// Who has accepted what of a tie: by that, the network and the home of the answer, when it first
/// did. It is gathered once for all versions, for they and the answers may be many.
#[derive(Debug, Default)]
pub(super) struct Accepted(BTreeMap<(Yes, Handle, u32), Timestamp>);

impl Ledger {
    /// Returns which of its parties have accepted this version of a tie, and when they first did.
    pub(super) fn acceptances(&self, id: Handle, entry: &Entry) -> BTreeMap<Handle, Timestamp> {
        let Facts::Tie(tie) = &entry.facts else { return BTreeMap::new() };
        let accepted = self.accepted(entry.thing);
        let parties = tie.parties.iter();
        parties
            .filter_map(|net| Some((*net, self.acceptance(&accepted, (id, entry), *net)?)))
            .collect()
    }

    /// Gathers the standing acceptances of a tie's versions.
    pub(super) fn accepted(&self, thing: Handle) -> Accepted {
        let mut accepted = Accepted::default();
        let mut parties = BTreeSet::new();
        for entry in self.versions(thing).filter_map(|id| self.entry(id)) {
            if let Facts::Tie(tie) = &entry.facts {
                parties.extend(tie.parties.iter().copied());
            }
        }
        // Whoever else says yes to it changes nothing, and may be many.
        let yes = parties
            .into_iter()
            .flat_map(|net| self.answers_by(thing, net).filter_map(|id| self.entry(id)));
        for answer in yes.filter(|answer| answer.stands()) {
            let Facts::Answer(facts) = &answer.facts else { continue };
            if facts.kind != ResponseKind::Accept {
                continue;
            }
            let seen = self.entry(facts.seen).filter(|seen| seen.thing == thing);
            let body = seen.and_then(|seen| seen.facts.hash()).map(Yes::ToBody);
            for yes in [Yes::To(facts.seen)].into_iter().chain(body) {
                let at = accepted.0.entry((yes, answer.net, answer.home)).or_insert(answer.at);
                *at = (*at).min(answer.at);
            }
        }
        accepted
    }

    /// Returns when a network first accepted a version, or one with an identical body, where
    /// whoever sees the version sees it.
    pub(super) fn acceptance(
        &self,
        accepted: &Accepted,
        (id, entry): (Handle, &Entry),
        net: Handle,
    ) -> Option<Timestamp> {
        let home = self.home(entry)?;
        let body = entry.facts.hash().map(Yes::ToBody);
        let to = [Yes::To(id)].into_iter().chain(body);
        let all = to.flat_map(|yes| accepted.0.range((yes, net, 0)..=(yes, net, u32::MAX)));
        let visible = all.filter(|((.., place), _)| {
            self.homes.get(*place).is_some_and(|answer| covers(answer, home))
        });
        visible.map(|(_, at)| *at).min()
    }

    /// Says whether an answer saw this version, or one with an identical body.
    pub(super) fn binds(&self, answer: &AnswerFacts, id: Handle, entry: &Entry) -> bool {
        let seen = || self.entry(answer.seen).filter(|seen| seen.thing == entry.thing);
        let same = || seen().and_then(|seen| seen.facts.hash()) == entry.facts.hash();
        answer.seen == id || (entry.facts.hash().is_some() && same())
    }
}
