//! Joining and leaving regions while the node runs.
//!
//! **Invariant:** the home is never left: what its networks sign would be published nowhere.
//!
//! **Invariant:** of a region that was left nothing is served, told or asked for any more; what was
//! stored of it stays until it ends.

use std::collections::{BTreeMap, VecDeque};

use super::listing::Item;
use super::{Effect, Engine, RequestId};
use crate::authority::Standing;
use crate::bridge::LaneView;
use crate::control::{Failure, Refusal, RegionTask, RegionView, Response};
use crate::ledger::{Place, Query, Summary};
use crate::record::Kind;
use crate::region::Region;
use crate::sync::{Reason, Scope};
use crate::time::Timestamp;

/// The most regions one node is in: an operator bridges a handful; each costs a mesh of its own.
pub const REGIONS_MAX: usize = 16;

/// The most carriages that are looked at to count them: more than a year of a busy bridge.
const CARRIAGES_MAX: usize = 1 << 16;

impl Engine {
    /// Does a task, and returns what is listed; none when it is answered when it is kept.
    pub(super) fn region_task<E>(
        &mut self,
        now: Timestamp,
        request: RequestId,
        task: RegionTask,
    ) -> Result<Option<VecDeque<Item>>, E> {
        let done = match task {
            RegionTask::List => return Ok(Some(self.region_views())),
            RegionTask::Join { region } => self.join(region),
            RegionTask::Leave { region } => self.leave(now, &region),
        };
        match done {
            Ok(()) => self.keep(request, Response::Fine),
            Err(why) => self.reply(request, vec![Response::Failed(Failure::Refused(why))]),
        }
        Ok(None)
    }

    fn join(&mut self, region: Region) -> Result<(), Refusal> {
        if self.settings.regions.contains(&region) {
            return Ok(());
        }
        if self.settings.regions.len() >= REGIONS_MAX {
            return Err(Refusal::TooManyRegions { most: REGIONS_MAX as u64 });
        }
        self.settings.choices.left.remove(&region);
        self.settings.choices.joined.insert(region.clone());
        self.settings.regions.insert(region.clone());
        self.ledger.keep(self.settings.regions.clone());
        self.out.push(Effect::Join(region));
        Ok(())
    }

    fn leave(&mut self, now: Timestamp, region: &Region) -> Result<(), Refusal> {
        if *region == self.settings.home {
            return Err(Refusal::HomeRegion { region: region.clone() });
        }
        let uses = |lane: &LaneView| lane.rule.from == *region || lane.rule.to == *region;
        let user = self.bridging.machine.lanes().find(uses);
        if let Some(lane) = user {
            let (rule, region) = (lane.rule.name, region.clone());
            return Err(Refusal::RegionInUse { rule, region });
        }
        if !self.settings.regions.remove(region) {
            return Err(Refusal::NotInRegion { region: region.clone() });
        }
        self.ledger.keep(self.settings.regions.clone());
        self.settings.choices.joined.remove(region);
        self.settings.choices.left.insert(region.clone());
        self.publisher.leave(region);
        for peer in self.syncs.leave(now, region) {
            self.break_off(now, peer, Reason::NothingShared);
        }
        self.out.push(Effect::Leave(region.clone()));
        Ok(())
    }

    fn region_views(&self) -> VecDeque<Item> {
        let mut carried = self.carried_in();
        let view = |region: &Region| {
            let held = self.ledger.set(&Scope::Region(region.clone())).map_or(0, |set| set.len());
            Response::Region(RegionView {
                region: region.clone(),
                home: *region == self.settings.home,
                peers: self.syncs.count(region),
                records: held as u64,
                carriages: carried.remove(region).unwrap_or_default(),
            })
        };
        let views = self.settings.regions.iter().map(view);
        views.map(|view| Item::Said(Box::new(view))).collect()
    }

    /// Counts the carriages into each region that stand.
    fn carried_in(&self) -> BTreeMap<Region, u64> {
        let query = Query { kind: Some(Kind::Carriage), current: true, ..Query::default() };
        let mut counts = BTreeMap::new();
        for Summary { home, standing, place, .. } in self.ledger.list(&query, CARRIAGES_MAX) {
            let stands = standing == Standing::Valid && place == Place::Current;
            if let Some(home) = home.filter(|_| stands) {
                *counts.entry(home.region).or_default() += 1;
            }
        }
        counts
    }
}
