//! The weave and the circle of values, as people are shown them.

use std::time::Duration;

use serde_json::Value;
use weft_protocol::body::Body;
use weft_protocol::body::tie::TieKind;
use weft_protocol::body::values::{Rating, Subject, ValueType, Values};
use weft_protocol::record::Reach;
use weft_tests::cluster::Cluster;
use weft_tests::world::{Network, World};

use crate::cluster_world::{an_hour_ago, answer, now, text};

/// Six networks in Bristol and one in Washington, each tied to the next, that say what they value.
fn stage() -> (Cluster, Vec<Network>) {
    let cluster = Cluster::start("gb-bristol", 1);
    let world = |region: &str| World::new(40).in_region(region).at(an_hour_ago());
    let mut networks: Vec<Network> =
        (0..6).map(|n| world("gb-bristol").network(&format!("network {n}"))).collect();
    networks.push(world("us-wa").network("network 6"));
    let mut door = cluster[0].door();
    for network in &networks {
        let profile = network.profile(&[]).reach(Reach::Movement).sign();
        let values = network.values().reach(Reach::Movement).sign();
        door.post(&[network.inception.clone(), profile, values]).expect("the node takes them");
    }
    for pair in networks.windows(2) {
        let tie = pair[0].tie(&[&pair[1]]).reach(Reach::Movement).sign();
        let accept = pair[1].accept(&tie).home("gb-bristol").reach(Reach::Movement).sign();
        door.post(&[tie, accept]).expect("the node takes them");
    }
    (cluster, networks)
}

/// Rows: 0.6.
#[test]
fn the_weave_is_shown_and_narrow_bridges_only_to_those_concerned() {
    let (cluster, networks) = stage();
    let node = &cluster[0];
    let weave = answer(node, &["weave", "show"]);
    assert_eq!(weave["networks"].as_array().map(Vec::len), Some(7));
    assert_eq!(weave["ties"].as_array().map(Vec::len), Some(6));
    let dot = node.weft(["weave", "show", "--dot"]).run().success().stdout.clone();
    assert!(dot.starts_with("graph weave {") && dot.matches(" -- ").count() == 6, "{dot}");
    let none = answer(node, &["weave", "bridges"]);
    assert_eq!((none["bridges"].as_array().map(Vec::len), &none["others"]), (Some(0), &1.into()));
    let of = networks[0].id().to_string();
    let seen = answer(node, &["weave", "bridges", "--network", &of]);
    let bridge = &seen["bridges"][0];
    assert_eq!((&bridge["ties"], &bridge["carriers"]), (&1.into(), &1.into()));
    let suggested = answer(node, &["weave", "suggest", "--network", &of, "--with", "us-wa"]);
    let concerns = |tie: &Value| [&tie["a"], &tie["b"]].iter().any(|net| **net == of.as_str());
    let all = suggested.as_array().expect("a list");
    assert!(!all.is_empty(), "a second tie would let the far side join: {suggested}");
    assert!(all.iter().all(|s| s["ties"].as_array().unwrap().iter().all(concerns)), "{suggested}");
}

/// Rows: 4.2, 4.3, 4.4.
#[test]
fn values_are_placed_shared_and_compared_in_words() {
    let (cluster, networks) = stage();
    let node = &cluster[0];
    let circle = answer(node, &["values", "circle"]);
    let all = circle.as_array().expect("a list");
    assert_eq!(all.len(), 7);
    assert!(all.iter().all(|of| of["direction"].is_i64() && of["amplitude"].is_i64()), "{circle}");
    let [one, other] = [0, 1].map(|n: usize| networks[n].id().to_string());
    let shared = answer(node, &["values", "shared", &one, &other]);
    assert_eq!(shared["correlation"], 10_000, "they declare the same: {shared}");
    let said = node.weft(["values", "shared", &one, &other]).run().success().stdout.clone();
    assert!(said.starts_with("You both put "), "{said}");
    let said = node.weft(["values", "shared", &one, &other, "--lang", "es"]).run();
    assert!(said.success().stdout.starts_with("Ambas ponen"), "{said}");
    let gap = answer(node, &["values", "gap", "--network", &one]);
    assert_eq!(gap["all"], Value::Null, "nobody has said what they think of the others");
    let told = node.weft(["values", "gap", "--network", &one]).run();
    assert!(told.success().stderr.contains("at least 5"), "{told}");
    let allies = answer(node, &["values", "allies", "--network", &one]);
    let named = allies.as_array().expect("a list").iter().map(|ally| text(&ally["net"]));
    let far = networks[6].id().to_string();
    assert_eq!(named.collect::<Vec<_>>(), [far], "the one that is elsewhere: {allies}");
}

/// Says that nobody has to read JSON, or a figure finer than people rate.
#[track_caller]
fn reads_well(shown: &str) {
    assert!(!shown.contains(['{', '"']), "no words: {shown}");
    let fine = shown.match_indices('.').any(|(at, _)| {
        let digits = shown[at + 1..].chars().take_while(char::is_ascii_digit);
        digits.count() > 1
    });
    assert!(!fine, "too fine a figure: {shown}");
}

