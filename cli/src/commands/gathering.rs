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
use weft_protocol::fold::series;
use weft_protocol::id::ThingId;
use weft_protocol::ledger::Convening;
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use crate::commands::gathering_minutes::{self, MinutesVerb};
use crate::commands::gathering_text::{self, GatheringArgs};
use crate::commands::{answer, gathering_calendar};
use crate::desk::Desk;
use crate::door::{self, Answered, Door};
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::code::tag;
use crate::input::named::region;
use crate::names::Names;
use crate::show::gathering as shown;
use crate::show::gathering::gathering_of;
use crate::show::minutes;
use crate::show::shares::response;
use crate::words::{Bearing, Say, Session};

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
    /// Change a gathering; what you leave out stays as it is
    Edit {
        /// Which gathering
        gathering: String,
        #[command(flatten)]
        args: Box<NewArgs>,
    },
    /// List gatherings, the newest first
    List(ListArgs),
    /// Show a gathering, its meetings and their minutes, and the answers to it
    Show {
        /// Which gathering
        gathering: String,
    },
    /// Write down what was said and decided in a meeting
    ///
    /// Each meeting of a series has minutes of its own: of the last one, unless you say --meeting.
    /// Those that you have written before are replaced.
    ///
    /// The minutes stand when every host accepts them, or after two weeks if nobody who hosted or
    /// came has a concern that stands.
    Minutes(Box<MinutesVerb>),
    /// Accept a gathering that your network hosts, or its minutes
    Accept {
        /// Which gathering, or which minutes
        gathering: String,
        /// The minutes of this meeting: its day, or the hour at which it was to begin
        #[arg(long, value_name = "TIME")]
        meeting: Option<String>,
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
        /// At most so many meetings of each
        #[arg(long, default_value_t = shown::SHOWN_MEETINGS)]
        meetings: usize,
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
struct ListArgs {
    #[command(flatten)]
    of: OfNetwork,
    /// Only with this field
    #[arg(long, value_parser = tag)]
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
        Verb::Minutes(args) => gathering_minutes::write(desk, &args),
        Verb::Accept { gathering, meeting, words } => {
            accept(desk, (&gathering, meeting.as_deref()), &words)
        }
        Verb::Cancel { gathering, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let record = pen.names.thing(&pen.door, &gathering, &Kind::Gathering)?;
            answer::end(&pen, &record, EndKind::Cancel, Power::Call, &words.text)
        }
        Verb::Export { gathering, out } => {
            let door = Door::open(desk)?;
            let all = named_or_all(desk, &door, gathering.as_deref())?;
            gathering_calendar::export(desk, &door, &all, out.as_deref())
        }
        Verb::Next { gathering, meetings } => next(desk, gathering.as_deref(), meetings),
    }
}

fn new(desk: &Desk, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let voice = pen.voice(Power::Call)?;
    let body = gathering_text::merged(&pen, &args.gathering, voice.net, None)?;
    let open = Timestamp::from_secs(body.times.end).since(desk.now());
    let usual = if body.times.rrule.is_some() { 400 * DAY } else { open + 180 * DAY };
    let life = pen.life(&voice, usual.min(400 * DAY), 400 * DAY)?;
    gathering_text::check(desk, &body, life.now + life.length)?;
    gathering_text::say_over(desk, &body);
    let draft = pen.draft(Body::Gathering(body), &voice, life)?;
    pen.say(draft, &voice.key)
}

fn edit(desk: &Desk, word: &str, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let last = pen.names.thing(&pen.door, word, &Kind::Gathering)?;
    let before = gathering_of(&last).ok_or_else(door::strange)?;
    let voice = pen.voice(Power::Call)?;
    let body = gathering_text::merged(&pen, &args.gathering, voice.net, Some(before))?;
    let open = Timestamp::from_secs(body.times.end).since(desk.now());
    let life = pen.life(&voice, (open + 180 * DAY).min(400 * DAY), 400 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Gathering(body.clone()), &voice, life)?)?;
    gathering_text::check(desk, &body, draft.header.until)?;
    pen.say(draft, &voice.key)
}

