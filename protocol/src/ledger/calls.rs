//! Whom the stored records ask for: the parties of their ties, what they lack, and the answers to
//! them.
//!
//! **Invariant:** whenever a record that was not asked for is asked for from now on, one of its
//! names is called: whoever keeps what was refused need look again at nothing else.
//!
//! **Invariant:** a key speaks for a network only while that stands behind it; what such a key cannot
//! multiply by itself (the next event of a log, the first acceptance of a role) is the network's too.

use std::collections::BTreeSet;

use super::Ledger;
use super::entry::{self, Entry, Facts, Part, Sort};
use super::ids::{Handle, NONE};
use crate::authority::{Naming, Support};
use crate::id::{NetId, RecordId, ThingId};
use crate::record::{Claim, Record};

/// Why something that is stored asks for a record of whoever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Something lacks it, or a tie names its network as a party.
    Named,
    /// It answers something that is here and open, or says who does.
    Answers,
}

/// What the key that signed a record is to its network when the record arrives, as far as is known
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// It speaks for the network now.
    Speaks,
    /// The network has named it, and does not stand behind it now: its role was not accepted, has not
    /// begun or has ended, or the key was replaced or taken back.
    Idle,
    /// The network has not named it.
    Unnamed,
}

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

    /// Returns the names that what a network says asks for: those whom its ties name, and what its
    /// answers answer.
    pub fn named_by(&self, net: &NetId) -> Vec<[u8; 32]> {
        let network = self.ids.find(&net.0).and_then(|net| self.networks.get(&net));
        let records = network.into_iter().flat_map(|network| &network.records);
        let mut names = Vec::new();
        for entry in records.filter_map(|id| self.entry(*id)) {
            match &entry.facts {
                Facts::Tie(tie) => names.extend(tie.parties.iter().map(|p| self.ids.name(*p))),
                Facts::Answer(answer) => names.push(self.ids.name(answer.to)),
                _ => {}
            }
        }
        names
    }

    /// Says whether something that is stored asks for this record: somebody recognised answers it, or
    /// names its network as a party of a tie; or the record answers something that is here and open,
    /// or says who speaks for a network of which something is here. What nobody recognised says asks
    /// for nobody else.
    pub fn asks_for(&self, claim: &Claim, recognised: impl Fn(&NetId) -> bool) -> Option<Wanted> {
        let net = self.ids.find(&claim.net.0);
        let counts =
            |id: Handle| self.entry(id).is_some_and(|entry| recognised(&self.net_id(entry.net)));
        let mut ties =
            net.into_iter().flat_map(|net| self.index.ties.range((net, 0)..=(net, NONE)));
        let thing = self.ids.find(&claim.thing.0);
        let mut answers = thing.into_iter().flat_map(|thing| self.answers(thing));
        if ties.any(|(_, id)| counts(*id)) || answers.any(counts) {
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

    /// Says whether a record is of the little that is taken of a network that nobody recognises and
    /// that answers something here: its identity as far as it is in force, the roles under which it
    /// answers, each once with its acceptance, one profile, and ends of what is here. Under the given
    /// roles it is about to answer.
    pub fn lacks(&self, record: &Record, roles: &BTreeSet<ThingId>) -> bool {
        let net = self.ids.find(&record.net().0);
        let network = net.and_then(|net| self.networks.get(&net));
        let none = Support::default();
        let support = network.map_or(&none, |network| &network.support);
        let records =
            || network.into_iter().flat_map(|n| &n.records).filter_map(|id| self.entry(*id));
        let answers_under = |role: &ThingId| {
            let known = self.ids.find(&role.0);
            let stored = known.is_some_and(|role| records().any(|entry| entry.role == role));
            let under = |record: &Record| record.header().role == Some(*role);
            stored || roles.contains(role) || self.pool.any(record.net(), under)
        };
        match part(record) {
            Part::Event(event) => network.is_none_or(|n| n.authority.awaits(support, &event)),
            Part::Grant(grant) => {
                let thing = &grant.thing;
                support.grants_of(thing).next().is_none() && answers_under(thing)
            }
            Part::Acceptance(role, _) => {
                support.acceptances_of(&role).next().is_none() && answers_under(&role)
            }
            Part::Ending(end) => end.targets.iter().any(|target| {
                let thing = self.ids.find(&target.thing.0);
                thing.is_some_and(|thing| records().any(|entry| entry.thing == thing))
            }),
            Part::None(_) => records().all(|entry| entry.sort != Sort::Profile),
        }
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

    /// Says what the key of a record is to its network now, as far as stored records say.
    pub fn signer_of(&self, record: &Record) -> Signer {
        let part = part(record);
        let net = self.ids.find(&record.net().0);
        if self.naming(&part, (record.net(), net)) != Naming::Named {
            return Signer::Unnamed;
        }
        let network = net.and_then(|net| self.networks.get(&net));
        let act = entry::act(record.id(), record.key(), record.header());
        let speaks = match (&part, network) {
            // An inception: its key is its own, and there is one.
            (_, None) => true,
            (Part::Event(event), Some(net)) => net.authority.awaits(&net.support, event),
            (Part::Acceptance(role, _), Some(net)) => net.authority.offers(role, self.now),
            (_, Some(net)) => net.authority.speaks(&act, self.now),
        };
        if speaks { Signer::Speaks } else { Signer::Idle }
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
            if named && !vouched.contains(&record.id()) {
                part.join(&mut support);
                vouched.push(record.id());
            }
        }
        if vouched.len() == before {
            return vouched;
        }
    }
}
