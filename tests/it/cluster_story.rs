//! Four nodes of one region, and what people do there.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use ssh_key::PrivateKey;
use weft_protocol::body::Body;
use weft_protocol::control::RecordFilter;
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::key::SecretKey;
use weft_protocol::record::{Draft, Kind, Reach, Record};
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::PASSPHRASE;
use weft_tests::world::World;

use crate::cluster_world::{
    SOON, an_hour_ago, answer, inceptions, measured, meet, now, post, stored, text,
};

/// How soon a call is to be seen on the next node.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// What a region says within an hour, and more.
const CALLS_OF_AN_HOUR: usize = 2_000;

/// One day, the unit in which records live.
const DAY: Duration = Duration::from_secs(86_400);

/// Rows: 4.1.
#[test]
fn a_members_call_reaches_every_node_until_the_role_is_taken_back() {
    let mut cluster = Cluster::start("us-wa", 3);
    cluster.connect(0, 1);
    cluster.connect(0, 2);
    meet(&cluster, 0, 2);

    let role = appoint(&cluster);
    let call = post_and_see(&cluster, "Twenty beds wanted");

    import(&cluster[0], &records_of_an_hour());
    cluster
        .eventually("the nodes should agree", SOON, || stored(&cluster[1]) == stored(&cluster[0]));
    let late = cluster.add("us-wa");
    cluster.connect(late, 1);
    let all = stored(&cluster[0]);
    assert!(all.len() > CALLS_OF_AN_HOUR);
    let began = Instant::now();
    cluster
        .eventually("the late node should have everything", SOON, || stored(&cluster[late]) == all);
    measured(format_args!("{} records on the late node after {:?}", all.len(), began.elapsed()));

    let end = withdraw(&cluster, &call, &[&role]);
    for n in 0..=late {
        cluster.eventually(&format!("node {n} should know of the withdrawal"), SOON, || {
            stored(&cluster[n]).contains(&end)
        });
    }
    let known = stored(&cluster[HERE]);
    let refused = cluster[HERE].weft(call_by_member("One more call")).run();
    assert!(refused.fails_with(4).stderr.contains("withdrawn"), "{refused}");
    assert_eq!(stored(&cluster[HERE]), known, "nothing was signed");

    let forced = sign_anyway(&cluster[HERE], &call, &role);
    for n in OFFICE..=late {
        fs::write(cluster[n].sandbox().path("forced"), forced.bytes()).unwrap();
        // Its exit code tells of its fate, which depends on who heard of it first.
        let imported = cluster[n].weft(["import", "forced"]).run();
        let shown = cluster[n].weft(["record", "show", &forced.id().to_string(), "--json"]).run();
        let void = shown.success().json()["state"]["void"].clone();
        let why = void.as_str().unwrap_or_default();
        assert!(why.contains("withdrawn"), "{imported}\n{shown}");
    }
}

/// Rows: 4.20.
#[test]
fn of_a_stolen_key_exactly_what_was_kept_remains_on_every_node() {
    let cluster = Cluster::start("us-wa", 4);
    (1..4).for_each(|n| cluster.connect(0, n));
    meet(&cluster, 0, 3);
    let world = World::new(52).at(an_hour_ago());
    let (alice, bob) = (world.network("alice"), world.network("bob"));
    let calls: Vec<Record> = (0..6).map(|n| alice.call(&format!("call {n}")).sign()).collect();
    let others = bob.call("untouched").sign();
    post(&cluster[0], &[inceptions(&[alice.clone(), bob.clone()]), calls.clone()].concat());
    let everywhere = |should: &str, net: NetId, wanted: &BTreeSet<RecordId>| {
        cluster.eventually(should, SOON, || (0..4).all(|n| valid(&cluster[n], net) == *wanted));
    };
    let all = calls.iter().map(Record::id).collect();
    everywhere("every call should count on every node", alice.id(), &all);
    post(&cluster[3], std::slice::from_ref(&others));

    // The network's own key was stolen; two of its calls are known to be its own.
    let kept = [calls[1].id(), calls[4].id()];
    post(&cluster[1], &[alice.revoke(&kept)]);
    everywhere("exactly the kept calls should count", alice.id(), &kept.into());
    // Whoever has the key can date a call back as far as they like.
    let backdated = alice.call("dated back").at(an_hour_ago()).sign();
    cluster[2].door().post(std::slice::from_ref(&backdated)).unwrap();
    cluster.eventually("the backdated call should have gone everywhere", SOON, || {
        (0..4).all(|n| stored(&cluster[n]).contains(&backdated.id()))
    });
    everywhere("and it should count nowhere", alice.id(), &kept.into());
    everywhere("nobody else is touched", bob.id(), &[others.id()].into());

    // A member's key, taken back by the terminal.
    let role = appoint(&cluster);
    let [first, second, third] = ["first", "second", "third"].map(|t| post_and_see(&cluster, t));
    let ids = [&first, &second, &third].map(Record::id);
    let id = second.id().to_string();
    withdraw(&cluster, &third, &[&role, "--compromised", "--keep", &id, "--yes"]);
    let net = first.net();
    everywhere("exactly the kept call of the member should count", net, &[ids[1]].into());
}

