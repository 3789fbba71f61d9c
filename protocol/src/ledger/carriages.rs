//! Where to look up what is carried where: the ledger's index of carriages and guests.
//!
//! It holds what `carrying` decides, and decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{Handle, NONE};
use super::roster::Roster;
use crate::region::Region;
use crate::steps;

/// The place of a region in the ledger's list.
pub(super) type RegionPlace = u32;

/// Where a thing is present, for each number of answers deep that is looked, each list behind it ended;
/// empty when that is not known.
pub(super) type Placement = Box<[RegionPlace]>;

/// What is carried where.
#[derive(Debug, Default)]
pub(super) struct Carrying {
    pub(super) regions: Roster<Region>,
    /// By thing, its network and the region: the carriages that count.
    pub(super) into: BTreeSet<(Handle, Handle, RegionPlace, Handle)>,
    /// By network: the counting carriages that name things of it.
    pub(super) naming: BTreeSet<(Handle, Handle)>,
    /// By tie: the carriages in a set that cite it.
    pub(super) citing: BTreeSet<(Handle, Handle)>,
    /// By tie and region: how many of these carriages are at home there.
    pub(super) cited: BTreeMap<(Handle, RegionPlace), u32>,
    /// By thing that is answered or ended: where it was when all that follows it was last placed.
    pub(super) placed: BTreeMap<Handle, Placement>,
    /// By thing, its network and the region: the carriages that their network has ended.
    pub(super) ended: BTreeSet<(Handle, Handle, RegionPlace, Handle)>,
    /// The carriages that count.
    pub(super) counting: BTreeSet<Handle>,
    /// By record: the regions whose set it is in as a guest.
    pub(super) guests: BTreeSet<(Handle, RegionPlace)>,
    /// By thing: the ends that say they are about it.
    pub(super) about: BTreeSet<(Handle, Handle)>,
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

    /// Forgets the regions that are the home of nothing, and into which nothing is carried, and the names
    /// that are not used.
    pub(super) fn sweep(&mut self, homes: &BTreeSet<Region>, names: &[bool]) {
        let visited = self.guests.iter().map(|(_, region)| *region);
        let carried = self.into.iter().map(|(.., region, _)| *region);
        let used: BTreeSet<RegionPlace> = visited.chain(carried).collect();
        self.regions.sweep(|place, region| used.contains(&place) || homes.contains(region));
        // The numbers may be given to others: what names one that is free is placed again.
        let regions = &self.regions;
        let free = |place: &RegionPlace| *place != NONE && !regions.has(*place);
        self.placed.retain(|thing, placement| {
            if placement.iter().any(free) {
                *placement = Placement::default();
            }
            names.get(*thing as usize).copied().unwrap_or(false)
        });
    }

    /// Says whether nothing can be a guest: there is one region at most.
    pub(super) fn is_idle(&self) -> bool {
        self.regions.len() < 2
    }

    pub(super) fn guests_of(&self, id: Handle) -> impl Iterator<Item = RegionPlace> + '_ {
        self.guests.range((id, 0)..=(id, NONE)).map(|(_, region)| *region)
    }

    pub(super) fn citing(&self, tie: Handle) -> impl Iterator<Item = Handle> + '_ {
        let all = self.citing.range((tie, 0)..=(tie, NONE)).inspect(|_| steps::step());
        all.map(|(_, carriage)| *carriage)
    }

    /// Iterates over the regions into which this thing of this network is carried, and by what.
    pub(super) fn carried(
        &self,
        thing: Handle,
        net: Handle,
    ) -> impl Iterator<Item = (RegionPlace, Handle)> + '_ {
        let all = (thing, net, 0, 0)..=(thing, net, NONE, NONE);
        let all = self.into.range(all).inspect(|_| steps::step());
        all.map(|(.., region, carriage)| (*region, *carriage))
    }

    /// Returns the regions into which this thing of this network is carried, by however many.
    pub(super) fn carried_into(&self, thing: Handle, net: Handle) -> BTreeSet<RegionPlace> {
        let mut regions = BTreeSet::new();
        let mut from = 0;
        while let Some((.., region, _)) =
            self.into.range((thing, net, from, 0)..=(thing, net, NONE, NONE)).next()
        {
            steps::step();
            regions.insert(*region);
            from = region + 1;
        }
        regions
    }

    /// Iterates over the regions in which carriages cite this tie.
    pub(super) fn cited_in(&self, tie: Handle) -> impl Iterator<Item = RegionPlace> + '_ {
        let all = self.cited.range((tie, 0)..=(tie, NONE)).inspect(|_| steps::step());
        all.map(|((_, region), _)| *region)
    }

    /// Notes that a carriage at home in a region cites a tie, or no longer; says whether it is the
    /// first there, or was the last.
    pub(super) fn cite(
        &mut self,
        tie: Handle,
        (carriage, region): (Handle, RegionPlace),
        here: bool,
    ) -> bool {
        let count = self.cited.entry((tie, region)).or_default();
        let known = !if here {
            self.citing.insert((tie, carriage))
        } else {
            self.citing.remove(&(tie, carriage))
        };
        match (known, here) {
            (false, true) => *count += 1,
            (false, false) => *count -= 1,
            (true, _) => {}
        }
        let count = *count;
        if count == 0 {
            self.cited.remove(&(tie, region));
        }
        !known && count == u32::from(here)
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
