//! `weft stop`: ends the node that runs here.

use anyhow::Result;
use weft_protocol::control::Request;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::words::Say;

/// Asks the node to end in good order.
pub(crate) fn run(desk: &Desk) -> Result<Exit> {
    Door::open(desk)?.ask(&Request::Stop)?;
    desk.note(&Say::Stopping);
    Ok(Exit::Done)
}
