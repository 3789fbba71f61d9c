//! The first page and the operator's handbook, played as they stand, on machines of the test's own.
//!
//! What was typed and shown can be read afterwards in `target/documents/`.

use weft_tests::documents::{Block, Person, Player, blocks};
use weft_tests::lab::{Host, Lab, Stack};

use crate::cluster_world::untested;

/// The first page.
const README: &str = "README.md";

/// The operator's handbook.
const HANDBOOK: &str = "deploy/README.md";

/// The documents, and how many of their blocks are played at least: so that none slips away.
const PLAYED: [(&str, usize); 2] = [(README, 2), (HANDBOOK, 6)];

/// What a node says when it runs.
const READY: &str = "is ready";

#[test]
fn a_block_is_played_or_says_why_not() {
    for (path, least) in PLAYED {
        let blocks = blocks(path);
        let played = blocks.iter().filter(|block| block.not_played.is_none()).count();
        assert!(played >= least, "{path}: {played} blocks are played");
        let silent = |block: &&Block| block.not_played.as_ref().is_some_and(|why| why.len() < 10);
        let silent = blocks.iter().find(silent);
        assert!(silent.is_none(), "{path}: say why nobody plays {silent:?}");
    }
}

#[test]
fn the_first_page_is_played_where_both_versions_of_the_internet_protocol_are() {
    first_page(Stack::Dual, "README-dual-stack.txt");
}

#[test]
fn the_first_page_is_played_on_ipv4_alone() {
    first_page(Stack::V4, "README-ipv4-only.txt");
}

#[test]
fn the_handbook_is_played_where_both_versions_of_the_internet_protocol_are() {
    handbook(Stack::Dual, "handbook-dual-stack.txt");
}

#[test]
fn the_handbook_is_played_on_ipv4_alone() {
    handbook(Stack::V4, "handbook-ipv4-only.txt");
}

/// The first page, by its operator and by those whom it speaks of: a node that she knows, somebody whom
/// she invites, and a member.
fn first_page(stack: Stack, transcript: &str) {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["alice", "bob", "carol", "dora"].map(|name| lab.host(name, stack));
    let [alice, bob, carol, dora] = &hosts;
    let mut player = Player::new(transcript);
    let bob = neighbour(&mut player, "bob", bob, "gb-bristol");
    let known = reached(&mut player, &bob);
    player.knows("/dns4/…/tcp/8471/p2p/12D3KooW…", known);

    let mut alice = Person::new("alice", alice);
    let mut carol = Person::new("carol", carol);
    let played = blocks(README).into_iter().filter(|block| block.not_played.is_none());
    let [own, members] = played.collect::<Vec<_>>().try_into().expect("two blocks are played");
    player.heading(&own.heading);
    for step in &own.steps {
        match step.command.as_str() {
            "weft up" => player.starts(&mut alice, &step.command, READY),
            "weft invite new" => {
                let shown = player.step(&alice, step);
                let link = shown.lines().find(|line| line.starts_with("weft:")).expect("a link");
                player.plays(&carol, &format!("weft join '{}'", link.trim()));
                player.starts(&mut carol, "weft up", READY);
                player.plays(&carol, "weft network found --name en='Kitchen of the Docks'");
            }
            "weft newcomer list" => {
                assert!(step.comment.contains("`weft newcomer welcome NAME`"), "{}", step.comment);
                player.sees(&alice, &step.command, "Kitchen of the Docks");
                player.plays(&alice, "weft newcomer welcome 'Kitchen of the Docks'");
            }
            _ => drop(player.step(&alice, step)),
        }
    }
    player.sees(&carol, "weft call list", "Twenty beds for marchers");
    player.plays(&carol, "weft call new --kind offer --title en='Soup for fifty' --until 7d");
    player.sees(&alice, "weft call list", "Soup for fifty");

    player.heading("Members");
    let node = reached(&mut player, &alice);
    let dora = Person::new("dora", dora);
    player.knows("/dns4/…/tcp/8471/p2p/12D3KooW…", node);
    for step in &members.steps {
        let by_member = step.comment.starts_with("the member");
        let shown = player.step(if by_member { &dora } else { &alice }, step);
        if let Some(id) = long_word(&shown) {
            let open = if by_member { "KEY" } else { "ROLE" };
            player.known.entry(open.to_owned()).or_insert(id);
        }
    }
    player.plays(&dora, "weft call new --kind offer --title en='Two vans' --until 14d");
    player.sees(&carol, "weft call list", "Two vans");
}

