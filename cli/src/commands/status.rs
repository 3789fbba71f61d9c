//! `weft status`: how the node is.

use anyhow::Result;
use serde_json::{Value, json};
use weft_node::network::{Address, Nearness, peer_text};
use weft_protocol::admission::{Fullness, NewcomerRoom};
use weft_protocol::control::NodeStatus;

use crate::commands::doctor;
use crate::desk::Desk;
use crate::door::Door;
use crate::examine::{company, examine};
use crate::exit::Exit;
use crate::show::columns::pairs;
use crate::show::json::{self, moment};
use crate::show::when::relative;
use crate::words::{Condition, Finding, Say, Word};

/// Shows it.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    let door = Door::open(desk)?;
    let status = door.status()?;
    let found = examine(desk, &door, &status)?;
    if desk.json {
        desk.answer(&shape(desk, &status, &found))?;
    } else {
        desk.line(in_words(desk, &status, &found))?;
    }
    Ok(Exit::Done)
}

fn shape(desk: &Desk, status: &NodeStatus, found: &[Finding]) -> Value {
    let clock = status.clock.map(
        |clock| json!({ "ahead": clock.ahead, "against": clock.against, "nodes": clock.nodes }),
    );
    json!({
        "findings": doctor::shapes(desk, found),
        "node": peer_text(status.node),
        "version": status.version,
        "profile": status.profile,
        "since": moment(status.since),
        "now": moment(status.now),
        "regions": status.regions,
        "hosted": status.hosted,
        "listening": status.listening,
        "missed": json::missed(&status.missed),
        "peers": status.peers,
        "records": status.records,
        "waiting": status.waiting,
        "early": status.early,
        "clock": clock,
        "doubted_clock": status.doubt.map(|doubt| moment(doubt.shown)),
        "stock": status.stock,
        "newcomers": status.newcomers,
        "knocks": status.knocks.iter().map(json::knock).collect::<Vec<_>>(),
        "networks": status.networks,
        "read_only": status.read_only,
        "counters": status.counters,
    })
}

fn in_words(desk: &Desk, status: &NodeStatus, found: &[Finding]) -> String {
    let word = |word: Word| desk.speech.word(word).to_owned();
    let peers = status.peers.iter().map(|(region, n)| format!("{region} {n}"));
    let regions: Vec<&str> = status.regions.iter().map(|region| region.as_str()).collect();
    let of = |what: &str| status.records.get(what).copied().unwrap_or_default();
    let (all, held, void) = (of("all"), of("held"), of("void"));
    let records = Say::Condition(Condition::RecordsHere { all, held, void });
    let (waiting, early) = (status.waiting, status.early);
    let waiting = Say::Condition(Condition::RecordsWait { waiting, early });
    let rows = [
        (word(Word::State), state(desk, found)),
        (word(Word::Node), peer_text(status.node)),
        (word(Word::Version), status.version.clone()),
        (word(Word::Profile), desk.speech.term(&status.profile)),
        (word(Word::Since), relative(status.since, status.now, desk.speech)),
        (word(Word::Regions), regions.join(", ")),
        (word(Word::Listening), listening(desk, status)),
        (word(Word::Nodes), peers.collect::<Vec<_>>().join(", ")),
        (word(Word::Networks), status.networks.to_string()),
        (word(Word::Records), desk.speech.say(&records)),
        (word(Word::Waiting), desk.speech.say(&waiting)),
        (word(Word::Room), room(status)),
        (word(Word::Newcomers), newcomers(desk, status)),
    ];
    // Whoever asks from afar is told nothing of these.
    let rows = rows.into_iter().filter(|(_, said)| !said.is_empty());
    pairs(rows, desk.width())
}

/// Returns where a node is reached, and says so when nobody beyond its machine can.
fn listening(desk: &Desk, status: &NodeStatus) -> String {
    let mut lines = status.listening.clone();
    let is_here = |text: &String| {
        text.parse::<Address>().is_ok_and(|address| address.nearness() == Nearness::Here)
    };
    if !lines.is_empty() && lines.iter().all(is_here) {
        lines.push(desk.speech.say(&Say::Condition(Condition::HereAlone)));
    }
    lines.join("\n")
}

/// Says how much of the room for records is taken, of that for bytes where that is more.
fn room(status: &NodeStatus) -> String {
    let Fullness { held, most, .. } = status.stock;
    let percent = |held: u64, most: u64| held.saturating_mul(100) / most.max(1);
    format!("{} %", percent(held.records, most.records).max(percent(held.bytes, most.bytes)))
}

/// Says how much of the room for newcomers is taken, and who knocked in vain.
fn newcomers(desk: &Desk, status: &NodeStatus) -> String {
    let NewcomerRoom { taken, places } = status.newcomers;
    let room = (places > 0).then(|| format!("{taken} / {places}"));
    let knocked = company::knocked(status).map(|knocked| desk.speech.finding(&knocked));
    room.into_iter().chain(knocked).collect::<Vec<_>>().join("\n")
}

/// Says how the node is as `weft doctor` begins, and how much more that has to say.
fn state(desk: &Desk, found: &[Finding]) -> String {
    let well = !found.iter().any(Finding::is_wrong);
    let first = well.then_some(&Finding::Well).into_iter().chain(found.first());
    let mut lines: Vec<String> = first.map(|finding| desk.speech.finding(finding)).collect();
    if let more @ 1.. = found.len().saturating_sub(1) {
        lines.push(desk.speech.say(&Say::Condition(Condition::MoreFound { more })));
    }
    lines.join("\n")
}
