//! What the networks that live here have said and is over.
//!
//! A record whose time is over leaves the ledger and counts for nothing more. The node of its author
//! knows it all the same, until its operator gives the space back: people look up what they asked
//! for last year, and take all that they ever signed with them when they leave.
//!
//! **Invariant:** what is here is in no set, goes to no peer and changes no state.

use std::collections::{BTreeMap, BTreeSet};

use super::views::view;
use super::{Engine, Store};
use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::control::{Judgement, Response, RoleState, ThingView};
use crate::fold::{call, role as holding, tie};
use crate::id::{IdPrefix, NetId, PublicKey, RecordId, ThingId};
use crate::ledger::{Pages, Step, Tombstone};
use crate::record::{Home, Kind, Reach, Record};
use crate::region::Region;
use crate::time::Timestamp;

/// What is kept of a record in memory; its text is in the store.
#[derive(Debug, Clone)]
pub(super) struct Over {
    /// Its date.
    pub(super) at: Timestamp,
    until: Timestamp,
    thing: ThingId,
    rev: u16,
    net: NetId,
    kind: Kind,
    key: PublicKey,
    home: Option<Home>,
}

impl Over {
    /// Returns its home region; none of identity events.
    pub(super) fn region(&self) -> Option<&Region> {
        self.home.as_ref().map(|home| &home.region)
    }

    /// Returns its network.
    pub(super) fn net(&self) -> NetId {
        self.net
    }

    /// Returns its kind.
    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Returns its network, and how far it might travel.
    pub(super) fn reach(&self) -> Option<(NetId, Reach)> {
        self.home.as_ref().map(|home| (self.net, home.reach))
    }
}

/// All that is over.
#[derive(Debug, Default)]
pub(super) struct Past {
    records: BTreeMap<RecordId, Over>,
    things: BTreeSet<(ThingId, u16, RecordId)>,
}

impl Past {
    /// Remembers a record.
    fn note(&mut self, record: &Record) {
        let header = record.header();
        let over = Over {
            at: header.at,
            until: header.until,
            thing: record.thing(),
            rev: record.rev(),
            net: record.net(),
            kind: header.kind.clone(),
            key: record.key(),
            home: header.home.clone(),
        };
        self.things.insert((over.thing, over.rev, record.id()));
        self.records.insert(record.id(), over);
    }

    /// Returns what is known of a record.
    pub(super) fn get(&self, id: &RecordId) -> Option<&Over> {
        self.records.get(id)
    }

    fn versions(&self, thing: ThingId) -> impl DoubleEndedIterator<Item = RecordId> {
        let (first, last) = (RecordId([0; 32]), RecordId([0xff; 32]));
        let versions = self.things.range((thing, 0, first)..=(thing, u16::MAX, last));
        versions.map(|(_, _, id)| *id)
    }

    /// Returns the last version of a thing.
    pub(super) fn last(&self, thing: ThingId) -> Option<RecordId> {
        self.versions(thing).next_back()
    }

    /// Returns the record that an id means: itself, or the last version of the thing of that name.
    pub(super) fn named(&self, id: &RecordId) -> Option<RecordId> {
        let own = self.records.contains_key(id).then_some(*id);
        own.or_else(|| self.last(ThingId(id.0)))
    }

    /// Iterates over the records, and the things, that begin with a prefix, each with its kind; a
    /// thing once for each version.
    pub(super) fn resolve(&self, prefix: &IdPrefix) -> impl Iterator<Item = (RecordId, Kind)> {
        let (low, high) = prefix.bounds();
        let records = self.records.range(RecordId(low)..=RecordId(high));
        let first = (ThingId(low), 0, RecordId([0; 32]));
        let last = (ThingId(high), u16::MAX, RecordId([0xff; 32]));
        let things = self.things.range(first..=last).filter_map(|(thing, _, id)| {
            Some((RecordId::from(*thing), self.records.get(id)?.kind.clone()))
        });
        records.map(|(id, over)| (*id, over.kind.clone())).chain(things)
    }

