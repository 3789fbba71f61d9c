//! What is said of how a thing came here, and how far the voices for it reach.

use std::collections::BTreeSet;

use super::Engine;
use crate::control::{ReachView, WaysView};
use crate::id::{NetId, ThingId};
use crate::time::Timestamp;
use crate::weave::{JOIN, Weave};

/// How many networks are named of those whose endorsement would help most: as many as a person
/// writes to.
const NEXT_MAX: usize = 5;

impl Engine {
    /// Returns by which ways a thing came into the regions of this node.
    pub(super) fn ways(&self, thing: &ThingId) -> WaysView {
        let classes = &self.gate.classes;
        let here = self.ledger.regions_of(thing);
        let mut view = WaysView::default();
        let mut carriers: BTreeSet<NetId> = BTreeSet::new();
        for region in &self.settings.regions {
            if !here.contains(region) {
                view.absent.push(region.clone());
                continue;
            }
            let ways = self.ledger.ways(thing, region, classes);
            let crossings = ways.ways.iter().flat_map(|way| &way.crossings);
            carriers.extend(crossings.map(|crossing| crossing.net));
            view.regions.push((region.clone(), ways));
        }
        // Two that a third joins are one voice as well: all of their class are looked at.
        let named: BTreeSet<NetId> = carriers.iter().map(|net| classes.of(net)).collect();
        let classed = classes.shared().iter().filter(|(_, class)| named.contains(class));
        let whole: BTreeSet<NetId> = classed.flat_map(|(net, class)| [*net, *class]).collect();
        let several = |net: &NetId| carriers.iter().filter(|c| classes.are_one(c, net)).count() > 1;
        let links = classes.links_among(&whole).filter(|(a, ..)| several(a));
        view.links = links.collect();
        view
    }

    /// Returns how far the voices for a call reach.
    pub(super) fn reach(&self, now: Timestamp, thing: &ThingId) -> Option<ReachView> {
        let (id, state) = self.ledger.call(thing, now)?;
        let author = self.ledger.summary(&id)?.net;
        let weave = Weave::new(&self.ledger.pattern(self.gate.classes.shared(), now));
        let next = JOIN.map(|k| {
            let next = weave.ask_next(author, &state.endorsed, k, NEXT_MAX);
            (u8::try_from(k).unwrap_or(u8::MAX), next)
        });
        let reach = weave.reach(author, &state.endorsed);
        Some(ReachView { reach, next: next.to_vec() })
    }
}
