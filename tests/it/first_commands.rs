//! The first commands of two people: one founds a network and calls, the other joins and hears it.

use weft_tests::cluster::Cluster;
use weft_tests::lab::{Host, Lab, Refused, Stack, refusing};

use crate::cluster_world::{SOON, peers, untested};

/// What the first person needs; every other word of the call is the program's own.
const CALL: &str = "Twenty beds for marchers";

/// Plays them on two machines of one kind, on which systems may refuse sockets.
fn play(stack: Stack, refused: Option<Refused>) {
    let Some(lab) = Lab::new() else { return untested() };
    let [alice, bob] = ["alice", "bob"].map(|name| lab.host(name, stack));
    let mut cluster = Cluster::default();
    start(&mut cluster, &alice, &["init", "--region", "gb-bristol"], refused);
    let alice = &cluster[0];
    let status = alice.weft(["status"]).run();
    assert!(status.success().stdout.contains("gb-bristol"), "{status}");
    // Nobody else is there yet, which is said and is no failure of what was kept.
    alice.weft(["network", "found", "--name", "Harbour Care Network"]).run().success();
    let call = ["call", "new", "--kind", "need", "--title", CALL, "--until", "14d"];
    let called = alice.weft(call).run();
    assert!(called.success().stderr.contains("No other node"), "{called}");
    let listed = alice.weft(["call", "list"]).run();
    assert!(listed.success().stdout.contains(CALL), "{listed}");
    let invite = alice.weft(["invite", "new"]).run();
    let link = invite.success().stdout.lines().find(|line| line.starts_with("weft:"));
    let link = link.unwrap_or_else(|| panic!("an invite is a link: {invite}")).to_owned();

    start(&mut cluster, &bob, &["join", &link], refused);
    cluster.eventually("they should meet", SOON, || (0..2).all(|node| peers(&cluster[node]) == 1));
    cluster.eventually("the call should be seen there", SOON, || {
        cluster[1].weft(["call", "list"]).run().stdout.contains(CALL)
    });
    let asked = cluster[1].weft(["doctor", "--json"]).run().json();
    let wrong = asked.as_array().into_iter().flatten().find(|found| found["wrong"] == true);
    assert!(wrong.is_none(), "nothing should be wrong there: {asked}");
}

/// Makes a home by these words and starts its node, as everybody does.
fn start(cluster: &mut Cluster, host: &Host, home: &[&str], refused: Option<Refused>) {
    let sandbox = host.sandbox();
    sandbox.weft(home).run().success();
    match refused {
        Some(refused) => refusing(refused, || cluster.add_up(sandbox, &[])),
        None => cluster.add_up(sandbox, &[]),
    };
}

#[test]
fn the_first_commands_work_where_both_versions_of_the_internet_protocol_are() {
    play(Stack::Dual, None);
}

#[test]
fn the_first_commands_work_on_ipv4_alone() {
    play(Stack::V4, None);
}

#[test]
fn the_first_commands_work_on_ipv6_alone() {
    play(Stack::V6, None);
}

#[test]
fn the_first_commands_work_where_the_system_refuses_ipv6() {
    play(Stack::V4, Some(Refused::V6));
}

#[test]
fn the_first_commands_work_where_the_system_hides_its_addresses() {
    play(Stack::Dual, Some(Refused::Netlink));
}
