//! Nodes with the settings that everybody has, on machines as people have them.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::lab::{Host, Lab, Refused, Stack, refusing};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{SOON, peers, untested};

/// How a person starts a node: nothing is said.
const UP: &[&str] = &[];

/// Makes a home at a host, as the first page tells it.
fn home(host: &Host) -> Sandbox {
    let sandbox = host.sandbox();
    sandbox.weft(["init", "--region", "gb-bristol"]).run().success();
    sandbox
}

/// Returns where a node listens, without its name.
fn places(node: &Node) -> Vec<String> {
    let status = node.weft(["status", "--json"]).run().success().json();
    let all = status["listening"].as_array().into_iter().flatten().filter_map(Value::as_str);
    all.filter_map(|address| Some(address.split_once("/p2p/")?.0.to_owned())).collect()
}

/// Returns what a node could not have, and why.
fn missed(node: &Node) -> Vec<(String, String)> {
    let status = node.weft(["status", "--json"]).run().success().json();
    let text = |missed: &Value, name: &str| missed[name].as_str().unwrap_or_default().to_owned();
    let all = status["missed"].as_array().into_iter().flatten();
    all.map(|missed| (text(missed, "address"), text(missed, "why"))).collect()
}

/// Says that a node listens at these, and perhaps elsewhere.
#[track_caller]
fn listens(cluster: &Cluster, node: usize, wanted: &[&str]) {
    cluster.eventually(&format!("it should listen at {wanted:?}"), SOON, || {
        let places = places(&cluster[node]);
        wanted.iter().all(|wanted| places.iter().any(|place| place == wanted))
    });
}

/// Lets one node connect to another at this place, and waits until they have met.
#[track_caller]
fn meet_at(cluster: &Cluster, from: usize, to: usize, place: &str) {
    let address = format!("{place}/p2p/{}", cluster[to].ready().node);
    cluster[from].weft(["peers", "connect", &address]).run().success();
    cluster.eventually("they should have met", SOON, || peers(&cluster[to]) > 0);
}

#[test]
fn a_node_starts_and_is_reached_wherever_there_is_an_address() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = [("visitor", Stack::Dual), ("v4", Stack::V4), ("v6", Stack::V6)];
    let [dual, v4, v6] = hosts.map(|(name, stack)| lab.host(name, stack));
    let mut cluster = Cluster::default();
    let visitor = cluster.add_up(home(&dual), UP);
    listens(&cluster, visitor, &["/ip4/10.77.0.1/tcp/8471", "/ip6/fd77::1/udp/8471/quic-v1"]);
    assert_eq!(missed(&cluster[visitor]), []);

    let v4 = cluster.add_up(home(&v4), UP);
    listens(&cluster, v4, &["/ip4/10.77.0.2/tcp/8471", "/ip4/10.77.0.2/udp/8471/quic-v1"]);
    meet_at(&cluster, visitor, v4, "/ip4/10.77.0.2/udp/8471/quic-v1");

    let v6 = cluster.add_up(home(&v6), UP);
    listens(&cluster, v6, &["/ip6/fd77::3/tcp/8471", "/ip6/fd77::3/udp/8471/quic-v1"]);
    meet_at(&cluster, visitor, v6, "/ip6/fd77::3/udp/8471/quic-v1");
}

#[test]
fn a_machine_without_ipv6_is_told_once_and_served() {
    let Some(lab) = Lab::new() else { return untested() };
    let host = lab.host("old", Stack::V4);
    let (mut cluster, sandbox) = (Cluster::default(), home(&host));
    let old = refusing(Refused::V6, || cluster.add_up(sandbox, UP));
    listens(&cluster, old, &["/ip4/10.77.0.1/tcp/8471", "/ip4/10.77.0.1/udp/8471/quic-v1"]);
    let lacks = ["/ip6/::/tcp/8471", "/ip6/::/udp/8471/quic-v1"];
    assert_eq!(missed(&cluster[old]), lacks.map(|at| (at.to_owned(), "no-family".to_owned())));
    let said = cluster[old].weft(["doctor"]).run().stdout;
    assert_eq!(said.matches("this machine does not speak IPv6").count(), 1, "{said}");
}

#[test]
fn a_system_that_hides_its_addresses_does_not_hide_the_node() {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["walled", "visitor"].map(|name| lab.host(name, Stack::Dual));
    let (mut cluster, sandbox) = (Cluster::default(), home(&hosts[0]));
    let walled = refusing(Refused::Netlink, || cluster.add_up(sandbox, UP));
    let at =
        ["/ip4/10.77.0.1/tcp/8471", "/ip6/fd77::1/udp/8471/quic-v1", "/ip4/127.0.0.1/tcp/8471"];
    listens(&cluster, walled, &at);
    let said = cluster[walled].weft(["doctor"]).run().stdout;
    assert!(said.contains("does not say which addresses this machine has"), "{said}");
    let visitor = cluster.add_up(home(&hosts[1]), UP);
    meet_at(&cluster, visitor, walled, "/ip4/10.77.0.1/tcp/8471");
}

