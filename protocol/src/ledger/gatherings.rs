//! Gatherings, folded from what is stored when they are asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::entry::{Entry, Facts, MinutesFacts, Verdict};
use super::facts::GatheringFacts;
use super::ids::Handle;
use crate::body::response::ResponseKind;
use crate::fold::gathering::{self, MinutesState, Phase, State};
use crate::fold::series;
use crate::id::{NetId, RecordId, ThingId};
use crate::time::Timestamp;

/// The meeting of a gathering that is under way, or comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Its number in the series, counted from 0.
    pub number: u16,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// Who facilitates it, when there is a rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facilitator: Option<NetId>,
}

/// What a gathering has come to, and when it meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Convening {
    /// What it has come to.
    pub state: State,
    /// How many times it meets in all.
    pub meetings: u16,
    /// How many minutes there are of its meetings.
    pub minutes: u16,
    /// The meeting that is under way, or comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Turn>,
}

/// Minutes, and what they have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minuted {
    /// Of which gathering.
    pub of: ThingId,
    /// When the meeting was to begin.
    pub start: Timestamp,
    /// What they have come to.
    pub state: MinutesState,
}

impl Convening {
    /// Returns what is left to say of a gathering that is over and judged no more.
    pub(crate) fn past() -> Self {
        let (unaccepted, concerns) = Default::default();
        let state = State { phase: Phase::Expired, unaccepted, concerns };
        Self { state, meetings: 0, minutes: 0, next: None }
    }
}

impl Minuted {
    /// Returns what is left to say of minutes that are over and judged no more.
    pub(crate) fn past(of: ThingId, start: Timestamp, agreed_at: Timestamp) -> Self {
        let (unaccepted, concerns) = Default::default();
        let state = MinutesState { phase: Phase::Expired, unaccepted, concerns, agreed_at };
        Self { of, start, state }
    }
}

/// A gathering as it is shown: the record, what is kept of it, and what only gatherings have.
type Convened<'a> = (Handle, &'a Entry, &'a GatheringFacts);

/// Minutes of a gathering in the same way.
type Written<'a> = (Handle, &'a Entry, &'a MinutesFacts);

impl Ledger {
    /// Returns what a gathering has come to, and the version that is shown.
    pub fn gathering(&self, thing: &ThingId, now: Timestamp) -> Option<(RecordId, Convening)> {
        let gathering = self.convened(self.ids.find(&thing.0)?)?;
        let (id, _, facts) = gathering;
        let written: Vec<(Timestamp, Phase)> = self
            .minutes_of(gathering)
            .filter(|(_, entry, _)| entry.stands())
            .map(|minutes| (minutes.2.start, self.minutes_state(gathering, minutes, now).phase))
            .collect();
        let folded = self.gathering_facts(gathering, &written);
        let rotation: Vec<NetId> = facts.facilitation.iter().map(|n| self.net_id(*n)).collect();
        let next = series::next(&facts.meetings, now).map(|meeting| Turn {
            number: count(meeting.number),
            start: meeting.start,
            end: meeting.end,
            facilitator: gathering::facilitator(&rotation, meeting.number),
        });
        let state = gathering::fold(&folded, now);
        let (meetings, minutes) = (count(facts.meetings.len()), count(written.len()));
        Some((self.record_id(id), Convening { state, meetings, minutes, next }))
    }

    /// Returns the standing minutes of a gathering, those of its first meeting first.
    pub fn minutes(&self, of: &ThingId) -> Vec<RecordId> {
        let gathering = self.ids.find(&of.0).and_then(|thing| self.convened(thing));
        let written = gathering.into_iter().flat_map(|gathering| self.minutes_of(gathering));
        let standing = written.filter(|(_, entry, _)| entry.stands());
        in_order(standing.map(|(id, entry, minutes)| (minutes.start, entry.at, self.record_id(id))))
    }

    /// Returns the standing minutes that these hosts wrote of a gathering that is not here any more, in the
    /// same order.
    pub fn minutes_left(&self, of: &ThingId, hosts: &BTreeSet<NetId>) -> Vec<RecordId> {
        let answers = self.ids.find(&of.0).into_iter().flat_map(|thing| self.answers(thing));
        in_order(answers.filter_map(|id| {
            let entry = self.entry(id).filter(|entry| entry.stands())?;
            let Facts::Answer(answer) = &entry.facts else { return None };
            let minutes = answer.minutes.as_deref()?;
            let wrote = hosts.contains(&self.net_id(entry.net)) && minutes.start <= entry.at;
            wrote.then_some((minutes.start, entry.at, self.record_id(id)))
        }))
    }

    /// Returns what a stored record has come to as minutes, if it is such that count.
    pub fn minuted(&self, id: &RecordId, now: Timestamp) -> Option<Minuted> {
        let id = self.ids.find(&id.0)?;
        let Facts::Answer(answer) = &self.entry(id)?.facts else { return None };
        let gathering = self.convened(answer.to)?;
        let minutes = self.minutes_of(gathering).find(|(other, ..)| *other == id)?;
        let state = self.minutes_state(gathering, minutes, now);
        Some(Minuted { of: self.thing_id(answer.to), start: minutes.2.start, state })
    }

