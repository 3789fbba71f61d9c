//! What is answered of decisions, gatherings, openness and concerns.

use std::collections::{BTreeSet, VecDeque};

use super::answers::{distinct, said};
use super::listing::Item;
use super::views::{body, record};
use super::{Engine, Store};
use crate::admission::Concern;
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::control::{Declared, GatheringFilter, ProposalFilter, Request, Response};
use crate::fold::gathering::Phase as Meeting;
use crate::fold::proposal::Phase;
use crate::id::{NetId, RecordId, ThingId};
use crate::ledger::{Place, Query, Ratification};
use crate::record::Kind;
use crate::time::Timestamp;

impl Engine {
    /// Returns what is to be said of decisions, gatherings, openness and concerns; none when there is
    /// no such thing, and nothing when something else is asked.
    pub(super) fn deliberations<S: Store>(
        &self,
        now: Timestamp,
        asked: &Request,
        store: &mut S,
    ) -> Result<Option<VecDeque<Item>>, S::Error> {
        Ok(Some(match asked {
            Request::Proposals(filter) => self.proposals(now, filter, store)?,
            Request::Proposal { thing } => {
                let here = self.ledger.proposal(thing, now);
                return Ok(self.found(here.map(|_| Item::Proposal(*thing, true)), *thing));
            }
            Request::Gatherings(filter) => {
                let found = self.gatherings(now, filter, store)?.into_iter().map(Item::Gathering);
                let past = match filter.all {
                    true => self.past_gatherings(filter, store)?,
                    false => Vec::new(),
                };
                found.chain(past.into_iter().map(Item::Past)).collect()
            }
            Request::Gathering { thing } => {
                let here = self.ledger.gathering(thing, now);
                return Ok(self.found(here.map(|_| Item::Gathering(*thing)), *thing));
            }
            Request::Minutes { of: Some(of), .. } => {
                self.minutes(now, *of, store)?.into_iter().map(Item::Minutes).collect()
            }
            Request::Minutes { of: None, filter } => {
                let all = GatheringFilter { all: true, ..filter.clone() };
                let mut of = self.gatherings(now, &all, store)?;
                let past = self.past_gatherings(&all, store)?;
                of.extend(past.iter().filter_map(|id| Some(self.past.get(id)?.thing())));
                let mut written = VecDeque::new();
                for of in of {
                    written.extend(self.minutes(now, of, store)?.into_iter().map(Item::Minutes));
                }
                written
            }
            Request::Disclosures { net, all } => {
                self.declarations(now, (Kind::Disclosure, *net), *all, Item::Disclosure)
            }
            Request::Owed { net } => self.owed(now, *net),
            Request::Concerns { about, net, all } => self.concerns(now, (*about, *net), *all),
            _ => VecDeque::new(),
        }))
    }

    /// Returns what a proposal has come to; as a whole with the electors that one hand controls.
    pub(super) fn decision(
        &self,
        thing: &ThingId,
        whole: bool,
        now: Timestamp,
    ) -> Option<(RecordId, Ratification)> {
        let (id, mut decision) = self.ledger.proposal(thing, now)?;
        if whole {
            decision.overlaps = self.ledger.overlaps(&decision.state, &self.gate.classes);
        }
        Some((id, decision))
    }

    fn proposals<S: Store>(
        &self,
        now: Timestamp,
        filter: &ProposalFilter,
        store: &mut S,
    ) -> Result<VecDeque<Item>, S::Error> {
        let query = Query { kind: Some(Kind::Proposal), net: filter.net, ..Query::default() };
        let things = distinct(self.shown(now, &query));
        let wanted = things.filter(|thing| {
            let Some((id, decision)) = self.ledger.proposal(thing, now) else { return false };
            let state = &decision.state;
            let open = matches!(state.phase, Phase::Deliberation | Phase::Voting);
            let over = state.phase == Phase::Withdrawn || !(open || state.provisional);
            let to = filter.to.is_none_or(|to| self.ledger.decides(&id) == Some(to));
            to && (filter.all || !over)
        });
        let mut items: VecDeque<_> = wanted.map(|thing| Item::Proposal(thing, false)).collect();
        if filter.all {
            items.extend(self.past_proposals(filter, store)?);
        }
        Ok(items)
    }

    fn gatherings<S: Store>(
        &self,
        now: Timestamp,
        filter: &GatheringFilter,
        store: &mut S,
    ) -> Result<Vec<ThingId>, S::Error> {
        let query = Query { kind: Some(Kind::Gathering), net: filter.net, ..Query::default() };
        let mut found = Vec::new();
        for thing in distinct(self.shown(now, &query)) {
            let Some((id, convening)) = self.ledger.gathering(&thing, now) else { continue };
            let phase = convening.state.phase;
            let over = matches!(phase, Meeting::Agreed | Meeting::Cancelled | Meeting::Lapsed);
            if (filter.all || !over) && self.is_meant(&id, filter, store)? {
                found.push(thing);
            }
        }
        Ok(found)
    }

