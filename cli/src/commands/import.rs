//! `weft import`: puts records from a file on the node.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use anyhow::Result;
use indicatif::ProgressBar;
use serde::Serialize;
use weft_node::frame::FRAME_BYTES_MAX;
use weft_protocol::control::{Failure, Fate, Refusal};
use weft_protocol::id::NetId;
use weft_protocol::record::Record;

use crate::bundle::Bundle;
use crate::commands::network;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft;
use crate::exit::{self, Exit};
use crate::words::{Keeping, Say};

/// Put records from a file on this node
///
/// When they are those of a network whose key is in this home, it lives on this node from then on.
///
/// The node judges them as if they had come from another node. What was erased stays erased. Of what is
/// over it keeps what networks that live here have signed, and lists it with --all. Exit code 6 when
/// some are not taken or do not count.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A file that 'weft export' or 'weft record export' wrote; '-' is standard input
    file: PathBuf,
}

/// What became of the records of a file.
#[derive(Debug, Default, Serialize)]
struct Tally {
    new: usize,
    known: usize,
    waiting: usize,
    void: usize,
    past: usize,
    over: usize,
    refused: usize,
    reasons: BTreeSet<String>,
    adopted: Vec<NetId>,
}

impl Tally {
    fn count(&mut self, desk: &Desk, fate: Fate) {
        match fate {
            Fate::Stored => self.new += 1,
            Fate::Known => self.known += 1,
            Fate::Waiting(_) => self.waiting += 1,
            Fate::Void(why) => {
                self.void += 1;
                self.reasons.insert(if desk.json {
                    why.to_string()
                } else {
                    desk.speech.why(&why)
                });
            }
            Fate::Past => self.past += 1,
            Fate::Failed(Failure::Refused(Refusal::Expired)) => {
                self.over += 1;
            }
            Fate::Failed(Failure::Refused(why)) => {
                self.refused += 1;
                self.reasons.insert(if desk.json {
                    why.to_string()
                } else {
                    desk.speech.refusal(&why)
                });
            }
            Fate::Failed(failure) => {
                self.refused += 1;
                self.reasons.insert(if desk.json {
                    failure.to_string()
                } else {
                    exit::explain(&door::refused(failure), desk.speech).1
                });
            }
        }
    }
}

/// The most bytes of records in one request: what a frame holds, less room for what is around
/// them.
const PARCEL_BYTES_MAX: usize = FRAME_BYTES_MAX - 1024;

/// Puts the records of a file on the node, and says what became of them.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let mut bundle = Bundle::open(desk, &args.file)?;
    let door = Door::open(desk)?;
    let (mut tally, mut over) = (Tally::default(), VecDeque::new());
    let bar = ProgressBar::new(bundle.len());
    loop {
        let items = bundle.next()?;
        if items.is_empty() {
            break;
        }
        let mut records = VecDeque::new();
        for item in items {
            match item {
                Ok(record) if record.header().until <= desk.now() => over.push_back(record),
                Ok(record) => records.push_back(record),
                Err(why) => {
                    tally.refused += 1;
                    tally.reasons.insert(if desk.json {
                        why.to_string()
                    } else {
                        desk.speech.flaw(&why)
                    });
                }
            }
        }
        hand_in(desk, &door, records, &mut tally)?;
        bar.set_position(bundle.position());
    }
    bar.finish_and_clear();
    // Whoever brings home what their network has signed means it to live here; of what is over only that
    // comes home whose network does.
    tally.adopted = network::adopt_ours(desk, &door)?;
    hand_in(desk, &door, over, &mut tally)?;
    let exit =
        if tally.refused + tally.void + tally.over > 0 { Exit::NotVerified } else { Exit::Done };
    if desk.json {
        desk.answer(&tally)?;
        return Ok(exit);
    }
    let Tally { new, known, waiting, void, past, over, refused, reasons, .. } = tally;
    desk.line(desk.speech.say(&Say::Imported { new, known, waiting, void, refused }))?;
    if past > 0 {
        desk.line(desk.speech.say(&Say::Keeping(Keeping::PastKept { records: past })))?;
    }
    if over > 0 {
        desk.line(desk.speech.say(&Say::Keeping(Keeping::PastLeft { records: over })))?;
    }
    reasons.into_iter().try_for_each(|why| desk.line(format!("  {why}")))?;
    Ok(exit)
}

/// Puts records on the node, as many at once as fit a frame.
fn hand_in(
    desk: &Desk,
    door: &Door,
    mut records: VecDeque<Record>,
    tally: &mut Tally,
) -> Result<()> {
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
        for posted in draft::post(door, parcel, count)? {
            tally.count(desk, posted.fate);
        }
    }
    Ok(())
}
