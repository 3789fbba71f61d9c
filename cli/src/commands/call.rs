//! `weft call`: asking for solidarity.

use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::call::{ALERT_DAYS_MAX, Call, CallKind};
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::{Place, Tag};
use weft_protocol::control::{CallFilter, Request, Response, View};
use weft_protocol::fold::call::State;
use weft_protocol::id::ThingId;
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;
use weft_protocol::values::{Appeal, SCHWARTZ10};

use crate::commands::answer::{self, Answer};
use crate::commands::call_text::{self, CallArgs};
use crate::commands::concern::{self, Airing};
use crate::commands::seal::ContactArgs;
use crate::desk::Desk;
use crate::door::{self, Answered, Door};
use crate::draft::{DAY, Pen, Signing, lives_longer};
use crate::exit::{Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::code::{place, tag};
use crate::input::named::region;
use crate::input::text;
use crate::names::Names;
use crate::show::call as shown;
use crate::show::call::call_of;
use crate::words::{Say, Session};

/// Ask others for solidarity, and answer
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Publish a call
    ///
    /// For example: weft call new --kind need --title "Beds wanted" --title es="Se buscan camas"
    /// --ask beds:20:nights --ask drivers --place GB-BST --urgency days --until 14d
    New(Box<NewArgs>),
    /// List calls, the newest first
    List(ListArgs),
    /// Show a call and the answers to it
    Show {
        /// Which call
        call: String,
    },
    /// Show by which bridges a call came here, and how far the voices for it reach
    ///
    /// A network joins when as many independent neighbours as it takes have joined: that is a picture
    /// of how people move, and no forecast. Networks under one hand count as one voice. Nobody's
    /// reading is counted: all this follows from public ties and endorsements.
    Reach {
        /// Which call
        call: String,
    },
    /// Change a call; what you leave out stays as it is
    ///
    /// Endorsements of the text before will be shown as of an earlier version.
    Edit {
        /// Which call
        call: String,
        #[command(flatten)]
        args: Box<NewArgs>,
    },
    /// Let a call live longer
    Extend {
        /// Which call
        call: String,
        #[command(flatten)]
        signing: Signing,
    },
    /// Take a call back
    Withdraw {
        /// Which call
        call: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Stand behind a call
    Endorse {
        /// Which call
        call: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Say that something is wrong with a call
    Concern {
        /// Which call
        call: String,
        #[command(flatten)]
        airing: Airing,
    },
    /// Say that you did what a call asks for, without an offer before
    ///
    /// It counts when the caller confirms it.
    #[command(alias = "fulfil")]
    Deliver(DeliverArgs),
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    contact: ContactArgs,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    of: OfNetwork,
    /// Only with this field
    #[arg(long, value_parser = tag)]
    field: Option<Tag>,
    /// Only at this place, or one within it: GB also finds GB-BST
    #[arg(long, value_parser = place)]
    place: Option<Place>,
    /// Only from this region
    #[arg(long, value_parser = region)]
    region: Option<Region>,
    /// Also those that are met, withdrawn or expired, and those that this node's policy hides
    #[arg(long)]
    all: bool,
    /// At most so many
    #[arg(long, default_value_t = CallFilter::LIMIT_MAX)]
    limit: u32,
}

#[derive(Debug, clap::Args)]
struct DeliverArgs {
    /// Which call
    call: String,
    #[command(flatten)]
    share: ShareArgs,
    #[command(flatten)]
    words: WordsArgs,
}

/// Which ask of a call is meant, and how much of it.
#[derive(Debug, clap::Args)]
pub(crate) struct ShareArgs {
    /// Which ask of the call: its name, or its number from 1 [default: the first]
    #[arg(long)]
    pub(crate) ask: Option<String>,
    /// How much [default: all of it]
    #[arg(long, value_parser = amount)]
    pub(crate) amount: Option<u32>,
}

/// Reads how much.
///
/// # Errors
/// When it is no whole number from 1.
pub(crate) fn amount(words: &str) -> Result<u32, String> {
    let amount = words.parse().ok().filter(|amount| *amount > 0);
    amount.ok_or_else(|| "an amount is a whole number from 1, such as 5".to_owned())
}

impl ShareArgs {
    /// Returns the place of the ask in the call's list.
    ///
    /// # Errors
    /// When the call has no such ask.
    pub(crate) fn place(&self, call: &Call) -> Result<Option<u8>> {
        // Said or not, the first is the first: who offers to it anew means the same ask.
        let Some(word) = &self.ask else { return Ok((!call.asks.is_empty()).then_some(0)) };
        let by_name = call.asks.iter().position(|ask| ask.tag.as_str() == word);
        let by_number = || word.parse::<usize>().ok()?.checked_sub(1);
        let place = by_name.or_else(by_number).filter(|place| *place < call.asks.len());
        let tags: Vec<&str> = call.asks.iter().map(|ask| ask.tag.as_str()).collect();
        let none = || Failure::usage("--ask", format!("the call asks for: {}", tags.join(", ")));
        Ok(Some(place.and_then(|place| u8::try_from(place).ok()).ok_or_else(none)?))
    }
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::New(args) => new(desk, &args),
        Verb::List(args) => list(desk, &args),
        Verb::Show { call } => show(desk, &call),
        Verb::Reach { call } => super::call_reach::run(desk, &call),
        Verb::Edit { call, args } => edit(desk, &call, &args),
        Verb::Extend { call, signing } => extend(desk, &call, &signing),
        Verb::Withdraw { call, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let call = pen.names.thing(&pen.door, &call, &Kind::Call)?;
            answer::end(&pen, &call, EndKind::Withdraw, Power::Call, &words.text)
        }
        Verb::Endorse { call, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let call = pen.names.thing(&pen.door, &call, &Kind::Call)?;
            answer::to(&pen, &call, ResponseKind::Endorse, &words.text)
        }
        Verb::Concern { call, airing } => {
            let pen = Pen::take(desk, &airing.signing)?;
            let call = pen.names.thing(&pen.door, &call, &Kind::Call)?;
            concern::raise(&pen, &call, &airing)
        }
        Verb::Deliver(args) => deliver(desk, &args),
    }
}

/// How many days a call may live.
fn days_max(kind: CallKind) -> u32 {
    if kind == CallKind::Alert { u32::try_from(ALERT_DAYS_MAX).unwrap_or(14) } else { 90 }
}

fn new(desk: &Desk, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let mut body = call_text::merged(&pen, &args.call, None)?;
    hint(desk, &body);
    let voice = pen.voice(Power::Call)?;
    body.contact = args.contact.read(&pen, voice.net)?.unwrap_or_default();
    let most = days_max(body.kind) * DAY;
    // What it calls to is to be seen until it is over.
    let over = body.when.map(|when| Timestamp::from_secs(when.end.unwrap_or(when.start)));
    let over = over.map_or(Duration::ZERO, |over| over.since(desk.now()));
    let life = pen.life(&voice, over.max(30 * DAY).min(most), most)?;
    in_time(desk, &body, life.now + life.length)?;
    let draft = pen.draft(Body::Call(body), &voice, life)?;
    pen.say(draft, &voice.key)
}

/// Says when what a call is for is over already, and asks when it would begin after the call has ended:
/// slips, most often of the year.
fn in_time(desk: &Desk, call: &Call, until: Timestamp) -> Result<()> {
    let Some(when) = call.when else { return Ok(()) };
    let start = Timestamp::from_secs(when.start);
    let over = Timestamp::from_secs(when.end.unwrap_or(when.start));
    if over < desk.now() {
        desk.note(&Say::Session(Session::CallOver { ended: desk.date(over) }));
    }
    if start > until {
        let (until, start) = (desk.date(until), desk.date(start));
        desk.confirm(&Say::Session(Session::CallEndsBefore { until, start }))?;
    }
    Ok(())
}

/// Says when the values that a draft appeals to pull against each other. Nothing is refused for it.
fn hint(desk: &Desk, call: &Call) {
    let torn = Appeal::new(&call.values).filter(Appeal::is_torn);
    if let Some((one, other)) = torn.and_then(|appeal| appeal.against) {
        let name = |value| desk.speech.value(value, SCHWARTZ10.entry(value).name);
        desk.note(&Say::AppealTorn { one: name(one), other: name(other) });
    }
}

fn edit(desk: &Desk, call: &str, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let last = pen.names.thing(&pen.door, call, &Kind::Call)?;
    let mut body = call_text::merged(&pen, &args.call, call_of(&last))?;
    if last.header().until <= desk.now() && !pen.says_until() {
        return Err(Failure::usage("--until", "the call has ended; say until when it is to count"));
    }
    hint(desk, &body);
    if let Some(contact) = args.contact.read(&pen, last.net())? {
        body.contact = contact;
    }
    follow(&pen, &last, body, None)
}

fn extend(desk: &Desk, call: &str, signing: &Signing) -> Result<Exit> {
    let pen = Pen::take(desk, signing)?;
    let last = pen.names.thing(&pen.door, call, &Kind::Call)?;
    let body = call_of(&last).cloned().ok_or_else(door::strange)?;
    follow(&pen, &last, body, Some(30 * DAY))
}

/// Signs the version of a call that follows another. Unless it is asked for, it ends no earlier; and
/// with the one before it, when nothing is to be `added`.
fn follow(pen: &Pen<'_>, last: &Record, body: Call, added: Option<Duration>) -> Result<Exit> {
    let voice = pen.voice(Power::Call)?;
    let most = days_max(body.kind) * DAY;
    let rest = last.header().until.since(pen.desk.now());
    let life = pen.life(&voice, rest.max(added.unwrap_or_default().min(most)), most)?;
    let mut draft = pen.follow(last, pen.draft(Body::Call(body), &voice, life)?)?;
    if added.is_none() && !pen.says_until() {
        draft.header.until = last.header().until;
    }
    if draft.header.until < last.header().until {
        return Err(lives_longer(pen.desk, last));
    }
    if let Body::Call(call) = &draft.body {
        in_time(pen.desk, call, draft.header.until)?;
    }
    pen.say(draft, &voice.key)
}

fn deliver(desk: &Desk, args: &DeliverArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.words.signing)?;
    let record = pen.names.thing(&pen.door, &args.call, &Kind::Call)?;
    let call = call_of(&record).ok_or_else(door::strange)?;
    let answer = Answer {
        text: text::text("--text", &args.words.text, &desk.language()?)?,
        ask: args.share.place(call)?,
        amount: args.share.amount,
        ..answer::bare(ResponseKind::Deliver)
    };
    let voice = pen.voice(Power::Respond)?;
    answer::say(&pen, &voice, &record, answer)
}

fn list(desk: &Desk, args: &ListArgs) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = args.of.find(desk, &door)?;
    let filter = CallFilter {
        net,
        field: args.field.clone(),
        place: args.place.clone(),
        region: args.region.clone(),
        all: args.all,
        limit: args.limit,
    };
    shown::list(desk, &door, (&door.things(&Request::Calls(filter), view)?, args.all))
}

pub(crate) fn view(response: Response) -> Option<View<State>> {
    match response {
        Response::Call(view) => Some(view),
        _ => None,
    }
}

/// Asks for a call with what it has come to, and for the answers to it.
///
/// # Errors
/// When the node does not have it.
pub(crate) fn of(door: &Door, thing: ThingId) -> Result<Answered<State>> {
    door.answered(&Request::Call { thing }, view)
}

fn show(desk: &Desk, call: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let id = Names::load(desk)?.find(&door, call, Some(&Kind::Call))?;
    let ((record, state), answers) = of(&door, door.record(id)?.thing())?;
    shown::whole(desk, &door, (&record, &state), &answers)
}
