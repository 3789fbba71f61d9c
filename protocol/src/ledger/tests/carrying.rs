//! Stories of a bridge between Bristol and Washington.

use super::decisions::funding;
use super::world::{Signer, World, answer, bridge_tie, call, day, end, key, profile, region, role};
use crate::body::Body;
use crate::body::carriage::{Carriage, Carried};
use crate::body::disclosure::{Control, DisclosureKind};
use crate::body::end::EndKind;
use crate::body::response::ResponseKind::{Accept, Endorse, Offer};
use crate::body::role::{Power, RoleKind};
use crate::ledger::Change;
use crate::record::{Home, Reach, Record};
use crate::sync::{Key, Scope};

use super::history::History;
use super::world::{DAY, START, fiscal_host};
use crate::admission::{Policy, Recognition};
use crate::bridge::{Bridges, Deed, GATHER, Item, Rule, Speaker, Surroundings, Verdict};
use crate::ledger::{Ledger, PoolBounds};
use crate::weave::Classes;

const BRISTOL: &str = "gb-bristol";
const WASHINGTON: &str = "us-wa";

/// Signs for a region, for all the movement.
fn sign_in(signer: &Signer, place: &str, body: Body, days: u32) -> Record {
    let mut draft = signer.draft(body, day(1), days);
    draft.header.home = Some(Home { region: region(place), reach: Reach::Movement });
    draft.sign(&key(signer.seed)).unwrap()
}

/// Alice calls in Bristol, Wanda is at home in Washington, Bridget carries from one to the other.
pub(super) struct Story {
    pub(super) world: World,
    pub(super) alice: Signer,
    pub(super) bridget: Signer,
    pub(super) wanda: Signer,
    pub(super) tie: Record,
    pub(super) call: Record,
    /// How many hours ago the next carriage is signed, so that it is another.
    pub(super) hours: u64,
}

impl Story {
    pub(super) fn new() -> Self {
        let mut world = World::new();
        let ((alice, _), (bridget, _), (wanda, _)) =
            (world.found(0), world.found(100), world.found(200));
        world.put(&sign_in(&wanda, WASHINGTON, profile(), 300));
        let tie = sign_in(&bridget, BRISTOL, bridge_tie(&[bridget.net, wanda.net]), 300);
        world.put(&tie);
        world.put(&sign_in(&wanda, BRISTOL, answer(&tie, Accept, None), 300));
        let call = sign_in(&alice, BRISTOL, call("beds", &[3]), 60);
        world.put(&call);
        Self { world, alice, bridget, wanda, tie, call, hours: 0 }
    }

    pub(super) fn carriage(&self, of: &Record) -> Record {
        let body = Body::Carriage(Carriage {
            things: vec![Carried { net: of.net(), thing: of.thing() }].try_into().unwrap(),
            from: region(BRISTOL),
            via: Vec::new().try_into().unwrap(),
            tie: self.tie.thing(),
            rule: "calls".parse().unwrap(),
        });
        let at = day(1) - std::time::Duration::from_secs(3_600 * self.hours);
        let mut draft = self.bridget.draft(body, at, 60);
        draft.header.home = Some(Home { region: region(WASHINGTON), reach: Reach::Region });
        draft.sign(&key(self.bridget.seed)).unwrap()
    }

    pub(super) fn carries_the_call(&mut self) -> Record {
        let carriage = self.carriage(&self.call);
        self.world.put(&carriage);
        assert!(self.is_in(WASHINGTON, &self.call));
        carriage
    }

    fn is_in(&self, place: &str, record: &Record) -> bool {
        let until = record.header().until;
        let until =
            if until == crate::time::Timestamp::NEVER { Key::NEVER } else { until.as_secs() };
        let key = Key { until, id: record.id() };
        self.world.ledger.set(&Scope::Region(region(place))).is_some_and(|set| set.contains(&key))
    }
}

/// Rows: 0.3.
#[test]
fn a_call_is_in_the_other_region_while_a_valid_carriage_lives() {
    let mut story = Story::new();
    assert!(!story.is_in(WASHINGTON, &story.call));
    let carriage = story.carries_the_call();
    let changes = story.world.ledger.take_changes();
    let said = |c: &Change| matches!(c, Change::Carried { carriage: c, counts: true, .. } if *c == carriage.id());
    assert!(changes.iter().any(said), "{changes:?}");
    let undo = end(&[(carriage.thing(), None)], EndKind::Withdraw);
    story.world.put(&sign_in(&story.bridget, WASHINGTON, Body::End(undo), 400));
    assert!(!story.is_in(WASHINGTON, &story.call));
}

#[test]
fn what_the_author_keeps_in_the_region_is_never_carried() {
    let mut story = Story::new();
    let mut draft = story.alice.draft(call("food", &[1]), day(1), 60);
    draft.header.home = Some(Home { region: region(BRISTOL), reach: Reach::Region });
    let local = draft.sign(&key(story.alice.seed)).unwrap();
    story.world.put(&local);
    story.world.put(&story.carriage(&local));
    assert!(!story.is_in(WASHINGTON, &local));
}

