//! Stories of one rule, and the fixed point of any number of bridges.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::body::Body;
use crate::body::carriage::{Carriage, Carried, Crossing};
use crate::body::text::Tag;
use crate::id::{NetId, RecordId, ThingId};
use crate::ledger::Place;
use crate::record::{Home, Kind, Reach};
use crate::region::Region;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_secs(86_400);

fn net(n: u8) -> NetId {
    NetId([n; 32])
}

fn thing(n: u8) -> ThingId {
    ThingId([n; 32])
}

fn region(n: usize) -> Region {
    format!("region-{n}").parse().unwrap()
}

fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}

fn item(n: u8, home: usize) -> Item {
    Item {
        id: RecordId([n; 32]),
        thing: thing(n),
        net: net(n),
        kind: Kind::Call,
        home: Home { region: region(home), reach: Reach::Movement },
        life: (NOW - DAY, NOW + DAY * 30),
        about: About::default(),
    }
}

fn fine() -> Situation {
    Situation {
        silent: None,
        place: Place::Current,
        way: Some(Vec::new()),
        carried: None,
        ended: None,
        lasts: Some(NOW + DAY * 300),
        tie: Some(thing(200)),
        endorsements: Endorsements::default(),
        blocked: None,
    }
}

fn rule(from: usize, to: usize) -> Rule {
    let name = tag(&format!("{from}-{to}"));
    let mut rule = Rule::new(name, region(from), region(to));
    rule.limits.hops = HOPS_MAX;
    rule
}

/// Says what decided, in the words by which programs know it.
fn because(rule: &Rule, item: &Item, situation: &Situation) -> (Verdict, &'static str) {
    let decision = decide(rule, item, situation, NOW);
    (decision.verdict, decision.because().map_or("", |step| step.check.code()))
}

#[test]
fn a_rule_lets_through_what_it_is_about_and_says_what_stands_in_the_way() {
    let (rule, call) = (rule(0, 1), item(1, 0));
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Cross, ""));
    let mut local = call.clone();
    local.home.reach = Reach::Region;
    assert_eq!(because(&rule, &local, &fine()), (Verdict::Refuse, "reach"));
    assert_eq!(because(&rule, &item(1, 1), &fine()), (Verdict::Refuse, "echo"));
    let mut old = call.clone();
    old.life.0 = NOW - DAY * 91;
    assert_eq!(because(&rule, &old, &fine()), (Verdict::Refuse, "age"));
    let mut support = call.clone();
    support.kind = Kind::Role;
    assert_eq!(because(&rule, &support, &fine()), (Verdict::Refuse, "kind"));
    let silent = |later| Situation { silent: Some(("no role".to_owned(), later)), ..fine() };
    assert_eq!(because(&rule, &call, &silent(true)), (Verdict::Wait, "speaks"));
    assert_eq!(because(&rule, &call, &silent(false)), (Verdict::Refuse, "speaks"));
    let ended = Situation { place: Place::Ended, ..fine() };
    assert_eq!(because(&rule, &call, &ended), (Verdict::Refuse, "current"));
    let stranger = Situation { tie: None, ..fine() };
    assert_eq!(because(&rule, &call, &stranger), (Verdict::Wait, "entitled"));
    let elsewhere = Situation { way: None, ..fine() };
    assert_eq!(because(&rule, &call, &elsewhere), (Verdict::Wait, "here"));
    let way = vec![Crossing { net: net(9), region: region(1) }];
    let been = Situation { way: Some(way), ..fine() };
    assert_eq!(because(&rule, &item(1, 2), &been), (Verdict::Refuse, "echo"));
    let blocked = Situation { blocked: Some("spam".to_owned()), ..fine() };
    assert_eq!(because(&rule, &call, &blocked), (Verdict::Refuse, "policy"));
}