/// Founds a network on one node, and gives a member who sits at another the power to call. Returns
/// the role.
fn appoint(cluster: &Cluster) -> String {
    let (office, here) = (&cluster[OFFICE], &cluster[HERE]);
    answer(office, &["network", "found", "--name", "River Neighbours"]);
    let key = text(&answer(here, &["member", "request", "--label", "rep-2"])["key"]);
    let offer = ["role", "offer", &key, "--label", "rep-2", "--power", "call"];
    let role = text(&answer(office, &offer)["id"]);
    let id: RecordId = role.parse().unwrap();
    cluster.eventually("the member's node should have the offer", SOON, || {
        stored(&cluster[HERE]).contains(&id)
    });
    answer(here, &["role", "accept", &role, "--as", MEMBER]);
    role
}

/// The node of the network's office, where its own key is.
const OFFICE: usize = 1;

/// The node at which the member sits.
const HERE: usize = 0;

/// The name of the member's key.
const MEMBER: &str = "role-rep-2";

fn call_by_member(title: &str) -> [&str; 10] {
    ["call", "new", "--kind", "need", "--title", title, "--ask", "beds:20", "--as", MEMBER]
}

/// Lets the member post a call, and two other nodes see it.
fn post_and_see(cluster: &Cluster, title: &str) -> Record {
    let mut watches = [1, 2].map(|n| cluster[n].watch());
    for watch in &mut watches {
        watch.until(SOON, |event| event["event"] == "watching");
    }
    let call = call_by_member(title).into_iter().chain(["--json"]);
    let id = text(&cluster[HERE].weft(call).run().success().json()["id"]);
    let posted = Instant::now();
    for (n, watch) in (1..).zip(&mut watches) {
        watch.until(SEEN_WITHIN, |event| event["id"] == id.as_str());
        measured(format_args!("node {n} has the call {:?} after it was posted", posted.elapsed()));
        let listed = cluster[n].weft(["call", "list"]).run();
        assert!(listed.success().stdout.contains(title), "{listed}");
    }
    cluster[HERE].door().record(id.parse().unwrap()).unwrap()
}

/// Takes a role back, in a later second than this record was signed. Returns the end.
fn withdraw(cluster: &Cluster, signed: &Record, arguments: &[&str]) -> RecordId {
    // Whatever has the date of the end comes after it.
    cluster.eventually("time should pass", SOON, || now() > signed.header().at);
    let arguments = ["role", "withdraw"].iter().chain(arguments).copied().chain(["--json"]);
    let end = cluster[OFFICE].weft(arguments).run().success().json();
    text(&end["id"]).parse().unwrap()
}

/// Returns what many networks of a region say within an hour, and who they are.
fn records_of_an_hour() -> Vec<Record> {
    let world = World::new(51).at(an_hour_ago());
    let authors = world.networks(20);
    [inceptions(&authors), world.calls(&authors, CALLS_OF_AN_HOUR)].concat()
}

fn import(node: &Node, records: &[Record]) {
    let bundle: Vec<u8> = records.iter().flat_map(|r| r.bytes().iter().copied()).collect();
    fs::write(node.sandbox().path("bundle"), bundle).unwrap();
    node.weft(["import", "bundle"]).run().success();
}

/// Signs another call as the member would without a node that refuses it.
fn sign_anyway(node: &Node, call: &Record, role: &str) -> Record {
    let file = node.sandbox().home().join(format!("keys/{MEMBER}.key"));
    let locked = PrivateKey::from_openssh(fs::read_to_string(file).unwrap()).unwrap();
    let key = locked.decrypt(PASSPHRASE).unwrap();
    let seed = key.key_data().ed25519().unwrap().private.to_bytes();
    let Body::Call(body) = call.body() else { panic!("a call") };
    let home = ("us-wa".parse().unwrap(), Reach::Movement);
    let draft = Draft::new(Body::Call(body.clone()), call.net(), home, (now(), 3 * DAY));
    let role = node.door().record(role.parse().unwrap()).unwrap().thing();
    draft.under(role).sign(&SecretKey::from_seed(&seed)).unwrap()
}

/// Returns the calls of a network that count at a node.
fn valid(node: &Node, net: NetId) -> BTreeSet<RecordId> {
    let filter =
        RecordFilter { net: Some(net), kind: Some(Kind::Call), valid: true, ..<_>::default() };
    node.door().ids(filter).unwrap().into_iter().collect()
}
