//! Who pays, and as whose part of it.

use crate::id::{NetId, NodeId, PublicKey};

/// Whose room is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payer {
    /// A network that this node starts from, or that is tied to one of those: what it signs itself.
    Network(NetId),
    /// The same for all to whom chains lead through it, and for what it carries over a bridge. It is
    /// apart, so that whoever lets others in keeps what is its own.
    Behind(NetId),
    /// All newcomers together.
    Newcomers,
    /// All newcomers together who answer what is here: apart from the others, so that a flood of
    /// answers keeps nobody from being seen whom a tie names.
    Answers,
    /// A connected node.
    Peer(NodeId),
}

/// One of those who share a payer's room, or a share of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A network, or all to whom chains lead through it.
    Network(NetId),
    /// Whoever signs with this key.
    Key(PublicKey),
    /// Whatever this node brings.
    Peer(NodeId),
}

/// Who pays for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Whose room it takes.
    pub payer: Payer,
    /// As whose share of it, as whose share of that, and so on.
    pub parts: Vec<Part>,
}

impl Bill {
    /// Makes a bill for a payer who shares with nobody.
    pub fn of(payer: Payer) -> Self {
        Self { payer, parts: Vec::new() }
    }

    /// Adds a part of the innermost share.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}
