//! What networks of the story do again and again, and how their answers are read.

use anyhow::{Context, Result};
use serde_json::Value;

use super::cast::Actor;
use super::line::Line;
use super::stage::Stage;
use super::words::Text;

/// Tells a node the address of another.
pub(super) fn connect(stage: &Stage<'_>, from: Actor, to: Actor) -> Result<()> {
    let address = stage.address(to)?;
    stage.act(from, &Line::of("peers connect").word(address)).map(drop)
}

/// Founds a network, and gives it its short name everywhere.
pub(super) fn found_one(stage: &mut Stage<'_>, actor: Actor) -> Result<()> {
    let line = Line::of("network found --kind alliance --language en --language es")
        .word("--place")
        .word(actor.region().to_uppercase())
        .word("--name")
        .word(actor.name())
        .text("--purpose", actor.purpose())
        .word("--field")
        .word(actor.field());
    let network = stage.act(actor, &line)?;
    stage.name(actor.key(), &network["net"])
}

/// Says whether a list of networks has the profile of this one.
pub(super) fn knows(networks: &Value, actor: Actor) -> bool {
    list(networks).iter().any(|network| network["profile"]["body"]["name"]["en"] == actor.name())
}

/// Proposes a tie, and returns it as soon as those who are to sign it have it.
pub(super) fn propose(stage: &Stage<'_>, actor: Actor, what: &str, terms: Text) -> Result<String> {
    let line = Line::of(&format!("tie propose --kind {what}")).text("--summary", terms);
    thing(&stage.act(actor, &line)?)
}

/// Signs a tie that another has proposed, once it has come.
pub(super) fn accept(stage: &Stage<'_>, actor: Actor, tie: &str) -> Result<()> {
    stage.await_thing(actor, tie)?;
    stage.act(actor, &Line::of("tie accept").word(tie)).map(drop)
}

/// Returns the items of a list in an answer, none when it is no list.
pub(super) fn list(answer: &Value) -> &[Value] {
    answer.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Returns the id of the thing that a command has made.
pub(super) fn thing(answer: &Value) -> Result<String> {
    let id = answer["thing"].as_str().context("the answer names no thing")?;
    Ok(id.to_owned())
}

/// Returns how far a thing in a list has come.
pub(super) fn phase_of<'a>(things: &'a Value, id: &str) -> &'a str {
    let found = list(things).iter().find(|thing| thing["thing"] == id);
    found.and_then(|thing| thing["state"]["phase"].as_str()).unwrap_or_default()
}
