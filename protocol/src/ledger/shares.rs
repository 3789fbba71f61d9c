//! Calls, folded network by network and kept until something changes: one more answer of ten
//! thousand looks at what its own network has answered, and no further.
//!
//! **Invariant:** what is kept is what would be folded anew. A part is folded again when a version of
//! an answer in it, or of an answer to that, was placed or marked; all of them when the call has
//! another version.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use super::entry::{Entry, Facts, Verdict};
use super::ids::{Handle, NONE};
use super::places::{EndedBy, Group};
use crate::body::response::ResponseKind;
use crate::fold::call::{self, Share};
use crate::fold::tie;
use crate::id::{NetId, RecordId, ThingId};
use crate::record::BodyHash;
use crate::time::Timestamp;

/// A call is answered by offers, these by deliveries, these by confirmations: three deep.
const DEEP: u8 = 3;

/// How many things may change before a kept call is asked for again: more are a catch-up, after
/// which folding anew costs no more.
const TOUCHED_MAX: usize = 4096;

/// How many calls are kept: more than a list shows.
const KEPT_MAX: usize = 2048;

/// Calls that were asked for.
#[derive(Debug, Default)]
pub(super) struct Folded {
    calls: BTreeMap<Handle, Kept>,
    /// By answer: the calls that it belongs to, and the network whose part it is in.
    roots: BTreeSet<(Handle, Handle, Handle)>,
    /// Things that were placed or marked since a call was last asked for.
    touched: BTreeSet<Handle>,
    /// How many answers were looked at.
    #[cfg(test)]
    pub(super) looked: usize,
}

/// A call as far as it is folded.
#[derive(Debug, Default)]
struct Kept {
    /// The shown version, and all versions with the bodies that answers bind to.
    shown: Handle,
    versions: Vec<(Handle, Option<BodyHash>)>,
    total: Share,
    parts: BTreeMap<Handle, Part>,
    stale: BTreeSet<Handle>,
}

/// What one network has answered to a call, with what was answered to that.
#[derive(Debug, Default)]
struct Part {
    share: Share,
    things: BTreeSet<Handle>,
}

impl Folded {
    /// Something about a thing, or an answer to it, may be otherwise than before.
    pub(super) fn touch(&mut self, thing: Handle) {
        if self.calls.is_empty() {
            return;
        }
        self.touched.insert(thing);
        if self.touched.len() > TOUCHED_MAX {
            *self = Self::default();
        }
    }
}

impl Ledger {
    /// Returns what a call has come to, and the version that is shown.
    pub fn call(&self, thing: &ThingId, now: Timestamp) -> Option<(RecordId, call::State)> {
        let ((id, entry), facts) = self.asked(thing)?;
        let mut folded = self.folded.borrow_mut();
        self.find_stale(&mut folded);
        if folded.calls.len() > KEPT_MAX {
            *folded = Folded::default();
        }
        self.fold_in(&mut folded, (id, entry), &facts);
        let total = &folded.calls.entry(entry.thing).or_default().total;
        let tied = if total.asks_for_ties(&facts) {
            self.tied_with(entry.net, now)
        } else {
            BTreeSet::new()
        };
        let voices: BTreeSet<NetId> = match facts.urgent {
            true => total.endorsed().intersection(&tied).copied().collect(),
            false => BTreeSet::new(),
        };
        let confirmed = match voices.is_empty() {
            true => voices,
            false => self.others(entry.net, &voices, now),
        };
        Some((self.record_id(id), total.state(&facts, (&tied, confirmed), now)))
    }

    /// Returns the shown version of a call, and what is asked for by it.
    pub(super) fn asked(&self, thing: &ThingId) -> Option<((Handle, &Entry), call::Facts)> {
        let id = self.shown(self.ids.find(&thing.0)?)?;
        let entry = self.entry(id).filter(|entry| entry.verdict == Verdict::Valid)?;
        let Facts::Call(asked) = &entry.facts else { return None };
        let facts = call::Facts {
            thing: *thing,
            author: self.net_id(entry.net),
            until: entry.until,
            withdrawn: self.ends_of(id, entry).first().map(|ended: &EndedBy| ended.at),
            urgent: asked.urgent,
            asks: asked.asks.iter().map(|amount| u64::from(*amount)).collect(),
        };
        Some(((id, entry), facts))
    }

    /// Returns the offers to a call and the deliveries for it that its caller has not answered.
    pub(super) fn unanswered(&self, thing: &ThingId) -> Vec<call::Answer> {
        let Some((call, facts)) = self.asked(thing) else { return Vec::new() };
        let answering = self.answers(call.1.thing).filter_map(|id| self.entry(id));
        let nets: BTreeSet<Handle> = answering.map(|answer| answer.net).collect();
        let of = |net| call::unanswered(&facts, &self.gathered(net, call).1);
        nets.into_iter().flat_map(of).collect()
    }

    /// Says of what was touched which parts of kept calls it is in.
    fn find_stale(&self, folded: &mut Folded) {
        for thing in std::mem::take(&mut folded.touched) {
            let known = folded.roots.range((thing, 0, 0)..=(thing, NONE, NONE));
            let known = known.map(|(_, call, net)| (*call, *net));
            let roots: BTreeSet<(Handle, Handle)> = known.collect();
            for (call, net) in roots.into_iter().chain(self.climb(thing)) {
                if let Some(kept) = folded.calls.get_mut(&call) {
                    kept.stale.insert(net);
                }
            }
        }
    }

