//! How people come together: invites as they arrive, homes that take them, and nodes that are sought.

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::bridge_story::{calls, found};
use crate::cluster_world::{SOON, answer, text};

/// Returns an address of this machine at which nobody listens.
pub(crate) fn shut() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    format!("/ip4/127.0.0.1/tcp/{port}")
}

fn link(node: &Node) -> String {
    text(&answer(node, &["invite", "new"])["invite"])
}

/// Returns who is connected, and who is tried in vain and why, as `peers list` says.
fn peers(node: &Node) -> (Vec<Value>, Vec<Value>) {
    let all = answer(node, &["peers", "list"]);
    let all = all.as_array().expect("a list").clone();
    all.into_iter().partition(|peer| peer["connected"] == json!(true))
}

#[test]
fn a_link_is_understood_as_mails_and_chats_leave_it() {
    let cluster = Cluster::start("gb-bristol", 1);
    found(&cluster[0], "Harbour Care");
    let link = link(&cluster[0]);
    let sandbox = Sandbox::new();
    let (early, late) = link.split_at(70);
    for words in [
        vec![format!("<{link}>")],
        vec![format!("“{link}”.")],
        vec![link.replace('&', "&amp;")],
        vec![link.replace('/', "%2F")],
        vec![format!("{link}&utm_source=mail&fbclid=x")],
        vec![format!("{early}\n{late}")],
        vec![early.to_owned(), late.to_owned()],
    ] {
        let all = ["invite", "show", "--json"].map(ToOwned::to_owned).into_iter().chain(words);
        let shown = sandbox.weft(all).run();
        assert_eq!(shown.success().json()["invite"], json!(link), "{shown}");
    }
    let named = sandbox.weft(["join", &format!("{link}&colour=red")]).run();
    assert!(named.fails_with(2).stderr.contains("'colour'"), "{named}");
    for cut in [&link[..link.len() - 3], &link[..link.find("&net=").expect("a network vouches")]] {
        let run = sandbox.weft(["join", cut]).run();
        assert!(run.fails_with(2).stderr.contains("cut off or changed"), "{run}");
        let spanish = sandbox.weft(["join", cut, "--lang", "es"]).run();
        assert!(spanish.stderr.contains("se cortó o cambió"), "{spanish}");
    }
    let wrong = sandbox.weft(["join", &link.replacen("gb-bristol", "gb-bristel", 1)]).run();
    assert!(wrong.fails_with(2).stderr.contains("cut off or changed"), "{wrong}");
    assert!(!sandbox.home().exists(), "nothing is made of what is no invite");
}

#[test]
fn an_invite_says_from_where_it_can_be_used_and_ends_with_the_link() {
    let cluster = Cluster::start("gb-bristol", 1);
    let made = cluster[0].weft(["invite", "new", "--qr"]).run();
    assert!(made.success().stderr.contains("only people on that machine"), "{made}");
    assert!(made.stderr.contains("weft newcomer welcome"), "the host still welcomes: {made}");
    assert!(made.stderr.contains("No network vouches"), "{made}");
    let lines: Vec<&str> = made.stdout.lines().collect();
    let link = *lines.last().expect("a link");
    assert!(link.starts_with("weft:12D3KooW") && lines[0].contains('█'), "{made}");
    let plain = cluster[0].weft(["invite", "new"]).run();
    assert_eq!(plain.success().stdout, format!("{link}\n"));

    let place = "/dns4/weft.example.org/tcp/8471";
    let far = cluster[0].weft(["invite", "new", "--address", place]).run();
    assert!(!far.success().stderr.contains("only people"), "{far}");
    let lan = cluster[0].weft(["invite", "new", "--address", "/ip4/172.17.0.2/tcp/8471"]).run();
    assert!(lan.success().stderr.contains("only people on that network"), "{lan}");
    for impossible in ["/ip4/0.0.0.0/tcp/8471", "/ip4/192.0.2.7/udp/8", "/ip4/192.0.2.7"] {
        cluster[0].weft(["invite", "new", "--address", impossible]).run().fails_with(2);
    }

    let sandbox = Sandbox::new();
    let joined = sandbox.weft(["join", link]).run();
    assert!(joined.success().stderr.contains("only people on that machine"), "{joined}");
    assert!(joined.stdout.contains("Nobody vouches for you in it"), "{joined}");
    assert!(!joined.stdout.contains("meet a node that you know"), "{joined}");
    assert!(joined.stdout.contains("weft newcomer welcome"), "{joined}");
}

