//! Many records of one shape, as whoever wants to make a node work would bring them: the clock and the bytes
//! for the shapes whose steps `ledger/tests/shapes.rs` counts, in one process and in memory alone.

use std::time::{Duration, Instant};

use weft_protocol::body::response::ResponseKind::{Accept, Deliver, Offer};
use weft_protocol::body::role::Power;
use weft_protocol::id::ThingId;
use weft_protocol::ledger::{Ledger, PoolBounds};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;
use weft_tests::world::{Network, Statement, Voice, World};

use crate::row::{Row, percentile};
use crate::stage::{self, REGION, Stage};

/// The part of the table's records that each shape has: ten thousand of a hundred thousand.
const PART: usize = 10;

/// So many last records are looked at: the median counts, for a machine does other things too.
const LAST: usize = 64;

/// What anything may cost beside records of a shape.
const COST_MAX: Duration = Duration::from_millis(1);

/// A call and a tie that others speak to, and eve.
struct Scene {
    world: World,
    eve: Network,
    river: Network,
    call: Record,
    tie: Record,
}

impl Scene {
    fn new(world: World) -> Self {
        let [river, ridge, eve] = ["river", "ridge", "eve"].map(|name| world.network(name));
        let (call, tie) = (river.call("beds").sign(), river.tie(&[&ridge]).sign());
        Self { world, eve, river, call, tie }
    }

    /// Says what a network of its own says, so often, with what has founded each.
    fn strangers(&self, n: usize, say: impl Fn(&Network) -> Record) -> Vec<Record> {
        let all = (0..n / 2).map(|n| self.world.network(&format!("stranger {n}")));
        all.flat_map(|by| [by.inception.clone(), say(&by)]).collect()
    }

    /// Says what eve says, so often, each another thing.
    fn things<'a>(
        &'a self,
        n: usize,
        say: impl Fn(&'a Network, usize) -> Statement<'a>,
    ) -> Vec<Record> {
        (0..n).map(|n| say(&self.eve, n).sign()).collect()
    }

    /// Says so many versions of one thing of eve's.
    fn versions<'a>(&'a self, n: usize, say: impl Fn(&'a Voice) -> Statement<'a>) -> Vec<Record> {
        let first = say(&self.eve).sign();
        let later = (1_u16..).take(n.min(u16::MAX.into()).saturating_sub(1));
        let later = later.map(|rev| say(&self.eve).version(&first, rev).sign());
        [first.clone()].into_iter().chain(later).collect()
    }

    /// Lets so many members speak for eve's network, each from a place of its own.
    fn members(&self, n: usize) -> Vec<Record> {
        let member = |n: usize| {
            let member = self.eve.member_with(&format!("seat {n}"), &[Power::Call]);
            let call = member.call("beds").home(&format!("x-{n}")).sign();
            [member.role.clone(), member.acceptance.clone(), call]
        };
        (0..n / 3).flat_map(member).collect()
    }

    /// Answers, answers to those, and answers to those, each in many versions.
    fn tower(&self, n: usize) -> Vec<Record> {
        let (mut all, mut under) = (Vec::new(), self.call.clone());
        for kind in [Offer, Accept, Deliver] {
            let storey = self.versions(n / 3, |by| by.respond(kind, &under));
            under = storey[0].clone();
            all.extend(storey);
        }
        all
    }
}

/// Signs so many records of a shape.
type Shape = fn(&Scene, usize) -> Vec<Record>;

/// The shapes by their names.
const SHAPES: [(&str, Shape); 14] = [
    ("versions of a call", |scene, n| scene.versions(n, |by| by.call("beds"))),
    ("versions of an answer", |scene, n| scene.versions(n, |by| by.offer(&scene.call))),
    ("a tower of answers", Scene::tower),
    ("answers of one network", |scene, n| {
        scene.things(n, |by, n| {
            by.offer(&scene.call).amount(u32::try_from(n + 1).unwrap_or(u32::MAX))
        })
    }),
    ("answers of many networks", |scene, n| {
        scene.strangers(n, |by| by.endorse(&scene.call).sign())
    }),
    ("concerns of many networks", |scene, n| {
        scene.strangers(n, |by| by.concern(&scene.call).sign())
    }),
    ("answers to a tie", |scene, n| scene.strangers(n, |by| by.accept(&scene.tie).sign())),
    ("ends by strangers", |scene, n| scene.strangers(n, |by| by.withdraw(&scene.call).sign())),
    ("ends by one network", |scene, n| {
        let withdraw = |n: u64| {
            let at = scene.call.header().at + Duration::from_secs(n);
            scene.river.withdraw(&scene.call).at(at).sign()
        };
        (0..).map(withdraw).take(n).collect()
    }),
    ("roles", |scene, n| {
        let holder = scene.river.key();
        scene.things(n, |by, n| by.role(&format!("seat {n}"), holder, &[Power::Call]))
    }),
    ("homes of one network", |scene, n| {
        scene.things(n, |by, n| by.call("beds").home(&format!("x-{n}")))
    }),
    ("homes of members", Scene::members),
    ("profiles of one network", |scene, n| {
        scene.things(n, |by, n| {
            by.profile(&[]).at(by.inception.header().at + Duration::from_secs(n as u64))
        })
    }),
    ("ties that name one network", |scene, n| {
        scene.strangers(n, |by| by.tie(&[&scene.river]).sign())
    }),
];

/// Ten thousand records of each shape, one after the other, and what one more and a look at the call cost.
pub(crate) fn shapes(stage: &Stage) -> Vec<Row> {
    let scene = Scene::new(stage.world.clone());
    let count = stage.records().len() / PART;
    SHAPES.iter().map(|(name, build)| row(&scene, name, &build(&scene, count))).collect()
}

fn row(scene: &Scene, name: &str, records: &[Record]) -> Row {
    // Some are dated a second after one another.
    let now = scene.call.header().at + Duration::from_secs(records.len() as u64);
    let mut ledger = Ledger::new(PoolBounds::default());
    // As a node does, which is in a region and keeps the set of that alone.
    ledger.keep([REGION.parse().expect("a region")].into());
    for record in [&scene.river.inception, &scene.eve.inception, &scene.call, &scene.tie] {
        ledger.insert(record, now);
    }
    let insert = |record: &Record| {
        let began = Instant::now();
        ledger.insert(record, now);
        began.elapsed()
    };
    let mut times: Vec<Duration> = records.iter().map(insert).collect();
    let last = times.len().saturating_sub(LAST);
    let next = percentile(&mut times[last..], 0.5);
    let read = read(&ledger, &scene.call.thing(), now);
    let kept: Vec<Record> =
        records.iter().filter(|record| ledger.summary(&record.id()).is_some()).cloned().collect();
    let row = Row::new(format!("{} {name}", records.len()), "< 1 ms for anything");
    let micros = |time: Duration| time.as_micros();
    row.is(format!("next {} µs, call {} µs", micros(next), micros(read)), next.max(read) < COST_MAX)
        .beside(format!(
            "worst {} µs; {} kept, {} bytes",
            micros(percentile(&mut times[last..], 1.0)),
            kept.len(),
            stage::bytes(&kept)
        ))
}

/// Looks at the call for the second time: whoever looks first folds it, and the rest is kept.
fn read(ledger: &Ledger, call: &ThingId, now: Timestamp) -> Duration {
    ledger.call(call, now);
    let began = Instant::now();
    std::hint::black_box(ledger.call(call, now));
    began.elapsed()
}
