//! Where records stand among their like: current, superseded, forked, not accepted, ended, erased.
//!
//! **Invariant:** a record is only superseded, outdone, ended or erased by what lives in the same
//! region and reaches at least as far, so that whoever sees the one sees the other: the sets of
//! two nodes cannot differ for ever over something that one of them may not have.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::accepting::Accepted;
use super::entry::{Dated, Entry, Facts, Marks, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::{Change, Ledger, Tombstone};
use crate::authority::{Ending, covers};
use crate::body::end::EndKind;
use crate::body::response::ResponseKind;
use crate::body::role::Power;
use crate::id::RecordId;
use crate::time::Timestamp;

/// Records of one network of which only the latest counts: answers to one thing, declarations on
/// one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) to: Handle,
    pub(super) net: Handle,
    pub(super) sort: u8,
    pub(super) tag: u64,
    /// The version that is accepted: accepting a later one takes no earlier acceptance back. Of a
    /// ballot, the ballot: each stands beside the others.
    pub(super) seen: Handle,
    pub(super) home: u32,
}

/// An end that counts for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EndedBy {
    pub(super) at: Timestamp,
    pub(super) id: RecordId,
    pub(super) net: Handle,
}

/// What is known of a version before it is compared with the others.
struct Candidate {
    id: Handle,
    /// Its home: versions compete within one.
    slot: u32,
    rev: u16,
    counts: bool,
    marks: Marks,
    /// When to look at it again.
    again: Option<Timestamp>,
}

/// Answers sort after all declarations.
pub(super) const ANSWERS: u8 = 64;

impl Entry {
    /// Returns the group of which only one counts.
    pub(super) fn group(&self) -> Option<Group> {
        let (net, home) = (self.net, self.home);
        match &self.facts {
            Facts::Answer(answer) => {
                let accept = answer.kind == ResponseKind::Accept;
                let ballot = answer.kind == ResponseKind::Ballot;
                // Each meeting of a gathering has minutes of its own.
                let tag = match &answer.minutes {
                    Some(minutes) => minutes.start.as_secs(),
                    None => answer.ask.map_or(0, |ask| u64::from(ask) + 1),
                };
                let sort = ANSWERS + answer.kind as u8;
                // Ballots are weighed by the fold: one that is late, or an alternate's, must not
                // take the place of one that counts.
                let seen = match (accept, ballot) {
                    (true, _) => answer.seen,
                    (_, true) => self.thing,
                    _ => NONE,
                };
                Some(Group { to: answer.to, net, sort, tag, seen, home })
            }
            Facts::Other(other) if matches!(self.sort, Sort::Profile | Sort::Values) => {
                let (sort, tag) = (self.sort as u8, other.subject);
                Some(Group { to: NONE, net, sort, tag, seen: NONE, home })
            }
            _ => None,
        }
    }

    /// Says whether states rest on it for as long as it lives, also when something has taken
    /// its place: who was seated, in which words, who had accepted, how they voted, and which
    /// answer was the latest, for what it replaced does not come back when it is taken back.
    pub(super) fn lasts(&self) -> bool {
        matches!(
            self.facts,
            Facts::Tie(_) | Facts::Proposal(_) | Facts::Gathering(_) | Facts::Answer(_)
        )
    }

    /// Says whether it may be the one of its group that counts: an answer also when it was taken
    /// back.
    pub(super) fn contends(&self) -> bool {
        let marks = &self.marks;
        self.verdict == Verdict::Valid
            && !marks.superseded
            && !marks.unaccepted
            && !marks.erased
            && (!marks.ended || matches!(self.facts, Facts::Answer(_)))
    }

    fn counts(&self) -> bool {
        self.contends() && !self.marks.ended
    }

    /// Says whether it stands: it speaks, and nothing has taken its place.
    pub(super) fn stands(&self) -> bool {
        self.counts() && !self.marks.outdone
    }
}

