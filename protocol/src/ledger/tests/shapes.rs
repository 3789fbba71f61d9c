//! What one more record costs beside many of one shape, and what a read of them does, counted in
//! records looked at: a number that does not depend on the machine.
//!
//! **Invariant:** four times as many records of any shape here make the next one, and every read, at
//! most about four times as dear: shapes on shapes do not multiply.

use super::world::{Signer, World, answer, call, day, event, keys};
use crate::body::identity::Identity;
use crate::body::response::ResponseKind::{Accept, Deliver, Endorse, Offer};
use crate::record::{Record, Version};

/// A world, and the call that everything here is about.
struct Stage {
    world: World,
    eve: Signer,
    call: Record,
    inception: Record,
    /// What the last record of the shape cost.
    last: u64,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::new();
        world.now = day(2);
        let (alice, inception) = world.found(0);
        let (eve, _) = world.found(900);
        let call = alice.sign(call("beds", &[3]), day(0), 60);
        world.put(&call);
        Self { world, eve, call, inception, last: 0 }
    }

    /// Signs so many versions of one answer of eve's, and returns the last.
    fn versions(
        &mut self,
        to: &Record,
        kind: crate::body::response::ResponseKind,
        n: u16,
    ) -> Record {
        let mut last = self.eve.sign(answer(to, kind, Some(1)), day(1), 60);
        self.put(&last);
        for rev in 1..n {
            let version = Version { rev, ..Version::after(&last) };
            let draft = self.eve.draft(answer(to, kind, Some(u32::from(rev))), day(1), 60);
            last = draft.following(version).sign(&super::world::key(self.eve.seed)).unwrap();
            self.put(&last);
        }
        last
    }

    fn put(&mut self, record: &Record) {
        self.last = self.steps(|stage| stage.world.put(record));
    }

    fn steps<T>(&mut self, doing: impl FnOnce(&mut Self) -> T) -> u64 {
        let before = self.world.ledger.steps.get();
        doing(self);
        self.world.ledger.steps.get() - before
    }

    /// What one more of the shape cost, what the next answer of a third party does, and each read.
    fn costs(&mut self) -> [u64; 5] {
        let (bob, _) = self.world.found(100);
        let next = bob.sign(answer(&self.call, Endorse, None), day(1), 60);
        let (thing, now) = (self.call.thing(), self.world.now);
        let region = super::world::region("us-wa");
        [
            self.last,
            self.steps(|stage| stage.world.put(&next)),
            self.steps(|stage| stage.world.ledger.call(&thing, now)),
            self.steps(|stage| stage.world.ledger.following(&thing, &region, 256)),
            self.steps(|stage| stage.world.ledger.identity(&stage.inception.net())),
        ]
    }
}

/// Builds so many records of a shape.
type Shape = fn(&mut Stage, u16);

/// Every shape by its name. One that somebody adds later is one line.
const SHAPES: &[(&str, Shape)] = &[
    ("versions of an answer", |stage, n| {
        let call = stage.call.clone();
        stage.versions(&call, Offer, n);
    }),
    ("a tower of answers, three deep, each of many versions", |stage, n| {
        let mut under = stage.call.clone();
        for kind in [Offer, Accept, Deliver] {
            under = stage.versions(&under, kind, n / 3);
        }
    }),
    ("answers of one network to a call", |stage, n| {
        for amount in 0..n {
            let body = answer(&stage.call, Offer, Some(u32::from(amount) + 1));
            let offer = stage.eve.sign(body, day(1), 60);
            stage.put(&offer);
        }
    }),
    ("recoveries by one guardian of three", |stage, n| {
        for other in 0..n {
            let body = Identity::Recover(keys(2000 + other, 20_000 + other, &[2, 3, 4]));
            let alone = event(&stage.inception, body, day(1), 2);
            stage.put(&alone);
        }
    }),
];

#[test]
fn four_times_as_many_of_any_shape_cost_four_times_as_much_at_most() {
    for (name, build) in SHAPES {
        let [few, many] = [60, 240].map(|n| {
            let mut stage = Stage::new();
            build(&mut stage, n);
            stage.costs()
        });
        for (few, many) in few.into_iter().zip(many) {
            assert!(many <= few * 5 + 200, "{name}: {few} steps have become {many}");
        }
    }
}
