//! What becomes of a record before the ledger sees it, and why.
//!
//! **Invariant:** a ruling is a function of what arrives, the policy, the recognition and the
//! quotas; nothing is paid for what is not taken.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bill::{Bill, Part, Payer};
use super::policy::{Action, Concern, Entry, Mode, Policy};
use super::quota::{Charge, Quotas, Resource};
use super::recognition::Recognition;
use super::stock::Stock;
use crate::id::{NetId, NodeId};
use crate::ledger::{Signer, Wanted};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

/// What arrives, as far as admission asks.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The record.
    pub record: &'a Record,
    /// How it came.
    pub origin: Origin,
    /// Whose valid carriage names its thing, when its home is not a region of this node.
    pub carrier: Option<NetId>,
    /// Why something that is stored asks for it, if anything does.
    pub wanted: Option<Wanted>,
    /// Whether it says who speaks for a network of which something is here.
    pub backs: bool,
    /// Whether the key that signed it speaks for its network. Who signs in the name of others is not to
    /// use what is theirs.
    pub signer: Signer,
}

/// How a record came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Through the door of this node.
    Door,
    /// Out of the newcomers' pool.
    Pool,
    /// This node brought it.
    Peer(NodeId),
}

/// What rulings are made from.
#[derive(Debug)]
pub struct Stance<'a> {
    /// What the operator has said.
    pub policy: &'a Policy,
    /// Which networks are recognised.
    pub recognition: &'a Recognition,
    /// Who may bring how much.
    pub quotas: &'a mut Quotas,
    /// What is stored of whom.
    pub stock: &'a Stock,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Put it into the ledger and keep it.
    Take,
    /// Keep it among the newcomers, outside every set.
    Newcomer,
    /// Do not keep it; when it came by reconciliation, count it as a stub.
    Stub,
    /// Do not keep it now: it may be offered again from this moment on.
    Later {
        /// When there is room.
        ready: Timestamp,
    },
}

/// One step of a ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ruling", rename_all = "kebab-case")]
pub enum Ruling {
    /// It came through the door of this node.
    Door,
    /// The operator has said so.
    Said {
        /// What.
        entry: Entry,
    },
    /// A chain of ties leads to its network.
    Recognised {
        /// Over how many ties.
        distance: u8,
        /// Whose quota it uses.
        payer: NetId,
    },
    /// No chain of ties leads to its network.
    Unknown,
    /// A bridge carries it, and answers for it.
    Carried {
        /// Which network carries.
        by: NetId,
    },
    /// Something that is kept refers to it.
    Wanted,
    /// It answers something that is kept, or says who does.
    Answers,
    /// Its network has not named its key: it counts against whoever brought it.
    Unnamed,
    /// Its network does not stand behind its key now: it counts against whoever brought it.
    Idle,
    /// The node lets newcomers in.
    Open,
    /// The node lets only in what is allowed.
    Closed,
    /// Newcomers wait until somebody is tied to them, or the operator welcomes them.
    Waits,
    /// As much is stored of its network, with those who share its room, as there is room for.
    Full,
    /// There is too much of it.
    Short {
        /// Of what.
        resource: Resource,
        /// From when on there is room again.
        ready: Timestamp,
    },
}

/// Rules on a record, and pays for it when it is taken.
pub fn admit(
    arrival: &Arrival<'_>,
    stance: &mut Stance<'_>,
    now: Timestamp,
) -> (Fate, Vec<Ruling>) {
    let (ruled, mut steps) = rule(arrival, (stance.policy, stance.recognition, stance.stock), now);
    let fate = match ruled {
        Err(fate) => fate,
        Ok(None) => Fate::Take,
        Ok(Some(bills)) => match stance.quotas.pay(&bills, &charges(arrival.record), now) {
            Ok(()) => Fate::Take,
            Err((resource, ready)) => {
                steps.push(Ruling::Short { resource, ready });
                Fate::Later { ready }
            }
        },
    };
    (fate, steps)
}

