//! The Inter-Alliance Dialogue's plan of 2010, as its six alliances might have worked it here: reps
//! and alternates, anchors, regional meetings before the vote, ratification by a date, a
//! rapid-response call, openness about money.
//!
//! The numbers in the names of tests are those of the movements' own sentences that they keep; see
//! the module `rows`.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::time::Duration;

use serde_json::Value;
use weft_protocol::body::Body;
use weft_protocol::body::gathering::GatheringKind;
use weft_protocol::body::profile::{NetworkKind, Profile};
use weft_protocol::body::response::{Choice, ResponseKind};
use weft_protocol::body::role::{Power, RoleKind};
use weft_protocol::body::text::Text;
use weft_protocol::body::tie::TieKind;
use weft_protocol::fold::call;
use weft_protocol::fold::proposal::Phase;
use weft_protocol::fold::tie;
use weft_protocol::id::ThingId;
use weft_protocol::ledger::{Ledger, PoolBounds, Ratification};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;
use weft_tests::cluster::Cluster;
use weft_tests::world::{Member, Network, World};

use crate::cluster_world::{SOON, answer, now};

/// The unit in which the plan counts.
const DAY: Duration = Duration::from_secs(86_400);

/// The alliances of the dialogue.
const NAMES: [&str; 6] = ["ggj", "jwj", "ndlon", "ndwa", "pbn", "rttc"];

/// Says that a network is an alliance, and its name.
fn profile(net: &Network, name: &str) -> Record {
    let profile = net.profile(&[]);
    let Body::Profile(said) = profile.draft().body else { panic!("a profile") };
    let name = Text::new("en", name).unwrap();
    let until = now() + DAY * 180;
    net.say(Body::Profile(Profile { kind: NetworkKind::Alliance, name, ..said }))
        .until(until)
        .sign()
}

/// Everything that was said in the year of the plan.
struct Dialogue {
    began: Timestamp,
    alliances: Vec<Network>,
    whole: Network,
    reps: Vec<Member>,
    alternates: Vec<Member>,
    umbrella: Record,
    memberships: Vec<Record>,
    anchors: Vec<Record>,
    regional: Vec<Record>,
    plan: Record,
    ballots: Vec<Record>,
    gives_way: Record,
    alarm: Record,
    money: Record,
    said: Vec<Record>,
}

impl Dialogue {
    /// Tells the year: it began so long ago that the vote has closed.
    fn held() -> Self {
        let began = now() - DAY * 120;
        let world = World::new(2010).at(began);
        let alliances: Vec<Network> = NAMES.iter().map(|name| world.network(name)).collect();
        let whole = world.network("inter-alliance dialogue");
        let mut said: Vec<Record> =
            alliances.iter().chain([&whole]).map(|net| net.inception.clone()).collect();
        said.extend(alliances.iter().zip(NAMES).map(|(net, name)| profile(net, name)));
        said.push(profile(&whole, "inter-alliance dialogue"));

        let others: Vec<&Network> = alliances[1..].iter().collect();
        let umbrella = alliances[0].umbrella(&others).sign();
        said.extend(others.iter().map(|net| net.accept(&umbrella).at(began + DAY).sign()));
        let member_of = |net: &Network| net.tie_of(TieKind::MemberOf, &[&whole]).sign();
        let memberships: Vec<Record> = alliances.iter().map(member_of).collect();
        said.extend(memberships.iter().map(|tie| whole.accept(tie).at(began + DAY * 2).sign()));
        let anchor = |who: usize, other: Option<usize>, topic: &str| {
            let other = other.map_or(&whole, |other| &alliances[other]);
            let tie = alliances[who].anchor(&[other], topic).sign();
            let accepted = other.accept(&tie).sign();
            [tie, accepted]
        };
        let anchored = [
            anchor(2, None, "immigrant-rights"),
            anchor(0, Some(5), "climate"),
            anchor(5, Some(1), "banks"),
        ];
        let anchors = anchored.iter().map(|[tie, _]| tie.clone()).collect();
        said.extend(anchored.into_iter().flatten());

        let powers = [Power::Vote, Power::Respond, Power::Endorse];
        let seat = |kind: RoleKind, label: &str| -> Vec<Member> {
            alliances.iter().map(|net| net.seat(label, kind, &powers)).collect()
        };
        let (reps, alternates) =
            (seat(RoleKind::Rep, "rep"), seat(RoleKind::Alternate, "alternate"));
        for member in reps.iter().chain(&alternates) {
            said.extend([member.role.clone(), member.acceptance.clone()]);
        }
        let mut dialogue = Self {
            plan: umbrella.clone(),
            gives_way: umbrella.clone(),
            alarm: umbrella.clone(),
            money: umbrella.clone(),
            umbrella,
            memberships,
            anchors,
            regional: Vec::new(),
            ballots: Vec::new(),
            began,
            alliances,
            whole,
            reps,
            alternates,
            said,
        };
        dialogue.said.push(dialogue.umbrella.clone());
        dialogue.said.extend(dialogue.memberships.clone());
        dialogue.meet();
        dialogue.ratify();
        dialogue.act();
        dialogue
    }

