//! `weft doctor`: what keeps this node from its work, and what to do about it.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::control::Request;

use crate::commands::doctor_start;
use crate::desk::Desk;
use crate::door::Door;
use crate::examine::examine;
use crate::exit::{Exit, Failure};
use crate::words::{Finding, Say};

/// What is asked of the doctor.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Tell the node that the clock of its machine is right, although it jumped
    #[arg(long)]
    clock_is_right: bool,
}

/// Looks the node over.
///
/// # Errors
/// When a node that runs does not answer what it is asked, or does not take the clock's word.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    if args.clock_is_right {
        Door::open(desk)?.ask(&Request::BelieveClock)?;
    }
    let found = match Door::open(desk) {
        Ok(door) => examine(desk, &door, &door.status()?)?,
        Err(error) => unreachable(desk, error)?,
    };
    if desk.json {
        desk.answer(&shapes(desk, &found))?;
    } else {
        if !found.iter().any(Finding::is_wrong) {
            desk.line(desk.speech.finding(&Finding::Well))?;
        }
        for finding in &found {
            desk.line(format!("* {}", desk.speech.finding(finding)))?;
        }
    }
    Ok(if found.iter().any(Finding::is_wrong) { Exit::Failed } else { Exit::Done })
}

/// Returns findings for programs.
pub(crate) fn shapes(desk: &Desk, found: &[Finding]) -> Vec<Value> {
    let shape = |finding: &Finding| {
        let words = desk.speech.finding(finding);
        let (name, wrong, count) = (finding.name(), finding.is_wrong(), finding.count());
        json!({ "finding": name, "wrong": wrong, "count": count, "words": words })
    };
    found.iter().map(shape).collect()
}

/// A node that cannot be asked is a finding too; what the command line got wrong is not.
fn unreachable(desk: &Desk, error: anyhow::Error) -> Result<Vec<Finding>> {
    match error.downcast::<Failure>()? {
        Failure { say: Say::NoNode | Say::NoHome { .. }, .. } => Ok(doctor_start::examine(desk)),
        Failure { exit: Exit::Failed, say } => Ok(vec![Finding::NoNode(Box::new(say))]),
        other => Err(other.into()),
    }
}
