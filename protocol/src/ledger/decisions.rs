//! Proposals, folded from what is stored when they are asked for.
//!
//! **Invariant:** all that a decision rests on lasts in the sets (see [`Entry::lasts`]), so whoever
//! comes later counts the same electors, words and ballots.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::entry::{AnswerFacts, Entry, Facts, Sort, TieFacts, Verdict};
use super::facts::{ProposalFacts, VoiceFacts};
use super::ids::{Handle, NONE};
use crate::authority::covers;
use crate::body::response::ResponseKind;
use crate::body::role::RoleKind;
use crate::fold::proposal::{self, Ballot, Closing, Phase, Seat, State, Tally, Uncounted, Voice};
use crate::id::{NetId, RecordId, ThingId};
use crate::time::Timestamp;
use crate::weave::Classes;

/// What became of the record that a proposal adopts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The proposal is not adopted, or its result is provisional.
    Pending,
    /// It is adopted for good; the record is not here, or lacks signatures of its own.
    Unsigned,
    /// It is adopted for good, and the record stands.
    InForce,
}

/// What a proposal has come to, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratification {
    /// What it has come to.
    pub state: State,
    /// Which ballots the closing version lists, and who accepts that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// What became of the record that it adopts, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Electors that one hand controls, where that was asked for. Each seat votes all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlaps: Vec<Vec<NetId>>,
}

impl Ratification {
    /// Returns what is left to say of a proposal that is over and judged no more: the ballots are not
    /// counted, since some of them are over as well.
    pub(crate) fn past() -> Self {
        let state = State {
            phase: Phase::Expired,
            provisional: false,
            contested: BTreeSet::new(),
            opens: None,
            missing: Vec::new(),
            electors: BTreeMap::new(),
            tally: Tally::default(),
            chosen: Vec::new(),
            uncounted: Uncounted::default(),
        };
        Self { state, closing: None, effect: None, overlaps: Vec::new() }
    }
}

impl Ledger {
    /// Returns what a proposal has come to, and the version that is shown. Overlaps are left to
    /// [`Ledger::overlaps`].
    pub fn proposal(&self, thing: &ThingId, now: Timestamp) -> Option<(RecordId, Ratification)> {
        let id = self.deciding(self.ids.find(&thing.0)?)?;
        let entry = self.entry(id)?;
        let Facts::Proposal(facts) = &entry.facts else { return None };
        let freeze = Timestamp::from_secs(facts.rule.freeze);
        let electors = self.electors(facts.to, freeze);
        let voices = facts.voices.iter().map(|voice| Voice {
            required: voice.required,
            heard: self.heard(voice, entry, &electors),
        });
        let voices = voices.collect();
        let closing = self.closing((id, entry), facts);
        let folded = proposal::Facts {
            since: self.since(entry),
            withdrawn: self.ends_of(id, entry).first().map(|ended| ended.at),
            rule: facts.rule,
            options: facts.options,
            electors,
            voices,
            closing: closing.clone(),
        };
        let state = proposal::fold(&folded, &self.ballots(id, entry), now);
        let effect = (facts.effect != NONE).then(|| self.effect(&state, facts.effect));
        let decision = Ratification { state, closing, effect, overlaps: Vec::new() };
        Some((self.record_id(id), decision))
    }

    /// Returns the version of a proposal that is decided on: the last one whose list of ballots
    /// most electors have accepted, because nobody takes that back alone; else the one that is
    /// shown.
    fn deciding(&self, thing: Handle) -> Option<Handle> {
        let facts = |id: Handle| {
            let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
            let Facts::Proposal(facts) = &entry.facts else { return None };
            Some((entry, facts))
        };
        let settled = |id: &Handle| {
            facts(*id).is_some_and(|(entry, facts)| {
                let electors = || self.electors(facts.to, Timestamp::from_secs(facts.rule.freeze));
                let closing = self.closing((*id, entry), facts);
                closing.is_some_and(|c| proposal::is_settled(&electors(), facts.rule.quorum, &c))
            })
        };
        let rank = |id: &Handle| {
            self.entry(*id).map(|entry| (entry.rev, std::cmp::Reverse(self.record_id(*id))))
        };
        let settled = self.versions(thing).filter(settled).max_by_key(rank);
        settled.or_else(|| self.shown_among(self.versions(thing).filter(|id| facts(*id).is_some())))
    }

    /// Returns the tie to which a proposal is put, by any version of it.
    pub(super) fn deciding_tie(&self, thing: Handle) -> Option<Handle> {
        let versions = self.versions(thing).filter_map(|id| self.entry(id));
        let put_to = |entry: &Entry| match &entry.facts {
            Facts::Proposal(facts) => Some(facts.to),
            _ => None,
        };
        versions.take_while(|entry| entry.sort == Sort::Proposal).find_map(put_to)
    }