#[test]
fn a_rule_and_a_record_meet_whatever_their_capitals_and_the_encoding_of_their_accents() {
    for (asked, said) in [
        ("Housing", "housing"),
        ("housing", "HOUSING"),
        ("caf\u{e9}", "cafe\u{301}"),
        ("cafe\u{301}", "caf\u{e9}"),
        ("caf\u{e9}", "CAFE\u{301}"),
    ] {
        let (mut rule, mut call) = (rule(0, 1), item(1, 0));
        // As a home keeps the rule, and as the record comes.
        rule.only.fields = vec![tag(asked)];
        call.about.fields = vec![tag(said)];
        assert_eq!(because(&rule, &call, &fine()).0, Verdict::Cross, "{asked} and {said}");
        call.about.fields = vec![tag("cafes")];
        assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "fields"), "{asked}");
    }
}

#[test]
fn a_rule_can_be_about_fields_languages_places_and_networks() {
    let mut rule = rule(0, 1);
    rule.only.fields = vec![tag("climate")];
    rule.only.languages = vec!["pt".parse().unwrap()];
    rule.only.places = vec!["GB".parse().unwrap(), "gcn".parse().unwrap()];
    let mut call = item(1, 0);
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "fields"));
    call.about.fields = vec![tag("housing"), tag("climate")];
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "languages"));
    call.about.languages = vec!["pt-br".parse().unwrap()];
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "places"));
    for (place, verdict) in [("GB-BST", Verdict::Cross), ("gcnhu", Verdict::Cross)] {
        call.about.places = vec![place.parse().unwrap()];
        assert_eq!(because(&rule, &call, &fine()).0, verdict, "{place}");
    }
    // A cell of a geohash holds no country, though the number of one begins like it.
    rule.only.places = vec!["15".parse().unwrap()];
    call.about.places = vec!["154".parse().unwrap()];
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "places"));
    rule.only.places = vec!["GB".parse().unwrap(), "gcn".parse().unwrap()];
    call.about.places = vec!["GR".parse().unwrap()];
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "places"));
    call.about.places = vec!["GB".parse().unwrap()];
    rule.only.networks = vec![net(7)];
    assert_eq!(because(&rule, &call, &fine()), (Verdict::Refuse, "networks"));
    let said = rule.to_string();
    assert!(said.contains("about climate, in pt, at GB or gcn, of "), "{said}");
}

#[test]
fn what_is_carried_long_enough_is_not_carried_again() {
    let (rule, call) = (rule(0, 1), item(1, 0));
    let carried = |until| Situation { carried: Some(until), ..fine() };
    assert_eq!(because(&rule, &call, &carried(NOW + DAY * 30)).0, Verdict::Carried);
    assert_eq!(because(&rule, &call, &carried(NOW + DAY * 29)).0, Verdict::Cross);
    let short = Situation { lasts: Some(NOW + DAY * 5), ..carried(NOW + DAY * 5) };
    assert_eq!(because(&rule, &call, &short).0, Verdict::Carried, "the role ends before the call");
}

#[test]
fn a_rule_reads_back_what_it_wrote() {
    let mut rule = rule(0, 1);
    rule.only.kinds = vec![Kind::Call, Kind::Gathering];
    rule.only.networks = vec![net(3)];
    rule.endorsements = 2;
    let bytes = crate::cbor::to_bytes(&rule).unwrap();
    assert_eq!(crate::cbor::from_bytes::<Rule>(&bytes).unwrap(), rule);
    rule.only.kinds = vec![Kind::Carriage];
    assert_eq!(rule.check(), Err(RuleError::Kind(Kind::Carriage)));
    rule.to = rule.from.clone();
    assert_eq!(rule.check(), Err(RuleError::SameRegion));
}

/// Regions, bridges and what was carried: a ledger with nothing but that.
#[derive(Debug, Default)]
struct World {
    items: BTreeMap<ThingId, Item>,
    carriages: Vec<(NetId, Region, Carriage, Timestamp)>,
    independent: u32,
    /// How often something was looked at.
    looks: Cell<usize>,
}

