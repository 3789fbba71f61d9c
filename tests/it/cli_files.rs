//! Files, as disks and accounts treat them: whose they are, and what is left of what broke off.

#![expect(clippy::unwrap_used, reason = "what breaks off here fails the test")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use weft_tests::cluster::Cluster;
use weft_tests::means::{has_program, lacking};
use weft_tests::sandbox::{Run, Sandbox};
use weft_tests::small_disk::SmallDisk;

use crate::cluster_world::{SOON, text};

/// An account that no machine has: a number is all that a file keeps of one.
const OTHER: u32 = 54_321;

/// Returns what is in a folder, and below, with its owner.
fn owners(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut all = vec![(folder.to_owned(), fs::symlink_metadata(folder).unwrap().uid())];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(owners(&path));
        } else {
            let owner = fs::symlink_metadata(&path).unwrap().uid();
            all.push((path, owner));
        }
    }
    all
}

fn is_root() -> bool {
    weft_node::file::me() == 0
}

/// A home of another account, which root may use.
fn of_another() -> Option<Sandbox> {
    if lacking("root, who alone may be two accounts", is_root()) {
        return None;
    }
    let sandbox = Sandbox::new();
    sandbox.give_to(OTHER);
    sandbox.weft(["init", "--region", "gb-bristol"]).as_account(OTHER).run().success();
    Some(sandbox)
}

#[test]
fn what_root_makes_in_somebodys_home_is_theirs() {
    let Some(sandbox) = of_another() else { return };
    fs::write(sandbox.path("list.csv"), "name\nBakers Union\n").unwrap();
    for command in [
        &["store", "verify"][..],
        &["store", "repair"],
        &["store", "compact"],
        &["store", "stats"],
        &["member", "request", "--label", "rep-2"],
        &["id", "guardian", "--label", "ana"],
        &["listing", "import", "list.csv"],
    ] {
        sandbox.weft(command).run().success();
        let wrong: Vec<_> =
            owners(&sandbox.home()).into_iter().filter(|(_, owner)| *owner != OTHER).collect();
        assert!(wrong.is_empty(), "{command:?}: {wrong:?}");
    }
    assert!(owners(&sandbox.home()).len() > 8, "{:?}", owners(&sandbox.home()));
    sandbox.weft(["store", "verify"]).as_account(OTHER).run().success();
}

