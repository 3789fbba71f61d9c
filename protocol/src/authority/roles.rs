//! The roles of one network: which are granted, accepted, in force and ended.
//!
//! Roles are judged in two strata, so that no role can justify itself: first those that the
//! network's key granted, then those granted under such roles.
//!
//! **Invariant:** all versions of a role have one granter, which is part of its name: the network's
//! key, or a role.

use std::collections::{BTreeMap, BTreeSet};

use super::identity_log::Log;
use super::powers::{self, About, Need};
use super::support::{Acceptance, Act, Ending, Grant, Support, covers};
use super::{Standing, Why};
use crate::body::identity::Reason;
use crate::body::role::{Power, Role};
use crate::id::{PublicKey, RecordId, ThingId};
use crate::record::Reach;
use crate::time::Timestamp;

/// An end that counts for a version of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ended {
    pub(crate) at: Timestamp,
    pub(crate) by: RecordId,
    /// It ends the whole role, not only this version.
    pub(crate) whole: bool,
    pub(crate) resigned: bool,
}

/// A version of a role that its granter could grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: RecordId,
    pub(crate) rev: u16,
    pub(crate) body: Role,
    pub(crate) until: Timestamp,
    pub(crate) accepted: Option<Timestamp>,
    pub(crate) ended: BTreeSet<Ended>,
    compromised: Option<RecordId>,
}

/// A role with its versions, the highest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mandate {
    pub(crate) granter: Option<ThingId>,
    pub(crate) versions: Vec<Version>,
    keep: BTreeSet<RecordId>,
}

/// The roles of one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) mandates: BTreeMap<ThingId, Mandate>,
    standings: BTreeMap<RecordId, Standing>,
    /// By role: the records of which its judgement said how they stand.
    judged: BTreeMap<ThingId, Vec<RecordId>>,
    /// Ends that end at least one version of a role, each with the role.
    counted: BTreeSet<(RecordId, ThingId)>,
}

impl Roles {
    pub(crate) fn new(log: &Log, support: &Support) -> Self {
        let mut roles = Self::default();
        roles.update(log, support, &support.role_things().copied().collect());
        roles
    }

    /// Judges some roles again, and those granted under one that has become another.
    pub(crate) fn update(
        &mut self,
        log: &Log,
        support: &Support,
        which: &BTreeSet<ThingId>,
    ) -> BTreeMap<ThingId, bool> {
        let below = |thing: &ThingId| {
            let mut grants = support.grants_of(thing);
            grants.next().is_some_and(|grant| grant.act.role.is_some())
        };
        let mut judged = BTreeMap::new();
        let (mut second, first): (BTreeSet<ThingId>, BTreeSet<ThingId>) =
            which.iter().partition(|thing| below(thing));
        for thing in first {
            let changed = self.judge_role(log, support, &thing);
            judged.insert(thing, changed);
            if changed {
                second.extend(support.below(&thing));
            }
        }
        for thing in second {
            let changed = self.judge_role(log, support, &thing);
            judged.insert(thing, changed);
            // What was granted under it is void; why may be another reason now.
            for deep in support.below(&thing).copied().collect::<Vec<_>>() {
                let changed = self.judge_role(log, support, &deep);
                judged.insert(deep, changed);
            }
        }
        judged
    }

    /// Judges one role; says whether it has become another.
    fn judge_role(&mut self, log: &Log, support: &Support, thing: &ThingId) -> bool {
        let before = self.mandates.remove(thing);
        for id in self.judged.remove(thing).unwrap_or_default() {
            self.standings.remove(&id);
            self.counted.remove(&(id, *thing));
        }
        self.grant_by_network(log, support, thing);
        if !self.mandates.contains_key(thing) {
            self.grant_by_roles(log, support, thing);
        }
        self.judge_acceptances(log, support, thing);
        before.as_ref() != self.mandates.get(thing)
    }

    fn stand(&mut self, thing: &ThingId, id: RecordId, standing: Standing) {
        self.judged.entry(*thing).or_default().push(id);
        self.standings.insert(id, standing);
    }

    /// The first stratum.
    fn grant_by_network(&mut self, log: &Log, support: &Support, thing: &ThingId) {
        let mut granted = Vec::new();
        for grant in support.grants_of(thing).filter(|grant| grant.act.role.is_none()) {
            let standing = log.judge(&grant.act);
            if standing.is_valid() {
                granted.push(grant);
            }
            self.stand(thing, grant.act.id, standing);
        }
        if granted.is_empty() {
            return;
        }
        let entitled = |end: &Ending| end.act.role.is_none() && log.judge(&end.act).is_valid();
        self.establish(support, (thing, None), &granted, entitled);
    }

