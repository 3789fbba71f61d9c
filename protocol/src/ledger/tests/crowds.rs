//! What of too many records is kept, and whose.

use std::collections::BTreeSet;
use std::time::Duration;

use super::history::Chance;
use super::world::{Signer, answer, call, day, end, event, found, key, keys, role, tie};
use crate::authority::Why;
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::identity::Identity;
use crate::body::response::ResponseKind::{Accept, Offer};
use crate::body::role::Power;
use crate::id::RecordId;
use crate::ledger::{Change, Ledger, Outcome, Place, PoolBounds, Refusal};
use crate::limits::{
    ANSWERS_MAX, ENDS_BY_KEY_MAX, ENDS_MAX, EVENTS_SPARE_MAX, TWINS_MAX, VERSIONS_MAX,
};
use crate::record::{Kind, Record, Version};

/// Eve's network, in which bob and ten others have a role.
struct Crowd {
    eve: Signer,
    others: Vec<Signer>,
    inception: Record,
    support: Vec<Record>,
}

impl Crowd {
    fn new() -> Self {
        let inception = found(keys(900, 901, &[902, 903, 904]), 900);
        let eve = Signer { net: inception.net(), seed: 900, role: None };
        let (mut support, mut others) = (vec![inception.clone()], Vec::new());
        for seed in 950..961 {
            let powers = &[Power::Call, Power::Respond, Power::SignTie];
            let grant = eve.sign(role(seed, powers, None, day(0)), day(0), 300);
            let holder = Signer { net: eve.net, seed, role: Some(grant.thing()) };
            support.push(holder.sign(answer(&grant, Accept, None), day(0), 300));
            support.push(grant);
            others.push(holder);
        }
        Self { eve, others, inception, support }
    }

    fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::new(PoolBounds::default());
        ledger.insert_all(&self.support, day(3));
        ledger
    }
}

/// Signs so many versions of a thing, each a second later than the one before.
fn versions(by: &Signer, of: &Record, n: u16, body: impl Fn(u16) -> Body) -> Vec<Record> {
    let (mut all, mut last) = (Vec::new(), of.clone());
    for rev in 1..=n {
        let at = day(1) + Duration::from_secs(rev.into());
        let draft = by.draft(body(rev), at, 60).following(Version::after(&last));
        last = draft.sign(&key(by.seed)).unwrap();
        all.push(last.clone());
    }
    all
}

/// Signs so many offers.
fn offers(by: &Signer, to: &Record, n: u32) -> Vec<Record> {
    let offer = |n| by.sign(answer(to, Offer, Some(n)), day(1) + Duration::from_secs(n.into()), 60);
    (1..=n).map(offer).collect()
}

fn kept(ledger: &Ledger, of: &[Record]) -> BTreeSet<RecordId> {
    of.iter().map(Record::id).filter(|id| ledger.contains(id)).collect()
}

fn names(of: &[Record]) -> BTreeSet<RecordId> {
    of.iter().map(Record::id).collect()
}

/// Puts records in, in five orders, and asserts that the same are kept of them each time.
fn kept_in_any_order(crowd: &Crowd, records: &[Record]) -> BTreeSet<RecordId> {
    let mut chance = Chance::new(12);
    let kept = (0..5).map(|_| {
        let mut mixed = records.to_vec();
        chance.shuffle(&mut mixed);
        let mut ledger = crowd.ledger();
        for half in mixed.chunks(mixed.len() / 2 + 1) {
            ledger.insert_all(half, day(3));
        }
        // What was put out is offered again, and is put out again.
        let before = kept(&ledger, records);
        ledger.insert_all(records, day(3));
        assert_eq!(kept(&ledger, records), before);
        before
    });
    let kept: BTreeSet<BTreeSet<RecordId>> = kept.collect();
    assert_eq!(kept.len(), 1, "the order changes what is kept");
    kept.into_iter().next().unwrap_or_default()
}

