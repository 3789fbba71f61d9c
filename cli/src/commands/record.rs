//! `weft record`: signed records as such.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::json;
use weft_node::frame::FRAME_BYTES_MAX;
use weft_protocol::control::{Fate, Judgement, RecordFilter, Request, Response};
use weft_protocol::record::{Kind, Record, Unverified, sequence};

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft;
use crate::exit::{Exit, Failure};
use crate::names::Names;
use crate::show::json as shapes;
use crate::words::Say;

/// Verify, show, export and import signed records
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show a record, whether it counts, and why
    Show {
        /// The beginning of its id
        id: String,
    },
    /// Check the signatures of the records in a file, or of one record on the node
    ///
    /// A file needs no node. Exit code 6 when one does not hold, or does not count.
    Verify {
        /// A file of records, as 'weft record export' writes it, or the beginning of an id
        what: String,
    },
    /// Write records to a file that any Weft node can import
    ///
    /// For example, all that your network ever signed: weft record export --network coffee-union
    /// --out ours.weft
    Export(ExportArgs),
    /// Put records from a file on this node
    Import {
        /// A file of records
        file: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    /// Only in this network's name
    #[arg(long)]
    network: Option<String>,
    /// Only of this kind, such as call
    #[arg(long)]
    kind: Option<String>,
    /// Only those that count
    #[arg(long)]
    valid: bool,
    /// Where to; standard output when it is left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// One JSON object on each line, to read rather than to import
    #[arg(long)]
    jsonl: bool,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Show { id } => show(desk, &id),
        Verb::Verify { what } => match Path::new(&what) {
            file if file.is_file() => verify_file(desk, file),
            _ => verify_one(desk, &what),
        },
        Verb::Export(args) => export(desk, &args),
        Verb::Import { file } => import(desk, &file),
    }
}

/// Returns a record of the node, and how it was judged there.
fn judged(desk: &Desk, word: &str) -> Result<(Record, Judgement)> {
    let door = Door::open(desk)?;
    let id = Names::load(desk)?.find(&door, word, None)?;
    match door.ask(&Request::Record { id })? {
        Response::Record(view) => door::viewed(view),
        _ => Err(door::strange()),
    }
}

fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let (record, entry) = judged(desk, word)?;
    let value = shapes::with_state(&record, shapes::plain(&entry));
    desk.answer(&value)?;
    if !desk.json {
        desk.note(&verdict(&entry));
    }
    Ok(Exit::Done)
}

fn verdict(entry: &Judgement) -> Say {
    match &entry.void {
        None => Say::Counts,
        Some(why) => Say::CountsNot { why: why.clone() },
    }
}

fn verify_one(desk: &Desk, word: &str) -> Result<Exit> {
    // Its signature was verified here when it came through the door.
    let (record, entry) = judged(desk, word)?;
    if desk.json {
        desk.answer(&json!({ "id": record.id(), "void": entry.void, "steps": entry.steps }))?;
    } else {
        for step in &entry.steps {
            desk.line(format!("  {step}"))?;
        }
        desk.line(desk.speech.say(&verdict(&entry)))?;
    }
    Ok(if entry.void.is_none() { Exit::Done } else { Exit::NotVerified })
}

/// What was found in a file.
#[derive(Debug, Default, Serialize)]
struct Findings {
    good: usize,
    bad: Vec<Fault>,
}

/// A place in a file where no record is.
#[derive(Debug, Serialize)]
struct Fault {
    /// The how manieth, from 1.
    number: usize,
    why: String,
}

fn verify_file(desk: &Desk, file: &Path) -> Result<Exit> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    let mut findings = Findings::default();
    for (i, item) in sequence(&bytes).enumerate() {
        match item.map_err(|e| e.to_string()).and_then(record) {
            Ok(_) => findings.good += 1,
            Err(why) => findings.bad.push(Fault { number: i + 1, why }),
        }
    }
    let exit = if findings.bad.is_empty() { Exit::Done } else { Exit::NotVerified };
    if desk.json {
        desk.answer(&findings)?;
        return Ok(exit);
    }
    desk.line(desk.speech.say(&Say::Verified { good: findings.good, bad: findings.bad.len() }))?;
    for Fault { number, why } in findings.bad {
        desk.line(desk.speech.say(&Say::BadRecord { number, why }))?;
    }
    Ok(exit)
}

