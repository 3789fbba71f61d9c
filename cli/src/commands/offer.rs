//! `weft offer`: from "we will" to "they did".

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::sealed::Boxes;
use weft_protocol::id::NetId;
use weft_protocol::record::{Kind, Record};

use crate::commands::answer::{self, Answer};
use crate::commands::bearing::{self, Affair};
use crate::commands::call::ShareArgs;
use crate::commands::seal;
use crate::desk::Desk;
use crate::door;
use crate::draft::Pen;
use crate::exit::Exit;
use crate::groups::WordsArgs;
use crate::input::text;
use crate::show::call::call_of;

/// Offer what a call asks for, and see it through
///
/// The giver: offer new, then offer deliver. The caller: offer accept, then offer confirm.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Offer something to a call
    ///
    /// For example: weft offer new CALL --ask beds --amount 5 --text "Two families can come on Friday"
    New(Part),
    /// Accept an offer to your call
    Accept(Part),
    /// Decline an offer to your call
    Decline(Part),
    /// Take your offer back
    Withdraw(Part),
    /// Say that you did what you offered
    Deliver(Part),
    /// Confirm that a delivery was made
    Confirm(Part),
    /// Say that it was not done
    Contest(Part),
    /// Thank for an offer, a delivery or an endorsement
    Thank(Part),
}

#[derive(Debug, clap::Args)]
struct Part {
    /// Which call, offer or delivery
    id: String,
    #[command(flatten)]
    share: ShareArgs,
    /// In words that only the other side can read, such as how to reach you (once for each language)
    #[arg(long, value_name = "TEXT")]
    sealed: Vec<String>,
    #[command(flatten)]
    words: WordsArgs,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::New(part) => say(desk, &part, ResponseKind::Offer),
        Verb::Accept(part) => say(desk, &part, ResponseKind::Accept),
        Verb::Decline(part) => say(desk, &part, ResponseKind::Decline),
        Verb::Deliver(part) => say(desk, &part, ResponseKind::Deliver),
        Verb::Confirm(part) => say(desk, &part, ResponseKind::Confirm),
        Verb::Contest(part) => say(desk, &part, ResponseKind::Contest),
        Verb::Thank(part) => say(desk, &part, ResponseKind::Thanks),
        Verb::Withdraw(part) => {
            let pen = Pen::take(desk, &part.words.signing)?;
            let offer = pen.names.thing(&pen.door, &part.id, &Kind::Response)?;
            if let Some(affair) = Affair::about(&pen.door, &offer)? {
                affair.is_unconfirmed(desk, &offer)?;
            }
            answer::end(&pen, &offer, EndKind::Withdraw, Power::Respond, &part.words.text)
        }
    }
}

fn say(desk: &Desk, part: &Part, kind: ResponseKind) -> Result<Exit> {
    let pen = Pen::take(desk, &part.words.signing)?;
    let record = if kind == ResponseKind::Offer {
        pen.names.thing(&pen.door, &part.id, &Kind::Call)?
    } else {
        pen.names.thing(&pen.door, &part.id, &Kind::Response)?
    };
    let ask = match (record.body(), call_of(&record)) {
        (_, Some(call)) => part.share.place(call)?,
        // What answers an answer means the same ask.
        (Body::Response(answered), _) => answered.ask,
        _ => return Err(door::strange()),
    };
    let usual = desk.language()?;
    let text = text::text("--text", &part.words.text, &usual)?;
    let voice = pen.voice(Power::Respond)?;
    let (record, amount) = meant(&pen, record, kind, (voice.net, ask), part.share.amount)?;
    let sealed = match text::text("--sealed", &part.sealed, &usual)? {
        Some(words) => seal::to_networks(&pen, &words, &[record.net()].into(), voice.net)?,
        None => Boxes::default(),
    };
    answer::say(&pen, &voice, &record, Answer { text, sealed, ask, amount, ..answer::bare(kind) })
}

/// Returns what is answered, and of how much, after a look at what the answer would bear on.
fn meant(
    pen: &Pen<'_>,
    record: Record,
    kind: ResponseKind,
    (us, ask): (NetId, Option<u8>),
    amount: Option<u32>,
) -> Result<(Record, Option<u32>)> {
    let Some(affair) = Affair::about(&pen.door, &record)? else { return Ok((record, amount)) };
    match kind {
        ResponseKind::Offer => {
            affair.is_open(pen.desk)?;
            affair.say_earlier(pen.desk, us, ask);
            Ok((record, amount))
        }
        ResponseKind::Accept | ResponseKind::Decline => {
            bearing::is_kind(&record, ResponseKind::Offer)?;
            affair.is_callers(pen, us)?;
            Ok((record, amount))
        }
        ResponseKind::Deliver => {
            bearing::is_kind(&record, ResponseKind::Offer)?;
            affair.is_givers(pen, &record, us)?;
            let amount = affair.left(pen.desk, &record, amount)?;
            Ok((record, amount))
        }
        ResponseKind::Confirm | ResponseKind::Contest => {
            affair.is_callers(pen, us)?;
            Ok((affair.delivery(pen.desk, &record)?, amount))
        }
        _ => Ok((record, amount)),
    }
}
