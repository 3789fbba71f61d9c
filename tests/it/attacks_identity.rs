//! Who is in force, whatever the hostile sign: the attacks on a network's identity that are written
//! down, by their number there, played on real records in process.
//!
//! **Invariant:** every attack here ends at the head where the honest left the log.

use std::collections::BTreeSet;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use weft_protocol::authority::Why;
use weft_protocol::body::Body;
use weft_protocol::body::identity::{Identity, Keys, Reason, Revocation};
use weft_protocol::id::{KeyHash, PublicKey, RecordId};
use weft_protocol::key::SecretKey;
use weft_protocol::ledger::{Ledger, PoolBounds};
use weft_protocol::record::{Draft, Record, Version};
use weft_protocol::time::Timestamp;

const START: Timestamp = Timestamp::from_secs(1_800_000_000);
/// Stories are told in days.
const DAY: Duration = Duration::from_secs(86_400);

fn day(n: u32) -> Timestamp {
    START + DAY * n
}

fn key(name: &str) -> SecretKey {
    let mut seed = [0; 32];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    SecretKey::from_seed(&seed)
}

/// The key and the rotation key of these names, and guardians of whom two are needed.
fn keys(signing: &str, rotation: &str, guardians: &[&str]) -> Keys {
    let mut hashes: Vec<KeyHash> = guardians.iter().map(|g| key(g).public().hash()).collect();
    hashes.sort_unstable();
    Keys {
        key: key(signing).public(),
        next: key(rotation).public().hash(),
        need: u8::try_from(guardians.len().min(2)).expect("two"),
        guardians: hashes.try_into().expect("not too many"),
    }
}

fn found(keys: Keys, by: &str) -> Record {
    let body = Body::Identity(Identity::Inception(keys));
    Draft::inception(body, START).sign(&key(by)).expect("an inception")
}

fn after(prev: &Record, event: Identity, at: Timestamp, by: &str) -> Record {
    let draft = Draft::event(Body::Identity(event), prev.net(), Version::after(prev), at);
    draft.sign(&key(by)).expect("an event")
}

/// What a node holds that was told all this in this order.
fn told(records: &[Record]) -> Ledger {
    let mut ledger = Ledger::new(PoolBounds::default());
    for record in records {
        ledger.insert(record, day(400));
    }
    ledger
}

/// Who is in force, who guards it, and whether that is in dispute.
fn head(ledger: &Ledger, inception: &Record) -> (PublicKey, Vec<KeyHash>, bool) {
    let view = ledger.identity(&inception.net()).expect("an identity");
    let keys = view.keys.expect("not closed");
    (keys.key, keys.guardians.to_vec(), view.disputed.is_some())
}

const OLD: [&str; 3] = ["ana", "bea", "cleo"];
const NEW: [&str; 3] = ["ana", "dora", "eda"];

/// An honest log: founded, rotated, and its guardians exchanged.
struct Honest {
    inception: Record,
    rotation: Record,
    guard: [Record; 2],
}

impl Honest {
    fn new() -> Self {
        let inception = found(keys("day 0", "rot 1", &OLD), "day 0");
        let rotate = Identity::Rotate(keys("day 1", "rot 2", &OLD));
        let rotation = after(&inception, rotate, day(10), "rot 1");
        let exchange = Identity::Guard(keys("day 1", "rot 2", &NEW));
        let guard = ["ana", "bea"].map(|by| after(&rotation, exchange.clone(), day(20), by));
        Self { inception, rotation, guard }
    }

    fn all(&self) -> Vec<Record> {
        [&[self.inception.clone(), self.rotation.clone()][..], &self.guard].concat()
    }

