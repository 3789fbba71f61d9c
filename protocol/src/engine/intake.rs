//! How records come in: judged, staged, and after the fsync acknowledged and told.
//!
//! **Invariant:** a record is staged exactly when the ledger stored it, whether at once or after
//! it had waited for what it refers to.

use std::collections::{BTreeSet, VecDeque};

use super::durable::After;
use super::gate::Bringer;
use super::judging::{Taken, may_belong};
use super::{Effect, Engine, Event, GossipId, RequestId, Seq, Store, Verdict};
use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::control::{self, Failure, Fate, Posted, Response};
use crate::id::NodeId;
use crate::ledger::{Change, Outcome};
use crate::record::{Kind, Reach, Record};
use crate::region::Region;
use crate::sync::Scope;
use crate::time::Timestamp;

/// Says why a record does not count.
pub(super) fn void(standing: &Standing) -> Option<Why> {
    standing.why().cloned()
}

/// Tells of a record that is now durable.
fn stored(record: &Record, void: Option<Why>) -> Event {
    let to = match record.body() {
        Body::Response(response) => Some(response.to.thing),
        _ => None,
    };
    Event::Stored {
        id: record.id(),
        kind: record.header().kind.clone(),
        net: record.net(),
        thing: record.thing(),
        to,
        void,
    }
}

impl Engine {
    /// Takes records that came by gossip.
    pub(super) fn gossip<S: Store>(
        &mut self,
        now: Timestamp,
        (gossip, from, region): (GossipId, NodeId, &Region),
        mut records: Vec<Record>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let ignore = Effect::Verdict { gossip, verdict: Verdict::Ignore };
        if !self.takes_writes() {
            self.out.push(ignore);
            return Ok(());
        }
        let brought = records.len();
        self.count("gossip-records", brought as u64);
        self.leave_out(&mut records, &Scope::Region(region.clone()));
        let known = records.iter().filter(|record| self.ledger.knows(&record.id())).count();
        let taken = self.judge(now, records, &Bringer::Gossip(from));
        // Whatever else came in because of these is more than was brought, and nobody's debt.
        let kept = known + taken.stored_records().count();
        self.gate.charge_unkept(from, brought.saturating_sub(kept), now);
        if taken.missing {
            self.syncs.ask(now, from, &mut self.dice);
        }
        let mut after = Vec::new();
        if taken.stored() {
            self.syncs.news(now, &mut self.dice);
            // What does not belong to the region is not passed on in it.
            let belongs = |record: &Record| {
                record.header().home.is_none() || self.ledger.is_in(&record.id(), region)
            };
            let accepted = taken.stored_records().any(belongs);
            let verdict = if accepted { Verdict::Accept } else { Verdict::Ignore };
            after.push(After::Do(Effect::Verdict { gossip, verdict }));
            after.extend(
                taken.stored_records().flat_map(|record| self.told_beyond(record, Some(region))),
            );
        } else {
            self.out.push(ignore);
        }
        if taken.kept_out {
            // Its name is to be known where others share it.
            self.syncs.news(now, &mut self.dice);
        }
        let fresh = self.fresh(&taken);
        self.settle(now, fresh, after, store)
    }

    /// Leaves out what does not belong where it was brought.
    pub(super) fn leave_out(&mut self, records: &mut Vec<Record>, scope: &Scope) {
        let brought = records.len();
        records.retain(|record| may_belong(record, scope));
        self.count("out-of-place", (brought - records.len()) as u64);
    }

    /// Takes records that came through the door.
    pub(super) fn posted<S: Store>(
        &mut self,
        now: Timestamp,
        request: RequestId,
        records: Vec<Record>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        if !self.takes_writes() {
            let failure = match self.durable.refusing() {
                Some(why) => Failure::ReadOnly(why.to_owned()),
                None => Failure::Busy,
            };
            self.reply(request, vec![Response::Failed(failure)]);
            return Ok(());
        }
        let (records, blocked) = self.leave_out_blocked(now, records);
        let posted = records.len();
        let taken = self.judge(now, records, &Bringer::Door);
        if taken.missing {
            self.syncs.stir(now, None, &mut self.dice);
        }
        let own = || taken.records.iter().zip(&taken.outcomes).take(posted);
        let mut after = Vec::new();
        for record in taken.stored_records() {
            after.extend(self.backed(record, store)?);
            after.extend(self.told_in(record));
        }
        let (past, staged) = self.bring_home(now, &own().collect::<Vec<_>>(), store)?;
        let posted = own().zip(past).map(|((record, outcome), past)| {
            let fate = past.unwrap_or_else(|| self.fate(record, outcome));
            let kept = matches!(fate, Fate::Stored | Fate::Known | Fate::Void(_));
            let peers = if kept { self.told_to(record, store)? } else { 0 };
            Ok(Response::Posted(Posted { id: record.id(), fate, peers }))
        });
        let mut responses = posted.collect::<Result<Vec<Response>, S::Error>>()?;
        for (place, said) in blocked {
            responses.insert(place, said);
        }
        after.push(After::Do(Effect::Reply { request, responses, last: true }));
        let fresh = self.fresh(&taken);
        self.settle_staged(now, (fresh, staged), after, store)
    }

