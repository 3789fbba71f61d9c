//! What is known of a record that is not here.
//!
//! **Invariant:** a claim says all that rulings on standing ask of a record, so what was refused by
//! name is let in by the same rules as what is offered.

use super::Record;
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::id::{NetId, RecordId, ThingId};

/// What is known of a record by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub id: RecordId,
    /// Whose it says it is.
    pub net: NetId,
    /// What it is a version of.
    pub thing: ThingId,
    /// What it answers, when it is an answer to something else than a role of its own network.
    pub to: Option<ThingId>,
    /// Whether it says who speaks for its network, or who it is: support and profiles follow.
    pub follows: bool,
}

impl Claim {
    /// Says what is known of a record.
    pub fn of(record: &Record) -> Self {
        let (to, follows) = match record.body() {
            Body::Identity(_) | Body::Role(_) | Body::End(_) | Body::Profile(_) => (None, true),
            Body::Response(body) => {
                let accepts = body.kind == ResponseKind::Accept;
                let own = accepts && record.header().role == Some(body.to.thing);
                ((!own).then_some(body.to.thing), own)
            }
            _ => (None, false),
        };
        Self { id: record.id(), net: record.net(), thing: record.thing(), to, follows }
    }

    /// Returns the names by which something that is stored may ask for it.
    pub fn names(&self) -> impl Iterator<Item = [u8; 32]> {
        [self.id.0, self.thing.0, self.net.0].into_iter().chain(self.to.map(|to| to.0))
    }
}
