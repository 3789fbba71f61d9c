//! What it costs to take records into the ledger, in memory alone: calls of about 600 bytes by
//! 1 000 authors, whose signatures hold already.
//!
//! `replay` is how a node starts, `batch` how it catches up, `one` how a call comes through the
//! door into a ledger that has the others already, `answer` how one more answer to a call that has
//! 10 000 comes, and what has become of the call is then asked.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use weft_protocol::body::Body;
use weft_protocol::body::call::{Ask, Call, CallKind, Risk, Urgency};
use weft_protocol::body::identity::Identity;
use weft_protocol::body::response::{Reference, Response, ResponseKind};
use weft_protocol::body::text::Text;
use weft_protocol::id::NetId;
use weft_protocol::key::SecretKey;
use weft_protocol::ledger::{Ledger, PoolBounds};
use weft_protocol::record::{Draft, Reach, Record};
use weft_protocol::time::Timestamp;

/// The calls of one run, as in the table of the issue.
const CALLS: u32 = 100_000;
/// Authors.
const AUTHORS: u32 = 1000;
/// How many records a node decodes at a time when it starts.
const RESTORED: usize = 8192;
/// How many records come at a time when it catches up.
const GROUP: usize = 1000;
/// Records that come one by one.
const SINGLES: usize = 1000;
/// The answers that a call has before one more comes.
const ANSWERS: usize = 10_000;

const START: Timestamp = Timestamp::from_secs(1_800_000_000);

fn now() -> Timestamp {
    START + Duration::from_secs(u64::from(CALLS))
}

fn key(n: u32, purpose: u8) -> SecretKey {
    let mut seed = [purpose; 32];
    seed[..4].copy_from_slice(&n.to_be_bytes());
    SecretKey::from_seed(&seed)
}

fn inception(n: u32) -> Record {
    let body = Identity::inception(key(n, 0).public(), key(n, 1).public().hash());
    Draft::inception(Body::Identity(body), START).sign(&key(n, 0)).expect("an inception")
}

/// Returns a call; the authors take turns in an order that no cache foresees.
fn call(n: u32, nets: &[NetId]) -> Record {
    let author = n.wrapping_mul(7919) % AUTHORS;
    let tag = "beds".parse().expect("a tag");
    let ask = Ask { tag, text: None, amount: Some(3), unit: None };
    let body = Body::Call(Call {
        kind: CallKind::Need,
        mode: None,
        title: Text::new("en", &format!("call {n}")).expect("a title"),
        text: Some(Text::new("en", &"x".repeat(250)).expect("a text")),
        asks: vec![ask].try_into().expect("one ask"),
        fields: vec!["climate".parse().expect("a tag")].try_into().expect("one field"),
        places: vec![].try_into().expect("no place"),
        values: vec![].try_into().expect("no value"),
        when: None,
        urgency: Urgency::Days,
        risk: Risk::None,
        demand_to: None,
        part_of: None,
        contact: vec![].try_into().expect("no box"),
    });
    let home = ("gb-bristol".parse().expect("a region's name"), Reach::Movement);
    let days = u64::from(20 + n % 60);
    let life = (START + Duration::from_secs(n.into()), Duration::from_secs(days * 86_400));
    Draft::new(body, nets[author as usize], home, life).sign(&key(author, 0)).expect("a call")
}

fn records() -> Vec<Record> {
    let mut records: Vec<Record> = (0..AUTHORS).map(inception).collect();
    let nets: Vec<NetId> = records.iter().map(Record::net).collect();
    records.extend((0..CALLS).map(|n| call(n, &nets)));
    records
}

/// Returns an offer in answer to a call.
fn offer(to: &Record, from: &Record, author: u32) -> Record {
    let body = Body::Response(Response {
        kind: ResponseKind::Offer,
        to: Reference { thing: to.thing(), seen: to.id() },
        text: None,
        ask: Some(0),
        amount: Some(1 + author % 3),
        choice: None,
        evidence: vec![].try_into().expect("no document"),
        sealed: vec![].try_into().expect("no box"),
        minutes: None,
    });
    let home = ("gb-bristol".parse().expect("a region's name"), Reach::Movement);
    let life = (START + Duration::from_secs(author.into()), Duration::from_secs(20 * 86_400));
    Draft::new(body, from.net(), home, life).sign(&key(author, 0)).expect("an answer")
}

/// Returns a call with its answers, each by a network of its own, and those that are to come.
fn answered() -> (Record, Vec<Record>, Vec<Record>) {
    let mut before: Vec<Record> = (0..).take(ANSWERS + SINGLES).map(inception).collect();
    let nets: Vec<NetId> = before.iter().map(Record::net).collect();
    let call = call(0, &nets);
    let mut offers: Vec<Record> = (0..).zip(&before).map(|(n, by)| offer(&call, by, n)).collect();
    let more = offers.split_off(ANSWERS);
    before.push(call.clone());
    before.append(&mut offers);
    (call, before, more)
}

fn replayed(records: &[Record]) -> Ledger {
    let mut ledger = Ledger::new(PoolBounds::default());
    records.chunks(RESTORED).for_each(|part| ledger.replay(part, now()));
    ledger
}

fn ledger(c: &mut Criterion) {
    let records = records();
    let mut group = c.benchmark_group("ledger");
    group.sample_size(10).throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("replay", |b| b.iter_with_large_drop(|| replayed(black_box(&records))));
    group.bench_function("batch", |b| {
        b.iter_with_large_drop(|| {
            let mut ledger = Ledger::new(PoolBounds::default());
            for part in records.chunks(GROUP) {
                black_box(ledger.insert_all(part, now()));
                black_box(ledger.take_changes());
            }
            ledger
        });
    });
    let (before, singles) = records.split_at(records.len() - SINGLES);
    group.throughput(Throughput::Elements(SINGLES as u64));
    group.bench_function("one", |b| {
        let insert = |mut ledger: Ledger| {
            for record in singles {
                black_box(ledger.insert(record, now()));
                black_box(ledger.take_changes());
            }
            ledger
        };
        b.iter_batched(|| replayed(before), insert, BatchSize::PerIteration);
    });
    let (call, before, more) = answered();
    group.bench_function("answer", |b| {
        let insert = |mut ledger: Ledger| {
            for record in &more {
                black_box(ledger.insert(record, now()));
                black_box(ledger.take_changes());
                black_box(ledger.call(&call.thing(), now()));
            }
            ledger
        };
        b.iter_batched(|| replayed(&before), insert, BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, ledger);
criterion_main!(benches);
