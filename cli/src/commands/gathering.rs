//! `weft gathering`: meeting each other.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::Tag;
use weft_protocol::control::{GatheringFilter, Request, Response, View};
use weft_protocol::id::ThingId;
use weft_protocol::ledger::Convening;
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use crate::commands::gathering_text::{self, GatheringArgs, MinutesArgs};
use crate::commands::{answer, bearing, gathering_calendar};
use crate::desk::Desk;
use crate::door::{self, Answered, Door};
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::named::region;
use crate::names::Names;
use crate::show::gathering as shown;
use crate::show::gathering::gathering_of;
use crate::words::Say;

/// Meet each other: forums, calls, assemblies, trainings, circles, actions
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Announce a gathering, or a series of them
    ///
    /// For example: weft gathering new --kind forum --title "Community forum"
    /// --start 2027-01-07T19:00 --length 2h --zone Europe/London --repeat "FREQ=MONTHLY;BYDAY=1TH"
    /// --facilitator us --facilitator harbour
    New(Box<NewArgs>),
    /// Change a gathering that was not held yet; what you leave out stays as it is
    Edit {
        /// Which gathering
        gathering: String,
        #[command(flatten)]
        args: Box<NewArgs>,
    },
    /// List gatherings, the newest first
    List(ListArgs),
    /// Show a gathering, its minutes, and the answers to it
    Show {
        /// Which gathering
        gathering: String,
    },
    /// Write down what was said and decided
    ///
    /// The minutes stand when every host accepts them, or after two weeks if nobody who hosted or
    /// came has a concern that stands.
    Minutes(Box<MinutesVerb>),
    /// Accept a gathering that your network hosts, or its minutes
    Accept {
        /// Which gathering
        gathering: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Cancel a gathering
    Cancel {
        /// Which gathering
        gathering: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Write the meetings to come as a file for calendars (iCalendar)
    ///
    /// For example: weft gathering export --out gatherings.ics
    Export {
        /// Which gathering [default: all]
        gathering: Option<String>,
        /// Write it here [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show when gatherings meet next, and who facilitates
    Next {
        /// Which gathering [default: all]
        gathering: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    #[command(flatten)]
    gathering: GatheringArgs,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct MinutesVerb {
    /// Which gathering
    gathering: String,
    #[command(flatten)]
    minutes: MinutesArgs,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    of: OfNetwork,
    /// Only with this field
    #[arg(long)]
    field: Option<Tag>,
    /// Only from this region
    #[arg(long, value_parser = region)]
    region: Option<Region>,
    /// Only parts of this gathering
    #[arg(long, value_name = "GATHERING")]
    part_of: Option<String>,
    /// Only those with minutes, and what they say
    #[arg(long)]
    minutes: bool,
    /// Also those that are over
    #[arg(long)]
    all: bool,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::New(args) => new(desk, &args),
        Verb::Edit { gathering, args } => edit(desk, &gathering, &args),
        Verb::List(args) => list(desk, &args),
        Verb::Show { gathering } => show(desk, &gathering),
        Verb::Minutes(args) => minutes(desk, &args),
        Verb::Accept { gathering, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let record = pen.names.thing(&pen.door, &gathering, &Kind::Gathering)?;
            let power = answer::power(ResponseKind::Accept, &record);
            bearing::host(&pen, &record, pen.voice(power)?.net)?;
            answer::to(&pen, &record, ResponseKind::Accept, &words.text)
        }
        Verb::Cancel { gathering, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let record = pen.names.thing(&pen.door, &gathering, &Kind::Gathering)?;
            answer::end(&pen, &record, EndKind::Cancel, Power::Call, &words.text)
        }
        Verb::Export { gathering, out } => {
            let door = Door::open(desk)?;
            let all = named_or_all(desk, &door, gathering.as_deref())?;
            gathering_calendar::export(desk, &all, out.as_deref())
        }
        Verb::Next { gathering } => next(desk, gathering.as_deref()),
    }
}

fn new(desk: &Desk, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let voice = pen.voice(Power::Call)?;
    let body = gathering_text::merged(&pen, &args.gathering, voice.net, None)?;
    let open = Timestamp::from_secs(body.times.end).since(desk.now());
    let usual = if body.times.rrule.is_some() { 400 * DAY } else { open + 180 * DAY };
    let life = pen.life(&voice, usual.min(400 * DAY), 400 * DAY)?;
    gathering_text::check(&body, life.now + life.length)?;
    gathering_text::say_over(desk, &body);
    let draft = pen.draft(Body::Gathering(body), &voice, life)?;
    pen.say(draft, &voice.key)
}

fn edit(desk: &Desk, word: &str, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let last = pen.names.thing(&pen.door, word, &Kind::Gathering)?;
    let before = gathering_of(&last).ok_or_else(door::strange)?;
    if before.minutes.is_some() {
        return Err(Failure::failed(Say::AlreadyHeld));
    }
    let voice = pen.voice(Power::Call)?;
    bearing::own(&pen, &last, voice.net)?;
    let body = gathering_text::merged(&pen, &args.gathering, voice.net, Some(before))?;
    let open = Timestamp::from_secs(body.times.end).since(desk.now());
    let life = pen.life(&voice, (open + 180 * DAY).min(400 * DAY), 400 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Gathering(body.clone()), &voice, life)?)?;
    gathering_text::check(&body, draft.header.until)?;
    pen.say(draft, &voice.key)
}

fn minutes(desk: &Desk, args: &MinutesVerb) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let last = pen.names.thing(&pen.door, &args.gathering, &Kind::Gathering)?;
    bearing::minutes(&pen.door, &last)?;
    let voice = pen.voice(Power::Minutes)?;
    bearing::own(&pen, &last, voice.net)?;
    let mut body = gathering_of(&last).cloned().ok_or_else(door::strange)?;
    body.minutes = Some(gathering_text::minutes(&pen, &args.minutes, voice.net)?);
    let rest = last.header().until.since(desk.now());
    let life = pen.life(&voice, rest, 400 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Gathering(body), &voice, life)?)?;
    pen.say(draft, &voice.key)
}

