//! What a bridge sees: the stored records, through the eyes of whoever operates it.
//!
//! **Invariant:** nothing here changes anything; what is expensive is asked once and kept by the caller
//! until [`Ledger::relations`] has grown.

use std::collections::BTreeSet;

use super::decide::{Endorsements, Situation};
use super::item::Item;
use super::machine::{Ground, Speaker};
use super::rule::Rule;
use crate::admission::{Action, Concern, Policy, Recognition};
use crate::id::{NetId, PublicKey, ThingId};
use crate::ledger::{Entitlements, Ledger, Place};
use crate::time::Timestamp;
use crate::weave::Classes;

/// The state in which a bridge decides: [`Ground`] for [`Bridges`](super::Bridges).
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is stored.
    pub ledger: &'a Ledger,
    /// Whose endorsements have weight.
    pub recognition: &'a Recognition,
    /// Who counts as one voice.
    pub classes: &'a Classes,
    /// What the operator has said.
    pub policy: &'a Policy,
    /// Of the network that carries.
    pub entitlements: &'a Entitlements,
}

impl Ground for Surroundings<'_> {
    fn situation(
        &self,
        item: &Item,
        rule: &Rule,
        speaker: Option<Speaker>,
        now: Timestamp,
    ) -> Situation {
        let lasts = speaker.and_then(|by| self.ledger.mandate(&by.net, by.role, now));
        let pair = (rule.from.clone(), rule.to.clone());
        let tie = self.entitlements.get(&pair).copied().filter(|_| lasts.is_some());
        let by = speaker.map(|speaker| speaker.net);
        let found = self.ledger.crossed(&item.id, (&rule.from, &rule.to, &rule.name), by);
        let signed = found.as_ref().map(|found| (found.key, found.role));
        let blocked = self.blocked(item, signed, now);
        let Some(found) = found else {
            return Situation {
                silent: Some(("it is not here".to_owned(), true)),
                place: Place::Silent,
                way: None,
                carried: None,
                ended: None,
                lasts,
                tie,
                endorsements: Endorsements::default(),
                blocked,
            };
        };
        Situation {
            silent: found.silent,
            place: found.place,
            way: found.way,
            carried: found.carried,
            ended: found.ended,
            lasts,
            tie,
            endorsements: self.endorsements(&item.net, &found.endorsers),
            blocked,
        }
    }
}

impl Surroundings<'_> {
    fn blocked(
        &self,
        item: &Item,
        signed: Option<(PublicKey, Option<ThingId>)>,
        now: Timestamp,
    ) -> Option<String> {
        let region = Some(&item.home.region);
        let (key, role) = (signed.map(|(key, _)| key), signed.and_then(|(_, role)| role));
        let concern = Concern { region, key, role, ..Concern::of(item.net, &item.kind) };
        let said = self.policy.ruled(&concern, now);
        let strongest = said.first().filter(|entry| entry.action != Action::Allow)?;
        Some(strongest.to_string())
    }

    /// Counts who stands behind a record: networks of recognised standing, each class once, and
    /// never the author's own.
    fn endorsements(&self, author: &NetId, all: &BTreeSet<NetId>) -> Endorsements {
        let known: Vec<NetId> =
            all.iter().filter(|net| self.recognition.has(net)).copied().collect();
        let others = known.iter().filter(|net| !self.classes.are_one(net, author));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Endorsements {
            all: count(all.len()),
            recognised: count(known.len()),
            independent: count(self.classes.count(others)),
        }
    }
}
