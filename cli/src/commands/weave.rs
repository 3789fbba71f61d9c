//! `weft weave`: who is tied to whom, how wide the bridges are, and which tie is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::control::{Request, Response};
use weft_protocol::fold::tie;
use weft_protocol::id::NetId;
use weft_protocol::region::Region;
use weft_protocol::values::Scores;
use weft_protocol::weave::{Bridge, Missing, Pattern, Suggestion, THRESHOLDS, Weave, Wish};

use crate::commands::{tie as ties, values_map, weave_overlaps};
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::groups::OfNetwork;
use crate::show::directory::Directory;
use crate::words::{Empty, Say, Word};

/// How many suggestions are shown for each other region: what a meeting can talk about.
const SUGGESTIONS_MAX: usize = 5;

/// See who is tied to whom, and where the weave is thin
///
/// All of it follows from ties that both sides have signed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the networks and how many ties each has
    Show {
        /// As a graph for Graphviz: weft weave show --dot | dot -Tsvg
        #[arg(long)]
        dot: bool,
    },
    /// Show which networks are members of several alliances
    ///
    /// Each is one voice, however many of its alliances speak.
    Overlaps {
        /// Only of this alliance and the others that are named (may be given several times)
        #[arg(long, value_name = "NETWORK")]
        of: Vec<String>,
    },
    /// Show how wide the bridges of your region to other regions are
    ///
    /// Carriers are the fewest networks whose loss cuts the bridge. Joining at 2: how many of the other
    /// side join when all of one side have and two voices are enough. Bridges between other regions
    /// are shown to those regions only. What is no tie that both sides have signed is not seen, and a
    /// tie counts as one however much goes over it.
    Bridges {
        #[command(flatten)]
        of: OfNetwork,
    },
    /// Suggest ties of your network that would let the most others join
    ///
    /// What a tie gains is how many more of the other side would join with it than without, when all
    /// of yours have. It knows nothing of whether you would get on.
    Suggest {
        #[command(flatten)]
        of: OfNetwork,
        /// Only with this region
        #[arg(long)]
        with: Option<Region>,
        /// How many voices it takes to join
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
        voices: u8,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    match args.verb {
        Verb::Overlaps { of } => weave_overlaps::show(desk, &door, &of),
        Verb::Show { dot } => show(desk, &door, &pattern(&door)?, dot),
        Verb::Bridges { of } => bridges(desk, &door, &pattern(&door)?, &of),
        Verb::Suggest { of, with, voices } => {
            let wanted = with.map(|region| region.to_string());
            suggest(desk, &door, &pattern(&door)?, (&of, wanted, usize::from(voices)))
        }
    }
}

/// Asks the node who is tied to whom.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn pattern(door: &Door) -> Result<Pattern> {
    let threads = door.list(&Request::Weave, |response| match response {
        Response::Thread(thread) => Some(thread),
        _ => None,
    })?;
    Ok(threads.into_iter().collect())
}

/// Returns the networks in whose eyes the person looks: the one that was named, else those that
/// live on the node.
///
/// # Errors
/// When the node does not answer, or knows none of that name.
pub(crate) fn ours(desk: &Desk, door: &Door, of: &OfNetwork) -> Result<BTreeSet<NetId>> {
    if let Some(net) = of.find(desk, door)? {
        return Ok([net].into());
    }
    let status = door.status()?;
    Ok(status.hosted.into_iter().collect())
}