impl World {
    fn way(&self, item: &Item, region: &Region) -> Option<Vec<Crossing>> {
        if item.home.region == *region {
            return Some(Vec::new());
        }
        let into = self.carriages.iter().filter(|(_, to, body, _)| {
            to == region && body.things.iter().any(|c| c.thing == item.thing)
        });
        let ways = into.map(|(net, to, body, _)| {
            let mut way = body.via.to_vec();
            way.push(Crossing { net: *net, region: to.clone() });
            way
        });
        ways.min_by_key(|way| (way.len(), way.clone()))
    }

    fn regions_of(&self, item: &Item, regions: usize) -> BTreeSet<usize> {
        (0..regions).filter(|n| self.way(item, &region(*n)).is_some()).collect()
    }
}

impl Ground for World {
    fn situation(
        &self,
        item: &Item,
        rule: &Rule,
        speaker: Option<Speaker>,
        _: Timestamp,
    ) -> Situation {
        self.looks.set(self.looks.get() + 1);
        let way = self.way(item, &rule.from);
        let bridges = way.as_ref().map_or(usize::MAX, Vec::len);
        let own = self.carriages.iter().filter(|(net, to, body, _)| {
            let names = body.things.iter().any(|c| c.thing == item.thing);
            let short = body.via.len() <= bridges;
            Some(*net) == speaker.map(|s| s.net) && *to == rule.to && names && short
        });
        Situation {
            way,
            carried: own.map(|(.., until)| *until).max(),
            endorsements: Endorsements { independent: self.independent, ..Endorsements::default() },
            ..fine()
        }
    }
}

/// Lets the machine's wishes come true; says how many carriages were signed.
fn obey(machine: &mut Bridges, net: NetId, world: &mut World) -> usize {
    let mut signed = 0;
    for deed in machine.take_deeds() {
        let Deed::Sign { request, draft } = deed else { continue };
        let Body::Carriage(body) = draft.body else { unreachable!() };
        let home = draft.header.home.unwrap();
        assert_eq!(home.reach, Reach::Region);
        world.carriages.push((net, home.region, body, draft.header.until));
        machine.signed(request, RecordId([0; 32]));
        signed += 1;
    }
    signed
}

/// Bridges in any topology, told of everything in any order until nobody has anything to do.
fn settle(
    world: &mut World,
    (bridges, hops): (&[(usize, usize)], u8),
    order: &mut impl FnMut(usize) -> usize,
) {
    let mut machines: Vec<(NetId, Bridges)> = Vec::new();
    for (n, (a, b)) in bridges.iter().enumerate() {
        let net = net(100 + u8::try_from(n).unwrap());
        let mut machine = Bridges::new(Some(Speaker { net, role: None }));
        for mut rule in [rule(*a, *b), rule(*b, *a)] {
            rule.limits.hops = hops;
            machine.add(rule, NOW).unwrap();
        }
        machines.push((net, machine));
    }
    let mut now = NOW;
    for _ in 0..200 {
        let mut signed = 0;
        for _ in 0..machines.len() {
            let chosen = order(machines.len());
            let (net, machine) = &mut machines[chosen];
            for item in world.items.values() {
                machine.hear(item, now, world);
            }
            now = now + GATHER;
            machine.wake(now, world);
            signed += obey(machine, *net, world);
        }
        let idle = signed == 0
            && machines.iter_mut().all(|(net, machine)| {
                for item in world.items.values() {
                    machine.hear(item, now, world);
                }
                machine.wake(now + GATHER, world);
                obey(machine, *net, world) == 0
            });
        if idle {
            return;
        }
    }
    panic!("no fixed point");
}

fn reachable(home: usize, (bridges, hops): (&[(usize, usize)], u8)) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([home]);
    for _ in 0..hops {
        let before = found.clone();
        for (a, b) in bridges {
            if before.contains(a) || before.contains(b) {
                found.extend([*a, *b]);
            }
        }
    }
    found
}

