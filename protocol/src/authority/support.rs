//! What a network's authority is made of: its identity events, roles, acceptances and ends.
//!
//! **Invariant:** what names a key is never taken away by more support, only by time, and never
//! before everything that this key signed: so which records are stored does not depend on the
//! order in which they came, unless there are more than there is room for (`limits`). Then who came
//! first stays, and what may lead the log on is taken all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use super::fork::Link;
use super::identity_log::Log;
use crate::body::end::{EndKind, Target};
use crate::body::identity::{Identity, Reason};
use crate::body::role::Role;
use crate::id::{PublicKey, RecordId, ThingId};
use crate::limits::{EVENTS_SPARE_MAX, TWINS_MAX};
use crate::record::{BodyHash, Home, Reach};
use crate::steps;
use crate::time::Timestamp;

/// A signed act: who, under what, when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) id: RecordId,
    pub(crate) key: PublicKey,
    pub(crate) role: Option<ThingId>,
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
}

/// An identity event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) act: Act,
    pub(crate) prev: Option<RecordId>,
    pub(crate) rev: u16,
    pub(crate) hash: BodyHash,
    pub(crate) body: Identity,
}

/// A version of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) act: Act,
    pub(crate) thing: ThingId,
    pub(crate) rev: u16,
    pub(crate) home: Home,
    pub(crate) hash: BodyHash,
    pub(crate) body: Role,
}

/// A holder's acceptance of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) act: Act,
    pub(crate) seen: RecordId,
    pub(crate) home: Home,
}

/// An end, of a role or of anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) act: Act,
    pub(crate) home: Home,
    pub(crate) kind: EndKind,
    pub(crate) targets: Box<[Target]>,
    pub(crate) key_reason: Option<Reason>,
    pub(crate) keep: Box<[RecordId]>,
}

/// Says whether whoever sees a record that lives at `target` also sees one that lives at `other`:
/// what decides over another record must be at least as visible.
pub(crate) fn covers(other: &Home, target: &Home) -> bool {
    let reaches = target.reach == Reach::Own || other.reach >= target.reach;
    other.region == target.region && reaches
}

/// Whether a network's stored records name a key, and what is missing if not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    Named,
    Missing(RecordId),
    Unnamed,
}

/// The stored support of one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Support {
    pub(crate) events: BTreeMap<RecordId, Box<Event>>,
    pub(crate) grants: BTreeMap<RecordId, Grant>,
    /// By role, then by id.
    pub(crate) acceptances: BTreeMap<(ThingId, RecordId), Acceptance>,
    pub(crate) ends: BTreeMap<RecordId, Ending>,
    roles: BTreeMap<ThingId, BTreeSet<RecordId>>,
    /// By role: the roles that were granted under it.
    below: BTreeMap<ThingId, BTreeSet<ThingId>>,
    ends_of: BTreeMap<ThingId, BTreeSet<RecordId>>,
}

impl Support {
    pub(crate) fn add_grant(&mut self, grant: Grant) {
        self.roles.entry(grant.thing).or_default().insert(grant.act.id);
        if let Some(granter) = grant.act.role {
            self.below.entry(granter).or_default().insert(grant.thing);
        }
        self.grants.insert(grant.act.id, grant);
    }

    pub(crate) fn add_end(&mut self, end: Ending) {
        for target in &end.targets {
            self.ends_of.entry(target.thing).or_default().insert(end.act.id);
        }
        self.ends.insert(end.act.id, end);
    }

    /// Takes a record out whose time is over; an acceptance is one of this role.
    pub(crate) fn remove(&mut self, id: &RecordId, role: Option<ThingId>) {
        if let Some(grant) = self.grants.remove(id) {
            take(&mut self.roles, &grant.thing, id);
            if let Some(granter) = grant.act.role.filter(|_| !self.has_role(&grant.thing)) {
                take(&mut self.below, &granter, &grant.thing);
            }
        }
        if let Some(end) = self.ends.remove(id) {
            for target in &end.targets {
                take(&mut self.ends_of, &target.thing, id);
            }
        }
        if let Some(role) = role {
            self.acceptances.remove(&(role, *id));
        }
    }

    /// Iterates over the roles that were granted under a role.
    pub(crate) fn below(&self, role: &ThingId) -> impl Iterator<Item = &ThingId> {
        self.below.get(role).into_iter().flatten()
    }

    /// Returns the part of it that decides on these roles: they, those above them, and the log.
    pub(crate) fn about(&self, roles: impl IntoIterator<Item = ThingId>) -> Self {
        let mut part = Self { events: self.events.clone(), ..Self::default() };
        let mut open: BTreeSet<ThingId> = roles.into_iter().collect();
        let mut known = BTreeSet::new();
        while let Some(role) = open.pop_first() {
            if !known.insert(role) {
                continue;
            }
            for grant in self.grants_of(&role) {
                open.extend(grant.act.role);
                part.add_grant(grant.clone());
            }
            for acceptance in self.acceptances_of(&role) {
                part.acceptances.insert((role, acceptance.act.id), acceptance.clone());
            }
            for end in self.ends_of(&role) {
                open.extend(end.act.role);
                part.ends.insert(end.act.id, end.clone());
            }
            let ends = self.ends_of.get(&role).cloned();
            part.ends_of.extend(ends.map(|ends| (role, ends)));
        }
        part
    }

