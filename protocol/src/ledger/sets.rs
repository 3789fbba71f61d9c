//! Which records belong to which set of reconciliation.
//!
//! A record belongs to the set of its home (its region, or its network's own) until a later
//! version or answer, an end or an erasure takes its place. Whether it speaks makes no difference:
//! were a void record to leave the set, a node that has not heard why would keep it and never
//! learn the reason, for nothing in the set would call for that. What decisions rest on stays all
//! its life: who comes later counts the same seats, words and ballots; and so does the profile whose
//! nodes and sealing key count (`hosting`). Where a network has something, its support and its profile follow.
//!
//! **Invariant:** a set is a function of what is in it: a node that has stored exactly what is in
//! the set, and what this refers to, has the same set.
//!
//! What a bridge carries in from other regions, and what follows it, is in `carrying`.

use std::collections::BTreeSet;

use super::entry::Sort;
use super::ids::Handle;
use super::{Ledger, Shared};
use crate::record::Reach;
use crate::region::Region;
use crate::sync::{Key, Scope};
use crate::time::Timestamp;

impl Ledger {
    /// Lets a record join or leave its sets, as its place demands.
    pub(super) fn update_membership(&mut self, id: Handle) {
        let Some(entry) = self.entry(id) else { return };
        let marks = entry.marks;
        let replaced = marks.superseded || marks.outdone || marks.ended;
        let belongs =
            entry.is_support() || !marks.erased && (!replaced || entry.lasts() || marks.hosts);
        match (marks.in_set, belongs) {
            (false, true) => self.join_sets(id),
            (true, false) => self.leave_sets(id),
            _ => {}
        }
    }

