//! `weft offer`: from "we will" to "they did".

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::sealed::Boxes;
use weft_protocol::control::{CallFilter, RecordFilter, Request};
use weft_protocol::fold::call::State;
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::record::{Kind, Record};

use crate::commands::affair::Affair;
use crate::commands::answer::{self, Answer};
use crate::commands::call::{self, ShareArgs, amount};
use crate::commands::{export, record, seal};
use crate::desk::Desk;
use crate::door::{self, Answered, Door};
use crate::draft::{Pen, Voice};
use crate::exit::{Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::text;
use crate::names::Names;
use crate::show::call::call_of;
use crate::show::offers;
use crate::show::shares::response;
use crate::words::{Bearing, Say};

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
    New(NewArgs),
    /// List offers to calls that are still open, those to the newest call first
    List(ListArgs),
    /// Accept an offer to your call
    Accept(OfOffer),
    /// Decline an offer to your call
    Decline {
        /// Which offer
        offer: String,
        #[command(flatten)]
        said: Said,
    },
    /// Take your offer back
    Withdraw {
        /// Which offer
        offer: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Say that you did what you offered
    Deliver(OfOffer),
    /// Confirm that a delivery was made
    Confirm {
        /// Which delivery, or the offer on which it was made
        delivery: String,
        /// How much [default: all of it]
        #[arg(long, value_parser = amount)]
        amount: Option<u32>,
        #[command(flatten)]
        said: Said,
    },
    /// Say that it was not done
    Contest {
        /// Which delivery, or the offer on which it was made
        delivery: String,
        #[command(flatten)]
        said: Said,
    },
    /// Thank for an offer, a delivery or an endorsement
    Thank {
        /// Which offer, delivery or endorsement
        answer: String,
        #[command(flatten)]
        said: Said,
    },
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    /// Which call
    call: String,
    #[command(flatten)]
    share: ShareArgs,
    #[command(flatten)]
    said: Said,
}

#[derive(Debug, clap::Args)]
struct OfOffer {
    /// Which offer
    offer: String,
    /// How much [default: all of it]
    #[arg(long, value_parser = amount)]
    amount: Option<u32>,
    #[command(flatten)]
    said: Said,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those to this call
    #[arg(long, value_name = "ID")]
    call: Option<String>,
    #[command(flatten)]
    of: OfNetwork,
    /// Also those that no longer count, those to calls that are over, and your own to calls that are gone
    #[arg(long)]
    all: bool,
}

/// What goes with an answer in words.
#[derive(Debug, clap::Args)]
struct Said {
    /// In words that only the other side can read, such as how to reach you (once for each language)
    #[arg(long, value_name = "TEXT")]
    sealed: Vec<String>,
    #[command(flatten)]
    words: WordsArgs,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    use ResponseKind::{Accept, Confirm, Contest, Decline, Deliver, Thanks};
    match args.verb {
        Verb::New(args) => new(desk, &args),
        Verb::List(args) => list(desk, &args),
        Verb::Accept(of) => say(desk, Accept, (&of.offer, of.amount), &of.said),
        Verb::Decline { offer, said } => say(desk, Decline, (&offer, None), &said),
        Verb::Deliver(of) => say(desk, Deliver, (&of.offer, of.amount), &of.said),
        Verb::Confirm { delivery, amount, said } => say(desk, Confirm, (&delivery, amount), &said),
        Verb::Contest { delivery, said } => say(desk, Contest, (&delivery, None), &said),
        Verb::Thank { answer, said } => say(desk, Thanks, (&answer, None), &said),
        Verb::Withdraw { offer, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let offer = answered(&pen, &offer)?;
            answer::end(&pen, &offer, EndKind::Withdraw, Power::Respond, &words.text)
        }
    }
}

fn new(desk: &Desk, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.said.words.signing)?;
    let record = pen.names.thing(&pen.door, &args.call, &Kind::Call)?;
    let ask = args.share.place(call_of(&record).ok_or_else(door::strange)?)?;
    let voice = pen.voice(Power::Respond)?;
    let share = (ask, args.share.amount);
    sign(&pen, &voice, &record, (ResponseKind::Offer, share), &args.said)
}

