//! Gatherings from the terminal, by real processes: series, who facilitates, minutes.

use std::time::Duration;

use weft_tests::cluster::Node;

use crate::cluster_world::{SOON, answer, now, pair, sees, text, typed};

/// Rows: 0.10, 1.12, 2.24, 3.2, 3.27.
#[test]
fn s3_12_facilitation_rotates_and_minutes_are_agreed_by_every_host() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    let river = text(&answer(one, &["network", "found", "--name", "River"])["net"]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    // Weekly: of the first series two meetings are past, of the second three.
    let series = |title: &str, days: u64| {
        let start = typed(now() - Duration::from_secs(days * 86_400));
        let new = ["gathering", "new", "--kind", "forum", "--title", title, "--start", &start];
        let repeat = ["--repeat", "FREQ=WEEKLY;COUNT=20", "--language", "en", "--language", "es"];
        let hosts = ["--host", &harbour, "--facilitator", "us", "--facilitator", &harbour];
        let access = ["--access", "Step-free", "--agenda", "What we learnt"];
        text(&answer(one, &[&new[..], &repeat, &hosts, &access].concat())["thing"])
    };
    let (first, second) = (series("Community forum", 8), series("Learning circle", 15));
    let wrong = ["gathering", "new", "--title", "x", "--start", "1d", "--repeat", "FREQ=SECONDLY"];
    let wrong = one.weft(wrong).run();
    assert!(wrong.fails_with(2).stderr.contains("FREQ is one of"), "{wrong}");
    cluster.eventually("the other should see both", SOON, || {
        answer(other, &["gathering", "list"]).as_array().is_some_and(|all| all.len() == 2)
    });
    for node in [one, other] {
        let next = |id: &str| answer(node, &["gathering", "next", id])[0]["state"]["next"].clone();
        let (first, second) = (next(&first), next(&second));
        assert_eq!((&first["number"], &first["facilitator"]), (&2.into(), &river.as_str().into()));
        assert_eq!(
            (&second["number"], &second["facilitator"]),
            (&3.into(), &harbour.as_str().into())
        );
    }
    let next = other.weft(["gathering", "next", "--lang", "es"]).run();
    assert!(next.success().stdout.contains("FACILITA"), "{next}");

    is_edited_and_exported(one, (&first, &second));

    let minutes = ["gathering", "minutes", &first, "--summary", "We agreed on beds"];
    let more = ["--came", "us", "--came", &harbour, "--action", "who=us,text=Ask the council"];
    let minutes = text(&answer(one, &[&minutes[..], &more].concat())["thing"]);
    let written = |node: &Node| answer(node, &["gathering", "show", &first])["minutes"].clone();
    cluster.eventually("the minutes should come", SOON, || {
        written(other)[0]["state"]["phase"] == "held"
    });
    assert_eq!(written(other)[0]["state"]["unaccepted"][0], harbour.as_str());
    let listed = other.weft(["gathering", "list", "--minutes"]).run();
    assert!(listed.success().stdout.contains("We agreed on beds"), "{listed}");
    let concern = ["concern", "raise", &minutes, "--text", "Not so"];
    let concern = text(&answer(other, &concern)["thing"]);
    cluster.eventually("the concern should stand", SOON, || {
        written(one)[0]["state"]["concerns"].as_array().is_some_and(|concerns| concerns.len() == 1)
    });
    answer(one, &["concern", "answer", &concern]);
    answer(other, &["gathering", "accept", &minutes]);
    cluster.eventually("the minutes should be agreed", SOON, || {
        written(one)[0]["state"]["phase"] == "agreed"
    });
    answer(one, &["gathering", "cancel", &second]);
    let shown = one.weft(["gathering", "show", &second]).run();
    assert!(shown.success().stdout.contains("cancelled"), "{shown}");
}

/// The second of two series is changed, and both are written for calendars.
fn is_edited_and_exported(one: &Node, (first, second): (&str, &str)) {
    let moved = ["gathering", "edit", second, "--access", "Step-free, with interpreters"];
    let moved = answer(one, &moved);
    assert_eq!(
        (&moved["rev"], &moved["body"]["title"]["en"]),
        (&1.into(), &"Learning circle".into())
    );
    assert_eq!(moved["body"]["times"]["rrule"], "FREQ=WEEKLY;COUNT=20");
    let calendar = one.weft(["gathering", "export"]).run().success().stdout.clone();
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{calendar}");
    assert_eq!(
        calendar.matches("BEGIN:VEVENT\r\n").count(),
        18 + 17,
        "of two series what is to come"
    );
    assert_eq!(calendar.matches("SUMMARY:Learning circle\r\n").count(), 17);
    let file = one.sandbox().path("all.ics");
    let written =
        answer(one, &["gathering", "export", first, "--out", file.to_str().expect("a path")]);
    assert_eq!(written["events"], 18);
}

