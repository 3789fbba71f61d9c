//! One network whose keys are stolen one after the other, told at the terminals of five nodes: whoever
//! steals, and whoever was told what when, in the end the same keys are in force on every node.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::fs;

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};

use crate::cluster_world::{SOON, a_second_passes, answer, meet, text};

/// Where the network is at home.
const OFFICE: usize = 0;
/// Where its guardians are.
const ELSEWHERE: usize = 1;
/// Who has no part in it, and passes on what there is.
const BYSTANDER: usize = 2;
/// Who steals.
const THIEF: usize = 3;

/// The nodes of a story, and the network that it is about.
struct Story {
    cluster: Cluster,
    nodes: usize,
    net: String,
}

impl Story {
    /// Lets four nodes meet in a line, so that what one says comes to the last by way of the others, and
    /// founds the network with three guardians, of whom two are needed.
    fn new() -> Self {
        let cluster = Cluster::start("gb-bristol", 4);
        cluster.connect_in_a_line();
        for (n, others) in [(OFFICE, 1), (ELSEWHERE, 2), (BYSTANDER, 2), (THIEF, 1)] {
            meet(&cluster, n, others);
        }
        let mut story = Self { cluster, nodes: 4, net: String::new() };
        let guardians = ["ana", "bea", "cleo"].map(|label| story.guardian(ELSEWHERE, label));
        let named = guardians.iter().flat_map(|hash| ["--guardian", hash.as_str()]);
        let found = ["network", "found", "--name", "Harbour"].into_iter().chain(named);
        story.net = text(&answer(story.node(OFFICE), &found.collect::<Vec<_>>())["net"]);
        story
    }

    fn node(&self, n: usize) -> &Node {
        &self.cluster[n]
    }

    fn file(&self, n: usize, key: &str) -> String {
        let file = self.node(n).sandbox().home().join(format!("keys/{key}.key"));
        file.to_str().unwrap().to_owned()
    }

    /// Makes the key of a guardian, if there is none of this name, and returns its hash.
    fn guardian(&self, n: usize, label: &str) -> String {
        text(&answer(self.node(n), &["id", "guardian", "--label", label])["hash"])
    }

    /// Lets the thief have a copy of a key of somebody's, under another name.
    fn stolen(&self, from: usize, key: &str, copy: &str) -> String {
        let copy = self.file(THIEF, copy);
        fs::create_dir_all(self.node(THIEF).sandbox().home().join("keys")).unwrap();
        fs::copy(self.file(from, key), &copy).unwrap();
        copy
    }

    /// Lets somebody with a guardian's key name this pair of keys.
    fn recovers(&self, (n, guardian): (usize, &str), pair: &Value) {
        let (key, next, file) = (text(&pair["key"]), text(&pair["next"]), self.file(n, guardian));
        let named = ["id", "recover", &self.net, "--key", &key, "--next", &next];
        answer(self.node(n), &[&named[..], &["--guardian-key", &file]].concat());
    }

    /// Lets somebody with a guardian's key say that two of these guard the network.
    fn guards(&self, (n, guardian): (usize, &str), hashes: [&str; 3]) {
        let [first, second, third] = hashes;
        let file = self.file(n, guardian);
        let named = ["--guardian", first, "--guardian", second, "--guardian", third, "--need", "2"];
        let all = [&["id", "guard", &self.net, "--guardian-key", &file][..], &named].concat();
        answer(self.node(n), &all);
    }

    fn call(&self, n: usize, title: &str) -> Value {
        a_second_passes(&self.cluster);
        answer(self.node(n), &["call", "new", "--title", title])
    }

    /// What a node takes the identity of the network to be.
    fn identity(&self, n: usize) -> Value {
        let list = answer(self.node(n), &["network", "list"]);
        let mut all = list.as_array().cloned().unwrap_or_default().into_iter();
        let ours = all.find(|network| network["net"] == self.net.as_str());
        ours.map_or(Value::Null, |network| network["identity"].clone())
    }

    /// Waits until every node tells the same of the network, with this key and so many events.
    #[track_caller]
    fn everywhere(&self, should: &str, key: &Value, events: usize) {
        let is_so = |identity: &Value| {
            let log = identity["log"].as_array().map(Vec::len);
            identity["key"] == *key && log == Some(events) && identity["disputed"].is_null()
        };
        self.cluster.eventually(should, SOON, || {
            let first = self.identity(OFFICE);
            is_so(&first) && (1..self.nodes).all(|n| self.identity(n) == first)
        });
    }

    /// Waits until every node has a record, and says of it that it counts, or that it does not.
    #[track_caller]
    fn counts(&self, record: &Value, does: bool) {
        let show = ["record", "show", &text(&record["id"]), "--json"];
        let is_so = |n: usize| {
            let shown = self.node(n).weft(show).run();
            shown.status.success() && shown.json()["state"]["void"].is_null() == does
        };
        let should = format!("{} should count everywhere: {does}", record["body"]["title"]);
        self.cluster.eventually(&should, SOON, || (0..self.nodes).all(is_so));
    }

    /// Waits until the doctor of a node says this.
    #[track_caller]
    fn doctor(&self, n: usize, words: &str) {
        let says = || self.node(n).weft(["doctor"]).run().stdout.contains(words);
        self.cluster.eventually(&format!("the doctor should say: {words}"), SOON, says);
    }
}

