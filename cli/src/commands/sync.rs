//! `weft sync`: comparing records with other nodes until both have the same.

use anyhow::Result;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use weft_node::network::peer_text;
use weft_protocol::control::{Request, Response, SyncView};
use weft_protocol::sync::{GivenUp, Reason};

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::show::json::moment;
use crate::show::when::relative;
use crate::words::{Holding, Say, Starting, Word};

/// Catch up with other nodes
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Compare with every connected node now
    Now,
    /// Show when this node last compared with others, and how it went
    Status,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    if desk.node_away()?.is_some() {
        return Err(Failure::ending(Exit::Refused, Say::SyncIsOperators));
    }
    let door = Door::open(desk)?;
    let request = match args.verb {
        Verb::Now => Request::SyncNow,
        Verb::Status => Request::SyncStatus,
    };
    let bar = progress();
    let waiting = desk.waiting(&Say::Starting(Starting::Comparing));
    let mut views = Vec::new();
    door.each(&request, |response| {
        let Response::Sync(view) = response else { return Err(door::strange()) };
        match view.progress {
            Some((moved, known)) if matches!(args.verb, Verb::Now) => {
                bar.set_length(known);
                bar.set_position(moved);
            }
            _ => views.push(view),
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    drop(waiting);
    let unheard = matches!(args.verb, Verb::Now) && views.is_empty();
    let shown = show(desk, &views)?;
    Ok(if unheard { Exit::Failed } else { shown })
}

/// Returns a bar on standard error, which hides itself where nobody watches.
fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {human_pos} / {human_len}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(desk: &Desk, views: &[SyncView]) -> Result<Exit> {
    let failed = views.iter().any(|view| view.failure.is_some());
    let exit = if failed { Exit::Failed } else { Exit::Done };
    if desk.json {
        desk.answer(&views.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(exit);
    }
    if views.is_empty() {
        desk.note(&Say::NobodyConnected);
        return Ok(exit);
    }
    let words = [Word::Node, Word::When, Word::Received, Word::Sent, Word::State];
    let now = desk.now();
    let rows = views.iter().map(|view| {
        let clear = || desk.speech.word(Word::AllClear).to_owned();
        [
            peer_text(view.peer),
            view.last.map(|last| relative(last, now, desk.speech)).unwrap_or_default(),
            view.received.to_string(),
            view.sent.to_string(),
            view.failure.map_or_else(clear, |why| desk.speech.given_up(why)),
        ]
    });
    desk.table(words, rows)?;
    let silent = GivenUp { reason: Reason::Silent, by_peer: false };
    let nodes = views.iter().filter(|view| view.failure == Some(silent));
    let nodes: Vec<String> = nodes.map(|view| peer_text(view.peer)).collect();
    if !nodes.is_empty() {
        desk.note(&Say::Holding(Holding::NoAnswer { nodes }));
    }
    Ok(exit)
}

fn shape(view: &SyncView) -> Value {
    json!({
        "node": peer_text(view.peer),
        "last": view.last.map(moment),
        "progress": view.progress.map(|(moved, known)| json!({ "moved": moved, "known": known })),
        "received": view.received,
        "sent": view.sent,
        "failure": view.failure,
        "clock": view.clock,
    })
}
