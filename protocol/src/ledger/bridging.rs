//! What is stored that bridges and the weave ask for.
//!
//! **Invariant:** nothing here changes anything; what is expensive is asked once and kept by the
//! caller until [`Ledger::relations`] has grown.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use super::entry::{Entry, Facts, Sort, Verdict};
use super::ids::{Handle, NONE};
use crate::body::carriage::{Carried, Crossing};
use crate::body::response::ResponseKind;
use crate::body::role::Power;
use crate::body::text::Tag;
use crate::body::tie::TieKind;
use crate::fold::tie;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::record::{Claim, Home, Reach};
use crate::region::Region;
use crate::sync::Scope;
use crate::time::Timestamp;
use crate::weave::{Classes, Link, Way, Ways};

/// The bridge ties by which a network may carry: out of which region, into which, by which tie.
pub type Entitlements = BTreeMap<(Region, Region), ThingId>;

/// What is stored of a record that may cross a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossed {
    /// Why it does not speak; none when it does. The flag says whether more records may let it.
    pub silent: Option<(String, bool)>,
    /// Where it stands among its like.
    pub place: super::Place,
    /// The way by which it is in the region that the bridge leads out of: empty when that is its home,
    /// none when it is not there at all.
    pub way: Option<Vec<Crossing>>,
    /// Until when carriages of the bridge's network carry it where the bridge leads, over no more
    /// bridges than `way`; none when none does.
    pub carried: Option<Timestamp>,
    /// When the bridge's network last ended a carriage of it by this rule; none when it never did.
    pub ended: Option<Timestamp>,
    /// Which key signed it.
    pub key: PublicKey,
    /// Under which role; none when the network's key did.
    pub role: Option<ThingId>,
    /// The networks other than its own that endorse it, each once.
    pub endorsers: BTreeSet<NetId>,
}

impl Ledger {
    /// Returns what is stored of a record that a network may carry out of a region into another by a
    /// rule of this name; none of what is not here.
    pub fn crossed(
        &self,
        id: &RecordId,
        (from, into, rule): (&Region, &Region, &Tag),
        by: Option<NetId>,
    ) -> Option<Crossed> {
        let id = self.ids.find(&id.0)?;
        let entry = self.entry(id)?;
        let silent = match entry.verdict {
            Verdict::Valid => None,
            verdict => {
                let standing = self.judge(id, entry);
                let why = standing.why().map(ToString::to_string).unwrap_or_default();
                Some((why, verdict == Verdict::Held))
            }
        };
        let way = self.way(entry, from);
        let bridges = way.as_ref().map_or(usize::MAX, Vec::len);
        Some(Crossed {
            silent,
            place: entry.place(),
            way,
            carried: by.and_then(|net| self.carried_until(entry, (into, bridges), &net)),
            ended: by.and_then(|net| self.carriage_ended(entry, (into, rule), &net)),
            key: self.key_of(entry),
            role: (entry.role != NONE).then(|| self.thing_id(entry.role)),
            endorsers: self.endorsers(id, entry),
        })
    }

    /// Returns a number that grows whenever ties, disclosures, roles or identities have changed in
    /// a way that recognition, independence or entitlements may notice.
    pub fn relations(&self) -> u64 {
        self.relations
    }

    /// Returns the pairs of networks that an active tie joins, for recognition.
    pub fn tied(&self, now: Timestamp) -> Vec<(NetId, NetId)> {
        let pairs: BTreeSet<(NetId, NetId)> =
            self.tie_edges(now).map(|edge| (edge.a.min(edge.b), edge.a.max(edge.b))).collect();
        pairs.into_iter().collect()
    }

    fn active_ties(&self, now: Timestamp) -> Vec<(TieKind, Vec<NetId>)> {
        let ids: BTreeSet<Handle> = self.index.ties.iter().map(|(_, id)| *id).collect();
        let active = ids.into_iter().filter_map(|id| {
            let entry = self.entry(id).filter(|entry| entry.stands())?;
            let Facts::Tie(facts) = &entry.facts else { return None };
            let state = self.tie_facts(id, entry)?;
            let active = tie::fold(&state, now).is_active();
            active.then_some((facts.kind, state.parties))
        });
        active.collect()
    }

