//! From what is stored to who speaks: what has changed is judged again, and only that.
//!
//! **Invariant:** judging ends, because each stratum only reads those before it: support, then
//! authority, then standings, then places, then carriages, then guests and sets.

use std::collections::BTreeSet;

use super::entry::{Entry, Facts, Sort, Verdict};
use super::ids::{Handle, NONE};
use super::{Change, Ledger, Outcome};
use crate::authority::{About, Authority, Need, Standing, Why, need, need_of_answer};
use crate::body::response::ResponseKind;
use crate::id::ThingId;
use crate::record::{Kind, Record};

impl From<&Standing> for Verdict {
    fn from(standing: &Standing) -> Self {
        match standing {
            Standing::Valid => Self::Valid,
            Standing::Held(_) => Self::Held,
            Standing::Void(_) => Self::Void,
        }
    }
}

impl Ledger {
    /// Judges until nothing is left to judge.
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(net) = self.work.networks.pop() {
                self.judge_network(net);
            } else if let Some(id) = self.work.records.pop() {
                self.judge_record(id);
            } else if let Some(thing) = self.work.things.pop() {
                self.place(thing);
            } else if let Some(group) = self.work.groups.pop_first() {
                self.place_group(group);
            } else if let Some(id) = self.work.carriages.pop() {
                self.judge_carriage(id);
            } else if let Some(thing) = self.work.guests.pop() {
                self.place_guests(thing);
            } else {
                break;
            }
        }
        self.fill_sets();
    }

    /// Judges a network's support, and marks what that may change.
    fn judge_network(&mut self, net: Handle) {
        let Some(network) = self.networks.get_mut(&net) else { return };
        let fresh = std::mem::take(&mut network.fresh);
        if fresh.log {
            self.judge_log(net);
        } else {
            let judged = network.authority.update(&network.support, &fresh.roles);
            self.relations += u64::from(judged.values().any(|changed| *changed));
            for (role, changed) in judged {
                self.reconsider_role(net, &role, changed);
            }
        }
        if self.networks.get(&net).is_some_and(|n| n.records.is_empty() && n.scopes.is_empty()) {
            self.networks.remove(&net);
        }
    }

    /// Marks what may stand otherwise after a role was judged again.
    fn reconsider_role(&mut self, net: Handle, role: &ThingId, changed: bool) {
        let Some(thing) = self.ids.find(&role.0) else { return };
        let network = self.networks.get(&net);
        let acceptances = network.into_iter().flat_map(|n| n.support.acceptances_of(role));
        let acceptances = acceptances.filter_map(|acceptance| self.ids.find(&acceptance.act.id.0));
        let about = self.versions(thing).chain(self.ends_by(thing, net)).chain(acceptances);
        let mut touched: Vec<Handle> = about.collect();
        if changed {
            let under = self.index.under.range((thing, 0)..=(thing, NONE));
            touched.extend(under.map(|(_, id)| *id));
        }
        for id in touched {
            self.reconsider(id);
        }
    }

    /// Judges a network's log, and all that rests on it.
    fn judge_log(&mut self, net: Handle) {
        let Some(network) = self.networks.get_mut(&net) else { return };
        let new = Authority::new(&network.support);
        let old = std::mem::replace(&mut network.authority, new);
        let new = &network.authority;
        let log = old.log.chain != new.log.chain
            || old.log.disputed != new.log.disputed
            || old.log.revoked != new.log.revoked;
        let mandates = (&old.roles.mandates, &new.roles.mandates);
        let things = mandates.0.keys().chain(mandates.1.keys());
        let changed: BTreeSet<ThingId> =
            things.filter(|t| mandates.0.get(t) != mandates.1.get(t)).copied().collect();
        let disputed = (old.log.disputed != new.log.disputed).then_some(new.log.disputed);
        let changed: BTreeSet<Handle> =
            changed.iter().filter_map(|thing| self.ids.find(&thing.0)).collect();
        let records: Vec<Handle> = network.records.iter().copied().collect();
        for id in records {
            let Some(entry) = self.entry(id) else { continue };
            if log || entry.is_support() || changed.contains(&entry.role) {
                self.reconsider(id);
            }
        }
        if log {
            self.touch_ties_of(net);
        }
        self.relations += u64::from(!changed.is_empty());
        if let Some(since) = disputed {
            let net = self.net_id(net);
            self.say(Change::Disputed { net, since });
        }
    }

    /// Marks a record whose signer's authority has changed.
    fn reconsider(&mut self, id: Handle) {
        let Some(entry) = self.entry(id) else { return };
        let (thing, end) = (entry.thing, entry.sort == Sort::End);
        self.work.records.insert(id);
        self.work.things.insert(thing);
        if end {
            self.reconsider_targets(id);
        }
    }

    fn reconsider_targets(&mut self, end: Handle) {
        let Some(entry) = self.entry(end) else { return };
        let name = self.record_id(end);
        let support = self.networks.get(&entry.net).map(|network| &network.support);
        let targets = support.and_then(|s| s.ends.get(&name)).map(|end| end.targets.clone());
        for target in targets.unwrap_or_default() {
            self.work.things.extend(self.ids.find(&target.thing.0));
        }
    }

    fn judge_record(&mut self, id: Handle) {
        let Some(entry) = self.entry(id) else { return };
        let standing = self.judge(id, entry);
        let verdict = Verdict::from(&standing);
        let (old, thing, end) = (entry.verdict, entry.thing, entry.sort == Sort::End);
        if verdict == old {
            return;
        }
        if let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut) {
            entry.verdict = verdict;
        }
        if old != Verdict::Unjudged {
            self.say(Change::Judged { id: self.record_id(id), standing });
        }
        self.work.things.insert(thing);
        self.counts_otherwise(id);
        if end {
            self.reconsider_targets(id);
        }
    }

    /// A record counts otherwise than before, by its verdict or by its marks: so may what it answers,
    /// and what rests on it. Here is all that follows from either, for the one may change without the
    /// other.
    pub(super) fn counts_otherwise(&mut self, id: Handle) {
        let Some(entry) = self.entry(id) else { return };
        let (sort, net, thing) = (entry.sort, entry.net, entry.thing);
        if let Facts::Answer(answer) = &entry.facts {
            let word = (answer.to, answer.kind, id);
            if matches!(answer.kind, ResponseKind::Accept | ResponseKind::Confirm) && entry.stands()
            {
                self.index.words.insert(word);
            } else {
                self.index.words.remove(&word);
            }
            self.work.things.insert(word.0);
        }
        if sort == Sort::Carriage {
            self.work.carriages.insert(id);
        }
        self.folded.get_mut().touch(thing);
        self.touch_guests(thing);
        self.touch_kin(sort, net, thing);
    }

    /// Judges a stored record by everything stored beside it.
    pub(super) fn judge(&self, id: Handle, entry: &Entry) -> Standing {
        let Some(network) = self.networks.get(&entry.net) else {
            return Standing::Void(Why::KeyUnnamed);
        };
        let authority = &network.authority;
        if entry.is_support()
            && let Some(standing) = authority.of_support(&self.record_id(id))
        {
            return standing;
        }
        let act = self.act(id, entry);
        if entry.role == NONE {
            return authority.judge(&act, Need::Nothing, &About::default());
        }
        let need = self.need(id, entry);
        self.with_about(entry, |about| authority.judge(&act, need, about))
    }

    pub(super) fn kind(&self, id: Handle) -> Kind {
        let sort = self.entry(id).map_or(Sort::Other, |entry| entry.sort);
        let named = || self.index.kinds.get(&id).cloned();
        sort.kind().or_else(named).unwrap_or(Kind::Identity)
    }

    fn need(&self, id: Handle, entry: &Entry) -> Need {
        match &entry.facts {
            Facts::Answer(answer) => {
                let target = self.versions(answer.to).next().map(|id| self.kind(id));
                need_of_answer(answer.kind, self.thing_id(answer.to), target.as_ref())
            }
            Facts::Erased => Need::Nothing,
            _ => need(&self.kind(id)),
        }
    }

    /// Hands over what a record is about, for the limits of roles.
    pub(super) fn with_about<T>(&self, entry: &Entry, use_it: impl FnOnce(&About<'_>) -> T) -> T {
        let mut things = vec![self.thing_id(entry.thing)];
        let mut topics: &[u64] = &[];
        match &entry.facts {
            Facts::Call(call) => {
                topics = &call.topics;
                if call.part_of != NONE {
                    things.push(self.thing_id(call.part_of));
                }
            }
            Facts::Answer(answer) => {
                things.push(self.thing_id(answer.to));
                // A seat at a tie is a seat in what the tie decides.
                things.extend(self.deciding_tie(answer.to).map(|tie| self.thing_id(tie)));
            }
            Facts::Proposal(proposal) => things.push(self.thing_id(proposal.to)),
            Facts::Gathering(gathering) => {
                topics = &gathering.topics;
                if gathering.part_of != NONE {
                    things.push(self.thing_id(gathering.part_of));
                }
            }
            Facts::Disclosure(disclosure) if disclosure.about != NONE => {
                things.push(self.thing_id(disclosure.about));
            }
            Facts::Other(other) => topics = &other.topics,
            Facts::Carriage(carriage) => things.push(self.thing_id(carriage.tie)),
            Facts::Disclosure(_) | Facts::Tie(_) | Facts::Support | Facts::Erased => {}
        }
        let region = self.home(entry).map(|home| &home.region);
        use_it(&About { region, things: &things, topics })
    }

    /// Completes the outcome of a new record with its standing.
    pub(super) fn with_standing(&self, outcome: Outcome, record: &Record) -> Outcome {
        match (outcome, self.standing(&record.id())) {
            (Outcome::New(_), Some(standing)) => Outcome::New(standing),
            (outcome, _) => outcome,
        }
    }

    pub(super) fn say(&mut self, change: Change) {
        let known =
            matches!(change, Change::Judged { .. } | Change::Admitted(_) | Change::Carried { .. });
        if !(self.quiet && known) {
            self.changes.push(change);
        }
    }
}
