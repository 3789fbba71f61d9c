//! What a person is told to do next: it can be done, by that person and where they are, and it does not
//! lead back to where they were.

use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::{Output, Sandbox};
use weft_tests::terminal::COLUMNS;

use crate::bridge_story::found;
use crate::cluster_member::member_of;
use crate::cluster_world::{SOON, answer, pair, sees, soon, text};

/// Commands that only the operator may give, at the node itself.
const OPERATORS: [&str; 8] = [
    "weft sync",
    "weft peers",
    "weft newcomer",
    "weft policy",
    "weft store",
    "weft bridge",
    "weft region",
    "weft import",
];

fn said(run: &Output) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

/// Says that a command of a member ends with this code, and names nothing that is not theirs to do.
#[track_caller]
fn names_nothing_of_the_operators(member: &Sandbox, arguments: &[&str], code: i32) {
    for lang in ["en", "es"] {
        let run = member.weft(arguments.iter().copied().chain(["--lang", lang])).run();
        let said = said(run.fails_with(code));
        for theirs in OPERATORS {
            assert!(!said.contains(theirs), "{theirs}: {run}");
        }
    }
}

/// Stumble 10: a member is not sent to what only the operator may do.
#[test]
fn a_member_is_told_nothing_that_only_the_operator_may_do() {
    let cluster = Cluster::start("gb-bristol", 1);
    let address = cluster[0].address().to_owned();
    let (member, _) = member_of(&cluster[0], &address);
    let member = &member;
    names_nothing_of_the_operators(member, &["tie", "propose", "--with", "us"], 2);
    let tie = ["tie", "propose", "--kind", "agreement", "--summary", "Beds", "--with", "Nobody"];
    names_nothing_of_the_operators(member, &tie, 4);
    names_nothing_of_the_operators(member, &["network", "show", "Nobody at all"], 3);
    names_nothing_of_the_operators(member, &["call", "show", "aaaaaaaaaa"], 3);
    names_nothing_of_the_operators(member, &["record", "show", "aaaaaaaaaa"], 3);
    names_nothing_of_the_operators(member, &["role", "withdraw", "nobody"], 3);
    // Nobody else has it yet, and that is not the member's to change.
    let call = ["call", "new", "--kind", "need", "--title", "Beds", "--ask", "beds:2"];
    names_nothing_of_the_operators(member, &call, 0);
    for asked in [["status"].as_slice(), &["doctor"], &["weave", "show"], &["tie", "list"]] {
        names_nothing_of_the_operators(member, asked, 0);
    }
    // Who may is told.
    let operator = cluster[0].weft(call).run();
    assert!(operator.success().stderr.contains("weft peers connect"), "{operator}");
}

/// Stumble 7: who sits at a terminal is not counted as a node, however long they look for their words.
#[test]
fn a_members_terminal_is_no_node() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    let address = node.address().to_owned();
    let (member, _) = member_of(node, &address);
    let asked = member.weft(["call", "list"]).without("WEFT_PASSPHRASE");
    let mut terminal = asked.at_terminal(COLUMNS);
    // Stumble 19: why a key is needed to read is said with the question for its words.
    terminal.shows("also when you only read", SOON).shows("Passphrase", SOON);
    // The terminal may know that it has come before the node counts it.
    cluster.eventually("the node should say who is there, and that it is no node", SOON, || {
        let listed = node.weft(["peers", "list"]).run();
        let all = said(listed.success());
        assert!(all.contains("No other node is connected"), "{listed}");
        all.contains("1 connection has said nothing of itself")
    });
    for asked in ["doctor", "status"] {
        let run = node.weft([asked]).run();
        assert!(said(&run).contains("No other node is connected"), "{run}");
        assert!(!said(&run).contains("no connected node is in it"), "{run}");
    }
    assert!(terminal.answering(weft_tests::sandbox::PASSPHRASE, SOON).status.success());
}

/// Publishes a call that is over soon, and returns its id.
fn short_call(node: &Node, until: &str) -> String {
    let call = ["call", "new", "--kind", "need", "--title", "A tea urn", "--until", until];
    text(&answer(node, &call)["thing"])
}

