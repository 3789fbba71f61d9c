//! What is erased, for how long it can come back, and when its bytes go.

use std::sync::Arc;

use super::*;
use crate::body::end::EndKind;
use crate::body::identity::Reason;
use crate::id::RecordId;
use crate::ledger::tests::world::{DAY, Signer, call, day, end, event, found, keys, revocation};
use crate::record::Unverified;
use crate::sync::Scope;

/// A network whose everyday key is 10 and whose rotation key is 11, with its founding.
fn bob() -> (Signer, Record) {
    let founding = found(keys(10, 11, &[]), 10);
    (Signer { net: founding.net(), seed: 10, role: None }, founding)
}

impl Alice {
    fn at(&mut self, now: Timestamp, input: Input) {
        let Ok(effects) = self.engine.handle(now, input, &mut self.store);
        drop(effects);
    }

    fn given_at(&mut self, now: Timestamp, records: &[Record]) {
        self.asked += 1;
        self.at(now, Input::Posted { request: RequestId(self.asked), records: records.to_vec() });
    }

    /// Lets all time pass until a moment.
    fn passes(&mut self, until: Timestamp) {
        while let Some(due) = self.engine.deadline().filter(|due| *due <= until) {
            self.at(due, Input::Wake);
        }
    }

    fn restarts_at(&mut self, now: Timestamp) {
        let decode = |bytes: &Arc<[u8]>| Unverified::decode(bytes).unwrap().assume_verified();
        let records: Vec<Record> = self.store.replay().map(decode).collect();
        self.engine = Engine::new(self.engine.settings.clone(), now);
        // In the smallest batches, so that what is undone later is done first.
        for record in &records {
            let Ok(()) = self.engine.restore(now, std::slice::from_ref(record), &mut self.store);
        }
        let Ok(_) = self.engine.restored(now, &mut self.store);
    }

    /// Says whether its bytes stand on the disk, found or not.
    fn stands(&self, id: RecordId) -> bool {
        let ids =
            self.store.replay().map(|b| Unverified::decode(b).unwrap().assume_verified().id());
        { ids }.any(|other| other == id)
    }

    /// Says whether a record is in the set of the region, is found, and is what it was.
    fn shows(&mut self, record: &Record) -> bool {
        let scope = Scope::Region("gb-bristol".parse().unwrap());
        let in_set = self.engine.ledger.set(&scope).is_some_and(|set| {
            set.contains(&crate::sync::Key {
                until: record.header().until.as_secs(),
                id: record.id(),
            })
        });
        let Ok(found) = self.store.bytes(&record.id());
        assert_eq!(in_set, found.is_some(), "what is found is shown, and nothing else");
        found.is_some_and(|bytes| *bytes == **record.bytes())
    }
}

/// Alice's node, where Bob's network lives.
fn alice(bob: &Signer) -> Alice {
    let mut alice = Alice::new();
    alice.engine.settings.regions = ["gb-bristol".parse().unwrap()].into();
    alice.engine.settings.hosted.insert(bob.net);
    alice.engine = Engine::new(alice.engine.settings.clone(), NOW);
    alice
}

fn erasing(bob: &Signer, records: &[&Record], at: Timestamp) -> Record {
    let targets: Vec<_> = records.iter().map(|record| (record.thing(), None)).collect();
    bob.sign(Body::End(end(&targets, EndKind::Erase)), at, 300)
}

#[test]
fn an_erasure_hides_at_once_and_overwrites_after_three_days_whatever_its_date() {
    let (bob, founding) = bob();
    for (dated, restarts) in [(5, false), (9, true), (10, false)] {
        let mut alice = alice(&bob);
        let beds = bob.sign(call("beds", &[5]), day(0), 60);
        alice.given_at(day(0), &[founding.clone(), beds.clone()]);
        assert!(alice.shows(&beds));
        alice.passes(day(10));
        alice.given_at(day(10), &[erasing(&bob, &[&beds], day(dated))]);
        assert!(!alice.shows(&beds) && alice.stands(beds.id()), "dated on day {dated}");
        let mut now = day(10);
        while now < day(13) {
            alice.passes(now);
            assert!(!alice.shows(&beds) && alice.stands(beds.id()), "dated on day {dated}");
            if restarts {
                alice.restarts_at(now);
            }
            now = now + DAY / 8;
        }
        alice.passes(day(13));
        assert!(!alice.stands(beds.id()), "three days are over, restarted: {restarts}");
        assert_eq!(alice.store.tombstones().count(), 1, "its name stays, to keep it out");
    }
}

/// What Bob has said: something that is over, and what stays.
fn said(bob: &Signer) -> Vec<Record> {
    let over = bob.sign(call("soup", &[1]), day(0), 7);
    let beds = bob.sign(call("beds", &[5]), day(1), 80);
    vec![over, beds, bob.sign(call("boats", &[3]), day(2), 9)]
}

