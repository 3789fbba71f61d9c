//! Values and weave against public data: expected numbers of Bristol's civic organisations, of the
//! European Social Forums, and of the worked declarations.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use weft_protocol::body::tie::TieKind;
use weft_protocol::body::values::{Rating, ValueType};
use weft_protocol::id::NetId;
use weft_protocol::ledger::{Ledger, PoolBounds};
use weft_protocol::values::{Actual, Rounded, SCHWARTZ10, Scores};
use weft_protocol::weave::{Edge, Pattern, Reach, Weave, Wish, spanning_tree};
use weft_tests::cluster::Cluster;
use weft_tests::data::{beside, columns};
use weft_tests::world::{Network, START, World};

/// Networks by name; their ids are in the order of their names.
#[derive(Default)]
struct Map {
    ids: BTreeMap<String, NetId>,
    pattern: Pattern,
}

impl Map {
    fn new(clusters: BTreeMap<String, String>, pairs: &[(String, String)]) -> Self {
        let mut map = Self::default();
        for ((name, cluster), n) in clusters.into_iter().zip(0_u64..) {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&n.to_be_bytes());
            map.ids.insert(name, NetId(id));
            map.pattern.networks.insert(NetId(id));
            map.pattern.clusters.insert(NetId(id), cluster);
        }
        for (a, b) in pairs {
            let (a, b) = (map.net(a), map.net(b));
            map.pattern.edges.insert(Edge { a, b, kind: TieKind::Agreement });
        }
        map
    }

    fn net(&self, name: &str) -> NetId {
        self.ids[name]
    }

    fn name(&self, net: NetId) -> &str {
        self.ids.iter().find(|(_, id)| **id == net).expect("a name").0
    }

    fn reach(&self, weave: &Weave, author: &str, endorsers: &[&str]) -> Reach {
        weave.reach(self.net(author), &endorsers.iter().map(|name| self.net(name)).collect())
    }
}

/// The organisations of Bristol that share members, and their clusters.
fn bristol() -> Option<Map> {
    let clusters = columns(&beside("bristol/clusters.csv")?, ["label", "cluster"]);
    let ties = columns(&beside("bristol/org_ties.csv")?, ["a", "b", "shared_members"]);
    let pairs = ties.into_iter().filter(|[_, _, members]| members != "0");
    let pairs: Vec<_> = pairs.map(|[a, b, _]| (a, b)).collect();
    Some(Map::new(clusters.into_iter().map(|[name, cluster]| (name, cluster)).collect(), &pairs))
}

/// Rows: 0.6.
#[test]
fn the_bridges_of_bristol_are_those_of_the_independent_implementation() {
    let (Some(map), Some(expected)) = (bristol(), beside("bristol/bridge_vectors.json")) else {
        return;
    };
    let weave = Weave::new(&map.pattern);
    assert_eq!((weave.len(), weave.ties()), (81, 243));
    let expected: Vec<BTreeMap<String, usize>> =
        serde_json::from_str(&expected).expect("the expected bridges");
    assert_eq!(expected.len(), 15);
    for row in expected {
        let bridge = weave.bridge(&row["a"].to_string(), &row["b"].to_string()).expect("clusters");
        let lit = |way: &str| [1, 2, 3].map(|k| row[&format!("lit{k}_{way}")]);
        assert_eq!(bridge.sizes, [row["size_a"], row["size_b"]], "{row:?}");
        assert_eq!((bridge.ties, bridge.carriers), (row["ties"], row["carriers"]), "{row:?}");
        assert_eq!((bridge.there, bridge.back), (lit("ab"), lit("ba")), "{row:?}");
    }
    // The three clusters of two organisations that the data has beside these are left out there.
    let mut bridges = weave.bridges();
    bridges.retain(|bridge| bridge.ends.iter().all(|end| end.as_str() < "6"));
    let narrowest = spanning_tree(&bridges).pop().expect("a tree");
    assert_eq!((narrowest.ends.join("-"), narrowest.carriers), ("0-5".to_owned(), 1));
}

