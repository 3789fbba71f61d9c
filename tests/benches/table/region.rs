//! What a bridge carries, and what a flood of strangers costs.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use weft_protocol::admission::{Action, Entry, Subject};
use weft_protocol::body::role::Power;
use weft_protocol::bridge::Rule;
use weft_protocol::control::{BridgeTask, ConfigChange, PolicyTask, Request, Response};
use weft_protocol::record::{Reach, Record};
use weft_protocol::region::Region;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;
use weft_tests::world::Network;

use crate::row::{Row, ms};
use crate::stage::{self, REGION, Stage};

/// The region into which the bridge carries.
const THERE: &str = "gb-bristol";

/// How many records may cross, of all that are there: a tenth of the hundred thousand.
const ELIGIBLE: usize = 10;

/// The share of all records that strangers flood a node with.
const FLOOD: usize = 2;

/// How long one thing may take before the table gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

fn region(name: &str) -> Region {
    name.parse().expect("a region")
}

/// Asks at a door what is answered with one word.
fn done(node: &Node, request: &Request) {
    let answer = node.door().ask(request);
    assert!(matches!(answer, Ok(Response::Fine)), "{request:?}: {answer:?}");
}

/// A node in two regions of so many records each begins to carry a tenth of one.
pub(crate) fn bridge(stage: &Stage) -> Vec<Row> {
    let home = stage.filled_home();
    let file = home.home().join("config.toml");
    let settings = fs::read_to_string(&file).expect("a home has settings");
    let both = settings.replace("regions = []", &format!("regions = [\"{THERE}\"]"));
    fs::write(&file, both).expect("they can be written");
    let mut cluster = Cluster::default();
    let node = cluster.add_in(home);
    let node = &cluster[node];
    let there = stage.elsewhere.clone().in_region(THERE);
    let authors = there.networks(stage::AUTHORS);
    let founded = authors.iter().map(|author| author.inception.clone());
    let calls = there.calls(&authors, stage.records().len() - stage::AUTHORS);
    stage::fill(node, &founded.chain(calls).collect::<Vec<_>>());
    let eligible = stage.records().len() / ELIGIBLE;
    let call = |n: usize| {
        let author = &stage.authors()[n % stage::AUTHORS];
        author.call(&format!("may travel {n}")).reach(Reach::Movement).sign()
    };
    let travels: Vec<Record> = (0..eligible).map(call).collect();
    stage::fill_more(node, &travels);
    serve(stage, node, &authors[0]);
    stage::indexed(node);
    let mut rule = Rule::new("all".parse().expect("a tag"), region(REGION), region(THERE));
    rule.limits.per_hour = u32::try_from(eligible).expect("a small number");
    let (cpu, began) = (stage::cpu(node), Instant::now());
    done(node, &Request::Bridge(BridgeTask::Add(Box::new(rule))));
    stage::until("all that may should cross", || crossed(node) >= eligible as u64);
    let (took, cpu) = (began.elapsed(), stage::cpu(node) - cpu);
    let row = Row::new(format!("{eligible} cross between two regions"), "< 20 s for 10 000");
    let limit = Duration::from_secs(20).mul_f64((eligible as f64 / 1e4).max(0.1));
    vec![row.is(ms(took), took < limit).beside(format!(
        "{} CPU, {:.0} µs for each that was looked at",
        ms(cpu),
        cpu.as_secs_f64() * 1e6 / (stage.records().len() + eligible) as f64
    ))]
}

fn crossed(node: &Node) -> u64 {
    let lanes = node.door().list(&Request::Bridge(BridgeTask::Lanes)).expect("an answer");
    let crossed = lanes.into_iter().map(|said| match said {
        Response::Lane(lane) => lane.crossed,
        _ => 0,
    });
    crossed.sum()
}

/// Lets the node carry in the name of a network that has a tie with one over there.
fn serve(stage: &Stage, node: &Node, partner: &Network) {
    let carrier = stage.world.network("carrier");
    let Ok(Response::Bridge(view)) = node.door().ask(&Request::Bridge(BridgeTask::Show)) else {
        panic!("a node has a key for its bridge");
    };
    let role = carrier.role("bridge", view.key, &[Power::Bridge]).sign();
    let between = (region(REGION), region(THERE));
    let tie = carrier.bridge(&[partner], between).reach(Reach::Movement).sign();
    let accept = partner.accept(&tie).home(REGION).reach(Reach::Movement).sign();
    let profile = partner.profile(&[]).reach(Reach::Movement).sign();
    let own = [carrier.inception.clone(), role.clone(), profile, tie, accept];
    stage::post(&mut node.door(), &own);
    done(node, &Request::Configure(ConfigChange::Host { net: carrier.id() }));
    done(node, &Request::Bridge(BridgeTask::Serve { net: carrier.id(), role: role.thing() }));
}

/// A node that knows one network hears another one that a thousand strangers speak at.
pub(crate) fn flood(stage: &Stage) -> Vec<Row> {
    let mut cluster = Cluster::start(REGION, 1);
    let sandbox = Sandbox::new();
    sandbox.init_as(REGION, "federation", "");
    let alice = cluster.add_in(sandbox);
    cluster.connect(0, alice);
    let choir = stage.world.network("the choir");
    let entry = Entry {
        subject: Subject::Network(choir.id()),
        action: Action::Allow,
        reason: "we sing together".to_owned(),
        until: None,
        name: None,
    };
    done(&cluster[alice], &Request::Policy(PolicyTask::Add(Box::new(entry))));
    let mut watch = cluster[alice].watch();
    watch.until(PATIENCE, |event| event["event"] == "watching");
    stage::post(&mut cluster[0].door(), std::slice::from_ref(&choir.inception));
    watch.until(PATIENCE, |event| event["id"] == choir.inception.id().to_string());
    let strangers = &stage.records()[..stage.records().len() / FLOOD];
    let call = choir.call("heard above the noise").sign();
    let id = call.id().to_string();
    let (mut slowest, mut most, mut heard) = (Duration::ZERO, 0.0_f64, Duration::ZERO);
    thread::scope(|scope| {
        let speaking = scope.spawn(|| stage::fill(&cluster[0], strangers));
        stage::pause(Duration::from_secs(1));
        let said = Instant::now();
        stage::post(&mut cluster[0].door(), std::slice::from_ref(&call));
        watch.until(PATIENCE, |event| event["id"] == id);
        heard = said.elapsed();
        while !speaking.is_finished() {
            let asked = Instant::now();
            cluster[alice].door().status().expect("the node says how it is");
            slowest = slowest.max(asked.elapsed());
            most = most.max(stage::resident(&cluster[alice]));
        }
    });
    let count = strangers.len();
    vec![
        Row::new(format!("flood of {count}: status, slowest"), "< 100 ms")
            .is(ms(slowest), slowest < Duration::from_millis(100)),
        Row::new("flood: a known network's call", "< 2 s")
            .is(ms(heard), heard < Duration::from_secs(2)),
        Row::new("flood: resident", "< 100 MiB").is(format!("{most:.1} MiB"), most < 100.0),
    ]
}