    /// Returns what makes networks count as one voice, for [`Classes`].
    pub fn links(&self, now: Timestamp) -> Vec<(NetId, NetId, Link)> {
        let mut links: Vec<(NetId, NetId, Link)> = Vec::new();
        for (kind, parties) in self.active_ties(now) {
            if let (TieKind::FiscalHost, [a, b]) = (kind, &parties[..]) {
                links.push((*a, *b, Link::FiscalHost));
            }
        }
        let disclosures = self.index.dated(Sort::Disclosure, Timestamp::ZERO);
        let disclosures = disclosures.filter_map(|dated| self.entry(dated.id));
        for entry in disclosures.filter(|entry| entry.stands()) {
            if let Facts::Disclosure(facts) = &entry.facts {
                let net = self.net_id(entry.net);
                let others = facts.control.iter();
                links.extend(others.map(|o| (net, self.net_id(*o), Link::Control)));
            }
        }
        let mut keys: BTreeMap<PublicKey, NetId> = BTreeMap::new();
        for handle in self.networks.keys() {
            let net = self.net_id(*handle);
            for key in self.speakers(*handle, now) {
                let first = *keys.entry(key).or_insert(net);
                if first != net {
                    links.push((first, net, Link::Operator));
                }
            }
        }
        links
    }

    /// Returns the bridge ties by which a network may carry now.
    pub fn entitlements(&self, net: &NetId) -> Entitlements {
        let Some(net) = self.ids.find(&net.0) else { return Entitlements::new() };
        let ties = self.index.ties.range((net, 0)..=(net, NONE)).map(|(_, id)| *id);
        let mut entitlements = Entitlements::new();
        for id in ties {
            let Some(entry) = self.entry(id) else { continue };
            let Facts::Tie(facts) = &entry.facts else { continue };
            let Some((a, b)) = facts.bridge.as_deref() else { continue };
            let tie = self.thing_id(entry.thing);
            for (from, into) in [(a, b), (b, a)] {
                if self.entitles(entry.thing, net, (from, into)) {
                    let held = entitlements.entry((from.clone(), into.clone())).or_insert(tie);
                    *held = tie.min(*held);
                }
            }
        }
        entitlements
    }

    /// Returns the ways by which a thing came into a region, and how many are independent.
    pub fn ways(&self, thing: &ThingId, into: &Region, classes: &Classes) -> Ways {
        let thing = self.ids.find(&thing.0);
        let shown = thing.and_then(|thing| self.shown(thing)).and_then(|id| self.entry(id));
        let ways = shown.map(|entry| self.ways_of(entry, into)).unwrap_or_default();
        Ways::new(ways, classes)
    }

    /// Returns the regions in whose set a thing is: its homes, and where bridges brought it.
    pub fn regions_of(&self, thing: &ThingId) -> BTreeSet<Region> {
        let Some(thing) = self.ids.find(&thing.0) else { return BTreeSet::new() };
        let versions = self.versions(thing).filter_map(|id| Some((id, self.entry(id)?)));
        let mut regions = BTreeSet::new();
        for (id, entry) in versions {
            let shared = |home: &&Home| entry.marks.in_set && home.reach != Reach::Own;
            let home = self.home(entry).filter(shared);
            regions.extend(home.map(|home| home.region.clone()));
            let guests = self.carrying.guests_of(id);
            regions.extend(guests.filter_map(|place| self.carrying.region(place).cloned()));
        }
        regions
    }

    /// Returns what a stored carriage names.
    pub fn carried_by(&self, carriage: &RecordId) -> Vec<Carried> {
        let entry = self.ids.find(&carriage.0).and_then(|id| self.entry(id));
        let Some(Facts::Carriage(facts)) = entry.map(|entry| &entry.facts) else {
            return Vec::new();
        };
        let things = facts.things.iter();
        let named = |(net, thing): &(Handle, Handle)| Carried {
            net: self.net_id(*net),
            thing: self.thing_id(*thing),
        };
        things.map(named).collect()
    }

    /// Returns the network whose counting carriage names this record's thing, or for support and
    /// profiles its network: whoever answers for it.
    pub fn carrier(&self, claim: &Claim) -> Option<NetId> {
        let net = self.ids.find(&claim.net.0)?;
        let thing = self.ids.find(&claim.thing.0);
        let by_thing = thing.and_then(|thing| self.carrying.carried(thing, net).next());
        let by_net = || self.carrying.naming(net).next().filter(|_| claim.follows);
        let carriage = by_thing.map(|(_, carriage)| carriage).or_else(by_net)?;
        Some(self.net_id(self.entry(carriage)?.net))
    }