    fn day(&self, day: u32) -> Timestamp {
        self.began + DAY * day
    }

    /// Three regional meetings, each of two alliances, with their minutes.
    fn meet(&mut self) {
        for (n, [host, other]) in (0u32..).zip([[0, 1], [2, 3], [4, 5]]) {
            let (host, other) = (&self.alliances[host], &self.alliances[other]);
            let (kind, start) = (GatheringKind::Assembly, self.day(20 + n));
            let title = format!("Regional meeting {}", n + 1);
            let called = host.gathering(&title, (kind, start), &[other], None).sign();
            let held = self.day(21 + n);
            let minutes = host.minutes(&called, held, &format!("{title} agrees")).at(held).sign();
            let accepted = other.accept(&minutes).at(held + DAY).sign();
            self.said.extend([called.clone(), minutes, accepted]);
            self.regional.push(called);
        }
    }

    /// The joint plan, talked about for thirty days and ratified by a date.
    fn ratify(&mut self) {
        let rule = [10, 40, 100].map(|day| self.day(day));
        let asked: Vec<&Record> = self.regional.iter().collect();
        let plan = self.alliances[0].proposal(&self.umbrella, rule, &asked).at(self.day(5)).sign();
        let vote = |voice: &Member, choice: Choice, day: u32| {
            voice.ballot(&plan, choice).at(self.day(day)).sign()
        };
        // The sixth sends nobody but its alternate; the fifth's alternate speaks after its rep.
        let mut ballots: Vec<Record> =
            self.reps[..5].iter().map(|rep| vote(rep, Choice::Consent, 60)).collect();
        ballots.push(vote(&self.alternates[5], Choice::StandAside, 61));
        let gives_way = vote(&self.alternates[4], Choice::Object, 70);
        let late = vote(&self.reps[5], Choice::Object, 101);
        let counted: Vec<_> = ballots.iter().map(Record::id).collect();
        let closing = self.alliances[0].closing(&plan, &counted).at(self.day(102)).sign();
        let accepted = (1..4).map(|n| self.reps[n].accept(&closing).at(self.day(103)).sign());
        self.said.extend(accepted.collect::<Vec<_>>());
        self.said.extend(ballots.iter().cloned());
        self.said.extend([plan.clone(), gives_way.clone(), late, closing]);
        (self.plan, self.ballots, self.gives_way) = (plan, ballots, gives_way);
    }

    /// A call that cannot wait, and openness about money.
    fn act(&mut self) {
        let today = now() - DAY;
        let alarm = self.alliances[2].call("No enforcement: come to the gates").at(today);
        let alarm = alarm.urgent().sign();
        self.said.push(self.reps[0].endorse(&alarm).at(today).sign());
        self.said.push(alarm.clone());
        let money = self.alliances[0].funding(&[("A foundation", 45), ("Dues", 55)]);
        let money = money.at(today).sign();
        self.said.push(money.clone());
        (self.alarm, self.money) = (alarm, money);
        self.said.extend(self.anchors.clone());
    }