/// Rules on a record as [`admit`] would, and nobody pays.
pub fn consider(
    arrival: &Arrival<'_>,
    stance: (&Policy, &Recognition, &Quotas, &Stock),
    now: Timestamp,
) -> (Fate, Vec<Ruling>) {
    let (policy, recognition, quotas, stock) = stance;
    let (ruled, mut steps) = rule(arrival, (policy, recognition, stock), now);
    let bills = match ruled {
        Err(fate) => return (fate, steps),
        Ok(None) => return (Fate::Take, steps),
        Ok(Some(bills)) => bills,
    };
    match quotas.find(&bills, &charges(arrival.record), now) {
        Ok(_) => (Fate::Take, steps),
        Err((resource, ready)) => {
            steps.push(Ruling::Short { resource, ready });
            (Fate::Later { ready }, steps)
        }
    }
}

/// Returns what taking a record costs whoever pays for it.
pub(crate) fn charges(record: &Record) -> [Charge; 2] {
    let size = record.bytes().len() as u64;
    [
        Charge { resource: Resource::Records, amount: 1 },
        Charge { resource: Resource::Bytes, amount: size },
    ]
}

/// Says who pays for a record, any one of them, none for what came through the door, or what becomes
/// of it when nobody does; and why.
fn rule(
    arrival: &Arrival<'_>,
    (policy, recognition, stock): (&Policy, &Recognition, &Stock),
    now: Timestamp,
) -> (Result<Option<Vec<Bill>>, Fate>, Vec<Ruling>) {
    let mut steps = Vec::with_capacity(4);
    if arrival.origin == Origin::Door {
        return (Ok(None), vec![Ruling::Door]);
    }
    let standing = standing(arrival, (policy, recognition), now, &mut steps);
    let mut bills = standing.and_then(|standing| signing(arrival, standing, &mut steps));
    if bills.is_ok() && stock.is_full(arrival.record, recognition) {
        steps.push(Ruling::Full);
        bills = Err(Fate::Stub);
    }
    (bills.map(|bills| Some(each_its_part(arrival, bills))), steps)
}

/// As what a record is let in.
enum Admitted {
    /// As what this network signs, or answers for.
    By(Vec<Bill>),
    /// As what a newcomer signs.
    Newcomer(Payer),
}

/// Says who pays instead of a network for what is signed under a key that does not speak for it: the
/// node that brings it. In the newcomers' pool it stays until the key is named.
fn signing(
    arrival: &Arrival<'_>,
    admitted: Admitted,
    steps: &mut Vec<Ruling>,
) -> Result<Vec<Bill>, Fate> {
    let peer = match arrival.origin {
        Origin::Peer(peer) => Some(peer),
        Origin::Door | Origin::Pool => None,
    };
    match arrival.signer {
        Signer::Speaks => {}
        Signer::Idle => steps.push(Ruling::Idle),
        Signer::Unnamed => steps.push(Ruling::Unnamed),
    }
    Ok(match (admitted, arrival.signer, peer) {
        (_, Signer::Unnamed, None) => return Err(Fate::Newcomer),
        (Admitted::By(_), Signer::Unnamed | Signer::Idle, Some(peer)) => {
            vec![Bill::of(Payer::Peer(peer))]
        }
        (Admitted::By(bills), ..) => bills,
        (Admitted::Newcomer(payer), ..) => {
            let bill = Bill::of(payer);
            vec![peer.into_iter().fold(bill, |bill, peer| bill.part(Part::Peer(peer)))]
        }
    })
}

/// Lets whoever is behind a record take no more than its part: its key of what a network has for
/// itself, its network of all else.
fn each_its_part(arrival: &Arrival<'_>, bills: Vec<Bill>) -> Vec<Bill> {
    let (net, key) = (Part::Network(arrival.record.net()), Part::Key(arrival.record.key()));
    let part = |bill: Bill| match bill.payer {
        Payer::Network(_) => bill.part(key),
        _ if bill.parts.last() == Some(&net) => bill,
        _ => bill.part(net),
    };
    bills.into_iter().map(part).collect()
}

/// Returns by whom a bridge's network pays for what it carries.
fn carrying(recognition: &Recognition, by: &NetId) -> Vec<Bill> {
    let behind = |bill: Bill| match bill.payer {
        Payer::Network(net) => Bill::of(Payer::Behind(net)),
        _ => bill,
    };
    recognition.bills(by).into_iter().map(behind).collect()
}

