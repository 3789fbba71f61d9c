//! Zones, rules, moments and calendar files from the terminal, by real processes.

use serde_json::Value;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;

use crate::cluster_world::{answer, text};

/// A node alone, with a network.
fn alone() -> Cluster {
    let cluster = Cluster::start("gb-bristol", 1);
    answer(&cluster[0], &["network", "found", "--name", "River"]);
    cluster
}

/// What would be signed, where the machine knows of no time zone.
fn rehearsed(node: &Node, words: &[&str]) -> Value {
    let new = ["gathering", "new", "--title", "Forum", "--dry-run", "--json"];
    let run = node.weft([&new[..], words].concat());
    run.env("TZDIR", "/nowhere").run().success().json()["body"]["times"].clone()
}

fn refused(node: &Node, words: &[&str], code: i32, because: &str) {
    let run = node.weft(words.iter().copied()).run();
    assert!(run.fails_with(code).stderr.contains(because), "{because}: {run}");
}

#[test]
fn an_hour_is_that_of_the_zone_whatever_the_machine_knows() {
    let cluster = alone();
    let node = &cluster[0];
    let at = ["--start", "2027-01-07T19:00", "--zone"];
    let new_york = rehearsed(node, &[&at[..], &["America/New_York"]].concat());
    assert_eq!(new_york["start"], 1_799_366_400);
    let spelt = rehearsed(node, &[&at[..], &["america/new_york"]].concat());
    assert_eq!((&spelt["zone"], &spelt["start"]), (&new_york["zone"], &new_york["start"]));
    let new = ["gathering", "new", "--title", "Forum", "--start", "2027-01-07T19:00"];
    let here = node.weft([&new[..], &["--dry-run", "--json"]].concat());
    let here = here.env("TZ", "America/New_York").env("TZDIR", "/nowhere").run();
    assert_eq!(here.success().json()["body"]["times"], new_york, "{here}");
    let utc = node.weft([&new[..], &["--dry-run", "--json"]].concat()).run();
    assert!(utc.success().stderr.contains("taken as UTC"), "never silently: {utc}");
    let wrong = |zone, near| {
        refused(node, &[&new[..], &["--zone", zone]].concat(), 2, near);
    };
    wrong("Europe/Londn", "Europe/London");
    wrong("Cairo", "Africa/Cairo");
    wrong("New York", "America/New_York");
}

