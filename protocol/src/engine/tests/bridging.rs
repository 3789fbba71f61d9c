//! Stories of a node between Bristol and Washington.

use std::time::Duration;

use super::*;
use crate::body::response::ResponseKind::{Accept, Endorse};
use crate::body::role::Power;
use crate::body::text::Tag;
use crate::bridge::{GATHER, LaneView, Rule, Speaker};
use crate::control::{BridgeTask, CrossingView};
use crate::id::RecordId;
use crate::ledger::tests::world::{
    DAY, START, Signer, answer, bridge_tie, call, day, fiscal_host, found, key, keys, profile,
    region, role, tie,
};
use crate::record::{Home, Kind, Reach};

pub(super) const BRISTOL: &str = "gb-bristol";
pub(super) const WASHINGTON: &str = "us-wa";

/// The seed of the bridge's key.
const KEY: u16 = 50;

pub(super) fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}

/// A rule that carries calls to Washington.
pub(super) fn rule(name: &str) -> Rule {
    let mut rule = Rule::new(tag(name), region(BRISTOL), region(WASHINGTON));
    rule.only.kinds = vec![Kind::Call];
    rule
}

pub(super) fn signer(n: u16) -> (Signer, Record) {
    let inception = found(keys(n, n + 1, &[]), n);
    (Signer { net: inception.net(), seed: n, role: None }, inception)
}

pub(super) fn sign_in(signer: &Signer, place: &str, body: Body, days: u32) -> Record {
    let mut draft = signer.draft(body, day(1), days);
    draft.header.home = Some(Home { region: region(place), reach: Reach::Movement });
    draft.sign(&key(signer.seed)).unwrap()
}

/// A node in both regions, which carries for bridget; wanda is at home in Washington, basil in
/// Bristol.
pub(super) struct Bridget {
    pub(super) engine: Engine,
    pub(super) store: MemoryStore,
    pub(super) now: Timestamp,
    pub(super) net: Signer,
    seed: u16,
    role: Record,
    asked: u64,
    /// Whether the bridge's key signs what it is asked to.
    signs: bool,
    pub(super) carriages: Vec<Record>,
    pub(super) told: Vec<(Region, Vec<RecordId>)>,
}

impl Bridget {
    /// The bridge of the network of this seed, under a role of so many days.
    fn new(n: u16, days: u32) -> Self {
        let (net, inception) = signer(n);
        let body = role(KEY + n, &[Power::Bridge], None, START);
        let role = sign_in(&net, BRISTOL, body, days);
        let settings = settings(&net, KEY + n, Choices::default());
        let mut bridget = Self {
            engine: Engine::new(settings, day(1)),
            store: MemoryStore::default(),
            now: day(1),
            net,
            seed: KEY + n,
            role: role.clone(),
            asked: 0,
            signs: true,
            carriages: Vec::new(),
            told: Vec::new(),
        };
        let parties = [(signer(900), WASHINGTON), (signer(950), BRISTOL)];
        let [wanda, basil] = parties.each_ref().map(|((signer, _), _)| signer.net);
        let tie = sign_in(&net, BRISTOL, bridge_tie(&[net.net, wanda, basil]), 300);
        bridget.takes(&[inception, role, tie.clone()]);
        for ((signer, inception), place) in parties {
            let profile = sign_in(&signer, place, profile(), 300);
            let accept = sign_in(&signer, BRISTOL, answer(&tie, Accept, None), 300);
            bridget.takes(&[inception, profile, accept]);
        }
        bridget
    }

    /// The same, which has accepted its role.
    pub(super) fn in_service(n: u16, days: u32) -> Self {
        let mut bridget = Self::new(n, days);
        bridget.serves(&bridget.role.clone());
        bridget
    }

    fn serves(&mut self, role: &Record) {
        let task = BridgeTask::Serve { net: self.net.net, role: role.thing() };
        assert_eq!(self.task(task), [Response::Fine]);
    }