    /// Finds the calls that an answer belongs to, with the network that answered them: level by
    /// level, each thing once, so that versions on versions do not multiply.
    fn climb(&self, thing: Handle) -> BTreeSet<(Handle, Handle)> {
        let (mut roots, mut open) = (BTreeSet::new(), BTreeSet::from([thing]));
        for _ in 0..DEEP {
            let mut next = BTreeSet::new();
            for id in open.into_iter().flat_map(|thing| self.versions(thing)) {
                let Some(entry) = self.entry(id) else { continue };
                if let Facts::Answer(answer) = &entry.facts {
                    roots.insert((answer.to, entry.net));
                    next.insert(answer.to);
                }
            }
            open = next;
        }
        roots
    }

    /// Folds again what has changed of a call.
    fn fold_in(&self, folded: &mut Folded, shown: (Handle, &Entry), facts: &call::Facts) {
        let thing = shown.1.thing;
        let version = |id: Handle| (id, self.entry(id).and_then(|entry| entry.facts.hash()));
        let versions: Vec<_> = self.versions(thing).map(version).collect();
        let kept = folded.calls.entry(thing).or_default();
        if (kept.shown, &kept.versions) != (shown.0, &versions) {
            let parts = std::mem::take(kept).parts;
            let answering = self.answers(thing).filter_map(|id| self.entry(id));
            kept.stale = answering.map(|answer| answer.net).collect();
            (kept.shown, kept.versions) = (shown.0, versions);
            for (net, part) in parts {
                for answer in part.things {
                    folded.roots.remove(&(answer, thing, net));
                }
            }
        }
        for net in std::mem::take(&mut kept.stale) {
            let part = self.part(net, shown, facts);
            #[cfg(test)]
            {
                folded.looked += part.things.len();
            }
            let before = kept.parts.insert(net, part).unwrap_or_default();
            kept.total.take(&before.share);
            for answer in before.things {
                folded.roots.remove(&(answer, thing, net));
            }
            if let Some(part) = kept.parts.get(&net) {
                kept.total.add(&part.share);
                folded.roots.extend(part.things.iter().map(|t| (*t, thing, net)));
            }
        }
    }

    /// Folds what one network has answered, and what was answered to that.
    fn part(&self, net: Handle, call: (Handle, &Entry), facts: &call::Facts) -> Part {
        let (things, answers) = self.gathered(net, call);
        Part { share: Share::of(facts, &answers), things }
    }

    /// Returns the things that one network has answered with, and what was answered to those, and what
    /// of it contends.
    pub(super) fn gathered(
        &self,
        net: Handle,
        call: (Handle, &Entry),
    ) -> (BTreeSet<Handle>, Vec<call::Answer>) {
        let (mut things, mut answers) = (BTreeSet::new(), Vec::new());
        let first = Group { to: call.1.thing, net, sort: 0, tag: 0, seen: 0, home: 0 };
        let own = self.index.groups.range((first, 0)..);
        let own = own.take_while(|(group, _)| (group.to, group.net) == (call.1.thing, net));
        let mut open: Vec<Handle> = own.map(|(_, id)| *id).collect();
        for _ in 0..DEEP {
            let mut next = BTreeSet::new();
            for id in std::mem::take(&mut open) {
                things.extend(self.entry(id).map(|entry| entry.thing));
                if let Some((thing, answer)) = self.answer(id, call) {
                    next.insert(thing);
                    answers.push(answer);
                }
            }
            // What others than the caller and itself say to it adds nothing, and may be much.
            let who: BTreeSet<Handle> = [net, call.1.net].into();
            let pairs = next.into_iter().flat_map(|thing| who.iter().map(move |by| (thing, *by)));
            open = pairs.flat_map(|(thing, by)| self.answers_by(thing, by)).collect();
        }
        (things, answers)
    }

    fn answer(&self, id: Handle, call: (Handle, &Entry)) -> Option<(Handle, call::Answer)> {
        let entry = self.entry(id).filter(|entry| entry.contends())?;
        let Facts::Answer(facts) = &entry.facts else { return None };
        let answered = facts.kind == ResponseKind::Concern && self.is_answered(entry, facts.to);
        let answer = call::Answer {
            id: self.record_id(id),
            thing: self.thing_id(entry.thing),
            to: self.thing_id(facts.to),
            net: self.net_id(entry.net),
            kind: facts.kind,
            ask: facts.ask,
            amount: facts.amount,
            at: entry.at,
            current: self.binds(facts, call.0, call.1),
            over: entry.marks.ended || answered,
        };
        Some((entry.thing, answer))
    }

    /// Returns the networks that have an active tie with a network.
    pub fn neighbours(&self, net: &NetId, now: Timestamp) -> BTreeSet<NetId> {
        self.ids.find(&net.0).map_or_else(BTreeSet::new, |net| self.tied_with(net, now))
    }

    fn tied_with(&self, net: Handle, now: Timestamp) -> BTreeSet<NetId> {
        let ties = self.index.ties.range((net, 0)..=(net, NONE)).map(|(_, id)| *id);
        let mut tied = BTreeSet::new();
        for id in ties {
            let Some(entry) = self.entry(id).filter(|entry| entry.stands()) else { continue };
            let facts = self.tie_facts(id, entry).filter(|f| tie::fold(f, now).is_active());
            tied.extend(facts.into_iter().flat_map(|facts| facts.parties));
        }
        tied.remove(&self.net_id(net));
        tied
    }
}
