//! What the networks that live here have said, or agreed to as parties, and is over.
//!
//! A record whose time is over leaves the ledger and counts for nothing more. The node of its author
//! knows it all the same, until its operator gives the space back: people look up what they asked
//! for last year, and take all that they ever signed with them when they leave.
//!
//! **Invariant:** what is here is in no set, goes to no peer and changes no state.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Engine, Store};
use crate::authority::Standing;
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::response::ResponseKind;
use crate::body::tie::Tie;
use crate::id::{IdPrefix, NetId, PublicKey, RecordId, ThingId};
use crate::ledger::{Pages, Query, Tombstone};
use crate::record::{Home, Kind, Reach, Record};
use crate::region::Region;
use crate::time::Timestamp;

/// What is kept of a record in memory; its text is in the store.
#[derive(Debug, Clone)]
pub(super) struct Over {
    at: Timestamp,
    until: Timestamp,
    thing: ThingId,
    rev: u16,
    net: NetId,
    kind: Kind,
    key: PublicKey,
    home: Option<Home>,
}

impl Over {
    /// Returns its home region; none of identity events.
    pub(super) fn region(&self) -> Option<&Region> {
        self.home.as_ref().map(|home| &home.region)
    }

    /// Returns what it is a version of.
    pub(super) fn thing(&self) -> ThingId {
        self.thing
    }

    /// Returns which version it is, 0 for the first.
    pub(super) fn rev(&self) -> u16 {
        self.rev
    }

    /// Returns its date.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns its network.
    pub(super) fn net(&self) -> NetId {
        self.net
    }

    /// Returns its kind.
    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Returns its network, and how far it might travel.
    pub(super) fn reach(&self) -> Option<(NetId, Reach)> {
        self.home.as_ref().map(|home| (self.net, home.reach))
    }
}

/// What a record leads to.
#[derive(Debug, Clone)]
enum Link {
    /// A role, to the key that it was given to.
    Holder(PublicKey),
    /// An answer, to what it answers.
    To(ThingId, ResponseKind),
    /// A tie, to its parties.
    Parties(Vec<NetId>),
    /// An erasure, to what it erased: all of it, or what one key signed.
    Erased(Vec<ThingId>, Option<PublicKey>),
}

impl Link {
    fn of(record: &Record) -> Option<Self> {
        match record.body() {
            Body::Role(role) => Some(Self::Holder(role.holder)),
            Body::Response(answer) => Some(Self::To(answer.to.thing, answer.kind)),
            Body::Tie(tie) => Some(Self::Parties(tie.parties.as_slice().to_vec())),
            Body::End(end) if end.kind == EndKind::Erase => {
                let things = end.targets.iter().map(|target| target.thing).collect();
                Some(Self::Erased(things, signer(record)))
            }
            _ => None,
        }
    }
}

/// Returns the key to which an erasure is held: a role's key erases only what it signed.
fn signer(record: &Record) -> Option<PublicKey> {
    record.header().role.map(|_| record.key())
}

/// All that is over.
#[derive(Debug, Default)]
pub(super) struct Past {
    records: BTreeMap<RecordId, Over>,
    things: BTreeSet<(ThingId, u16, RecordId)>,
    links: BTreeMap<RecordId, Link>,
}

impl Past {
    /// Remembers a record.
    fn note(&mut self, record: &Record) {
        let header = record.header();
        let over = Over {
            at: header.at,
            until: header.until,
            thing: record.thing(),
            rev: record.rev(),
            net: record.net(),
            kind: header.kind.clone(),
            key: record.key(),
            home: header.home.clone(),
        };
        if let Some(link) = Link::of(record) {
            self.links.insert(record.id(), link);
        }
        self.things.insert((over.thing, over.rev, record.id()));
        self.records.insert(record.id(), over);
    }

    /// Returns what is known of a record.
    pub(super) fn get(&self, id: &RecordId) -> Option<&Over> {
        self.records.get(id)
    }

    fn versions(&self, thing: ThingId) -> impl DoubleEndedIterator<Item = RecordId> {
        let (first, last) = (RecordId([0; 32]), RecordId([0xff; 32]));
        let versions = self.things.range((thing, 0, first)..=(thing, u16::MAX, last));
        versions.map(|(_, _, id)| *id)
    }

