//! What a node answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{
    Breakage, ClockView, Doubt, Explanation, Fault, Flaw, Held, KnockView, Missed, NewcomerState,
    PolicyView, Posted, Refusal, SyncView,
};
use crate::admission::{Fullness, NewcomerRoom};
use crate::advice::Advice;
use crate::authority::Why;
use crate::body::role::Power;
use crate::body::text::Tag;
use crate::bridge::{Decision, LaneView, Speaker};
use crate::event::Event;
use crate::fold::{call, role, tie};
use crate::id::{NetId, NodeId, PublicKey, RecordId, ThingId};
use crate::ledger::{Convening, Due, Minuted, Owed, Raised, Ratification, Step};
use crate::record::Kind;
use crate::region::Region;
use crate::time::Timestamp;
use crate::weave::{Link, Next, Reach, Thread, Ways};

/// An answer, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// We speak the same language.
    Hello {
        /// The node's revision.
        revision: u16,
        /// Which node.
        node: NodeId,
        /// The regions it is in, its home first.
        regions: Vec<Region>,
    },
    /// Prove who you are: sign this, with what else stands in a [`Challenge`](super::Challenge).
    Challenge {
        /// Fresh randomness, [`NONCE_BYTES`](super::NONCE_BYTES) of it.
        nonce: ByteBuf,
    },
    /// It is done, or nothing stands in the way.
    Fine,
    /// How a draft would be judged.
    Checked {
        /// Why it would not count; absent when it would.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        void: Option<Why>,
        /// What a person should know before they sign it, the gravest first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        advice: Vec<Advice>,
    },
    /// There is no more.
    End,
    /// It cannot be done, and why.
    Failed(Failure),
    /// How the node is.
    Status(Box<NodeStatus>),
    /// What became of a posted record.
    Posted(Posted),
    /// Which other nodes have a record.
    Held(Held),
    /// An id that begins like the prefix.
    Resolved {
        /// The id.
        id: RecordId,
        /// What it names.
        kind: Kind,
    },
    /// A mandate of the key.
    Mandate(Mandate),
    /// A record and how it was judged.
    Record(View<Judgement>),
    /// A thing.
    Thing(ThingView),
    /// A network: its profile, if there is one, and its identity.
    Network(View<NetworkState>),
    /// A role.
    Role(View<RoleState>),
    /// A declaration of values.
    Values(View<Declared>),
    /// A tie.
    Tie(View<tie::State>),
    /// A call.
    Call(View<call::State>),
    /// A proposal.
    Proposal(View<Ratification>),
    /// A gathering.
    Gathering(View<Convening>),
    /// Minutes of a meeting.
    Minutes(View<Minuted>),
    /// A current disclosure.
    Disclosure(View<Declared>),
    /// What a network owes in openness.
    Owed(Owed),
    /// Something that waits for a network, or ends soon.
    Due(Due),
    /// A concern.
    Concern(View<Raised>),
    /// An answer to a call, a proposal or a gathering.
    Answer(View<AnswerState>),
    /// A region that the node is in.
    Region(RegionView),
    /// Something happened.
    Event(Event),
    /// A connected node.
    Peer(PeerView),
    /// A node that is dialled in vain.
    Trial(TrialView),
    /// A reconciliation.
    Sync(SyncView),
    /// What was found or done on the disk.
    Store(StoreReport),
    /// In whose name the bridge carries.
    Bridge(BridgeView),
    /// How a rule of the bridge is doing.
    Lane(LaneView),
    /// What a rule makes of a record.
    Crossing(CrossingView),
    /// By which ways a thing came.
    Ways(WaysView),
    /// How far the voices for a call reach.
    Reach(ReachView),
    /// A piece of the weave.
    Thread(Thread),
    /// What the operator has said of others.
    Policy(PolicyView),
    /// Why something is where it is.
    Explained(Box<Explanation>),
    /// A newcomer: its profile, if it has brought one, and what is kept of it.
    Newcomer(View<NewcomerState>),
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Nothing here has that name. It may be on its way.
    #[error("nothing here has that name")]
    NotFound,
    /// It was here, and its author has erased it.
    #[error("its author has erased it")]
    Erased,
    /// It was here, and its time is over: only the node of its author keeps it.
    #[error("it was of the kind {kind}, and its time was over on {ended}")]
    Over {
        /// What it was.
        kind: Kind,
        /// When its time was over.
        ended: Timestamp,
    },
    /// The statement would not count if it were signed.
    /// The records are not taken, or the node will not do it now.
    #[error("{0}")]
    Refused(Refusal),
    /// A record's bytes are no record, or its signature does not hold.
    #[error("{0}")]
    Unverified(Flaw),
    /// The disk takes no more; what the system says.
    #[error("the node cannot write: {0}")]
    ReadOnly(String),
    /// The client speaks another revision.
    #[error("this node speaks revision {revision} of the door; update the older of the two")]
    Revision {
        /// The node's.
        revision: u16,
    },
    /// The request was not understood, or is out of bounds: what is wrong with it, in English, for who
    /// writes clients.
    #[error("the request was not understood: {0}")]
    BadRequest(String),
    /// Too much is under way; asking again later helps.
    #[error("the node is busy; try again in a moment")]
    Busy,
    /// Something broke in the node's surroundings.
    #[error("the node failed: {0}")]
    Broken(Breakage),
}

