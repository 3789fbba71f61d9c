//! Whom the stored records ask for: the parties of their ties, what they lack, and the answers to
//! them.
//!
//! **Invariant:** whenever a record that was not asked for is asked for from now on, one of its
//! names is called: whoever keeps what was refused need look again at nothing else.

use super::entry::{self, Entry, Facts, Part, Sort};
use super::ids::{Handle, NONE};
use super::{Ledger, intake};
use crate::admission::{Claim, Wanted};
use crate::authority::{Naming, Support};
use crate::id::{NetId, RecordId, ThingId};
use crate::record::Record;

impl Ledger {
    /// Lets names be called from now on, for whoever takes them with [`Ledger::take_called`].
    pub fn listen(&mut self) {
        self.called.get_or_insert_default();
    }

    /// Takes the names that were called since the last time.
    pub fn take_called(&mut self) -> Vec<[u8; 32]> {
        let mut called = self.called.as_mut().map(std::mem::take).unwrap_or_default();
        called.sort_unstable();
        called.dedup();
        called
    }

    /// What has this name may be asked for from now on.
    pub(super) fn call_for(&mut self, name: [u8; 32]) {
        if let Some(called) = &mut self.called {
            called.push(name);
        }
    }

    /// Calls for what a record that is being stored asks for: answers to it, what backs it, and the
    /// parties of a tie.
    pub(super) fn call_after(&mut self, entry: &Entry) {
        let Some(called) = &mut self.called else { return };
        let named: &[Handle] = match &entry.facts {
            Facts::Tie(tie) => &tie.parties,
            Facts::Answer(answer) => &[answer.to, answer.seen],
            _ => &[],
        };
        let names = [entry.net, entry.thing].into_iter().chain(named.iter().copied());
        called.extend(names.map(|name| self.ids.name(name)));
    }

    /// Says whether something that is stored asks for this record: it lacks it, a tie names its
    /// network as a party, the record answers something that is here and open, or it says who
    /// speaks for a network of which something is here.
    pub fn asks_for(&self, claim: &Claim) -> Option<Wanted> {
        let net = self.ids.find(&claim.net.0);
        let invites = |net: Handle| self.index.ties.range((net, 0)..=(net, NONE)).next().is_some();
        let lacked = self.ids.find(&claim.id.0).is_some_and(|id| self.missing.contains(&id));
        if lacked || net.is_some_and(invites) {
            return Some(Wanted::Named);
        }
        let answers = claim.to.is_some_and(|to| self.is_open(&to));
        (answers || self.backs(claim)).then_some(Wanted::Answers)
    }

    /// Says whether a record says who speaks for a network of which something is here, stored or
    /// waiting.
    pub fn backs(&self, claim: &Claim) -> bool {
        let net = self.ids.find(&claim.net.0).and_then(|net| self.networks.get(&net));
        let stored = net.is_some_and(|network| !network.records.is_empty());
        claim.follows && (stored || self.pool.has(claim.net))
    }

    /// Says whether something can be answered: a version of it is in a set, and has not ended.
    fn is_open(&self, thing: &ThingId) -> bool {
        let open = |entry: &Entry| {
            let speaks = !entry.is_support() && entry.sort != Sort::Carriage;
            speaks && entry.marks.in_set && !entry.marks.ended
        };
        let thing = self.ids.find(&thing.0);
        let versions = thing.into_iter().flat_map(|thing| self.versions(thing));
        versions.filter_map(|id| self.entry(id)).any(open)
    }

    /// Says whether stored records of its network name the key of a record.
    pub fn names_key_of(&self, record: &Record) -> bool {
        let part = part(record);
        let net = self.ids.find(&record.net().0);
        self.naming(&part, (record.net(), net)) == Naming::Named
    }
}

fn part(record: &Record) -> Part {
    let act = entry::act(record.id(), record.key(), record.header());
    Part::of(act, record.header(), record.body(), record.body_hash())
}

/// Returns which of a network's records are signed by keys that others among them name.
pub(crate) fn vouched<'a>(
    net: NetId,
    records: impl Iterator<Item = &'a Record> + Clone,
) -> Vec<RecordId> {
    let (mut support, mut vouched) = (Support::default(), Vec::new());
    loop {
        let before = vouched.len();
        for record in records.clone() {
            let part = part(record);
            let named = part.named_by(&support, net) == Naming::Named;
            if named && !vouched.contains(&record.id()) && !intake::is_malformed(record) {
                part.join(&mut support);
                vouched.push(record.id());
            }
        }
        if vouched.len() == before {
            return vouched;
        }
    }
}