impl Ledger {
    /// Iterates over all stored versions of a thing.
    pub(super) fn versions(&self, thing: Handle) -> impl Iterator<Item = Handle> + '_ {
        self.index.versions.range((thing, 0)..=(thing, NONE)).map(|(_, id)| *id)
    }

    /// Returns a stored version of a thing: all are of one network and one kind.
    pub(super) fn version(&self, thing: Handle) -> Option<&Entry> {
        self.entry(self.versions(thing).next()?)
    }

    /// Returns the version of a thing that came first, as far as they are here and speak: of the
    /// lowest `rev`, then of the lowest id.
    pub(super) fn earliest(&self, thing: Handle) -> Option<&Entry> {
        let speaks = |id: &Handle| {
            self.entry(*id).is_some_and(|entry| {
                entry.verdict == Verdict::Valid && !matches!(entry.facts, Facts::Erased)
            })
        };
        let rank = |id: &Handle| (self.entry(*id).map(|entry| entry.rev), self.record_id(*id));
        self.entry(self.versions(thing).filter(speaks).min_by_key(rank)?)
    }

    /// Iterates over stored answers to a thing.
    pub(super) fn answers(&self, thing: Handle) -> impl Iterator<Item = Handle> + '_ {
        let first = Group { to: thing, net: 0, sort: 0, tag: 0, seen: 0, home: 0 };
        let all = self.index.groups.range((first, 0)..);
        all.take_while(move |(group, _)| group.to == thing).map(|(_, id)| *id)
    }

    /// Iterates over stored answers by one network to a thing.
    pub(super) fn answers_by(
        &self,
        thing: Handle,
        net: Handle,
    ) -> impl Iterator<Item = Handle> + '_ {
        let first = Group { to: thing, net, sort: 0, tag: 0, seen: 0, home: 0 };
        let all = self.index.groups.range((first, 0)..);
        all.take_while(move |(g, _)| (g.to, g.net) == (thing, net)).map(|(_, id)| *id)
    }

    /// Places all versions of a thing.
    pub(super) fn place(&mut self, thing: Handle) {
        self.folded.get_mut().touch(thing);
        self.place_erasures(thing);
        let accepted = self.accepted(thing);
        let versions = self.versions(thing);
        let mut candidates: Vec<Candidate> =
            versions.filter_map(|id| self.candidate(id, &accepted)).collect();
        if candidates.len() > 1 {
            compare(&mut candidates, |id| self.record_id(id), |id| self.prev_of(id));
        }
        let timers = candidates.iter().filter_map(|candidate| candidate.again);
        self.index.timers.extend(timers.map(|at| Dated { at, id: thing }));
        let mut groups = BTreeSet::new();
        for candidate in &candidates {
            self.mark(candidate.id, candidate.marks);
            groups.extend(self.entry(candidate.id).and_then(Entry::group));
        }
        for group in groups {
            self.place_group(group);
        }
        for candidate in candidates {
            self.update_membership(candidate.id);
        }
    }

    /// Looks at one version by itself.
    fn candidate(&self, id: Handle, accepted: &Accepted) -> Option<Candidate> {
        let entry = self.entry(id)?;
        let (ended, unaccepted, again) = match entry.sort {
            Sort::Identity | Sort::End => (false, false, None),
            Sort::Role => self.role_marks(id, entry),
            _ if entry.is_support() => (false, false, None),
            _ => self.other_marks(id, entry, accepted),
        };
        let marks = Marks { superseded: false, forked: false, unaccepted, ended, ..entry.marks };
        let counts = entry.verdict == Verdict::Valid && !ended && !unaccepted && !marks.erased;
        Some(Candidate { id, slot: entry.home, rev: entry.rev, counts, marks, again })
    }

    fn role_marks(&self, id: Handle, entry: &Entry) -> (bool, bool, Option<Timestamp>) {
        let network = self.networks.get(&entry.net);
        let thing = self.thing_id(entry.thing);
        let mandate = network.and_then(|n| n.authority.roles.mandates.get(&thing));
        let name = self.record_id(id);
        let version = mandate.and_then(|m| m.versions.iter().find(|v| v.id == name));
        version.map_or((false, false, None), |v| (!v.ended.is_empty(), v.accepted.is_none(), None))
    }

    fn other_marks(
        &self,
        id: Handle,
        entry: &Entry,
        accepted: &Accepted,
    ) -> (bool, bool, Option<Timestamp>) {
        let unaccepted = match &entry.facts {
            Facts::Tie(tie) => {
                let accepts = |net| self.acceptance(accepted, (id, entry), net).is_some();
                tie.parties.iter().any(|net| *net != entry.net && !accepts(*net))
            }
            _ => false,
        };
        let Some(first) = self.ends_of(id, entry).into_iter().next() else {
            return (false, unaccepted, None);
        };
        let from = if unaccepted { first.at } else { first.at + notice(entry) };
        if matches!(entry.facts, Facts::Tie(_)) && from > self.now {
            (false, unaccepted, Some(from))
        } else {
            (true, unaccepted, None)
        }
    }

    /// Returns the ends that count for a version other than a role's, the earliest first.
    pub(super) fn ends_of(&self, id: Handle, entry: &Entry) -> BTreeSet<EndedBy> {
        let valid = self.valid_ends(id, entry).into_iter();
        let counting = valid.filter(|(net, ending)| self.may_end(*net, ending, entry));
        counting
            .map(|(net, ending)| EndedBy { at: ending.act.at, id: ending.act.id, net })
            .collect()
    }

    /// Returns the valid ends that reach a version, each with its network.
    pub(super) fn valid_ends(&self, id: Handle, entry: &Entry) -> Vec<(Handle, &Ending)> {
        // Nobody else can end it, however many say so.
        let parties = if let Facts::Tie(tie) = &entry.facts { &*tie.parties } else { &[] };
        let others = parties.iter().copied().filter(|net| *net != entry.net);
        let nets = others.chain([entry.net]);
        let ends = nets.flat_map(|net| self.ends_by(entry.thing, net));
        let valid = ends.filter_map(|end| {
            let by = self.entry(end).filter(|by| by.verdict == Verdict::Valid)?;
            let ending = self.networks.get(&by.net)?.support.ends.get(&self.record_id(end))?;
            self.reaches(ending, id, entry).then_some((by.net, ending))
        });
        valid.collect()
    }

    /// Says whether an end names a version, can be seen where the version can, and outlives it.
    pub(super) fn reaches(&self, ending: &Ending, id: Handle, entry: &Entry) -> bool {
        let (name, thing) = (self.record_id(id), self.thing_id(entry.thing));
        let named = |v: Option<RecordId>| v.is_none_or(|v| v == name);
        ending.targets.iter().any(|target| target.thing == thing && named(target.version))
            && ending.act.until >= entry.until
            && self.home(entry).is_some_and(|home| covers(&ending.home, home))
    }

    /// Says whether the author of an end may end this record.
    pub(super) fn may_end(&self, net: Handle, ending: &Ending, entry: &Entry) -> bool {
        if matches!(entry.sort, Sort::Identity | Sort::Role | Sort::End) || entry.is_support() {
            return false;
        }
        if net == entry.net {
            return self.may_erase(net, ending, entry)
                || self.has_power(net, ending, &[Power::End], entry);
        }
        let Facts::Tie(tie) = &entry.facts else { return false };
        let powers = &[Power::SignTie, Power::End];
        tie.parties.contains(&net)
            && ending.kind != EndKind::Erase
            && (ending.act.role.is_none() || self.has_power(net, ending, powers, entry))
    }

    /// Says whether an end has the record's own signer, or the network's key, behind it.
    pub(super) fn may_erase(&self, net: Handle, ending: &Ending, entry: &Entry) -> bool {
        let act = &ending.act;
        let signer = || {
            act.role.is_some_and(|role| self.ids.find(&role.0) == Some(entry.role))
                && act.key == self.key_of(entry)
        };
        net == entry.net && (act.role.is_none() || signer())
    }

    pub(super) fn has_power(
        &self,
        net: Handle,
        ending: &Ending,
        powers: &'static [Power],
        target: &Entry,
    ) -> bool {
        self.networks.get(&net).is_some_and(|network| {
            self.with_about(target, |about| network.authority.has_power(&ending.act, powers, about))
        })
    }

    /// Returns the versions that a stored version follows.
    fn prev_of(&self, id: Handle) -> Vec<RecordId> {
        self.index.prev.get(&id).map(|prev| prev.to_vec()).unwrap_or_default()
    }

    /// Erases what valid ends erase, and lifts what they no longer do.
    fn place_erasures(&mut self, thing: Handle) {
        let changes = |id: &Handle| {
            self.entry(*id).is_some_and(|entry| entry.marks.erased != self.is_erased(*id, entry))
        };
        let changed: Vec<Handle> = self.versions(thing).filter(changes).collect();
        for id in changed {
            if self.entry(id).is_some_and(|entry| entry.marks.erased) {
                self.remove(id);
                self.say(Change::Lifted(self.record_id(id)));
            } else {
                self.erase(id);
            }
        }
    }

    fn is_erased(&self, id: Handle, entry: &Entry) -> bool {
        let erases = |(net, ending): (Handle, &Ending)| {
            ending.kind == EndKind::Erase && self.may_erase(net, ending, entry)
        };
        !entry.is_support() && self.valid_ends(id, entry).into_iter().any(erases)
    }

    fn erase(&mut self, id: Handle) {
        self.dismiss_everywhere(id);
        self.leave_sets(id);
        let Some(mut entry) = self.entries.get_mut(id as usize).and_then(Option::take) else {
            return;
        };
        self.leave_group(id, &entry);
        if let Facts::Answer(answer) = &entry.facts {
            self.work.things.insert(answer.to);
        }
        let (sort, net, thing) = (entry.sort, entry.net, entry.thing);
        entry.marks = Marks { erased: true, ..Marks::default() };
        entry.facts = Facts::Erased;
        let tombstone = Tombstone {
            id: self.record_id(id),
            thing: self.thing_id(entry.thing),
            net: self.net_id(entry.net),
            until: entry.until,
        };
        self.entries[id as usize] = Some(entry);
        self.touch_kin(sort, net, thing);
        // Without its facts it needs nothing, whatever it was.
        self.work.records.insert(id);
        self.say(Change::Erased(tombstone));
    }

    /// Says whether somebody else has accepted an offer or confirmed a delivery: then it stands
    /// beside later ones. Whose word that has to be is seen by the fold.
    fn is_taken_up(&self, entry: &Entry) -> bool {
        let Facts::Answer(facts) = &entry.facts else { return false };
        let word = match facts.kind {
            ResponseKind::Offer => ResponseKind::Accept,
            ResponseKind::Deliver => ResponseKind::Confirm,
            _ => return false,
        };
        let words = (entry.thing, word, 0)..=(entry.thing, word, NONE);
        let mut words = self.index.words.range(words).filter_map(|(.., id)| self.entry(*id));
        words.any(|answer| answer.net != entry.net)
    }

    /// Lets only the latest of a group count, and what was taken up beside it.
    pub(super) fn place_group(&mut self, group: Group) {
        let range = (group, 0)..=(group, NONE);
        let members: Vec<Handle> = self.index.groups.range(range).map(|(_, id)| *id).collect();
        let rank = |id: &Handle| {
            let entry = self.entry(*id).filter(|entry| entry.contends())?;
            Some((entry.at, std::cmp::Reverse(self.record_id(*id))))
        };
        let best =
            members.iter().filter(|id| rank(id).is_some()).max_by_key(|id| rank(id)).copied();
        let host = self.host_among(&members);
        for id in members {
            let Some(entry) = self.entry(id) else { continue };
            let outdone = entry.counts() && Some(id) != best && !self.is_taken_up(entry);
            let marks = Marks { outdone, hosts: Some(id) == host, ..entry.marks };
            if self.mark(id, marks) {
                self.update_membership(id);
            }
        }
    }

    /// Writes marks down; says whether they are new.
    fn mark(&mut self, id: Handle, marks: Marks) -> bool {
        let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut) else {
            return false;
        };
        if entry.marks == marks {
            return false;
        }
        entry.marks = marks;
        self.counts_otherwise(id);
        true
    }

    /// A record counts otherwise than before, or has gone: so may what rests on it beyond its own
    /// region.
    pub(super) fn touch_kin(&mut self, sort: Sort, net: Handle, thing: Handle) {
        match sort {
            Sort::Profile => self.touch_ties_of(net),
            Sort::Tie => {
                self.relations += 1;
                self.touch_citing(thing);
            }
            Sort::Disclosure => self.relations += 1,
            _ => {}
        }
    }
}

