//! What of a newcomer is kept first when there is not room for all.
//!
//! **Invariant:** whoever decides about a newcomer sees who it is and what it wants of us, in whatever
//! order its records came: who speaks for it, its newest profile, and its newest ties with a network
//! that lives here are kept before all else that it signs. Before it is known which keys are its own
//! (its identity has no end, so it comes last), whatever may be these is kept before the rest.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::admit::is_support;
use crate::body::Body;
use crate::id::{NetId, RecordId, ThingId};
use crate::ledger::vouched;
use crate::record::{Kind, Record};

/// The most ties with networks that live here that come before other support: one is enough to say
/// what is wanted, and who offers more shows them once it is let in.
const OFFERS_FIRST_MAX: usize = 4;

/// Over how many roles a signature may lead to the network's own key.
const DELEGATIONS_MAX: usize = 2;

/// What a record is worth; the least goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Under a key that the network has not named, as far as is known.
    Foreign,
    /// What can be asked for again when the network is let in.
    Rest,
    /// What judges other records.
    Support,
    /// One profile and one offer that nobody has named the key of, while there are no others: the role
    /// under which they are signed may not have found room.
    StandIn,
    /// What it wants of us.
    Offer,
    /// Its newest profile, and the roles under which that and its offers are signed.
    Face,
    /// Who it is.
    Identity,
}

/// Returns what is worth least of the records that are kept of a network: of several the latest.
pub(super) fn least<'a>(
    net: NetId,
    records: impl Iterator<Item = &'a Record> + Clone,
    ours: &BTreeSet<NetId>,
    latest: RecordId,
) -> Option<&'a Record> {
    let own: BTreeSet<RecordId> = vouched(net, records.clone()).into_iter().collect();
    let is_own = |record: &Record| own.contains(&record.id());
    let of_own = First::of(records.clone().filter(|record| is_own(record)), ours, 1);
    // Of what may be forged none is to hide the others by being newer.
    let of_others = First::of(records.clone().filter(|record| !is_own(record)), ours, usize::MAX);
    let stand_ins = of_own.lacks(&of_others);
    let worth = |record: &Record| match of_others.worth(record) {
        _ if is_own(record) => (of_own.worth(record), Worth::Foreign),
        as_if_own if stand_ins.contains(&record.id()) => (Worth::StandIn, as_if_own),
        as_if_own => (Worth::Foreign, as_if_own),
    };
    records.min_by_key(|record| (worth(record), record.id() != latest))
}

/// Returns the newest profile that a network has signed itself, as far as its records say who it is.
pub(super) fn face<'a>(
    net: NetId,
    records: impl Iterator<Item = &'a Record> + Clone,
) -> Option<&'a Record> {
    let own = vouched(net, records.clone());
    let profiles = records.filter(|record| matches!(record.body(), Body::Profile(_)));
    let (own, others): (Vec<_>, Vec<_>) = profiles.partition(|record| own.contains(&record.id()));
    newest(own.into_iter(), 1).pop().or_else(|| newest(others.into_iter(), 1).pop())
}

/// What comes first of what a network has signed.
struct First {
    /// The newest first, as the offers.
    faces: Vec<RecordId>,
    offers: Vec<RecordId>,
    /// The roles under which these are signed.
    roles: BTreeSet<ThingId>,
}

impl First {
    /// Looks for the newest profiles, at most this many, and the newest ties with one of `ours`.
    fn of<'a>(
        records: impl Iterator<Item = &'a Record> + Clone,
        ours: &BTreeSet<NetId>,
        faces_max: usize,
    ) -> Self {
        let profiles = records.clone().filter(|record| matches!(record.body(), Body::Profile(_)));
        let faces = newest(profiles, faces_max);
        let offers = records.clone().filter(|record| names(record, ours));
        let offers = newest(offers, OFFERS_FIRST_MAX);
        let signed = faces.iter().chain(&offers).filter_map(|record| record.header().role);
        let mut roles: BTreeSet<ThingId> = signed.collect();
        for _ in 1..DELEGATIONS_MAX {
            let above = records.clone().filter(|record| roles.contains(&record.thing()));
            let above: Vec<ThingId> = above.filter_map(|record| record.header().role).collect();
            roles.extend(above);
        }
        let ids = |records: Vec<&Record>| records.into_iter().map(Record::id).collect();
        Self { faces: ids(faces), offers: ids(offers), roles }
    }

    /// Returns what stands in for what is not among these, out of others.
    fn lacks(&self, others: &Self) -> Vec<RecordId> {
        let face = others.faces.first().filter(|_| self.faces.is_empty());
        let offer = others.offers.first().filter(|_| self.offers.is_empty());
        face.into_iter().chain(offer).copied().collect()
    }

    fn worth(&self, record: &Record) -> Worth {
        let kind = &record.header().kind;
        let grants = *kind == Kind::Role && self.roles.contains(&record.thing());
        match kind {
            Kind::Identity => Worth::Identity,
            _ if grants || self.faces.contains(&record.id()) => Worth::Face,
            _ if self.offers.contains(&record.id()) => Worth::Offer,
            kind if is_support(kind) => Worth::Support,
            _ => Worth::Rest,
        }
    }
}

/// Returns the newest of some records, at most this many.
fn newest<'a>(records: impl Iterator<Item = &'a Record>, most: usize) -> Vec<&'a Record> {
    let mut all: Vec<&Record> = records.collect();
    all.sort_by_key(|record| Reverse((record.rev(), record.header().at, record.id())));
    all.truncate(most);
    all
}

/// Says whether a record is a tie with one of these networks.
fn names(record: &Record, nets: &BTreeSet<NetId>) -> bool {
    match record.body() {
        Body::Tie(tie) => tie.parties.as_slice().iter().any(|party| nets.contains(party)),
        _ => false,
    }
}
