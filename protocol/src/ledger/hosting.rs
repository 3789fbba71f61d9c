//! Which profile says where a network lives, and how to seal to it.
//!
//! A network's nodes get its `own` records, and what is sealed to it only its sealing key opens. So of
//! a profile these two count only from the network's own key, or from a role with the power
//! `hosting`. All else that a profile says is said by whoever may sign one.
//!
//! **Invariant:** nobody without that power changes what counts: neither by a later version, nor by
//! ending the one that counts, nor by leaving anything out. That one stays in its sets, whatever has
//! taken its place, so that whoever comes later finds it too.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Ledger;
use super::entry::{Entry, Sort, Verdict};
use super::ids::{Handle, NONE};
use crate::body::role::Power;
use crate::id::{NetId, RecordId};

/// The power without which the nodes and the sealing key of a profile do not count.
const HOSTING: &[Power] = &[Power::Hosting];

impl Ledger {
    /// Returns the profile whose nodes and sealing key count, of all regions of the network the latest.
    /// Whoever acts on either asks here.
    pub fn hosting_profile(&self, net: &NetId) -> Option<RecordId> {
        self.latest_profile(net, |entry| entry.marks.hosts)
    }

    /// Returns, among profiles of one network in one home, the one whose nodes and sealing key count:
    /// of each thing the highest `rev` counts, and of these the latest.
    pub(super) fn host_among(&self, profiles: &[Handle]) -> Option<Handle> {
        let mut heads: BTreeMap<Handle, (u16, Reverse<RecordId>, Handle)> = BTreeMap::new();
        for id in profiles {
            let Some(entry) = self.entry(*id).filter(|entry| self.may_host(*id, entry)) else {
                continue;
            };
            let head = (entry.rev, Reverse(self.record_id(*id)), *id);
            heads.entry(entry.thing).and_modify(|other| *other = head.max(*other)).or_insert(head);
        }
        let rank = |id: &Handle| (self.entry(*id).map(|e| e.at), Reverse(self.record_id(*id)));
        heads.into_values().map(|(.., id)| id).max_by_key(rank)
    }

    /// Says whether a profile speaks, is signed by who may say where the network lives, and was not ended
    /// by any such.
    fn may_host(&self, id: Handle, entry: &Entry) -> bool {
        let own = || {
            let authority = self.networks.get(&entry.net).map(|network| &network.authority);
            let act = self.act(id, entry);
            entry.role == NONE
                || authority.is_some_and(|authority| {
                    self.with_about(entry, |about| authority.has_power(&act, HOSTING, about))
                })
        };
        let ended = || {
            self.valid_ends(id, entry).into_iter().any(|(net, ending)| {
                let both = [HOSTING, &[Power::End]];
                self.may_erase(net, ending, entry)
                    || both.into_iter().all(|power| self.has_power(net, ending, power, entry))
            })
        };
        entry.sort == Sort::Profile && entry.verdict == Verdict::Valid && own() && !ended()
    }
}
