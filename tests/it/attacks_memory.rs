//! What strangers bring to a node that has no more memory than the shipped service gives it. Each test
//! bears the numbers of its attacks in the list of what must be withstood.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::fs;
use std::io;
use std::slice::from_ref;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::control::Request;
use weft_protocol::id::ThingId;
use weft_protocol::limits::ANSWERS_MAX;
use weft_protocol::record::Record;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::door::Door;
use weft_tests::rogue::{Claims, Rogue};
use weft_tests::sandbox::{Sandbox, TRUSTING};
use weft_tests::source;
use weft_tests::world::{Network, World};

use crate::cluster_world::{SOON, an_hour_ago, answer, measured, meet, now, peers, post, stored};

/// The roles that are said to live where nobody does, two in each place.
const ROLES: usize = 8_000;

/// The versions of each answer of the tower; of three answers, one upon the other, that is 571 records
/// with the call.
const VERSIONS: u16 = 190;

/// What the attacker says in one conversation: some seconds of a busy machine, and the next begins.
const PART: usize = 1_500;

/// Of so many records one is said by gossip too.
const GOSSIPED: usize = 10;

/// How often a conversation is tried.
const TRIES: usize = 50;

/// What is kept of the tower: of each answer as many versions as there is room for.
const TOWER_MAX: usize = 3 * ANSWERS_MAX;

/// The longest that who asks may wait of a program that is not optimised, beside whatever else the machine
/// does. As it was before there were caps, to show the call took a minute, and each record of the tower
/// two seconds.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// How long who asks pauses between two questions, so that asking is no flood of its own.
const PAUSE: Duration = Duration::from_millis(20);

/// The calls of people whom the node knows, during the flood.
const URGENT: usize = 5;

/// Returns what the shipped service says under a name.
fn of_the_service(name: &str) -> String {
    let unit = fs::read_to_string(source::root().join("deploy/weft.service")).unwrap();
    let said = unit.lines().find_map(|line| line.strip_prefix(name)).expect("it says so");
    said.to_owned()
}

/// The mebibytes that the service has under a name.
fn mebibytes(name: &str) -> u64 {
    of_the_service(name).strip_suffix('M').unwrap().parse().unwrap()
}

/// A home in which a node gets no more memory than as the shipped service: what it asks for beyond is
/// refused, which ends it.
fn as_the_service() -> Sandbox {
    let kib = mebibytes("MemoryMax=") * 1024;
    let heap = of_the_service("Environment=MALLOC_ARENA_MAX=");
    Sandbox::after(&format!(
        "export MALLOC_ARENA_MAX={heap}\n[ \"$1\" != up ] || ulimit -d {kib} || exit 9"
    ))
}

/// The tower of the attack C2: answers to a call, answers to those, and answers to those.
fn tower(by: &Network, call: &Record) -> Vec<Record> {
    let mut tower = Vec::new();
    let mut under = call.clone();
    for kind in [ResponseKind::Offer, ResponseKind::Accept, ResponseKind::Deliver] {
        let first = by.respond(kind, &under).sign();
        let version = |rev| by.respond(kind, &under).version(&first, rev).amount(rev.into()).sign();
        let later: Vec<Record> = (1..VERSIONS).map(version).collect();
        tower.push(first.clone());
        tower.extend(later);
        under = first;
    }
    tower
}

/// The homes of the attack C3: who founded the network, and its roles in places that it has made up.
fn homes(by: &Network, world: &World) -> Vec<Record> {
    let holder = world.network("holder").key();
    let role = |n: usize| {
        let statement = by.role(&format!("r{n}"), holder, &[Power::Call]);
        statement.home(&format!("x-{}", n / 2)).sign()
    };
    [by.inception.clone()].into_iter().chain((0..ROLES).map(role)).collect()
}

/// The most memory that a node has had since it was started, in mebibytes.
fn peak(node: &Node) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", node.process())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}

/// How often something was asked, and the longest that it took.
#[derive(Debug)]
struct Asked {
    times: usize,
    worst: Duration,
}

/// Asks a node the same again and again until it is told to end.
fn ask_all_the_while(
    node: &Node,
    end: &Receiver<()>,
    question: impl Fn(&mut Door) -> io::Result<()>,
) -> Asked {
    let mut door = node.door();
    let mut asked = Asked { times: 0, worst: Duration::ZERO };
    while end.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        let began = Instant::now();
        question(&mut door).expect("a node answers");
        asked.worst = asked.worst.max(began.elapsed());
        asked.times += 1;
    }
    asked
}

/// Counts which of these a node has.
fn here(node: &Node, records: &[Record]) -> usize {
    let all = stored(node);
    records.iter().filter(|record| all.contains(&record.id())).count()
}

