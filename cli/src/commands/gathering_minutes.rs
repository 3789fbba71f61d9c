//! `weft gathering minutes`: what one meeting of a gathering said and decided.
//!
//! **Invariant:** minutes are of a meeting that has begun, and are signed as an answer to the gathering,
//! which stays as it is.

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::gathering::Gathering;
use weft_protocol::body::minutes::{ActionItem, Minutes};
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::{Lang, List};
use weft_protocol::control::{GatheringFilter, Request, Response};
use weft_protocol::fold::series::{self, Meeting};
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::ledger::Minuted;
use weft_protocol::record::{Kind, Record};
use weft_protocol::time::Timestamp;

use crate::commands::answer::{self, Answer};
use crate::commands::gathering_text::networks;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::input::fields::fields;
use crate::input::moment::Edge;
use crate::input::text;
use crate::show::gathering::gathering_of;
use crate::words::{Say, Session};

/// How many meetings are named that may have been meant.
const NEAR_MAX: usize = 3;

/// Minutes, and how they are signed.
#[derive(Debug, clap::Args)]
pub(crate) struct MinutesVerb {
    /// Which gathering
    gathering: String,
    #[command(flatten)]
    minutes: MinutesArgs,
    #[command(flatten)]
    signing: Signing,
}

/// What was said and decided.
#[derive(Debug, clap::Args)]
struct MinutesArgs {
    /// In words (once for each language)
    #[arg(long, visible_alias = "text", value_name = "TEXT", required = true)]
    summary: Vec<String>,
    /// Which meeting of a series: its day, or the hour at which it was to begin [default: the last one]
    #[arg(long, value_name = "TIME")]
    meeting: Option<String>,
    /// When it was held, if not when it was to be
    #[arg(long, value_name = "TIME")]
    held: Option<String>,
    /// A network that came: us, or its name (may be given several times). Never people
    #[arg(long = "came", value_name = "NETWORK")]
    came: Vec<String>,
    /// How many other networks came
    #[arg(long, default_value_t = 0)]
    others: u16,
    /// Who does what until when: who=us,due=2026-12-24,text=… (may be given several times)
    #[arg(long, value_name = "ACTION")]
    action: Vec<String>,
}

/// Signs minutes; of a meeting that has some by this network, better ones.
///
/// # Errors
/// When a word means nothing here, no such meeting has begun, or the node refuses.
pub(crate) fn write(desk: &Desk, args: &MinutesVerb) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let last = pen.names.thing(&pen.door, &args.gathering, &Kind::Gathering)?;
    let gathering = gathering_of(&last).ok_or_else(door::strange)?;
    let voice = pen.voice(Power::Minutes)?;
    let held = args.minutes.held.as_ref();
    let held = held.map(|words| in_zone(desk, gathering, "--held", words)).transpose()?;
    if held.is_some_and(|held| held > desk.now()) {
        return Err(Failure::usage("--held", "that is still to come, and minutes say what was"));
    }
    let meetings = series::calendar(&gathering.times, last.header().until);
    let meeting = match &args.minutes.meeting {
        Some(words) => named(desk, gathering, &meetings, words)?,
        None => latest(desk, gathering, &meetings, held.unwrap_or(desk.now()))?,
    };
    let body = minutes(&pen, &args.minutes, (meeting, held), voice.net)?;
    let earlier = of(&pen.door, Some(last.thing()))?.into_iter();
    let earlier = earlier.filter(|(_, minuted)| minuted.start == meeting.start);
    let (own, others): (Vec<_>, Vec<_>) =
        earlier.map(|(record, _)| record).partition(|record| record.net() == voice.net);
    let day = desk.date_in(gathering.times.zone.as_str(), meeting.start);
    if gathering.times.rrule.is_some() || !own.is_empty() {
        let (meeting, replace, beside) = (day, !own.is_empty(), !others.is_empty());
        desk.note(&Say::Session(Session::MinutesOf { meeting, replace, beside }));
    }
    let answer = Answer { minutes: Some(Box::new(body)), ..answer::bare(ResponseKind::Minutes) };
    let mut draft = answer::draft(&pen, &voice, &last, answer)?;
    if let Some(before) = own.first() {
        draft = pen.follow(before, draft)?;
    }
    pen.say(draft, &voice.key)
}