#[test]
fn a_home_that_root_makes_in_somebodys_folder_is_theirs() {
    if lacking("root, who alone may be two accounts", is_root()) {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.give_to(OTHER);
    sandbox.weft(["init", "--region", "gb-bristol"]).run().success();
    assert!(owners(&sandbox.home()).iter().all(|(_, owner)| *owner == OTHER));
    sandbox.weft(["config", "show"]).as_account(OTHER).run().success();
}

#[test]
fn whose_file_is_in_the_way_is_said() {
    let Some(sandbox) = of_another() else { return };
    sandbox.weft(["store", "repair"]).as_account(OTHER).run().success();
    // As an earlier version left it, or a copy that root has put back.
    let journal = sandbox.home().join("store/journal");
    std::os::unix::fs::chown(&journal, Some(0), Some(0)).unwrap();
    for command in [&["up"][..], &["store", "repair"]] {
        let said = sandbox.weft(command).as_account(OTHER).run();
        let words = &said.fails_with(1).stderr;
        let named = words.contains("store/journal belongs to the account root");
        assert!(named && words.contains(&format!("chown -R {OTHER}")), "{said}");
    }
    let third = OTHER + 1;
    for command in [&["config", "show"][..], &["store", "stats"], &["up"], &["call", "list"]] {
        let said = sandbox.weft(command).as_account(third).run();
        let words = &said.fails_with(1).stderr;
        let home = sandbox.home().display().to_string();
        let named = words.contains(&format!("{home} belongs to the account {OTHER}"));
        assert!(named && words.contains(&format!("sudo -u {OTHER}")), "{said}");
    }
}

/// Runs a command while ever more room is left on a full disk, until it has what it needs; and then
/// once more with room for all.
fn on_a_full_disk(disk: &SmallDisk, folder: &str, run: impl Fn() -> Run, done: impl Fn() -> bool) {
    let before = disk.files(folder);
    for pages in 0..12 {
        disk.fill(pages);
        let tried = run().run();
        disk.make_room();
        if done() {
            assert!(pages > 0, "a full disk takes nothing: {tried}");
            return;
        }
        let words = &tried.fails_with(1).stderr;
        let said = words.contains("disk is full") || words.contains("Free some space");
        assert!(said, "with {pages} pages left: {tried}");
        assert_eq!(
            disk.files(folder),
            before,
            "with {pages} pages left something is left: {tried}"
        );
    }
    panic!("it should need less");
}

#[test]
fn a_full_disk_leaves_nothing_of_what_it_broke_off() {
    let disk = SmallDisk::new(16 * 1024);
    if lacking("mount namespaces", disk.is_some()) {
        return;
    }
    let disk = disk.unwrap();
    let sandbox = disk.sandbox();
    let there = |path: &'static str| {
        let path = disk.path(path);
        move || fs::metadata(&path).is_ok_and(|data| data.len() > 0)
    };
    let init = ["init", "--region", "us-wa", "--listen", "/ip4/127.0.0.1/tcp/0"];
    let config = there("home/config.toml");
    for pages in 0..12 {
        disk.fill(pages);
        let tried = sandbox.weft(init).run();
        disk.make_room();
        if config() {
            break;
        }
        assert!(tried.fails_with(1).stderr.contains("disk is full"), "{tried}");
    }
    assert!(config(), "the second try goes on");
    let weft = |words: &[&str]| sandbox.weft(words.iter().copied());
    let plain: [(&str, &'static str, &[&str]); 2] = [
        ("home/keys", "home/keys/role-rep-2.key", &["member", "request", "--label", "rep-2"]),
        ("home/keys", "home/keys/ana.key", &["id", "guardian", "--label", "ana"]),
    ];
    for (folder, file, command) in plain {
        on_a_full_disk(&disk, folder, || weft(command), there(file));
    }

    let mut cluster = Cluster::default();
    cluster.expect_errors();
    cluster.add_in(sandbox);
    let node = &cluster[0];
    let weft = |words: &[&str]| node.weft(words.iter().copied());
    let writes = || weft(&["status", "--json"]).run().json()["read_only"].is_null();
    for pages in 0..12 {
        disk.fill(pages);
        let tried = weft(&["network", "found", "--name", "Harbour Care"]).run();
        disk.make_room();
        cluster.eventually("the node should write again", SOON, writes);
        if there("home/keys/network.key")() {
            break;
        }
        let keys = disk.files("home/keys");
        assert_eq!(keys.len(), 2, "with {pages} pages left something is left: {keys:?}, {tried}");
    }
    let us = weft(&["network", "show", "us"]).run();
    assert!(us.success().stdout.contains("Harbour Care"), "{us}");
    let rest: [(&str, &'static str, &[&str]); 4] = [
        (".", "out.weft", &["export", "--out", "/mnt/out.weft"]),
        (".", "all.weft", &["record", "export", "--out", "/mnt/all.weft"]),
        (".", "kit.txt", &["id", "kit", "--out", "/mnt/kit.txt"]),
        ("home", "home/names.toml", &["network", "name", "us", "harbour"]),
    ];
    for (folder, file, command) in rest {
        on_a_full_disk(&disk, folder, || weft(command), there(file));
    }
}

/// Runs the program under strace, which does this to it.
fn traced(sandbox: &Sandbox, orders: &[&str]) -> Sandbox {
    let orders = orders.join(" ");
    let words = format!(
        "export WEFT_HOME='{}'\nif [ -z \"$TRACED\" ]; then export TRACED=1; exec strace -f -o /dev/null {orders} \"$0\" \"$@\"; fi",
        sandbox.home().display()
    );
    Sandbox::after(&words)
}

#[test]
fn a_making_that_was_killed_anywhere_is_finished_by_the_same_command() {
    if lacking("strace", has_program("strace")) {
        return;
    }
    let init = ["init", "--region", "gb-bristol"];
    let mut killed = 0;
    for call in ["mkdir", "fsync", "renameat2", "rename", "chmod"] {
        for nth in 1.. {
            let sandbox = Sandbox::new();
            let order = format!("-e inject={call}:signal=KILL:when={nth}");
            let tried = traced(&sandbox, &[&order]).weft(init).run();
            let whole = tried.status.success();
            if !whole {
                killed += 1;
                let again = sandbox.weft(init).run();
                let was_whole = again.stderr.contains("There is a home");
                assert!(again.status.success() || was_whole, "after {call} {nth}: {again}");
            }
            sandbox.weft(["config", "show"]).run().success();
            let left = owners(&sandbox.home());
            assert_eq!(left.len(), 3, "a folder and two files: {left:?}");
            if whole {
                break;
            }
        }
    }
    assert!(killed >= 5, "the harness has killed {killed} only");
}

#[test]
fn a_folder_that_knows_no_fsync_is_passed_over() {
    if lacking("strace", has_program("strace")) {
        return;
    }
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.home().join("keys")).unwrap();
    let folders = ["", "keys", "store"].map(|name| {
        format!("-P '{}'", sandbox.home().join(name).display().to_string().trim_end_matches('/'))
    });
    let order = "-e inject=fsync:error=EINVAL";
    let orders = [folders.join(" "), order.to_owned()];
    let shared = traced(&sandbox, &[&orders[0], &orders[1]]);
    shared.weft(["init", "--region", "gb-bristol"]).run().success();
    shared.weft(["member", "request", "--label", "rep-2"]).run().success();
    shared.weft(["store", "verify"]).run().success();
    // Any other fault of the folder is told.
    let order = "-e inject=fsync:error=EIO";
    let broken = traced(&sandbox, &[&orders[0], order]);
    broken.weft(["member", "request", "--label", "rep-3"]).run().fails_with(1);
}

#[test]
fn a_medium_that_takes_no_writes_is_read() {
    let disk = SmallDisk::new(32 * 1024);
    if lacking("mount namespaces", disk.is_some()) {
        return;
    }
    let disk = disk.unwrap();
    let sandbox = disk.sandbox();
    sandbox.weft(["init", "--region", "us-wa", "--listen", "/ip4/127.0.0.1/tcp/0"]).run().success();
    let mut cluster = Cluster::default();
    cluster.add_in(sandbox);
    cluster[0].weft(["network", "found", "--name", "Harbour Care"]).run().success();
    let call = ["call", "new", "--title", "Beds wanted", "--json"];
    let call = text(&cluster[0].weft(call).run().success().json()["id"]);
    cluster[0].stop();
    disk.take_no_writes();
    let weft = |words: &[&str]| cluster[0].weft(words.iter().copied()).run();
    let verified = weft(&["store", "verify"]);
    assert!(verified.success().stdout.starts_with("All 3 records are good."), "{verified}");
    assert!(weft(&["store", "stats"]).success().stdout.contains("KiB of the disk"));
    assert!(weft(&["config", "show"]).success().stdout.contains("us-wa"));
    assert!(weft(&["key", "list"]).success().stdout.contains("network"));
    let shown = weft(&["record", "show", &call]);
    assert!(shown.success().stdout.contains("Beds wanted"), "{shown}");
    assert!(shown.stderr.contains("No node runs here"), "{shown}");
    weft(&["record", "verify", &call]).success();
    let out = weft(&["record", "export", "--jsonl"]);
    assert_eq!(out.success().stdout.lines().count(), 3, "{out}");
    // Elsewhere there is room.
    let ours = cluster[0].sandbox().path("ours.weft").display().to_string();
    assert!(weft(&["export", "--out", &ours]).success().stdout.contains("3 records written"));
    let refused = weft(&["call", "list"]);
    assert!(refused.fails_with(1).stderr.contains("No node is running here"), "{refused}");
}

#[test]
fn a_bundle_goes_through_a_pipe_and_what_is_none_is_said_to_be_none() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "Harbour Care"]).run().success();
    node.weft(["export", "--out", "ours.weft"]).run().success();
    let whole = fs::read(node.sandbox().path("ours.weft")).unwrap();
    let imported = node.weft(["import", "-", "--json"]).stdin(whole).run();
    assert_eq!(imported.success().json()["known"], 2, "{imported}");
    assert!(!node.sandbox().path("-").exists());
    let json = node.weft(["export", "--out", "-", "--json"]).run();
    assert!(json.fails_with(2).stderr.contains("name a file"), "{json}");

    fs::write(node.sandbox().path("empty"), "").unwrap();
    for (file, english, spanish) in [
        ("empty", "is empty", "está vacío"),
        ("/bin/ls", "is no Weft file", "no es un archivo de Weft"),
    ] {
        for (lang, words) in [("en", english), ("es", spanish)] {
            let said = node.weft(["import", file, "--lang", lang]).run();
            assert!(said.fails_with(6).stderr.contains(words), "{said}");
        }
    }
}
