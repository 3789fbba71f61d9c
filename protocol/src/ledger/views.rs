//! Answers to what people and the engine ask.

use std::collections::BTreeSet;

use super::entry::{Entry, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::query::{Listed, Place, Query, Resolved, Statistics, Summary};
use super::{Ledger, Step};
use crate::authority::{Ending, Standing};
use crate::body::end::EndKind;
use crate::fold::proposal::Phase;
use crate::id::{IdPrefix, NetId, PublicKey, RecordId, ThingId};
use crate::record::Kind;
use crate::sync::Scope;
use crate::time::Timestamp;

impl Ledger {
    /// Says whether this record is stored, erased or waiting, so that nobody needs to send it.
    pub fn knows(&self, id: &RecordId) -> bool {
        self.find(id).is_some() || self.pool.waits(id).is_some()
    }

    pub(super) fn find(&self, id: &RecordId) -> Option<(Handle, &Entry)> {
        let handle = self.ids.find(&id.0)?;
        Some((handle, self.entry(handle)?))
    }

    /// Returns the standing of a stored record.
    pub fn standing(&self, id: &RecordId) -> Option<Standing> {
        let (id, entry) = self.find(id)?;
        Some(match entry.verdict {
            Verdict::Valid => Standing::Valid,
            // Only the verdict is kept, not its reason.
            _ => self.judge(id, entry),
        })
    }

    /// Returns what is known of a stored record.
    pub fn summary(&self, id: &RecordId) -> Option<Summary> {
        self.find(id).map(|(id, entry)| self.summarise(id, entry))
    }

    fn summarise(&self, id: Handle, entry: &Entry) -> Summary {
        Summary {
            id: self.record_id(id),
            thing: self.thing_id(entry.thing),
            rev: entry.rev,
            kind: self.kind(id),
            net: self.net_id(entry.net),
            key: self.key_of(entry),
            role: (entry.role != NONE).then(|| self.thing_id(entry.role)),
            at: entry.at,
            until: entry.until,
            home: self.home(entry).cloned(),
            standing: self.judge(id, entry),
            place: entry.place(),
        }
    }

    /// Explains a judgement, step by step.
    pub fn explain(&self, id: &RecordId) -> Vec<Step> {
        let Some((handle, entry)) = self.find(id) else {
            return vec![self.pool.waits(id).map_or(Step::Absent, Step::Waits)];
        };
        let key = self.key_of(entry);
        let mut steps =
            vec![Step::Signed { kind: self.kind(handle), net: self.net_id(entry.net), key }];
        steps.push(match entry.role {
            NONE => Step::UnderNetworkKey,
            role => Step::UnderRole(self.thing_id(role)),
        });
        steps.push(Step::Judged(self.judge(handle, entry)));
        if entry.marks.erased {
            steps.push(Step::Erased);
        } else if !self.is_past_ending(entry) {
            steps.extend(self.ends_of(handle, entry).into_iter().map(|end| Step::EndedBy(end.id)));
        }
        if entry.marks.superseded || entry.marks.outdone {
            steps.push(Step::Superseded);
        }
        steps.extend(self.scopes_of(id, entry.until).map(Step::InSet));
        steps.extend(self.carriage_step(entry));
        steps
    }

    /// Says whether a proposal was ended too late to be withdrawn: its result stands.
    fn is_past_ending(&self, entry: &Entry) -> bool {
        let decided = || self.proposal(&self.thing_id(entry.thing), self.now);
        entry.sort == Sort::Proposal
            && decided().is_some_and(|(_, decision)| decision.state.phase != Phase::Withdrawn)
    }

    /// Returns the scopes in whose set a stored record is.
    pub fn scopes_with(&self, id: &RecordId) -> Vec<Scope> {
        let until = self.find(id).map(|(_, entry)| entry.until);
        until.into_iter().flat_map(|until| self.scopes_of(id, until)).collect()
    }

    /// Iterates over the scopes whose set a record belongs to.
    fn scopes_of(&self, id: &RecordId, until: Timestamp) -> impl Iterator<Item = Scope> {
        let key = crate::sync::Key::of(until, *id);
        self.sets
            .iter()
            .filter(move |(_, shared)| shared.set.contains(&key))
            .map(|(scope, _)| scope.clone())
    }

    /// Returns the record that an id means: the stored record itself or, of a thing, the version that
    /// is shown.
    pub fn named(&self, id: &RecordId) -> Option<RecordId> {
        let handle = self.ids.find(&id.0)?;
        let here = |id: &Handle| self.entry(*id).is_some_and(|entry| !entry.marks.erased);
        let shown = || self.shown(handle).filter(here);
        Some(handle).filter(here).or_else(shown).map(|id| self.record_id(id))
    }

    /// Returns what a prefix names among stored records and things with a stored version, and at
    /// most `limit` when it is several.
    pub fn resolve(&self, prefix: &IdPrefix, limit: usize) -> Resolved {
        let (low, high) = prefix.bounds();
        let named = self.ids.range(low, high).into_iter();
        let is_here = |id: &Handle| self.entry(*id).is_some() || self.version(*id).is_some();
        let stored = named.filter(is_here);
        let mut found: Vec<RecordId> =
            stored.map(|id| self.record_id(id)).take(limit.max(2)).collect();
        match (found.pop(), found.is_empty()) {
            (None, _) => Resolved::None,
            (Some(one), true) => Resolved::One(one),
            (Some(last), false) => {
                found.push(last);
                found.truncate(limit);
                Resolved::Many(found)
            }
        }
    }

    /// Returns the stored versions of a thing, the one that is shown first, then by falling `rev`.
    pub fn thing(&self, thing: &ThingId) -> Vec<Summary> {
        let Some(thing) = self.ids.find(&thing.0) else { return Vec::new() };
        let shown = self.shown(thing).map(|id| self.record_id(id));
        let mut versions: Vec<Summary> = self
            .versions(thing)
            .filter_map(|id| Some(self.summarise(id, self.entry(id)?)))
            .collect();
        versions.sort_by_key(|v| (Some(v.id) != shown, std::cmp::Reverse(v.rev), v.id));
        versions
    }

    /// Lists records, newest first, at most `limit`.
    pub fn list(&self, query: &Query, limit: usize) -> Vec<Summary> {
        let found = self.newest(query).take(limit);
        found.filter_map(|id| Some(self.summarise(id, self.entry(id)?))).collect()
    }

    /// Iterates over records, newest first: whoever stops early has paid for what was seen.
    pub fn each<'a>(&'a self, query: &Query) -> impl Iterator<Item = Listed<'a>> + use<'a> {
        self.newest(query).filter_map(move |id| {
            let entry = self.entry(id)?;
            Some(Listed {
                id: self.record_id(id),
                thing: self.thing_id(entry.thing),
                kind: self.kind(id),
                net: self.net_id(entry.net),
                home: self.home(entry),
                key: self.key_of(entry),
                role: (entry.role != NONE).then(|| self.thing_id(entry.role)),
            })
        })
    }

    /// Iterates over the ends by which a network asks that a thing be erased, counting or not: each with
    /// the role and the key that signed it.
    pub fn erasures(
        &self,
        thing: &ThingId,
        net: &NetId,
    ) -> impl Iterator<Item = (RecordId, Option<ThingId>, PublicKey)> {
        let network = self.ids.find(&net.0).and_then(|net| self.networks.get(&net));
        let ends = network.into_iter().flat_map(|network| network.support.ends.values());
        let meant = |ending: &&Ending| {
            ending.kind == EndKind::Erase && ending.targets.iter().any(|t| t.thing == *thing)
        };
        ends.filter(meant).map(|ending| (ending.act.id, ending.act.role, ending.act.key))
    }

    /// Iterates over what a query means, newest first and of one date by id.
    fn newest<'a>(&'a self, query: &Query) -> impl Iterator<Item = Handle> + use<'a> {
        let at = move |id: Handle| self.entry(id).map(|entry| entry.at);
        let mut listed = self.listed(query).peekable();
        // The index is in order of dates, and knows of no other order.
        let same_date = std::iter::from_fn(move || {
            let first = listed.next()?;
            let mut same = vec![first];
            while let Some(next) = listed.next_if(|next| at(*next) == at(first)) {
                same.push(next);
            }
            same.sort_unstable_by_key(|id| self.record_id(*id));
            Some(same)
        });
        let place = |id, at| (std::cmp::Reverse(at), id);
        let after = query.after.and_then(|id| Some(place(id, self.find(&id)?.1.at)));
        let (kind, net, current) = (query.kind.clone(), query.net, query.current);
        same_date.flatten().filter(move |id| {
            self.entry(*id).is_some_and(|entry| {
                kind.as_ref().is_none_or(|kind| self.kind(*id) == *kind)
                    && net.is_none_or(|net| self.ids.name(entry.net) == net.0)
                    && (!current || matches!(entry.place(), Place::Current | Place::Forked))
                    && after.is_none_or(|after| place(self.record_id(*id), entry.at) > after)
            })
        })
    }

    /// Iterates over records that a query may mean, newest first.
    fn listed<'a>(&'a self, query: &Query) -> Box<dyn Iterator<Item = Handle> + 'a> {
        let newest = |mut ids: Vec<Handle>| {
            ids.sort_by_key(|id| std::cmp::Reverse(self.entry(*id).map(|entry| entry.at)));
            Box::new(ids.into_iter())
        };
        if let Some(to) = query.to {
            let to = self.ids.find(&to.0);
            return newest(to.into_iter().flat_map(|to| self.answers(to)).collect());
        }
        if let Some(net) = query.net {
            let net = self.ids.find(&net.0).and_then(|net| self.networks.get(&net));
            return newest(net.into_iter().flat_map(|n| n.records.iter().copied()).collect());
        }
        match &query.kind {
            Some(kind) => {
                let dates = self.index.dated(Sort::of(kind), Timestamp::ZERO);
                Box::new(dates.rev().map(|record| record.id))
            }
            None => newest(self.index.dates.values().flatten().map(|record| record.id).collect()),
        }
    }

    /// Iterates over the networks that have something stored, in the order of their ids.
    pub fn networks(&self) -> impl Iterator<Item = NetId> + use<> {
        let present = self.networks.iter().filter(|(_, network)| !network.records.is_empty());
        let nets: BTreeSet<NetId> = present.map(|(net, _)| self.net_id(*net)).collect();
        nets.into_iter()
    }

    /// Counts.
    pub fn statistics(&self) -> Statistics {
        let mut statistics = Statistics {
            stored: self.stored,
            pooled: self.pool.len(),
            early: self.pool.early(),
            networks: self.networks.values().filter(|n| !n.records.is_empty()).count(),
            ..Statistics::default()
        };
        for entry in self.entries.iter().flatten() {
            match entry.verdict {
                Verdict::Valid => statistics.valid += 1,
                Verdict::Held => statistics.held += 1,
                Verdict::Void | Verdict::Unjudged => statistics.void += 1,
            }
            statistics.erased += usize::from(entry.marks.erased);
        }
        statistics
    }

    /// Says of what kind a stored record is.
    pub fn kind_of(&self, id: &RecordId) -> Option<Kind> {
        self.find(id).map(|(id, _)| self.kind(id))
    }

    /// Says of what kind a thing is, as long as a version of it is stored.
    pub fn kind_of_thing(&self, thing: &ThingId) -> Option<Kind> {
        self.versions(self.ids.find(&thing.0)?).next().map(|id| self.kind(id))
    }
}

impl Entry {
    /// Returns where the record stands among its like.
    pub(super) fn place(&self) -> Place {
        let marks = &self.marks;
        if marks.erased {
            Place::Erased
        } else if self.verdict != Verdict::Valid {
            Place::Silent
        } else if marks.ended {
            Place::Ended
        } else if marks.superseded || marks.outdone {
            Place::Superseded
        } else if marks.unaccepted {
            Place::Unaccepted
        } else if marks.forked {
            Place::Forked
        } else {
            Place::Current
        }
    }
}