/// Row F51.
#[test]
fn an_invite_that_leads_to_nobody_now_is_said_not_to_and_tried_on() {
    let mut cluster = Cluster::start("us-wa", 2);
    let link = link(&cluster[0]);
    cluster[0].stop();
    let joined = cluster[1].weft(["join", &link]).run();
    assert!(joined.fails_with(1).stderr.contains("nobody listens"), "{joined}");
    let json = cluster[1].weft(["join", &link, "--json"]).run();
    assert_eq!(json.fails_with(1).json()["connected"], json!(false), "{json}");
    let (_, tried) = peers(&cluster[1]);
    let name = json!(link.split(['?', ':']).nth(1));
    assert!(tried.iter().any(|trial| trial["node"] == name), "it is tried on: {tried:?}");
}

#[test]
fn a_home_takes_an_invite_whether_its_node_runs_or_not() {
    let mut cluster = Cluster::start("us-wa", 1);
    let host = found(&cluster[0], "Puget Mutual Aid");
    let link = link(&cluster[0]);
    for runs in [true, false] {
        let sandbox = Sandbox::new();
        sandbox.init_as("gb-bristol", "closed", "");
        let guest = if runs {
            let guest = cluster.add_in(sandbox);
            let joined = cluster[guest].weft(["join", &link]).run();
            for said in ["region us-wa as well", "also on this closed node", "stays connected"] {
                assert!(joined.success().stderr.contains(said), "{said}: {joined}");
            }
            guest
        } else {
            let joined = sandbox.weft(["join", &link]).run();
            for said in ["region us-wa as well", "also on this closed node", "weft up"] {
                assert!(joined.success().stderr.contains(said), "{said}: {joined}");
            }
            sandbox.weft(["join", &link]).run().success();
            cluster.add_in(sandbox)
        };
        for again in [false, true] {
            if again {
                cluster[guest].stop();
                cluster[guest].start();
            }
            cluster.eventually("they should meet", SOON, || {
                let (connected, _) = peers(&cluster[guest]);
                connected.iter().any(|peer| peer["regions"] == json!(["us-wa"]))
            });
        }
        cluster.eventually("what the host says should come in", SOON, || {
            let shown = cluster[guest].weft(["network", "list"]).run();
            shown.success().stdout.contains("Puget Mutual Aid")
        });
        let policy = answer(&cluster[guest], &["policy", "show"]);
        assert_eq!(policy["entries"].as_array().map(Vec::len), Some(1), "{policy}");
        assert_eq!(policy["entries"][0]["subject"]["network"], json!(host), "{policy}");
        assert_eq!(policy["regions"], json!(["gb-bristol", "us-wa"]));
        let shown = cluster[guest].weft(["policy", "show"]).run();
        assert!(shown.success().stdout.contains("Puget Mutual Aid"), "{shown}");
        let settings = cluster[guest].weft(["config", "show"]).run();
        assert!(settings.success().stdout.contains("us-wa"), "{settings}");
        assert!(settings.stdout.contains(&host), "{settings}");
        let undone = ["policy", "remove", "--action", "allow", "--network", &host];
        cluster[guest].weft(undone).run().success();
        assert_eq!(answer(&cluster[guest], &["policy", "show"])["entries"], json!([]));
    }
}

