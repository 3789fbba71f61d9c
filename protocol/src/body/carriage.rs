//! `carriage`: a bridge's statement of what it carries. Draft: the folds may still change it.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{List, Tag};
use crate::id::ThingId;
use crate::region::Region;

/// The most things that one carriage may name.
pub const CARRIED_MAX: usize = 256;

/// "I carry these from region A into region B." Its home is the region it carries into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriage {
    /// What is carried: at least one.
    pub things: List<ThingId, CARRIED_MAX>,
    /// Out of which region.
    pub from: Region,
    /// The bridge tie that entitles.
    pub tie: ThingId,
    /// The name of the rule that said yes.
    pub rule: Tag,
}

impl KnownBody for Carriage {
    const KEYS: &'static [&'static str] = &["things", "from", "tie", "rule"];

    fn is_sound(&self) -> bool {
        !self.things.is_empty()
    }
}
