//! What a gathering says, from the command line.

use anyhow::Result;
use weft_protocol::body::gathering::{Gathering, GatheringKind, Times};
use weft_protocol::body::text::{Ascii, Lang, Place, Tag};
use weft_protocol::fold::rule::Rule;
use weft_protocol::fold::series::{self, SeriesError};
use weft_protocol::fold::zone;
use weft_protocol::id::NetId;
use weft_protocol::record::Kind;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::draft::Pen;
use crate::exit::{Exit, Failure};
use crate::input::code::{lang, place, tag};
use crate::input::moment::{Edge, is_day, span};
use crate::input::named::named;
use crate::input::text;
use crate::show::when::Clock;
use crate::words::{Bearing, NEEDED, Say, Session};

/// How many names of time zones are shown that may have been meant.
const ZONES_NEAR: usize = 3;

/// What a gathering says. Lists that are given take the place of the old ones.
#[derive(Debug, clap::Args)]
pub(crate) struct GatheringArgs {
    /// forum, call, assembly, training, circle or action [default: forum]
    #[arg(long, value_parser = named::<GatheringKind>)]
    kind: Option<GatheringKind>,
    /// In one line (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    title: Vec<String>,
    /// In full (once for each language)
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// A network that hosts beside yours (may be given several times)
    #[arg(long = "host", value_name = "NETWORK")]
    hosts: Vec<String>,
    #[command(flatten)]
    times: TimesArgs,
    /// Where: GB, GB-BST, 154 or a geohash such as gcnhq [default: online]
    #[arg(long, value_parser = place)]
    place: Option<Place>,
    /// A language that is spoken (may be given several times)
    #[arg(long, value_parser = lang)]
    language: Vec<Lang>,
    /// What is done for access (once for each language)
    #[arg(long, value_name = "TEXT")]
    access: Vec<String>,
    /// A movement field (may be given several times)
    #[arg(long, value_parser = tag)]
    field: Vec<Tag>,
    /// A network that facilitates, in turn with the others: us, or its name (may be given several
    /// times)
    #[arg(long = "facilitator", value_name = "NETWORK")]
    facilitators: Vec<String>,
    /// What is talked about (may be given several times)
    #[arg(long, value_name = "TEXT")]
    agenda: Vec<String>,
    /// The larger gathering that it is part of
    #[arg(long, value_name = "GATHERING")]
    part_of: Option<String>,
}

/// When it is.
#[derive(Debug, clap::Args)]
struct TimesArgs {
    /// When it begins, the first time
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// How long it lasts: 90min, 2h, 1d [default: 2h; the whole day when --start is a day]
    #[arg(long, value_name = "SPAN")]
    length: Option<String>,
    /// The time zone that people meet in, in which times are read too, such as Europe/London
    /// [default: that of this machine]
    #[arg(long)]
    zone: Option<Tag>,
    /// How it repeats: a rule as calendars have it, such as FREQ=MONTHLY;BYDAY=1TH, with COUNT=8 or
    /// UNTIL=20270630 when it ends
    #[arg(long, value_name = "RULE")]
    repeat: Option<String>,
}

/// Reads names of networks, of which `us` is the one that speaks.
///
/// # Errors
/// When a word means nothing here.
pub(crate) fn networks(pen: &Pen<'_>, words: &[String], us: NetId) -> Result<Vec<NetId>> {
    // The network that speaks is meant, though the keys here may speak for several.
    let network = |word: &String| match word.as_str() {
        "us" => Ok(us),
        word => pen.names.network(&pen.door, word),
    };
    words.iter().map(network).collect()
}

/// Puts what was said of a gathering of this network above what the last version says.
///
/// # Errors
/// When something is missing, not understood, out of bounds, or names what is not here.
pub(crate) fn merged(
    pen: &Pen<'_>,
    args: &GatheringArgs,
    us: NetId,
    last: Option<&Gathering>,
) -> Result<Gathering> {
    let usual = pen.desk.language()?;
    let item = |words: &String| text::needed("--agenda", std::slice::from_ref(words), &usual);
    let agenda = args.agenda.iter().map(item).collect::<Result<Vec<_>>>()?;
    let whole = args.part_of.as_ref();
    let whole = whole.map(|word| pen.names.thing(&pen.door, word, &Kind::Gathering)).transpose()?;
    let title = match (text::text("--title", &args.title, &usual)?, last) {
        (Some(title), _) => title,
        (None, Some(last)) => last.title.clone(),
        (None, None) => text::needed("--title", &args.title, &usual)?,
    };
    let words = text::text("--text", &args.text, &usual)?;
    let access = text::text("--access", &args.access, &usual)?;
    let (hosts, turns) = (networks(pen, &args.hosts, us)?, networks(pen, &args.facilitators, us)?);
    Ok(Gathering {
        kind: args.kind.or(last.map(|l| l.kind)).unwrap_or(GatheringKind::Forum),
        title,
        text: words.or_else(|| last.and_then(|l| l.text.clone())),
        hosts: text::list("--host", hosts, last.map(|l| &l.hosts))?,
        times: times(pen, &args.times, last.map(|l| &l.times))?,
        place: args.place.clone().or_else(|| last.and_then(|l| l.place.clone())),
        languages: text::list("--language", args.language.clone(), last.map(|l| &l.languages))?,
        access: access.or_else(|| last.and_then(|l| l.access.clone())),
        fields: text::list("--field", args.field.clone(), last.map(|l| &l.fields))?,
        facilitation: text::list("--facilitator", turns, last.map(|l| &l.facilitation))?,
        agenda: text::list("--agenda", agenda, last.map(|l| &l.agenda))?,
        part_of: whole.map(|whole| whole.thing()).or(last.and_then(|l| l.part_of)),
    })
}