#[test]
fn a_rule_ends_with_a_day_an_hour_or_a_moment_and_what_is_none_is_refused_in_words() {
    let cluster = alone();
    let node = &cluster[0];
    let begins = ["--start", "2027-06-01T19:00", "--zone", "Europe/London", "--repeat"];
    for until in ["20270630", "20270630T190000", "20270630T180000Z"] {
        let rule = format!("FREQ=DAILY;UNTIL={until}");
        let times = rehearsed(node, &[&begins[..], &[&rule]].concat());
        assert_eq!(times["rrule"], rule.as_str(), "for no telephone number, and as it is");
    }
    let named = rehearsed(node, &[&begins[..], &["RRULE:FREQ=WEEKLY"]].concat());
    assert_eq!(named["rrule"], "FREQ=WEEKLY");
    let new = ["gathering", "new", "--title", "Forum"];
    let new = [&new[..], &begins].concat();
    for (rule, because) in [
        ("FREQ=HOURLY", "FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=DAILY;BYHOUR=9", "'BYHOUR' is not one of"),
        ("FREQ=DAILY;UNTIL=30.6.2027", "UNTIL is a day such as 20270630"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270630", "not both"),
    ] {
        refused(node, &[&new[..], &[rule]].concat(), 2, because);
    }
    let spanish = [&new[..], &["FREQ=HOURLY", "--lang", "es"]].concat();
    refused(node, &spanish, 2, "FREQ es DAILY, WEEKLY, MONTHLY o YEARLY");
    refused(node, &[&new[..], &["FREQ=DAILY;UNTIL=20270101"]].concat(), 4, "nobody would meet");
}

#[test]
fn a_day_is_a_day_of_the_calendar() {
    let cluster = alone();
    let node = &cluster[0];
    // In London 28 March has 23 hours, and 31 October 25.
    for (day, hours) in [("2027-03-28", 23), ("2027-10-31", 25), ("2027-06-01", 24)] {
        let times = rehearsed(node, &["--start", day, "--zone", "Europe/London"]);
        let lasts = times["end"].as_u64().unwrap() - times["start"].as_u64().unwrap();
        assert_eq!(lasts, hours * 3600, "{day}");
    }
    let camp = ["--start", "2027-03-27T10:00", "--length", "1d", "--zone", "Europe/London"];
    let times = rehearsed(node, &camp);
    assert_eq!(times["end"].as_u64().unwrap() - times["start"].as_u64().unwrap(), 23 * 3600);
}

/// Returns the events of a calendar as maps of their lines, unfolded.
fn events(node: &Node) -> Vec<Vec<String>> {
    let calendar = node.weft(["gathering", "export"]).run().success().stdout.clone();
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{calendar}");
    assert!(calendar.lines().all(|line| line.len() <= 75), "{calendar}");
    let plain = calendar.replace("\r\n ", "");
    let events = plain.split("BEGIN:VEVENT\r\n").skip(1);
    let lines = |event: &str| {
        let event = event.split("END:VEVENT").next().unwrap_or_default();
        event.lines().map(str::to_owned).collect()
    };
    events.map(lines).collect()
}

fn said<'a>(event: &'a [String], name: &str) -> &'a str {
    let line = event.iter().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {event:?}"))
}

