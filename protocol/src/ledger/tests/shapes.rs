//! What one more record costs beside many of one shape, and what a read of them does, counted in
//! steps (`steps`): a number that does not depend on the machine.
//!
//! **Invariant:** beyond what is capped (`limits`), more records of a shape make neither the next one
//! nor a read dearer, and what is capped costs at most [`STEPS_MAX`] steps, half a millisecond.

use std::collections::BTreeSet;

use super::carrying::Story;
use super::decisions::{ballot, gathering, proposal, seats};
use super::world::{
    Signer, World, answer, bridge_tie, call, day, end, event, keys, profile, region, revocation,
    role, tie,
};
use crate::advice::before_signing;
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::identity::{Identity, Reason};
use crate::body::proposal::{Proposal, Rule};
use crate::body::response::Choice;
use crate::body::response::ResponseKind::{Accept, Concern, Confirm, Deliver, Endorse, Offer};
use crate::body::role::Power;
use crate::fold::proposal::Uncounted;
use crate::id::ThingId;
use crate::record::{Home, Reach, Record, Version};
use crate::steps;

/// What anything may cost beside records of a shape. A step is about a tenth of a microsecond.
const STEPS_MAX: u64 = 5_000;

/// So many of a shape, and twice as many: more than any cap that it reaches.
const SIZES: [u16; 2] = [700, 1_400];

/// How much dearer the greater size may make anything: a look at every record would be 700 steps.
const GROWTH_MAX: u64 = 350;

/// Of so many last records of a shape the dearest counts: what puts out another costs more than what is
/// put out itself.
const LAST: usize = 64;

/// A story of a call that is carried, eve who answers it, and one more record of the shape.
struct Stage {
    story: Story,
    eve: Signer,
    /// What eve founds things for.
    inception: Record,
    /// What is decided or met about.
    about: ThingId,
    /// What the last records of the shape cost.
    last: Vec<u64>,
}

fn counted<T>(doing: impl FnOnce() -> T) -> (u64, T) {
    let before = steps::taken();
    let done = doing();
    (steps::taken() - before, done)
}

impl Stage {
    fn new() -> Self {
        let mut story = Story::new();
        story.carries_the_call();
        let (eve, inception) = story.world.found(900);
        let about = story.call.thing();
        Self { story, eve, inception, about, last: Vec::new() }
    }

    /// Lets eve and alice tie each other, and returns a proposal of eve's to their tie.
    fn proposal(&mut self) -> Proposal {
        let (eve, alice) = (self.eve, self.story.alice);
        let tie = eve.sign(seats(&[eve.net, alice.net]), day(0), 300);
        let accept = alice.sign(answer(&tie, Accept, None), day(0), 300);
        for record in [&tie, &accept] {
            self.world().put(record);
        }
        proposal(tie.thing(), (1, 1, 30))
    }

    fn world(&mut self) -> &mut World {
        &mut self.story.world
    }

    fn put(&mut self, record: &Record) {
        self.last.push(counted(|| self.story.world.put(record)).0);
    }

    /// Signs so many versions of what eve says, each the next.
    fn versions(&mut self, n: u16, by: Signer, body: impl Fn(u16) -> Body) -> Record {
        let mut last = by.sign(body(0), day(1), 60);
        self.put(&last);
        for rev in 1..n {
            let version = Version { rev, ..Version::after(&last) };
            let draft = by.draft(body(rev), day(1), 60).following(version);
            last = draft.sign(&super::world::key(by.seed)).unwrap();
            self.put(&last);
        }
        last
    }

    /// Signs so many things of eve's.
    fn things(&mut self, n: u16, body: impl Fn(u16) -> Body) {
        for n in 0..n {
            let record = self.eve.sign(body(n), day(1), 60);
            self.put(&record);
        }
    }

    /// Founds a network of its own for each record.
    fn strangers(&mut self, n: u16, body: impl Fn(&Signer) -> Body) {
        for n in 0..n {
            let (stranger, _) = self.world().found(1_000 + 5 * n);
            let record = stranger.sign(body(&stranger), day(1), 60);
            self.put(&record);
        }
    }

