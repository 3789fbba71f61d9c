//! What happens to people's lines and machines, and how soon their nodes are back: each over TCP alone and
//! over QUIC alone, from a home behind an ordinary router to a server.
//!
//! What it takes is printed here; the aim is fifteen seconds after the line is back, and as much until
//! nobody is counted who is gone.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use weft_protocol::id::RecordId;
use weft_tests::cluster::Cluster;
use weft_tests::lab::{Host, Lab, Wall};
use weft_tests::sandbox::Sandbox;
use weft_tests::world::{Network, World};

use crate::cluster_world::{SOON, an_hour_ago, measured, peers, post, stored, untested};

/// Where the networks of a world are at home.
pub(crate) const REGION: &str = "us-wa";

/// The server is started first, so that the homes can be told where it is.
const SERVER: usize = 0;
pub(crate) const SERVES: &[&str] = &[
    "--no-mdns",
    "--listen",
    "/ip4/0.0.0.0/tcp/8471",
    "--listen",
    "/ip4/0.0.0.0/udp/8471/quic-v1",
];

/// The homes, each with how its node listens and where it meets the server.
const HOMES: [(&str, &[&str], &str); 2] = [
    ("TCP", &["--no-mdns", "--listen", "/ip4/0.0.0.0/tcp/8471"], "tcp/8471"),
    ("QUIC", &["--no-mdns", "--listen", "/ip4/0.0.0.0/udp/8471/quic-v1"], "udp/8471/quic-v1"),
];

/// How long anything may take on a machine that does much else: three times the aim.
pub(crate) const LONG: Duration = Duration::from_secs(45);

/// Tells a home where the first node is, by these words for the ways to it.
#[track_caller]
pub(crate) fn told_of(sandbox: &Sandbox, cluster: &Cluster, (host, way): (&Host, &str)) {
    let (ip, node) = (&host.addresses()[0], &cluster[SERVER].ready().node);
    settle(sandbox, "peers = []", &format!("peers = [\"/ip4/{ip}/{way}/p2p/{node}\"]"));
}

/// Changes a line of a home's settings.
#[track_caller]
pub(crate) fn settle(sandbox: &Sandbox, usual: &str, new: &str) {
    let file = sandbox.home().join("config.toml");
    let text = fs::read_to_string(&file).expect("the home has its settings");
    assert!(text.contains(usual), "{text}");
    fs::write(file, text.replace(usual, new)).expect("they can be written");
}

/// A server, and homes that have met it.
struct Story {
    cluster: Cluster,
    server: Host,
    homes: Vec<Host>,
    lab: Lab,
    harbour: Network,
    calls: u32,
}

impl Story {
    fn begin() -> Option<Self> {
        let (lab, mut cluster) = (Lab::new()?, Cluster::default());
        let server = lab.server("server");
        let sandbox = server.sandbox();
        sandbox.init(REGION);
        cluster.add_up(sandbox, SERVES);
        let homes = HOMES.map(|(name, up, port)| {
            let home = lab.home(name).behind(Wall::Port);
            let sandbox = home.sandbox();
            sandbox.init(REGION);
            told_of(&sandbox, &cluster, (&server, port));
            cluster.add_up(sandbox, up);
            home
        });
        let harbour = World::new(14).at(an_hour_ago()).network("harbour");
        for node in 0..=HOMES.len() {
            // Some have met by now, and have it from each other.
            let posted = cluster[node].door().post(std::slice::from_ref(&harbour.inception));
            posted.expect("the node takes records");
        }
        let homes = homes.into();
        let mut story = Self { cluster, server, homes, lab, harbour, calls: 0 };
        story.cluster.eventually("all should meet", SOON, || {
            (0..=HOMES.len()).all(|node| peers(&story.cluster[node]) > 0)
        });
        story.all_hear_all("met", Instant::now());
        Some(story)
    }

