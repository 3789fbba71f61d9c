//! The log of a network's keys: which one speaks when, and which were taken back.
//!
//! The log is walked from the inception. From each event the guardians' recovery, when complete,
//! comes first; else one rotation leads on; else two rotations freeze the identity. A rotation
//! key that is found or stolen after a recovery from the same event therefore undoes nothing.
//!
//! **Invariant:** nothing here depends on the order of arrival: where several claims compete, the
//! set decides, by the rules above, then by date, then by lowest id.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Act, Event};
use super::{Standing, Why};
use crate::body::identity::{EVENTS_MAX, Identity, Keys, Reason};
use crate::id::{KeyHash, PublicKey, RecordId};
use crate::record::BodyHash;
use crate::time::Timestamp;

/// An accepted event, with all records that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) ids: Vec<RecordId>,
    pub(crate) at: Timestamp,
    /// None when the network has closed.
    pub(crate) keys: Option<Keys>,
}

/// What all valid revocations of one key say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revoked {
    reason: Reason,
    since: Timestamp,
    keep: BTreeSet<RecordId>,
}

/// The identity log of one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) chain: Vec<Link>,
    pub(crate) disputed: Option<Timestamp>,
    pub(crate) revoked: BTreeMap<PublicKey, Revoked>,
    standings: BTreeMap<RecordId, Standing>,
}

impl Log {
    /// Walks the events of one network.
    pub(crate) fn new(events: &BTreeMap<RecordId, Box<Event>>) -> Self {
        let mut log = Self::default();
        let counted = log.counted(events);
        let Some(inception) = counted.iter().find(|event| event.prev.is_none()) else {
            return log;
        };
        if !log.follow(inception.act.at, &[inception]) {
            return log;
        }
        while log.step(&counted) {}
        log.judge_revocations(&counted);
        for event in &counted {
            let void = Standing::Void(Why::NotOnLog);
            log.standings.entry(event.act.id).or_insert(void);
        }
        log
    }

