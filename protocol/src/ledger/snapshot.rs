//! The whole derived state in one canonical form.
//!
//! **Invariant:** equal states, equal bytes: nothing here depends on the order of arrival.

use std::fmt::Write as _;

use super::Ledger;
use super::ids::Handle;

impl Ledger {
    /// Writes the whole derived state in one canonical form: equal states, equal bytes. It takes
    /// time, and is made for tests and for comparing nodes.
    pub fn snapshot_bytes(&self) -> Vec<u8> {
        let mut out = String::new();
        let stored = self.entries.iter().enumerate().filter(|(_, entry)| entry.is_some());
        let mut ids: Vec<Handle> = stored.filter_map(|(id, _)| Handle::try_from(id).ok()).collect();
        ids.sort_by_key(|id| self.record_id(*id));
        for id in &ids {
            let Some(entry) = self.entry(*id) else { continue };
            let standing = self.judge(*id, entry);
            let (name, marks) = (self.record_id(*id), entry.marks);
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{name} {:?} {standing:?} {marks:?}", entry.verdict);
            if entry.thing != *id {
                continue;
            }
            let thing = self.thing_id(*id);
            let _ = writeln!(out, "  call {:?}", self.call(&thing, self.now));
            let _ = writeln!(out, "  tie {:?}", self.tie(&thing, self.now));
            let _ = writeln!(out, "  proposal {:?}", self.proposal(&thing, self.now));
            let _ = writeln!(out, "  gathering {:?}", self.gathering(&thing, self.now));
            for minutes in self.minutes(&thing) {
                let _ = writeln!(out, "  minutes {:?}", self.minuted(&minutes, self.now));
            }
            let _ = writeln!(out, "  concerns {:?}", self.concerns(&thing));
        }
        for net in self.networks() {
            let _ = writeln!(out, "{net} {:?}", self.identity(&net));
            let _ = writeln!(out, "  roles {:?}", self.roles(&net, self.now));
            let _ = writeln!(out, "  profile {:?}", self.current_profile(&net));
            let _ = writeln!(out, "  hosting {:?}", self.hosting_profile(&net));
            let _ = writeln!(out, "  owed {:?}", self.owed(&net, self.now));
        }
        for (scope, shared) in &self.sets {
            let snapshot = shared.set.snapshot();
            let len = snapshot.len();
            let _ = writeln!(out, "{scope} {len} {:?}", snapshot.fingerprint(0, len));
        }
        out.into_bytes()
    }
}
