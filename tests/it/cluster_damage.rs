//! A bad disk: what it did is told, mended, and fetched again.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ciborium::Value;
use weft_protocol::id::RecordId;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::sandbox::Sandbox;
use weft_tests::world::World;

use crate::cluster_world::{SOON, an_hour_ago, inceptions, post, stored};

/// Enough for several of sled's pages and several reads of the journal.
const CALLS: usize = 600;

#[test]
fn an_index_that_is_gone_cut_or_flipped_is_made_anew_from_the_journal() {
    let mut cluster = Cluster::start("us-wa", 1);
    let all = fill(&cluster[0], 11);
    let index = cluster[0].sandbox().home().join("store/index");
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 3] = [
        ("deleted", |index| fs::remove_dir_all(index).unwrap()),
        ("cut", |index| {
            for file in files(index) {
                let len = fs::metadata(&file).unwrap().len();
                fs::File::options().write(true).open(&file).unwrap().set_len(len / 2).unwrap();
            }
        }),
        ("flipped", |index| {
            for file in files(index) {
                let mut bytes = fs::read(&file).unwrap();
                bytes.iter_mut().step_by(997).for_each(|byte| *byte ^= 0x10);
                fs::write(&file, bytes).unwrap();
            }
        }),
    ];
    for (how, damage) in damages {
        // In good order, so that nothing but the damage gives the node a reason to rebuild.
        cluster[0].stop();
        damage(&index);
        cluster[0].start();
        assert_eq!(stored(&cluster[0]), all, "the index was {how}");
        cluster[0].weft(["store", "verify"]).run().success();
    }
}

#[test]
fn a_journal_that_is_damaged_in_the_middle_is_told_of_and_fetched_again() {
    let (mut cluster, all) = two_alike(12);

    cluster[1].kill();
    let journal = cluster[1].sandbox().home().join("store/journal");
    let mut bytes = fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 5_000].fill(0xa5);
    fs::write(&journal, &bytes).unwrap();
    let spanish = cluster[1].weft(["--lang", "es", "store", "verify"]).run();
    assert!(spanish.fails_with(6).stdout.contains("bytes dañados desde el"), "{spanish}");
    cluster[1].start();
    let doctor = cluster[1].weft(["doctor", "--json"]).run();
    assert!(doctor.fails_with(1).stdout.contains("\"skipped\""), "{doctor}");
    cluster.eventually("the damage should be told", SOON, || {
        cluster[1].said().iter().any(|line| line.contains("a part of the journal is unreadable"))
    });
    cluster.connect(0, 1);
    cluster
        .eventually("what was lost should be fetched again", SOON, || stored(&cluster[1]) == all);
    cluster[1].weft(["store", "verify"]).run().success();
}

#[test]
fn a_journal_that_rots_under_a_running_node_is_noticed_when_read_and_fetched_again() {
    let (cluster, all) = two_alike(13);

    let journal = cluster[1].sandbox().home().join("store/journal");
    let middle = fs::metadata(&journal).unwrap().len() / 2;
    let file = fs::File::options().write(true).open(&journal).unwrap();
    file.write_all_at(&[0xa5; 5_000], middle).unwrap();
    assert_ne!(stored(&cluster[1]), all, "what is unreadable is not shown");
    cluster
        .eventually("what was lost should be fetched again", SOON, || stored(&cluster[1]) == all);
}

/// Starts two nodes that have the same, and may say that something is damaged.
fn two_alike(seed: u64) -> (Cluster, BTreeSet<RecordId>) {
    let mut cluster = Cluster::start("us-wa", 2);
    cluster.expect_errors();
    let all = fill(&cluster[0], seed);
    cluster.connect(0, 1);
    cluster.eventually("both nodes should have everything", SOON, || stored(&cluster[1]) == all);
    (cluster, all)
}

/// Posts what a few networks have to say, and returns what the node then has.
fn fill(node: &Node, seed: u64) -> BTreeSet<RecordId> {
    let world = World::new(seed).at(an_hour_ago());
    let authors = world.networks(5);
    post(node, &[inceptions(&authors), world.calls(&authors, CALLS)].concat())
}

