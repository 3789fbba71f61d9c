//! What a network's authority is made of: its identity events, roles, acceptances and ends.
//!
//! **Invariant:** what names a key is never taken away by more support, only by time, and never
//! before everything that this key signed: so which records are stored does not depend on the
//! order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use crate::body::end::{EndKind, Target};
use crate::body::identity::{Identity, Reason};
use crate::body::role::Role;
use crate::id::{PublicKey, RecordId, ThingId};
use crate::record::{BodyHash, Home, Reach};
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
    ends_of: BTreeMap<ThingId, BTreeSet<RecordId>>,
}

impl Support {
    pub(crate) fn add_grant(&mut self, grant: Grant) {
        self.roles.entry(grant.thing).or_default().insert(grant.act.id);
        self.grants.insert(grant.act.id, grant);
    }

    pub(crate) fn add_end(&mut self, end: Ending) {
        for target in &end.targets {
            self.ends_of.entry(target.thing).or_default().insert(end.act.id);
        }
        self.ends.insert(end.act.id, end);
    }

    /// Takes a record out whose time is over.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        if let Some(grant) = self.grants.remove(id) {
            take(&mut self.roles, &grant.thing, id);
        }
        if let Some(end) = self.ends.remove(id) {
            for target in &end.targets {
                take(&mut self.ends_of, &target.thing, id);
            }
        }
        self.acceptances.retain(|(_, other), _| other != id);
    }

    /// Iterates over the acceptances of a role.
    pub(crate) fn acceptances_of(&self, role: &ThingId) -> impl Iterator<Item = &Acceptance> {
        let all = (*role, RecordId([0; 32]))..=(*role, RecordId([0xff; 32]));
        self.acceptances.range(all).map(|(_, acceptance)| acceptance)
    }

    pub(crate) fn role_things(&self) -> impl Iterator<Item = &ThingId> {
        self.roles.keys()
    }

    pub(crate) fn has_role(&self, thing: &ThingId) -> bool {
        self.roles.contains_key(thing)
    }

    pub(crate) fn grants_of(&self, thing: &ThingId) -> impl Iterator<Item = &Grant> {
        self.roles.get(thing).into_iter().flatten().filter_map(|id| self.grants.get(id))
    }

    pub(crate) fn ends_of(&self, thing: &ThingId) -> impl Iterator<Item = &Ending> {
        self.ends_of.get(thing).into_iter().flatten().filter_map(|id| self.ends.get(id))
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

fn take(index: &mut BTreeMap<ThingId, BTreeSet<RecordId>>, thing: &ThingId, id: &RecordId) {
    if let Some(ids) = index.get_mut(thing) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(thing);
        }
    }
}