/// Stumble 4: what is over is said to be over where that is known; of what is not here, nothing is said
/// that may not be so, and nobody is sent in a circle.
#[test]
fn what_is_over_is_said_to_be_over_and_what_is_not_known_is_not_on_its_way() {
    let mut cluster = pair();
    found(&cluster[0], "River Care");
    found(&cluster[1], "Harbour Care");
    let until = soon();
    let call = short_call(&cluster[0], &until);
    let short = call[..10].to_owned();
    let shown = |node: &Node, id: &str| node.weft(["call", "show", id]).run();
    cluster.eventually("the other node should have the call", SOON, || {
        shown(&cluster[1], &short).status.success()
    });
    cluster.eventually("its time should be over", SOON, || {
        shown(&cluster[1], &short).status.code() == Some(3)
    });
    let offer = ["offer", "new", &short, "--text", "We have one"];
    for restarted in [false, true] {
        if restarted {
            cluster[1].stop();
            cluster[1].start();
        }
        let node = &cluster[1];
        for asked in [&["call", "show", &short][..], &["record", "show", &call], &offer] {
            let run = node.weft(asked.iter().copied()).run();
            let all = said(run.fails_with(3));
            assert!(all.contains("That is over") && all.contains("'call'"), "{run}");
            assert!(!all.contains("weft sync"), "{run}");
            let run = node.weft(asked.iter().copied().chain(["--lang", "es"])).run();
            assert!(said(run.fails_with(3)).contains("Eso ha terminado"), "{run}");
        }
    }
    cluster.eventually("its author should still show it", SOON, || {
        let run = shown(&cluster[0], &short);
        run.status.success() && run.stdout.contains("expired")
    });
    let unknown = cluster[1].weft(["call", "show", "aaaaaaaaaa"]).run();
    let all = said(unknown.fails_with(3)).replace('\n', " ");
    for words in ["may not have come yet", "may be over", "of a region that this node is not in"] {
        assert!(all.contains(words), "{words}: {unknown}");
    }
    assert!(!all.contains("weft sync"), "{unknown}");
}

/// Stumble 13: sealed words are seen to be there beside open ones, and open by the id alone.
#[test]
fn sealed_words_are_seen_beside_open_ones_and_open_by_their_id() {
    let cluster = pair();
    found(&cluster[0], "River Care");
    found(&cluster[1], "Harbour Care");
    let call = ["call", "new", "--kind", "need", "--title", "Beds", "--ask", "beds:5"];
    let call = text(&answer(&cluster[0], &call)["thing"]);
    cluster.eventually("the other node should have the call", SOON, || {
        cluster[1].weft(["call", "show", &call]).run().status.success()
    });
    let offer = ["offer", "new", &call, "--text", "Five beds", "--sealed", "Ask at door 4"];
    let offer = text(&answer(&cluster[1], &offer)["thing"]);
    let open = format!("weft open --record {}", &offer[..10]);
    cluster.eventually("the offer should be shown with both", SOON, || {
        let run = cluster[0].weft(["call", "show", &call]).run();
        run.stdout.contains("Five beds") && run.stdout.replace('\n', " ").contains(&open)
    });
    for asked in [&offer[..10], &offer] {
        let opened = cluster[0].weft(["open", asked]).run();
        assert!(opened.success().stdout.contains("Ask at door 4"), "{opened}");
    }
    let unknown = cluster[0].weft(["open", "aaaaaaaaaa"]).run();
    assert!(!said(unknown.fails_with(3)).contains("os error"), "{unknown}");
}

/// Stumble 2: who ends something is told what has ended.
#[test]
fn who_ends_something_is_told_what_it_was() {
    let cluster = pair();
    let node = &cluster[0];
    found(node, "River Care");
    for (verb, lang, title, words) in [
        (["call", "withdraw"].as_slice(), "en", "One urn", "Taken back: call"),
        (&["erase"], "en", "Two urns", "Erased here, and asked of every other node: call"),
        (&["call", "withdraw"], "es", "Tres teteras", "Se retira: llamamiento"),
        (&["erase"], "es", "Diez", "Se borra aquí, y se pide a todos los demás nodos: llamamiento"),
    ] {
        let call = ["call", "new", "--kind", "need", "--title", title, "--ask", "urns:1"];
        let call = text(&answer(node, &call)["thing"]);
        let words = format!("{words} {title} ({})", &call[..10]);
        let run = node.weft(verb.iter().copied().chain([&*call, "--yes", "--lang", lang])).run();
        assert!(run.success().stderr.contains(&words), "{run}");
    }
}

/// Stumble 31: who mistypes a date is told of that alone.
#[test]
fn a_mistyped_date_is_told_before_the_zone() {
    let cluster = Cluster::start("gb-bristol", 1);
    found(&cluster[0], "River Care");
    let gathering = ["gathering", "new", "--title", "Forum", "--dry-run", "--start"];
    let wrong = cluster[0].weft(gathering.into_iter().chain(["next thursday"])).run();
    assert!(!wrong.fails_with(2).stderr.contains("time zone of its own"), "{wrong}");
    let right = cluster[0].weft(gathering.into_iter().chain(["2099-01-08T19:00"])).run();
    assert!(said(&right).contains("time zone of its own"), "{right}");
}

