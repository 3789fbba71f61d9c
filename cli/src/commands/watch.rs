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
use crate::exit::Exit;
use crate::input::named::kind;
use crate::show::directory::{Directory, title};
use crate::show::json::plain;

/// Follow what happens at the node
///
/// It goes on until you press Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only records of this kind, such as call or response
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    /// One JSON object on each line
    #[arg(long)]
    jsonl: bool,
}

/// Shows events until the node or the person ends it.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let lines = args.jsonl || desk.json;
    let filter = WatchFilter { kind: args.kind.clone() };
    let door = Door::open(desk)?;
    let mut directory = Directory::load(desk, &door)?;
    door.each(&Request::Watch(filter), |response| {
        let event = match response {
            Response::Event(event) => event,
            // From now on nothing is missed.
            Response::Fine if lines => return desk.answer_line(&json!({ "event": "watching" })),
            Response::Fine => return Ok(()),
            _ => return Err(door::strange()),
        };
        if lines {
            return desk.answer_line(&shape(&event));
        }
        // Names change with profiles, and networks come.
        if let Event::Stored { kind: Kind::Profile, net, .. } = &event {
            directory.renew(desk, &door, *net)?;
        }
        let said = desk.speech.event(&event, &|net| directory.name(net));
        match &event {
            Event::Stored { kind, thing, .. } if has_title(kind) => {
                let id = thing.short();
                desk.line(said.replacen(&id, &title(desk, &door, *thing)?, 1))
            }
            _ => desk.line(said),
        }
    })?;
    Ok(Exit::Done)
}

/// Says whether records of this kind have a title.
fn has_title(kind: &Kind) -> bool {
    matches!(kind, Kind::Call | Kind::Proposal | Kind::Gathering | Kind::Tie)
}

/// An event as one JSON object, in which nodes have the name that they use among themselves and
/// reasons are sentences.
fn shape(event: &Event) -> Value {
    let mut value = plain(event);
    if let Some(peer) = value.get_mut("peer") {
        let node = peer.as_str().and_then(|text| text.parse::<NodeId>().ok());
        if let Some(node) = node {
            *peer = Value::String(peer_text(node));
        }
    }
    let (Event::Stored { void: Some(why), .. } | Event::Judged { void: Some(why), .. }) = event
    else {
        return value;
    };
    if let Some(void) = value.get_mut("void") {
        *void = Value::String(why.to_string());
    }
    value
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
    }
}