/// Rows: 0.5, 0.43, 4.68a.
#[test]
fn voices_reach_in_bristol_as_far_as_they_reinforce_each_other() {
    let Some(map) = bristol() else { return };
    let weave = Weave::new(&map.pattern);
    let shown = |reach: Reach, i: usize| (reach.reinforced[i].now, reach.reinforced[i].closure);
    let alone = map.reach(&weave, "FoE", &[]);
    assert_eq!((alone.heard, shown(alone, 0)), (77, (0, 1)));
    assert_eq!(shown(map.reach(&weave, "FoE", &["Sustrans"]), 0), (12, 62));
    assert_eq!(shown(map.reach(&weave, "Kebele", &["Permaculture"]), 0), (1, 62));
    assert_eq!(map.reach(&weave, "FoE", &["Greens", "Kebele"]).reinforced[1].closure, 51);
}

/// Rows: 0.6.
#[test]
fn the_missing_ties_of_bristol_are_named() {
    let Some(map) = bristol() else { return };
    let weave = Weave::new(&map.pattern);
    let (scores, parted) = (BTreeMap::new(), BTreeSet::new());
    let suggest = |a: &'static str, b: &'static str| {
        weave.suggest(&Wish { ends: [a, b], k: 2, scores: &scores, parted: &parted }, 3)
    };
    for (ends, one, other, gain) in [
        (["0", "4"], "Greens", "HartCommCampus", 28),
        (["0", "5"], "RailwayDevelop", "Maternity", 27),
    ] {
        let best = suggest(ends[0], ends[1]);
        let tie = &best[0].ties[0];
        assert_eq!((map.name(tie.a), map.name(tie.b), best[0].gain), (one, other, gain));
        assert_eq!(best[0].ties.len(), 1);
    }
    assert_eq!(suggest("1", "4")[0].gain, 1);
}

/// Pairs of organisations.
type Pairs = Vec<(String, String)>;

/// The organisations of the European Social Forums with their countries, and who was tied: when one
/// was part of the other, or when both took part in one seminar.
fn organisations() -> Option<(BTreeMap<String, String>, Pairs)> {
    let nodes = columns(&beside("etcgroups/esf_nodes.csv")?, ["id", "country", "type"]);
    let edges = columns(&beside("etcgroups/esf_edges.csv")?, ["source", "target", "type"]);
    let organisations: BTreeMap<String, String> = nodes
        .into_iter()
        .filter(|[_, _, kind]| kind != "Seminary" && kind != "Plenary Session")
        .map(|[id, country, _]| (id, country))
        .collect();
    assert_eq!(organisations.len(), 902);
    let mut pairs = Vec::new();
    let mut seminars: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut memberships = 0;
    for [whole, part, kind] in edges {
        if kind == "Is Part Of" {
            memberships += 1;
            pairs.push((whole, part));
        } else {
            seminars.entry(whole).or_default().push(part);
        }
    }
    assert_eq!(memberships, 242);
    for parts in seminars.values() {
        let both = |a: &String| parts.iter().map(|b| (a.clone(), b.clone())).collect::<Vec<_>>();
        pairs.extend(parts.iter().flat_map(both));
    }
    pairs.retain(|(a, b)| a != b && organisations.contains_key(a) && organisations.contains_key(b));
    Some((organisations, pairs))
}

/// The organisations of the forums that have a tie, by country.
fn forums() -> Option<Map> {
    let (organisations, pairs) = organisations()?;
    let tied: BTreeSet<&String> = pairs.iter().flat_map(|(a, b)| [a, b]).collect();
    let clusters = organisations.into_iter().filter(|(id, _)| tied.contains(id)).collect();
    Some(Map::new(clusters, &pairs))
}

