//! Deciding, disclosing and doubting from the terminal, by real processes.

use std::time::Duration;

use serde_json::Value;
use weft_protocol::record::Record;
use weft_tests::cluster::{Cluster, Node};
use weft_tests::world::World;

use crate::cluster_world::{SOON, a_second_passes, answer, now, pair, sees, stored, text, typed};

/// One day, the unit in which openness is counted.
const DAY: Duration = Duration::from_secs(86_400);

/// Two networks of one region, each at its own node, joined by a tie with seats.
struct Pair {
    cluster: Cluster,
    nets: [String; 2],
    tie: String,
}

impl Pair {
    fn tied(terms: &[&str]) -> Self {
        let cluster = pair();
        let nets = [(0, "River"), (1, "Harbour")].map(|(n, name)| {
            text(&answer(&cluster[n], &["network", "found", "--name", name])["net"])
        });
        let mut pair = Self { cluster, nets, tie: String::new() };
        pair.sees(0, &["network", "show", &pair.nets[1]]);
        let propose = ["tie", "propose", "--kind", "agreement", "--summary", "We decide together"];
        let with = ["--with", &pair.nets[1], "--seats", "1+1"];
        let propose = [&propose[..], &with, terms].concat();
        pair.tie = text(&answer(&pair.cluster[0], &propose)["thing"]);
        pair.sees(1, &["tie", "show", &pair.tie]);
        answer(&pair.cluster[1], &["tie", "accept", &pair.tie]);
        pair.settles("the tie should be active", || {
            answer(&pair.cluster[0], &["tie", "show", &pair.tie])["state"]["phase"] == "active"
        });
        pair
    }

    fn sees(&self, n: usize, shown: &[&str]) {
        sees(&self.cluster, n, shown);
    }

    fn settles(&self, should: &str, check: impl FnMut() -> bool) {
        self.cluster.eventually(should, SOON, check);
    }

    /// Gives a member of the second network a seat at the tie.
    fn seat(&self, kind: &str) -> String {
        let node = &self.cluster[1];
        let key = text(&answer(node, &["member", "request", "--label", kind])["key"]);
        let offer = ["role", "offer", &key, "--label", kind, "--kind", kind, "--power", "vote"];
        let scope = ["--power", "respond", "--about", &self.tie];
        let role = text(&answer(node, &[&offer[..], &scope].concat())["thing"]);
        let name = format!("role-{kind}");
        answer(node, &["role", "accept", &role, "--as", &name]);
        name
    }
}

