//! `weft man`: the pages of the manual, from the same definitions as `--help`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::args::Cli;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::words::Say;

/// Write the pages of the manual, one for each command
///
/// For example: weft man --out ~/.local/share/man/man1
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Into which folder; it is made if there is none
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Writes the pages. Those of an earlier version are replaced.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let shown = || args.out.display().to_string();
    fs::create_dir_all(&args.out).with_context(shown)?;
    clap_mangen::generate_to(Cli::command(), &args.out).with_context(shown)?;
    let entries = fs::read_dir(&args.out).with_context(shown)?;
    let named = |name: String| name.starts_with("weft") && name.ends_with(".1");
    let pages = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    desk.note(&Say::ManWritten {
        pages: pages.filter(|n| named(n.clone())).count(),
        path: shown(),
    });
    Ok(Exit::Done)
}