    /// Everything in an order of its own for each number.
    fn shuffled(&self, order: usize) -> Vec<Record> {
        let mut said = self.said.clone();
        said.sort_by_key(|record| record.id().0[order]);
        said.dedup_by_key(|record| record.id());
        said
    }

    fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::new(PoolBounds::default());
        ledger.insert_all(&self.shuffled(0), now());
        ledger
    }

    fn decided(&self) -> Ratification {
        self.ledger().proposal(&self.plan.thing(), now()).unwrap().1
    }
}

/// Rows: 0.2, 2.18.
#[test]
fn s2_30_every_node_ratifies_the_plan_alike_in_whatever_order_it_hears() {
    let dialogue = Dialogue::held();
    let mut cluster = Cluster::start("us-wa", 3);
    // Two alliances at each node: each hears a third of what was said first, in its own order.
    for n in 0..3 {
        let part: Vec<Record> = dialogue.shuffled(n).into_iter().skip(n).step_by(3).collect();
        cluster[n].door().post(&part).unwrap();
    }
    let rest = dialogue.shuffled(3);
    cluster[1].door().post(&rest).unwrap();
    cluster.connect(0, 1);
    cluster.connect(2, 1);
    let plan = dialogue.plan.thing().to_string();
    let result = |cluster: &Cluster, n: usize| {
        let run = cluster[n].weft(["proposal", "result", &plan, "--json"]).run();
        run.status.success().then(|| run.json()["state"].clone())
    };
    // What one second decides by ids (two words of one network on one thing) need not travel.
    cluster.eventually("all should know all ballots", SOON, || {
        (0..3).all(|n| {
            let state = result(&cluster, n).unwrap_or_default();
            let listed = |why: &str| state["uncounted"][why].as_array().map_or(0, Vec::len);
            state["provisional"] == false && (listed("late"), listed("gave_way")) == (1, 1)
        })
    });
    let newcomer = cluster.add("us-wa");
    cluster.connect(newcomer, 0);
    let here = result(&cluster, 0).unwrap();
    assert_eq!((&here["phase"], &here["provisional"]), (&"adopted".into(), &false.into()));
    assert_eq!(here["electors"].as_array().unwrap().len(), 6);
    assert_eq!((&here["tally"]["consent"], &here["tally"]["stand_aside"]), (&5.into(), &1.into()));
    let gave_way = dialogue.gives_way.id().to_string();
    assert_eq!(here["uncounted"]["gave_way"][0], gave_way.as_str(), "it was in time");
    for n in 1..=newcomer {
        cluster.eventually("every node should find the same", SOON, || {
            result(&cluster, n).as_ref() == Some(&here)
        });
    }
    // What was said in the regions, at the node of somebody who was nowhere.
    let minutes = answer(&cluster[newcomer], &["gathering", "list", "--minutes"]);
    let minutes = minutes.as_array().unwrap();
    assert_eq!(minutes.len(), 3);
    assert!(minutes.iter().all(|minutes| minutes["state"]["phase"] == "agreed"), "{minutes:?}");
    let listed = cluster[newcomer].weft(["gathering", "list", "--minutes"]).run();
    assert!(listed.success().stdout.contains("Regional meeting 3 agrees"), "{listed}");
    for (by, held) in [
        (["--field", "economic-justice"], 3),
        (["--field", "housing"], 0),
        (["--region", "us-wa"], 3),
        (["--region", "us-or"], 0),
    ] {
        let found = answer(&cluster[newcomer], &["gathering", "list", "--minutes", by[0], by[1]]);
        assert_eq!(found.as_array().map(Vec::len), Some(held), "{by:?}: {found}");
    }
    let networks = answer(&cluster[newcomer], &["network", "list"]);
    let kinds = networks.as_array().unwrap().iter().map(|net| &net["profile"]["body"]["kind"]);
    assert_eq!(kinds.filter(|kind| **kind == "alliance").count(), 7, "{networks}");
    let ties = answer(&cluster[newcomer], &["tie", "list"]);
    let active =
        |tie: &&Value| tie["body"]["kind"] == "anchor" && tie["state"]["phase"] == "active";
    assert_eq!(ties.as_array().unwrap().iter().filter(active).count(), 3, "{ties}");
    let shown = cluster[newcomer].weft(["proposal", "show", &plan, "--lang", "es"]).run();
    assert!(shown.success().stdout.contains("aprobada"), "{shown}");
    let alarm = dialogue.alarm.thing().to_string();
    let alarm = answer(&cluster[newcomer], &["call", "show", &alarm]);
    assert_eq!(alarm["state"]["unconfirmed"], false);
    let money = answer(&cluster[newcomer], &["disclosure", "list"]);
    assert_eq!(money[0]["state"]["largest"]["share"], 55);
    let due = answer(&cluster[newcomer], &["disclosure", "due"]);
    assert_eq!(due.as_array().unwrap().len(), 6, "each owes word of its funding: {due}");
}