/// Answers an answer: an offer, or what became of it.
fn say(
    desk: &Desk,
    kind: ResponseKind,
    (word, amount): (&str, Option<u32>),
    said: &Said,
) -> Result<Exit> {
    let pen = Pen::take(desk, &said.words.signing)?;
    let record = answered(&pen, word)?;
    // What answers an answer means the same ask.
    let ask = response(&record).and_then(|answer| answer.ask);
    let voice = pen.voice(Power::Respond)?;
    let (record, amount) = meant(&pen, record, kind, amount)?;
    sign(&pen, &voice, &record, (kind, (ask, amount)), said)
}

fn sign(
    pen: &Pen<'_>,
    voice: &Voice,
    to: &Record,
    (kind, (ask, amount)): (ResponseKind, (Option<u8>, Option<u32>)),
    said: &Said,
) -> Result<Exit> {
    let usual = pen.desk.language()?;
    let text = text::text("--text", &said.words.text, &usual)?;
    let sealed = match text::text("--sealed", &said.sealed, &usual)? {
        Some(words) => seal::to_networks(pen, &words, &[to.net()].into(), voice.net)?,
        None => Boxes::default(),
    };
    answer::say(pen, voice, to, Answer { text, sealed, ask, amount, ..answer::bare(kind) })
}

/// Finds the answer that a word means.
fn answered(pen: &Pen<'_>, word: &str) -> Result<Record> {
    pen.names.thing(&pen.door, word, &Kind::Response).map_err(|error| {
        let failure = error.downcast_ref::<Failure>().map(|failure| &failure.say);
        match failure {
            Some(Say::OtherKind { is: Kind::Call, .. }) => {
                let call = word.to_owned();
                Failure::ending(Exit::Usage, Say::Bearing(Bearing::IsCall { call }))
            }
            _ => error,
        }
    })
}

/// Returns what is answered, and of how much.
fn meant(
    pen: &Pen<'_>,
    record: Record,
    kind: ResponseKind,
    amount: Option<u32>,
) -> Result<(Record, Option<u32>)> {
    let affair = || Affair::about(&pen.door, &record);
    Ok(match kind {
        ResponseKind::Deliver if amount.is_none() => {
            let left = affair()?.and_then(|affair| affair.left(&record));
            (record, left)
        }
        ResponseKind::Confirm | ResponseKind::Contest => {
            let delivery = affair()?.map(|affair| affair.delivery(&record)).transpose()?;
            (delivery.unwrap_or(record), amount)
        }
        _ => (record, amount),
    })
}

fn list(desk: &Desk, args: &ListArgs) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = args.of.find(desk, &door)?;
    let calls = match &args.call {
        Some(word) => vec![Names::load(desk)?.thing(&door, word, &Kind::Call)?.thing()],
        None => {
            let limit = CallFilter::LIMIT_MAX;
            let filter = CallFilter { all: args.all, limit, ..CallFilter::default() };
            let calls = door.things(&Request::Calls(filter), call::view)?;
            // What nobody answered is not asked about.
            let offered = |state: &State| state.asks.iter().any(|ask| ask.offered > 0);
            let calls = calls.into_iter().filter(|(_, state)| args.all || offered(state));
            calls.map(|(call, _)| call.thing()).collect()
        }
    };
    let affairs = calls.into_iter().map(|thing| call::of(&door, thing));
    let affairs = affairs.collect::<Result<Vec<_>>>()?;
    let left = match &args.call {
        None if args.all => left(desk, &door, net, &affairs)?,
        _ => Vec::new(),
    };
    offers::list(desk, &door, (&affairs, &left), (net, args.all))
}

/// Returns the offers of these networks, or of those for which this home speaks, whose calls are not here
/// any more: a node forgets what others asked for when its time is over, and keeps what its own said.
fn left(
    desk: &Desk,
    door: &Door,
    net: Option<NetId>,
    affairs: &[Answered<State>],
) -> Result<Vec<Record>> {
    let nets = net.map_or_else(|| export::spoken_for(desk, door), |net| Ok([net].into()))?;
    let listed = affairs.iter().flat_map(|(_, answers)| answers).map(|(answer, _)| answer.id());
    let listed: BTreeSet<RecordId> = listed.collect();
    let mut left = Vec::new();
    for net in nets {
        let kind = Some(Kind::Response);
        let filter = RecordFilter { net: Some(net), kind, ..RecordFilter::default() };
        record::pages(door, filter, |record, _| {
            let offers = response(record).is_some_and(|said| said.kind == ResponseKind::Offer);
            if offers && !listed.contains(&record.id()) {
                left.push(record.clone());
            }
            Ok(())
        })?;
    }
    Ok(left)
}
