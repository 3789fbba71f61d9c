//! How a network stands to this node: what tells one from another in a list of them.

use std::collections::BTreeSet;

use anyhow::Result;
use weft_protocol::admission::{Action, Entry, Subject};
use weft_protocol::body::Body;
use weft_protocol::control::NetworkState;
use weft_protocol::fold::tie::State;
use weft_protocol::id::NetId;

use crate::commands::{policy, tie};
use crate::desk::Desk;
use crate::door::Door;
use crate::words::Word;

/// Which networks live here, which are tied to one of those, and what the operator has said of others. A member
/// is not told the last.
#[derive(Debug)]
pub(crate) struct Bonds {
    own: BTreeSet<NetId>,
    tied: BTreeSet<NetId>,
    said: Vec<Entry>,
}

impl Bonds {
    /// Asks the node.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) fn look(door: &Door) -> Result<Self> {
        let own: BTreeSet<NetId> = door.status()?.hosted.into_iter().collect();
        let mut tied = BTreeSet::new();
        for (record, state) in tie::all(door, None)? {
            let (Body::Tie(tie), State::Active { .. }) = (record.body(), state) else { continue };
            let parties = tie.parties.as_slice();
            if parties.iter().any(|party| own.contains(party)) {
                tied.extend(parties.iter().copied());
            }
        }
        let said = if door.is_here() { policy::said(door)?.entries } else { Vec::new() };
        Ok(Self { own, tied, said })
    }

    /// Says how a network stands: what is wrong with its identity, or else to whom it belongs here.
    pub(crate) fn standing(&self, desk: &Desk, state: &NetworkState) -> String {
        let wrong = match (state.disputed, state.closed, state.key) {
            (Some(_), ..) => Some(Word::Disputed),
            (None, Some(_), _) => Some(Word::Closed),
            (None, None, Some(key)) if state.revoked.contains(&key) => Some(Word::Revoked),
            (None, None, _) => None,
        };
        let words = wrong.into_iter().chain(self.of(state.net));
        words.map(|word| desk.speech.word(word)).collect::<Vec<_>>().join(", ")
    }

    fn of(&self, net: NetId) -> Vec<Word> {
        if self.own.contains(&net) {
            return vec![Word::Own];
        }
        let is_said = |action| {
            let is = |entry: &Entry| entry.subject == Subject::Network(net);
            self.said.iter().any(|entry| is(entry) && entry.action == action)
        };
        let mut words = Vec::new();
        if self.tied.contains(&net) {
            words.push(Word::Tied);
        } else if is_said(Action::Allow) {
            words.push(Word::LetIn);
        }
        words.extend(is_said(Action::Mute).then_some(Word::NotShown));
        words.extend(is_said(Action::Block).then_some(Word::KeptOut));
        if words.is_empty() {
            words.push(Word::Known);
        }
        words
    }
}
