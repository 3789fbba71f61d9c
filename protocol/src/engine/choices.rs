//! What the operator has chosen while the node ran.
//!
//! **Invariant:** a choice holds at once and is acknowledged when it is kept; when it could not be
//! kept, whoever made it is told that it holds until the next start only.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{BridgeChoices, Effect, Engine, RequestId, Settings};
use crate::admission::{Entry, Mode, Policy, PolicyError};
use crate::control::{Breakage, ConfigChange, Failure, Refusal, Response};
use crate::id::NetId;
use crate::region::Region;
use crate::time::Timestamp;

/// The most requests that wait until their choice is kept: a file is written in milliseconds, and
/// there is one operator.
pub const KEEPING_MAX: usize = 64;

/// The most nodes with which a node stays connected because it was told to while it ran: every one of
/// them is dialled as long as it does not answer.
const PEERS_MAX: usize = 64;

/// What is to hold after the next start as well, beside what the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choices {
    /// The networks whose `own` records live here.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub networks: BTreeSet<NetId>,
    /// Where the nodes are with which it stays connected, beside those that the configuration names.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub peers: BTreeSet<String>,
    /// Regions that the node has joined.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub joined: BTreeSet<Region>,
    /// Regions of the configuration that it has left.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub left: BTreeSet<Region>,
    /// How open it is; as the configuration says when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// What is allowed, muted and blocked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<Entry>,
    /// In whose name its bridge carries, and by which rules.
    pub bridge: BridgeChoices,
}

/// What is being kept, and who is answered then.
#[derive(Debug, Default)]
pub(super) struct Keeping(BTreeMap<RequestId, Response>);

impl Engine {
    /// Changes the running configuration, for good.
    pub(super) fn configure(&mut self, now: Timestamp, request: RequestId, change: &ConfigChange) {
        let choices = &mut self.settings.choices;
        match change {
            ConfigChange::Host { net } => choices.networks.insert(*net),
            ConfigChange::Meet { address } => {
                if choices.peers.len() >= PEERS_MAX && !choices.peers.contains(address) {
                    let why = Refusal::TooManyPeers { most: PEERS_MAX as u64 };
                    return self.reply(request, vec![Response::Failed(Failure::Refused(why))]);
                }
                choices.peers.insert(address.clone());
                return self.keep(request, Response::Fine);
            }
            ConfigChange::Part { peer } => {
                choices.peers.retain(|address| !leads_to(address, peer));
                return self.keep(request, Response::Fine);
            }
        };
        // Recognition starts from both; what it lets in may have to be fetched.
        self.gate.look_again();
        self.gate.refused.welcome(|_| true);
        self.syncs.stir(now, None, &mut self.dice);
        self.keep(request, Response::Fine);
    }

    /// Keeps what the operator has chosen, and then answers.
    pub(super) fn keep(&mut self, request: RequestId, answer: Response) {
        let effect = self.keeping(request, answer);
        self.out.push(effect);
    }

    /// Returns what keeps what the operator has chosen, after which it is answered.
    pub(super) fn keeping(&mut self, request: RequestId, answer: Response) -> Effect {
        if self.keeping.0.len() >= KEEPING_MAX {
            let responses = vec![Response::Failed(Failure::Busy)];
            return Effect::Reply { request, responses, last: true };
        }
        self.keeping.0.insert(request, answer);
        Effect::Keep { request, choices: Box::new(self.settings.choices.clone()) }
    }

    /// What was chosen is kept, or could not be.
    pub(super) fn kept(&mut self, request: RequestId, failure: Option<String>) {
        let Some(answer) = self.keeping.0.remove(&request) else { return };
        let answer = match failure {
            None => answer,
            Some(system) => Response::Failed(Failure::Broken(Breakage::NotWritten { system })),
        };
        self.reply(request, vec![answer]);
    }
}

/// Says whether an address is the one that is named here, whoever is to answer there, or is that of the
/// node that is.
fn leads_to(address: &str, peer: &str) -> bool {
    let (place, node) = address.rsplit_once("/p2p/").unwrap_or((address, ""));
    [address, place, node].contains(&peer)
}

/// Returns what the operator has said, as far as it still holds.
pub(super) fn policy(settings: &Settings, now: Timestamp) -> Policy {
    let mut policy = Policy::new(settings.mode());
    for entry in &settings.choices.policy {
        // What has ended since the last start says nothing, and nothing else can fail again.
        policy.add(entry.clone(), now).ok();
    }
    policy
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::Refused(Refusal::Entry(error))
    }
}