#[test]
fn a_taken_port_takes_nothing_from_the_others_and_is_named() {
    let Some(lab) = Lab::new() else { return untested() };
    let host = lab.host("alice", Stack::Dual);
    let mut cluster = Cluster::default();
    let first = cluster.add_up(home(&host), &["--listen", "/ip4/0.0.0.0/tcp/8471"]);
    let second = home(&host);
    let said = second.weft(["doctor"]).run();
    let said = &said.fails_with(1).stdout;
    assert!(said.contains("weft up") && said.contains("/ip4/0.0.0.0/tcp/8471"), "{said}");
    assert!(said.contains("another program has that port"), "{said}");

    let second = cluster.add_up(second, UP);
    let quic = "/ip4/10.77.0.1/udp/8471/quic-v1";
    listens(&cluster, second, &["/ip6/fd77::1/tcp/8471", "/ip6/fd77::1/udp/8471/quic-v1", quic]);
    let taken = [("/ip4/0.0.0.0/tcp/8471".to_owned(), "taken".to_owned())];
    assert_eq!(missed(&cluster[second]), taken);
    assert!(cluster[second].weft(["doctor"]).run().fails_with(1).stdout.contains("ss -lntup"));
    cluster[first].stop();
    assert!(peers(&cluster[second]) < 2, "they are neighbours at most");
}

#[test]
fn where_nothing_is_left_the_node_ends_and_says_what_to_do() {
    let Some(lab) = Lab::new() else { return untested() };
    let host = lab.host("alice", Stack::Dual);
    let mut cluster = Cluster::default();
    cluster.add_up(home(&host), UP);
    let run = home(&host).weft(["up"]).run();
    let said = &run.fails_with(1).stderr;
    assert_eq!(said.matches("another program has that port").count(), 1, "{said}");
    for at in ["/ip4/0.0.0.0/tcp/8471", "/ip6/::/udp/8471/quic-v1", "--listen"] {
        assert!(said.contains(at), "{said}");
    }
}

#[test]
fn a_port_of_the_system_and_an_address_of_another_machine_are_each_named() {
    let Some(lab) = Lab::new() else { return untested() };
    let host = lab.host("alice", Stack::Dual);
    // As everybody but root is.
    let person = host.sandbox_after(
        "if [ -z \"$ORDINARY\" ]; then export ORDINARY=1; exec setpriv \
         --inh-caps=-net_bind_service --bounding-set=-net_bind_service \"$0\" \"$@\"; fi",
    );
    person.weft(["init", "--region", "gb-bristol"]).run().success();
    let mut cluster = Cluster::default();
    let node = cluster.add_up(
        person,
        &[
            "--listen",
            "/ip4/0.0.0.0/tcp/443",
            "--listen",
            "/ip4/192.0.2.7/tcp/8471",
            "--listen",
            "/dns4/weft.example/tcp/8471",
            "--listen",
            "/ip4/10.77.0.1/tcp/8471",
        ],
    );
    listens(&cluster, node, &["/ip4/10.77.0.1/tcp/8471"]);
    let whys: Vec<String> = missed(&cluster[node]).into_iter().map(|(_, why)| why).collect();
    assert_eq!(whys, ["forbidden", "absent", "unfit"]);
    let said = cluster[node].weft(["doctor"]).run();
    assert!(said.fails_with(1).stdout.contains("setcap"), "{said}");
}

#[test]
fn a_machine_without_names_or_loopback_still_meets_its_neighbours() {
    let Some(lab) = Lab::new() else { return untested() };
    let mut cluster = Cluster::default();
    let machines: [(&str, &str); 3] = [
        ("bare", ":"),
        ("empty", ": > /etc/resolv.conf"),
        ("cut off", "echo 'nameserver 192.0.2.53' > /etc/resolv.conf"),
    ];
    let hosts = machines.map(|(name, words)| (lab.host(name, Stack::Dual), words));
    for (host, words) in &hosts {
        host.forget_settings();
        host.run(words);
        host.run("ip link set lo down");
        let sandbox = home(host);
        let config = sandbox.home().join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap_or_default();
        let stranger =
            "/dns4/weft.example/tcp/8471/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
        let named = text.replace("peers = []", &format!("peers = [\"{stranger}\"]"));
        assert_ne!(named, text, "it has a friend whom it knows by name");
        std::fs::write(&config, named).expect("the settings can be written");
        cluster.add_up(sandbox, UP);
    }
    let others = u32::try_from(machines.len() - 1).expect("there are a few machines");
    let met = || (0..machines.len()).all(|node| peers(&cluster[node]) == others);
    cluster.eventually("neighbours should find each other", SOON, met);
}