/// Returns the files of a folder and of those in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Puts a record into the format of another version of the program: with a key of its payload changed, which
/// no signature covers in a journal.
fn in_other_format(record: &[u8], change: impl Fn(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    let Value::Tag(18, parts) = ciborium::from_reader(record).unwrap() else { panic!("a record") };
    let mut parts = parts.into_array().unwrap();
    let payload = parts[2].as_bytes().unwrap();
    let Value::Map(mut pairs) = ciborium::from_reader(payload.as_slice()).unwrap() else {
        panic!("a map")
    };
    change(&mut pairs);
    parts[2] = Value::Bytes(weft_protocol::cbor::to_bytes(&Value::Map(pairs)).unwrap());
    let mut bytes = Vec::new();
    ciborium::into_writer(&Value::Tag(18, Box::new(Value::Array(parts))), &mut bytes).unwrap();
    bytes
}

/// Writes items as a journal has them, each with its check behind it.
fn journal(items: &[&[u8]]) -> Vec<u8> {
    let check = |item: &[u8]| [&[0x4c], &crc32c::crc32c(item).to_be_bytes()[..], &[0; 8]].concat();
    items.iter().flat_map(|item| [item, &check(item)[..]].concat()).collect()
}

#[test]
fn a_store_of_another_format_is_refused_with_what_to_do_and_nothing_of_it_is_lost() {
    let river = World::new(15).network("river");
    let call = river.call("beds").sign();
    // Before things were named by a nonce, versions after the first named them by their id.
    let before = in_other_format(call.bytes(), |pairs| {
        for (key, value) in pairs {
            if key.as_text() == Some("nonce") {
                (*key, *value) = (Value::from("thing"), Value::Bytes(vec![7; 32]));
            }
        }
    });
    let after = in_other_format(call.bytes(), |pairs| {
        pairs
            .iter_mut()
            .filter(|(key, _)| key.as_text() == Some("v"))
            .for_each(|(_, v)| *v = 2.into());
        pairs.push((Value::from("sector"), Value::from("water")));
    });
    for (other, language, words) in [
        (&before, "en", ["An early weft", "mv "]),
        (&before, "es", ["Un weft temprano", "mv "]),
        (&after, "en", ["A newer weft", "update weft"]),
        (&after, "es", ["Un weft más nuevo", "actualice weft"]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.init("us-wa");
        let store = sandbox.home().join("store");
        fs::create_dir_all(&store).unwrap();
        let bytes = journal(&[river.inception.bytes(), other]);
        fs::write(store.join("journal"), &bytes).unwrap();
        let id = call.id().to_string();
        for command in [
            &["up"][..],
            &["record", "show", &id],
            &["doctor"],
            &["store", "verify"],
            &["store", "repair"],
            &["store", "compact"],
            &["store", "compact", "--forget-own", "--yes"],
        ] {
            let said = sandbox.weft(command).env("LANG", format!("{language}.UTF-8")).run();
            let said = [&*said.fails_with(1).stdout, &said.stderr].concat();
            assert!(words.iter().all(|word| said.contains(word)), "{command:?}: {said}");
            assert!(said.contains(&store.display().to_string()), "{said}");
            assert_eq!(fs::read(store.join("journal")).unwrap(), bytes, "nothing of it is lost");
        }
    }
}

#[test]
fn a_store_that_cannot_be_used_is_named_by_the_doctor_with_the_reason_of_up() {
    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil); 2] = [
        ("the journal cannot be opened: that is a folder", |store| {
            fs::create_dir_all(store.join("journal")).unwrap();
        }),
        ("the journal cannot be opened", |store| fs::write(store, "").unwrap()),
    ];
    for (reason, spoil) in spoils {
        let sandbox = Sandbox::new();
        sandbox.init("us-wa");
        spoil(&sandbox.home().join("store"));
        let reason = format!("the store cannot be opened: {reason}");
        let up = sandbox.weft(["up"]).run();
        assert!(up.fails_with(1).stderr.contains(&reason), "{up}");
        let doctor = sandbox.weft(["doctor"]).run();
        assert!(doctor.fails_with(1).stdout.contains(&reason), "{doctor}");
        assert!(doctor.stdout.contains("would not start one"), "{doctor}");
        assert!(!doctor.stdout.contains("may not read and write"), "{doctor}");
    }
}