    /// Leaves out of what was posted what the operator has blocked: by whatever way it comes, it is not
    /// taken. Returns, beside the others, the place of each among those posted and what is said of it.
    fn leave_out_blocked(
        &mut self,
        now: Timestamp,
        records: Vec<Record>,
    ) -> (Vec<Record>, Vec<(usize, Response)>) {
        let (mut rest, mut blocked) = (Vec::with_capacity(records.len()), Vec::new());
        for (place, record) in records.into_iter().enumerate() {
            let known = self.ledger.knows(&record.id());
            let Some(entry) = self.gate.blocks(&record, now).filter(|_| !known) else {
                rest.push(record);
                continue;
            };
            let fate =
                Fate::Failed(Failure::Refused(control::Refusal::Policy(Box::new(entry.clone()))));
            let posted = Posted { id: record.id(), fate, peers: 0 };
            blocked.push((place, Response::Posted(posted)));
        }
        self.count("refused-by-policy", blocked.len() as u64);
        (rest, blocked)
    }

    /// Says whether records can be taken at all.
    pub(super) fn takes_writes(&self) -> bool {
        self.durable.refusing().is_none() && self.durable.has_room()
    }

    /// Returns the records that are to be staged: those that are new, and those that were lost.
    pub(super) fn fresh<'a>(&self, taken: &'a Taken) -> Vec<&'a Record> {
        let wanted = |(record, outcome): &(&Record, &Outcome)| match outcome {
            Outcome::New(_) => true,
            Outcome::Known => self.lost.contains(&record.id()),
            Outcome::Pooled(_) | Outcome::Refused(_) => false,
        };
        taken.records.iter().zip(&taken.outcomes).filter(wanted).map(|(record, _)| record).collect()
    }

    /// Stages what was stored and what follows from it, and holds back what waits for the disk.
    pub(super) fn settle<S: Store>(
        &mut self,
        now: Timestamp,
        fresh: Vec<&Record>,
        after: Vec<After>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        self.settle_staged(now, (fresh, false), after, store)
    }

    /// The same when something may have been `staged` before.
    fn settle_staged<S: Store>(
        &mut self,
        now: Timestamp,
        (fresh, mut staged): (Vec<&Record>, bool),
        after: Vec<After>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        self.company.note();
        let mut events = Vec::new();
        let mut new = BTreeSet::new();
        for record in fresh {
            new.insert(record.id());
            store.stage(record)?;
            staged = true;
            self.erase_past(now, record, store)?;
            if self.lost.found(&record.id()) {
                continue;
            }
            self.bridging.note(record);
            let standing = self.ledger.standing(&record.id()).unwrap_or(Standing::Valid);
            events.push(After::Do(Effect::Tell(stored(record, void(&standing)))));
        }
        let mut changes = VecDeque::from(self.ledger.take_changes());
        while let Some(change) = changes.pop_front() {
            self.bridging.note_change(&change);
            let told = matches!(&change, Change::Judged { id, .. } if new.contains(id));
            if let Change::Admitted(record) = &change {
                new.insert(record.id());
            }
            if !told {
                staged |= self.change(now, change, &mut events, store)?;
            }
            // What comes back changes more.
            changes.extend(self.ledger.take_changes());
        }
        // What happened is told before it is acknowledged, so that whoever posts and watches sees
        // the record first.
        events.extend(after);
        if staged {
            let seq = store.seal();
            self.durable.hold(seq, events);
            self.out.push(Effect::Persist(seq));
        } else {
            let free = self.durable.follow(events);
            self.set_free(now, free);
        }
        Ok(())
    }

    /// Does what one change asks for. Returns whether something was staged.
    fn change<S: Store>(
        &mut self,
        now: Timestamp,
        change: Change,
        events: &mut Vec<After>,
        store: &mut S,
    ) -> Result<bool, S::Error> {
        let mut tell = |event| events.push(After::Do(Effect::Tell(event)));
        match change {
            Change::Admitted(record) => {
                self.gate.pay_late(&record, &self.ledger, now);
                if !self.overwriting.is_back(&record.id()) {
                    store.stage(&record)?;
                }
                let standing = self.ledger.standing(&record.id()).unwrap_or(Standing::Valid);
                tell(stored(&record, void(&standing)));
                events.extend(self.told_in(&record));
                self.erase_past(now, &record, store)?;
                return Ok(true);
            }
            Change::Judged { id, standing } => {
                let Some(summary) = self.ledger.summary(&id) else { return Ok(false) };
                let undone = summary.kind == Kind::End && standing.why().is_some();
                tell(Event::Judged { id, kind: summary.kind, void: void(&standing) });
                if undone {
                    return self.take_back_past(now, &id, store);
                }
            }
            Change::Erased(tombstone) => {
                self.lost.found(&tombstone.id);
                self.hide(now, &tombstone, store)?;
                tell(Event::Erased { id: tombstone.id });
                return Ok(true);
            }
            Change::Lifted(id) => {
                if let Some(record) = self.take_back(now, &id, store)? {
                    let standing = self.ledger.standing(&id).unwrap_or(Standing::Valid);
                    tell(stored(&record, void(&standing)));
                }
                return Ok(true);
            }
            Change::Disputed { net, since } => {
                if since.is_some() {
                    tell(Event::Disputed { net });
                }
            }
            Change::Dropped { id, net, kind, over } => {
                self.lost.found(&id);
                self.outlive_stored((id, net, &kind), store)?;
                self.overwrite_later(&id, now);
                if let Some((thing, until)) = over {
                    self.gone.note((id, thing), &(kind, until));
                }
            }
            Change::Carried { .. } => {}
        }
        Ok(false)
    }

    /// A batch is durable.
    pub(super) fn persisted(&mut self, now: Timestamp, seq: Seq) {
        let free = self.durable.release(seq);
        self.set_free(now, free);
    }

    pub(super) fn set_free(&mut self, now: Timestamp, free: Vec<After>) {
        for after in free {
            match after {
                After::Do(effect) => self.out.push(effect),
                After::Publish(region, bytes) => {
                    self.publisher.tell(now, &region, bytes, &mut self.out);
                }
                After::Credit(session, bytes) => self.credit(now, session, bytes),
            }
        }
    }

    /// Where a record is gossiped once it is durable: in its home, if this node is there and the
    /// author allows it, and where bridges brought it; what has no home, in every region of this
    /// node.
    pub(super) fn told_in(&self, record: &Record) -> Vec<After> {
        let to = |region: &Region| After::Publish(region.clone(), record.bytes().clone());
        let Some(home) = &record.header().home else {
            return self.settings.regions.iter().map(to).collect();
        };
        let mut told = self.told_beyond(record, None);
        let home = (home.reach != Reach::Own).then_some(&home.region);
        told.extend(home.and_then(|home| self.settings.regions.get(home)).map(to));
        told
    }

    /// Where a record is gossiped beside its home and the region in which it came: in the other
    /// regions of this node in whose set it is. So what follows a carriage over a bridge, in
    /// either direction, need not wait until nodes reconcile. An answer, or its end, may come home
    /// that way: who signed it may be elsewhere.
    fn told_beyond(&self, record: &Record, came: Option<&Region>) -> Vec<After> {
        let home = record.header().home.as_ref();
        let returns = came.is_some() && matches!(record.body(), Body::Response(_) | Body::End(_));
        let beyond = |region: &Region| {
            home.is_none_or(|home| home.reach != Reach::Own && (returns || home.region != *region))
        };
        let others = self.settings.regions.iter().filter(|region| {
            Some(*region) != came && beyond(region) && self.ledger.is_in(&record.id(), region)
        });
        others.map(|region| After::Publish(region.clone(), record.bytes().clone())).collect()
    }

    /// How many connected nodes there are to tell a record to.
    fn told_to<S: Store>(&self, record: &Record, store: &mut S) -> Result<u32, S::Error> {
        let home = record.header().home.as_ref();
        if home.is_some_and(|home| home.reach == Reach::Own) {
            let mut own = 0;
            for (_, node) in self.syncs.all() {
                own += u32::from(self.publishes(&record.net(), node, store)?);
            }
            return Ok(own);
        }
        let home = home.map_or(&self.settings.home, |home| &home.region);
        // What lives elsewhere goes home by way of the regions in which it is a guest.
        let told = |region: &&Region| *region == home || self.ledger.is_in(&record.id(), region);
        let regions = self.settings.regions.iter().filter(told);
        Ok(regions.map(|region| self.syncs.count(region)).max().unwrap_or(0))
    }

    /// Says what has become of a record that was given, now that all that came with it was judged.
    fn fate(&self, record: &Record, outcome: &Outcome) -> Fate {
        match (outcome, self.ledger.standing(&record.id())) {
            (Outcome::New(_) | Outcome::Pooled(_), Some(standing)) => {
                void(&standing).map_or(Fate::Stored, Fate::Void)
            }
            (Outcome::New(standing), None) => void(standing).map_or(Fate::Stored, Fate::Void),
            (Outcome::Known, _) => Fate::Known,
            (Outcome::Pooled(waiting), None) => Fate::Waiting(*waiting),
            (Outcome::Refused(why), _) => Fate::Failed(Failure::Refused((*why).into())),
        }
    }

    /// Answers with everything at once.
    pub(super) fn reply(&mut self, request: RequestId, responses: Vec<Response>) {
        self.out.push(Effect::Reply { request, responses, last: true });
    }
}