/// The handbook, by an operator who installs a service, and bridges to a region where a network lives.
fn handbook(stack: Stack, transcript: &str) {
    let Some(lab) = Lab::new() else { return untested() };
    let hosts = ["server", "bob"].map(|name| lab.host(name, stack));
    if !hosts[0].has_accounts() {
        return untested();
    }
    hosts[0].run(OF_ITS_OWN);
    let mut player = Player::new(transcript);
    let bob = neighbour(&mut player, "bob", &hosts[1], "us-wa");
    let founded = player.plays(&bob, "weft network found --name en='Bakers Union'");
    player.knows("THEIRS", long_word(&founded).expect("a network has an id"));
    player.knows("\"…\"", "'We carry calls both ways'");

    let mut root = Person::new("root", &hosts[0]);
    let mut blocks = blocks(HANDBOOK).into_iter().filter(|block| block.not_played.is_none());
    for block in blocks.by_ref().take(2) {
        play(&mut player, &root, &block);
    }
    // What the service manager does, by the unit.
    root.says_before("sudo -u weft WEFT_HOME=/var/lib/weft ");
    player.starts(&mut root, "/usr/bin/weft up", READY);
    player.plays(&root, "weft network found --name en='Harbour Care Network'");
    for block in blocks {
        let as_root = block.steps.iter().any(|step| step.command.starts_with("sudo "));
        root.says_before(if as_root { "" } else { "sudo -u weft WEFT_HOME=/var/lib/weft " });
        play(&mut player, &root, &block);
    }
    root.says_before("sudo -u weft WEFT_HOME=/var/lib/weft ");
    player.sees(&root, "weft bridge list", "west");
}

/// Lets a machine write to what it shares with ours without our seeing any of it.
const OF_ITS_OWN: &str = "mount -t tmpfs none /mnt; for name in usr etc var; do \
    mkdir /mnt/$name /mnt/$name.work; \
    mount -t overlay none -o lowerdir=/$name,upperdir=/mnt/$name,workdir=/mnt/$name.work /$name; done";

fn play(player: &mut Player, who: &Person<'_>, block: &Block) {
    player.heading(&block.heading);
    for step in &block.steps {
        player.step(who, step);
    }
}

/// Somebody whose node runs already.
fn neighbour<'a>(player: &mut Player, name: &str, host: &'a Host, region: &str) -> Person<'a> {
    let mut person = Person::new(name, host);
    player.heading(&format!("{name}, whose node runs already"));
    player.plays(&person, &format!("weft init --region {region}"));
    player.starts(&mut person, "weft up", READY);
    person
}

/// Returns where somebody's node is reached from elsewhere, as its status says it.
fn reached(player: &mut Player, who: &Person<'_>) -> String {
    let status = player.plays(who, "weft status");
    let mut words = status.split_whitespace();
    let reached = words.find(|word| word.contains("/ip4/10.77.") && word.contains("/tcp/"));
    reached.unwrap_or_else(|| panic!("it should be reached:\n{status}")).to_owned()
}

/// Returns the last of the words that are an id or a key: 52 letters and digits.
fn long_word(shown: &str) -> Option<String> {
    let letters = |c: char| !c.is_ascii_alphanumeric();
    shown.split(letters).rfind(|word| word.len() == 52).map(str::to_owned)
}
