//! `weft` alone: what can be done now, in this home.

use anyhow::Result;
use serde_json::json;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::home::Content;
use crate::words::First;

/// Says what the next steps are.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    let first = state(desk)?;
    if desk.json {
        desk.answer(&json!({ "home": desk.home.shown(), "next": first.key() }))?;
    } else {
        desk.line(desk.speech.first(first, &desk.home.shown()))?;
    }
    Ok(Exit::Done)
}

/// Looks how far this home has come. A node somewhere else is not asked: that would want a key.
fn state(desk: &Desk) -> Result<First> {
    if desk.home.content()? != Content::Home {
        return Ok(First::Home);
    }
    if desk.node_away().is_ok_and(|away| away.is_some()) {
        return Ok(First::Member);
    }
    let Ok(status) = Door::open(desk).and_then(|door| door.status()) else {
        return Ok(First::Node);
    };
    Ok(if status.hosted.is_empty() { First::Network } else { First::Daily })
}