    /// Returns the last version of a thing.
    pub(super) fn last(&self, thing: ThingId) -> Option<RecordId> {
        self.versions(thing).next_back()
    }

    /// Returns the record that an id means: itself, or the last version of the thing of that name.
    pub(super) fn named(&self, id: &RecordId) -> Option<RecordId> {
        let own = self.records.contains_key(id).then_some(*id);
        own.or_else(|| self.last(ThingId(id.0)))
    }

    /// Iterates over the records, and the things, that begin with a prefix, each with its kind; a
    /// thing once for each version.
    pub(super) fn resolve(&self, prefix: &IdPrefix) -> impl Iterator<Item = (RecordId, Kind)> {
        let (low, high) = prefix.bounds();
        let records = self.records.range(RecordId(low)..=RecordId(high));
        let first = (ThingId(low), 0, RecordId([0; 32]));
        let last = (ThingId(high), u16::MAX, RecordId([0xff; 32]));
        let things = self.things.range(first..=last).filter_map(|(thing, _, id)| {
            Some((RecordId::from(*thing), self.records.get(id)?.kind.clone()))
        });
        records.map(|(id, over)| (*id, over.kind.clone())).chain(things)
    }

    /// Returns the last versions of the things of a kind, the newest first: of one network, or all.
    /// A tie is of each of its parties.
    pub(super) fn things(&self, kind: &Kind, net: Option<NetId>) -> Vec<(RecordId, ThingId)> {
        let of_kind = self.of_kind(kind, net);
        of_kind.into_iter().filter(|(id, thing)| self.last(*thing) == Some(*id)).collect()
    }

    /// Returns all versions of them, the newest first.
    pub(super) fn of_kind(&self, kind: &Kind, net: Option<NetId>) -> Vec<(RecordId, ThingId)> {
        let is_party = |id: &RecordId, net: NetId| match self.links.get(id) {
            Some(Link::Parties(parties)) => parties.contains(&net),
            _ => false,
        };
        let meant = |(id, over): &(&RecordId, &Over)| {
            over.kind == *kind && net.is_none_or(|net| over.net == net || is_party(id, net))
        };
        let meant = self.records.iter().filter(meant);
        let mut dated: Vec<_> = meant.map(|(id, over)| (over.at, *id, over.thing)).collect();
        dated.sort_unstable_by_key(|(at, id, _)| (Reverse(*at), *id));
        dated.into_iter().map(|(_, id, thing)| (id, thing)).collect()
    }

    /// Returns the answers of this kind, or of any, to this thing, or to any, the oldest first.
    pub(super) fn answers(&self, to: Option<ThingId>, kind: Option<ResponseKind>) -> Vec<RecordId> {
        let meant = |link: &Link| match link {
            Link::To(thing, said) => {
                to.is_none_or(|to| to == *thing) && kind.is_none_or(|kind| kind == *said)
            }
            _ => false,
        };
        let all = self.links.iter().filter(|(_, link)| meant(link));
        let mut all: Vec<_> =
            all.filter_map(|(id, _)| Some((self.records.get(id)?.at, *id))).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// Iterates over the erasures of a thing by its network: each the key that it is held to, if it is.
    pub(super) fn erasures(
        &self,
        thing: ThingId,
        net: NetId,
    ) -> impl Iterator<Item = Option<PublicKey>> {
        self.links.iter().filter_map(move |(id, link)| match link {
            Link::Erased(things, key) if things.contains(&thing) => {
                self.records.get(id).filter(|over| over.net == net).map(|_| *key)
            }
            _ => None,
        })
    }

    /// Says whether a network gave a role that is over to a key.
    pub(super) fn has_given(&self, net: NetId, role: ThingId, key: PublicKey) -> bool {
        let given = |id: RecordId| {
            let holds = matches!(self.links.get(&id), Some(Link::Holder(holder)) if *holder == key);
            holds && self.records.get(&id).is_some_and(|over| over.net == net)
        };
        self.versions(role).any(given)
    }

    /// Iterates over what belongs on a page, in no order.
    pub(super) fn page<'a>(
        &'a self,
        pages: &'a Pages,
    ) -> impl Iterator<Item = (Timestamp, RecordId)> + 'a {
        let meant = |(id, over): &(&RecordId, &Over)| {
            !pages.valid
                && pages.kind.as_ref().is_none_or(|kind| over.kind == *kind)
                && pages.net.is_none_or(|net| over.net == net)
                && pages.key.is_none_or(|key| over.key == key)
                && pages.region.as_ref().is_none_or(|r| over.region().is_none_or(|o| o == r))
                && pages.since.is_none_or(|since| over.at >= since)
                && pages.after.is_none_or(|after| (over.at, **id) > after)
        };
        self.records.iter().filter(meant).map(|(id, over)| (over.at, *id))
    }

    /// Forgets a thing of a network, or what one key signed of it, and returns what is to be left of
    /// each version.
    fn erase(&mut self, net: NetId, key: Option<PublicKey>, thing: ThingId) -> Vec<Tombstone> {
        let versions: Vec<RecordId> = self.versions(thing).collect();
        let mut erased = Vec::new();
        for id in versions {
            let meant = |over: &&Over| over.net == net && key.is_none_or(|key| over.key == key);
            let Some(over) = self.records.get(&id).filter(meant) else { continue };
            erased.push(Tombstone { id, thing, net, until: over.until });
            self.things.remove(&(thing, over.rev, id));
            self.records.remove(&id);
            self.links.remove(&id);
        }
        erased
    }
}