#[test]
fn d5_whatever_is_stolen_in_turn_the_same_keys_are_in_force_on_every_node_in_the_end() {
    let mut story = Story::new();
    let early = story.call(OFFICE, "Before anything was stolen");
    story.counts(&early, true);
    let second = the_key_of_every_day_is_stolen(&story, &early);
    let (third, spare) = the_rotation_key_is_stolen(&story, &second);
    one_guardian_goes_bad(&story, &third, &spare);
    let dora = story.guardian(ELSEWHERE, "dora");
    the_guardians_are_exchanged(&story, &third, &spare, &dora);
    let last = the_office_loses_everything(&story);

    // Who comes late and was never told in which order it all was, and who starts again, say the same.
    let late = story.cluster.add("gb-bristol");
    story.nodes += 1;
    story.cluster.connect(late, THIEF);
    story.cluster[BYSTANDER].stop();
    story.cluster[BYSTANDER].start();
    story.everywhere("the last key should be in force", &last, 7);
    let shown = story.node(late).weft(["id", "show", &story.net]).run();
    assert!(shown.success().stdout.contains(last.as_str().unwrap()), "{shown}");
    story.counts(&early, true);
}

/// It signs a call; the office takes it back with the rotation key, keeps what came before, and changes the
/// key.
fn the_key_of_every_day_is_stolen(story: &Story, early: &Value) -> Value {
    story.stolen(OFFICE, "network", "network");
    let theft = story.call(THIEF, "Send your money here");
    story.counts(&theft, true);
    let before = ["--keep", "all-before", &text(&theft["at"]), "--yes"];
    let revoke = ["id", "revoke", &story.net, "--reason", "compromised"];
    answer(story.node(OFFICE), &[&revoke[..], &before].concat());
    answer(story.node(OFFICE), &["id", "rotate"]);
    let key = story.identity(OFFICE)["key"].clone();
    story.everywhere("the second key should be in force", &key, 2);
    story.counts(early, true);
    story.counts(&theft, false);
    let mute = story.node(THIEF).weft(["call", "new", "--title", "And here"]).run();
    assert!(mute.fails_with(4).stderr.contains("No network has given your keys"), "{mute}");
    key
}

/// The thief is quicker with it than the office, and speaks for the network until its guardians name a key
/// of the office's. Returns that, and the pair of keys that the thief has made for when they might.
fn the_rotation_key_is_stolen(story: &Story, second: &Value) -> (Value, Value) {
    let (office, thief) = (story.node(OFFICE), story.node(THIEF));
    let rotation = story.stolen(OFFICE, "rotation", "stolen");
    answer(thief, &["id", "rotate", "--rotation-key", &rotation]);
    let theirs = story.identity(THIEF)["key"].clone();
    assert_ne!(theirs, *second);
    story.everywhere("whoever has the rotation key is believed", &theirs, 3);
    story.doctor(OFFICE, "speak with your guardians today");
    let dissolved = story.call(THIEF, "We are no more");
    let pair = answer(office, &["id", "recover", &story.net]);
    story.recovers((ELSEWHERE, "ana"), &pair);
    story.recovers((ELSEWHERE, "bea"), &pair);
    story.everywhere("the guardians should have recovered it", &pair["key"], 4);
    answer(office, &["id", "recover", &story.net]);
    let revoke = ["id", "revoke", &story.net, "--key", &text(&theirs), "--reason", "compromised"];
    answer(office, &[&revoke[..], &["--yes"]].concat());
    story.counts(&dissolved, false);
    // What the thief's own rotation has committed to leads nowhere any more.
    let again = thief.weft(["id", "rotate", &story.net]).run();
    assert!(again.fails_with(4).stderr.contains("committed to"), "{again}");
    (pair["key"].clone(), answer(thief, &["id", "recover", &story.net]))
}

/// She names the thief's keys, and new guardians, who are to need nobody else: nothing comes of either.
fn one_guardian_goes_bad(story: &Story, key: &Value, spare: &Value) {
    story.stolen(ELSEWHERE, "cleo", "cleo");
    story.recovers((THIEF, "cleo"), spare);
    let [one, two, three] = ["x", "y", "z"].map(|label| story.guardian(THIEF, label));
    story.guards((THIEF, "cleo"), [&one, &two, &three]);
    story.doctor(OFFICE, "1 of 2 guardians");
    story.everywhere("one guardian decides nothing", key, 4);
}

/// The other two put another in her place, and from then on she is nobody.
fn the_guardians_are_exchanged(story: &Story, key: &Value, spare: &Value, dora: &str) {
    let [ana, bea] = ["ana", "bea"].map(|label| story.guardian(ELSEWHERE, label));
    story.guards((ELSEWHERE, "ana"), [&ana, &bea, dora]);
    story.guards((ELSEWHERE, "bea"), [&ana, &bea, dora]);
    story.everywhere("the guardians should be others", key, 5);
    let (key, next, file) = (text(&spare["key"]), text(&spare["next"]), story.file(THIEF, "cleo"));
    let named = ["id", "recover", &story.net, "--key", &key, "--next", &next];
    let refused = story.node(THIEF).weft([&named[..], &["--guardian-key", &file]].concat()).run();
    assert!(refused.fails_with(4).stderr.contains("never named the key"), "{refused}");
}

/// Her successor and one of the others name new keys, with which the office goes on.
fn the_office_loses_everything(story: &Story) -> Value {
    let office = story.node(OFFICE);
    fs::remove_dir_all(office.sandbox().home().join("keys")).unwrap();
    let pair = answer(office, &["id", "recover", &story.net]);
    story.recovers((ELSEWHERE, "dora"), &pair);
    story.recovers((ELSEWHERE, "ana"), &pair);
    story.everywhere("the network should be recovered", &pair["key"], 6);
    answer(office, &["id", "recover", &story.net]);
    let back = story.call(OFFICE, "We are back");
    story.counts(&back, true);
    answer(office, &["id", "rotate"]);
    story.identity(OFFICE)["key"].clone()
}
