//! Where an identity log may go on: what follows one event, and what of it leads on.
//!
//! **Invariant:** only who holds the rotation key, or as many guardians as are needed, leads
//! anywhere. What a single guardian signs, however much, is counted once for each body, and takes
//! no word of another away, nor its own: a consent that was given cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::Why;
use super::support::Event;
use crate::body::identity::{Identity, Keys};
use crate::id::{PublicKey, RecordId};
use crate::record::BodyHash;
use crate::steps;
use crate::time::Timestamp;

/// The events of a network by the event that they follow.
pub(super) struct Tree<'a> {
    events: &'a BTreeMap<RecordId, Box<Event>>,
    after: BTreeMap<RecordId, Vec<&'a Event>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(events: &'a BTreeMap<RecordId, Box<Event>>) -> Self {
        let mut after: BTreeMap<RecordId, Vec<&Event>> = BTreeMap::new();
        for event in events.values() {
            steps::step();
            if let Some(prev) = event.prev {
                after.entry(prev).or_default().push(event);
            }
        }
        Self { events, after }
    }

    /// Iterates over what follows a link.
    pub(super) fn after(&self, link: &Link) -> impl Iterator<Item = &'a Event> {
        let after = link.ids.iter().filter_map(|id| self.after.get(id)).flatten();
        after.copied().inspect(|_| steps::step())
    }

    /// Returns the date of what an event follows.
    fn before(&self, event: &Event) -> Option<Timestamp> {
        Some(self.events.get(&event.prev?)?.act.at)
    }
}

/// An accepted event, with all records that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) ids: Vec<RecordId>,
    pub(crate) at: Timestamp,
    /// None when the network has closed.
    pub(crate) keys: Option<Keys>,
    /// The guardians consented, and the date is that of the last consent needed.
    consented: bool,
}

impl Link {
    /// Makes the link to which these records, of one body, lead by their signer alone.
    pub(super) fn led_by(records: &[&Event]) -> Self {
        let at = records.iter().map(|event| event.act.at).min().unwrap_or(Timestamp::ZERO);
        Self { consented: false, ..Self::consented(at, records) }
    }

    fn consented(at: Timestamp, records: &[&Event]) -> Self {
        let ids = records.iter().map(|event| event.act.id).collect();
        let keys = records.first().and_then(|event| event.body.keys()).cloned();
        Self { ids, at, keys, consented: true }
    }

    /// Fixes the date to that of the record which the next ones name: who finds the rotation key
    /// later may say the same again under another date, and changes nothing.
    pub(super) fn pin(&mut self, next: &[&Event], tree: &Tree<'_>) {
        let named = next.iter().filter_map(|event| tree.before(event)).min();
        self.at = named.filter(|_| !self.consented).unwrap_or(self.at);
    }
}

/// Records that say the same.
type Equal<'a> = Vec<&'a Event>;

/// What follows one link, sorted by what comes of it.
#[derive(Default)]
pub(super) struct Fork<'a> {
    /// Rotations, and the closing.
    pub(super) rotations: Vec<Equal<'a>>,
    /// What enough guardians consent to, with the date of the last consent needed.
    complete: Vec<(Timestamp, Equal<'a>)>,
    /// What too few guardians consent to.
    pub(super) incomplete: Vec<Equal<'a>>,
    /// Rotations that name other guardians.
    pub(super) unasked: Equal<'a>,
}

