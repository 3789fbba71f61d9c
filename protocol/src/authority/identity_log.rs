//! The log of a network's keys: which one speaks when, and which were taken back.
//!
//! The log is walked from the inception, and only what follows the head is looked at (`fork`). A
//! branch on which the guardians have spoken later is past rewinding; else what enough of them
//! consent to comes first; else one rotation leads on; else two rotations freeze the identity. So a
//! rotation key that is found or stolen after the guardians' word undoes nothing, and fewer
//! guardians than are needed change nothing at all.
//!
//! **Invariant:** nothing here depends on the order of arrival: where several claims compete, the
//! set decides, by the rules above, then by date, then by lowest id.

use std::collections::{BTreeMap, BTreeSet};

use super::fork::{Fork, Link, Tree, missing, quorum};
use super::support::{Act, Event};
use super::{Standing, Why};
use crate::body::identity::{Identity, Keys, Reason};
use crate::id::{KeyHash, PublicKey, RecordId};
use crate::record::BodyHash;
use crate::time::Timestamp;

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
        let Some(inception) = events.values().find(|event| event.prev.is_none()) else {
            return log;
        };
        let tree = Tree::new(events);
        if log.append(Link::led_by(&[inception]), &[inception]) {
            while log.step(&tree) {}
        }
        log.judge_revocations(&tree);
        for id in events.keys() {
            log.standings.entry(*id).or_insert(Standing::Void(Why::NotOnLog));
        }
        log
    }

    /// Appends a link; says no when its keys are both for signing and for rotating.
    fn append(&mut self, link: Link, records: &[&Event]) -> bool {
        let fine = link.keys.as_ref().is_none_or(|keys| self.keeps_apart(keys));
        if fine {
            self.stand(records, &Standing::Valid);
            // Most logs have one link for ever.
            self.chain.reserve_exact(1);
            self.chain.push(link);
        } else {
            self.stand(records, &Standing::Void(Why::RotationKeySigns));
        }
        fine
    }

    fn stand(&mut self, records: &[&Event], standing: &Standing) {
        for event in records {
            self.standings.insert(event.act.id, standing.clone());
        }
    }

    fn keeps_apart(&self, keys: &Keys) -> bool {
        let before = || self.chain.iter().filter_map(|link| link.keys.as_ref());
        let signing: BTreeSet<KeyHash> =
            before().chain([keys]).map(|keys| keys.key.hash()).collect();
        before().chain([keys]).all(|keys| !signing.contains(&keys.next))
    }

    /// Takes one step from the head; says whether there may be another.
    fn step(&mut self, tree: &Tree<'_>) -> bool {
        let Some(head) = self.chain.last() else { return false };
        let Some(keys) = head.keys.clone() else { return false };
        let mut fork = Fork::at(head, tree);
        for records in fork.dismiss(|keys| self.keeps_apart(keys)) {
            self.stand(&records, &Standing::Void(Why::RotationKeySigns));
        }
        self.stand(&fork.unasked, &Standing::Void(Why::GuardiansNotAsked));
        for records in &fork.incomplete {
            self.stand(records, &Standing::Held(missing(records, keys.need)));
        }
        if let Some((link, records)) = fork.choose(tree) {
            if let Some(head) = self.chain.last_mut() {
                head.pin(&records, tree);
            }
            return self.append(link, &records);
        }
        if let Some(since) = fork.rotations.iter().flatten().map(|event| event.act.at).min() {
            self.disputed = Some(since);
            for records in &fork.rotations {
                self.stand(records, &Standing::Held(Why::Disputed { since }));
            }
        }
        false
    }

    fn judge_revocations(&mut self, tree: &Tree<'_>) {
        let mut established: BTreeSet<PublicKey> = BTreeSet::new();
        for link in self.chain.clone() {
            let Some(keys) = &link.keys else { break };
            established.insert(keys.key);
            let mut groups: BTreeMap<BodyHash, Vec<&Event>> = BTreeMap::new();
            for event in tree.after(&link) {
                if matches!(event.body, Identity::Revoke(_)) {
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