impl Engine {
    /// Says whether a record that is over is of a network that lives here: it said it, or is a party of
    /// the tie.
    pub(super) fn is_ours(&self, record: &Record) -> bool {
        let homes = || self.settings.homes();
        let binds = |tie: &Tie| homes().any(|net| tie.parties.as_slice().contains(&net));
        homes().any(|net| net == record.net())
            || matches!(record.body(), Body::Tie(tie) if binds(tie))
    }

    /// Remembers a record whose time is over, if it is of a network that lives here.
    pub(super) fn outlive(&mut self, record: &Record) {
        if self.is_ours(record) {
            self.past.note(record);
        }
    }

    /// The same for one that the ledger has just let go.
    pub(super) fn outlive_stored<S: Store>(
        &mut self,
        (id, net, kind): (RecordId, NetId, &Kind),
        store: &mut S,
    ) -> Result<(), S::Error> {
        if *kind == Kind::Tie || self.settings.homes().any(|home| home == net) {
            let record = super::views::record(&id, store)?;
            record.iter().for_each(|record| self.outlive(record));
        }
        Ok(())
    }

    /// Says whether a record that is over was said by a network that lives here, or accepted: what
    /// strangers only proposed is nobody's past.
    pub(super) fn stood(&self, id: &RecordId) -> bool {
        let Some(over) = self.past.get(id) else { return false };
        let homes = || self.settings.homes();
        let accepted = |net: NetId| {
            let to = Query { net: Some(net), to: Some(over.thing), ..Query::default() };
            self.ledger.each(&to).next().is_some()
        };
        homes().any(|net| net == over.net)
            || !self.past.answers(Some(over.thing), Some(ResponseKind::Accept)).is_empty()
            || homes().any(accepted)
    }

    /// Erases of the past what a new record of its network says is to be erased.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn erase_past<S: Store>(
        &mut self,
        now: Timestamp,
        record: &Record,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let counts = self.ledger.standing(&record.id()).is_some_and(|s| s == Standing::Valid);
        if counts { self.erase_over(now, record, store) } else { Ok(()) }
    }

    /// The same of an erasure that is known to count, or did while it lived.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn erase_over<S: Store>(
        &mut self,
        now: Timestamp,
        record: &Record,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let Body::End(end) = record.body() else { return Ok(()) };
        if end.kind != EndKind::Erase {
            return Ok(());
        }
        let key = signer(record);
        let things = end.targets.iter().map(|target| target.thing);
        let erased: Vec<Tombstone> =
            things.flat_map(|thing| self.past.erase(record.net(), key, thing)).collect();
        for tombstone in &erased {
            self.gone.erase((tombstone.id, tombstone.thing));
            self.hide(now, tombstone, store)?;
        }
        Ok(())
    }
}
