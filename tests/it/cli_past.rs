//! What is over: one's own is listed, shown and exported; what others have erased is said to be so; who
//! has lost a mandate is told when and what to do.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use weft_protocol::record::{Unverified, sequence};
use weft_tests::cluster::{Cluster, Node};

use crate::cluster_world::{SOON, an_hour_ago, answer, now, pair, sees, soon, text, typed};

/// Founds a network where nobody else is connected.
fn found(node: &Node, name: &str) -> String {
    text(&answer(node, &["network", "found", "--name", name])["net"])
}

/// The titles of the calls that a list has.
fn titles(node: &Node, list: &[&str]) -> Vec<String> {
    let listed = answer(node, list);
    let all = listed.as_array().cloned().unwrap_or_default();
    all.iter().map(|call| text(&call["body"]["title"]["en"])).collect()
}

#[test]
fn an_expired_call_of_ones_own_stays_listed_shown_and_exported_until_it_is_given_up() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    found(&cluster[0], "Harbour Care");
    let new = ["call", "new", "--title", "Beds", "--ask", "beds:20", "--until", &soon()];
    let call = text(&answer(&cluster[0], &new)["thing"]);
    cluster.eventually("it should be over", SOON, || {
        titles(&cluster[0], &["call", "list"]).is_empty()
    });
    let is_there = |node: &Node| titles(node, &["call", "list", "--all"]) == ["Beds"];
    assert!(is_there(&cluster[0]), "--all has what is expired");
    let shown = cluster[0].weft(["call", "show", &call[..10]]).run();
    for words in ["Beds", "expired", "20"] {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
    let why = cluster[0].weft(["policy", "explain", &call[..10]]).run();
    assert!(why.success().stdout.contains("Its time is over"), "{why}");
    let file = cluster[0].sandbox().path("ours.weft").display().to_string();
    cluster[0].weft(["export", "--out", &file]).run().success();
    let bytes = fs::read(&file).expect("the export is there");
    let records = sequence(&bytes).map(|item| Unverified::decode(item.expect("a record")));
    let records = records.map(|record| record.expect("decodes").assume_verified());
    assert!(records.map(|record| record.thing().to_string()).any(|thing| thing == call));

    for (forget, stays) in [(false, true), (true, false)] {
        cluster[0].stop();
        let compact = ["store", "compact", "--forget-own", "--yes"];
        let asked = cluster[0].weft(compact[..3].iter().copied()).run();
        let counted = "1 record that your own network has signed and is over";
        assert!(asked.fails_with(4).stderr.contains(counted), "{asked}");
        let compact = if forget { &compact[..] } else { &compact[..2] };
        cluster[0].weft(compact.iter().copied()).run().success();
        cluster[0].start();
        assert_eq!(is_there(&cluster[0]), stays, "--forget-own: {forget}");
    }
}

/// Waits until something that a list has without `--all` is no more in it, and returns what `--all` says
/// of it.
fn past(cluster: &Cluster, n: usize, list: &[&str], thing: &str) -> Value {
    let all = [list, &["--all"]].concat();
    let find = |list: &[&str]| {
        let listed = answer(&cluster[n], list);
        let found = listed.as_array().into_iter().flatten().find(|one| one["thing"] == thing);
        found.cloned()
    };
    cluster.eventually(&format!("{list:?} should not have what is over"), SOON, || {
        find(list).is_none()
    });
    find(&all).unwrap_or_else(|| panic!("node {n}: {all:?} has no {thing}"))
}

