//! Gatherings, folded from what is stored when they are asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::entry::{Entry, Facts, Verdict};
use super::facts::{Calendar, GatheringFacts};
use super::ids::Handle;
use crate::body::response::ResponseKind;
use crate::fold::gathering::{self, State};
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
    /// The meeting that is under way, or comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Turn>,
}

impl Ledger {
    /// Returns what a gathering has come to, and the version that is shown.
    pub fn gathering(&self, thing: &ThingId, now: Timestamp) -> Option<(RecordId, Convening)> {
        let thing = self.ids.find(&thing.0)?;
        let id = self.shown(thing)?;
        let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
        let Facts::Gathering(facts) = &entry.facts else { return None };
        let Calendar { meetings, end } = &facts.calendar;
        let ends = meetings.last().map_or(*end, |meeting| meeting.end);
        let folded = self.gathering_facts((id, entry), facts, ends);
        let rotation: Vec<NetId> = facts.facilitation.iter().map(|n| self.net_id(*n)).collect();
        let next = series::next(meetings, now).map(|meeting| Turn {
            number: u16::try_from(meeting.number).unwrap_or(u16::MAX),
            start: meeting.start,
            end: meeting.end,
            facilitator: gathering::facilitator(&rotation, meeting.number),
        });
        let meetings = u16::try_from(meetings.len()).unwrap_or(u16::MAX);
        let convening = Convening { state: gathering::fold(&folded, now), meetings, next };
        Some((self.record_id(id), convening))
    }

    fn gathering_facts(
        &self,
        shown: (Handle, &Entry),
        facts: &GatheringFacts,
        ends: Timestamp,
    ) -> gathering::Facts {
        let (id, entry) = shown;
        let first = self.entry(entry.thing).map(|first| &first.facts);
        let changed = matches!(first, Some(Facts::Gathering(first)) if first.plan != facts.plan);
        let named = |nets: &mut dyn Iterator<Item = Handle>| -> BTreeSet<NetId> {
            nets.filter(|net| *net != entry.net).map(|net| self.net_id(net)).collect()
        };
        let accepting = self.heard_answers(entry).filter(|(_, answer, accept)| {
            accept.kind == ResponseKind::Accept && answer.stands() && self.binds(accept, id, entry)
        });
        gathering::Facts {
            ends,
            changed,
            cancelled: self.ends_of(id, entry).first().map(|ended| ended.at),
            hosts: named(&mut facts.hosts.iter().copied()),
            accepted: named(&mut accepting.map(|(_, answer, _)| answer.net)),
            minutes: facts.minutes.as_ref().map(|_| self.since(entry)),
            concerns: self.doubts(entry, facts),
        }
    }

    /// Returns the standing concerns of those who host or came, with their dates.
    fn doubts(&self, entry: &Entry, facts: &GatheringFacts) -> BTreeMap<RecordId, Timestamp> {
        let came = facts.minutes.iter().flat_map(|networks| networks.iter());
        let present: BTreeSet<NetId> =
            facts.hosts.iter().chain(came).map(|net| self.net_id(*net)).collect();
        let raised = self.heard_answers(entry).filter_map(|(id, ..)| self.raised(id));
        let counting = raised.filter(|c| c.state.stands() && present.contains(&c.net));
        counting.map(|concern| (concern.id, concern.at)).collect()
    }
}
