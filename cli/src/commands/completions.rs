//! `weft completions`: what a shell needs to complete our words.

use std::io::{self, Write};

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::desk::Desk;
use crate::exit::Exit;

/// Write completions for your shell
///
/// For example: weft completions bash > ~/.local/share/bash-completion/completions/weft
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

/// Writes the completions to standard output.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut desk.speech.help(Cli::command()), "weft", &mut text);
    io::stdout().write_all(&text)?;
    Ok(Exit::Done)
}
