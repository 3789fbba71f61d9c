//! Stories of a node that trusts one network, and of all that this leads to.

use proptest::prelude::*;

use super::*;
use crate::body::call::CallKind;
use crate::body::response::ResponseKind::{Accept, Endorse, Offer};
use crate::body::role::Power;
use crate::ledger::tests::world::{
    DAY, START, Signer, answer, call, day, found, keys, profile, region, role, tie,
};
use crate::record::{Home, Reach};
use crate::sync::Scope;

fn home() -> Region {
    region("gb-bristol")
}

/// Whoever brings what is reconciled in these tests.
const SOMEBODY: NodeId = NodeId([7; 32]);

fn scope() -> Scope {
    Scope::Region(home())
}

/// A network that speaks through a role: what judges it, and then its profile.
fn network(seed: u16) -> (Signer, Vec<Record>) {
    let inception = found(keys(seed, seed + 1, &[]), seed);
    let own = Signer { net: inception.net(), seed, role: None };
    let powers = [Power::SignTie, Power::Call, Power::Respond, Power::Endorse, Power::Profile];
    let grant = own.sign(role(seed + 2, &powers, None, START), START, 300);
    let rep = Signer { net: own.net, seed: seed + 2, role: Some(grant.thing()) };
    let accept = rep.sign(answer(&grant, Accept, None), START, 300);
    let profile = rep.sign(profile(), START, 300);
    (rep, vec![inception, grant, accept, profile])
}

/// Makes a tie of two networks.
fn tied(a: &Signer, b: &Signer) -> [Record; 2] {
    let tie = a.sign(tie(&[a.net, b.net]), START, 200);
    let accept = b.sign(answer(&tie, Accept, None), START, 200);
    [tie, accept]
}

fn calls(of: &Signer, count: usize) -> Vec<Record> {
    (0..count).map(|n| of.sign(call(&format!("call {n}"), &[1]), START, 60)).collect()
}

/// Chance, from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for n in (1..list.len()).rev() {
            list.swap(n, self.below(n + 1));
        }
    }
}

/// A node that was invited by one network, and reconciles with one that has everything.
struct Joan {
    engine: Engine,
    store: MemoryStore,
    now: Timestamp,
}

impl Joan {
    fn trusting(seed: NetId) -> Self {
        Self::on(seed, Terms::default())
    }

    fn on(seed: NetId, terms: Terms) -> Self {
        let terms = Terms { seeds: [seed].into(), ..terms };
        let settings = Settings {
            node: node(100),
            version: "0".to_owned(),
            home: home(),
            regions: [home()].into(),
            hosted: BTreeSet::new(),
            choices: Choices::default(),
            terms,
            pool: PoolBounds::default(),
            bridge: BridgeSettings::default(),
            interval: INTERVAL,
            seed: [1; 32],
        };
        let now = day(1);
        Self { engine: Engine::new(settings, now), store: MemoryStore::default(), now }
    }

