//! All stored records of a node as one state in memory.
//!
//! **Invariant:** the state is a pure function of the set of stored records and the time. Arrival
//! order, batching, and what the pool lets go and is offered again make no difference.

mod changes;
mod query;

use std::collections::BTreeMap;
use std::time::Duration;

pub use changes::{Change, Outcome, Refusal, Step, Tombstone, Waiting};
pub use query::{IdentityView, Place, Query, Resolved, RoleView, Statistics, Summary};

use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::fold;
use crate::id::{IdPrefix, NetId, PublicKey, RecordId, ThingId};
use crate::record::{Header, Record};
use crate::sync::{Scope, Set};
use crate::time::Timestamp;

/// By how much clocks may differ before a record waits for its date.
pub const CLOCK_SKEW: Duration = Duration::from_secs(600);

/// How much may wait to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolBounds {
    /// The most records.
    pub records: usize,
    /// The most bytes of records.
    pub bytes: usize,
}

impl Default for PoolBounds {
    /// 4 096 records and 8 MiB: minutes of an honest catch-up in the worst order, and little
    /// beside the memory of a node. What is let go stays wanted.
    fn default() -> Self {
        Self { records: 4096, bytes: 8 << 20 }
    }
}

/// All stored records of a node.
#[derive(Debug)]
pub struct Ledger {
    sets: BTreeMap<Scope, Set>,
    changes: Vec<Change>,
}

impl Ledger {
    /// Makes an empty ledger with a pool of this size.
    pub fn new(_pool: PoolBounds) -> Self {
        Self { sets: BTreeMap::new(), changes: Vec::new() }
    }

    /// Puts one record in and judges everything that it affects. What else changed is in
    /// [`Ledger::take_changes`].
    pub fn insert(&mut self, _record: &Record, _now: Timestamp) -> Outcome {
        Outcome::Known
    }

    /// Puts many records in and judges once, which is how a node starts and catches up. The
    /// outcomes are in the order given; a standing among them is that after the last record.
    pub fn insert_all(&mut self, records: &[Record], now: Timestamp) -> Vec<Outcome> {
        records.iter().map(|record| self.insert(record, now)).collect()
    }

    /// Lets time pass: drops what has expired, admits what was waiting for its date.
    pub fn advance(&mut self, _now: Timestamp) {}

    /// Returns the next moment at which [`Ledger::advance`] changes something.
    pub fn deadline(&self) -> Option<Timestamp> {
        None
    }

    /// Takes what has changed since the last time, in order.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Returns the set that is reconciled in this scope.
    pub fn set(&self, scope: &Scope) -> Option<&Set> {
        self.sets.get(scope)
    }

    /// Iterates over the scopes that have a set.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.sets.keys()
    }

    /// Says whether this record is stored, erased or waiting, so that nobody needs to send it.
    pub fn knows(&self, _id: &RecordId) -> bool {
        false
    }

    /// Returns the standing of a stored record.
    pub fn standing(&self, _id: &RecordId) -> Option<Standing> {
        None
    }

    /// Returns what is known of a stored record.
    pub fn summary(&self, _id: &RecordId) -> Option<Summary> {
        None
    }

    /// Explains a judgement, step by step.
    pub fn explain(&self, _id: &RecordId) -> Vec<Step> {
        vec![Step::Absent]
    }

    /// Judges what nobody has signed yet, as if this key had.
    ///
    /// # Errors
    /// [`Why`] the record would not be valid now.
    pub fn judge_draft(
        &self,
        _header: &Header,
        _body: &Body,
        _key: PublicKey,
        _now: Timestamp,
    ) -> Result<(), Why> {
        Ok(())
    }

    /// Returns what a prefix names among stored records, and at most `limit` when it is several.
    pub fn resolve(&self, _prefix: &IdPrefix, _limit: usize) -> Resolved {
        Resolved::None
    }

    /// Returns the stored versions of a thing, the current one first, then by falling `rev`.
    pub fn thing(&self, _thing: &ThingId) -> Vec<Summary> {
        Vec::new()
    }

    /// Lists records, newest first, at most `limit`.
    pub fn list(&self, _query: &Query, _limit: usize) -> Vec<Summary> {
        Vec::new()
    }

    /// Iterates over the networks that have something stored, in the order of their ids.
    pub fn networks(&self) -> impl Iterator<Item = NetId> + '_ {
        std::iter::empty()
    }

    /// Returns the roles of a network.
    pub fn roles(&self, _net: &NetId, _now: Timestamp) -> Vec<RoleView> {
        Vec::new()
    }

    /// Returns a network's identity.
    pub fn identity(&self, _net: &NetId) -> Option<IdentityView> {
        None
    }

    /// Returns the current profile of a network, of all its regions the latest.
    pub fn current_profile(&self, _net: &NetId) -> Option<RecordId> {
        None
    }

    /// Returns what a call has come to, and its current version.
    pub fn call(&self, _thing: &ThingId, _now: Timestamp) -> Option<(RecordId, fold::call::State)> {
        None
    }

    /// Returns what a tie has come to, and its current version: the accepted one, or else the
    /// latest claim.
    pub fn tie(&self, _thing: &ThingId, _now: Timestamp) -> Option<(RecordId, fold::tie::State)> {
        None
    }

    /// Returns the ties in which a network is a party, whatever their state.
    pub fn ties_of(&self, _net: &NetId) -> Vec<ThingId> {
        Vec::new()
    }

    /// Says whether two networks have an active tie with each other.
    pub fn are_tied(&self, _a: &NetId, _b: &NetId, _now: Timestamp) -> bool {
        false
    }

    /// Returns ids that stored or pooled records refer to and that are not here, and those that
    /// the pool let go.
    pub fn wanted(&self, _limit: usize) -> Vec<RecordId> {
        Vec::new()
    }

    /// Returns all valid records that this key signed for the network, in order: what a keep list
    /// names when the key is taken back.
    pub fn keep_list(&self, _net: &NetId, _key: &PublicKey) -> Vec<RecordId> {
        Vec::new()
    }

    /// Counts.
    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }

    /// Writes the whole derived state in one canonical form: equal states, equal bytes.
    pub fn snapshot_bytes(&self) -> Vec<u8> {
        Vec::new()
    }
}
