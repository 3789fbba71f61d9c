//! Stories of what a peer brings from regions that are not this node's.

use super::bridging::{BRISTOL, Bridget, WASHINGTON, alices_call, rule, sign_in, signer};
use super::*;
use crate::body::response::ResponseKind::{Accept, Offer};
use crate::bridge::GATHER;
use crate::engine::gate::Bringer;
use crate::id::RecordId;
use crate::ledger::tests::world::{answer, day, profile, region};
use crate::record::{Claim, Kind};
use crate::sync::Scope;

/// A node that is in Washington alone.
fn alice() -> Alice {
    let mut alice = Alice::new();
    alice.engine.settings.home = region(WASHINGTON);
    alice.engine.settings.regions = [region(WASHINGTON)].into();
    alice
}

impl Alice {
    /// Is brought these by reconciling Washington with this peer.
    fn is_brought(&mut self, peer: u8, records: &[Record]) {
        let from = Bringer::Sync(node(peer), Scope::Region(region(WASHINGTON)));
        drop(self.engine.judge(day(2), records.to_vec(), &from));
    }

    /// Says which of these are in Washington's set, as the peer is shown it, and which of them are here.
    fn agrees(&self, peer: u8, records: &[Record]) -> (usize, usize) {
        let scope = Scope::Region(region(WASHINGTON));
        let set = self.engine.ledger.set(&scope);
        let shown = self.engine.gate.refused.shown(set, &scope, &node(peer));
        let keys: BTreeSet<RecordId> = shown.keys(0, shown.len()).map(|key| key.id).collect();
        let here = records.iter().filter(|record| self.engine.ledger.knows(&record.id())).count();
        (records.iter().filter(|record| keys.contains(&record.id())).count(), here)
    }
}

/// What Washington has of a call that Bridget carried there, with its offer, what was accepted of it, and
/// Alice's profile.
fn carried() -> Vec<Record> {
    let mut bridget = Bridget::in_service(100, 300);
    bridget.adds(rule("calls"));
    let [inception, call] = alices_call("beds", 60);
    let (alice, _) = signer(600);
    let offer = sign_in(&alice, BRISTOL, answer(&call, Offer, Some(2)), 40);
    let accept = sign_in(&alice, BRISTOL, answer(&offer, Accept, None), 40);
    let says = sign_in(&alice, BRISTOL, profile(), 300);
    bridget.takes(&[inception, says, call, offer, accept]);
    bridget.waits(GATHER * 2);
    let set = bridget.engine.ledger().set(&Scope::Region(region(WASHINGTON))).unwrap().snapshot();
    let read = |key: &crate::sync::Key| {
        let Ok(bytes) = bridget.store.bytes(&key.id);
        crate::record::Unverified::decode(&bytes.unwrap()).unwrap().verify().unwrap()
    };
    set.keys(0, set.len()).map(read).collect()
}

/// Parts what needs a carriage to be here from what does not, and leaves out the carriage.
fn parted(all: &[Record]) -> (Vec<Record>, Vec<Record>) {
    let is_stray = |record: &Record| {
        let home = record.header().home.as_ref();
        home.is_some_and(|home| home.region != region(WASHINGTON))
            && (record.header().kind == Kind::Profile || !Claim::of(record).follows)
    };
    let others = all.iter().filter(|record| record.header().kind != Kind::Carriage);
    others.cloned().partition(is_stray)
}

#[test]
fn d9_what_a_carriage_brings_comes_in_in_any_order() {
    let mut all = carried();
    assert!(all.len() >= 14, "{}", all.len());
    for turned in 0..all.len() {
        all.rotate_left(1);
        let mut alice = alice();
        if turned % 2 == 0 {
            alice.is_brought(1, &all);
        } else {
            all.reverse();
            alice.is_brought(1, &all);
        }
        assert_eq!(alice.agrees(1, &all), (all.len(), all.len()), "order {turned}");
    }
}

#[test]
fn d9_what_nobody_has_carried_here_is_kept_by_name_alone() {
    let all = carried();
    let (strays, others) = parted(&all);
    assert_eq!((strays.len(), others.len(), all.len()), (8, 7, 16));
    let mut alice = alice();
    alice.is_brought(1, &strays);
    alice.is_brought(1, &others);
    assert_eq!(
        alice.agrees(1, &strays),
        (strays.len(), 0),
        "the names alone, for who brought them"
    );
    assert_eq!(alice.agrees(2, &strays), (0, 0));
    assert_eq!(alice.engine.ledger.len(), others.len());
    drop(alice.gossip(1, &strays));
    assert_eq!(alice.engine.ledger.len(), others.len(), "by gossip no more");

    let carriage = all.iter().filter(|record| record.header().kind == Kind::Carriage);
    alice.is_brought(1, &carriage.cloned().collect::<Vec<_>>());
    let (shown, _) = alice.agrees(1, &strays);
    assert!(shown < strays.len(), "they are wanted again");
    while let (_, here) = alice.agrees(1, &strays)
        && here < strays.len()
    {
        alice.is_brought(1, &strays);
        assert!(alice.agrees(1, &strays).1 > here, "each time more comes in");
    }
    assert_eq!(alice.agrees(1, &all), (all.len(), all.len()));
}
