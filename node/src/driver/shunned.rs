//! Whom this node has nothing to do with: whom the operator bars, and who breaks the rules too often.
//!
//! **Invariant:** who is kept away for both reasons stays away until neither holds any more.
//!
//! **Invariant:** of [`OFFENDERS_MAX`] offenders and [`BANNED_MAX`] of those who are banned it knows;
//! of more, those go first whose offence is the longest ago.

use std::collections::{BTreeSet, VecDeque};

use weft_protocol::id::NodeId;

/// What one offence costs a peer, on the scale of the network's thresholds.
const OFFENCE: f64 = -2000.0;

/// At eight offences nothing of a peer is heard any more, and it may not come back until the next
/// start: no honest program errs so often, and each offence costs us a stream and a line of log.
const UNBEARABLE: u8 = 8;

/// The most offenders whose offences are counted: some times the peers that a node has at once.
const OFFENDERS_MAX: usize = 1024;

/// The most that are banned: a new name costs nothing, so that more would only be a longer list of
/// names which nobody uses any more.
const BANNED_MAX: usize = 4096;

/// What follows from an offence.
#[derive(Debug, PartialEq)]
pub(super) enum Penalty {
    /// It counts for this much less.
    Score(f64),
    /// It is put out and kept out, and so that there is room for it, another may come again.
    Ban {
        /// Who may come again.
        pardoned: Option<NodeId>,
    },
}

/// Who is kept away, and who is on the way there.
#[derive(Debug, Default)]
pub(super) struct Shunned {
    barred: BTreeSet<NodeId>,
    /// The longest ago first.
    offenders: VecDeque<(NodeId, u8)>,
    /// The longest ago first.
    banned: VecDeque<NodeId>,
}

impl Shunned {
    /// The operator wants none of it.
    pub(super) fn bar(&mut self, peer: NodeId) {
        self.barred.insert(peer);
    }

    /// The operator bars it no more; says whether it may come.
    pub(super) fn unbar(&mut self, peer: NodeId) -> bool {
        self.barred.remove(&peer);
        !self.banned.contains(&peer)
    }

    /// A peer broke the rules.
    pub(super) fn offended(&mut self, peer: NodeId) -> Penalty {
        let known = self.offenders.iter().position(|(offender, _)| *offender == peer);
        let before = known.and_then(|at| self.offenders.remove(at)).map_or(0, |(_, count)| count);
        let count = before + 1;
        if count < UNBEARABLE {
            if self.offenders.len() >= OFFENDERS_MAX {
                self.offenders.pop_front();
            }
            self.offenders.push_back((peer, count));
            return Penalty::Score(OFFENCE * f64::from(count));
        }
        let full = self.banned.len() >= BANNED_MAX;
        let oldest = if full { self.banned.pop_front() } else { None };
        self.banned.push_back(peer);
        Penalty::Ban { pardoned: oldest.filter(|oldest| !self.barred.contains(oldest)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: usize) -> NodeId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        NodeId(id)
    }

    fn ban(shunned: &mut Shunned, n: usize) -> Penalty {
        let penalties = (0..UNBEARABLE).map(|_| shunned.offended(node(n)));
        penalties.last().unwrap()
    }

    #[test]
    fn each_offence_weighs_more_until_one_is_too_many() {
        let mut shunned = Shunned::default();
        assert_eq!(shunned.offended(node(1)), Penalty::Score(OFFENCE));
        assert_eq!(shunned.offended(node(2)), Penalty::Score(OFFENCE));
        assert_eq!(shunned.offended(node(1)), Penalty::Score(OFFENCE * 2.0));
        let more: Vec<_> = (2..UNBEARABLE).map(|_| shunned.offended(node(1))).collect();
        assert_eq!(more.last(), Some(&Penalty::Ban { pardoned: None }), "{more:?}");
    }

    #[test]
    fn what_the_operator_takes_back_pardons_no_offence() {
        let mut shunned = Shunned::default();
        shunned.bar(node(1));
        shunned.bar(node(2));
        ban(&mut shunned, 1);
        assert!(!shunned.unbar(node(1)) && shunned.unbar(node(2)));
    }

    #[test]
    fn no_more_names_are_remembered_than_there_is_room_for() {
        let mut shunned = Shunned::default();
        let mut first = (0..=OFFENDERS_MAX).map(|n| shunned.offended(node(n)));
        assert!(first.all(|penalty| penalty == Penalty::Score(OFFENCE)));
        assert_eq!(
            shunned.offended(node(0)),
            Penalty::Score(OFFENCE),
            "the longest ago is forgotten"
        );

        let mut shunned = Shunned::default();
        shunned.bar(node(1));
        let pardoned = |penalty| match penalty {
            Penalty::Ban { pardoned } => pardoned,
            Penalty::Score(_) => panic!("eight are too many"),
        };
        assert!((1..=BANNED_MAX).all(|n| pardoned(ban(&mut shunned, n)).is_none()));
        let more = BANNED_MAX + 1;
        assert_eq!(pardoned(ban(&mut shunned, more)), None, "the first is still barred");
        assert_eq!(pardoned(ban(&mut shunned, more + 1)), Some(node(2)));
        assert!(shunned.unbar(node(1)) && shunned.unbar(node(2)) && !shunned.unbar(node(3)));
    }
}
