//! What can be asked of a node.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{NewcomerTask, PolicyTask};
use crate::body::text::{Place, Tag};
use crate::bridge::Rule;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::record::Kind;
use crate::region::Region;
use crate::time::Timestamp;

/// A question or a wish. The comment of each says what answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Do we speak the same language? [`Response::Hello`](super::Response) or a failure.
    Hello {
        /// The client's revision.
        revision: u16,
    },
    /// Let me prove who I am, at the door that is open from anywhere.
    /// [`Response::Challenge`](super::Response) or a failure.
    Knock {
        /// The client's revision.
        revision: u16,
    },
    /// I hold this key. [`Response::Hello`](super::Response), or [`Failure::Refused`](super::Failure)
    /// when I do not, or it may do nothing here.
    Prove {
        /// The key.
        key: PublicKey,
        /// Its signature of the [`Challenge`](super::Challenge).
        signature: ByteBuf,
    },
    /// How is the node? [`Response::Status`](super::Response).
    Status,
    /// Would this statement count if this key signed it, and what should a person know before they do?
    /// Its payload, unsigned. [`Response::Checked`](super::Response), or
    /// [`Failure::Refused`](super::Failure) of what no key may sign.
    Check {
        /// The payload of the draft, at most [`DRAFT_BYTES_MAX`](super::DRAFT_BYTES_MAX) bytes.
        payload: ByteBuf,
        /// The key that would sign.
        key: PublicKey,
    },
    /// Keep and pass on these records, at most what fits a frame.
    /// One [`Response::Posted`](super::Response) for each, in order, when it is durable.
    Post {
        /// A CBOR sequence of records.
        records: ByteBuf,
    },
    /// Which id begins like this? [`Response::Resolved`](super::Response) for each.
    Resolve {
        /// At least six letters.
        prefix: String,
    },
    /// In whose name may this key speak? [`Response::Mandate`](super::Response) for each.
    Mandates {
        /// The key.
        key: PublicKey,
    },
    /// A record, and how it was judged. [`Response::Record`](super::Response).
    Record {
        /// Which.
        id: RecordId,
    },
    /// The state of a thing and its current versions. [`Response::Thing`](super::Response).
    Thing {
        /// Which.
        thing: ThingId,
    },
    /// The networks that this node knows. [`Response::Network`](super::Response) for each.
    Networks,
    /// One network. [`Response::Network`](super::Response).
    Network {
        /// Which.
        net: NetId,
    },
    /// The roles of a network. [`Response::Role`](super::Response) for each.
    Roles {
        /// Whose; of all networks when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
    },
    /// The current declarations of values. [`Response::Values`](super::Response) for each.
    Values {
        /// Whose; of all networks when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
        /// Also those that others have replaced or that were withdrawn, and those of networks that live
        /// here whose time is over.
        #[serde(default)]
        all: bool,
    },
    /// Ties. [`Response::Tie`](super::Response) for each.
    Ties {
        /// With whom as a party; all when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
        /// Also those of networks that live here whose time is over.
        #[serde(default)]
        all: bool,
    },
    /// Calls, the newest first. [`Response::Call`](super::Response) for each.
    Calls(CallFilter),
    /// One call and then the answers to it, the oldest first: [`Response::Call`](super::Response)
    /// and then [`Response::Answer`](super::Response) for each.
    Call {
        /// Which.
        thing: ThingId,
    },
    /// Proposals, the newest first. [`Response::Proposal`](super::Response) for each.
    Proposals(ProposalFilter),
    /// One proposal, with the electors that one hand controls, and then the answers to it, the
    /// oldest first: [`Response::Proposal`](super::Response) and then
    /// [`Response::Answer`](super::Response) for each.
    Proposal {
        /// Which.
        thing: ThingId,
    },
    /// Gatherings, the newest first. [`Response::Gathering`](super::Response) for each.
    Gatherings(GatheringFilter),
    /// One gathering and then the answers to it, as for a proposal:
    /// [`Response::Gathering`](super::Response), [`Response::Answer`](super::Response).
    Gathering {
        /// Which.
        thing: ThingId,
    },
    /// Minutes of the gatherings that are meant. [`Response::Minutes`](super::Response) for each.
    Minutes {
        /// Of this one, those of its first meeting first; otherwise of all, the newest gathering first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<ThingId>,
        /// Of which gatherings.
        #[serde(default)]
        filter: GatheringFilter,
    },
    /// The current disclosures. [`Response::Disclosure`](super::Response) for each.
    Disclosures {
        /// Whose; of all networks when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
        /// Also those that were replaced or withdrawn, and those of networks that live here whose time is
        /// over.
        #[serde(default)]
        all: bool,
    },
    /// What networks owe in openness by their active ties. [`Response::Owed`](super::Response)
    /// for each.
    Owed {
        /// Whose; of all networks when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
    },
    /// What waits for networks, and what of them ends soon. [`Response::Due`](super::Response) for each.
    Due {
        /// For whom; for all that live here when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
    },
    /// Concerns, the oldest first. [`Response::Concern`](super::Response) for each.
    Concerns {
        /// About this thing; about all when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<ThingId>,
        /// About what this network has said; of all when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<NetId>,
        /// Also those of networks that live here whose time is over, unless a network is named.
        #[serde(default)]
        all: bool,
    },
    /// Records, the oldest first. [`Response::Record`](super::Response) for each.
    Records(RecordFilter),
    /// What happens from now on. [`Response::Event`](super::Response) for each, without end.
    Watch(WatchFilter),
    /// Who is connected? [`Response::Peer`](super::Response) for each.
    Peers,
    /// Connect to a node. [`Response::Fine`](super::Response) when dialling has begun.
    Connect {
        /// A multiaddress.
        address: String,
    },
    /// Which nodes are dialled in vain? [`Response::Trial`](super::Response) for each.
    Trials,
    /// Dial a node no more, and remember it no longer. [`Response::Fine`](super::Response) when that is
    /// so until the next start, for which the configuration may name it again;
    /// [`Failure::NotFound`](super::Failure) when it was not known.
    Forget {
        /// A multiaddress, or the name of a node.
        peer: String,
    },
    /// Reconcile with every connected node now. [`Response::Sync`](super::Response) for each
    /// conversation as it ends.
    SyncNow,
    /// Which other nodes have this record, by their own word, asked now? [`Response::Held`](super::Response),
    /// after two seconds at the most.
    Held {
        /// Which.
        id: RecordId,
    },
    /// How reconciliation stands. [`Response::Sync`](super::Response) for each peer.
    SyncStatus,
    /// Look after the disk. [`Response::Store`](super::Response).
    Store(StoreTask),
    /// The clock of your machine is right, although you do not believe it.
    /// [`Response::Fine`](super::Response) or a failure.
    BelieveClock,
    /// Look after the bridge of this node; the comment of each task says what answers it.
    Bridge(BridgeTask),
    /// By which ways did this thing come into the regions of this node?
    /// [`Response::Ways`](super::Response).
    Ways {
        /// Which.
        thing: ThingId,
    },
    /// How far do the voices for this call reach? [`Response::Reach`](super::Response).
    Reach {
        /// Which call.
        thing: ThingId,
    },
    /// Who is tied to whom? [`Response::Thread`](super::Response) for each network and each tie.
    Weave,
    /// See or change what the operator says of others.
    Policy(PolicyTask),
    /// See who is new, and say what becomes of them.
    Newcomers(NewcomerTask),
    /// Join, leave or list regions. [`Response::Fine`](super::Response) when it is done and will be so
    /// after the next start, or [`Response::Region`](super::Response) for each.
    Regions(RegionTask),
    /// Change the running configuration. [`Response::Fine`](super::Response).
    Configure(ConfigChange),
    /// End the node in good order. [`Response::Fine`](super::Response) when it has begun to.
    Stop,
}

