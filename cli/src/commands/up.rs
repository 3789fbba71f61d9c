//! `weft up`: runs a node in this home, until it is told to stop.
//!
//! **Invariant:** a node that runs waits for no reader of its log, nor of its last words.

use anyhow::{Context, Result};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use weft_node::config::Overrides;
use weft_node::network::{Address, SpawnError, peer_text};
use weft_node::profile::Profile;
use weft_node::store::LockError;
use weft_node::{Ready, RunError};
use weft_protocol::region::Region;

use crate::desk::{Desk, complain};
use crate::exit::{Exit, Failure};
use crate::input::named::region;
use crate::log::Log;
use crate::show::json;
use crate::words::{Say, Starting, by_reason};

/// Run a node in this home
///
/// It runs until you press Ctrl-C or say 'weft stop'. What is said here stands above the settings
/// in config.toml and above the environment.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The region that your network publishes in
    #[arg(long, value_parser = region)]
    region: Option<Region>,
    /// Where to listen, such as /ip4/0.0.0.0/tcp/8471 (may be given several times)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    listen: Vec<String>,
    /// A node to stay connected with: its address, ending in /p2p/… (may be given several times)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    peer: Vec<String>,
    /// What its surroundings are like: ordinary, quiet, low-power or crisis
    #[arg(long)]
    profile: Option<Profile>,
    /// Do not look for nodes on the local network, and do not be found there
    #[arg(long)]
    no_mdns: bool,
    /// How much to write: error, warn, info or debug
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// Say in JSON when the node is ready, and write its log in JSON
    #[arg(long)]
    jsonl: bool,
}

/// Runs the node to its end.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let jsonl = args.jsonl || desk.json;
    let said = |list: Vec<String>| (!list.is_empty()).then_some(list);
    let config = desk.home.settings(Overrides {
        region: args.region,
        profile: args.profile,
        listen: said(args.listen),
        peers: said(args.peer),
        mdns: args.no_mdns.then_some(false),
        log: args.log,
        log_json: jsonl.then_some(true),
    })?;
    if let Some(node) = desk.asks()? {
        return Err(Failure::ending(Exit::Usage, Say::Starting(Starting::AsksAnother { node })));
    }
    let log = Log::open(&config.log, desk.speech)?;
    let stop = CancellationToken::new();
    let ready = |ready: Ready| announce(desk, jsonl, &ready);
    let runtime = tokio::runtime::Runtime::new().context("the system gives no threads")?;
    let ended = runtime.block_on(async {
        let asked = tokio::spawn(asked_to_stop(stop.clone()));
        let ended = weft_node::run(desk.home.node().clone(), config, ready, stop).await;
        asked.abort();
        ended
    });
    if !log.finish() {
        return Ok(if ended.is_ok() { Exit::Done } else { Exit::Failed });
    }
    match ended {
        Ok(()) => {
            if !jsonl {
                desk.note(&Say::Starting(Starting::Stopped));
            }
            Ok(Exit::Done)
        }
        Err(RunError::Ended(part)) => {
            Err(Failure::failed(Say::Starting(Starting::Failed { part: part.to_string() })))
        }
        Err(RunError::Lock(LockError::Held(_))) => Err(desk.home.in_use()),
        Err(RunError::Format(format)) => Err(desk.home.of_other_format(format)),
        Err(RunError::Network(SpawnError::Listen(missed))) => {
            Err(Failure::failed(Say::Starting(Starting::NowhereToListen { missed })))
        }
        Err(error) => Err(error.into()),
    }
}

/// Sees that a word is an address, and returns it as it was said.
pub(crate) fn address(words: &str) -> Result<String, String> {
    match words.parse::<Address>() {
        Ok(_) => Ok(words.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Says that the node is ready. When nobody reads it any more, the node runs all the same.
fn announce(desk: &Desk, jsonl: bool, ready: &Ready) {
    let node = peer_text(ready.node);
    let said = if jsonl {
        desk.answer_line(&json!({
            "event": "ready",
            "node": node,
            "listen": ready.listening,
            "missed": json::missed(&ready.missed),
            "door": ready.door,
            "records": ready.records,
        }))
    } else {
        let listen = ready.listening.join("\n");
        desk.line(desk.speech.of_starting(&Starting::Ready { node, listen }))
    };
    said.ok();
    let missed = by_reason(&ready.missed, true);
    if !jsonl && !missed.is_empty() {
        let said: Vec<String> =
            missed.iter().map(|missed| desk.speech.of_starting(missed)).collect();
        // Where nobody reads standard error, this thread waits, and the node does not.
        std::thread::spawn(move || said.iter().for_each(|sentence| complain(sentence)));
    }
}

/// Tells the node to stop when the person or the system asks for it.
async fn asked_to_stop(stop: CancellationToken) {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    stop.cancel();
}
