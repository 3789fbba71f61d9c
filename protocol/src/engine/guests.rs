//! Who comes in by the door that is open from anywhere.

use std::collections::BTreeSet;

use super::Engine;
use crate::control::Guest;
use crate::fold::role;
use crate::id::PublicKey;
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

    /// Says whether this key is told of an event; none when it may do nothing here any more.
    pub fn overhears(&self, now: Timestamp, key: &PublicKey, event: &Event) -> Option<bool> {
        let guest = self.guest(now, key)?;
        let home = match event {
            Event::Stored { id, .. } | Event::Judged { id, .. } => {
                self.ledger.summary(id).and_then(|summary| Some((summary.net, summary.home?.reach)))
            }
            Event::Held { thing, .. } => {
                let held = self.ledger.thing(thing).into_iter().next();
                held.and_then(|summary| Some((summary.net, summary.home?.reach)))
            }
            _ => None,
        };
        Some(guest.hears(event, home))
    }
}