    /// Feeds the engine and does what it wants; returns what was answered.
    fn feed(&mut self, input: Input) -> Vec<Response> {
        let (mut inputs, mut said) = (vec![input], Vec::new());
        while let Some(input) = inputs.pop() {
            let Ok(effects) = self.engine.handle(self.now, input, &mut self.store);
            for effect in effects.collect::<Vec<_>>() {
                match effect {
                    Effect::Persist(seq) => inputs.push(Input::Persisted(seq)),
                    Effect::Sign { seal, draft } => {
                        let record =
                            self.signs.then(|| Box::new(draft.sign(&key(self.seed)).unwrap()));
                        let carriage = record.iter().filter(|r| r.header().kind == Kind::Carriage);
                        self.carriages.extend(carriage.map(|r| (**r).clone()));
                        inputs.push(Input::Signed { seal, record });
                    }
                    Effect::Keep { request, .. } => {
                        inputs.push(Input::Kept { request, failure: None });
                    }
                    Effect::Reply { responses, .. } => said.extend(responses),
                    Effect::Publish { region, records } => {
                        let id = |bytes: &std::sync::Arc<[u8]>| {
                            crate::record::Unverified::decode(bytes).unwrap().id()
                        };
                        self.told.push((region, records.iter().map(id).collect()));
                    }
                    _ => {}
                }
            }
        }
        said
    }

    pub(super) fn takes(&mut self, records: &[Record]) {
        self.asked += 1;
        let request = RequestId(self.asked);
        self.feed(Input::Posted { request, records: records.to_vec() });
    }

    pub(super) fn task(&mut self, task: BridgeTask) -> Vec<Response> {
        self.asks(Request::Bridge(task))
    }

    fn asks(&mut self, asked: Request) -> Vec<Response> {
        self.asked += 1;
        self.feed(Input::Asked { request: RequestId(self.asked), asked })
    }

    pub(super) fn adds(&mut self, rule: Rule) {
        assert_eq!(self.task(BridgeTask::Add(Box::new(rule))), [Response::Fine]);
    }

    /// Lets this much time pass, doing what becomes due; returns how often something was.
    pub(super) fn waits(&mut self, time: Duration) -> usize {
        let end = self.now + time;
        for steps in 0..100_000 {
            match self.engine.deadline().filter(|due| *due <= end) {
                Some(due) => {
                    self.now = self.now.max(due);
                    self.feed(Input::Wake);
                }
                None => {
                    self.now = end;
                    return steps;
                }
            }
        }
        panic!("the engine finds no rest");
    }

    fn lane(&mut self) -> LaneView {
        let answer = self.task(BridgeTask::Lanes).into_iter().next();
        let Some(Response::Lane(lane)) = answer else { panic!("{answer:?}") };
        lane
    }

    pub(super) fn is_in(&self, record: &Record, place: &str) -> bool {
        self.engine.ledger().is_in(&record.id(), &region(place))
    }

    pub(super) fn last_carriage(&self) -> &Record {
        self.carriages.last().unwrap()
    }

    /// Switches the node off and on again over the same disk, with what was chosen.
    pub(super) fn restarts(&mut self, choices: Choices) {
        let settings = settings(&self.net, self.seed, choices);
        self.engine = Engine::new(settings, self.now);
        let decode = |bytes: &std::sync::Arc<[u8]>| {
            crate::record::Unverified::decode(bytes).unwrap().verify().unwrap()
        };
        let records: Vec<Record> = self.store.replay().map(decode).collect();
        let Ok(()) = self.engine.restore(self.now, &records, &mut self.store);
        let Ok(_) = self.engine.restored(self.now, &mut self.store);
    }
}

fn settings(net: &Signer, seed: u16, choices: Choices) -> Settings {
    Settings {
        node: node(u8::try_from(seed % 200).unwrap()),
        version: "0".to_owned(),
        home: region(BRISTOL),
        regions: [region(BRISTOL), region(WASHINGTON)].into(),
        hosted: [net.net].into(),
        pool: PoolBounds::default(),
        bridge: BridgeSettings { key: Some(key(seed).public()), rules: Vec::new() },
        choices,
        terms: Terms::trusting(),
        interval: INTERVAL,
        seed: [1; 32],
    }
}

/// Alice, who calls in Bristol, and her call.
pub(super) fn alices_call(title: &str, days: u32) -> [Record; 2] {
    let (alice, inception) = signer(600);
    [inception, sign_in(&alice, BRISTOL, call(title, &[3]), days)]
}

#[test]
fn a_call_crosses_with_all_that_judges_it_once_the_carriage_is_durable() {
    let mut bridget = Bridget::in_service(100, 300);
    bridget.adds(rule("calls"));
    let [alice, call] = alices_call("beds", 60);
    bridget.takes(&[alice.clone(), call.clone()]);
    bridget.waits(GATHER * 2);
    assert!(bridget.is_in(&call, WASHINGTON) && bridget.is_in(&alice, WASHINGTON));
    let (to, told) = bridget.told.pop().unwrap();
    assert_eq!(to, region(WASHINGTON));
    let place = |record: &Record| told.iter().position(|id| *id == record.id()).unwrap();
    let carriage = bridget.last_carriage();
    assert!(place(&bridget.role) < place(carriage), "who carries, before what is carried");
    assert!(place(carriage) < place(&alice) && place(&alice) < place(&call), "{told:?}");
    assert_eq!(bridget.lane().crossed, 1);
    assert_eq!(bridget.waits(DAY / 2), 12, "it is walked hourly, and carried once");
    assert_eq!(bridget.carriages.len(), 1);
}