    /// What one more of the shape cost, what the next answer of a third party does, a draft, and each read.
    fn costs(&mut self) -> Vec<(&'static str, u64)> {
        let (bob, _) = self.world().found(700);
        let next = bob.sign(answer(&self.story.call, Endorse, None), day(1), 60);
        let draft = self.eve.draft(answer(&self.story.call, Endorse, None), day(1), 60);
        let end =
            self.eve.draft(Body::End(end(&[(next.thing(), None)], EndKind::Withdraw)), day(1), 70);
        let offer = self.eve.draft(answer(&self.story.call, Offer, None), day(1), 60);
        let dearest = self.last.iter().rev().take(LAST).max().copied().unwrap_or(0);
        let mut costs = vec![("one more of it", dearest)];
        costs.push(("another's answer", counted(|| self.story.world.put(&next)).0));
        let ledger = &self.story.world.ledger;
        let (thing, tie, now) =
            (self.story.call.thing(), self.story.tie.thing(), self.story.world.now);
        // What is folded is kept: who reads first looks at each answer once, who reads again does not.
        assert!(ledger.call(&thing, now).is_some());
        let eve = self.eve;
        let key = super::world::key(eve.seed).public();
        let into = region("us-wa");
        let mut read = |name, reads: &mut dyn FnMut() -> bool| costs.push((name, counted(reads).0));
        read("a draft", &mut || ledger.judge_draft(&draft.header, &draft.body, key, now).is_ok());
        read("a draft of an end", &mut || {
            ledger.judge_draft(&end.header, &end.body, key, now).is_ok()
        });
        read("advice on an answer", &mut || before_signing(ledger, &offer, now).is_empty());
        read("advice on an end", &mut || before_signing(ledger, &end, now).is_empty());
        read("the call", &mut || ledger.call(&thing, now).is_some());
        read("what follows", &mut || ledger.following(&thing, &into, 256).is_empty());
        read("the identity", &mut || ledger.identity(&eve.net).is_some());
        read("the tie", &mut || ledger.tie(&tie, now).is_some());
        let about = self.about;
        read("the gathering", &mut || ledger.gathering(&about, now).is_some());
        read("its minutes", &mut || ledger.minutes(&about).is_empty());
        read("the profile", &mut || ledger.current_profile(&eve.net).is_some());
        // What names each that was said is as long as that.
        let (listing, raised) = counted(|| ledger.concerns(&about).len() as u64);
        costs.push(("each concern that is listed", listing / raised.max(1)));
        let (counting, decision) = counted(|| ledger.proposal(&about, now));
        let uncounted = decision.map(|(_, decision)| decision.state.uncounted).unwrap_or_default();
        let Uncounted { late, earlier, gave_way, unseated, withdrawn } = uncounted;
        let named: usize =
            [late, earlier, gave_way, unseated, withdrawn].iter().map(BTreeSet::len).sum();
        costs.push(("each ballot that is named", counting / (named as u64).max(1)));
        costs
    }
}

/// Builds so many records of a shape.
type Shape = fn(&mut Stage, u16);