    /// Says whether a record may be for a bridge into this region at all, before its bytes are
    /// read: it may travel and stands, its home is elsewhere, and this network does not carry it
    /// there by the shortest way until it ends, or for as long as a carriage could last.
    pub fn may_cross(
        &self,
        id: &RecordId,
        (from, into): (&Region, &Region),
        speaker: Option<(NetId, Timestamp)>,
    ) -> bool {
        let Some(entry) = self.ids.find(&id.0).and_then(|id| self.entry(id)) else { return false };
        let follows = matches!(
            entry.sort,
            Sort::Identity | Sort::Role | Sort::Response | Sort::End | Sort::Carriage
        );
        let marks = &entry.marks;
        if follows || marks.superseded || marks.ended || marks.erased {
            return false;
        }
        let travels = |home: &Home| home.reach == Reach::Movement && home.region != *into;
        let covered = |(net, lasts): (NetId, Timestamp)| {
            let bridges = self.way(entry, from).map_or(usize::MAX, |way| way.len());
            let until = self.carried_until(entry, (into, bridges), &net);
            until.is_some_and(|until| until >= entry.until.min(lasts))
        };
        self.home(entry).is_some_and(travels) && !speaker.is_some_and(covered)
    }

    /// Returns what a stored answer answers.
    pub fn answered(&self, id: &RecordId) -> Option<ThingId> {
        match &self.entry(self.ids.find(&id.0)?)?.facts {
            Facts::Answer(answer) => Some(self.thing_id(answer.to)),
            _ => None,
        }
    }

    /// Says whether a record is in the set of a region.
    pub fn is_in(&self, id: &RecordId, region: &Region) -> bool {
        let Some(id) = self.ids.find(&id.0).filter(|id| self.entry(*id).is_some()) else {
            return false;
        };
        let set = self.set(&Scope::Region(region.clone()));
        set.is_some_and(|set| set.contains(&self.key(id)))
    }

    /// Returns what is needed to judge a record, in the order in which it is: the identity of its
    /// network, the role that it is signed under with its granter's, and their acceptances; then
    /// the profile, which says who speaks.
    pub fn backing(&self, id: &RecordId) -> Vec<RecordId> {
        let found = self.ids.find(&id.0).and_then(|id| self.entry(id));
        let Some((entry, network)) = found.and_then(|e| Some((e, self.networks.get(&e.net)?)))
        else {
            return Vec::new();
        };
        let net = self.net_id(entry.net);
        let mut roles = Vec::new();
        let mut role = (entry.role != NONE).then(|| self.thing_id(entry.role));
        // A chain of delegation has two links at most.
        while let Some(thing) = role.filter(|_| roles.len() < 2) {
            role = network.authority.roles.mandates.get(&thing).and_then(|m| m.granter);
            roles.push(thing);
        }
        let mut backing = self.identity(&net).map_or_else(Vec::new, |identity| {
            identity.log.into_iter().map(|(event, _)| event).collect()
        });
        for thing in roles.into_iter().rev() {
            let mandate = network.authority.roles.mandates.get(&thing);
            backing.extend(mandate.into_iter().flat_map(|m| &m.versions).map(|version| version.id));
            let all = (thing, RecordId([0; 32]))..=(thing, RecordId([0xff; 32]));
            backing.extend(network.support.acceptances.range(all).map(|((_, id), _)| *id));
        }
        backing.extend(self.current_profile(&net));
        backing
    }

    /// Returns the current answers by which the parties of a tie have accepted it.
    pub fn signatures(&self, tie: &ThingId) -> Vec<RecordId> {
        let Some(tie) = self.ids.find(&tie.0) else { return Vec::new() };
        let accepts = self.answers(tie).filter(|id| {
            let answer = self.entry(*id).filter(|answer| answer.stands());
            answer.is_some_and(|answer| {
                matches!(&answer.facts, Facts::Answer(f) if f.kind == ResponseKind::Accept)
            })
        });
        accepts.map(|id| self.record_id(id)).collect()
    }