/// Accepts a gathering, or the minutes that are meant: those of a meeting that is named; or, of what
/// this network has accepted or is over, the last ones that wait for it.
fn accept(desk: &Desk, (word, meeting): (&str, Option<&str>), words: &WordsArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &words.signing)?;
    let named = pen.door.current(pen.names.find(&pen.door, word, None)?)?;
    let Some(gathering) = gathering_of(&named) else {
        is_minutes(&named)?;
        return answer::to(&pen, &named, ResponseKind::Accept, &words.text);
    };
    let us = pen.voice(answer::power(ResponseKind::Accept, &named))?.net;
    let ((_, convening), _) = of(&pen.door, named.thing())?;
    let mut written = gathering_minutes::of(&pen.door, Some(named.thing()))?;
    written.retain(|(_, minuted)| minuted.state.unaccepted.contains(&us));
    let zone = gathering.times.zone.as_str();
    let minutes = match meeting {
        Some(day) => {
            let meetings = series::calendar(&gathering.times, named.header().until);
            let start = gathering_minutes::named(desk, gathering, &meetings, day)?.start;
            let found = written.into_iter().find(|(_, minuted)| minuted.start == start);
            let meeting = desk.date_in(zone, start);
            let none =
                || Failure::ending(Exit::NotFound, Say::Session(Session::NoMinutes { meeting }));
            Some(found.ok_or_else(none)?)
        }
        None if convening.next.is_some() && convening.state.unaccepted.contains(&us) => None,
        None => written.pop(),
    };
    let Some((record, minuted)) = minutes else {
        return answer::to(&pen, &named, ResponseKind::Accept, &words.text);
    };
    let meeting = desk.date_in(zone, minuted.start);
    desk.note(&Say::Session(Session::AcceptsMinutes { meeting }));
    answer::to(&pen, &record, ResponseKind::Accept, &words.text)
}

/// Refuses what is an answer of another kind than minutes.
fn is_minutes(record: &Record) -> Result<()> {
    let wanted = ResponseKind::Minutes;
    match response(record).map(|answer| answer.kind) {
        Some(is) if is != wanted => {
            let said = Bearing::OtherAnswer { is: Some(is), wanted };
            Err(Failure::ending(Exit::Refused, Say::Bearing(said)))
        }
        _ => Ok(()),
    }
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
        all: args.all || args.minutes,
    };
    let found = gatherings(&door, filter.clone())?;
    if !args.minutes {
        return shown::list(desk, &door, (&found, args.all));
    }
    let written = gathering_minutes::listed(&door, &Request::Minutes { of: None, filter })?;
    minutes::list(desk, &door, &found, &written)
}

/// Finds a gathering by its own name, or by that of its minutes.
fn whole(desk: &Desk, door: &Door, word: &str) -> Result<Answered<Convening>> {
    let names = Names::load(desk)?;
    let error = match names.find(door, word, Some(&Kind::Gathering)) {
        Ok(id) => return of(door, door.record(id)?.thing()),
        Err(error) => error,
    };
    let minutes = names.find(door, word, Some(&Kind::Response)).and_then(|id| door.record(id));
    match minutes.as_ref().map(Record::body) {
        Ok(Body::Response(answer)) if answer.minutes.is_some() => of(door, answer.to.thing),
        _ => Err(error),
    }
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
    let written = gathering_minutes::of(&door, Some(record.thing()))?;
    shown::whole(desk, &door, (&record, &state), &answers, &written)
}

fn named_or_all(desk: &Desk, door: &Door, word: Option<&str>) -> Result<Vec<(Record, Convening)>> {
    match word {
        Some(word) => Ok(vec![whole(desk, door, word)?.0]),
        None => gatherings(door, GatheringFilter { all: true, ..GatheringFilter::default() }),
    }
}

fn next(desk: &Desk, word: Option<&str>, most: usize) -> Result<Exit> {
    let door = Door::open(desk)?;
    let mut all = named_or_all(desk, &door, word)?;
    all.retain(|(_, state)| state.next.is_some() && !shown::is_off(state));
    all.sort_by_key(|(_, state)| state.next.map(|turn| turn.start));
    shown::next(desk, &door, &all, most)
}