#[test]
fn a_forged_carriage_carries_nothing() {
    let mut story = Story::new();
    let mut draft = story.alice.draft(story.carriage(&story.call).body().clone(), day(1), 60);
    draft.header.home = Some(Home { region: region(WASHINGTON), reach: Reach::Region });
    story.world.put(&draft.sign(&key(story.alice.seed)).unwrap());
    assert!(!story.is_in(WASHINGTON, &story.call), "alice is no party of the tie");
    let stranger = Record::clone(&story.call);
    let wrong = Carried { net: story.wanda.net, thing: stranger.thing() };
    let Body::Carriage(mut body) = story.carriage(&stranger).body().clone() else { unreachable!() };
    body.things = vec![wrong].try_into().unwrap();
    let mut draft = story.bridget.draft(Body::Carriage(body), day(1), 60);
    draft.header.home = Some(Home { region: region(WASHINGTON), reach: Reach::Region });
    story.world.put(&draft.sign(&key(story.bridget.seed)).unwrap());
    assert!(!story.is_in(WASHINGTON, &story.call), "it is not wanda's call");
}

#[test]
fn when_a_party_leaves_the_tie_nothing_is_carried_any_more() {
    let mut story = Story::new();
    story.carries_the_call();
    let leave = end(&[(story.tie.thing(), None)], EndKind::Leave);
    story.world.put(&sign_in(&story.wanda, BRISTOL, Body::End(leave), 400));
    assert!(!story.is_in(WASHINGTON, &story.call));
    assert!(story.is_in(WASHINGTON, &story.tie), "everyone there can see why");
}

#[test]
fn later_versions_and_withdrawals_follow_without_a_carriage() {
    let mut story = Story::new();
    story.carries_the_call();
    let edited = story.alice.sign_version(&story.call, call("beds and food", &[3]), day(1), 61);
    story.world.put(&edited);
    let third = story.alice.sign_version(&edited, call("beds and tea", &[3]), day(1), 61);
    story.world.put(&third);
    for place in [BRISTOL, WASHINGTON] {
        assert!(story.is_in(place, &third) && !story.is_in(place, &edited));
        assert!(!story.is_in(place, &story.call), "any version says whose it is");
    }
    let withdraw = end(&[(story.call.thing(), None)], EndKind::Withdraw);
    let withdraw = sign_in(&story.alice, BRISTOL, Body::End(withdraw), 400);
    story.world.put(&withdraw);
    for place in [BRISTOL, WASHINGTON] {
        assert!(!story.is_in(place, &third) && !story.is_in(place, &story.call));
    }
    assert!(story.is_in(WASHINGTON, &withdraw), "whoever saw the call learns of it");
}

#[test]
fn answers_follow_in_both_directions_and_so_do_their_ends() {
    let mut story = Story::new();
    story.carries_the_call();
    let here = sign_in(&story.bridget, BRISTOL, answer(&story.call, Endorse, None), 40);
    let there = sign_in(&story.wanda, WASHINGTON, answer(&story.call, Offer, Some(2)), 40);
    let accept = sign_in(&story.alice, BRISTOL, answer(&there, Accept, None), 40);
    for record in [&here, &there, &accept] {
        story.world.put(record);
        assert!(story.is_in(WASHINGTON, record) && story.is_in(BRISTOL, record));
    }
    let mut undo = end(&[(there.thing(), None)], EndKind::Withdraw);
    let mut targets = undo.targets.to_vec();
    targets[0].about = Some(story.call.thing());
    undo.targets = targets.try_into().unwrap();
    let undo = sign_in(&story.wanda, WASHINGTON, Body::End(undo), 400);
    story.world.put(&undo);
    assert!(story.is_in(BRISTOL, &undo), "bristol learns that the offer is gone");
    assert!(story.is_in(BRISTOL, &there), "and which one: what it replaced must not come back");
    let (_, state) = story.world.ledger.call(&story.call.thing(), story.world.now).unwrap();
    assert_eq!((state.asks[0].offered, state.asks[0].accepted), (0, 0));
}

impl Story {
    fn endorses(&mut self, signer: &Signer) {
        let endorsement = sign_in(signer, BRISTOL, answer(&self.call, Endorse, None), 40);
        self.world.put(&endorsement);
    }

    /// Lets the machine look at the call once more, and returns what it wants done.
    fn deeds(&self, machine: &mut Bridges) -> Vec<Deed> {
        let (ledger, now) = (&self.world.ledger, self.world.now);
        let recognition = Recognition::new(
            &[self.bridget.net].into(),
            ledger.tied(now).into_iter().chain([self.alice.net].map(|net| (self.bridget.net, net))),
            3,
        );
        let classes = Classes::new(ledger.links(now));
        let (policy, entitlements) = (Policy::default(), ledger.entitlements(&self.bridget.net));
        let (recognition, classes) = (&recognition, &classes);
        let (policy, entitlements) = (&policy, &entitlements);
        let ground = Surroundings { ledger, recognition, classes, policy, entitlements };
        let item = Item::of(&self.call).unwrap();
        machine.hear(&item, now, &ground);
        machine.wake(now + GATHER, &ground);
        machine.take_deeds()
    }
}