#[test]
fn an_endorsement_that_is_missing_holds_it_and_the_steps_say_so() {
    let mut bridget = Bridget::in_service(100, 300);
    let mut two = rule("calls");
    two.endorsements = 2;
    bridget.adds(two);
    let [alice, call] = alices_call("beds", 60);
    bridget.takes(&[alice, call.clone()]);
    let friends: Vec<Signer> = [300, 400, 500]
        .map(signer)
        .map(|(signer, inception)| {
            let of = &bridget.net;
            let tie = sign_in(of, BRISTOL, tie(&[of.net, signer.net]), 90);
            let accept = sign_in(&signer, BRISTOL, answer(&tie, Accept, None), 90);
            bridget.takes(&[inception, tie, accept]);
            signer
        })
        .into();
    let host = sign_in(&friends[0], BRISTOL, fiscal_host(friends[0].net, friends[1].net), 90);
    let accept = sign_in(&friends[1], BRISTOL, answer(&host, Accept, None), 90);
    bridget.takes(&[host, accept]);
    for friend in &friends[..2] {
        bridget.takes(&[sign_in(friend, BRISTOL, answer(&call, Endorse, None), 40)]);
        bridget.waits(GATHER * 2);
        assert!(!bridget.is_in(&call, WASHINGTON), "two under one fiscal host are one voice");
    }
    let waiting = bridget.task(BridgeTask::Waiting { name: tag("calls") });
    let tested = bridget.task(BridgeTask::Test { id: call.id() });
    assert_eq!(waiting, tested);
    let Response::Crossing(CrossingView { decision, .. }) = &tested[0] else { panic!() };
    let said = decision.because().unwrap().to_string();
    assert!(said.contains("needs 2 independent endorsements, has 1 (2 in all"), "{said}");
    bridget.takes(&[sign_in(&friends[2], BRISTOL, answer(&call, Endorse, None), 40)]);
    bridget.waits(GATHER * 2);
    assert!(bridget.is_in(&call, WASHINGTON));
}

#[test]
fn what_was_there_before_the_rule_is_walked_in_pieces() {
    let mut bridget = Bridget::in_service(100, 300);
    let (alice, inception) = signer(600);
    bridget.takes(&[inception]);
    let many = 5 * PIECE + 50;
    let calls: Vec<Record> =
        (0..many).map(|n| sign_in(&alice, BRISTOL, call(&format!("{n}"), &[1]), 60)).collect();
    bridget.takes(&calls);
    // While nothing crosses, nothing else happens in between.
    bridget.adds(Rule { endorsements: 1, ..rule("endorsed") });
    let pieces = bridget.waits(Duration::ZERO);
    assert!((2..10).contains(&pieces), "at once, in pieces: {pieces}");
    bridget.adds(rule("calls"));
    bridget.waits(GATHER);
    assert_eq!(bridget.carriages.len(), many.div_ceil(128));
    assert!(calls.iter().all(|call| bridget.is_in(call, WASHINGTON)));
}

#[test]
fn what_was_chosen_is_so_after_a_restart_and_what_came_before_is_walked() {
    let mut bridget = Bridget::in_service(100, 300);
    bridget.adds(rule("calls"));
    assert_eq!(bridget.task(BridgeTask::Pause { name: tag("calls") }), [Response::Fine]);
    bridget.takes(&alices_call("beds", 60));
    bridget.waits(GATHER * 2);
    assert!(bridget.carriages.is_empty(), "a paused rule carries nothing");
    let choices = bridget.engine.settings.choices.clone();
    bridget.restarts(choices);
    bridget.waits(GATHER * 2);
    let lane = bridget.lane();
    assert!(lane.paused && lane.waiting > 0 && bridget.carriages.is_empty(), "{lane:?}");
    assert_eq!(bridget.task(BridgeTask::Resume { name: tag("calls") }), [Response::Fine]);
    bridget.waits(GATHER * 2);
    assert_eq!(bridget.carriages.len(), 1);
    let net = bridget.net.net;
    assert!(
        bridget.engine.settings.choices.bridge.speaker.is_some_and(|speaker| speaker.net == net)
    );
}

