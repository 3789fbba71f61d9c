//! Who comes in by the door that is open from anywhere.

use std::collections::BTreeSet;

use super::Engine;
use crate::control::{Failure, Guest, Request, Response};
use crate::fold::role;
use crate::id::{NetId, PublicKey, RecordId};
use crate::record::Reach;
use crate::time::Timestamp;

use super::Event;

impl Engine {
    /// Returns what this key may do here now, or none: it counts for the networks that live on this
    /// node, as their own key or under a role that it has accepted and that is active.
    pub fn guest(&self, now: Timestamp, key: &PublicKey) -> Option<Guest> {
        let (mut nets, mut offered) = (BTreeSet::new(), BTreeSet::new());
        for net in self.settings.homes() {
            let identity = self.ledger.identity(&net);
            let standing = identity.filter(|i| i.disputed.is_none() && i.closed.is_none());
            if standing.and_then(|i| i.keys).is_some_and(|keys| keys.key == *key) {
                nets.insert(net);
            }
            let roles = self.ledger.roles(&net, now).into_iter();
            for role in roles.filter(|role| role.body.holder == *key) {
                match role.state {
                    role::State::Active { .. } => drop(nets.insert(net)),
                    role::State::Offered => drop(offered.insert(role.thing)),
                    role::State::Accepted { .. }
                    | role::State::Expired
                    | role::State::Resigned { .. }
                    | role::State::Withdrawn { .. } => {}
                }
            }
        }
        let welcome = !nets.is_empty() || !offered.is_empty();
        welcome.then_some(Guest { key: *key, nets, offered })
    }

    /// Says whether a guest may ask this: what tells of a thing without showing it is asked only
    /// about what the guest may see.
    ///
    /// # Errors
    /// [`Failure`], as for everybody who asks for what is not here.
    pub fn admits(&self, guest: &Guest, asked: &Request) -> Result<(), Failure> {
        match asked {
            Request::Post { records } => guest.may_post(records),
            Request::Ways { thing } | Request::Reach { thing } => {
                let seen = guest.may_see(self.home_of(&RecordId(thing.0)));
                if seen { Ok(()) } else { Err(Failure::NotFound) }
            }
            Request::Held { id } if !guest.may_see(self.home_of(id)) => Err(Failure::NotFound),
            _ => Ok(()),
        }
    }

    /// Returns what a guest is shown of an answer; none when it is not for its eyes. What the answer
    /// names without showing it is judged by what is stored here.
    pub fn shown_to(&self, guest: &Guest, response: Response) -> Option<Response> {
        let home = match &response {
            Response::Resolved { id, .. } => self.home_of(id),
            Response::Thing(view) => view.heads.first().and_then(|id| self.home_of(id)),
            _ => None,
        };
        guest.may_see(home).then(|| guest.shown(response)).flatten()
    }

    /// Returns the network and the reach of what an id means, where that has a home.
    fn home_of(&self, id: &RecordId) -> Option<(NetId, Reach)> {
        let named = self.ledger.named(id).unwrap_or(*id);
        match self.ledger.summary(&named) {
            Some(summary) => Some((summary.net, summary.home?.reach)),
            None => self.past.get(&self.past.named(id)?)?.reach(),
        }
    }

    /// Returns the network and the reach of the record that an event is about, where that has a home: what
    /// [`Guest::hears`] must know, and the same for all guests.
    pub fn home_of_event(&self, event: &Event) -> Option<(NetId, Reach)> {
        match event {
            Event::Stored { id, .. } | Event::Judged { id, .. } | Event::Erased { id } => {
                self.home_of(id)
            }
            Event::Held { thing, .. } => {
                let held = self.ledger.thing(thing).into_iter().next();
                held.and_then(|summary| Some((summary.net, summary.home?.reach)))
            }
            _ => None,
        }
    }
}