fn check_topology(bridges: (&[(usize, usize)], u8), homes: &[usize], seed: u64) {
    let mut world = World::default();
    for (n, home) in homes.iter().enumerate() {
        let item = item(u8::try_from(n).unwrap(), *home);
        world.items.insert(item.thing, item);
    }
    let mut state = seed | 1;
    let mut order = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from((state >> 33) % n as u64).unwrap()
    };
    settle(&mut world, bridges, &mut order);
    let mut carried = BTreeMap::new();
    for (net, to, body, _) in &world.carriages {
        let mut been: Vec<&Region> = body.via.iter().map(|c| &c.region).collect();
        been.push(to);
        let different: BTreeSet<_> = been.iter().collect();
        assert_eq!(different.len(), been.len(), "no loop: {been:?}");
        for one in body.things.iter() {
            let home = &world.items[&one.thing].home.region;
            assert!(!been.contains(&home), "no echo");
            let before = carried.insert((*net, to.clone(), one.thing), body.via.len());
            let shorter = before.is_none_or(|before| before > body.via.len());
            assert!(shorter, "once per bridge and direction, and again by a shorter way");
        }
    }
    for item in world.items.values() {
        let home = homes[usize::from(item.thing.0[0])];
        assert_eq!(world.regions_of(item, 6), reachable(home, bridges), "everywhere a way leads");
    }
}

