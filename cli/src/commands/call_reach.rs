//! `weft call reach`: by which bridges a call came, and how far the voices for it reach.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::control::{ReachView, Request, Response};
use weft_protocol::record::Kind;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::Exit;
use crate::names::Names;
use crate::show::directory::Directory;
use crate::show::{json as shapes, ways};
use crate::words::Crossing;

/// Shows how far a call reaches, as this node sees it.
pub(crate) fn run(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let id = Names::load(desk)?.find(&door, word, Some(&Kind::Call))?;
    let call = door.current(id)?;
    let thing = call.thing();
    let Response::Reach(reach) = door.ask(&Request::Reach { thing })? else {
        return Err(door::strange());
    };
    let came = ways::of(&door, thing)?;
    if desk.json {
        let mut value = shape(&reach);
        if let Value::Object(map) = &mut value {
            map.insert("thing".to_owned(), shapes::plain(&thing));
            map.insert("regions".to_owned(), ways::shape(&came));
            map.insert("absent".to_owned(), json!(came.absent));
            map.insert("one_voice".to_owned(), ways::one_voice(&came));
        }
        desk.answer(&value)?;
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, &door)?;
    ways::show(desk, &directory, &call, &came)?;
    let say = |said: Crossing| desk.line(desk.speech.of_bridges(&said));
    let far = &reach.reach;
    say(Crossing::Heard { voices: far.voices, independent: far.independent, heard: far.heard })?;
    for at in &far.reinforced {
        say(Crossing::Reinforced { k: at.k, now: at.now, closure: at.closure })?;
    }
    for (k, next) in reach.next.iter().filter(|(_, next)| !next.is_empty()) {
        let who = next.iter().map(|next| (directory.name(next.net), next.gain)).collect();
        say(Crossing::AskNext { k: *k, who })?;
    }
    Ok(Exit::Done)
}

fn shape(view: &ReachView) -> Value {
    let next = view.next.iter().map(|(k, next)| json!({ "k": k, "ask": next }));
    let mut value = shapes::plain(&view.reach);
    if let Value::Object(map) = &mut value {
        map.insert("next".to_owned(), next.collect());
    }
    value
}
