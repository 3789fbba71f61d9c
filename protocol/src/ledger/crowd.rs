//! What of many records side by side is kept (`limits`).
//!
//! **Invariant:** what is kept of a crowd is a function of all that was ever put in, not of the order: a
//! record that was put out would be put out again, whatever has come since (`tests/crowds` tries
//! many orders). What has come since may end, and then there is room for who is still offered.

use std::collections::BTreeMap;

use super::entry::{Entry, Facts, Part, Sort, accepts_own_role};
use super::ids::{Handle, NONE};
use super::places::{ANSWERS, Group};
use super::{Change, Ledger};
use crate::authority::{Act, Ending, Event};
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::id::{PublicKey, RecordId};
use crate::limits::{
    ANSWERS_MAX, ENDS_BY_KEY_MAX, ENDS_MAX, MINUTES_MAX, PROFILES_MAX, ROLE_ACCEPTANCES_MAX,
    TOMBSTONES_MAX, VALUES_MAX, VERSIONS_MAX,
};
use crate::record::Header;
use crate::time::Timestamp;

/// Records of one network of which only so many are kept.
#[derive(Debug, Clone, Copy)]
enum Crowd {
    /// Versions of a thing.
    Versions(Handle),
    /// Answers of one kind to one thing, profiles, or declarations of values.
    Group { to: Handle, net: Handle, sort: u8, most: usize },
}

/// What is to join a crowd: whether it is signed under a role, by which key, its turn and its name.
type Joins = (bool, PublicKey, u64, RecordId);

/// A record's turn among those of one key, its name, and the record itself unless it is to join.
type Turn = (u64, RecordId, Option<Handle>);

/// In which order records of one key are kept, the number of the version or the date deciding.
#[derive(Debug, Clone, Copy)]
enum Order {
    FirstNumbered,
    LastNumbered,
    FirstDated,
    LastDated,
}

impl Order {
    fn of(sort: Sort) -> Self {
        match sort {
            Sort::Tie | Sort::Proposal | Sort::Gathering => Self::FirstNumbered,
            Sort::Response => Self::FirstDated,
            Sort::Profile | Sort::Values => Self::LastDated,
            _ => Self::LastNumbered,
        }
    }

    /// Returns a record's turn: the least is kept first.
    fn turn(self, at: Timestamp, rev: u16) -> u64 {
        match self {
            Self::FirstNumbered => u64::from(rev),
            Self::LastNumbered => u64::MAX - u64::from(rev),
            Self::FirstDated => at.as_secs(),
            Self::LastDated => u64::MAX - at.as_secs(),
        }
    }
}

impl Crowd {
    /// Returns the crowd of what a network says: of an answer, what it answers and how.
    fn of(
        sort: Sort,
        net: Handle,
        thing: Option<Handle>,
        answer: Option<(Option<Handle>, ResponseKind)>,
    ) -> Option<Self> {
        let (to, group, most) = match (sort, answer) {
            (Sort::Response, Some((to, kind))) => {
                let most = if kind == ResponseKind::Minutes { MINUTES_MAX } else { ANSWERS_MAX };
                (to?, ANSWERS + kind as u8, most)
            }
            (Sort::Profile, _) => (NONE, sort as u8, PROFILES_MAX),
            (Sort::Values, _) => (NONE, sort as u8, VALUES_MAX),
            _ => return thing.map(Self::Versions),
        };
        Some(Self::Group { to, net, sort: group, most })
    }
}

impl Entry {
    /// Returns the crowd in which it stands; none of what decides who speaks, and of the erased.
    fn crowd(&self) -> Option<Crowd> {
        if self.is_support() || matches!(self.facts, Facts::Erased) {
            return None;
        }
        let answer = match &self.facts {
            Facts::Answer(answer) => Some((Some(answer.to), answer.kind)),
            _ => None,
        };
        Crowd::of(self.sort, self.net, Some(self.thing), answer)
    }

    fn turn(&self) -> u64 {
        Order::of(self.sort).turn(self.at, self.rev)
    }
}

impl Ledger {
    /// Puts out of a record's crowd what is too much of it: others, for it was not crowded out itself.
    pub(super) fn thin_out(&mut self, id: Handle) {
        let Some((net, crowd)) = self.entry(id).and_then(|e| Some((e.net, e.crowd()?))) else {
            return;
        };
        for other in self.surplus(crowd, None).into_iter().flatten() {
            let (id, kind) = (self.record_id(other), self.kind(other));
            self.remove(other);
            self.say(Change::Dropped { id, net: self.net_id(net), kind, over: None });
        }
    }

    /// Says whether a record that is not here yet, or a draft, would at once be too much.
    pub(super) fn is_crowded(&self, header: &Header, body: &Body, act: &Act) -> bool {
        let thing = header.thing(body).and_then(|thing| self.ids.find(&thing.0));
        let Some(net) = header.net.and_then(|net| self.ids.find(&net.0)) else { return false };
        let answer = match body {
            Body::Identity(_) | Body::Role(_) | Body::End(_) => return false,
            Body::Response(answer) if accepts_own_role(header, answer) => return false,
            Body::Response(answer) => Some((self.ids.find(&answer.to.thing.0), answer.kind)),
            _ => None,
        };
        let sort = Sort::of(&header.kind);
        let Some(crowd) = Crowd::of(sort, net, thing, answer) else { return false };
        let turn = Order::of(sort).turn(header.at, header.version.rev);
        let joins = (header.role.is_some(), act.key, turn, act.id);
        self.surplus(crowd, Some(joins)).contains(&None)
    }