    fn hears(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let Ok(effects) = self.engine.handle(self.now, input, &mut self.store);
            for effect in effects.collect::<Vec<_>>() {
                if let Effect::Persist(seq) = effect {
                    inputs.push(Input::Persisted(seq));
                }
            }
        }
    }

    fn is_brought(&mut self, records: &[Record]) {
        let (records, bytes) = (records.to_vec(), 0);
        self.hears(Input::Delivered {
            session: SessionId(1),
            peer: SOMEBODY,
            scope: scope(),
            records,
            bytes,
            bad: 0,
        });
    }

    /// Lets this much time pass.
    fn waits(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.engine.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.hears(Input::Wake);
        }
        self.now = end;
    }

    /// Reconciles once with a node that has all of this: returns how much was sent.
    fn reconciles(&mut self, all: &[Record], chance: &mut Chance) -> usize {
        self.engine.gate.refused.advance(self.now);
        let set = self.engine.ledger.set(&scope());
        let set = self.engine.gate.refused.shown(set, &scope(), &SOMEBODY);
        let declined = self.engine.gate.refused.declined(&scope());
        let lacks = |record: &&Record| {
            let until = record.header().until;
            let until =
                if until == Timestamp::NEVER { crate::sync::Key::NEVER } else { until.as_secs() };
            let key = crate::sync::Key { until, id: record.id() };
            let there = |snapshot: &crate::sync::Snapshot| {
                let rank = snapshot.rank(&key);
                snapshot.key(rank) == Some(&key)
            };
            !there(&set) && !declined.contains(&key)
        };
        let mut sent: Vec<Record> = all.iter().filter(lacks).cloned().collect();
        chance.shuffle(&mut sent);
        let mut rest = &sent[..];
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(1 + chance.below(rest.len()));
            self.is_brought(batch);
            rest = others;
            if chance.below(4) == 0 {
                self.waits(Duration::from_millis(500));
            }
        }
        self.waits(Duration::from_secs(5));
        sent.len()
    }

    fn has(&self, record: &Record) -> bool {
        self.engine.ledger.contains(&record.id())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whoever_a_chain_of_ties_leads_to_is_recognised_in_whatever_order_it_is_told(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let [(a, of_a), (b, of_b), (c, of_c), (eve, of_eve)] = [100, 200, 300, 400].map(network);
        let ties = [tied(&a, &b), tied(&b, &c)];
        let wanted: Vec<Record> = [of_a, of_b, of_c].concat().into_iter()
            .chain(ties.concat()).chain(calls(&b, 30)).chain(calls(&c, 5)).collect();
        let hers = calls(&eve, 30);
        let asks = a.sign(call("beds", &[3]), START, 60);
        let offer = eve.sign(answer(&asks, Offer, Some(2)), START, 50);
        let heard = [of_eve, vec![asks, offer]].concat();
        let all = [wanted.clone(), heard.clone(), hers.clone()].concat();

        let mut joan = Joan::trusting(a.net);
        let sent: Vec<usize> = (0..12).map(|_| joan.reconciles(&all, &mut chance)).collect();
        prop_assert_eq!(sent.last(), Some(&0), "nothing is sent for ever: {:?}", &sent);
        for record in wanted.iter().chain(&heard) {
            prop_assert!(joan.has(record), "{:?} of {}", record.header().kind, record.net().short());
        }
        for [tie, _] in &ties {
            let (_, state) = joan.engine.ledger.tie(&tie.thing(), joan.now).unwrap();
            prop_assert!(state.is_active());
        }
        let recognised = [a.net, b.net, c.net, eve.net].map(|net| joan.engine.gate.recognition.has(&net));
        prop_assert_eq!(recognised, [true, true, true, false]);
        let refused = [a.net, b.net, c.net, eve.net].map(|net| joan.engine.gate.refused.of(&net));
        prop_assert_eq!(refused, [0, 0, 0, hers.len()]);
        prop_assert!(!hers.iter().any(|call| joan.has(call)), "only her answer was asked for");
        prop_assert_eq!(joan.engine.ledger.statistics().pooled, 0);
        prop_assert!(joan.engine.gate.newcomers.list().all(|newcomer| newcomer.net == eve.net));
    }

    /// As with a call that a bridge brings, and the voices for it: nobody would bring them again soon.
    #[test]
    fn a_strangers_answer_comes_in_with_who_speaks_for_her_in_whatever_order_it_is_gossiped(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let [(a, of_a), (eve, of_eve)] = [100, 400].map(network);
        let asks = a.sign(call("beds", &[3]), START, 60);
        let offer = eve.sign(answer(&asks, Offer, Some(2)), START, 50);
        let noise = calls(&eve, 3);
        let mut wanted = [of_a, of_eve, vec![asks, offer]].concat();
        let mut joan = Joan::trusting(a.net);
        let mut all = [wanted.clone(), noise.clone()].concat();
        chance.shuffle(&mut all);
        let mut rest = &all[..];
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(1 + chance.below(rest.len()));
            let (gossip, from, region, records) = (GossipId(1), node(1), home(), batch.to_vec());
            joan.hears(Input::Gossip { gossip, from, region, records });
            rest = others;
        }
        joan.waits(Duration::from_secs(1));
        wanted.retain(|record| !joan.has(record));
        let kinds: Vec<_> = wanted.iter().map(|record| &record.header().kind).collect();
        prop_assert!(wanted.is_empty(), "did not come in: {:?}", kinds);
        prop_assert!(!noise.iter().any(|call| joan.has(call)), "only her answer was asked for");
    }
}