/// Brings everything to a node as a real peer: all by reconciling, some by gossip too. What it said last
/// comes for as long as it stays.
#[must_use]
fn flood(node: &Node, records: &[Record]) -> Rogue {
    let mut rogue = Rogue::meet(node, "us-wa", 140);
    for part in records.chunks(PART) {
        part.iter().step_by(GOSSIPED).for_each(|record| rogue.gossip(record.bytes()));
        // Who comes before the last conversation is over for the node as well comes again.
        let taken = (0..TRIES).any(|_| rogue.reconcile(now(), Claims::of(part)).is_ok());
        assert!(taken, "some conversation should be taken");
    }
    rogue
}

/// Two nodes of one region: one with no more memory than the service, in this mode, that knows the choir,
/// and a neighbour from whom the choir's words come.
fn beside_a_neighbour(mode: &str, more: &str, choir: &Network) -> Cluster {
    let mut cluster = Cluster::start("us-wa", 1);
    let keeper = as_the_service();
    keeper.init_as("us-wa", mode, more);
    cluster.add_in(keeper);
    let id = choir.id().to_string();
    let allow = ["policy", "allow", "--network", &id, "--reason", "we sing together"];
    cluster[1].weft(allow).run().success();
    cluster.connect(0, 1);
    meet(&cluster, 1, 1);
    cluster
}

/// Plays both attacks on a node of this mode, which keeps so many of their records in the end.
fn withstands(mode: &str, more: &str, kept: usize) {
    let world = World::new(120).at(an_hour_ago());
    let [choir, eve, mallory] = ["choir", "eve", "mallory"].map(|name| world.network(name));
    let mut cluster = beside_a_neighbour(mode, more, &choir);
    let call = choir.call("ten beds").sign();
    post(&cluster[0], &[choir.inception.clone(), call.clone()]);
    cluster
        .eventually("the call should be there", SOON, || here(&cluster[1], from_ref(&call)) == 1);
    let mut brought = vec![eve.inception.clone()];
    brought.extend(tower(&eve, &call));
    brought.extend(homes(&mallory, &world));

    let (asked, slowest, rogue) = during_a_flood(&cluster, &brought, &choir, call.thing());
    cluster
        .eventually("what is kept of it should be", SOON, || here(&cluster[1], &brought) == kept);
    drop(rogue);
    let most = peak(&cluster[1]);
    let shown = answer(&cluster[1], &["call", "show", &call.thing().to_string()]);
    assert_eq!(shown["state"]["phase"], "open");
    cluster[1].stop();
    cluster[1].start();
    assert_eq!(here(&cluster[1], &brought), kept, "it is read back");
    let again = peak(&cluster[1]);
    measured(format_args!(
        "{mode}: {kept} of {} kept in {most} MiB, read back in {again}; {asked:?}; a known call within \
         {slowest:?}",
        brought.len()
    ));
    assert!(most.max(again) < mebibytes("MemoryHigh="), "{most} MiB, and {again} read back");
    let [status, shown] = asked.map(|asked| asked.worst);
    assert!(status.max(shown) < WAIT_MAX, "{status:?} for the status, {shown:?} for a call");
}

/// Brings all this to the second node, while the choir calls at the first and others ask the second how it
/// is and what is said to a call. Returns what they had to wait.
fn during_a_flood(
    cluster: &Cluster,
    brought: &[Record],
    choir: &Network,
    thing: ThingId,
) -> ([Asked; 2], Duration, Rogue) {
    let keeper = &cluster[1];
    let mut watch = keeper.watch();
    watch.until(SOON, |event| event["event"] == "watching");
    let (end_status, status) = channel();
    let (end_call, call) = channel();
    let mut slowest = Duration::ZERO;
    let (asked, rogue) = thread::scope(|scope| {
        let status =
            scope.spawn(move || ask_all_the_while(keeper, &status, |door| door.status().map(drop)));
        let call = scope.spawn(move || {
            let asked = Request::Call { thing };
            ask_all_the_while(keeper, &call, |door| door.list(&asked).map(drop))
        });
        let flooding = scope.spawn(|| flood(keeper, brought));
        cluster.eventually("the flood should begin", SOON, || peers(keeper) == 2);
        for n in 0..URGENT {
            let urgent = choir.call(&format!("now {n}")).sign();
            let began = Instant::now();
            post(&cluster[0], from_ref(&urgent));
            watch.until(SOON, |event| event["id"] == urgent.id().to_string());
            slowest = slowest.max(began.elapsed());
        }
        let rogue = flooding.join().expect("it brings all");
        drop((end_status, end_call));
        ([status, call].map(|asking| asking.join().expect("all is answered")), rogue)
    });
    (asked, slowest, rogue)
}

#[test]
fn c2_and_c3_what_strangers_bring_to_the_service_as_it_is_shipped_keeps_nobody_waiting() {
    // Who answers an open call is heard, who appoints somebody elsewhere is not.
    withstands("federation", "", 1 + TOWER_MAX);
}

#[test]
fn c2_and_c3_a_service_that_takes_whatever_comes_stays_within_its_memory() {
    withstands("open", TRUSTING, 1 + TOWER_MAX + 1 + ROLES);
}
