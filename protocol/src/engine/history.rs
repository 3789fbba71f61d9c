//! What is answered of what is over: in lists beside what is not, shown by itself, page by page.
//!
//! **Invariant:** whatever lists things of a kind has those that are over where all are asked for, and
//! says of them that they are. What they came to is judged no more: some of what it rested on is over
//! as well.

use super::listing::Item;
use super::past::Over;
use super::views::{body, record, view};
use super::{Engine, Store};
use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::control::{
    AnswerState, CallFilter, Declared, GatheringFilter, Judgement, ProposalFilter, Response,
    RoleState, ThingView,
};
use crate::fold::{call, concern, role, tie};
use crate::id::{NetId, RecordId, ThingId};
use crate::ledger::{Convening, Minuted, Pages, Raised, Ratification, Step};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

impl Engine {
    /// Returns a page of what is here and of what is over, by date and then by id.
    pub(super) fn page(&self, pages: &Pages, limit: usize) -> Vec<RecordId> {
        let here = self.ledger.page(pages, limit);
        let dated = here.into_iter().filter_map(|id| Some((self.ledger.summary(&id)?.at, id)));
        let mut page: Vec<(Timestamp, RecordId)> = dated.chain(self.past.page(pages)).collect();
        page.sort_unstable();
        page.truncate(limit);
        page.into_iter().map(|(_, id)| id).collect()
    }

    /// Returns when a record that is here or over was dated, with its id.
    pub(super) fn dated(&self, id: RecordId) -> Option<(Timestamp, RecordId)> {
        let here = self.ledger.summary(&id).map(|summary| summary.at);
        here.or_else(|| self.past.get(&id).map(Over::at)).map(|at| (at, id))
    }

    /// Says what a thing is that is over; none when there is no such.
    pub(super) fn past_thing<S: Store>(
        &self,
        thing: ThingId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        let Some(id) = self.past.last(thing) else { return Ok(None) };
        let Some(over) = self.past.get(&id) else { return Ok(None) };
        let bytes = store.bytes(&id)?.map(|bytes| bytes.to_vec().into()).unwrap_or_default();
        let (kind, net, rev) = (over.kind().clone(), over.net(), over.rev());
        let thing = ThingView { kind, net, current: bytes, heads: vec![id], rev, offered: None };
        Ok(Some(Response::Thing(thing)))
    }

    /// Says of a record that it is over.
    pub(super) fn past_record<S: Store>(
        &self,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        if self.past.get(id).is_none() {
            return Ok(None);
        }
        let steps = vec![Step::Judged(Standing::Void(Why::Expired))];
        view(id, Judgement { void: Some(Why::Expired), steps }, store, Response::Record)
    }

    /// Says what a thing has come to that is over.
    pub(super) fn past_view<S: Store>(
        &self,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        let Some(over) = self.past.get(id) else { return Ok(None) };
        match over.kind() {
            Kind::Role => {
                let (thing, state) = (over.thing(), role::State::Expired);
                view(id, RoleState { thing, granter: None, state }, store, Response::Role)
            }
            Kind::Tie => view(id, tie::State::Expired, store, Response::Tie),
            Kind::Call => view(id, call::State::past(), store, Response::Call),
            Kind::Proposal => view(id, Ratification::past(), store, Response::Proposal),
            Kind::Gathering => view(id, Convening::past(), store, Response::Gathering),
            Kind::Values => view(id, Declared::Expired, store, Response::Values),
            Kind::Disclosure => view(id, Declared::Expired, store, Response::Disclosure),
            _ => self.past_record(id, store),
        }
    }

    /// Says of an answer to something that its time is over.
    pub(super) fn past_answer<S: Store>(
        &self,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        if self.past.get(id).is_none() {
            return Ok(None);
        }
        let state = AnswerState { current: false, void: Some(Why::Expired) };
        view(id, state, store, Response::Answer)
    }

    /// Returns a record of those that are over.
    fn gone<S: Store>(&self, id: &RecordId, store: &mut S) -> Result<Option<Record>, S::Error> {
        Ok(self.past.get(id).map(|_| record(id, store)).transpose()?.flatten())
    }

    /// Says of minutes that their time, or that of their gathering, is over.
    pub(super) fn past_minutes<S: Store>(
        &self,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        let Some(record) = record(id, store)? else { return Ok(None) };
        let Body::Response(answer) = record.body() else { return Ok(None) };
        let Some(minutes) = &answer.minutes else { return Ok(None) };
        let start = Timestamp::from_secs(minutes.start);
        let state = Minuted::past(answer.to.thing, start, record.header().at);
        view(id, state, store, Response::Minutes)
    }

    /// Says of a concern that its time is over.
    pub(super) fn past_concern<S: Store>(
        &self,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        let Some(record) = self.gone(id, store)? else { return Ok(None) };
        let Body::Response(answer) = record.body() else { return Ok(None) };
        let (thing, about, net, at) =
            (record.thing(), answer.to.thing, record.net(), record.header().at);
        let state = concern::State::Expired;
        let raised = Raised { id: *id, thing, about, net, at, state };
        view(id, raised, store, Response::Concern)
    }

    /// Lists things of a kind that are over, unless a version of them still is not, the newest first.
    pub(super) fn over(&self, kind: &Kind, net: Option<NetId>) -> impl Iterator<Item = RecordId> {
        let things = self.past.things(kind, net).into_iter();
        let gone = things.filter(|(_, thing)| self.ledger.thing(thing).is_empty());
        gone.map(|(id, _)| id).filter(|id| self.stood(id))
    }

    /// Lists concerns of networks that live here that are over, about this thing or all.
    pub(super) fn past_concerns(&self, about: Option<ThingId>) -> Vec<RecordId> {
        self.past.answers(about, Some(ResponseKind::Concern))
    }

    /// Returns which calls of those that are over are asked for.
    pub(super) fn past_calls<S: Store>(
        &self,
        filter: &CallFilter,
        store: &mut S,
    ) -> Result<Vec<Item>, S::Error> {
        let mut items = Vec::new();
        for id in self.over(&Kind::Call, filter.net) {
            let region = self.past.get(&id).and_then(Over::region);
            let there = filter.region.as_ref().is_none_or(|wanted| region == Some(wanted));
            if there && super::views::says(&id, filter, store)? {
                items.push(Item::Past(id));
            }
        }
        Ok(items)
    }

    /// Returns which proposals of those that are over are asked for.
    pub(super) fn past_proposals<S: Store>(
        &self,
        filter: &ProposalFilter,
        store: &mut S,
    ) -> Result<Vec<Item>, S::Error> {
        let mut items = Vec::new();
        for id in self.over(&Kind::Proposal, filter.net) {
            let to = match (filter.to, body(&id, store)?) {
                (None, _) => true,
                (Some(to), Some(Body::Proposal(proposal))) => proposal.to == to,
                (Some(_), _) => false,
            };
            items.extend(to.then_some(Item::Past(id)));
        }
        Ok(items)
    }

    /// Returns which gatherings of those that are over are asked for.
    pub(super) fn past_gatherings<S: Store>(
        &self,
        filter: &GatheringFilter,
        store: &mut S,
    ) -> Result<Vec<RecordId>, S::Error> {
        let mut found = Vec::new();
        for id in self.over(&Kind::Gathering, filter.net) {
            if self.is_meant(&id, filter, store)? {
                found.push(id);
            }
        }
        Ok(found)
    }
}