    /// Waits for this of each home, and prints how long each took since that moment.
    fn each(&self, what: &str, since: Instant, check: impl Fn(usize) -> bool) {
        let mut took = [None; HOMES.len()];
        self.cluster.eventually(what, LONG, || {
            for (home, took) in took.iter_mut().enumerate().filter(|(_, took)| took.is_none()) {
                *took = check(home + 1).then(|| since.elapsed());
            }
            took.iter().all(Option::is_some)
        });
        for (took, (name, ..)) in took.into_iter().flatten().zip(HOMES) {
            measured(format_args!("{what}, {name}: {:.1} s", took.as_secs_f32()));
        }
    }

    /// Waits until what is called for anywhere now is heard everywhere.
    fn all_hear_all(&mut self, what: &str, since: Instant) {
        let mut called: Vec<RecordId> = Vec::new();
        for node in 0..=HOMES.len() {
            self.calls += 1;
            let call = self.harbour.call(&format!("beds {}", self.calls)).ask(20).sign();
            called.extend(post(&self.cluster[node], &[call]));
        }
        let has = |node: usize, wanted: &[RecordId]| {
            let stored: BTreeSet<RecordId> = stored(&self.cluster[node]);
            wanted.iter().all(|id| stored.contains(id))
        };
        self.each(what, since, |home| has(home, &[called[SERVER]]) && has(SERVER, &[called[home]]));
    }

    /// Waits until neither side counts the other.
    fn none_is_counted(&self, what: &str, since: Instant, homes_too: bool) {
        self.cluster.eventually(what, LONG, || peers(&self.cluster[SERVER]) == 0);
        measured(format_args!("{what}, server: {:.1} s", since.elapsed().as_secs_f32()));
        if homes_too {
            self.each(what, since, |home| peers(&self.cluster[home]) == 0);
        }
    }

    fn cut(&self) -> Instant {
        self.homes.iter().for_each(|home| self.lab.cut(home));
        Instant::now()
    }

    fn mend(&self) -> Instant {
        self.homes.iter().for_each(|home| self.lab.mend(home));
        Instant::now()
    }
}

/// Row R2. The server still holds the connections of before when they come back.
#[test]
fn homes_that_lost_their_power_are_back_and_heard() {
    let Some(mut story) = Story::begin() else { return untested() };
    story.cut();
    for (n, home) in story.homes.iter().enumerate() {
        story.cluster[n + 1].kill();
        home.loses_power();
    }
    let back = story.mend();
    (1..=HOMES.len()).for_each(|home| story.cluster[home].start());
    story.all_hear_all("back after a power cut", back);
}

/// Row R2: what led to them leads nowhere now.
#[test]
fn homes_with_a_new_public_address_are_back_and_heard() {
    let Some(mut story) = Story::begin() else { return untested() };
    for (home, number) in story.homes.iter_mut().zip(101..) {
        home.moves_to(number);
    }
    story.all_hear_all("back with a new public address", Instant::now());
}

/// Rows R4 and R10: nothing tells either side that the line is dead, nor that it is back.
#[test]
fn a_dead_line_is_noticed_by_both_sides_and_so_is_its_end() {
    let Some(mut story) = Story::begin() else { return untested() };
    let cut = story.cut();
    story.none_is_counted("a dead line is noticed", cut, true);
    let back = story.mend();
    story.all_hear_all("back after a dead line", back);
}

/// A laptop that is shut says nothing, and wakes in the middle of what it did.
#[test]
fn homes_that_slept_are_back_and_heard() {
    let Some(mut story) = Story::begin() else { return untested() };
    let cut = story.cut();
    (1..=HOMES.len()).for_each(|home| story.cluster[home].sleeps(true));
    story.none_is_counted("who sleeps is noticed", cut, false);
    let back = story.mend();
    (1..=HOMES.len()).for_each(|home| story.cluster[home].sleeps(false));
    story.all_hear_all("back after sleep", back);
}

/// Row R2 from the other side: those who must come back are the ones who noticed nothing.
#[test]
fn a_server_that_lost_its_power_is_found_again() {
    let Some(mut story) = Story::begin() else { return untested() };
    story.lab.cut(&story.server);
    story.cluster[SERVER].kill();
    story.server.loses_power();
    story.lab.mend(&story.server);
    story.cluster[SERVER].start();
    story.all_hear_all("a server is back after a power cut", Instant::now());
}
