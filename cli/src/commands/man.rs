//! `weft man`: the pages of the manual, from the same definitions as `--help`.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use weft_node::file::{self, Readers};

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
    clap_mangen::generate_to(desk.speech.help(Cli::command()), &args.out).with_context(shown)?;
    let mut pages = 0;
    for entry in fs::read_dir(&args.out).with_context(shown)? {
        let path = entry.with_context(shown)?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with("weft") && name.ends_with(".1") {
            let page = fs::read_to_string(&path).with_context(shown)?;
            let page = desk.speech.page(&page);
            file::replace(&path, page.as_bytes(), Readers::Anyone).with_context(shown)?;
            pages += 1;
        }
    }
    desk.note(&Say::ManWritten { pages, path: shown() });
    Ok(Exit::Done)
}
