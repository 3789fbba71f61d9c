//! What can be asked of the ledger.

use crate::authority::Standing;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::record::{Home, Kind};
use crate::time::Timestamp;

/// What the ledger knows of a stored record; its text is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its name.
    pub id: RecordId,
    /// What it is a version of.
    pub thing: ThingId,
    /// Which version, 0 for the first.
    pub rev: u16,
    /// Of what kind.
    pub kind: Kind,
    /// Whose.
    pub net: NetId,
    /// Which key signed.
    pub key: PublicKey,
    /// Under which role.
    pub role: Option<ThingId>,
    /// Its date.
    pub at: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// Its home; none for identity events.
    pub home: Option<Home>,
    /// Whether it speaks.
    pub standing: Standing,
    /// Where it stands among its like.
    pub place: Place,
}

/// A stored record as a list meets it, before anything about it is worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Its name.
    pub id: RecordId,
    /// What it is a version of.
    pub thing: ThingId,
    /// Of what kind.
    pub kind: Kind,
    /// Whose.
    pub net: NetId,
    /// Its home; none for identity events.
    pub home: Option<&'a Home>,
    /// Which key signed.
    pub key: PublicKey,
    /// Under which role; none when the network's key did.
    pub role: Option<ThingId>,
}

/// Where a record stands among the versions of its thing, and among answers of its sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It is the current one.
    Current,
    /// It is one of several heads, and not the one that is shown first.
    Forked,
    /// Not every party has accepted it yet.
    Unaccepted,
    /// A later one stands in its place.
    Superseded,
    /// It was withdrawn, left, resigned or cancelled.
    Ended,
    /// It was erased.
    Erased,
    /// It does not speak.
    Silent,
}

impl Place {
    /// Says whether it is, or was, what its network says.
    pub fn has_stood(self) -> bool {
        !matches!(self, Self::Unaccepted | Self::Erased | Self::Silent)
    }
}

/// Which records to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this network.
    pub net: Option<NetId>,
    /// Only answers to this thing.
    pub to: Option<ThingId>,
    /// Only what is valid and current, or forked.
    pub current: bool,
    /// Only what comes after this one in the list: the last of the page before.
    pub after: Option<RecordId>,
}

/// A role, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleView {
    /// The role.
    pub thing: ThingId,
    /// The version that is current, or the first offered.
    pub version: RecordId,
    /// Who holds it.
    pub body: crate::body::role::Role,
    /// Under which role it was granted; none when the network's key did.
    pub granter: Option<ThingId>,
    /// What it has come to.
    pub state: crate::fold::role::State,
}

/// An identity, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// The accepted events, first to last, with their dates.
    pub log: Vec<(RecordId, Timestamp)>,
    /// The keys that the last accepted event names; none when the network has closed.
    pub keys: Option<crate::body::identity::Keys>,
    /// Since when nobody knows who speaks for it.
    pub disputed: Option<Timestamp>,
    /// When it closed.
    pub closed: Option<Timestamp>,
    /// Signing keys that were taken back.
    pub revoked: Vec<PublicKey>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Stored records.
    pub stored: usize,
    /// Of these, valid.
    pub valid: usize,
    /// Of these, held.
    pub held: usize,
    /// Of these, void.
    pub void: usize,
    /// Of these, erased.
    pub erased: usize,
    /// Records that wait in the pool.
    pub pooled: usize,
    /// Of these, those that wait for their date.
    pub early: usize,
    /// Networks with something stored.
    pub networks: usize,
}

/// What a prefix of an id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Nothing.
    None,
    /// One record, or the thing that begins with it.
    One(RecordId),
    /// Several: the first of them in order, at most as many as were asked for.
    Many(Vec<RecordId>),
}
