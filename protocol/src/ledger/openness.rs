//! What networks owe each other in openness, and the concerns that they raise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::entry::{Entry, Facts, Sort, Verdict};
use super::ids::{Handle, NONE};
use crate::body::disclosure::DisclosureKind;
use crate::body::response::ResponseKind;
use crate::fold::{concern, disclosure};
use crate::id::{NetId, RecordId, ThingId};
use crate::steps;
use crate::time::Timestamp;

/// A kind of disclosure that an active tie asks of a party, and how that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Of whom.
    pub net: NetId,
    /// By which tie.
    pub tie: ThingId,
    /// Which kind.
    pub kind: DisclosureKind,
    /// The latest disclosure of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<RecordId>,
    /// How it is kept.
    pub state: disclosure::State,
}

/// A concern: that it was raised, by whom, and whether it was answered; never what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// The record.
    pub id: RecordId,
    /// The concern as a thing, which others answer.
    pub thing: ThingId,
    /// What it is about.
    pub about: ThingId,
    /// Who raises it.
    pub net: NetId,
    /// When.
    pub at: Timestamp,
    /// What it has come to.
    pub state: concern::State,
}

impl Ledger {
    /// Returns what a network owes in openness by its active ties, in the order of ties and kinds.
    pub fn owed(&self, net: &NetId, now: Timestamp) -> Vec<Owed> {
        let Some(handle) = self.ids.find(&net.0) else { return Vec::new() };
        let disclosed = self.disclosed(handle);
        let mut owed = Vec::new();
        for tie in self.ties_of(net) {
            let Some((required, tied_since)) = self.asks_openness(&tie, handle, now) else {
                continue;
            };
            for kind in required {
                let latest = disclosed.get(&kind).copied();
                let disclosed_until = latest.map(|(until, _)| until);
                let state =
                    disclosure::fold(&disclosure::Facts { tied_since, disclosed_until }, now);
                let latest = latest.map(|(_, id)| id);
                owed.push(Owed { net: *net, tie, kind, latest, state });
            }
        }
        owed
    }

    /// Returns the kinds that an active tie asks of a party, and since when: the date of the first
    /// version that all accept, for acceptances live shorter than ties. Renewing forgives nothing.
    fn asks_openness(
        &self,
        tie: &ThingId,
        net: Handle,
        now: Timestamp,
    ) -> Option<(Vec<DisclosureKind>, Timestamp)> {
        let (id, state) = self.tie(tie, now)?;
        let entry = self.entry(self.ids.find(&id.0)?).filter(|_| state.is_active())?;
        let Facts::Tie(facts) = &entry.facts else { return None };
        if !facts.parties.contains(&net) || facts.required.is_empty() {
            return None;
        }
        let since = self.versions(entry.thing).filter_map(|id| {
            let version = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
            let Facts::Tie(then) = &version.facts else { return None };
            let facts = self.tie_facts(id, version).filter(|_| then.parties.contains(&net))?;
            facts.is_accepted().then_some(facts.at)
        });
        let mut kinds = facts.required.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        Some((kinds, since.min()?))
    }

    /// Returns, of each kind, until when the network has disclosed, and by which record.
    fn disclosed(&self, net: Handle) -> BTreeMap<DisclosureKind, (Timestamp, RecordId)> {
        let mut latest = BTreeMap::new();
        let records = self.networks.get(&net).into_iter().flat_map(|n| n.records.iter());
        for (id, entry) in records.filter_map(|id| Some((*id, self.entry(*id)?))) {
            let Facts::Disclosure(facts) = &entry.facts else { continue };
            if entry.sort != Sort::Disclosure || !entry.stands() {
                continue;
            }
            // What is said of the future is not said before it comes.
            let reaches = facts.reaches.map_or(entry.at, |end| end.min(entry.at));
            let said = (reaches, self.record_id(id));
            let held = latest.entry(facts.kind).or_insert(said);
            if (said.0, held.1) > (held.0, said.1) {
                *held = said;
            }
        }
        latest
    }

