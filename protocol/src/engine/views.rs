//! What is said of one thing: its record, and what the records together say.

use super::intake::void;
use super::listing::Item;
use super::{Effect, Engine, RequestId, Store};
use crate::body::Body;
use crate::body::call::Call;
use crate::body::text::Place as Where;
use crate::control::{
    AnswerState, CallFilter, Judgement, NetworkState, Response, RoleState, SyncView, View,
};
use crate::fold::call::{Phase, State};
use crate::id::{NetId, NodeId, RecordId, ThingId};
use crate::ledger::{Place, Step};
use crate::record::{Record, Unverified};
use crate::sync::{GivenUp, Reason};
use crate::time::Timestamp;

impl Engine {
    /// Sends the next part of a long answer.
    pub(super) fn more<S: Store>(
        &mut self,
        now: Timestamp,
        request: RequestId,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let (items, last) = self.listings.next(request);
        let mut responses = Vec::with_capacity(items.len() + 1);
        for item in items {
            responses.extend(self.view(now, item, store)?);
        }
        if last {
            responses.push(Response::End);
        }
        self.out.push(Effect::Reply { request, responses, last });
        Ok(())
    }

    fn view<S: Store>(
        &self,
        now: Timestamp,
        item: Item,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        match item {
            Item::Said(response) => Ok(Some(*response)),
            Item::Network(net) => self.network_view(&net, store),
            Item::Role(role) => {
                let state =
                    RoleState { thing: role.thing, granter: role.granter, state: role.state };
                view(&role.version, state, store, Response::Role)
            }
            Item::Values(id) => view(&id, self.declaration(&id), store, Response::Values),
            Item::Tie(thing) => match self.ledger.tie(&thing, now) {
                Some((id, state)) => view(&id, state, store, Response::Tie),
                None => Ok(None),
            },
            Item::Call(thing) => match self.call(&thing, now) {
                Some((id, state)) => view(&id, state, store, Response::Call),
                None => Ok(None),
            },
            Item::Proposal(thing, whole) => match self.decision(&thing, whole, now) {
                Some((id, state)) => view(&id, state, store, Response::Proposal),
                None => Ok(None),
            },
            Item::Gathering(thing) => match self.ledger.gathering(&thing, now) {
                Some((id, state)) => view(&id, state, store, Response::Gathering),
                None => Ok(None),
            },
            Item::Minutes(id) => match self.ledger.minuted(&id, now) {
                Some(state) => view(&id, state, store, Response::Minutes),
                None => self.past_minutes(&id, store),
            },
            Item::Disclosure(id) => view(&id, self.declaration(&id), store, Response::Disclosure),
            Item::Concern(id) => match self.ledger.concern(&id) {
                Some(state) => view(&id, state, store, Response::Concern),
                None => self.past_concern(&id, store),
            },
            Item::Answer(id) => {
                let Some(summary) = self.ledger.summary(&id) else {
                    return self.past_answer(&id, store);
                };
                let current = summary.place == Place::Current;
                let state = AnswerState { current, void: void(&summary.standing) };
                view(&id, state, store, Response::Answer)
            }
            Item::Record(id) => match self.record_view(&id, false, store)? {
                Some(response) => Ok(Some(response)),
                None => self.past_record(&id, store),
            },
            Item::Hidden(id) => Ok(store.hidden(&id)?.map(|hidden| {
                let state = Judgement { void: None, steps: vec![Step::Erased] };
                Response::Record(View { record: hidden.bytes.to_vec().into(), state })
            })),
            Item::Past(id) => self.past_view(&id, store),
        }
    }

    /// Returns what a call has come to, as this node sees it: whoever confirms it and is known here through
    /// nobody but the caller may be the caller by a second name.
    pub(super) fn call(&self, thing: &ThingId, now: Timestamp) -> Option<(RecordId, State)> {
        let (id, mut state) = self.ledger.call(thing, now)?;
        let caller = self.ledger.summary(&id)?.net;
        let recognition = &self.gate.recognition;
        let by_itself = |net: &NetId| {
            let Some(known) = recognition.of(net) else { return false };
            let apart = |net: &NetId| !recognition.chain(net).contains(&caller);
            let nearer = |by: &NetId| {
                let near = recognition.of(by).is_some_and(|by| by.distance < known.distance);
                *by != caller && near && apart(by)
            };
            apart(net) || self.ledger.neighbours(net, now).iter().any(nearer)
        };
        // Who knows nobody, or is the caller, cannot tell.
        let can_tell =
            recognition.iter().next().is_some() && self.settings.homes().all(|home| home != caller);
        if can_tell && !state.confirmed.iter().any(by_itself) {
            state.unconfirmed |= !state.confirmed.is_empty();
        }
        Some((id, state))
    }

    pub(super) fn record_view<S: Store>(
        &self,
        id: &RecordId,
        explained: bool,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        let Some(standing) = self.ledger.standing(id) else { return Ok(None) };
        let steps = if explained { self.ledger.explain(id) } else { Vec::new() };
        view(id, Judgement { void: void(&standing), steps }, store, Response::Record)
    }