    /// Lists the minutes of a gathering, also those that live on when it is over.
    fn minutes<S: Store>(
        &self,
        now: Timestamp,
        of: ThingId,
        store: &mut S,
    ) -> Result<Vec<RecordId>, S::Error> {
        let mut written = match self.past.last(of).filter(|_| self.ledger.thing(&of).is_empty()) {
            None => self.ledger.minutes(&of),
            Some(over) => self.ledger.minutes_left(&of, &hosts(&over, store)?),
        };
        written.retain(|id| !self.hides_record(now, id));
        written.extend(self.past.answers(Some(of), Some(ResponseKind::Minutes)));
        Ok(written)
    }

    pub(super) fn is_meant<S: Store>(
        &self,
        id: &RecordId,
        filter: &GatheringFilter,
        store: &mut S,
    ) -> Result<bool, S::Error> {
        let home = self.ledger.summary(id).and_then(|summary| summary.home);
        let home = home.map(|home| home.region);
        let home = home.or_else(|| self.past.get(id)?.region().cloned());
        if filter.region.as_ref().is_some_and(|region| home.as_ref() != Some(region)) {
            return Ok(false);
        }
        if filter.field.is_none() && filter.part_of.is_none() {
            return Ok(true);
        }
        let Some(Body::Gathering(gathering)) = body(id, store)? else { return Ok(false) };
        Ok(filter.field.as_ref().is_none_or(|field| gathering.fields.contains(field))
            && filter.part_of.is_none_or(|whole| gathering.part_of == Some(whole)))
    }

    /// Lists declarations of values, or disclosures: those that stand; where all are asked for, also those
    /// that did, and those that are over.
    pub(super) fn declarations(
        &self,
        now: Timestamp,
        (kind, net): (Kind, Option<NetId>),
        all: bool,
        item: fn(RecordId) -> Item,
    ) -> VecDeque<Item> {
        let query = Query { kind: Some(kind.clone()), net, current: !all, ..Query::default() };
        let spoke = |id: &RecordId| self.ledger.summary(id).is_some_and(|s| s.place.has_stood());
        let here = self.shown(now, &query).map(|listed| listed.id).filter(spoke);
        let past = self.past.of_kind(&kind, net).into_iter().filter(|_| all);
        here.map(item).chain(past.map(|(id, _)| Item::Past(id))).collect()
    }

    /// Says what a declaration that is here has come to.
    pub(super) fn declaration(&self, id: &RecordId) -> Declared {
        match self.ledger.summary(id).map(|summary| summary.place) {
            Some(Place::Current | Place::Forked) => Declared::Current,
            Some(_) => Declared::Replaced,
            None => Declared::Expired,
        }
    }

    fn owed(&self, now: Timestamp, net: Option<NetId>) -> VecDeque<Item> {
        let nets = match net {
            Some(net) => vec![net],
            None => self.ledger.networks().collect(),
        };
        let hides = |net: &NetId| self.hides(now, &Concern::of(*net, &Kind::Disclosure));
        let seen = nets.iter().filter(|net| !hides(net));
        let owed = seen.flat_map(|net| self.ledger.owed(net, now));
        owed.map(|owed| said(Response::Owed(owed))).collect()
    }

    fn concerns(
        &self,
        now: Timestamp,
        (about, net): (Option<ThingId>, Option<NetId>),
        all: bool,
    ) -> VecDeque<Item> {
        let raised = match about {
            Some(about) => self.ledger.concerns(&about),
            None => self.ledger.concerns_about(net.as_ref()),
        };
        let seen = raised.into_iter().filter(|concern| !self.hides_record(now, &concern.id));
        // Of what is over it is not known any more whose saying it was about.
        let past = if all && net.is_none() { self.past_concerns(about) } else { Vec::new() };
        past.into_iter().chain(seen.map(|concern| concern.id)).map(Item::Concern).collect()
    }
}

/// Returns who hosts a gathering: its author, and whom it names.
fn hosts<S: Store>(id: &RecordId, store: &mut S) -> Result<BTreeSet<NetId>, S::Error> {
    let Some(record) = record(id, store)? else { return Ok(BTreeSet::new()) };
    let Body::Gathering(gathering) = record.body() else { return Ok(BTreeSet::new()) };
    Ok(gathering.hosts.iter().copied().chain([record.net()]).collect())
}
