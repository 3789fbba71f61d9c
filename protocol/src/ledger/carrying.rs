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

use super::entry::{Entry, Facts, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::places::Group;
use super::roster::Roster;
use super::{Change, Ledger, Step};
use crate::body::tie::TieKind;
use crate::fold::tie;
use crate::id::{RecordId, ThingId};
use crate::record::Reach;
use crate::region::Region;
use crate::sync::Scope;

/// How many answers deep what follows goes: a call, its offers, their deliveries and the caller's
/// word on those. Deeper answers reach whoever shares a region with them.
const FOLLOWS_MAX: u8 = 3;

/// The place of a region in the ledger's list.
pub(super) type RegionPlace = u32;

/// What is carried where.
#[derive(Debug, Default)]
pub(super) struct Carrying {
    regions: Roster<Region>,
    /// By thing, its network and the region: the carriages that count.
    into: BTreeSet<(Handle, Handle, RegionPlace, Handle)>,
    /// By network: the counting carriages that name things of it.
    naming: BTreeSet<(Handle, Handle)>,
    /// By tie: the carriages in a set that cite it.
    citing: BTreeSet<(Handle, Handle)>,
    /// By thing, its network and the region: the carriages that their network has ended.
    ended: BTreeSet<(Handle, Handle, RegionPlace, Handle)>,
    /// The carriages that count.
    counting: BTreeSet<Handle>,
    /// By record: the regions whose set it is in as a guest.
    guests: BTreeSet<(Handle, RegionPlace)>,
    /// By thing: the ends that say they are about it.
    about: BTreeSet<(Handle, Handle)>,
}

impl Carrying {
    /// Returns the place of a region, a new one if it has none.
    pub(super) fn place(&mut self, region: &Region) -> RegionPlace {
        self.regions.number(region)
    }

    pub(super) fn find(&self, region: &Region) -> Option<RegionPlace> {
        self.regions.find(region)
    }

    pub(super) fn region(&self, place: RegionPlace) -> Option<&Region> {
        self.regions.get(place)
    }

    /// Forgets the regions that are the home of nothing, and into which nothing is carried.
    pub(super) fn sweep(&mut self, homes: &BTreeSet<Region>) {
        let visited = self.guests.iter().map(|(_, region)| *region);
        let carried = self.into.iter().map(|(.., region, _)| *region);
        let used: BTreeSet<RegionPlace> = visited.chain(carried).collect();
        self.regions.sweep(|place, region| used.contains(&place) || homes.contains(region));
    }

    /// Says whether nothing can be a guest: there is one region at most.
    fn is_idle(&self) -> bool {
        self.regions.len() < 2
    }

    pub(super) fn guests_of(&self, id: Handle) -> impl Iterator<Item = RegionPlace> + '_ {
        self.guests.range((id, 0)..=(id, NONE)).map(|(_, region)| *region)
    }

    fn citing(&self, tie: Handle) -> impl Iterator<Item = Handle> + '_ {
        self.citing.range((tie, 0)..=(tie, NONE)).map(|(_, carriage)| *carriage)
    }

    /// Iterates over the regions into which this thing of this network is carried, and by what.
    pub(super) fn carried(
        &self,
        thing: Handle,
        net: Handle,
    ) -> impl Iterator<Item = (RegionPlace, Handle)> + '_ {
        let all = (thing, net, 0, 0)..=(thing, net, NONE, NONE);
        self.into.range(all).map(|(.., region, carriage)| (*region, *carriage))
    }

    /// Iterates over the carriages of this thing of this network into a region that were ended.
    pub(super) fn ended(
        &self,
        (thing, net): (Handle, Handle),
        into: RegionPlace,
    ) -> impl Iterator<Item = Handle> + '_ {
        let all = (thing, net, into, 0)..=(thing, net, into, NONE);
        self.ended.range(all).map(|(.., carriage)| *carriage)
    }

    /// Iterates over the counting carriages that name things of a network.
    pub(super) fn naming(&self, net: Handle) -> impl Iterator<Item = Handle> + '_ {
        self.naming.range((net, 0)..=(net, NONE)).map(|(_, carriage)| *carriage)
    }

    /// Notes that an end says what it is about.
    pub(super) fn note_about(&mut self, thing: Handle, end: Handle) {
        self.about.insert((thing, end));
    }

    pub(super) fn forget_about(&mut self, thing: Handle, end: Handle) {
        self.about.remove(&(thing, end));
    }

    /// Iterates over the names that it refers to.
    pub(super) fn names(&self) -> impl Iterator<Item = Handle> + '_ {
        let things = self.into.iter().flat_map(|(thing, net, ..)| [*thing, *net]);
        let ties = self.citing.iter().map(|(tie, _)| *tie);
        things.chain(ties).chain(self.about.iter().map(|(thing, _)| *thing))
    }
}

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
        if here {
            self.carrying.citing.insert((tie, id));
            self.work.carriages.insert(id);
        } else {
            self.carrying.citing.remove(&(tie, id));
            self.set_counting(id, false);
        }
        self.work.guests.insert(tie);
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
            }
        }
        let carriage = self.record_id(id);
        self.say(Change::Carried { carriage, into: region, counts });
    }

    /// Lets the versions of a thing, and what follows it, be guests where they now belong.
    pub(super) fn place_guests(&mut self, thing: Handle) {
        let mut open = vec![thing];
        let mut known = Presence::new();
        for _ in 0..=FOLLOWS_MAX {
            let mut next = BTreeSet::new();
            for thing in std::mem::take(&mut open) {
                let versions: Vec<Handle> = self.versions(thing).collect();
                for id in versions {
                    self.place_guest(id, &mut known);
                }
                let ends = self.carrying.about.range((thing, 0)..=(thing, NONE));
                let ends: Vec<Handle> = ends.map(|(_, end)| *end).collect();
                for end in ends {
                    self.place_guest(end, &mut known);
                }
                let answers = self.answers(thing).filter_map(|id| self.entry(id));
                next.extend(answers.map(|answer| answer.thing));
            }
            open = next.into_iter().collect();
        }
    }

    /// Returns what follows a thing into a region: the answers to it and to these, at most three
    /// deep, and the ends that say they are about them; the first so many.
    pub fn following(&self, thing: &ThingId, into: &Region, most: usize) -> Vec<RecordId> {
        let scope = Scope::Region(into.clone());
        let mut open: Vec<Handle> = self.ids.find(&thing.0).into_iter().collect();
        let mut found = Vec::new();
        for _ in 0..=FOLLOWS_MAX {
            let mut next = BTreeSet::new();
            for thing in open {
                let answers: Vec<Handle> = self.answers(thing).collect();
                next.extend(answers.iter().filter_map(|id| self.entry(*id)).map(|a| a.thing));
                let ends = self.carrying.about.range((thing, 0)..=(thing, NONE));
                let all = answers.into_iter().chain(ends.map(|(_, end)| *end));
                let here = all.filter(|id| self.is_guest(*id, &scope));
                found.extend(here.take(most - found.len()).map(|id| self.record_id(id)));
            }
            open = next.into_iter().collect();
        }
        found
    }

    fn place_guest(&mut self, id: Handle, known: &mut Presence) {
        let Some(entry) = self.entry(id) else { return };
        let net = entry.net;
        let now = self.visits(id, entry, known);
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
            let carried = self.carrying.carried(entry.thing, entry.net);
            regions.extend(carried.map(|(region, _)| region));
        }
        if entry.sort == Sort::Tie {
            let citing = self.carrying.citing(entry.thing).filter_map(|id| self.entry(id));
            let homes = citing.filter_map(|carriage| self.home(carriage));
            regions.extend(homes.filter_map(|home| self.carrying.find(&home.region)));
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