/// Takes bytes for a record, if they are one.
fn record(bytes: &[u8]) -> Result<Record, String> {
    let unverified = Unverified::decode(bytes).map_err(|e| e.to_string())?;
    unverified.verify().map_err(|e| e.to_string())
}

fn export(desk: &Desk, args: &ExportArgs) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let kind = args.kind.as_deref().map(|name| {
        Kind::named(name).ok_or_else(|| Failure::usage(name, "it is not a kind of record"))
    });
    let net = args.network.as_ref().map(|word| names.network(&door, word)).transpose()?;
    let filter = RecordFilter { net, kind: kind.transpose()?, key: None, valid: args.valid };
    let mut out: Box<dyn Write> = match &args.out {
        Some(path) => {
            let file = File::create_new(path).with_context(|| path.display().to_string())?;
            Box::new(BufWriter::new(file))
        }
        None if !args.jsonl && std::io::stdout().is_terminal() => {
            return Err(Failure::usage("--out", "records are not for a screen; name a file"));
        }
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    let mut records = 0;
    door.each(&Request::Records(filter), |response| {
        let Response::Record(view) = response else { return Err(door::strange()) };
        let (record, entry) = door::viewed(view)?;
        if args.jsonl {
            let value = shapes::with_state(&record, shapes::plain(&entry));
            writeln!(out, "{}", serde_json::to_string(&value)?)?;
        } else {
            out.write_all(record.bytes())?;
        }
        records += 1;
        Ok(())
    })?;
    out.flush()?;
    if let Some(path) = &args.out {
        desk.note(&Say::Exported { records, path: path.display().to_string() });
    }
    Ok(Exit::Done)
}

/// What became of the records of a file.
#[derive(Debug, Default, Serialize)]
struct Tally {
    new: usize,
    known: usize,
    waiting: usize,
    void: usize,
    refused: usize,
    reasons: Vec<String>,
}

impl Tally {
    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Stored => self.new += 1,
            Fate::Known => self.known += 1,
            Fate::Waiting(_) => self.waiting += 1,
            Fate::Void(why) => {
                self.void += 1;
                self.reasons.push(why);
            }
            Fate::Failed(refusal) => {
                self.refused += 1;
                self.reasons.push(refusal.to_string());
            }
        }
    }
}

/// The most bytes of records in one request: what a frame holds, less room for what is around
/// them.
const PARCEL_BYTES_MAX: usize = FRAME_BYTES_MAX - 1024;

fn import(desk: &Desk, file: &Path) -> Result<Exit> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    let door = Door::open(desk)?;
    let mut tally = Tally::default();
    let mut records = VecDeque::new();
    for item in sequence(&bytes) {
        match item.map_err(|e| e.to_string()).and_then(record) {
            Ok(record) => records.push_back(record),
            Err(why) => {
                tally.refused += 1;
                tally.reasons.push(why);
            }
        }
    }
    let bar = ProgressBar::new(records.len() as u64);
    while !records.is_empty() {
        let (mut parcel, mut count) = (Vec::new(), 0);
        while let Some(record) = records.front() {
            if !parcel.is_empty() && parcel.len() + record.bytes().len() > PARCEL_BYTES_MAX {
                break;
            }
            parcel.extend_from_slice(record.bytes());
            records.pop_front();
            count += 1;
        }
        for posted in draft::post(&door, parcel, count)? {
            tally.count(posted.fate);
        }
        bar.inc(count as u64);
    }
    bar.finish_and_clear();
    let exit = if tally.refused + tally.void > 0 { Exit::NotVerified } else { Exit::Done };
    if desk.json {
        desk.answer(&tally)?;
        return Ok(exit);
    }
    let Tally { new, known, waiting, void, refused, mut reasons } = tally;
    desk.line(desk.speech.say(&Say::Imported { new, known, waiting, void, refused }))?;
    reasons.sort();
    reasons.dedup();
    for why in reasons {
        desk.line(format!("  {why}"))?;
    }
    Ok(exit)
}