/// Every shape by its name. One that somebody adds later is one line.
const SHAPES: &[(&str, Shape)] = &[
    ("versions of a call", |stage, n| {
        let eve = stage.eve;
        stage.versions(n, eve, |n| call("beds", &[u32::from(n) + 1]));
    }),
    ("versions of an answer", |stage, n| {
        let (eve, call) = (stage.eve, stage.story.call.clone());
        stage.versions(n, eve, |n| answer(&call, Offer, Some(u32::from(n) + 1)));
    }),
    ("versions of a tie", |stage, n| {
        let (eve, bob) = (stage.eve, stage.story.alice.net);
        stage.versions(n, eve, |_| tie(&[eve.net, bob]));
    }),
    ("a tower of answers, each of many versions", |stage, n| {
        let (eve, mut under) = (stage.eve, stage.story.call.clone());
        for kind in [Offer, Accept, Deliver, Confirm] {
            let to = under.clone();
            under = stage.versions(n / 4, eve, |n| answer(&to, kind, Some(u32::from(n) + 1)));
        }
    }),
    ("a chain of answers, and the call carried again", |stage, n| {
        let (eve, mut to) = (stage.eve, stage.story.call.clone());
        for n in 0..n {
            to = eve.sign(answer(&to, Endorse, Some(u32::from(n) + 1)), day(1), 60);
            stage.put(&to);
        }
        let call = stage.story.call.clone();
        stage.story.hours = 1;
        let carriage = stage.story.carriage(&call);
        stage.put(&carriage);
        let body = Body::End(end(&[(carriage.thing(), None)], EndKind::Withdraw));
        let taken_back = stage.story.bridget.sign(body, day(1), 400);
        stage.put(&taken_back);
    }),
    ("answers of one network to a call", |stage, n| {
        let call = stage.story.call.clone();
        stage.things(n, |n| answer(&call, Offer, Some(u32::from(n) + 1)));
    }),
    ("answers of many networks to a call", |stage, n| {
        let call = stage.story.call.clone();
        stage.strangers(n, |_| answer(&call, Endorse, None));
    }),
    ("words of many networks on one offer", |stage, n| {
        let offer = stage.eve.sign(answer(&stage.story.call, Offer, Some(1)), day(1), 60);
        stage.world().put(&offer);
        stage.strangers(n, |_| answer(&offer, Accept, None));
    }),
    ("concerns of many networks about a call", |stage, n| {
        let call = stage.story.call.clone();
        stage.strangers(n, |_| answer(&call, Concern, None));
    }),
    ("answers of many networks to a tie", |stage, n| {
        let tie = stage.story.tie.clone();
        stage.strangers(n, |_| answer(&tie, Accept, None));
    }),
    ("carriages that cite one tie", |stage, n| {
        for n in 0..n {
            let (alice, call) = (stage.story.alice, call("beds", &[u32::from(n) + 1]));
            let call = alice.sign(call, day(1), 60);
            stage.world().put(&call);
            let carriage = stage.story.carriage(&call);
            stage.put(&carriage);
        }
    }),
    ("carriages that cite a tie that many have answered", |stage, n| {
        let tie = stage.story.tie.clone();
        stage.strangers(n / 2, |_| answer(&tie, Endorse, None));
        for n in 0..n / 2 {
            let (alice, call) = (stage.story.alice, call("beds", &[u32::from(n) + 1]));
            let call = alice.sign(call, day(1), 60);
            stage.world().put(&call);
            let carriage = stage.story.carriage(&call);
            stage.put(&carriage);
        }
    }),
    ("carriages of one call that many have answered", |stage, n| {
        let call = stage.story.call.clone();
        stage.strangers(n / 2, |_| answer(&call, Endorse, None));
        for n in 0..n / 2 {
            stage.story.hours = u64::from(n) + 1;
            let carriage = stage.story.carriage(&call);
            stage.put(&carriage);
        }
    }),
    ("carriages of one call", |stage, n| {
        let call = stage.story.call.clone();
        for n in 0..n {
            stage.story.hours = u64::from(n) + 1;
            let carriage = stage.story.carriage(&call);
            stage.put(&carriage);
        }
    }),
    ("ends by strangers of another's call", |stage, n| {
        let call = stage.story.call.clone();
        stage.strangers(n, |_| Body::End(end(&[(call.thing(), None)], EndKind::Withdraw)));
    }),
    ("ends by one network of its call", |stage, n| {
        let mine = stage.eve.sign(call("food", &[1]), day(1), 30);
        stage.world().put(&mine);
        stage.things(n, |_| Body::End(end(&[(mine.thing(), None)], EndKind::Withdraw)));
    }),
    ("ends of a tie by a party", |stage, n| {
        let tie = stage.story.tie.clone();
        let wanda = stage.story.wanda;
        for n in 0..n {
            let body = Body::End(end(&[(tie.thing(), None)], EndKind::Withdraw));
            let record = wanda.sign(body, day(1) + std::time::Duration::from_secs(n.into()), 400);
            stage.put(&record);
        }
    }),
    ("roles", |stage, n| {
        stage.things(n, |n| role(2_000 + n, &[Power::Call], None, day(0)));
    }),
    ("roles, accepted and ended", |stage, n| {
        for n in 0..n / 3 {
            let eve = stage.eve;
            let bob = stage.world().appoint(&eve, 2_000 + n, &[Power::Call]);
            let body = Body::End(end(&[(bob.role.unwrap(), None)], EndKind::Withdraw));
            let record = eve.sign(body, day(1), 400);
            stage.put(&record);
        }
    }),
    ("roles under a role", |stage, n| {
        let eve = stage.eve;
        let granter = stage.world().appoint(&eve, 1_999, &[Power::Delegate, Power::Call]);
        for n in 0..n {
            let record = granter.sign(role(2_000 + n, &[Power::Call], None, day(0)), day(1), 60);
            stage.put(&record);
        }
    }),
    ("acceptances of one role", |stage, n| {
        let eve = stage.eve;
        let bob = stage.world().appoint(&eve, 1_999, &[Power::Call]);
        let role = bob.role.unwrap();
        for n in 0..n {
            let mut body = answer(&stage.inception, Accept, None);
            if let Body::Response(answer) = &mut body {
                answer.to.thing = role;
            }
            let at = day(1) + std::time::Duration::from_secs(n.into());
            let record = bob.sign(body, at, 60);
            stage.put(&record);
        }
    }),
    ("calls under one role that is granted again", |stage, n| {
        let eve = stage.eve;
        let bob = stage.world().appoint(&eve, 1_999, &[Power::Call]);
        for n in 0..n {
            let record = bob.sign(call("beds", &[u32::from(n) + 1]), day(1), 60);
            stage.put(&record);
        }
    }),
    ("recoveries by one guardian of three", |stage, n| {
        for other in 0..n {
            let body = Identity::Recover(keys(2_000 + other, 20_000 + other, &[902, 903, 904]));
            let alone = event(&stage.inception, body, day(1), 902);
            stage.put(&alone);
        }
    }),
    ("rotations from one event", |stage, n| {
        for other in 0..n {
            let body = Identity::Rotate(keys(2_000 + other, 20_000 + other, &[902, 903, 904]));
            let record = event(&stage.inception, body, day(1), 901);
            stage.put(&record);
        }
    }),
    ("revocations by the rotation key", |stage, n| {
        for n in 0..n {
            let since = day(1) + std::time::Duration::from_secs(n.into());
            let body = revocation(900, Reason::Retired, since, &[]);
            let record = event(&stage.inception, body, day(1), 901);
            stage.put(&record);
        }
    }),
    ("homes of one network", |stage, n| {
        let eve = stage.eve;
        for n in 0..n {
            let mut draft = eve.draft(call("beds", &[1]), day(1), 60);
            let region = region(&format!("region-{n}"));
            draft.header.home = Some(Home { region, reach: Reach::Movement });
            let record = draft.sign(&super::world::key(eve.seed)).unwrap();
            stage.put(&record);
        }
    }),
    ("homes of members of one network", |stage, n| {
        let eve = stage.eve;
        // As a node that is in two regions: to have a first record at a home of these brings along what
        // judges it, and of others nothing is kept.
        stage.world().ledger.keep(["gb-bristol", "us-wa"].map(region).into());
        for n in 0..n / 3 {
            let member = stage.world().appoint(&eve, 2_000 + n, &[Power::Call]);
            let mut draft = member.draft(call("beds", &[1]), day(1), 60);
            let region = region(&format!("region-{n}"));
            draft.header.home = Some(Home { region, reach: Reach::Movement });
            let record = draft.sign(&super::world::key(member.seed)).unwrap();
            stage.put(&record);
        }
    }),
    ("profiles of one network", |stage, n| {
        let eve = stage.eve;
        for n in 0..n {
            let at = day(1) + std::time::Duration::from_secs(n.into());
            let record = eve.sign(profile(), at, 60);
            stage.put(&record);
        }
    }),
    ("versions of a proposal", |stage, n| {
        let (eve, body) = (stage.eve, stage.proposal());
        stage.about = stage.versions(n, eve, |_| Body::Proposal(body.clone())).thing();
    }),
    ("proposals to one tie", |stage, n| {
        let body = stage.proposal();
        stage.things(n, |n| {
            let quorum = u8::try_from(n % 100).unwrap();
            let rule = Rule { quorum, ..body.rule };
            Body::Proposal(Proposal { rule, ..body.clone() })
        });
    }),
    ("ballots of one elector", |stage, n| {
        let (eve, body) = (stage.eve, Body::Proposal(stage.proposal()));
        let proposed = stage.eve.sign(body, day(1), 60);
        stage.world().put(&proposed);
        stage.about = proposed.thing();
        for n in 0..n {
            let at = day(1) + std::time::Duration::from_secs(n.into());
            let record = eve.sign(ballot(&proposed, Choice::Consent), at, 60);
            stage.put(&record);
        }
    }),
    ("ballots of many who are no electors", |stage, n| {
        let body = Body::Proposal(stage.proposal());
        let proposed = stage.eve.sign(body, day(1), 60);
        stage.world().put(&proposed);
        stage.about = proposed.thing();
        stage.strangers(n, |_| ballot(&proposed, Choice::Object));
    }),
    ("versions of a gathering that meets every week", |stage, n| {
        let (eve, nets) = (stage.eve, [stage.eve.net, stage.story.alice.net]);
        let body = |_| Body::Gathering(gathering(day(2), &nets));
        stage.about = stage.versions(n, eve, body).thing();
    }),
    ("answers of many networks to a gathering", |stage, n| {
        let nets = [stage.eve.net, stage.story.alice.net];
        let held = stage.eve.sign(Body::Gathering(gathering(day(2), &nets)), day(1), 60);
        stage.world().put(&held);
        stage.about = held.thing();
        stage.strangers(n, |_| answer(&held, Offer, Some(1)));
    }),
    ("concerns of many networks about a gathering", |stage, n| {
        let nets = [stage.eve.net, stage.story.alice.net];
        let held = stage.eve.sign(Body::Gathering(gathering(day(2), &nets)), day(1), 60);
        stage.world().put(&held);
        stage.about = held.thing();
        stage.strangers(n, |_| answer(&held, Concern, None));
    }),
    ("ties that name one network", |stage, n| {
        let alice = stage.story.alice.net;
        stage.strangers(n, |by| tie(&[by.net, alice]));
    }),
    ("bridge ties that name one network", |stage, n| {
        let wanda = stage.story.wanda.net;
        stage.strangers(n, |by| bridge_tie(&[by.net, wanda]));
    }),
];

/// Returns what each cost has become with so many of a shape.
fn costs(build: Shape, n: u16) -> Vec<(&'static str, u64)> {
    let mut stage = Stage::new();
    build(&mut stage, n);
    stage.costs()
}

/// Builds these at both sizes.
#[track_caller]
fn make_nothing_dearer(shapes: &[(&str, Shape)]) {
    let mut dear = Vec::new();
    for (name, build) in shapes {
        let [few, many] = SIZES.map(|n| costs(*build, n));
        for ((what, few), (_, many)) in few.into_iter().zip(many) {
            if many > STEPS_MAX || many > few + GROWTH_MAX {
                dear.push(format!("{name}: {what}: {few} steps have become {many}"));
            }
        }
    }
    assert!(dear.is_empty(), "{dear:#?}");
}

// The table is long, and a machine may have another core for its other half.

#[test]
fn more_of_any_shape_make_nothing_dearer() {
    make_nothing_dearer(&SHAPES[..SHAPES.len() / 2]);
}

#[test]
fn more_of_any_shape_of_the_other_half_make_nothing_dearer() {
    make_nothing_dearer(&SHAPES[SHAPES.len() / 2..]);
}