    /// Returns the concerns about a thing, in the order in which they were raised.
    pub fn concerns(&self, about: &ThingId) -> Vec<Raised> {
        let Some(about) = self.ids.find(&about.0) else { return Vec::new() };
        let concerns = self.raised_about(about, ResponseKind::Concern);
        let mut raised: Vec<Raised> = concerns.filter_map(|id| self.raised(id)).collect();
        raised.sort_unstable_by_key(|concern| (concern.at, concern.id));
        raised
    }

    /// Iterates over the concerns about a thing, or the ballots on it.
    pub(super) fn raised_about(
        &self,
        about: Handle,
        kind: ResponseKind,
    ) -> impl Iterator<Item = Handle> + '_ {
        let all = self.index.raised.range((about, kind, 0)..=(about, kind, NONE));
        all.inspect(|_| steps::step()).map(|(.., id)| *id)
    }

    /// Returns what a stored record says as a concern, if it is one that counts.
    pub fn concern(&self, id: &RecordId) -> Option<Raised> {
        self.raised(self.ids.find(&id.0)?)
    }

    pub(super) fn raised(&self, id: Handle) -> Option<Raised> {
        let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
        let Facts::Answer(facts) = &entry.facts else { return None };
        let replaced = entry.marks.superseded || entry.marks.outdone;
        if facts.kind != ResponseKind::Concern || replaced {
            return None;
        }
        let withdrawn = self.ends_of(id, entry).first().map(|ended| ended.at);
        let words = self.words(entry, facts.to);
        Some(Raised {
            id: self.record_id(id),
            thing: self.thing_id(entry.thing),
            about: self.thing_id(facts.to),
            net: self.net_id(entry.net),
            at: entry.at,
            state: concern::fold(&concern::Facts { withdrawn, words }),
        })
    }

    /// Says whether a concern has been answered by those who are concerned.
    pub(super) fn is_answered(&self, concern: &Entry, about: Handle) -> bool {
        !self.words(concern, about).is_empty()
    }

    /// Returns the standing words on a concern of those who are concerned, never of who raised it.
    fn words(&self, entry: &Entry, about: Handle) -> Vec<concern::Word> {
        let others = self.concerned(about).into_iter().filter(|net| *net != entry.net);
        let words = self.heard_answers_by(entry, others).filter_map(|(id, answer, facts)| {
            let taken_up = match facts.kind {
                ResponseKind::Accept => true,
                ResponseKind::Decline => false,
                _ => return None,
            };
            let (at, id, net) = (answer.at, self.record_id(id), self.net_id(answer.net));
            answer.stands().then_some(concern::Word { at, id, net, taken_up })
        });
        words.collect()
    }

    /// Returns who may answer a concern about a thing: its author, its hosts, its parties.
    pub(super) fn concerned(&self, about: Handle) -> Vec<Handle> {
        let shown = self.shown(about).and_then(|id| self.entry(id));
        let Some(entry) = shown else { return Vec::new() };
        let others: &[Handle] = match &entry.facts {
            Facts::Tie(tie) => &tie.parties,
            Facts::Gathering(gathering) => &gathering.hosts,
            // Of minutes also those who host what met.
            Facts::Answer(answer) if answer.minutes.is_some() => {
                return self.hosts(answer.to).chain([entry.net]).collect();
            }
            _ => &[],
        };
        others.iter().copied().chain([entry.net]).collect()
    }

    /// Returns all stored concerns of networks about what this network has said, or all that
    /// there are, in the order in which they were raised.
    pub fn concerns_about(&self, net: Option<&NetId>) -> Vec<Raised> {
        let dated = self.index.dated(Sort::Response, Timestamp::ZERO);
        let raised = dated.filter_map(|record| self.raised(record.id));
        let about = |concern: &Raised| {
            let to = self.ids.find(&concern.about.0).and_then(|id| self.shown(id));
            to.and_then(|to| self.entry(to)).map(|to| self.net_id(to.net))
        };
        raised.filter(|c| net.is_none_or(|net| about(c) == Some(*net))).collect()
    }
}
