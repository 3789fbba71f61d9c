//! The states of ties, roles and identities, folded when they are asked for.

use std::collections::BTreeMap;

use super::Ledger;
use super::entry::{Entry, Facts, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::places::Group;
use super::query::{IdentityView, RoleView};
use crate::authority::Mandate;
use crate::fold::{role, tie};
use crate::id::{NetId, RecordId, ThingId};
use crate::time::Timestamp;

impl Ledger {
    /// Returns the record that is shown for a thing: the current version, or else the one that
    /// comes nearest to it.
    pub(super) fn shown(&self, thing: Handle) -> Option<Handle> {
        self.shown_among(self.versions(thing))
    }

    /// The same among some versions of a thing.
    pub(super) fn shown_among(&self, versions: impl Iterator<Item = Handle>) -> Option<Handle> {
        let rank = |id: &Handle| {
            let entry = self.entry(*id)?;
            let marks = entry.marks;
            let valid = entry.verdict == Verdict::Valid && !marks.erased;
            let order = (valid && !marks.ended, valid && !marks.unaccepted, valid, entry.rev);
            Some((order, std::cmp::Reverse((marks.forked, self.record_id(*id)))))
        };
        versions.max_by_key(rank)
    }

    /// Returns what a tie has come to, and the version that is shown: the accepted one, or else
    /// the latest claim.
    pub fn tie(&self, thing: &ThingId, now: Timestamp) -> Option<(RecordId, tie::State)> {
        let id = self.shown(self.ids.find(&thing.0)?)?;
        let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
        let facts = self.tie_facts(id, entry)?;
        Some((self.record_id(id), tie::fold(&facts, now)))
    }

    pub(super) fn tie_facts(&self, id: Handle, entry: &Entry) -> Option<tie::Facts> {
        let Facts::Tie(facts) = &entry.facts else { return None };
        let named = |at: &BTreeMap<Handle, Timestamp>| {
            at.iter().map(|(net, at)| (self.net_id(*net), *at)).collect()
        };
        let ended = self.ends_of(id, entry).into_iter().next();
        let broken = |net: &&Handle| {
            let log = self.networks.get(net).map(|network| &network.authority.log);
            log.is_some_and(|log| log.disputed.is_some() || log.closed().is_some())
        };
        Some(tie::Facts {
            author: self.net_id(entry.net),
            at: entry.at,
            until: entry.until,
            parties: facts.parties.iter().map(|net| self.net_id(*net)).collect(),
            accepted: named(&self.acceptances(id, entry)),
            review_on: facts.review_on,
            notice: std::time::Duration::from_secs(u64::from(facts.notice_days) * 86_400),
            ended: ended.map(|ended| (self.net_id(ended.net), ended.at)),
            broken: facts.parties.iter().find(broken).map(|net| self.net_id(*net)),
        })
    }

    /// Returns the ties in which a network is a party, whatever their state.
    pub fn ties_of(&self, net: &NetId) -> Vec<ThingId> {
        let Some(net) = self.ids.find(&net.0) else { return Vec::new() };
        let ties = self.index.ties.range((net, 0)..=(net, NONE));
        let mut things: Vec<ThingId> = ties
            .filter_map(|(_, id)| self.entry(*id))
            .map(|entry| self.thing_id(entry.thing))
            .collect();
        things.sort_unstable();
        things.dedup();
        things
    }

    /// Says whether two networks have an active tie with each other.
    pub fn are_tied(&self, a: &NetId, b: &NetId, now: Timestamp) -> bool {
        let (Some(a), Some(b)) = (self.ids.find(&a.0), self.ids.find(&b.0)) else { return false };
        let mut ties = self.index.ties.range((a, 0)..=(a, NONE)).map(|(_, id)| *id);
        a != b
            && ties.any(|id| {
                let entry = self.entry(id).filter(|entry| entry.stands());
                entry.is_some_and(|entry| {
                    let both = matches!(&entry.facts, Facts::Tie(t) if t.parties.contains(&b));
                    let facts = both.then(|| self.tie_facts(id, entry)).flatten();
                    facts.is_some_and(|facts| tie::fold(&facts, now).is_active())
                })
            })
    }

    /// Returns the roles of a network, those that were granted to nobody's right aside.
    pub fn roles(&self, net: &NetId, now: Timestamp) -> Vec<RoleView> {
        let handle = self.ids.find(&net.0);
        let Some(network) = handle.and_then(|net| self.networks.get(&net)) else {
            return Vec::new();
        };
        let mandates = network.authority.roles.mandates.iter();
        mandates.filter_map(|(thing, mandate)| role_view(*thing, mandate, now)).collect()
    }

    /// Returns a network's identity.
    pub fn identity(&self, net: &NetId) -> Option<IdentityView> {
        let log = &self.networks.get(&self.ids.find(&net.0)?)?.authority.log;
        let first = |ids: &[RecordId]| ids.iter().min().copied();
        Some(IdentityView {
            log: log.chain.iter().filter_map(|l| Some((first(&l.ids)?, l.at))).collect(),
            keys: log.chain.last().and_then(|link| link.keys.clone()),
            disputed: log.disputed,
            closed: log.closed(),
            revoked: log.revoked.keys().copied().collect(),
        })
    }

    /// Returns the current profile of a network, of all its regions the latest.
    pub fn current_profile(&self, net: &NetId) -> Option<RecordId> {
        self.latest_profile(net, Entry::stands)
    }

    /// Returns the latest of those profiles of a network, in all its regions, that will do.
    pub(super) fn latest_profile(
        &self,
        net: &NetId,
        will_do: impl Fn(&Entry) -> bool,
    ) -> Option<RecordId> {
        let net = self.ids.find(&net.0)?;
        let sort = Sort::Profile as u8;
        let group = Group { to: NONE, net, sort, tag: 0, seen: 0, home: 0 };
        let members = self.index.groups.range((group, 0)..);
        let own = members.take_while(|(g, _)| (g.to, g.net, g.sort) == (NONE, net, sort));
        let fitting = own.filter_map(|(_, id)| {
            let entry = self.entry(*id).filter(|entry| will_do(entry))?;
            Some((entry.at, std::cmp::Reverse(self.record_id(*id))))
        });
        fitting.max().map(|(_, id)| id.0)
    }
}

fn role_view(thing: ThingId, mandate: &Mandate, now: Timestamp) -> Option<RoleView> {
    let versions = || mandate.versions.iter();
    let live = || versions().filter(|version| version.ended.is_empty());
    let version = live()
        .find(|version| version.accepted.is_some())
        .or_else(|| live().next())
        .or_else(|| versions().next())?;
    let facts = role::Facts {
        from: version.body.begins(),
        until: version.until,
        accepted: version.accepted,
        ended: version.ended.first().map(|ended| (ended.at, ended.by, ended.resigned)),
    };
    Some(RoleView {
        thing,
        version: version.id,
        body: version.body.clone(),
        granter: mandate.granter,
        state: role::fold(&facts, now),
    })
}