/// Stumble 11: whose a node is stands in the list where a profile says it, and nowhere else; a place that is none
/// is no node's to forget.
#[test]
fn whose_a_node_is_is_shown_where_a_profile_says_it() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    let listed = || one.weft(["peers", "list"]).run().success().stdout.clone();
    let heads = |list: &str| list.lines().next().unwrap_or_default().split_whitespace().count();
    assert_eq!(heads(&listed()), 2, "nobody says whose it is: {}", listed());
    answer(other, &["profile", "set", "--publish", &other.ready().node]);
    cluster.eventually("it should be said whose it is", SOON, || {
        let list = listed();
        heads(&list) == 3 && list.contains("Harbour")
    });
    let forget = one.weft(["peers", "forget", "/nowhere", "--lang", "es"]).run();
    assert!(forget.fails_with(2).stderr.contains("/nowhere"), "{forget}");
    assert!(!forget.stderr.contains("request") && !forget.stderr.contains("looks"), "{forget}");
}

/// Whose keys speak for two networks is told which, and how to say in whose name.
#[test]
fn who_speaks_for_two_networks_is_told_how_to_choose() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    found(one, "River");
    let harbour = found(other, "Harbour");
    sees(&cluster, 0, &["network", "show", &harbour]);
    let key = text(&answer(one, &["member", "request", "--label", "rep"])["key"]);
    let offer = ["role", "offer", &key, "--label", "rep", "--power", "call"];
    let role = text(&answer(other, &offer)["thing"]);
    cluster.eventually("the role should come", SOON, || {
        one.weft(["role", "accept", &role]).run().status.success()
    });
    for lang in ["en", "es"] {
        let run = one.weft(["call", "new", "--title", "Beds", "--lang", lang]).run();
        let said = &run.fails_with(2).stderr;
        assert!(["River", "Harbour", "--for "].iter().all(|word| said.contains(word)), "{run}");
    }
    one.weft(["call", "new", "--title", "Beds", "--for", "Harbour"]).run().success();
}

/// A network whose region is not that of those it meets: what the doctor says to do leads to being heard.
#[test]
fn who_is_at_home_where_nobody_is_can_move_to_the_others_as_the_doctor_says() {
    let mut cluster = Cluster::default();
    let (ana, ben) = (cluster.add("gb-bristol"), cluster.add("gb-cardiff"));
    found(&cluster[ana], "Harbour");
    cluster.connect(ben, ana);
    cluster[ben].weft(["region", "join", "gb-bristol"]).run().success();
    found(&cluster[ben], "Tenants");
    answer(&cluster[ben], &["values", "declare", "--method", "assembly", "UN=7", "SD=5"]);
    cluster.eventually("the doctor should say where the others are", SOON, || {
        let said = cluster[ben].weft(["doctor"]).run().stdout;
        said.contains("Your region is gb-cardiff") && said.contains("region = \"gb-bristol\"")
    });

    cluster[ben].stop();
    let file = cluster[ben].sandbox().home().join("config.toml");
    let text = std::fs::read_to_string(&file).expect("the home has its settings");
    let moved = text.replace("region = \"gb-cardiff\"", "region = \"gb-bristol\"");
    assert_ne!(text, moved);
    std::fs::write(&file, moved).expect("they can be written");
    cluster[ben].start();
    answer(&cluster[ben], &["profile", "set"]);
    answer(&cluster[ben], &["values", "declare", "--method", "assembly", "UN=7", "SD=5"]);
    cluster.eventually("the name should come", SOON, || {
        cluster[ana].weft(["newcomer", "welcome", "Tenants"]).run().status.success()
    });
    answer(&cluster[ben], &["profile", "set", "--purpose", "Homes for all"]);
    let call = called(&cluster[ben], "Beds");
    sees(&cluster, ana, &["call", "show", &call]);
    cluster.eventually("and all that was said again", SOON, || {
        let said = |verb: &str| answer(&cluster[ana], &[verb, "show"]).to_string();
        let network = answer(&cluster[ana], &["network", "show", "Tenants"]).to_string();
        network.contains("Homes for all") && said("values").contains("assembly")
    });
}

/// Signs a call and returns its id.
fn called(node: &Node, title: &str) -> String {
    text(&answer(node, &["call", "new", "--title", title, "--ask", "beds:5"])["thing"])
}
