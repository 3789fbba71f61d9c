//! `weft demo`: a small federation of real nodes that plays a story.

use anyhow::Result;

use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::words::Say;

/// Start a small federation on this machine and watch a story unfold
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// End when the story is told, with exit code 0 if every step was seen on another node
    #[arg(long)]
    once: bool,
}

/// Says honestly that it is not there yet.
pub(crate) fn run(_desk: &Desk, _args: &Args) -> Result<Exit> {
    Err(Failure::failed(Say::NotBuiltYet { what: "weft demo".to_owned() }))
}