    /// Returns the way by which a record is in a region: the shortest, empty when it is at home.
    fn way(&self, entry: &Entry, region: &Region) -> Option<Vec<Crossing>> {
        if entry.marks.in_set && self.home(entry).is_some_and(|home| home.region == *region) {
            return Some(Vec::new());
        }
        let ways = self.ways_of(entry, region).into_iter();
        ways.map(|way| way.crossings).min_by(|a, b| (a.len(), a).cmp(&(b.len(), b)))
    }

    fn ways_of(&self, entry: &Entry, into: &Region) -> Vec<Way> {
        let carriages = self.carriages_into(entry, into);
        let ways = carriages.filter_map(|(id, carriage)| {
            let Facts::Carriage(facts) = &carriage.facts else { return None };
            let before = facts.via.iter();
            let mut crossings: Vec<Crossing> = before
                .map(|(net, region)| Crossing { net: self.net_id(*net), region: region.clone() })
                .collect();
            crossings.push(Crossing { net: self.net_id(carriage.net), region: into.clone() });
            Some(Way { crossings, from: facts.from.clone(), carriage: self.record_id(id) })
        });
        ways.collect()
    }

    fn carriages_into(
        &self,
        entry: &Entry,
        into: &Region,
    ) -> impl Iterator<Item = (Handle, &Entry)> {
        let place = self.carrying.find(into);
        let all = self.carrying.carried(entry.thing, entry.net);
        let here = all.filter(move |(region, _)| Some(*region) == place);
        here.filter_map(|(_, id)| Some((id, self.entry(id)?)))
    }

    /// Returns until when carriages of this network over no more than so many bridges before it
    /// bring a record into a region.
    fn carried_until(
        &self,
        entry: &Entry,
        (into, bridges): (&Region, usize),
        by: &NetId,
    ) -> Option<Timestamp> {
        let carriages = self.carriages_into(entry, into).map(|(_, carriage)| carriage);
        let own = carriages.filter(|carriage| {
            let Facts::Carriage(facts) = &carriage.facts else { return false };
            facts.via.len() <= bridges && self.net_id(carriage.net) == *by
        });
        own.map(|carriage| carriage.until).max()
    }

    /// Returns when this network last ended a carriage of a record's thing by this rule.
    fn carriage_ended(
        &self,
        entry: &Entry,
        (into, rule): (&Region, &Tag),
        by: &NetId,
    ) -> Option<Timestamp> {
        let into = self.carrying.find(into)?;
        let all = self.carrying.ended((entry.thing, entry.net), into);
        let ends = all.filter_map(|id| {
            let carriage = self.entry(id)?;
            let Facts::Carriage(facts) = &carriage.facts else { return None };
            let own = facts.rule == *rule && self.net_id(carriage.net) == *by;
            own.then(|| self.ends_of(id, carriage).first().map(|end| end.at))?
        });
        ends.max()
    }

    /// Returns until when a carriage that is signed now, in the name of a network and under this role, may
    /// last, if one may be signed at all.
    pub fn mandate(&self, net: &NetId, role: Option<ThingId>, now: Timestamp) -> Option<Timestamp> {
        let network = self.networks.get(&self.ids.find(&net.0)?)?;
        let Some(role) = role else {
            let log = &network.authority.log;
            return (log.disputed.is_none() && log.closed().is_none()).then_some(Timestamp::NEVER);
        };
        let mandate = network.authority.roles.mandates.get(&role)?;
        let live = mandate.versions.iter().filter(|version| {
            version.accepted.is_some()
                && version.ended.is_empty()
                && version.body.begins() <= now
                && version.until > now
                && version.body.powers.contains(&Power::Bridge)
        });
        live.map(|version| version.until).max()
    }

    /// Returns the networks other than the author that endorse this version, each once.
    fn endorsers(&self, id: Handle, entry: &Entry) -> BTreeSet<NetId> {
        let endorsing = self.answers(entry.thing).filter_map(|answer| {
            let answer = self.entry(answer).filter(|answer| answer.stands())?;
            let Facts::Answer(facts) = &answer.facts else { return None };
            let counts = facts.kind == ResponseKind::Endorse
                && answer.net != entry.net
                && self.binds(facts, id, entry);
            counts.then(|| self.net_id(answer.net))
        });
        endorsing.collect()
    }
}