#[test]
fn whatever_is_over_of_ones_own_is_in_the_lists_of_all_and_shown() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    let net = text(&answer(one, &["network", "found", "--name", "Harbour Care"])["net"]);
    let docks = text(&answer(other, &["network", "found", "--name", "Docks"])["net"]);
    sees(&cluster, 0, &["network", "show", &docks]);
    sees(&cluster, 1, &["network", "show", &net]);
    let made = |words: &[&str]| {
        let until = soon();
        text(&answer(one, &[words, &["--until", &until]].concat())["thing"])
    };
    let agree = ["tie", "propose", "--kind", "agreement", "--with", &docks, "--summary"];
    let unsigned = made(&[&agree[..], &["Only said"]].concat());
    let tie = made(&[&agree[..], &["We help each other"]].concat());
    sees(&cluster, 1, &["tie", "show", &tie]);
    answer(other, &["tie", "accept", &tie, "--until", &soon()]);
    let plan = ["proposal", "new", "--to", &tie, "--title", "A plan", "--text", "All of it"];
    let closes = typed(now() + Duration::from_secs(5));
    let plan = made(&[&plan[..], &["--closes", &closes]].concat());
    let start = typed(an_hour_ago());
    let forum = ["gathering", "new", "--title", "Forum", "--start", &start, "--length", "30min"];
    let forum = made(&forum);
    let concern = made(&["concern", "raise", &forum, "--text", "No ramp", "--public"]);
    let told = ["disclosure", "new", "--kind", "report", "--text", "Our year"];
    let told = made(&told);
    let minutes = ["gathering", "minutes", &forum, "--text", "We met"];
    let minutes = made(&minutes);
    let market = ["gathering", "new", "--title", "Market", "--start", &start, "--length", "20min"];
    let market = made(&market);
    let lasting = ["gathering", "minutes", &market, "--text", "We stayed", "--until", "30d"];
    let lasting = text(&answer(one, &lasting)["thing"]);

    for (list, thing, title) in [
        (["tie", "list"], &tie, "We help each other"),
        (["proposal", "list"], &plan, "A plan"),
        (["gathering", "list"], &forum, "Forum"),
        (["disclosure", "list"], &told, "Our year"),
        (["concern", "list"], &concern, "No ramp"),
    ] {
        past(&cluster, 0, &list, thing);
        let all = one.weft([&list[..], &["--all"]].concat()).run();
        assert!(all.success().stdout.contains(title), "{all}");
        let shown = one.weft([list[0], "show", &thing[..12]]).run();
        assert!(shown.success().stdout.contains(title), "{shown}");
        if list[0] != "disclosure" {
            assert!(shown.stdout.contains("expired"), "{shown}");
            assert_eq!(past(&cluster, 0, &list, thing)["state"]["phase"], "expired");
        }
    }
    past(&cluster, 0, &["gathering", "list"], &market);
    let listed = answer(one, &["gathering", "list", "--minutes"]);
    let lives = listed.as_array().into_iter().flatten().any(|one| one["thing"] == json!(lasting));
    assert!(lives, "minutes outlive their gathering: {listed}");
    let shown = one.weft(["gathering", "show", &market]).run();
    assert!(shown.success().stdout.contains("We stayed"), "{shown}");
    // They were written last, and are over last.
    cluster.eventually("its minutes should stay with it", SOON, || {
        let shown = one.weft(["gathering", "show", &forum]).run();
        let listed = answer(one, &["gathering", "list", "--minutes"]);
        let is_there = |one: &Value| one["thing"] == json!(minutes);
        let listed = listed.as_array().is_some_and(|all| all.iter().any(is_there));
        shown.success().stdout.contains("We met") && listed
    });
    // Who accepted a tie has it as its own past too, and what was only proposed to it has not.
    assert_eq!(past(&cluster, 1, &["tie", "list"], &tie)["state"]["phase"], "expired");
    let there = answer(other, &["tie", "list", "--all"]);
    let is_there = |thing: &str| there.as_array().unwrap().iter().any(|one| one["thing"] == thing);
    assert!(is_there(&tie) && !is_there(&unsigned), "{there}");
}

#[test]
fn an_offer_of_ones_own_stays_listed_when_the_call_is_gone() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "Harbour Care"]);
    answer(other, &["network", "found", "--name", "Docks"]);
    let new = ["call", "new", "--title", "Beds", "--ask", "beds:20", "--until", &soon()];
    let call = text(&answer(one, &new)["thing"]);
    sees(&cluster, 1, &["call", "show", &call]);
    let offer = ["offer", "new", &call, "--ask", "beds", "--amount", "5"];
    let offer = text(&answer(other, &offer)["thing"]);
    let all = ["offer", "list", "--all"];
    cluster.eventually("the offer should be over with the call", SOON, || {
        answer(other, &all)[0]["state"]["phase"] == "expired"
    });
    let listed = answer(other, &all);
    assert_eq!((&listed[0]["thing"], &listed[0]["state"]["call"]), (&json!(offer), &json!(call)));
    assert_eq!(listed[0]["state"]["amount"], 5);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "once: {listed}");
    // Of what it was an offer only the call had said; the number alone would be of anything.
    for (lang, words) in [("en", "5 of what was asked for"), ("es", "5 de lo que se pedía")] {
        let shown = other.weft(all.into_iter().chain(["--lang", lang])).run();
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
    let shown = other.weft(all).run();
    assert!(shown.success().stdout.contains("expired"), "{shown}");
    // Who called sees as well that nobody can take it any more.
    cluster.eventually("it should be over for the caller too", SOON, || {
        answer(one, &all)[0]["state"]["phase"] == "expired"
    });
    for (lang, words) in [
        ("en", ["No such offer is open", "Add --all to see also what is over"]),
        ("es", ["No hay ninguna oferta así abierta", "Añada --all para ver también lo que"]),
    ] {
        let now = other.weft(["offer", "list", "--lang", lang]).run();
        for words in words {
            assert!(now.success().stderr.contains(words), "{words}: {now}");
        }
    }
}

