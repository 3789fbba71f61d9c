//! A person's own mistakes: told in plain words, and nothing is harmed.

use weft_tests::cluster::Cluster;

#[test]
fn a_home_in_use_and_a_wrong_passphrase_are_told_in_plain_words() {
    let cluster = Cluster::start("us-wa", 1);
    let node = &cluster[0];
    let second = node.weft(["up", "--listen", "/ip4/127.0.0.1/tcp/0", "--no-mdns"]).run();
    let words = &second.fails_with(1).stderr;
    assert!(words.contains("Another program uses the home"), "{second}");

    // Kept here; there is no other node to tell it to.
    node.weft(["network", "found", "--name", "River Neighbours"]).run().fails_with(5);
    let call = ["call", "new", "--kind", "need", "--title", "Beds wanted", "--ask", "beds:20"];
    let refused = node.weft(call).env("WEFT_PASSPHRASE", "not the words of this key").run();
    let words = &refused.fails_with(1).stderr;
    assert!(words.contains("does not open the key"), "{refused}");
    assert_eq!(node.weft(["call", "list"]).run().success().stdout, "");
    node.weft(call).run().fails_with(5);
    assert!(node.weft(["call", "list"]).run().success().stdout.contains("Beds wanted"));
}
