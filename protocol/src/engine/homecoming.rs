//! How what is over comes home: an export that is imported where its network lives.
//!
//! **Invariant:** only through the door of the node comes what is over, only what its network has named
//! the key for, and nothing that was erased. It is kept as what became over here: in no set, told to
//! nobody, changing no state.

use super::{Engine, Store};
use crate::authority::Standing;
use crate::control::Fate;
use crate::ledger::Signer;
use crate::ledger::{Outcome, Refusal};
use crate::record::Record;
use crate::time::Timestamp;

impl Engine {
    /// Keeps those of the records that the ledger refused as over and that are of networks which live
    /// here. Returns what became of each of them, by its place, and whether something was staged.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) fn bring_home<S: Store>(
        &mut self,
        now: Timestamp,
        judged: &[(&Record, &Outcome)],
        store: &mut S,
    ) -> Result<(Vec<Option<Fate>>, bool), S::Error> {
        let (mut fates, mut staged) = (Vec::with_capacity(judged.len()), false);
        for (record, outcome) in judged {
            let over = matches!(outcome, Outcome::Refused(Refusal::Expired));
            fates.push(match over {
                true if self.past.get(&record.id()).is_some() => Some(Fate::Known),
                true if self.comes_home(record) => {
                    store.stage(record)?;
                    self.outlive(record);
                    self.erase_over(now, record, store)?;
                    staged = true;
                    Some(Fate::Past)
                }
                _ => None,
            });
        }
        Ok((fates, staged))
    }

    /// Says whether a record that is over is kept: it is of a network that lives here, which has named
    /// its key and has not erased it.
    fn comes_home(&self, record: &Record) -> bool {
        let role = record.header().role;
        let given = || role.is_some_and(|r| self.past.has_given(record.net(), r, record.key()));
        let named = || self.ledger.signer_of(record) != Signer::Unnamed || given();
        self.is_ours(record) && named() && !self.is_erased(record)
    }

    /// Says whether its network, or the role that signed it, has erased what a record says.
    pub(super) fn is_erased(&self, record: &Record) -> bool {
        let (net, thing) = (record.net(), record.thing());
        let here = self.ledger.erasures(&thing, &net).filter(|(end, ..)| {
            self.ledger.standing(end).is_some_and(|standing| standing == Standing::Valid)
        });
        let by = here.map(|(_, role, key)| role.map(|_| key)).chain(self.past.erasures(thing, net));
        { by }.any(|by| by.is_none_or(|key| key == record.key()))
    }
}
