//! `weft stop`: ends the node that runs here.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use weft_node::store::{HomeLock, LockError};
use weft_protocol::control::Request;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::words::Say;

/// How long to wait until the node has ended: it first writes down what it holds, and a slow disk may
/// take its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often to look whether it has.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Asks the node to end in good order, and waits until it has: what comes next may want its home.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    Door::open(desk)?.ask(&Request::Stop)?;
    let asked = Instant::now();
    while let Err(LockError::Held(_)) = HomeLock::acquire(desk.home.path()) {
        if asked.elapsed() > PATIENCE {
            desk.note(&Say::Stopping);
            return Ok(Exit::Done);
        }
        thread::sleep(LOOK_AGAIN);
    }
    desk.note(&Say::Stopped);
    Ok(Exit::Done)
}
