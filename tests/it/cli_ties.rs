//! Ties with all their terms, and what was offered to a call.

use weft_tests::cluster::{Cluster, Node};

use crate::cluster_world::{SOON, answer, pair, sees, text};

/// Rows: 0.19, 3.3, 3.6, 3.17.
#[test]
fn a_tie_has_all_its_terms_and_ends_after_its_notice() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    let offers = ["--offer", "hall=A hall on Sundays", "--offer", "hall=es=Una sala"];
    let found = ["network", "found", "--name", "River"].into_iter().chain(offers);
    let river = text(&answer(one, &found.collect::<Vec<_>>())["net"]);
    let shown = one.weft(["network", "show", &river, "--lang", "es"]).run();
    assert!(shown.success().stdout.contains("hall: Una sala"), "{shown}");
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);

    let drivers = format!("who={harbour},due=2099-12-24,text=Two drivers, on Fridays");
    let terms = [
        ["--kind", "agreement"],
        ["--with", &harbour],
        ["--summary", "We help each other"],
        ["--summary", "es=Nos ayudamos"],
        ["--commitment", "who=us,text=A hall"],
        ["--commitment", &drivers],
        ["--decision-right", "matter=Money,rule=Both, by consent"],
        ["--disclosure-required", "funding"],
        ["--nonnegotiable", "Nobody is left behind"],
        ["--seats", "1+1"],
        ["--notice-days", "30"],
        ["--review", "300d"],
    ];
    let bare = one.weft(["tie", "propose", "--kind", "agreement", "--with", &harbour]).run();
    assert!(bare.fails_with(2).stderr.contains("--summary"), "plain words are asked for: {bare}");
    let propose: Vec<&str> = ["tie", "propose"].into_iter().chain(terms.concat()).collect();
    let unclear = one.weft(propose.iter().copied().chain(["--commitment", "Two drivers"])).run();
    assert!(unclear.fails_with(2).stderr.contains("who=us"), "{unclear}");
    let tie = text(&answer(one, &propose)["thing"]);
    sees(&cluster, 1, &["tie", "show", &tie]);
    let shown = other.weft(["tie", "show", &tie]).run();
    for words in ["Two drivers, on Fridays", "Both, by consent", "Nobody is left behind", "funding"]
    {
        assert!(shown.success().stdout.contains(words), "{words}: {shown}");
    }
    let shown = other.weft(["tie", "show", &tie, "--lang", "es"]).run();
    assert!(shown.success().stdout.contains("Nos ayudamos"), "{shown}");
    answer(other, &["tie", "accept", &tie]);
    let state = |node: &Node| answer(node, &["tie", "list"])[0]["state"].clone();
    cluster.eventually("the tie should be active", SOON, || state(one)["phase"] == "active");
    let doubtful = other.weft(["tie", "end", &tie]).run();
    let counted = ["--yes", "On it rest: 1 signature of another party."];
    let said = |words: &&str| doubtful.fails_with(4).stderr.contains(*words);
    assert!(counted.iter().all(said), "{doubtful}");
    let spanish = other.weft(["tie", "end", &tie, "--lang", "es"]).run();
    assert!(spanish.fails_with(4).stderr.contains("1 firma de otra parte"), "{spanish}");
    answer(other, &["tie", "end", &tie, "--text", "We go another way", "--yes"]);
    cluster.eventually("the end should be heard of", SOON, || !state(one)["leaving"].is_null());
    assert_eq!(state(one)["leaving"]["net"], harbour.as_str());
    let listed = one.weft(["tie", "list", "--lang", "es"]).run();
    assert!(listed.success().stdout.contains("se va en"), "{listed}");
}

#[test]
fn an_offer_that_is_taken_back_says_to_which_call_it_was() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "River"]);
    answer(other, &["network", "found", "--name", "Harbour"]);
    let call =
        text(&answer(one, &["call", "new", "--title", "Ten beds", "--ask", "beds:10"])["thing"]);
    sees(&cluster, 1, &["call", "show", &call]);
    let offer = text(&answer(other, &["offer", "new", &call, "--amount", "3"])["thing"]);
    let end = answer(other, &["offer", "withdraw", &offer]);
    let target = &end["body"]["targets"][0];
    assert_eq!((text(&target["thing"]), text(&target["about"])), (offer, call));
}

/// A tie to which a proposal is put, with a ballot on it.
fn voted(cluster: &Cluster) -> (String, String) {
    let (one, other) = (&cluster[0], &cluster[1]);
    let harbour = text(&answer(other, &["network", "show", "us"])["net"]);
    sees(cluster, 0, &["network", "show", &harbour]);
    let propose = ["tie", "propose", "--kind", "agreement", "--with", &harbour];
    let tie = [&propose[..], &["--summary", "We help each other"]].concat();
    let tie = text(&answer(one, &tie)["thing"]);
    sees(cluster, 1, &["tie", "show", &tie]);
    answer(other, &["tie", "accept", &tie]);
    cluster.eventually("the tie should be active", SOON, || {
        answer(one, &["tie", "show", &tie])["state"]["phase"] == "active"
    });
    let plan = ["proposal", "new", "--to", &tie, "--title", "A plan", "--text", "All of it"];
    let plan = text(&answer(one, &[&plan[..], &["--closes", "1d"]].concat())["thing"]);
    sees(cluster, 1, &["proposal", "show", &plan]);
    answer(other, &["proposal", "ballot", &plan, "--choice", "consent", "--yes"]);
    (tie, plan)
}

#[test]
fn who_takes_back_what_others_rest_on_is_told_how_much_and_asked() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "River"]);
    answer(other, &["network", "found", "--name", "Harbour"]);
    let call = ["call", "new", "--title", "Ten beds", "--ask", "beds:10"];
    let call = text(&answer(one, &call)["thing"]);
    let alone = text(&answer(one, &["call", "new", "--title", "Nobody answers"])["thing"]);
    let forum = ["gathering", "new", "--title", "Forum", "--start", "30d"];
    let forum = text(&answer(one, &forum)["thing"]);
    sees(&cluster, 1, &["call", "show", &call]);
    let offer = text(&answer(other, &["offer", "new", &call, "--amount", "3"])["thing"]);
    sees(&cluster, 1, &["gathering", "show", &forum]);
    answer(other, &["concern", "raise", &forum, "--text", "No ramp", "--public"]);
    let (tie, plan) = voted(&cluster);
    let asks = |n: usize, command: &[&str], count: &str| {
        cluster.eventually(&format!("{command:?} should count: {count}"), SOON, || {
            let asked = cluster[n].weft(command.iter().copied()).run();
            asked.status.code() == Some(4) && asked.stderr.contains(count)
        });
        // In a trial nobody is asked.
        let dry = cluster[n].weft(command.iter().copied().chain(["--dry-run"])).run();
        dry.success();
    };
    asks(0, &["call", "withdraw", &call], "1 answer of another network");
    asks(0, &["erase", &call], "1 answer of another network");
    asks(0, &["gathering", "cancel", &forum], "1 answer of another network");
    asks(0, &["proposal", "withdraw", &plan], "1 ballot");
    asks(0, &["tie", "end", &tie], "1 signature of another party, 1 open proposal.");
    answer(one, &["offer", "accept", &offer]);
    asks(1, &["offer", "withdraw", &offer], "1 answer of another network");
    answer(one, &["call", "withdraw", &call, "--yes"]);
    // Where nothing rests on it, what can be said anew is taken back without a word.
    answer(one, &["call", "withdraw", &alone]);
}
