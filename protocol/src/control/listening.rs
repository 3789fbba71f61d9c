//! Where a node was told to listen and does not, and why.
//!
//! **Invariant:** the reason is one of a list, so that whoever reads it says it in their own language.

use serde::{Deserialize, Serialize};

/// A place of the configuration where the node does not listen, or not as it was told to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The address, as the configuration has it.
    pub address: String,
    /// Why.
    pub why: Obstacle,
}

/// What keeps a node from listening at an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// Another program has the port.
    Taken,
    /// The machine does not have the address, or not now.
    Absent,
    /// The account may not use the port.
    Forbidden,
    /// The machine does not speak this version of the Internet Protocol.
    NoFamily,
    /// Nobody can listen at an address of this form.
    Unfit,
    /// The system does not tell which addresses the machine has; the node listens at those that it
    /// found by itself.
    Blind,
    /// What the system said.
    Other(String),
}

impl Obstacle {
    /// Returns the name by which scripts know it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Absent => "absent",
            Self::Forbidden => "forbidden",
            Self::NoFamily => "no-family",
            Self::Unfit => "unfit",
            Self::Blind => "blind",
            Self::Other(_) => "other",
        }
    }

    /// Says whether somebody could mend it on this machine; what remains is how the machine is.
    pub fn is_wrong(&self) -> bool {
        !matches!(self, Self::NoFamily | Self::Blind)
    }
}
