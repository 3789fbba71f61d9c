//! One file for each noun: its arguments, whose comments are the help text, and what it does.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod init;
pub(crate) mod member;
pub(crate) mod record;

use anyhow::Result;

use crate::args::{Cli, Command};
use crate::desk::Desk;
use crate::exit::Exit;

/// Does what the command line says.
///
/// # Errors
/// A [`Failure`](crate::exit::Failure) with its exit code, or any other error with exit code 1.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    let desk = Desk::from(cli.desk);
    match cli.command {
        Command::Init(args) => init::run(&desk, args),
        Command::Member(args) => member::run(&desk, args),
        Command::Config(args) => config::run(&desk, &args),
        Command::Record(args) => record::run(&desk, args),
        Command::Completions(args) => completions::run(&args),
    }
}