#[test]
fn of_a_calls_versions_the_last_are_kept_and_of_a_ties_the_first_in_any_order() {
    let crowd = Crowd::new();
    let eve = crowd.eve;
    let first = eve.sign(call("beds", &[1]), day(1), 60);
    let edits = versions(&eve, &first, 100, |n| call("beds", &[u32::from(n) + 1]));
    let all = [std::slice::from_ref(&first), edits.as_slice()].concat();
    assert_eq!(kept_in_any_order(&crowd, &all), names(&all[all.len() - VERSIONS_MAX..]));
    let other = found(keys(100, 101, &[]), 100).net();
    let first = eve.sign(tie(&[eve.net, other]), day(1), 60);
    let edits = versions(&eve, &first, 100, |_| tie(&[eve.net, other]));
    let all = [std::slice::from_ref(&first), edits.as_slice()].concat();
    assert_eq!(kept_in_any_order(&crowd, &all), names(&all[..VERSIONS_MAX]));
    let mut ledger = crowd.ledger();
    ledger.insert_all(&all, day(3));
    let last = all.last().unwrap();
    let next = eve.draft(tie(&[eve.net, other]), day(2), 60).following(Version::after(last));
    let said = ledger.judge_draft(&next.header, &next.body, key(eve.seed).public(), day(3));
    assert_eq!(said, Err(Why::Surplus), "its author hears of it before signing");
}

#[test]
fn h1_no_key_puts_out_what_another_of_its_network_has_signed() {
    let crowd = Crowd::new();
    let (eve, thief) = (crowd.eve, crowd.others[0]);
    let mine = eve.sign(call("beds", &[1]), day(1), 60);
    let high = |n: u16| {
        let version = Version { rev: u16::MAX - n, ..Version::after(&mine) };
        let draft = thief.draft(call("nothing", &[1]), day(1), 60).following(version);
        draft.sign(&key(thief.seed)).unwrap()
    };
    let flood: Vec<Record> = (0..200).map(high).collect();
    let all = [std::slice::from_ref(&mine), flood.as_slice()].concat();
    let kept = kept_in_any_order(&crowd, &all);
    assert_eq!(kept.len(), VERSIONS_MAX);
    assert!(kept.contains(&mine.id()));
    // Of answers each key has its turn, the network's own first.
    let asked = eve.sign(call("food", &[1]), day(1), 60);
    let all = [offers(&eve, &asked, 100), offers(&thief, &asked, 300)].concat();
    let kept = kept_in_any_order(&crowd, &all);
    assert_eq!(kept.len(), ANSWERS_MAX);
    let own = all[..100].iter().filter(|record| kept.contains(&record.id())).count();
    assert_eq!(own, ANSWERS_MAX / 2);
}

#[test]
fn h1_what_is_put_out_is_said_and_its_bytes_may_go() {
    let crowd = Crowd::new();
    let first = crowd.eve.sign(call("beds", &[1]), day(1), 60);
    let edits = versions(&crowd.eve, &first, 64, |n| call("beds", &[u32::from(n) + 1]));
    let mut ledger = crowd.ledger();
    ledger.insert(&first, day(3));
    ledger.insert_all(&edits, day(3));
    let (id, net, kind) = (first.id(), crowd.eve.net, Kind::Call);
    let dropped = Change::Dropped { id, net, kind, over: None };
    assert!(ledger.take_changes().contains(&dropped));
    let outcome = ledger.insert(&first, day(3));
    assert_eq!(outcome, Outcome::Refused(Refusal::Surplus), "when it is offered again");
}