    /// Returns the last versions of the things of a kind, the newest first: of one network, or all.
    pub(super) fn things(&self, kind: &Kind, net: Option<NetId>) -> Vec<(RecordId, ThingId)> {
        let meant = |(_, over): &(&RecordId, &Over)| {
            over.kind == *kind && net.is_none_or(|net| over.net == net)
        };
        let of_kind = self.records.iter().filter(meant);
        let last = of_kind.filter(|(id, over)| self.last(over.thing) == Some(**id));
        let mut last: Vec<_> = last.map(|(id, over)| (over.at, *id, over.thing)).collect();
        last.sort_unstable_by_key(|(at, id, _)| (std::cmp::Reverse(*at), *id));
        last.into_iter().map(|(_, id, thing)| (id, thing)).collect()
    }

    /// Iterates over what belongs on a page, in no order.
    fn page<'a>(&'a self, pages: &'a Pages) -> impl Iterator<Item = (Timestamp, RecordId)> + 'a {
        let meant = |(id, over): &(&RecordId, &Over)| {
            !pages.valid
                && pages.kind.as_ref().is_none_or(|kind| over.kind == *kind)
                && pages.net.is_none_or(|net| over.net == net)
                && pages.key.is_none_or(|key| over.key == key)
                && pages.region.as_ref().is_none_or(|r| over.region().is_none_or(|o| o == r))
                && pages.since.is_none_or(|since| over.at >= since)
                && pages.after.is_none_or(|after| (over.at, **id) > after)
        };
        self.records.iter().filter(meant).map(|(id, over)| (over.at, *id))
    }

    /// Forgets a thing of a network, or what one key signed of it, and returns what is to be left of
    /// each version.
    fn erase(&mut self, net: NetId, key: Option<PublicKey>, thing: ThingId) -> Vec<Tombstone> {
        let versions: Vec<RecordId> = self.versions(thing).collect();
        let mut erased = Vec::new();
        for id in versions {
            let meant = |over: &&Over| over.net == net && key.is_none_or(|key| over.key == key);
            let Some(over) = self.records.get(&id).filter(meant) else { continue };
            erased.push(Tombstone { id, thing, net, until: over.until });
            self.things.remove(&(thing, over.rev, id));
            self.records.remove(&id);
        }
        erased
    }
}

impl Engine {
    /// Remembers a record whose time is over, if its network lives here.
    pub(super) fn outlive(&mut self, record: &Record) {
        if self.settings.homes().any(|net| net == record.net()) {
            self.past.note(record);
        }
    }

    /// The same for one that the ledger has just let go.
    pub(super) fn outlive_stored<S: Store>(
        &mut self,
        (id, net): (RecordId, NetId),
        store: &mut S,
    ) -> Result<(), S::Error> {
        if self.settings.homes().any(|home| home == net)
            && let Some(record) = super::views::record(&id, store)?
        {
            self.past.note(&record);
        }
        Ok(())
    }

    /// Erases of the past what a new record of its network says is to be erased.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn erase_past<S: Store>(
        &mut self,
        record: &Record,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let Body::End(end) = record.body() else { return Ok(()) };
        let counts = self.ledger.standing(&record.id()).is_some_and(|s| s == Standing::Valid);
        if end.kind != EndKind::Erase || !counts {
            return Ok(());
        }
        // A role's key erases only what it signed.
        let key = record.header().role.map(|_| record.key());
        let things = end.targets.iter().map(|target| target.thing);
        let erased: Vec<Tombstone> =
            things.flat_map(|thing| self.past.erase(record.net(), key, thing)).collect();
        for tombstone in &erased {
            store.stage_erase(tombstone)?;
        }
        Ok(())
    }

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
        here.or_else(|| self.past.get(&id).map(|over| over.at)).map(|at| (at, id))
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
        let Over { kind, net, rev, .. } = over.clone();
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
        match over.kind {
            Kind::Role => {
                let (thing, state) = (over.thing, holding::State::Expired);
                view(id, RoleState { thing, granter: None, state }, store, Response::Role)
            }
            Kind::Tie => view(id, tie::State::Expired, store, Response::Tie),
            Kind::Call => view(id, call::State::past(), store, Response::Call),

            _ => self.past_record(id, store),
        }
    }

    /// Lists things of a kind that are over, unless a version of them still is not.
    pub(super) fn over(&self, kind: &Kind, net: Option<NetId>) -> impl Iterator<Item = RecordId> {
        let things = self.past.things(kind, net).into_iter();
        let gone = things.filter(|(_, thing)| self.ledger.thing(thing).is_empty());
        gone.map(|(id, _)| id)
    }
}