/// Which calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFilter {
    /// Of this network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetId>,
    /// With this movement field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Tag>,
    /// At this place, or one within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// From this region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Also those that are met, withdrawn or expired, and those that do not count.
    #[serde(default)]
    pub all: bool,
    /// At most so many; at most [`CallFilter::LIMIT_MAX`].
    #[serde(default = "CallFilter::limit_max")]
    pub limit: u32,
}

impl CallFilter {
    /// The most calls in one answer: more than anyone reads, less than a node notices.
    pub const LIMIT_MAX: u32 = 1000;

    fn limit_max() -> u32 {
        Self::LIMIT_MAX
    }
}

/// Which proposals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalFilter {
    /// Of this network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetId>,
    /// To this tie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<ThingId>,
    /// Also those that were withdrawn, those whose result is final, and those whose time is over.
    #[serde(default)]
    pub all: bool,
}

/// Which gatherings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatheringFilter {
    /// Of this network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetId>,
    /// With this movement field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Tag>,
    /// From this region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Part of this larger gathering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<ThingId>,
    /// Also those that are over: agreed, cancelled, lapsed or expired.
    #[serde(default)]
    pub all: bool,
}

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFilter {
    /// Signed in this network's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetId>,
    /// Of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Signed by this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
    /// Whose home is this region, and identity events, which have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Dated at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only those that count.
    #[serde(default)]
    pub valid: bool,
    /// Only what networks that live on the node have erased and can still come back: of it all, in no
    /// order, whatever else is asked for but a network. The operator alone is told.
    #[serde(default)]
    pub hidden: bool,
    /// Only what comes after this record: the last of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RecordId>,
    /// At most so many; all when absent. Pages that follow each other end with an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What to be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchFilter {
    /// Only records of this kind, and nothing but records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

/// What to do for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreTask {
    /// Count.
    Stats,
    /// Read everything and compare.
    Verify,
    /// Make the index anew.
    Repair,
    /// Drop what is past.
    Compact,
}

