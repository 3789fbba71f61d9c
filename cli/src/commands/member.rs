//! `weft member`: what a member does before a network has given them a role.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_protocol::body::text::Tag;

use crate::desk::Desk;
use crate::exit::Exit;
use crate::words::{KeyKind, Making, Say};

/// Ask a network to let you act in its name
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a fresh key, and say what to hand to the network
    ///
    /// One key for each role. The label is a pseudonym that others will see, never your name.
    ///
    /// For example: weft member request --label rep-2
    Request {
        /// What the role will be called, such as rep-2
        #[arg(long)]
        label: Tag,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let Verb::Request { label } = args.verb;
    let name = format!("role-{}", file_name(label.as_str()));
    let kind = KeyKind::Role(file_name(label.as_str()));
    let passphrase = desk.unlocker.choose(&Making::One(kind))?;
    let (key, _) = desk.home.keys().create(&name, &passphrase)?;
    let public = key.public().to_string();
    if desk.json {
        let file = key.path().display().to_string();
        desk.answer(&json!({ "name": name, "file": file, "key": public, "label": label }))?;
    } else {
        let label = label.to_string();
        desk.line(desk.speech.say(&Say::MemberRequest { name, key: public, label }))?;
    }
    Ok(Exit::Done)
}

/// Returns a label as it may stand in the name of a file.
pub(crate) fn file_name(label: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    label.chars().map(safe).collect()
}