#[test]
fn h1_whoever_ends_in_vain_keeps_no_end_of_another_out() {
    let crowd = Crowd::new();
    let [eve, bob] = [crowd.eve, crowd.others[0]];
    let mine = bob.sign(call("beds", &[1]), day(1), 60);
    let mut ledger = crowd.ledger();
    ledger.insert(&mine, day(3));
    let ends = |by: &Signer, n: u32| -> Vec<Record> {
        let body = || Body::End(end(&[(mine.thing(), None)], EndKind::Withdraw));
        (0..n).map(|n| by.sign(body(), day(1) + Duration::from_secs(n.into()), 200)).collect()
    };
    let mut vain = 0;
    for other in &crowd.others[1..] {
        let all = ends(other, 20);
        ledger.insert_all(&all, day(3));
        let here = kept(&ledger, &all).len();
        assert!(here <= ENDS_BY_KEY_MAX);
        vain += here;
    }
    assert_eq!(vain, ENDS_MAX);
    assert_eq!(ledger.summary(&mine.id()).unwrap().place, Place::Current);
    for by in [eve, bob] {
        let last = &ends(&by, 1)[0];
        assert!(matches!(ledger.insert(last, day(3)), Outcome::New(_)), "who may end it is heard");
    }
}

#[test]
fn h2_a_used_rotation_key_adds_no_more_events_than_there_is_room_for_and_bars_nobody() {
    let crowd = Crowd::new();
    let guardians = &[902, 903, 904];
    let mut ledger = crowd.ledger();
    let fork = |n: u16| {
        let body = Identity::Rotate(keys(2_000 + n, 20_000 + n, guardians));
        event(&crowd.inception, body, day(1), 901)
    };
    let forks: Vec<Record> = (0..2_000).map(fork).collect();
    ledger.insert_all(&forks, day(3));
    let here = kept(&ledger, &forks).len();
    assert!((EVENTS_SPARE_MAX - 1..=EVENTS_SPARE_MAX + TWINS_MAX).contains(&here), "{here}");
    // The guardians' word is heard, and ends the fork.
    let body = Identity::Recover(keys(40, 41, guardians));
    let recoveries =
        [902, 903].map(|guardian| event(&crowd.inception, body.clone(), day(2), guardian));
    ledger.insert_all(&recoveries, day(3));
    let identity = ledger.identity(&crowd.eve.net).unwrap();
    assert_eq!(identity.keys.map(|keys| keys.key), Some(key(40).public()));
    assert_eq!(identity.disputed, None);
    // What follows is taken as well.
    let rotated = event(&recoveries[0], Identity::Rotate(keys(42, 43, guardians)), day(3), 41);
    ledger.insert(&rotated, day(3));
    let identity = ledger.identity(&crowd.eve.net).unwrap();
    assert_eq!(identity.keys.map(|keys| keys.key), Some(key(42).public()));
}

#[test]
fn h2_a_rotation_that_guardians_have_confirmed_comes_in_however_many_stand_beside_it() {
    let crowd = Crowd::new();
    let guardians = &[902, 903, 904];
    let rotated = event(&crowd.inception, Identity::Rotate(keys(40, 41, guardians)), day(1), 901);
    let named = Identity::Guard(keys(40, 41, &[912, 913]));
    let word = |guardian| event(&rotated, named.clone(), day(2), guardian);
    let confirmed = [word(902), word(903)];
    let mut ledger = crowd.ledger();
    let fork = |n: u16| {
        let body = Identity::Rotate(keys(2_000 + n, 20_000 + n, guardians));
        event(&crowd.inception, body, day(1), 901)
    };
    ledger.insert_all(&(0..600).map(fork).collect::<Vec<_>>(), day(3));
    assert_eq!(ledger.insert(&rotated, day(3)), Outcome::Refused(Refusal::Surplus));
    ledger.insert_all(&confirmed, day(3));
    assert!(matches!(ledger.insert(&rotated, day(3)), Outcome::New(_)), "they wait for it");
    let identity = ledger.identity(&crowd.eve.net).unwrap();
    assert_eq!(identity.keys.map(|keys| keys.key), Some(key(40).public()));
    assert_eq!(identity.disputed, None);
}