/// Rows: 2.40, 4.21.
#[test]
fn s2_1_the_six_alliances_are_members_of_an_alliance() {
    let dialogue = Dialogue::held();
    let ledger = dialogue.ledger();
    let joined = |tie: &ThingId| dialogue.memberships.iter().any(|said| said.thing() == *tie);
    let ties: Vec<_> = ledger.ties_of(&dialogue.whole.id()).into_iter().filter(joined).collect();
    assert_eq!(ties.len(), 6);
    assert!(ties.iter().all(|tie| ledger.tie(tie, now()).unwrap().1.is_active()));
}

/// Rows: 0.16, 2.45.
#[test]
fn s2_5_and_2_6_membership_is_a_claim_until_both_have_signed_and_has_a_date() {
    let dialogue = Dialogue::held();
    let mut ledger = Ledger::new(PoolBounds::default());
    let joins = &dialogue.memberships[4];
    let founded: Vec<Record> = dialogue.said[..7].to_vec();
    ledger.insert_all(&founded, now());
    ledger.insert(joins, now());
    let state = |ledger: &Ledger| ledger.tie(&joins.thing(), now()).unwrap().1;
    let missing = vec![dialogue.whole.id()];
    assert_eq!(state(&ledger), tie::State::Claimed { missing });
    ledger.insert(&dialogue.whole.accept(joins).at(dialogue.day(2)).sign(), now());
    let tie::State::Active { since, .. } = state(&ledger) else { panic!("active") };
    assert_eq!(since, dialogue.day(2));
}

/// Rows: 2.41, 2.42, 2.43, 2.44, 2.45, 2.46.
#[test]
fn s2_11_anchors_keep_a_topic_together_once_both_have_signed() {
    let dialogue = Dialogue::held();
    let ledger = dialogue.ledger();
    let active = |tie: &&Record| ledger.tie(&tie.thing(), now()).unwrap().1.is_active();
    let anchored = |net: &Network| -> Vec<String> {
        let of = |tie: &Record| {
            let Body::Tie(tie) = tie.body() else { panic!("a tie") };
            let topic = tie.topic.as_ref().map(ToString::to_string);
            topic.filter(|_| tie.parties.as_slice().contains(&net.id()))
        };
        let mut topics: Vec<_> = dialogue.anchors.iter().filter(active).filter_map(of).collect();
        topics.sort();
        topics
    };
    let plan: [&[&str]; 6] =
        [&["climate"], &["banks"], &["immigrant-rights"], &[], &[], &["banks", "climate"]];
    for ((net, name), topics) in dialogue.alliances.iter().zip(NAMES).zip(plan) {
        assert_eq!(anchored(net), topics, "{name}");
    }
}

#[test]
fn s2_15_a_rapid_response_is_unconfirmed_until_a_tied_alliance_stands_behind_it() {
    let dialogue = Dialogue::held();
    let state =
        |ledger: &Ledger| -> call::State { ledger.call(&dialogue.alarm.thing(), now()).unwrap().1 };
    let endorsement = |record: &&Record| {
        !matches!(record.body(), Body::Response(r)
            if r.kind == ResponseKind::Endorse)
    };
    let without: Vec<Record> = dialogue.said.iter().filter(endorsement).cloned().collect();
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.insert_all(&without, now());
    assert!(state(&ledger).unconfirmed);
    assert!(!state(&dialogue.ledger()).unconfirmed);
}