    /// What each of the hostile can sign: one guardian in force, two who were dismissed but never
    /// enough of them to speak, who found the first rotation key, and who has the everyday keys.
    fn hostile(&self) -> Vec<Record> {
        let mut all = Vec::new();
        let (root, rotated, guarded) = (&self.inception, &self.rotation, &self.guard[0]);
        for n in 0_u32..6 {
            let (mine, next) = (format!("eve {n}"), format!("eve next {n}"));
            let taken = |guardians: &[&str]| keys(&mine, &next, guardians);
            let at = day(n);
            for prev in [root, rotated, guarded] {
                let at = at.max(prev.header().at);
                let recover = Identity::Recover(taken(&["eve"]));
                let guard = Identity::Guard(Keys {
                    guardians: taken(&["eve"]).guardians,
                    need: 1,
                    ..prev_keys(prev)
                });
                let signers = if prev.id() == guarded.id() { ["ana"] } else { ["cleo"] };
                for by in signers {
                    all.push(after(prev, recover.clone(), at, by));
                    all.push(after(prev, guard.clone(), at, by));
                }
                all.push(after(prev, Identity::Rotate(taken(&OLD)), at, "day 1"));
                all.push(after(prev, Identity::Close, at, "day 0"));
            }
            let fork = after(root, Identity::Rotate(taken(&OLD)), at, "rot 1");
            let longer = keys("eve on", "eve on next", &OLD);
            all.push(after(&fork, Identity::Rotate(longer), day(30), &next));
            all.push(after(root, Identity::Rotate(taken(&["eve"])), at, "rot 1"));
            all.push(after(root, Identity::Close, at, "rot 1"));
            // The honest rotation again, under another date.
            let Body::Identity(again) = rotated.body() else { continue };
            all.push(after(root, again.clone(), at, "rot 1"));
            all.push(fork);
        }
        all
    }
}

fn prev_keys(record: &Record) -> Keys {
    let Body::Identity(event) = record.body() else { unreachable!("an event") };
    event.keys().expect("keys").clone()
}

#[test]
fn c1_one_guardian_of_three_brings_no_stolen_key_back() {
    let inception = found(keys("day 0", "rot 1", &OLD), "day 0");
    let rotate = Identity::Rotate(keys("day 1", "rot 2", &OLD));
    let rotation = after(&inception, rotate, day(10), "rot 1");
    let stolen = key("day 0").public();
    let revocation = Revocation {
        key: stolen,
        reason: Reason::Compromised,
        since: day(10),
        keep: Vec::new().try_into().expect("empty"),
    };
    let revoke = after(&rotation, Identity::Revoke(revocation), day(11), "rot 2");
    let mut all = vec![inception.clone(), rotation, revoke.clone()];
    for n in 0_u32..200 {
        let body = Identity::Recover(keys(&format!("eve {n}"), &format!("next {n}"), &OLD));
        all.push(after(&inception, body, day(1), "ana"));
    }
    let ledger = told(&all);
    assert_eq!(head(&ledger, &inception).0, key("day 1").public());
    assert!(ledger.standing(&revoke.id()).is_some_and(|standing| standing.is_valid()));
    // The honest two recover all the same, whatever the third has signed.
    let recovery = Identity::Recover(keys("day 2", "rot 3", &OLD));
    all.extend(["bea", "cleo"].map(|by| after(&all[1], recovery.clone(), day(12), by)));
    assert_eq!(head(&told(&all), &inception).0, key("day 2").public());
}

#[test]
fn c1_a_guardian_takes_no_consent_back_on_which_a_recovery_rests() {
    let inception = found(keys("day 0", "rot 1", &OLD), "day 0");
    let recovery = Identity::Recover(keys("day 1", "rot 2", &OLD));
    let mut all = vec![inception.clone()];
    all.extend(["ana", "bea"].map(|by| after(&inception, recovery.clone(), day(2), by)));
    for n in 0_u32..40 {
        let other = Identity::Recover(keys(&format!("eve {n}"), &format!("next {n}"), &OLD));
        all.push(after(&inception, other, day(1), "ana"));
    }
    assert_eq!(head(&told(&all), &inception).0, key("day 1").public());
}

#[test]
fn h5_who_was_dismissed_recovers_nothing_and_a_used_rotation_key_forks_nothing() {
    let honest = Honest::new();
    let all = [honest.all(), honest.hostile()].concat();
    let expected = keys("day 1", "rot 2", &NEW);
    let found = head(&told(&all), &honest.inception);
    assert_eq!(found, (expected.key, expected.guardians.to_vec(), false));
}