fn view(response: Response) -> Option<View<Convening>> {
    match response {
        Response::Gathering(view) => Some(view),
        _ => None,
    }
}

fn gatherings(door: &Door, filter: GatheringFilter) -> Result<Vec<(Record, Convening)>> {
    door.things(&Request::Gatherings(filter), view)
}

fn list(desk: &Desk, args: &ListArgs) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = args.of.find(desk, &door)?;
    let names = Names::load(desk)?;
    let whole = args.part_of.as_ref().map(|word| names.thing(&door, word, &Kind::Gathering));
    let filter = GatheringFilter {
        net,
        field: args.field.clone(),
        region: args.region.clone(),
        part_of: whole.transpose()?.map(|whole| whole.thing()),
        minutes: args.minutes,
        all: args.all,
    };
    shown::list(desk, &door, &gatherings(&door, filter)?, args.minutes)
}

fn whole(desk: &Desk, door: &Door, word: &str) -> Result<Answered<Convening>> {
    let id = Names::load(desk)?.find(door, word, Some(&Kind::Gathering))?;
    of(door, door.record(id)?.thing())
}

/// Asks for a gathering with what it has come to, and for the answers to it.
///
/// # Errors
/// When the node does not have it.
pub(crate) fn of(door: &Door, thing: ThingId) -> Result<Answered<Convening>> {
    door.answered(&Request::Gathering { thing }, view)
}

fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let ((record, state), answers) = whole(desk, &door, word)?;
    shown::whole(desk, &door, (&record, &state), &answers)
}

fn named_or_all(desk: &Desk, door: &Door, word: Option<&str>) -> Result<Vec<(Record, Convening)>> {
    match word {
        Some(word) => Ok(vec![whole(desk, door, word)?.0]),
        None => gatherings(door, GatheringFilter { all: true, ..GatheringFilter::default() }),
    }
}

fn next(desk: &Desk, word: Option<&str>) -> Result<Exit> {
    let door = Door::open(desk)?;
    let mut all = named_or_all(desk, &door, word)?;
    all.retain(|(_, state)| state.next.is_some() && !shown::is_off(state));
    all.sort_by_key(|(_, state)| state.next.map(|turn| turn.start));
    shown::next(desk, &door, &all)
}