impl<'a> Fork<'a> {
    /// Sorts what follows a link.
    pub(super) fn at(link: &Link, tree: &Tree<'a>) -> Self {
        let mut fork = Self::default();
        let Some(keys) = &link.keys else { return fork };
        let mut rotations: BTreeMap<BodyHash, Equal<'a>> = BTreeMap::new();
        let mut consents: BTreeMap<BodyHash, Equal<'a>> = BTreeMap::new();
        let in_time = |event: &Event| {
            event.act.at >= link.at && tree.before(event).is_some_and(|at| event.act.at >= at)
        };
        for event in tree.after(link).filter(|event| in_time(event)) {
            match &event.body {
                Identity::Rotate(next) if !keys.may_dismiss(next) => fork.unasked.push(event),
                Identity::Rotate(_) | Identity::Close => {
                    rotations.entry(event.hash).or_default().push(event);
                }
                Identity::Guard(next) if (next.key, next.next) != (keys.key, keys.next) => {}
                Identity::Recover(_) | Identity::Guard(_) => {
                    consents.entry(event.hash).or_default().push(event);
                }
                Identity::Inception(_) | Identity::Revoke(_) => {}
            }
        }
        fork.rotations = rotations.into_values().collect();
        for records in consents.into_values() {
            match quorum(&records, keys.need) {
                Some(at) => fork.complete.push((at, records)),
                None => fork.incomplete.push(records),
            }
        }
        fork
    }

    /// Takes out what leads to keys that will not do.
    pub(super) fn dismiss(&mut self, fine: impl Fn(&Keys) -> bool) -> Vec<Equal<'a>> {
        let fits =
            |records: &Equal<'a>| records.first().and_then(|e| e.body.keys()).is_none_or(&fine);
        let mut out: Vec<Equal<'a>> = self.rotations.extract_if(.., |r| !fits(r)).collect();
        out.extend(self.incomplete.extract_if(.., |r| !fits(r)));
        out.extend(self.complete.extract_if(.., |(_, r)| !fits(r)).map(|(_, records)| records));
        out
    }

    /// Returns the link on which the log goes on; none when nothing leads on, or two rotations do.
    pub(super) fn choose(&self, tree: &Tree<'a>) -> Option<(Link, Equal<'a>)> {
        let contested = self.rotations.len() + usize::from(!self.complete.is_empty()) > 1;
        let confirmed = self.rotations.iter().filter(|r| contested && is_confirmed(r, tree));
        let rotated = |records: &Equal<'a>| (Link::led_by(records), records.clone());
        if let Some(records) = confirmed.min_by_key(|records| lowest(records)) {
            return Some(rotated(records));
        }
        let complete = self.complete.iter().min_by_key(|(at, records)| (*at, lowest(records)));
        match (complete, self.rotations.as_slice()) {
            (Some((at, records)), _) => Some((Link::consented(*at, records), records.clone())),
            (None, [records]) => Some(rotated(records)),
            (None, _) => None,
        }
    }
}

/// Says whether the guardians have consented to something that rests on these rotations.
fn is_confirmed(rotations: &Equal<'_>, tree: &Tree<'_>) -> bool {
    let mut open = vec![rotations.clone()];
    while let Some(records) = open.pop() {
        let fork = Fork::at(&Link::led_by(&records), tree);
        if !fork.complete.is_empty() {
            return true;
        }
        open.extend(fork.rotations);
    }
    false
}

impl Keys {
    /// Says whether a rotation may follow that names these: who has guardians keeps them.
    fn may_dismiss(&self, next: &Self) -> bool {
        self.guardians.is_empty() || (&self.guardians, self.need) == (&next.guardians, next.need)
    }
}

/// Returns when the last needed guardian signed, if as many have.
pub(super) fn quorum(records: &[&Event], need: u8) -> Option<Timestamp> {
    let mut signed: BTreeMap<PublicKey, Timestamp> = BTreeMap::new();
    for event in records {
        let at = signed.entry(event.act.key).or_insert(event.act.at);
        *at = (*at).min(event.act.at);
    }
    let mut dates: Vec<Timestamp> = signed.into_values().collect();
    dates.sort_unstable();
    dates.get(usize::from(need).checked_sub(1)?).copied()
}

/// Says how many of the guardians needed have signed.
pub(super) fn missing(records: &[&Event], need: u8) -> Why {
    let signers: BTreeSet<PublicKey> = records.iter().map(|event| event.act.key).collect();
    Why::GuardiansMissing { have: u8::try_from(signers.len()).unwrap_or(u8::MAX), need }
}

fn lowest(records: &[&Event]) -> Option<RecordId> {
    records.iter().map(|event| event.act.id).min()
}