    /// Returns what of a crowd is too much, none standing for a record that is to join it: by a role or
    /// not, its key, its turn and its name.
    fn surplus(&self, crowd: Crowd, joins: Option<Joins>) -> Vec<Option<Handle>> {
        let (members, most): (Vec<Handle>, usize) = match crowd {
            Crowd::Versions(thing) => (self.versions(thing).collect(), VERSIONS_MAX),
            Crowd::Group { to, net, sort, most } => {
                let first = Group { to, net, sort, tag: 0, seen: 0, home: 0 };
                let all = self.index.groups.range((first, 0)..);
                let own = all.take_while(|(g, _)| (g.to, g.net, g.sort) == (to, net, sort));
                (own.map(|(_, id)| *id).collect(), most)
            }
        };
        if members.len() + usize::from(joins.is_some()) <= most {
            return Vec::new();
        }
        // By key, the network's own first: what it signed, the first to be kept first.
        let mut signed: BTreeMap<(bool, PublicKey), Vec<Turn>> = BTreeMap::new();
        if let Some((role, key, turn, name)) = joins {
            signed.entry((role, key)).or_default().push((turn, name, None));
        }
        for id in members {
            let Some(entry) = self.entry(id).filter(|entry| entry.crowd().is_some()) else {
                continue;
            };
            let signer = (entry.role != NONE, self.key_of(entry));
            signed.entry(signer).or_default().push((entry.turn(), self.record_id(id), Some(id)));
        }
        let mut order = Vec::new();
        for (signer, mut records) in signed {
            records.sort_unstable();
            let places = records.into_iter().enumerate();
            order.extend(places.map(|(place, (.., id))| (place, signer, id)));
        }
        order.sort_unstable();
        order.into_iter().skip(most).map(|(.., id)| id).collect()
    }

    /// Says whether as many erased versions of a thing are remembered as may be.
    pub(super) fn is_worn_out(&self, thing: Handle) -> bool {
        let erased =
            |id: &Handle| self.entry(*id).is_some_and(|entry| matches!(entry.facts, Facts::Erased));
        self.versions(thing).filter(erased).nth(TOMBSTONES_MAX - 1).is_some()
    }

    /// Leaves of a part in the authority of a network what there is room for; says whether that is
    /// anything.
    pub(super) fn fits(&self, net: Option<Handle>, part: &mut Part) -> bool {
        let Some((net, network)) = net.and_then(|net| Some((net, self.networks.get(&net)?))) else {
            return true;
        };
        let support = &network.support;
        match part {
            Part::Event(event) => support.has_room(event) || self.is_waited_for(net, event),
            Part::Grant(grant) => support.grants_of(&grant.thing).count() < VERSIONS_MAX,
            Part::Acceptance(role, acceptance) => {
                let all = support.acceptances_of(role);
                let own = all.filter(|other| other.act.key == acceptance.act.key);
                own.count() < ROLE_ACCEPTANCES_MAX
            }
            Part::Ending(end) => {
                let targets = end.targets.iter();
                let fits = targets.filter(|target| self.may_add_end(net, end, &target.thing.0));
                let fits: Box<[_]> = fits.copied().collect();
                end.targets = fits;
                !end.targets.is_empty()
            }
            Part::None(_) => true,
        }
    }

    /// Says whether a guardian's word on what follows an event waits for it.
    fn is_waited_for(&self, net: Handle, event: &Event) -> bool {
        event.body.keys().is_some_and(|keys| {
            self.pool.any(self.net_id(net), |record| {
                record.header().version.prev.contains(&event.act.id)
                    && keys.guardians.contains(&record.key().hash())
            })
        })
    }

    /// Says whether one more end by a network of a thing is taken.
    fn may_add_end(&self, net: Handle, end: &Ending, thing: &[u8; 32]) -> bool {
        let Some(thing) = self.ids.find(thing) else { return true };
        let (mut own, mut others) = (0, 0);
        for id in self.ends_by(thing, net) {
            let Some(other) = self.entry(id) else { continue };
            if self.key_of(other) == end.act.key {
                own += 1;
            } else if other.role != NONE {
                others += 1;
            }
        }
        let signed = || {
            let mut versions = self.versions(thing).filter_map(|id| self.entry(id));
            versions.any(|version| self.key_of(version) == end.act.key)
        };
        own < ENDS_BY_KEY_MAX && (others < ENDS_MAX || end.act.role.is_none() || signed())
    }

    /// Iterates over the ends by a network that name a thing.
    pub(super) fn ends_by(&self, thing: Handle, net: Handle) -> impl Iterator<Item = Handle> + '_ {
        let ends = self.index.ends.range((thing, net, 0)..=(thing, net, NONE));
        ends.map(|(.., end)| *end)
    }
}