    /// Returns the events that any node looks at: the first in the log, recoveries before others,
    /// so that a flood of rotations cannot keep the guardians out.
    fn counted<'a>(&mut self, events: &'a BTreeMap<RecordId, Box<Event>>) -> Vec<&'a Event> {
        let mut counted: Vec<&Event> = events.values().map(Box::as_ref).collect();
        let late = |event: &Event| !matches!(event.body, Identity::Recover(_));
        counted.sort_by_key(|event| (event.rev, late(event), event.act.id));
        for event in counted.split_off(counted.len().min(EVENTS_MAX)) {
            self.standings.insert(event.act.id, Standing::Void(Why::IdentityFull));
        }
        counted
    }

    /// Appends a link; says no when its keys are both for signing and for rotating.
    fn follow(&mut self, at: Timestamp, records: &[&Event]) -> bool {
        let keys = records.first().and_then(|event| event.body.keys());
        let fine = keys.is_none_or(|keys| self.keeps_apart(keys));
        let standing = if fine { Standing::Valid } else { Standing::Void(Why::RotationKeySigns) };
        for event in records {
            self.standings.insert(event.act.id, standing.clone());
        }
        if fine {
            let ids = records.iter().map(|event| event.act.id).collect();
            // Most logs have one link for ever.
            self.chain.reserve_exact(1);
            self.chain.push(Link { ids, at, keys: keys.cloned() });
        }
        fine
    }

    fn keeps_apart(&self, keys: &Keys) -> bool {
        let before = || self.chain.iter().filter_map(|link| link.keys.as_ref());
        let signing: BTreeSet<KeyHash> =
            before().chain([keys]).map(|keys| keys.key.hash()).collect();
        before().chain([keys]).all(|keys| !signing.contains(&keys.next))
    }

    /// Takes one step from the head; says whether there may be another.
    fn step(&mut self, events: &[&Event]) -> bool {
        let Some(head) = self.chain.last() else { return false };
        let Some(keys) = head.keys.clone() else { return false };
        let head_at = head.at;
        let mut rotations: BTreeMap<BodyHash, Vec<&Event>> = BTreeMap::new();
        let mut recoveries: BTreeMap<BodyHash, Vec<&Event>> = BTreeMap::new();
        let children: Vec<&Event> = events
            .iter()
            .copied()
            .filter(|event| event.prev.is_some_and(|prev| head.ids.contains(&prev)))
            .collect();
        for event in children.iter().filter(|event| event.act.at >= head_at) {
            if event.body.keys().is_some_and(|keys| !self.keeps_apart(keys)) {
                let void = Standing::Void(Why::RotationKeySigns);
                self.standings.insert(event.act.id, void);
                continue;
            }
            match event.body {
                Identity::Rotate(_) | Identity::Close => {
                    rotations.entry(event.hash).or_default().push(event);
                }
                Identity::Recover(_) => recoveries.entry(event.hash).or_default().push(event),
                Identity::Inception(_) | Identity::Revoke(_) => {}
            }
        }
        let complete = recoveries.values().filter_map(|records| {
            quorum(records, keys.need).map(|at| (at, lowest(records), records))
        });
        if let Some((at, _, records)) = complete.min_by_key(|(at, id, _)| (*at, *id)) {
            return self.follow(at, records);
        }
        for records in recoveries.values() {
            let why = missing(records, keys.need);
            for event in records {
                self.standings.insert(event.act.id, Standing::Held(why.clone()));
            }
        }
        let first = |records: &Vec<&Event>| records.iter().map(|event| event.act.at).min();
        match rotations.len() {
            0 => false,
            1 => rotations
                .into_values()
                .next()
                .is_some_and(|records| self.follow(first(&records).unwrap_or(head_at), &records)),
            _ => {
                let since = rotations.values().filter_map(first).min().unwrap_or(head_at);
                self.disputed = Some(since);
                for event in rotations.values().flatten() {
                    let held = Standing::Held(Why::Disputed { since });
                    self.standings.insert(event.act.id, held);
                }
                false
            }
        }
    }

    fn judge_revocations(&mut self, events: &[&Event]) {
        let mut established: BTreeSet<PublicKey> = BTreeSet::new();
        for link in self.chain.clone() {
            let Some(keys) = &link.keys else { break };
            established.insert(keys.key);
            let mut groups: BTreeMap<BodyHash, Vec<&Event>> = BTreeMap::new();
            for event in events {
                let beside = event.prev.is_some_and(|prev| link.ids.contains(&prev));
                if beside && matches!(event.body, Identity::Revoke(_)) {
                    groups.entry(event.hash).or_default().push(event);
                }
            }
            for records in groups.into_values() {
                self.judge_revocation(&records, keys, &established);
            }
        }
    }

    /// Judges revocations with an equal body beside one event.
    fn judge_revocation(
        &mut self,
        records: &[&Event],
        keys: &Keys,
        established: &BTreeSet<PublicKey>,
    ) {
        let Some(Identity::Revoke(body)) = records.first().map(|event| &event.body) else { return };
        if !established.contains(&body.key) {
            return;
        }
        let rotation = records.iter().any(|event| event.act.key.hash() == keys.next);
        let standing = if rotation || quorum(records, keys.need).is_some() {
            Standing::Valid
        } else {
            Standing::Held(missing(records, keys.need))
        };
        for event in records {
            self.standings.insert(event.act.id, standing.clone());
        }
        if standing.is_valid() {
            let empty = Revoked { reason: body.reason, since: body.since, keep: BTreeSet::new() };
            let revoked = self.revoked.entry(body.key).or_insert(empty);
            revoked.since = revoked.since.min(body.since);
            revoked.reason = revoked.reason.min(body.reason);
            revoked.keep.extend(body.keep.iter().copied());
        }
    }

    /// Returns the standing of an identity event.
    pub(crate) fn standing(&self, id: &RecordId) -> Option<&Standing> {
        self.standings.get(id)
    }

    /// Returns when the network closed.
    pub(crate) fn closed(&self) -> Option<Timestamp> {
        self.chain.last().filter(|link| link.keys.is_none()).map(|link| link.at)
    }

    /// Judges whether the network could speak at all at this date.
    pub(crate) fn judge_date(&self, at: Timestamp) -> Result<(), Standing> {
        if self.chain.first().is_none_or(|link| at < link.at) {
            return Err(Standing::Void(Why::BeforeInception));
        }
        if let Some(closed) = self.closed().filter(|closed| at >= *closed) {
            return Err(Standing::Void(Why::Closed { at: closed }));
        }
        match self.disputed {
            Some(since) if at >= since => Err(Standing::Held(Why::Disputed { since })),
            _ => Ok(()),
        }
    }

    /// Judges what the network's own key is said to have signed.
    pub(crate) fn judge(&self, act: &Act) -> Standing {
        if let Err(standing) = self.judge_date(act.at) {
            return standing;
        }
        let link = self.chain.iter().rev().find(|link| link.at <= act.at);
        let key = link.and_then(|link| link.keys.as_ref()).map(|keys| keys.key);
        if key != Some(act.key) {
            return Standing::Void(Why::KeyNotInForce);
        }
        match self.revoked.get(&act.key) {
            Some(revoked) if revoked.strikes(act) => {
                Standing::Void(Why::KeyRevoked { reason: revoked.reason, since: revoked.since })
            }
            _ => Standing::Valid,
        }
    }
}

impl Revoked {
    fn strikes(&self, act: &Act) -> bool {
        let compromised = self.reason == Reason::Compromised;
        (compromised || act.at >= self.since) && !self.keep.contains(&act.id)
    }
}

/// Returns when the last needed guardian signed, if as many have.
fn quorum(records: &[&Event], need: u8) -> Option<Timestamp> {
    let mut signed: BTreeMap<PublicKey, Timestamp> = BTreeMap::new();
    for event in records {
        let at = signed.entry(event.act.key).or_insert(event.act.at);
        *at = (*at).min(event.act.at);
    }
    let mut dates: Vec<Timestamp> = signed.into_values().collect();
    dates.sort_unstable();
    dates.get(usize::from(need).checked_sub(1)?).copied()
}

fn missing(records: &[&Event], need: u8) -> Why {
    let signers: BTreeSet<PublicKey> = records.iter().map(|event| event.act.key).collect();
    Why::GuardiansMissing { have: u8::try_from(signers.len()).unwrap_or(u8::MAX), need }
}

fn lowest(records: &[&Event]) -> Option<RecordId> {
    records.iter().map(|event| event.act.id).min()
}