/// A record as it was signed, and what the node makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View<S> {
    /// The bytes of the record; empty where there is none, as in a network without a profile.
    pub record: ByteBuf,
    /// What the records together say.
    pub state: S,
}

/// What a declaration of values or a disclosure has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Declared {
    /// It stands.
    Current,
    /// Another stands in its place, or it was withdrawn.
    Replaced,
    /// Its time is over.
    Expired,
}

/// How a record was judged here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Why it does not count; absent when it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<Why>,
    /// The steps of the judgement; only where one record was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// What is known of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkState {
    /// Which network.
    pub net: NetId,
    /// The accepted events of its identity, the first to the last.
    pub log: Vec<RecordId>,
    /// The key that speaks for it now; absent when it has closed or is disputed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
    /// How many guardians it has, and how many a recovery needs.
    pub guardians: (u8, u8),
    /// Since when nobody knows who speaks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<Timestamp>,
    /// When it closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// Signing keys that were taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<PublicKey>,
    /// The profile whose nodes and sealing key count, where it is not the one that is shown: its bytes,
    /// empty when none counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosting: Option<ByteBuf>,
}

/// What a role has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleState {
    /// The role.
    pub thing: ThingId,
    /// Under which role it was granted; absent when the network's key did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granter: Option<ThingId>,
    /// What it has come to.
    pub state: role::State,
}

/// How an answer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerState {
    /// Whether it counts and no later answer stands in its place.
    pub current: bool,
    /// Why it does not count; absent when it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<Why>,
}

/// In whose name a key may speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// The network.
    pub net: NetId,
    /// The role; absent for the network's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<ThingId>,
    /// The newest version of the role; absent for the network's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<RecordId>,
    /// What it may do; all of it for the network's own key.
    pub powers: Vec<Power>,
    /// Until when; absent for the network's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether the role still waits for its holder to accept it.
    #[serde(default)]
    pub offered: bool,
}

/// A thing's versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThingView {
    /// Its kind.
    pub kind: Kind,
    /// Whose it is.
    pub net: NetId,
    /// The bytes of its current version; empty when none counts.
    pub current: ByteBuf,
    /// The heads: more than one when it is forked.
    pub heads: Vec<RecordId>,
    /// The revision of the heads, or of what is offered.
    pub rev: u16,
    /// The latest version that is newer than the current one and that not every party has accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<RecordId>,
}

