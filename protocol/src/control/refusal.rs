//! Why a node will not do what it is asked, cannot, or reaches no other.

use serde::{Deserialize, Serialize};

use crate::admission::{Entry, PolicyError};
use crate::body::text::Tag;
use crate::bridge::RuleError;
use crate::ledger;
use crate::region::Region;
use crate::time::Timestamp;

/// Why records are not taken, or the node will not do it now. A reason is data, and whoever shows it to
/// people words it; what `Display` says is for logs and for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The key may do nothing here.
    #[error("this key holds no role of a network that lives on this node; ask the network for one")]
    Stranger,
    /// Nobody knows yet who asks.
    #[error("say first who you are, and prove it")]
    Unproven,
    /// It is not for guests.
    #[error("only the operator may ask this, and only at the node itself")]
    Operators,
    /// The role of who asks is still to be accepted.
    #[error("accept your role first; until then this node takes nothing else from you")]
    NotAccepted,
    /// A guest has brought what others have signed.
    #[error(
        "from afar this node takes only what your key signs for a network that lives on it; what others \
         say comes from other nodes, or by 'weft import' at the node itself"
    )]
    OthersWords,
    /// The operator has said so.
    #[error("this node's policy: {0}")]
    Policy(Box<Entry>),
    /// The record's time is over.
    #[error("it has expired")]
    Expired,
    /// As many like the record are kept as may be.
    #[error("as many like it are kept as may be")]
    Surplus,
    /// What the operator says of others cannot be kept.
    #[error(transparent)]
    Entry(PolicyError),
    /// The node stays connected with as many nodes as it can.
    #[error("it stays connected with {most} already; forget some")]
    TooManyPeers {
        /// How many.
        most: u64,
    },
    /// The node is in as many regions as it can be.
    #[error("a node is in at most {most} regions; leave one first")]
    TooManyRegions {
        /// How many.
        most: u64,
    },
    /// The home of the node is not left.
    #[error(
        "{region} is the home of this node, where its networks publish; to move it, change 'region' in \
         config.toml and start it again"
    )]
    HomeRegion {
        /// Which.
        region: Region,
    },
    /// A rule of the bridge needs the region.
    #[error("the bridge rule '{rule}' needs {region}; remove the rule first")]
    RegionInUse {
        /// The rule.
        rule: Tag,
        /// The region.
        region: Region,
    },
    /// The node is not in the region.
    #[error("this node is not in {region}")]
    NotInRegion {
        /// Which.
        region: Region,
    },
    /// The node cannot be a bridge.
    #[error("this node has no key for a bridge")]
    NoBridgeKey,
    /// The rule cannot be followed.
    #[error(transparent)]
    Rule(RuleError),
    /// The rule is not the operator's to remove while the node runs.
    #[error("the rule stands in config.toml; pause it, or take it out there and start again")]
    RuleInSettings,
    /// The network does not live on the node.
    #[error("the network does not live on this node")]
    NotHosted,
    /// The role was given to another key.
    #[error("the role is of another key than the bridge's")]
    OtherHolder,
    /// The role does not let the bridge carry.
    #[error("the role has not the power 'bridge'")]
    NoBridgePower,
    /// The role is over.
    #[error("the role has ended")]
    RoleEnded,
    /// The bridge's key could not sign.
    #[error("the node could not accept the role")]
    NotSigned,
    /// The clock of the machine shows less than what has been.
    #[error(
        "time cannot run backwards while a node runs. That it is {shown} is written down: start the node \
         again (weft stop, weft up)"
    )]
    GoesBack {
        /// What it shows.
        shown: Timestamp,
    },
    /// What was asked needs a running node.
    #[error("no node runs here, and this needs one: weft up")]
    NeedsNode,
    /// What was asked needs the files that the running node has.
    #[error("this needs the files for itself; stop the node first: weft stop")]
    NeedsFiles,
}

impl From<ledger::Refusal> for Refusal {
    fn from(refusal: ledger::Refusal) -> Self {
        match refusal {
            ledger::Refusal::Expired => Self::Expired,
            ledger::Refusal::Surplus => Self::Surplus,
        }
    }
}

/// What broke in the surroundings of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Breakage {
    /// Whoever watches was too slow.
    #[error("{events} events were missed; read faster, or list again")]
    Missed {
        /// How many.
        events: u64,
    },
    /// What was chosen holds until the node stops.
    #[error("it holds until the node stops, but could not be written down: {system}")]
    NotWritten {
        /// What the system says.
        system: String,
    },
    /// The program failed on it.
    #[error("the task ended early")]
    Ended,
    /// The disk cannot be read, or not be written.
    #[error("{system}")]
    Disk {
        /// What the system says.
        system: String,
    },
}

/// Why a node was not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Somebody else answers there.
    Other {
        /// Who, as the transport writes it.
        name: String,
    },
    /// What answers there is no node.
    Strange,
    /// It answered, and closed at once: it is full, or does not want us.
    Closed,
    /// It is closed, and nobody has told it of this node.
    Stranger {
        /// By which name its operator is to let this node in.
        own: String,
    },
    /// The machine is there, and nobody listens at that port.
    Shut,
    /// Nothing answered in time.
    Silent,
    /// No machine has that name.
    Nameless,
    /// No way leads there from here.
    NoWay,
    /// The operator has blocked it, or there is no room for more connections here.
    Barred,
    /// It is this node itself.
    Itself,
}