#[test]
fn a_stub_whose_pool_was_left_is_lifted_when_a_tie_names_its_network() {
    let (a, of_a) = network(100);
    let (x, of_x) = network(200);
    let terms = Terms {
        newcomers: crate::admission::NewcomerBounds { networks: 1, ..Default::default() },
        ..Terms::default()
    };
    let mut joan = Joan::on(a.net, terms);
    joan.is_brought(&of_a);
    joan.is_brought(&of_x);
    joan.is_brought(&network(300).1);
    assert_eq!(joan.engine.gate.newcomers.records(&x.net).count(), 0, "others came after it");
    assert_eq!(joan.engine.gate.refused.of(&x.net), of_x.len());
    joan.is_brought(&tied(&a, &x)[..1]);
    assert_eq!(joan.engine.gate.refused.of(&x.net), 0, "all of it is wanted");
}

#[test]
fn what_is_blocked_is_not_fetched_again_whenever_ties_change() {
    let (a, of_a) = network(100);
    let (b, of_b) = network(200);
    let mut joan = Joan::trusting(a.net);
    let entry = crate::admission::Entry {
        subject: crate::admission::Subject::Kind(crate::record::Kind::Call),
        action: crate::admission::Action::Block,
        reason: "we have no time".to_owned(),
        until: Some((joan.now + DAY).as_secs()),
        name: None,
    };
    joan.engine.gate.policy.add(entry, joan.now).unwrap();
    joan.is_brought(&[of_a, of_b, tied(&a, &b).to_vec(), calls(&b, 20)].concat());
    joan.waits(Duration::from_secs(5));
    assert_eq!(joan.engine.gate.refused.of(&b.net), 20);
    let (c, of_c) = network(300);
    joan.is_brought(&[of_c, tied(&a, &c).to_vec()].concat());
    joan.waits(Duration::from_secs(5));
    assert!(joan.engine.gate.recognition.has(&c.net));
    assert_eq!(joan.engine.gate.refused.of(&b.net), 20, "nobody has said otherwise");
    joan.waits(DAY);
    joan.engine.look(joan.now);
    assert_eq!(joan.engine.gate.refused.of(&b.net), 0, "until it has ended");
}

#[test]
fn what_is_allowed_by_its_kind_comes_into_a_closed_node_with_what_judges_it() {
    let terms = Terms { mode: Mode::Closed, ..Terms::default() };
    let [(a, _), (b, of_b), (c, _)] = [100, 200, 300].map(network);
    let mut joan = Joan::on(a.net, terms);
    let entry = crate::admission::Entry {
        subject: crate::admission::Subject::Kind(crate::record::Kind::Call),
        action: crate::admission::Action::Allow,
        reason: "whoever needs help".to_owned(),
        until: None,
        name: None,
    };
    joan.engine.gate.policy.add(entry, joan.now).unwrap();
    let all = [of_b, calls(&b, 5), tied(&c, &b).to_vec()].concat();
    let mut chance = Chance(7);
    let sent: Vec<usize> = (0..6).map(|_| joan.reconciles(&all, &mut chance)).collect();
    assert_eq!(sent.last(), Some(&0), "{sent:?}");
    assert!(all[..4].iter().chain(&all[4..9]).all(|record| joan.has(record)));
    assert!(!joan.has(&all[9]) && !joan.has(&all[10]), "and nothing else");
}

#[test]
fn a_flood_of_answers_and_forgeries_leaves_known_networks_their_room() {
    let (a, of_a) = network(100);
    let mut terms = Terms::default();
    (terms.quota.records, terms.quota.newcomer_records) = (100, 30);
    let mut joan = Joan::on(a.net, terms);
    let asks = a.sign(call("beds", &[3]), START, 60);
    joan.is_brought(&[of_a, vec![asks.clone()]].concat());
    let strangers: Vec<_> = (0..40).map(|n| network(1000 + 3 * n)).collect();
    let endorsements =
        strangers.iter().map(|(s, _)| s.sign(answer(&asks, Endorse, None), START, 50));
    joan.is_brought(&endorsements.collect::<Vec<_>>());
    joan.is_brought(&strangers.iter().flat_map(|(_, of)| of.clone()).collect::<Vec<_>>());
    let stored =
        strangers.iter().map(|(s, _)| joan.engine.ledger.records_of(&s.net)).sum::<usize>();
    assert!(stored <= 30, "as much as newcomers may: {stored}");
    let eve = Signer { seed: 66, role: None, ..a };
    joan.is_brought(&calls(&eve, 200));
    let (b, of_b) = network(200);
    joan.is_brought(&[of_b.clone(), tied(&a, &b).to_vec()].concat());
    joan.waits(Duration::from_secs(5));
    joan.is_brought(&of_b);
    assert!(joan.engine.gate.recognition.has(&b.net), "a tie is seen all the same");
    let more = calls(&a, 40);
    joan.is_brought(&more);
    assert!(more.iter().all(|call| joan.has(call)), "nobody uses what is hers");
    let home = Home { region: home(), reach: Reach::Movement };
    assert_eq!(joan.engine.ledger.summary(&asks.id()).unwrap().home, Some(home));
}

