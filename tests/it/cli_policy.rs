//! What an operator says of others, by real processes.

use weft_tests::cluster::Cluster;
use weft_tests::sandbox::Sandbox;

use crate::bridge_story::{calls, found, lists};
use crate::cluster_world::{SOON, answer, text};

/// A node that takes whatever comes, and one that knows nobody yet.
fn stage() -> Cluster {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let careful = Sandbox::new();
    careful.init_as("gb-bristol", "federation", "");
    cluster.add_in(careful);
    cluster
}

#[test]
fn a_newcomer_is_listed_welcomed_and_kept_out_again_and_a_restart_changes_nothing() {
    let mut cluster = stage();
    let choir = found(&cluster[0], "The Choir");
    found(&cluster[1], "River Alliance");
    let call = calls(&cluster[0], "A room to sing in", "region");
    cluster.connect(0, 1);
    let careful = &cluster[1];
    cluster.eventually("the choir should be among the newcomers", SOON, || {
        careful.weft(["newcomer", "list"]).run().success().stdout.contains("The Choir")
    });
    let listed = careful.weft(["newcomer", "list"]).run();
    let room = "Places for newcomers that are taken: 1 of 256";
    assert!(listed.success().stderr.contains(room), "{listed}");
    assert!(careful.weft(["status"]).run().stdout.contains("1 / 256"));
    assert!(!lists(careful, "A room to sing in"));
    let why = answer(careful, &["policy", "explain", &call]);
    assert_eq!(
        (text(&why["whereabouts"]), &why["fate"]),
        ("newcomer".to_owned(), &"newcomer".into())
    );
    let words: Vec<String> = serde_json::from_value(why["words"].clone()).expect("sentences");
    assert!(words.iter().any(|said| said.contains("no chain of ties leads")), "{words:?}");
    let shown = careful.weft(["policy", "explain", &choir]).run();
    assert!(shown.success().stdout.contains("no chain of ties leads to its network"), "{shown}");
    let spanish = careful.weft(["policy", "explain", &choir, "--lang", "es"]).run();
    assert!(spanish.success().stdout.contains("ninguna cadena de vínculos"), "{spanish}");

    let welcome = ["newcomer", "welcome", &choir[..12], "--reason", "we sing together"];
    let welcomed = careful.weft(welcome).run();
    let words = "The Choir";
    assert!(welcomed.success().stderr.contains(words), "{welcomed}");
    assert!(welcomed.stderr.contains("is let in, with its"), "{welcomed}");
    cluster.eventually("who is welcomed should be heard", SOON, || {
        lists(&cluster[1], "A room to sing in")
    });
    let shown = cluster[1].weft(["policy", "show"]).run();
    assert!(shown.success().stdout.contains("we sing together"), "{shown}");
    answer(&cluster[1], &["policy", "mute", "--network", &choir, "--reason", "too loud"]);
    assert!(!lists(&cluster[1], "A room to sing in"), "what is muted is not shown");
    cluster[1].stop();
    cluster[1].start();
    assert!(!lists(&cluster[1], "A room to sing in"), "nor after a restart");
    let muted = answer(&cluster[1], &["policy", "show"]);
    let reasons: Vec<_> =
        muted["entries"].as_array().into_iter().flatten().map(|entry| &entry["reason"]).collect();
    assert_eq!(reasons, ["we sing together", "too loud"], "the welcome stands beside the mute");
    let remove = ["policy", "remove", "--network", &choir, "--action", "mute"];
    answer(&cluster[1], &remove);
    assert!(lists(&cluster[1], "A room to sing in"));
    cluster[1].weft(remove).run().fails_with(3);
}

#[test]
fn how_full_the_room_for_newcomers_is_is_said_by_list_status_and_doctor() {
    let mut cluster = Cluster::start("gb-bristol", 1);
    let careful = Sandbox::new();
    careful.init_as("gb-bristol", "federation", "[admission.newcomers]\nnetworks = 1\n");
    cluster.add_in(careful);
    found(&cluster[0], "The Choir");
    cluster.connect(0, 1);
    let careful = &cluster[1];
    cluster.eventually("the room should be full", SOON, || {
        answer(careful, &["status"])["newcomers"] == serde_json::json!({ "taken": 1, "places": 1 })
    });
    let listed = careful.weft(["newcomer", "list"]).run();
    assert!(listed.success().stderr.contains("All places for newcomers are taken (1)"), "{listed}");
    let doctor = careful.weft(["doctor"]).run();
    assert!(doctor.stdout.contains("raise networks under [admission.newcomers]"), "{doctor}");
    let spanish = careful.weft(["doctor", "--lang", "es"]).run();
    assert!(spanish.stdout.contains("suba networks en [admission.newcomers]"), "{spanish}");
}