/// How a node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Which node.
    pub node: NodeId,
    /// The version of the program.
    pub version: String,
    /// What it takes its surroundings to be: the name of a profile.
    #[serde(default)]
    pub profile: String,
    /// Since when it runs.
    pub since: Timestamp,
    /// The node's clock.
    pub now: Timestamp,
    /// The regions it is in, its home first.
    pub regions: Vec<Region>,
    /// The networks whose `own` records live here.
    pub hosted: Vec<NetId>,
    /// Where it listens.
    pub listening: Vec<String>,
    /// Where it was told to listen and does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<Missed>,
    /// Those who came and were not let in, because the node is closed and was not told of them; who came
    /// last is first. The operator alone is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub knocks: Vec<KnockView>,
    /// How many nodes are connected, by region.
    pub peers: BTreeMap<Region, u32>,
    /// How many records are stored, by kind.
    pub records: BTreeMap<String, u64>,
    /// How many records wait for what they refer to.
    pub waiting: u64,
    /// How many of them wait for their date, which is in the future by this node's clock.
    #[serde(default)]
    pub early: u64,
    /// What other nodes say of this node's clock; absent when none has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockView>,
    /// The machine's clock, when the node does not believe it; absent when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// How full its store is.
    #[serde(default)]
    pub stock: Fullness,
    /// How full its room for newcomers is; to guests of the door it has none.
    #[serde(default)]
    pub newcomers: NewcomerRoom,
    /// How many networks are known.
    pub networks: u64,
    /// Why the disk takes no more; absent when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<String>,
    /// What has been counted since the start, by name: refused, malformed, badly signed …
    pub counters: BTreeMap<String, u64>,
}

/// Somebody who is connected: a node, or, as long as it has not said that it is one, perhaps the terminal
/// of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    /// Who, as the transport writes it.
    pub name: String,
    /// Who.
    pub node: NodeId,
    /// Whether it has said in which regions it is, as nodes do on meeting and terminals never do.
    pub named: bool,
    /// Whether we dialled.
    pub outbound: bool,
    /// Those of our regions that it is in.
    pub regions: Vec<Region>,
    /// The regions that it named on meeting and that this node is not in; its word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Region>,
}

/// A node that is dialled in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialView {
    /// Who is to answer, as the transport writes it; absent when anybody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where.
    pub addresses: Vec<String>,
    /// Why it came to nothing the last time.
    pub fault: Fault,
    /// Since when.
    pub since: Timestamp,
    /// When it was tried last.
    pub last: Timestamp,
    /// Whether it is to be connected always: the configuration or an invite named it.
    pub wanted: bool,
}

/// How a region looks from this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionView {
    /// Which.
    pub region: Region,
    /// Whether the node's networks publish there.
    pub home: bool,
    /// How many of its nodes are connected.
    pub peers: u32,
    /// How many records are in its set here.
    pub records: u64,
    /// How many carriages stand that bring something into it.
    pub carriages: u64,
}

/// In whose name the bridge of a node carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgeView {
    /// The key by which it signs.
    pub key: PublicKey,
    /// In whose name; absent until it serves a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// Until when it may; absent when it may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Out of which region into which ties entitle it to carry, and which tie.
    pub entitled: Vec<(Region, Region, ThingId)>,
}

/// What a rule makes of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossingView {
    /// The rule.
    pub rule: Tag,
    /// The thing.
    pub thing: ThingId,
    /// What comes of it, step by step.
    pub decision: Decision,
}

/// By which ways a thing came into the regions of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaysView {
    /// The regions of the node in which it is, and by which ways; none where it is at home.
    pub regions: Vec<(Region, Ways)>,
    /// The regions of the node in which it is not.
    pub absent: Vec<Region>,
    /// Which of the networks on these ways count as one voice, and why.
    pub links: Vec<(NetId, NetId, Link)>,
}

/// How far the voices for a call reach, as far as the node sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachView {
    /// How far.
    pub reach: Reach,
    /// Whose endorsement would give the most networks `k` independent voices, for each `k`.
    pub next: Vec<(u8, Vec<Next>)>,
}

/// What was found or done on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreReport {
    /// Figures by name: records, bytes, damaged, missing …
    pub figures: BTreeMap<String, u64>,
    /// What is wrong; empty when all is well.
    pub problems: Vec<StoreProblem>,
}

/// Something that is wrong on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum StoreProblem {
    /// The disk takes no writes at the moment.
    Refusing,
    /// Bytes of the journal cannot be read; what stood there is fetched again from peers.
    Damaged {
        /// The byte at which they begin.
        at: u64,
        /// How many.
        bytes: u64,
    },
    /// The signature of a record does not hold.
    Forged {
        /// Which record.
        id: RecordId,
    },
    /// The index does not agree with the journal.
    Index,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{decode, encode};

    #[test]
    fn a_declaration_passes_the_door() {
        let view = View { record: ByteBuf::from([1]), state: Declared::Current };
        let response = Response::Values(view);
        assert_eq!(decode(&encode(&response).unwrap()), Ok(response));
    }
}