#[test]
fn who_is_sought_in_vain_is_listed_with_why_until_it_is_forgotten() {
    let mut cluster = Cluster::start("gb-bristol", 2);
    let far = cluster.add("us-wa");
    let (here, name) = (cluster[1].address().to_owned(), cluster[1].ready().node.clone());
    let place = here.split("/p2p/").next().expect("an address begins with a place").to_owned();
    let nobody = format!("{}/p2p/{name}", shut());
    let run = cluster[0].weft(["peers", "connect", &nobody]).run();
    assert!(run.fails_with(1).stderr.contains("nobody listens at that port"), "{run}");
    assert!(run.stderr.contains(&format!("weft peers forget {nobody}")), "{run}");
    let other = format!("{place}/p2p/{}", cluster[far].ready().node);
    let run = cluster[0].weft(["peers", "connect", &other]).run();
    assert!(run.fails_with(1).stderr.contains("another node answers there"), "{run}");
    assert!(run.stderr.contains(&name), "who it is: {run}");
    for impossible in ["/ip4/192.0.2.7/udp/8", "/ip4/0.0.0.0/tcp/1", "bristol"] {
        cluster[0].weft(["peers", "connect", impossible]).run().fails_with(2);
    }
    let (_, tried) = peers(&cluster[0]);
    let faults: Vec<&Value> = tried.iter().map(|trial| &trial["fault"]).collect();
    assert_eq!(faults, [&json!("shut"), &json!({ "other": { "name": name } })], "{tried:?}");
    let listed = cluster[0].weft(["peers", "list"]).run();
    assert!(listed.success().stdout.contains("nobody listens"), "{listed}");

    cluster[0].weft(["peers", "forget", &nobody]).run().success();
    cluster[0].weft(["peers", "forget", &nobody]).run().fails_with(3);
    cluster[0].weft(["peers", "forget", &cluster[far].ready().node]).run().success();
    assert_eq!(peers(&cluster[0]).1, Vec::<Value>::new());

    let elsewhere = cluster[0].weft(["peers", "connect", cluster[far].address()]).run();
    assert!(elsewhere.success().stderr.contains("is in us-wa"), "{elsewhere}");
    let met = cluster[0].weft(["peers", "connect", &here]).run();
    assert_eq!(met.success().stderr, format!("Connected with {name}.\n"));
}

#[test]
fn a_configured_node_that_is_not_reached_is_a_finding_of_the_doctor() {
    let name = Cluster::start("gb-bristol", 1)[0].ready().node.clone();
    let dead = format!("{}/p2p/{name}", shut());
    let sandbox = Sandbox::new();
    sandbox.weft(["init", "--region", "gb-bristol", "--peer", &dead]).run().success();
    let mut cluster = Cluster::default();
    cluster.add_in(sandbox);
    let doctor = |more: &[&'static str]| {
        let run = cluster[0].weft(["doctor"].into_iter().chain(more.iter().copied())).run();
        run.stdout
    };
    cluster.eventually("the doctor should name it", SOON, || doctor(&[]).contains(&dead));
    assert!(doctor(&[]).contains("nobody listens at that port"), "{}", doctor(&[]));
    assert!(doctor(&["--lang", "es"]).contains("nadie escucha en ese puerto"));
    let forgotten = cluster[0].weft(["peers", "forget", &dead]).run();
    assert!(forgotten.success().stderr.contains("config.toml"), "{forgotten}");
    assert!(!doctor(&[]).contains(&dead), "{}", doctor(&[]));
}

