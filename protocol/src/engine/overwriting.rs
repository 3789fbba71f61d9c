//! When the bytes of what was erased, or is over, are overwritten.
//!
//! An erasure hides what it names at once, and for three days it can be undone: so long, whoever was
//! robbed of a key has to take it back, and what the thief erased comes back of itself. What is over
//! and of nobody who lives here goes after the same time.
//!
//! **Invariant:** the three days count from when this node hid a record, by its own clock; no date
//! that anybody signed makes them shorter
//! (`an_erasure_hides_at_once_and_overwrites_after_three_days_whatever_its_date`).
//!
//! **Invariant:** what is hidden is in no set and no answer
//! (`what_a_thief_erased_comes_back_when_the_key_is_taken_back`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::views::record;
use super::{Engine, Seq, Store};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::id::{NetId, RecordId, ThingId};
use crate::ledger::{Change, Outcome, Place, Tombstone};
use crate::record::Record;
use crate::time::Timestamp;

/// How long what was erased, or is over, can still come back: long enough to notice a theft over a
/// weekend, and no longer than a number on a list may stand about.
pub const OVERWRITTEN_AFTER: Duration = Duration::from_secs(72 * 3600);

/// How long after its start a node overwrites nothing that was over before: long enough for peers, and
/// people, to say that its clock is wrong.
const SETTLES_IN: Duration = Duration::from_secs(3600);

/// The most that is overwritten at once: a few milliseconds of a slow disk.
const AT_ONCE: usize = 256;

/// The most records that are over and wait, some 5 MiB: more are overwritten at once, or, when they are
/// found at a start, after the next.
const OVER_MAX: usize = 65_536;

/// What waits to be overwritten, for three days: about 250 bytes of memory for each erased record, of which
/// there are as many as admission lets a network have, and 80 for each of [`OVER_MAX`] that are over.
#[derive(Debug, Default)]
pub(super) struct Overwriting {
    hidden: BTreeMap<RecordId, (Timestamp, Tombstone)>,
    /// The hidden records by their things.
    things: BTreeSet<(ThingId, RecordId)>,
    due: BTreeSet<(Timestamp, RecordId)>,
    /// What came back and waits to be judged: its bytes are on the disk.
    back: BTreeSet<RecordId>,
    /// What was found at the start: erased, or that it no longer is.
    found: BTreeMap<RecordId, Option<Tombstone>>,
}

impl Overwriting {
    fn hide(&mut self, tombstone: Tombstone, due: Timestamp) {
        self.show(&tombstone.id);
        self.hidden.insert(tombstone.id, (due, tombstone));
        self.things.insert((tombstone.thing, tombstone.id));
        self.due.insert((due, tombstone.id));
    }

    /// Takes out what is hidden no longer, and returns what was to stay of it.
    fn show(&mut self, id: &RecordId) -> Option<Tombstone> {
        let (due, tombstone) = self.hidden.remove(id)?;
        self.things.remove(&(tombstone.thing, *id));
        self.due.remove(&(due, *id));
        Some(tombstone)
    }

    /// Takes note that a record is over, and of nobody who lives here.
    fn over(&mut self, id: RecordId, due: Timestamp) {
        if !self.hidden.contains_key(&id) {
            self.due.insert((due, id));
        }
    }

    /// Says whether as many wait as may.
    fn is_full(&self) -> bool {
        self.due.len() - self.hidden.len() >= OVER_MAX
    }

    /// Says whether nothing is hidden.
    fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// Says whether a record that is let in now is on the disk already, because it was hidden.
    pub(super) fn is_back(&mut self, id: &RecordId) -> bool {
        self.back.remove(id)
    }

    /// Returns when something is to be overwritten.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.due.first().map(|(due, _)| *due)
    }

    fn of_thing(&self, thing: ThingId) -> impl Iterator<Item = &Tombstone> {
        let (first, last) = (RecordId([0; 32]), RecordId([0xff; 32]));
        let ids = self.things.range((thing, first)..=(thing, last));
        ids.filter_map(|(_, id)| self.hidden.get(id)).map(|(_, tombstone)| tombstone)
    }
}