/// Says as what a record is let in, or what becomes of it when it is not.
fn standing(
    arrival: &Arrival<'_>,
    (policy, recognition): (&Policy, &Recognition),
    now: Timestamp,
    steps: &mut Vec<Ruling>,
) -> Result<Admitted, Fate> {
    let net = arrival.record.net();
    let peer = match arrival.origin {
        Origin::Peer(peer) => Some(peer),
        Origin::Door | Origin::Pool => None,
    };
    let said = policy.ruled(&Concern::about(arrival.record, peer), now);
    let says = |action| said.iter().any(|entry| entry.action == action);
    let (blocked, allowed) = (says(Action::Block), says(Action::Allow));
    steps.extend(said.into_iter().cloned().map(|entry| Ruling::Said { entry }));
    if blocked {
        return Err(Fate::Stub);
    }
    let seed = recognition.of(&net).is_some_and(|known| known.distance == 0);
    // What judges the rest comes with it, also where only the rest is let in.
    if policy.mode == Mode::Closed && !seed && !allowed && !arrival.backs {
        steps.push(Ruling::Closed);
        return Err(Fate::Stub);
    }
    // A bridge that nobody here recognises answers for nothing.
    if let Some(by) = arrival.carrier.filter(|by| recognition.has(by)) {
        steps.push(Ruling::Carried { by });
        return Ok(Admitted::By(carrying(recognition, &by)));
    }
    if let Some(known) = recognition.of(&net) {
        steps.push(Ruling::Recognised { distance: known.distance, payer: known.payer });
        return Ok(Admitted::By(recognition.bills(&net)));
    }
    if allowed && policy.allows(&net, now) {
        return Ok(Admitted::By(vec![Bill::of(Payer::Network(net))]));
    }
    steps.push(Ruling::Unknown);
    if let Some(wanted) = arrival.wanted {
        let (why, payer) = match wanted {
            Wanted::Named => (Ruling::Wanted, Payer::Newcomers),
            Wanted::Answers => (Ruling::Answers, Payer::Answers),
        };
        steps.push(why);
        return Ok(Admitted::Newcomer(payer));
    }
    if allowed {
        // Whoever is allowed by a kind, a region or a node may be anybody.
        return Ok(Admitted::Newcomer(Payer::Newcomers));
    }
    if policy.mode == Mode::Open {
        steps.push(Ruling::Open);
        return Ok(Admitted::Newcomer(Payer::Newcomers));
    }
    steps.push(Ruling::Waits);
    Err(Fate::Newcomer)
}

/// Says whether records of this kind are needed to judge others.
pub(super) fn is_support(kind: &Kind) -> bool {
    matches!(kind, Kind::Identity | Kind::Role | Kind::End)
}

impl fmt::Display for Ruling {
    /// Says in plain words what the step found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Door => f.write_str("it came through this node's own door"),
            Self::Said { entry } => write!(f, "this node's policy: {entry}"),
            Self::Recognised { distance: 0, .. } => {
                f.write_str("its network is one that this node starts from")
            }
            Self::Recognised { distance: 1, .. } => {
                f.write_str("its network is tied to one that this node starts from")
            }
            Self::Recognised { distance, payer } => {
                write!(f, "a chain of {distance} ties leads to its network; ")?;
                write!(f, "it shares the quota of {}", payer.short())
            }
            Self::Unknown => f.write_str("no chain of ties leads to its network"),
            Self::Carried { by } => {
                write!(f, "the bridge of {} carries it and answers for it", by.short())
            }
            Self::Wanted => f.write_str("something that is kept refers to it"),
            Self::Answers => f.write_str("it answers something that is kept, or says who does"),
            Self::Unnamed => f.write_str(
                "its network has not named the key that signed it; it counts against who brought it",
            ),
            Self::Idle => f.write_str(
                "its network does not stand behind the key that signed it; it counts against who \
                 brought it",
            ),
            Self::Open => f.write_str("this node lets newcomers in"),
            Self::Closed => f.write_str("this node lets in only what is allowed by name"),
            Self::Waits => f.write_str(
                "it is kept among the newcomers until its network is tied to a known one, or welcomed",
            ),
            Self::Full => f.write_str(
                "as much is stored of its network, or of those who share its room, as this node has room \
                 for",
            ),
            Self::Short { resource, ready } => {
                let what = match resource {
                    Resource::Records => "records",
                    Resource::Bytes => "bytes",
                    Resource::SyncTime => "time",
                    Resource::Stubs => "refused records",
                };
                write!(f, "too many {what} in an hour; there is room again at {ready}")
            }
        }
    }
}
