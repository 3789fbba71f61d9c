//! `weft watch`: what happens at the node, as it happens.

use anyhow::Result;
use serde_json::{Value, json};
use weft_node::network::peer_text;
use weft_protocol::control::{Request, Response, WatchFilter};
use weft_protocol::engine::Event;
use weft_protocol::id::NodeId;
use weft_protocol::record::Kind;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::show::json::plain;

/// Follow what happens at the node
///
/// It goes on until you press Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only records of this kind, such as call or response
    #[arg(long)]
    kind: Option<String>,
    /// One JSON object on each line
    #[arg(long)]
    jsonl: bool,
}

/// Shows events until the node or the person ends it.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let kind = args.kind.as_deref().map(|name| {
        Kind::named(name).ok_or_else(|| Failure::usage(name, "it is not a kind of record"))
    });
    let lines = args.jsonl || desk.json;
    let filter = WatchFilter { kind: kind.transpose()? };
    Door::open(desk)?.each(&Request::Watch(filter), |response| {
        let event = match response {
            Response::Event(event) => event,
            // From now on nothing is missed.
            Response::Fine if lines => return desk.answer_line(&json!({ "event": "watching" })),
            Response::Fine => return Ok(()),
            _ => return Err(door::strange()),
        };
        if lines { desk.answer_line(&shape(&event)) } else { desk.line(in_words(&event)) }
    })?;
    Ok(Exit::Done)
}

/// An event as one JSON object, in which nodes have the name that they use among themselves.
fn shape(event: &Event) -> Value {
    let mut value = plain(event);
    if let Some(peer) = value.get_mut("peer") {
        let node = peer.as_str().and_then(|text| text.parse::<NodeId>().ok());
        if let Some(node) = node {
            *peer = Value::String(peer_text(node));
        }
    }
    value
}

/// An event as one line: its name, and what it is about.
fn in_words(event: &Event) -> String {
    let Value::Object(mut map) = shape(event) else { return String::new() };
    let name = map.remove("event");
    let rest = map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), short);
        format!("{key} {value}")
    });
    let name = name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    format!("{name:<12} {}", rest.collect::<Vec<_>>().join("  "))
}

/// Returns the beginning of an id, and other texts whole.
fn short(text: &str) -> String {
    let id = text.len() == weft_protocol::id::ID_LETTERS && !text.contains(' ');
    text.chars().take(if id { 10 } else { text.len() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_named_as_it_names_itself() {
        let event = Event::Parted { peer: NodeId([7; 32]) };
        let value = shape(&event);
        assert_eq!(value["event"], "parted");
        assert!(value["peer"].as_str().unwrap().starts_with("12D3Koo"));
        assert!(in_words(&event).starts_with("parted       peer 12D3Koo"));
    }
}
