//! `weft stop`: ends the node that runs here.

use std::time::Duration;

use anyhow::Result;
use weft_node::store::HomeLock;
use weft_protocol::control::Request;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::words::{Say, Starting};

/// How long to wait until the node has ended: it first writes down what it holds, and a slow disk may
/// take its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait without a word: most nodes have ended by then.
const SILENCE: Duration = Duration::from_secs(1);

/// Asks the node to end in good order, and waits until it has: what comes next may want its home.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    Door::open(desk)?.ask(&Request::Stop)?;
    let ends_within = |patience| HomeLock::is_free_within(desk.home.path(), patience);
    let say = |said| desk.note(&Say::Starting(said));
    let mut ended = ends_within(SILENCE);
    if !ended {
        say(Starting::Stopping);
        ended = ends_within(PATIENCE);
    }
    say(if ended { Starting::Stopped } else { Starting::StillStopping });
    Ok(Exit::Done)
}