#[test]
fn a_ring_a_clique_a_chain_and_two_in_parallel_come_to_rest() {
    let clique: Vec<(usize, usize)> =
        (0..5).flat_map(|a| (a + 1..5).map(move |b| (a, b))).collect();
    let ring = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)];
    for bridges in [&ring[..], &clique, &ring[..4], &[(0, 1), (0, 1)]] {
        for seed in 0..4 {
            check_topology((bridges, HOPS_MAX), &[0, 1, 2, 0], seed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_topology_comes_to_rest_without_echo_or_loop(
        pairs in proptest::collection::vec((0..6_usize, 1..6_usize), 1..10),
        homes in proptest::collection::vec(0..6_usize, 1..5),
        hops in 1..=HOPS_MAX,
        seed in any::<u64>(),
    ) {
        let bridges: Vec<_> = pairs.iter().map(|(a, step)| (*a, (a + step) % 6)).collect();
        check_topology((&bridges, hops), &homes, seed);
    }
}

#[test]
fn a_record_waits_for_its_second_independent_endorsement_and_then_crosses() {
    let mut world = World { independent: 1, ..World::default() };
    let call = item(1, 0);
    let mut machine = Bridges::new(Some(Speaker { net: net(100), role: Some(thing(50)) }));
    let mut rule = rule(0, 1);
    (rule.endorsements, rule.tell) = (2, true);
    machine.add(rule, NOW).unwrap();
    machine.hear(&call, NOW, &world);
    let deeds = machine.take_deeds();
    let [Deed::Held { decision, .. }] = &deeds[..] else { panic!("{deeds:?}") };
    let said = decision.because().unwrap().to_string();
    assert!(said.contains("it needs 2 independent endorsements, has 1"), "{said}");
    world.independent = 2;
    machine.recheck(call.thing, NOW, &world);
    assert_eq!(machine.deadline(), Some(NOW + GATHER));
    machine.wake(NOW + GATHER, &world);
    let deeds = machine.take_deeds();
    let [Deed::Sign { request, draft }] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(draft.header.role, Some(thing(50)));
    assert_eq!(draft.header.until, call.life.1, "as long as the longest it carries");
    machine.signed(*request, RecordId([9; 32]));
    let records = vec![RecordId([9; 32]), call.id];
    assert_eq!(machine.take_deeds(), [Deed::Publish { region: region(1), records }]);
}

/// A carriage of one thing, over so many bridges before.
fn over(n: u8, bridges: u8) -> (NetId, Region, Carriage, Timestamp) {
    let crossing = |n: u8| Crossing { net: net(60 + n), region: region(10 + usize::from(n)) };
    let body = Carriage {
        things: vec![Carried { net: net(n), thing: thing(n) }].try_into().unwrap(),
        from: region(9),
        via: (1..=bridges).map(crossing).collect::<Vec<_>>().try_into().unwrap(),
        tie: thing(200),
        rule: tag("other"),
    };
    (net(50), region(0), body, NOW + DAY * 30)
}

#[test]
fn what_is_not_signed_yet_goes_by_the_way_that_is_shorter_by_then() {
    let call = item(1, 5);
    let mut world = World { carriages: vec![over(1, 3)], ..World::default() };
    let mut machine = Bridges::new(Some(Speaker { net: net(100), role: None }));
    let mut rule = rule(0, 1);
    rule.limits.per_hour = 2;
    machine.add(rule, NOW).unwrap();
    machine.hear(&call, NOW, &world);
    world.carriages.push(over(1, 1));
    machine.hear(&call, NOW, &world);
    machine.hear(&item(2, 0), NOW, &world);
    machine.wake(NOW + GATHER, &world);
    let vias = machine.take_deeds().into_iter().filter_map(|deed| {
        let Deed::Sign { draft, .. } = deed else { return None };
        let Body::Carriage(body) = draft.body else { unreachable!() };
        Some(body.via.len())
    });
    assert_eq!(vias.collect::<Vec<_>>(), [0, 2], "each once, and the rate counts it once");
}

#[test]
fn what_its_network_has_ended_is_not_carried_before_it_has_a_later_version() {
    let (rule, mut call) = (rule(0, 1), item(1, 0));
    let ended = Situation { ended: Some(NOW), ..fine() };
    assert_eq!(because(&rule, &call, &ended), (Verdict::Refuse, "ended"));
    call.life.0 = NOW + Duration::from_secs(1);
    assert_eq!(because(&rule, &call, &ended).0, Verdict::Cross, "a version from after the end");
}

#[test]
fn a_rate_holds_back_and_lets_go_in_time() {
    let world = World::default();
    let mut machine = Bridges::new(Some(Speaker { net: net(100), role: None }));
    let mut rule = rule(0, 1);
    rule.limits.per_hour = 2;
    machine.add(rule, NOW).unwrap();
    for n in 1..=3 {
        machine.hear(&item(n, 0), NOW, &world);
    }
    assert_eq!(machine.lanes().next().unwrap().waiting, 1);
    let half = NOW + Duration::from_secs(1800);
    machine.wake(half, &world);
    assert_eq!(machine.lanes().next().unwrap().waiting, 0);
}

#[test]
fn a_rate_that_is_used_up_looks_at_one_thing_for_each_that_it_lets_go() {
    let world = World::default();
    let mut machine = Bridges::new(Some(Speaker { net: net(100), role: None }));
    let mut rule = rule(0, 1);
    rule.limits.per_hour = 2;
    machine.add(rule, NOW).unwrap();
    for n in 1..=200 {
        machine.hear(&item(n, 0), NOW, &world);
    }
    world.looks.set(0);
    let half = NOW + Duration::from_secs(1800);
    machine.wake(half, &world);
    assert_eq!(machine.lanes().next().unwrap().waiting, 197);
    assert_eq!(world.looks.get(), 1, "the others would wait on");
    let held = machine.held(&tag("0-1"), half, &world, 1);
    assert_eq!(held[0].0.thing, thing(4), "the oldest is the next");
    machine.wake(half + Duration::from_secs(1800), &world);
    let held = machine.held(&tag("0-1"), half, &world, 1);
    assert_eq!(held[0].0.thing, thing(5), "and keeps its place");
    assert!(machine.deadline().is_some_and(|due| due <= half + Duration::from_secs(3600)));
}

#[test]
fn a_paused_rule_carries_nothing_until_it_is_resumed() {
    let world = World::default();
    let mut machine = Bridges::new(Some(Speaker { net: net(100), role: None }));
    machine.add(rule(0, 1), NOW).unwrap();
    assert!(machine.pause(&tag("0-1")));
    machine.hear(&item(1, 0), NOW, &world);
    machine.wake(NOW + GATHER, &world);
    assert!(machine.take_deeds().is_empty());
    assert!(machine.resume(&tag("0-1"), NOW, &world));
    machine.wake(NOW + GATHER, &world);
    assert!(matches!(machine.take_deeds()[..], [Deed::Sign { .. }]));
}