/// Rows: 0.5, 0.37.
#[test]
fn two_endorsers_under_one_fiscal_host_are_one_voice() {
    let mut story = Story::new();
    let ((dora, _), (emma, _), (fay, _)) =
        (story.world.found(300), story.world.found(400), story.world.found(500));
    for net in [dora.net, emma.net, fay.net] {
        let tie =
            sign_in(&story.bridget, BRISTOL, super::world::tie(&[story.bridget.net, net]), 90);
        story.world.put(&tie);
        let signer = [dora, emma, fay].into_iter().find(|s| s.net == net).unwrap();
        story.world.put(&sign_in(&signer, BRISTOL, answer(&tie, Accept, None), 90));
    }
    let host = sign_in(&dora, BRISTOL, fiscal_host(dora.net, emma.net), 90);
    story.world.put(&host);
    story.world.put(&sign_in(&emma, BRISTOL, answer(&host, Accept, None), 90));
    let mut rule = Rule::new("calls".parse().unwrap(), region(BRISTOL), region(WASHINGTON));
    (rule.endorsements, rule.tell) = (2, true);
    let mut machine = Bridges::new(Some(Speaker { net: story.bridget.net, role: None }));
    machine.add(rule, story.world.now).unwrap();
    story.endorses(&dora);
    story.endorses(&emma);
    let deeds = story.deeds(&mut machine);
    let [Deed::Held { decision, .. }] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(decision.verdict, Verdict::Wait);
    let words: Vec<String> = decision.steps.iter().map(ToString::to_string).collect();
    let why =
        "not yet: it needs 2 independent endorsements, has 1 (2 in all, 2 of recognised networks)";
    assert!(words.iter().any(|step| step == why), "{words:#?}");
    story.endorses(&fay);
    let deeds = story.deeds(&mut machine);
    let [Deed::Sign { request, draft }] = &deeds[..] else { panic!("{deeds:?}") };
    let carriage = draft.as_ref().clone().sign(&key(story.bridget.seed)).unwrap();
    story.world.put(&carriage);
    machine.signed(*request, carriage.id());
    assert!(story.is_in(WASHINGTON, &story.call));
    drop(machine.take_deeds());
    assert!(story.deeds(&mut machine).is_empty(), "it is carried once");
    let classes = Classes::default();
    let ways = story.world.ledger.ways(&story.call.thing(), &region(WASHINGTON), &classes);
    assert_eq!((ways.ways.len(), ways.independent), (1, 1));
    assert_eq!(ways.ways[0].carriage, carriage.id());
}

#[test]
fn the_random_histories_do_carry_something() {
    let counting = |seed| {
        let history = History::new(seed, 80);
        let mut ledger = Ledger::new(PoolBounds::default());
        ledger.insert_all(&history.records, START + DAY * 15);
        let changes = ledger.take_changes();
        changes.iter().filter(|c| matches!(c, Change::Carried { counts: true, .. })).count()
    };
    let mut carried = 0;
    for seed in 0..24 {
        carried += counting(seed);
        if carried >= 10 {
            return;
        }
    }
    panic!("the master property must see carriages that count, saw {carried}");
}

/// Rows: 0.5, 0.37.
#[test]
fn one_hand_that_is_disclosed_or_runs_the_nodes_of_both_makes_one_voice() {
    let mut world = World::new();
    let [dora, emma, fay] = [300, 400, 500].map(|n| world.found(n).0);
    let are_one = |world: &World, a: &Signer, b: &Signer| {
        Classes::new(world.ledger.links(world.now)).are_one(&a.net, &b.net)
    };
    let Body::Disclosure(mut body) = funding() else { unreachable!() };
    body.kind = DisclosureKind::Control;
    let control = Control { other: emma.net, how: "same-board".parse().unwrap() };
    body.control = vec![control].try_into().unwrap();
    let said = dora.sign(Body::Disclosure(body), day(1), 90);
    world.put(&said);
    assert!(are_one(&world, &dora, &emma) && !are_one(&world, &dora, &fay));
    let back = end(&[(said.thing(), None)], EndKind::Withdraw);
    world.put(&dora.sign(Body::End(back), day(1), 400));
    assert!(!are_one(&world, &dora, &emma));

    let granted = [emma, fay].map(|net| {
        let Body::Role(mut body) = role(700, &[Power::Bridge], None, START) else { unreachable!() };
        body.kind = RoleKind::Operator;
        let grant = net.sign(Body::Role(body), day(0), 300);
        let holder = Signer { seed: 700, role: Some(grant.thing()), ..net };
        world.put(&grant);
        world.put(&holder.sign(answer(&grant, Accept, None), day(0), 300));
        grant
    });
    assert!(are_one(&world, &emma, &fay));
    let back = end(&[(granted[1].thing(), None)], EndKind::Withdraw);
    world.put(&fay.sign(Body::End(back), day(1), 400));
    assert!(!are_one(&world, &emma, &fay));
}