#[test]
fn a_newcomer_has_its_name_and_says_what_it_wants_whatever_else_it_brings() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let union = found(&cluster[0], "Bakers Union");
    for n in 0..20 {
        calls(&cluster[0], &format!("Call {n}"), "region");
    }
    let sandbox = Sandbox::new();
    sandbox.init_as("gb-bristol", "federation", "");
    let guest = cluster.add_in(sandbox);
    let ours = found(&cluster[guest], "Harbour Care");
    cluster.connect(guest, 0);
    cluster.eventually("the other should know us", SOON, || {
        cluster[0].weft(["network", "show", &ours]).run().status.success()
    });
    let propose =
        ["tie", "propose", "--kind", "agreement", "--with", &ours, "--summary", "We help"];
    answer(&cluster[0], &propose);
    let listed = || answer(&cluster[guest], &["newcomer", "list"]);
    cluster
        .eventually("its offer should be there", SOON, || listed()[0]["offers"] == json!([ours]));
    let shown = cluster[guest].weft(["newcomer", "list"]).run();
    assert!(shown.success().stdout.contains("Bakers Union"), "{shown}");
    assert!(shown.stdout.contains("Harbour Care"), "{shown}");
    assert_eq!(listed()[0]["newcomer"]["net"], json!(union));
    cluster[guest].weft(["newcomer", "welcome", "Bakers Union"]).run().success();
    cluster.eventually("all of it should come in", SOON, || {
        let calls = answer(&cluster[guest], &["call", "list"]);
        calls.as_array().is_some_and(|calls| calls.len() == 20)
    });
}

#[test]
fn a_welcome_outlasts_a_mute_and_undoes_a_block() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let net = "a".repeat(52);
    let said = |action: &str| {
        answer(node, &["policy", action, "--network", &net, "--reason", "x", "--yes"])
    };
    answer(node, &["newcomer", "welcome", &net]);
    said("mute");
    let actions = || {
        let policy = answer(node, &["policy", "show"]);
        let entries = policy["entries"].as_array().expect("a list").clone();
        entries.iter().map(|entry| text(&entry["action"])).collect::<Vec<_>>()
    };
    assert_eq!(actions(), ["allow", "mute"]);
    answer(node, &["policy", "remove", "--network", &net, "--action", "mute"]);
    assert_eq!(actions(), ["allow"]);
    said("block");
    let written = fs::read_to_string(node.sandbox().home().join("choices.toml"));
    let written = written.expect("what was chosen is written down");
    assert!(written.contains("\"allow\"") && written.contains("\"block\""), "{written}");
    let allow = ["policy", "allow", "--network", &net, "--reason", "y"];
    let allowed = node.weft(allow).run();
    assert!(allowed.success().stderr.contains("changes nothing yet"), "{allowed}");
    assert!(allowed.stderr.contains("--action block"), "{allowed}");
    let spanish = node.weft(allow.into_iter().chain(["--lang", "es"])).run();
    assert!(spanish.success().stderr.contains("--action block"), "{spanish}");
    let welcome = node.weft(["newcomer", "welcome", &net]).run();
    assert!(welcome.success().stderr.contains("is let in again"), "{welcome}");
    assert_eq!(actions(), ["allow"]);
    answer(node, &["policy", "remove", "--network", &net]);
    assert!(actions().is_empty());
}

#[test]
fn a_rule_that_lacks_its_tie_says_so_at_once_and_of_which_region() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    found(node, "Harbour Care");
    node.weft(["region", "join", "us-wa"]).run().success();
    let add = ["bridge", "add", "home", "--from", "us-wa", "--to", "gb-bristol"];
    let early = node.weft(add).run();
    assert!(early.success().stderr.contains("weft bridge setup"), "{early}");
    answer(node, &["bridge", "setup"]);
    for command in [["bridge", "list"], ["bridge", "show"]] {
        let said = node.weft(command).run();
        let all = format!("{}{}", said.success().stdout, said.stderr);
        assert!(all.contains("another network of gb-bristol"), "{said}");
    }
    let listed = node.weft(["bridge", "list"]).run();
    assert!(!listed.success().stdout.contains("running"), "{listed}");
    assert_eq!(answer(node, &["bridge", "list"])[0]["idle"], json!(true));
    let spanish = node.weft(["bridge", "list", "--lang", "es"]).run();
    assert!(spanish.success().stderr.contains("otra red de gb-bristol"), "{spanish}");
    let doctor = node.weft(["doctor"]).run();
    assert!(doctor.stdout.contains("another network of gb-bristol"), "{doctor}");
}