#[test]
fn m1_an_alert_is_confirmed_here_by_whom_more_than_its_caller_leads_to() {
    let [(a, of_a), (b, of_b), (sham, of_sham), (g, of_g)] = [100, 200, 300, 400].map(network);
    let mut joan = Joan::trusting(a.net);
    let Body::Call(mut alert) = call("They are at the door", &[]) else { unreachable!() };
    alert.kind = CallKind::Alert;
    let alert = b.sign(Body::Call(alert), START, 10);
    let ties = [tied(&a, &b), tied(&b, &sham), tied(&b, &g), tied(&a, &g)].concat();
    let endorses = |by: &Signer| by.sign(answer(&alert, Endorse, None), START, 9);
    let shams = [of_sham, vec![endorses(&sham)]].concat();
    let all = [of_a, of_b, of_g, ties, shams, vec![alert.clone()]].concat();
    for _ in 0..3 {
        joan.is_brought(&all);
        joan.waits(Duration::from_secs(5));
    }
    let state = |joan: &Joan| joan.engine.call(&alert.thing(), joan.now).unwrap().1;
    assert!(joan.engine.gate.recognition.has(&sham.net), "it is known through its caller");
    assert_eq!(state(&joan).confirmed, [sham.net].into());
    assert!(state(&joan).unconfirmed, "who may be the caller once more confirms nothing");
    joan.is_brought(&[endorses(&g)]);
    assert!(!state(&joan).unconfirmed, "{:?}", state(&joan));
}

#[test]
fn what_came_before_the_role_that_it_is_signed_under_is_paid_when_it_is_stored() {
    let (a, of_a) = network(100);
    let mut joan = Joan::trusting(a.net);
    joan.is_brought(&of_a[..1]);
    let early = calls(&a, 10);
    joan.is_brought(&early);
    assert_eq!(joan.engine.ledger.statistics().pooled, 10);
    joan.is_brought(&of_a[1..]);
    assert!(early.iter().all(|call| joan.has(call)));
    let ten = Charge { resource: Resource::Records, amount: 19_987 };
    let payer = Bill::of(Payer::Network(a.net));
    let short = joan.engine.gate.quotas.short(&payer, &[ten], joan.now);
    assert!(short.is_some(), "of 20 000 it has used fourteen");
}

#[test]
fn m5_who_gossips_too_much_that_is_not_kept_is_not_heard_for_a_while() {
    let (a, of_a) = network(100);
    let mut terms = Terms::default();
    terms.quota.stubs = 60;
    let mut joan = Joan::on(a.net, terms);
    let gossip = |joan: &mut Joan, from: NodeId, n: u64, records: &[Record]| {
        let (gossip, region, records) = (GossipId(n), home(), records.to_vec());
        joan.hears(Input::Gossip { gossip, from, region, records });
    };
    let (mallory, bob) = (node(66), node(7));
    gossip(&mut joan, bob, 0, &of_a);
    gossip(&mut joan, bob, 1, &calls(&a, 200));
    assert!(joan.engine.hears_gossip_of(bob, joan.now), "what is kept is no debt");
    gossip(&mut joan, bob, 2, &calls(&a, 200));
    assert!(joan.engine.hears_gossip_of(bob, joan.now), "nor what she has already");
    for n in 0..15 {
        assert!(joan.engine.hears_gossip_of(mallory, joan.now), "after {n}");
        let (_, stranger) = network(1000 + u16::try_from(4 * n).unwrap());
        gossip(&mut joan, mallory, 10 + n, &stranger);
    }
    assert!(
        !joan.engine.hears_gossip_of(mallory, joan.now),
        "sixty well signed records for nothing"
    );
    assert!(joan.engine.hears_gossip_of(bob, joan.now), "others are heard");
    joan.now = joan.now + Duration::from_secs(600);
    assert!(joan.engine.hears_gossip_of(mallory, joan.now), "and so is she, in her time");
}
