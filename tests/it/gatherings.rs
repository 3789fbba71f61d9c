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
    answer(one, &[&minutes[..], &more].concat());
    let phase = |node: &Node| answer(node, &["gathering", "show", &first])["state"].clone();
    cluster.eventually("the minutes should come", SOON, || phase(other)["phase"] == "held");
    assert_eq!(phase(other)["unaccepted"][0], harbour.as_str());
    let listed = other.weft(["gathering", "list", "--minutes"]).run();
    assert!(listed.success().stdout.contains("We agreed on beds"), "{listed}");
    let concern = text(&answer(other, &["concern", "raise", &first, "--text", "Not so"])["thing"]);
    cluster.eventually("the concern should stand", SOON, || {
        phase(one)["concerns"].as_array().is_some_and(|concerns| concerns.len() == 1)
    });
    answer(one, &["concern", "answer", &concern]);
    answer(other, &["gathering", "accept", &first]);
    cluster.eventually("the minutes should be agreed", SOON, || phase(one)["phase"] == "agreed");
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
