//! Who may speak for a network, at which time, about what.
//!
//! Three strata are judged one after the other, so that nothing can justify itself: the identity
//! log, the roles that the network's key granted, the roles granted under those.
//!
//! **Invariant:** the authority of a network is a pure function of that network's own support:
//! its identity events, its roles, their acceptances and their ends, in any order.

mod fork;
mod identity_log;
mod powers;
mod roles;
mod support;
mod why;

pub(crate) use identity_log::Log;
pub(crate) use powers::{About, Need, need, need_of_answer, topic_hash};
pub(crate) use roles::{Mandate, Roles};
pub(crate) use support::{Acceptance, Act, Ending, Event, Grant, Naming, Support, covers};
pub use why::{Standing, Why};

use std::collections::{BTreeMap, BTreeSet};

use crate::body::role::Power;
use crate::id::{RecordId, ThingId};
use crate::time::Timestamp;

/// The authority of one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) log: Log,
    pub(crate) roles: Roles,
}

impl Authority {
    /// Judges the support of one network anew.
    pub(crate) fn new(support: &Support) -> Self {
        let log = Log::new(&support.events);
        let roles = Roles::new(&log, support);
        Self { log, roles }
    }

    /// Judges some roles again, and those that were granted under them; says which were judged, and of
    /// each whether it has become another.
    pub(crate) fn update(
        &mut self,
        support: &Support,
        roles: &BTreeSet<ThingId>,
    ) -> BTreeMap<ThingId, bool> {
        self.roles.update(&self.log, support, roles)
    }

    /// Returns the standing of a record that is itself support, as far as it decides on roles.
    pub(crate) fn of_support(&self, id: &RecordId) -> Option<Standing> {
        self.log.standing(id).cloned().or_else(|| self.roles.standing(id))
    }

    /// Judges any other act.
    pub(crate) fn judge(&self, act: &Act, need: Need, about: &About<'_>) -> Standing {
        match act.role {
            None => self.log.judge(act),
            Some(_) => self.roles.judge(&self.log, act, need, about),
        }
    }

    /// Says whether a key speaks for the network now, and not only at the date that it claims.
    pub(crate) fn speaks(&self, act: &Act, now: Timestamp) -> bool {
        let now = Act { at: act.at.max(now), ..*act };
        self.judge(&now, Need::Nothing, &About::default()).is_valid()
    }

    /// Says whether a role is offered, and its holder has not said yes yet.
    pub(crate) fn offers(&self, role: &ThingId, now: Timestamp) -> bool {
        let mandate = self.roles.mandates.get(role);
        mandate.is_some_and(|mandate| {
            let mut versions = mandate.versions.iter();
            versions.any(|v| v.accepted.is_none() && v.ended.is_empty() && v.until > now)
        })
    }

    /// Says whether an identity event is one that the end of the log waits for, and the first of its
    /// kind by its signer.
    pub(crate) fn awaits(&self, support: &Support, event: &Event) -> bool {
        let Some((prev, head)) = event.prev.zip(self.log.chain.last()) else { return true };
        head.ids.contains(&prev) && support.twins(event) == 0
    }

    /// Says whether the act's role, in force at its date, has this power about this.
    pub(crate) fn has_power(&self, act: &Act, power: &'static [Power], about: &About<'_>) -> bool {
        self.roles.judge(&self.log, act, Need::AnyOf(power), about).is_valid()
    }
}