#[test]
fn what_is_no_more_comes_to_calendars_as_cancelled_under_the_same_name() {
    let cluster = alone();
    let node = &cluster[0];
    let new = ["gathering", "new", "--title", "Circle, open", "--start", "2d", "--zone", "UTC"];
    let more = ["--facilitator", "us", "--agenda", "What we learnt", "--access", "Step-free"];
    let all = [&new[..], &more, &["--repeat", "FREQ=WEEKLY;COUNT=5"]].concat();
    let series = text(&answer(node, &all)["thing"]);
    let before = events(node);
    assert_eq!(before.len(), 5);
    assert!(before.iter().all(|event| said(event, "STATUS:") == "CONFIRMED"));
    let words = said(&before[0], "DESCRIPTION:");
    for part in ["facilitates: River", "agenda:\\n- What we learnt", "Step-free"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(said(&before[0], "SUMMARY:"), "Circle\\, open");

    answer(node, &["gathering", "edit", &series, "--repeat", "FREQ=WEEKLY;COUNT=3"]);
    let after = events(node);
    let status: Vec<&str> = after.iter().map(|event| said(event, "STATUS:")).collect();
    assert_eq!(status, ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED"]);
    let names = |events: &[Vec<String>]| -> Vec<String> {
        events.iter().map(|event| said(event, "UID:").to_owned()).collect()
    };
    assert_eq!(names(&after), names(&before));
    let sequence = |event: &[String]| said(event, "SEQUENCE:").parse::<u32>().unwrap();
    assert!(after.iter().zip(&before).all(|(now, then)| sequence(now) > sequence(then)));

    answer(node, &["gathering", "cancel", &series]);
    let off = events(node);
    assert_eq!(names(&off), names(&before));
    assert!(off.iter().all(|event| said(event, "STATUS:") == "CANCELLED"));
    assert!(sequence(&off[0]) > sequence(&after[0]));
}

#[test]
fn every_meeting_of_a_year_is_exported_and_days_are_days() {
    let cluster = alone();
    let node = &cluster[0];
    let daily = ["--start", "1d", "--zone", "UTC", "--repeat", "FREQ=DAILY;COUNT=390"];
    let new = ["gathering", "new", "--title", "Kitchen"];
    answer(node, &[&new[..], &daily].concat());
    assert_eq!(events(node).len(), 390);
    let next = node.weft(["gathering", "next", "--meetings", "7"]).run();
    assert_eq!(next.success().stdout.matches("Kitchen").count(), 7, "{next}");

    let other = alone();
    let day = ["--start", "2027-10-31", "--zone", "Europe/London", "--until", "2027-12-01"];
    let camp = ["gathering", "new", "--title", "Camp"];
    let run = other[0].weft([&camp[..], &day, &["--json"]].concat()).run();
    if run.stderr.contains("It was over") {
        return;
    }
    let event = &events(&other[0])[0];
    assert_eq!(said(event, "DTSTART;"), "VALUE=DATE:20271031");
    assert_eq!(said(event, "DTEND;"), "VALUE=DATE:20271101");
}

#[test]
fn meetings_are_shown_with_their_facilitators_and_the_rule_in_words() {
    let cluster = alone();
    let node = &cluster[0];
    let new = ["gathering", "new", "--title", "Circle", "--start", "2d", "--zone", "UTC"];
    let more = ["--repeat", "FREQ=WEEKLY;COUNT=8", "--facilitator", "us"];
    let series = text(&answer(node, &[&new[..], &more].concat())["thing"]);
    let shown = node.weft(["gathering", "show", &series]).run().success().stdout.clone();
    assert!(shown.contains("every ") && shown.contains("day, 8 times"), "{shown}");
    assert!(!shown.contains("FREQ"), "{shown}");
    assert_eq!(shown.matches(", River").count(), 5, "the next five: {shown}");
    let spanish = node.weft(["gathering", "show", &series, "--lang", "es"]).run();
    let spanish = &spanish.success().stdout;
    assert!(spanish.contains("cada ") && spanish.contains(", 8 veces"), "{spanish}");
}

#[test]
fn a_moment_says_what_it_is_and_how_far_it_may_be() {
    let cluster = alone();
    let node = &cluster[0];
    let new = ["call", "new", "--title", "Camas"];
    let until = |words: &str, because: &str| {
        refused(node, &[&new[..], &["--until", words]].concat(), 2, because);
    };
    until("3m", "minutes or months");
    until("soon", "a time is like");
    until("2027-02-30", "no such day");
    for far in ["99999d", "9999-12-31", "100y", "91d", "4mo"] {
        until(far, "at most 90 days");
    }
    let soon = answer(node, &[&new[..], &["--until", "90min", "--lang", "es"]].concat());
    assert_eq!(soon["body"]["title"]["es"], "Camas", "in the language that was named");
    let past = node.weft([&new[..], &["--start", "2020-01-01T10:00", "--dry-run"]].concat()).run();
    assert!(past.success().stderr.contains("It was over"), "{past}");
    let late = [&new[..], &["--start", "20d", "--until", "2d"]].concat();
    refused(node, &late, 4, "before that for which it calls begins");
}

#[test]
fn a_home_takes_the_language_of_the_system() {
    for (variable, locale, language) in
        [("LANG", "es_MX.UTF-8", "es"), ("LC_ALL", "pt_BR.UTF-8", "pt"), ("LANG", "C.UTF-8", "en")]
    {
        let sandbox = Sandbox::new();
        let made = sandbox.weft(["init", "--region", "gb-bristol"]).env(variable, locale).run();
        made.success();
        let settings = std::fs::read_to_string(sandbox.home().join("config.toml")).unwrap();
        assert!(settings.contains(&format!("language = \"{language}\"")), "{settings}");
    }
    let sandbox = Sandbox::new();
    let said = ["init", "--region", "gb-bristol", "--language", "eu"];
    sandbox.weft(said).env("LANG", "es_ES").run().success();
    let settings = std::fs::read_to_string(sandbox.home().join("config.toml")).unwrap();
    assert!(settings.contains("language = \"eu\""), "{settings}");
}