    /// Returns the tie to which a stored version of a proposal is put.
    pub fn decides(&self, proposal: &RecordId) -> Option<ThingId> {
        match &self.entry(self.ids.find(&proposal.0)?)?.facts {
            Facts::Proposal(facts) => Some(self.thing_id(facts.to)),
            _ => None,
        }
    }

    /// Returns the electors that one hand controls, each group once.
    pub fn overlaps(&self, state: &State, classes: &Classes) -> Vec<Vec<NetId>> {
        let electors: Vec<NetId> = state.electors.keys().copied().collect();
        let mut groups: Vec<Vec<NetId>> = Vec::new();
        for net in electors {
            match groups.iter_mut().find(|group| classes.are_one(&group[0], &net)) {
                Some(group) => group.push(net),
                None => groups.push(vec![net]),
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    /// Since when a record's words stand: the first of its versions with the same body.
    pub(super) fn since(&self, entry: &Entry) -> Timestamp {
        let same = |version: &&Entry| {
            version.verdict == Verdict::Valid && version.facts.hash() == entry.facts.hash()
        };
        let versions = self.versions(entry.thing).filter_map(|id| self.entry(id));
        versions.filter(same).map(|version| version.at).min().unwrap_or(entry.at)
    }

    /// Iterates over valid answers to a record, also those that something has replaced, that are
    /// seen wherever the record is.
    pub(super) fn heard_answers<'a>(
        &'a self,
        entry: &'a Entry,
    ) -> impl Iterator<Item = (Handle, &'a Entry, &'a AnswerFacts)> {
        self.answers(entry.thing).filter_map(|id| self.heard_answer(id, entry))
    }

    /// Iterates over those of them that these networks gave, however many others did.
    pub(super) fn heard_answers_by<'a>(
        &'a self,
        entry: &'a Entry,
        nets: impl IntoIterator<Item = Handle>,
    ) -> impl Iterator<Item = (Handle, &'a Entry, &'a AnswerFacts)> {
        let nets: BTreeSet<Handle> = nets.into_iter().collect();
        let answers = nets.into_iter().flat_map(|net| self.answers_by(entry.thing, net));
        answers.filter_map(|id| self.heard_answer(id, entry))
    }

    fn heard_answer(&self, id: Handle, to: &Entry) -> Option<(Handle, &Entry, &AnswerFacts)> {
        let answer = self.entry(id).filter(|answer| answer.verdict == Verdict::Valid)?;
        let Facts::Answer(facts) = &answer.facts else { return None };
        let (there, here) = (self.home(answer)?, self.home(to)?);
        covers(there, here).then_some((id, answer, &**facts))
    }

    /// Returns the networks with seats at a tie at this moment: the parties of the version that
    /// all had accepted and none had left by then.
    fn electors(&self, tie: Handle, freeze: Timestamp) -> BTreeSet<NetId> {
        let seating = self.versions(tie).filter_map(|id| {
            let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
            let Facts::Tie(facts) = &entry.facts else { return None };
            let seats = facts.seated && self.was_active((id, entry), facts, freeze);
            seats.then_some(((entry.rev, std::cmp::Reverse(self.record_id(id))), facts))
        });
        let version = seating.max_by_key(|(rank, _)| *rank).map(|(_, facts)| facts);
        let parties = version.into_iter().flat_map(|facts| facts.parties.iter());
        parties.map(|net| self.net_id(*net)).collect()
    }

    /// Says whether a version of a tie was active at a moment.
    pub(super) fn was_active(
        &self,
        (id, entry): (Handle, &Entry),
        tie: &TieFacts,
        then: Timestamp,
    ) -> bool {
        let not_ended = |id: Handle, entry: &Entry, notice: Duration| {
            self.ends_of(id, entry).first().is_none_or(|ended| ended.at + notice > then)
        };
        let accepts = |(answer_id, answer, facts): &(Handle, &Entry, &AnswerFacts)| {
            facts.kind == ResponseKind::Accept
                && answer.at <= then
                && self.binds(facts, id, entry)
                && not_ended(*answer_id, answer, Duration::ZERO)
        };
        let parties = tie.parties.iter().copied();
        let accepted =
            self.heard_answers_by(entry, parties).filter(accepts).map(|(_, answer, _)| answer.net);
        let accepted: BTreeSet<Handle> = accepted.chain([entry.net]).collect();
        let notice = Duration::from_secs(u64::from(tie.notice_days) * 86_400);
        entry.at <= then
            && then < entry.until
            && tie.parties.iter().all(|net| accepted.contains(net))
            && not_ended(id, entry, notice)
    }

    /// Since when a voice has been heard: by the minutes of a gathering, by a network of the
    /// field, or by any network without a vote. Neither is heard of who is unknown to every elector
    /// but the author.
    fn heard(
        &self,
        voice: &VoiceFacts,
        entry: &Entry,
        electors: &BTreeSet<NetId>,
    ) -> Option<Timestamp> {
        if voice.gathering != NONE {
            return self.first_minutes(voice.gathering);
        }
        let speaks = |kind: ResponseKind| {
            use ResponseKind::{Accept, Ballot, Decline};
            !matches!(kind, Accept | Ballot | Decline)
        };
        let meant = |answer: &Entry| match voice.field {
            Some(field) => self.has_field(answer.net, field),
            None => !electors.contains(&self.net_id(answer.net)),
        };
        let answers = self.heard_answers(entry).filter(|(_, answer, facts)| {
            answer.net != entry.net && speaks(facts.kind) && meant(answer)
        });
        let mut dated: Vec<_> = answers.map(|(_, answer, _)| (answer.at, answer.net)).collect();
        dated.sort_unstable();
        let electors = electors.iter().filter_map(|net| self.ids.find(&net.0)).collect();
        let counts = |(at, net): &(Timestamp, Handle)| {
            self.is_anothers_voice((*net, *at), entry.net, &electors)
        };
        dated.into_iter().find(counts).map(|(at, _)| at)
    }

    fn has_field(&self, net: Handle, field: u64) -> bool {
        let profile = self.current_profile(&self.net_id(net));
        let entry = profile.and_then(|id| self.entry(self.ids.find(&id.0)?));
        let Some(Facts::Other(facts)) = entry.map(|entry| &entry.facts) else { return false };
        facts.topics.contains(&field)
    }

    fn closing(&self, shown: (Handle, &Entry), facts: &ProposalFacts) -> Option<Closing> {
        let (id, entry) = shown;
        // A list that is made while electors still vote leaves some of them out.
        if facts.counted.is_empty() || entry.at < Timestamp::from_secs(facts.rule.vote_until) {
            return None;
        }
        let lists_the_same = |seen: Handle| {
            let seen = self.entry(seen).filter(|seen| seen.thing == entry.thing);
            let Some(Facts::Proposal(seen)) = seen.map(|seen| &seen.facts) else { return false };
            seen.hash == facts.hash && *seen.counted == *facts.counted
        };
        let accepting = self.heard_answers(entry).filter(|(_, answer, accept)| {
            accept.kind == ResponseKind::Accept
                && answer.stands()
                && (accept.seen == id || lists_the_same(accept.seen))
        });
        let accepting = accepting.map(|(_, answer, _)| answer.net).chain([entry.net]);
        Some(Closing {
            counted: facts.counted.iter().map(|id| self.record_id(*id)).collect(),
            accepted: accepting.map(|net| self.net_id(net)).collect(),
        })
    }

    fn ballots(&self, id: Handle, entry: &Entry) -> Vec<Ballot> {
        let ballots = self.raised_about(entry.thing, ResponseKind::Ballot);
        let heard = ballots.filter_map(|ballot| self.heard_answer(ballot, entry));
        let cast = heard.filter_map(|(ballot, answer, facts)| {
            let choice = facts.choice.as_deref().filter(|_| !answer.marks.superseded)?;
            Some(Ballot {
                id: self.record_id(ballot),
                net: self.net_id(answer.net),
                seat: self.seat(ballot, answer),
                choice: choice.clone(),
                at: answer.at,
                current: self.binds(facts, id, entry),
                withdrawn: self.ends_of(ballot, answer).first().map(|ended| ended.at),
            })
        });
        cast.collect()
    }

    /// In which seat a ballot was cast: by the kind of the role that governed it.
    fn seat(&self, id: Handle, entry: &Entry) -> Seat {
        if entry.role == NONE {
            return Seat::Rep;
        }
        let roles = self.networks.get(&entry.net).map(|network| &network.authority.roles);
        let role = self.thing_id(entry.role);
        let version = roles.and_then(|r| r.in_force(&role, &self.act(id, entry)).ok());
        match version.map(|version| version.body.kind) {
            Some(RoleKind::Rep) => Seat::Rep,
            Some(RoleKind::Alternate) => Seat::Alternate,
            _ => Seat::Other,
        }
    }

    fn effect(&self, state: &State, effect: Handle) -> Effect {
        if state.phase != Phase::Adopted || state.provisional {
            Effect::Pending
        } else if self.entry(effect).is_some_and(Entry::stands) {
            Effect::InForce
        } else {
            Effect::Unsigned
        }
    }
}