#[test]
fn h5_a_rotation_key_dismisses_no_guardian() {
    let inception = found(keys("day 0", "rot 1", &OLD), "day 0");
    let theft = Identity::Rotate(keys("eve", "eve next", &["eve guard"]));
    let theft = after(&inception, theft, day(1), "rot 1");
    let ledger = told(&[inception.clone(), theft.clone()]);
    assert_eq!(head(&ledger, &inception).1, keys("x", "y", &OLD).guardians.to_vec());
    let standing = ledger.standing(&theft.id()).expect("it is kept");
    assert_eq!(standing.why(), Some(&Why::GuardiansNotAsked));
    let alone = found(keys("day 0", "rot 1", &[]), "day 0");
    let named = Identity::Rotate(keys("day 1", "rot 2", &OLD));
    let named = after(&alone, named, day(1), "rot 1");
    let ledger = told(&[alone.clone(), named]);
    assert_eq!(head(&ledger, &alone).1.len(), 3, "without guardians the rotation names some");
}

#[test]
fn d5_without_guardians_a_found_rotation_key_freezes_and_takes_nothing_over() {
    let inception = found(keys("day 0", "rot 1", &[]), "day 0");
    let honest = Identity::Rotate(keys("day 1", "rot 2", &[]));
    let honest = after(&inception, honest, day(10), "rot 1");
    let mut all = vec![inception.clone(), honest];
    for n in 0_u32..40 {
        let theft = Identity::Rotate(keys(&format!("eve {n}"), &format!("next {n}"), &[]));
        all.push(after(&inception, theft, day(20), "rot 1"));
        let (key, _, disputed) = head(&told(&all), &inception);
        assert!(disputed && key != self::key(&format!("eve {n}")).public());
    }
}

#[test]
fn d5_in_any_order_any_of_the_hostile_leave_the_head_where_it_was() {
    let honest = Honest::new();
    let hostile = honest.hostile();
    let mut dice = ChaCha20Rng::seed_from_u64(5);
    let expected = head(&told(&honest.all()), &honest.inception);
    for _ in 0..60 {
        let mut all: Vec<Record> =
            hostile.iter().filter(|_| dice.next_u32() % 3 > 0).cloned().collect();
        all.extend(honest.all());
        for last in (1..all.len()).rev() {
            let other = usize::try_from(dice.next_u32()).expect("small") % (last + 1);
            all.swap(last, other);
        }
        assert_eq!(head(&told(&all), &honest.inception), expected);
    }
}

#[test]
fn d5_the_hostile_alone_are_nobody() {
    let honest = Honest::new();
    let root = std::slice::from_ref(&honest.inception);
    let (everyday, _, _) = head(&told(root), &honest.inception);
    // Whoever found the rotation key aside, which has not been used here.
    let without = |record: &&Record| record.key() != key("rot 1").public();
    let hostile: Vec<Record> = honest.hostile().iter().filter(without).cloned().collect();
    let ledger = told(&[root, &hostile].concat());
    assert_eq!(
        head(&ledger, &honest.inception),
        (everyday, keys("x", "y", &OLD).guardians.to_vec(), false)
    );
    let ids: BTreeSet<RecordId> = hostile.iter().map(Record::id).collect();
    assert!(ids.len() > 20, "they said a lot");
}

#[test]
fn d5_a_rotation_said_again_under_another_date_moves_nothing() {
    let honest = Honest::new();
    let date = |all: &[Record]| {
        let view = told(all).identity(&honest.inception.net()).expect("an identity");
        view.log.iter().map(|(_, at)| *at).collect::<Vec<_>>()
    };
    let before = date(&honest.all());
    let Body::Identity(body) = honest.rotation.body() else { unreachable!("an event") };
    let again = (0..9).map(|n| after(&honest.inception, body.clone(), day(n), "rot 1"));
    assert_eq!(date(&[honest.all(), again.collect()].concat()), before);
}