impl Engine {
    /// Hides what was erased, until it is due to be overwritten. Of what is not here only the tombstone
    /// is kept.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn hide<S: Store>(
        &mut self,
        now: Timestamp,
        tombstone: &Tombstone,
        store: &mut S,
    ) -> Result<(), S::Error> {
        if record(&tombstone.id, store)?.is_none() {
            return store.stage_erase(tombstone);
        }
        let due = now + OVERWRITTEN_AFTER;
        store.stage_hide(tombstone, due)?;
        self.overwriting.hide(*tombstone, due);
        Ok(())
    }

    /// Takes back what is erased no longer: if its bytes are still here, it is judged anew. Returns it
    /// when it counts again.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn take_back<S: Store>(
        &mut self,
        now: Timestamp,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Record>, S::Error> {
        let is_here = self.overwriting.show(id).is_some();
        store.stage_lift(id)?;
        if !is_here {
            return Ok(None);
        }
        let Some(record) = record(id, store)? else { return Ok(None) };
        Ok(match self.ledger.insert(&record, now) {
            Outcome::New(_) => {
                self.bridging.note(&record);
                Some(record)
            }
            Outcome::Pooled(_) => {
                self.overwriting.back.insert(*id);
                None
            }
            Outcome::Known => None,
            Outcome::Refused(_) => {
                self.let_go(&record, now);
                None
            }
        })
    }

    /// Looks again at what an erasure has erased of the past, for it counts no longer. Returns whether
    /// anything came back.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn take_back_past<S: Store>(
        &mut self,
        now: Timestamp,
        erasure: &RecordId,
        store: &mut S,
    ) -> Result<bool, S::Error> {
        if self.overwriting.is_empty() {
            return Ok(false);
        }
        let Some(end) = record(erasure, store)? else { return Ok(false) };
        let Body::End(body) = end.body() else { return Ok(false) };
        if body.kind != EndKind::Erase {
            return Ok(false);
        }
        let mut back = Vec::new();
        for target in body.targets.iter() {
            let over = |t: &&Tombstone| t.net == end.net() && t.until <= now;
            back.extend(self.overwriting.of_thing(target.thing).filter(over).map(|t| t.id));
        }
        let mut staged = false;
        for id in back {
            let Some(hidden) = store.hidden(&id)? else { continue };
            if !hidden.record().is_some_and(|record| self.is_erased(&record)) {
                self.take_back(now, &id, store)?;
                staged = true;
            }
        }
        Ok(staged)
    }

    /// Iterates over what networks that live here, or this one of them, have erased and can still come
    /// back.
    pub(super) fn hidden(&self, net: Option<NetId>) -> impl Iterator<Item = RecordId> {
        let homes: BTreeSet<NetId> = self.settings.homes().collect();
        let meant = move |t: &&Tombstone| homes.contains(&t.net) && net.is_none_or(|n| n == t.net);
        let all = self.overwriting.hidden.values().map(|(_, tombstone)| tombstone);
        all.filter(meant).map(|tombstone| tombstone.id)
    }

    /// Remembers a record that is over, if it is of a network that lives here; any other is to be
    /// overwritten.
    fn let_go(&mut self, record: &Record, now: Timestamp) {
        self.outlive(record);
        self.overwrite_later(&record.id(), now);
    }

    /// Takes note that what the ledger has let go is to be overwritten, unless it is remembered.
    pub(super) fn overwrite_later(&mut self, id: &RecordId, now: Timestamp) {
        if self.past.get(id).is_none() {
            let wait = if self.overwriting.is_full() { Duration::ZERO } else { OVERWRITTEN_AFTER };
            self.overwriting.over(*id, now + wait);
        }
    }

    /// Overwrites some of what is due.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn overwrite<S: Store>(
        &mut self,
        now: Timestamp,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let mut staged = false;
        for _ in 0..AT_ONCE {
            let Some(&(_, id)) = self.overwriting.due.first().filter(|(due, _)| *due <= now) else {
                break;
            };
            if let Some(tombstone) = self.overwriting.show(&id) {
                store.stage_erase(&tombstone)?;
                staged = true;
                continue;
            }
            self.overwriting.due.pop_first();
            if !self.ledger.knows(&id) && self.past.get(&id).is_none() {
                store.stage_forget(&id)?;
                staged = true;
            }
        }
        if staged {
            let seq = store.seal();
            self.durable.hold(seq, Vec::new());
            self.out.push(super::Effect::Persist(seq));
        }
        Ok(())
    }

    /// Takes note, at the start, of what is over and what of it is hidden.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn restore_over<S: Store>(
        &mut self,
        now: Timestamp,
        record: &Record,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let (id, until) = (record.id(), record.header().until);
        self.gone.note((id, record.thing()), &(record.header().kind.clone(), until));
        if let Some(hidden) = store.hidden(&id)? {
            let (thing, net) = (record.thing(), record.net());
            self.gone.erase((id, thing));
            self.overwriting.hide(Tombstone { id, thing, net, until }, hidden.due);
            return Ok(());
        }
        self.outlive(record);
        if self.past.get(&id).is_none() && !self.overwriting.is_full() {
            self.overwriting.over(id, (until + OVERWRITTEN_AFTER).max(now + SETTLES_IN));
        }
        Ok(())
    }

    /// Keeps what the ledger says of erasures while it is filled: only the last word counts.
    pub(super) fn note_erasures(&mut self) {
        for change in self.ledger.take_changes() {
            match change {
                Change::Erased(tombstone) => {
                    self.overwriting.found.insert(tombstone.id, Some(tombstone));
                }
                Change::Lifted(id) => {
                    self.overwriting.found.insert(id, None);
                }
                _ => {}
            }
        }
    }

    /// Ends the taking in of what the store holds, after the last [`Engine::restore`] and before the
    /// first input: what is erased stays hidden as long as it was to be, and what a crash kept from
    /// being hidden, or brought back, is. The batch that is returned is to be made durable.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn restored<S: Store>(
        &mut self,
        now: Timestamp,
        store: &mut S,
    ) -> Result<Option<Seq>, S::Error> {
        let mut staged = false;
        for (id, erased) in std::mem::take(&mut self.overwriting.found) {
            match (erased, store.hidden(&id)?) {
                (Some(tombstone), Some(hidden)) => self.overwriting.hide(tombstone, hidden.due),
                // What was overwritten long ago has nothing left to erase.
                (Some(tombstone), None) if store.bytes(&id)?.is_some() => {
                    self.hide(now, &tombstone, store)?;
                    staged = true;
                }
                (Some(_), None) => {}
                (None, hidden) => {
                    if hidden.is_some() {
                        store.stage_lift(&id)?;
                        staged = true;
                    }
                    // The ledger let it go when it was erased.
                    let back = record(&id, store)?.filter(|_| !self.ledger.knows(&id));
                    self.ledger.replay(back.as_slice(), now);
                }
            }
        }
        // What is judged now was told about when it came.
        self.ledger.take_changes();
        for id in store.all_hidden() {
            let erased = self.ledger.summary(&id).is_some_and(|s| s.place == Place::Erased);
            if !erased && !self.overwriting.hidden.contains_key(&id) {
                store.stage_lift(&id)?;
                staged = true;
            }
        }
        Ok(staged.then(|| store.seal()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NetId;

    fn id(n: usize) -> RecordId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        RecordId(id)
    }

    #[test]
    fn so_many_that_are_over_wait_and_what_is_hidden_is_not_among_them() {
        let (mut waiting, due) = (Overwriting::default(), Timestamp::from_secs(2_000_000_000));
        let hidden = |n: usize| {
            let (thing, net) = (ThingId(id(n).0), NetId([1; 32]));
            Tombstone { id: id(n), thing, net, until: due }
        };
        (0..10).for_each(|n| waiting.hide(hidden(n), due));
        (0..OVER_MAX + 9).for_each(|n| waiting.over(id(n), due));
        assert!(!waiting.is_full(), "ten of them are hidden");
        waiting.over(id(OVER_MAX + 9), due);
        assert!(waiting.is_full());
        assert!(waiting.show(&id(3)).is_some() && waiting.show(&id(3)).is_none());
        assert_eq!(waiting.deadline(), Some(due));
    }
}
