//! What bridges carry into regions, and what follows it there.
//!
//! Beside what is at home in it, a region's set holds **guests**: records that may travel and
//!
//! * are versions of a thing that a counting carriage names with its network,
//! * are ties that a carriage of the region cites, also when they have ended, so that everyone can
//!   judge the carriage,
//! * answer something in the set, at most [`FOLLOWS_MAX`] answers deep,
//! * or are ends that say they are about something in the set.
//!
//! Where a network has a guest, or a counting carriage names it, its support and its profile
//! follow, as they do where it has something at home.
//!
//! **Invariant:** whether a carriage counts, and what follows, is a function of what is in the
//! region's set: no recognition, no policy and no other region enters into it.

use std::collections::{BTreeMap, BTreeSet};

use super::carriages::{Placement, RegionPlace};
use super::entry::{Entry, Facts, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::places::Group;
use super::{Change, Ledger, Step};
use crate::body::tie::TieKind;
use crate::fold::tie;
use crate::id::{RecordId, ThingId};
use crate::record::{Claim, Reach};
use crate::region::Region;
use crate::sync::Scope;

/// How many answers deep what follows goes: a call, its offers, their deliveries and the caller's
/// word on those. Deeper answers reach whoever shares a region with them.
const FOLLOWS_MAX: u8 = 3;

/// How many records are looked at for each that is told: what is at home over there need not be told.
const LOOKS: usize = 8;

/// Where things are present, with how many answers deep was looked: as long as nothing changes.
type Presence = BTreeMap<(Handle, u8), BTreeSet<RegionPlace>>;

impl Ledger {
    /// A record has joined or left the set of its home: what follows it may join or leave too.
    pub(super) fn touch_guests(&mut self, thing: Handle) {
        if !self.carrying.is_idle() {
            self.work.guests.insert(thing);
        }
    }

    /// A tie may have become active, or no longer be it.
    pub(super) fn touch_citing(&mut self, tie: Handle) {
        let citing: Vec<Handle> = self.carrying.citing(tie).collect();
        self.work.carriages.extend(citing);
    }

    /// The ties of a network may count otherwise: it has another profile, or is disputed.
    pub(super) fn touch_ties_of(&mut self, net: Handle) {
        let ties = self.index.ties.range((net, 0)..=(net, NONE));
        let things: Vec<Handle> =
            ties.filter_map(|(_, id)| self.entry(*id)).map(|entry| entry.thing).collect();
        self.relations += u64::from(!things.is_empty());
        for thing in things {
            self.touch_citing(thing);
        }
    }

    /// A carriage has joined the set of its home, or leaves it.
    pub(super) fn note_carriage(&mut self, id: Handle, here: bool) {
        let Some(Entry { facts: Facts::Carriage(facts), .. }) = self.entry(id) else { return };
        let tie = facts.tie;
        let region = self.entry(id).and_then(|entry| self.home(entry)).map(|home| &home.region);
        let place = region.and_then(|region| self.carrying.find(region));
        let turned = place.is_some_and(|place| self.carrying.cite(tie, (id, place), here));
        if here {
            self.work.carriages.insert(id);
        } else {
            self.set_counting(id, false);
        }
        if turned {
            self.work.guests.insert(tie);
            self.call_for(self.ids.name(tie));
        }
    }

    /// Judges whether a carriage counts, and whether its network has ended it.
    pub(super) fn judge_carriage(&mut self, id: Handle) {
        let Some(entry) = self.entry(id) else { return self.set_counting(id, false) };
        let ended = entry.marks.ended && entry.verdict == Verdict::Valid;
        let counts = self.carriage_step(entry) == Some(Step::Carries);
        self.set_ended(id, ended);
        self.set_counting(id, counts);
    }

    /// Says whether a carriage counts, or why not; nothing of what is no carriage, or does not
    /// stand.
    pub(super) fn carriage_step(&self, entry: &Entry) -> Option<Step> {
        let Facts::Carriage(facts) = &entry.facts else { return None };
        let into = &self.home(entry).filter(|home| home.reach != Reach::Own)?.region;
        if !(entry.marks.in_set && entry.stands()) {
            return None;
        }
        let been = facts.from == *into || facts.via.iter().any(|(_, region)| region == into);
        Some(if been {
            Step::LeadsBack
        } else if self.entitles(facts.tie, entry.net, (&facts.from, into)) {
            Step::Carries
        } else {
            Step::NotEntitled(self.thing_id(facts.tie))
        })
    }

    /// Notes whether a carriage is one that its network has ended.
    fn set_ended(&mut self, id: Handle, ended: bool) {
        let Some(entry) = self.entry(id) else { return };
        let Facts::Carriage(facts) = &entry.facts else { return };
        let Some(region) = self.home(entry).map(|home| &home.region) else { return };
        let Some(into) = self.carrying.find(region) else { return };
        let places = facts.things.iter().map(|(net, thing)| (*thing, *net, into, id));
        let places: Vec<_> =
            places.filter(|place| self.carrying.ended.contains(place) != ended).collect();
        for place in places {
            if ended {
                self.carrying.ended.insert(place);
            } else {
                self.carrying.ended.remove(&place);
            }
        }
    }

    /// Says whether a tie entitles a network to carry between these regions: it joins them, it is
    /// active, the network is a party, and so is one that is at home in the second region. One of
    /// these two must have proposed it, because only who proposed it can erase it.
    pub(super) fn entitles(
        &self,
        tie: Handle,
        net: Handle,
        (from, into): (&Region, &Region),
    ) -> bool {
        let fits = |id: Handle, entry: &Entry| {
            let Facts::Tie(facts) = &entry.facts else { return false };
            let Some((a, b)) = facts.bridge.as_deref() else { return false };
            let joins = (a, b) == (from, into) || (b, a) == (from, into);
            let visible = self.home(entry).is_some_and(|home| {
                home.reach == Reach::Movement || (home.reach != Reach::Own && home.region == *into)
            });
            let there = |party: &Handle| *party != net && self.is_at_home(*party, into);
            joins
                && visible
                && entry.stands()
                && facts.parties.contains(&net)
                && facts.parties.iter().any(there)
                && (entry.net == net || there(&entry.net))
                && self.tie_facts(id, entry).is_some_and(|f| tie::fold(&f, self.now).is_active())
        };
        self.versions(tie).any(|id| self.entry(id).is_some_and(|entry| fits(id, entry)))
    }

    /// Says whether a network is of a region: it has its profile at home there.
    fn is_at_home(&self, net: Handle, region: &Region) -> bool {
        let sort = Sort::Profile as u8;
        let first = Group { to: NONE, net, sort, tag: 0, seen: 0, home: 0 };
        let all = self.index.groups.range((first, 0)..);
        let own = all.take_while(|(g, _)| (g.to, g.net, g.sort) == (NONE, net, sort));
        own.filter_map(|(_, id)| self.entry(*id)).any(|entry| {
            let home = self.home(entry);
            let here = home.is_some_and(|h| h.reach != Reach::Own && h.region == *region);
            here && entry.marks.in_set && entry.stands()
        })
    }

    fn set_counting(&mut self, id: Handle, counts: bool) {
        if self.carrying.counting.contains(&id) == counts {
            return;
        }
        let Some(entry) = self.entry(id) else { return };
        let Facts::Carriage(facts) = &entry.facts else { return };
        let Some(region) = self.home(entry).map(|home| home.region.clone()) else { return };
        let things = facts.things.clone();
        let into = self.carrying.place(&region);
        let scope = Scope::Region(region.clone());
        if counts {
            self.carrying.counting.insert(id);
        } else {
            self.carrying.counting.remove(&id);
        }
        for (net, thing) in &*things {
            let place = (*thing, *net, into, id);
            if counts {
                self.carrying.into.insert(place);
                self.carrying.naming.insert((*net, id));
                self.count_up(*net, scope.clone());
            } else {
                self.carrying.into.remove(&place);
                self.carrying.naming.remove(&(*net, id));
                self.count_down(*net, &scope);
            }
            self.work.guests.insert(*thing);
            if counts {
                self.call_for(self.ids.name(*net));
                self.call_for(self.ids.name(*thing));
            }
        }
        let carriage = self.record_id(id);
        self.say(Change::Carried { carriage, into: region, counts });
    }

    /// Lets the versions of a thing, and what follows it, be guests where they now belong. It goes
    /// on for as long as something has moved, and not only so many answers deep: what lies deeper
    /// may have moved by itself, and is then not looked at again when its own turn comes.
    pub(super) fn place_guests(&mut self, thing: Handle) {
        let mut open = BTreeSet::from([thing]);
        let mut known = Presence::new();
        while !open.is_empty() {
            let mut next = BTreeSet::new();
            for thing in std::mem::take(&mut open) {
                let versions: Vec<Handle> = self.versions(thing).collect();
                for id in versions {
                    self.place_guest(id, &mut known);
                }
                if !self.has_moved(thing, &mut known) {
                    continue;
                }
                let ends = self.carrying.about.range((thing, 0)..=(thing, NONE));
                let ends: Vec<Handle> = ends.map(|(_, end)| *end).collect();
                for end in ends {
                    self.place_guest(end, &mut known);
                }
                let answers = self.answers(thing).filter_map(|id| self.entry(id));
                next.extend(answers.map(|answer| answer.thing));
            }
            open = next;
        }
    }

    /// Says whether a thing that something may follow is elsewhere than when that was last placed.
    fn has_moved(&mut self, thing: Handle, known: &mut Presence) -> bool {
        let mut about = self.carrying.about.range((thing, 0)..=(thing, NONE));
        if about.next().is_none() && self.answers(thing).next().is_none() {
            self.carrying.placed.remove(&thing);
            return false;
        }
        let now = self.placement(thing, known);
        let before = self.carrying.placed.insert(thing, now);
        before.as_ref() != self.carrying.placed.get(&thing)
    }

    fn placement(&self, thing: Handle, known: &mut Presence) -> Placement {
        let deep = (0..FOLLOWS_MAX).map(|depth| self.presence(thing, depth, known));
        deep.flat_map(|regions| regions.into_iter().chain([NONE])).collect()
    }

    /// Notes where a thing is that one record alone follows, which was placed just now: else who moves
    /// the first of a long chain would have all of it looked at.
    fn note_placed(&mut self, thing: Handle, known: &mut Presence) {
        let about = self.carrying.about.range((thing, 0)..=(thing, NONE)).take(2).count();
        if about + self.answers(thing).take(2).count() == 1
            && !self.carrying.placed.contains_key(&thing)
        {
            let now = self.placement(thing, known);
            self.carrying.placed.insert(thing, now);
        }
    }

    /// Says whether what is not stored would be a guest in one of these regions, or would follow a network
    /// that has one there.
    pub fn would_visit(&self, claim: &Claim, regions: &BTreeSet<Region>) -> bool {
        let places: BTreeSet<RegionPlace> =
            regions.iter().filter_map(|region| self.carrying.find(region)).collect();
        let is_one = |place: RegionPlace| places.contains(&place);
        let net = self.ids.find(&claim.net.0);
        let thing = self.ids.find(&claim.thing.0);
        let follows = || {
            let network = net.filter(|_| claim.follows).and_then(|net| self.networks.get(&net));
            let is_there = |region: &Region| {
                network.is_some_and(|n| n.scopes.contains_key(&Scope::Region(region.clone())))
            };
            regions.iter().any(is_there)
        };
        let carried = || {
            let both = thing.zip(net).into_iter();
            both.flat_map(|(thing, net)| self.carrying.carried_into(thing, net)).any(is_one)
        };
        let cited = || thing.into_iter().flat_map(|tie| self.carrying.cited_in(tie)).any(is_one);
        let answers = || {
            let to = claim.to.and_then(|to| self.ids.find(&to.0));
            to.is_some_and(|to| self.present(to, FOLLOWS_MAX - 1).into_iter().any(is_one))
        };
        follows() || carried() || cited() || answers()
    }

    /// Returns what follows a thing into a region: the answers to it and to these, at most three
    /// deep, and the ends that say they are about them; the first so many.
    pub fn following(&self, thing: &ThingId, into: &Region, most: usize) -> Vec<RecordId> {
        let scope = Scope::Region(into.clone());
        let mut open: Vec<Handle> = self.ids.find(&thing.0).into_iter().collect();
        let (mut found, mut looked) = (Vec::new(), 0);
        for _ in 0..=FOLLOWS_MAX {
            let mut next = BTreeSet::new();
            for thing in open {
                let ends = self.carrying.about.range((thing, 0)..=(thing, NONE));
                let all = self.answers(thing).chain(ends.map(|(_, end)| *end));
                for id in all {
                    looked += 1;
                    if found.len() == most || looked > most * LOOKS {
                        return found;
                    }
                    next.extend(self.entry(id).map(|answer| answer.thing));
                    if self.is_guest(id, &scope) {
                        found.push(self.record_id(id));
                    }
                }
            }
            open = next.into_iter().collect();
        }
        found
    }

    fn place_guest(&mut self, id: Handle, known: &mut Presence) {
        let Some(entry) = self.entry(id) else { return };
        let net = entry.net;
        let now = self.visits(id, entry, known);
        let answered =
            if let Facts::Answer(answer) = &entry.facts { Some(answer.to) } else { None };
        let before: BTreeSet<RegionPlace> = self.carrying.guests_of(id).collect();
        for place in now.difference(&before) {
            let Some(scope) = self.carrying.region(*place).cloned().map(Scope::Region) else {
                continue;
            };
            self.carrying.guests.insert((id, *place));
            let key = self.key(id);
            self.enter(&scope, key);
            self.count_up(net, scope);
        }
        for place in before.difference(&now) {
            self.dismiss(id, net, *place);
        }
        answered.into_iter().for_each(|thing| self.note_placed(thing, known));
    }

    fn dismiss(&mut self, id: Handle, net: Handle, place: RegionPlace) {
        self.carrying.guests.remove(&(id, place));
        let Some(scope) = self.carrying.region(place).cloned().map(Scope::Region) else { return };
        self.count_down(net, &scope);
        let follows = self.networks.get(&net).is_some_and(|network| {
            network.followers.contains(&id) && network.scopes.contains_key(&scope)
        });
        if !follows {
            let key = self.key(id);
            self.leave(&scope, key);
        }
    }

    /// Says whether a record is in the set of this scope as a guest.
    pub(super) fn is_guest(&self, id: Handle, scope: &Scope) -> bool {
        let Scope::Region(region) = scope else { return false };
        let place = self.carrying.find(region);
        place.is_some_and(|place| self.carrying.guests.contains(&(id, place)))
    }

    /// Takes a record that is going out of all regions in which it is a guest.
    pub(super) fn dismiss_everywhere(&mut self, id: Handle) {
        let Some((net, thing)) = self.entry(id).map(|entry| (entry.net, entry.thing)) else {
            return;
        };
        self.set_ended(id, false);
        // What followed it does so no longer, also where it had ended and was only cited.
        self.touch_guests(thing);
        let places: Vec<RegionPlace> = self.carrying.guests_of(id).collect();
        for place in places {
            self.dismiss(id, net, place);
        }
    }

    /// Returns the regions in whose set a record belongs as a guest.
    fn visits(&self, id: Handle, entry: &Entry, known: &mut Presence) -> BTreeSet<RegionPlace> {
        let Some(home) = self.home(entry).filter(|home| home.reach == Reach::Movement) else {
            return BTreeSet::new();
        };
        let mut regions = self.cited_and_carried(entry);
        if entry.sort == Sort::End {
            for about in self.abouts(id, entry) {
                regions.extend(self.presence(about, 0, known));
            }
        } else if let Facts::Answer(answer) = &entry.facts
            && entry.marks.in_set
            && !entry.is_support()
        {
            regions.extend(self.presence(answer.to, FOLLOWS_MAX - 1, known));
        }
        if let Some(own) = self.carrying.find(&home.region) {
            regions.remove(&own);
        }
        regions
    }

    /// Returns the regions to which bridges bring a record itself; in its own it is at home, or
    /// has ended there.
    fn cited_and_carried(&self, entry: &Entry) -> BTreeSet<RegionPlace> {
        let marks = &entry.marks;
        let mut regions = BTreeSet::new();
        let replaced = entry.marks.superseded && !entry.lasts();
        if replaced || marks.erased || entry.is_support() || entry.sort == Sort::Carriage {
            return regions;
        }
        let Some(home) = self.home(entry).filter(|home| home.reach == Reach::Movement) else {
            return regions;
        };
        if !marks.ended {
            regions.extend(self.carrying.carried_into(entry.thing, entry.net));
        }
        if entry.sort == Sort::Tie {
            regions.extend(self.carrying.cited_in(entry.thing));
        }
        if let Some(own) = self.carrying.find(&home.region) {
            regions.remove(&own);
        }
        regions
    }

    /// The same as [`Ledger::present`], remembered: all versions of an answer ask for the same.
    fn presence(&self, thing: Handle, depth: u8, known: &mut Presence) -> BTreeSet<RegionPlace> {
        known.entry((thing, depth)).or_insert_with(|| self.present(thing, depth)).clone()
    }

    /// Returns the regions in which a thing is present: at home, brought, or following something
    /// that is, so many answers deep. Level by level, each thing once, so that versions on versions
    /// do not multiply.
    fn present(&self, thing: Handle, depth: u8) -> BTreeSet<RegionPlace> {
        let (mut regions, mut open) = (BTreeSet::new(), BTreeSet::from([thing]));
        for _ in 0..=depth {
            let mut next = BTreeSet::new();
            for id in open.into_iter().flat_map(|thing| self.versions(thing)) {
                let Some(entry) = self.entry(id) else { continue };
                regions.extend(self.cited_and_carried(entry));
                let home = self.home(entry).filter(|home| home.reach != Reach::Own);
                let Some(home) = home.filter(|_| entry.marks.in_set) else { continue };
                regions.extend(self.carrying.find(&home.region));
                if let Facts::Answer(answer) = &entry.facts
                    && home.reach == Reach::Movement
                    && !entry.is_support()
                {
                    next.insert(answer.to);
                }
            }
            open = next;
        }
        regions
    }

    /// Returns what an end says it is about.
    fn abouts(&self, id: Handle, entry: &Entry) -> Vec<Handle> {
        let network = self.networks.get(&entry.net);
        let ending = network.and_then(|n| n.support.ends.get(&self.record_id(id)));
        let abouts = ending.into_iter().flat_map(|end| end.targets.iter());
        abouts.filter_map(|target| self.ids.find(&target.about?.0)).collect()
    }

    /// Says whether a tie is one between regions, and which.
    pub(super) fn bridge_of(body: &crate::body::tie::Tie) -> Option<Box<(Region, Region)>> {
        let bridge = body.bridge.as_ref().filter(|_| body.kind == TieKind::Bridge)?;
        Some(Box::new((bridge.from.clone(), bridge.to.clone())))
    }
}