/// Compares the versions of a thing: the highest `rev` counts, ties by lowest id; others of the
/// same `rev`, or of the one before if nobody has merged them, are forks; the rest is superseded.
fn compare(
    candidates: &mut [Candidate],
    name: impl Fn(Handle) -> RecordId,
    prev: impl Fn(Handle) -> Vec<RecordId>,
) {
    let mut slots: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        slots.entry(candidate.slot).or_default().push(place);
    }
    for places in slots.into_values() {
        let counting = || places.iter().copied().filter(|place| candidates[*place].counts);
        let Some(top) = counting().map(|place| candidates[place].rev).max() else { continue };
        let heads: Vec<usize> = counting().filter(|p| candidates[*p].rev == top).collect();
        let current = heads.iter().copied().min_by_key(|place| name(candidates[*place].id));
        let merged: BTreeSet<RecordId> =
            heads.iter().flat_map(|place| prev(candidates[*place].id)).collect();
        for place in places {
            let candidate = &candidates[place];
            let stray = candidate.counts
                && u32::from(candidate.rev) + 1 == u32::from(top)
                && !merged.contains(&name(candidate.id));
            let head = candidate.counts && candidate.rev == top;
            candidates[place].marks.forked = (head && Some(place) != current) || stray;
            candidates[place].marks.superseded = candidates[place].rev < top && !stray;
        }
    }
}

fn notice(entry: &Entry) -> Duration {
    let Facts::Tie(tie) = &entry.facts else { return Duration::ZERO };
    Duration::from_secs(u64::from(tie.notice_days) * 86_400)
}