fn times(pen: &Pen<'_>, args: &TimesArgs, last: Option<&Times>) -> Result<Times> {
    let zone = match (&args.zone, last) {
        (Some(word), _) => known_zone(word)?,
        (None, Some(last)) => last.zone.clone(),
        (None, None) => zone_here()?,
    };
    let read = |words: &String| pen.desk.moment_in(zone.as_str(), "--start", words, Edge::Start);
    let start = args.start.as_ref().map(read).transpose()?;
    let start = start.map(|start| start.as_secs()).or(last.map(|l| l.start));
    let start = start.ok_or_else(|| Failure::usage("--start", NEEDED))?;
    let whole_day = args.start.as_ref().is_some_and(|words| is_day(words));
    let clock = Clock::of(zone.as_str());
    let lasting = |words: &str| -> Result<u64> {
        let why = "a length is like 90min, 2h or 1d";
        let unclear = |_| Failure::usage(format!("--length {words}"), why);
        let length = span(words).map_err(unclear)?;
        Ok(length.end_of(Timestamp::from_secs(start), clock.zone()).as_secs())
    };
    let end = match (&args.length, last) {
        (Some(words), _) => lasting(words)?,
        (None, Some(last)) if last.start == start => last.end,
        (None, Some(last)) => start.saturating_add(last.end.saturating_sub(last.start)),
        (None, None) if whole_day => lasting("1d")?,
        (None, None) => lasting("2h")?,
    };
    let rule = args.repeat.as_ref().map(|words| repeat(pen.desk, words)).transpose()?;
    // Said when all the rest was understood: who mistyped the date is told of that alone.
    let is_nobodys = args.zone.is_none() && last.is_none();
    if is_nobodys && matches!(zone.as_str(), "UTC" | "Etc/UTC") {
        pen.desk.note(&Say::Session(Session::InUtc));
    }
    Ok(Times { start, end, zone, rrule: rule.or_else(|| last.and_then(|l| l.rrule.clone())) })
}

/// Reads a rule as calendars have it, also with the name that they give it.
fn repeat(desk: &Desk, words: &str) -> Result<Ascii<200>> {
    let words = words.strip_prefix("RRULE:").unwrap_or(words);
    let read: Result<Rule, _> = words.parse();
    read.map_err(|why| Failure::usage("--repeat", desk.speech.no_rule(&why)))?;
    let why = "a rule is as calendars have it, such as FREQ=WEEKLY;BYDAY=SU";
    words.to_owned().try_into().map_err(|_| Failure::usage("--repeat", why))
}

/// Returns the zone of this name, written as the database writes it.
fn known_zone(word: &Tag) -> Result<Tag> {
    let unknown = || {
        let (word, near) = (word.to_string(), near(word.as_str()));
        Failure::ending(Exit::Usage, Say::Session(Session::NoZone { word, near }))
    };
    zone::zone(word.as_str()).and_then(|(name, _)| name.parse().ok()).ok_or_else(unknown)
}

/// Returns the zone of this machine; where it says none, UTC.
fn zone_here() -> Result<Tag> {
    let here = Clock::here();
    if here.zone_name().is_none() && !here.zone().is_unknown() {
        return Err(Failure::usage("--zone", "this machine does not name its time zone; say it"));
    }
    let name = here.zone_name().unwrap_or("UTC");
    name.parse().map_err(|e| Failure::usage("--zone", e))
}

/// Returns the names of zones that are most like this word: as a whole, or in their city.
fn near(word: &str) -> Vec<String> {
    let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
    let like = |name: &str| {
        let whole = strsim::jaro_winkler(&name.to_lowercase(), &word.to_lowercase());
        whole.max(strsim::jaro_winkler(&city(name), &city(word)))
    };
    let mut names: Vec<(f64, &str)> = zone::names().map(|name| (like(name), name)).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    names.truncate(ZONES_NEAR);
    names.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// Refuses a series that nobody could meet by, and says when it begins otherwise than was said.
///
/// # Errors
/// With the reason.
pub(crate) fn check(desk: &Desk, gathering: &Gathering, until: Timestamp) -> Result<()> {
    let times = &gathering.times;
    let meetings = series::meetings(times, until).map_err(|why| match why {
        SeriesError::Rule(why) => Failure::usage("--repeat", desk.speech.no_rule(&why)),
        why => Failure::usage("--start, --zone", why),
    })?;
    let date = |at| desk.date_in(times.zone.as_str(), at);
    let start = Timestamp::from_secs(times.start);
    match meetings.first() {
        None => {
            let (start, until) = (date(start), date(until));
            Err(Failure::ending(Exit::Refused, Say::Session(Session::NeverMeets { start, until })))
        }
        Some(first) if first.start != start => {
            desk.note(&Say::Session(Session::FirstIs { meeting: date(first.start) }));
            Ok(())
        }
        Some(_) => Ok(()),
    }
}

/// Says when a gathering is announced that is over: it is a slip, most often of the year.
pub(crate) fn say_over(desk: &Desk, gathering: &Gathering) {
    let ended = Timestamp::from_secs(gathering.times.end);
    if gathering.times.rrule.is_none() && ended < desk.now() {
        let ended = desk.date(ended);
        desk.note(&Say::Bearing(Bearing::OverAlready { ended }));
    }
}