    /// The second stratum: judged by what the first one gives.
    fn grant_by_roles(&mut self, log: &Log, support: &Support, thing: &ThingId) {
        let mut granted: Vec<&Grant> = Vec::new();
        for grant in support.grants_of(thing).filter(|grant| grant.act.role.is_some()) {
            let standing = self.judge_delegated(log, support, grant);
            if standing.is_valid() {
                granted.push(grant);
            }
            self.stand(thing, grant.act.id, standing);
        }
        let Some(granter) = granted.first().and_then(|grant| grant.act.role) else { return };
        let by_granter = |act: &Act| {
            act.role == Some(granter)
                && self.judge(log, act, Need::Nothing, &About::default()).is_valid()
        };
        let entitled = |end: &&Ending| {
            let network = end.act.role.is_none() && log.judge(&end.act).is_valid();
            network || by_granter(&end.act)
        };
        let ends: BTreeSet<RecordId> =
            support.ends_of(thing).filter(entitled).map(|end| end.act.id).collect();
        let entitled = |end: &Ending| ends.contains(&end.act.id);
        self.establish(support, (thing, Some(granter)), &granted, entitled);
    }

    /// Judges a role granted under a role of the first stratum.
    fn judge_delegated(&self, log: &Log, support: &Support, grant: &Grant) -> Standing {
        let Some(role) = grant.act.role else { return Standing::Void(Why::RoleMissing) };
        if self.mandates.get(&role).is_none_or(|above| above.granter.is_some()) {
            let deep = support.grants_of(&role).any(|above| above.act.role.is_some());
            let why = if deep { Why::ChainTooLong } else { Why::RoleVoid };
            return Standing::Void(why);
        }
        // The scope of what is granted is compared below; the act of granting has none.
        let standing = self.judge(log, &grant.act, Need::Nothing, &About::default());
        let Some(above) = self.in_force(&role, &grant.act).ok().filter(|_| standing.is_valid())
        else {
            return standing;
        };
        if !above.body.powers.contains(&Power::Delegate) {
            return Standing::Void(Why::PowerMissing { any_of: vec![Power::Delegate] });
        }
        let powers = grant.body.powers.iter().all(|power| above.body.powers.contains(power));
        let scope = above.body.scope.is_none() || above.body.scope == grant.body.scope;
        if powers && scope { Standing::Valid } else { Standing::Void(Why::MoreThanGranter) }
    }

    /// Puts a role in, with its acceptances and with the ends by those who are entitled.
    fn establish(
        &mut self,
        support: &Support,
        what: (&ThingId, Option<ThingId>),
        granted: &[&Grant],
        entitled: impl Fn(&Ending) -> bool,
    ) {
        let (thing, granter) = what;
        let holders: BTreeSet<PublicKey> = granted.iter().map(|g| g.body.holder).collect();
        let mut mandate = Mandate { granter, ..Mandate::default() };
        for grant in granted {
            mandate.versions.push(Version {
                id: grant.act.id,
                rev: grant.rev,
                body: grant.body.clone(),
                until: grant.act.until,
                accepted: accepted(support, grant),
                ended: BTreeSet::new(),
                compromised: None,
            });
        }
        for end in support.ends_of(thing) {
            let resigned = end.act.role == Some(*thing) && holders.contains(&end.act.key);
            if !resigned && !entitled(end) {
                continue;
            }
            for (version, grant) in mandate.versions.iter_mut().zip(granted) {
                let named = |v: Option<RecordId>| v.is_none_or(|v| v == version.id);
                let targets = || end.targets.iter().filter(|target| target.thing == *thing);
                let lasts = end.act.until >= version.until && covers(&end.home, &grant.home);
                if !lasts || !targets().any(|target| named(target.version)) {
                    continue;
                }
                let whole = targets().any(|target| target.version.is_none());
                let ended = Ended { at: end.act.at, by: end.act.id, whole, resigned };
                version.ended.insert(ended);
                if self.counted.insert((end.act.id, *thing)) {
                    self.judged.entry(*thing).or_default().push(end.act.id);
                }
                if !resigned && end.key_reason == Some(Reason::Compromised) {
                    let by = version.compromised.map_or(end.act.id, |by| by.min(end.act.id));
                    version.compromised = Some(by);
                    mandate.keep.extend(end.keep.iter().copied());
                }
            }
        }
        mandate.versions.sort_by_key(|version| (std::cmp::Reverse(version.rev), version.id));
        self.mandates.insert(*thing, mandate);
    }

