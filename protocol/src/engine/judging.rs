//! Who of what was brought may be judged, and in what order.
//!
//! **Invariant:** what a peer brings that is at home in no region of this node is stored only when it is a
//! guest there (`d9_what_nobody_has_carried_here_is_kept_by_name_alone`).

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use super::gate::Bringer;
use super::refused::{Refusal, Why};
use crate::admission::Mode;
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::id::ThingId;
use crate::ledger::{self, Outcome, Waiting};
use crate::record::{Claim, Kind, Reach, Record};
use crate::sync::Scope;
use crate::time::Timestamp;

/// What came of records.
pub(super) struct Taken {
    /// Those that were let in, and after them those that came in because of them. What came through
    /// the door is first, in the order given.
    pub(super) records: Vec<Record>,
    /// What became of each.
    pub(super) outcomes: Vec<Outcome>,
    /// Whether anything refers to what is not here.
    pub(super) missing: bool,
    /// Whether anything was not let in.
    pub(super) kept_out: bool,
}

impl Taken {
    /// Iterates over those of the records that are new and being stored.
    pub(super) fn stored_records(&self) -> impl Iterator<Item = &Record> {
        let new = |(_, outcome): &(_, &Outcome)| matches!(outcome, Outcome::New(_));
        self.records.iter().zip(&self.outcomes).filter(new).map(|(record, _)| record)
    }

    /// Says whether anything was new and is being stored.
    pub(super) fn stored(&self) -> bool {
        self.outcomes.iter().any(|outcome| matches!(outcome, Outcome::New(_)))
    }
}

/// What has been judged so far of what was brought.
#[derive(Default)]
struct Judged {
    records: Vec<Record>,
    outcomes: Vec<Outcome>,
    /// How many of those that were brought were let in.
    welcome: usize,
}

/// Says whether a record can belong to what two nodes share in this scope: others may bring it
/// there neither by gossip nor by reconciling, and what is for a network's own nodes is never told.
pub(super) fn may_belong(record: &Record, scope: &Scope) -> bool {
    let home = record.header().home.as_ref();
    match scope {
        Scope::Own(net) => record.net() == *net,
        Scope::Region(region) => home.is_none_or(|home| match home.reach {
            Reach::Own => false,
            Reach::Region => home.region == *region || is_support(record),
            Reach::Movement => true,
        }),
    }
}

/// Says whether a record is what others are judged by: it goes wherever it is needed.
fn is_support(record: &Record) -> bool {
    match record.body() {
        Body::Identity(_) | Body::Role(_) | Body::End(_) => true,
        Body::Response(answer) => {
            answer.kind == ResponseKind::Accept && record.header().role == Some(answer.to.thing)
        }
        _ => false,
    }
}

/// Parts records so that whatever makes a key speak for a network, or no longer, comes before what the
/// key has signed: who pays for a record depends on it. Nobody pays at the door, and there they stay
/// together.
fn stages(records: Vec<Record>, from: &Bringer) -> impl Iterator<Item = Vec<Record>> {
    let delegated =
        |record: &&Record| record.header().kind == Kind::Role && record.header().role.is_some();
    let delegated: BTreeSet<ThingId> =
        records.iter().filter(delegated).map(Record::thing).collect();
    let mut stages: BTreeMap<u16, Vec<Record>> = BTreeMap::new();
    let rest = u16::MAX;
    for record in records {
        let header = record.header();
        let accepts = is_support(&record);
        let stage = match (&header.kind, header.role) {
            _ if matches!(from, Bringer::Door) => rest,
            (Kind::Identity, _) => record.rev().min(rest - 6),
            (Kind::Role, None) => rest - 5,
            (Kind::Response, Some(role)) if accepts && !delegated.contains(&role) => rest - 4,
            (Kind::Role, Some(_)) => rest - 3,
            (Kind::Response, _) if accepts => rest - 2,
            (Kind::End, _) => rest - 1,
            _ => rest,
        };
        stages.entry(stage).or_default().push(record);
    }
    stages.into_values()
}