/// Rows: 2.23, 2.48, 4.11.
#[test]
fn s3_17_a_proposal_is_decided_closed_and_accepted_from_the_terminal() {
    let pair = Pair::tied(&["--decision-right", "matter=Joint plans,rule=All, by consensus"]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let terms = other.weft(["tie", "show", &pair.tie]).run();
    assert!(terms.success().stdout.contains("All, by consensus"), "{terms}");
    let (rep, alternate) = (pair.seat("rep"), pair.seat("alternate"));
    // Long enough for three ballots on a busy machine, and no longer than a test may wait.
    let closes = typed(now() + Duration::from_secs(12));
    let new =
        ["proposal", "new", "--to", &pair.tie, "--title", "A joint plan", "--text", "All of it"];
    let rule = ["--method", "consensus", "--quorum", "100", "--closes", &closes];
    let unclear = one.weft(new.iter().copied().chain(["--closes", "2001-01-01"])).run();
    assert!(unclear.fails_with(2).stderr.contains("--closes"), "{unclear}");
    let proposal = text(&answer(one, &[&new[..], &rule].concat())["thing"]);
    pair.sees(1, &["proposal", "show", &proposal]);
    let early = one.weft(["proposal", "close", &proposal]).run();
    assert!(early.fails_with(1).stderr.contains("voting is not over"), "{early}");
    answer(one, &["proposal", "ballot", &proposal, "--choice", "consent"]);
    let vote = |seat: &str, choice: &str| {
        let ballot =
            ["proposal", "ballot", &proposal, "--choice", choice, "--text", "Why.", "--as", seat];
        text(&answer(other, &ballot)["id"])
    };
    let by_rep = vote(&rep, "consent");
    let by_alternate = vote(&alternate, "object");
    let listed = one.weft(["proposal", "list"]).run();
    assert!(listed.success().stdout.contains("A joint plan"), "{listed}");

    let result = |node: &Node| answer(node, &["proposal", "result", &proposal])["state"].clone();
    pair.settles("it should be adopted at both", || {
        [one, other].iter().all(|node| result(node)["phase"] == "adopted")
    });
    assert_eq!(result(one)["provisional"], true);
    assert_eq!(result(one)["uncounted"]["gave_way"][0], by_alternate.as_str());
    answer(one, &["proposal", "close", &proposal]);
    pair.settles("the list should come", || !result(other)["closing"].is_null());
    assert!(other.weft(["doctor"]).run().stdout.contains("1 result waits for you"));
    answer(other, &["proposal", "accept", &proposal, "--as", &rep]);
    pair.settles("the result should stand", || result(one)["provisional"] == false);
    assert_eq!(result(one), result(other));
    let electors = result(one)["electors"].clone();
    let counted = |elector: &&Value| elector["net"] == pair.nets[1].as_str();
    let theirs = electors.as_array().and_then(|all| all.iter().find(counted)).cloned();
    assert_eq!(theirs.map(|elector| elector["ballot"].clone()), Some(by_rep.as_str().into()));
    let withdrawn = one.weft(["proposal", "withdraw", &proposal]).run();
    assert!(withdrawn.fails_with(4).stderr.contains("cannot be taken back"), "{withdrawn}");
    let late = ["proposal", "ballot", &proposal, "--choice", "consent"];
    let late = one.weft(late).run();
    assert!(late.fails_with(4).stderr.contains("a ballot after that"), "{late}");
    let shown = other.weft(["proposal", "show", &proposal, "--lang", "es"]).run();
    assert!(shown.success().stdout.contains("aprobada"), "{shown}");
}

#[test]
fn an_open_vote_is_named_until_it_is_cast() {
    let pair = Pair::tied(&[]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let closes = typed(now() + Duration::from_secs(3600));
    let new = ["proposal", "new", "--to", &pair.tie, "--title", "A plan", "--text", "All of it"];
    let proposal = text(&answer(one, &[&new[..], &["--closes", &closes]].concat())["thing"]);
    pair.sees(1, &["proposal", "show", &proposal]);
    let waits = || {
        let said = other.weft(["doctor"]).run().success().stdout.clone();
        said.contains("1 vote is open") && said.contains(&proposal[..10])
    };
    pair.settles("the vote should wait", waits);
    answer(other, &["proposal", "ballot", &proposal, "--choice", "consent"]);
    assert!(!waits(), "it was cast");
}

/// Rows: 3.7, 3.24.
#[test]
fn s3_25_a_concern_is_public_stands_and_is_answered_by_the_other_side() {
    let pair = Pair::tied(&["--review", "2020-01-01"]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let due = answer(one, &["tie", "due"]);
    assert_eq!(due[0]["state"]["review_due"], true);
    let due = one.weft(["tie", "due"]).run();
    assert!(due.success().stdout.contains("review due"), "{due}");

    let concern = text(&answer(other, &["concern", "raise", &pair.tie, "--text", "Late"])["thing"]);
    let state =
        |node: &Node| answer(node, &["concern", "list", "--about", &pair.tie])[0]["state"].clone();
    pair.settles("it should be seen", || state(one)["phase"] == "standing");
    answer(one, &["concern", "answer", &concern, "--text", "We meet on Friday"]);
    pair.settles("the answer should be seen", || state(other)["phase"] == "answered");
    assert_eq!(state(other)["by"], pair.nets[0].as_str());
    // Of two in one second the one with the lower id counts.
    a_second_passes(&pair.cluster);
    let again = text(&answer(other, &["concern", "raise", &pair.tie, "--text", "Late"])["thing"]);
    let any = |phase: &str| {
        let all = answer(one, &["concern", "list", "--about", &pair.tie]);
        all.as_array().is_some_and(|all| all.iter().any(|one| one["state"]["phase"] == phase))
    };
    pair.settles("it was raised again", || any("standing"));
    let foreign = one.weft(["concern", "withdraw", &again]).run();
    let words = "only Harbour";
    assert!(
        foreign.fails_with(4).stderr.contains(words),
        "nobody takes back the doubt of another: {foreign}"
    );
    answer(other, &["concern", "withdraw", &again]);
    pair.settles("it was taken back", || !any("standing"));
    let listed = one.weft(["concern", "list", "--lang", "es"]).run();
    assert!(listed.success().stdout.contains("retirado"), "{listed}");
}

#[test]
fn s3_9_a_concern_is_read_by_those_whom_it_concerns_and_stands_for_all() {
    let mut pair = Pair::tied(&[]);
    let stranger = pair.cluster.add("gb-bristol");
    pair.cluster.connect(stranger, 0);
    let (one, other, stranger) = (&pair.cluster[0], &pair.cluster[1], &pair.cluster[stranger]);
    stranger.weft(["network", "found", "--name", "Meadow"]).run().success();
    let words = "You never asked us: write to someone@example.org";
    let raise = ["concern", "raise", &pair.tie, "--text", words];
    let raised = other.weft(raise.into_iter().chain(["--json"])).run();
    assert!(raised.success().stderr.contains("You cannot take them back"), "{raised}");
    assert!(raised.stderr.contains("River") && raised.stderr.contains("Harbour"), "{raised}");
    let sealed = raised.json();
    assert_eq!(
        (&sealed["body"]["text"], sealed["body"]["sealed"].as_array().map(Vec::len)),
        (&Value::Null, Some(2))
    );
    let concern = text(&sealed["thing"]);
    let shown = |node: &Node| {
        let run = node.weft(["concern", "show", &concern, "--json"]).run();
        if run.status.success() { run.json() } else { Value::Null }
    };
    for (node, can) in [(one, true), (other, true), (stranger, false)] {
        pair.settles("it should stand everywhere", || shown(node)["state"]["phase"] == "standing");
        let said = &shown(node)["words"]["en"];
        assert_eq!(*said, if can { words.into() } else { Value::Null });
    }
    let closed = stranger.weft(["concern", "show", &concern]).run();
    assert!(closed.success().stdout.contains("sealed"), "{closed}");
    let open = one.weft(["concern", "list", "--open", "--lang", "es"]).run();
    assert!(open.success().stdout.contains(words), "{open}");
    let by_record = one.weft(["open", "--record", &concern]).run();
    assert_eq!(by_record.success().stdout.trim_end(), words);
    stranger.weft(["open", "--record", &concern]).run().fails_with(6);

    answer(one, &["concern", "answer", &concern, "--text", "We meet on Friday"]);
    pair.settles("the answer should be read by who raised it", || {
        shown(other)["answer"]["words"]["en"] == "We meet on Friday"
    });
    pair.settles("all should know that there is one", || {
        shown(stranger)["state"]["phase"] == "answered"
    });
    assert_eq!(shown(stranger)["answer"]["words"], Value::Null);
    let public = ["concern", "raise", &pair.tie, "--public", "--text", "For all to read"];
    assert_eq!(answer(stranger, &public)["body"]["text"]["en"], "For all to read");
}

/// Rows: 2.16.
#[test]
fn s0_24_how_to_reach_somebody_is_sealed_to_those_who_are_chosen() {
    let pair = Pair::tied(&[]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let call = ["call", "new", "--title", "Beds wanted", "--ask", "beds:2"];
    let contact = ["--contact", "Ask for Ana at door 4", "--contact-to", &pair.nets[1]];
    let alone = one.weft(call.into_iter().chain(["--contact", "x"])).run();
    assert!(alone.fails_with(2).stderr.contains("--contact-to"), "{alone}");
    let call = text(&answer(one, &[&call[..], &contact].concat())["thing"]);
    pair.sees(1, &["call", "show", &call]);
    let shown = other.weft(["call", "show", &call]).run();
    assert!(shown.success().stdout.contains("sealed: weft open --record"), "{shown}");
    let opened = other.weft(["open", "--record", &call]).run();
    assert_eq!(opened.success().stdout.trim_end(), "Ask for Ana at door 4");
    let offer = ["offer", "new", &call, "--ask", "beds", "--sealed", "We are at the quay"];
    let offer = answer(other, &offer);
    let offer = text(&offer["thing"]);
    pair.sees(0, &["record", "show", &offer]);
    assert_eq!(answer(one, &["open", "--record", &offer])["text"], "We are at the quay");
    let profile = ["profile", "set", "--contact", "Door 7", "--contact-to", &pair.nets[0]];
    answer(other, &profile);
    pair.settles("the profile should come", || {
        let run = one.weft(["network", "show", &pair.nets[1]]).run();
        run.success().stdout.contains("weft open --record")
    });
}

#[test]
fn s3_7_a_tie_is_renewed_once_every_party_accepts_its_new_terms() {
    let pair = Pair::tied(&["--review", "2030-01-01"]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let tie = |node: &Node| answer(node, &["tie", "show", &pair.tie]);
    let before = tie(one);
    let renew = ["tie", "renew", &pair.tie, "--review", "2031-06-01", "--notice-days", "30"];
    let renewed = answer(one, &[&renew[..], &["--until", "700d"]].concat());
    assert_eq!(
        (&renewed["rev"], &renewed["body"]["terms"]["notice_days"]),
        (&1.into(), &30.into())
    );
    assert_eq!(renewed["body"]["terms"]["summary"], before["body"]["terms"]["summary"]);
    assert_eq!(tie(one)["id"], before["id"], "what was agreed stays until all have accepted");
    pair.sees(1, &["record", "show", &text(&renewed["id"])]);
    answer(other, &["tie", "accept", &pair.tie]);
    pair.settles("the new terms should count", || tie(one)["id"] == renewed["id"]);
    assert_eq!(tie(one)["state"]["phase"], "active");
    let foreign = other.weft(["tie", "renew", &pair.tie, "--notice-days", "1"]).run();
    assert!(foreign.fails_with(4).stderr.contains("may change it or take it back"), "{foreign}");
}

#[test]
fn s2_27_a_proposal_is_changed_before_it_is_decided_and_never_who_decides() {
    let pair = Pair::tied(&[]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let closes = typed(now() + DAY);
    let new = ["proposal", "new", "--to", &pair.tie, "--title", "A plan", "--text", "All of it"];
    let proposal = text(&answer(one, &[&new[..], &["--closes", &closes]].concat())["thing"]);
    pair.sees(1, &["proposal", "show", &proposal]);
    answer(other, &["proposal", "ballot", &proposal, "--choice", "consent"]);
    let state = |node: &Node| answer(node, &["proposal", "result", &proposal])["state"].clone();
    pair.settles("the ballot should come", || state(one)["tally"]["consent"] == 1);
    let edit = ["proposal", "edit", &proposal, "--text", "Half of it"];
    let asked = one.weft(edit).run();
    assert!(asked.fails_with(4).stderr.contains("will count no longer"), "{asked}");
    let edited = answer(one, &[&edit[..], &["--yes"]].concat());
    assert_eq!(edited["body"]["title"]["en"], "A plan", "what is left out stays");
    pair.settles("the ballot is of earlier words", || {
        state(other)["uncounted"]["earlier"].as_array().is_some_and(|all| all.len() == 1)
    });
    let other_moment = ["proposal", "edit", &proposal, "--freeze", "2020-01-01", "--yes"];
    let refused = one.weft(other_moment).run();
    assert!(refused.fails_with(4).stderr.contains("keeps the tie that decides"), "{refused}");
}

#[test]
fn s3_8_a_disclosure_that_a_tie_asks_for_is_overdue_until_it_is_made() {
    let mut cluster = Cluster::start("us-wa", 1);
    let node = cluster.add("us-wa");
    cluster.connect(0, node);
    let long_ago = World::new(83).at(now() - DAY * 410);
    let (alice, bob) = (long_ago.network("alice"), long_ago.network("bob"));
    let tie = alice.umbrella(&[&bob]).until(now() + DAY * 300).sign();
    let lately = now() - DAY * 10;
    let accepted = bob.accept(&tie).at(lately).until(now() + DAY * 300).sign();
    let profiles: Vec<Record> = [&alice, &bob]
        .map(|net| net.profile(&[]).at(lately).until(now() + DAY * 100).sign())
        .to_vec();
    let said =
        [vec![alice.inception.clone(), bob.inception.clone(), tie.clone(), accepted], profiles];
    cluster[0].door().post(&said.concat()).unwrap();
    cluster.eventually("both should have it", SOON, || {
        stored(&cluster[node]).len() == said.concat().len()
    });
    let due = |n: usize| answer(&cluster[n], &["disclosure", "due"]);
    for n in [0, node] {
        let due = due(n);
        assert_eq!(due.as_array().unwrap().len(), 2, "{due}");
        assert!(due.as_array().unwrap().iter().all(|d| d["state"]["phase"] == "overdue"), "{due}");
    }
    let wanting = answer(&cluster[node], &["tie", "due"]);
    assert_eq!(wanting[0]["state"]["overdue"].as_array().unwrap().len(), 2);
    let shown = cluster[node].weft(["tie", "due", "--lang", "es"]).run();
    assert!(shown.success().stdout.contains("vencido desde"), "{shown}");

    let open = alice.funding(&[("Members, in sum", 80), ("A foundation", 20)]);
    let open = open.at(lately).until(now() + DAY * 300).sign();
    cluster[0].door().post(std::slice::from_ref(&open)).unwrap();
    cluster.eventually("one of the two is open now", SOON, || {
        let due = due(node);
        let phases = due.as_array().unwrap().iter().map(|due| due["state"]["phase"].clone());
        phases.filter(|phase| phase == "overdue").count() == 1
    });
    let listed = cluster[node].weft(["disclosure", "list"]).run();
    assert!(listed.success().stdout.contains("80 % Members, in sum"), "{listed}");
}

/// Rows: 3.8.
#[test]
fn a_disclosure_is_made_from_the_terminal() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    node.weft(["network", "found", "--name", "River"]).run().success();
    let new = ["disclosure", "new", "--kind", "funding", "--text", "Our year"];
    let period = ["--start", "2026-01-01", "--end", "2026-06-30"];
    let sources = ["--source", "form=dues,share=60,from=Members, in sum"];
    let all: Vec<&str> = [&new[..], &period, &sources].concat();
    node.weft(all).run().success();
    let wrong = node.weft(new.into_iter().chain(["--source", "share=60"])).run();
    assert!(wrong.fails_with(2).stderr.contains("--source from"), "{wrong}");
    for (kind, words) in [("conflict", "Our host sits there too"), ("rationale", "Why we said no")]
    {
        node.weft(["disclosure", "new", "--kind", kind, "--text", words]).run().success();
    }
    let all = answer(node, &["disclosure", "list"]);
    let of = |kind: &str| {
        let mut all = all.as_array().into_iter().flatten();
        all.find(|one| one["body"]["kind"] == kind).cloned().unwrap_or_default()
    };
    assert!(of("conflict").is_object() && of("rationale").is_object(), "{all}");
    let funding = of("funding");
    assert_eq!(funding["state"]["largest"]["share"], 60);
    assert_eq!(text(&funding["body"]["sources"][0]["source"]["en"]), "Members, in sum");
}

/// Rows: 2.22, 4.20.
#[test]
fn a_reps_key_is_stolen_while_the_vote_is_open_and_the_alternates_ballot_counts() {
    let pair = Pair::tied(&[]);
    let (one, other) = (&pair.cluster[0], &pair.cluster[1]);
    let (rep, alternate) = (pair.seat("rep"), pair.seat("alternate"));
    let roles = answer(other, &["role", "list"]);
    let is_rep = |role: &&Value| role["body"]["kind"] == "rep";
    let role = roles.as_array().and_then(|all| all.iter().find(is_rep)).map(|r| text(&r["thing"]));
    let role = role.expect("the rep's role");
    // Long enough for what follows on a busy machine, and no longer than a test may wait.
    let closes = typed(now() + Duration::from_secs(15));
    let new =
        ["proposal", "new", "--to", &pair.tie, "--title", "A joint plan", "--text", "All of it"];
    let rule = ["--method", "consensus", "--quorum", "100", "--closes", &closes];
    let proposal = text(&answer(one, &[&new[..], &rule].concat())["thing"]);
    pair.sees(1, &["proposal", "show", &proposal]);
    answer(one, &["proposal", "ballot", &proposal, "--choice", "consent"]);
    let vote = |seat: &str, choice: &str| {
        let ballot =
            ["proposal", "ballot", &proposal, "--choice", choice, "--text", "Why.", "--as", seat];
        other.weft(ballot.into_iter().chain(["--json"])).run()
    };
    let by_alternate = text(&vote(&alternate, "consent").success().json()["id"]);
    // Whoever stole the rep's key says no in the network's name.
    let stolen = text(&vote(&rep, "object").success().json()["id"]);
    let result = |node: &Node| answer(node, &["proposal", "result", &proposal])["state"].clone();
    pair.settles("the thief should be heard at both", || {
        [one, other].iter().all(|node| result(node)["tally"]["object"] == 1)
    });
    answer(other, &["role", "withdraw", &role, "--as", "network", "--compromised", "--yes"]);
    let mute = vote(&rep, "object");
    assert!(mute.fails_with(4).stderr.contains("Refused"), "{mute}");
    pair.settles("the alternate's ballot should decide at both", || {
        [one, other].iter().all(|node| result(node)["phase"] == "adopted")
    });
    assert_eq!(result(one), result(other));
    let electors = result(one)["electors"].clone();
    let counted = |elector: &Value| elector["ballot"] == by_alternate.as_str();
    assert!(electors.as_array().is_some_and(|all| all.iter().any(counted)), "{electors}");
    let shown = answer(one, &["record", "show", &stolen]);
    assert!(
        !shown["state"]["void"].is_null(),
        "it does not count, whatever date it claims: {shown}"
    );
}