    fn judge_acceptances(&mut self, log: &Log, support: &Support, role: &ThingId) {
        for acceptance in support.acceptances_of(role) {
            let mut grants = support.grants_of(role);
            let standing = if let Err(standing) = log.judge_date(acceptance.act.at) {
                standing
            } else if acceptance.home.reach == Reach::Own {
                Standing::Void(Why::SupportIsNeverOwn)
            } else if grants.any(|grant| grant.body.holder == acceptance.act.key) {
                Standing::Valid
            } else {
                Standing::Void(Why::NotTheHolder)
            };
            self.stand(role, acceptance.act.id, standing);
        }
    }

    /// Returns the standing of a role or of an acceptance, or that of an end that ends a role.
    pub(crate) fn standing(&self, id: &RecordId) -> Option<Standing> {
        let all = (*id, ThingId([0; 32]))..=(*id, ThingId([0xff; 32]));
        let counted = self.counted.range(all).next().map(|_| Standing::Valid);
        counted.or_else(|| self.standings.get(id).cloned())
    }

    /// Returns the version of a role that governs an act.
    pub(crate) fn in_force(&self, role: &ThingId, act: &Act) -> Result<&Version, Standing> {
        let mandate = self.mandates.get(role).ok_or(Standing::Void(Why::RoleVoid))?;
        let accepted = || mandate.versions.iter().filter(|version| version.accepted.is_some());
        let begun = || accepted().filter(|version| version.body.begins() <= act.at);
        let over = |version: &&Version| {
            version.ended.iter().any(|ended| !ended.whole && ended.at <= act.at)
        };
        let Some(version) = begun().find(|version| !over(version)).or_else(|| begun().next())
        else {
            return Err(match accepted().map(|version| version.body.begins()).min() {
                Some(from) => Standing::Void(Why::BeforeRole { from }),
                None => Standing::Held(Why::RoleNotAccepted),
            });
        };
        // What a revocation keeps was named one by one: the second in which it was said does not
        // undo it.
        match version.ended.first().filter(|ended| ended.at <= act.at && !self.keeps(role, act)) {
            Some(ended) => Err(Standing::Void(Why::RoleEnded { at: ended.at, by: ended.by })),
            None => Ok(version),
        }
    }

    /// Says whether the granter named the record as one that stays.
    fn keeps(&self, role: &ThingId, act: &Act) -> bool {
        self.mandates.get(role).is_some_and(|mandate| mandate.keep.contains(&act.id))
    }

    /// Judges what is said to be signed under a role.
    pub(crate) fn judge(&self, log: &Log, act: &Act, need: Need, about: &About<'_>) -> Standing {
        let Some(role) = act.role else { return Standing::Void(Why::RoleMissing) };
        if let Err(standing) = log.judge_date(act.at) {
            return standing;
        }
        let version = match self.in_force(&role, act) {
            Ok(version) => version,
            Err(standing) => return standing,
        };
        if version.body.holder != act.key {
            return Standing::Void(Why::NotTheHolder);
        }
        if act.until > version.until || act.at >= version.until {
            return Standing::Void(Why::OutlivesRole { until: version.until });
        }
        match version.compromised {
            Some(by) if !self.keeps(&role, act) => Standing::Void(Why::RoleKeyCompromised { by }),
            _ => powers::judge(&version.body, need, about),
        }
    }
}

/// Returns when the holder first accepted this version, or one with an identical body.
fn accepted(support: &Support, grant: &Grant) -> Option<Timestamp> {
    let same = |acceptance: &Acceptance| {
        let seen = support.grants.get(&acceptance.seen);
        acceptance.seen == grant.act.id
            || seen.is_some_and(|seen| seen.thing == grant.thing && seen.hash == grant.hash)
    };
    let fits = |acceptance: &&Acceptance| {
        acceptance.act.role == Some(grant.thing)
            && acceptance.act.key == grant.body.holder
            && covers(&acceptance.home, &grant.home)
            && acceptance.home.reach != Reach::Own
            && same(acceptance)
    };
    support.acceptances_of(&grant.thing).filter(fits).map(|acceptance| acceptance.act.at).min()
}
