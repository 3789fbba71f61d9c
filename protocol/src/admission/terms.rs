//! On which terms a node lets others in, as its configuration says.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::newcomers::NewcomerBounds;
use super::policy::Mode;
use super::quota::QuotaBounds;
use super::recognition::{DISTANCE_DEFAULT, DISTANCE_MAX};
use super::stock::StockBounds;
use crate::id::NetId;

/// On which terms a node lets others in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// How open it is.
    pub mode: Mode,
    /// Over how many ties a network is recognised, at most [`DISTANCE_MAX`].
    pub distance: u8,
    /// From which networks recognition starts, beside those that live here.
    pub seeds: BTreeSet<NetId>,
    /// How much anybody may bring in an hour.
    pub quota: QuotaBounds,
    /// How much may be stored.
    pub stock: StockBounds,
    /// How much is kept of newcomers.
    pub newcomers: NewcomerBounds,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            distance: DISTANCE_DEFAULT,
            seeds: BTreeSet::new(),
            quota: QuotaBounds::default(),
            stock: StockBounds::default(),
            newcomers: NewcomerBounds::default(),
        }
    }
}

impl Terms {
    /// Returns the terms of a node that takes whatever comes, as fast as it comes: for a closed
    /// circle of nodes that trust each other, and for measuring.
    pub fn trusting() -> Self {
        let most = u64::from(u32::MAX);
        let quota = QuotaBounds {
            records: most,
            bytes: most,
            newcomer_records: most,
            newcomer_bytes: most,
            ..QuotaBounds::default()
        };
        let stock = StockBounds {
            records: most,
            bytes: u64::MAX,
            payer_records: most,
            payer_bytes: u64::MAX,
        };
        Self { mode: Mode::Open, quota, stock, ..Self::default() }
    }

    /// Says whether the distance is one that can be configured.
    pub fn is_usable(&self) -> bool {
        self.distance <= DISTANCE_MAX
    }
}
