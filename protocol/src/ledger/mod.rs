//! All stored records of a node as one state in memory.
//!
//! **Invariant:** the state is a pure function of the set of stored records and the time. Arrival
//! order, batching, and what the pool lets go and is offered again make no difference.

mod accepting;
mod bridging;
mod calls;
mod carriages;
mod carrying;
mod changes;
mod crowd;
mod decisions;
mod draft;
mod due;
mod entry;
mod facts;
mod few;
mod gatherings;
mod hands;
mod hosting;
mod ids;
mod intake;
mod judging;
mod openness;
mod pages;
mod places;
mod pool;
mod query;
mod roster;
mod said;
mod sets;
mod shares;
mod snapshot;
mod states;
mod views;
mod weave;
mod work;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use bridging::{Crossed, Entitlements};
pub(crate) use calls::vouched;
pub use calls::{Signer, Wanted};
pub use changes::{Change, Outcome, Refusal, Step, Tombstone, Waiting};
pub use decisions::{Effect, Ratification};
pub use due::{Due, ENDS_SOON, Want};
pub use gatherings::{Convening, Minuted, Turn};
pub use openness::{Owed, Raised};
pub use pages::Pages;
pub use query::{IdentityView, Listed, Place, Query, Resolved, RoleView, Statistics, Summary};
pub use said::Said;

use self::carriages::Carrying;
use self::entry::{Dated, Entry, Sort};
use self::ids::{Handle, Ids};
use self::places::Group;
use self::pool::Pool;
use self::roster::Roster;
use self::shares::Folded;
use self::work::Work;
use crate::authority::{Authority, Support};
use crate::body::response::ResponseKind;
use crate::id::{NetId, RecordId, ThingId};
use crate::record::{Home, Kind, Record};
use crate::region::Region;
use crate::sync::{Key, Scope, Set};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// By how much clocks may differ before a record waits for its date.
pub const CLOCK_SKEW: Duration = Duration::from_secs(600);

/// What is stored of somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How many records.
    pub records: u64,
    /// Of how many bytes together.
    pub bytes: u64,
}

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
    /// beside the memory of a node. What is let go is found again by reconciling.
    fn default() -> Self {
        Self { records: 4096, bytes: 8 << 20 }
    }
}

/// What of a network's support is to be judged again.
#[derive(Debug, Default)]
struct Fresh {
    /// The log, and all that rests on it.
    log: bool,
    roles: BTreeSet<ThingId>,
}

/// A network, as far as records of it are stored.
#[derive(Debug, Default)]
struct Network {
    support: Support,
    authority: Authority,
    /// What of its support has changed since its authority was judged.
    fresh: Fresh,
    records: BTreeSet<Handle>,
    /// Of all these records together.
    bytes: u64,
    /// What goes wherever the network has something: its support and its profile.
    followers: BTreeSet<Handle>,
    /// How many records the network has in each scope, followers without a home there aside.
    scopes: BTreeMap<Scope, usize>,
}

/// A set, and what is to join it when all is judged.
#[derive(Debug, Default)]
struct Shared {
    set: Set,
    entering: Vec<Key>,
}

/// Where to find records by what they say.
#[derive(Debug, Default)]
struct Index {
    /// Versions by thing.
    versions: BTreeSet<(Handle, Handle)>,
    /// Records of which only one counts, above all answers by what they answer.
    groups: BTreeSet<(Group, Handle)>,
    /// Records by the role under which they are signed.
    under: BTreeSet<(Handle, Handle)>,
    /// Answers that say that an offer is accepted or a delivery confirmed, and stand: by what they
    /// answer, and their kind.
    words: BTreeSet<(Handle, ResponseKind, Handle)>,
    /// Concerns and ballots, whether or not they stand: by what they answer, and their kind.
    raised: BTreeSet<(Handle, ResponseKind, Handle)>,
    /// Ends by the thing that they name, and their network.
    ends: BTreeSet<(Handle, Handle, Handle)>,
    /// Ties by party.
    ties: BTreeSet<(Handle, Handle)>,
    /// All records by kind and date.
    dates: BTreeMap<Sort, BTreeSet<Dated>>,
    /// All records that end, by when.
    expiry: BTreeSet<Dated>,
    /// Things to look at again when a notice has run out.
    timers: BTreeSet<Dated>,
    /// The versions that a later version follows.
    prev: BTreeMap<Handle, Box<[RecordId]>>,
    /// The names of unknown kinds.
    kinds: BTreeMap<Handle, Kind>,
}

impl Index {
    /// Iterates over the records of a kind from a moment on, in order of their dates.
    fn dated(&self, sort: Sort, since: Timestamp) -> impl DoubleEndedIterator<Item = Dated> + '_ {
        let dates = self.dates.get(&sort).into_iter();
        dates.flat_map(move |dates| dates.range(Dated { at: since, id: 0 }..).copied())
    }
}

