//! Solidarity between networks of different fields, by real processes: what is asked, offered and
//! held is found, and who answers is thanked.

use std::time::Duration;

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};

use crate::cluster_world::{SOON, a_second_passes, answer, now, sees, text, typed};

/// The region of all nodes here.
const LONDON: &str = "gb-london";

/// Founds a network that works on a field, in a sector.
fn found(node: &Node, name: &str, field: &str, sector: &str) -> String {
    let found = ["network", "found", "--name", name, "--field", field, "--sector", sector];
    text(&answer(node, &found)["net"])
}

/// Rows: 2.14, 3.10, 3.13, 4.13, 4.34.
#[test]
fn a_strike_is_carried_by_networks_of_other_fields_and_they_are_thanked() {
    let mut cluster = Cluster::start(LONDON, 3);
    cluster.connect_in_a_line();
    let (pit, march) = (0, 1);
    found(&cluster[pit], "Valley Lodge", "economic-justice", "labour");
    let friends =
        found(&cluster[march], "Pride Supports the Pits", "racial-social-justice", "civic");
    let call = ["call", "new", "--kind", "action", "--mode", "block", "--risk", "legal"];
    let words = ["--title", "en=We strike", "--title", "es=Estamos en huelga"];
    let demand = ["--demand-to", "The Coal Board", "--field", "economic-justice"];
    let asks = ["--ask", "food-parcels:40", "--ask", "minibus:1"];
    let call = [&call[..], &words, &demand, &asks].concat();
    let call = text(&answer(&cluster[pit], &call)["thing"]);
    sees(&cluster, march, &["call", "show", &call]);
    answer(&cluster[march], &["call", "endorse", &call, "--text", "Your fight is ours"]);
    let offer = ["offer", "new", &call, "--ask", "minibus", "--text", "With our name on it"];
    let offer = text(&answer(&cluster[march], &offer)["thing"]);
    sees(&cluster, pit, &["record", "show", &offer]);
    answer(&cluster[pit], &["offer", "accept", &offer]);
    let delivery = text(&answer(&cluster[march], &["offer", "deliver", &offer])["thing"]);
    sees(&cluster, pit, &["record", "show", &delivery]);
    answer(&cluster[pit], &["offer", "confirm", &delivery]);
    answer(&cluster[pit], &["offer", "thank", &delivery, "--text", "We will march in front"]);

    // Who was not there learns it from anybody who was.
    let witness = cluster.add(LONDON);
    cluster.connect(witness, 2);
    cluster.eventually("a newcomer should know how it went", SOON, || {
        let shown = cluster[witness].weft(["call", "show", &call, "--json"]).run();
        shown.status.success() && shown.json().to_string().contains("We will march in front")
    });
    let shown = answer(&cluster[witness], &["call", "show", &call]);
    let state = &shown["state"];
    assert_eq!((&state["phase"], &state["endorsed"][0]), (&"part-met".into(), &friends.into()));
    let minibus = &state["asks"][1];
    assert_eq!((&minibus["confirmed"], &minibus["remaining"]), (&1.into(), &0.into()), "{state}");
    assert_eq!(state["asks"][0]["remaining"], 40);
    let shown = cluster[witness].weft(["call", "show", &call, "--lang", "es"]).run();
    for words in ["Estamos en huelga", "The Coal Board", "block", "Pride Supports the Pits"] {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
    others_refuse_to_handle(&cluster, witness);
}

/// Shop workers refuse to handle goods, and two networks of other fields stand behind them.
fn others_refuse_to_handle(cluster: &Cluster, shop: usize) {
    found(&cluster[shop], "Till Workers", "economic-justice", "labour");
    let call = ["call", "new", "--kind", "action", "--mode", "block", "--risk", "legal"];
    let words = ["--title", "We do not handle these goods", "--field", "racial-social-justice"];
    let call = text(&answer(&cluster[shop], &[&call[..], &words].concat())["thing"]);
    for n in [0, 1] {
        sees(cluster, n, &["call", "show", &call]);
        answer(&cluster[n], &["call", "endorse", &call]);
    }
    cluster.eventually("both should be heard", SOON, || {
        let shown = answer(&cluster[shop], &["call", "show", &call]);
        shown["state"]["endorsed"].as_array().is_some_and(|all| all.len() == 2)
    });
    assert_eq!(answer(&cluster[shop], &["call", "reach", &call])["voices"], 3);
}

/// Returns the titles of what a list says, in its order.
fn titles(node: &Node, list: &[&str]) -> Vec<String> {
    let listed = answer(node, list);
    let all = listed.as_array().unwrap_or_else(|| panic!("a list: {listed}"));
    all.iter().map(|one| text(&one["body"]["title"]["en"])).collect()
}

/// Rows: 0.19, 0.23, 2.4, 2.16, 4.12, 4.32.
#[test]
fn open_calls_are_found_by_field_by_place_and_by_region() {
    let cluster = Cluster::start(LONDON, 2);
    cluster.connect(0, 1);
    let (one, other) = (&cluster[0], &cluster[1]);
    found(one, "River", "housing", "civic");
    let grid = [
        ("need", "housing", "GB-BST"),
        ("offer", "housing", "US-WA"),
        ("need", "climate", "GB-BST"),
        ("offer", "climate", "US-WA"),
    ];
    let title = |(kind, field, place): (&str, &str, &str)| format!("{kind} {field} {place}");
    let calls = grid.map(|cell @ (kind, field, place)| {
        let title = title(cell);
        let new = ["call", "new", "--kind", kind, "--field", field, "--place", place];
        let more = ["--title", &title, "--ask", "beds:2"];
        let call = text(&answer(one, &[&new[..], &more].concat())["thing"]);
        a_second_passes(&cluster);
        call
    });
    let list = |more: &[&str]| titles(other, &[&["call", "list"][..], more].concat());
    let newest_first: Vec<String> = grid.iter().rev().map(|cell| title(*cell)).collect();
    cluster.eventually("all should be heard", SOON, || list(&[]) == newest_first);
    for field in ["housing", "climate"] {
        assert_eq!(list(&["--field", field]).len(), 2);
        for (place, within) in [("GB", "GB-BST"), ("US-WA", "US-WA")] {
            let kind = if place == "GB" { "need" } else { "offer" };
            let found = list(&["--field", field, "--place", place]);
            assert_eq!(found, [title((kind, field, within))]);
            assert_eq!(list(&["--place", place, "--region", LONDON]).len(), 2);
        }
    }
    assert!(list(&["--region", "us-wa"]).is_empty() && list(&["--place", "GB-LND"]).is_empty());
    met_calls_leave_the_list(&cluster, &calls[0], &title(grid[0]));
}

/// A call that is met is among those that are over; and a profile is listed where it may be read.
fn met_calls_leave_the_list(cluster: &Cluster, call: &str, title: &str) {
    let (one, other) = (&cluster[0], &cluster[1]);
    let own = ["network", "found", "--name", "Harbour", "--reach", "own"];
    let harbour = text(&answer(other, &own)["net"]);
    let delivery = text(&answer(other, &["call", "fulfil", call])["thing"]);
    sees(cluster, 0, &["record", "show", &delivery]);
    answer(one, &["offer", "confirm", &delivery]);
    let open = |node: &Node| titles(node, &["call", "list"]).contains(&title.to_owned());
    cluster.eventually("what is met should leave the list", SOON, || !open(one) && !open(other));
    assert!(titles(other, &["call", "list", "--all"]).contains(&title.to_owned()));

    let listed = |node: &Node| {
        let networks = answer(node, &["network", "list"]);
        let all = networks.as_array().cloned().unwrap_or_default();
        all.into_iter().find(|net| net["net"] == harbour.as_str()).unwrap_or_default()
    };
    assert_eq!(listed(one)["net"], harbour.as_str(), "who answers a call is known");
    assert_eq!(listed(one)["profile"], Value::Null, "it has not chosen to be listed");
    answer(other, &["profile", "set", "--reach", "region"]);
    cluster.eventually("it should be listed now", SOON, || !listed(one)["profile"].is_null());
}

/// Rows: 0.4, 0.17, 2.21, 3.1.
#[test]
fn a_hub_says_its_fields_and_sectors_to_everyone() {
    let cluster = Cluster::start(LONDON, 2);
    cluster.connect(0, 1);
    let (one, other) = (&cluster[0], &cluster[1]);
    let fields = [
        "political-reform",
        "civic-engagement",
        "bridging",
        "racial-social-justice",
        "economic-justice",
        "climate-environment",
        "other:housing",
    ];
    let sectors = ["civic", "cultural", "labour", "academic", "faith"];
    let mut new = vec!["network", "found", "--name", "Hub", "--kind", "hub", "--place", "GB-LND"];
    new.extend(fields.iter().flat_map(|field| ["--field", *field]));
    new.extend(sectors.iter().flat_map(|sector| ["--sector", *sector]));
    let hub = text(&answer(one, &new)["net"]);
    cluster.eventually("the profile should come", SOON, || {
        let shown = other.weft(["network", "show", &hub, "--json"]).run();
        shown.status.success() && !shown.json()["profile"].is_null()
    });
    let shown = answer(other, &["network", "show", &hub]);
    let profile = &shown["profile"]["body"];
    assert_eq!(profile["kind"], "hub");
    assert_eq!(profile["fields"], serde_json::json!(fields));
    assert_eq!(profile["sectors"], serde_json::json!(sectors));
    let shown = other.weft(["network", "show", &hub]).run();
    assert!(shown.success().stdout.contains("other:housing"), "{shown}");
    // A network that takes another name stays the same network.
    answer(one, &["profile", "set", "--name", "Hub and Forum"]);
    cluster.eventually("the new name should come", SOON, || {
        answer(other, &["network", "show", &hub])["profile"]["body"]["name"]["en"]
            == "Hub and Forum"
    });
}

/// Rows: 2.13, 2.18, 3.26, 4.32.
#[test]
fn gatherings_and_their_minutes_are_found_by_field_and_by_what_they_are_part_of() {
    let cluster = Cluster::start(LONDON, 2);
    cluster.connect(0, 1);
    let (one, other) = (&cluster[0], &cluster[1]);
    found(one, "River", "housing", "civic");
    let start = typed(now() - Duration::from_secs(1800));
    let new = ["gathering", "new", "--start", &start, "--access", "Step-free"];
    let spoken = ["--language", "en", "--language", "es", "--kind", "call", "--field", "housing"];
    let title = ["--title", "All who work on housing"];
    let whole = text(&answer(one, &[&new[..], &spoken, &title].concat())["thing"]);
    let part = ["--title", "A part of it", "--field", "climate", "--part-of", &whole];
    let training = ["--kind", "training"];
    answer(one, &[&new[..], &training, &part].concat());
    answer(one, &["gathering", "minutes", &whole, "--summary", "Forty homes stand empty"]);
    let count = |more: &[&str]| {
        let listed = answer(other, &[&["gathering", "list"][..], more].concat());
        listed.as_array().map_or(0, Vec::len)
    };
    cluster.eventually("both, and the minutes, should come", SOON, || {
        count(&["--all"]) == 2 && count(&["--minutes"]) == 1
    });
    let lists: [(&[&str], usize); 6] = [
        (&["--all", "--field", "housing"], 1),
        (&["--all", "--field", "climate"], 1),
        (&["--all", "--part-of", &whole], 1),
        (&["--all", "--region", "us-wa"], 0),
        (&["--minutes", "--field", "housing", "--region", LONDON], 1),
        (&["--minutes", "--field", "climate"], 0),
    ];
    for (more, found) in lists {
        assert_eq!(count(more), found, "{more:?}");
    }
    let shown = other.weft(["gathering", "show", &whole]).run();
    for words in ["Step-free", "en, es", "Forty homes stand empty"] {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
}

/// Rows: 0.18, 2.15.
#[test]
fn an_alert_is_told_at_once_to_who_watches_and_lives_two_weeks_at_most() {
    let cluster = Cluster::start(LONDON, 2);
    cluster.connect(0, 1);
    let (one, other) = (&cluster[0], &cluster[1]);
    found(one, "River", "housing", "civic");
    let mut watch = other.watch();
    watch.until(SOON, |event| event["event"] == "watching");
    let alert = ["call", "new", "--kind", "alert", "--urgency", "now", "--title", "Come now"];
    let long = one.weft(alert.into_iter().chain(["--until", "15d"])).run();
    assert!(long.fails_with(2).stderr.contains("at most 14 days"), "{long}");
    let alert = answer(one, &alert);
    let told = watch.until(SOON, |event| event["event"] == "stored" && event["id"] == alert["id"]);
    assert_eq!(told["kind"], "call", "what a program that waits for it needs: {told}");
    let listed = other.weft(["call", "list"]).run();
    assert!(listed.success().stdout.contains("unconfirmed"), "{listed}");

    // What one's own draft appeals to is weighed for oneself alone, and nothing is refused for it.
    let torn = ["call", "new", "--title", "Join, and win", "--value", "BE", "--value", "PO"];
    let torn = one.weft(torn).run();
    assert!(torn.success().stderr.contains("tends to weaken the other"), "{torn}");
    let whole = one.weft(["call", "new", "--title", "Join us", "--value", "BE", "--value", "UN"]);
    let whole = whole.run();
    assert!(!whole.success().stderr.contains("weaken"), "{whole}");
}