/// Rows F13, F58 and F63.
#[test]
fn values_are_said_in_words_and_nothing_is_promised_that_is_not_kept() {
    let (cluster, networks) = stage();
    let node = &cluster[0];
    let ours = crate::bridge_story::found(node, "River Care");
    let declare = ["values", "declare", "--method", "board", "UN=6", "SD=2", "TR=5", "BE=6"];
    answer(node, &declare);
    let others = ["--others", "--field", "racial-social-justice"];
    answer(node, &[&declare[..], &others].concat());
    let other = networks[0].id().to_string();
    for (lang, field, own) in [
        ("en", "the others in racial-social-justice", "itself"),
        ("es", "de las demás en racial-social-justice", "de sí misma"),
    ] {
        let asked = |words: &[&str]| {
            let asked = words.iter().copied().chain(["--lang", lang]);
            let run = node.weft(asked).run();
            reads_well(&run.success().stdout);
            run.stdout
        };
        let shown = asked(&["values", "show"]);
        assert!(shown.contains(field) && shown.contains(own), "{shown}");
        assert!(asked(&["values", "circle"]).contains('°'));
        let compared = asked(&["values", "compare", &ours, &other]);
        let heading = compared.lines().next().unwrap_or_default();
        for name in ["River Care (", "Neighbours of the river ("] {
            assert!(heading.contains(name), "a name is no heading in capitals: {compared}");
        }
        asked(&["values", "gap"]);
    }
    let help = node.weft(["values", "gap", "--help"]).run();
    assert!(help.success().stdout.contains("as public as all that it declares"), "{help}");
}

/// Rows: 3.28, 4.8.
#[test]
fn what_networks_think_of_the_others_is_laid_beside_what_those_say() {
    let (cluster, networks) = stage();
    let node = &cluster[0];
    let [first, last] = [0, 5].map(|n: usize| networks[n].id().to_string());
    // Five think that the others care for power more than for people.
    let worse = |kind: ValueType| match kind {
        ValueType::Un | ValueType::Be => 2,
        ValueType::Po | ValueType::Ac => 6,
        _ => 4,
    };
    for network in &networks[..5] {
        let Body::Values(own) = network.values().draft().body else { panic!("values") };
        let rated = |kind: ValueType| (kind, Rating::try_from(worse(kind)).expect("a rating"));
        let ratings = ValueType::ALL.into_iter().map(rated).collect();
        let view = Values { subject: Subject::Others, ratings, ..own };
        let until = now() + Duration::from_secs(86_400 * 30);
        let view = network.say(Body::Values(view)).until(until).reach(Reach::Movement).sign();
        node.door().post(&[view]).expect("the node takes it");
    }
    let gap = answer(node, &["values", "gap", "--network", &first]);
    let all = &gap["all"];
    assert_eq!((&all["declared"], &all["views"], &all["under"]), (&7.into(), &5.into(), &5.into()));
    assert_eq!((&gap["own"][0]["net"], &gap["own"][0]["others"]), (&first.into(), &6.into()));
    let none = answer(node, &["values", "gap", "--network", &last]);
    assert_eq!(none["own"], serde_json::json!([]), "nobody's view is shown to another: {none}");

    // One more says it at the terminal.
    let mut declare = vec!["values", "declare", "--others", "--method", "assembly"];
    declare
        .extend(["UN=2", "SD=4", "ST=4", "HE=4", "AC=6", "PO=6", "SE=4", "CO=4", "TR=4", "BE=2"]);
    let ours = crate::bridge_story::found(node, "River");
    answer(node, &declare);
    let told = node.weft(["values", "gap", "--network", &ours]).run();
    let words = "Compared with 7 others: they care more about what lies beyond themselves";
    assert!(told.success().stdout.contains(words), "{told}");
    reads_well(&told.stdout);
    assert_eq!(answer(node, &["values", "gap"])["all"]["views"], 6);
}

#[test]
fn s2_3_members_of_several_alliances_are_one_voice() {
    let (cluster, networks) = stage();
    let node = &cluster[0];
    let mut door = cluster[0].door();
    let (alliances, members) = (&networks[..2], &networks[2..5]);
    for (member, of) in [(0, 0), (0, 1), (1, 0), (2, 1)] {
        let (member, alliance): (&Network, &Network) = (&members[member], &alliances[of]);
        let tie = member.tie_of(TieKind::MemberOf, &[alliance]).sign();
        let said = [tie.clone(), alliance.accept(&tie).sign()];
        door.post(&said).expect("the node takes them");
    }
    let claim = members[1].tie_of(TieKind::MemberOf, &[&alliances[1]]).sign();
    door.post(&[claim]).expect("the node takes it");
    let overlaps = answer(node, &["weave", "overlaps"]);
    let all = overlaps.as_array().expect("a list");
    assert_eq!(all.len(), 1, "a claim makes no member: {overlaps}");
    assert_eq!(all[0]["net"], members[0].id().to_string());
    assert_eq!(all[0]["member_of"].as_array().map(Vec::len), Some(2));
    let of = alliances[0].id().to_string();
    let only = answer(node, &["weave", "overlaps", "--of", &of]);
    assert_eq!(only, serde_json::json!([]));
    let shown = node.weft(["weave", "overlaps", "--lang", "es"]).run();
    assert!(shown.success().stdout.contains("MIEMBRO DE"), "{shown}");
}