/// What to do for the bridge of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BridgeTask {
    /// By which key, and in whose name, does it carry? [`Response::Bridge`](super::Response).
    Show,
    /// Accept this role with the bridge's key, and carry in its name.
    /// [`Response::Fine`](super::Response) when that is durable.
    Serve {
        /// The network, which is hosted here.
        net: NetId,
        /// The role that it offers to the bridge's key, with the power `bridge`.
        role: ThingId,
    },
    /// Follow one more rule. [`Response::Fine`](super::Response).
    Add(Box<Rule>),
    /// Follow a rule no longer. [`Response::Fine`](super::Response).
    Remove {
        /// Its name.
        name: Tag,
    },
    /// Carry nothing by a rule for now. [`Response::Fine`](super::Response).
    Pause {
        /// Its name.
        name: Tag,
    },
    /// Carry by a rule again. [`Response::Fine`](super::Response).
    Resume {
        /// Its name.
        name: Tag,
    },
    /// How are the rules doing? [`Response::Lane`](super::Response) for each.
    Lanes,
    /// What waits at a rule, and why? [`Response::Crossing`](super::Response) for each of at most
    /// [`BridgeTask::WAITING_MAX`] things, the oldest first.
    Waiting {
        /// Its name.
        name: Tag,
    },
    /// What would each rule make of this record now? [`Response::Crossing`](super::Response) for
    /// each.
    Test {
        /// Which record.
        id: RecordId,
    },
}

impl BridgeTask {
    /// The most things in one answer: more than a person looks through.
    pub const WAITING_MAX: usize = 100;
}

/// What to do about the regions that the node is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionTask {
    /// Tell of each.
    List,
    /// Be in it from now on.
    Join {
        /// Which.
        region: Region,
    },
    /// Be in it no more. The home is never left.
    Leave {
        /// Which.
        region: Region,
    },
}

/// A change of the running configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigChange {
    /// These networks' `own` records live here.
    Host {
        /// The network.
        net: NetId,
    },
    /// The node stays connected with whoever is at this address, also after the next start.
    Meet {
        /// A multiaddress.
        address: String,
    },
    /// It does so no longer. [`Request::Forget`] says it to the transport as well.
    Part {
        /// A multiaddress that it was told before, with or without the name of the node, or that name.
        peer: String,
    },
}