#[test]
fn what_a_thief_erased_comes_back_when_the_key_is_taken_back() {
    let (bob, founding) = bob();
    for restarts in 0..4 {
        let mut alice = alice(&bob);
        let said = said(&bob);
        alice.given_at(day(2), std::slice::from_ref(&founding));
        alice.given_at(day(2), &said);
        alice.passes(day(10));
        let theft = erasing(&bob, &said.iter().collect::<Vec<_>>(), day(3));
        alice.given_at(day(10), &[theft]);
        if restarts & 1 == 1 {
            alice.restarts_at(day(11));
        }
        for record in &said {
            assert!(!alice.shows(record) && alice.engine.past.get(&record.id()).is_none());
        }
        // The boats are over by now, and were not when they were erased.
        alice.passes(day(12));
        let keep: Vec<RecordId> = said.iter().map(Record::id).collect();
        let revoke = revocation(10, Reason::Compromised, day(12), &keep);
        alice.given_at(day(12), &[event(&founding, revoke, day(12), 11)]);
        if restarts & 2 == 2 {
            alice.restarts_at(day(12));
        }
        assert!(alice.shows(&said[1]), "the beds are asked for again, {restarts}");
        for over in [&said[0], &said[2]] {
            assert!(alice.engine.past.get(&over.id()).is_some(), "it is remembered, {restarts}");
        }
        alice.passes(day(30));
        assert!(said.iter().all(|record| alice.stands(record.id())), "and stays, {restarts}");
    }
}

#[test]
fn what_was_erased_four_days_ago_is_asked_for_and_not_here_any_more() {
    let (bob, founding) = bob();
    let mut alice = alice(&bob);
    let beds = bob.sign(call("beds", &[5]), day(0), 60);
    alice.given_at(day(0), &[founding.clone(), beds.clone()]);
    alice.given_at(day(10), &[erasing(&bob, &[&beds], day(10))]);
    alice.passes(day(14));
    let revoke = revocation(10, Reason::Compromised, day(14), &[beds.id()]);
    alice.given_at(day(14), &[event(&founding, revoke, day(14), 11)]);
    assert!(!alice.stands(beds.id()) && !alice.engine.ledger.knows(&beds.id()), "it may come");
    alice.given_at(day(14), std::slice::from_ref(&beds));
    assert!(alice.shows(&beds), "who has it still brings it");
}

#[test]
fn a_rotation_leaves_erased_what_was_erased() {
    let (bob, founding) = bob();
    let mut alice = alice(&bob);
    let beds = bob.sign(call("beds", &[5]), day(0), 60);
    alice.given_at(day(0), &[founding.clone(), beds.clone()]);
    alice.given_at(day(10), &[erasing(&bob, &[&beds], day(10))]);
    let rotate = Identity::Rotate(keys(11, 12, &[]));
    alice.given_at(day(11), &[event(&founding, rotate, day(11), 11)]);
    assert!(!alice.shows(&beds));
    alice.passes(day(13));
    assert!(!alice.stands(beds.id()));
}

#[test]
fn what_is_over_and_of_nobody_here_is_overwritten_after_three_days_and_what_is_of_us_stays() {
    let (bob, founding) = bob();
    let theirs = found(keys(20, 21, &[]), 20);
    let eve = Signer { net: theirs.net(), seed: 20, role: None };
    let mut alice = alice(&bob);
    let own = bob.sign(call("beds", &[5]), day(0), 10);
    let other = eve.sign(call("boats", &[5]), day(0), 10);
    alice.given_at(day(0), &[founding, theirs, own.clone(), other.clone()]);
    alice.passes(day(12));
    assert!(alice.stands(other.id()));
    alice.restarts_at(day(12));
    alice.passes(day(12) + DAY / 2);
    assert!(alice.stands(other.id()), "a clock that runs ahead by two days destroys nothing");
    alice.passes(day(13));
    assert!(!alice.stands(other.id()) && alice.stands(own.id()));
}

#[test]
fn a_node_that_was_off_for_long_overwrites_nothing_in_its_first_hour() {
    let (bob, founding) = bob();
    let theirs = found(keys(20, 21, &[]), 20);
    let eve = Signer { net: theirs.net(), seed: 20, role: None };
    let mut alice = alice(&bob);
    let other = eve.sign(call("boats", &[5]), day(0), 10);
    alice.given_at(day(0), &[founding, theirs, other.clone()]);
    alice.restarts_at(day(20));
    alice.passes(day(20) + DAY / 25);
    assert!(alice.stands(other.id()), "its clock may be wrong, and it has not been told yet");
    alice.passes(day(20) + DAY / 24);
    assert!(!alice.stands(other.id()));
}
