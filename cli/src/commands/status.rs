//! `weft status`: how the node is.

use anyhow::Result;
use serde_json::{Value, json};
use weft_node::network::peer_text;
use weft_protocol::control::NodeStatus;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::show::columns::pairs;
use crate::show::json::moment;
use crate::show::when::relative;
use crate::words::{Say, Word};

/// Shows it.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    let status = Door::open(desk)?.status()?;
    if desk.json {
        desk.answer(&shape(&status))?;
    } else {
        desk.line(in_words(desk, &status))?;
    }
    Ok(Exit::Done)
}

fn shape(status: &NodeStatus) -> Value {
    json!({
        "node": peer_text(status.node),
        "version": status.version,
        "profile": status.profile,
        "since": moment(status.since),
        "now": moment(status.now),
        "regions": status.regions,
        "hosted": status.hosted,
        "listening": status.listening,
        "peers": status.peers,
        "records": status.records,
        "waiting": status.waiting,
        "networks": status.networks,
        "read_only": status.read_only,
        "counters": status.counters,
    })
}

fn in_words(desk: &Desk, status: &NodeStatus) -> String {
    let word = |word: Word| desk.speech.word(word).to_owned();
    let peers = status.peers.iter().map(|(region, n)| format!("{region} {n}"));
    let records = status.records.iter().map(|(what, n)| format!("{} {n}", desk.speech.term(what)));
    let state = match &status.read_only {
        None => word(Word::AllClear),
        Some(why) => desk.speech.say(&Say::ReadOnly { why: why.clone() }),
    };
    let regions: Vec<&str> = status.regions.iter().map(|region| region.as_str()).collect();
    pairs([
        (word(Word::State), state),
        (word(Word::Node), peer_text(status.node)),
        (word(Word::Version), status.version.clone()),
        (word(Word::Profile), desk.speech.term(&status.profile)),
        (word(Word::Since), relative(status.since, status.now, desk.speech)),
        (word(Word::Regions), regions.join(", ")),
        (word(Word::Listening), status.listening.join("\n")),
        (word(Word::Nodes), peers.collect::<Vec<_>>().join(", ")),
        (word(Word::Networks), status.networks.to_string()),
        (word(Word::Records), records.collect::<Vec<_>>().join(", ")),
        (word(Word::Waiting), status.waiting.to_string()),
    ])
}
