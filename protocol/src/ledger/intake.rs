//! How records come in and go out.
//!
//! **Invariant:** which records are stored is the least set that is closed under naming: a record
//! is stored when stored records of its network name its key, whatever they are worth, as far as there
//! is room (`crowd`).

use std::collections::BTreeSet;

use super::entry::{self, Dated, Entry, Facts, Marks, Part, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::{CLOCK_SKEW, Change, Ledger, Outcome, Refusal, Waiting};
use crate::authority::{Act, Naming, Standing};
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::record::{Home, Kind, Reach, Record};
use crate::region::Region;
use crate::steps;
use crate::time::Timestamp;

impl Ledger {
    /// Stores a record, or lets it wait, and admits what waited for it; nothing is judged yet.
    pub(super) fn take_in(&mut self, record: &Record) -> Outcome {
        let outcome = self.consider(record);
        let names_keys = matches!(record.body(), Body::Identity(_) | Body::Role(_));
        if !(matches!(outcome, Outcome::New(_)) && names_keys) {
            return outcome;
        }
        let mut fresh = vec![record.clone()];
        while let Some(record) = fresh.pop() {
            for waited in self.called_by(&record) {
                if matches!(self.consider(&waited), Outcome::New(_)) {
                    self.say(Change::Admitted(Box::new(waited.clone())));
                    fresh.push(waited);
                }
            }
        }
        outcome
    }

    /// Takes from the pool what may have waited for this record.
    fn called_by(&mut self, record: &Record) -> Vec<Record> {
        let keys = match record.body() {
            Body::Identity(_) => return self.pool.take_if(record.net(), |_| true),
            Body::Role(role) => {
                let handle = self.ids.find(&record.net().0);
                let network = handle.and_then(|handle| self.networks.get(&handle));
                let grants = network.into_iter().flat_map(|n| n.support.grants.values());
                let under = grants.filter(|grant| grant.act.role == Some(record.thing()));
                under.map(|grant| grant.body.holder).chain([role.holder]).collect::<Vec<_>>()
            }
            _ => return Vec::new(),
        };
        self.pool.take_if(record.net(), |waiting| keys.contains(&waiting.key()))
    }

    fn consider(&mut self, record: &Record) -> Outcome {
        let header = record.header();
        let known = self.ids.find(&record.id().0);
        if known.is_some_and(|id| self.entry(id).is_some())
            || self.pool.waits(&record.id()).is_some()
        {
            return Outcome::Known;
        }
        if header.until <= self.now {
            return Outcome::Refused(Refusal::Expired);
        }
        let due = header.at - CLOCK_SKEW;
        if due > self.now {
            return self.pool_it(record, Waiting::Due(due));
        }
        let act = entry::act(record.id(), record.key(), header);
        let mut part = Part::of(act, header, record.body(), record.body_hash());
        let net = header.net.map_or(known, |net| self.ids.find(&net.0));
        let waiting = match self.naming(&part, (record.net(), net)) {
            Naming::Named => {
                let thing = self.ids.find(&record.thing().0);
                let room = self.fits(net, &mut part);
                let worn_out = thing.is_some_and(|thing| self.is_worn_out(thing));
                if !room || worn_out || self.is_crowded(header, record.body(), &act) {
                    return Outcome::Refused(Refusal::Surplus);
                }
                let id = known.unwrap_or_else(|| self.ids.add(&record.id().0));
                // Only an inception is named by nobody before it, and is its own network.
                self.store(id, net.unwrap_or(id), record, part);
                self.thin_out(id);
                return Outcome::New(Standing::Valid);
            }
            Naming::Missing(id) => Waiting::Missing(id),
            Naming::Unnamed => Waiting::Unnamed,
        };
        self.pool_it(record, waiting)
    }

    fn pool_it(&mut self, record: &Record, waiting: Waiting) -> Outcome {
        self.pool.add(record.clone(), waiting);
        self.call_for(record.net().0);
        Outcome::Pooled(waiting)
    }

    /// Says whether a network, by name and handle, has named the key of a record.
    pub(super) fn naming(&self, part: &Part, net: (NetId, Option<Handle>)) -> Naming {
        match net.1.and_then(|handle| self.networks.get(&handle)) {
            Some(network) => part.named_by(&network.support, net.0),
            None => part.named_by(&crate::authority::Support::default(), net.0),
        }
    }

    fn store(&mut self, id: Handle, net: Handle, record: &Record, part: Part) {
        let header = record.header();
        let entry = Entry {
            net,
            thing: self.ids.intern(&record.thing().0),
            role: header.role.map_or(NONE, |role| self.ids.intern(&role.0)),
            key: self.keys.intern(&record.key().0),
            home: header.home.as_ref().map_or(NONE, |home| self.home_place(home)),
            rev: record.rev(),
            // At most 16 384.
            size: u16::try_from(record.bytes().len()).unwrap_or(u16::MAX),
            sort: Sort::of(&header.kind),
            verdict: Verdict::Unjudged,
            marks: Marks::default(),
            at: header.at,
            until: header.until,
            facts: Facts::of(&mut self.ids, record.body(), record.body_hash(), header.until),
        };
        if let Kind::Other(_) = header.kind {
            self.index.kinds.insert(id, header.kind.clone());
        }
        if !header.version.prev.is_empty() && header.kind != Kind::Identity {
            self.index.prev.insert(id, header.version.prev.clone().into());
        }
        if let Part::Ending(end) = &part {
            for target in &end.targets {
                let thing = self.ids.intern(&target.thing.0);
                self.index.ends.insert((thing, net, id));
                self.work.things.insert(thing);
                if let Some(about) = target.about {
                    let about = self.ids.intern(&about.0);
                    self.carrying.note_about(about, id);
                }
            }
        }
        let network = self.networks.entry(entry.net).or_default();
        network.records.insert(id);
        network.bytes += u64::from(entry.size);
        let roles = part.roles(&network.support);
        let log = matches!(part, Part::Event(_));
        if log || !roles.is_empty() {
            network.fresh.log |= log;
            network.fresh.roles.extend(roles);
            self.work.networks.insert(entry.net);
        }
        part.join(&mut network.support);
        self.enter_indexes(id, &entry);
        self.call_after(&entry);
        let thing = entry.thing;
        let place = id as usize;
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, || None);
        }
        self.entries[place] = Some(entry);
        self.stored += 1;
        self.work.records.insert(id);
        self.reconsider_dependents(thing);
    }

    fn enter_indexes(&mut self, id: Handle, entry: &Entry) {
        self.index.versions.insert((entry.thing, id));
        if entry.role != NONE {
            self.index.under.insert((entry.role, id));
        }
        if let Some(group) = entry.group() {
            self.index.groups.insert((group, id));
        }
        if let Facts::Answer(answer) = &entry.facts
            && matches!(answer.kind, ResponseKind::Concern | ResponseKind::Ballot)
        {
            self.index.raised.insert((answer.to, answer.kind, id));
        }
        if let Facts::Tie(tie) = &entry.facts {
            for party in tie.parties.iter() {
                self.index.ties.insert((*party, id));
            }
        }
        self.index.dates.entry(entry.sort).or_default().insert(Dated { at: entry.at, id });
        if entry.until != Timestamp::NEVER {
            self.index.expiry.insert(Dated { at: entry.until, id });
        }
    }

    /// A version of a thing has come or gone: with the first to come, and the last to go, answers
    /// may need another power.
    fn reconsider_dependents(&mut self, thing: Handle) {
        if self.versions(thing).nth(1).is_none() {
            let answers: Vec<Handle> = self.answers(thing).collect();
            self.work.records.extend(answers);
        }
        self.work.things.insert(thing);
    }

    /// Drops what has expired and admits what is due.
    pub(super) fn expire(&mut self) {
        while let Some(&Dated { at, id }) = self.index.expiry.first() {
            if at > self.now {
                break;
            }
            let (net, thing) = self.entry(id).map_or((NONE, NONE), |e| (e.net, e.thing));
            let (net, kind) = (self.net_id(net), self.kind(id));
            let over = Some((self.thing_id(thing), at));
            self.remove(id);
            self.say(Change::Dropped { id: self.record_id(id), net, kind, over });
        }
        while let Some(timer) = self.index.timers.first().copied() {
            let Dated { at, id: thing } = timer;
            if at > self.now {
                break;
            }
            self.index.timers.remove(&timer);
            self.work.things.insert(thing);
        }
        for record in self.pool.advance(self.now) {
            if matches!(self.take_in(&record), Outcome::New(_)) {
                self.say(Change::Admitted(Box::new(record)));
            }
        }
        self.sweep();
    }

    /// Takes a record out of the state, as if it had never been here.
    pub(super) fn remove(&mut self, id: Handle) {
        self.dismiss_everywhere(id);
        self.leave_sets(id);
        let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::take) else { return };
        self.stored -= 1;
        self.index.versions.remove(&(entry.thing, id));
        self.index.under.remove(&(entry.role, id));
        self.leave_group(id, &entry);
        if let Some(dates) = self.index.dates.get_mut(&entry.sort) {
            dates.remove(&Dated { at: entry.at, id });
        }
        self.index.expiry.remove(&Dated { at: entry.until, id });
        self.index.kinds.remove(&id);
        self.index.prev.remove(&id);
        self.work.things.insert(entry.thing);
        let name = self.record_id(id);
        if let Some(network) = self.networks.get_mut(&entry.net) {
            network.records.remove(&id);
            network.bytes = network.bytes.saturating_sub(u64::from(entry.size));
            if entry.sort == Sort::End
                && let Some(end) = network.support.ends.get(&name)
            {
                for target in end.targets.clone() {
                    if let Some(thing) = self.ids.find(&target.thing.0) {
                        self.index.ends.remove(&(thing, entry.net, id));
                        self.work.things.insert(thing);
                    }
                    if let Some(about) = target.about.and_then(|about| self.ids.find(&about.0)) {
                        self.carrying.forget_about(about, id);
                    }
                }
            }
            if entry.is_support() {
                let end = network.support.ends.get(&name);
                let ended = end.into_iter().flat_map(|end| end.targets.iter());
                let mut roles: Vec<ThingId> = ended.map(|target| target.thing).collect();
                roles.retain(|role| network.support.has_role(role));
                let accepted = matches!(entry.facts, Facts::Answer(_));
                let accepted = accepted.then(|| ThingId(self.ids.name(entry.role)));
                roles.extend(accepted);
                if entry.sort == Sort::Role {
                    roles.push(ThingId(self.ids.name(entry.thing)));
                }
                network.support.remove(&name, accepted);
                network.fresh.log |= entry.sort == Sort::Identity;
                network.fresh.roles.extend(roles);
                self.work.networks.insert(entry.net);
            }
        }
        if let Facts::Answer(answer) = &entry.facts {
            self.work.things.insert(answer.to);
        }
        self.reconsider_dependents(entry.thing);
        self.touch_kin(entry.sort, entry.net, entry.thing);
    }

    /// Takes a record out of the indexes that lead from what it says.
    pub(super) fn leave_group(&mut self, id: Handle, entry: &Entry) {
        if let Some(group) = entry.group() {
            self.index.groups.remove(&(group, id));
            self.work.groups.insert(group);
        }
        if let Facts::Answer(answer) = &entry.facts {
            self.index.words.remove(&(answer.to, answer.kind, id));
            self.index.raised.remove(&(answer.to, answer.kind, id));
        }
        if let Facts::Tie(tie) = &entry.facts {
            for party in tie.parties.iter() {
                self.index.ties.remove(&(*party, id));
            }
        }
    }

    /// Forgets the homes and the regions that nothing refers to.
    fn sweep_homes(&mut self, names: &[bool]) {
        let used: BTreeSet<u32> = self.entries.iter().flatten().map(|entry| entry.home).collect();
        self.homes.sweep(|home, _| used.contains(&home));
        let homes = used.iter().filter_map(|home| self.homes.get(*home));
        let shared = homes.filter(|home| home.reach != Reach::Own);
        let regions: BTreeSet<Region> = shared.map(|home| home.region.clone()).collect();
        self.carrying.sweep(&regions, names);
    }

    /// Takes back the handles of names that nothing refers to, when they are many: it looks at all that
    /// is here, so not before there are twice as many names as it left the last time.
    fn sweep(&mut self) {
        let names = self.ids.len() + self.keys.len();
        if names < 1024 || names < self.stored * 4 || names < self.swept * 2 {
            return;
        }
        let mut keys = self.keys.unused();
        let mut used = self.ids.unused();
        let mut mark = |handle: Handle| {
            if let Some(used) = used.get_mut(handle as usize) {
                *used = true;
            }
        };
        for (id, entry) in self.entries.iter().enumerate() {
            steps::step();
            let Some(entry) = entry else { continue };
            mark(Handle::try_from(id).unwrap_or(NONE));
            [entry.net, entry.thing, entry.role].into_iter().for_each(&mut mark);
            keys[entry.key as usize] = true;
            match &entry.facts {
                Facts::Erased | Facts::Support => {}
                Facts::Call(call) => mark(call.part_of),
                Facts::Answer(answer) => answer.names().for_each(&mut mark),
                Facts::Tie(tie) => tie.parties.iter().copied().for_each(&mut mark),
                Facts::Carriage(carriage) => {
                    mark(carriage.tie);
                    carriage.via.iter().for_each(|(net, _)| mark(*net));
                    carriage.things.iter().for_each(|(net, thing)| {
                        mark(*net);
                        mark(*thing);
                    });
                }
                Facts::Proposal(proposal) => proposal.names().for_each(&mut mark),
                Facts::Gathering(gathering) => gathering.names().for_each(&mut mark),
                Facts::Disclosure(disclosure) => disclosure.names().for_each(&mut mark),
                Facts::Other(_) => {}
            }
        }
        self.index.ends.iter().for_each(|(thing, ..)| mark(*thing));
        self.index.timers.iter().for_each(|thing| mark(thing.id));
        self.work.things.iter().for_each(|thing| mark(*thing));
        self.work.records.iter().for_each(|id| mark(*id));
        self.work.networks.iter().for_each(|net| mark(*net));
        self.work.carriages.iter().for_each(|id| mark(*id));
        self.work.guests.iter().for_each(|thing| mark(*thing));
        self.carrying.names().for_each(&mut mark);
        self.networks.keys().for_each(|net| mark(*net));
        self.folded.take();
        self.ids.sweep(&used);
        self.keys.sweep(&keys);
        self.swept = self.ids.len() + self.keys.len();
        self.sweep_homes(&used);
    }

    fn home_place(&mut self, home: &Home) -> u32 {
        if home.reach != Reach::Own {
            self.carrying.place(&home.region);
        }
        self.homes.number(home)
    }

    /// Returns the stored record of this handle.
    pub(super) fn entry(&self, id: Handle) -> Option<&Entry> {
        steps::step();
        self.entries.get(id as usize)?.as_ref()
    }

    pub(super) fn home(&self, entry: &Entry) -> Option<&Home> {
        self.homes.get(entry.home)
    }

    pub(super) fn record_id(&self, id: Handle) -> RecordId {
        RecordId(self.ids.name(id))
    }

    pub(super) fn net_id(&self, net: Handle) -> NetId {
        NetId(self.ids.name(net))
    }

    pub(super) fn thing_id(&self, thing: Handle) -> ThingId {
        ThingId(self.ids.name(thing))
    }

    pub(super) fn key_of(&self, entry: &Entry) -> PublicKey {
        PublicKey(self.keys.name(entry.key))
    }

    /// Returns who signed a stored record, when.
    pub(super) fn act(&self, id: Handle, entry: &Entry) -> Act {
        Act {
            id: self.record_id(id),
            key: self.key_of(entry),
            role: (entry.role != NONE).then(|| self.thing_id(entry.role)),
            at: entry.at,
            until: entry.until,
        }
    }
}

impl Entry {
    /// Says whether the record is part of its network's support. An acceptance that is kept among
    /// the network's own nodes is not.
    pub(super) fn is_support(&self) -> bool {
        let acceptance = matches!(&self.facts, Facts::Answer(answer)
            if answer.kind == ResponseKind::Accept
                && self.role == answer.to);
        matches!(self.sort, Sort::Identity | Sort::Role | Sort::End) || acceptance
    }
}