fn show(desk: &Desk, door: &Door, pattern: &Pattern, dot: bool) -> Result<Exit> {
    let weave = Weave::new(pattern);
    if desk.json {
        let network = |net: &NetId| {
            let ties = weave.neighbours(*net).count();
            json!({ "net": net, "cluster": pattern.clusters.get(net), "class": pattern.classes.get(net), "ties": ties })
        };
        let edge = |e: &weft_protocol::weave::Edge| json!({ "a": e.a, "b": e.b, "kind": e.kind });
        let networks: Vec<Value> = pattern.networks.iter().map(network).collect();
        let edges: Vec<Value> = pattern.edges.iter().map(edge).collect();
        desk.answer(&json!({ "networks": networks, "ties": edges }))?;
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    if dot {
        desk.verbatim(graphviz(pattern, &directory))?;
        return Ok(Exit::Done);
    }
    if pattern.networks.is_empty() {
        desk.note(&Say::Empty(Empty::Weave));
        return Ok(Exit::Done);
    }
    let headings = [Word::Name, Word::Regions, Word::Ties];
    let rows = pattern.networks.iter().map(|net| {
        let region = pattern.clusters.get(net).cloned().unwrap_or_default();
        [directory.name(*net), region, weave.neighbours(*net).count().to_string()]
    });
    desk.table(headings, rows)
}

/// Writes the graph in the language of Graphviz: a box for each region.
fn graphviz(pattern: &Pattern, directory: &Directory) -> String {
    let mut regions: BTreeMap<&str, Vec<NetId>> = BTreeMap::new();
    for net in &pattern.networks {
        let region = pattern.clusters.get(net).map_or("", String::as_str);
        regions.entry(region).or_default().push(*net);
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = "graph weave {\n".to_owned();
    // Writing into a string cannot fail.
    for (n, (region, nets)) in regions.into_iter().enumerate() {
        writeln!(text, "  subgraph cluster_{n} {{\n    label = {};", quoted(region)).ok();
        for net in nets {
            let name = quoted(&directory.name(net));
            writeln!(text, "    {} [label = {name}];", quoted(&net.short())).ok();
        }
        text.push_str("  }\n");
    }
    for edge in &pattern.edges {
        let ends = [edge.a, edge.b].map(|net| quoted(&net.short()));
        writeln!(text, "  {};", ends.join(" -- ")).ok();
    }
    text.push('}');
    text
}

fn bridges(desk: &Desk, door: &Door, pattern: &Pattern, of: &OfNetwork) -> Result<Exit> {
    let ours = ours(desk, door, of)?;
    let homes: BTreeSet<&String> =
        ours.iter().filter_map(|net| pattern.clusters.get(net)).collect();
    let weave = Weave::new(pattern);
    let (seen, others): (Vec<Bridge>, Vec<Bridge>) = weave
        .bridges()
        .into_iter()
        .partition(|bridge| bridge.ends.iter().any(|e| homes.contains(e)));
    if desk.json {
        desk.answer(&json!({ "bridges": seen.iter().map(shape).collect::<Vec<_>>(), "others": others.len() }))?;
        return Ok(Exit::Done);
    }
    if seen.is_empty() {
        desk.note(&Say::Empty(Empty::Bridges));
    } else {
        let headings = [
            Word::Regions,
            Word::Ties,
            Word::Carriers,
            Word::Heard,
            Word::JoinAtTwo,
            Word::JoinAtThree,
        ];
        let rows = seen.iter().map(|bridge| {
            let lit = |i: usize| {
                format!(
                    "{}/{} · {}/{}",
                    bridge.there[i], bridge.sizes[1], bridge.back[i], bridge.sizes[0]
                )
            };
            [
                bridge.ends.join(" – "),
                bridge.ties.to_string(),
                bridge.carriers.to_string(),
                lit(0),
                lit(1),
                lit(2),
            ]
        });
        desk.table(headings, rows)?;
    }
    if !others.is_empty() {
        desk.note(&Say::OtherBridges { count: others.len() });
    }
    Ok(Exit::Done)
}

fn shape(bridge: &Bridge) -> Value {
    let lit = |i: usize| json!({ "voices": THRESHOLDS[i], "there": bridge.there[i], "back": bridge.back[i], "wide": bridge.is_wide(i) });
    json!({
        "between": bridge.ends,
        "networks": bridge.sizes,
        "ties": bridge.ties,
        "carriers": bridge.carriers,
        "joining": [lit(0), lit(1), lit(2)],
    })
}

fn suggest(
    desk: &Desk,
    door: &Door,
    pattern: &Pattern,
    (of, with, voices): (&OfNetwork, Option<String>, usize),
) -> Result<Exit> {
    let ours = ours(desk, door, of)?;
    let scores: BTreeMap<NetId, Scores> = values_map::own_scores(door)?;
    let parted = parted(door)?;
    let weave = Weave::new(pattern);
    let homes: BTreeSet<&String> =
        ours.iter().filter_map(|net| pattern.clusters.get(net)).collect();
    let mut found: Vec<(String, Suggestion)> = Vec::new();
    for (there, _) in weave.clusters() {
        if with.as_ref().is_some_and(|with| with != there) {
            continue;
        }
        for home in homes.iter().filter(|home| home.as_str() != there) {
            let wish =
                Wish { ends: [home.as_str(), there], k: voices, scores: &scores, parted: &parted };
            let all = weave.suggest(&wish, usize::MAX).into_iter();
            // A list of the thinnest places is a list of targets: each is for those two alone.
            let concerns = |s: &Suggestion| {
                s.ties.iter().all(|tie| ours.contains(&tie.a) || ours.contains(&tie.b))
            };
            found.extend(all.filter(concerns).take(SUGGESTIONS_MAX).map(|s| (there.to_owned(), s)));
        }
    }
    let tie = |tie: &Missing| json!({ "a": tie.a, "b": tie.b, "shared": tie.shared });
    let shape = |(region, s): &(String, Suggestion)| {
        let ties: Vec<Value> = s.ties.iter().map(tie).collect();
        json!({ "with": region, "ties": ties, "gain": s.gain, "carriers": s.carriers })
    };
    let why = Say::Empty(unsuggested(pattern, &homes));
    if !desk.wants_list(&found, shape, &why)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    for (_, suggestion) in &found {
        for tie in &suggestion.ties {
            let names = [tie.a, tie.b].map(|net| directory.name(net));
            desk.line(names.join(" – "))?;
            if !tie.shared.is_empty() {
                desk.line(format!("  {}", values_map::sentence(desk.speech, &tie.shared, None)))?;
            }
        }
        let gain = Say::WouldGain { gain: suggestion.gain, voices, carriers: suggestion.carriers };
        desk.line(format!("  {}", desk.speech.say(&gain)))?;
    }
    Ok(Exit::Done)
}

/// Returns why no tie is suggested.
fn unsuggested(pattern: &Pattern, homes: &BTreeSet<&String>) -> Empty {
    let regions: BTreeSet<&String> = pattern.clusters.values().collect();
    match (homes.first(), regions.len()) {
        (None, _) => Empty::SuggestOutside,
        (Some(region), 1) => Empty::SuggestOneRegion { region: (*region).clone() },
        _ => Empty::Suggest,
    }
}

/// Returns the pairs of which one has ended a tie with the other.
fn parted(door: &Door) -> Result<BTreeSet<(NetId, NetId)>> {
    let mut parted = BTreeSet::new();
    for (record, state) in ties::all(door, None)? {
        let tie::State::Ended { by, .. } = state else { continue };
        let weft_protocol::body::Body::Tie(tie) = record.body() else { continue };
        let others = tie.parties.as_slice().iter().filter(|net| **net != by);
        parted.extend(others.map(|other| (by, *other)));
    }
    Ok(parted)
}