    fn join_sets(&mut self, id: Handle) {
        let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut) else {
            return;
        };
        entry.marks.in_set = true;
        let (net, thing) = (entry.net, entry.thing);
        let (home, key) = (self.home_scope(id), self.key(id));
        if let Some(scope) = home {
            self.enter(&scope, key);
            self.count_up(net, scope);
        }
        if self.follows(id) {
            let Some(network) = self.networks.get_mut(&net) else { return };
            network.followers.insert(id);
            for scope in self.spread(net) {
                self.enter(&scope, key);
            }
        }
        self.note_carriage(id, true);
        self.touch_guests(thing);
    }

    /// Takes a record out of all sets.
    pub(super) fn leave_sets(&mut self, id: Handle) {
        let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut) else {
            return;
        };
        let (net, thing) = (entry.net, entry.thing);
        if !std::mem::take(&mut entry.marks.in_set) {
            return;
        }
        self.note_carriage(id, false);
        self.touch_guests(thing);
        let (home, key) = (self.home_scope(id), self.key(id));
        if let Some(network) = self.networks.get_mut(&net)
            && network.followers.remove(&id)
        {
            for scope in self.spread(net) {
                if !self.is_guest(id, &scope) {
                    self.leave(&scope, key);
                }
            }
        }
        if let Some(scope) = home {
            self.leave(&scope, key);
            self.count_down(net, &scope);
        }
    }

    /// Says whether the record goes wherever its network has something.
    fn follows(&self, id: Handle) -> bool {
        let Some(entry) = self.entry(id) else { return false };
        let reach = self.home(entry).map(|home| home.reach);
        match entry.sort {
            Sort::Profile => reach == Some(Reach::Movement),
            _ => entry.is_support() && reach != Some(Reach::Own),
        }
    }

    fn home_scope(&self, id: Handle) -> Option<Scope> {
        let entry = self.entry(id)?;
        let home = self.home(entry)?;
        Some(match home.reach {
            Reach::Own => Scope::Own(self.net_id(entry.net)),
            Reach::Region | Reach::Movement => Scope::Region(home.region.clone()),
        })
    }

    pub(super) fn key(&self, id: Handle) -> Key {
        let until = self.entry(id).map_or(Timestamp::NEVER, |entry| entry.until);
        let until = if until == Timestamp::NEVER { Key::NEVER } else { until.as_secs() };
        Key { until, id: self.record_id(id) }
    }

    pub(super) fn count_up(&mut self, net: Handle, scope: Scope) {
        // A carriage may name a network of which nothing is here yet.
        let network = self.networks.entry(net).or_default();
        if let Some(count) = network.scopes.get_mut(&scope) {
            *count += 1;
            return;
        }
        network.scopes.insert(scope.clone(), 1);
        if !keeps(&self.kept, &scope) {
            return;
        }
        for follower in network.followers.clone() {
            let key = self.key(follower);
            self.enter(&scope, key);
        }
    }

    pub(super) fn count_down(&mut self, net: Handle, scope: &Scope) {
        let Some(network) = self.networks.get_mut(&net) else { return };
        let Some(count) = network.scopes.get_mut(scope) else { return };
        *count -= 1;
        if *count > 0 {
            return;
        }
        network.scopes.remove(scope);
        if network.records.is_empty() && network.scopes.is_empty() {
            self.networks.remove(&net);
            return;
        }
        if !keeps(&self.kept, scope) {
            return;
        }
        for follower in network.followers.clone() {
            let key = self.key(follower);
            self.leave(scope, key);
        }
    }

    /// Keeps the sets of these regions from now on, beside those of networks' own records, and no
    /// others: who names a thousand homes makes no thousand sets.
    pub fn keep(&mut self, regions: BTreeSet<Region>) {
        self.fill_sets();
        let before = self.kept.replace(regions);
        let kept = &self.kept;
        self.sets.retain(|scope, _| keeps(kept, scope));
        let regions = self.kept.iter().flatten().cloned().map(Scope::Region);
        let new: Vec<Scope> =
            regions.filter(|scope| before.is_some() && !keeps(&before, scope)).collect();
        new.iter().for_each(|scope| self.build(scope));
    }

    /// Makes the set of a scope out of all that is here.
    fn build(&mut self, scope: &Scope) {
        let belongs = |id: &Handle| {
            let Some(entry) = self.entry(*id) else { return false };
            let network = self.networks.get(&entry.net);
            let follows =
                network.is_some_and(|n| n.followers.contains(id) && n.scopes.contains_key(scope));
            let lives = entry.marks.in_set && self.home_scope(*id).as_ref() == Some(scope);
            lives || follows || self.is_guest(*id, scope)
        };
        let all = self.networks.values().flat_map(|network| network.records.iter().copied());
        let keys: Vec<Key> = all.filter(belongs).map(|id| self.key(id)).collect();
        if !keys.is_empty() {
            self.sets.entry(scope.clone()).or_default().set.extend(keys);
        }
    }

    /// Returns the scopes in which a network has something, of those whose sets are kept.
    fn spread(&self, net: Handle) -> Vec<Scope> {
        let Some(network) = self.networks.get(&net) else { return Vec::new() };
        let Some(kept) = &self.kept else { return network.scopes.keys().cloned().collect() };
        let regions = kept.iter().cloned().map(Scope::Region);
        let all = regions.chain([Scope::Own(self.net_id(net))]);
        all.filter(|scope| network.scopes.contains_key(scope)).collect()
    }

    pub(super) fn enter(&mut self, scope: &Scope, key: Key) {
        if !keeps(&self.kept, scope) {
            return;
        }
        if !self.sets.contains_key(scope) {
            self.sets.insert(scope.clone(), Shared::default());
        }
        let Some(shared) = self.sets.get_mut(scope) else { return };
        if shared.entering.is_empty() {
            self.joined.push(scope.clone());
        }
        shared.entering.push(key);
    }

    /// Lets what has entered join the sets, each at once.
    pub(super) fn fill_sets(&mut self) {
        for scope in std::mem::take(&mut self.joined) {
            let Some(shared) = self.sets.get_mut(&scope) else { continue };
            let keys = std::mem::take(&mut shared.entering);
            shared.set.extend(keys);
        }
    }

    pub(super) fn leave(&mut self, scope: &Scope, key: Key) {
        if self.sets.get(scope).is_some_and(|shared| !shared.entering.is_empty()) {
            self.fill_sets();
        }
        let Some(shared) = self.sets.get_mut(scope) else { return };
        shared.set.remove(&key);
        if shared.set.is_empty() {
            self.sets.remove(scope);
        }
    }
}

/// Says whether the set of a scope is kept.
fn keeps(kept: &Option<BTreeSet<Region>>, scope: &Scope) -> bool {
    match (kept, scope) {
        (Some(kept), Scope::Region(region)) => kept.contains(region),
        _ => true,
    }
}
