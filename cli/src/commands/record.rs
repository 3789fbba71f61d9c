//! `weft record`: signed records as such.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};
use weft_protocol::control::{Held, Judgement, RecordFilter, Request, Response};
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;

use crate::bundle::Bundle;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::Exit;
use crate::groups::OfNetwork;
use crate::input::moment::Edge;
use crate::input::named::{kind, region};
use crate::names::Names;
use crate::out::{self, Out, STANDARD_OUTPUT};
use crate::show::json as shapes;
use crate::words::{Holding, Say};

/// Verify, show and export signed records
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
    /// Write records of this node to a file that any Weft node can import
    ///
    /// For example, all calls of a region: weft record export --kind call --region gb-bristol --out
    /// calls.weft. To leave with all that your network ever signed, see 'weft export'.
    Export(ExportArgs),
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    #[command(flatten)]
    of: OfNetwork,
    /// Only of this kind, such as call
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    /// Only with this home region, and the identities, which have none
    #[arg(long, value_parser = region)]
    region: Option<Region>,
    /// Only dated then or later: 30d is thirty days ago, or a date
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
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
    }
}

/// Returns a record of the node, and how it was judged there.
fn judged(desk: &Desk, door: &Door, word: &str) -> Result<(Record, Judgement)> {
    let id = Names::load(desk)?.find(door, word, None)?;
    match door.ask(&Request::Record { id })? {
        Response::Record(view) => door::viewed(view),
        _ => Err(door::strange()),
    }
}

fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open_or_read(desk)?;
    let (record, entry) = judged(desk, &door, word)?;
    let held = door.who_has(record.id());
    let mut value = shapes::with_state(&record, shapes::judgement(&entry));
    if let (Value::Object(map), Some(held)) = (&mut value, &held) {
        let Held { has, lacks, silent, .. } = held;
        map.insert("held".to_owned(), json!({ "has": has, "lacks": lacks, "silent": silent }));
    }
    desk.answer(&value)?;
    if !desk.json {
        desk.note(&verdict(&entry));
        if let Some(Held { has, lacks, silent, .. }) = held {
            desk.note(&Say::Holding(Holding::Elsewhere { has, asked: has + lacks + silent }));
        }
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
    let door = Door::open_or_read(desk)?;
    let (record, entry) = judged(desk, &door, word)?;
    if desk.json {
        let void = entry.void.as_ref().map(ToString::to_string);
        let steps: Vec<String> = entry.steps.iter().map(ToString::to_string).collect();
        desk.answer(&json!({ "id": record.id(), "void": void, "steps": steps }))?;
    } else {
        for step in &entry.steps {
            desk.line(format!("  {}", desk.speech.step(step)))?;
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
    let mut bundle = Bundle::open(desk, file)?;
    let mut findings = Findings::default();
    loop {
        let items = bundle.next()?;
        if items.is_empty() {
            break;
        }
        for item in items {
            let number = findings.good + findings.bad.len() + 1;
            match item {
                Ok(_) => findings.good += 1,
                Err(flaw) => {
                    let words = if desk.json { flaw.to_string() } else { desk.speech.flaw(&flaw) };
                    findings.bad.push(Fault { number, why: words });
                }
            }
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

/// How many records are asked for at once: some seconds of a slow machine's work, and a list that
/// costs the node less than a megabyte.
const PAGE: u32 = 10_000;

fn export(desk: &Desk, args: &ExportArgs) -> Result<Exit> {
    let door = Door::open_or_read(desk)?;
    let filter = filter(desk, &door, args)?;
    let path = args.out.clone().unwrap_or_else(|| STANDARD_OUTPUT.into());
    let mut out = match &args.out {
        None if args.jsonl => Out::screen(),
        _ => Out::begin(desk, &path)?,
    };
    let records = pages(&door, filter, |record, entry| {
        if args.jsonl {
            let value = shapes::with_state(record, shapes::judgement(entry));
            return Ok(writeln!(out, "{}", serde_json::to_string(&value)?)?);
        }
        Ok(out.write_all(record.bytes())?)
    })?;
    out.keep(&path)?;
    if !out::is_standard(&path) {
        desk.note(&Say::Exported { records, path: path.display().to_string() });
    }
    Ok(Exit::Done)
}

fn filter(desk: &Desk, door: &Door, args: &ExportArgs) -> Result<RecordFilter> {
    let since = args.since.as_ref().map(|words| desk.moment("--since", words, Edge::Past));
    Ok(RecordFilter {
        net: args.of.find(desk, door)?,
        kind: args.kind.clone(),
        key: None,
        region: args.region.clone(),
        since: since.transpose()?,
        hidden: false,
        valid: args.valid,
        after: None,
        limit: None,
    })
}

/// Hands over all records that a filter means, page after page, and returns how many there were.
///
/// # Errors
/// When the node does not answer, and what the receiver returns.
pub(crate) fn pages(
    door: &Door,
    mut filter: RecordFilter,
    mut receiver: impl FnMut(&Record, &Judgement) -> Result<()>,
) -> Result<usize> {
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {human_pos}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    let mut records = 0;
    filter.limit = Some(PAGE);
    loop {
        let before = records;
        let request = Request::Records(filter.clone());
        door.each(&request, |response| {
            let Response::Record(view) = response else { return Err(door::strange()) };
            let (record, entry) = door::viewed(view)?;
            receiver(&record, &entry)?;
            records += 1;
            filter.after = Some(record.id());
            Ok(())
        })?;
        if records == before {
            bar.finish_and_clear();
            return Ok(records);
        }
        bar.set_position(records as u64);
    }
}
