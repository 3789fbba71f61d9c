//! The command line: nouns and verbs. The comments here and in [`crate::commands`] are the help
//! texts, and completions come from the same definitions.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::desk::DeskArgs;

/// A node for a network of networks.
///
/// Networks keep signed statements on their own nodes: who we are, what we value, what we ask of
/// others and offer them. There is no server in the middle.
///
/// Your network signs here, on this machine; no key ever leaves it.
#[derive(Debug, Parser)]
#[command(name = "weft", version, after_help = ENDS, arg_required_else_help = true)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) desk: DeskArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How commands end, for scripts.
const ENDS: &str = "\
Exit codes: 0 done, 1 failed, 2 not understood, 3 not found, 4 refused,
5 kept here but no other node has it yet, 6 verification failed.";

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a home for a node
    Init(commands::init::Args),
    /// Ask a network to let you act in its name
    Member(commands::member::Args),
    /// Show the settings of this home
    Config(commands::config::Args),
    /// Verify, show, export and import signed records
    Record(commands::record::Args),
    /// Write completions for your shell
    Completions(commands::completions::Args),
}
