//! `weft seal` and `weft open`: words that only chosen networks can read.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use weft_protocol::body::profile::SealingKey;
use weft_protocol::id::NetId;

use crate::commands::{network, profile};
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::names::Names;
use crate::sealed;
use crate::show::directory::Directory;
use crate::words::{Leaving, Say};

/// Seal words or a file so that only the networks that you name can read it
///
/// They must have published a key for it: weft profile set --sealing. What comes out can be put in
/// any text, such as a concern's, or sent by any way. It cannot be taken back: whoever has it can
/// open it for as long as they keep their key, and show it to others.
///
/// For example: echo "Ask at door 4" | weft seal --to harbour-union
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who can read it: a network's name among yours, or the beginning of its id (may be given
    /// several times)
    #[arg(long = "to", value_name = "NETWORK", required = true)]
    to: Vec<String>,
    /// What to seal [default: standard input]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Open what was sealed to your network
#[derive(Debug, clap::Args)]
pub(crate) struct OpenArgs {
    /// The file with the sealed text [default: standard input]
    file: Option<PathBuf>,
}

/// Seals.
pub(crate) fn seal(desk: &Desk, args: &Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let find = |word: &String| names.network(&door, word);
    let nets = args.to.iter().map(find).collect::<Result<Vec<NetId>>>()?;
    let keys = nets.iter().map(|net| key_of(&door, *net)).collect::<Result<Vec<_>>>()?;
    let text = sealed::seal(&content(args.file.as_deref())?, &keys)?;
    let directory = Directory::load(desk, &door)?;
    let readers = nets.iter().map(|net| directory.name(*net)).collect();
    if desk.json {
        desk.answer(&json!({ "readers": nets, "sealed": text }))?;
    } else {
        desk.line(text)?;
    }
    desk.note(&Say::Leaving(Leaving::SealedTo { readers }));
    Ok(Exit::Done)
}

/// Opens.
pub(crate) fn open(desk: &Desk, args: &OpenArgs) -> Result<Exit> {
    let text = content(args.file.as_deref())?;
    let plain = sealed::open(desk, &String::from_utf8_lossy(&text))?;
    if desk.json {
        desk.answer(&json!({ "text": String::from_utf8_lossy(&plain) }))?;
    } else {
        io::stdout().lock().write_all(&plain)?;
    }
    Ok(Exit::Done)
}

/// Returns the key that a network publishes for sealing.
///
/// # Errors
/// When it publishes none.
pub(crate) fn key_of(door: &Door, net: NetId) -> Result<SealingKey> {
    let (record, _) = network::known(door, net)?;
    let key = record.as_ref().and_then(profile::body_of).and_then(|profile| profile.sealing);
    let none = Say::Leaving(Leaving::NoSealingKey { net: net.short() });
    key.ok_or_else(|| Failure::ending(Exit::NotFound, none))
}

fn content(file: Option<&Path>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match file {
        Some(path) => bytes = fs::read(path).with_context(|| path.display().to_string())?,
        None => {
            io::stdin().lock().read_to_end(&mut bytes)?;
        }
    }
    Ok(bytes)
}
