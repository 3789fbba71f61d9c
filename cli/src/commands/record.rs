//! `weft record`: signed records as such.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde::Serialize;
use weft_protocol::record::{Record, Unverified, sequence};

use crate::desk::Desk;
use crate::exit::Exit;
use crate::words::Say;

/// Verify, show, export and import signed records
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check the signatures of the records in a file
    ///
    /// It needs no node. Exit code 6 when one does not hold.
    Verify {
        /// A file of records, as 'weft record export' writes it
        file: PathBuf,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Verify { file } => verify(desk, &file),
    }
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

fn verify(desk: &Desk, file: &PathBuf) -> Result<Exit> {
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