impl Engine {
    /// Puts those records into the ledger that are let in, and then those that these let in.
    pub(super) fn judge(&mut self, now: Timestamp, records: Vec<Record>, from: &Bringer) -> Taken {
        let offered = records.len();
        let (abroad, records) = self.abroad(records, from);
        let mut taken = Judged::default();
        for stage in stages(records, from) {
            self.judge_stage(now, stage, from, &mut taken);
        }
        let strays = self.judge_guests(now, abroad, from, &mut taken);
        let kept_out = taken.welcome < offered;
        let Judged { records, outcomes, .. } = taken;
        let waits = |outcome: &Outcome| matches!(outcome, Outcome::Pooled(Waiting::Missing(_)));
        let unnamed = |outcome: &&Outcome| matches!(outcome, Outcome::Pooled(Waiting::Unnamed));
        let refused = |outcome: &&Outcome| matches!(outcome, Outcome::Refused(_));
        self.count("unnamed-keys", outcomes.iter().filter(unnamed).count() as u64);
        self.count("refused", outcomes.iter().filter(refused).count() as u64);
        let missing = strays || outcomes.iter().any(waits);
        Taken { records, outcomes, missing, kept_out }
    }

    /// Lets in what may come in of one stage, and what that lets in.
    fn judge_stage(
        &mut self,
        now: Timestamp,
        stage: Vec<Record>,
        from: &Bringer,
        taken: &mut Judged,
    ) {
        let mut batch = self.let_in(now, stage, from);
        taken.welcome += batch.len();
        while !batch.is_empty() {
            let judged = self.ledger.insert_all(&batch, now);
            let all = batch.iter().zip(&judged);
            let surplus = all.filter(|(_, o)| **o == Outcome::Refused(ledger::Refusal::Surplus));
            surplus.for_each(|(record, _)| self.gate.leave_alone(record, from, now));
            taken.outcomes.extend(judged);
            let next = self.follow_in(now, &batch);
            taken.records.append(&mut batch);
            batch = next;
        }
    }

    /// Parts from records those that a peer brought and that are at home in no region of this node: they
    /// come in as guests or not at all.
    fn abroad(&self, records: Vec<Record>, from: &Bringer) -> (Vec<Record>, Vec<Record>) {
        if matches!(from, Bringer::Door | Bringer::Sync(_, Scope::Own(_))) {
            return (Vec::new(), records);
        }
        let is_abroad = |record: &Record| {
            let home = record.header().home.as_ref();
            home.is_some_and(|home| !self.settings.regions.contains(&home.region))
                && !is_support(record)
                && !self.ledger.knows(&record.id())
        };
        records.into_iter().partition(is_abroad)
    }

    /// Lets in those that are guests here, in whatever order they came: an answer after what it answers.
    /// What nobody has carried here is kept by name alone, and wanted again when somebody does. Says
    /// whether there was any of that.
    fn judge_guests(
        &mut self,
        now: Timestamp,
        mut abroad: Vec<Record>,
        from: &Bringer,
        taken: &mut Judged,
    ) -> bool {
        while !abroad.is_empty() {
            let (ledger, gate) = (&self.ledger, &self.gate);
            // What a newcomer has here waits beside the sets, and so does its profile.
            let waits = gate.policy.mode == Mode::Federation;
            let knocks =
                |claim: &Claim| waits && claim.follows && !gate.recognition.has(&claim.net);
            let visits = |claim: &Claim| ledger.would_visit(claim, &self.settings.regions);
            let is_guest = |claim: Claim| knocks(&claim) || visits(&claim);
            let guests;
            (guests, abroad) = abroad.into_iter().partition(|r| is_guest(Claim::of(r)));
            if guests.is_empty() {
                break;
            }
            self.judge_stage(now, guests, from, taken);
        }
        self.count("uncarried", abroad.len() as u64);
        if let Bringer::Sync(peer, scope) = from {
            let names = abroad.iter().map(|r| Refusal::of(r, scope, Why::Uncarried));
            names.for_each(|refusal| self.gate.refuse(refusal, *peer, now));
        }
        !abroad.is_empty()
    }
}