#[test]
fn s2_22_the_reps_ballot_overrides_its_alternates_and_an_alternate_alone_counts() {
    let dialogue = Dialogue::held();
    let state = dialogue.decided().state;
    assert!(state.uncounted.gave_way.contains(&dialogue.gives_way.id()), "it was in time");
    let ballot = |n: usize| state.electors[&dialogue.alliances[n].id()];
    assert_eq!(ballot(4), Some(dialogue.ballots[4].id()));
    assert_eq!(ballot(5), Some(dialogue.ballots[5].id()));
    // Before the list it gives way by itself.
    let open = |record: &&Record| record.thing() != dialogue.plan.thing() || record.rev() == 0;
    let said: Vec<Record> = dialogue.said.iter().filter(open).cloned().collect();
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.insert_all(&said, now());
    let state = ledger.proposal(&dialogue.plan.thing(), now()).unwrap().1.state;
    assert!(state.provisional && state.uncounted.gave_way.contains(&dialogue.gives_way.id()));
}

#[test]
fn s2_9_and_2_27_a_proposal_is_talked_about_before_the_vote_and_decided_by_its_date() {
    let dialogue = Dialogue::held();
    let ledger = dialogue.ledger();
    let phase = |day: u32| {
        ledger.proposal(&dialogue.plan.thing(), dialogue.day(day)).unwrap().1.state.phase
    };
    assert_eq!(
        [39, 40, 99, 100].map(phase),
        [Phase::Deliberation, Phase::Voting, Phase::Voting, Phase::Adopted]
    );
}

#[test]
fn s2_17_and_3_23_voting_waits_for_the_meetings_whose_voice_is_required() {
    let dialogue = Dialogue::held();
    let mut ledger = Ledger::new(PoolBounds::default());
    let last = dialogue.regional[2].thing();
    let of_the_last = |record: &&Record| matches!(record.body(), Body::Response(answer) if answer.to.thing == last);
    let heard = dialogue.said.iter().filter(|record| !of_the_last(record)).cloned();
    ledger.insert_all(&heard.collect::<Vec<_>>(), now());
    let state = ledger.proposal(&dialogue.plan.thing(), dialogue.day(90)).unwrap().1.state;
    assert_eq!((state.phase, state.missing), (Phase::Deliberation, vec![2]));
}

#[test]
fn s2_3_overlapping_control_is_shown_and_each_seat_votes() {
    let dialogue = Dialogue::held();
    let mut ledger = dialogue.ledger();
    let host = &dialogue.alliances[0];
    let tie = host.tie_of(TieKind::FiscalHost, &[&dialogue.alliances[1]]).sign();
    let accepted = dialogue.alliances[1].accept(&tie).sign();
    ledger.insert_all(&[tie, accepted], now());
    let state = ledger.proposal(&dialogue.plan.thing(), now()).unwrap().1.state;
    let classes = weft_protocol::weave::Classes::new(ledger.links(now()));
    let overlaps = ledger.overlaps(&state, &classes);
    let mut both = vec![host.id(), dialogue.alliances[1].id()];
    both.sort_unstable();
    assert_eq!(overlaps, [both]);
    assert_eq!(state.tally.consent, 5);
    // A network that says it twice, by its own key and by its rep's, stands behind a call once.
    ledger.insert(&host.endorse(&dialogue.alarm).at(now()).sign(), now());
    let endorsed = ledger.call(&dialogue.alarm.thing(), now()).unwrap().1.endorsed;
    assert_eq!(endorsed.len(), 1);
}

#[test]
fn s3_8_openness_that_a_tie_asks_for_is_dated_by_what_was_disclosed() {
    let dialogue = Dialogue::held();
    let owed = dialogue.ledger().owed(&dialogue.alliances[0].id(), now());
    assert_eq!(owed[0].latest, Some(dialogue.money.id()));
    let others = dialogue.ledger().owed(&dialogue.alliances[1].id(), now());
    assert_eq!((others.len(), others[0].latest), (1, None));
}
