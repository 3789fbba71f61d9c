//! What the ledger keeps of proposals, gatherings and disclosures.

use super::few::Few;
use super::ids::{Handle, Ids, NONE};
use crate::authority::topic_hash;
use crate::body::disclosure::{Disclosure, DisclosureKind};
use crate::body::gathering::Gathering;
use crate::body::proposal::{Proposal, Rule};
use crate::fold::series::{self, Meeting};
use crate::record::{BodyHash, whole_hash};
use crate::time::Timestamp;

/// A voice that a proposal asks for.
#[derive(Debug)]
pub(super) struct VoiceFacts {
    pub(super) required: bool,
    pub(super) gathering: Handle,
    pub(super) field: Option<u64>,
}

/// Facts of a proposal.
#[derive(Debug)]
pub(super) struct ProposalFacts {
    /// Of all but the list of counted ballots.
    pub(super) hash: BodyHash,
    /// The deciding tie.
    pub(super) to: Handle,
    pub(super) rule: Rule,
    pub(super) options: u8,
    pub(super) effect: Handle,
    pub(super) voices: Box<[VoiceFacts]>,
    /// The ballots that a closing version lists.
    pub(super) counted: Few<Handle>,
}

impl ProposalFacts {
    pub(super) fn of(ids: &mut Ids, proposal: &Proposal, hash: BodyHash) -> Self {
        let voices = proposal.voices.iter().map(|voice| VoiceFacts {
            required: voice.required,
            gathering: voice.gathering.map_or(NONE, |thing| ids.intern(&thing.0)),
            field: voice.field.as_ref().map(topic_hash),
        });
        let voices = voices.collect();
        Self {
            hash,
            to: ids.intern(&proposal.to.0),
            rule: proposal.rule,
            // A list of options has at most sixteen.
            options: u8::try_from(proposal.options.len()).unwrap_or(u8::MAX),
            effect: proposal.effect.map_or(NONE, |id| ids.intern(&id.0)),
            voices,
            counted: proposal.counted.iter().map(|id| ids.intern(&id.0)).collect(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = Handle> + '_ {
        let voices = self.voices.iter().map(|voice| voice.gathering);
        [self.to, self.effect].into_iter().chain(voices).chain(self.counted.iter().copied())
    }
}

/// Facts of a gathering.
#[derive(Debug)]
pub(super) struct GatheringFacts {
    pub(super) hash: BodyHash,
    /// A short name of time, place and hosts.
    pub(super) plan: BodyHash,
    pub(super) hosts: Few<Handle>,
    pub(super) topics: Few<u64>,
    pub(super) part_of: Handle,
    /// When it meets, worked out once: a list asks for it each time. All meetings that a series may
    /// have take no more room than a record may.
    pub(super) meetings: Box<[Meeting]>,
    pub(super) facilitation: Few<Handle>,
}

impl GatheringFacts {
    pub(super) fn of(
        ids: &mut Ids,
        gathering: &Gathering,
        hash: BodyHash,
        until: Timestamp,
    ) -> Self {
        let plan = (&gathering.times, &gathering.place, &gathering.hosts);
        let plan = crate::cbor::to_bytes(&plan).unwrap_or_default();
        Self {
            hash,
            plan: whole_hash(&plan),
            hosts: gathering.hosts.iter().map(|net| ids.intern(&net.0)).collect(),
            topics: gathering.fields.iter().map(topic_hash).collect(),
            part_of: gathering.part_of.map_or(NONE, |thing| ids.intern(&thing.0)),
            meetings: series::calendar(&gathering.times, until).into(),
            facilitation: gathering.facilitation.iter().map(|net| ids.intern(&net.0)).collect(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = Handle> + '_ {
        let nets = self.hosts.iter().chain(self.facilitation.iter()).copied();
        nets.chain([self.part_of])
    }
}

/// Facts of a disclosure.
#[derive(Debug)]
pub(super) struct DisclosureFacts {
    pub(super) hash: BodyHash,
    pub(super) kind: DisclosureKind,
    pub(super) about: Handle,
    /// The end of the time that it is for.
    pub(super) reaches: Option<Timestamp>,
    /// Networks under the same control.
    pub(super) control: Few<Handle>,
}

impl DisclosureFacts {
    pub(super) fn of(ids: &mut Ids, disclosure: &Disclosure, hash: BodyHash) -> Self {
        let control = disclosure.kind == DisclosureKind::Control;
        let others = disclosure.control.iter().filter(|_| control);
        Self {
            hash,
            kind: disclosure.kind,
            about: disclosure.about.map_or(NONE, |about| ids.intern(&about.thing.0)),
            reaches: disclosure.period.and_then(|p| p.end).map(Timestamp::from_secs),
            control: others.map(|other| ids.intern(&other.other.0)).collect(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = Handle> + '_ {
        self.control.iter().copied().chain([self.about])
    }
}