    /// Says whether there is room for one more identity event: when there is no spare room, only for what
    /// has no twins and follows the log, or is a guardian's word on what follows it.
    pub(crate) fn has_room(&self, event: &Event) -> bool {
        if self.events.len() < EVENTS_SPARE_MAX {
            return true;
        }
        let log = Log::new(&self.events);
        let on_log = |id: Option<RecordId>| {
            id.is_some_and(|id| log.chain.iter().any(|link: &Link| link.ids.contains(&id)))
        };
        let before = event.prev.and_then(|prev| self.events.get(&prev));
        let word = before.is_some_and(|before| {
            let keys = before.body.keys();
            let guards = keys.is_some_and(|k| k.guardians.contains(&event.act.key.hash()));
            guards && on_log(before.prev)
        });
        self.twins(event) < TWINS_MAX && (on_log(event.prev) || word)
    }

    /// Iterates over the acceptances of a role.
    pub(crate) fn acceptances_of(&self, role: &ThingId) -> impl Iterator<Item = &Acceptance> {
        let all = (*role, RecordId([0; 32]))..=(*role, RecordId([0xff; 32]));
        self.acceptances.range(all).map(|(_, acceptance)| acceptance).inspect(|_| steps::step())
    }

    pub(crate) fn role_things(&self) -> impl Iterator<Item = &ThingId> {
        self.roles.keys()
    }

    pub(crate) fn has_role(&self, thing: &ThingId) -> bool {
        self.roles.contains_key(thing)
    }

    pub(crate) fn grants_of(&self, thing: &ThingId) -> impl Iterator<Item = &Grant> {
        let ids = self.roles.get(thing).into_iter().flatten().inspect(|_| steps::step());
        ids.filter_map(|id| self.grants.get(id))
    }

    pub(crate) fn ends_of(&self, thing: &ThingId) -> impl Iterator<Item = &Ending> {
        let ids = self.ends_of.get(thing).into_iter().flatten().inspect(|_| steps::step());
        ids.filter_map(|id| self.ends.get(id))
    }

    /// Says whether the network named the key that signed this act, other than an identity event.
    pub(crate) fn names(&self, inception: RecordId, act: &Act) -> Naming {
        let Some(role) = act.role else {
            let keys = self.events.values().filter_map(|event| event.body.keys());
            return match keys.into_iter().any(|keys| keys.key == act.key) {
                true => Naming::Named,
                false if self.events.is_empty() => Naming::Missing(inception),
                false => Naming::Unnamed,
            };
        };
        if self.grants_of(&role).any(|grant| grant.names(act) && self.is_near(grant)) {
            Naming::Named
        } else if self.has_role(&role) {
            Naming::Unnamed
        } else {
            Naming::Missing(role.into())
        }
    }

    /// Says whether the network named the key that signed this identity event.
    pub(crate) fn names_event(&self, event: &Event) -> Naming {
        let Some(prev) = event.prev else { return Naming::Named };
        let Some(before) = self.events.get(&prev) else { return Naming::Missing(prev) };
        let Some(keys) = before.body.keys().filter(|_| event.rev == before.rev + 1) else {
            return Naming::Unnamed;
        };
        let hash = event.act.key.hash();
        let (rotation, guardian) = (hash == keys.next, keys.guardians.contains(&hash));
        let named = match event.body {
            Identity::Inception(_) => false,
            Identity::Rotate(_) | Identity::Close => rotation,
            Identity::Recover(_) | Identity::Guard(_) => guardian,
            Identity::Revoke(_) => rotation || guardian,
        };
        if named { Naming::Named } else { Naming::Unnamed }
    }

    /// Counts the events of one sort by one signer that follow the same one.
    pub(crate) fn twins(&self, event: &Event) -> usize {
        let like = |event: &Event| (event.prev, event.act.key, discriminant(&event.body));
        self.events.values().filter(|other| like(other) == like(event)).count()
    }

    /// Says whether the grant is at most two links away from the network's key.
    fn is_near(&self, grant: &Grant) -> bool {
        match grant.act.role {
            None => true,
            Some(role) => self
                .grants_of(&role)
                .any(|above| above.act.role.is_none() && above.names(&grant.act)),
        }
    }
}

impl Grant {
    fn names(&self, act: &Act) -> bool {
        self.body.holder == act.key && self.act.until >= act.until
    }
}

fn take<T: Ord>(index: &mut BTreeMap<ThingId, BTreeSet<T>>, thing: &ThingId, id: &T) {
    if let Some(ids) = index.get_mut(thing) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(thing);
        }
    }
}