/// Returns minutes of a gathering, or of all gatherings, with what they have come to.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn of(door: &Door, of: Option<ThingId>) -> Result<Vec<(Record, Minuted)>> {
    listed(door, &Request::Minutes { of, filter: GatheringFilter::default() })
}

/// The same for what is asked like this.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn listed(door: &Door, request: &Request) -> Result<Vec<(Record, Minuted)>> {
    door.things(request, |response| match response {
        Response::Minutes(view) => Some(view),
        _ => None,
    })
}

/// Returns the minutes that a record is.
pub(crate) fn minutes_of(record: &Record) -> Option<&Minutes> {
    match record.body() {
        Body::Response(answer) => answer.minutes.as_deref(),
        _ => None,
    }
}

fn in_zone(desk: &Desk, gathering: &Gathering, flag: &str, words: &str) -> Result<Timestamp> {
    desk.moment_in(gathering.times.zone.as_str(), flag, words, Edge::Past)
}

/// Finds the last meeting that had begun by then.
fn latest(
    desk: &Desk,
    gathering: &Gathering,
    meetings: &[Meeting],
    by: Timestamp,
) -> Result<Meeting> {
    let begun = meetings.iter().rfind(|meeting| meeting.start <= by).copied();
    begun.ok_or_else(|| {
        let zone = gathering.times.zone.as_str();
        let first = meetings.first().map(|first| desk.date_in(zone, first.start));
        to_come(first.unwrap_or_default())
    })
}

fn to_come(meeting: String) -> anyhow::Error {
    Failure::ending(Exit::Refused, Say::Session(Session::ToCome { meeting }))
}

/// Finds the meeting that begins at this moment, or on this day.
///
/// # Errors
/// When there is none, with those nearest to it, or it is still to come.
pub(crate) fn named(
    desk: &Desk,
    gathering: &Gathering,
    meetings: &[Meeting],
    words: &str,
) -> Result<Meeting> {
    let zone = gathering.times.zone.as_str();
    let from = in_zone(desk, gathering, "--meeting", words)?;
    let until = desk.moment_in(zone, "--meeting", words, Edge::End)?;
    let found = meetings.iter().find(|meeting| (from..=until.max(from)).contains(&meeting.start));
    match found {
        Some(meeting) if meeting.start > desk.now() => {
            Err(to_come(desk.date_in(zone, meeting.start)))
        }
        Some(meeting) => Ok(*meeting),
        None => {
            let mut near: Vec<&Meeting> = meetings.iter().collect();
            near.sort_by_key(|meeting| meeting.start.distance(from));
            near.truncate(NEAR_MAX);
            near.sort_by_key(|meeting| meeting.start);
            let near = near.iter().map(|meeting| desk.date_in(zone, meeting.start)).collect();
            let words = words.to_owned();
            Err(Failure::ending(Exit::NotFound, Say::Session(Session::NoneThen { words, near })))
        }
    }
}

fn minutes(
    pen: &Pen<'_>,
    args: &MinutesArgs,
    (meeting, held): (Meeting, Option<Timestamp>),
    us: NetId,
) -> Result<Minutes> {
    let usual = pen.desk.language()?;
    let actions = args.action.iter().map(|words| action(pen, words, us, &usual));
    let actions = actions.collect::<Result<Vec<_>>>()?;
    Ok(Minutes {
        start: meeting.start.as_secs(),
        held_at: held.unwrap_or(meeting.start).as_secs(),
        networks: networks(pen, &args.came, us)?
            .try_into()
            .map_err(|e| Failure::usage("--came", e))?,
        others: args.others,
        summary: text::needed("--summary", &args.summary, &usual)?,
        actions: actions.try_into().map_err(|e| Failure::usage("--action", e))?,
        files: List::default(),
    })
}

fn action(pen: &Pen<'_>, words: &str, us: NetId, usual: &Lang) -> Result<ActionItem> {
    let found = fields("--action", words, &["who", "due", "text"])?;
    let who = match found.get("who") {
        None | Some(&"us") => us,
        Some(word) => pen.names.network(&pen.door, word)?,
    };
    let due = found.get("due").map(|due| pen.desk.moment("--action due", due, Edge::End));
    let text = Vec::from_iter(found.get("text").map(|text| (*text).to_owned()));
    let text = text::needed("--action text", &text, usual)?;
    Ok(ActionItem { text, who, due: due.transpose()?.map(|due| due.as_secs()) })
}