/// Writes a cell of a table.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Rows: 4.35.
#[test]
fn the_organisations_of_the_forums_are_listed_apart_until_they_speak_for_themselves() {
    let Some(nodes) = beside("etcgroups/esf_nodes.csv") else { return };
    let mut rows = columns(&nodes, ["id", "name", "location", "country", "website", "type"]);
    rows.retain(|row| row[5] != "Seminary" && row[5] != "Plenary Session");
    let line = |row: &[String; 6]| row.each_ref().map(|cell| quoted(cell)).join(",");
    let table: Vec<String> = rows.iter().map(line).collect();
    let table = format!("id,name,location,country,website,type\r\n{}", table.join("\r\n"));

    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    std::fs::write(node.sandbox().path("table.csv"), table).expect("the sandbox takes a file");
    let json = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(["--json"]);
        node.weft(all).run().success().json()
    };
    assert_eq!(json(&["listing", "import", "table.csv"])["new"], 902);
    assert_eq!(json(&["listing", "import", "table.csv"])["known"], 902);
    let listed = json(&["listing", "list"]);
    assert_eq!(listed.as_array().expect("a list").len(), 902);
    assert!(listed.as_array().expect("a list").iter().all(|one| one["adopted"].is_null()));
    assert_eq!(json(&["network", "list"]), serde_json::json!([]), "nobody speaks for them");

    let [id, name, ..] = &rows[0];
    node.weft(["network", "found", "--name", "A name for now"]).run().success();
    assert!(json(&["listing", "show", id])["adopted"].is_null());
    node.weft(["listing", "adopt", id]).run().success();
    let shown = json(&["listing", "show", id]);
    let networks = json(&["network", "list"]);
    assert_eq!(shown["adopted"], networks[0]["net"], "{shown}");
    assert_eq!(networks[0]["profile"]["body"]["name"]["en"], name.as_str());
}

#[test]
fn between_countries_the_forums_had_threads_and_no_bridges() {
    let Some(map) = forums() else { return };
    let weave = Weave::new(&map.pattern);
    let france = weave.bridge("France", "United Kingdom").expect("both countries");
    assert_eq!((france.ties, france.carriers, france.sizes[1]), (4, 2, 96));
    assert_eq!(france.there[1], 1);
    let italy = weave.bridge("Italy", "United Kingdom").expect("both countries");
    assert_eq!((italy.ties, italy.carriers, italy.there[1]), (2, 1, 0));
}

/// The worked declarations.
struct Worked {
    vectors: Value,
}

impl Worked {
    fn scores(&self, name: &str) -> Scores {
        let types: Vec<ValueType> =
            serde_json::from_value(self.vectors["order"].clone()).expect("types");
        let ratings: Vec<Rating> =
            serde_json::from_value(self.vectors[name].clone()).expect("ratings");
        Scores::new(&types.into_iter().zip(ratings).collect()).expect("scores")
    }

    /// Compares numbers that were published with `decimals` decimals.
    fn check(&self, what: &str, decimals: i32, ours: impl Fn(&str) -> f64) {
        for (name, expected) in self.vectors[what].as_object().expect("numbers") {
            let expected = expected.as_f64().expect("a number");
            let apart = (ours(name) - expected).abs();
            assert!(apart <= 0.51 * 10_f64.powi(-decimals), "{what} {name}: {expected}");
        }
    }
}

fn number(rounded: Option<Rounded>) -> f64 {
    f64::from(rounded.expect("a number").units()) / f64::from(Rounded::ONE)
}