#[test]
fn values_that_were_replaced_or_are_over_are_in_the_list_of_all() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    found(node, "Harbour Care");
    for (rating, until) in
        [("UN=7", soon()), ("UN=6", "30d".to_owned()), ("UN=5", "30d".to_owned())]
    {
        let declare = ["values", "declare", "--method", "assembly", rating, "--until", &until];
        answer(node, &declare);
    }
    let phases = |all: &[&str]| {
        let listed = answer(node, &[&["values", "show"], all].concat());
        let listed = listed.as_array().cloned().unwrap_or_default();
        let rating = |one: &Value| one["body"]["ratings"]["UN"].as_i64();
        let said = |one: &Value| (rating(one), text(&one["state"]["phase"]));
        listed.iter().map(said).collect::<BTreeMap<_, _>>()
    };
    let said = |phases: &[(i64, &str)]| {
        phases.iter().map(|(rating, phase)| (Some(*rating), (*phase).to_owned())).collect()
    };
    let all: BTreeMap<_, _> = said(&[(7, "expired"), (6, "replaced"), (5, "current")]);
    assert_eq!(phases(&[]), said(&[(5, "current")]));
    cluster.eventually("the first should be over", SOON, || phases(&["--all"]) == all);
    let shown = node.weft(["values", "show", "--all"]).run();
    for words in ["expired", "no longer counts"] {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
}

#[test]
fn who_looks_for_what_its_author_has_erased_is_told_so() {
    let cluster = pair();
    answer(&cluster[0], &["network", "found", "--name", "Harbour Care"]);
    let call = text(&answer(&cluster[0], &["call", "new", "--title", "Beds"])["thing"]);
    sees(&cluster, 1, &["call", "show", &call]);
    answer(&cluster[0], &["erase", &call, "--yes"]);
    cluster.eventually("it should be erased", SOON, || {
        !cluster[1].weft(["call", "show", &call]).run().status.success()
    });
    for shown in [["call", "show"], ["record", "show"]] {
        let run = cluster[1].weft([&shown[..], &[&call[..]]].concat()).run();
        assert!(run.fails_with(3).stderr.contains("has erased it"), "{run}");
    }
}

#[test]
fn a_role_that_has_ended_is_named_with_who_gave_it_and_is_renewed_by_its_label() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    found(node, "Harbour Care");
    let key = text(&answer(node, &["member", "request", "--label", "shortie"])["key"]);
    let offer =
        ["role", "offer", &key, "--label", "shortie", "--power", "call", "--until", &soon()];
    answer(node, &offer);
    answer(node, &["role", "accept", "shortie", "--as", "role-shortie"]);
    let new = ["call", "new", "--as", "role-shortie", "--title", "Beds"];
    let short = node.weft([&new[..], &["--until", "30d"]].concat()).run();
    assert!(short.success().stderr.contains("that is when your role ends"), "{short}");
    let listed = |all: &[&str]| answer(node, &[&["role", "list"], all].concat());
    cluster.eventually("the role should end", SOON, || listed(&[]) == serde_json::json!([]));
    assert_eq!(listed(&["--all"])[0]["state"]["phase"], "expired");
    let late = node.weft(new).run();
    for words in ["Your role 'shortie' ended", "Harbour Care", "weft role renew shortie"] {
        assert!(late.fails_with(4).stderr.contains(words), "{words}: {late}");
    }
    let renewed =
        node.weft(["role", "renew", "shortie", "--as", "network", "--until", "60d"]).run();
    assert!(renewed.success().stderr.contains("weft role accept"), "{renewed}");
    answer(node, &["role", "accept", "shortie", "--as", "role-shortie"]);
    assert_eq!(listed(&[])[0]["state"]["phase"], "active");
    answer(node, &new);
    answer(node, &["role", "withdraw", "shortie", "--as", "network"]);
    assert_eq!(listed(&[]), serde_json::json!([]));
}

#[test]
fn what_was_said_of_others_is_answered_by_what_follows() {
    let cluster = pair();
    answer(&cluster[0], &["network", "found", "--name", "Harbour Care"]);
    let docks = text(&answer(&cluster[1], &["network", "found", "--name", "Docks"])["net"]);
    sees(&cluster, 0, &["network", "show", &docks]);
    let said = |verb: &[&str]| cluster[0].weft([&["policy"], verb].concat()).run();
    let of = ["--network", "Docks", "--reason", "too loud"];
    let muted = said(&[&["mute"], &of[..]].concat());
    let words = "Muted: what Docks";
    assert!(muted.success().stderr.contains(words), "{muted}");
    assert!(muted.stderr.contains("already"), "what is here is counted: {muted}");
    let why = said(&["explain", "Docks"]);
    assert!(why.success().stdout.contains("Docks"), "by its name: {why}");
    let back = said(&["remove", "--network", "Docks"]);
    assert!(back.success().stderr.contains("Taken back"), "{back}");
    let kind = said(&["mute", "--kind", "call", "--reason", "a quiet week"]);
    assert!(kind.success().stderr.contains("every call"), "{kind}");
}

