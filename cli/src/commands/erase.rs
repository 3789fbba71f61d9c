//! `weft erase`: asks every node to drop what was said.

use anyhow::Result;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::role::Power;
use weft_protocol::record::Kind;

use crate::commands::answer;
use crate::desk::Desk;
use crate::draft::Pen;
use crate::exit::{Exit, Failure};
use crate::groups::WordsArgs;

/// What is to be erased.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The beginning of its id
    record: String,
    #[command(flatten)]
    words: WordsArgs,
}

/// Signs the end that erases a thing.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let pen = Pen::take(desk, &args.words.signing)?;
    let record = pen.door.current(pen.names.find(&pen.door, &args.record, None)?)?;
    let power = match record.header().kind {
        Kind::Profile => Power::Profile,
        Kind::Values => Power::Values,
        Kind::Call | Kind::Gathering => Power::Call,
        Kind::Response => Power::Respond,
        Kind::Proposal => Power::Propose,
        Kind::Tie => Power::SignTie,
        Kind::Disclosure => Power::Disclose,
        Kind::Carriage => Power::Bridge,
        ref kind => {
            return Err(Failure::usage(&args.record, format!("a record of kind {kind} stays")));
        }
    };
    answer::end(&pen, &record, EndKind::Erase, power, &args.words.text)
}