/// Each meeting of a series has minutes of its own; the series stays as it was, and can be changed.
#[test]
fn every_meeting_of_a_series_has_minutes_of_its_own() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "River"]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    // It began 22 days and an hour ago.
    let base = now() - Duration::from_secs(3600);
    let day = |days: u64| typed(base - Duration::from_secs(days * 86_400));
    let start = day(22);
    let series = ["gathering", "new", "--title", "Circle", "--start", &start, "--zone", "UTC"];
    let series = [&series[..], &["--repeat", "FREQ=WEEKLY;COUNT=9", "--host", &harbour]].concat();
    let series = text(&answer(one, &series)["thing"]);
    sees(&cluster, 1, &["gathering", "show", &series]);
    answer(other, &["gathering", "accept", &series]);
    let shown = |node: &Node| answer(node, &["gathering", "show", &series]);
    cluster.eventually("the host should have accepted", SOON, || {
        shown(one)["state"]["unaccepted"].as_array().is_some_and(Vec::is_empty)
    });

    let write = |node: &Node, days: u64, words: &str| {
        let day = day(days);
        answer(node, &["gathering", "minutes", &series, "--meeting", &day, "--text", words])
    };
    write(one, 22, "In the first we met");
    write(one, 15, "In the second we spoke");
    write(other, 15, "In the second we listened, too");
    let better = write(one, 15, "In the second we spoke, and ate");
    assert_eq!(better["rev"], 1, "a new version of those minutes");
    cluster.eventually("three minutes should be here", SOON, || {
        shown(one)["minutes"].as_array().is_some_and(|all| all.len() == 3)
    });
    let page = one.weft(["gathering", "show", &series]).run().success().stdout.clone();
    for words in ["the first we met", "we spoke, and ate", "we listened, too"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(shown(one)["state"]["unaccepted"].as_array().is_some_and(Vec::is_empty));
    let last = answer(one, &["gathering", "minutes", &series, "--text", "In the last one"]);
    let began = (base - Duration::from_secs(86_400)).as_secs();
    assert_eq!(last["body"]["minutes"]["start"], began);

    let edited = answer(one, &["gathering", "edit", &series, "--agenda", "What we learnt"]);
    assert_eq!(edited["body"]["times"]["rrule"], "FREQ=WEEKLY;COUNT=9");
    assert_eq!(shown(one)["minutes"].as_array().map(Vec::len), Some(4));
    let soon = typed(base + Duration::from_secs(6 * 86_400));
    let soon = ["gathering", "minutes", &series, "--meeting", &soon, "--text", "Not yet"];
    assert!(one.weft(soon).run().fails_with(4).stderr.contains("still to come"));
    let never = ["gathering", "minutes", &series, "--meeting", "2020-01-01", "--text", "No"];
    assert!(one.weft(never).run().fails_with(3).stderr.contains("Nearest to it"));
}

#[test]
fn minutes_of_what_is_still_to_come_are_refused() {
    let cluster = pair();
    let one = &cluster[0];
    answer(one, &["network", "found", "--name", "River"]);
    let later =
        ["gathering", "new", "--title", "Forum", "--start", "90d", "--repeat", "FREQ=DAILY"];
    let later = text(&answer(one, &later)["thing"]);
    let early = one.weft(["gathering", "minutes", &later, "--text", "We met"]).run();
    assert!(early.fails_with(4).stderr.contains("minutes say what was"), "{early}");
    let shown = answer(one, &["gathering", "show", &later]);
    assert_eq!(shown["state"]["phase"], "announced");
}

/// Stumble 21: a gathering that its other host must sign, and must sign anew since it was changed, says so where
/// gatherings are listed, at that host's node alone.
#[test]
fn a_gathering_that_waits_for_a_host_says_so_in_the_list() {
    let cluster = pair();
    let (one, other) = (&cluster[0], &cluster[1]);
    answer(one, &["network", "found", "--name", "River"]);
    let harbour = text(&answer(other, &["network", "found", "--name", "Harbour"])["net"]);
    sees(&cluster, 0, &["network", "show", &harbour]);
    let new = ["gathering", "new", "--title", "Forum", "--start", "30d", "--host", &harbour];
    let forum = text(&answer(one, &new)["thing"]);
    let listed = |node: &Node, lang: &str| {
        node.weft(["gathering", "list", "--lang", lang]).run().success().stdout.clone()
    };
    let waits = |node: &Node| listed(node, "en").contains("waits for your signature");
    cluster.eventually("the other host should be asked", SOON, || waits(other));
    assert!(listed(other, "es").contains("espera su firma"));
    answer(other, &["gathering", "accept", &forum]);
    cluster.eventually("nothing should wait any more", SOON, || !waits(other));
    answer(one, &["gathering", "edit", &forum, "--title", "Forum in the park"]);
    cluster.eventually("the other host should be asked anew", SOON, || {
        waits(other) && listed(other, "en").contains("in the park")
    });
    assert!(!waits(one), "it waits for the other: {}", listed(one, "en"));
}
