//! `weft seal` and `weft open`, and what records have sealed: words that only chosen networks can
//! read.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use weft_protocol::body::profile::SealingKey;
use weft_protocol::body::sealed::{Boxes, WORDS_BYTES_MAX};
use weft_protocol::body::text::Text;
use weft_protocol::id::{IdPrefix, NetId, RecordId};

use crate::commands::{network, profile};
use crate::desk::Desk;
use crate::door::Door;
use crate::draft::Pen;
use crate::exit::{self, Exit, Failure};
use crate::input::text;
use crate::names::Names;
use crate::sealed::{self, Opener};
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
    /// Who can read it: a network's name, or the beginning of its id (may be given
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
    /// The file with the sealed text, or the id of what has sealed words [default: standard input]
    file: Option<PathBuf>,
    /// Open what a record has sealed: how to reach a caller, the words of an answer
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    record: Option<String>,
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
    if let Some(word) = &args.record {
        return open_record(desk, word);
    }
    if let Some(word) = args.file.as_deref().filter(|file| !file.exists()).and_then(as_id) {
        return open_record(desk, &word);
    }
    let text = content(args.file.as_deref())?;
    let plain = sealed::open(desk, &String::from_utf8_lossy(&text))?;
    if desk.json {
        desk.answer(&json!({ "text": String::from_utf8_lossy(&plain) }))?;
    } else {
        // A file stays what it was; what is on a screen was written by others.
        match io::stdout().is_terminal() {
            true => desk.verbatim(String::from_utf8_lossy(&plain).trim_end_matches('\n'))?,
            false => io::stdout().lock().write_all(&plain)?,
        }
    }
    Ok(Exit::Done)
}

/// Returns the id that was meant where a file was expected, if it can be one.
fn as_id(path: &Path) -> Option<String> {
    let word = path.to_str()?;
    let is_id = word.parse::<IdPrefix>().is_ok() || word.parse::<RecordId>().is_ok();
    is_id.then(|| word.to_owned())
}

fn open_record(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let record = door.current(Names::load(desk)?.find(&door, word, None)?)?;
    if sealed::of_record(&record).is_empty() {
        return Err(Failure::ending(Exit::NotVerified, Say::Leaving(Leaving::NotSealed)));
    }
    let opened = Opener::of(desk, [&record])?.open(&record);
    let closed = || Failure::ending(Exit::NotVerified, Say::Leaving(Leaving::NotForUs));
    let words = opened.ok_or_else(closed)?;
    let text = words.in_any(&desk.languages()).1.to_owned();
    if desk.json {
        desk.answer(&json!({ "text": text, "words": words }))?;
    } else {
        desk.line(text)?;
    }
    Ok(Exit::Done)
}

/// Returns the key that a network publishes for sealing.
///
/// # Errors
/// When it publishes none.
pub(crate) fn key_of(door: &Door, net: NetId) -> Result<SealingKey> {
    let none = Say::Leaving(Leaving::NoSealingKey { net: net.short() });
    published_by(door, net)?.ok_or_else(|| Failure::ending(Exit::NotFound, none))
}

fn published_by(door: &Door, net: NetId) -> Result<Option<SealingKey>> {
    let hosting = network::hosting(&network::known(door, net)?)?;
    Ok(hosting.as_ref().and_then(profile::body_of).and_then(|profile| profile.sealing))
}

/// Seals words of a record to those of these networks that publish a key, and says who they are.
///
/// # Errors
/// When none of them but us does, or the words are too long for so many.
pub(crate) fn to_networks(
    pen: &Pen<'_>,
    words: &Text<WORDS_BYTES_MAX>,
    readers: &BTreeSet<NetId>,
    us: NetId,
) -> Result<Boxes> {
    let directory = Directory::load(pen.desk, &pen.door)?;
    let (mut keys, mut able, mut unable) = (Vec::new(), Vec::new(), Vec::new());
    for net in readers.iter().filter(|net| **net != us).chain([&us]) {
        let key = match published_by(&pen.door, *net) {
            Err(error) if exit::is_absence(&error) => None,
            key => key?,
        };
        if *net == us && keys.is_empty() {
            break;
        }
        let names = if key.is_some() { &mut able } else { &mut unable };
        names.push(directory.name(*net));
        keys.extend(key);
    }
    if keys.is_empty() {
        let say = Say::Leaving(Leaving::NobodyCanRead { networks: unable });
        return Err(Failure::ending(Exit::Refused, say));
    }
    pen.desk.note(&Say::Leaving(Leaving::SealedFor { readers: able, unable }));
    sealed::boxes(words, &keys).context("it is too long to be sealed for so many")
}

/// How to reach a network, for those whom it chooses.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ContactArgs {
    /// How to reach you, which only those can read whom you name with --contact-to (once for each
    /// language)
    #[arg(long, value_name = "TEXT", requires = "contact_to")]
    contact: Vec<String>,
    /// Who can read how to reach you (may be given several times)
    #[arg(long, value_name = "NETWORK", requires = "contact")]
    contact_to: Vec<String>,
}

impl ContactArgs {
    /// Seals what was said, in the name of this network, if anything was.
    ///
    /// # Errors
    /// As [`to_networks`], and when a network is not here.
    pub(crate) fn read(&self, pen: &Pen<'_>, us: NetId) -> Result<Option<Boxes>> {
        let usual = pen.desk.language()?;
        let Some(words) = text::text("--contact", &self.contact, &usual)? else { return Ok(None) };
        let find = |word: &String| pen.names.network(&pen.door, word);
        let readers = self.contact_to.iter().map(find).collect::<Result<BTreeSet<_>>>()?;
        to_networks(pen, &words, &readers, us).map(Some)
    }
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