#[test]
fn a_door_that_was_removed_is_made_anew_and_nobody_is_sent_in_a_circle() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let door = cluster[0].ready().door.clone();
    let process = cluster[0].process().to_string();
    std::fs::remove_file(&door).expect("it is there");
    // Two nodes never run in one home; what would end the one that does comes last.
    for word in ["status", "doctor", "up", "stop"] {
        if door.exists() {
            break;
        }
        let said = cluster[0].weft([word]).run();
        let words = format!("{}{}", said.fails_with(1).stdout, said.stderr);
        assert!(words.contains(&process), "the process should be named:\n{said}");
        assert!(!words.contains("Start it with"), "{said}");
    }
    let back = || cluster[0].weft(["status"]).run().status.success();
    cluster.eventually("the door should be there again", 2 * SOON, back);
    cluster[0].stop();
    assert!(!door.exists());
}

#[test]
fn the_doctor_tries_what_a_start_would_need() {
    let found = |sandbox: &Sandbox| {
        let run = sandbox.weft(["doctor", "--json"]).run();
        let names = run.fails_with(1).json();
        let all = names.as_array().into_iter().flatten();
        all.filter_map(|found| found["finding"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let sandbox = Sandbox::new();
    let init = ["init", "--region", "gb-bristol", "--listen", "/ip4/127.0.0.1/tcp/0"];
    sandbox.weft(init).run().success();
    let key = sandbox.home().join("node.key");
    let saved = std::fs::read(&key).expect("the node has its key");
    std::fs::write(&key, "").expect("it can be damaged");
    assert_eq!(found(&sandbox), ["cannot-start", "broken"]);
    std::fs::write(&key, saved).expect("it can be mended");
    let config = sandbox.home().join("config.toml");
    std::fs::write(&config, "reigon = \"x\"\n").expect("it can be damaged");
    let said = sandbox.weft(["doctor"]).run();
    assert!(said.fails_with(1).stdout.contains("reigon"), "{said}");

    let Some(lab) = Lab::new() else { return untested() };
    let host = lab.host("alice", Stack::Dual);
    let sandbox = home(&host);
    let folder = sandbox.home().display().to_string();
    host.run(&format!("mount --bind '{folder}' '{folder}'; mount -o remount,ro,bind '{folder}'"));
    let all = found(&sandbox);
    assert_eq!(all[..2], ["cannot-start", "shut"], "{all:?}");
    let said = sandbox.weft(["doctor"]).run().stdout;
    assert!(said.contains("a medium that takes nothing"), "{said}");
}

/// Stumble 12: an address whose cable is out is no address: neither the status nor an invite names it, and who
/// invites is told that nobody could come.
#[test]
fn what_the_machine_has_lost_is_neither_listed_nor_in_an_invite() {
    let Some(lab) = Lab::new() else { return untested() };
    let host = lab.host("loose", Stack::Dual);
    let mut cluster = Cluster::default();
    let node = cluster.add_up(home(&host), UP);
    let own = ["/ip4/10.77.0.1/tcp/8471", "/ip6/fd77::1/tcp/8471"];
    listens(&cluster, node, &own);
    let invite = |lang: &str| cluster[node].weft(["invite", "new", "--lang", lang]).run();
    let named = || {
        let link = invite("en").success().stdout.trim().to_owned();
        own.map(|place| link.contains(place))
    };
    assert_eq!(named(), [true; 2]);

    host.run("ip link set eth0 down");
    cluster.eventually("neither should be named", SOON, || named() == [false; 2]);
    cluster.eventually("neither should be listed", SOON, || {
        let places = places(&cluster[node]);
        own.iter().all(|own| !places.iter().any(|place| place == own))
    });
    for (lang, words) in [("en", "Nothing beyond this machine"), ("es", "Ahora nada de fuera")] {
        let (invited, status) =
            (invite(lang), cluster[node].weft(["status", "--lang", lang]).run());
        assert!(invited.success().stderr.contains(words), "{invited}");
        assert!(status.success().stdout.contains("/ip4/127.0.0.1/tcp/8471"), "{status}");
        let alone =
            if lang == "en" { "from this machine only" } else { "solo desde esta máquina" };
        assert!(status.stdout.contains(alone), "{status}");
    }

    host.run("ip link set eth0 up");
    listens(&cluster, node, &own[..1]);
    cluster.eventually("it should be named again", SOON, || named()[0]);
}