    pub(super) fn network_view<S: Store>(
        &self,
        net: &NetId,
        store: &mut S,
    ) -> Result<Option<Response>, S::Error> {
        let Some(identity) = self.ledger.identity(net) else { return Ok(None) };
        let shown = self.ledger.current_profile(net);
        let hosting = self.ledger.hosting_profile(net);
        let mut bytes = |id: Option<RecordId>| {
            let bytes = id.map(|id| store.bytes(&id)).transpose()?.flatten();
            Ok::<_, S::Error>(bytes.map(|bytes| bytes.to_vec().into()).unwrap_or_default())
        };
        let record = bytes(shown)?;
        let hosting = (hosting != shown).then(|| bytes(hosting)).transpose()?;
        let spoken = identity.disputed.is_none() && identity.closed.is_none();
        let guardians = identity.keys.as_ref().map_or((0, 0), |keys| {
            (u8::try_from(keys.guardians.len()).unwrap_or(u8::MAX), keys.need)
        });
        let state = NetworkState {
            net: *net,
            log: identity.log.iter().map(|(id, _)| *id).collect(),
            key: identity.keys.filter(|_| spoken).map(|keys| keys.key),
            guardians,
            disputed: identity.disputed,
            closed: identity.closed,
            revoked: identity.revoked,
            hosting,
        };
        Ok(Some(Response::Network(View { record, state })))
    }

    /// Says whether a call is one of those asked for.
    pub(super) fn is_wanted<S: Store>(
        &self,
        now: Timestamp,
        thing: &ThingId,
        filter: &CallFilter,
        store: &mut S,
    ) -> Result<bool, S::Error> {
        let Some((id, state)) = self.ledger.call(thing, now) else { return Ok(false) };
        let over = matches!(state.phase, Phase::Met | Phase::Withdrawn | Phase::Expired);
        if over && !filter.all {
            return Ok(false);
        }
        let home = self.ledger.summary(&id).and_then(|summary| summary.home);
        if let Some(region) = &filter.region
            && home.is_none_or(|home| home.region != *region)
        {
            return Ok(false);
        }
        says(&id, filter, store)
    }

    /// Tells those who wait for it that a conversation is over.
    pub(super) fn tell_synced(&mut self, peer: Option<NodeId>) {
        let views = self.syncs.views();
        if let Some(sync) = views.into_iter().find(|view| Some(view.peer) == peer) {
            self.tell_waiting(&sync);
        }
    }

    /// Tells those who wait for it that a conversation never began or broke off, and that none is under
    /// way: they would wait until one goes well, and for ever for a node that is gone.
    pub(super) fn tell_unheard(&mut self, peer: NodeId, reason: Reason) {
        let view = self.syncs.views().into_iter().find(|view| view.peer == peer);
        let view = view.unwrap_or_else(|| SyncView::of(peer));
        let failure = Some(GivenUp { reason, by_peer: false });
        self.tell_waiting(&SyncView { progress: None, failure, ..view });
    }

    fn tell_waiting(&mut self, sync: &SyncView) {
        for (request, last) in self.listings.synced(sync) {
            let mut responses = vec![Response::Sync(sync.clone())];
            if last {
                responses.push(Response::End);
            }
            self.out.push(Effect::Reply { request, responses, last });
        }
    }
}

/// Puts a record's bytes beside what is said of it; nothing, when they are not to be had.
pub(super) fn view<T, S: Store>(
    id: &RecordId,
    state: T,
    store: &mut S,
    wrap: impl FnOnce(View<T>) -> Response,
) -> Result<Option<Response>, S::Error> {
    let record = store.bytes(id)?;
    Ok(record.map(|bytes| wrap(View { record: bytes.to_vec().into(), state })))
}

/// Says whether the words of a call are those asked for.
pub(super) fn says<S: Store>(
    id: &RecordId,
    filter: &CallFilter,
    store: &mut S,
) -> Result<bool, S::Error> {
    if filter.field.is_none() && filter.place.is_none() {
        return Ok(true);
    }
    let Some(call) = call(id, store)? else { return Ok(false) };
    let place = |place: &Where| call.places.iter().any(|at| place.holds(at));
    Ok(filter.field.as_ref().is_none_or(|field| call.fields.contains(field))
        && filter.place.as_ref().is_none_or(place))
}

fn call<S: Store>(id: &RecordId, store: &mut S) -> Result<Option<Call>, S::Error> {
    Ok(body(id, store)?.and_then(|body| match body {
        Body::Call(call) => Some(call),
        _ => None,
    }))
}

/// Reads what a record says from its bytes.
pub(super) fn body<S: Store>(id: &RecordId, store: &mut S) -> Result<Option<Body>, S::Error> {
    Ok(record(id, store)?.map(|record| record.body().clone()))
}

/// Reads a record from its bytes.
pub(super) fn record<S: Store>(id: &RecordId, store: &mut S) -> Result<Option<Record>, S::Error> {
    let Some(bytes) = store.bytes(id)? else { return Ok(None) };
    Ok(Unverified::decode(&bytes).map(Unverified::assume_verified).ok())
}