/// Rows: 4.3, 4.8.
#[test]
fn worked_declarations_have_the_published_scores() {
    let Some(text) = beside("values/test_vectors.json") else { return };
    let worked = Worked { vectors: serde_json::from_str(&text).expect("the vectors") };
    let scores = |name: &str| worked.scores(name);
    let pair = |name: &str| (scores(&name[..1]), scores(&name[1..]));
    worked.check("index", 4, |name| number(scores(name).index()));
    worked.check("direction_deg", 2, |name| number(scores(name).position().direction()));
    // Five times the amplitude, of which we keep four decimals.
    worked.check("resultant", 3, |name| number(Some(scores(name).position().amplitude())) * 5.0);
    worked.check("profile_r", 4, |name| {
        let (a, b) = pair(name);
        number(a.correlation(&b))
    });
    worked.check("circumplex_cos", 4, |name| {
        let (a, b) = pair(name);
        number(a.position().similarity(&b.position()))
    });
    let others = ["A", "B", "A", "B", "A", "B"].iter().zip(0_u8..);
    let actual = Actual::new(others.map(|(name, n)| (NetId([n; 32]), scores(name))).collect());
    let gap = actual.own_gap(NetId([99; 32]), &scores("P")).expect("a gap").gap;
    let expected = worked.vectors["perception_gap_P_vs_meanAB"].as_f64().expect("a number");
    assert!((number(Some(gap)) - expected).abs() < 1e-9);
}

/// Rows: 4.9, 4.51.
#[test]
fn the_instrument_is_the_published_data() {
    let Some(text) = beside("values/circumplex.json") else { return };
    let data: Value = serde_json::from_str(&text).expect("the instrument");
    assert_eq!(data["id"], SCHWARTZ10.id);
    let types = data["types"].as_array().expect("types");
    assert_eq!(types.len(), SCHWARTZ10.types.len());
    for (published, ours) in types.iter().zip(&SCHWARTZ10.types) {
        let code: ValueType = serde_json::from_value(published["code"].clone()).expect("a code");
        assert_eq!((code, published["name"].as_str()), (ours.value, Some(ours.name)));
        assert_eq!(published["goal"], ours.goal);
        assert_eq!(published["frame"], format!("{:?}", ours.frame).to_lowercase());
        let items = published["items"].as_array().expect("items");
        assert_eq!(items.len(), ours.items.len());
        for (published, ours) in items.iter().zip(ours.items) {
            assert_eq!(
                (&published["name"], &published["gloss"]),
                (&ours.name.into(), &ours.gloss.into())
            );
            assert_eq!(published["scored"], ours.scored);
        }
    }
}

/// Rows: 4.35.
#[test]
fn the_ties_of_the_forums_say_the_same_when_networks_sign_them() {
    let Some((organisations, pairs)) = organisations() else { return };
    let now = START + Duration::from_secs(86_400);
    let slug = |country: &str| {
        let letter = |c: char| if c.is_ascii_alphabetic() { c.to_ascii_lowercase() } else { '-' };
        let plain: String = country.chars().take(28).map(letter).collect();
        format!("esf-{}", plain.trim_matches('-')).trim_end_matches('-').to_owned()
    };
    let mut said = Vec::new();
    let mut nets: BTreeMap<&String, Network> = BTreeMap::new();
    for (id, country) in &organisations {
        let net = World::new(2004).in_region(&slug(country)).network(id);
        said.extend([net.inception.clone(), net.profile(&[]).sign()]);
        nets.insert(id, net);
    }
    let pairs: BTreeSet<(&String, &String)> =
        pairs.iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
    for (a, b) in &pairs {
        let tie = nets[a].tie_of(TieKind::MemberOf, &[&nets[b]]).sign();
        let home = slug(&organisations[*a]);
        said.extend([nets[b].accept(&tie).home(&home).sign(), tie]);
    }
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.insert_all(&said, now);
    let weave = Weave::new(&ledger.pattern(&BTreeMap::new(), now));
    assert_eq!((nets.len(), weave.len(), weave.ties()), (902, 902, pairs.len()));
    let bridge = weave.bridge("esf-france", "esf-united-kingdom").expect("both countries");
    assert_eq!((bridge.ties, bridge.carriers, bridge.there[1]), (4, 2, 1));
}