#[test]
fn a_signature_that_is_refused_carries_nothing_and_is_asked_for_again() {
    let mut bridget = Bridget::in_service(100, 300);
    bridget.adds(rule("calls"));
    bridget.signs = false;
    let [alice, call] = alices_call("beds", 60);
    bridget.takes(&[alice, call.clone()]);
    bridget.waits(GATHER * 2);
    assert!(!bridget.is_in(&call, WASHINGTON) && bridget.lane().crossed == 0);
    bridget.signs = true;
    bridget.waits(WALK_AGAIN + GATHER);
    assert!(bridget.is_in(&call, WASHINGTON));
}

#[test]
fn a_carriage_is_renewed_when_its_role_is_before_it_ends() {
    let mut bridget = Bridget::in_service(100, 10);
    bridget.adds(rule("calls"));
    let [alice, call] = alices_call("beds", 60);
    bridget.takes(&[alice, call.clone()]);
    bridget.waits(GATHER * 2);
    assert_eq!(bridget.last_carriage().header().until, bridget.role.header().until);
    bridget.waits(DAY * 5);
    let count = bridget.carriages.len();
    assert!(count == 1 || bridget.carriages.iter().all(|c| c.header().at < day(2)));
    let body = role(bridget.seed, &[Power::Bridge], None, START);
    let mut draft = bridget.net.draft(body, bridget.now, 200);
    draft.header.home = Some(Home { region: region(BRISTOL), reach: Reach::Movement });
    let next = draft.sign(&key(bridget.net.seed)).unwrap();
    bridget.takes(std::slice::from_ref(&next));
    bridget.serves(&next);
    bridget.waits(GATHER * 2);
    assert!(bridget.last_carriage().header().until >= call.header().until);
    bridget.waits(DAY * 20);
    assert!(bridget.is_in(&call, WASHINGTON), "the first carriage has ended, the second has not");
}

#[test]
fn two_bridges_carry_it_once_each_and_neither_brings_it_back() {
    let mut both = [Bridget::in_service(100, 300), Bridget::in_service(200, 300)];
    for bridget in &mut both {
        let mut back = rule("back");
        std::mem::swap(&mut back.from, &mut back.to);
        bridget.adds(rule("calls"));
        bridget.adds(back);
    }
    let [alice, call] = alices_call("beds", 60);
    for bridget in &mut both {
        bridget.takes(&[alice.clone(), call.clone()]);
        bridget.waits(GATHER * 2);
    }
    let decode = |bytes: &std::sync::Arc<[u8]>| {
        crate::record::Unverified::decode(bytes).unwrap().verify().unwrap()
    };
    for _ in 0..3 {
        let all: Vec<Record> = both.iter().flat_map(|b| b.store.replay().map(decode)).collect();
        for bridget in &mut both {
            bridget.takes(&all);
            bridget.waits(WALK_AGAIN + GATHER);
        }
    }
    for bridget in &mut both {
        assert_eq!(bridget.carriages.len(), 1);
        let ways = bridget.asks(Request::Ways { thing: call.thing() });
        let Response::Ways(ways) = &ways[0] else { panic!() };
        let (_, ways) = ways.regions.iter().find(|(into, _)| *into == region(WASHINGTON)).unwrap();
        assert_eq!(ways.ways.len(), 2);
    }
}

#[test]
fn nobody_is_served_who_has_not_given_the_bridge_its_role() {
    let mut bridget = Bridget::new(100, 300);
    bridget.adds(rule("calls"));
    bridget.takes(&alices_call("beds", 60));
    bridget.waits(GATHER * 2);
    assert!(bridget.carriages.is_empty());
    let role = bridget.role.thing();
    let strange = BridgeTask::Serve { net: signer(600).0.net, role };
    assert!(matches!(bridget.task(strange)[..], [Response::Failed(Failure::Refused(_))]));
    let Response::Bridge(view) = &bridget.task(BridgeTask::Show)[0] else { panic!() };
    assert_eq!(view.speaker, None);
    bridget.serves(&bridget.role.clone());
    bridget.waits(GATHER * 2);
    let Response::Bridge(view) = &bridget.task(BridgeTask::Show)[0] else { panic!() };
    assert_eq!(view.speaker, Some(Speaker { net: bridget.net.net, role: Some(role) }));
    assert_eq!(view.entitled.len(), 2);
    assert!(!bridget.carriages.is_empty(), "what waited crosses");
}