/// All stored records of a node.
///
/// It holds facts, never texts: those are in the store, by id. A record that policy refuses to
/// keep may still be put in, so that the state and the sets agree with those of other nodes.
///
/// It has a field for each thing that is looked up by itself; what they are for together is in the
/// modules that change them: intake, judging, places, sets.
#[derive(Debug)]
pub struct Ledger {
    now: Timestamp,
    ids: Ids,
    keys: Ids,
    entries: Vec<Option<Entry>>,
    stored: usize,
    /// How many names were in use when those that are not were last forgotten.
    swept: usize,
    homes: Roster<Home>,
    networks: BTreeMap<Handle, Network>,
    index: Index,
    pool: Pool,
    sets: BTreeMap<Scope, Shared>,
    /// The regions whose sets are kept; all, as long as nobody has said which.
    kept: Option<BTreeSet<Region>>,
    /// The sets that somebody is about to join.
    joined: Vec<Scope>,
    carrying: Carrying,
    /// Grows when who is tied to whom, or speaks for whom, may have changed.
    relations: u64,
    work: Work,
    /// The names by which records may be asked for since somebody last listened.
    called: Option<Vec<[u8; 32]>>,
    /// Calls that were asked for, so far as they are folded.
    folded: RefCell<Folded>,
    changes: Vec<Change>,
    /// Nobody needs to hear how what was here before is judged.
    quiet: bool,
}

impl Ledger {
    /// Makes an empty ledger with a pool of this size.
    pub fn new(pool: PoolBounds) -> Self {
        Self {
            now: Timestamp::ZERO,
            ids: Ids::default(),
            keys: Ids::default(),
            entries: Vec::new(),
            stored: 0,
            swept: 0,
            homes: Roster::default(),
            networks: BTreeMap::new(),
            index: Index::default(),
            pool: Pool::new(pool),
            sets: BTreeMap::new(),
            kept: None,
            joined: Vec::new(),
            carrying: Carrying::default(),
            relations: 0,
            work: Work::default(),
            called: None,
            folded: RefCell::default(),
            changes: Vec::new(),
            quiet: false,
        }
    }

    /// Puts one record in and judges everything that it affects. What else changed is in
    /// [`Ledger::take_changes`].
    pub fn insert(&mut self, record: &Record, now: Timestamp) -> Outcome {
        self.advance(now);
        let outcome = self.take_in(record);
        self.settle();
        self.with_standing(outcome, record)
    }

    /// Puts many records in and judges once, which is how a node starts and catches up. The
    /// outcomes are in the order given; a standing among them is that after the last record.
    pub fn insert_all(&mut self, records: &[Record], now: Timestamp) -> Vec<Outcome> {
        self.advance(now);
        let outcomes: Vec<Outcome> = records.iter().map(|record| self.take_in(record)).collect();
        self.settle();
        outcomes.into_iter().zip(records).map(|(o, record)| self.with_standing(o, record)).collect()
    }

    /// Puts in what this node had stored before: a node starts with this. Of changes it notes only
    /// those after which bytes must go or be fetched again, and disputes.
    pub fn replay(&mut self, records: &[Record], now: Timestamp) {
        self.quiet = true;
        self.advance(now);
        // What one network says is judged by what the same network says, which is then at hand.
        let mut by_network: Vec<&Record> = records.iter().collect();
        by_network.sort_by_cached_key(|record| record.net());
        for record in by_network {
            self.take_in(record);
        }
        self.settle();
        self.quiet = false;
    }

    /// Lets time pass: drops what has expired, admits what was waiting for its date.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        if self.deadline().is_some_and(|due| due <= self.now) {
            self.expire();
            self.settle();
        }
    }

    /// Returns the next moment at which [`Ledger::advance`] changes something.
    pub fn deadline(&self) -> Option<Timestamp> {
        let expiry = self.index.expiry.first().map(|record| record.at);
        let timer = self.index.timers.first().map(|thing| thing.at);
        [expiry, timer, self.pool.deadline()].into_iter().flatten().min()
    }

    /// Takes what has changed since the last time, in order.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Returns the set that is reconciled in this scope.
    pub fn set(&self, scope: &Scope) -> Option<&Set> {
        self.sets.get(scope).map(|shared| &shared.set)
    }

    /// Iterates over the scopes that have a set.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.sets.keys()
    }

    /// Returns how many records are stored.
    pub fn len(&self) -> usize {
        self.stored
    }

    /// Says whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.stored == 0
    }

    /// Counts the stored records of a network.
    pub fn records_of(&self, net: &NetId) -> usize {
        let network = self.ids.find(&net.0).and_then(|net| self.networks.get(&net));
        network.map_or(0, |network| network.records.len())
    }

    /// Returns the last version to come of a thing of which a version waits to be judged.
    pub fn waiting_version(&self, thing: ThingId) -> Option<RecordId> {
        self.pool.version(thing)
    }

    /// Iterates over the networks of which something is stored, and how much.
    pub fn held(&self) -> impl Iterator<Item = (NetId, Held)> + '_ {
        self.networks.iter().map(|(net, network)| {
            let records = network.records.len() as u64;
            (self.net_id(*net), Held { records, bytes: network.bytes })
        })
    }

    /// Says whether a record waits to be judged.
    pub fn waits(&self, id: &RecordId) -> bool {
        self.pool.waits(id).is_some()
    }

    /// Says whether a record is stored.
    pub fn contains(&self, id: &RecordId) -> bool {
        self.ids.find(&id.0).is_some_and(|id| self.entry(id).is_some())
    }
}

#[cfg(test)]
pub(crate) mod tests;
