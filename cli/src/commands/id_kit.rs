//! `weft id kit`: what to keep for a bad day.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use weft_protocol::body::identity::{KEEP_MAX, Reason};

use crate::commands::id::{Log, revocations, rotation_key};
use crate::commands::keep;
use crate::desk::Desk;
use crate::draft::{Pen, Posting, Signing};
use crate::exit::{Exit, Failure};
use crate::keys::KeyFile;
use crate::out::Out;
use crate::show::directory::Directory;
use crate::words::{Leaving, Say};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which network
    #[arg(default_value = "us")]
    network: String,
    /// Where to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write a revocation here, to publish on the day that it is needed
    #[arg(long, value_name = "FILE")]
    revocation: Option<PathBuf>,
    /// The rotation key, which signs the revocation [default: with the other keys]
    #[arg(long, value_name = "FILE", requires = "revocation")]
    rotation_key: Option<PathBuf>,
}

/// Writes the sheet, and a revocation beside it.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let signing = Signing::from(Posting { dry_run: false, require_peer: false });
    let pen = Pen::take(desk, &signing)?;
    let log = Log::read(&pen.door, pen.names.network(&pen.door, &args.network)?)?;
    if !is_ours(desk, &log, args.rotation_key.as_ref())? {
        let net = Directory::load(desk, &pen.door)?.name(log.net);
        return Err(Failure::ending(Exit::Refused, Say::NotYourKit { net }));
    }
    // What asks for a passphrase goes first, and no file is there before both can be.
    let mut sheet_out = Out::begin(desk, &args.out)?;
    let revocation = args.revocation.as_ref().map(|path| {
        let mut out = Out::begin(desk, path)?;
        out.write_all(&revocation(&pen, &log, args.rotation_key.as_ref())?)?;
        Ok::<_, anyhow::Error>((out, path))
    });
    let revocation = revocation.transpose()?;
    // Who keeps a guardian's key is known to people alone, and written by hand; but for a key that is
    // here.
    let own = desk.home.keys().all()?;
    let label = |hash| own.iter().find(|file| file.public().hash() == hash).map(KeyFile::name);
    let guardians: Vec<(String, Option<String>)> =
        log.keys.guardians.iter().map(|hash| (hash.to_string(), label(*hash))).collect();
    let sheet = Say::KitSheet {
        name: Directory::load(desk, &pen.door)?.name(log.net),
        net: log.net.to_string(),
        key: log.keys.key.to_string(),
        next: log.keys.next.to_string(),
        guardians,
        need: log.keys.need,
    };
    let text = format!("{}\n", desk.speech.say(&sheet));
    sheet_out.write_all(text.as_bytes()).with_context(|| args.out.display().to_string())?;
    if let Some((out, path)) = revocation {
        out.keep(path)?;
    }
    sheet_out.keep(&args.out)?;
    if desk.json {
        desk.answer(&json!({ "kit": args.out, "revocation": args.revocation }))?;
    }
    desk.note(&Say::KitWritten { path: args.out.display().to_string() });
    if let Some(path) = &args.revocation {
        desk.note(&Say::Leaving(Leaving::RevocationWritten { path: path.display().to_string() }));
    }
    Ok(Exit::Done)
}

/// Says whether this person looks after a network's keys: they have one of them.
fn is_ours(desk: &Desk, log: &Log, rotation: Option<&PathBuf>) -> Result<bool> {
    let given = rotation.map(|_| rotation_key(desk, rotation)).transpose()?;
    let keys = desk.home.keys().all()?.into_iter().chain(given);
    let (key, next) = (log.keys.key, log.keys.next);
    Ok(keys.map(|file| file.public()).any(|own| own == key || own.hash() == next))
}

/// Signs, for the day that it is needed, that the key which speaks now is in wrong hands; what it has
/// signed until now stays.
fn revocation(pen: &Pen<'_>, log: &Log, rotation: Option<&PathBuf>) -> Result<Vec<u8>> {
    let (desk, key) = (pen.desk, log.keys.key);
    let rotation = rotation_key(desk, rotation)?;
    let now = desk.now();
    // A record is dated by whole seconds, and this one may be under way.
    let kept = keep::signed_before(pen, key, now + Duration::from_secs(1))?;
    let lists = keep::lists(&kept, KEEP_MAX);
    let drafts = revocations(desk, log, (key, Reason::Compromised, now), lists)?;
    for draft in &drafts {
        pen.check(draft, rotation.public())?;
    }
    let signer = desk.unlocker.signer(&rotation)?;
    let mut bytes = Vec::new();
    for draft in drafts {
        bytes.extend_from_slice(signer.record(draft)?.bytes());
    }
    Ok(bytes)
}