    /// Since when there are minutes of a gathering.
    pub(super) fn first_minutes(&self, of: Handle) -> Option<Timestamp> {
        self.minutes_of(self.convened(of)?).map(|(_, entry, _)| entry.at).min()
    }

    /// Iterates over who hosts a gathering, its author first.
    pub(super) fn hosts(&self, of: Handle) -> impl Iterator<Item = Handle> + '_ {
        let gathering = self.convened(of).into_iter();
        gathering.flat_map(|(_, entry, facts)| {
            std::iter::once(entry.net).chain(facts.hosts.iter().copied())
        })
    }

    fn convened(&self, thing: Handle) -> Option<Convened<'_>> {
        let id = self.shown(thing)?;
        let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
        match &entry.facts {
            Facts::Gathering(facts) => Some((id, entry, facts)),
            _ => None,
        }
    }

    /// Iterates over the minutes of a gathering that count, also those that something has replaced: its
    /// hosts wrote them, after the meeting had begun.
    fn minutes_of<'a>(
        &'a self,
        (_, of, facts): Convened<'a>,
    ) -> impl Iterator<Item = Written<'a>> + 'a {
        let hosts = facts.hosts.iter().copied().chain([of.net]);
        self.heard_answers_by(of, hosts).filter_map(|(id, entry, answer)| {
            let minutes = answer.minutes.as_deref()?;
            (minutes.start <= entry.at).then_some((id, entry, minutes))
        })
    }

    /// Returns those of these networks that have accepted a record as it stands.
    fn accepting(&self, id: Handle, entry: &Entry, nets: &BTreeSet<NetId>) -> BTreeSet<NetId> {
        let nets = nets.iter().filter_map(|net| self.ids.find(&net.0));
        let accepting = self.heard_answers_by(entry, nets).filter(|(_, answer, accept)| {
            accept.kind == ResponseKind::Accept && answer.stands() && self.binds(accept, id, entry)
        });
        accepting.map(|(_, answer, _)| self.net_id(answer.net)).collect()
    }

    /// Returns the standing concerns of these networks about a record, with their dates.
    fn doubts(&self, entry: &Entry, nets: &BTreeSet<NetId>) -> BTreeMap<RecordId, Timestamp> {
        let nets = nets.iter().filter_map(|net| self.ids.find(&net.0));
        let raised = self.heard_answers_by(entry, nets).filter_map(|(id, ..)| self.raised(id));
        let counting = raised.filter(|concern| concern.state.stands());
        counting.map(|concern| (concern.id, concern.at)).collect()
    }

    fn minutes_state(
        &self,
        (_, of, facts): Convened<'_>,
        (id, entry, minutes): Written<'_>,
        now: Timestamp,
    ) -> MinutesState {
        let hosts = facts.hosts.iter().copied().chain([of.net]);
        let hosts: BTreeSet<NetId> =
            hosts.filter(|net| *net != entry.net).map(|net| self.net_id(net)).collect();
        let came = minutes.came.iter().map(|net| self.net_id(*net));
        let present = hosts.iter().copied().chain(came).collect();
        let folded = gathering::MinutesFacts {
            at: entry.at,
            accepted: self.accepting(id, entry, &hosts),
            concerns: self.doubts(entry, &present),
            hosts,
        };
        gathering::minutes(&folded, now)
    }

    fn gathering_facts(
        &self,
        (id, entry, facts): Convened<'_>,
        written: &[(Timestamp, Phase)],
    ) -> gathering::Facts {
        let first = self.earliest(entry.thing).map(|first| &first.facts);
        let changed = matches!(first, Some(Facts::Gathering(first)) if first.plan != facts.plan);
        let hosts: BTreeSet<NetId> = facts.hosts.iter().map(|net| self.net_id(*net)).collect();
        let minuted: BTreeSet<Timestamp> = written.iter().map(|(start, _)| *start).collect();
        let unminuted = facts.meetings.iter().filter(|meeting| !minuted.contains(&meeting.start));
        let concerns = self.doubts(entry, &hosts).into_keys().collect();
        let author = self.net_id(entry.net);
        gathering::Facts {
            ends: facts.meetings.last().map_or(entry.until, |meeting| meeting.end),
            unminuted: unminuted.map(|meeting| meeting.end).max(),
            changed,
            cancelled: self.ends_of(id, entry).first().map(|ended| ended.at),
            accepted: self.accepting(id, entry, &hosts),
            hosts: hosts.into_iter().filter(|net| *net != author).collect(),
            minutes: written.iter().map(|(_, phase)| *phase).collect(),
            concerns,
        }
    }
}

/// Returns minutes by the meeting that they are of, and then by their date.
fn in_order(minutes: impl Iterator<Item = (Timestamp, Timestamp, RecordId)>) -> Vec<RecordId> {
    let mut listed: Vec<_> = minutes.collect();
    listed.sort_unstable();
    listed.into_iter().map(|(.., id)| id).collect()
}

fn count(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
