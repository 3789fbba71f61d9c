//! What a node tells a region beside a record that comes from elsewhere, each after what judges it.
//! Beside a carriage a bridge tells who carries and by which tie, what it names, and what follows that.
//!
//! **Invariant:** nothing is told in a region in whose set it is not.
//!
//! **Invariant:** beside what it names at most [`FOLLOWING_MAX`] records follow one carriage; the
//! rest, and what a node missed, comes by reconciling.

use std::collections::BTreeSet;

use super::durable::After;
use super::{Engine, Store};
use crate::body::Body;
use crate::id::RecordId;
use crate::record::{Reach, Record};
use crate::region::Region;

/// The most answers and ends that are told with one carriage: two for each of the most things that
/// it names, some 200 KiB in all, so that a call crosses with the voices for it and a bridge that
/// begins does not flood a region with what was said of everything.
pub const FOLLOWING_MAX: usize = 256;

/// What was told in which region.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeSet<(Region, RecordId)>);

/// How much of it is remembered: some megabytes of names. Then it is told anew, which costs some
/// bytes.
const TOLD_MAX: usize = 32_768;

impl Told {
    /// Says whether it was not told yet.
    fn tell(&mut self, region: &Region, id: RecordId) -> bool {
        if self.0.len() >= TOLD_MAX {
            self.0.clear();
        }
        self.0.insert((region.clone(), id))
    }
}

impl Engine {
    /// Returns what is published in a region with a carriage, in the order in which it is needed.
    pub(super) fn brought<S: Store>(
        &mut self,
        region: &Region,
        records: &[RecordId],
        carriage: &Record,
        store: &mut S,
    ) -> Result<Vec<After>, S::Error> {
        let needed = self.needed(region, records, carriage);
        self.told_once(region, needed, Some(carriage), store)
    }

    /// Returns what judges a record that is at home in a region of this node which is not its own home:
    /// it was told where its network is at home, and whoever hears only the record could not judge it.
    pub(super) fn backed<S: Store>(
        &mut self,
        record: &Record,
        store: &mut S,
    ) -> Result<Vec<After>, S::Error> {
        let home = record.header().home.as_ref().filter(|home| home.reach != Reach::Own);
        let away = home.map(|home| home.region.clone()).filter(|region| {
            *region != self.settings.home && self.settings.regions.contains(region)
        });
        let Some(region) = away else { return Ok(Vec::new()) };
        let backing = self.ledger.backing(&record.id());
        self.told_once(&region, backing, None, store)
    }

    /// Returns what is published of these in a region: what was told there is not told again, and
    /// whoever missed it asks for it.
    fn told_once<S: Store>(
        &mut self,
        region: &Region,
        records: Vec<RecordId>,
        carriage: Option<&Record>,
        store: &mut S,
    ) -> Result<Vec<After>, S::Error> {
        let mut published = Vec::new();
        for id in records {
            if !self.ledger.is_in(&id, region) || !self.bridging.told.tell(region, id) {
                continue;
            }
            let bytes = match carriage.filter(|carriage| carriage.id() == id) {
                Some(carriage) => Some(carriage.bytes().clone()),
                None => store.bytes(&id)?,
            };
            published.extend(bytes.map(|bytes| After::Publish(region.clone(), bytes)));
        }
        Ok(published)
    }

    /// Returns these records and what follows them there, each after what judges it, some of it
    /// twice.
    fn needed(&self, region: &Region, records: &[RecordId], carriage: &Record) -> Vec<RecordId> {
        let mut needed: Vec<RecordId> = Vec::new();
        let mut with_backing = |id: &RecordId| {
            needed.extend(self.ledger.backing(id));
            needed.push(*id);
        };
        if let Body::Carriage(body) = carriage.body() {
            let tie = self.ledger.tie(&body.tie, carriage.header().at).map(|(id, _)| id);
            tie.iter().for_each(&mut with_backing);
            self.ledger.signatures(&body.tie).iter().for_each(&mut with_backing);
        }
        records.iter().for_each(&mut with_backing);
        let mut left = FOLLOWING_MAX;
        for carried in self.ledger.carried_by(&carriage.id()) {
            let following = self.ledger.following(&carried.thing, region, left);
            left -= following.len();
            following.iter().for_each(&mut with_backing);
        }
        needed
    }
}