#[test]
fn values_that_are_too_few_or_all_alike_are_said_to_be_so() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "Harbour Care"]);
    answer(other, &["network", "found", "--name", "Bakers"]);
    let declare = ["values", "declare", "--method", "assembly"];
    let all = |rating: &str| {
        ["UN", "SD", "ST", "HE", "AC", "PO", "SE", "CO", "TR", "BE"]
            .map(|v| format!("{v}={rating}"))
    };
    let few = other.weft([&declare[..], &["UN=6", "SD=2", "TR=5", "BE=6", "PO=-1"]].concat()).run();
    assert!(few.success().stderr.contains("5 are rated"), "{few}");
    sees(&cluster, 0, &["network", "show", "Bakers"]);
    let nothing = one.weft(["values", "shared", "us", "Bakers"]).run();
    assert!(nothing.fails_with(3).stderr.contains("has not declared"), "{nothing}");
    answer(
        one,
        &[&declare[..], &["UN=7", "SD=5", "ST=3", "HE=3", "AC=3", "PO=1", "SE=4", "BE=7"]].concat(),
    );
    cluster.eventually("it should be heard", SOON, || {
        one.weft(["values", "shared", "us", "Bakers"]).run().stderr.contains("rated 5 of the ten")
    });
    let alike = all("4");
    let alike: Vec<&str> = declare.into_iter().chain(alike.iter().map(String::as_str)).collect();
    let alike = other.weft(alike).run();
    assert!(alike.success().stderr.contains("all are rated alike"), "{alike}");
    cluster.eventually("it should be heard", SOON, || {
        let shared = one.weft(["values", "shared", "us", "Bakers"]).run();
        shared.fails_with(3).stderr.contains("kinds of values alike")
    });
    let view = ["--others", "--field", "racial-social-justice", "UN=3", "PO=5"];
    answer(other, &[&declare[..], &view].concat());
    cluster.eventually("it should be listed in words", SOON, || {
        let shown = one.weft(["values", "show"]).run();
        shown.success().stdout.contains("the others in racial-social-justice")
    });
}

#[test]
fn an_empty_list_says_why() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let says = |list: &[&str], words: &str| {
        let run = node.weft(list.iter().copied()).run();
        assert!(run.success().stderr.contains(words), "{words}: {run}");
    };
    says(&["weave", "suggest"], "has no profile");
    found(node, "Harbour Care");
    says(&["weave", "suggest"], "between regions only");
    says(&["weave", "bridges"], "both sides have signed");
    says(&["values", "allies"], "at least 8");
    says(&["values", "show"], "weft values declare");
    says(&["call", "list"], "--all");
    says(&["offer", "list"], "weft offer new");
    says(&["disclosure", "list"], "weft disclosure new");
    for list in ["call", "offer", "tie", "proposal", "gathering", "concern", "disclosure", "values"]
    {
        let list = [list, if list == "values" { "show" } else { "list" }];
        says(&list, "Add --all to see also what is over");
        says(&[&list[..], &["--lang", "es"]].concat(), "Añada --all para ver también");
        let now = node.weft(list).run();
        assert!(!now.stderr.contains("is here"), "what is over may be: {now}");
        let all = node.weft([&list[..], &["--all"]].concat()).run();
        assert!(all.success().stdout.is_empty() && !all.stderr.contains("--all"), "{all}");
        assert!(all.stderr.contains(" is here. "), "{all}");
    }
    let new = ["disclosure", "new", "--kind", "funding", "--text", "Our year"];
    let new = [&new[..], &["--source", "form=dues,share=60,from=Members in sum"]].concat();
    let disclosed = text(&answer(node, &new)["thing"]);
    let shown = node.weft(["disclosure", "show", &disclosed]).run();
    for words in ["Our year", "Members in sum (dues, 60 %)", "Harbour Care"] {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
}

#[test]
fn a_bridge_that_is_set_up_again_has_one_role() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    found(node, "Harbour Care");
    // Whoever says the same twice in one second has said it once; these two are not the same.
    for until in ["90d", "100d"] {
        answer(node, &["bridge", "setup", "--until", until]);
    }
    let roles = answer(node, &["role", "list"]);
    let active = |role: &&Value| role["state"]["phase"] == "active";
    assert_eq!(roles.as_array().expect("a list").iter().filter(active).count(), 1, "{roles}");
    assert_eq!(answer(node, &["role", "list", "--all"]).as_array().map(Vec::len), Some(2));
    let shown = node.weft(["bridge", "show"]).run();
    assert!(shown.success().stdout.contains("Harbour Care"), "it still carries: {shown}");
}
